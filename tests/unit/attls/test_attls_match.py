# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which rule wins, by table and against a brute-force reference; what it does; what is not known."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st
from match_world import ACTIONS, CONNECTION, policy

from ansible_collections.zosconnect.security.plugins.filter.attls_match import FilterModule, attls_match

Json = dict[str, Any]
CASES = yaml.safe_load((Path(__file__).parent / "cases" / "match.yml").read_text(encoding="utf-8"))


def texts(stack: str, **others: str | None) -> Json:
    return {"stack": {"path": "policy.txt", "text": stack}, "common": "", **others}


def completed(keys: Json) -> Json:
    return {key: value for key, value in {**CONNECTION, **keys}.items() if value is not None}


def test_it_has_the_name_of_its_documentation() -> None:
    assert FilterModule().filters() == {"attls_match": attls_match}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_table(case: Json) -> None:
    stack = texts(policy(case.get("rules", {}), case.get("more", "")))
    connection = case["connection"] if case.get("whole") else completed(case.get("connection", {}))
    if "error" in case:
        with pytest.raises(AnsibleFilterError) as caught:
            attls_match(stack, connection, "3.1")
        assert str(caught.value) == case["error"]
        return
    result = attls_match(stack, connection, "3.1")
    assert result["rule"] == case["rule"]
    assert result["doubts"] == case.get("doubts", [])
    assert result["complete"] == (result["doubts"] == [])
    assert result["cleartext"] == case.get("cleartext", case["rule"] is None)
    assert result["verdict"] == case.get("verdict", result["verdict"])
    assert result["verdict"].startswith("CLEARTEXT") == result["cleartext"]
    lost = {one["rule"]: one["why"] for one in result["lost"]}
    assert {name: lost[name] for name in case.get("lost", {})} == case.get("lost", {})
    assert {*lost, *([result["rule"]] if result["rule"] else [])} == set(case["rules"]), "nobody is forgotten"


