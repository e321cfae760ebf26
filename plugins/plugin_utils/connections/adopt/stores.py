# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the key store files of a server hold, as its Java lists them: which key is shown, and what cannot be said.

Where no alias is written, the only key is told as a comment, as for key rings: to say it in the declaration would write
serverKeyAlias where the server has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt import unsaid
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.elements import (
    is_said,
    named,
    titled,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.said import Places, Said
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.unsaid import Unsaid
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import shown
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several, shortened
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.entries import same_alias
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import ports
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import answers
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import places as key_places
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import Held, Place
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.references import (
    StoreReference,
    references,
)

# By which attribute a key is chosen, for callers and for calls.
SERVER, CLIENT = "serverKeyAlias", "clientKeyAlias"


@dataclass(frozen=True)
class Stores:
    """Reads what stores hold; ``listed`` is what target_read said of each, by path."""

    effective: Effective
    places: Places
    listed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @cached_property
    def _named(self) -> list[tuple[StoreReference, Place]]:
        """The stores that the configuration names, each with what is there of it."""
        named_ = references(self.effective, self.places.server_dir, passwords.NO_KEYS)
        return [(one, self._place(one)) for one in named_]

    def _place(self, one: StoreReference) -> Place:
        """Return what is at the first path where Liberty finds a store; why not, where nobody could look."""
        found = [answers.of_store(self.listed[path], {"hosts": ()})[0] for path in one.paths if path in self.listed]
        there = next((place for place in found if not place.is_missing), found[0] if found else None)
        if there is None and one.password is None:
            return Place(one.paths[0], key_places.STORE, problem="no file that was read says its password in clear")
        # Where no store was read at all, nobody looked.
        return there or Place(one.paths[0], key_places.STORE, problem="it was not read" if self.listed else None)

    def alias(self, ssl: Instance, attribute: str) -> dict[str, Said]:
        """Return the key store of an SSL configuration by the alias of its key, where a file says that."""
        store, alias = ports.key_store(self.effective, ssl), ssl.get(attribute)
        location = str(store.get("location") or "") if store else ""
        # What is told from elsewhere is no place that a declaration could name.
        if not is_said(ssl, attribute) or not alias or not location.startswith(("/", "safkeyring")):
            return {}
        return {"key_store": Said({"alias": Said(str(alias), self.places.of(ssl.origin(attribute)))})}

    def shown(self, ssl: Instance, attribute: str = SERVER) -> str:
        """Say which key of a store is shown; nothing where nobody looked, or nobody can tell."""
        keys, alias = self._keys(ssl), ssl.get(attribute)
        wanted = [key for key in keys if not alias or same_alias(key.alias) == same_alias(str(alias))]
        if len(wanted) != 1:
            return ""
        (key,) = wanted
        until = f" until {key.not_after:%Y-%m-%d}" if key.not_after else ""
        why = attribute if alias else "its only key"
        text = f"shows {shown(key.alias)} ({shortened(key.subject or 'of nobody')}{until}), {why}"
        return str(redact.without(text, self.effective.secret_texts))

    def _keys(self, ssl: Instance) -> list[Held]:
        place = self._of(ports.key_store(self.effective, ssl))
        return [held for held in place.held if held.has_key] if place else []

    def _of(self, store: Instance | None) -> Place | None:
        if store is None:
            return None
        return self._by_name.get((str(store.id or store.element), str(store.origin("location"))))

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], Place]:
        return {(one.id, one.origin): place for one, place in self._named}

    def unsaid(self) -> Iterator[Unsaid]:
        """Say what stores hold that no declaration says, and which could not be looked into."""
        users: dict[int, list[Instance]] = {}
        for ssl in self.effective.all("ssl"):
            users.setdefault(id(self._of(ports.key_store(self.effective, ssl))), []).append(ssl)
        for one, place in self._named:
            what, where = self._title(one)
            if place.problem:
                yield Unsaid(unsaid.NO_LOOK, what, where, self.places.inside(place.problem))
            yield from self._keys_unsaid(place, users.get(id(place), []), what, where)
            trusted = [shown(held.alias) for held in place.held if not held.has_key]
            if trusted:
                yield Unsaid(unsaid.TRUSTS, what, where, several(trusted))

    def _title(self, one: StoreReference) -> tuple[str, str]:
        """Return what a store is called, and where it stands; one inside of another element has no name."""
        store = self.effective.by_id("keyStore", one.id)
        if store and store.places and str(store.origin("location")) == one.origin:
            return titled("keyStore", one.id), self.places.of(store.places[-1])
        return f"A key store in {self.places.inside(one.origin)}", ""

    def _keys_unsaid(self, place: Place, users: list[Instance], what: str, where: str) -> Iterator[Unsaid]:
        """Say which keys nobody shows, which is meant and not there, and who leaves the choice to Java."""
        keys = {same_alias(held.alias): held for held in place.held if held.has_key}
        if not keys:
            return
        used: set[str] = set(keys) if len(keys) == 1 else set()
        for ssl in users:
            said = {name: str(ssl.get(name)) for name in (SERVER, CLIENT) if ssl.get(name)}
            used |= {same_alias(alias) for alias in said.values()}
            for name, alias in said.items():
                if same_alias(alias) not in keys:
                    yield Unsaid(unsaid.NO_KEY, what, where, f"{shown(alias)}, {name} of {named(ssl)}")
            if SERVER not in said and len(keys) > 1:
                listed = several([shown(held.alias) for held in keys.values()])
                yield Unsaid(unsaid.ANY_KEY, named(ssl), where, listed)
                used |= set(keys)
        if others := [shown(held.alias) for alias, held in keys.items() if alias not in used]:
            yield Unsaid(unsaid.OTHER_KEYS, what, where, several(others))
