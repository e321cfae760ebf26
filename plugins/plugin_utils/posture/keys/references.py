# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The key stores that a server's effective configuration names: where they are, their type, password and use."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from ansible_collections.zosconnect.security.plugins.module_utils import following
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import keys as key_choice
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.aes import Keys
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.desired import ring_type
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Variables
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import KEYS, TRUST


@dataclass(frozen=True)
class StoreReference:
    """One ``keyStore`` element that names a file; ``paths`` are where Liberty looks, in order.

    ``password`` is decoded; without one ``problem`` says why.
    """

    id: str
    origin: str
    paths: tuple[str, ...]
    type: str
    role: str | None
    password: str | None = field(default=None, repr=False)
    problem: str | None = None
    # How the server learns of new content.
    trigger: str | None = None


def references(effective: Effective, server_dir: str, keys: Keys) -> list[StoreReference]:
    """Return the key stores in files that the configuration names; key rings are none.

    ``keys`` are those of {aes} that a user gives, beside those that the server's variables name.
    """
    aes = key_choice.chosen(keys, effective.assembly.variables, saf=key_choice.in_saf_of(effective))
    ssl = effective.all("ssl")
    key_stores = {str(one.get("keyStoreRef")) for one in ssl}
    trust = {str(one.get("trustStoreRef") or one.get("keyStoreRef")) for one in ssl}
    stores = [(store, _role(store.id, key_stores, trust)) for store in effective.all("keyStore")]
    return [
        _reference(store, role, effective, server_dir, aes)
        for store, role in (*stores, *_nested(ssl))
        if _counts(store)
    ]


def _nested(configurations: Collection[Instance]) -> Iterator[tuple[Instance, str]]:
    """Give the stores that stand inside ``ssl`` elements, each with its role."""
    for ssl in configurations:
        for name, role in (("keyStore", KEYS), ("trustStore", TRUST)):
            yield from ((store, role) for store in ssl.children.get(name, []))


def _counts(store: Instance) -> bool:
    """Leave out rings, and Liberty's built-in default store as long as nobody mentions it."""
    ring = ring_type(str(store.get("location") or "")) is not None or store.get("fileBased") is False
    mentioned = any(place.line is not None for place in store.places)
    return not ring and mentioned


def _reference(store: Instance, role: str | None, effective: Effective, server_dir: str, aes: Keys) -> StoreReference:
    identity = store.id or store.element
    location = str(store.get("location") or following.STORE)
    password, problem = _password(store, identity, effective.assembly.variables, aes)
    return StoreReference(
        id=identity,
        origin=str(store.origin("location")),
        paths=tuple(dict.fromkeys(_paths(location, effective, server_dir))),
        type=str(store.get("type") or "PKCS12"),
        role=role,
        password=password,
        problem=problem,
        trigger=str(store.get("updateTrigger") or "") or None,
    )


def _paths(location: str, effective: Effective, server_dir: str) -> Iterator[str]:
    if location.startswith("/"):
        yield posixpath.normpath(location)
        return
    found = effective.assembly.variables.lookup("server.output.dir")
    for folder in (server_dir, found[0] if found else server_dir):
        yield posixpath.normpath(f"{folder}/{following.STORES}/{location}")


def _role(identity: str | None, keys: Collection[str], trust: Collection[str]) -> str | None:
    """A key store that is not named as trust store is one too where an ``ssl`` names no other."""
    if identity in keys and identity not in trust:
        return KEYS
    return TRUST if identity in trust and identity not in keys else None


def _password(store: Instance, identity: str, variables: Variables, aes: Keys) -> tuple[str | None, str | None]:
    where = f"keyStore {identity} at {store.origin('password')}"
    text = store.get("password")
    if not text and identity == "defaultKeyStore":
        # Liberty's own, in server.env (CWPKI0820A).
        text = (variables.lookup("keystore_password") or (None,))[0]
    if not isinstance(text, str) or not text:
        return None, f"{where} has no password here; give it in stores."
    if "${" in text:
        return None, f"{where} has a password that refers to a variable which nothing seen here defines."
    try:
        return passwords.decode(text, aes), None
    except SecurityError as e:
        return None, f"{where}: {e}"