class TestWhatItDoes:
    RULE = {"a": ["Direction Inbound", "LocalPortRange 5004"]}
    OVERRIDE = (
        "TTLSConnectionAction own\n{\n"
        "  HandshakeRole ServerWithClientAuth\n"
        "  TTLSCipherParms\n  {\n    V3CipherSuites TLS_AES_256_GCM_SHA384\n    V3CipherSuites4Char C02FC030\n  }\n"
        "  TTLSConnectionAdvancedParmsRef advanced\n}\n"
        "TTLSConnectionAdvancedParms advanced\n{\n"
        "  TLSv1.2 Off\n  CertificateLabel Zcee server  key\n  ServerCertificateLabel other\n}\n"
    )

    def test_the_environment_alone(self) -> None:
        result = attls_match(texts(policy(self.RULE)), CONNECTION, "3.1")
        assert result["place"] == "policy.txt:1"
        assert result["verdict"] == "TLS as Server by rule a (policy.txt:1): TLSv1.2, TLSv1.3."
        assert result["protection"] == "tls"
        assert result["does"] == {
            "enabled": True,
            "role": "Server",
            "protocols": ["TLSv1.2", "TLSv1.3"],
            "protocols_unusable": [],
            "protocols_unknown": [],
            "ciphers": ["1302", "C030"],
            "key_ring": "ZceeRing",
            "client_authentication": None,
            "certificate_label": None,
            "server_certificate_label": None,
            "host_references": [],
            "application_controlled": False,
            "fips": "Off",
        }

    def test_the_role_is_spelt_as_ibm_does(self) -> None:
        rule = {"a": [*self.RULE["a"], "TTLSConnectionActionRef own"]}
        written = policy(rule, self.OVERRIDE.replace("ServerWithClientAuth", "SERVERWITHCLIENTAUTH"))
        assert attls_match(texts(written), CONNECTION, "3.1")["does"]["role"] == "ServerWithClientAuth"

    def test_what_the_connection_says_beats_the_environment(self) -> None:
        rule = {"a": [*self.RULE["a"], "TTLSConnectionActionRef own"]}
        does = attls_match(texts(policy(rule, self.OVERRIDE)), CONNECTION, "3.1")["does"]
        assert does["role"] == "ServerWithClientAuth"
        assert does["client_authentication"] == "Required", "the default of IBM"
        assert does["protocols"] == ["TLSv1.3"]
        assert does["ciphers"] == ["TLS_AES_256_GCM_SHA384", "C02F", "C030"]
        assert (does["certificate_label"], does["server_certificate_label"]) == ("Zcee server  key", "other")
        assert does["key_ring"] == "ZceeRing"

    def test_what_does_not_belong_into_a_statement_is_not_taken(self) -> None:
        more = "TTLSConnectionAction own\n{\n  CertificateLabel wrong parent\n}\n"
        rule = {"a": [*self.RULE["a"], "TTLSConnectionActionRef own"]}
        answer = attls_match(texts(policy(rule, more)), CONNECTION, "3.1")
        hint = "; CertificateLabel belongs in TTLSConnectionAdvancedParms or TTLSEnvironmentAdvancedParms."
        what = "TTLSConnectionAction own has what the list of its parameters does not: CertificateLabel"
        assert (answer["rule"], answer["doubts"]) == (None, [f"policy.txt:38: {what}{hint}"])

    def test_a_protocol_without_a_cipher_is_never_negotiated(self) -> None:
        text = policy(self.RULE).replace("1302C030", "C030")
        does = attls_match(texts(text), CONNECTION, "3.1")["does"]
        assert (does["protocols"], does["protocols_unusable"]) == (["TLSv1.2"], ["TLSv1.3"])
        result = attls_match(texts(text.replace("TLSv1.2 On", "TLSv1.2 Off")), CONNECTION, "3.1")
        assert result["verdict"] == (
            "NO CONNECTION: rule a (policy.txt:1) has no cipher for TLSv1.3; name some that fit."
        )
        old = text.replace("C030", "1302").replace("TLSv1.3 On", "TLSv1.3 Off").replace("TLSv1.1 Off", "TLSv1.1 On")
        assert attls_match(texts(old), CONNECTION, "3.1")["verdict"] == (
            "NO CONNECTION: rule a (policy.txt:1) has no cipher for TLSv1.1 or TLSv1.2; name some that fit."
        )

    def test_tls_1_3_has_no_default_ciphers(self) -> None:
        text = policy(self.RULE).replace("    V3CipherSuites4Char 1302C030\n", "")
        does = attls_match(texts(text), CONNECTION, "3.2")["does"]
        assert (does["protocols"], does["protocols_unusable"]) == (["TLSv1.2"], ["TLSv1.3"])
        assert does["ciphers"] == ["C030", "C02C", "C02F", "C02B"]
        assert attls_match(texts(text), CONNECTION, "3.1")["does"]["ciphers"] == []

    def test_with_a_suite_b_profile_ciphers_do_not_count(self) -> None:
        text = policy(self.RULE).replace("HandshakeRole Server", "HandshakeRole Server\n  SuiteBProfile 128")
        does = attls_match(texts(text), CONNECTION, "3.1")["does"]
        assert (does["protocols"], does["protocols_unusable"], does["ciphers"]) == (["TLSv1.2"], ["TLSv1.3"], [])

    @pytest.mark.parametrize(
        ("release", "protocols"), [("2.1", ["TLSv1", "TLSv1.1"]), ("3.1", ["TLSv1", "TLSv1.1"]), ("3.2", ["TLSv1.2"])]
    )
    def test_left_to_the_defaults_tls_1_2_is_off(self, release: str, protocols: list[str]) -> None:
        bare = ACTIONS.replace("TTLSEnvironmentAction server", "TTLSEnvironmentAction other") + (
            "TTLSEnvironmentAction server\n{\n  HandshakeRole Client\n  TTLSKeyringParms\n  {\n    Keyring R\n  }\n}\n"
        )
        text = policy(self.RULE).replace(ACTIONS, bare)
        result = attls_match(texts(text), CONNECTION, release)
        assert result["does"]["protocols"] == protocols

    def test_no_password_of_a_key_database(self) -> None:
        text = policy(self.RULE).replace("Keyring ZceeRing", "Keyring /etc/key.kdb\n    KeyringPw hunter2")
        assert "hunter2" not in str(attls_match(texts(text), CONNECTION, "3.1"))


