# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules: open where closed was meant, closed where open was meant, and who the caller is."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import values
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import features, require_secure
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rule import (
    HIGH,
    LOW,
    MEDIUM,
    OBSERVED,
    SCHEMA,
    Fault,
    Json,
    Rule,
    Subject,
    rule,
    wish,
)

_CONFIDENTIALITY = "IBM: API requester confidentiality and integrity"
_REGISTRY = ("Registry", "quickStartSecurity", "federatedRepository")
_TLS_PORTS = (443, 5443, 8443, 9443)
_PLAIN_PORTS = (80, 8080, 9080)


@rule(
    "requester-cleartext",
    HIGH,
    why="requireSecure false has no port: it counts for every http port of the server.",
    source=_CONFIDENTIALITY,
)
def cleartext(subject: Subject) -> Iterator[Fault]:
    where = several([f"{port.port} ({port.endpoint})" for port in subject.ports if port.cleartext])
    if not where or features.version(subject.effective) == "3.0":
        return
    for one in _open(subject):
        text = f"{_title(one)} accepts plain http on {where}: requireSecure is false by {one.secure.scope}."
        yield Fault(one.secure.origin, text, _secure(one))
    if not subject.callables:
        for side in require_secure.SIDES[:2]:
            other = require_secure.of_others(subject.effective, side)
            if not other.value:
                text = f"Every {side.title} accepts plain http on {where}: requireSecure is false by {other.scope}."
                yield Fault(other.origin, text, wish(other.scope, requireSecure=True))


@rule(
    "requester-unreachable",
    HIGH,
    why="The caller sees BAQ-STATUS-CODE 302.",
    source="IBM support: BAQ-STATUS-CODE 302",
)
def unreachable(subject: Subject) -> Iterator[Fault]:
    usable = any(port.tls and not port.unusable for port in subject.ports)
    if usable or not subject.ports or features.version(subject.effective) == "3.0":
        return
    for one in subject.callables:
        if one.secure.value and one.side.word == "requesters":
            text = f"{_title(one)} demands TLS, but no https port is open: callers get status 302."
            yield Fault(one.origin or one.secure.origin, text)


@rule(
    "default-endpoint",
    MEDIUM,
    why="Liberty opens its default endpoint unless a file closes it with port -1.",
    source=OBSERVED,
)
def default_endpoint(subject: Subject) -> Iterator[Fault]:
    if not any(port.origin.line for port in subject.ports):
        return
    for port in subject.ports:
        if port.endpoint == "defaultHttpEndpoint" and port.origin.line is None and not port.unusable:
            remedy = wish("httpEndpoint", "defaultHttpEndpoint", **{"httpsPort" if port.tls else "httpPort": -1})
            text = f"Liberty's default endpoint listens on port {port.port}, which no file mentions."
            yield Fault(port.origin, text, remedy)


@rule(
    "endpoint-scheme",
    MEDIUM,
    why="The scheme in host decides whether the server does TLS; the port does not.",
    source="IBM: zosconnect_endpointConnection; Open Liberty's ports",
)
def endpoint_scheme(subject: Subject) -> Iterator[Fault]:
    for connection in subject.endpoint_connections:
        port, secure = connection.get("port"), str(connection.get("host")).lower().startswith("https:")
        if connection.id in subject.attls_targets or not isinstance(port, int):
            continue
        if port in (_PLAIN_PORTS if secure else _TLS_PORTS):
            said, meant = ("https", "http") if secure else ("http", "TLS")
            text = f"endpoint connection {connection.id!r} speaks {said} to port {port}, which is usual for {meant}."
            yield Fault(connection.origin("host"), text)


@rule(
    "endpoint-cleartext",
    MEDIUM,
    why="Requests, answers and tokens pass in the clear, and nothing shows that the endpoint is the right one.",
    source="IBM: API requester confidentiality and integrity",
)
def endpoint_cleartext(subject: Subject) -> Iterator[Fault]:
    for call in subject.calls:
        if not call.tls and not call.attls and not values.has_variable(call.url):
            yield Fault(call.origin, f"{call.title} is called by plain http, and not declared to go through AT-TLS.")


@rule(
    "basic-auth-cleartext",
    HIGH,
    why="User and password pass in the clear: basic authentication only encodes them.",
    source="IBM: basic authentication to a RESTful API endpoint",
)
def basic_auth_cleartext(subject: Subject) -> Iterator[Fault]:
    yield from _basic_outbound(subject)
    security = subject.effective.one("webAppSecurity")
    plain = [str(port.port) for port in subject.ports if port.cleartext]
    if not security or not plain or not any(one.auth.value for one in _open(subject)):
        return
    for name, wanted in (("allowFailOverToBasicAuth", True), ("overrideHttpAuthMethod", "BASIC")):
        if security.get(name) == wanted:
            text = f"Callers may send user and password over plain http on {several(plain)}."
            yield Fault(security.origin(name), text)


def _basic_outbound(subject: Subject) -> Iterator[Fault]:
    logins = {login.id for login in subject.effective.all("zosconnect_authData")}
    for connection in subject.endpoint_connections:
        named = connection.get("authenticationConfigRef")
        used = {connection.get("basicAuthRef"), *(named if isinstance(named, list) else [named])} & logins
        covered = connection.id in subject.attls_targets
        if used - {None} and not covered and not str(connection.get("host")).lower().startswith("https:"):
            text = f"endpoint connection {connection.id!r} sends user and password over plain http."
            yield Fault(connection.origin("host"), text)
    for server in subject.effective.all("zosconnect_authorizationServer"):
        if server.get("basicAuthRef") and str(server.get("tokenEndpoint")).lower().startswith("http:"):
            text = f"authorization server {server.id!r} gets user and password over plain http."
            yield Fault(server.origin("tokenEndpoint"), text)


