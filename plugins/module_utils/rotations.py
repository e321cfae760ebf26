# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Liberty's older logs: messages_YY.MM.DD_HH.MM.SS.N.log beside messages.log. PRIVATE to this collection.

Standard library only, Python 3.9. Liberty renames a log that has grown too large, and at each start. Whoever owns the
directory may put there what he likes, so not many are opened, and not much of them is read.
"""

from __future__ import annotations

import os
import re
from typing import Callable

from ansible_collections.zosconnect.security.plugins.module_utils import reading

MOST_LOGS = 20
# By what they are sorted: the time of the server when it was renamed, and a number for those of one second.
_WHEN = r"_([0-9]{2}(?:\.[0-9]{2}){2}_[0-9]{2}(?:\.[0-9]{2}){2})\.([0-9]{1,9})"
# Between two logs: an end of a line in ASCII and in EBCDIC.
BETWEEN = b"\r"


def _older(path: str, hands: frozenset[int]) -> list[tuple[str, int, str]]:
    """Return the older logs of one, the newest first, each by when it was renamed. Raises as ``reading.read_bytes``."""
    stem, ending = os.path.splitext(os.path.basename(path))
    named = re.compile(f"{re.escape(stem)}{_WHEN}{re.escape(ending)}")
    names = map(named.fullmatch, reading.files(os.path.dirname(path), hands))
    return sorted(((found[1], int(found[2]), found[0]) for found in names if found), reverse=True)


def newest(path: str, hands: frozenset[int]) -> str | None:
    """Return the name of the older log that was renamed last, nothing where there is none; None: nobody can tell."""
    try:
        return next((name for _when, _number, name in _older(path, hands)), "")
    except reading.ReadError:
        return None


def since(path: str, known: str | None, begins: Callable[[str], int | None], most: int, hands: frozenset[int]) -> bytes:
    """Return what older logs say that were renamed after ``known``, the newest at its end, ``most`` bytes at most.

    ``begins`` says of a path where that begins; None where the log is another one, all of which is newer. Before the
    first log of which it says so nothing is looked at. Without ``known`` nobody could say that others are newer, so
    nothing counts unless there is such a log.
    """
    parts: list[bytes] = []
    try:
        for _when, _number, name in _newer(path, known, hands):
            one = os.path.join(os.path.dirname(path), name)
            begin = begins(one)
            size = reading.read_span(one, 0, 0, hands)[1]
            start = max(begin or 0, size - most)
            parts.insert(0, reading.read_span(one, start, most, hands)[0])
            most -= len(parts[0])
            if begin is not None:
                return BETWEEN.join(parts)
            if most <= 0:
                break
    except reading.ReadError:
        pass  # one that is gone, or that nobody may read: what is newer was seen
    return BETWEEN.join(parts) if known is not None else b""


def _newer(path: str, known: str | None, hands: frozenset[int]) -> list[tuple[str, int, str]]:
    older = _older(path, hands)
    last = next((each for each in older if each[2] == known), None)
    return [each for each in older if last is None or each > last][:MOST_LOGS]
