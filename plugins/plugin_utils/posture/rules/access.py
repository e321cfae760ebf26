# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules: open where closed was meant, closed where open was meant, and who the caller is."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import (
    features,
    outbound,
    ports,
    require_secure,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.ports import Port
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import (
    Fault,
    Json,
    Rule,
    Subject,
    of,
    rule,
    want,
)

_REGISTRY = ("Registry", "quickStartSecurity", "federatedRepository")
_TLS_PORTS = (443, 5443, 8443, 9443)
_PLAIN_PORTS = (80, 8080, 9080)


@rule("requester-cleartext")
def cleartext(subject: Subject) -> Iterator[Fault]:
    where = several([f"{port.port} ({port.endpoint})" for port in subject.ports if port.cleartext])
    if not where or subject.is_oas3:
        return
    for one in _open(subject):
        text = f"{_title(one)} accepts plain http on {where}: requireSecure is false by {one.secure.scope}."
        yield Fault(one.secure.origin, text, _secure(one), about=_about(one), detail=_open_at(subject))
    if not subject.artifacts:
        for side in require_secure.SIDES[:2]:
            other = require_secure.of_others(subject.effective, side)
            if not other.value and require_secure.may_be_called(subject.effective, side):
                text = f"Every {side.title} accepts plain http on {where}: requireSecure is false by {other.scope}."
                remedy = want(other.scope, requireSecure=True)
                yield Fault(other.origin, text, remedy, about=(side.collection,), detail=_open_at(subject))


@rule("requester-unreachable")
def unreachable(subject: Subject) -> Iterator[Fault]:
    usable = any(port.tls and not port.unusable for port in subject.ports)
    if usable or not subject.ports:
        return
    for one in subject.artifacts:
        if one.secure.value and one.side.word == "requesters":
            text = f"{_title(one)} demands TLS, but no https port is open: callers get status 302."
            yield Fault(one.origin or one.secure.origin, text, about=_about(one))


@rule("default-endpoint")
def default_endpoint(subject: Subject) -> Iterator[Fault]:
    # A part of a configuration says nothing about the rest.
    part = features.features(subject.effective) is None and not any(port.origin.line for port in subject.ports)
    for port in () if part else subject.ports:
        if port.endpoint == "defaultHttpEndpoint" and port.origin.line is None and _is_opened(subject, port):
            remedy = want("httpEndpoint", "defaultHttpEndpoint", **{"httpsPort" if port.tls else "httpPort": -1})
            text = f"Liberty's default endpoint listens on port {port.port}, which no file mentions."
            yield Fault(port.origin, text, remedy, about=port.about)


def _is_opened(subject: Subject, port: Port) -> bool:
    ssl = subject.effective.by_id("ssl", port.ssl)
    served = ssl is not None and not ports.lacks_password(subject.effective, ssl)
    return not port.tls or (served and not port.unusable and features.brings_tls(subject.effective))


@rule("endpoint-scheme")
def endpoint_scheme(subject: Subject) -> Iterator[Fault]:
    for connection in subject.endpoint_connections:
        port, secure = connection.get("port"), outbound.is_https(str(connection.get("host")))
        if connection.id in subject.attls_targets or not isinstance(port, int) or secure is None:
            continue
        if port in (_PLAIN_PORTS if secure else _TLS_PORTS):
            spoken, meant = ("https", "http") if secure else ("http", "TLS")
            text = f"endpoint connection {connection.id!r} speaks {spoken} to port {port}, which is usual for {meant}."
            yield Fault(connection.origin("host"), text, about=of(connection, "host"))


@rule("endpoint-cleartext")
def endpoint_cleartext(subject: Subject) -> Iterator[Fault]:
    for call in subject.calls:
        if call.tls is False and not call.attls:
            text = f"{call.title} is called by plain http, and not declared to go through AT-TLS."
            yield Fault(call.origin, text, about=of(call.called))


@rule("basic-auth-cleartext")
def basic_auth_cleartext(subject: Subject) -> Iterator[Fault]:
    yield from _basic_outbound(subject)
    security = subject.effective.one("webAppSecurity")
    plain = [str(port.port) for port in subject.ports if port.cleartext]
    asked = subject.is_oas3 or any(one.auth.value for one in _open(subject))
    if not security or not plain or not asked:
        return
    for name, wanted in (("allowFailOverToBasicAuth", True), ("overrideHttpAuthMethod", "BASIC")):
        if security.get(name) == wanted:
            text = f"Callers may send user and password over plain http on {several(plain)}."
            yield Fault(security.origin(name), text, about=of(security), detail=_open_at(subject))


def _basic_outbound(subject: Subject) -> Iterator[Fault]:
    logins = {login.id for login in subject.effective.all("zosconnect_authData")}
    for connection in subject.endpoint_connections:
        named = connection.get("authenticationConfigRef")
        used = {connection.get("basicAuthRef"), *(named if isinstance(named, list) else [named])} & logins
        covered = connection.id in subject.attls_targets
        if used - {None} and not covered and outbound.is_https(str(connection.get("host"))) is False:
            text = f"endpoint connection {connection.id!r} sends user and password over plain http."
            yield Fault(connection.origin("host"), text, about=of(connection))
    for server in subject.effective.all("zosconnect_authorizationServer"):
        if server.get("basicAuthRef") and str(server.get("tokenEndpoint")).lower().startswith("http:"):
            text = f"authorization server {server.id!r} gets user and password over plain http."
            yield Fault(server.origin("tokenEndpoint"), text, about=of(server))


