# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The remedy of a finding as a change of the line that it is about, where one line says all that is needed.

Everything else is input for ``server_xml``, which knows the whole file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from ansible_collections.zosconnect.security.plugins.plugin_utils import redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.site import Finding

_TAG = r"""((?:"[^"]*"|'[^']*'|[^"'<>])*)"""


@dataclass(frozen=True)
class Replacement:
    """Characters of one line, by columns from 1, the second one behind them, and what comes in their place."""

    start: int
    end: int
    text: str


def replacement(finding: Finding) -> Replacement | None:
    """Return what to replace on the line of a finding, or None where that line does not tell enough.

    It does not where a secret was hidden in it or a character is shown by its code, where the value comes from a
    variable, and where the element is not the only one of its name on the line.
    """
    line, column = finding.excerpt, finding.column
    if not line or not column or finding.place.via or redact.MARK in line or "\\" in line or len(finding.remedy) != 1:
        return None
    wanted = _innermost(finding.remedy[0])
    tag = _tag(line, *wanted[:2]) if wanted else None
    if tag is None or wanted is None:
        return None
    changes = [_change(line, tag, *each) for each in wanted[2].items()]
    known = [change for change in changes if change]
    return _joined(line, column, known) if known and len(known) == len(changes) else None


def _joined(line: str, column: int, changes: list[Replacement]) -> Replacement:
    """Return all changes of a line as one: two that meet have no order of their own."""
    start, end = min(one.start for one in changes), max(one.end for one in changes)
    text = line[:end]
    for one in sorted(changes, key=lambda one: (one.start, one.end), reverse=True):
        text = text[: one.start] + one.text + text[one.end :]
    return Replacement(start + column, end + column, text[start:])


def _innermost(remedy: Mapping[str, Any]) -> tuple[str, Mapping[str, str], Mapping[str, Any]] | None:
    """Return which element gets which attributes, and by which of them it is known; None for more than one element."""
    children = remedy.get("children", ())
    if len(children) == 1 and "attributes" not in remedy:
        return _innermost(children[0])
    attributes = remedy.get("attributes")
    if not attributes or not set(remedy) <= {"element", "id", "attributes"}:
        return None
    known = {"id": remedy.get("id"), "name": attributes.get("name")}
    sets = {name: value for name, value in attributes.items() if name != "name"}
    return str(remedy["element"]), {name: str(value) for name, value in known.items() if value is not None}, sets


@dataclass(frozen=True)
class _Tag:
    """Where the attributes of an element stand on a line, by places from 0, and whether all of them do."""

    start: int
    end: int
    is_whole: bool


def _tag(line: str, element: str, known: Mapping[str, str]) -> _Tag | None:
    """Return the only tag of an element on a line, if nothing in it says that it is another one."""
    tags = list(re.finditer(rf"<(?:[\w.-]+:)?{re.escape(element)}(?=[\s/>]){_TAG}", line))
    if not tags:
        return None if "<" in line else _Tag(0, len(line), is_whole=False)
    start, end = tags[0].span(1)
    tag = _Tag(start, end, is_whole=line[end : end + 1] == ">")
    told = {name: [each[2] for each in _attributes(line, tag, name)] for name in known}
    unsaid: list[list[str]] = [] if tag.is_whole else [[]]
    return tag if len(tags) == 1 and all(told[name] in ([value], *unsaid) for name, value in known.items()) else None


def _attributes(line: str, tag: _Tag, name: str) -> Iterator[re.Match[str]]:
    pattern = re.compile(rf"""(?<![\w.:-]){re.escape(name)}\s*=\s*(["'])(.*?)\1""")
    return pattern.finditer(line, tag.start, tag.end)


def _change(line: str, tag: _Tag, name: str, value: object) -> Replacement | None:
    """Return what gives an attribute its value, by places from 0, or None where the line does not tell."""
    found = list(_attributes(line, tag, name))
    if len(found) > 1 or not (value is None or isinstance(value, (str, int))):
        return None
    text = None if value is None else escape(str(value).lower() if isinstance(value, bool) else str(value))
    if not found:
        if text is None or not tag.is_whole:
            return None
        return Replacement(tag.start, tag.start, f" {name}={_quoted(text, chr(34))}")
    (one,) = found
    if text is None:
        return Replacement(len(line[: one.start()].rstrip()), one.end(), "")
    return Replacement(one.start(1), one.end(), _quoted(text, one[1]))


def _quoted(text: str, quote: str) -> str:
    return f"{quote}{text.replace(quote, '&quot;' if quote == chr(34) else '&apos;')}{quote}"


def shown(remedy: Mapping[str, Any]) -> str:
    """Return a remedy in one line for people: what to do, or the input of server_xml."""
    if set(remedy) == {"do"}:
        return str(remedy["do"])
    return json.dumps(remedy)
