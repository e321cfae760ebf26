# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declared connections of one server in, wishes for every artefact out; contradictions are errors before anything is
touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import (
    Connection,
    Store,
    connection,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import values, wishes
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import Document, Node, read_source

DEFAULT_ENDPOINT = "defaultHttpEndpoint"
DEFAULT_SSL = "defaultSSLConfig"
# Hardening: the default SSL configuration leads to a store that is never there, so that nothing can fall back to it.
HARDENED = "noDefaultTls"

Json = dict[str, Any]

# From the strictest rule to the weakest. webAppSecurity is one for the whole server, so its rule is every connection's.
_RULES: dict[str, Json] = {
    "certificate": {"overrideHttpAuthMethod": "CLIENT_CERT", "allowFailOverToBasicAuth": False},
    "certificate_or_basic": {"overrideHttpAuthMethod": "CLIENT_CERT", "allowFailOverToBasicAuth": True},
    "basic": {"overrideHttpAuthMethod": "BASIC", "allowFailOverToBasicAuth": False},
}


def plan(declared: Sequence[object], *, identity_rule: str | None = None, present: bytes | None = None) -> Json:
    """Return what the connections need.

    ``identity_rule`` names the server-wide identity rule where connections differ. ``present`` is the text of
    server.xml as it is,
    needed where a default is hardened. The answer has ``key_stores`` and ``trust_stores`` (inputs for keystore),
    ``elements`` (for
    server_xml), ``gates`` and ``probes`` (for tls_probe, without secrets: what a caller without a certificate must
    meet, and what all
    callers must meet), ``server_xml`` (its path), ``warnings``, and ``kinds``.
    """
    connections = [
        connection(item, f"connections[{n}]" if len(declared) > 1 else "connection") for n, item in enumerate(declared)
    ]
    for item in connections:
        _contradictions(item)
    _together(connections)
    rule = _identity(connections, identity_rule)
    hardened = any(item.harden_default for item in connections)
    if hardened:
        _outbound_needs_default(connections[0], present)
    elements = [element for item in connections for element in _elements(item)]
    elements += [{"element": "webAppSecurity", "attributes": _RULES[rule]}] + (_hardening() if hardened else [])
    answer: Json = {
        "server_xml": f"{connections[0].server_dir}/server.xml",
        "kinds": [item.kind for item in connections],
        "key_stores": [_key_store_input(item.key_store) for item in connections if not item.key_store.ring],
        "trust_stores": [
            _trust_store_input(i.trust_store) for i in connections if i.trust_store and not i.trust_store.ring
        ],
        "elements": elements,
        "gates": [_gate(item) for item in connections],
        "probes": [probe for item in connections for probe in _probes(item)],
        "warnings": [warning for item in connections for warning in _warnings(item)],
    }
    # The wishes are checked here as server_xml will: what is wrong is said before a key store is touched.
    wishes.check(answer["elements"], wishes.Manner())
    return answer


def _contradictions(item: Connection) -> None:
    """Refuse what cannot work as declared."""
    name = item.name
    if item.client_authentication == "none" and item.identity != "basic":
        raise SecurityError(
            f"{name}: identity {item.identity} needs a client certificate, but client_authentication is none, so the "
            f"server never "
            "asks for one. Set client_authentication to required or supported, or identity to basic."
        )
    if item.client_authentication != "none" and item.trust_store is None:
        raise SecurityError(
            f"{name}: trust_store is missing; with client_authentication {item.client_authentication} the server "
            f"must know which "
            "client certificates to trust. Without it Liberty would take the key store for it."
        )
    if item.ssl_configuration == "default" and item.harden_default:
        raise SecurityError(
            f"{name}: ssl_configuration default and harden_default exclude each other: the port would use what is "
            f"made unusable."
        )
    if item.trust_store and item.trust_store.location == item.key_store.location and not item.key_store.ring:
        raise SecurityError(
            f"{name}: key_store and trust_store are the same file {item.key_store.location}; give the trusted "
            f"certificates a file "
            "of their own."
        )


def _together(connections: Sequence[Connection]) -> None:
    """Refuse what several connections of one server cannot share."""
    if not connections:
        raise SecurityError("connections: the list is empty; declare at least one connection.")
    seen: dict[object, Connection] = {}
    for item in connections:
        for key, what in ((item.name, f"the name {item.name}"), (item.port, f"port {item.port}")):
            if key in seen:
                raise SecurityError(
                    f"{item.name}: has {what}, and so has {seen[key].name}; each connection needs its own."
                )
            seen[key] = item
        if item.server_dir != connections[0].server_dir:
            raise SecurityError(
                f"{item.name}: its server_dir {item.server_dir} is not that of {connections[0].name} "
                f"({connections[0].server_dir}); "
                "plan one server at a time."
            )


def _identity(connections: Sequence[Connection], rule: str | None) -> str:
    """Return the identity rule of the server: that of its connections, or the weaker one that the user names."""
    declared = sorted({item.identity for item in connections}, key=list(_RULES).index)
    if rule is None and len(declared) > 1:
        who = ", ".join(f"{item.name}: {item.identity}" for item in connections)
        raise SecurityError(
            f"identity: Liberty has one rule for the whole server (webAppSecurity), but the connections want "
            f"different ones ({who}). "
            f"Set identity_rule to the weaker one ({declared[-1]}) if it may count for all of them."
        )
    if rule is None:
        return declared[0]
    if rule not in _RULES:
        raise SecurityError(f"identity_rule: {rule!r} is not one of {', '.join(_RULES)}.")
    if rule != declared[-1]:
        raise SecurityError(f"identity_rule: {rule} is not the weaker of the declared rules, which is {declared[-1]}.")
    return rule


def _elements(item: Connection) -> list[Json]:
    default = item.ssl_configuration == "default"
    ssl = DEFAULT_SSL if default else item.name
    found: list[Json] = [
        _features(item),
        {
            "element": "keyStore",
            "id": f"{item.name}.keys",
            "attributes": _store_attributes(item.key_store, item.server_dir),
        },
    ]
    if _own_trust(item) and item.trust_store:
        attributes = _store_attributes(item.trust_store, item.server_dir)
        found.append({"element": "keyStore", "id": f"{item.name}.trust", "attributes": attributes})
    found.append({"element": "ssl", "id": ssl, "attributes": _ssl(item)})
    if default:
        found.append({"element": "sslDefault", "attributes": {"sslRef": DEFAULT_SSL}})
    else:
        found.append({"element": "sslOptions", "id": item.name, "attributes": {"sslRef": ssl}})
    return found + _endpoints(item) + _requesters(item)


def _features(item: Connection) -> Json:
    features = ("transportSecurity-1.0", *item.features)
    return {"element": "featureManager", "children": [{"element": "feature", "text": text} for text in features]}


def _store_attributes(store: Store, server_dir: str) -> Json:
    if store.ring:
        return {"location": store.location}
    inside = store.location.removeprefix(f"{server_dir}/")
    location = store.location if inside == store.location else f"${{server.config.dir}}/{inside}"
    password = f"${{{store.password_variable}}}" if store.password_variable else store.password
    return {"location": location, "type": "PKCS12", "password": password}


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
    found: list[Json] = []
    if item.requesters or scopes.all_requesters is not None:
        found.append(
            {
                "element": "zosconnect_apiRequesters",
                "attributes": {} if scopes.all_requesters is None else {"requireSecure": scopes.all_requesters},
                "children": [
                    {"element": "apiRequester", "attributes": {"name": name, **own}} for name in item.requesters
                ],
            }
        )
    if scopes.server is not None:
        found.append({"element": "zosconnect_zosConnectManager", "attributes": {"requireSecure": scopes.server}})
    return found


def _hardening() -> list[Json]:
    # The password is never used: no file is there to be opened with it.
    store = {"location": "${server.config.dir}/resources/security/no-default-tls.p12", "password": "never-opened"}
    return [
        {"element": "keyStore", "id": HARDENED, "attributes": {**store, "type": "PKCS12"}},
        {"element": "ssl", "id": HARDENED, "attributes": {"keyStoreRef": HARDENED}},
        {"element": "sslDefault", "attributes": {"sslRef": HARDENED}},
    ]


def _outbound_needs_default(item: Connection, present: bytes | None) -> None:
    """Refuse to harden the default where a call to a REST endpoint uses it: sslRef counts for outbound calls as
    well.
    """
    if present is None:
        raise SecurityError(
            f"{item.name}: harden_default needs the present server.xml, to see whether an outbound call uses the "
            f"default."
        )
    document = Document(read_source(present, name=f"{item.server_dir}/server.xml"))
    top = list(document.top())
    if any(node.local == "sslDefault" and node.get("outboundSSLRef") for node in top):
        return
    for node in top:
        if _outbound_by_default(node):
            raise SecurityError(
                f"{item.name}: harden_default would cut off <{node.name}> at {document.source.name}:{node.line}, "
                f"which calls "
                f"{node.get('host')} with the default SSL configuration. Give it a sslCertsRef, or set "
                f"outboundSSLRef on sslDefault."
            )


def _outbound_by_default(node: Node) -> bool:
    host = node.get("host") or ""
    secure = host.lower().startswith("https") or values.has_variable(host)
    return node.local == "zosconnect_endpointConnection" and secure and not node.get("sslCertsRef")


def _key_store_input(store: Store) -> Json:
    entry = {
        "alias": store.alias,
        "privatekey_content": store.private_key,
        "privatekey_passphrase": store.private_key_passphrase,
        "certificate_content": store.certificate,
        "chain_content": [store.chain] if store.chain else None,
    }
    given = {key: value for key, value in entry.items() if value is not None}
    return {
        "path": store.location,
        "password": store.password,
        "entries": [given] if store.private_key else [],
        "aliases": [store.alias] if store.alias else [],
    }


def _trust_store_input(store: Store) -> Json:
    entries = [{"alias": alias, "certificate_content": pem, "trusted": True} for alias, pem in store.trusted]
    return {"path": store.location, "password": store.password, "entries": entries, "aliases": []}


def _gate(item: Connection) -> Json:
    """What a caller without any credentials meets: enough to tell the intended port from one that fell back to the
    default.
    """
    refused = ["closed_after_handshake", "handshake_failed"]
    return _probe(item, "what the port demands", expect=refused if item.client_authentication == "required" else ["ok"])


def _probes(item: Connection) -> list[Json]:
    """What the wire must show. ``certificate`` says whether the client shows its certificate; secrets are not in
    here.
    """
    found = [
        _probe(item, "the port asks for TLS and accepts the caller", certificate=item.kind == "C2", expect=["ok"]),
        _probe(item, "plain http to the port is refused", plain=True, expect=["closed", "not_http", "refused"]),
    ]
    if item.client_authentication == "required":
        found.append({**_gate(item), "title": f"{item.name}: a caller without a certificate is refused"})
    return found


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


def _warnings(item: Connection) -> Iterable[str]:
    scopes = item.require_secure
    for scope, value in (
        ("the named requesters", scopes.requesters),
        ("all requesters", scopes.all_requesters),
        ("the server", scopes.server),
    ):
        if value is False:
            yield (
                f"{item.name}: requireSecure false for {scope} counts for every http port of the server, whichever "
                f"it is; "
                f"this connection keeps its own port on TLS."
            )
    if item.plain_http == "unchanged":
        yield f"{item.name}: plain_http is left unchanged, so the default endpoint may listen on 9080."
