# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table diagnoses.yml: each cause is decided where facts show it, and not where they do not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.zosconnect.security.plugins.module_utils import probing
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import stack
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose import given, judge, messages
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.card import TEAMS
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.cards import CARDS, find
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.facts import Facts
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.messages import Message
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import desired
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import texts
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import Held, Place
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import Subject

Case = dict[str, Any]
CASES: list[Case] = yaml.safe_load(Path(__file__).with_name("diagnoses.yml").read_text(encoding="utf-8"))
KEYS = {"name", "message", "probe", "xml", "stores", "rings", "attls", "policy", "cause", "says", "because", "team", "remedy", "next", "known"}  # fmt: skip
NOW = datetime(2026, 6, 1, tzinfo=UTC)
RULE = """TTLSRule {name}
{{
  {asks}
  Direction {direction}
  TTLSGroupActionRef G
  TTLSEnvironmentActionRef E
}}
TTLSGroupAction G
{{
  TTLSEnabled On
}}
TTLSEnvironmentAction E
{{
  HandshakeRole {role}
  TTLSKeyringParms
  {{
    Keyring ZRING
  }}
  TTLSEnvironmentAdvancedParms
  {{
    TLSv1.1 Off
    TLSv1 Off
    TLSv1.2 {on}
    TLSv1.3 Off
    {label}
  }}
}}
"""
POLICIES = {
    "server": {},
    "client": {"role": "Client", "direction": "Outbound"},
    "caller": {"role": "Client", "direction": "Outbound", "asks": "RemotePortRange 5002"},
    "region": {"role": "Client", "direction": "Outbound", "asks": "RemotePortRange 5002\n  Jobname CICSA"},
    "address": {"role": "Client", "direction": "Outbound", "asks": "RemotePortRange 5002\n  RemoteAddr 10.2.3.4"},
    "as server": {"direction": "Outbound", "asks": "RemotePortRange 5002"},
    "other": {"name": "OTHER"},
    "none": {"on": "Off"},
    "label": {"label": "CertificateLabel ZCERT"},
}


def held(fields: Mapping[str, Any]) -> Held:
    own = {name: value for name, value in fields.items() if name not in ("key", "not_after")}
    ends = fields.get("not_after")
    when = datetime(ends.year, ends.month, ends.day, tzinfo=UTC) if isinstance(ends, date) else None
    return Held(**{"kind": "x", "trusted": False, **own, "has_key": fields.get("key", False), "not_after": when})


def place(effective: Effective, identity: str, said: Any) -> Place:
    store = effective.by_id("keyStore", identity)
    assert store is not None
    elements = ((identity, str(store.origin("location"))),)
    name = str(store.get("location"))
    if isinstance(said, list):
        return Place(name, "store", tuple(map(held, said)), type="PKCS12", elements=elements)
    missing = said.get("missing", False)
    return Place(name, "store", elements=elements, is_missing=missing, problem=said.get("problem") or "absent")


def facts(case: Case) -> Facts:
    attls = case.get("attls", {})
    policy = None
    if case.get("policy"):
        values = {
            "name": "IN",
            "asks": "LocalPortRange 5004",
            "direction": "Inbound",
            "role": "Server",
            "on": "On",
            "label": "",
            **POLICIES[case["policy"]],
        }
        policy = stack.read({"stack": RULE.format(**values), "common": ""})
    rings = [Place(name, "ring", tuple(map(held, said))) for name, said in case.get("rings", {}).items()]
    if not case.get("xml"):
        return Facts(None, NOW, rings, attls != "unknown", policy, "3.1" if policy else "")
    effective, files = texts.effective(f"<server>\n{case['xml']}\n</server>")
    behind = frozenset(attls["ports"]) if isinstance(attls, dict) and attls else frozenset()
    subject = Subject(effective, files, {}, ".", behind)
    stores = [place(effective, identity, said) for identity, said in case.get("stores", {}).items()]
    return Facts(subject, NOW, [*stores, *rings], attls != "unknown", policy, "3.1" if policy else "")


def judged(case: Case) -> dict[str, Any]:
    """Return the diagnosis of the last message of a case."""
    if "probe" in case:
        asked = case["probe"]
        report = {
            "outcome": asked["outcome"],
            "msg": "said",
            "peer_certificates": [{"not_after": asked.get("ends", "")}],
        }
        found = [given.probe("localhost", asked["port"], report, NOW)]
    else:
        found = messages.read(given.lines(case["message"]), "log")
    return judge.report(judge.diagnose(found, facts(case))[-1])


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: Case) -> None:
    assert set(case) <= KEYS
    told = judged(case)
    assert (told["cause"], told["known"]) == (case["cause"], case.get("known", True)), told
    if case["cause"]:
        assert str(told["says"]).startswith(case["says"]), told["says"]
        assert told["because"]
        assert told["team"] == case.get("team", told["team"])
        assert told["team"] in TEAMS
        assert (told["next"], told["possible"]) == ([], [])
    else:
        assert any(case.get("next", "") in step for step in told["next"]), told["next"]
        assert (told["says"], told["remedy"], told["team"]) == (None, [], None)
    shown = [f"{fact['fact']} ({fact['place']})" for fact in told["because"]]
    # Twins that are undecided are written as their cases, but for what makes the difference.
    assert not case["cause"] or set(case.get("because", ())) <= set(shown), shown
    if case["cause"] and "remedy" in case:
        assert case["remedy"] in told["remedy"]
    # What is given to server_xml is input that it takes, and is shown as YAML.
    given = [one for one in told["remedy"] if "element" in one]
    desired.check(given, desired.Options())
    _, *shown = "\n".join(judge.lines("host", [told])).split("remedy: server_xml with elements: ")
    assert [element for one in shown for element in yaml.safe_load(one.splitlines()[0])] == given


def test_the_names_of_the_cases_are_different() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES)


def outcomes() -> dict[tuple[str, ...], set[str | None]]:
    """Return by card which outcomes the table has."""
    found: dict[tuple[str, ...], set[str | None]] = {}
    for case in CASES:
        told = judged(case)
        card = find(Message(told["id"], "", told["code"]))
        if card:
            found.setdefault((*card.ids, *card.codes), set()).add(told["cause"])
    return found


def test_every_cause_is_decided_in_some_case_and_not_in_another() -> None:
    """What a message says by itself has no other case; what only people know is never decided."""
    found = outcomes()
    missing = []
    for card in CARDS:
        said = found.get((*card.ids, *card.codes), set())
        for cause in card.causes:
            if not cause.decided_by.startswith("never") and cause.id not in said:
                missing.append(f"{card.title}: {cause.id}")
            by_itself = cause.decided_by.startswith(("the message", "the code"))
            if not by_itself and said == {cause.id}:
                missing.append(f"{card.title}: a case without {cause.id}")
    assert missing == []


def test_the_table_of_messages_that_the_project_promised_is_there() -> None:
    assert len(CARDS) >= 25
    names = [
        name for card in CARDS for identity in card.ids for name in ((identity, code) for code in card.codes or ("",))
    ]
    assert len(names) == len(set(names))
    assert {card_code for card in CARDS if card.ids == ("probe",) for card_code in card.codes} >= set(
        probing.OUTCOMES
    ) - {
        "untrusted",
        "not_yet_valid",
        "name_mismatch",
    }
