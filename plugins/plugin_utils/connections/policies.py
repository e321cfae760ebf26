# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declared connections in, AT-TLS policy out, in the form that attls_policy takes.

Everything that has a default is written: TLS 1.0 is on and TLS 1.2 off where a policy says nothing, and a client trusts
any certificate of its CA unless the host name is checked. What is not declared is null, so that it goes where an
earlier declaration had it; what is never declared, such as EnvironmentUserInstance, stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.client import Client
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Connection
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.profile import Profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.programs import rule_name

Json = dict[str, Any]

_CLIENT_AUTHENTICATION = {"required": "Required", "supported": "Full"}


def inbound(connections: Sequence[Connection]) -> Json:
    """Return the policy in front of the server's http ports; empty where no connection wants one."""
    return _policy(rule for item in connections if item.inbound for rule in (_inbound(item),))


def outbound(connections: Sequence[Connection]) -> Json:
    """Return the policy below the calling programs; empty where no connection wants one."""
    return _policy(_outbound(item, client) for item in connections if item.wrapped for client in item.clients)


def files(connections: Sequence[Connection], places: Mapping[str, Mapping[str, str]]) -> list[Json]:
    """Return the policy files, each with ``host``, ``path``, ``config`` and the names of its ``rules``.

    ``places`` says where the ``inbound`` and the ``outbound`` policy go: ``host`` (empty: the target itself) and
    ``path`` (empty: nowhere, the text is handed over). Both may be the same file, which is then written once.
    """
    sides = {"inbound": inbound(connections), "outbound": outbound(connections)}
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


def in_front(connections: Sequence[Connection]) -> Json:
    """Return the inbound policy with the names of its rules."""
    config = inbound(connections)
    return {"config": config, "rules": _names(config)}


def without(config: Json) -> Json:
    """Return what takes the statements of a policy away."""
    return {keyword: [{"name": one["name"]} for one in statements] for keyword, statements in config.items()}


def _names(config: Json) -> list[str]:
    return [rule["name"] for rule in config.get("TTLSRule", [])]


def _policy(rules: Iterator[tuple[Json, Json]]) -> Json:
    """Put rules and their environments together; each has a group action of its own, so that it can go with them."""
    policy: Json = {}
    for rule, environment in rules:
        group = {"name": rule["name"], "TTLSEnabled": "On", **environment.pop("group")}
        references = {"TTLSGroupActionRef": rule["name"], "TTLSEnvironmentActionRef": rule["name"]}
        policy.setdefault("TTLSRule", []).append({**rule, **references})
        policy.setdefault("TTLSGroupAction", []).append(group)
        policy.setdefault("TTLSEnvironmentAction", []).append({"name": rule["name"], **environment})
    return policy


def _inbound(item: Connection) -> tuple[Json, Json]:
    wanted = item.inbound
    assert wanted is not None
    rule = {
        "name": rule_name(item),
        "LocalAddr": None if item.host == "*" else item.host,
        "LocalPortRange": item.port,
        "Jobname": wanted.job_name,
        "Userid": wanted.user_id,
        "Direction": "Inbound",
        "Priority": wanted.priority,
    }
    return rule, {
        "group": _group(item.profile),
        "HandshakeRole": "ServerWithClientAuth" if item.asks else "Server",
        "TTLSKeyringParms": {"Keyring": wanted.key_ring},
        **_ciphers(item.profile),
        "TTLSEnvironmentAdvancedParms": {
            **_strength(item.profile),
            "ClientAuthType": _client_auth(item) if item.asks else None,
            "CertificateLabel": wanted.certificate_label,
        },
    }


def _client_auth(item: Connection) -> str:
    return "SAFCheck" if item.inbound and item.inbound.saf_check else _CLIENT_AUTHENTICATION[item.client_authentication]


def _outbound(item: Connection, client: Client) -> tuple[Json, Json]:
    rule = {
        "name": rule_name(item, client),
        "LocalAddr": client.local_address,
        "RemoteAddr": item.server_address,
        "RemotePortRange": item.port,
        "Jobname": client.job_name,
        "Userid": client.user_id,
        "Direction": "Outbound",
        "Priority": client.priority,
    }
    return rule, {
        "group": _group(client.profile),
        "HandshakeRole": "Client",
        "TTLSKeyringParms": {"Keyring": client.key_ring},
        **_ciphers(client.profile),
        "TTLSEnvironmentAdvancedParms": {
            **_strength(client.profile),
            "HostReferenceIdDNS": item.server_host,
            "CertificateLabel": client.certificate_label,
        },
    }


def _group(profile: Profile) -> Json:
    return {"FIPS140": "On" if profile.fips else None}


def _ciphers(profile: Profile) -> Json:
    return {"TTLSCipherParms": {"V3CipherSuites": profile.attls_ciphers}}


def _strength(profile: Profile) -> Json:
    return {**profile.attls_protocols, "PeerMinRsaKeySize": profile.min_rsa_size}