@rule(
    "administration-certificate",
    MEDIUM,
    why="Browsers, REST administration and operators without a certificate are locked out.",
    source=OBSERVED,
)
def administration(subject: Subject) -> Iterator[Fault]:
    https = [port for port in subject.ports if port.tls and not port.unusable]
    required = [port for port in https if port.client_authentication == "required"]
    if not features.has(subject.effective, r"(restconnector|admincenter)-.*") or len(required) < len(https):
        return
    for port in required:
        text = f"Port {port.port} requires a client certificate, and administration has no https port without."
        yield Fault(port.origin, text)


@rule(
    "attls-client-certificate",
    HIGH,
    why="Behind AT-TLS inbound the server never sees the caller's certificate.",
    source=_CONFIDENTIALITY,
)
def attls_client_certificate(subject: Subject) -> Iterator[Fault]:
    security = subject.effective.one("webAppSecurity")
    only = security and security.get("overrideHttpAuthMethod") == "CLIENT_CERT"
    if not security or not only or security.get("allowFailOverToBasicAuth") is True:
        return
    for port in subject.ports:
        if port.attls and not port.tls:
            text = f"Only client certificates identify callers, but port {port.port} is behind AT-TLS inbound."
            yield Fault(security.origin("overrideHttpAuthMethod"), text)


@rule("requester-no-auth", MEDIUM, why="Nobody is asked who calls.", source="IBM: z/OS Connect authorization")
def no_authentication(subject: Subject) -> Iterator[Fault]:
    for one in subject.callables:
        if not one.auth.value and one.side.word == "requesters":
            text = f"{_title(one)} does not ask who calls: requireAuth is false by {one.auth.scope}."
            yield Fault(one.auth.origin, text)


@rule(
    "assertion-unprotected",
    HIGH,
    why="An asserted identity is only as good as the authentication and protection of the link.",
    source="IBM: API requester identity assertion",
)
def assertion(subject: Subject) -> Iterator[Fault]:
    collection = subject.effective.one("zosconnect_apiRequesters")
    members = {m.places[-1]: m for m in collection.children.get("apiRequester", [])} if collection else {}
    cleartext_ports = any(port.cleartext for port in subject.ports)
    for one in subject.callables:
        asserter = _asserter(members.get(one.origin) if one.origin else None, collection)
        if one.side.word != "requesters" or asserter is None:
            continue
        unprotected = not one.secure.value and cleartext_ports
        if unprotected or not one.auth.value:
            what = "callers need not authenticate" if not one.auth.value else "plain http is accepted"
            text = f"{_title(one)} believes asserted identities ({asserter.get('idAssertion')}), but {what}."
            yield Fault(asserter.origin("idAssertion"), text)


def _asserter(member: Instance | None, collection: Instance | None) -> Instance | None:
    """Return the element that switches identity assertion on, the narrower scope first."""
    for scope in (member, collection):
        said = scope.get("idAssertion") if scope else None
        if said is not None:
            return None if said == "OFF" else scope
    return None


@rule("no-registry", MEDIUM, why="Without a user registry nobody can log in.", source=SCHEMA)
def no_registry(subject: Subject) -> Iterator[Fault]:
    known = any(name.endswith(_REGISTRY) for name, found in subject.effective.instances.items() if found)
    if known or features.features(subject.effective) is None or not subject.effective.assembly.complete:
        return
    closed = [one for one in subject.callables if one.auth.value]
    if closed:
        origin = closed[0].origin or closed[0].auth.origin
        yield Fault(origin, f"{_title(closed[0])} demands a known caller, but there is no user registry.")


@rule(
    "identity-fail-over",
    LOW,
    why="Fail-over to basic authentication is wanted where it is set on purpose.",
    source=SCHEMA,
)
def fail_over(subject: Subject) -> Iterator[Fault]:
    security = subject.effective.one("webAppSecurity")
    required = any(port.client_authentication == "required" for port in subject.ports)
    if security and security.get("allowFailOverToBasicAuth") is True and required:
        text = "Client certificates are required, but one that identifies nobody leaves the login to user and password."
        yield Fault(security.origin("allowFailOverToBasicAuth"), text)


@rule(
    "requester-duplicate",
    MEDIUM,
    why="Liberty keeps both; which one z/OS Connect honours is not documented.",
    source=OBSERVED,
)
def duplicates(subject: Subject) -> Iterator[Fault]:
    seen: dict[tuple[str, str], Origin] = {}
    for one in subject.callables:
        if one.origin is None:
            continue
        first = seen.setdefault((one.side.word, one.name), one.origin)
        if first is not one.origin:
            text = f"<{one.side.member} name={one.name!r}> stands at {first} too; Liberty keeps both, in order."
            yield Fault(one.origin, text)


def _open(subject: Subject) -> list[require_secure.Subject]:
    """Return the API requesters and APIs that accept plain http; a service counts only when it is called directly."""
    return [one for one in subject.callables if not one.secure.value and one.side.word != "services"]


def _title(one: require_secure.Subject) -> str:
    return f"{one.side.title} {one.name}"


def _secure(one: require_secure.Subject) -> list[Json]:
    child = {"element": one.side.member, "attributes": {"name": one.name, "requireSecure": True}}
    return [{"element": one.side.collection, "children": [child]}]


RULES = tuple(entry for entry in list(globals().values()) if isinstance(entry, Rule))
