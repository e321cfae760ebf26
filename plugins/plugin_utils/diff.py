# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A difference for people, made from the splices: only the lines around what changes, secrets hidden."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.zosconnect.security.plugins.plugin_utils import redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import LINE_END, Source, Splice

CONTEXT = 3


def hunks(old: Source, new: Source, splices: Sequence[Splice], secret_variables: frozenset[str] = frozenset()) -> str:
    """Return the change from ``old`` to ``new`` in unified format, without file names.

    Neither text alone tells which variables hold secrets when the change is about that. A changed secret shows as a
    removed and an added line that look alike, both with the mark.
    """
    before, after = (_lines(redact.text(source.text, secret_variables)) for source in (old, new))
    text: list[str] = []
    for group in _grouped(_changed_lines(old, new, splices, before, after)):
        first, last = group[0], group[-1]
        start, end = max(0, first[0] - CONTEXT), min(len(before), last[1] + CONTEXT)
        shift = first[2] - first[0]
        new_end = last[3] + (end - last[1])
        text.append(f"@@ -{start + 1},{end - start} +{start + shift + 1},{new_end - start - shift} @@")
        at = start
        for old_start, old_end, new_start, new_end in group:
            text += [f" {line}" for line in before[at:old_start]]
            text += [f"-{line}" for line in before[old_start:old_end]]
            text += [f"+{line}" for line in after[new_start:new_end]]
            at = old_end
        text += [f" {line}" for line in before[at:end]]
    return "".join(f"{line}\n" for line in text)


def prepared(
    path: str,
    old: Source,
    new: Source,
    splices: Sequence[Splice],
    secret_variables: frozenset[str] = frozenset(),
    *,
    is_new: bool = False,
) -> dict[str, str]:
    """Return the change of one file as Ansible shows it; of a new file (``is_new``) all is added."""
    if is_new:
        old, splices = Source(path, "", old.codec), (Splice(0, 0, new.text),)
    return {"prepared": f"--- {path}\n+++ {path}\n{hunks(old, new, splices, secret_variables)}"}


def _lines(text: str) -> list[str]:
    lines = LINE_END.split(text)
    return lines if lines[-1] else lines[:-1]


Block = tuple[int, int, int, int]


def _changed_lines(
    old: Source, new: Source, splices: Sequence[Splice], before: list[str], after: list[str]
) -> list[Block]:
    """Return the blocks of lines [old start, old end) → [new start, new end) that the splices touch, each as small as
    can be.
    """
    blocks: list[Block] = []
    shift = 0
    for splice in sorted(splices, key=lambda s: (s.start, s.end)):
        new_start = splice.start + shift
        shift += len(splice.text) - (splice.end - splice.start)
        first, last = old.line(splice.start) - 1, old.line(splice.end)
        new_first, new_last = new.line(new_start) - 1, new.line(splice.end + shift)
        if blocks and first < blocks[-1][1]:
            first, new_first = blocks[-1][0], blocks[-1][2]
            blocks.pop()
        blocks.append((first, min(last, len(before)), new_first, min(new_last, len(after))))
    return _joined([_trimmed(block, old, new) for block in blocks])


def _joined(blocks: list[Block]) -> list[Block]:
    """Make one block of those that touch, so that all removed lines come before the added ones."""
    joined: list[Block] = []
    for first, last, new_first, new_last in blocks:
        if joined and joined[-1][1] == first:
            first, _end, new_first, _new_end = joined.pop()
        joined.append((first, last, new_first, new_last))
    return joined


def _trimmed(block: Block, old: Source, new: Source) -> Block:
    """Take equal lines off both ends of a block; the texts are compared as they are, not redacted."""
    first, last, new_first, new_last = block
    while first < last and new_first < new_last and _line(old, first) == _line(new, new_first):
        first, new_first = first + 1, new_first + 1
    while first < last and new_first < new_last and _line(old, last - 1) == _line(new, new_last - 1):
        last, new_last = last - 1, new_last - 1
    return first, last, new_first, new_last


def _line(source: Source, number: int) -> str:
    starts = source.line_starts
    return source.text[starts[number] : starts[number + 1] if number + 1 < len(starts) else len(source.text)]


def _grouped(blocks: list[Block]) -> list[list[Block]]:
    groups: list[list[Block]] = []
    for block in blocks:
        if groups and block[0] - groups[-1][-1][1] <= 2 * CONTEXT:
            groups[-1].append(block)
        else:
            groups.append([block])
    return groups
