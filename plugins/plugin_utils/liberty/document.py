# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One Liberty configuration file as nodes that know where they stand in the text.

expat says where each tag starts; the layout of a start tag (white space, quotes) is read when it is needed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from xml.parsers import expat

from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages
from ansible_collections.zosconnect.security.plugins.plugin_utils.codepages import Codec
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import LimitError, SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import shortened
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source

_BOMS = ((b"\xef\xbb\xbf", "UTF-8"), (b"\xff\xfe", "UTF-16LE"), (b"\xfe\xff", "UTF-16BE"))
_DECLARATION = re.compile(r"<\?xml\s[^>]*?\?>")
_ENCODING = re.compile(r"""\sencoding\s*=\s*["']([^"']*)["']""")
_VERSION = re.compile(r"""\sversion\s*=\s*["']([^"']*)["']""")
_NAME = re.compile(r"<[^\s/>]+")
_ATTRIBUTE = re.compile(r"""(\s+)([^\s=]+)(\s*=\s*)("[^"]*"|'[^']*')""")
_CLOSE = re.compile(r"(\s*)(/?>)")
_CONTINUATION = re.compile(rb"[\x80-\xbf]")
# A server.xml has some hundred elements, in some ten thousand bytes, five levels deep, with some ten attributes each.
# More than this is no configuration but an attack on whoever reads it: memory, time, the interpreter's stack.
MOST_BYTES, MOST_ELEMENTS, MOST_LEVELS, MOST_ATTRIBUTES = 16_000_000, 100_000, 50, 1000
_EBCDIC_LESS = b"\x4c"
_EBCDIC_BLANKS = b"\x40\x05\x0d\x15\x25"


@dataclass(frozen=True)
class Attribute:
    """Where an attribute of a start tag stands: [start, end) with white space before it, the value without quotes."""

    name: str
    lead: str
    equals: str
    quote: str
    start: int
    value_start: int
    value_end: int

    @property
    def end(self) -> int:
        return self.value_end + 1


@dataclass(frozen=True)
class Tag:
    """The layout of one start tag; ``close`` is the position of ``>`` or ``/>``, ``pad`` white space before it."""

    attributes: tuple[Attribute, ...]
    name_end: int
    pad: str
    close: int
    end: int
    empty: bool


_NO_CHILDREN: list[Node] = []


class Node:
    """An element: qualified name as written, attribute values as a parser gives them, children elements, position."""

    __slots__ = ("_source", "_tag", "attributes", "children", "index", "name", "parent", "start", "stop")

    def __init__(
        self, name: str, attributes: dict[str, str], start: int, parent: Node | None, index: int, source: Source
    ) -> None:
        self.name = name
        self.attributes = attributes
        self.start = start
        self.stop = start
        self.parent = parent
        # Most elements have no children, and a list for each of ten thousand is felt.
        self.children: list[Node] = _NO_CHILDREN
        self.index = index
        self._source = source
        self._tag: Tag | None = None

    @property
    def local(self) -> str:
        """The name without a namespace prefix: Liberty looks at nothing else."""
        return self.name.rpartition(":")[2]

    @property
    def closed(self) -> bool:
        """Whether the end of the element was read: in a broken file it may not have been."""
        return self.stop > self.start

    @property
    def line(self) -> int:
        return self._source.line(self.start)

    @property
    def tag(self) -> Tag:
        if self._tag is None:
            self._tag = _layout(self._source.text, self.start)
        return self._tag

    @property
    def end(self) -> int:
        """The position after the whole element."""
        return self.tag.end if self.tag.empty else self._source.text.index(">", self.stop) + 1

    @property
    def text(self) -> str:
        """The element's own text as a parser gives it: CDATA joined, comments left out, references resolved."""
        if self.tag.empty:
            return ""
        pieces: list[str] = []
        parser = _parser()
        parser.CharacterDataHandler = pieces.append
        parser.Parse(("<x>" + self._source.text[self.tag.end : self.stop] + "</x>").encode(), True)
        return "".join(pieces)

    def find_attribute(self, name: str) -> str | None:
        """Return an attribute's name as it is written here, or None.

        To Liberty attribute names have no case, except ``id``; of two spellings the later counts.
        """
        return _counting(name, tuple(self.attributes))

    def spellings(self, name: str) -> tuple[str, ...]:
        """Return all spellings of an attribute's name that are written here, in order."""
        return _spellings(name, tuple(self.attributes))

    def get(self, name: str) -> str | None:
        """Return an attribute's value, its name compared as Liberty does."""
        spelling = _counting(name, tuple(self.attributes))
        return None if spelling is None else self.attributes[spelling]

    def attribute(self, spelling: str) -> Attribute:
        """Return the layout of the attribute written ``spelling``."""
        return next(a for a in self.tag.attributes if a.name == spelling)


