# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declared connections in, key stores and trust stores out, in the form that keystore takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import (
    Connection,
    Made,
    Store,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

Json = dict[str, Any]


class Owner(Protocol):
    """Whoever has stores."""

    @property
    def name(self) -> str: ...
    @property
    def key_store(self) -> Store | None: ...
    @property
    def trust_store(self) -> Store | None: ...
    @property
    def made(self) -> Made: ...


@dataclass(frozen=True)
class StoreInput:
    """The input of keystore for one file; ``kind`` is what it must hold to be of any use, under all of ``aliases``.

    ``owner``, ``group`` and ``mode`` are those of a file that is made. ``hosts`` are the names by which it is known to
    callers who holds the keys. ``is_named_by_server`` tells that no declaration says the path, so whoever writes the
    server's configuration may have chosen any.
    """

    path: str
    password: str | None
    kind: str
    entries: list[Json]
    aliases: list[str]
    owner: str | None = None
    group: str | None = None
    mode: object = None
    hosts: tuple[str, ...] = ()
    is_named_by_server: bool = False


def stores(owners: Sequence[Owner]) -> dict[str, StoreInput]:
    """Return the inputs of keystore by path; connections that share a file make one input of it. Rings are not ours."""
    found: dict[str, StoreInput] = {}
    for item in owners:
        for store in (item.key_store, item.trust_store):
            if store and not store.ring and store.password:
                mine = _input(store, "PrivateKeyEntry" if store is item.key_store else "trustedCertEntry", item.made)
                mine = replace(mine, hosts=_hosts(item, store))
                known = found.get(store.location)
                found[store.location] = _joined(known, mine, item.name) if known else mine
    return found


def _hosts(item: Owner, store: Store) -> tuple[str, ...]:
    if isinstance(item, Connection) and store is item.key_store and item.server_host:
        return (item.server_host,)
    return ()


def _input(store: Store, kind: str, made: Made) -> StoreInput:
    older = {"allow_older": True} if store.allow_older else {}
    key = {
        "alias": store.alias,
        "privatekey_content": store.private_key,
        "privatekey_passphrase": store.private_key_passphrase,
        "certificate_content": store.certificate,
        "chain_content": [store.chain] if store.chain else None,
        **older,
    }
    keys = [{option: value for option, value in key.items() if value is not None}] if store.private_key else []
    trusted = [{"alias": alias, "certificate_content": pem, "trusted": True, **older} for alias, pem in store.trusted]
    aliases = [store.alias.lower()] if store.alias else []
    return StoreInput(
        store.location,
        store.password,
        kind,
        keys + trusted,
        aliases,
        made.owner,
        made.group,
        made.mode,
        is_named_by_server=store.is_named_by_server,
    )


def _joined(one: StoreInput, more: StoreInput, name: str) -> StoreInput:
    """Return the input of one file with what another connection (its name) wants there as well."""
    if one.kind != more.kind:
        raise SecurityError(
            f"{name}: wants {one.path} as key store and as trust store; give the trusted certificates a file of their "
            "own."
        )
    if one.password != more.password:
        raise SecurityError(
            f"{name}: gives {one.path} another password than a connection before it; a file has one password."
        )
    looks = {key: (getattr(one, key), getattr(more, key)) for key in ("owner", "group", "mode")}
    for key, (first, second) in looks.items():
        if None not in (first, second) and first != second:
            raise SecurityError(
                f"{name}: gives {one.path} another {key} than a connection before it; a file has one {key}."
            )
    look: Json = {key: second if first is None else first for key, (first, second) in looks.items()}
    known = {entry["alias"].lower(): entry for entry in one.entries}
    for entry in more.entries:
        if known.setdefault(entry["alias"].lower(), entry) != entry:
            raise SecurityError(
                f"{name}: wants another {entry['alias']} in {one.path} than a connection before it; rename one."
            )
    aliases = list(dict.fromkeys((*one.aliases, *more.aliases)))
    # One certificate has all names; of two nobody knows here which one has which.
    either = dict.fromkeys((*one.hosts, *more.hosts))
    hosts = tuple(either if one.aliases == more.aliases else (host for host in one.hosts if host in more.hosts))
    look["is_named_by_server"] = one.is_named_by_server and more.is_named_by_server
    return replace(one, entries=list(known.values()), aliases=aliases, hosts=hosts, **look)
