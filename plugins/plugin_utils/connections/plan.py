# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declared connections of one server in, wishes for every artefact out.

Contradictions are errors before anything is touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import contradictions
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.contradictions import (
    DEFAULT_SSL,
    HARDENED,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import (
    Connection,
    Store,
    connection,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import wishes

DEFAULT_ENDPOINT = "defaultHttpEndpoint"

Json = dict[str, Any]

# What Liberty's webAppSecurity says for each identity rule.
_RULES: dict[str, Json] = {
    "certificate": {"overrideHttpAuthMethod": "CLIENT_CERT", "allowFailOverToBasicAuth": False},
    "certificate_or_basic": {"overrideHttpAuthMethod": "CLIENT_CERT", "allowFailOverToBasicAuth": True},
    "basic": {"overrideHttpAuthMethod": "BASIC", "allowFailOverToBasicAuth": False},
}
_REFUSED = ["closed_after_handshake", "handshake_failed"]


def plan(declared: Sequence[object], *, identity_rule: str | None = None, present: bytes | None = None) -> Json:
    """Return what the connections need.

    ``identity_rule`` names the rule of the whole server where that is weaker than what a connection declares.
    ``present`` is server.xml as it is, needed where a default is hardened.

    The answer has ``server_xml`` (its path), ``stores`` (inputs of keystore, and what a store must hold to be of any
    use), ``elements`` (of server_xml), ``gates`` (what a caller without a certificate must meet, enough to tell the
    intended port from one that fell back to the default) and ``probes`` (what all callers must meet), both for
    tls_probe and without secrets, ``warnings``, and ``kinds`` (C1 or C2). Raises SecurityError for what contradicts
    itself.
    """
    connections = [
        connection(item, f"connections[{n}]" if len(declared) > 1 else "connection") for n, item in enumerate(declared)
    ]
    for item in connections:
        contradictions.alone(item)
    contradictions.together(connections)
    rule = contradictions.identity(connections, identity_rule)
    stores = _stores(connections)
    elements = [element for item in connections for element in _elements(item)]
    elements.append({"element": "webAppSecurity", "attributes": _RULES[rule]})
    warnings = [warning for item in connections for warning in _warnings(item)]
    if hardening := next((item for item in connections if item.harden_default), None):
        elements += _hardening()
        warnings += contradictions.outbound_by_default(hardening, present)
    # The wishes are checked here as server_xml will: what is wrong is said before a key store is touched.
    wishes.check(elements, wishes.Manner())
    return {
        "server_xml": f"{connections[0].server_dir}/server.xml",
        "kinds": [item.kind for item in connections],
        "stores": list(stores.values()),
        "elements": elements,
        "gates": [_gate(item, list(stores)) for item in connections],
        "probes": [probe for item in connections for probe in _probes(item)],
        "warnings": warnings,
    }


def _stores(connections: Sequence[Connection]) -> dict[str, Json]:
    """Return the inputs of keystore by path; connections that share a file make one input of it. Rings are not ours."""
    found: dict[str, Json] = {}
    for item in connections:
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


def _elements(item: Connection) -> list[Json]:
    default = item.ssl_configuration == "default"
    ssl = DEFAULT_SSL if default else item.name
    found: list[Json] = [_features(item), _key_store(f"{item.name}.keys", item.key_store, item.server_dir)]
    if item.trust_store and _own_trust(item):
        found.append(_key_store(f"{item.name}.trust", item.trust_store, item.server_dir))
    found.append({"element": "ssl", "id": ssl, "attributes": _ssl(item)})
    if default:
        found.append({"element": "sslDefault", "attributes": {"sslRef": DEFAULT_SSL}})
    else:
        found.append({"element": "sslOptions", "id": item.name, "attributes": {"sslRef": ssl}})
    return found + _endpoints(item) + _requesters(item)


def _features(item: Connection) -> Json:
    features = ("transportSecurity-1.0", *item.features)
    return {"element": "featureManager", "children": [{"element": "feature", "text": text} for text in features]}


def _key_store(id_: str, store: Store, server_dir: str) -> Json:
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
        "sslProtocol": ",".join(item.protocols),
        "serverKeyAlias": item.key_store.alias,
    }


def _endpoints(item: Connection) -> list[Json]:
    """The port; and the default endpoint, which listens on 9080 unless it is told not to."""
    attributes: Json = {
        "host": item.host,
        **({"httpPort": -1} if item.plain_http == "closed" else {}),
        "httpsPort": item.port,
        "sslOptionsRef": None if item.ssl_configuration == "default" else item.name,
    }
    found: list[Json] = [{"element": "httpEndpoint", "id": item.name, "attributes": attributes}]
    if item.plain_http == "closed" and item.name != DEFAULT_ENDPOINT:
        found.append({"element": "httpEndpoint", "id": DEFAULT_ENDPOINT, "attributes": {"httpPort": -1}})
    return found


def _requesters(item: Connection) -> list[Json]:
    scopes = item.require_secure
    own = {} if scopes.requesters is None else {"requireSecure": scopes.requesters}
    children = [{"element": "apiRequester", "attributes": {"name": name, **own}} for name in item.requesters]
    found: list[Json] = []
    if children or scopes.all_requesters is not None:
        attributes = {} if scopes.all_requesters is None else {"requireSecure": scopes.all_requesters}
        found.append({"element": "zosconnect_apiRequesters", "attributes": attributes, "children": children})
    if scopes.server is not None:
        found.append({"element": "zosconnect_zosConnectManager", "attributes": {"requireSecure": scopes.server}})
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


def _gate(item: Connection, stores: list[str]) -> Json:
    """What a caller without any credentials meets, enough to tell the intended port from one that fell back.

    ``store`` is the number of the store whose key must be served (of ``aliases``, where there are any); None for a
    ring, which nobody here can look into.
    """
    refuses = item.client_authentication == "required"
    return {
        **_probe(item, "the port", expect=_REFUSED if refuses else ["ok"]),
        "store": None if item.key_store.ring else stores.index(item.key_store.location),
        "aliases": [item.key_store.alias.lower()] if item.key_store.alias else [],
        "demand": _demand(item),
    }


def _demand(item: Connection) -> str:
    demands = [f"serve the certificate from {item.key_store.location}"]
    demands.append(f"ask for {'a' if item.kind == 'C2' else 'no'} client certificate")
    if item.client_authentication == "required":
        demands.append("refuse callers without one")
    return f"The port must {', '.join(demands)}."


def _probes(item: Connection) -> Iterator[Json]:
    """What the wire must show. ``certificate`` says whether the client shows its certificate."""
    yield _probe(item, "the port asks for TLS and accepts the caller", certificate=item.kind == "C2", expect=["ok"])
    if item.client_authentication == "required":
        yield _probe(item, "a caller without a certificate is refused", expect=_REFUSED)
    closed = ["closed", "not_http", "refused"]
    yield _probe(item, "plain http to the port is refused", plain=True, expect=closed)
    for port in item.plain_http_ports:
        yield {**_probe(item, f"nothing answers plain http on {port}", plain=True, expect=closed), "port": port}


def _probe(item: Connection, what: str, *, expect: list[str], certificate: bool = False, plain: bool = False) -> Json:
    return {
        "connection": item.name,
        "title": f"{item.name}: {what}",
        "port": item.port,
        "certificate": certificate,
        "plain": plain,
        "accepted": expect == ["ok"],
        "expect": expect,
        "client_certificate_requested": item.kind == "C2",
        "min_protocol": item.protocols[0],
        "max_protocol": item.protocols[-1],
    }


def _warnings(item: Connection) -> Iterator[str]:
    scopes = item.require_secure
    for scope, value in (
        ("the named requesters", scopes.requesters),
        ("all requesters", scopes.all_requesters),
        ("the server", scopes.server),
    ):
        if value is False:
            yield (
                f"{item.name}: requireSecure false for {scope} counts for every http port of the server, whichever it "
                "is; this connection keeps its own port on TLS."
            )
    if item.plain_http == "unchanged":
        yield f"{item.name}: plain_http is left unchanged, so the default endpoint may listen on 9080."