class DoctypeError(SecurityError):
    """A file has a DOCTYPE. Liberty follows it, other files that it names included; this collection never does."""


class Document:
    """A parsed file: its source, its root element, and all its elements in document order.

    A ``lenient`` document is for reading what Liberty makes of a file: an error is kept in ``error`` with what was read
    up to it, what follows the root element is ignored, and any root element will do.
    """

    def __init__(self, source: Source, *, lenient: bool = False) -> None:
        self.source = source
        self.nodes: list[Node] = []
        self.error: SecurityError | None = None
        self.trailing = False
        self._parse(lenient=lenient)
        if lenient:
            return
        if self.root.local != "server":
            raise SecurityError(
                f"{source.name}:{self.root.line}: the root element is <{self.root.name}>, not <server>; "
                "Liberty would ignore the file, or empty its configuration."
            )

    @property
    def root(self) -> Node:
        return self.nodes[0]

    def close(self) -> None:
        """Free the elements when nobody needs the document any more.

        Each refers to those in it and they to it, so otherwise Python would have to search for them as garbage.
        """
        for node in self.nodes:
            node.parent = None
        self.nodes.clear()

    def top(self) -> Iterator[Node]:
        """Yield the top-level elements; a ``server`` inside ``server`` is none, but its content is (observed)."""
        yield from _flat(self.root)

    def _parse(self, *, lenient: bool) -> None:
        self._begins_as_text(self.source.text)
        raw = self.source.text.encode()
        parser = _parser()
        nodes, source = self.nodes, self.source
        open_nodes: list[Node] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            index, level = len(nodes), len(open_nodes)
            if index == MOST_ELEMENTS or level > MOST_LEVELS or len(attributes) > MOST_ATTRIBUTES:
                raise self._too_much(name, parser.CurrentLineNumber, level, len(attributes))
            parent = open_nodes[-1] if level else None
            node = Node(name, attributes, parser.CurrentByteIndex, parent, index, source)
            nodes.append(node)
            open_nodes.append(node)
            if parent is None:
                return
            if parent.children:
                parent.children.append(node)
            else:
                parent.children = [node]

        def end(_name: str) -> None:
            open_nodes.pop().stop = parser.CurrentByteIndex

        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            parser.Parse(raw, True)
        except expat.ExpatError as e:
            self._keep_error(parser, raw, e, open_nodes, lenient=lenient)
        finally:
            # The parser and its handlers refer to each other, and would keep all nodes with them.
            parser.StartElementHandler = parser.EndElementHandler = parser.StartDoctypeDeclHandler = None
        self._count_characters(raw)

    def _count_characters(self, raw: bytes) -> None:
        """Turn expat's positions, which count bytes, into positions in the text."""
        if len(raw) == len(self.source.text):
            return
        continuations = [match.start() for match in _CONTINUATION.finditer(raw)]
        for node in self.nodes:
            node.start -= bisect_left(continuations, node.start)
            node.stop -= bisect_left(continuations, node.stop)

    def _too_much(self, name: str, line: int, level: int, attributes: int) -> LimitError:
        where = f"{self.source.name}:{line}"
        if attributes > MOST_ATTRIBUTES:
            what = f"<{shortened(name)}> has more than {MOST_ATTRIBUTES:,} attributes"
        elif level > MOST_LEVELS:
            what = f"elements stand more than {MOST_LEVELS} levels deep in each other"
        else:
            what = f"the file has more than {MOST_ELEMENTS:,} elements"
        return LimitError(f"{where}: {what}, which is more than is looked at; shorten the file.")

    def _doctype(self, *_name_and_ids: object) -> None:
        line = self.source.line(self.source.text.index("<!DOCTYPE"))
        raise DoctypeError(
            f"{self.source.name}:{line}: has a DOCTYPE, which this collection never edits: "
            "entities could pull in other files. Remove the DOCTYPE and write the values out."
        )

    def _keep_error(
        self, parser: expat.XMLParserType, raw: bytes, e: expat.ExpatError, open_nodes: list[Node], *, lenient: bool
    ) -> None:
        self.trailing = expat.errors.messages[e.code] == expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT
        self.error = None if self.trailing and lenient else self._broken(parser, raw, e, open_nodes)
        if self.error is not None and not lenient:
            raise self.error from e

    def _begins_as_text(self, text: str) -> None:
        """Refuse what would make expat guess another encoding than the one that the text was decoded with."""
        if "\0" in text:
            line = self.source.line(text.index("\0"))
            raise SecurityError(f"{self.source.name}:{line}: is not well-formed XML: it holds a NUL character.")
        if text.startswith("\ufeff"):
            raise SecurityError(f"{self.source.name}:1: begins with two byte order marks; remove one of them.")

    def _broken(
        self, parser: expat.XMLParserType, raw: bytes, e: expat.ExpatError, open_nodes: list[Node]
    ) -> SecurityError:
        where = self.source.line(len(raw[: max(0, parser.ErrorByteIndex)].decode(errors="ignore")))
        what = expat.errors.messages[e.code]
        if what == expat.errors.XML_ERROR_NO_ELEMENTS:
            if not open_nodes:
                return SecurityError(
                    f"{self.source.name}: has no root element; a Liberty configuration is <server>…</server>."
                )
            unclosed = open_nodes[-1]
            what = f"the file ends inside <{unclosed.name}> of line {unclosed.line}: it is cut off"
        if what == expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT:
            what = "there is something after the end of the root element; Liberty would never look at it"
        return SecurityError(f"{self.source.name}:{where}: is not well-formed XML: {what}.")


