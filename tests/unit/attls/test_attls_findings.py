# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table findings.yml; remedies that mend what they are for; waivers and severities."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st
from match_world import policy

from ansible_collections.zosconnect.security.plugins.filter.attls_findings import FilterModule, attls_findings
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import conditions, wishes
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import parse
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.text import read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules_attls import RULES

Json = dict[str, Any]
TABLE: dict[str, dict[str, list[Json]]] = yaml.safe_load(
    (Path(__file__).parent / "cases" / "findings.yml").read_text(encoding="utf-8")
)
KEYS = {"name", "rules", "more", "replace", "pagent", "common", "release", "place", "message", "remedy"}
WAIVER = {
    "id": "attls-exception",
    "place": "policy.txt:1",
    "reason": "the monitor speaks no TLS",
    "owner": "Ada",
    "ticket": "SEC-12",
    "expires": "2999-05-31",
}


def cases(kind: str) -> Iterator[Any]:
    for identity, table in TABLE.items():
        for case in table[kind]:
            yield pytest.param(identity, case, id=f"{identity}: {case['name']}")


def texts(case: Json, text: str | None = None) -> Json:
    whole = policy(case["rules"], case.get("more", ""))
    old, new = case.get("replace", ("", ""))
    assert old in whole
    found: Json = {"stack": {"path": "policy.txt", "text": text or whole.replace(old, new, 1)}}
    found["common"] = {"path": "common.txt", "text": case["common"]} if "common" in case else ""
    return {**found, **({"pagent": {"path": "pagent.conf", "text": case["pagent"]}} if "pagent" in case else {})}


def found(identity: str, case: Json, text: str | None = None) -> list[Json]:
    everything = attls_findings(texts(case, text), case.get("release", "3.1"))
    return [one for one in everything if one["id"] == identity]


def test_it_has_the_name_of_its_documentation() -> None:
    assert FilterModule().filters() == {"attls_findings": attls_findings}


def test_every_rule_has_cases_that_fire_and_cases_that_do_not() -> None:
    assert [rule.id for rule in RULES] == list(TABLE)
    assert all(table["fires"] and table["silent"] for table in TABLE.values())


@pytest.mark.parametrize(("identity", "case"), [*cases("fires")])
def test_fires(identity: str, case: Json) -> None:
    assert set(case) <= KEYS
    [one] = found(identity, case)
    assert (one["message"], one["origin"]) == (case["message"], case["place"])
    assert one["remedy"] == case.get("remedy", one["remedy"])
    assert one["why"]
    assert one["source"]


@pytest.mark.parametrize(("identity", "case"), [*cases("fires")])
def test_the_remedy_mends_it(identity: str, case: Json) -> None:
    [one] = found(identity, case)
    for remedy in one["remedy"]:
        manner = wishes.Manner(zos_release=case.get("release", "3.1"))
        source = read_source(texts(case)["stack"]["text"].encode(), name="policy.txt")
        mended = plan(source, wishes.check(remedy, manner), manner).result.text
        assert found(identity, case, mended) == []


@pytest.mark.parametrize(("identity", "case"), [*cases("silent")])
def test_silent(identity: str, case: Json) -> None:
    assert set(case) <= KEYS - {"place", "message", "remedy"}
    assert found(identity, case) == []


def test_some_have_a_remedy() -> None:
    mended = {
        identity for identity, table in TABLE.items() for case in table["fires"] if found(identity, case)[0]["remedy"]
    }
    assert mended == {
        "attls-old-protocol",
        "attls-protocol-default",
        "attls-cleartext-trace",
        "attls-ring-password",
        "attls-trace",
        "attls-pass-through",
    }


EXCEPTION = TABLE["attls-exception"]["fires"][0]


def test_what_somebody_accepts_is_still_shown() -> None:
    everything = attls_findings(texts(EXCEPTION), "3.1", [WAIVER], {"attls-exception": "high"})
    assert everything[0]["id"] == "attls-exception"
    assert (everything[0]["waived"], everything[0]["severity"]) == (True, "high")


@pytest.mark.parametrize(
    ("waivers", "severities", "sentence"),
    [
        ([{**WAIVER, "id": "attls-exeption"}], None, "waivers[0].id: no rule is called 'attls-exeption'; did you mean"),
        (
            [],
            {"attls-exception": "grave"},
            "severities.attls-exception: 'grave' is not one of high, medium, low, information.",
        ),
    ],
)
def test_the_sentence(waivers: Any, severities: Any, sentence: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        attls_findings(texts(EXCEPTION), "3.1", waivers, severities)
    assert str(caught.value).startswith(f"attls_findings: {sentence}")


_SPANS = st.one_of(st.none(), st.tuples(st.integers(1, 6), st.integers(0, 2)))


@given(st.lists(st.tuples(_SPANS, _SPANS), max_size=6))
def test_every_pair_that_meets_is_found(drawn: list[tuple[Any, Any]]) -> None:
    """The search for pairs is a shortcut; without it the answer must be the same."""
    rules: dict[str, list[str]] = {}
    for number, spans in enumerate(drawn):
        ports = [(f"{side}PortRange", span) for side, span in zip(("Local", "Remote"), spans, strict=True) if span]
        lines = [f"{keyword} {low}-{low + more}" for keyword, (low, more) in ports]
        # Each rule does something else, so that every meeting counts.
        rules[f"r{number}"] = ["Direction Inbound", *lines, f"TTLSConnectionActionRef c{number}"]
    more = "".join(f"TTLSConnectionAction c{number}\n{{\n}}\n" for number in range(len(drawn)))
    asked = [conditions.Conditions(rule) for rule in parse(policy(rules, more), "policy.txt").rules]
    expected = sum(one.meet(other) for one, other in combinations(asked, 2))
    assert len(found("attls-overlap", {"rules": rules, "more": more})) == expected