@rule("administration-certificate")
def administration(subject: Subject) -> Iterator[Fault]:
    https = [port for port in subject.ports if port.tls and not port.unusable]
    required = [port for port in https if port.client_authentication == "required"]
    if not features.has(subject.effective, r"(restconnector|admincenter)-.*") or len(required) < len(https):
        return
    for port in required:
        text = f"Port {port.port} requires a client certificate, and administration has no https port without."
        # Another port that requires one as well locks out nobody who is not locked out yet.
        yield Fault(port.origin, text, about=("administration",))


@rule("attls-client-certificate")
def attls_client_certificate(subject: Subject) -> Iterator[Fault]:
    security = subject.effective.one("webAppSecurity")
    only = security and security.get("overrideHttpAuthMethod") == "CLIENT_CERT"
    if not security or not only or security.get("allowFailOverToBasicAuth") is True:
        return
    for port in subject.ports:
        if port.attls and not port.tls:
            text = f"Only client certificates identify callers, but port {port.port} is behind AT-TLS inbound."
            yield Fault(security.origin("overrideHttpAuthMethod"), text, about=(*of(security), port.endpoint))


@rule("requester-no-auth")
def no_authentication(subject: Subject) -> Iterator[Fault]:
    for one in subject.artifacts:
        if not one.auth.value and one.side.word == "requesters":
            text = f"{_title(one)} does not ask who calls: requireAuth is false by {one.auth.scope}."
            yield Fault(one.auth.origin, text, about=_about(one))


@rule("assertion-unprotected")
def assertion(subject: Subject) -> Iterator[Fault]:
    collection = subject.effective.one("zosconnect_apiRequesters")
    members = {m.places[-1]: m for m in collection.children.get("apiRequester", [])} if collection else {}
    cleartext_ports = any(port.cleartext for port in subject.ports)
    for one in subject.artifacts:
        asserter = _asserter(members.get(one.origin) if one.origin else None, collection)
        if one.side.word != "requesters" or asserter is None:
            continue
        unprotected = not one.secure.value and cleartext_ports
        if unprotected or not one.auth.value:
            what = "callers need not authenticate" if not one.auth.value else "plain http is accepted"
            text = f"{_title(one)} believes asserted identities ({asserter.get('idAssertion')}), but {what}."
            yield Fault(asserter.origin("idAssertion"), text, about=_about(one), detail=frozenset({what}))


def _asserter(member: Instance | None, collection: Instance | None) -> Instance | None:
    """Return the element that switches identity assertion on, the narrower scope first."""
    for scope in (member, collection):
        mode = scope.get("idAssertion") if scope else None
        if mode is not None:
            return None if mode == "OFF" else scope
    return None


@rule("no-registry")
def no_registry(subject: Subject) -> Iterator[Fault]:
    known = any(name.endswith(_REGISTRY) for name, found in subject.effective.instances.items() if found)
    if known or features.features(subject.effective) is None or not subject.effective.all_read:
        return
    closed = [one for one in subject.artifacts if one.auth.value]
    if closed:
        origin = closed[0].origin or closed[0].auth.origin
        text = f"{_title(closed[0])} demands a known caller, but there is no user registry."
        yield Fault(origin, text, about=("user registry",))


@rule("identity-fail-over")
def fail_over(subject: Subject) -> Iterator[Fault]:
    security = subject.effective.one("webAppSecurity")
    required = any(port.client_authentication == "required" for port in subject.ports)
    if security and security.get("allowFailOverToBasicAuth") is True and required:
        text = "Client certificates are required, but one that identifies nobody leaves the login to user and password."
        yield Fault(security.origin("allowFailOverToBasicAuth"), text, about=of(security))


@rule("requester-duplicate")
def duplicates(subject: Subject) -> Iterator[Fault]:
    seen: dict[tuple[str, str], Origin] = {}
    for one in subject.artifacts:
        if one.origin is None:
            continue
        first = seen.setdefault((one.side.word, one.name), one.origin)
        if first is not one.origin:
            text = f"<{one.side.member} name={one.name!r}> stands at {first} too; Liberty keeps both, in order."
            yield Fault(one.origin, text, about=_about(one))


def _open(subject: Subject) -> list[require_secure.Artifact]:
    """Return the API requesters and APIs that accept plain http; a service counts only when it is called directly."""
    return [one for one in subject.artifacts if not one.secure.value and one.side.word != "services"]


def _open_at(subject: Subject) -> frozenset[object]:
    """Return the endpoints that accept plain http; a number may change."""
    return frozenset(port.endpoint for port in subject.ports if port.cleartext)


def _about(one: require_secure.Artifact) -> tuple[object, ...]:
    return one.side.member, one.name


def _title(one: require_secure.Artifact) -> str:
    return f"{one.side.title} {one.name}"


def _secure(one: require_secure.Artifact) -> list[Json]:
    child = {"element": one.side.member, "attributes": {"name": one.name, "requireSecure": True}}
    return [{"element": one.side.collection, "children": [child]}]


RULES = tuple(entry for entry in list(globals().values()) if isinstance(entry, Rule))
