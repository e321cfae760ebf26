# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is desired of a configuration file, checked against the catalogue: elements and children in one function."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils.secret_names import is_secret_name
from ansible_collections.zosconnect.security.plugins.plugin_utils import redact, zos_names
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import described, shown
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import LimitError, SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import nearest
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import elements, passwords, values
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import MOST_ATTRIBUTES, MOST_LEVELS
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.elements import Element

STATES = ("merged", "replaced", "absent")
_KEYS = ("element", "id", "attributes", "text", "children", "state")
# A key ring has no password, but Liberty wants one; every site writes this word.
RING_PASSWORD = "password"
# Letters, digits and what ASCII has of XML's other name characters; Liberty's names need no more.
_XML_NAME = re.compile(r"[^\W\d][\w.-]*")
_RING_TYPES = {
    "safkeyring": "JCERACFKS",
    "safkeyringjce": "JCERACFKS",
    "safkeyringhw": "JCECCARACFKS",
    "safkeyringjcecca": "JCECCARACFKS",
    "safkeyringhybrid": "JCEHYBRIDRACFKS",
}
# What stands behind the scheme: the owner, or nobody for the user of the server, and the ring.
_RING = re.compile(rf"(?:{zos_names.ASKED.pattern})?/{zos_names.RING.pattern}")


@dataclass(frozen=True)
class DesiredElement:
    """One desired element.

    ``path`` names it in messages (``elements[3].children[0]``). ``identity`` is what its occurrences are found by:
    None for a singleton. ``attributes`` maps names to text, or to None where the attribute shall go; ``implied`` are
    written only where nothing is there yet.
    """

    path: str
    element: str
    entry: Element | None
    identity: str | None
    state: str
    attributes: Mapping[str, str | None]
    implied: Mapping[str, str]
    text: str | None
    children: tuple[DesiredElement, ...]

    @property
    def title(self) -> str:
        """The element as people name it: ``<ssl id="x">``, ``<apiRequester name="y">``, ``<feature>z``."""
        if self.identity is None:
            return f"<{self.element}>"
        if self.entry and self.entry.identity == "text":
            return f"<{self.element}>{self.identity}</{self.element}>"
        key = (self.entry.key if self.entry else None) or "id"
        return f'<{self.element} {key}="{self.identity}">'

    def place(self) -> tuple[str, str | None]:
        """What makes two elements of one parent the same: nested names and feature names have no case."""
        identity = self.identity
        if identity is not None and self.entry and self.entry.identity == "text":
            identity = identity.casefold()
        nested = ".children[" in self.path
        return (self.element.casefold() if nested else self.element, identity)


@dataclass(frozen=True)
class Options:
    """How desired elements are read: the default state, whether unknown names pass."""

    state: str = "merged"
    allow_unknown: bool = False


def check(raw: object, options: Options, *, where: str = "elements") -> tuple[DesiredElement, ...]:
    """Return the elements in ``raw``, the list that a user gave; raise SecurityError naming the first wrong one."""
    return _combined(
        _list(raw, where), lambda item, path: _want(item, path, None, options, options.state, top=True), where
    )


def _list(raw: object, where: str) -> Sequence[object]:
    if isinstance(raw, Sequence) and not isinstance(raw, (str, bytes)):
        return raw
    raise SecurityError(f"{where}: must be a list of elements, not {described(raw)}.")


def _combined(items: Sequence[object], make: Any, where: str) -> tuple[DesiredElement, ...]:
    """Make a desired element of each item; those for one element become one, unless they contradict each other."""
    found: dict[tuple[str, str | None], DesiredElement] = {}
    for number, item in enumerate(items):
        want = make(item, f"{where}[{number}]")
        place = want.place()
        found[place] = _both(found[place], want) if place in found else want
    return tuple(found.values())


