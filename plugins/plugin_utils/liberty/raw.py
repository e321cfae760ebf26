# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Elements as Liberty's parser keeps them, and how it merges those that are one.

Nothing is known of types here: an attribute is one text, or a list of what stood in child elements of its name.
Attribute names have no case. Rules: Open Liberty, observed (25.0.0.6, 26.0.0.3); several levels of include go by the
order in ``merge``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import Node
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin, Refused

MERGE, REPLACE, IGNORE = "MERGE", "REPLACE", "IGNORE"


class Text(NamedTuple):
    """One text as it is written, and where. ``lost`` are the texts that this one overrules."""

    text: str
    origin: Origin
    lost: tuple[Text, ...] = ()


class Reference(NamedTuple):
    """A child ``<name ref="id"/>``."""

    id: str
    origin: Origin


Item = "Text | Reference | Raw"


class Attribute(NamedTuple):
    """What stands under one name: one ``text`` with its origin, or ``items`` from child elements."""

    spelling: str
    text: str | None = None
    origin: Origin | None = None
    lost: tuple[Text, ...] = ()
    items: tuple[Text | Reference | Raw, ...] = ()

    @property
    def scalar(self) -> Text | None:
        """The text as one object; it is made when it is asked for, because most are not."""
        return None if self.text is None or self.origin is None else Text(self.text, self.origin, self.lost)


@dataclass(slots=True)
class Raw:
    """One element. ``files`` is the chain of documents that leads to it, ``modes`` how each was included."""

    name: str
    id: str | None
    origin: Origin
    files: tuple[str, ...]
    modes: tuple[str, ...]
    mode: str = MERGE
    attributes: dict[str, Attribute] = field(default_factory=dict)
    setting: frozenset[str] = frozenset()
    places: tuple[Origin, ...] = ()

    @property
    def file(self) -> str:
        return self.files[-1]

    @property
    def last(self) -> Origin:
        """The last place that made the element, never what is built in where a file names it."""
        return self.places[-1] if self.places else self.origin

    def get(self, name: str) -> Attribute | None:
        return self.attributes.get(name.lower())

    def children(self, name: str) -> Iterator[Raw]:
        """Yield the nested elements of a name."""
        found = self.get(name)
        yield from (item for item in (found.items if found else ()) if isinstance(item, Raw))


def from_node(node: Node, files: tuple[str, ...], modes: tuple[str, ...]) -> Raw:
    """Read an element and everything in it."""
    origin = Origin(files[-1], node.line)
    raw = Raw(node.local, node.attributes.get("id"), origin, files, modes, modes[-1], places=(origin,))
    written = node.attributes
    raw.attributes = {
        key: Attribute(shown, written[spelling], origin) for key, shown, spelling in _written(tuple(written))
    }
    if node.children:
        _read_children(raw, node)
    return raw


def _read_children(raw: Raw, node: Node) -> None:
    files, modes = raw.files, raw.modes
    items: dict[str, list[Text | Reference | Raw]] = {}
    for child in node.children:
        local, key = _local(child.name)
        present = raw.attributes.get(key)
        if present is None:
            present = raw.attributes[key] = Attribute(local)
        if present.text is not None:
            raise _both_ways(present, Origin(files[-1], child.line))
        if child.attributes.get("merge-op") == "set":
            raw.setting |= {key}
        items.setdefault(key, []).append(_item(child, files, modes))
    for key, found in items.items():
        raw.attributes[key] = Attribute(raw.attributes[key].spelling, items=tuple(found))


