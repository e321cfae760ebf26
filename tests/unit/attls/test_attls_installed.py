# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What reports of z/OS prove, what not, and every sentence about that; the reports are those of tests/zos."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st
from match_world import CONNECTION, policy

from ansible_collections.zosconnect.security.plugins.filter.attls_installed import FilterModule, attls_installed
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.reports import netstat
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import read
from tests.zos import reports

Json = dict[str, Any]
ZOS = Path(__file__).parents[2] / "zos"

RULE = ["Direction Inbound", "LocalPortRange 5004", "Priority 200", "Jobname ZCEE*", "RemoteAddr 192.0.2.0/24"]
OTHER = ["Direction Outbound", "RemotePortRange 5003-5004", "Userid CICSUSR", "RemoteAddr 2001:db8::1"]
MORE = (
    "TTLSConnectionAction own\n{\n  HandshakeRole ServerWithClientAuth\n"
    "  TTLSCipherParms\n  {\n    V3CipherSuites TLS_AES_256_GCM_SHA384\n    V3CipherSuites4Char C02FC030\n  }\n"
    "  TTLSConnectionAdvancedParms\n  {\n    CertificateLabel Zcee server key\n  }\n}\n"
)
TEXT = policy({"zceeIn": [*RULE, "TTLSConnectionActionRef own"], "cicsOut": OTHER}, MORE)


UNPROVEN = "The connection is not proven: "


def texts(stack: str) -> Json:
    return {"stack": stack, "common": ""}


REPORT = reports.pasearch(read(texts(TEXT)))
NETSTAT = reports.netstat(read(texts(TEXT)), CONNECTION)


def held(report: str, text: str = TEXT, rule: str = "zceeIn", **options: Any) -> Json:
    """Return what pasearch proves."""
    result = attls_installed({"pasearch": report}, texts(text), rule, "3.1", **options)
    assert result["proven"] == result["installed"]["proven"]
    return result["installed"]


def protected(report: str, rule: str = "zceeIn", **options: Any) -> Json:
    """Return what NETSTAT proves."""
    result = attls_installed({"netstat": report}, texts(TEXT), rule, "3.1", **options)
    assert result["proven"] == result["connection"]["proven"]
    return result["connection"]


def test_it_has_the_name_of_its_documentation() -> None:
    assert FilterModule().filters() == {"attls_installed": attls_installed}


