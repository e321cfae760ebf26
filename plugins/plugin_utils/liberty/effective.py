# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The effective configuration: what Liberty really uses, and for every value why.

Elements of the catalogue are evaluated by their types and defaults; what the catalogue does not know is merged by
Liberty's rules for unknown elements and kept as text. Rules: Open Liberty, observed (25.0.0.6, 26.0.0.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import elements, values
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import raw as raws
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.assembly import Assembly, Problem
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.elements import Element
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.raw import Raw, Reference, Text
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin, Variables

BUILT_IN = Origin("default")
Scalar = str | int | bool

# What Liberty's bundles define before any file is read. They lie below the user's element of the same id.
_BUILT_IN_INSTANCES: dict[str, dict[str, dict[str, str]]] = {
    "httpEndpoint": {"defaultHttpEndpoint": {"httpPort": "9080", "httpsPort": "9443"}},
    "ssl": {"defaultSSLConfig": {"keyStoreRef": "defaultKeyStore"}},
    "keyStore": {"defaultKeyStore": {}},
    "sslOptions": {"defaultSSLOptions": {}},
}
# Without these an instance does not come to be (CWWKG0058E); a nested element can stand for a reference.
_REQUIRED = {"ssl": ("keyStoreRef",), "zosconnect_endpointConnection": ("host",)}


@dataclass(frozen=True)
class Value:
    """One effective value; ``problem`` says why it is not what was written, ``lost`` are the values it overrules."""

    value: Scalar | list[str]
    origin: Origin
    written: str | None = None
    lost: tuple[Text, ...] = ()
    problem: str | None = None


@dataclass
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

    def all(self, name: str) -> list[Instance]:
        return self.instances.get(name, [])

    def one(self, name: str) -> Instance | None:
        """Return a singleton, None where nobody mentions it."""
        found = self.all(name)
        return found[0] if found else None

    def by_id(self, name: str, identity: object) -> Instance | None:
        return next((i for i in self.all(name) if i.id == identity), None)


class _Rejected(Exception):
    """An instance that Liberty drops as a whole over one value."""


def evaluate(assembly: Assembly, catalogue: Mapping[str, Element] = elements.CATALOGUE) -> Effective:
    """Return the effective configuration of an assembly; Refused is raised for what Liberty refuses as a whole."""
    effective = Effective(assembly, problems=list(assembly.problems))
    if assembly.refused:
        return effective
    evaluator = _Evaluator(assembly.variables, effective.problems)
    for name in sorted({*assembly.elements, *_BUILT_IN_INSTANCES}):
        entry = catalogue.get(name)
        merged = _merged(name, assembly.elements.get(name, []), entry)
        instances = [evaluator.instance(raw, identity, entry) for identity, raw in merged]
        effective.instances[name] = [instance for instance in instances if instance is not None]
    _drop_dangling(effective, catalogue)
    return effective


def _merged(name: str, occurrences: Sequence[Raw], entry: Element | None) -> list[tuple[str | None, Raw]]:
    """Return the instances of one element name, each with its id, merged but not evaluated."""
    built_in = {
        identity: _built_in(name, identity, attributes)
        for identity, attributes in (_BUILT_IN_INSTANCES.get(name, {}) if entry else {}).items()
    }
    factory = entry.by_id if entry else any(raw.id is not None for raw in occurrences)
    if not factory:
        return [(None, raws.merge(occurrences))] if occurrences else []
    groups = raws.by_identity(occurrences, entry.default_id if entry else None)
    merged = [(identity, raws.merge(group, built_in.pop(identity, None))) for identity, group in groups.items()]
    return [*built_in.items(), *merged]


def _built_in(name: str, identity: str, attributes: Mapping[str, str]) -> Raw:
    raw = Raw(name, identity, BUILT_IN, ("(built in)",), (raws.MERGE,))
    for spelling, text in attributes.items():
        raw.attributes[spelling.lower()] = raws.Attribute(spelling, Text(text, BUILT_IN))
    return raw


