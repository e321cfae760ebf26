# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text with positions: decoded once, proved to encode back to the same bytes, changed only by splices."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, count
from operator import add

from ansible_collections.zosconnect.security.plugins.plugin_utils.codepages import Codec
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

# So often a line is looked for in the text before all lines are known.
_FEW = 16
LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, order=True)
class Splice:
    """Replace the characters [start, end) of a text by ``text``; an insertion where start == end."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Source:
    """One file: ``name`` for messages, its text without the byte order mark, and how it is encoded."""

    name: str
    text: str
    codec: Codec
    bom: bytes = b""
    _asked: Iterator[int] = field(default_factory=count, init=False, repr=False, compare=False)

    @classmethod
    def decode(cls, data: bytes, *, name: str, codec: Codec, bom: bytes = b"") -> Source:
        """Decode ``data``; refuse what does not decode, or what would not encode back to the same bytes."""
        body = data[len(bom) :]
        try:
            text = codec.decode(body)
        except UnicodeDecodeError as e:
            line = len(re.findall(rb"\r\n|\r|\n", body[: e.start])) + 1
            raise SecurityError(
                f"{name}:{line}: the byte at offset {e.start + len(bom)} is not {codec.name}; "
                "correct the file's encoding or its declaration."
            ) from e
        if codec.encode(text) != body:
            raise SecurityError(
                f"{name}: cannot be written back as {codec.name} without changing bytes, so it is left alone."
            )
        return cls(name, text, codec, bom)

    @property
    def data(self) -> bytes:
        """The bytes that this source stands for."""
        return self.bom + self.codec.encode(self.text)

    @cached_property
    def line_starts(self) -> list[int]:
        """The position at which each line starts; LF, CRLF and lone CR end a line."""
        lines = self.lf.split("\n")
        return [0, *map(add, accumulate(map(len, lines[:-1])), count(1))]

    @cached_property
    def lf(self) -> str:
        """The text with LF for every line end, all characters at the same positions: a CR before an LF is a blank."""
        return self.text.replace("\r\n", " \n").replace("\r", "\n") if "\r" in self.text else self.text

    def line(self, position: int) -> int:
        """Return the number, from 1, of the line that holds ``position``."""
        if self._is_asked_often():
            return bisect_right(self.line_starts, position)
        return self.lf.count("\n", 0, position) + 1

    def line_start(self, position: int) -> int:
        """Return where the line that holds ``position`` starts."""
        if self._is_asked_often():
            return self.line_starts[self.line(position) - 1]
        return self.lf.rfind("\n", 0, position) + 1

    def line_end(self, position: int) -> int:
        """Return where the line that holds ``position`` ends, behind its line end."""
        if self._is_asked_often():
            number = self.line(position)
            return self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.lf.find("\n", position) + 1 or len(self.text)

    def newline(self, position: int) -> str:
        """Return the line end used nearest to ``position``: the one before it, else the first of the file, else LF."""
        start = self.line_start(position) or self.line_end(0)
        end = self.text[start - 1 : start]
        if end not in ("\r", "\n"):
            return "\n"
        return "\r\n" if self.text[start - 2 : start] == "\r\n" else end

    def _is_asked_often(self) -> bool:
        """Say whether it is quicker to know all lines than to look for one."""
        return "line_starts" in self.__dict__ or next(self._asked) >= _FEW

    def splice(self, splices: Iterable[Splice]) -> Source:
        """Return this source with ``splices`` done; insertions at one place appear in the order in which they come."""
        parts: list[str] = []
        done = 0
        for splice in sorted(splices, key=lambda s: (s.start, s.end)):
            if splice.start < done:
                raise AssertionError(f"{self.name}: two splices overlap at {splice.start}")
            parts += (self.text[done : splice.start], splice.text)
            done = splice.end
        text = "".join([*parts, self.text[done:]])
        if not self.codec.can_hold(text):
            raise SecurityError(
                f"{self.name}: the new text cannot be written in this file's encoding {self.codec.name}."
            )
        return Source(self.name, text, self.codec, self.bom)
