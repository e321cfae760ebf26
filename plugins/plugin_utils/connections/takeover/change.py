# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked of a server's configuration for one connection, before it is known which file each of it goes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.notes import Note
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.uses import User
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import elements
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.attributes import BUILT_IN
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import of

Json = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """One element that is asked for, in the form that server_xml takes.

    ``found`` is the one that is there, where that is known already; ``owner`` is the connection that asks, and
    ``shared_files`` whether files outside of the server's directory may be changed for it.
    """

    element: Json
    owner: str
    shared_files: bool = False
    found: Instance | None = None


@dataclass
class Change:
    """What is asked for one connection, and what is to be known of it.

    ``copies`` are elements that are made like others: ``element``, ``id``, and ``like``, the id of the other one.
    """

    owner: str
    shared_files: bool = False
    wanted: list[Wanted] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    copies: list[Json] = field(default_factory=list)

    def copy(self, found: Instance, identity: str, attributes: Json) -> None:
        """Ask for an element that is like one that is there."""
        self.make({"element": found.element, "id": identity, "attributes": attributes})
        self.copies.append({"element": found.element, "id": identity, "like": of(found)[1]})

    def make(self, *elements: Json) -> None:
        """Ask for elements by their names and ids."""
        self.wanted += [Wanted(element, self.owner, self.shared_files) for element in elements]

    def edit(self, found: Instance, attributes: Json, children: Sequence[Json] = ()) -> None:
        """Ask for attributes of an element that is there; one without id is found where it is the only one."""
        if attributes or children:
            element: Json = {"element": found.element, "attributes": attributes}
            element |= {"id": found.id} if found.explicit or not found.places else {}
            element |= {"children": list(children)} if children else {}
            self.wanted.append(Wanted(element, self.owner, self.shared_files, found))


def free(owner: str, element: str, identity: str, others: Sequence[User]) -> None:
    """Refuse to make an element whose id is that of one that others use."""
    if others:
        raise SecurityError(
            f'{owner}: needs <{element} id="{identity}"> of its own, but {who(others)} the one that is there. Choose '
            "another name for the connection."
        )


def who(others: Sequence[User]) -> str:
    """Return who uses something, with the verb."""
    return f"{several(list(map(str, others)))} {'uses' if len(others) == 1 else 'use'}"


def written(found: Instance) -> Json:
    """Return the attributes of an element that somebody wrote, as they are written."""
    return {
        name: value.value if value.written is None else value.written
        for name, value in found.attributes.items()
        if value.origin is not BUILT_IN and not isinstance(value.value, list)
    }


def origin(found: Instance | None) -> str:
    """Return where an element stands, as people read it."""
    return str(found.places[-1] if found and found.places else BUILT_IN)


def agreed(wanted: Sequence[Wanted]) -> None:
    """Refuse what two connections want of one element in two ways."""
    known: dict[tuple[object, ...], tuple[str, object]] = {}
    for want in wanted:
        element = want.element
        name = f'<{element["element"]} id="{element["id"]}">' if "id" in element else f"<{element['element']}>"
        for attribute, value in element.get("attributes", {}).items():
            owner, other = known.setdefault((name, want.found and want.found.id, attribute), (want.owner, value))
            if other != value:
                raise SecurityError(
                    f"{want.owner}: wants {attribute} {_shown(element, attribute, value)} of {name}, but {owner} wants "
                    f"{_shown(element, attribute, other)}. Declare only one of them, or give them ports and names of "
                    "their own."
                )


def _shown(element: Json, attribute: str, value: object) -> str:
    """Return a value as it may stand in a sentence: secrets are none of it."""
    entry = elements.find(element["element"], None)
    known = entry.attributes.get(attribute.lower()) if entry else None
    if value is None:
        return "not set"
    return "to be another one" if known is None or known.secret else repr(value)
