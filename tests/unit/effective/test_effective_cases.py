# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of cases: files, and what Liberty makes of them. See cases/README.md; the servers that were asked are named there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.zosconnect.security.plugins.plugin_utils.files import Files
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.assembly import assemble
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance, evaluate
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.outside import Places
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.problems import ORDER
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Outer, Refused
from tests.differential.probe import CATALOGUE

USER = "/srv/usr"
SERVER = f"{USER}/servers/zos"
STEP = re.compile(r"([^\[/]+)(?:\[([^\]]*)\])?")

CASES = [
    pytest.param(case, id=f"{path.stem}: {case['title']}")
    for path in sorted(Path(__file__).with_name("cases").glob("*.yml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]


def effective(case: dict[str, Any]) -> Effective:
    """Evaluate the files of a case; XML without <server> gets one."""
    files = case.get("files", {}) | ({"server.xml": case["xml"]} if "xml" in case else {})
    content = {f"{SERVER}/{name}" if name[0] != "/" else name: _bytes(name, text) for name, text in files.items()}
    folders = frozenset({SERVER, *(f"{SERVER}/{folder}" for folder in case.get("folders", ()))})
    assembly = assemble(Files(content, folders=folders), Places(SERVER, user=USER), Outer(**case.get("outer", {})))
    if assembly.refused is not None:
        raise Refused(assembly.refused)
    return evaluate(assembly, catalogue=CATALOGUE)


def _bytes(name: str, text: str) -> bytes:
    bare = name.lower().endswith(".xml") and not re.match(r"\s*<(\?xml|!|server|client|wrong)|^$|<<", text)
    return (f"<server>{text}</server>" if bare else text.removeprefix("<<")).encode()


def found(effective: Effective, path: str) -> Instance | None:
    """Return the instance that `element[id]/child[id]` names, ``None`` where there is none."""
    instances, instance = effective.instances, None
    for name, identity in STEP.findall(path):
        candidates = [i for i in instances.get(name, []) if identity in (i.id or "", "")]
        instance = candidates[0] if candidates else None
        if instance is None:
            return None
        instances = instance.children
    return instance


@pytest.mark.parametrize("case", CASES)
def test_liberty_makes_of_it(case: dict[str, Any]) -> None:
    if case.get("refused"):
        with pytest.raises(Refused, match=re.escape(case["refused"])):
            effective(case)
        return
    result = effective(case)
    if "says" in case:
        assert [problem.message for problem in result.problems if problem.rule == ORDER][-1] == case["says"]
        assert not result.complete
    for path, wanted in case.get("expect", {}).items():
        instance = found(result, path)
        assert instance is not None, f"{path} is missing"
        assert {name: instance.get(name) for name in wanted} == wanted, path
    for path in case.get("absent", []):
        assert found(result, path) is None, f"{path} is there"
    for path, ids in case.get("ids", {}).items():
        parent, _, name = path.rpartition("/")
        above = found(result, parent) if parent else None
        instances = above.children.get(name, []) if above else result.all(name)
        assert [instance.id for instance in instances] == ids, path
    for path, origin in case.get("origins", {}).items():
        element, _, name = path.rpartition("@")
        instance = found(result, element)
        assert instance is not None, f"{element} is missing"
        assert str(instance.origin(name)).replace(f"{SERVER}/", "") == origin, path
    if "problems" in case:
        assert [problem.rule for problem in result.problems] == case["problems"]
