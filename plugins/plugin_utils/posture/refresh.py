# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the files say beside what the running server does: where they differ, a refresh is pending.

A server has more attributes and defaults than the catalogue knows. So only that counts of which both sides can speak:
what the files set, defaults that the catalogue knows, and what the server has although neither says so. Where a
difference may have another reason, it is named as not compared.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from itertools import count
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils.secret_names import is_secret_name
from ansible_collections.zosconnect.security.plugins.plugin_utils import redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import elements, problems
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.attributes import BUILT_IN
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import (
    Effective,
    Instance,
    unmentioned,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.elements import Attribute, Element
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.running import (
    Form,
    Forms,
    Report,
    is_nested,
    location,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.values import duration
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin

SERVER = Origin("running server")
# IBM does not publish which attributes of its own elements have defaults. Of these none can: the wider scope counts.
_UNSET_BY_DESIGN = ("requireSecure", "requireAuth")
# Where the server puts what it writes depends on the environment that starts it.
_GUESSED = "server.output.dir"
# True since 24.0.0.9 (PH58796), false before.
_BY_RELEASE = ("verifyHostname",)
# In these the server reports durations, as numbers; the catalogue has the unit of what it knows.
_UNITS = (1, 1000, 60_000, 3_600_000)


@dataclass(frozen=True)
class Difference:
    """``path`` names the element, ``attribute`` is None for all of it; a side that has nothing is None."""

    path: str
    attribute: str | None
    files: object
    server: object
    origin: Origin

    def __str__(self) -> str:
        if self.attribute is None:
            who, other = ("the files", "the server has not") if self.files else ("the server", "the files have not")
            return f"<{self.path}>: {who} {'have' if self.files else 'has'} it, {other}."
        sides = f"{_said('the files say', self.files)}, {_said('the server has', self.server)}"
        return f"{self.attribute} of <{self.path}>: {sides}."

    def shown(self) -> dict[str, object]:
        """Return the difference as plain data."""
        return {**asdict(self), "origin": str(self.origin)}


def _said(who: str, value: object) -> str:
    return f"{who} nothing" if value is None else f"{who} {_text(value)!r}"


@dataclass
class Comparison:
    """What differs, and sentences on what could not be compared."""

    differences: list[Difference] = field(default_factory=list)
    not_compared: list[str] = field(default_factory=list)


def compare(
    effective: Effective,
    report: Report,
    *,
    catalogue: Mapping[str, Element] = elements.CATALOGUE,
    forms: Forms | None = None,
) -> Comparison:
    """Compare an effective configuration with what ``GET /ibm/api/config`` of the running server reported.

    ``catalogue`` is the one by which the configuration was evaluated.
    """
    comparison = Comparison()
    if effective.assembly.refused:
        comparison.not_compared.append(f"Everything: {effective.assembly.refused}")
        return comparison
    if not effective.all_read:
        comparison.not_compared.append("What stands in files that could not be read: a difference may come from there.")
    elif not effective.complete:
        comparison.not_compared.append(
            "What depends on the order in which Liberty evaluates: a difference may come from there."
        )
    reported: dict[str, list[Mapping[str, Any]]] = {}
    for entry in report:
        if is_nested(entry):
            continue
        reported.setdefault(entry["configElementName"], []).append(entry)
    for name in sorted({*effective.instances, *reported}):
        one = _Elements(effective, name, catalogue.get(name), forms or Forms(), comparison)
        one.compare(effective.all(name), reported.get(name, []))
    return comparison


@dataclass(frozen=True)
class _Elements:
    """Compares all elements of one name."""

    effective: Effective
    name: str
    entry: Element | None
    forms: Forms
    comparison: Comparison

    def compare(self, ours: Sequence[Instance], reported: Sequence[Mapping[str, Any]]) -> None:
        if self.entry and not self.entry.by_id and not ours and reported:
            if self._is_rejected:
                self._note_rejected(self.name)
                return
            ours = [unmentioned(self.effective, self.entry)]
        theirs = {
            _identity(form): (form, entry) for entry in reported for form in (self.forms.of_server(entry, self.entry),)
        }
        for instance in ours:
            form = self.forms.of_files(instance, self.entry)
            found = theirs.pop(_identity(form), None)
            path = _path(self.name, instance.id)
            if found is not None:
                self.attributes(path, instance, form, found[0], self.entry)
            elif instance.places and (self.entry or not reported or _is_missed(instance, reported)):
                self._note(path, None, "there", None, instance.places[-1])
        for identity, (_form, entry) in theirs.items():
            self._only_on_the_server(_path(self.name, identity), entry)

    def _only_on_the_server(self, path: str, entry: Mapping[str, Any]) -> None:
        """Note an element that no file has; one that no feature knows is nobody's default."""
        if not self.entry and "error" not in entry:
            return
        if self._is_rejected:
            self._note_rejected(path)
        else:
            self._note(path, None, None, "there", SERVER)

    @cached_property
    def _is_rejected(self) -> bool:
        return any(p.rule == problems.REJECTED and p.element == self.name for p in self.effective.problems)

    def _note_rejected(self, path: str) -> None:
        text = f"<{path}>: Liberty rejects such an element of the files, and a running server keeps what it had."
        self.comparison.not_compared.append(text)

    def attributes(self, path: str, instance: Instance, ours: Form, theirs: Form, entry: Element | None) -> None:
        """Compare two forms of one element, and what is nested in it."""
        spelled = {_plain(key).lower(): key for key in theirs if not key.startswith(("#", "/"))}
        for key, value in ours.items():
            if not key.startswith(("#", "/")):
                other = theirs.get(spelled.pop(_plain(key).lower(), ""))
                self._attribute(path, instance, _plain(key), value, other, entry)
        for key in spelled.values():
            self._attribute(path, instance, _plain(key), None, theirs[key], entry)
        for name, children in instance.children.items():
            inner = entry.children.get(name.lower()) if entry else None
            self._children(path, children, theirs, inner)
        for key in [key for key in theirs if key.startswith("/")]:
            if entry and key[1:].lower() in entry.children and not _has(instance, key[1:]):
                self._surplus(path, theirs[key], entry.children[key[1:].lower()])

    def _children(self, path: str, children: Sequence[Instance], theirs: Form, inner: Element | None) -> None:
        if not children:
            return
        name = children[0].element
        numbers, others = count(), count()
        found: dict[str | None, deque[Form]] = {}
        for form in theirs.get(f"/{name}", []):
            found.setdefault(_child(form, inner, others), deque()).append(form)
        for child in children:
            form = self.forms.of_files(child, inner)
            key = _child(form, inner, numbers)
            where = f"{path}/{_path(name, key)}"
            if found.get(key):
                self.attributes(where, child, form, found[key].popleft(), inner)
            elif inner:
                self._note(where, None, "there", None, child.places[-1])
        if inner:
            self._surplus(path, [form for forms in found.values() for form in forms], inner)

    def _surplus(self, path: str, forms: Sequence[Form], inner: Element) -> None:
        numbers = count()
        for form in forms:
            self._note(f"{path}/{_path(inner.name, _child(form, inner, numbers))}", None, None, "there", SERVER)

    def _attribute(
        self, path: str, instance: Instance, name: str, ours: object, theirs: object, entry: Element | None
    ) -> None:
        known = _known(entry, name)
        value = instance.attributes.get(name)
        if name.lower() == "location" or (known and ".dir}/" in str(known.default)):
            ours, theirs = location(ours), location(theirs)
        secret = value is not None and self.effective.secret_variables.intersection(value.origin.via)
        if secret or is_secret_name(name) or instance.holds_named(name) or _same(ours, theirs, known):
            return
        if ours is None or theirs is None:
            of_ibm = self.name.startswith("zosconnect_") and name not in _UNSET_BY_DESIGN
            default = value is not None and value.origin is BUILT_IN
            if known is None or default or (ours is None and of_ibm and known.kind not in ("ref", "refs")):
                return
        if doubt := _doubt(instance, name, ours, known):
            self.comparison.not_compared.append(f"{name} of <{path}>: {doubt}")
            return
        origin = value.origin if value and value.origin is not BUILT_IN else (SERVER if ours is None else BUILT_IN)
        single = known is not None and known.kind == "ref"
        mine, its = (side[0] if single and isinstance(side, list) and side else side for side in (ours, theirs))
        self._note(path, name, mine, its, origin)

    def _note(self, path: str, attribute: str | None, ours: object, theirs: object, origin: Origin) -> None:
        mine, its = (_shown(str(attribute), side) for side in (ours, theirs))
        self.comparison.differences.append(Difference(path, attribute, mine, its, origin))


def _is_missed(instance: Instance, reported: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the server would show an element that the catalogue does not know, if it had it: by its own id."""
    return instance.explicit and all("uid" in entry for entry in reported)


def _known(entry: Element | None, name: str) -> Attribute | None:
    """Return what the catalogue says of an attribute; elements that are mere texts count as a list of options."""
    if entry is None or name.lower() in entry.attributes:
        return entry.attributes[name.lower()] if entry else None
    child = entry.children.get(name.lower())
    return Attribute(child.name, "option") if child and child.identity == "text" else None


def _shown(name: str, value: object) -> object:
    if isinstance(value, list):
        return [_shown(name, item) for item in value]
    return redact.value(name, value) if isinstance(value, str) else value


def _identity(form: Form) -> str | None:
    return form.get("#id")


def _path(name: str, identity: str | None) -> str:
    return name if identity is None else f"{name}[{identity}]"


def _plain(key: str) -> str:
    return key.removeprefix("@")


def _has(instance: Instance, name: str) -> bool:
    return any(children and children[0].element.lower() == name.lower() for children in instance.children.values())


def _child(form: Form, inner: Element | None, numbers: Iterator[int]) -> str | None:
    """Return what two nested elements have in common: the attribute that people mean, else the id, else the place."""
    number = next(numbers)
    if inner and inner.identity == "single":
        return None
    named = form.get(inner.key) if inner and inner.key else None
    return str(named) if named is not None else form.get("#id", f"default-{number}")


def _doubt(instance: Instance, name: str, ours: object, known: Attribute | None) -> str | None:
    """Say why a difference may be none."""
    value = instance.attributes.get(name)
    if "${" in _text(ours):
        return "it uses a variable that nothing seen here defines."
    if value is None:
        return None
    if _GUESSED in value.origin.via or (value.origin is BUILT_IN and known and "${" in str(known.default)):
        return "where it leads depends on the environment in which the server was started."
    if value.origin is BUILT_IN and name in _BY_RELEASE:
        return "its default is not the same in all releases of Liberty."
    return None


def _same(ours: object, theirs: object, known: Attribute | None) -> bool:
    """Whether two values mean the same; an element that no feature knows is shown as text, without types."""
    if ours is None or theirs is None:
        return ours == theirs or theirs in ("", [])
    if isinstance(ours, list) or isinstance(theirs, list):
        first, second = (each if isinstance(each, list) else [each] for each in (ours, theirs))
        return len(first) == len(second) and all(_same(a, b, known) for a, b in zip(first, second, strict=True))
    texts = _text(ours), _text(theirs)
    if texts[0] == texts[1] or (known and known.kind == "option" and texts[0].lower() == texts[1].lower()):
        return True
    units = _UNITS if known is None else (known.unit,) * (known.kind == "duration")
    return any(duration(texts[0], unit) == duration(texts[1], unit) != 0 for unit in units)


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