def values_of(nodes: Iterable[Node], name: str) -> Iterator[str | None]:
    """Give what Node.get gives for each of many elements: neighbours mostly have attributes of the same names."""
    for written, run in groupby(map(attrgetter("attributes"), nodes), tuple):
        spelling = _counting(name, written)
        for attributes in run:
            yield attributes[spelling] if spelling else None


# Thousands of elements have attributes of the same names.
@lru_cache(maxsize=1024)
def _counting(name: str, written: tuple[str, ...]) -> str | None:
    if name == "id":
        return "id" if "id" in written else None
    spellings = _spellings(name, written)
    return spellings[-1] if spellings else None


def _spellings(name: str, written: tuple[str, ...]) -> tuple[str, ...]:
    wanted = name.casefold()
    return tuple(
        key
        for key in written
        if key != "id" and not key.startswith("xmlns:") and key.rpartition(":")[2].casefold() == wanted
    )


def _parser() -> expat.XMLParserType:
    # The text is handed over as UTF-8 whatever the file's own encoding is; the declaration must not matter.
    return expat.ParserCreate("UTF-8")


def _flat(parent: Node) -> Iterator[Node]:
    for child in parent.children:
        if child.local == "server":
            yield from _flat(child)
        else:
            yield child


def _layout(text: str, start: int) -> Tag:
    """Read the layout of the start tag at ``start``. expat has accepted the text, so the simple patterns hold."""
    name = _NAME.match(text, start)
    if name is None:
        raise AssertionError(f"no tag at {start}")
    at = name.end()
    attributes = []
    while match := _ATTRIBUTE.match(text, at):
        lead, spelling, equals, value = match.groups()
        attributes.append(
            Attribute(spelling, lead, equals, value[0], match.start(), match.start(4) + 1, match.end() - 1)
        )
        at = match.end()
    close = _CLOSE.match(text, at)
    if close is None:
        raise AssertionError(f"no end of the tag at {start}")
    return Tag(tuple(attributes), name.end(), close[1], close.start(2), close.end(), close[2] == "/>")


def read_source(data: bytes, *, name: str, encoding: str | None = None, tag: str | None = None) -> Source:
    """Decode the bytes of an XML file as Liberty's parser does: byte order mark, else declaration, else UTF-8.

    ``encoding`` (an option) and ``tag`` (the z/OS file tag) must agree with that. Liberty looks at neither, so it
    cannot read a file that only they explain.
    """
    if len(data) > MOST_BYTES:
        raise LimitError(f"{name}: has more than {MOST_BYTES:,} bytes, which is more than is read; shorten the file.")
    bom, codec = _mark(data)
    if not data[len(bom) :].strip(b" \t\r\n\0"):
        raise SecurityError(f"{name}: is empty; a Liberty configuration is at least <server/>.")
    if _looks_ebcdic(data):
        codec = _declared_ebcdic(data, name, tag)
    elif codec is None:
        codec = _declared(data, name)
    _agree(codec, name, encoding, tag)
    source = Source.decode(data, name=name, codec=codec, bom=bom)
    _check_declaration(source)
    return source


