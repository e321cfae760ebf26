# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the Policy Agent does not install, and what does not encrypt, protects nobody; changes that take TLS away."""

from __future__ import annotations

import time
from typing import Any

import pytest
from match_world import CONNECTION, policy, rule

from ansible_collections.zosconnect.security.plugins.filter.attls_findings import attls_findings
from ansible_collections.zosconnect.security.plugins.filter.attls_flows import attls_flows
from ansible_collections.zosconnect.security.plugins.filter.attls_match import attls_match
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import desired, flows
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.change import change
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.text import read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import Found

Json = dict[str, Any]
ASKED = {"direction": "inbound", "local_port": 5004}
TLS = {"tls": ["Direction Inbound", "LocalPortRange 5004", "Priority 10"]}
RING = "  TTLSKeyringParms\n  {\n    Keyring ZceeRing\n  }\n"


def texts(stack: str) -> Json:
    return {"stack": {"path": "policy.txt", "text": stack}, "common": ""}


def replaced(old: str, new: str, more: str = "") -> str:
    text = policy(TLS, more)
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        (
            replaced(RING, ""),
            "policy.txt:17: TTLSEnvironmentAction server needs TTLSKeyringParms or TTLSKeyringParmsRef.",
        ),
        (
            replaced("  HandshakeRole Server\n", ""),
            "policy.txt:17: TTLSEnvironmentAction server needs HandshakeRole.",
        ),
        (
            replaced("HandshakeRole Server", "HandshakeRole Servr"),
            (
                "policy.txt:19: TTLSEnvironmentAction server has HandshakeRole Servr, which must be one of Client, Server, "
                "ServerWithClientAuth."
            ),
        ),
        (
            replaced("TLSv1.2 On", "TLSv1.2 Onn"),
            (
                "policy.txt:28: TTLSEnvironmentAdvancedParms of TTLSEnvironmentAction server has TLSv1.2 Onn, which must "
                "be one of On, Off."
            ),
        ),
        (
            replaced("Keyring ZceeRing", "Keyring"),
            (
                "policy.txt:22: TTLSKeyringParms of TTLSEnvironmentAction server has Keyring without a value; write one, "
                "or remove the line."
            ),
        ),
        (
            replaced("  TTLSEnabled On\n", "  TTLSEnabled On\n  Trce 2\n"),
            "policy.txt:12: TTLSGroupAction on has what the list of its parameters does not: Trce; did you mean Trace?",
        ),
        (
            replaced("1302C030", "TLS_NOBODY_KNOWS_IT"),
            (
                "policy.txt:33: TTLSCipherParms of TTLSEnvironmentAction server has in V3CipherSuites4Char what stands in "
                "no list of cipher suites: TLS_NOBODY_KNOWS_IT."
            ),
        ),
        (
            replaced(RING, f"{RING}  TTLSGskAdvancedParms\n  {{\n    TTLSGskOcspParmsRef nobody\n  }}\n"),
            "policy.txt:26: TTLSGskOcspParmsRef nobody leads nowhere.",
        ),
        (
            policy({"tls": [*TLS["tls"], "LocalPortRang 5004"]}),
            (
                "policy.txt:6: TTLSRule tls has what the list of its parameters does not: LocalPortRang; did you mean "
                "LocalPortRange, LocalPortRangeRef, LocalPortGroupRef?"
            ),
        ),
    ],
)
def test_what_cannot_be_installed_protects_nobody(text: str, doubt: str) -> None:
    answer = attls_match(texts(text), CONNECTION, "3.1")
    assert (answer["rule"], answer["cleartext"], answer["complete"]) == (None, True, False)
    assert answer["doubts"] == [doubt]
    proof = attls_flows(texts(text), "3.1", ASKED)
    assert (proof["proved"], proof["complete"], proof["doubts"]) == (False, False, [doubt])


