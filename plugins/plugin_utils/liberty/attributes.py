# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The values of one merged element: variables replaced, lists split, types checked, defaults filled in.

Rules: Open Liberty, observed (25.0.0.6, 26.0.0.3).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import elements, order, values
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import problems as kinds
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import raw as raws
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.elements import Element
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.problems import Problem
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.raw import Raw, Reference, Text
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import (
    Circle,
    Evaluation,
    Origin,
    Variables,
)

BUILT_IN = Origin("default")
Scalar = str | int | bool
# The kinds of attributes whose values are more than texts.
_TYPED = ("boolean", "integer", "option", "duration")


class Value(NamedTuple):
    """One effective value; ``problem`` says why it is not what was written, ``lost`` are the values it overrules."""

    value: Scalar | list[str]
    origin: Origin
    written: str | None = None
    lost: tuple[Text, ...] = ()
    problem: Problem | None = None


class _Shape(NamedTuple):
    """What all elements with the same entry and the same attributes have in common.

    ``written`` has for each attribute that is written its name in the catalogue, and its entry where a value is more
    than its text; ``defaults`` are the values of the others.
    """

    written: tuple[tuple[str | None, elements.Attribute | None], ...]
    defaults: dict[str, Value]


class Rejected(Exception):
    """An element that Liberty drops as a whole over one ``problem`` in it; ``found`` are its other attributes."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.found: dict[str, Value] = {}


class _Invalid(Exception):
    """A value that is not of its attribute's type."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def plain(raw: Raw, entry: Element | None) -> dict[str, Value] | None:
    """Return the values of an element all of whose attributes are plain texts, as most are; None for any other one.

    What has variables, lists, references, nested elements or bad values is for ``Attributes``.
    """
    shape = _shape(entry, tuple(raw.attributes))
    if shape is None:
        return None
    found: dict[str, Value] = {}
    try:
        for attribute, (name, known) in zip(raw.attributes.values(), shape.written, strict=True):
            spelling, text, origin, lost, items = attribute
            if text is None or origin is None or items or "${" in text:
                return None
            found[name or spelling] = Value(text if known is None else _typed(known, text), origin, text, lost)
    except SecurityError:
        return None
    found.update(shape.defaults)
    return found


@lru_cache(maxsize=1024)
def _shape(entry: Element | None, written: tuple[str, ...]) -> _Shape | None:
    """Return what is the same for thousands of elements; None where a value depends on more than its own text."""
    entries = entry.attributes if entry else {}
    known = [entries.get(key) for key in written]
    defaults: dict[str, Value] = {}
    for key, nested, one in entry.unwritten if entry else ():
        if key in written:
            continue
        # A list is each element's own.
        if nested in written or one.kind == "strings" or "${" in (one.default or ""):
            return None
        value = _default(one)
        if value is not None:
            defaults[one.name] = value
    if any(one is not None and one.kind in ("ref", "refs", "strings") for one in known):
        return None
    typed_ = ((one.name, one if one.kind in _TYPED else None) if one else (None, None) for one in known)
    return _Shape(tuple(typed_), defaults)


