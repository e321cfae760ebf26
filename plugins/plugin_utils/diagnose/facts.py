# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known of one server when its messages are diagnosed: configuration, ports, calls, stores, policies.

Everything is computed by ``posture`` and ``attls``; here it is only found by what messages call it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import Stack
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import outbound, ports
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import RING, Held, Place
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.outbound import Call
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.ports import Port
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import Subject

# The names of stores in messages may be their location, or the id of their element.
_STORES = ("keyStore", "trustStore")


@dataclass(frozen=True)
class Facts:
    """What is known. ``subject`` is None where no server was read; ``places`` are its stores and rings that were read.

    ``attls`` says whether it is known which ports are behind AT-TLS; ``stack`` are its policy texts for ``release`` of
    z/OS.
    """

    subject: Subject | None
    now: datetime
    places: Sequence[Place] = ()
    attls: bool = False
    stack: Stack | None = None
    release: str = ""

    @property
    def effective(self) -> Effective | None:
        return self.subject.effective if self.subject else None

    @property
    def ports(self) -> Sequence[Port]:
        return self.subject.ports if self.subject else ()

    @property
    def calls(self) -> Sequence[Call]:
        return self.subject.calls if self.subject else ()

    def of_number(self, number: int | None) -> list[Port]:
        """Return the ports of one number."""
        return [port for port in self.ports if port.port == number]

    def knows_attls(self, port: Port) -> bool:
        """Whether ``port.attls`` is known: the policies, where they count, tell for sure."""
        return self.attls and self.subject is not None and port.port not in self.subject.attls_doubts

    def ssl(self, identity: object) -> Instance | None:
        """Return an SSL configuration by the id that messages call its alias."""
        return self.effective.by_id("ssl", identity) if self.effective else None

    def stores_of(self, ssl: Instance | None) -> tuple[Instance | None, Instance | None]:
        """Return the key store and the trust store that an SSL configuration really has."""
        if ssl is None or self.effective is None:
            return None, None
        return ports.key_store(self.effective, ssl), outbound.trust_store(self.effective, ssl)

    def place(self, store: Instance | None) -> Place | None:
        """Return what was read of a store; None where nothing was, or it could not be read."""
        if store is None:
            return None
        wanted = str(store.origin("location"))
        for place in self.places:
            named = [origin for identity, origin in place.elements if identity == (store.id or store.element)]
            if wanted in named or (place.kind == RING and _is_ring(str(store.get("location") or ""), place.name)):
                return place
        return None

    def store_named(self, name: str) -> Instance | None:
        """Return the store that a message names by id or location, if it is exactly one; relative ones end a path."""
        name = name.strip().rstrip(".")
        found = [store for store in self._stores() if name in (store.id, str(store.get("location") or ""))]
        if not found:
            relative = [(store, str(store.get("location") or "")) for store in self._stores()]
            found = [store for store, where in relative if where and name.endswith(f"/{where}")]
        return found[0] if len(found) == 1 else None

    def _stores(self) -> list[Instance]:
        if self.effective is None:
            return []
        nested = [
            child for ssl in self.effective.all("ssl") for name in _STORES for child in ssl.children.get(name, [])
        ]
        return [*self.effective.all("keyStore"), *nested]

    def held_named_in(self, text: str) -> list[tuple[Place, Held]]:
        """Return the entries whose certificate's subject stands in a text, with or without blanks after commas."""
        where = without_blanks(text)
        return [
            (place, held)
            for place in self.places
            for held in place.held
            if held.subject and re.search(rf"{re.escape(without_blanks(held.subject))}(?![\w,.-])", where)
        ]


def _is_ring(location: str, name: str) -> bool:
    """Whether a location such as safkeyring://OWNER/RING (without OWNER: the server's own) is the ring OWNER/RING."""
    scheme, _slashes, where = location.partition("://")
    owner, _slash, ring = where.partition("/")
    return scheme.startswith("safkeyring") and ring == name.partition("/")[2] and owner in ("", name.partition("/")[0])


def without_blanks(name: str) -> str:
    """Return a text in small letters and without blanks after commas, in which distinguished names can be compared."""
    return re.sub(r",\s+", ",", name).lower()


def is_readable(place: Place | None) -> bool:
    """Whether a store was read and its entries are known."""
    return place is not None and not place.problem and not place.is_missing


def keys_of(place: Place) -> list[Held]:
    """Return the entries with a private key."""
    return [held for held in place.held if held.has_key]


def trusted_of(place: Place) -> list[Held]:
    """Return the entries by which others are trusted."""
    return [held for held in place.held if held.trusted]