def test_a_value_of_a_later_release_is_not_installed() -> None:
    text = policy(TLS)
    assert attls_match(texts(text), CONNECTION, "2.4")["complete"]
    assert attls_match(texts(text), CONNECTION, "2.3")["doubts"] == [
        (
            "policy.txt:29: TTLSEnvironmentAdvancedParms of TTLSEnvironmentAction server has TLSv1.3, which came with "
            "z/OS 2.4, but zos_release is 2.3."
        ),
    ]


def test_what_other_rules_lack_does_not_matter() -> None:
    more = "TTLSEnvironmentAction other\n{\n}\n" + rule(
        "other", ["Direction Inbound", "LocalPortRange 5005", "TTLSEnvironmentActionRef other"]
    )
    assert attls_match(texts(policy(TLS, more)), CONNECTION, "3.1")["complete"]
    assert attls_flows(texts(policy(TLS, more)), "3.1", ASKED)["proved"]


def test_a_rule_without_a_name_never_wins() -> None:
    answer = attls_match(texts(policy(TLS).replace("TTLSRule tls\n", "TTLSRule\n")), CONNECTION, "3.1")
    assert (answer["rule"], answer["doubts"]) == (None, ["policy.txt:1: TTLSRule has no name; write one behind it."])


def test_a_rule_without_a_condition_never_wins() -> None:
    """One for all addresses does, though it asks for nothing either."""
    text = policy({"tls": ["Direction Inbound"]})
    answer = attls_match(texts(text), CONNECTION, "3.1")
    doubt = (
        "policy.txt:1: TTLSRule tls has no condition, so that it would match every connection of its direction; give an "
        "address, a port, Jobname or Userid."
    )
    assert (answer["rule"], answer["doubts"]) == (None, [doubt])
    assert attls_match(texts(policy({"tls": ["Direction Inbound", "LocalAddr All"]})), CONNECTION, "3.1")["complete"]


@pytest.mark.parametrize("suite", ["TLS_RSA_WITH_NULL_SHA256", "003B", "0002003B"])
def test_ciphers_that_do_not_encrypt_are_no_protection(suite: str) -> None:
    keyword = "V3CipherSuites" if "_" in suite else "V3CipherSuites4Char"
    text = replaced("V3CipherSuites4Char 1302C030", f"{keyword} {suite}").replace("TLSv1.3 On", "TLSv1.3 Off")
    answer = attls_match(texts(text), CONNECTION, "3.1")
    assert (answer["protection"], answer["cleartext"]) == ("clear", True)
    shown = ", ".join([suite[:4], suite[4:]]) if len(suite) == 8 else suite
    assert answer["verdict"] == (
        f"CLEARTEXT: the ciphers of rule tls (policy.txt:1) do not encrypt: {shown}; name some that do."
    )
    proof = attls_flows(texts(text), "3.1", ASKED)
    assert proof["verdict"] == "REFUTED: one of these connections goes in clear: it gets rule tls (policy.txt:1)."


def test_beside_others_ciphers_that_do_not_encrypt_are_a_doubt() -> None:
    text = replaced("1302C030", "1302C030003B")
    said = "ciphers that do not encrypt: 003B. A partner may get one of those."
    doubt = f"policy.txt:1: TTLSRule tls has, beside others, {said}"
    answer = attls_match(texts(text), CONNECTION, "3.1")
    assert (answer["protection"], answer["complete"], answer["doubts"]) == ("tls", False, [doubt])
    proof = attls_flows(texts(text), "3.1", ASKED)
    assert (proof["proved"], proof["doubts"]) == (False, [doubt])
    # What goes in clear anyway is not in doubt.
    controlled = text.replace("TLSv1.2 On", "TLSv1.2 On\n    ApplicationControlled On")
    answer = attls_match(texts(controlled), CONNECTION, "3.1")
    assert (answer["protection"], answer["complete"]) == ("clear", True)
    # A suite for a protocol that is off is nobody's.
    off = text.replace("TLSv1.2 On", "TLSv1.2 Off")
    assert attls_match(texts(off), CONNECTION, "3.1")["complete"]


