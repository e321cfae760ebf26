# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many files become one sequence of elements: drop-ins, server.xml, includes, variables, as Liberty reads them.

Rules: Open Liberty, observed (25.0.0.6, 26.0.0.3); the documentation on configuration says the same of the order.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ansible_collections.zosconnect.security.plugins.module_utils.following import path_of
from ansible_collections.zosconnect.security.plugins.plugin_utils import garbage
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import LimitError, SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.files import Files
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several, shortened
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import document as documents
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import outside as outsides
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import problems
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import raw as raws
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import (
    DoctypeError,
    Document,
    Node,
    read_source,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.outside import Places
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.problems import Problem
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.raw import Raw
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import (
    BrokenXml,
    Definition,
    Origin,
    Outer,
    Refused,
    Variables,
)

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
# A file counts as often as it is included: thirty files that include the next one twice are a thousand million.
MOST_BYTES, MOST_ELEMENTS = 2 * documents.MOST_BYTES, documents.MOST_ELEMENTS
# Includes in includes.
MOST_LEVELS = 20
DEFAULTS, OVERRIDES = "configDropins/defaults", "configDropins/overrides"


@dataclass
class Assembly:
    """All elements of a server in the order in which Liberty reads them, its variables, and what went wrong.

    ``read`` are the documents, ``texts`` what stands in them, ``absent`` the includes (a directory ends in a slash) for
    which nothing was there, ``included_folders`` the included directories, ``folders`` those of variables.
    """

    elements: dict[str, list[Raw]] = field(default_factory=dict)
    variables: Variables = field(default_factory=lambda: Variables(Outer()))
    problems: list[Problem] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list, repr=False)
    absent: list[str] = field(default_factory=list)
    included_folders: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    refused: str | None = None
    refused_code: str | None = None


@garbage.kept()
def assemble(files: Files, places: Places, outer: Outer, *, server_xml: str | None = None) -> Assembly:
    """Read a server's configuration.

    ``outer`` holds what the caller knows; the server's own bootstrap.properties, server.env and variables directory are
    read here and added. ``server_xml`` names another file than the server's own. ``refused`` says why Liberty refuses
    it as a whole, ``refused_code`` by which message.
    """
    outside = outsides.read(files, places, outer)
    assembly = Assembly(
        variables=Variables(outside.variables),
        problems=outside.problems,
        absent=outside.absent,
        folders=outside.folders,
        refused=outside.refused,
    )
    if assembly.refused is not None:
        return assembly
    reader = _Reader(files, places, assembly)
    try:
        reader.dropins(DEFAULTS)
        reader.main(server_xml or f"{places.server}/server.xml")
        if not reader.overrides_lost:
            reader.dropins(OVERRIDES)
    except Refused as e:
        reader.assembly.refused, reader.assembly.refused_code = str(e), e.code
    bootstrap = Origin(f"{places.server}/bootstrap.properties")
    for name in sorted(outside.deep & assembly.variables.xml.keys()):
        assembly.problems.append(Problem(problems.ORDER, bootstrap, attribute=name, value=problems.BOOT_LEVELS))
    return reader.assembly


def _too_deep(path: str) -> LimitError:
    return LimitError(
        f"{path}: is included more than {MOST_LEVELS} levels deep, which is more than is followed, so the "
        "configuration was not evaluated; include the file where it is needed."
    )


