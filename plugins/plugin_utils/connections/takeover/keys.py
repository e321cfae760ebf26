# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a declaration changes of the key store and the trust store of an SSL configuration that is there."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import server
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Store
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.names import keys_id, trust_id
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover import uses
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.change import (
    Change,
    free,
    origin,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.claims import own_trust
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.uses import title
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import ports

Json = dict[str, Any]
_KEYS, _TRUST = "keyStoreRef", "trustStoreRef"


@dataclass(frozen=True)
class Stores:
    """The stores that are declared, and the elements that are named, for one SSL configuration.

    ``owner`` is what own elements are named after, ``ssl`` what is there, ``is_shared`` whether others use that,
    ``server_dir`` where stores are told from.
    """

    owner: str
    ssl: Instance | None
    is_shared: bool
    key_store: Store | None
    trust_store: Store | None
    named: Mapping[str, str]
    server_dir: str
    effective: Effective

    def ask(self, change: Change) -> Json:
        """Ask for the stores; return the references of the SSL configuration that change."""
        references: Json = {}
        keys = ports.key_store(self.effective, self.ssl) if self.ssl else None
        trust = own_trust(self.effective, self.ssl) if self.ssl else None
        references |= self._one(change, _KEYS, self.key_store, keys, keys_id(self.owner))
        one_place = self.key_store and self.trust_store and self._same(self.key_store, self.trust_store)
        if not one_place:
            # Liberty takes the key store where no trust store is named.
            return references | self._one(change, _TRUST, self.trust_store, trust or keys, trust_id(self.owner))
        if self.trust_store and not self._is_there(self.trust_store, trust or keys):
            references[_TRUST] = references.get(_KEYS) or (keys.id if keys else keys_id(self.owner))
        return references

    def _one(self, change: Change, reference: str, wanted: Store | None, there: Instance | None, own: str) -> Json:
        named = self.named.get(reference.removesuffix("Ref"))
        if named:
            return {reference: named} if self.ssl is None or self.ssl.get(reference) != named else {}
        if wanted is None or self._is_there(wanted, there):
            return {}
        return self._store(change, wanted, there, reference, own)

    def _same(self, one: Store, other: Store) -> bool:
        return self._place(one.location) == self._place(other.location)

    def _place(self, location: str) -> str:
        resolved, _used = self.effective.assembly.variables.resolve(location)
        return resolved if "://" in resolved else posixpath.normpath(resolved)

    def _is_there(self, wanted: Store, there: Instance | None) -> bool:
        """Whether a store is as declared: at its place, with its password."""
        if there is None or self._place(str(there.get("location"))) != self._place(wanted.location):
            return False
        password, variable = there.attributes.get("password"), wanted.password_variable
        if wanted.ring or (wanted.password is None and variable is None):
            return True
        if variable:
            return password is not None and password.written == f"${{{variable}}}"
        return password is not None and passwords.same(str(password.value), str(wanted.password))

    def _store(self, change: Change, wanted: Store, there: Instance | None, reference: str, own: str) -> Json:
        """Ask for a store, in place where it is nobody else's; return the reference to it where that changes."""
        word = reference.removesuffix("Ref")
        element = server.key_store(own, wanted, self.server_dir)
        if self.ssl and word in self.ssl.children:
            raise SecurityError(
                f"{self.owner}: the {word} of {title(self.ssl)} ({origin(self.ssl)}) is written inside of it, where a "
                "reference to another one would not count. Put it beside it as a <keyStore> with an id, and refer to "
                "that."
            )
        if there is not None and self._may_edit(wanted, there, reference):
            attributes = element["attributes"]
            if self._place(str(there.get("location"))) == self._place(wanted.location):
                # Its place may be written in another way, and it may be of another type.
                attributes = {name: value for name, value in attributes.items() if name == "password"}
            change.edit(there, attributes)
            return {}
        free(self.owner, "keyStore", own, uses.of_store(self.effective, own, but=self.ssl))
        change.make(element)
        return {reference: own}

    def _may_edit(self, wanted: Store, there: Instance, reference: str) -> bool:
        """Whether the element of a store is this port's alone, and stays of its kind."""
        is_ring = str(there.get("location") or "").lower().startswith("safkeyring")
        both = self.ssl is not None and reference == _TRUST and self.ssl.get(_TRUST) is None
        used = uses.of_store(self.effective, str(there.id), but=self.ssl)
        one = self.ssl is not None and self.ssl.get(_KEYS) == self.ssl.get(_TRUST)
        return bool(there.places) and is_ring == wanted.ring and not (used or both or one or self.is_shared)