class TestTexts:
    ONE = policy({"a": ["Direction Inbound", "LocalPortRange 5004"]})
    COMMON = (
        "TTLSRule common\n{\n  Direction Inbound\n  Priority 9\n  LocalPortRange 5004\n  TTLSGroupActionRef off\n}\n"
    )

    def test_what_was_not_given_is_said(self) -> None:
        result = attls_match({"stack": self.ONE}, CONNECTION, "3.1")
        assert (result["rule"], result["complete"]) == ("a", False)
        assert result["doubts"] == [
            "The text that CommonTTLSConfig names was not given, so a rule in it may win instead. Give it as common, or an empty common if there is none."
        ]

    def test_the_main_configuration_says_that_there_is_none(self) -> None:
        result = attls_match({"stack": self.ONE, "pagent": "TcpImage TCPIP FLUSH\n"}, CONNECTION, "3.1")
        assert result["complete"] is True

    def test_the_main_configuration_says_that_there_is_one(self) -> None:
        pagent = "CommonTTLSConfig /etc/common.ttls\nTcpImage TCPIP FLUSH\n"
        assert attls_match({"stack": self.ONE, "pagent": pagent}, CONNECTION, "3.1")["complete"] is False

    def test_rules_of_the_common_text_count(self) -> None:
        common = {"path": "common.txt", "text": self.COMMON}
        result = attls_match(texts(self.ONE, common=common), CONNECTION, "3.1")
        assert (result["rule"], result["place"], result["complete"]) == ("common", "common.txt:1", True)
        assert result["cleartext"] is True

    @pytest.mark.parametrize(
        ("policies", "release", "sentence"),
        [
            ("text", "3.1", "policies: must be a mapping of common, stack, pagent, image to texts."),
            ({}, "3.1", "policies.stack: is missing; give the text of the file that TTLSConfig names."),
            ({"stack": 7}, "3.1", "policies.stack: must be text, not a number. Put it in quotes."),
            ({"stack": {"path": "a"}}, "3.1", "policies.stack.text: is missing; it has no default."),
            ({"stack": "#", "stacks": ""}, "3.1", "policies: 'stacks' is not known; did you mean stack?"),
            (
                {"stack": "TTLSRule a\n{\n"},
                "3.1",
                "policies.stack:2: the { of TTLSRule a is never closed; add the }.",
            ),
            (
                {"stack": "#"},
                "z",
                "zos_release: 'z' is not a release of z/OS that is known here: 2.1, 2.2, 2.3, 2.4, 2.5, 3.1, 3.2.",
            ),
            (
                {"stack": "#"},
                "",
                "zos_release: is missing; give the release of z/OS, one of 2.1, 2.2, 2.3, 2.4, 2.5, 3.1, 3.2.",
            ),
            (
                {"stack": "#"},
                4.1,
                "zos_release: 4.1 is not a release of z/OS that is known here: 2.1, 2.2, 2.3, 2.4, 2.5, 3.1, 3.2.",
            ),
        ],
    )
    def test_the_sentence(self, policies: Any, release: Any, sentence: str) -> None:
        with pytest.raises(AnsibleFilterError) as caught:
            attls_match(policies, CONNECTION, release)
        assert str(caught.value) == sentence


# A world that is small enough to try everything: the reference knows nothing of ranges, only of members.
ADDRESSES = [f"10.0.0.{number}" for number in range(4)] + [f"2001:db8::{number}" for number in range(4)]
PORTS = range(1, 6)
JOBS = ["CICSA", "CICSB", "IMS1"]

_address_sets = st.one_of(
    st.none(),
    st.sampled_from(ADDRESSES).map(lambda one: (one, {one})),
    st.tuples(st.sampled_from((4, 6)), st.integers(0, 3), st.integers(0, 3)).map(
        lambda drawn: _range(drawn[0], *sorted(drawn[1:]))
    ),
    st.tuples(st.sampled_from(ADDRESSES), st.integers(0, 2)).map(lambda drawn: _prefix(*drawn)),
)


def _range(version: int, low: int, high: int) -> tuple[str, set[str]]:
    members = ADDRESSES[:4] if version == 4 else ADDRESSES[4:]
    return f"{members[low]}-{members[high]}", set(members[low : high + 1])


def _prefix(one: str, host_bits: int) -> tuple[str, set[str]]:
    length = (32 if "." in one else 128) - host_bits
    network = ipaddress.ip_network(f"{one}/{length}", strict=False)
    return f"{one}/{length}", {a for a in ADDRESSES if ipaddress.ip_address(a) in network}


