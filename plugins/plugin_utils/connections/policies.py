# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declared connections in, AT-TLS policy out, in the form that attls_policy takes.

Everything that has a default is written: TLS 1.0 is on and TLS 1.2 off where a policy says nothing, and a client trusts
any certificate of its CA unless the host name is checked. What is not declared is null, so that it goes where an
earlier declaration had it; what is never declared, such as EnvironmentUserInstance, stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import desired, statements, text
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import plan as attls_plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.desired import Options
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.statements import Level
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.attls_end import AttlsEnd
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Connection
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.names import policy_file
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.profile import Profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.programs import rule_name
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source

Json = dict[str, Any]

HOST_REFERENCE = statements.STATEMENTS["ttlsenvironmentadvancedparms"].parameters["hostreferenceiddns"]
_CLIENT_AUTHENTICATION = {"required": "Required", "supported": "Full"}


def inbound(connections: Sequence[Connection]) -> Json:
    """Return the policy in front of the server's http ports where no rule is yet; empty where none is wanted."""
    return policy(
        answering(rule_name(item), item.inbound, item.profile, (item.host, item.port), client_auth(item))
        for item in connections
        if item.inbound and not item.standing.inbound
    )


def outbound(connections: Sequence[Connection]) -> Json:
    """Return the policy below the calling programs; empty where no connection wants one."""
    return policy(
        calling(rule_name(item, client), client, client.profile, (item.server_address, item.port, item.server_host))
        for item in connections
        if item.caller_attls
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
        file.setdefault("name", policy_file(side))
        for keyword, added in config.items():
            file["config"].setdefault(keyword, []).extend(added)
    return [{**file, "rules": _names(file["config"])} for file in found.values() if file["config"]]


def fitted(sides: Mapping[str, Json], level: Level) -> tuple[dict[str, Json], list[str]]:
    """Return the policies of each side without what a level of z/OS does not have, and a warning for each such rule.

    A parameter that it does not know would keep the Policy Agent from installing anything of the whole file. Where
    nobody said the release, nothing is left out.
    """
    if HOST_REFERENCE.exists(level):
        return dict(sides), []
    rules: list[str] = []
    made = {side: _fitted(config, HOST_REFERENCE.name, rules) for side, config in sides.items()}
    needs = f" without {' and '.join(HOST_REFERENCE.apars)}; name them in zos_apars if they are on"
    return made, [
        f"{rule}: {HOST_REFERENCE.name} is left out, because z/OS {level.release} does not know it"
        f"{needs if level.release == HOST_REFERENCE.since else ''}. Any certificate of a CA on the key ring passes for "
        "the server's."
        for rule in dict.fromkeys(rules)
    ]


def _fitted(config: Json, keyword: str, found: list[str]) -> Json:
    """Return a policy without a parameter of its environments; ``found`` gets the names of those that had it."""
    environments = []
    for environment in config.get("TTLSEnvironmentAction", []):
        advanced = environment.get("TTLSEnvironmentAdvancedParms")
        if advanced is None:
            environments.append(environment)
            continue
        found += [environment["name"]] if advanced.get(keyword) else []
        # Null, so that it goes where an earlier declaration had it.
        kept = {**advanced, **({keyword: None} if keyword in advanced else {})}
        environments.append({**environment, "TTLSEnvironmentAdvancedParms": kept})
    return {**config, **({"TTLSEnvironmentAction": environments} if environments else {})}


def check(files: Sequence[Json], options: Options, present: Mapping[str, Policy]) -> None:
    """Raise SecurityError for what attls_policy would refuse of the policy ``files``, before anything is touched.

    Each is looked at as a new file, unless it is one of those that are ``present``; what else is in one that is there,
    attls_policy itself sees when it is tried.
    """
    there = {policy.source.name: policy.source for policy in present.values()}
    for file in files:
        wanted = desired.check(file["config"], options, where=file["path"] or file["name"])
        source = there.get(file["path"]) if _is_part(file["config"]) else None
        attls_plan.plan(source or Source(file["name"], "", text.codec("UTF-8")), wanted, options)


def _is_part(config: Json) -> bool:
    """Whether something is asked of a rule that is there, rather than a rule."""
    return any("Direction" not in rule for rule in config.get("TTLSRule", []))


def joined(*parts: Json) -> Json:
    """Return policies as one."""
    keywords = dict.fromkeys(keyword for part in parts for keyword in part)
    return {keyword: [one for part in parts for one in part.get(keyword, [])] for keyword in keywords}


def of_stack(*parts: Json) -> Json:
    """Return the policy of the server's stack with the names of its rules."""
    config = joined(*parts)
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
    name: str, wanted: AttlsEnd, profile: Profile, at: tuple[str, int], client_auth: str | None
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


def client_auth(item: Connection) -> str | None:
    """Return how AT-TLS in front of the server asks for a certificate; None where it does not."""
    if not item.asks:
        return None
    return "SAFCheck" if item.inbound and item.inbound.saf_check else _CLIENT_AUTHENTICATION[item.client_certificate]


def calling(
    name: str, caller: AttlsEnd, profile: Profile, called: tuple[str | None, int, str | None]
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