ROUND = "IpAddr a\n{\n  Addr 192.0.2.1\n  IpAddrGroup\n  {\n    IpAddrRef a\n  }\n}\n"


def doubling(levels: int) -> str:
    inner = "  IpAddrGroup\n  {{\n    IpAddrRef a{0}\n    IpAddrRef a{0}\n  }}\n"
    return "".join(
        f"IpAddr a{number or ''}\n{{\n  Addr 192.0.2.1\n{inner.format(number + 1) if number < levels else ''}}}\n"
        for number in range(levels + 1)
    )


@pytest.mark.parametrize("more", [ROUND, doubling(40)], ids=["round", "doubling"])
def test_what_stands_where_it_cannot_is_not_followed(more: str) -> None:
    given = texts(policy({"tls": [*TLS["tls"], "LocalAddrRef a"]}, more))
    doubt = "policy.txt:40: IpAddr a has what the list of its parameters does not: IpAddrGroup."
    assert attls_match(given, CONNECTION, "3.1")["doubts"] == [doubt]
    assert attls_flows(given, "3.1", ASKED)["doubts"] == [doubt]
    found = {one["id"]: one["message"] for one in attls_findings(given, "3.1")}
    assert found["attls-unreadable"] == f"TTLSRule tls asks for what cannot be read: {doubt}"
    changed = planned({"TTLSRule": [{"name": "tls", "Priority": 4}]}, given["stack"]["text"])
    assert changed.changed


def test_a_group_that_is_named_often_is_read_once() -> None:
    group = "".join(f"  IpAddrSet\n  {{\n    Prefix 10.{one >> 8}.{one & 255}.0/30\n  }}\n" for one in range(1000))
    rules = {
        f"r{one}": ["Direction Inbound", f"LocalPortRange {1000 + one}", "RemoteAddrGroupRef g"] for one in range(1000)
    }
    given = texts(policy({**TLS, **rules}, f"IpAddrGroup g\n{{\n{group}}}\n"))
    start = time.process_time()
    assert attls_match(given, {**CONNECTION, "local_port": 1010, "remote_address": "10.0.9.2"}, "3.1")["rule"] == "r10"
    assert attls_match(given, {**CONNECTION, "local_port": 1010, "remote_address": "10.0.9.4"}, "3.1")["rule"] is None
    assert attls_flows(given, "3.1", {"local_port": 1010, "remote_address": "10.0.9.0/30"})["proved"] is False
    attls_findings(given, "3.1")
    # It took minutes when each rule read the group.
    assert time.process_time() - start < 20


def planned(config: Json, text: str, **options: Any) -> Any:
    asked = desired.Options(zos_release="3.1", **options)
    return plan(read_source(text.encode(), name="policy.txt"), desired.check(config, asked), asked)


def off(**keys: Any) -> Json:
    return {
        "TTLSRule": [
            {
                "name": "exc",
                "Direction": "Inbound",
                "LocalPortRange": 5004,
                "Priority": 900,
                "TTLSGroupActionRef": "off",
                **keys,
            }
        ]
    }


BEHIND = rule("exc", ["Direction Inbound", "LocalPortRange 5004", "Priority 5", "TTLSGroupActionRef off"])


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (off(), "TTLSRule exc (policy.txt:10) lets connections go in clear that get TLS by TTLSRule tls."),
        (off(Jobname="MON"), "TTLSRule exc (policy.txt:10) lets connections go in clear that get TLS by TTLSRule tls."),
        (
            {"TTLSRule": [{"name": "tls", "Priority": 4}]},
            "TTLSRule exc (policy.txt:36) lets connections go in clear that get TLS by TTLSRule tls.",
        ),
        (
            {"TTLSRule": [{"name": "tls", "LocalPortRange": 5006}]},
            "TTLSRule exc (policy.txt:36) lets connections go in clear that get TLS by TTLSRule tls.",
        ),
    ],
)
def test_a_change_does_not_take_tls_away_in_silence(config: Json, sentence: str) -> None:
    text = policy(TLS, "" if config["TTLSRule"][0]["name"] == "exc" else BEHIND)
    with pytest.raises(SecurityError) as caught:
        planned(config, text)
    waive = " If it has to be so, name attls-exception in accept_findings."
    assert str(caught.value) == f"config.TTLSRule[0]: {sentence}{waive}"
    assert planned(config, text, accept_findings=["attls-exception"]).warnings == (f"config.TTLSRule[0]: {sentence}",)


