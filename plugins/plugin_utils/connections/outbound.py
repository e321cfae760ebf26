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
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.attls_end import AttlsEnd
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.endpoint import (
    Endpoint,
    Login,
    OAuth,
    Token,
    TokenServer,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.names import (
    DEFAULT_OUTBOUND,
    authentication_id,
    endpoint_rule,
    keys_id,
    outbound_ssl,
    trust_id,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.server import key_store

Json = dict[str, Any]

SKIPPED_RULE = "tls-host-names-skipped"


def owners(items: Sequence[Endpoint]) -> list[Endpoint | TokenServer]:
    """Return all that has key stores or trust stores."""
    found: list[Endpoint | TokenServer] = []
    for item in items:
        found += [item, *item.authentication.servers]
    return found


def elements(items: Sequence[Endpoint]) -> list[Json]:
    """Return what the server needs to call the endpoints, what is referred to before what refers to it."""
    return [element for item in items for element in _of_one(item)]


def _of_one(item: Endpoint) -> Iterator[Json]:
    ssl = item.ssl
    if not item.server_attls or item.authentication.servers:
        feature = {"element": "feature", "text": "transportSecurity-1.0"}
        yield {"element": "featureManager", "children": [feature]}
    if ssl:
        yield from _ssl(item, ssl)
    yield from authentication(item)
    yield {
        "element": "zosconnect_endpointConnection",
        "id": item.connection,
        "attributes": {
            # IBM: the host carries the scheme.
            "host": item.url.rpartition(":")[0],
            "port": item.port,
            "sslCertsRef": ssl if item.ssl_configuration == "own" else None,
            **references_to_logins(item),
        },
    }


def ssl(item: Endpoint) -> list[Json]:
    """Return the SSL configuration that is made for an endpoint, with its stores; none where the default one does."""
    return list(_ssl(item, item.ssl)) if item.ssl else []


def references_to_logins(item: Endpoint) -> Json:
    """Return the references to what authenticates the server; there are ways that nobody can declare here."""
    ways = _ways(item)
    return {"authenticationConfigRef": ",".join(ways), "basicAuthRef": None} if ways else {}


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
    return {"keyStoreRef": keys_id(ssl) if apart else trust_id(ssl), "trustStoreRef": trust_id(ssl)}


def _key_stores(item: Endpoint, ssl: str) -> Iterator[Json]:
    used = _stores(item, ssl).values()
    for id_, store in ((keys_id(ssl), item.key_store), (trust_id(ssl), item.trust_store)):
        if store and id_ in used:
            yield key_store(id_, store, item.server_dir)


def _strength(item: Endpoint) -> Json:
    """Older levels check no host names unless they are told to, so it is written out."""
    skipped = ",".join(item.skip_host_names.hosts) if item.skip_host_names else None
    return {**item.profile.liberty, "verifyHostname": True, "skipHostnameVerificationForHosts": skipped}


def _ways(item: Endpoint) -> list[str]:
    """The ids of what authenticates the server to the endpoint."""
    ways = {"login": item.authentication.basic, "oauth": item.authentication.oauth, "token": item.authentication.token}
    return [authentication_id(item.name, part) for part, way in ways.items() if way]


def authentication(item: Endpoint) -> Iterator[Json]:
    """Give the elements of how the server authenticates to an endpoint."""
    wanted = item.authentication
    if wanted.basic:
        yield _login(authentication_id(item.name, "login"), wanted.basic)
    for server in wanted.servers:
        yield from _token_server(item, server)
    if wanted.oauth:
        yield _oauth(authentication_id(item.name, "oauth"), wanted.oauth)
    if wanted.token:
        yield _token(authentication_id(item.name, "token"), wanted.token)


def _login(identity: str, login: Login) -> Json:
    attributes = {"user": login.user, "password": login.password}
    return {"element": "zosconnect_authData", "id": identity, "attributes": attributes}


def _token_server(item: Endpoint, server: TokenServer) -> Iterator[Json]:
    login = authentication_id(server.name, "login")
    own = outbound_ssl(server.name) if server.trust_store else None
    shared = item.ssl if item.ssl_configuration == "own" else None
    if own and server.trust_store:
        trust = trust_id(own)
        attributes = {"keyStoreRef": trust, "trustStoreRef": trust, **item.profile.liberty, "verifyHostname": True}
        yield key_store(trust, server.trust_store, item.server_dir)
        yield {"element": "ssl", "id": own, "attributes": attributes}
    if server.login:
        yield _login(login, server.login)
    yield {
        "element": "zosconnect_authorizationServer",
        "id": authentication_id(server.name, "server"),
        "attributes": {
            "tokenEndpoint": server.url,
            "basicAuthRef": login if server.login else None,
            "sslCertsRef": own or shared,
        },
    }


def _oauth(identity: str, oauth: OAuth) -> Json:
    attributes = {"grantType": oauth.grant_type, "authServerRef": authentication_id(identity, "server")}
    return {"element": "zosconnect_oAuthConfig", "id": identity, "attributes": attributes}


def _token(identity: str, token: Token) -> Json:
    return {
        "element": "zosconnect_authToken",
        "id": identity,
        "attributes": {"authServerRef": authentication_id(identity, "server"), "header": token.header},
        "children": [
            {"element": "tokenRequest", "attributes": dict(token.request), "state": "replaced"},
            {"element": "tokenResponse", "attributes": dict(token.response), "state": "replaced"},
        ],
    }


def removal(items: Sequence[Endpoint]) -> list[Json]:
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
        if item.outbound and not item.standing.outbound
    )


def _in_front(items: Sequence[Endpoint]) -> Json:
    return policies.policy(
        policies.answering(
            item.inbound.rule or endpoint_rule(item.name),
            item.inbound,
            item.profile,
            (item.outbound.address, item.port),
            _client_auth(item, item.inbound),
        )
        for item in items
        if item.inbound and item.outbound and item.outbound.address
    )


def _client_auth(item: Endpoint, inbound: AttlsEnd) -> str | None:
    """How AT-TLS in front of an endpoint asks for the certificate that AT-TLS below the server has to show."""
    return ("SAFCheck" if inbound.saf_check else "Required") if item.shows else None


def rule_name(item: Endpoint) -> str:
    """Return the name of the AT-TLS rule below the server."""
    return (item.outbound.rule if item.outbound else None) or endpoint_rule(item.name)


def report(items: Sequence[Endpoint]) -> Json:
    """Return what is reported of the endpoints beside what is done: themselves, what they must show, and waivers."""
    return {
        "endpoints": [_endpoint(item) for item in items],
        "endpoint_probes": [_probe(item) for item in items],
        "waivers": _waivers(items),
    }


def _endpoint(item: Endpoint) -> Json:
    """An endpoint for reports and probes, without secrets."""
    return {
        "connection": item.name,
        "id": item.connection,
        "server_tls": item.server_tls,
        "client_certificate": item.client_certificate,
        "url": item.url,
        "host": item.host,
        "port": item.port,
        "ssl": item.ssl,
        "client_key_alias": item.key_store.alias if item.key_store else None,
        "authentication": _ways(item),
        "requesters": list(item.requesters),
        "web_applications": list(item.web_applications),
    }


def _probe(item: Endpoint) -> Json:
    """What an endpoint must show to whoever has no certificate, in the form that tls_probe takes; ``ca`` is public."""
    trusted = "".join(pem for _alias, pem in item.trust_store.trusted) if item.trust_store else ""
    unchecked = item.skip_host_names is not None and item.host in item.skip_host_names.hosts
    return {
        "connection": item.name,
        "title": f"{item.name}: the endpoint {_shows(trusted, mutual=item.shows)}",
        "host": item.host,
        "address": item.outbound.address if item.outbound else None,
        "port": item.port,
        "ca": trusted,
        "client_certificate": item.shows,
        "expect": ["ok"] + ["name_mismatch"] * unchecked + ["closed_after_handshake", "handshake_failed"] * item.shows,
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
    if not item.standing.is_new and not item.skip_host_names:
        return
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
