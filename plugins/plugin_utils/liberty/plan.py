# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is desired and a document in, a plan out: the edits, the changes as people read them, and the new text, proved.

An element may stand in several places of a file (``occurrences``); Liberty merges them, a later attribute wins. So an
attribute is changed where it wins, and removed everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType

from ansible_collections.zosconnect.security.plugins.module_utils.secret_names import is_secret_name
from ansible_collections.zosconnect.security.plugins.plugin_utils import garbage, redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import nearest, several
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import desired as desiring
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import (
    elements,
    passwords,
    style,
    values,
    verify,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.desired import DesiredElement
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import Document, Node, values_of
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.edits import (
    AddAttribute,
    AddChild,
    DropAttribute,
    Edit,
    NewElement,
    Remove,
    SetText,
    SetValue,
    where,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.elements import Attribute, Element
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.passwords import Writing
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source, Splice

_IN_XOR = Writing()


@dataclass(frozen=True)
class Change:
    """One line of the result. ``line`` is in the file as it was; secrets are marks already."""

    action: str
    element: str
    identity: str | None
    attribute: str | None
    line: int
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Plan:
    """A complete change of one file. ``source`` is the old text, ``result`` the new one, equal to it where nothing
    changes. ``secrets`` are the options whose secrets the change writes, each with its text as it is written.
    """

    source: Source
    result: Source
    changes: tuple[Change, ...]
    splices: tuple[Splice, ...]
    secret_variables: frozenset[str]
    secrets: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def changed(self) -> bool:
        return bool(self.splices)


@garbage.kept()
def plan(
    source: Source,
    desired: Sequence[DesiredElement],
    *,
    allow_unknown: bool = False,
    elsewhere: Mapping[str, AbstractSet[str]] = MappingProxyType({}),
    writing: Writing = _IN_XOR,
    secret_variables: frozenset[str] = frozenset(),
) -> Plan:
    """Return the change that makes ``desired`` true in ``source``.

    ``elsewhere`` are ids that other files of the server define, by element: references may lead there. ``writing`` is
    how passwords are written and compared, ``secret_variables`` hold secrets for what other files say.

    Raises SecurityError for what is ambiguous or would be refused by Liberty. The new text has been parsed again, by
    another parser, and means exactly what was intended.
    """
    used, definitions = desiring.secret_variables(desired)
    secret_variables = redact.secret_variables([source.text], used | secret_variables, definitions)
    with closing(Document(source)) as document:
        planner = _Planner(document, secret_variables, writing)
        top = list(document.top())
        for want in desired:
            planner.apply(want, [document.root], top)
        planner.settle_anchors()
        if not planner.edits:
            if not allow_unknown:
                _references(document, desired, elsewhere)
            return Plan(source, source, (), (), secret_variables)
        splices = style.splices(document, planner.edits)
        result = source.splice(splices)
        verify.verify(document, planner.edits, result)
        if not allow_unknown and (desiring.references(desired) or planner.removed):
            with closing(Document(result)) as after:
                _references(after, desired, elsewhere)
                _orphans(document, after, planner.removed)
    return Plan(source, result, tuple(planner.changes), tuple(splices), secret_variables, tuple(planner.secrets))


@dataclass(frozen=True)
class _Siblings:
    """The children of one (merged) element, found by name and identity without looking at each again and again."""

    nodes: Sequence[Node]
    nested: bool
    asked: set[str] = field(default_factory=set)

    @cached_property
    def by_name(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = {}
        for _name, run in groupby(self.nodes, attrgetter("name")):
            nodes = list(run)
            found.setdefault(self.name(nodes[0].local), []).extend(nodes)
        return found

    @cached_property
    def by_identity(self) -> dict[str, dict[str | None, list[Node]]]:
        """Element name → identity → occurrences, filled for a name when it is asked for again."""
        return {}

    def name(self, name: str) -> str:
        return name.lower() if self.nested else name

    def find(self, want: DesiredElement) -> list[Node]:
        """Return the occurrences of the desired element, in document order."""
        named = self.by_name.get(self.name(want.element), [])
        if want.identity is None:
            return named
        name, wanted = self.name(want.element), _folded(want.identity, want.entry)
        if name not in self.asked:
            # To look through all once is quicker than to make an index.
            self.asked.add(name)
            found = zip(_identities(named, want.entry), named, strict=True)
            return [node for identity, node in found if identity == wanted]
        if name not in self.by_identity:
            index = self.by_identity[name] = {}
            for identity, node in zip(_identities(named, want.entry), named, strict=True):
                index.setdefault(identity, []).append(node)
        return self.by_identity[name].get(wanted, [])


def _identity(node: Node, entry: Element | None) -> str | None:
    """What Liberty, or where it has nothing people, know this occurrence by."""
    if entry and entry.identity == "text":
        return node.text.strip()
    if entry and entry.key:
        return node.get(entry.key)
    return node.attributes.get("id", entry.default_id if entry else None)


def _identities(nodes: Sequence[Node], entry: Element | None) -> Iterable[str | None]:
    """Return the identity of each of ``nodes``, as it is compared."""
    if entry and entry.key and entry.identity != "text":
        return values_of(nodes, entry.key)
    return [_folded(_identity(node, entry), entry) for node in nodes]


def _folded(identity: str | None, entry: Element | None) -> str | None:
    """An identity as it is compared: feature names and the like have no case."""
    return identity.casefold() if identity and entry and entry.identity == "text" else identity


class _Planner:
    """Collects the edits and changes of one document."""

    def __init__(self, document: Document, secret_variables: frozenset[str], writing: Writing) -> None:
        self.document = document
        self.writing = writing
        self.secret_variables = secret_variables
        self.edits: list[Edit] = []
        self.changes: list[Change] = []
        self.secrets: list[tuple[str, str]] = []
        self.removed: list[DesiredElement] = []
        self._siblings: dict[int, _Siblings] = {}
        self._with_text: dict[int, bool] = {}
        self._naming: dict[tuple[str, int], bool] = {}

    def apply(self, want: DesiredElement, parents: list[Node], children: Sequence[Node] | None = None) -> None:
        """Make ``want`` true among the children of ``parents``, which are one element in several places."""
        siblings = self._children(parents, children)
        found = siblings.find(want)
        found = self._without_id(want, found)
        if want.state == "absent":
            for node in found:
                self._remove(node, want)
            if found and want.entry and want.entry.by_id:
                self.removed.append(want)
        elif not found:
            self._add(want, parents[-1], siblings)
        else:
            # Variables of one name are not merged: the last one counts, whole.
            counts = found[-1:] if want.element == "variable" else found
            self._unambiguous(want, counts)
            self._change(want, counts)

    def settle_anchors(self) -> None:
        """A new element cannot stand behind one that goes: put it behind the nearest that stays."""
        gone = {edit.node.index for edit in self.edits if isinstance(edit, Remove)}
        stays: dict[int, Node | None] = {}
        for number, edit in enumerate(self.edits):
            if isinstance(edit, AddChild) and edit.after and edit.after.index in gone:
                if edit.after.index not in stays:
                    before = (n for n in reversed(edit.parent.children) if n.index < edit.after.index)
                    stays[edit.after.index] = next((n for n in before if n.index not in gone), None)
                self.edits[number] = AddChild(edit.parent, stays[edit.after.index], edit.new)

    def _children(self, parents: list[Node], children: Sequence[Node] | None) -> _Siblings:
        # All that Liberty merges with an element is found together, so the first of them stands for all.
        key = parents[0].index
        if key not in self._siblings:
            nested = children is None
            nodes = [child for parent in parents for child in parent.children] if children is None else children
            self._siblings[key] = _Siblings(nodes, nested)
        return self._siblings[key]

    def _without_id(self, want: DesiredElement, found: list[Node]) -> list[Node]:
        """Return the occurrences that are meant where no id is given, of an element that Liberty knows by its id.

        That is the only one without id, or the only one of the name that is wanted. An element that no catalogue knows
        may be such an element, or one of which Liberty merges all; so of those there may be one only.
        """
        if want.identity is not None or not (want.entry is None or want.entry.by_id):
            return found
        unnamed = [node for node in found if "id" not in node.attributes]
        named = [node for node in found if "id" in node.attributes]
        if named and want.entry is None:
            raise SecurityError(
                f"{want.path}: <{want.element}> has an id at {self._at(named[0])}, so Liberty tells several of "
                "them apart; give the id of the one that is meant."
            )
        wanted = want.attributes.get("name")
        if want.entry is not None and wanted is not None:
            of_name = [node for node in unnamed if node.get("name") == wanted]
            unnamed = of_name if len(of_name) == 1 else unnamed
        if len(unnamed) > 1:
            lines = several([str(node.line) for node in unnamed], " and ")
            raise SecurityError(
                f"{want.path}: {self.document.source.name} has <{want.element}> without id more than once, at lines "
                f"{lines}, so it is not clear which one is meant; give that one an id by hand."
            )
        if want.entry is not None and not unnamed and want.state != "absent":
            raise desiring.needs_id(want.path, want.element)
        self._same_name(want, unnamed)
        return unnamed

    def _same_name(self, want: DesiredElement, found: list[Node]) -> None:
        """Refuse to give an element without id the name of another: two applications are two to everybody."""
        wanted = want.attributes.get("name")
        for node in found:
            name = node.get("name")
            if wanted is not None and name is not None and name != wanted:
                raise SecurityError(
                    f"{want.path}: <{want.element}> at {self._at(node)} has no id and is named {name!r}, not "
                    f"{wanted!r}; give an id, so that it is clear which one is meant."
                )

    def _unambiguous(self, want: DesiredElement, found: list[Node]) -> None:
        """Two requesters of one name are two to Liberty (unless their ids are equal): which one is meant?"""
        if len(found) < 2 or not (want.entry and want.entry.key):
            return
        if len({node.attributes.get("id") for node in found}) == 1 and "id" in found[0].attributes:
            return
        lines = several([str(node.line) for node in found], " and ")
        raise SecurityError(
            f"{want.path}: {self.document.source.name} has {want.title} more than once, at lines {lines}, and Liberty "
            "keeps them apart. Remove all of them with state absent, or all but one by hand."
        )

    def _add(self, want: DesiredElement, parent: Node, siblings: _Siblings) -> None:
        if parent is not self.document.root and self._holds_text(parent):
            raise SecurityError(
                f"{want.path}: <{parent.name}> at {self._at(parent)} holds text, so Liberty takes it for a value; "
                f"{want.title} cannot be put into it."
            )
        same = siblings.by_name.get(siblings.name(want.element), [])
        after = same[-1] if same and same[-1].parent is parent else None
        self.edits.append(AddChild(parent, after, self._new(want)))
        line = self.document.source.line((after or parent).end if after else parent.stop)
        self._note("added", want, None, line, None, None)

    def _holds_text(self, parent: Node) -> bool:
        if parent.index not in self._with_text:
            self._with_text[parent.index] = not parent.children and bool(parent.text.strip())
        return self._with_text[parent.index]

    def _new(self, want: DesiredElement) -> NewElement:
        attributes: dict[str, str] = {}
        if want.entry is None or want.entry.by_id:
            attributes.update({"id": want.identity} if want.identity is not None else {})
        elif want.entry.key and want.identity is not None:
            attributes[want.entry.key] = want.identity
        attributes.update({k: self._written(want, k, v) for k, v in want.attributes.items() if v is not None})
        if want.text and self._secret_text(want):
            self.secrets.append((f"{want.path}.text", want.text))
        attributes.update({k: v for k, v in want.implied.items() if k not in want.attributes})
        children = [self._new(child) for child in want.children if child.state != "absent"]
        return NewElement(want.element, attributes, want.text, children)

    def _change(self, want: DesiredElement, found: list[Node]) -> None:
        for name, value in want.attributes.items():
            if value is None:
                self._drop(want, found, name)
            else:
                self._set(want, found, name, value)
        self._imply(want, found)
        if want.text is not None and not (want.entry and want.entry.identity == "text"):
            self._text(want, found)
        if want.state == "replaced":
            self._drop_others(want, found)
        self._not_as_attribute(want, found)
        for child in want.children:
            self.apply(child, found)

    def _imply(self, want: DesiredElement, found: list[Node]) -> None:
        """Write what a key ring needs; what is there stays, unless it belonged to the file that the ring replaces."""
        was_ring = any(desiring.ring_type(node.get("location")) for node in found)
        for name, value in want.implied.items():
            present = any(node.get(name) for node in found)
            if name not in want.attributes and (not present or (not was_ring and name != "password")):
                self._set(want, found, name, value)

    def _set(self, want: DesiredElement, found: list[Node], name: str, value: str) -> None:
        known = want.entry.attributes.get(name.lower()) if want.entry else None
        self._not_as_child(want, found, name, known)
        holders = [(node, spelling) for node in found if (spelling := node.find_attribute(name))]
        if not holders:
            self.edits.append(AddAttribute(found[-1], name, self._written(want, name, value, found)))
            self._note("changed", want, name, found[-1].line, None, value, found)
            return
        node, spelling = holders[-1]
        old = node.attributes[spelling]
        secret = known is not None and known.kind == "secret"
        if values.same(known, old, value, self.writing.keys):
            if not (secret and self.writing.strengthens(old, value)):
                return
        elif secret:
            self._comparable(want, node, name, old)
        edit = SetValue(node, spelling, self._written(want, name, value, found))
        self.edits.append(edit)
        self._note("changed", want, name, self.document.source.line(where(edit)), old, value, found)

    def _comparable(self, want: DesiredElement, node: Node, name: str, old: str) -> None:
        """What is not the desired password for certain stays, and {xor} does not take the place of what protects."""
        wanted = want.attributes.get(name) or ""
        if passwords.algorithm(old) in passwords.OPEN or values.has_variable(wanted):
            return
        if passwords.algorithm(wanted) not in passwords.OPEN:
            return
        where = f"{want.path}.attributes.{name}: {want.title} at {self._at(node)}"
        way = "Leave the attribute out to keep it, refer to a ${variable}, or give the encoded text itself."
        try:
            passwords.decode(old, self.writing.keys)
        except SecurityError as e:
            raise SecurityError(
                f"{where} has a password that cannot be compared with the desired one: {e} {way}"
            ) from e
        if not self.writing.protects:
            raise SecurityError(
                f"{where} has another password than the desired one, in {{aes}}, which would be weakened. Set "
                "password_encoding to aes, or refer to a ${variable}."
            )

    def _written(self, want: DesiredElement, name: str, value: str, found: Sequence[Node] = ()) -> str:
        """Return a desired value as it stands in the file: passwords are encoded. Secrets are noted."""
        known = want.entry.attributes.get(name.lower()) if want.entry else None
        text = self.writing.written(value) if known and known.kind == "secret" else value
        places = [want.attributes.get("location"), *(node.get("location") for node in found)]
        # A key ring has no password; Liberty wants one all the same, and this one is what everybody writes.
        dummy = value == "password" and any(map(desiring.ring_type, places))
        if self._secret(want, name, found) and not dummy:
            self.secrets.append((f"{want.path}.attributes.{name}", text))
        return text

    def _not_as_child(self, want: DesiredElement, found: list[Node], name: str, known: Attribute | None) -> None:
        """Refuse an attribute that Liberty would not see, or would throw over: it is given as a child too."""
        going = {child.element.lower() for child in want.children if child.state == "absent"}
        for child in (child for node in found for child in node.children):
            spelled = child.local.lower()
            if spelled in going:
                continue
            if spelled == name.lower():
                raise SecurityError(
                    f"{want.path}.attributes.{name}: {want.title} gives {name} as a child element at "
                    f"{self._at(child)}; Liberty "
                    "refuses a configuration that gives it both ways. Remove the child element too, with state absent."
                )
            if known and known.kind == "ref" and spelled + "ref" == name.lower():
                raise SecurityError(
                    f"{want.path}.attributes.{name}: {want.title} has a nested <{child.name}> at {self._at(child)}, "
                    f"which wins over {name} in Liberty. Change that child, or remove it with state absent."
                )

    def _not_as_attribute(self, want: DesiredElement, found: list[Node]) -> None:
        """Refuse a child that is given as an attribute too."""
        going = {name.lower() for name, value in want.attributes.items() if value is None}
        holders: dict[str, Node | None] = {}
        for child in want.children:
            name = child.element.lower()
            if name not in holders:
                holders[name] = next((node for node in found if node.find_attribute(name)), None)
            node = holders[name]
            if node and child.state != "absent" and name not in going:
                raise SecurityError(
                    f"{child.path}: {want.title} at {self._at(node)} gives {child.element} as an attribute; Liberty "
                    "refuses a configuration that gives it both ways. Remove the attribute too, with null."
                )

    def _drop(self, want: DesiredElement, found: list[Node], name: str) -> None:
        for node in found:
            for spelling in node.spellings(name):
                self._drop_one(want, node, spelling, name, found)

    def _drop_one(self, want: DesiredElement, node: Node, spelling: str, name: str, found: Sequence[Node]) -> None:
        edit = DropAttribute(node, spelling)
        self.edits.append(edit)
        line = self.document.source.line(where(edit))
        self._note("removed", want, name, line, node.attributes[spelling], None, found)

    def _drop_others(self, want: DesiredElement, found: list[Node]) -> None:
        """state replaced: drop what is not named, but for a secret, which only null removes."""
        named = {name.lower() for name in (*want.attributes, *want.implied)}
        keys = {"id", (want.entry.key if want.entry and want.entry.key else "id").lower()}
        for node in found:
            for spelling in node.attributes:
                plain = spelling.rpartition(":")[2].lower()
                secret = self._secret(want, plain, found)
                if plain not in named | keys and not spelling.startswith("xmlns") and not secret:
                    self._drop_one(want, node, spelling, spelling, found)
        siblings = self._children(found, None)
        wanted = {node.index for child in want.children for node in siblings.find(child)}
        for node in siblings.nodes:
            if node.index not in wanted:
                self.edits.append(Remove(node))
                entry = want.entry.children.get(node.local.lower()) if want.entry else None
                self.changes.append(Change("removed", node.local, _identity(node, entry), None, node.line, None, None))

    def _text(self, want: DesiredElement, found: Sequence[Node]) -> None:
        node = found[-1]
        if node.children:
            raise SecurityError(
                f"{want.path}.text: {want.title} at {self._at(node)} has child elements, so it can hold no text."
            )
        old = node.text
        if want.text is not None and old != want.text:
            self.edits.append(SetText(node, want.text))
            if self._secret_text(want, found):
                self.secrets.append((f"{want.path}.text", want.text))
            self._note("changed", want, None, node.line, old, want.text, found)

    def _remove(self, node: Node, want: DesiredElement) -> None:
        self.edits.append(Remove(node))
        self._note("removed", want, None, node.line, None, None)

    def _note(
        self,
        action: str,
        want: DesiredElement,
        name: str | None,
        line: int,
        before: str | None,
        after: str | None,
        found: Sequence[Node] = (),
    ) -> None:
        hide = self._secret_text(want, found) if name is None else self._secret(want, name, found)
        shown = [redact.value("password" if hide else name or want.element, text) for text in (before, after)]
        self.changes.append(Change(action, want.element, want.identity, name, line, shown[0], shown[1]))

    def _secret(self, want: DesiredElement, name: str, found: Sequence[Node] = ()) -> bool:
        """Whether an attribute is secret by its name, or by what names it here or in the file."""
        known = want.entry.attributes.get(name.lower()) if want.entry else None
        if want.element == "variable" and want.identity is not None:
            secret = is_secret_name(want.identity) or want.identity in self.secret_variables
            return secret and name in ("value", "defaultValue")
        named = redact.can_be_named(name) and self._names_secret(want, found)
        return (known is not None and known.secret) or is_secret_name(name) or named

    def _secret_text(self, want: DesiredElement, found: Sequence[Node] = ()) -> bool:
        return is_secret_name(want.element) or self._names_secret(want, found)

    def _names_secret(self, want: DesiredElement, found: Sequence[Node]) -> bool:
        key = (want.path, len(found))
        if key not in self._naming:
            attributes = (want.attributes, *(node.attributes for node in found))
            self._naming[key] = any(map(redact.names_secret, attributes))
        return self._naming[key]

    def _at(self, node: Node) -> str:
        return f"{self.document.source.name}:{node.line}"


def _ids(document: Document) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {name: set(ids) for name, ids in elements.BUILT_IN.items()}
    for node in document.nodes:
        identity = node.attributes.get("id")
        if identity is not None:
            found.setdefault("keyStore" if node.local == "trustStore" else node.local, set()).add(identity)
    return found


def _references(
    document: Document, desired: Sequence[DesiredElement], elsewhere: Mapping[str, AbstractSet[str]]
) -> None:
    """A desired reference must lead somewhere: Liberty would fall back to a default without a word."""
    ids = _ids(document)
    ids["*"] = set().union(*ids.values(), *elsewhere.values())
    for path, target, name in desiring.references(desired):
        there = elsewhere.get(target, frozenset())
        if name not in ids.get(target, ()) and name not in there:
            known = ids.get(target, set()) | there
            what = "element" if target == "*" else f"<{target}>"
            hint = nearest(name, known) or "."
            if elsewhere:
                raise SecurityError(
                    f"{path}: no {what} with the id {name!r} in the configuration of the server{hint} "
                    "If it is defined where nobody could look, set allow_unknown to true."
                )
            raise SecurityError(
                f"{path}: no {what} with the id {name!r} in {document.source.name}{hint} "
                "If another file defines it, set allow_unknown to true."
            )


def _orphans(before: Document, after: Document, removed: Sequence[DesiredElement]) -> None:
    """An element must not be removed while something in the same file still refers to it."""
    ids = _ids(after)
    everywhere = set().union(*ids.values())
    gone: dict[tuple[str | None, str], DesiredElement] = {}
    for want in removed:
        name = want.identity or ""
        if name not in ids.get(want.element, ()):
            gone[want.element, name] = want
        if name not in everywhere:
            gone["*", name] = want
    for node in after.nodes if gone else ():
        entry = elements.find(node.local, None)
        for spelling, text in node.attributes.items():
            known = entry.attributes.get(spelling.lower()) if entry else None
            for name in values.id_list(known, text) if known and known.target else ():
                if known and (known.target, name) in gone:
                    raise _still_needed(before, gone[known.target, name], node, spelling)


def _still_needed(before: Document, want: DesiredElement, node: Node, spelling: str) -> SecurityError:
    """``node`` is one of the new text; its line is that of the same reference in the file as it is."""
    text = node.attributes[spelling]
    old = next(old for old in before.nodes if old.local == node.local and old.attributes.get(spelling) == text)
    return SecurityError(
        f"{want.path}: {want.title} cannot be removed: {spelling} of <{node.name}> at {before.source.name}:{old.line} "
        "still refers to it. Remove or change that reference too. If another file defines the element, set "
        "allow_unknown to true."
    )