class Attributes:
    """The attributes of one element, read one by one: a variable may name another attribute of the same element."""

    def __init__(
        self,
        raw: Raw,
        entry: Element | None,
        variables: Variables,
        problems: list[Problem],
        *,
        identity: str | None = None,
        said: set[Problem] | None = None,
    ) -> None:
        self.raw = raw
        self.identity = identity
        self.entry = entry
        self._variables = variables
        self.problems = problems
        # What is open in any element: one that another one has said as well is said once.
        self._said = set() if said is None else said
        self._known: dict[str, Value | None] = {}
        self._reading: list[str] = []
        # Attributes that no feature knows, in the spelling of the variable that named them first.
        self._spelled: dict[str, str] = {}

    @cached_property
    def variables(self) -> Evaluation:
        """The element's variables; made only where there are some, because it refers back and so outlives its use."""
        return Evaluation(self._variables, self._sibling, lambda: self._reading[0] if self._reading else "")

    def all(self) -> dict[str, Value]:
        """Return the values by their names, as the catalogue spells them, or else as they are written.

        Liberty looks at all of them, those of an element that it drops as well; the first bad one is raised in the end.
        """
        bad: list[Rejected] = []
        for key in self._in_order():
            self._tried(key, bad)
        found: dict[str, Value] = {}
        written = self.raw.attributes
        entries = self.entry.attributes if self.entry else {}
        for key, attribute in written.items():
            known = entries.get(key)
            value = self._at_once(key, known, attribute) or self._tried(key, bad)
            if value is not None:
                found[known.name if known else attribute.spelling] = value
        for key, nested, known in self.entry.unwritten if self.entry else ():
            if key in written:
                continue
            simple = nested not in written and "${" not in (known.default or "")
            value = _default(known) if simple else self._tried(key, bad)
            if value is not None:
                found[known.name] = value
        if self.entry and order.may_require(self.entry) and "variables" in self.__dict__:
            for key in sorted(self.variables.by_order):
                self._open(kinds.ARITHMETIC, key)
        if self._spelled:
            names = {written[key].spelling: name for key, name in self._spelled.items() if key in written}
            found = {names.get(name, name): value for name, value in found.items()}
        if bad:
            bad[0].found = found
            raise bad[0]
        return found

    def _at_once(self, key: str, known: elements.Attribute | None, attribute: raws.Attribute) -> Value | None:
        """Return the value of an attribute that depends on no other, as most do; None where more is to be looked at."""
        text, origin = attribute.text, attribute.origin
        if text is None or origin is None or "${" in text or key in self._known:
            return None
        if known is None:
            return Value(text, origin, text, attribute.lost)
        if known.kind in ("ref", "refs", "strings"):
            return None
        try:
            return Value(typed(known, text), origin, text, attribute.lost)
        except SecurityError:
            return None

    def _tried(self, key: str, bad: list[Rejected]) -> Value | None:
        try:
            return self.get(key)
        except Rejected as e:
            bad.append(e)
            return None

    def _in_order(self) -> Iterable[str]:
        """The attributes whose variables Liberty evaluates one after the other: as its metatype has them, then by name.

        The order matters only where an element uses variables.
        """
        written = [key for key, attribute in self.raw.attributes.items() if _has_variable(attribute)]
        if len(written) < 2:
            return ()
        known = self.entry.attributes if self.entry else {}
        return (
            *(key for key in known if key in self.raw.attributes),
            *sorted(key for key in written if key not in known),
        )

    def get(self, key: str) -> Value | None:
        """Return the value of an attribute (lower case), its default, or None; raise Rejected over a bad one."""
        if key in self._known:
            return self._known[key]
        if key in self._reading:
            known = self._entry(key)
            if known and known.kind == "strings":
                self._open(kinds.OWN_LIST, key)
            raise Circle(self.raw.attributes[key].spelling if key in self.raw.attributes else key)
        self._reading.append(key)
        try:
            self._known[key] = self._read(key)
        finally:
            self._reading.pop()
        return self._known[key]

    def _entry(self, key: str) -> elements.Attribute | None:
        return self.entry.attributes.get(key) if self.entry else None

    def _read(self, key: str) -> Value | None:
        known, attribute = self._entry(key), self.raw.attributes.get(key)
        is_reference = known is not None and known.kind in ("ref", "refs")
        if attribute is None and not is_reference:
            return self._default(known) if known else None
        try:
            return self._evaluated(known, attribute)
        except Circle as e:
            spelling = known.name if known else attribute.spelling if attribute else key
            circle = Problem(kinds.CIRCLE, self.raw.last, self.raw.name, self.identity, spelling, value=e.name)
            return self._instead(known, attribute, circle)
        except _Invalid as e:
            return self._instead(known, attribute, e.problem)

    def _evaluated(self, known: elements.Attribute | None, attribute: raws.Attribute | None) -> Value | None:
        if known and known.kind in ("ref", "refs"):
            return self._references(known)
        if attribute is None:
            return None
        if known is None:
            return self._plain(attribute)
        return self._strings(attribute) if known.kind == "strings" else self._single(attribute, known)

    def _instead(
        self, known: elements.Attribute | None, attribute: raws.Attribute | None, cause: Problem
    ) -> Value | None:
        """What Liberty takes for a bad value: the default; without one the element is lost, but not for options."""
        if known is None or attribute is None or (known.default is None and known.kind != "option"):
            if known is not None and known.kind == "duration" and cause.rule == kinds.INVALID:
                self._open(kinds.NO_DEFAULT, known.name.lower())
            raise Rejected(cause)
        first = texts(attribute)[0]
        default = self._default(known)
        problem = Problem(
            kinds.BAD_VALUE,
            first.origin,
            self.raw.name,
            self.identity,
            known.name,
            instead=known.default if default else None,
            cause=cause,
            code="CWWKG0032W" if known.kind == "option" else "CWWKG0083W",
        )
        self.problems.append(problem)
        return default._replace(written=first.text, lost=attribute.lost, problem=problem) if default else None

    def _default(self, known: elements.Attribute) -> Value | None:
        if known.default is None or known.kind == "strings" or "${" not in known.default:
            return _default(known)
        return Value(typed(known, self._resolve(Text(known.default, BUILT_IN))[0]), BUILT_IN)

    def _sibling(self, name: str) -> str | list[str] | None:
        """Return an attribute of this element as text, for a variable of that name."""
        if name == "id":
            if self.raw.id is None and self.identity is not None:
                self._open(kinds.INNER_NAME)
            return self.raw.id
        written = self.raw.get(name)
        if written and any(isinstance(item, Raw) for item in written.items):
            self._open(kinds.INNER_NAME)
        self._spell(name)
        found = self.get(name.lower())
        value = found.value if found else None
        if value is None or isinstance(value, list):
            return value
        known = self._entry(name.lower())
        if known and known.kind == "duration":
            return str(values.duration(str(value), known.unit))
        return str(value).lower() if isinstance(value, bool) else str(value)

    def _spell(self, name: str) -> None:
        """Note the spelling in which a variable names an attribute that no feature knows.

        Liberty reports it so where it evaluates it for the variable, before its own turn comes.
        """
        key, first = name.lower(), self._reading[0] if self._reading else ""
        if first and self._entry(key) is None and (self._entry(first) is not None or first < key):
            self._spelled.setdefault(key, name)

    def _open(self, cause: str, key: str | None = None) -> None:
        """Note that Liberty's value of an attribute, of the one that is read unless told, depends on the order."""
        found = key or (self._reading[0] if self._reading else "")
        attribute, known = self.raw.attributes.get(found), self._entry(found)
        spelling = known.name if known else attribute.spelling if attribute else found
        problem = Problem(kinds.ORDER, self.raw.last, self.raw.name, self.identity, spelling, value=cause)
        if problem not in self._said:
            self._said.add(problem)
            self.problems.append(problem)

    def _resolve(self, text: Text) -> tuple[str, Origin]:
        if "${" not in text.text:  # most are plain
            return text.text, text.origin
        resolved, used = self.variables.resolve(text.text)
        return resolved, text.origin._replace(via=tuple(used)) if used else text.origin

    def _made(self, attribute: raws.Attribute, text: Text) -> Value:
        resolved, origin = self._resolve(text)
        return Value(resolved, origin, text.text, attribute.lost)

    def _plain(self, attribute: raws.Attribute) -> Value | None:
        """An attribute that no feature knows: text, or a list of what stood in child elements."""
        if attribute.scalar is not None:
            return self._made(attribute, attribute.scalar)
        found = [item for item in attribute.items if isinstance(item, Text)]
        return Value([self._resolve(text)[0] for text in found], found[0].origin) if found else None

    def _single(self, attribute: raws.Attribute, known: elements.Attribute) -> Value:
        """One value: of several child elements the first counts, of ``${list(x)}`` the first item."""
        first = texts(attribute)[0]
        items, listed = self._items(first) or ([first.text], None)
        resolved, origin = self._resolve(first if items[0] == first.text else first._replace(text=items[0]))
        origin = listed or origin
        try:
            return Value(typed(known, resolved), origin, first.text, attribute.lost)
        except SecurityError as e:
            raise _Invalid(self._invalid(known, resolved, origin)) from e

    def _invalid(self, known: elements.Attribute, text: str, origin: Origin) -> Problem:
        unresolved = values.variables(text)
        return Problem(
            kinds.INVALID,
            origin,
            self.raw.name,
            self.identity,
            known.name,
            value=None if known.secret else text,
            expected=known.kind,
            unresolved=unresolved[0] if unresolved else None,
        )

    def _strings(self, attribute: raws.Attribute) -> Value:
        """A list: an attribute is split at commas, a child element is one item, ``${list(x)}`` is several."""
        written, found = texts(attribute), []
        for text in written:
            items, _origin = self._items(text) or (split(text.text) if attribute.scalar else [text.text], None)
            found += [self._resolve(text._replace(text=item))[0] for item in items]
        return Value(found, written[0].origin, written[0].text, attribute.lost)

    def _items(self, text: Text) -> tuple[list[str], Origin] | None:
        listed = self.variables.listed(text.text) if "${" in text.text else None
        return None if listed is None else (split(listed[0]), text.origin._replace(via=tuple(listed[1])))

    def _references(self, known: elements.Attribute) -> Value | None:
        """The ids that an attribute and ``<name ref="id"/>`` refer to; nested elements are not among them."""
        listed = [item for item in self.references(known) if isinstance(item, Text)]
        written = self.raw.get(known.name)
        if not listed:
            return self._default(known) if written is None else None
        ids = [self._resolve(item)[0] for item in listed]
        single = known.kind == "ref"
        return Value(ids[0] if single else ids, listed[0].origin, listed[0].text, written.lost if written else ())

    def references(self, known: elements.Attribute) -> list[Text | Raw]:
        """Return what an attribute refers to, in Liberty's order: ids, then nested elements and their references.

        Of a single one the nested element wins. An id of a nested element is not repeated.
        """
        written, nested = self.raw.get(known.name), self.raw.get(known.name.removesuffix("Ref"))
        if written is None and nested is None:
            return []
        inner: list[Text | Raw] = (
            [Text(i.id, i.origin) if isinstance(i, Reference) else i for i in nested.items] if nested else []
        )
        if known.kind == "ref":
            return inner[:1] or ([*texts(written)[:1]] if written else [])
        listed: list[Text | Raw | None] = []
        places: dict[str | None, deque[int]] = {}
        for item in (*(_identifiers(written) if written else ()), *inner):
            if isinstance(item, Text):
                places.setdefault(item.text, deque()).append(len(listed))
            elif places.get(item.id):
                listed[places[item.id].popleft()] = None
            listed.append(item)
        return [item for item in listed if item is not None]


