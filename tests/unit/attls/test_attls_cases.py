# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables in cases/*.yml: a policy and what is desired of it in; the new text, the changes, or a sentence out.

A case has these keys:

name      says what is tested
file      the text (default: none); or
bytes     a text whose characters stand for bytes; or
golden    NAME: the bytes are in golden/NAME.before.bin, and those of golden/NAME.after.bin must come out
config    what is desired
options   state, zos_release, allow_unknown, shared_actions, on_overlap
encoding  the option of this name
tag       the file's z/OS tag
expect    the new text; or
same      true: nothing changes; or
error     the whole sentence
changes   one line a change, such as: changed TTLSRule[r].Priority at 3: 1 -> 2
warnings  the whole sentences
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import desired, text
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.plan import Change, Plan, plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

CASES = Path(__file__).parent / "cases"
TABLES = ("faults", "golden", "layout", "states", "text", "values", "desired")
KEYS = set(__doc__.split("A case has these keys:")[1].replace("\n ", "").split())
Case = dict[str, Any]


def load() -> list[Any]:
    return [
        pytest.param(case, id=f"{table}: {case['name']}")
        for table in TABLES
        for case in yaml.safe_load((CASES / f"{table}.yml").read_text(encoding="utf-8"))
    ]


def before(case: Case) -> bytes:
    if "golden" in case:
        return (CASES / "golden" / f"{case['golden']}.before.bin").read_bytes()
    if "bytes" in case:
        return bytes(case["bytes"], "latin-1")
    return bytes(case.get("file", ""), "utf-8")


def planned(case: Case, data: bytes) -> Plan:
    options = desired.Options(**case.get("options", {}))
    wanted = desired.check(case["config"], options)
    source = text.read_source(data, name="policy", encoding=case.get("encoding"), tag=case.get("tag"))
    return plan(source, wanted, options)


def spoken(change: Change) -> str:
    parameter = "" if change.parameter is None else f".{change.parameter}"
    values = "" if change.before is change.after is None else f": {change.before} -> {change.after}"
    return f"{change.action} {change.statement}[{change.name}]{parameter} at {change.line}{values}"


@pytest.mark.parametrize("case", load())
def test_case(case: Case) -> None:
    assert set(case) <= KEYS
    assert len({"expect", "golden", "same", "error"} & set(case)) == 1, "a case expects one thing"
    data = before(case)
    if "error" in case:
        with pytest.raises(SecurityError) as caught:
            planned(case, data)
        assert str(caught.value) == case["error"].strip()
        return
    found = planned(case, data)
    if case.get("same"):
        assert found.result.data == data
        assert (found.splices, found.changes, found.changed) == ((), (), False)
    elif "golden" in case:
        assert found.result.data == (CASES / "golden" / f"{case['golden']}.after.bin").read_bytes()
    else:
        assert found.result.text == case["expect"]
    if "changes" in case:
        assert [spoken(change) for change in found.changes] == case["changes"]
    assert list(found.warnings) == [sentence.strip() for sentence in case.get("warnings", [])]
    # A second run has nothing to do, and says the same.
    again = planned(case, found.result.data)
    assert (again.splices, again.changes) == ((), ())


def test_no_golden_file_is_forgotten() -> None:
    named = {case.values[0]["golden"] for case in load() if "golden" in case.values[0]}
    assert {path.name for path in (CASES / "golden").iterdir()} == {
        f"{n}.{s}.bin" for n in named for s in ("before", "after")
    }
