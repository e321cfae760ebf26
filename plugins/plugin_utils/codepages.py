# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Code pages by the names that XML declarations and z/OS file tags use for them.

The EBCDIC pages are Java's, because Java reads the files (tested byte by byte against a JDK). Text files of z/OS end
their lines with 0x15, a line feed for Java. In IBM-037 0x25 is one as well; since it cannot be told apart afterwards, a
file that holds it does not encode back to its bytes and is refused.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass

_037_MOVES = {0x15: "\n", 0x25: "\n"}
# IBM-1047 against IBM-037: the line ends, and the six characters that stand elsewhere (IBM Character Data
# Representation Architecture).
_1047_MOVES = {0x15: "\n", 0x25: "\x85", 0xAD: "[", 0xBD: "]", 0x5F: "^", 0xB0: "¬", 0xBA: "Ý", 0xBB: "¨"}


@dataclass(frozen=True)
class Codec:
    """A stateless code page: what it is called and both directions."""

    name: str
    decode: Callable[[bytes], str]
    encode: Callable[[str], bytes]
    ebcdic: bool = False

    def can_hold(self, text: str) -> bool:
        """Say whether every character of ``text`` exists in this code page."""
        try:
            self.encode(text)
        except UnicodeEncodeError:
            return False
        return True


def _python(name: str, codec: str) -> Codec:
    return Codec(name, lambda data: data.decode(codec), lambda text: text.encode(codec))


def _ebcdic(name: str, moves: dict[int, str]) -> Codec:
    table = list(bytes(range(256)).decode("cp037"))
    for byte, char in moves.items():
        table[byte] = char
    page = "".join(table)
    # Of two bytes for one character the lower one is written; U+FFFE is none for charmap_build.
    back = codecs.charmap_build("".join("\ufffe" if char in page[:at] else char for at, char in enumerate(page)))

    def encode(text: str) -> bytes:
        return codecs.charmap_encode(text, "strict", back)[0]

    return Codec(name, lambda data: data.decode("latin-1").translate(page), encode, ebcdic=True)


_CODECS = {
    "UTF-8": _python("UTF-8", "utf-8"),
    "UTF-16LE": _python("UTF-16LE", "utf-16-le"),
    "UTF-16BE": _python("UTF-16BE", "utf-16-be"),
    "ISO-8859-1": _python("ISO-8859-1", "latin-1"),
    "US-ASCII": _python("US-ASCII", "ascii"),
    "WINDOWS-1252": _python("windows-1252", "cp1252"),
    "IBM-1047": _ebcdic("IBM-1047", _1047_MOVES),
    "IBM-037": _ebcdic("IBM-037", _037_MOVES),
}
# Spellings that Java's XML parser knows (liberty: IBM-037 and UTF8 are refused there, so they are not listed).
_JAVA_SPELLINGS = {
    "IBM1047": "IBM-1047",
    "CP1047": "IBM-1047",
    "IBM037": "IBM-037",
    "IBM-819": "ISO-8859-1",
    "CP037": "IBM-037",
    "LATIN1": "ISO-8859-1",
    "ASCII": "US-ASCII",
}
_JAVA_REFUSES = {"IBM-037"}
# Spellings of file tags.
_TAG_SPELLINGS = {"ISO8859-1": "ISO-8859-1", "UTF8": "UTF-8"}


def for_declaration(name: str) -> Codec | None:
    """Return the code page that an XML declaration names; None if Java's parser does not understand the name."""
    key = name.upper()
    return None if key in _JAVA_REFUSES else _CODECS.get(_JAVA_SPELLINGS.get(key, key))


def for_name(name: str) -> Codec | None:
    """Return the code page that an option or a file tag names, in any usual spelling."""
    key = name.upper()
    return _CODECS.get(_TAG_SPELLINGS.get(key, _JAVA_SPELLINGS.get(key, key)))


def names() -> list[str]:
    """Return the names that ``for_name`` surely knows."""
    return sorted(_CODECS)