class _Evaluator:
    """Turns merged elements into instances: variables, types, defaults, nested elements."""

    def __init__(self, variables: Variables, problems: list[Problem]) -> None:
        self.variables = variables
        self.problems = problems

    def instance(self, raw: Raw, identity: str | None, entry: Element | None) -> Instance | None:
        """Return the instance, None where Liberty drops it."""
        try:
            return self._instance(raw, identity, entry)
        except _Rejected as e:
            message = f"{e} Liberty drops <{raw.name}> as a whole (a running server keeps what it had)."
            self.problems.append(
                Problem("rejected", message, raw.places[-1] if raw.places else raw.origin, "CWWKG0075E")
            )
            return None

    def _instance(self, raw: Raw, identity: str | None, entry: Element | None) -> Instance:
        instance = Instance(entry.name if entry else raw.name, identity, raw.id is not None, raw.places)
        for key, attribute in raw.attributes.items():
            if key == "id" and entry and (entry.by_id or entry.identity == "single"):
                continue
            if any(isinstance(item, Raw) for item in attribute.items):
                continue
            known = entry.attributes.get(key) if entry else None
            value = self._value(raw, attribute, known)
            if value is not None:
                instance.attributes[known.name if known else attribute.spelling] = value
        for known in entry.attributes.values() if entry else ():
            if known.default is not None and known.name not in instance.attributes:
                instance.attributes[known.name] = Value(_typed(known, known.default), BUILT_IN)
        self._children(raw, instance, entry)
        self._required(raw, instance, entry)
        return instance

    def _value(self, raw: Raw, attribute: raws.Attribute, known: elements.Attribute | None) -> Value | None:
        texts = [attribute.scalar] if attribute.scalar else [item for item in attribute.items if isinstance(item, Text)]
        identifiers = [item.id for item in attribute.items if isinstance(item, Reference)]
        if not texts and not identifiers:
            return None
        lost = attribute.scalar.lost if attribute.scalar else ()
        if (known and known.kind == "refs") or identifiers:
            ids = [part for text in texts for part in self._split(text, raw)]
            return Value(ids + identifiers, (texts[0].origin if texts else raw.origin), lost=lost)
        if attribute.scalar is None and known is None:
            resolved = [self._resolve(text, raw)[0] for text in texts]
            return Value(resolved, texts[0].origin, lost=lost)
        # A scalar that is given by several text children takes the first.
        text, origin = self._resolve(texts[0], raw)
        if known is None:
            return Value(text, origin, texts[0].text, lost)
        return self._checked(raw, known, text, Value("", origin, texts[0].text, lost))

    def _split(self, text: Text, raw: Raw) -> list[str]:
        # Liberty splits before it replaces variables: one that holds a list is one dangling reference.
        return [self._resolve(Text(part.strip(), text.origin), raw)[0] for part in text.text.split(",")]

    def _resolve(self, text: Text, raw: Raw) -> tuple[str, Origin]:
        resolved, used = self.variables.resolve(text.text, lambda name: _sibling(raw, name))
        return resolved, Origin(text.origin.source, text.origin.line, tuple(used)) if used else text.origin

    def _checked(self, raw: Raw, known: elements.Attribute, text: str, made: Value) -> Value:
        """Type a value; a bad one becomes the default where there is one, and otherwise costs the element its life."""
        try:
            return Value(_typed(known, text), made.origin, made.written, made.lost)
        except SecurityError as e:
            shown = "a secret" if known.secret else repr(text)
            said = f"{made.origin}: {known.name}={shown} of <{raw.name}> is no valid {known.kind}."
            if known.default is None:
                raise _Rejected(said) from e
            problem = f"{said} Liberty uses the default {known.default} instead."
            self.problems.append(Problem("bad-value", problem, made.origin, "CWWKG0083W"))
            return Value(_typed(known, known.default), BUILT_IN, made.written, made.lost, problem)

    def _children(self, raw: Raw, instance: Instance, entry: Element | None) -> None:
        for key, attribute in raw.attributes.items():
            nested = [item for item in attribute.items if isinstance(item, Raw)]
            if not nested:
                continue
            inner = entry.children.get(key) if entry else None
            name = inner.name if inner else attribute.spelling
            if inner and inner.identity == "single":
                groups = [(nested[0].id or inner.default_id or "default-0", raws.joined(nested))]
                instance.attributes.pop(f"{name}Ref", None)
            else:
                groups = [(identity, raws.merge(group)) for identity, group in raws.listed(attribute.items)]
            made = [self._nested(child, identity, inner) for identity, child in groups]
            instance.children[name] = [child for child in made if child is not None]

    def _nested(self, raw: Raw, identity: str, entry: Element | None) -> Instance | None:
        child = self._instance(raw, identity, entry)
        if entry and entry.key and child.get(entry.key) is None:
            message = f"{raw.origin}: <{raw.name}> has no {entry.key}, so Liberty ignores it."
            self.problems.append(Problem("required", message, raw.origin, "CWWKG0058E"))
            return None
        return child

    def _required(self, raw: Raw, instance: Instance, entry: Element | None) -> None:
        for name in _REQUIRED.get(entry.name, ()) if entry else ():
            if name not in instance.attributes and name.removesuffix("Ref") not in instance.children:
                raise _Rejected(f"{raw.origin}: <{raw.name}> has no {name}.")


