# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declared connections in, AT-TLS policy out, in the form that attls_policy takes.

Everything that has a default is written: TLS 1.0 is on and TLS 1.2 off where a policy says nothing, and a client trusts
any certificate of its CA unless the host name is checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


def names(policy: Json) -> Json:
    """Return what ``attls_policy`` removes of a policy."""
    return {keyword: [{"name": one["name"]} for one in statements] for keyword, statements in policy.items()}


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
        **({} if item.host == "*" else {"LocalAddr": item.host}),
        "LocalPortRange": item.port,
        **_who(wanted.job_name, wanted.user_id),
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
            **({"ClientAuthType": _client_auth(item)} if item.asks else {}),
            **({"ServerCertificateLabel": wanted.certificate_label} if wanted.certificate_label else {}),
        },
    }


def _client_auth(item: Connection) -> str:
    return "SAFCheck" if item.inbound and item.inbound.saf_check else _CLIENT_AUTHENTICATION[item.client_authentication]


def _outbound(item: Connection, client: Client) -> tuple[Json, Json]:
    rule = {
        "name": rule_name(item, client),
        **({"LocalAddr": client.local_address} if client.local_address else {}),
        "RemoteAddr": item.server_address,
        "RemotePortRange": item.port,
        **_who(client.job_name, client.user_id),
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
            **({"CertificateLabel": client.certificate_label} if client.certificate_label else {}),
        },
    }


def _who(job_name: str | None, user_id: str | None) -> Json:
    return {**({"Jobname": job_name} if job_name else {}), **({"Userid": user_id} if user_id else {})}


def _group(profile: Profile) -> Json:
    return {"FIPS140": "On"} if profile.fips else {}


def _ciphers(profile: Profile) -> Json:
    return {"TTLSCipherParms": {"V3CipherSuites": profile.attls_ciphers}}


def _strength(profile: Profile) -> Json:
    size = {"PeerMinRsaKeySize": profile.min_rsa_size} if profile.min_rsa_size else {}
    return {**profile.attls_protocols, **size}
