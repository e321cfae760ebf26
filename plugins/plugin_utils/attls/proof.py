# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Said is done: the new text, read in another way, must mean exactly what was intended.

The positions came from regular expressions over the whole text. Here lines are split into words, braces nest them, and
that is all: no table, no types, no positions. The edits are carried out on what the old text gives, and the result must
equal what the new text gives. Lines that are equal before and behind what changes mean the same, so only the
statements between them are looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.edits import (
    Add,
    Edit,
    NewParameter,
    NewStatement,
    Remove,
    SetName,
    SetValue,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Parameter, Policy, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source


@dataclass(eq=False)
class Node:
    """The words of one line, what stands in braces behind it (None without braces), and what shall become of it."""

    words: list[str]
    line: int
    inside: list[Node] | None = None
    gone: bool = False
    behind: list[Node] = field(default_factory=list)


def plain(nodes: Iterable[Node]) -> list[object]:
    """Return what is compared: words and what is nested, with what came and without what went."""
    found: list[object] = []
    for node in nodes:
        if not node.gone:
            found.append((node.words, None if node.inside is None else plain(node.inside)))
        found += plain(node.behind)
    return found


def lines_of(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def read(lines: Sequence[str], first: int = 1) -> list[Node]:
    """Return the nested lines of a text; ``first`` is the number of its first line."""
    stack: list[list[Node]] = [[]]
    for number, line in enumerate(lines, first):
        words = line.split()
        comment = next((at for at, word in enumerate(words) if word[0] == "#"), None)
        words = words[:comment]
        if words and words[0][:2] in ("{#", "}#"):
            words = [words[0][0]]
        if words == ["{"]:
            stack[-1][-1].inside = []
            stack.append(stack[-1][-1].inside)
        elif words == ["}"]:
            stack.pop()
        elif words:
            stack[-1].append(Node(words, number))
    return stack[0]


def prove(policy: Policy, edits: Sequence[Edit], result: Source) -> None:
    """Raise SecurityError unless ``result`` means the policy after ``edits``."""
    old, new = lines_of(policy.source.text), lines_of(result.text)
    start, old_end, new_end = _window(old, new, [policy.source.line(at) for at in _places(policy, edits)])
    intended = read(old[start:old_end], start + 1)
    _carry_out(policy, edits, intended)
    actual = read(new[start:new_end])
    if plain(intended) != plain(actual):
        raise SecurityError(
            f"{policy.source.name}: the change was planned but its proof failed: the new text does not mean what was "
            "intended. Nothing was changed. Please report this with the file's layout."
        )


def _places(policy: Policy, edits: Sequence[Edit]) -> list[int]:
    """Return where in the old text the edits are at work."""
    places: list[int] = []
    for edit in edits:
        if isinstance(edit, Add):
            known = edit.after or edit.parent
            places.append(known.start if known else len(policy.source.text))
        else:
            places.append(_target(edit).start)
    return places


def _target(edit: SetValue | SetName | Remove) -> Parameter | Statement:
    return edit.parameter if isinstance(edit, SetValue) else edit.statement if isinstance(edit, SetName) else edit.item


def _window(old: Sequence[str], new: Sequence[str], touched: Sequence[int]) -> tuple[int, int, int]:
    """Return the lines [start, old end) and [start, new end) of whole statements outside of which nothing differs."""
    start = min([_alike(old, new), *(line - 1 for line in touched)])
    end = max([start, len(old) - _alike(old[::-1], new[::-1]), *touched])
    heads = [line[:1] for line in map(str.lstrip, old)]
    depth = heads[:start].count("{") - heads[:start].count("}")
    while start and (depth or heads[start - 1] != "}"):
        start -= 1
        depth += {"{": -1, "}": 1}.get(heads[start], 0)
    depth = heads[start:end].count("{") - heads[start:end].count("}")
    while end < len(old) and (depth or heads[end - 1] != "}"):
        depth += {"{": 1, "}": -1}.get(heads[end], 0)
        end += 1
    return start, end, end + len(new) - len(old)


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines two texts have in common at their beginning; slices are compared faster than lines."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        middle = (least + most + 1) // 2
        if one[least:middle] == other[least:middle]:
            least = middle
        else:
            most = middle - 1
    return least


def _carry_out(policy: Policy, edits: Sequence[Edit], top: list[Node]) -> None:
    """Change what was read; a line is known by its number."""
    nodes: dict[int, Node] = {}
    todo = list(top)
    while todo:
        node = todo.pop()
        nodes[node.line] = node
        todo += node.inside or ()
    first: dict[int, list[Node]] = {}
    for edit in edits:
        if isinstance(edit, Add):
            known = edit.after or edit.parent
            line = policy.source.line(known.start) if known else 0
            behind = nodes[line].behind if edit.after else first.setdefault(line, []) if known else top
            behind.append(_new(edit.new))
            continue
        node = nodes[policy.source.line(_target(edit).start)]
        if isinstance(edit, SetValue):
            node.words[1 : 1 + len(edit.parameter.value.split())] = edit.value.split()
        elif isinstance(edit, SetName):
            node.words[1 : 2 if edit.statement.name else 1] = [edit.name]
        else:
            node.gone = True
    for line, new in first.items():
        nodes[line].inside = new + (nodes[line].inside or [])


def _new(new: NewParameter | NewStatement) -> Node:
    if isinstance(new, NewParameter):
        return Node([new.keyword, *new.value.split()], 0)
    return Node([new.keyword, *([new.name] if new.name else [])], 0, [_new(item) for item in new.items])