@lru_cache(maxsize=1024)
def _written(spellings: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    """Return how each attribute of an element is compared, how it is first spelled, and the spelling that counts: the
    last. Thousands of elements have the same attributes.
    """
    found: dict[str, tuple[str, str, str]] = {}
    for spelling in spellings:
        if not spelling.startswith("xmlns"):
            local, key = _local(spelling)
            found[key] = (key, found[key][1] if key in found else local, spelling)
    return tuple(found.values())


@lru_cache(maxsize=1024)
def _local(name: str) -> tuple[str, str]:
    """Return a name without a namespace prefix, and how it is compared."""
    local = name.rpartition(":")[2]
    return local, local.lower()


def _item(child: Node, files: tuple[str, ...], modes: tuple[str, ...]) -> Text | Reference | Raw:
    """Return a child as a text, a reference or an element."""
    attributes = child.attributes
    if "merge-op" in attributes or not (attributes or child.children):
        text = "" if child.children else child.text
        if "merge-op" in attributes or text:
            return Text(text, Origin(files[-1], child.line))
    inner = from_node(child, files, modes)
    reference = inner.attributes.get("ref")
    return inner if reference is None or reference.text is None else Reference(reference.text, inner.origin)


def _both_ways(attribute: Attribute, child: Origin) -> Refused:
    at = attribute.origin or child
    return Refused(
        f"{child}: {attribute.spelling} is given as a child element, and at {at} as an attribute; "
        "Liberty refuses the whole configuration over that. Keep one of them."
    )


@dataclass(slots=True)
class _Growing:
    """An ``Attribute`` while its element is merged: putting something before or behind what is there copies nothing."""

    spelling: str
    scalar: Text | None
    lost: deque[Text]
    items: deque[Text | Reference | Raw]

    @classmethod
    def of(cls, attribute: Attribute) -> _Growing:
        scalar = attribute.scalar
        return cls(attribute.spelling, scalar, deque(attribute.lost), deque(attribute.items))

    def done(self) -> Attribute:
        if self.scalar is None:
            return Attribute(self.spelling, items=tuple(self.items))
        return Attribute(self.spelling, self.scalar.text, self.scalar.origin, tuple(self.lost), tuple(self.items))

    def overrule(self, new: Text) -> None:
        """Let another text count."""
        if self.scalar is None:
            self.lost.extend(item for item in self.items if isinstance(item, Text))
            self.items.clear()
        else:
            self.lost.append(self.scalar._replace(lost=()))
        self.lost.extend(new.lost)
        self.scalar = new


class _Merging:
    """One element while it is merged with others, each in time of the other's size: thirty thousand occurrences of one
    id would take hours if the whole were copied for each.

    ``head`` is the first of them; its id, file and mode count. Within one file the mode of an include does not matter.
    """

    def __init__(self, head: Raw) -> None:
        self.head = head
        self._places = deque(head.places)
        self._attributes = {key: _Growing.of(attribute) for key, attribute in head.attributes.items()}
        # The names of what was put below, whose attributes come before the others.
        self._below: list[list[str]] = []

    def done(self) -> Raw:
        names = dict.fromkeys(name for below in reversed(self._below) for name in below) | self._attributes
        attributes = {name: self._attributes[name].done() for name in names}
        return replace(self.head, attributes=attributes, places=tuple(self._places))

    def onto(self, base: Raw, mode: str) -> _Merging:
        """Return ``base`` with this element merged onto it; this one is used up."""
        over, same_file = self.head, base.file == self.head.file
        if mode == IGNORE and not same_file:
            kept = _Merging(base)
            kept._ignore(self.done())
            return kept
        clashes = []
        for key, old in base.attributes.items():
            new = self._attributes.get(key)
            if new is None:
                self._attributes[key] = _Growing.of(old)
                continue
            new.spelling = old.spelling
            if new.scalar is not None:
                new.lost.extendleft(reversed(_lost(old)))
            elif _appends(key, over, mode, same_file=same_file):
                clashes += [key] if old.scalar else []
                new.items.extendleft(reversed(old.items))
        for key in self.done().attributes if clashes else ():
            if key in clashes:
                raise _both_ways(base.attributes[key], self._attributes[key].items[0].origin)
        self.head = base
        self._below.append(list(base.attributes))
        self._places.extendleft(reversed(base.places))
        return self

    def take(self, over: Raw, mode: str) -> None:
        """Merge ``over`` onto this element."""
        same_file = self.head.file == over.file
        if mode == IGNORE and not same_file:
            self._ignore(over)
            return
        for key, new in over.attributes.items():
            old = self._attributes.get(key)
            if old is None:
                self._attributes[key] = _Growing.of(new)
            elif new.scalar is not None:
                old.overrule(new.scalar)
            elif not _appends(key, over, mode, same_file=same_file):
                self._attributes[key] = _Growing.of(new._replace(spelling=old.spelling))
            elif old.scalar is not None:
                raise _both_ways(old.done(), new.items[0].origin)
            else:
                old.items.extend(new.items)
        self._places.extend(over.places)

    def _ignore(self, over: Raw) -> None:
        """Keep what is here; what the ignored element said is remembered as overruled."""
        for key, new in over.attributes.items():
            old = self._attributes.get(key)
            if old and old.scalar and new.scalar:
                old.lost.append(new.scalar)


def _appends(key: str, over: Raw, mode: str, *, same_file: bool) -> bool:
    """Say whether child elements of ``over`` are added to those that are there, or take their place."""
    return key not in over.setting and (mode != REPLACE or same_file)


def _lost(old: Attribute) -> Sequence[Text]:
    """Return the texts that are overruled where another text counts in place of ``old``."""
    if old.scalar is None:
        return [item for item in old.items if isinstance(item, Text)]
    return (*old.scalar.lost, old.scalar._replace(lost=()))


def merge(occurrences: Sequence[Raw], default: Raw | None = None) -> Raw:
    """Merge the occurrences of one element, in the order of the configuration, over a built-in ``default`` instance.

    Neighbours are joined from the last to the first where their files include one another, by the mode of the include
    that stands in the earlier one's file; what is unrelated is merged at the end, in order, each by its own mode.
    """
    if len(occurrences) == 1 and default is None:
        return occurrences[0]
    flattened = [_Merging(occurrences[-1])]
    for element in reversed(occurrences[:-1]):
        mode = _mode_between(element, flattened[-1].head)
        if mode is None:
            flattened.append(_Merging(element))
        else:
            flattened[-1] = flattened[-1].onto(element, mode)
    whole = flattened.pop() if default is None else _Merging(default)
    for part in reversed(flattened):
        whole.take(part.done(), part.head.mode)
    merged = whole.done()
    written = next((element.id for element in occurrences if element.id is not None), None)
    return merged if merged.id == written else replace(merged, id=written)


def _mode_between(element: Raw, later: Raw) -> str | None:
    """How ``later`` is merged onto ``element``: None where neither file leads to the other."""
    if element.file == later.file:
        return MERGE
    if element.file not in later.files:
        return None
    return later.modes[later.files.index(element.file) + 1]


def in_order(children: Sequence[Raw]) -> Raw:
    """Merge the occurrences of one nested element, each onto those before it.

    How their files were included has counted already, when their parents were merged.
    """
    return _all_onto(children[0], [(child, MERGE) for child in children[1:]]) if len(children) > 1 else children[0]


def joined(children: Sequence[Raw]) -> Raw:
    """Merge the occurrences of a single child: later attributes win, the first one's id stays.

    Liberty lays the first one over itself as well, so the items of its lists count twice.
    """
    return _all_onto(children[0], [(child, child.mode) for child in children]) if len(children) > 1 else children[0]


def _all_onto(first: Raw, others: Sequence[tuple[Raw, str]]) -> Raw:
    merging = _Merging(first)
    for other, mode in others:
        merging.take(other, mode)
    return merging.done()


def own_id(raw: Raw) -> str | None:
    """Return the id that was written in a nested element; those that begin with ``default-`` Liberty gives itself."""
    return None if raw.id is None or raw.id.startswith("default-") else raw.id


def by_identity(raws: Iterable[Raw], default_id: str | None = None) -> dict[str, list[Raw]]:
    """Group occurrences by id; those without one get ``default_id``, or are numbered among themselves."""
    groups: dict[str, list[Raw]] = {}
    number = 0
    for raw in raws:
        identity = raw.id if raw.id is not None else default_id
        if identity is None:
            identity, number = f"default-{number}", number + 1
        groups.setdefault(identity, []).append(raw)
    return groups


def listed(
    children: Sequence[Raw | Reference | Text], default_id: str | None = None, *, by_spelling: bool = False
) -> list[tuple[str, list[Raw]]]:
    """Group the nested occurrences of a child of which the parent may have many.

    Only equal ids are one, ``by_spelling`` also equal spellings of the name. A child without id has ``default_id``, or
    else is numbered by its place among all children of its name, references too.
    """
    groups: dict[str, dict[str, list[Raw]]] = {}
    found: list[tuple[str, list[Raw]]] = []
    for place, child in enumerate(children):
        if isinstance(child, Raw):
            identity = own_id(child) or default_id or f"default-{place}"
            alike = groups.setdefault(child.name if by_spelling else "", {})
            if identity not in alike:
                alike[identity] = []
                found.append((identity, alike[identity]))
            alike[identity].append(child)
    return found
