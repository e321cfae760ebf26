# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declared connections in, elements of ``server.xml`` out, in the form that server_xml takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.contradictions import (
    DEFAULT_ENDPOINT,
    DEFAULT_SSL,
    HARDENED,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Connection, Store

Json = dict[str, Any]

# What Liberty's webAppSecurity says for each identity rule.
_RULES: dict[str, Json] = {
    "certificate": {"overrideHttpAuthMethod": "CLIENT_CERT", "allowFailOverToBasicAuth": False},
    "certificate_or_basic": {"overrideHttpAuthMethod": "CLIENT_CERT", "allowFailOverToBasicAuth": True},
    "basic": {"overrideHttpAuthMethod": "BASIC", "allowFailOverToBasicAuth": False},
}


def elements(connections: Sequence[Connection], rule: str) -> list[Json]:
    """Return what the connections need; ``rule`` is the identity rule of the whole server."""
    found = [element for item in connections for element in _of_one(item)]
    found.append({"element": "webAppSecurity", "attributes": _RULES[rule]})
    return found + (_hardening() if any(item.harden_default for item in connections) else [])


def without(connections: Sequence[Connection]) -> list[Json]:
    """Return what takes the connections away: their ports and what only these use. Key stores, registries stay."""
    found: list[Json] = []
    for item in connections:
        kinds = ("httpEndpoint",) if item.fronted else ("httpEndpoint", "sslOptions", "ssl")
        found += [{"element": kind, "id": item.name, "state": "absent"} for kind in kinds]
        if item.fronted:
            found += _requesters(item, taken_back=True)
        else:
            own = [f"{item.name}.keys"] + ([f"{item.name}.trust"] if _own_trust(item) else [])
            found += [{"element": "keyStore", "id": id_, "state": "absent"} for id_ in own]
    return found


def _of_one(item: Connection) -> list[Json]:
    tls = [] if item.fronted else _tls(item)
    return [*_features(item), *tls, *_endpoints(item), *_requesters(item)]


def _tls(item: Connection) -> list[Json]:
    """What the server needs for TLS of its own."""
    default = item.ssl_configuration == "default"
    ssl = DEFAULT_SSL if default else item.name
    found: list[Json] = [key_store(f"{item.name}.keys", item.key_store, item.server_dir)]
    if item.trust_store and _own_trust(item):
        found.append(key_store(f"{item.name}.trust", item.trust_store, item.server_dir))
    found.append({"element": "ssl", "id": ssl, "attributes": _ssl(item)})
    if default:
        return [*found, {"element": "sslDefault", "attributes": {"sslRef": DEFAULT_SSL}}]
    return [*found, {"element": "sslOptions", "id": item.name, "attributes": {"sslRef": ssl}}]


def _features(item: Connection) -> list[Json]:
    features = (*(() if item.fronted else ("transportSecurity-1.0",)), *item.features)
    children = [{"element": "feature", "text": text} for text in features]
    return [{"element": "featureManager", "children": children}] if children else []


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
    return item.trust_store is not None and item.trust_store.location != item.key_store.location


def _ssl(item: Connection) -> Json:
    return {
        "keyStoreRef": f"{item.name}.keys",
        "trustStoreRef": f"{item.name}.{'trust' if _own_trust(item) else 'keys'}",
        "clientAuthentication": item.client_authentication == "required",
        "clientAuthenticationSupported": item.client_authentication == "supported",
        **item.profile.liberty,
        "serverKeyAlias": item.key_store.alias,
    }


def _endpoints(item: Connection) -> list[Json]:
    """The port; and the default endpoint, which listens on 9080 unless it is told not to."""
    closed = {"httpPort": -1} if item.plain_http == "closed" else {}
    found: list[Json] = [
        {"element": "httpEndpoint", "id": item.name, "attributes": {"host": item.host, **_ports(item, closed)}}
    ]
    if closed and item.name != DEFAULT_ENDPOINT:
        found.append({"element": "httpEndpoint", "id": DEFAULT_ENDPOINT, "attributes": closed})
    return found


def _ports(item: Connection, closed: Json) -> Json:
    if item.fronted:
        return {"httpPort": item.port, "httpsPort": -1}
    options = None if item.ssl_configuration == "default" else item.name
    return {**closed, "httpsPort": item.port, "sslOptionsRef": options}


def _requesters(item: Connection, *, taken_back: bool = False) -> list[Json]:
    """The declared ``requireSecure`` of each scope; ``taken_back``: what accepts plain http says so no longer."""
    scopes = item.require_secure
    own, all_of, server = (
        {} if value is None else {"requireSecure": None if taken_back and value is False else value}
        for _title, value in scopes.said
    )
    children = [{"element": "apiRequester", "attributes": {"name": name, **own}} for name in item.requesters]
    found: list[Json] = []
    if children or all_of:
        found.append({"element": "zosconnect_apiRequesters", "attributes": all_of, "children": children})
    if server:
        found.append({"element": "zosconnect_zosConnectManager", "attributes": server})
    return found


def _hardening() -> list[Json]:
    """The default SSL configuration leads to a store that is never there, so that nothing can fall back to it."""
    # The password is never used: no file is there to be opened with it.
    store = {"location": "${server.config.dir}/resources/security/no-default-tls.p12", "password": "never-opened"}
    return [
        {"element": "keyStore", "id": HARDENED, "attributes": {**store, "type": "PKCS12"}},
        {"element": "ssl", "id": HARDENED, "attributes": {"keyStoreRef": HARDENED}},
        {"element": "sslDefault", "attributes": {"sslRef": HARDENED}},
    ]
