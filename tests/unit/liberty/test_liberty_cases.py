# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables in cases/*.yml: a file and what is desired in; the new text, the changes, or a sentence out.

A case has these keys:

name      says what is tested
file      the text (default: an empty configuration); or
bytes     a text whose characters stand for bytes; or
golden    NAME: the bytes are in golden/NAME.before.bin, and those of golden/NAME.after.bin must come out
          (.bin: XML that no tool shall touch)
elements  what is desired
options   state, password_encoding, keys (of {aes}: passphrase, key), allow_unknown, elsewhere (ids in other files, by element)
encoding  the option of this name
tag       the file's z/OS tag
expect    the new text; or
same      true: nothing changes; or
error     the whole sentence
changes   one line a change, such as: changed httpEndpoint[mine].httpPort at 3: 9080 -> -1
secrets   the options whose secrets the change writes
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import desired, passwords
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.plan import Change, Plan, plan

CASES = Path(__file__).parent / "cases"
KEYS = {
    "name",
    "file",
    "bytes",
    "golden",
    "elements",
    "options",
    "encoding",
    "tag",
    "expect",
    "same",
    "error",
    "changes",
    "secrets",
}
Case = dict[str, Any]


def load() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}: {case['name']}")
        for path in sorted(CASES.glob("*.yml"))
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def before(case: Case) -> bytes:
    if "golden" in case:
        return (CASES / "golden" / f"{case['golden']}.before.bin").read_bytes()
    if "bytes" in case:
        return bytes(case["bytes"], "latin-1")
    return bytes(case.get("file", "<server>\n</server>\n"), "utf-8")


def planned(case: Case, data: bytes) -> Plan:
    options = dict(case.get("options", {}))
    writing = passwords.Writing(options.pop("password_encoding", "xor"), passwords.Keys(**options.pop("keys", {})))
    elsewhere = {name: set(ids) for name, ids in options.pop("elsewhere", {}).items()}
    reading = desired.Options(**options)
    wanted = desired.check(case["elements"], reading)
    source = read_source(data, name="server.xml", encoding=case.get("encoding"), tag=case.get("tag"))
    return plan(source, wanted, allow_unknown=reading.allow_unknown, elsewhere=elsewhere, writing=writing)


def spoken(change: Change) -> str:
    identity = "" if change.identity is None else f"[{change.identity}]"
    attribute = "" if change.attribute is None else f".{change.attribute}"
    values = "" if change.before is change.after is None else f": {change.before} -> {change.after}"
    return f"{change.action} {change.element}{identity}{attribute} at {change.line}{values}"


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
    if "secrets" in case:
        assert [where for where, _text in found.secrets] == case["secrets"]
    # A third parser can read it, and a second run has nothing to do.
    ElementTree.fromstring(
        found.result.text.partition("?>")[2] if found.result.text[:5] == "<?xml" else found.result.text
    )
    assert planned(case, found.result.data).splices == ()


def test_no_golden_file_is_forgotten() -> None:
    named = {case.values[0]["golden"] for case in load() if "golden" in case.values[0]}
    assert {path.name for path in (CASES / "golden").iterdir()} == {
        f"{n}.{s}.bin" for n in named for s in ("before", "after")
    }
