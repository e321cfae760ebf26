# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table findings.yml; remedies that mend what they are for; waivers and severities."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from match_world import policy

from ansible_collections.zosconnect.security.plugins.filter.attls_findings import FilterModule, attls_findings
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import (
    desired,
    faults,
    flows,
    judge,
    stack,
    statements,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.problems import Examined
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.rules import agent, reach, strength, whole
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.text import read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

Json = dict[str, Any]
TABLE: dict[str, dict[str, list[Json]]] = yaml.safe_load(
    (Path(__file__).parent / "cases" / "findings.yml").read_text(encoding="utf-8")
)
KEYS = {
    "name",
    "rules",
    "more",
    "replace",
    "replaces",
    "apars",
    "pagent",
    "common",
    "release",
    "place",
    "message",
    "remedy",
}
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
    for old, new in (case.get("replace", ("", "")), case.get("replaces", ("", ""))):
        assert old in whole
        whole = whole.replace(old, new, 1)
    found: Json = {"stack": {"path": "policy.txt", "text": text or whole}}
    found["common"] = {"path": "common.txt", "text": case["common"]} if "common" in case else ""
    return {**found, **({"pagent": {"path": "pagent.conf", "text": case["pagent"]}} if "pagent" in case else {})}


def found(identity: str, case: Json, text: str | None = None) -> list[Json]:
    everything = attls_findings(texts(case, text), case.get("release", "3.1"), zos_apars=case.get("apars", ()))
    return [one for one in everything if one["id"] == identity]


def test_it_has_the_name_of_its_documentation() -> None:
    assert FilterModule().filters() == {"attls_findings": attls_findings}


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
        options = desired.Options(zos_release=case.get("release", "3.1"))
        source = read_source(texts(case)["stack"]["text"].encode(), name="policy.txt")
        mended = plan(source, desired.check(remedy, options), options).result.text
        assert found(identity, case, mended) == []


@pytest.mark.parametrize(("identity", "case"), [*cases("silent")])
def test_silent(identity: str, case: Json) -> None:
    assert set(case) <= KEYS - {"place", "message", "remedy"}
    assert found(identity, case) == []


def forms() -> Iterator[str]:
    """Every sentence with something to be filled in that stands in the code of the rules."""
    for module in (agent, faults, reach, strength, whole):
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(r"\{\w+\}.* ", node.value):
                yield node.value


def test_each_sentence_of_a_rule_is_in_the_table() -> None:
    fired = set()
    for _identity, case in (one.values for one in cases("fires")):
        level = statements.level(case.get("release", "3.1"), case.get("apars", ()))
        examined = Examined(stack.read(texts(case)), level)
        fired |= {problem.hit.form for rule in judge.RULES for problem in rule.problems(examined)}
    # The other two are asserted below and in test_attls_hostile.py.
    assert set(forms()) - fired == {"Nobody can say whether {title} and others ever win: {why}", reach._MORE_OVERLAPS}


def test_what_is_too_much_work_is_said() -> None:
    case = TABLE["attls-never-wins"]["fires"][0]
    with mock.patch.object(flows, "never_winning", side_effect=SecurityError("the rules overlap in too many ways.")):
        [one] = found("attls-never-wins", case)
    assert (
        one["message"] == "Nobody can say whether TTLSRule a and others ever win: the rules overlap in too many ways."
    )


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
        "attls-application-controlled",
        "attls-key-size",
        "attls-renegotiation",
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
    assert str(caught.value).startswith(sentence)
