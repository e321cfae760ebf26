# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Edits in, splices out: new lines look like their neighbours, removed ones leave no scar, comments stay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.edits import (
    Add,
    Edit,
    NewParameter,
    NewStatement,
    Remove,
    SetName,
    SetValue,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import (
    Parameter,
    Policy,
    Statement,
    comment_start,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Splice

_COLUMN = 28
_EMPTY_LINE = re.compile(r"[^\S\r\n]*(?:\r\n|\r|\n)")


@dataclass(frozen=True)
class Layout:
    """How lines of one statement are written: ``indent`` before the keyword, ``gap`` behind it.

    ``column`` is where values begin, counted from the keyword; None where there is just ``gap`` between the two.
    """

    indent: str
    column: int | None
    gap: str = " "

    def deeper(self, unit: str) -> Layout:
        """One level further in, values in the same column of the page."""
        return replace(self, indent=self.indent + unit, column=self.column and self.column - len(unit))

    def line(self, keyword: str, value: str) -> str:
        blanks = self.gap if self.column is None else " " * max(1, self.column - len(keyword))
        return f"{self.indent}{keyword}{blanks}{value}" if value else f"{self.indent}{keyword}"


def splices(policy: Policy, edits: Iterable[Edit]) -> list[Splice]:
    """Return the splices that carry out ``edits`` on the policy's text, none overlapping."""
    style = _Style(policy)
    found: list[Splice] = []
    added: dict[int, list[Add]] = {}
    for edit in edits:
        if isinstance(edit, Add):
            added.setdefault(style.place(edit), []).append(edit)
        else:
            found.append(style.simple(edit))
    # At the end of the file, what comes behind the last statement comes before what comes last.
    ordered = {place: sorted(group, key=lambda edit: edit.after is None) for place, group in added.items()}
    return found + [style.add(place, group) for place, group in ordered.items()]


class _Style:
    """Knows how the neighbours of a place look."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.source = policy.source
        self.text = policy.source.text

    def simple(self, edit: SetValue | SetName | Remove) -> Splice:
        if isinstance(edit, SetValue):
            start, end = edit.parameter.value_start, edit.parameter.value_end
            lead = "" if start > 0 and self.text[start - 1].isspace() else " "
            return Splice(start, end, lead + edit.value)
        if isinstance(edit, SetName):
            start = edit.statement.start + len(edit.statement.keyword)
            old = edit.statement.name
            end = self.text.index(old, start) + len(old) if old else start
            gap = self.text[start : end - len(old)] if old else " "
            return Splice(start, end, gap + edit.name)
        return self._remove(edit.item)

    def _remove(self, item: Parameter | Statement) -> Splice:
        """Take the lines out; a comment behind the last of them stays.

        Of two empty lines around a statement one stays.
        """
        start = self.source.line_start(item.start)
        last = item.close + 1 if isinstance(item, Statement) else item.start
        end = self.source.line_end(last)
        comment = comment_start(self.text[last:end])
        if comment is not None:
            return Splice(item.start, last + comment, "")
        if isinstance(item, Statement) and self._empty_before(start):
            gap = _EMPTY_LINE.match(self.text, end)
            end = gap.end() if gap else end
        return Splice(start, end, "")

    def _empty_before(self, start: int) -> bool:
        """Whether the line before this one is empty; the beginning of the file counts."""
        return start == 0 or not self.text[self.source.line_start(start - 1) : start].strip()

    def place(self, edit: Add) -> int:
        """Return where an addition goes: behind the line on which its neighbour ends."""
        if edit.after is not None:
            return self.source.line_end(edit.after.close if isinstance(edit.after, Statement) else edit.after.start)
        return self.source.line_end(edit.parent.open) if edit.parent else len(self.text)

    def add(self, place: int, group: Sequence[Add]) -> Splice:
        """Put all that comes to one place there, in order."""
        newline = self.source.newline(max(0, place - 1))
        lines: list[str] = []
        for edit in group:
            if isinstance(edit.new, NewStatement) and edit.parent is None:
                lines += [""] if (place or lines) and self._apart(edit) else []
            lines += self._render(edit)
        text = "".join(newline + line for line in lines)
        if place == 0 or self.text[place - 1] in "\r\n":
            return Splice(place, place, text[len(newline) :] + newline)
        return Splice(place, place, text)

    def _apart(self, edit: Add) -> bool:
        """Whether an empty line comes before a new statement at the top: where its model has one, or is the first."""
        model = self._model(edit)
        start = self.source.line_start(model.start) if model else 0
        while start and not self._empty_before(start):
            start = self.source.line_start(start - 1)
            if not self.text[start:].lstrip().startswith("#"):
                return False
        return True

    def _render(self, edit: Add) -> list[str]:
        if isinstance(edit.new, NewParameter):
            layout = self._layout(edit.parent, edit.after) if edit.parent else Layout("", None)
            return [layout.line(edit.new.keyword, edit.new.value)]
        if edit.parent:
            return self._block(edit.new, self._layout(edit.parent, edit.after), self._deeper(edit.parent))
        model = self._model(edit)
        if model is None:
            return self._block(edit.new, Layout("", _COLUMN), Layout("  ", _COLUMN - 2))
        return self._block(edit.new, self._head(model), self._layout(model, None))

    def _block(self, new: NewStatement, outer: Layout, inner: Layout) -> list[str]:
        lines = [outer.line(new.keyword, new.name or ""), f"{outer.indent}{{"]
        deeper = inner.deeper(self._unit(outer, inner))
        for item in new.items:
            if isinstance(item, NewStatement):
                lines += self._block(item, inner, deeper)
            else:
                lines.append(inner.line(item.keyword, item.value))
        return [*lines, f"{outer.indent}}}"]

    def _unit(self, outer: Layout, inner: Layout) -> str:
        return inner.indent[len(outer.indent) :] if inner.indent.startswith(outer.indent) else ""

    def _model(self, edit: Add) -> Statement | None:
        """The statement that a new one at the top shall look like: the nearest of its kind, else the nearest."""
        if isinstance(edit.after, Statement) and edit.after.items:
            return edit.after
        return next((statement for statement in reversed(self.policy.statements) if statement.items), None)

    def _head(self, statement: Statement) -> Layout:
        """How the line with keyword and name is written."""
        indent = self._indent(statement.start)
        end = statement.start + len(statement.keyword)
        if not statement.name:
            return Layout(indent, None)
        return _shape(indent, [(statement.keyword, self.text[end : self.text.index(statement.name, end)])])

    def _layout(self, statement: Statement, near: Parameter | Statement | None) -> Layout:
        """How the parameters of a statement are written; where it has none, as its own first line, one level deeper."""
        lines = [one for one in statement.parameters if one.value]
        if not lines:
            return self._deeper(statement) if near is None else Layout(self._indent(near.start), None)
        known = near if isinstance(near, Parameter) else lines[-1]
        gaps = [(one.keyword, self.text[one.start + len(one.keyword) : one.value_start]) for one in lines]
        return _shape(self._indent(known.start), gaps)

    def _deeper(self, statement: Statement) -> Layout:
        """How the inside of a statement is written that has nothing yet, or of a new one in this one."""
        own = self._indent(statement.start)
        if not statement.items:
            return Layout(own + "  ", None)
        inner = self._layout(statement, statement.items[-1])
        return inner.deeper(inner.indent[len(own) :] if inner.indent.startswith(own) else "  ")

    def _indent(self, position: int) -> str:
        return self.text[self.source.line_start(position) : position]


def _shape(indent: str, gaps: Sequence[tuple[str, str]]) -> Layout:
    """Tell a column from plain gaps, given keywords and what stands between each and its value."""
    last_gap = gaps[-1][1]
    if any("\t" in gap for _keyword, gap in gaps):
        return Layout(indent, None, last_gap)
    columns = [len(keyword) + len(gap) for keyword, gap in gaps if len(gap) > 1]
    if not columns:
        return Layout(indent, None)
    return Layout(indent, max(columns, key=columns.count))