def _both(first: DesiredElement, second: DesiredElement) -> DesiredElement:
    if first.state != second.state:
        raise SecurityError(
            f"{second.path}: wants {second.title} {second.state}, but {first.path} wants it {first.state}; keep "
            "one of them."
        )
    attributes = dict(first.attributes)
    spelled = {name.lower(): name for name in attributes}
    for name, value in second.attributes.items():
        other = spelled.get(name.lower(), name)
        if attributes.get(other, value) != value:
            raise SecurityError(
                f"{second.path}.attributes.{name}: contradicts {first.path}.attributes.{other}; both are about "
                f"{first.title}. Keep one of them."
            )
        attributes[other] = value
    by_text = first.entry is not None and first.entry.identity == "text"
    if None not in (first.text, second.text) and first.text != second.text and not by_text:
        raise SecurityError(
            f"{second.path}.text: contradicts {first.path}.text; both are about {first.title}. Keep one of them."
        )
    children = {want.place(): want for want in first.children}
    for want in second.children:
        children[want.place()] = _both(children[want.place()], want) if want.place() in children else want
    text = second.text if first.text is None else first.text
    _not_both_ways(second.path, attributes, text, tuple(children.values()))
    implied = {**first.implied, **second.implied}
    return replace(first, attributes=attributes, implied=implied, text=text, children=tuple(children.values()))


def _want(raw: object, path: str, parent: Element | None, options: Options, state: str, *, top: bool) -> DesiredElement:
    if path.count(".children[") >= MOST_LEVELS:
        raise LimitError(f"{path}: stands more than {MOST_LEVELS} levels deep, which is more than is looked at.")
    item = _mapping(raw, path)
    name = _name(item, path)
    if top and name == "server":
        raise SecurityError(f"{path}: <server> is the root of the file; name an element that stands in it.")
    entry = elements.find(name, None) if top else (elements.find(name, parent) if parent else None)
    if entry is None and not options.allow_unknown:
        raise _unknown_element(name, path, parent, top=top)
    state = _state(item, path, state)
    attributes = _attributes(item, path, entry, options)
    text = None if item.get("text") is None else values.to_text(item["text"], f"{path}.text")
    identity, attributes = _identity(item, path, name, entry, attributes, text)
    if state == "absent":
        _only_identity(path, entry, attributes, item)
    children = _combined(
        _list(item.get("children") or [], f"{path}.children"),
        lambda child, where: _want(child, where, entry, options, state, top=False),
        f"{path}.children",
    )
    _not_both_ways(path, attributes, text, children)
    implied = _ring(entry, attributes, path)
    return DesiredElement(
        path, entry.name if entry else name, entry, identity, state, attributes, implied, text, children
    )


def _mapping(raw: object, path: str) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise SecurityError(f"{path}: must be a mapping with the key element, not {described(raw)}.")
    for key in raw:
        if key not in _KEYS:
            hint = nearest(str(key), _KEYS) or "."
            raise SecurityError(f"{path}: unknown key {str(key)!r}{hint} Known are {', '.join(_KEYS)}.")
    return raw


def _name(item: Mapping[str, Any], path: str) -> str:
    name = item.get("element")
    if not isinstance(name, str) or not name.strip():
        raise SecurityError(f"{path}: has no element; give the element's name, for example element: httpEndpoint.")
    return _xml_name(name, f"{path}.element")


def _state(item: Mapping[str, Any], path: str, default: str) -> str:
    state = item.get("state")
    if state is None:
        return default
    if state not in STATES:
        raise SecurityError(f"{path}.state: {str(state)!r} is not one of {', '.join(STATES)}.")
    return str(state)


def _unknown_element(name: str, path: str, parent: Element | None, *, top: bool) -> SecurityError:
    known = elements.CATALOGUE if top else {c.name: c for c in parent.children.values()} if parent else {}
    inside = "" if top else f" inside <{parent.name if parent else '?'}>"
    hint = nearest(name, known) or "."
    return SecurityError(
        f"{path}: element {name!r} is not known{inside}{hint} If it is right, set allow_unknown to true."
    )


