# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What declared connections cannot mean: alone, together, or with what the server does already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import programs
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import IDENTITY, Connection
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.endpoint import (
    DEFAULT_OUTBOUND,
    Endpoint,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import is_address
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import values
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import Document, Node, read_source

DEFAULT_ENDPOINT = "defaultHttpEndpoint"
DEFAULT_SSL = "defaultSSLConfig"
# The name under which hardening puts a default SSL configuration that nothing can use.
HARDENED = "noDefaultTls"

# What is needed of each port that server_config_info returns.
_PORT = {"attls", "endpoint", "origin", "port", "protocol"}
# The rule that accepts all that the others accept.
_WEAKEST = "certificate_or_basic"
# What calls out by TLS: the attribute that says so, and the reference that spares it the default configuration.
_CALLERS = {
    "zosconnect_endpointConnection": ("host", "sslCertsRef"),
    "zosconnect_authorizationServer": ("tokenEndpoint", "sslCertsRef"),
    "ldapRegistry": ("sslEnabled", "sslRef"),
}


def alone(item: Connection) -> None:
    """Refuse what one connection cannot mean."""
    if item.name in (DEFAULT_SSL, HARDENED):
        raise SecurityError(f"{item.name}: is the id of a default SSL configuration; choose another name.")
    _client_certificates(item)
    programs.alone(item)
    if not item.served:
        return
    if item.fronted:
        _fronted(item)
    elif item.asks and item.trust_store is None:
        raise SecurityError(
            f"{item.name}: trust_store is missing; with client_authentication {item.client_authentication} the server "
            "must know which client certificates to trust. Without it Liberty would take the key store for it."
        )
    if item.ssl_configuration == "default" and item.harden_default:
        raise SecurityError(
            f"{item.name}: ssl_configuration default and harden_default exclude each other: the port would use what is "
            "made unusable."
        )


def _client_certificates(item: Connection) -> None:
    if item.fronted and item.identity != "basic":
        raise SecurityError(
            f"{item.name}: identity {item.identity} needs a client certificate, but in {item.kind} AT-TLS takes it and "
            "the server never sees one. Set identity to basic (a password or a PassTicket)."
        )
    if item.kind == "C1" and item.asks:
        raise SecurityError(
            f"{item.name}: client_authentication {item.client_authentication} makes it C2, but kind is C1; correct one "
            "of them."
        )
    if item.kind == "C2" and not item.asks:
        raise SecurityError(
            f"{item.name}: client_authentication none makes it C1, but kind is C2; correct one of them."
        )
    if not item.asks and item.identity != "basic":
        raise SecurityError(
            f"{item.name}: identity {item.identity} needs a client certificate, but client_authentication is none, so "
            "the server never asks for one. Set client_authentication to required or supported, or identity to basic."
        )


def _fronted(item: Connection) -> None:
    """Refuse what cannot be meant where the server sees plain http."""
    for scope, value in item.require_secure.said:
        if value is True:
            raise SecurityError(
                f"{item.name}: require_secure true for {scope} would answer every call with status 302, for ever: in "
                f"{item.kind} the server sees plain http. Set it to false, or leave it out."
            )
    scopes = item.require_secure
    if False not in (scopes.all_requesters, scopes.server) and not item.requesters:
        raise SecurityError(
            f"{item.name}: no scope says that plain http is accepted, so every call would be answered with status 302. "
            "Name requesters, or set require_secure of all_requesters or server to false."
        )
    if item.host != "*" and not is_address(item.host):
        raise SecurityError(
            f"{item.name}: host {item.host!r} is no IP address; AT-TLS rules take no host names. Give an address or "
            "'*'."
        )
    if item.inbound and item.inbound.saf_check and item.client_authentication != "required":
        raise SecurityError(
            f"{item.name}: inbound.saf_check maps the client's certificate to a user, so it needs "
            "client_authentication required."
        )


def together(connections: Sequence[Connection]) -> None:
    """Refuse what several connections of one server cannot share."""
    if not connections:
        raise SecurityError("connections: the list is empty; declare at least one connection.")
    first = connections[0]
    seen: dict[object, Connection] = {}
    for item in connections:
        if item.name in seen:
            raise SecurityError(f"{item.name}: is declared twice; each connection needs a name of its own.")
        if item.port in seen:
            other = seen[item.port].name
            raise SecurityError(f"{item.name}: has port {item.port}, as {other} has; each connection needs its own.")
        seen |= {item.name: item, item.port: item}
        if item.server_dir != first.server_dir:
            raise SecurityError(
                f"{item.name}: its server_dir {item.server_dir} is not that of {first.name} ({first.server_dir}); plan "
                "one server at a time."
            )
    if sum(item.ssl_configuration == "default" for item in connections) > 1:
        raise SecurityError(
            "connections: more than one wants ssl_configuration default, but Liberty has only one; give them their own."
        )
    _one_require_secure(connections)


def _one_require_secure(connections: Sequence[Connection]) -> None:
    said: dict[str, tuple[str, bool]] = {}
    for item in connections:
        scopes = item.require_secure
        wanted = {f"requester {name}": scopes.requesters for name in item.requesters}
        for what, value in {**wanted, "all requesters": scopes.all_requesters, "the server": scopes.server}.items():
            other, known = said.setdefault(what, (item.name, value)) if value is not None else (item.name, value)
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
        f"to the weaker one, {_WEAKEST}, if certificates and passwords may count for all of them."
    )


def open_ports(connections: Sequence[Connection], ports: Sequence[Mapping[str, Any]] | None) -> None:
    """Refuse to accept plain http behind AT-TLS while another http port of the server is open to everybody.

    ``requireSecure`` false has no port: it counts for every http port, 9080 included.
    """
    fronted = [item for item in connections if item.fronted]
    if not fronted:
        return
    name = fronted[0].name
    if ports is None:
        raise SecurityError(
            f"{name}: in {fronted[0].kind} plain http is accepted on every http port, so the server's ports must be "
            "known; give those that server_config_info returns as ports."
        )
    ours = {item.name for item in connections if item.plain_http == "closed" or item.fronted}
    closed = ours | ({DEFAULT_ENDPOINT} if any(item.plain_http == "closed" for item in connections) else set())
    for number, port in enumerate(ports):
        if not isinstance(port, Mapping) or not port.keys() >= _PORT:
            raise SecurityError(f"ports[{number}]: is no port as server_config_info returns it in ports.")
        if port["protocol"] == "http" and not port["attls"] and port["endpoint"] not in closed:
            raise SecurityError(
                f"{name}: port {port['port']} of endpoint {port['endpoint']} ({port['origin']}) would accept plain "
                "http from everybody, because requireSecure false counts for every http port. Close it, or declare it "
                "as behind AT-TLS (attls_ports)."
            )


def outbound_by_default(item: Connection, present: bytes | None, endpoints: Sequence[Endpoint] = ()) -> Iterator[str]:
    """Refuse to harden the default where a call to another server uses it; give warnings of what was not looked at.

    ``sslDefault/@sslRef`` counts for outbound calls as well, unless ``outboundSSLRef`` is set.
    """
    if any(called.ssl == DEFAULT_OUTBOUND for called in endpoints):
        return
    if present is None:
        raise SecurityError(
            f"{item.name}: harden_default needs server.xml as it is, to see what uses the default; give it as present."
        )
    document = Document(read_source(present, name=f"{item.server_dir}/server.xml"))
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
    said = (node.get(how) or "").lower()
    return (said.startswith("https") or said == "true" or values.has_variable(said)) and not node.get(reference)