class TestHeld:
    def test_several_rules_must_all_be_there(self) -> None:
        assert attls_installed({"pasearch": REPORT}, texts(TEXT), ["zceeIn", "cicsOut"], "3.1")["proven"] is True
        other = TEXT.replace("Priority 200", "Priority 201")
        result = attls_installed({"pasearch": REPORT}, texts(other), ["cicsOut", "zceeIn"], "3.1")
        assert result["proven"] is False
        assert result["installed"]["why"] == "The stack TCPIP holds rule zceeIn, but not as the policy says."

    @pytest.mark.parametrize("rule", ["zceeIn", "cicsOut"])
    def test_as_the_policy_says(self, rule: str) -> None:
        assert held(REPORT, rule=rule, tcp_stack="TCPIP") == {
            "proven": True,
            "why": f"The stack TCPIP holds rule {rule} as the policy says.",
            "differences": [],
            "stack": "TCPIP",
            "taken": "11/26/2026 17:01:02",
            "rules": ["zceeIn", "cicsOut"],
        }

    @pytest.mark.parametrize(
        ("old", "new", "difference"),
        [
            ("Direction Inbound", "Direction Both", "Direction: the policy says Both, the stack holds Inbound."),
            ("Priority 200", "Priority 201", "Priority: the policy says 201, the stack holds 200."),
            ("Jobname ZCEE*", "Jobname ZCEE", "Jobname: the policy says ZCEE, the stack holds ZCEE*."),
            ("Jobname ZCEE*", "Userid LIBSERV", "Jobname: the policy says anything, the stack holds ZCEE*."),
            ("Jobname ZCEE*", "Userid LIBSERV", "Userid: the policy says LIBSERV, the stack holds anything."),
            ("LocalPortRange 5004", "LocalPortRange 5005", "local port: the policy says 5005, the stack holds 5004."),
            ("LocalPortRange 5004", "LocalPortRange 0", "local port: the policy says anything, the stack holds 5004."),
            (
                "RemoteAddr 192.0.2.0/24",
                "RemoteAddr 192.0.2.7",
                "remote address: the policy says 192.0.2.7, the stack holds 192.0.2.0-192.0.2.255.",
            ),
            (
                "TTLSConnectionActionRef own\n",
                "\n",
                "actions: the policy says on, server, the stack holds on, own, server.",
            ),
            ("TTLSEnabled On", "TTLSEnabled Off", "TTLSEnabled: the policy says Off, the stack holds On."),
            (
                "HandshakeRole ServerWithClientAuth",
                "HandshakeRole Server",
                "HandshakeRole: the policy says Server, the stack holds ServerWithClientAuth.",
            ),
            ("TLSv1.2 On", "TLSv1.2 Off", "TLSv1.2: the policy says Off, the stack holds On."),
            ("TLSv1 Off", "SSLv2 Off", "TLSv1: the policy says On, the stack holds Off."),
            (
                "TLSv1 Off",
                "ClientAuthType SAFCheck",
                "ClientAuthType: the policy says SAFCheck, the stack holds Required.",
            ),
            ("Keyring ZceeRing", "Keyring zceering", "Keyring: the policy says zceering, the stack holds ZceeRing."),
            (
                "CertificateLabel Zcee server key",
                "CertificateLabel ZCEE SERVER KEY",
                "CertificateLabel: the policy says ZCEE SERVER KEY, the stack holds Zcee server key.",
            ),
            (
                "CertificateLabel Zcee server key",
                "TLSv1.2 On",
                "CertificateLabel: the policy says nothing, the stack holds Zcee server key.",
            ),
            (
                "V3CipherSuites4Char C02FC030",
                "V3CipherSuites4Char C02F",
                "ciphers: the policy says TLS_AES_256_GCM_SHA384 C02F, the stack holds TLS_AES_256_GCM_SHA384 TLS_CIPHER_C02F TLS_CIPHER_C030.",
            ),
            (
                "V3CipherSuites4Char C02FC030",
                "V3CipherSuites4Char C030C02F",
                "ciphers: the policy says TLS_AES_256_GCM_SHA384 C030 C02F, the stack holds TLS_AES_256_GCM_SHA384 TLS_CIPHER_C02F TLS_CIPHER_C030.",
            ),
        ],
    )
    def test_what_differs_is_named(self, old: str, new: str, difference: str) -> None:
        assert old in TEXT
        result = held(REPORT, TEXT.replace(old, new, 1))
        assert difference in result["differences"]
        assert result["why"] == "The stack TCPIP holds rule zceeIn, but not as the policy says."

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("TLSv1.2 On", "TLSV1.2 ON"),
            ("Direction Inbound", "direction  inbound   # as it was"),
            ("Keyring ZceeRing", "KEYRING ZceeRing"),
            ("RemoteAddr 192.0.2.0/24", "RemoteAddr 192.0.2.0-192.0.2.255"),
        ],
    )
    def test_what_means_the_same_is_no_difference(self, old: str, new: str) -> None:
        assert old in TEXT
        assert held(REPORT, TEXT.replace(old, new, 1))["proven"] is True

    @pytest.mark.parametrize(
        ("report", "why"),
        [
            ("", "the text is empty. Give all that the command printed, standard error too."),
            (
                reports.FAILURES["none"],
                "there is no AT-TLS policy at all, so nothing is protected. Install it with F PAGENT,UPDATE, and look into the Policy Agent's log.",
            ),
            (
                "EZZ4249I TCPIP INSTALLED TTLS POLICY HAS NO RULES",
                "there is no AT-TLS policy at all, so nothing is protected. Install it with F PAGENT,UPDATE, and look into the Policy Agent's log.",
            ),
            (
                reports.FAILURES["down"],
                "the Policy Agent did not answer. Start it, and run the command again.",
            ),
            (
                reports.FAILURES["unauthorised"],
                "the user who ran the command is not authorised. It takes a superuser, or READ to the SERVAUTH profile.",
            ),
            (
                "CEE3501S The module PAPI was not found.",
                "the command did not find its library. Set LIBPATH to /usr/lib and run it again.",
            ),
            (
                "pasearch: FSUM7351 not found",
                "the command itself was not found. Run it in a z/OS UNIX shell.",
            ),
            (
                "pasearch: TCPIP2 is not active",
                "the Policy Agent or the TCP/IP stack that was asked is not active.",
            ),
            (TEXT, "the text is not what pasearch -t prints. Give its output from its head on."),
            (
                reports.pasearch(read(texts("#"))),
                "the stack TCPIP holds no AT-TLS rule at all. Install the policy with F PAGENT,UPDATE.",
            ),
            (
                reports.pasearch(read(texts(policy({"b": RULE, "c": RULE})))),
                "the stack TCPIP does not hold it, only b, c. Install it with F PAGENT,UPDATE.",
            ),
            (
                REPORT.replace("Status:            Active", "Status:            Inactive", 1),
                "the stack TCPIP holds it, but its status is Inactive.",
            ),
            (
                re.sub(r"(?ms)^  TTLS Action:.*?^$", "", REPORT),
                "the report does not show the actions. Run pasearch -t without -r and -n.",
            ),
            (
                REPORT.replace("Keyring:                   ZceeRing", "Keyring:                   <not available>"),
                "a part of the report was not available when pasearch ran. Run it again later.",
            ),
            (
                REPORT + reports.pasearch(read(texts("#")), image="TCPIP2"),
                "the report is of several stacks (TCPIP, TCPIP2). Say which one is meant.",
            ),
        ],
    )
    def test_what_proves_nothing(self, report: str, why: str) -> None:
        result = held(report)
        assert result["proven"] is False
        assert result["why"] == f"Rule zceeIn is not proven: {why}"

    def test_another_stack(self) -> None:
        why = "the report is of the stack TCPIP, not of TCPIP2. Run pasearch -t -p TCPIP2."
        assert held(REPORT, tcp_stack="TCPIP2")["why"] == f"Rule zceeIn is not proven: {why}"

    def test_of_several_stacks_the_one_that_is_meant(self) -> None:
        both = reports.pasearch(read(texts("#")), image="TCPIP2") + REPORT
        assert held(both, tcp_stack="TCPIP")["proven"] is True

    def test_a_report_that_is_cut_off_proves_nothing(self) -> None:
        lines = REPORT.rstrip().splitlines()
        # Between two rules nobody can see that something is missing, but the first one is there.
        between = next(n for n, line in enumerate(lines) if line.startswith("policyRule") and "cicsOut" in line)
        for number in range(1, len(lines)):
            assert held("\n".join(lines[:number]))["proven"] is (number in (between - 1, between)), lines[number]
        assert held("\n".join(lines[:-1]), rule="cicsOut")["proven"] is False

    def test_where_it_is_cut_off(self) -> None:
        why = "the report is cut off at rule zceeIn (line 6). Give it whole."
        assert held("\n".join(REPORT.splitlines()[:50]))["why"] == f"Rule zceeIn is not proven: {why}"

    @given(gap=st.integers(2, 9), ends=st.booleans(), message=st.sampled_from(["", "EZZ2350I "]))
    def test_columns_mean_nothing(self, *, gap: int, ends: bool, message: str) -> None:
        shifted = [re.sub(r"(?<=\S) {2,}(?=\S)", " " * gap, line) for line in REPORT.splitlines()]
        shifted = [message + (line.rstrip() if ends else line) for line in shifted]
        assert held("\r\n".join(shifted))["proven"] is True

    def test_of_several_ranges_the_summary_must_fit(self) -> None:
        group = (
            "IpAddrGroup both\n{\n  IpAddr\n  {\n    Addr 192.0.2.7\n  }\n  IpAddr\n  {\n    Addr 192.0.2.9\n  }\n}\n"
        )
        lines = ["Direction Inbound", "RemoteAddrGroupRef both"]
        report = reports.pasearch(read(texts(policy({"a": lines}, group))))
        assert held(report, policy({"a": lines}, group), "a")["proven"] is True
        wider = policy({"a": lines}, group.replace("192.0.2.9", "192.0.2.8"))
        assert held(report, wider, "a")["differences"] == [
            "remote address: the policy says 192.0.2.7-192.0.2.8, the stack holds 192.0.2.7-192.0.2.9."
        ]

    def test_of_several_ranges_each_counts_where_they_are_shown(self) -> None:
        group = "PortGroup two\n{\n  PortRange\n  {\n    Port 5002\n  }\n  PortRange\n  {\n    Port 5004\n  }\n}\n"
        text = policy({"a": ["Direction Inbound", "LocalPortGroupRef two"]}, group)
        report = reports.pasearch(read(texts(text)))
        shown = "   LocalPortFrom:       5002              LocalPortTo:       5002  \n   LocalPortFrom:       {0}              LocalPortTo:       {0}  \n"
        for last, proven in ((5004, True), (5005, False)):
            detailed = report.replace(
                "  Policy created", f"  TTLS Condition Work Level\n{shown.format(last)}  Policy created", 1
            )
            detailed = detailed.replace("TTLS Condition Work Level", "TTLS Condition Work Level:   0")
            assert held(detailed, text, "a")["proven"] is proven

    def test_time_conditions(self) -> None:
        office = "IpTimeCondition office\n{\n  DayOfWeekMask 0111110\n  TimeOfDayRange 08:00-18:00\n}\n"
        text = policy({"a": ["Direction Inbound", "LocalPortRange 5004", "IpTimeConditionRef office"]}, office)
        report = reports.pasearch(read(texts(text)))
        assert held(report, text, "a")["proven"] is True
        assert held(report, text.replace("0111110", "1111111"), "a")["differences"] == [
            "times: the policy says weekdays 1111111; hours 08:00-18:00, the stack holds weekdays 0111110; hours 08:00-18:00."
        ]

    def test_values_that_are_none(self) -> None:
        broken = REPORT.replace("FromAddr:           192.0.2.0", "FromAddr:           192.0.2.x")
        assert held(broken)["differences"][0] == (
            "the report cannot be read: '192.0.2.x-192.0.2.255' is not an IP address, address/prefix or address-address."
        )

    def test_who_gets_a_connection(self) -> None:
        result = attls_installed({"pasearch": REPORT}, texts(TEXT), "zceeIn", "3.1", None, CONNECTION)
        assert result["winner"] == "zceeIn"
        other = {**CONNECTION, "local_port": 9080}
        assert attls_installed({"pasearch": REPORT}, texts(TEXT), "zceeIn", "3.1", None, other)["winner"] is None