class _Reader:
    """Reads documents one after the other and collects what is in them."""

    def __init__(self, files: Files, places: Places, assembly: Assembly) -> None:
        self.files = files
        self.places = places
        self.assembly = assembly
        self.overrides_lost = False
        self._chain: list[str] = []
        self._modes: list[str] = []
        self._in_dropin = False
        self._tolerated = 0
        self._bytes = self._elements = 0

    def main(self, path: str) -> None:
        """Read server.xml; Liberty refuses everything if it, or what it includes, is broken."""
        if self.files.read(path) is None:
            raise Refused(f"{path}: does not exist or cannot be read, so the server has no configuration.")
        self._in_dropin = False
        self._document(path, raws.MERGE)

    def dropins(self, folder: str) -> None:
        """Read the drop-ins of a directory; a broken one counts up to its error, the others as a whole."""
        path = f"{self.places.server}/{folder}"
        self._in_dropin = True
        for name in sorted(self.files.list(path) or (), key=str.lower):
            if name.lower().endswith(".xml"):
                self._dropin(f"{path}/{name}")

    def _dropin(self, path: str) -> None:
        try:
            self._document(path, raws.MERGE)
        except (Refused, LimitError):
            raise
        except SecurityError as e:
            self._chain.clear()
            self._modes.clear()
            self._note(Problem(problems.DROPIN_BROKEN, Origin(path), reason=str(e), code="CWWKG0014E"))

    def _note(self, problem: Problem) -> None:
        self.assembly.problems.append(problem)

    def _tolerate(self, problem: Problem) -> None:
        """Note an error after which Liberty reads on, but not the rest of a directory, and no overrides."""
        self._tolerated += 1
        if not self._in_dropin:
            self.overrides_lost = True
            problem = replace(problem, are_overrides_lost=True)
        self._note(problem)

    def _document(self, path: str, mode: str) -> bool:
        """Read one document; return False if Liberty will not go on in the directory in which it stands."""
        self.assembly.read.append(path)
        before = self._tolerated
        try:
            document, error = self._parse(path)
        except DoctypeError as e:
            self._note(Problem(problems.DOCTYPE, Origin(path), reason=str(e)))
            return True
        if document.nodes and document.root.local != "server":
            self._wrong_root(document)
            return self._tolerated == before
        self._chain.append(path)
        self._modes.append(mode)
        self._nested(document)
        for node in document.top() if document.nodes else ():
            if node.closed:
                self._element(node)
        if error is not None:
            raise error
        self._chain.pop()
        self._modes.pop()
        return self._tolerated == before

    def _parse(self, path: str) -> tuple[Document, SecurityError | None]:
        data = self.files.read(path) or b""
        try:
            document = Document(read_source(data, name=path), lenient=True)
        except (DoctypeError, LimitError):
            raise
        except SecurityError as e:
            if self._in_dropin:
                raise
            raise BrokenXml(f"{e} Liberty refuses the whole configuration over that.") from e
        self.assembly.texts.append(document.source.text)
        self._count(path, len(data), len(document.nodes))
        if document.trailing:
            self._note(Problem(problems.AFTER_THE_END, Origin(path)))
        if document.error is not None and not self._in_dropin:
            raise BrokenXml(f"{document.error} Liberty refuses the whole configuration over that.")
        return document, document.error

    def _count(self, path: str, size: int, elements: int) -> None:
        self._bytes += size
        self._elements += elements
        if self._bytes > MOST_BYTES or self._elements > MOST_ELEMENTS:
            raise LimitError(
                f"{path}: with this file the configuration has more than {MOST_ELEMENTS:,} elements or {MOST_BYTES:,} "
                "bytes, each file counted as often as it is included, which is more than is looked at, so it was not "
                "evaluated; look for files that are included again and again."
            )

    def _wrong_root(self, document: Document) -> None:
        root = document.root
        first = not self._in_dropin and not self._chain
        origin = Origin(document.source.name, root.line)
        problem = Problem(problems.WRONG_ROOT, origin, element=root.name, is_first_document=first)
        if root.local == "client":
            self._note(problem)
        else:
            self._tolerate(replace(problem, code="CWWKG0105E"))

    def _element(self, node: Node) -> None:
        if node.local == "include":
            self._include(node)
        elif node.local == "variable":
            self._variable(node)
        else:
            element = raws.from_node(node, tuple(self._chain), tuple(self._modes))
            self.assembly.elements.setdefault(node.local, []).append(element)

    def _nested(self, document: Document) -> None:
        """Note each ``server`` inside ``server``: Liberty says that it ignores it, but what is in it counts."""
        for node in document.root.children if document.nodes else ():
            if node.local == "server":
                origin = Origin(document.source.name, node.line)
                self._note(Problem(problems.NESTED_SERVER, origin, "server", code="CWWKG0085W"))

    def _variable(self, node: Node) -> None:
        name, value, default = (node.attributes.get(key) for key in ("name", "value", "defaultValue"))
        origin = Origin(self._chain[-1], node.line)
        if name is None or (value is None and default is None):
            missing = "name" if name is None else "value or defaultValue"
            code = "CWWKG0091E" if name is None else "CWWKG0092E"
            self._tolerate(Problem(problems.VARIABLE_INCOMPLETE, origin, "variable", name, expected=missing, code=code))
            return
        # Unlike elements, variables know only the mode of the innermost include.
        if self._modes[-1] == raws.IGNORE and name in self.assembly.variables.xml:
            return
        self.assembly.variables.xml[name] = Definition(value, default, origin)

    def _include(self, node: Node) -> None:
        origin = Origin(self._chain[-1], node.line)
        location = node.attributes.get("location")
        if location is None:
            self._tolerate(Problem(problems.INCLUDE_WITHOUT_LOCATION, origin, "include", code="CWWKG0089E"))
            return
        mode = self._include_mode(node, origin)
        try:
            resolved, _used = self.assembly.variables.resolve(location)
        except LimitError as e:
            raise LimitError(f"{origin}: {e}") from e
        optional = node.attributes.get("optional", "").lower() == "true"
        if _URL.match(resolved) and not resolved.lower().startswith("file:"):
            self._note(Problem(problems.UNSEEN, origin, "include", value=resolved))
            return
        path = path_of(resolved, posixpath.dirname(self._chain[-1]))
        if path.endswith("/") and resolved != resolved.rstrip():
            self._blank_folder(path, origin, optional=optional)
        else:
            self._read_include(path, mode, origin, optional=optional)

    def _include_mode(self, node: Node, origin: Origin) -> str:
        """The mode of an include: its own, else that of the include that brought its file."""
        given = node.attributes.get("onConflict")
        if given is None:
            return self._modes[-1]
        if given.upper() in (raws.MERGE, raws.REPLACE, raws.IGNORE):
            return given.upper()
        self._note(Problem(problems.INCLUDE_MODE, origin, "include", value=given, code="CWWKG0094W"))
        return raws.MERGE

    def _read_include(self, path: str, mode: str, origin: Origin, *, optional: bool) -> None:
        if path.endswith("/"):
            self._include_folder(path, mode, origin, optional=optional)
        elif self.files.read(path) is not None:
            self._include_file(path, mode, origin)
        elif self.files.is_folder(path):
            raise Refused(
                f"{origin}: includes the directory {path} without a slash at its end; "
                "Liberty refuses the whole configuration over that."
            )
        else:
            self._missing(path, origin, optional=optional)

    def _include_folder(self, path: str, mode: str, origin: Origin, *, optional: bool) -> None:
        self.assembly.included_folders.append(path)
        names = self.files.list(path)
        if names is None:
            self._missing(path, origin, optional=optional)
            return
        others = [name for name in self.files.names(path) if "/" not in name and not name.lower().endswith(".xml")]
        if others:
            told = several([*map(shortened, sorted(others))])
            self._note(Problem(problems.INCLUDE_OTHERS, origin, "include", value=path, reason=told))
        for name in sorted(names, key=str.lower):
            if name.lower().endswith(".xml") and not self._include_file(posixpath.join(path, name), mode, origin):
                break

    def _blank_folder(self, path: str, origin: Origin, *, optional: bool) -> None:
        """Of a directory with a blank behind it Liberty finds no file: it looks for each behind the blank."""
        names = self.files.list(path)
        found = sorted((name for name in names or () if name.lower().endswith(".xml")), key=str.lower)
        if names is None or found:
            self._missing(f"{path} {found[0]}" if found else path, origin, optional=optional)

    def _include_file(self, path: str, mode: str, origin: Origin) -> bool:
        path = posixpath.normpath(path)
        if path in self._chain:
            chain = " includes ".join([*self._chain[self._chain.index(path) :], path])
            self._note(Problem(problems.INCLUDE_CYCLE, origin, "include", value=chain, code="CWWKG0042W"))
            return True
        if len(self._chain) > MOST_LEVELS:
            raise _too_deep(path)
        return self._document(path, mode)

    def _missing(self, path: str, origin: Origin, *, optional: bool) -> None:
        self.assembly.absent.append(path)
        if path in self.files.unseen:
            self._note(Problem(problems.UNSEEN, origin, "include", value=path, reason=self.files.unseen[path]))
            return
        if not optional:
            self._tolerate(Problem(problems.INCLUDE_MISSING, origin, "include", value=path, code="CWWKG0090E"))


def relative(mapping: Mapping[str, bytes], server: str) -> dict[str, bytes]:
    """Return ``mapping`` with its relative names put below the directory ``server``."""
    return {posixpath.normpath(posixpath.join(server, name)): data for name, data in mapping.items()}
