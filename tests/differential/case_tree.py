# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A case as a tree of elements for each file, so that it can be made smaller element by element, and its bytes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

NEWLINES = ("\n", "\r\n", "\r")
ENCODINGS = (
    ("utf-8", "", b""),
    ("utf-8", '<?xml version="1.0" encoding="UTF-8"?>', b""),
    ("utf-8", "", b"\xef\xbb\xbf"),
    ("utf-16-le", '<?xml version="1.0" encoding="UTF-16"?>', b"\xff\xfe"),
    ("latin-1", '<?xml version="1.0" encoding="ISO-8859-1"?>', b""),
    ("cp1252", '<?xml version="1.0" encoding="windows-1252"?>', b""),
)


@dataclass
class Element:
    """One element of a file; ``children`` are elements, texts, and comments (an Element named ``!``)."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    def elements(self) -> Iterator[Element]:
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.elements()


@dataclass
class File:
    """One XML file: its root element and how it is written; ``cut`` breaks it after so many top-level elements."""

    root: Element
    encoding: int = 0
    newline: int = 0
    broken: bool = False

    def render(self) -> bytes:
        codec, declaration, bom = ENCODINGS[self.encoding]
        text = f"{declaration}\n{_render(self.root, 0)}" if declaration else _render(self.root, 0)
        if self.broken:
            text = text[: text.rindex("</")] if "</" in text else text.replace("/>", "><")
        return bom + text.replace("\n", NEWLINES[self.newline]).encode(codec, "xmlcharrefreplace")


@dataclass
class Case:
    """A server directory: XML files and plain ones by their path in it; ``outside`` are those it is started with."""

    number: int
    files: dict[str, File] = field(default_factory=dict)
    plain: dict[str, str] = field(default_factory=dict)
    outside: dict[str, str] = field(default_factory=dict)

    def render(self) -> dict[str, bytes]:
        """Return all files as bytes, by their path in the server directory."""
        return {path: file.render() for path, file in self.files.items()} | {
            path: text.encode() for path, text in self.plain.items()
        }

    def copy(self) -> Case:
        return copy.deepcopy(self)


def _render(element: Element, depth: int) -> str:
    if element.name == "!":
        return f"<!-- {element.attributes['text']} -->"
    attributes = "".join(f" {name}={_quote(value)}" for name, value in element.attributes.items())
    if not element.children:
        return f"<{element.name}{attributes}/>"
    indent = "" if any(isinstance(child, str) for child in element.children) else "\n" + "  " * (depth + 1)
    inner = "".join(
        indent + (_text(child) if isinstance(child, str) else _render(child, depth + 1)) for child in element.children
    )
    return f"<{element.name}{attributes}>{inner}{indent[:-2]}</{element.name}>"


def _quote(value: str) -> str:
    if '"' in value or len(value) % 3 == 0:
        return "'" + escape(value, {"'": "&apos;"}) + "'"
    return '"' + escape(value, {'"': "&quot;"}) + '"'


def _text(value: str) -> str:
    return f"<![CDATA[{value}]]>" if len(value) % 5 == 4 else escape(value)