class TestProtected:
    def test_by_the_rule(self) -> None:
        assert protected(NETSTAT, tcp_stack="TCPIP") == {
            "proven": True,
            "why": "The connection was protected by rule zceeIn with TLSv1.3 and TLS_AES_256_GCM_SHA384.",
            "differences": [],
            "rule": "zceeIn",
            "protocol": "TLSv1.3",
            "cipher": "TLS_AES_256_GCM_SHA384",
            "job_name": "ZCEESRV1",
        }

    @pytest.mark.parametrize(
        ("report", "why"),
        [
            (
                reports.netstat(read(texts(TEXT)), {**CONNECTION, "local_port": 9080}),
                "The connection went in CLEARTEXT: the stack mapped it to no rule.",
            ),
            (
                re.sub("TTLSRule: .*", "TTLSRule:     other", NETSTAT),
                "The stack mapped the connection to rule other, not to zceeIn.",
            ),
            (
                re.sub("SecLevel: .*", "SecLevel:     Not Secure", NETSTAT),
                "The stack mapped the connection to rule zceeIn, but its SecLevel is Not Secure.",
            ),
            (
                re.sub("  Cipher: .*\n", "", NETSTAT),
                "The stack mapped the connection to rule zceeIn, but its SecLevel is TLS Version 1.3.",
            ),
            (
                NETSTAT.splitlines()[0],
                UNPROVEN + "the report shows no connection. It must still be open when NETSTAT runs.",
            ),
            (
                NETSTAT + NETSTAT.split("\n", 1)[1],
                UNPROVEN + "the report shows several connections. Give that of one, NETSTAT TTLS COnn with its number.",
            ),
            (
                REPORT,
                UNPROVEN + "the text is not what NETSTAT TTLS COnn prints. Give its output from its head on.",
            ),
            (
                "netstat: not authorized",
                UNPROVEN
                + "the user who ran the command is not authorised. It takes a superuser, or READ to the SERVAUTH profile.",
            ),
        ],
    )
    def test_what_proves_nothing(self, report: str, why: str) -> None:
        result = protected(report)
        assert (result["proven"], result["why"]) == (False, why)

    def test_another_stack(self) -> None:
        why = "the report is of the stack TCPIP, not of TCPIP2. Run NETSTAT with TCp TCPIP2."
        assert protected(NETSTAT, tcp_stack="TCPIP2")["why"] == f"The connection is not proven: {why}"

    @pytest.mark.parametrize(
        ("level", "protocol"),
        [
            ("TLS Version 1", "TLSv1"),
            ("TLS Version 1.2", "TLSv1.2"),
            ("TLSv1.3", "TLSv1.3"),
            ("TLS VERSION 1 2", "TLSv1.2"),
            ("SSL Version 3", "SSLv3"),
            ("N/A", None),
            ("In Progress", None),
        ],
    )
    def test_the_level_of_security(self, level: str, protocol: str | None) -> None:
        report = netstat.parse(re.sub("SecLevel: .*", f"SecLevel:     {level}", NETSTAT))
        assert report is not None
        assert report.connections[0].protocol == protocol

    def test_with_message_identifiers_and_with_details(self) -> None:
        lines = [f"EZZ2550I {line}" for line in NETSTAT.splitlines()]
        details = ["EZZ2550I TTLSRule:     zceeIn", "EZZ2550I   Priority:    200", "EZZ2550I   Cipher:   none of it"]
        assert protected("\n".join([*lines, *details]))["proven"] is True

    def test_the_console_s_way(self) -> None:
        text = NETSTAT.replace(
            "MVS TCP/IP NETSTAT CS V3R1       TCPIP Name: TCPIP           17:02:03",
            "EZD0101I NETSTAT CS V3R1 TCPIP 378",
        )
        assert protected(text.replace("LocalSocket", "LOCALSOCKET"), tcp_stack="TCPIP")["proven"] is True

    def test_groups(self) -> None:
        report = netstat.parse(reports.groups(read(texts(TEXT))))
        assert report is not None
        assert (report.stack, report.groups, report.connections) == ("TCPIP", (("on", 1),), ())


