# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What declared connections cannot mean: alone, together, or with what the server does already."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import programs
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import IDENTITY, Connection
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.endpoint import Endpoint
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.names import (
    DEFAULT_OUTBOUND,
    DEFAULT_SSL,
    HARDENED,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import is_address
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import values
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import Document, Node, read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.ports import Port
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import OAS2

# The rule that accepts all that the others accept.
_WEAKEST = "certificate_or_basic"
# What calls out by TLS: the attribute that says so, and the reference that spares it the default configuration.
_CALLERS = {
    "zosconnect_endpointConnection": ("host", "sslCertsRef"),
    "zosconnect_authorizationServer": ("tokenEndpoint", "sslCertsRef"),
    "ldapRegistry": ("sslEnabled", "sslRef"),
}


def check_one(item: Connection) -> None:
    """Refuse what one connection cannot mean."""
    if item.name in (DEFAULT_SSL, HARDENED):
        raise SecurityError(f"{item.name}: is the id of a default SSL configuration; choose another name.")
    if item.brings("client_certificate", "identity"):
        _client_certificates(item)
    if item.zosconnect_version != OAS2:
        _without_require_secure(item)
    programs.check_clients(item)
    if not item.served:
        return
    if item.server_attls:
        _behind_attls(item)
    elif item.asks and item.trust_store is None and _has_no_trust_store(item):
        raise SecurityError(
            f"{item.name}: trust_store is missing; with client_certificate {item.client_certificate} the server "
            "must know which client certificates to trust. Without it Liberty would take the key store for it."
        )
    if item.ssl_configuration == "default" and item.harden_default:
        raise SecurityError(
            f"{item.name}: ssl_configuration default and harden_default exclude each other: the port would use what is "
            "made unusable."
        )


def _has_no_trust_store(item: Connection) -> bool:
    """Whether a port that begins to ask for certificates has nobody to trust."""
    taken = item.standing.taken
    named = "trustStore" in item.elements or (taken is not None and taken.trust is not None)
    return not named and (taken is None or item.brings("client_certificate") or taken.is_new)


def _client_certificates(item: Connection) -> None:
    if item.server_attls and item.identity != "basic":
        raise SecurityError(
            f"{item.name}: identity {item.identity} needs a client certificate, but with server_tls attls AT-TLS takes "
            "it and the server never sees one. Set identity to basic (a password or a PassTicket)."
        )
    if not item.asks and item.identity != "basic":
        raise SecurityError(
            f"{item.name}: identity {item.identity} needs a client certificate, but client_certificate is none, so "
            "the server never asks for one. Set client_certificate to required or supported, or identity to basic."
        )


def _without_require_secure(item: Connection) -> None:
    """Refuse a ``requireSecure`` that says the opposite of the port: z/OS Connect 3.0 has none to overrule it."""
    for scope, value in item.require_secure.named:
        if value == item.server_attls:
            does = "plain http is accepted" if item.server_attls else "TLS is demanded"
            raise SecurityError(
                f"{item.name}: require_secure {str(value).lower()} for {scope} cannot be had: z/OS Connect "
                f"{item.zosconnect_version} has no requireSecure, and with server_tls {item.server_tls} {does} at the "
                "port. Leave it out."
            )


def _behind_attls(item: Connection) -> None:
    """Refuse what cannot be meant where the server sees plain http."""
    if item.zosconnect_version == OAS2 and item.brings("require_secure", "requesters"):
        _accepts_plain_http(item)
    if item.host != "*" and not is_address(item.host) and (item.brings("host") or not item.standing.inbound):
        raise SecurityError(
            f"{item.name}: host {item.host!r} is no IP address; AT-TLS rules take no host names. Give an address or "
            "'*'."
        )
    checks = item.inbound and item.inbound.saf_check and item.brings("client_certificate", "inbound")
    if checks and item.client_certificate != "required":
        raise SecurityError(
            f"{item.name}: inbound.saf_check maps the client's certificate to a user, so it needs "
            "client_certificate required."
        )


def _accepts_plain_http(item: Connection) -> None:
    """Refuse a z/OS Connect 2.0 that would send every caller from plain http to https."""
    for scope, value in item.require_secure.named:
        if value is True:
            raise SecurityError(
                f"{item.name}: require_secure true for {scope} would answer every call with status 302, for ever: with "
                "server_tls attls the server sees plain http. Set it to false, or leave it out."
            )
    scopes = item.require_secure
    if False not in (scopes.all_requesters, scopes.server) and not item.requesters:
        raise SecurityError(
            f"{item.name}: no scope says that plain http is accepted, so every call would be answered with status 302. "
            "Name requesters, or set require_secure of all_requesters or server to false."
        )


def check_together(connections: Sequence[Connection]) -> None:
    """Refuse what several connections of one server cannot share."""
    if not connections:
        raise SecurityError(
            "connections: the list is empty; declare at least one connection (for the playbooks, "
            "zosconnect_connections)."
        )
    seen: dict[object, Connection] = {}
    for item in connections:
        if item.name in seen:
            raise SecurityError(f"{item.name}: is declared twice; each connection needs a name of its own.")
        if item.port in seen:
            other = seen[item.port].name
            raise SecurityError(f"{item.name}: has port {item.port}, as {other} has; each connection needs its own.")
        seen |= {item.name: item, item.port: item}
    if sum(item.ssl_configuration == "default" for item in connections) > 1:
        raise SecurityError(
            "connections: more than one wants ssl_configuration default, but Liberty has only one; give them their own."
        )
    _one_require_secure(connections)


def _one_require_secure(connections: Sequence[Connection]) -> None:
    seen: dict[str, tuple[str, bool]] = {}
    for item in connections:
        scopes = item.require_secure
        wanted = {f"requester {name}": scopes.requesters for name in item.requesters}
        for what, value in {**wanted, "all requesters": scopes.all_requesters, "the server": scopes.server}.items():
            other, known = seen.setdefault(what, (item.name, value)) if value is not None else (item.name, value)
            if known != value:
                raise SecurityError(
                    f"{item.name}: require_secure {str(value).lower()} for {what} contradicts {other}; it counts for "
                    "the requester, whichever port it is called at."
                )


def identity(connections: Sequence[Connection], rule: str | None) -> str:
    """Return the identity rule of the whole server: the declared one, or the weakest where the user names it."""
    declared = {item.identity for item in connections}
    if rule is not None and rule not in IDENTITY:
        raise SecurityError(f"identity_rule: {rule!r} is not one of {', '.join(IDENTITY)}.")
    if rule == _WEAKEST or declared == {rule or next(iter(declared))}:
        return rule or declared.pop()
    who = ", ".join(f"{item.name}: {item.identity}" for item in connections)
    wrong = f"the identity_rule {rule} is not what is declared" if rule else "the connections want different ones"
    raise SecurityError(
        f"identity: Liberty has one rule for the whole server (webAppSecurity), but {wrong} ({who}). Set identity_rule "
        f"(for the playbooks, connections_identity_rule) to the weaker one, {_WEAKEST}, if certificates and passwords "
        "may count for all of them."
    )


def open_ports(
    connections: Sequence[Connection],
    opening: Sequence[Connection],
    ports: Sequence[Port] | None,
    closed: Container[str],
) -> Iterator[str]:
    """Refuse to accept plain http behind AT-TLS while another http port of the server is open to everybody.

    ``requireSecure`` false has no port: it counts for every http port, 9080 included. In z/OS Connect 3.0 such a port
    is open whatever is declared here, so it gets a warning. ``opening`` are the connections for which plain http is
    accepted from now on, ``ports`` those of the server (None: nobody looked), ``closed`` the endpoints whose http port
    goes.
    """
    if connections and connections[0].zosconnect_version != OAS2:
        for port in _open(connections, ports or (), closed):
            yield (
                f"{connections[0].name}: port {port.port} of endpoint {port.endpoint} ({port.origin}) accepts "
                f"plain http from everybody, and z/OS Connect {connections[0].zosconnect_version} has no requireSecure "
                "that refuses it. Close it, or declare it as behind AT-TLS (attls_ports)."
            )
        return
    if not opening:
        yield from _open_already(connections, ports or (), closed)
        return
    name = opening[0].name
    if ports is None:
        raise SecurityError(
            f"{name}: with server_tls attls plain http is accepted on every http port, so the server's ports must be "
            "known, but nobody looked at the server."
        )
    for port in _open(connections, ports, closed):
        raise SecurityError(
            f"{name}: port {port.port} of endpoint {port.endpoint} ({port.origin}) would accept plain "
            "http from everybody, because requireSecure false counts for every http port. Close it, or declare it "
            "as behind AT-TLS (attls_ports)."
        )


def _open_already(connections: Sequence[Connection], ports: Sequence[Port], closed: Container[str]) -> Iterator[str]:
    """Say which http ports are open beside one behind AT-TLS that was there before: no change brings that."""
    fronted = [item for item in connections if item.server_attls]
    accepting = [item for item in fronted if any(value is False for _scope, value in item.require_secure.named)]
    for port in _open(connections, ports, closed) if accepting else ():
        yield (
            f"{accepting[0].name}: port {port.port} of endpoint {port.endpoint} ({port.origin}) accepts plain http "
            "from everybody, because requireSecure false counts for every http port. Close it, or declare it as "
            "behind AT-TLS (attls_ports)."
        )


def _open(connections: Sequence[Connection], ports: Sequence[Port], closed: Container[str]) -> Iterator[Port]:
    """Yield the http ports that stay open to everybody; one that a connection gives another number is closed."""
    behind = {item.port for item in connections if item.server_attls}
    moved = {item.name for item in connections if item.server_attls and not item.standing.taken}
    for port in ports:
        if port.cleartext and port.port not in behind and port.endpoint not in closed and port.endpoint not in moved:
            yield port


def outbound_by_default(item: Connection, server: Server | None, endpoints: Sequence[Endpoint] = ()) -> Iterator[str]:
    """Refuse to harden the default where a call to another server uses it; give warnings of what was not looked at.

    ``sslDefault/@sslRef`` counts for outbound calls as well, unless ``outboundSSLRef`` is set.
    """
    if any(called.ssl == DEFAULT_OUTBOUND for called in endpoints):
        return
    if server is None:
        raise SecurityError(
            f"{item.name}: harden_default must see what uses the default, but nobody looked at the server."
        )
    document = Document(read_source(server.content.get(server.server_xml, b"<server/>"), name=server.server_xml))
    top = list(document.top())
    if any(node.local == "sslDefault" and node.get("outboundSSLRef") for node in top):
        return
    for called in endpoints:
        if called.bare:
            raise SecurityError(
                f"{item.name}: harden_default would cut off {called.name}, which is called with the default SSL "
                "configuration. Give it a trust_store."
            )
    declared = [called.name for called in endpoints]
    for node in filter(_calls_by_default, top):
        if node.local == "zosconnect_endpointConnection" and node.get("id") in declared:
            continue
        how, reference = _CALLERS[node.local]
        raise SecurityError(
            f"{item.name}: harden_default would cut off <{node.name} {how}={node.get(how)!r}> at "
            f"{document.source.name}:{node.line}, which calls with the default SSL configuration. Give it a "
            f"{reference}, or set outboundSSLRef on sslDefault."
        )
    for node in top:
        if node.local == "include":
            yield (
                f"{item.name}: harden_default did not look into {node.get('location')}, which is included at "
                f"{document.source.name}:{node.line}. A call from there with the default SSL configuration would fail."
            )


def _calls_by_default(node: Node) -> bool:
    if node.local not in _CALLERS:
        return False
    how, reference = _CALLERS[node.local]
    value = (node.get(how) or "").lower()
    return (value.startswith("https") or value == "true" or values.has_variable(value)) and not node.get(reference)
