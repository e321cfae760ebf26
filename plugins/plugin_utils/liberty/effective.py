# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The effective configuration: what Liberty really uses, and for every value why.

Elements of the catalogue are evaluated by their types and defaults; what the catalogue does not know is merged by
Liberty's rules for unknown elements and kept as text. Rules: Open Liberty, observed (25.0.0.6, 26.0.0.3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

from ansible_collections.zosconnect.security.plugins.plugin_utils import garbage, redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import LimitError, SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import elements, order
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import problems as kinds
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import raw as raws
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.assembly import Assembly
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.attributes import (
    BUILT_IN,
    Attributes,
    Rejected,
    Scalar,
    Value,
    plain,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.elements import Element
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.factories import FACTORIES
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.outside import PREDEFINED
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.problems import Problem
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.raw import Raw, Text
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin, Variables

Answer = TypeVar("Answer")
# What Liberty's bundles define before any file is read. They lie below the user's element of the same id.
_BUILT_IN_INSTANCES: dict[str, dict[str, dict[str, str]]] = {
    "httpEndpoint": {"defaultHttpEndpoint": {"httpPort": "9080", "httpsPort": "9443"}},
    "ssl": {"defaultSSLConfig": {"keyStoreRef": "defaultKeyStore"}},
    "keyStore": {"defaultKeyStore": {}},
    "sslOptions": {"defaultSSLOptions": {}},
}
# In characters: a shorter text stands in many places that have nothing to do with it.
_SHORTEST_SECRET = 4


@dataclass(slots=True)
class Instance:
    """One effective element; ``explicit``: its id was written; ``places``: all occurrences that made it."""

    element: str
    id: str | None
    explicit: bool
    places: tuple[Origin, ...]
    attributes: dict[str, Value] = field(default_factory=dict)
    children: dict[str, list[Instance]] = field(default_factory=dict)

    def get(self, name: str) -> Scalar | list[str] | None:
        """Return the value of an attribute, None where it has none."""
        found = self.attributes.get(name)
        return None if found is None else found.value

    def holds_named(self, name: str) -> bool:
        """Whether an attribute, or one that it has overruled, is a secret because another attribute says so."""
        if self.element == "variable" or not redact.can_be_named(name):
            return False
        return redact.names_secret({each: value.value for each, value in self.attributes.items()})

    def origin(self, name: str) -> Origin:
        """Return where an attribute's value comes from, or where the element stands."""
        found = self.attributes.get(name)
        return found.origin if found else (self.places[-1] if self.places else BUILT_IN)


@dataclass
class Effective:
    """All effective elements by name, and the assembly that they come from."""

    assembly: Assembly
    instances: dict[str, list[Instance]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    # What is asked again for each of many elements, when it has been found out once.
    _known: dict[object, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def complete(self) -> bool:
        """Whether all was seen, and Liberty's answer does not depend on an order that nobody knows.

        This is told to users. No judgement on one element goes by it: anybody may add another one that is open.
        """
        return not any(problem.rule in kinds.INCOMPLETE for problem in self.problems)

    @property
    def all_read(self) -> bool:
        """Whether all was seen: what no file names is nowhere."""
        return not any(problem.rule in kinds.UNREAD for problem in self.problems)

    @cached_property
    def secret_variables(self) -> frozenset[str]:
        """The names of the variables that secrets use, in whatever file each stands, overruled ones too."""
        outer = self.assembly.variables.outer
        outside = (outer.environment, outer.bootstrap, outer.system, outer.folder, outer.command_line)
        definitions = [(name, value or "") for each in outside for name, value in each.items()]
        return redact.secret_variables(self.assembly.texts, frozenset(), definitions) - PREDEFINED

    @cached_property
    def secret_texts(self) -> frozenset[str]:
        """What those variables hold in the end, without texts so short that they stand everywhere."""
        found = set()
        for name in self.secret_variables:
            with suppress(SecurityError):
                found.add(self.assembly.variables.resolve(f"${{{name}}}")[0])
        return frozenset(text for text in found if len(text) >= _SHORTEST_SECRET and "${" not in text)

    def all(self, name: str) -> list[Instance]:
        return self.instances.get(name, [])

    def one(self, name: str) -> Instance | None:
        """Return a singleton, None where nobody mentions it."""
        found = self.all(name)
        return found[0] if found else None

    def by_id(self, name: str, identity: object) -> Instance | None:
        def index() -> dict[object, Instance]:
            return {instance.id: instance for instance in reversed(self.all(name))}

        return self.once(("by_id", name), index).get(identity)

    def dangling(self, instance: Instance, attribute: str) -> Problem | None:
        """Return the problem with a reference of an element that was taken out, None where it leads somewhere."""

        def index() -> dict[tuple[str | None, ...], Problem]:
            found = (p for p in self.problems if p.rule == kinds.DANGLING)
            return {(p.element, p.identity, p.attribute): p for p in found}

        return self.once("dangling", index).get((instance.element, instance.id, attribute))

    def once(self, what: object, find: Callable[[], Answer]) -> Answer:
        """Return what ``find`` finds in this configuration, which no longer changes; it is called once."""
        if what not in self._known:
            self._known[what] = find()
        answer: Answer = self._known[what]
        return answer


@garbage.kept()
def evaluate(assembly: Assembly, catalogue: Mapping[str, Element] = elements.CATALOGUE) -> Effective:
    """Return the effective configuration of an assembly; Refused is raised for what Liberty refuses as a whole."""
    effective = Effective(assembly, problems=list(assembly.problems))
    if assembly.refused:
        return effective
    evaluator = _Evaluator(assembly.variables, effective.problems, catalogue)
    for name in sorted({*assembly.elements, *_BUILT_IN_INSTANCES}):
        entry = catalogue.get(name)
        if entry is not None:
            _look_for_conflicts(assembly.elements.get(name, []), entry, assembly.variables)
        merged = _merged(name, assembly.elements.get(name, []), entry)
        instances = [evaluator.instance(raw, identity, entry) for identity, raw in merged]
        effective.instances[name] = [instance for instance in instances if instance is not None]
    _drop_dangling(effective, catalogue, evaluator.dropped)
    return effective


def unmentioned(effective: Effective, entry: Element) -> Instance:
    """Return a singleton that no file mentions: all its defaults."""
    attributes = Attributes(_built_in(entry.name, None, {}), entry, effective.assembly.variables, [])
    return Instance(entry.name, None, explicit=False, places=(), attributes=attributes.all())


def _merged(name: str, occurrences: Sequence[Raw], entry: Element | None) -> list[tuple[str | None, Raw]]:
    """Return the instances of one element name, each with its id, merged but not evaluated."""
    built_in = {
        identity: _built_in(name, identity, attributes)
        for identity, attributes in (_BUILT_IN_INSTANCES.get(name, {}) if entry else {}).items()
    }
    factory = entry.by_id if entry else name in FACTORIES or any(raw.id is not None for raw in occurrences)
    if not factory:
        return [(None, raws.merge(occurrences))] if occurrences else []
    groups = raws.by_identity(occurrences, entry.default_id if entry else None)
    merged = [(identity, raws.merge(group, built_in.pop(identity, None))) for identity, group in groups.items()]
    return [*built_in.items(), *merged]


def _look_for_conflicts(occurrences: Sequence[Raw], entry: Element, variables: Variables) -> None:
    """Fail over what Liberty fails over when it looks for conflicting settings (CWWKG0102I) of one element.

    It replaces variables in each attribute that is given more than once in one spelling, until there are two values.
    Then it merges those occurrences for its message, the first one onto itself: over a name that is an attribute in
    it and a child element in another one it fails, also where an include with IGNORE or REPLACE brings that one.
    """
    groups = raws.by_identity(occurrences, entry.default_id) if entry.by_id else {None: list(occurrences)}
    for group in groups.values():
        given: dict[str, list[tuple[str, Raw]]] = {}
        for raw in group if len(group) > 1 else ():
            for attribute in raw.attributes.values():
                if attribute.text is not None:
                    given.setdefault(attribute.spelling, []).append((attribute.text, raw))
        listed = {key for raw in group for key, attribute in raw.attributes.items() if attribute.items}
        is_mixed = any(spelling.lower() in listed for spelling in given)
        for several in given.values():
            found: set[str] = set()
            for text, _raw in several if len(several) > 1 else ():
                if len(found) < 2:
                    found.add(variables.expanded(text, []) if "${" in text else text)
            if len(found) > 1 and is_mixed:
                raws.merge([raw for _text, raw in several], several[0][1])


def _built_in(name: str, identity: str | None, attributes: Mapping[str, str]) -> Raw:
    raw = Raw(name, identity, BUILT_IN, ("(built in)",), (raws.MERGE,))
    for spelling, text in attributes.items():
        raw.attributes[spelling.lower()] = raws.Attribute(spelling, text, BUILT_IN)
    return raw


class _Evaluator:
    """Turns merged elements into instances: attributes, and nested elements by the same rules."""

    def __init__(self, variables: Variables, problems: list[Problem], catalogue: Mapping[str, Element]) -> None:
        self.variables = variables
        self.problems = problems
        self.catalogue = catalogue
        self.said: set[Problem] = set()
        # Elements that Liberty drops: it looks at their references all the same.
        self.dropped: list[tuple[Instance, Element | None]] = []

    def instance(self, raw: Raw, identity: str | None, entry: Element | None) -> Instance | None:
        """Return the instance, None where Liberty drops it."""
        try:
            return self._instance(raw, identity, entry)
        except LimitError as e:
            raise LimitError(f"{raw.last}: {e}") from e
        except Rejected as e:
            code = "CWWKG0074E" if e.problem.root.rule == kinds.CIRCLE else "CWWKG0075E"
            dropped = Problem(kinds.REJECTED, raw.last, raw.name, identity, cause=e.problem, code=code)
            self.problems.append(dropped)
            return None

    def _instance(self, raw: Raw, identity: str | None, entry: Element | None) -> Instance:
        instance = Instance(entry.name if entry else raw.name, identity, raw.id is not None, raw.places)
        values = plain(raw, entry)
        if values is None:
            self._read(raw, instance, entry)
        else:
            instance.attributes = values
        if identity is not None:
            instance.attributes.pop("id", None)
        self._required(raw, instance, entry)
        return instance

    def _read(self, raw: Raw, instance: Instance, entry: Element | None) -> None:
        """Read the attributes one by one, and the nested elements."""
        identity = instance.id
        attributes = Attributes(raw, entry, self.variables, self.problems, identity=identity, said=self.said)
        # Nested elements are merged first: what Liberty refuses as a whole it refuses before it looks at values.
        nested = list(self._merged_children(attributes))
        try:
            instance.attributes = attributes.all()
        except Rejected as e:
            instance.attributes = e.found
            self.dropped.append((instance, entry))
            raise
        for name, inner, groups in nested:
            made = [self._nested(child, own, inner) for own, child in groups]
            instance.children[name] = [child for child in made if child is not None]

    def _merged_children(self, attributes: Attributes) -> Iterator[tuple[str, Element | None, list[tuple[str, Raw]]]]:
        """Yield the nested elements by name, with their catalogue entry; each with its id, merged but not evaluated."""
        entry = attributes.entry
        for key, attribute in attributes.raw.attributes.items():
            if not attribute.items or (entry and key in entry.attributes):
                continue
            if not any(isinstance(item, Raw) for item in attribute.items):
                continue
            inner = entry.children.get(key) if entry else None
            reference = entry.attributes.get(f"{key}ref") if entry else None
            listed = reference is not None and reference.kind == "refs"
            items = attributes.references(reference) if reference and listed else attribute.items
            # A nested element is named like the one that a reference would lead to.
            alike = self.catalogue.get(reference.target or "") if reference else None
            self.problems += order.of_nested(items, inner)
            groups = _grouped(items, inner, alike.default_id if alike else None)
            yield inner.name if inner else attribute.spelling, inner, groups

    def _nested(self, raw: Raw, identity: str, entry: Element | None) -> Instance | None:
        own = raws.own_id(raw)
        child = self._instance(raw if own == raw.id else replace(raw, id=own), identity, entry)
        if entry and entry.key and child.get(entry.key) is None:
            lacking = Problem(kinds.REQUIRED, raw.origin, raw.name, identity, entry.key, code="CWWKG0058E")
            self.problems.append(lacking)
            return None
        return child

    def _required(self, raw: Raw, instance: Instance, entry: Element | None) -> None:
        for name in elements.REQUIRED.get(entry.name, ()) if entry else ():
            if name not in instance.attributes and name.removesuffix("Ref") not in instance.children:
                self.dropped.append((instance, entry))
                raise Rejected(Problem(kinds.LACKING, raw.last, raw.name, instance.id, name))


def _grouped(
    items: Sequence[Raw | raws.Reference | Text], inner: Element | None, default_id: str | None
) -> list[tuple[str, Raw]]:
    """Return the nested elements of one name, merged, each with its id."""
    if inner is None or inner.identity != "single":
        groups = raws.listed(items, default_id, by_spelling=inner is None)
        return [(identity, raws.in_order(group)) for identity, group in groups]
    first = items[0]
    if not isinstance(first, Raw):
        return []
    nested = [item for item in items if isinstance(item, Raw)]
    merged = raws.joined(nested) if len(nested) == len(items) else first
    return [(raws.own_id(first) or default_id or "default-0", merged)]


def _drop_dangling(
    effective: Effective, catalogue: Mapping[str, Element], dropped: Sequence[tuple[Instance, Element | None]]
) -> None:
    """Take out references that lead nowhere; a plain-string reference stays, and Liberty says nothing about it."""
    ids = {name: {instance.id for instance in found} for name, found in effective.instances.items()}
    todo = [(instance, catalogue.get(name)) for name, found in effective.instances.items() for instance in found]
    todo += dropped
    while todo:
        instance, entry = todo.pop()
        if entry is None:
            continue
        ignored = []
        for attribute in entry.references:
            if attribute.target in catalogue and attribute.name in instance.attributes:
                ignored += _check_reference(effective, instance, attribute, ids.get(str(attribute.target), set()))
        if ignored:
            effective.problems += _merged_again(effective, instance, catalogue, ignored[0])
        for name, children in instance.children.items():
            inner = entry.children.get(name.lower())
            if inner is not None and (inner.references or inner.children):
                todo += [(child, inner) for child in children]


def _check_reference(
    effective: Effective, instance: Instance, attribute: elements.Attribute, ids: set[str | None]
) -> list[Problem]:
    """Note a reference that leads nowhere; return the problem where Liberty ignores the reference."""
    value = instance.attributes[attribute.name]
    wanted = value.value if isinstance(value.value, list) else [str(value.value)]
    missing = [identity for identity in wanted if identity not in ids]
    if not missing or value.origin is BUILT_IN:
        return []
    problem = Problem(
        kinds.DANGLING,
        value.origin,
        instance.element,
        instance.id,
        attribute.name,
        value=missing[0],
        expected=attribute.target,
        code=None if attribute.kind == "name" else "CWWKG0033W",
    )
    effective.problems.append(problem)
    if attribute.kind == "name":
        return []
    if isinstance(value.value, list):
        kept = [identity for identity in wanted if identity in ids]
        instance.attributes[attribute.name] = value._replace(value=kept, problem=problem)
    else:
        del instance.attributes[attribute.name]
    return [problem]


def _merged_again(
    effective: Effective, instance: Instance, catalogue: Mapping[str, Element], dangling: Problem
) -> Iterator[Problem]:
    """Yield what is open about an element, one of whose references leads nowhere."""

    def index() -> dict[str | None, Raw]:
        occurrences = effective.assembly.elements.get(instance.element, [])
        return order.included_deep(occurrences, catalogue.get(instance.element))

    deep = effective.once(("deep", instance.element), index).get(instance.id)
    # A nested element may have the name and the id of another one.
    if deep is not None and deep.origin in instance.places:
        yield order.of_included(deep, dangling)


def walk(instances: Iterable[Instance]) -> Iterator[Instance]:
    """Yield instances and all that is nested in them."""
    for instance in instances:
        yield instance
        for children in instance.children.values():
            yield from walk(children)
