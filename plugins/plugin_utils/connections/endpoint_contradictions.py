# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What declared endpoints cannot mean: alone, or together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Connection
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.endpoint import (
    DEFAULT_OUTBOUND,
    Below,
    Endpoint,
    endpoint,
    is_endpoint,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.outbound import rule_name
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.profile import Profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.programs import LONGEST_NAME
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import is_address
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

# What makes an SSL configuration what it is.
_OF_SSL = ("key_store", "trust_store", "profile", "skip_host_names")
# Where the server writes what it knows for the endpoint, if nothing else is said.
_HEADER = "Authorization"


def alone(item: Endpoint) -> None:
    """Refuse what one endpoint cannot mean."""
    if item.name == DEFAULT_OUTBOUND:
        raise SecurityError(f"{item.name}: is the id of the default SSL configuration; choose another name.")
    if not item.verify_host_name:
        raise SecurityError(
            f"{item.name}: verify_host_name false would let any certificate of a trusted issuer pass for any host. "
            "Name the hosts that need it in skip_host_names, with a reason and an owner."
        )
    if item.outbound:
        _wrapped(item, item.outbound)
    else:
        _certificates(item)
    _authentication(item)


def _certificates(item: Endpoint) -> None:
    if item.kind == "C6" and item.key_store:
        raise SecurityError(
            f"{item.name}: has a key_store, but in C6 the server shows no certificate. Make it C7, or leave key_store "
            "out."
        )
    if item.kind == "C7" and not (item.key_store and item.key_store.alias):
        what = "key_store.alias" if item.key_store else "key_store"
        raise SecurityError(
            f"{item.name}: {what} is missing; in C7 the endpoint asks for a certificate, and the server must know "
            "which one to show."
        )
    if not item.bare and not item.trust_store:
        raise SecurityError(
            f"{item.name}: trust_store is missing; without it Liberty would take the key store for it, which holds no "
            "CA of the endpoint."
        )
    if item.bare and (item.skip_host_names or item.profile != Profile()):
        what = "skip_host_names" if item.skip_host_names else "tls_profile"
        raise SecurityError(
            f"{item.name}: {what} needs an SSL configuration that is made here, but the default one is used as it is. "
            "Set ssl_configuration to own, or give a trust_store."
        )


def _wrapped(item: Endpoint, wanted: Below) -> None:
    if not (wanted.job_name or wanted.user_id):
        raise SecurityError(
            f"{item.name}: outbound.job_name or outbound.user_id is missing; without the server's own the AT-TLS rule "
            "would wrap the calls of every program."
        )
    if is_address(item.host):
        raise SecurityError(
            f"{item.name}: host {item.host} is an address, but AT-TLS compares the endpoint's certificate with a name. "
            "Give the name; outbound.address says where it is."
        )
    if len(rule_name(item)) > LONGEST_NAME:
        raise SecurityError(
            f"{item.name}: the AT-TLS rule would be named {rule_name(item)}, which is over {LONGEST_NAME} characters."
        )
    if item.inbound and item.inbound.saf_check and not wanted.certificate_label:
        raise SecurityError(
            f"{item.name}: inbound.saf_check wants a client certificate, but outbound has no certificate_label to show."
        )
    for server in item.authentication.servers:
        if not server.trust_store:
            raise SecurityError(
                f"{item.name}: the token server {server.url} has no trust_store, and in C8 the endpoint has no SSL "
                "configuration that it could share."
            )


def _authentication(item: Endpoint) -> None:
    """Refuse two ways to authenticate that write the same header."""
    wanted = item.authentication
    headers = {
        "basic": _HEADER if wanted.basic else None,
        "oauth": _HEADER if wanted.oauth else None,
        "token": (wanted.token.header or _HEADER) if wanted.token else None,
    }
    seen: dict[str, str] = {}
    for way, header in headers.items():
        if header is None:
            continue
        if other := seen.get(header.lower()):
            raise SecurityError(
                f"{item.name}: authentication.{other} and authentication.{way} would both write the header {header}. "
                "Keep one of them."
            )
        seen[header.lower()] = way


def read(declared: Sequence[object], side: str) -> list[Endpoint]:
    """Return the endpoints among the declared connections; what contradicts itself is an error."""
    where = "connections[{}]" if len(declared) > 1 else "connection"
    found = [endpoint(item, where.format(n)) for n, item in enumerate(declared) if is_endpoint(item)]
    for item in found:
        if side == "client":
            raise SecurityError(
                f"{item.name}: {item.kind} is a call of the server, and side client leaves the server alone; leave it "
                "out."
            )
        alone(item)
    return together(found)


def one_server(connections: Sequence[Connection], items: Sequence[Endpoint]) -> None:
    """Refuse endpoints that another server calls than the one that is declared otherwise."""
    first, *others = [*connections, *items]
    for item in others:
        if item.server_dir != first.server_dir:
            raise SecurityError(
                f"{item.name}: its server_dir {item.server_dir} is not that of {first.name} ({first.server_dir}); plan "
                "one server at a time."
            )


def together(items: Sequence[Endpoint]) -> list[Endpoint]:
    """Return the endpoints, those that several declarations share joined; refuse what they cannot share."""
    found: dict[str, Endpoint] = {}
    default: Endpoint | None = None
    for item in items:
        found[item.name] = _joined(found[item.name], item) if item.name in found else item
        if item.ssl == DEFAULT_OUTBOUND:
            default = default or item
            _same_default(default, item)
    return list(found.values())


def _joined(one: Endpoint, other: Endpoint) -> Endpoint:
    """Return one endpoint for two declarations of it: more requesters may use it, all else must be the same."""
    for field in fields(Endpoint):
        if field.name != "requesters" and getattr(one, field.name) != getattr(other, field.name):
            raise SecurityError(
                f"{one.name}: is declared twice, with another {field.name} ({_for(one)} and {_for(other)}); Liberty "
                "has one endpoint connection of this id. Give one of them another name."
            )
    return replace(one, requesters=tuple(dict.fromkeys((*one.requesters, *other.requesters))))


def _for(item: Endpoint) -> str:
    return f"for {', '.join(item.requesters)}" if item.requesters else "for no requester"


def _same_default(one: Endpoint, other: Endpoint) -> None:
    for name in _OF_SSL:
        if getattr(one, name) != getattr(other, name):
            raise SecurityError(
                f"{other.name}: wants another {name} in the default SSL configuration than {one.name}, but Liberty has "
                "only one; set ssl_configuration of one of them to own."
            )
