# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people have (lines of logs, status codes, names of incidents) as messages: identifier, code, text, place.

Identifiers count and not words, because servers speak the language of their locale; exceptions of Java are English in
each. The text goes through ``redact`` here, so nothing behind this page has ever seen a secret of a log.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ansible_collections.zosconnect.security.plugins.plugin_utils import redact

# Of characters of one message, and of different messages; what is beyond is counted.
LONGEST, MOST = 4000, 300
_ID = re.compile(
    r"(?<![\w.])(?:CW[A-Z]{2,3}\d{4}[A-Z]|EZ[ADYZ]\d{3,5}[A-Z]|DFH[A-Z]{2}\d{4}[A-Z]?|BAQ[A-Z]\d{4}[A-Z]"
    r"|ICH\d{3,5}[A-Z]|IRR[A-Z]?\d{3}[A-Z]|BPX[A-Z]\d{3}[A-Z]|EDC\d{4}[A-Z]|(?:SRVE|FFDC)\d{4}[A-Z])(?!\w)"
)
# What has no identifier of that kind, by what a card calls it; groups are its code.
_PHRASES = (
    ("BAQ-STATUS-CODE", re.compile(r"BAQ-?STATUS-?CODE\W{0,9}0*(\d{3})\b", re.IGNORECASE)),
    ("R_datalib", re.compile(r"R_datalib\b.{0,120}?\b(\d{1,4}), {0,3}(\d{1,4}), {0,3}(\d{1,4})\b", re.DOTALL)),
    ("BAQTIMEOUT", re.compile(r"\bBAQTIMEOUT\b")),
    ("HTTPS hostname wrong", re.compile("HTTPS hostname wrong")),
    ("Failed validating certificate paths", re.compile("Failed validating certificate paths")),
    ("null cert chain", re.compile("null cert chain")),
    ("bad_certificate", re.compile(r"\bbad_certificate\b")),
    ("FFDC", re.compile(r"\bffdc_[\d._]+\.log\b")),
)
# These messages stand for many faults; their code says for which.
_CODES = (
    (re.compile("EZD128[67]I"), re.compile(r"\bRC:?\s*(\d{1,4})\b")),
    (
        re.compile("DFHSO0123"),
        re.compile(r"\b(?:RC|[Rr]eturn\s+code)\W{0,3}(\d{1,4})\b|(?<![\d./-])(\d{1,3})(?=\D{1,80}gsk_)"),
    ),
)
# A record of a Liberty server: [11/30/26, 17:38:06:859 UTC] …, or [ERROR   ] … in the output of its job.
_STAMP = re.compile(r"\[(\d[^\]]{5,60}|[A-Z]{4,9} *)\]")
_ECHO = re.compile(r"ICH408I(?!\s+(?:USER|JOB)\()")


@dataclass(frozen=True)
class Message:
    """One message. ``code`` is empty where the identifier says all; ``time`` is as it is written, "" where none is.

    ``source`` is a path, or the variable in which the line was given; ``count`` says how often the same was said.
    """

    id: str
    text: str
    code: str = ""
    source: str = "messages"
    line: int | None = None
    time: str = ""
    count: int = 1

    @property
    def name(self) -> str:
        """The identifier with its code."""
        return f"{self.id} {'RC ' if self.id[:4] in ('EZD1', 'DFHS') else ''}{self.code}" if self.code else self.id

    def is_same(self, other: Message) -> bool:
        """Whether both are the same message, redacted or not."""
        return (self.name, self.place, self.time) == (other.name, other.place, other.time)

    @property
    def place(self) -> str:
        return self.source if self.line is None else f"{self.source}:{self.line}"


def read(text: str, source: str, *, first_line: int | None = 1) -> list[Message]:
    """Return the messages of a text, each once and in the order of their last appearance.

    ``first_line`` is the number of the text's first line, None where nobody knows it: the end of a log.
    """
    found: dict[tuple[str, str, str], Message] = {}
    for line, stamp, record in _records(text):
        for message in _of_record(_STAMP.sub("", record, count=1).strip() if stamp else record.strip()):
            key = (message.id, message.code, _without_numbers(message.text))
            before = found.pop(key, None)
            place = None if first_line is None else first_line + line
            count = before.count + 1 if before else 1
            found[key] = replace(message, source=source, line=place, time=stamp, count=count)
    return list(found.values())


def _records(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield number of the first line, time and text of each record; lines without an identifier belong to the last."""
    start, stamp, lines = 0, "", list[str]()
    for number, whole in enumerate(text.split("\n")):
        line = whole[:LONGEST].rstrip("\r")
        stamped = _STAMP.match(line)
        if lines and (stamped or _begins(line)):
            yield start, stamp, _joined(lines)
            lines = []
        if not lines:
            start, stamp = number, stamped[1] if stamped and stamped[1][0].isdigit() else ""
        if len(lines) < 50:
            lines.append(line)
    if lines:
        yield start, stamp, _joined(lines)


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines)[:LONGEST]


def _begins(line: str) -> bool:
    """Whether a line without a time begins a message: continuations are indented, or repeat RACF's identifier."""
    if line[:1].isspace():
        return False
    found = _ID.search(line)
    if found:
        return not _ECHO.match(found[0] + line[found.end() :]) if found[0] == "ICH408I" else True
    return any(form.search(line) for _name, form in _PHRASES)


def _of_record(record: str) -> Iterator[Message]:
    """Yield the message of a record: its first identifier, else the first phrase that stands in it."""
    first = _ID.search(record)
    if first:
        code = next((_code(record, form) for ids, form in _CODES if ids.match(first[0])), "")
        yield Message(first[0], record, code)
        return
    for name, form in _PHRASES:
        if found := form.search(record):
            yield Message(name, record, ",".join(group for group in found.groups() if group))
            return


def _code(record: str, form: re.Pattern[str]) -> str:
    found = form.search(record)
    return next((group for group in found.groups() if group), "") if found else ""


def _without_numbers(record: str) -> str:
    """Return what makes messages the same: not which thread said it, nor from which port of a client."""
    return re.sub(r"\d+", "#", record.partition("\n")[0])


def redacted(message: Message) -> Message:
    """Return a message without the secrets in its text."""
    return replace(message, text=redact.line(message.text))


def is_serious(message: Message) -> bool:
    """Whether the identifier of a message is one of an error or a warning."""
    return message.id[-1] in "EW"
