# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Laws of the effective configuration, for generated server directories."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generate import Case, Element, generate
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.plugin_utils.files import Files
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.assembly import assemble
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.attributes import BUILT_IN
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import Document, read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, evaluate, walk
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.outside import Places
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Outer, Refused
from tests.differential.probe import CATALOGUE

SERVER = "/srv/servers/zos"
cases = st.builds(generate, st.integers(0, 10**9), st.just(0))


def effective(case: Case) -> Effective | None:
    content = {f"{SERVER}/{path}": data for path, data in case.render().items()}
    try:
        found = evaluate(assemble(Files(content), Places(SERVER), Outer()), catalogue=CATALOGUE)
    except Refused:
        return None
    return None if found.assembly.refused else found


@given(cases)
def test_the_same_files_give_the_same(case: Case) -> None:
    first, second = effective(case), effective(case.copy())
    assert (first and first.instances) == (second and second.instances)


@given(cases, st.booleans())
def test_an_unrelated_element_changes_nothing_else(case: Case, at_the_end: bool) -> None:  # noqa: FBT001
    before = effective(case)
    more = case.copy()
    children = more.files["server.xml"].root.children
    children.insert(len(children) if at_the_end else 1, Element("unrelated", {"s": "1"}))
    after = effective(more)
    if before is None or after is None:
        assert before is after
        return
    assert after.one("unrelated") is not None
    del after.instances["unrelated"]
    assert values(after) == values(before)


def values(found: Effective) -> list[object]:
    """What is effective, without the lines, which move."""
    return [
        (name, instance.id, {key: value.value for key, value in instance.attributes.items()})
        for name, instances in sorted(found.instances.items())
        for instance in walk(instances)
    ]


@given(cases)
def test_an_origin_holds_the_value(case: Case) -> None:
    """The named element, or a child of it in that line, has the text that was written."""
    found = effective(case)
    if found is None:
        return
    texts = {path: list(written(path, data)) for path, data in case.render().items() if path in case.files}
    for instances in found.instances.values():
        for instance in walk(instances):
            for name, value in instance.attributes.items():
                if value.origin is BUILT_IN or value.written is None or value.problem:
                    continue
                place = value.origin.source.removeprefix(f"{SERVER}/")
                there = {text for line, key, text in texts[place] if line == value.origin.line and key == name.lower()}
                parts = {part for text in there for part in (text, *re.split(r"\s*,\s*", text))}
                assert value.written in parts, (name, value)


def written(path: str, data: bytes) -> Iterator[tuple[int, str, str]]:
    """Every attribute and text child of a file: line, lower-case name, text."""
    for node in Document(read_source(data, name=path), lenient=True).nodes:
        for name, text in node.attributes.items():
            yield node.line, name.lower(), text
            if name == "ref":
                yield node.line, f"{node.local.lower()}ref", text
        if node.closed:
            yield node.line, node.local.lower(), node.text
            yield node.line, f"{node.local.lower()}ref", node.text
