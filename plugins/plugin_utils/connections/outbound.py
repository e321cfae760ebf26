# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declared endpoints in, elements of ``server.xml`` and AT-TLS policies out.

Sources: IBM's pages "API requester confidentiality and integrity", "basic authentication to a RESTful API endpoint",
"How to configure OAuth 2.0 with basic authentication" and "Calling an authentication server".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import policies
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Store
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.endpoint import (
    DEFAULT_OUTBOUND,
    Endpoint,
    Login,
    OAuth,
    Token,
    TokenServer,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.server import key_store

Json = dict[str, Any]

SKIPPED_RULE = "tls-host-names-skipped"


def owners(items: Sequence[Endpoint]) -> list[Endpoint | TokenServer]:
    """Return all that has key stores or trust stores."""
    return [owner for item in items for owner in (item, *item.authentication.servers)]


def elements(items: Sequence[Endpoint]) -> list[Json]:
    """Return what the server needs to call the endpoints, what is referred to before what refers to it."""
    return [element for item in items for element in _of_one(item)]


def _of_one(item: Endpoint) -> Iterator[Json]:
    ssl = item.ssl
    if not item.wrapped or item.authentication.servers:
        feature = {"element": "feature", "text": "transportSecurity-1.0"}
        yield {"element": "featureManager", "children": [feature]}
    if ssl:
        yield from _ssl(item, ssl)
    yield from _authentication(item)
    ways = _ways(item)
    yield {
        "element": "zosconnect_endpointConnection",
        "id": item.name,
        "attributes": {
            # IBM: the host carries the scheme.
            "host": item.url.rpartition(":")[0],
            "port": item.port,
            "sslCertsRef": ssl if item.ssl_configuration == "own" else None,
            # Nothing declared leaves what is there: there are ways to authenticate that nobody can declare here.
            **({"authenticationConfigRef": ",".join(ways), "basicAuthRef": None} if ways else {}),
        },
    }


def _ssl(item: Endpoint, ssl: str) -> Iterator[Json]:
    attributes = {
        **_stores(item, ssl),
        **_strength(item),
        "clientKeyAlias": item.key_store.alias if item.key_store else None,
    }
    yield from _key_stores(item, ssl)
    yield {"element": "ssl", "id": ssl, "attributes": attributes}
    if ssl == DEFAULT_OUTBOUND:
        yield {"element": "sslDefault", "attributes": {"outboundSSLRef": ssl}}


def _stores(item: Endpoint, ssl: str) -> Json:
    """References to the stores; who shows no certificate still needs a key store, and the trust store holds no key."""
    apart = item.key_store and item.trust_store and item.key_store.location != item.trust_store.location
    return {"keyStoreRef": f"{ssl}.keys" if apart else f"{ssl}.trust", "trustStoreRef": f"{ssl}.trust"}


def _key_stores(item: Endpoint, ssl: str) -> Iterator[Json]:
    wanted: dict[str, Store | None] = {"keys": item.key_store, "trust": item.trust_store}
    for kind, store in wanted.items():
        if store and _stores(item, ssl)[{"keys": "keyStoreRef", "trust": "trustStoreRef"}[kind]] == f"{ssl}.{kind}":
            yield key_store(f"{ssl}.{kind}", store, item.server_dir)


def _strength(item: Endpoint) -> Json:
    """Older levels check no host names unless they are told to, so it is written out."""
    skipped = ",".join(item.skip_host_names.hosts) if item.skip_host_names else None
    return {**item.profile.liberty, "verifyHostname": True, "skipHostnameVerificationForHosts": skipped}


def _ways(item: Endpoint) -> list[str]:
    """The ids of what authenticates the server to the endpoint."""
    ways = {"login": item.authentication.basic, "oauth": item.authentication.oauth, "token": item.authentication.token}
    return [f"{item.name}.{name}" for name, way in ways.items() if way]


def _authentication(item: Endpoint) -> Iterator[Json]:
    wanted = item.authentication
    if wanted.basic:
        yield _login(f"{item.name}.login", wanted.basic)
    for server in wanted.servers:
        yield from _token_server(item, server)
    if wanted.oauth:
        yield _oauth(f"{item.name}.oauth", wanted.oauth)
    if wanted.token:
        yield _token(f"{item.name}.token", wanted.token)


def _login(identity: str, login: Login) -> Json:
    attributes = {"user": login.user, "password": login.password}
    return {"element": "zosconnect_authData", "id": identity, "attributes": attributes}


def _token_server(item: Endpoint, server: TokenServer) -> Iterator[Json]:
    own = f"{server.name}.out" if server.trust_store else None
    shared = item.ssl if item.ssl_configuration == "own" else None
    if own and server.trust_store:
        trust = f"{own}.trust"
        attributes = {"keyStoreRef": trust, "trustStoreRef": trust, **item.profile.liberty, "verifyHostname": True}
        yield key_store(trust, server.trust_store, item.server_dir)
        yield {"element": "ssl", "id": own, "attributes": attributes}
    if server.login:
        yield _login(f"{server.name}.login", server.login)
    yield {
        "element": "zosconnect_authorizationServer",
        "id": f"{server.name}.server",
        "attributes": {
            "tokenEndpoint": server.url,
            "basicAuthRef": f"{server.name}.login" if server.login else None,
            "sslCertsRef": own or shared,
        },
    }


def _oauth(identity: str, oauth: OAuth) -> Json:
    attributes = {"grantType": oauth.grant_type, "authServerRef": f"{identity}.server"}
    return {"element": "zosconnect_oAuthConfig", "id": identity, "attributes": attributes}


def _token(identity: str, token: Token) -> Json:
    return {
        "element": "zosconnect_authToken",
        "id": identity,
        "attributes": {"authServerRef": f"{identity}.server", "header": token.header},
        "children": [
            {"element": "tokenRequest", "attributes": dict(token.request), "state": "replaced"},
            {"element": "tokenResponse", "attributes": dict(token.response), "state": "replaced"},
        ],
    }


def without(items: Sequence[Endpoint]) -> list[Json]:
    """Return what takes the endpoints away again. Store files and the default SSL configuration stay."""
    mine = [
        {"element": element["element"], "id": element["id"], "state": "absent"}
        for element in elements(items)
        if str(element.get("id", DEFAULT_OUTBOUND)).partition(".")[0] != DEFAULT_OUTBOUND
    ]
    # What refers to something goes before it.
    return mine[::-1]


def policies_of(items: Sequence[Endpoint]) -> dict[str, Json]:
    """Return the AT-TLS policies below the server, and in front of endpoints, for those who look after them."""
    return {"server-outbound": below(items), "endpoint-inbound": _in_front(items)}


def below(items: Sequence[Endpoint]) -> Json:
    """Return the policy below the server; without it the server would speak plain http, all the way."""
    return policies.policy(
        policies.calling(rule_name(item), item.outbound, item.profile, (item.outbound.address, item.port, item.host))
        for item in items
        if item.outbound
    )


def _in_front(items: Sequence[Endpoint]) -> Json:
    return policies.policy(
        policies.answering(rule_name(item), item.inbound, item.profile, (item.outbound.address, item.port), _asks(item))
        for item in items
        if item.inbound and item.outbound
    )


def _asks(item: Endpoint) -> str | None:
    """How AT-TLS in front of an endpoint asks for the certificate that AT-TLS below the server has to show."""
    if item.inbound and item.inbound.saf_check:
        return "SAFCheck"
    return "Required" if item.outbound and item.outbound.certificate_label else None


def rule_name(item: Endpoint) -> str:
    """Return the name of an endpoint's AT-TLS rules."""
    return f"{item.name}_endpoint"


def told(items: Sequence[Endpoint]) -> Json:
    """Return what is told of the endpoints beside what is done: themselves, what they must show, and waivers."""
    return {
        "endpoints": [_endpoint(item) for item in items],
        "endpoint_probes": [_probe(item) for item in items],
        "waivers": _waivers(items),
    }


def _endpoint(item: Endpoint) -> Json:
    """An endpoint for reports and probes, without secrets."""
    return {
        "connection": item.name,
        "kind": item.kind,
        "url": item.url,
        "host": item.host,
        "port": item.port,
        "ssl": item.ssl,
        "client_key_alias": item.key_store.alias if item.key_store else None,
        "authentication": _ways(item),
        "requesters": list(item.requesters),
        "attls": item.wrapped,
    }


def _probe(item: Endpoint) -> Json:
    """What an endpoint must show to whoever has no certificate, in the form that tls_probe takes; ``ca`` is public."""
    trusted = "".join(pem for _alias, pem in item.trust_store.trusted) if item.trust_store else ""
    unchecked = item.skip_host_names is not None and item.host in item.skip_host_names.hosts
    mutual = item.kind == "C7" or _asks(item) is not None
    return {
        "connection": item.name,
        "title": f"{item.name}: the endpoint {_shows(trusted, mutual=mutual)}",
        "host": item.host,
        "address": item.outbound.address if item.outbound else None,
        "port": item.port,
        "ca": trusted,
        "client_certificate": mutual,
        "expect": ["ok"] + ["name_mismatch"] * unchecked + ["closed_after_handshake", "handshake_failed"] * mutual,
        "min_protocol": item.profile.protocols[0],
        "max_protocol": item.profile.protocols[-1],
    }


def _shows(trusted: str, *, mutual: bool) -> str:
    asks = " and asks for a client certificate" if mutual else ""
    if trusted:
        return f"has a certificate that is trusted{asks}"
    return f"does TLS{asks} (whom the server trusts is not seen)"


def _waivers(items: Sequence[Endpoint]) -> list[Json]:
    """Return, as server_config_info takes them, the waivers for host names that are not checked."""
    return [
        {
            "id": SKIPPED_RULE,
            "place": f"ssl {item.ssl}",
            **{key: getattr(item.skip_host_names, key) for key in ("reason", "owner", "ticket", "expires")},
        }
        for item in items
        if item.skip_host_names
    ]


def warnings(item: Endpoint) -> Iterator[str]:
    """Say what deserves attention about one endpoint."""
    if item.bare:
        yield (
            f"{item.name}: is called with the default SSL configuration as it is; server_config_info says under "
            "endpoints which one that is, and whom it trusts."
        )
    elif item.ssl == DEFAULT_OUTBOUND:
        yield (
            f"{item.name}: outboundSSLRef of sslDefault becomes {DEFAULT_OUTBOUND}, which then counts for every call "
            "of the server that names no SSL configuration of its own."
        )
    if skipped := item.skip_host_names:
        yield (
            f"{item.name}: any certificate of a trusted issuer passes for {', '.join(skipped.hosts)} until "
            f"{skipped.expires} ({skipped.owner}: {skipped.reason}, {skipped.ticket})."
        )
    if item.outbound and not item.outbound.certificate_label:
        yield (
            f"{item.name}: the key ring {item.outbound.key_ring} should hold the CA chain only; a default certificate "
            "on it would be shown to an endpoint that asks."
        )


def staying(items: Sequence[Endpoint]) -> Iterator[str]:
    """Say what stays when endpoints are taken away."""
    for item in items:
        if item.ssl == DEFAULT_OUTBOUND:
            yield f"{item.name}: the SSL configuration {DEFAULT_OUTBOUND} stays, because other calls may use it."