def _attributes(item: Mapping[str, Any], path: str, entry: Element | None, options: Options) -> dict[str, str | None]:
    raw = item.get("attributes")
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        raise SecurityError(f"{path}.attributes: must be a mapping of names to values, not {described(raw)}.")
    if len(raw) > MOST_ATTRIBUTES:
        raise LimitError(f"{path}.attributes: has more than {MOST_ATTRIBUTES:,} of them, more than is looked at.")
    found: dict[str, tuple[str, str | None]] = {}
    for key, value in raw.items():
        name, text = _attribute(str(key), value, f"{path}.attributes.{key}", entry, options)
        if name.lower() in found:
            raise SecurityError(f"{path}.attributes.{key}: is given twice; attribute names have no case for Liberty.")
        found[name.lower()] = (name, text)
    return dict(found.values())


def _attribute(name: str, value: object, where: str, entry: Element | None, options: Options) -> tuple[str, str | None]:
    known = entry.attributes.get(name.lower()) if entry else None
    if name == "id":
        raise SecurityError(f"{where}: the id is no attribute here; give it as id, beside element.")
    if known is None and not options.allow_unknown:
        owner = f"<{entry.name}>" if entry else "an unknown element"
        hint = nearest(name, [a.name for a in entry.attributes.values()] if entry else []) or "."
        raise SecurityError(
            f"{where}: {owner} has no attribute {name!r}{hint} If it is right, set allow_unknown to true."
        )
    spelling = known.name if known else _xml_name(name, where)
    if value is None:
        return spelling, None
    text = values.to_text(value, where)
    if known is None:
        return spelling, text
    if known.secret:
        passwords.check_desired(text, where)
    if known.kind == "secret":
        passwords.check_encoded(text, where)
        return spelling, text
    return spelling, values.canonical(known, text, where)


def _xml_name(name: str, where: str) -> str:
    if _XML_NAME.fullmatch(name) and not name.lower().startswith("xml"):
        return name
    raise SecurityError(f"{where}: {name!r} cannot be an XML name.")


def _identity(
    item: Mapping[str, Any],
    path: str,
    name: str,
    entry: Element | None,
    attributes: dict[str, str | None],
    text: str | None,
) -> tuple[str | None, dict[str, str | None]]:
    """Return what identifies the element, and its attributes without the identifying one."""
    given = None if item.get("id") is None else values.to_text(item["id"], f"{path}.id")
    if entry is None:
        return given, attributes
    if entry.by_id:
        is_left_open = given is None and entry.default_id is None
        return (None if is_left_open else _id(given, path, entry)), attributes
    if given is not None:
        one = "its parent has only one"
        reason = {"singleton": "Liberty merges all of them into one", "single": one, "only": one}.get(
            entry.identity, f"it is identified by {'its text' if entry.identity == 'text' else 'its ' + str(entry.key)}"
        )
        raise SecurityError(f"{path}.id: <{name}> has no id: {reason}. Remove the id.")
    if entry.identity == "text":
        if not (text and text.strip()):
            raise SecurityError(f"{path}: <{name}> needs text.")
        return text.strip(), attributes
    if entry.key is None:
        return None, attributes
    key = attributes.get(entry.key)
    if not key:
        raise SecurityError(f"{path}: <{name}> needs attributes.{entry.key}, by which it is found.")
    return key, {k: v for k, v in attributes.items() if k != entry.key}


def needs_id(path: str, name: str) -> SecurityError:
    """Return what is said of an element without id that only an id tells apart from others."""
    return SecurityError(f"{path}: <{name}> needs an id: Liberty merges what has the same id, and nothing else.")


def _id(given: str | None, path: str, entry: Element) -> str:
    given = given or entry.default_id
    if not given:
        raise needs_id(path, entry.name)
    if values.has_variable(given):
        raise SecurityError(
            f"{path}.id: {given!r} holds a variable, which Liberty does not replace in an id; write it out."
        )
    if given.startswith("default-") and given[8:].isdigit():
        raise SecurityError(
            f"{path}.id: {given!r} is an id that Liberty generates for elements without one; choose another."
        )
    return given