def _sibling(raw: Raw, name: str) -> str | None:
    found = raw.get(name)
    return found.scalar.text if found and found.scalar else None


def _typed(known: elements.Attribute, text: str) -> Scalar:
    """Return a value in its type; raise SecurityError for what Liberty takes for a bad value (it trims nothing)."""
    if known.kind == "boolean":
        return values.canonical(known, text, known.name) == "true" if text.lower() in ("true", "false") else _bad(known)
    if known.kind == "integer":
        return int(values.canonical(known, text, known.name)) if "${" not in text else _bad(known)
    if known.kind in ("option", "duration"):
        return values.canonical(known, text, known.name) if "${" not in text else _bad(known)
    return text


def _bad(known: elements.Attribute) -> bool:
    raise SecurityError(f"{known.name}: holds an unresolved variable")


def _drop_dangling(effective: Effective, catalogue: Mapping[str, Element]) -> None:
    """Take out references that lead nowhere; a plain-string reference stays, and Liberty says nothing about it."""
    known_ids = {name: {instance.id for instance in found} for name, found in effective.instances.items()}
    for name, found in effective.instances.items():
        entry = catalogue.get(name)
        for instance in found if entry else ():
            for attribute in entry.attributes.values() if entry else ():
                value = instance.attributes.get(attribute.name)
                if attribute.target and value and value.origin is not BUILT_IN and attribute.target in catalogue:
                    _check_reference(effective, instance, attribute, value, known_ids.get(attribute.target, set()))


def _check_reference(
    effective: Effective, instance: Instance, attribute: elements.Attribute, value: Value, ids: set[str | None]
) -> None:
    wanted = value.value if isinstance(value.value, list) else [str(value.value)]
    missing = [identity for identity in wanted if identity not in ids]
    if not missing:
        return
    message = (
        f"{value.origin}: {attribute.name} of <{instance.element}> refers to <{attribute.target}> {missing[0]!r}, "
        "which does not exist"
    )
    if attribute.kind == "name":
        effective.problems.append(Problem("dangling", f"{message}; Liberty says nothing about it.", value.origin))
        return
    effective.problems.append(
        Problem("dangling", f"{message}; Liberty ignores the reference.", value.origin, "CWWKG0033W")
    )
    kept = [identity for identity in wanted if identity in ids]
    if isinstance(value.value, list):
        instance.attributes[attribute.name] = Value(kept, value.origin, value.written, value.lost, message)
    else:
        del instance.attributes[attribute.name]


def walk(instances: Iterable[Instance]) -> Iterator[Instance]:
    """Yield instances and all that is nested in them."""
    for instance in instances:
        yield instance
        for children in instance.children.values():
            yield from walk(children)
