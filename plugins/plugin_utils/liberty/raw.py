# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Elements as Liberty's parser keeps them, and how it merges those that are one.

Nothing is known of types here: an attribute is one text, or a list of what stood in child elements of its name.
Attribute names have no case. Rules: Open Liberty, observed (25.0.0.6, 26.0.0.3); several levels of include go by the
order in ``merge``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import Node
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin, Refused

MERGE, REPLACE, IGNORE = "MERGE", "REPLACE", "IGNORE"


@dataclass(frozen=True, slots=True)
class Text:
    """One text as it is written, and where. ``lost`` are the texts that this one overrules."""

    text: str
    origin: Origin
    lost: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A child ``<name ref="id"/>``."""

    id: str
    origin: Origin


Item = "Text | Reference | Raw"


@dataclass(frozen=True, slots=True)
class Attribute:
    """What stands under one name: one ``scalar``, or ``items`` from child elements."""

    spelling: str
    scalar: Text | None = None
    items: tuple[Text | Reference | Raw, ...] = ()


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
    for spelling, text in node.attributes.items():
        if not spelling.startswith("xmlns"):
            local, key = _local(spelling)
            first = raw.attributes.get(key)
            raw.attributes[key] = Attribute(first.spelling if first else local, Text(text, origin))
    items: dict[str, list[Text | Reference | Raw]] = {}
    for child in node.children:
        local, key = _local(child.name)
        present = raw.attributes.get(key)
        if present is None:
            present = raw.attributes[key] = Attribute(local)
        if present.scalar is not None:
            raise _both_ways(present.spelling, present.scalar.origin, Origin(files[-1], child.line))
        if child.attributes.get("merge-op") == "set":
            raw.setting |= {key}
        items.setdefault(key, []).append(_item(child, files, modes))
    for key, found in items.items():
        raw.attributes[key] = Attribute(raw.attributes[key].spelling, items=tuple(found))
    return raw


@lru_cache(maxsize=1024)
def _local(name: str) -> tuple[str, str]:
    """Return a name without a namespace prefix, and how it is compared."""
    local = name.rpartition(":")[2]
    return local, local.lower()


def _item(child: Node, files: tuple[str, ...], modes: tuple[str, ...]) -> Text | Reference | Raw:
    """Return a child as a text, a reference or an element."""
    by_text = "merge-op" in child.attributes or not (child.attributes or child.children)
    text = child.text if by_text and not child.children else ""
    if "merge-op" in child.attributes or text:
        return Text(text, Origin(files[-1], child.line))
    inner = from_node(child, files, modes)
    reference = inner.get("ref")
    return Reference(reference.scalar.text, inner.origin) if reference and reference.scalar else inner


def _both_ways(name: str, first: Origin, second: Origin) -> Refused:
    return Refused(
        f"{second}: {name} is given as a child element, and at {first} as an attribute; "
        "Liberty refuses the whole configuration over that. Keep one of them."
    )


def override(base: Raw, over: Raw, mode: str) -> Raw:
    """Return ``base`` with ``over`` merged onto it. Within one file the mode does not matter."""
    same_file = base.file == over.file
    if mode == IGNORE and not same_file:
        return _ignored(base, over)
    attributes = dict(base.attributes)
    for key, new in over.attributes.items():
        old = attributes.get(key)
        append = not (key in over.setting or (mode == REPLACE and not same_file))
        attributes[key] = _appended(old, new) if append and new.scalar is None else _overruled(old, new)
    return replace(base, attributes=attributes, places=(*base.places, *over.places))


def _appended(old: Attribute | None, new: Attribute) -> Attribute:
    if old is None:
        return new
    if old.scalar is not None:
        raise _both_ways(old.spelling, old.scalar.origin, new.items[0].origin)
    return Attribute(old.spelling, items=(*old.items, *new.items))


def _overruled(old: Attribute | None, new: Attribute) -> Attribute:
    if old is None:
        return new
    new = replace(new, spelling=old.spelling)
    if new.scalar is None:
        return new
    if old.scalar is None:
        lost = tuple(item for item in old.items if isinstance(item, Text))
    else:
        lost = (*old.scalar.lost, replace(old.scalar, lost=()))
    return replace(new, scalar=replace(new.scalar, lost=(*lost, *new.scalar.lost)))


def _ignored(base: Raw, over: Raw) -> Raw:
    """Keep ``base``; what the ignored element said is remembered as overruled."""
    attributes = dict(base.attributes)
    for key, new in over.attributes.items():
        old = attributes.get(key)
        if old and old.scalar and new.scalar:
            attributes[key] = replace(old, scalar=replace(old.scalar, lost=(*old.scalar.lost, new.scalar)))
    return replace(base, attributes=attributes)


def merge(occurrences: Sequence[Raw], default: Raw | None = None) -> Raw:
    """Merge the occurrences of one element, in the order of the configuration, over a built-in ``default`` instance.

    Neighbours are joined from the last to the first where their files include one another, by the mode of the include
    that stands in the earlier one's file; what is unrelated is merged at the end, in order, each by its own mode.
    """
    flattened = [occurrences[-1]]
    for element in reversed(occurrences[:-1]):
        later = flattened[-1]
        mode = _mode_between(element, later)
        if mode is None:
            flattened.append(element)
        else:
            flattened[-1] = override(element, later, mode)
    flattened.reverse()
    merged = default if default is not None else flattened.pop(0)
    for element in flattened:
        merged = override(merged, element, element.mode)
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
    merged = children[0]
    for child in children[1:]:
        merged = override(merged, child, MERGE)
    return merged


def joined(children: Sequence[Raw]) -> Raw:
    """Merge the occurrences of a single child: later attributes win, the first one's id stays.

    Liberty lays the first one over itself as well, so the items of its lists count twice.
    """
    merged = children[0]
    for child in children if len(children) > 1 else ():
        merged = override(merged, child, child.mode)
    return replace(merged, id=children[0].id)


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
    groups: dict[tuple[str, str], tuple[str, list[Raw]]] = {}
    for place, child in enumerate(children):
        if isinstance(child, Raw):
            identity = own_id(child) or default_id or f"default-{place}"
            name = child.name if by_spelling else ""
            groups.setdefault((name, identity), (identity, []))[1].append(child)
    return list(groups.values())
