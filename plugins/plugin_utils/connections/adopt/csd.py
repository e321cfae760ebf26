# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client URIMAPs in a listing of DFHCSDUP: they tell who does TLS at the side of CICS.

Source: IBM CICS TS, "DFHCSDUP LIST command" (with OBJECTS all attributes are listed) and "URIMAP attributes".

UNCONFIRMED: how a listing is laid out. Only KEYWORD(VALUE) is relied on, in which a definition begins with the type and
the name, and its GROUP follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Each part is bounded, so that a listing of nothing but letters or blanks costs no more than its length.
_WORD = re.compile(
    r"(?<![A-Z0-9])([A-Z][A-Z0-9]{0,19})[ \t]{0,20}\([ \t]{0,20}([^()\n]{0,255})\)", re.IGNORECASE | re.ASCII
)


@dataclass(frozen=True)
class UriMap:
    """A client URIMAP; ``line`` is that of its name in the listing."""

    name: str
    line: int
    attributes: dict[str, str]

    @property
    def port(self) -> int | None:
        written = self.attributes.get("PORT", "")
        return int(written) if re.fullmatch(r"[0-9]{1,5}", written) else None

    @property
    def host(self) -> str | None:
        return self._of("HOST", r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,114}[A-Za-z0-9])?")

    @property
    def group(self) -> str | None:
        return self._of("GROUP", r"[A-Z0-9@#$]{1,8}")

    @property
    def certificate(self) -> str | None:
        """The label of the certificate that CICS shows."""
        return self._of("CERTIFICATE", r"[A-Za-z0-9@#$._/-]([A-Za-z0-9@#$._/ -]{0,30}[A-Za-z0-9@#$._/-])?")

    def _of(self, word: str, pattern: str) -> str | None:
        found = self.attributes.get(word, "")
        return found if re.fullmatch(pattern, found) else None

    @property
    def is_https(self) -> bool:
        return self.attributes.get("SCHEME", "").upper() == "HTTPS"


def clients(listing: str) -> list[UriMap]:
    """Return the URIMAPs for calls by CICS programs."""
    return [one for one in _definitions(listing) if one.attributes.get("USAGE", "").upper() == "CLIENT"]


def _definitions(listing: str) -> Iterator[UriMap]:
    words = list(_WORD.finditer(listing))
    begins = [
        number
        for number, word in enumerate(words[:-1])
        if words[number + 1][1].upper() == "GROUP" and word[1].upper() != "LIST"
    ]
    lines = _Lines(listing)
    for begin, end in zip(begins, [*begins[1:], len(words)], strict=False):
        kind, name = words[begin][1].upper(), words[begin][2].strip()
        if kind == "URIMAP" and name:
            found = {word[1].upper(): word[2].strip() for word in reversed(words[begin + 1 : end])}
            yield UriMap(name, lines.of(words[begin].start()), found)


class _Lines:
    """Tells in which line a place is; places come in order."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._line = text, 0, 1

    def of(self, place: int) -> int:
        self._line += self._text.count("\n", self._at, place)
        self._at = place
        return self._line
