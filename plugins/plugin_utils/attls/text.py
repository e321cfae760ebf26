# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bytes of a policy file in, a Source out, or one sentence that says why it is none.

The Policy Agent reads IBM-1047 unless a Codepage statement says otherwise, and knows no declaration within the file.
So the code page comes from the user, from the file tag, or is IBM-1047 on z/OS; a wrong one is recognised.
"""

from __future__ import annotations

import re

from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages
from ansible_collections.zosconnect.security.plugins.plugin_utils.codepages import Codec
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import LINE_END, Source

CODE_PAGES = ("IBM-1047", "IBM-037", "UTF-8", "ISO-8859-1")
_UTF8_MARK = b"\xef\xbb\xbf"
_PLAIN = b"\t\n\r" + bytes(range(ord(" "), ord("~") + 1))
_WRITTEN = re.compile(r"[^\r\n]+")
_NUMBERED = re.compile(r".{72}\d{8}")
# How the Configuration Assistant signs what it exports: its name in a comment.
_EXPORTED = re.compile(r"^[^\S\r\n]*#.*\bConfiguration Assistant\b", re.IGNORECASE)


def codec(name: str, where: str = "encoding") -> Codec:
    """Return the code page of an option; ``where`` is its path for messages."""
    found = codepages.for_name(name)
    if found is None or found.name not in CODE_PAGES:
        raise SecurityError(f"{where}: {name!r} is none of the code pages of policy files: {', '.join(CODE_PAGES)}.")
    return found


def read_source(data: bytes, *, name: str, encoding: str | None = None, tag: str | None = None) -> Source:
    """Decode a policy file: ``encoding`` (an option), else its ``tag``, else IBM-1047 on z/OS, else UTF-8.

    ``tag`` is what ``chtag -p`` says of it; only z/OS has tags. Raises SecurityError for what is no text of that code
    page, and for line numbers in columns 73 to 80.
    """
    if b"\0" in data:
        raise SecurityError(f"{name}: is no text: it holds zero bytes; name the policy file.")
    page = codec(encoding) if encoding else _default(tag, name)
    _agree(page, tag, name)
    _recognise(data, page, name, encoding)
    bom = _UTF8_MARK if page.name == "UTF-8" and data.startswith(_UTF8_MARK) else b""
    source = Source.decode(data, name=name, codec=page, bom=bom)
    _no_line_numbers(source)
    return source


def _default(tag: str | None, name: str) -> Codec:
    if tag is None:
        return codec("UTF-8")
    charset = tag.split()[1] if len(tag.split()) > 1 else "untagged"
    if charset == "binary":
        raise SecurityError(f"{name}: its file tag says that it is binary; correct the tag, or give its encoding.")
    return codec("IBM-1047" if charset == "untagged" else charset, f"{name}: file tag")


def _agree(page: Codec, tag: str | None, name: str) -> None:
    """A tag that names another code page than the option: one of the two is wrong."""
    charset = tag.split()[1] if tag and len(tag.split()) > 1 else "untagged"
    tagged = codepages.for_name(charset)
    if tagged and tagged.name != page.name:
        raise SecurityError(
            f"encoding: says {page.name}, but the file tag of {name} says {charset}; correct one of them."
        )


def _recognise(data: bytes, page: Codec, name: str, encoding: str | None) -> None:
    """Refuse text of the other family: EBCDIC that is read as ASCII is letters and signs without any sense."""
    family = "encoding" if encoding else "its file tag, or the lack of one,"
    plain = not data.translate(None, _PLAIN)
    if page.ebcdic and data.strip() and plain:
        raise SecurityError(
            f"{name}: is ASCII text, but {family} says {page.name}; the Policy Agent would read nonsense. "
            "Set encoding to UTF-8, or convert the file."
        )
    if not page.ebcdic and not plain and looks_ebcdic(data):
        raise SecurityError(f"{name}: is EBCDIC text, but would be read as {page.name}; set encoding to IBM-1047.")


def looks_ebcdic(data: bytes) -> bool:
    """Say whether these bytes are plain text when taken for IBM-1047, and more so than when taken for ASCII."""
    text = data.decode("cp037")
    plain = sum(char in "\t\x85\n\r" or " " <= char <= "~" for char in text)
    ascii_letters = sum(65 <= byte <= 122 for byte in data)
    return plain > 0.98 * len(text) and ascii_letters < 0.6 * len(text) and b"\n" not in data


def _no_line_numbers(source: Source) -> None:
    lines = (line[0] for line in _WRITTEN.finditer(source.text) if line[0].strip())
    first = next(lines, None)
    if first is not None and _NUMBERED.fullmatch(first) and all(map(_NUMBERED.fullmatch, lines)):
        raise SecurityError(
            f"{source.name}: holds line numbers in columns 73 to 80; the Policy Agent would take them for text. "
            "Remove them (UNNUM, then NUMBER OFF)."
        )


def exported(text: str) -> int | None:
    """Return the line that says that the z/OSMF Configuration Assistant made this file; None where none does."""
    numbers = (number for number, line in enumerate(LINE_END.split(text), 1) if _EXPORTED.match(line))
    return next(numbers, None)