def _only_identity(path: str, entry: Element | None, attributes: Mapping[str, object], item: Mapping[str, Any]) -> None:
    extra = [f"attributes.{name}" for name in attributes]
    extra += ["children"] if item.get("children") else []
    extra += ["text"] if item.get("text") is not None and not (entry and entry.identity == "text") else []
    if extra:
        raise SecurityError(
            f"{path}: state absent removes the whole element, so {', '.join(extra)} cannot be given with it. "
            "To remove one attribute, use state merged and set it to null."
        )


def _not_both_ways(
    path: str, attributes: Mapping[str, str | None], text: str | None, children: Sequence[DesiredElement]
) -> None:
    """Refuse what Liberty cannot take: a value given as attribute and as child, text beside elements."""
    given = {name.lower() for name, value in attributes.items() if value is not None}
    wanted = [child for child in children if child.state != "absent"]
    for child in wanted:
        if child.element.lower() in given:
            raise SecurityError(
                f"{child.path}: {child.element} is also given as an attribute; Liberty refuses a configuration that "
                "gives it both ways. Keep one of them."
            )
    if wanted and text is not None:
        raise SecurityError(f"{path}: has text and children; Liberty takes either. Keep one of them.")


def ring_type(location: str | None) -> str | None:
    """Return the type of a key store at ``location`` if that is a SAF key ring, else None."""
    return _RING_TYPES.get((location or "").partition(":")[0].lower())


def ring_fault(location: str) -> str | None:
    """Say what is wrong with a location that is meant to be a SAF key ring; one with a variable may be right."""
    if not location.lower().startswith("safkeyring") or values.has_variable(location):
        return None
    scheme, _separator, rest = location.partition("://")
    if scheme.lower() in _RING_TYPES and _RING.fullmatch(rest):
        return None
    return (
        f"{shown(location)} is not the URL of a key ring; write safkeyring:///RING for a ring of the server's own "
        "user, or safkeyring://OWNER/RING."
    )


def _ring(entry: Element | None, attributes: Mapping[str, str | None], path: str) -> dict[str, str]:
    """Return what a key store that is a SAF key ring needs besides its location."""
    location = attributes.get("location") or ""
    if entry is None or entry.name not in ("keyStore", "trustStore"):
        return {}
    if fault := ring_fault(location):
        raise SecurityError(f"{path}.attributes.location: {fault}")
    kind = ring_type(location)
    if kind is None:
        return {}
    return {"type": kind, "fileBased": "false", "readOnly": "true", "password": RING_PASSWORD}


def references(desired: Iterable[DesiredElement]) -> list[tuple[str, str, str]]:
    """Return (path of the attribute, element referred to, id) for each reference that is desired without a variable."""
    found: list[tuple[str, str, str]] = []
    for want in _all(desired):
        for name, text in want.attributes.items():
            known = want.entry.attributes.get(name.lower()) if want.entry else None
            if known and known.target and text is not None and not values.has_variable(text):
                path = f"{want.path}.attributes.{name}"
                found += [(path, known.target, target) for target in values.id_list(known, text)]
    return found


def secret_variables(desired: Iterable[DesiredElement]) -> tuple[frozenset[str], list[tuple[str, str]]]:
    """Return the variables that desired secrets refer to, and the desired variables with their values."""
    used: set[str] = set()
    definitions: list[tuple[str, str]] = []
    for want in _all(desired):
        for name, text in want.attributes.items():
            known = want.entry.attributes.get(name.lower()) if want.entry else None
            named = redact.can_be_named(name) and want.element != "variable" and redact.names_secret(want.attributes)
            if text and (named or (known.secret if known else is_secret_name(name))):
                used.update(values.variables(text))
            elif text and want.element == "variable" and want.identity:
                definitions.append((want.identity, text))
        if want.text and (is_secret_name(want.element) or redact.names_secret(want.attributes)):
            used.update(values.variables(want.text))
    return frozenset(used), definitions


def _all(desired: Iterable[DesiredElement]) -> Iterator[DesiredElement]:
    for want in desired:
        yield want
        yield from _all(want.children)