@pytest.mark.parametrize(
    "config", [off(Priority=5), off(LocalPortRange=5005), off(Direction="Outbound"), off(LocalAddr="192.0.2.0/24")]
)
def test_an_exception_beside_tls_is_nobodys_loss(config: Json) -> None:
    text = policy({"tls": [*TLS["tls"], "LocalAddr 198.51.100.1"]})
    assert planned(config, text).warnings == ()


def test_what_is_too_much_work_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows, "MOST_RULES", 1)
    [warning] = planned(off(), policy(TLS)).warnings
    assert warning.startswith(
        "config.TTLSRule[0]: Nobody can say whether connections lose TLS by this change: policies: 2 rules match"
    )


def test_what_a_program_must_start_is_refused_unless_it_is_accepted() -> None:
    config = {
        "TTLSRule": [{"name": "ftp", "Direction": "Inbound", "LocalPortRange": 21, "TTLSGroupActionRef": "on"}],
        "TTLSEnvironmentAction": [
            {
                "name": "ftp",
                "HandshakeRole": "Server",
                "TTLSKeyringParms": {"Keyring": "Ring"},
                "TTLSCipherParms": {"V3CipherSuites": ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"]},
                "TTLSEnvironmentAdvancedParms": {
                    **dict.fromkeys(("SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.3"), False),
                    "TLSv1.2": True,
                    "ApplicationControlled": True,
                },
            }
        ],
    }
    config["TTLSRule"][0]["TTLSEnvironmentActionRef"] = "ftp"
    sentence = (
        "config.TTLSEnvironmentAction[0]: TTLSEnvironmentAdvancedParms of TTLSEnvironmentAction ftp has "
        "ApplicationControlled On, so that TTLSRule ftp does no TLS before the program itself starts it."
    )
    with pytest.raises(SecurityError) as caught:
        planned(config, policy(TLS))
    assert str(caught.value) == (
        f"{sentence} If it has to be so, name attls-application-controlled in accept_findings."
    )
    accepted = planned(config, policy(TLS), accept_findings=["attls-application-controlled"])
    assert accepted.warnings == (sentence,)


@pytest.mark.parametrize(("mode", "asked", "shown"), [("0644", None, "0644"), ("0640", "0644", "0644")])
def test_a_password_that_everybody_can_read_is_told(mode: str, asked: str | None, shown: str) -> None:
    assert warnings(mode, asked) == [
        (
            f"/p: everybody can read this file (mode {shown}), and "
            "config.TTLSEnvironmentAction[0].TTLSKeyringParms.KeyringPw puts a password into it in clear. Give a mode such "
            'as "0640", or a KeyringStashFile or a key ring, which need no password.'
        ),
    ]


@pytest.mark.parametrize(("mode", "asked"), [("0640", None), ("0644", "0600"), (None, None)])
def test_a_password_that_few_can_read_is_not(mode: str | None, asked: str | None) -> None:
    assert warnings(mode, asked) == []


def warnings(mode: str | None, asked: str | None) -> list[str]:
    options = desired.Options(zos_release="3.1")
    parms = {"Keyring": "/etc/k.kdb", "KeyringPw": "ZcsSecretMarker"}
    config = {"TTLSRule": [{"name": "tls"}], "TTLSEnvironmentAction": [{"name": "server", "TTLSKeyringParms": parms}]}
    file = Found("/p", "/p", policy(TLS).encode(), "", None, False, "/", True, True, "root", mode=mode)
    how = {"encoding": "UTF-8", "state": "merged", "create": False, "edit_exported": False, "mode": asked}
    return change(file, desired.check(config, options), options, how).warnings