def _has_variable(attribute: raws.Attribute) -> bool:
    if attribute.text is not None:
        return "${" in attribute.text
    return any("${" in item.text for item in attribute.items if isinstance(item, Text))


@cache
def _same_default(known: elements.Attribute) -> Value | None:
    return None if known.default is None else Value(typed(known, known.default), BUILT_IN)


def _default(known: elements.Attribute) -> Value | None:
    """Return a default that is the same everywhere; each element that leaves it out asks for it."""
    if known.kind == "strings" and known.default is not None:
        return Value(known.default.split(","), BUILT_IN)  # a list of its own
    return _same_default(known)


def _identifiers(attribute: raws.Attribute) -> list[Text]:
    """The ids in a list of references, before variables: one that holds a list is one dangling reference."""
    if attribute.scalar is None:
        return [item for item in attribute.items if isinstance(item, Text)]
    parts = attribute.scalar.text.split(",")
    # Blanks beside a comma go, those at both ends of the list stay.
    parts = [part.lstrip() if number else part for number, part in enumerate(parts)]
    parts = [*(part.rstrip() for part in parts[:-1]), parts[-1]]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return [attribute.scalar._replace(text=part) for part in parts]


def texts(attribute: raws.Attribute) -> list[Text]:
    """The texts of an attribute or of child elements; a child element with attributes counts as an empty text."""
    if attribute.text is not None and attribute.origin is not None:
        return [Text(attribute.text, attribute.origin, attribute.lost)]
    return [item if isinstance(item, Text) else Text("", item.origin) for item in attribute.items]


def split(text: str) -> list[str]:
    """Split a list at its commas: items are trimmed, empty ones stay, a back slash protects what follows it."""
    parts = re.findall(r"((?:\\.|[^,\\])*\\?)(?:,|$)", text, re.DOTALL)
    if text and not text.endswith(","):
        parts.pop()  # the empty match at the end
    return [re.sub(r"\\(.)", r"\1", part.strip(), flags=re.DOTALL) for part in parts]


def typed(known: elements.Attribute, text: str) -> Scalar:
    """Return a value in its type; raise SecurityError for what Liberty takes for a bad value (it trims nothing)."""
    if known.kind not in _TYPED:
        return text
    return _typed(known, text)


@lru_cache(maxsize=4096)  # few texts stand at many elements; passwords do not come here
def _typed(known: elements.Attribute, text: str) -> Scalar:
    if "${" in text:
        raise SecurityError(f"{known.name}: holds an unresolved variable")
    canonical = values.canonical(known, text, known.name)
    if known.kind == "boolean":
        return canonical == "true"
    return int(canonical) if known.kind == "integer" else canonical
