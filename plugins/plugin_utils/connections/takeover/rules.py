# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An AT-TLS rule that is there and that a declaration names: what is not said of it stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import criteria
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.actions import Actions
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import Stack
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.attls_end import AttlsEnd
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.names import endpoint_rule, server_rule
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.standing import Asked, AskedCall
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import is_address, shown
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import nearest

INBOUND = "inbound"
_ASKS = {"required": "required", "full": "supported", "safcheck": "required", "passthru": "supported"}


@dataclass(frozen=True)
class Rule:
    """A rule of a policy: ``end`` says what it says in the words of a declaration, ``asks`` which certificate."""

    statement: Statement
    end: AttlsEnd
    asks: str
    is_broken: bool = False


def of_server(policies: Mapping[str, Policy], asked: Asked) -> Rule | None:
    """Return the rule in front of a port that a declaration names, or that is made for a connection of its name."""
    policy = policies.get(INBOUND)
    name = asked.rule or server_rule(asked.name)
    return _meant(policy, name, f"{asked.where}.inbound.rule", must_be_there=asked.must_be_there) if policy else None


def of_call(policies: Mapping[str, Policy], asked: AskedCall) -> Rule | None:
    """Return the rule below a call; it is of the same stack as the rules in front of the server."""
    policy = policies.get(INBOUND)
    name = asked.rule or endpoint_rule(asked.name)
    return _meant(policy, name, f"{asked.where}.outbound.rule", must_be_there=asked.must_be_there) if policy else None


def _meant(policy: Policy, name: str, where: str, *, must_be_there: bool) -> Rule | None:
    found = find(policy, name)
    if must_be_there and found is None:
        known = [rule.name for rule in policy.rules if rule.name]
        raise SecurityError(
            f"{where}: {policy.source.name} has no AT-TLS rule {shown(name)}{nearest(name, known) or '.'} Name one "
            "that is there, or give key_ring, and it is made."
        )
    # One that lacks its actions is made again where the declaration says how.
    return None if found and found.is_broken and not must_be_there else found


def find(policy: Policy, name: str) -> Rule | None:
    """Return a rule with what it says; None where the policy has none of this name."""
    statement = policy.find("TTLSRule", name)
    if statement is None:
        return None
    actions = Actions(Stack((policy,)), statement)
    asks = (actions.client_authentication or "").lower()
    end = AttlsEnd(
        rule=name,
        key_ring=actions.key_ring,
        certificate_label=actions.value("CertificateLabel"),
        job_name=statement.get("Jobname"),
        user_id=statement.get("Userid"),
        local_address=_address(statement, "LocalAddr"),
        address=_address(statement, "RemoteAddr"),
        saf_check=asks == "safcheck",
        priority=criteria.read_priority(statement.get("Priority") or "") or AttlsEnd.priority,
    )
    return Rule(statement, end, _ASKS.get(asks, "none"), actions.lacks_actions)


def _address(statement: Statement, keyword: str) -> str | None:
    """Return the address of a rule that has one, and no range, and no group."""
    written = statement.get(keyword)
    return written if written and is_address(written) else None