def _mark(data: bytes) -> tuple[bytes, Codec | None]:
    for bom, name in _BOMS:
        if data.startswith(bom):
            return bom, codepages.for_name(name)
    if data[:4] == b"<\0?\0":
        return b"", codepages.for_name("UTF-16LE")
    return b"", codepages.for_name("UTF-16BE") if data[:4] == b"\0<\0?" else None


def _looks_ebcdic(data: bytes) -> bool:
    """EBCDIC's letters all lie above ASCII; its ``<`` is ASCII's L."""
    head = data[:64]
    return head.lstrip(_EBCDIC_BLANKS)[:1] == _EBCDIC_LESS and b"<" not in head and not head.isascii()


def _declared_name(head: str) -> str | None:
    declaration = _DECLARATION.match(head)
    encoding = declaration and _ENCODING.search(declaration[0])
    return encoding[1] if encoding else None


def _declared(data: bytes, name: str) -> Codec:
    declared = _declared_name(data[:400].decode("latin-1")) or "UTF-8"
    codec = codepages.for_declaration("UTF-16LE" if _utf16(declared) else declared)
    if codec is None:
        raise SecurityError(f"{name}:1: declares the encoding {declared!r}, which Liberty's parser does not know.")
    if codec.ebcdic or codec.name.startswith("UTF-16"):
        raise SecurityError(
            f"{name}:1: declares the encoding {declared!r}, but its bytes are ASCII; correct the declaration."
        )
    return codec


def _declared_ebcdic(data: bytes, name: str, tag: str | None) -> Codec:
    page = codepages.for_name("IBM-1047")
    declared = _declared_name(page.decode(data[:400])) if page else None
    codec = codepages.for_declaration(declared) if declared else None
    if codec is None or not codec.ebcdic:
        tagged = f" (its file tag is {tag!r})" if tag else ""
        says = f"declares {declared!r}" if declared else "declares no encoding"
        raise SecurityError(
            f"{name}: holds EBCDIC text but {says}{tagged}; Liberty cannot read that. Begin the file with "
            '<?xml version="1.0" encoding="IBM-1047"?> if that is its code page, or convert it to UTF-8.'
        )
    return codec


def _agree(codec: Codec, name: str, encoding: str | None, tag: str | None) -> None:
    charset = (tag or "").split()[1:2]
    tagged = charset[0] if charset and charset[0] not in ("untagged", "binary") else None
    for said, by in ((encoding, "the option encoding says"), (tagged, "its file tag says")):
        if said is None:
            continue
        meant = codepages.for_name(said)
        if meant is None and not _utf16(said):
            raise SecurityError(f"{name}: {by} {said!r}; known are {', '.join(codepages.names())}.")
        # Tools tag UTF-8 and ISO-8859-1 alike; what matters on z/OS is that neither is EBCDIC.
        alike = said is tagged and meant is not None and not meant.ebcdic and not codec.ebcdic
        if meant is not codec and not alike and not (_utf16(said) and _utf16(codec.name[:6])):
            raise SecurityError(
                f"{name}: {by} {said!r}, but Liberty will read the file as {codec.name} (byte order mark, declaration "
                "or default); make them agree."
            )


def _utf16(name: str) -> bool:
    """Say whether ``name`` is UTF-16 with whatever byte order."""
    return name.upper() == "UTF-16"


def _check_declaration(source: Source) -> None:
    declaration = _DECLARATION.match(source.text)
    if declaration is None:
        return
    version = _VERSION.search(declaration[0])
    if version and version[1] not in ("1.0", "1.1"):
        raise SecurityError(f"{source.name}:1: declares XML version {version[1]!r}; Liberty reads 1.0 and 1.1.")
    declared = _declared_name(source.text)
    if declared is None:
        return
    actual = source.codec
    if codepages.for_declaration(declared) is not actual and not (_utf16(declared) and _utf16(actual.name[:6])):
        raise SecurityError(
            f"{source.name}:1: declares the encoding {declared!r}, but the file is written in {actual.name}; correct "
            "the declaration."
        )
