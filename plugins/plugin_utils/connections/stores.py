# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declared connections in, key stores and trust stores out, in the form that keystore takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Store
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


def stores(owners: Sequence[Owner]) -> dict[str, Json]:
    """Return the inputs of keystore by path; connections that share a file make one input of it. Rings are not ours."""
    found: dict[str, Json] = {}
    for item in owners:
        for store in (item.key_store, item.trust_store):
            if store and not store.ring:
                mine = _input(store, "PrivateKeyEntry" if store is item.key_store else "trustedCertEntry")
                _join(found.setdefault(store.location, {**mine, "entries": [], "aliases": []}), mine, item.name)
    return found


def _input(store: Store, kind: str) -> Json:
    key = {
        "alias": store.alias,
        "privatekey_content": store.private_key,
        "privatekey_passphrase": store.private_key_passphrase,
        "certificate_content": store.certificate,
        "chain_content": [store.chain] if store.chain else None,
    }
    keys = [{option: value for option, value in key.items() if value is not None}] if store.private_key else []
    trusted = [{"alias": alias, "certificate_content": pem, "trusted": True} for alias, pem in store.trusted]
    return {
        "path": store.location,
        "password": store.password,
        "entries": keys + trusted,
        "kind": kind,
        "aliases": [store.alias.lower()] if store.alias else [],
    }


def _join(whole: Json, more: Json, name: str) -> None:
    """Add to the input of one file what another connection (its name) wants there."""
    path = more["path"]
    if whole["kind"] != more["kind"]:
        raise SecurityError(
            f"{name}: wants {path} as key store and as trust store; give the trusted certificates a file of their own."
        )
    if whole["password"] != more["password"]:
        raise SecurityError(
            f"{name}: gives {path} another password than a connection before it; a file has one password."
        )
    known = {entry["alias"].lower(): entry for entry in whole["entries"]}
    for entry in more["entries"]:
        if known.setdefault(entry["alias"].lower(), entry) != entry:
            raise SecurityError(
                f"{name}: wants another {entry['alias']} in {path} than a connection before it; rename one."
            )
    whole["entries"] = list(known.values())
    whole["aliases"] += [alias for alias in more["aliases"] if alias not in whole["aliases"]]