_rules = st.fixed_dictionaries(
    {
        "direction": st.sampled_from(["Inbound", "Outbound", "Both"]),
        "priority": st.one_of(st.none(), st.integers(1, 3)),
        "local": _address_sets,
        "remote": _address_sets,
        "grouped": st.booleans(),
        "local_ports": st.one_of(st.none(), st.tuples(st.sampled_from(PORTS), st.sampled_from(PORTS))),
        "remote_ports": st.one_of(st.none(), st.tuples(st.sampled_from(PORTS), st.sampled_from(PORTS))),
        "job": st.sampled_from([None, "*", "CICS*", "CICSA", "IMS1*"]),
    }
)


_asking = _rules.filter(
    lambda rule: any(rule[key] for key in ("local", "remote", "local_ports", "remote_ports", "job"))
)


def _text(rules: dict[str, Json]) -> str:
    lines: dict[str, list[str]] = {}
    more = ""
    for name, rule in rules.items():
        lines[name] = [f"Direction {rule['direction']}"]
        for side in ("Local", "Remote"):
            chosen = rule[side.lower()]
            if chosen and rule["grouped"]:
                kind = "Range" if "-" in chosen[0] else "Prefix" if "/" in chosen[0] else "Addr"
                block = "IpAddr" if kind == "Addr" else "IpAddrSet"
                more += f"IpAddrGroup {name}{side}\n{{\n{block}\n{{\n{kind} {chosen[0]}\n}}\n}}\n"
                lines[name].append(f"{side}AddrGroupRef {name}{side}")
            elif chosen:
                lines[name].append(f"{side}Addr {chosen[0]}")
            if ports := rule[f"{side.lower()}_ports"]:
                lines[name].append(f"{side}PortRange {min(ports)}-{max(ports)}")
        lines[name] += [f"Jobname {rule['job']}"] if rule["job"] else []
        lines[name] += [f"Priority {rule['priority']}"] if rule["priority"] else []
    return policy(lines, more)


def _reference(rules: dict[str, Json], connection: Json) -> str | None:
    def fits(rule: Json) -> bool:
        job = rule["job"]
        return (
            rule["direction"] in ("Both", connection["direction"])
            and (not rule["local"] or connection["local_address"] in rule["local"][1])
            and (not rule["remote"] or connection["remote_address"] in rule["remote"][1])
            and (
                not rule["local_ports"]
                or min(rule["local_ports"]) <= connection["local_port"] <= max(rule["local_ports"])
            )
            and (
                not rule["remote_ports"]
                or min(rule["remote_ports"]) <= connection["remote_port"] <= max(rule["remote_ports"])
            )
            and (
                not job
                or (
                    connection["job_name"] == job
                    if job[-1] != "*"
                    else connection["job_name"][: len(job) - 1] == job[:-1]
                )
            )
        )

    best = None
    for name in sorted(rules, reverse=True):  # small letters only, so this is EBCDIC's order as well
        if fits(rules[name]) and (best is None or (rules[name]["priority"] or 1) >= (rules[best]["priority"] or 1)):
            best = name
    return best


@given(
    rules=st.dictionaries(st.text("abcd", min_size=1, max_size=3), _asking, max_size=5),
    connection=st.fixed_dictionaries(
        {
            "direction": st.sampled_from(["Inbound", "Outbound"]),
            "local_address": st.sampled_from(ADDRESSES),
            "remote_address": st.sampled_from(ADDRESSES),
            "local_port": st.sampled_from(PORTS),
            "remote_port": st.sampled_from(PORTS),
            "job_name": st.sampled_from(JOBS),
        }
    ),
)
def test_it_agrees_with_trying_everything(rules: dict[str, Json], connection: Json) -> None:
    result = attls_match(texts(_text(rules)), connection, "3.1")
    assert result["rule"] == _reference(rules, connection)
    assert result["doubts"] == []
    assert len(result["lost"]) == len(rules) - (result["rule"] is not None)


def test_a_misspelt_key_of_a_connection_is_refused() -> None:
    """It would count as not given, and another rule might win."""
    with pytest.raises(AnsibleFilterError) as caught:
        attls_match(texts(policy({})), {**CONNECTION, "remote_prot": 1}, "3.1")
    assert str(caught.value) == "connection: 'remote_prot' is not known; did you mean remote_port, remote_address?"


def test_what_lost_is_told_with_its_place() -> None:
    told = attls_match(texts(policy({"zcOut": ["Direction Outbound"]})), CONNECTION, "3.1")
    assert [one["rule"] for one in told["lost"]] == ["zcOut"]
    assert told["lost"][0]["place"].startswith("policy.txt:")
    assert told["protection"] == "clear"
