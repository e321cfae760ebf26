# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What declared endpoints cannot mean: alone, or together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.attls_end import AttlsEnd
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Connection, place
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.endpoint import (
    Endpoint,
    endpoint,
    is_endpoint,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.names import (
    DEFAULT_OUTBOUND,
    LONGEST_RULE,
    taken_by,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.outbound import rule_name
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.profile import Profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.programs import rule_names
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.standing import LookCall
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import is_address
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import OAS2

# Those of the server that call an endpoint.
_CALLERS = ("requesters", "web_applications")
# What each declaration has for itself.
_OF_ONE = (*_CALLERS, "said", "standing", "own_ssl")
# What makes an SSL configuration what it is.
_OF_SSL = ("key_store", "trust_store", "profile", "skip_host_names")
# What stands in a declaration under ``endpoint``.
_OF_ENDPOINT = ("connection", "host", "port")
# Where the server writes what it knows for the endpoint, if nothing else is said.
_HEADER = "Authorization"


def check_one(item: Endpoint) -> None:
    """Refuse what one endpoint cannot mean."""
    if item.name == DEFAULT_OUTBOUND:
        raise SecurityError(f"{item.name}: is the id of the default SSL configuration; choose another name.")
    if not item.verify_host_name:
        raise SecurityError(
            f"{item.name}: verify_host_name false would let any certificate of a trusted issuer pass for any host. "
            "Name the hosts that need it in skip_host_names, with a reason and an owner."
        )
    if item.outbound:
        _attls(item, item.outbound)
    else:
        _certificates(item)
    _authentication(item)


def _certificates(item: Endpoint) -> None:
    brings = item.brings("client_certificate", "key_store")
    if item.key_store and not item.shows:
        raise SecurityError(
            f"{item.name}: has a key_store, but with client_certificate none the server shows no certificate. Set "
            "client_certificate to required, or leave key_store out."
        )
    if item.shows and not (item.key_store and item.key_store.alias) and brings:
        what = "key_store.alias" if item.key_store else "key_store"
        raise SecurityError(
            f"{item.name}: {what} is missing; with client_certificate required the server must know which certificate "
            "to show."
        )
    if not item.bare and not item.trust_store and not _is_trusting(item):
        raise SecurityError(
            f"{item.name}: trust_store is missing; without it Liberty would take the key store for it, which holds no "
            "CA of the endpoint."
        )
    if item.standing.is_new and item.bare and (item.skip_host_names or item.profile != Profile()):
        what = "skip_host_names" if item.skip_host_names else "tls_profile"
        raise SecurityError(
            f"{item.name}: {what} needs an SSL configuration that is made here, but the default one is used as it is. "
            "Set ssl_configuration to own, or give a trust_store."
        )


def _is_trusting(item: Endpoint) -> bool:
    """Whether the SSL configuration that is there says whom to trust, or nothing of that is asked."""
    there = item.standing
    named = bool({"ssl", "trustStore"} & set(item.elements))
    becomes_own = "ssl_configuration" in item.said and item.ssl_configuration != there.ssl_configuration
    return named or (there.configuration is not None and not (becomes_own and not there.trust_store))


def _attls(item: Endpoint, wanted: AttlsEnd) -> None:
    if not (wanted.job_name or wanted.user_id) and not item.standing.outbound:
        raise SecurityError(
            f"{item.name}: outbound.job_name or outbound.user_id is missing; without the server's own the AT-TLS rule "
            "would wrap the calls of every program."
        )
    if is_address(item.host) and item.brings("host"):
        raise SecurityError(
            f"{item.name}: host {item.host} is an address, but AT-TLS compares the endpoint's certificate with a name. "
            "Give the name; outbound.address says where it is."
        )
    if len(rule_name(item)) > LONGEST_RULE:
        raise SecurityError(
            f"{item.name}: the AT-TLS rule would be named {rule_name(item)}, which is over {LONGEST_RULE} characters."
        )
    asks = item.brings("client_certificate", "outbound")
    if item.shows and not wanted.certificate_label and asks:
        raise SecurityError(
            f"{item.name}: outbound.certificate_label is missing; with client_certificate required AT-TLS must know "
            "which certificate to show."
        )
    if wanted.certificate_label and not item.shows and asks:
        raise SecurityError(
            f"{item.name}: outbound has a certificate_label, but with client_certificate none no certificate is shown. "
            "Set client_certificate to required, or leave certificate_label out."
        )
    if item.inbound and item.inbound.saf_check and not item.shows:
        raise SecurityError(
            f"{item.name}: inbound.saf_check maps the server's certificate to a user, so it needs client_certificate "
            "required."
        )
    for server in item.authentication.servers:
        if not server.trust_store:
            raise SecurityError(
                f"{item.name}: the token server {server.url} has no trust_store, and with server_tls attls the "
                "endpoint has no SSL configuration that it could share."
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


def read(
    declared: Sequence[object],
    side: str,
    version: str = OAS2,
    *,
    look: LookCall | None = None,
    server_dir: str | None = None,
    ends: bool = False,
) -> list[Endpoint]:
    """Return the endpoints among the declared connections; what contradicts itself is an error."""
    found = [
        endpoint(item, place(declared, number), version=version, look=look, server_dir=server_dir, ends=ends)
        for number, item in enumerate(declared)
        if is_endpoint(item)
    ]
    for item in found:
        if side == "client":
            raise SecurityError(
                f"{item.name}: endpoint is a call of the server, and side client leaves the server alone. Leave this "
                "connection out."
            )
        if not ends:
            check_one(item)
    return joined(found)


def one_server(connections: Sequence[Connection], items: Sequence[Endpoint]) -> None:
    """Refuse connections of another server, and names that make the same elements."""
    every: list[Connection | Endpoint] = [*connections, *items]
    first, names = every[0], {item.name for item in every}
    for item in every:
        if other := taken_by(item.name, names):
            raise SecurityError(f"{item.name}: parts of {other} are named like that; choose another name.")
        if item.server_dir != first.server_dir:
            raise SecurityError(
                f"{item.name}: its server_dir {item.server_dir} is not that of {first.name} ({first.server_dir}); plan "
                "one server at a time."
            )
    _distinct_rules(connections, items)


def _distinct_rules(connections: Sequence[Connection], items: Sequence[Endpoint]) -> None:
    """Refuse AT-TLS rules of one name; the policies of both sides may be one file."""
    called = [(item.name, rule_name(item)) for item in items if item.outbound]
    seen: dict[str, str] = {}
    for owner, rule in [(item.name, name) for item in connections for name in rule_names(item)] + called:
        if rule in seen:
            raise SecurityError(
                f"{owner}: has the AT-TLS rule {rule}, as {seen[rule]} has. Give one of them another name by rule."
            )
        seen[rule] = owner


def joined(items: Sequence[Endpoint]) -> list[Endpoint]:
    """Return the endpoints, those that several declarations share joined; refuse what they cannot share."""
    found: dict[str, Endpoint] = {}
    names: dict[str, str] = {}
    default: Endpoint | None = None
    for item in items:
        name = names.setdefault(item.connection, item.name)
        same = found.get(item.name) or found.get(name)
        found[name] = _joined(same, item) if same else item
        if item.ssl == DEFAULT_OUTBOUND:
            default = default or item
            _same_default(default, item)
    return list(found.values())


def _joined(one: Endpoint, other: Endpoint) -> Endpoint:
    """Return one endpoint for two declarations of it: more may call it, all else must be the same."""
    for field in fields(Endpoint):
        if field.name not in _OF_ONE and getattr(one, field.name) != getattr(other, field.name):
            raise SecurityError(
                f"{one.name}: is declared twice, with another {_key(field.name)} ({_for(one)} and "
                f"{_for(other)}); Liberty has one endpoint connection of this id. Give one of them another name."
            )
    callers: dict[str, Any] = {
        key: tuple(dict.fromkeys((*getattr(one, key), *getattr(other, key)))) for key in _CALLERS
    }
    return replace(one, said=one.said | other.said, **callers)


def _key(field: str) -> str:
    """The key of a declaration from which a field of the dataclass comes."""
    return "tls_profile" if field == "profile" else f"endpoint.{field}" if field in _OF_ENDPOINT else field


def _for(item: Endpoint) -> str:
    callers = [*item.requesters, *item.web_applications]
    return f"for {', '.join(callers)}" if callers else "for no requester"


def _same_default(one: Endpoint, other: Endpoint) -> None:
    for name in _OF_SSL:
        if getattr(one, name) != getattr(other, name):
            raise SecurityError(
                f"{other.name}: wants another {_key(name)} in the default SSL configuration than "
                f"{one.name}, but Liberty has only one; set ssl_configuration of one of them to own."
            )
