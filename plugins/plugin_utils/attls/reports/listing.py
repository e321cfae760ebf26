# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports of z/OS commands as keys and values, whatever columns they stand in; and reports that are none.

``LocalPortFrom:  5004   LocalPortTo:  5004`` is two pairs, ``JobName:   UserId:`` two empty ones. Two blanks or more
separate; message identifiers in front of a line (``EZZ2350I``) are taken away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils.source import LINE_END

_MESSAGE = re.compile(r"^\s*[A-Z]{3}\d{4}[A-Z]\s?")
_GAP = re.compile(r"\s{2,}")
_KEY = re.compile(r"([A-Za-z0-9][\w ./-]*):")
_PAIR = re.compile(r"([A-Za-z0-9][\w ./-]*?):\s(\S.*)")


@dataclass(frozen=True)
class Line:
    """One line: its number from 1, its text without blanks at the ends, its pairs, else its words."""

    number: int
    text: str
    pairs: tuple[tuple[str, str], ...]
    words: tuple[str, ...]


def lines(text: str) -> Iterator[Line]:
    """Give the lines that are not empty."""
    for number, raw in enumerate(LINE_END.split(text), 1):
        content = _MESSAGE.sub("", raw).strip()
        if content:
            parts = _GAP.split(content)
            yield Line(number, content, tuple(_pairs(parts)), tuple(parts))


def _pairs(parts: list[str]) -> Iterator[tuple[str, str]]:
    key: str | None = None
    for part in parts:
        bare = _KEY.fullmatch(part)
        pair = _PAIR.fullmatch(part) if key is None else None
        if key is not None:
            yield key, "" if bare else part
            key = None
            if not bare:
                continue
        if bare:
            key = bare[1]
        elif pair:
            yield pair[1], pair[2]
    if key is not None:
        yield key, ""


# What the commands, the shell and the system say instead of a report, and what that means. Of public documentation: IBM
# support, "pasearch -t results in message no policies retrieved"; message EZZ4249I; "<not available>" and LIBPATH in
# "The z/OS UNIX pasearch command"; EDC8128I is errno ECONNREFUSED. The wording of the others is UNCONFIRMED, so they
# are looked for in several spellings. None of them is far from the beginning, nor are its words far from each other.
_FIRST = 100_000
_EXCUSES = {
    r"no polic(y|ies)\b.{0,200}\b(retrieved|found|installed)|POLICY HAS NO RULES": (
        "there is no AT-TLS policy at all, so nothing is protected. Install it with F PAGENT,UPDATE, and look into the "
        "Policy Agent's log."
    ),
    r"CEE3501S|\bDLL\b": "the command did not find its library. Set LIBPATH to /usr/lib and run it again.",
    r"EDC8128I|connection refused|(pagent|policy agent)\b.{0,200}\b(not (active|running|available)|down)": (
        "the Policy Agent did not answer. Start it, and run the command again."
    ),
    r"not authori[sz]ed|permission denied|access denied|insufficient .{0,200}authority|EDC5111I|EDC5139I|ICH408I": (
        "the user who ran the command is not authorised. It takes a superuser, or READ to the SERVAUTH profile."
    ),
    r"FSUM7351|FSUM9383|not found": "the command itself was not found. Run it in a z/OS UNIX shell.",
    r"not active|not available": "the Policy Agent or the TCP/IP stack that was asked is not active.",
}


def excuse(text: str) -> str | None:
    """Return a sentence, without a subject, about a text that is no report; None for one that may be."""
    if not text.strip():
        return "the text is empty. Give all that the command printed, standard error too."
    for pattern, sentence in _EXCUSES.items():
        if re.search(pattern, text[:_FIRST], re.IGNORECASE):
            return sentence
    return None
