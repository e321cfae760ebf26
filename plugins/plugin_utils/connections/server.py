# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declared connections in, elements of ``server.xml`` out, in the form that server_xml takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Connection, Store
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.names import (
    DEFAULT_SSL,
    HARDENED,
    keys_id,
    trust_id,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.strength import MODERN_PROTOCOLS

Json = dict[str, Any]

# What Liberty's webAppSecurity says for each identity rule.
_RULES: dict[str, Json] = {
    "certificate": {"overrideHttpAuthMethod": "CLIENT_CERT", "allowFailOverToBasicAuth": False},
    "certificate_or_basic": {"overrideHttpAuthMethod": "CLIENT_CERT", "allowFailOverToBasicAuth": True},
    "basic": {"overrideHttpAuthMethod": "BASIC", "allowFailOverToBasicAuth": False},
}


def of_new(item: Connection, *, closed: bool) -> list[Json]:
    """Return what a connection needs of which nothing is there; ``closed``: its http port stays closed."""
    features = (*(() if item.server_attls else ("transportSecurity-1.0",)), *item.features)
    tls = [] if item.server_attls else _tls(item)
    endpoint = {"host": item.host, **_ports(item, closed=closed)}
    return [
        *([feature_manager(*features)] if features else []),
        *tls,
        {"element": "httpEndpoint", "id": item.name, "attributes": endpoint},
    ]


def identity(rule: str) -> Json:
    """Return the identity rule of the whole server."""
    return {"element": "webAppSecurity", "attributes": _RULES[rule]}


def removal(connections: Sequence[Connection]) -> list[Json]:
    """Return what takes the connections away: their ports and what only these use. Key stores, registries stay."""
    found: list[Json] = []
    for item in connections:
        names = ("httpEndpoint",) if item.server_attls else ("httpEndpoint", "sslOptions", "ssl")
        found += [{"element": name, "id": item.name, "state": "absent"} for name in names]
        if item.server_attls:
            found += requesters(item, taken_back=True)
        else:
            own = [keys_id(item.name)] + ([trust_id(item.name)] if _own_trust(item) else [])
            found += [{"element": "keyStore", "id": id_, "state": "absent"} for id_ in own]
    return found


def _tls(item: Connection) -> list[Json]:
    """What the server needs for TLS of its own."""
    default = item.ssl_configuration == "default"
    ssl = DEFAULT_SSL if default else item.name
    found: list[Json] = []
    if item.key_store and "keyStore" not in item.elements:
        found.append(key_store(keys_id(item.name), item.key_store, item.server_dir))
    if item.trust_store and _own_trust(item):
        found.append(key_store(trust_id(item.name), item.trust_store, item.server_dir))
    found.append({"element": "ssl", "id": ssl, "attributes": _ssl(item)})
    if default:
        return [*found, {"element": "sslDefault", "attributes": {"sslRef": DEFAULT_SSL}}]
    return [*found, {"element": "sslOptions", "id": item.name, "attributes": {"sslRef": ssl}}]


def feature_manager(*features: str) -> Json:
    return {"element": "featureManager", "children": [{"element": "feature", "text": text} for text in features]}


def key_store(id_: str, store: Store, server_dir: str) -> Json:
    """Return the element of a store: a file, told from the server's directory where it is inside, or a key ring."""
    attributes = {"location": store.location}
    if not store.ring:
        inside = store.location.removeprefix(f"{server_dir}/")
        attributes = {
            "location": store.location if inside == store.location else f"${{server.config.dir}}/{inside}",
            "type": "PKCS12",
            "password": f"${{{store.password_variable}}}" if store.password_variable else store.password or "",
        }
    return {"element": "keyStore", "id": id_, "attributes": attributes}


def _own_trust(item: Connection) -> bool:
    """Whether the trusted certificates are in another store than the key: one ring may hold both."""
    one_place = item.key_store and item.trust_store and item.key_store.location == item.trust_store.location
    return item.trust_store is not None and not one_place and "trustStore" not in item.elements


def _ssl(item: Connection) -> Json:
    keys = item.elements.get("keyStore", keys_id(item.name))
    return {
        "keyStoreRef": keys,
        "trustStoreRef": item.elements.get("trustStore") or (trust_id(item.name) if _own_trust(item) else keys),
        "clientAuthentication": item.client_certificate == "required",
        "clientAuthenticationSupported": item.client_certificate == "supported",
        **item.profile.liberty,
        "serverKeyAlias": item.key_store.alias if item.key_store else None,
    }


def _ports(item: Connection, *, closed: bool) -> Json:
    if item.server_attls:
        return {"httpPort": item.port, "httpsPort": -1}
    options = None if item.ssl_configuration == "default" else item.name
    return {**({"httpPort": -1} if closed else {}), "httpsPort": item.port, "sslOptionsRef": options}


def requesters(item: Connection, *, taken_back: bool = False) -> list[Json]:
    """The declared ``requireSecure`` of each scope; ``taken_back``: what accepts plain http says so no longer."""
    scopes = item.require_secure
    own, all_of, server = (
        {} if value is None else {"requireSecure": None if taken_back and value is False else value}
        for _title, value in scopes.named
    )
    children = [{"element": "apiRequester", "attributes": {"name": name, **own}} for name in item.requesters]
    found: list[Json] = []
    if children or all_of:
        found.append({"element": "zosconnect_apiRequesters", "attributes": all_of, "children": children})
    if server:
        found.append({"element": "zosconnect_zosConnectManager", "attributes": server})
    return found


def hardening() -> list[Json]:
    """The default SSL configuration leads to a store that is never there, so that nothing can fall back to it."""
    # The password is never used: no file is there to be opened with it.
    store = {"location": "${server.config.dir}/resources/security/no-default-tls.p12", "password": "never-opened"}
    return [
        {"element": "keyStore", "id": HARDENED, "attributes": {**store, "type": "PKCS12"}},
        {"element": "ssl", "id": HARDENED, "attributes": {"keyStoreRef": HARDENED, "sslProtocol": MODERN_PROTOCOLS}},
        {"element": "sslDefault", "attributes": {"sslRef": HARDENED}},
    ]
