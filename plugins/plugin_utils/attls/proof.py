# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Said is done: the new text, read in another way, must mean exactly what was intended.

The positions came from regular expressions over the whole text. Here lines are split into words, braces nest them, and
that is all: no table, no types, no positions. The edits are carried out on what the old text gives, and the result must
equal what the new text gives. Lines that are equal before and behind what changes mean the same, so only the
statements between them are looked at.
"""

from __future__ import annotations

import re
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

# The braces that begin lines, the first line never does, and what each does to the depth.
_BRACES = re.compile(r"\n[^\S\n]*+([{}])")
_DEPTHS = {"{": 1, "}": -1}


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
    old, new = policy.source.lf, result.lf
    start, old_end, new_end = _window(old, new, _places(policy, edits))
    intended = read(lines_of(old[start:old_end]), policy.source.line(start))
    _carry_out(policy, edits, intended)
    actual = read(lines_of(new[start:new_end]))
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


def _window(old: str, new: str, touched: Sequence[int]) -> tuple[int, int, int]:
    """Return where the lines of whole statements begin, and end in both texts, outside of which nothing differs."""
    start = _line_start(old, min([_alike(old, new), *touched]))
    behind = _alike(old, new, most=min(len(old), len(new)) - start, backward=True)
    end = _line_end(old, max([start, len(old) - behind, *touched]))
    depth = _depth(old, 0, start)
    while start and (depth or _head(old, _line_start(old, start - 1)) != "}"):
        start = _line_start(old, start - 1)
        depth -= _DEPTHS.get(_head(old, start), 0)
    depth = _depth(old, start, end)
    while end < len(old) and (depth or (end and _head(old, _line_start(old, end - 1)) != "}")):
        depth += _DEPTHS.get(_head(old, end), 0)
        end = _line_end(old, end)
    return start, end, end + len(new) - len(old)


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    """Return where the next line begins."""
    return text.find("\n", at) + 1 or len(text)


def _head(text: str, at: int) -> str:
    """Return the first character of a line that is no blank."""
    return text[at : _line_end(text, at)].lstrip()[:1]


def _depth(text: str, start: int, end: int) -> int:
    """Return how many statements begin between these positions, lines start there, and do not end."""
    braces = _BRACES.findall(text, max(0, start - 1), end)
    return braces.count("{") - braces.count("}")


def _alike(one: str, other: str, *, most: int | None = None, backward: bool = False) -> int:
    """Return how many characters two texts have in common at their beginning, or at their end, of ``most``."""
    least, most = 0, min(len(one), len(other)) if most is None else most
    while least < most:
        middle = (least + most + 1) // 2
        if backward:
            alike = one[len(one) - middle : len(one) - least] == other[len(other) - middle : len(other) - least]
        else:
            alike = one[least:middle] == other[least:middle]
        least, most = (middle, most) if alike else (least, middle - 1)
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