@pytest.mark.parametrize(
    ("given_reports", "rule", "sentence"),
    [
        ({}, "a", "reports: give the output of pasearch -t as pasearch, of NETSTAT TTLS COnn as netstat."),
        ("text", "a", "reports: must be a mapping, not text."),
        ({"pasearch": "x", "netsat": ""}, "a", "reports: 'netsat' is not known; did you mean netstat?"),
        ({"pasearch": REPORT}, "gone", "rule: there is no TTLSRule gone in the policy texts."),
        ({"pasearch": REPORT}, 7, "rule: must be text, not a number. Put it in quotes."),
    ],
)
def test_the_sentence(given_reports: Any, rule: Any, sentence: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        attls_installed(given_reports, texts(TEXT), rule, "3.1")
    assert str(caught.value) == sentence


def test_a_policy_that_cannot_be_installed_is_said_before_anything_is_compared() -> None:
    broken = policy({"a": ["Direction Inbound", "RemoteAddrRef gone"]})
    with pytest.raises(AnsibleFilterError) as caught:
        attls_installed({"pasearch": REPORT}, texts(broken), "a", "3.1")
    sentence = (
        "rule: a (policies.stack:1) cannot be installed as it is: policies.stack:4: RemoteAddrRef gone leads nowhere."
    )
    assert str(caught.value) == sentence


def test_both_reports_must_prove_it() -> None:
    both = attls_installed({"pasearch": REPORT, "netstat": NETSTAT}, texts(TEXT), "zceeIn", "3.1")
    assert both["proven"] is True
    assert attls_installed({"pasearch": REPORT, "netstat": "nothing"}, texts(TEXT), "zceeIn", "3.1")["proven"] is False


class TestCommands:
    """The stand-ins as programs, as a play would run them."""

    def run(self, tmp_path: Path, state: str, *command: str) -> str:
        policy_file = tmp_path / "TCPIP.ttls"
        policy_file.write_text(TEXT)
        world = {
            "stack": "TCPIP",
            "release": "3.1",
            "state": state,
            "policies": {"stack": str(policy_file), "common": None},
            "connections": {"0000002B": CONNECTION},
        }
        (tmp_path / "zos.json").write_text(json.dumps(world))
        done = subprocess.run(
            [sys.executable, str(ZOS / command[0]), *command[1:]],
            env={**os.environ, "FAKE_ZOS": str(tmp_path / "zos.json")},
            capture_output=True,
            text=True,
        )
        return done.stdout + done.stderr

    @pytest.mark.parametrize("state", ["installed", "empty", "unauthorised"])
    def test_pasearch(self, tmp_path: Path, state: str) -> None:
        result = held(self.run(tmp_path, state, "pasearch", "-t", "-p", "TCPIP"))
        assert result["proven"] is (state == "installed")
        assert "not what pasearch -t prints" not in result["why"]

    def test_netstat(self, tmp_path: Path) -> None:
        for state in ("installed", "none"):
            report = self.run(tmp_path, state, "netstat", "-x", "COnn", "0000002b", "DETAIL")
            assert protected(report)["proven"] is (state == "installed")
        groups = netstat.parse(self.run(tmp_path, "installed", "netstat", "-x", "GRoup"))
        assert groups is not None
        assert groups.groups == (("on", 1),)
