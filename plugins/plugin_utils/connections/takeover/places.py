# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Into which file each part of a change goes: where the value stands that counts; what is new goes to server.xml.

What holds already is left out, whoever says it. A file outside of the server's directory may be read by other servers,
so it is changed only where the declaration says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.change import Wanted
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.notes import (
    SHARED_FILE,
    VARIABLE,
    Note,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.uses import title
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import elements, values
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.attributes import BUILT_IN, Value
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.elements import Attribute, Element
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server

Json = dict[str, Any]
# What is left of one element, by file.
Parts = dict[str, Json]


@dataclass(frozen=True)
class Placed:
    """The elements of each file by its path, server.xml first; what is to be known of it, and who asks for them."""

    files: dict[str, list[Json]]
    notes: tuple[Note, ...] = ()
    owners: frozenset[str] = frozenset()


def placed(wanted: Sequence[Wanted], server: Server, present: Present) -> Placed:
    """Return what is asked of which file."""
    files: dict[str, list[Json]] = {server.server_xml: []}
    notes: list[Note] = []
    owners: set[str] = set()
    for want in wanted:
        placer = Placer(want, server, server.effective(), present)
        for path, element in placer.parts().items():
            files.setdefault(path, []).append(element)
            owners.add(want.owner)
        notes += placer.notes
    asked = {path: elements for path, elements in files.items() if elements}
    return Placed(asked, tuple(dict.fromkeys(notes)), frozenset(owners))


@dataclass
class Placer:
    """Finds the places of one element that is asked for in one configuration."""

    want: Wanted
    server: Server
    effective: Effective
    present: Present
    notes: list[Note] = field(default_factory=list)

    def parts(self) -> Parts:
        """Return what does not hold yet, by file."""
        element = self.want.element
        entry = elements.find(element["element"], None)
        found = self.found(element, entry)
        if element.get("state") == "absent":
            return dict.fromkeys(self._files(found, title(found)), element) if found else {}
        return self._split(element, entry, found, self.server.server_xml if found else self._home_of_new(element))

    def found(self, element: Json, entry: Element | None) -> Instance | None:
        """Return the element that is there."""
        if self.want.found:
            return self.effective.by_id(self.want.found.element, self.want.found.id)
        if entry and entry.by_id:
            return self.effective.by_id(entry.name, element.get("id") or entry.default_id)
        return self.effective.one(element["element"])

    def _home_of_new(self, element: Json) -> str:
        """Return where an element goes that has no effect yet: beside what is written of it, else to server.xml."""
        name = element["element"]

        def index() -> dict[str | None, list[str]]:
            found: dict[str | None, list[str]] = {}
            for raw in self.effective.assembly.elements.get(name, ()):
                found.setdefault(raw.id, []).append(raw.file)
            return found

        files = self.effective.once(("files", name), index).get(element.get("id") or "", [])
        return next((path for path in reversed(files) if self.is_own(path)), self.server.server_xml)

    def _split(self, want: Json, entry: Element | None, found: Instance | None, above: str) -> Parts:
        if found is None or want.get("state") == "replaced":
            is_so = _only_ends(want, entry) if found is None else _is_exactly(found, entry, want)
            return {} if is_so else {self._home(found, above): want}
        home = self._home(found, above)
        key = entry.key if entry else None
        kept = {key: want["attributes"][key]} if key and key in want.get("attributes", {}) else {}
        parts: Parts = {}
        for name, value in want.get("attributes", {}).items():
            if name not in kept:
                for path in self._attribute(found, entry, name, value, home):
                    self._part(parts, path, want, kept).setdefault("attributes", {})[name] = value
        for child in want.get("children", ()):
            for path, inner in self._child(child, entry, found, home):
                self._part(parts, path, want, kept).setdefault("children", []).append(inner)
        return parts

    def _part(self, parts: Parts, path: str, want: Json, kept: Json) -> Json:
        named: Json = {key: want[key] for key in ("element", "id") if key in want}
        return parts.setdefault(path, {**named, **({"attributes": dict(kept)} if kept else {})})

    def _child(self, want: Json, entry: Element | None, parent: Instance, home: str) -> Iterator[tuple[str, Json]]:
        inner = elements.find(want["element"], entry) if entry else None
        if inner and inner.identity == "text":
            listed = parent.get(inner.name)
            texts = [text.strip().casefold() for text in listed] if isinstance(listed, list) else []
            if want["text"].casefold() not in texts:
                yield home, want
            return
        key = inner.key if inner else None
        children = parent.children.get(inner.name if inner else want["element"])
        meant = self._of_key(children, key, want["attributes"][key]) if key and children else (children or [])[:1]
        if want.get("state") == "absent":
            for child in meant:
                yield from ((path, want) for path in self._files(child, title(child)))
            return
        for found in meant or (None,):
            yield from self._split(want, inner, found, home).items()

    def _of_key(self, children: list[Instance], key: str, value: object) -> list[Instance]:
        def index() -> dict[object, list[Instance]]:
            found: dict[object, list[Instance]] = {}
            for child in children:
                found.setdefault(child.get(key), []).append(child)
            return found

        # The list is that of one parent, and lives as long as the configuration.
        return self.effective.once(("by key", id(children), key), index).get(value, [])

    def _attribute(self, found: Instance, entry: Element | None, name: str, value: object, home: str) -> Iterator[str]:
        """Yield the files in which an attribute is to be changed; none where it is as it shall be."""
        known = entry.attributes.get(name.lower()) if entry else None
        current = found.attributes.get(known.name if known else name)
        lost = self.effective.dangling(found, known.name if known else name)
        what = f"{name} of {title(found)}"
        if value is None:
            places = [current.origin, *(text.origin for text in current.lost)] if current else []
            places += [lost.origin] if lost else []
            yield from dict.fromkeys(self._file(place, what) for place in places if place is not BUILT_IN)
        elif current is None:
            yield self._file(lost.origin, what) if lost else home
        elif not holds(known, current, values.to_text(value, what)):
            place = current.problem.origin if current.problem else current.origin
            self._variable(current, what, place)
            yield home if place is BUILT_IN else self._file(place, what)

    def _variable(self, current: Value, what: str, place: Origin) -> None:
        names = values.variables(current.written or "")
        if names:
            defined = [f"${{{name}}} ({self._defined(name)})" for name in names]
            self.notes.append(Note(VARIABLE, self.want.owner, what, _line(place), instead=several(defined, " and ")))

    def _defined(self, name: str) -> str:
        found = self.effective.assembly.variables.lookup(name)
        return str(found[1]) if found else "defined nowhere"

    def _home(self, found: Instance | None, above: str) -> str:
        """Return where what is not written yet of an element goes: to server.xml if it stands there."""
        files = [place.source for place in found.places if self.is_own(place.source)] if found else []
        if not files:
            return above
        return self.server.server_xml if self.server.server_xml in files else files[-1]

    def is_own(self, path: str) -> bool:
        """Whether a file is in the server's directory."""
        return path.startswith(f"{self.server.places.server}/")

    def _files(self, found: Instance, what: str) -> list[str]:
        return list(dict.fromkeys(self._file(place, what) for place in found.places if place is not BUILT_IN))

    def _file(self, place: Origin, what: str) -> str:
        """Return the file of a place; refuse one that others may read, unless the declaration says so."""
        path = place.source
        if self.is_own(path):
            return path
        includers = tuple(sorted(other for other, paths in self.present.neighbours.items() if path in paths))
        if not self.want.shared_files:
            others = f" ({several(includers)} too)" if includers else ""
            raise SecurityError(
                f"{self.want.owner}: {what} stands at {_line(place)}, outside of the server's directory "
                f"{self.server.places.server}, where other servers may include it{others}. Set shared_files to true, "
                "and it is changed there, for all of them; or take it out of that file and put it into server.xml."
            )
        self.notes.append(Note(SHARED_FILE, self.want.owner, path, _line(place), includers))
        return path


def _only_ends(want: Json, entry: Element | None) -> bool:
    """Whether nothing but the end of something is asked for, of an element that is not there."""
    if want.get("state") == "absent":
        return True
    key = entry.key if entry else None
    values_ = [value for name, value in want.get("attributes", {}).items() if name != key]
    children = want.get("children", [])
    inner = {child["element"]: elements.find(child["element"], entry) if entry else None for child in children}
    ends = all(_only_ends(child, inner[child["element"]]) for child in children)
    return bool(values_ or children) and all(value is None for value in values_) and ends


def _is_exactly(found: Instance, entry: Element | None, want: Json) -> bool:
    """Whether an element that is to be replaced is as it shall be."""
    known = entry.attributes if entry else {}
    current = {name.lower(): value for name, value in found.attributes.items() if value.origin is not BUILT_IN}
    asked = {name.lower(): values.to_text(value, name) for name, value in want.get("attributes", {}).items()}
    return current.keys() == asked.keys() and all(
        holds(known.get(name), current[name], text) for name, text in asked.items()
    )


def holds(known: Attribute | None, current: Value, text: str) -> bool:
    """Say whether a value is what is wanted, whoever says it."""
    value = current.value
    actual = ",".join(value) if isinstance(value, list) else values.to_text(value, "")
    return values.same(known, actual, text) or current.written == text


def _line(place: Origin) -> str:
    return f"{place.source}:{place.line}" if place.line else place.source
