# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declared connections in, AT-TLS policy out, in the form that attls_policy takes.

Everything that has a default is written: TLS 1.0 is on and TLS 1.2 off where a policy says nothing, and a client trusts
any certificate of its CA unless the host name is checked. What is not declared is null, so that it goes where an
earlier declaration had it; what is never declared, such as EnvironmentUserInstance, stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Connection, Inbound
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.profile import Profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.programs import rule_name

Json = dict[str, Any]

_CLIENT_AUTHENTICATION = {"required": "Required", "supported": "Full"}


class Caller(Protocol):
    """Whose calls an AT-TLS outbound rule wraps, and with which certificates."""

    @property
    def job_name(self) -> str | None: ...
    @property
    def user_id(self) -> str | None: ...
    @property
    def local_address(self) -> str | None: ...
    @property
    def key_ring(self) -> str | None: ...
    @property
    def certificate_label(self) -> str | None: ...
    @property
    def priority(self) -> int: ...


def inbound(connections: Sequence[Connection]) -> Json:
    """Return the policy in front of the server's http ports; empty where no connection wants one."""
    return policy(
        answering(rule_name(item), item.inbound, item.profile, (item.host, item.port), _client_auth(item))
        for item in connections
        if item.inbound
    )


def outbound(connections: Sequence[Connection]) -> Json:
    """Return the policy below the calling programs; empty where no connection wants one."""
    return policy(
        calling(rule_name(item, client), client, client.profile, (item.server_address, item.port, item.server_host))
        for item in connections
        if item.wrapped
        for client in item.clients
    )


def files(sides: Mapping[str, Json], places: Mapping[str, Mapping[str, str]]) -> list[Json]:
    """Return the policy files, each with ``host``, ``path``, ``config`` and the names of its ``rules``.

    ``places`` says where the policy of a side goes: ``host`` (empty: the target itself) and ``path`` (empty: nowhere,
    the text is handed over). Several may be the same file, which is then written once.
    """
    found: dict[tuple[str, str, str], Json] = {}
    for side, config in sides.items():
        place = places.get(side, {})
        host, path = place.get("host") or "", place.get("path") or ""
        # Texts to hand over stay apart, because the teams do.
        file = found.setdefault((host, path, "" if path else side), {"host": host, "path": path, "config": {}})
        file.setdefault("name", f"{side}-policy.txt")
        for keyword, statements in config.items():
            file["config"].setdefault(keyword, []).extend(statements)
    return [{**file, "rules": _names(file["config"])} for file in found.values() if file["config"]]


def of_stack(*parts: Json) -> Json:
    """Return the policy of the server's stack with the names of its rules."""
    keywords = dict.fromkeys(keyword for part in parts for keyword in part)
    config = {keyword: [one for part in parts for one in part.get(keyword, [])] for keyword in keywords}
    return {"config": config, "rules": _names(config)}


def without(config: Json) -> Json:
    """Return what takes the statements of a policy away."""
    return {keyword: [{"name": one["name"]} for one in statements] for keyword, statements in config.items()}


def _names(config: Json) -> list[str]:
    return [rule["name"] for rule in config.get("TTLSRule", [])]


def policy(rules: Iterable[tuple[Json, Json]]) -> Json:
    """Put rules and their environments together; each has a group action of its own, so that it can go with them."""
    policy: Json = {}
    for rule, environment in rules:
        group = {"name": rule["name"], "TTLSEnabled": "On", **environment.pop("group")}
        references = {"TTLSGroupActionRef": rule["name"], "TTLSEnvironmentActionRef": rule["name"]}
        policy.setdefault("TTLSRule", []).append({**rule, **references})
        policy.setdefault("TTLSGroupAction", []).append(group)
        policy.setdefault("TTLSEnvironmentAction", []).append({"name": rule["name"], **environment})
    return policy


def answering(
    name: str, wanted: Inbound, profile: Profile, at: tuple[str, int], client_auth: str | None
) -> tuple[Json, Json]:
    """Return rule and environment in front of whoever answers ``at`` an address (or ``*``) and a port."""
    host, port = at
    rule = {
        "name": name,
        "LocalAddr": None if host == "*" else host,
        "LocalPortRange": port,
        "Jobname": wanted.job_name,
        "Userid": wanted.user_id,
        "Direction": "Inbound",
        "Priority": wanted.priority,
    }
    return rule, {
        "group": _group(profile),
        "HandshakeRole": "ServerWithClientAuth" if client_auth else "Server",
        "TTLSKeyringParms": {"Keyring": wanted.key_ring},
        **_ciphers(profile),
        "TTLSEnvironmentAdvancedParms": {
            **_strength(profile),
            "ClientAuthType": client_auth,
            "CertificateLabel": wanted.certificate_label,
        },
    }


def _client_auth(item: Connection) -> str | None:
    if not item.asks:
        return None
    return "SAFCheck" if item.inbound and item.inbound.saf_check else _CLIENT_AUTHENTICATION[item.client_authentication]


def calling(
    name: str, caller: Caller, profile: Profile, called: tuple[str | None, int, str | None]
) -> tuple[Json, Json]:
    """Return rule and environment below a caller; ``called`` is the address, the port and the name that it calls."""
    address, port, host = called
    rule = {
        "name": name,
        "LocalAddr": caller.local_address,
        "RemoteAddr": address,
        "RemotePortRange": port,
        "Jobname": caller.job_name,
        "Userid": caller.user_id,
        "Direction": "Outbound",
        "Priority": caller.priority,
    }
    return rule, {
        "group": _group(profile),
        "HandshakeRole": "Client",
        "TTLSKeyringParms": {"Keyring": caller.key_ring},
        **_ciphers(profile),
        "TTLSEnvironmentAdvancedParms": {
            **_strength(profile),
            "HostReferenceIdDNS": host,
            "CertificateLabel": caller.certificate_label,
        },
    }


def _group(profile: Profile) -> Json:
    return {"FIPS140": "On" if profile.fips else None}


def _ciphers(profile: Profile) -> Json:
    return {"TTLSCipherParms": {"V3CipherSuites": profile.attls_ciphers}}


def _strength(profile: Profile) -> Json:
    return {**profile.attls_protocols, "PeerMinRsaKeySize": profile.min_rsa_size}
