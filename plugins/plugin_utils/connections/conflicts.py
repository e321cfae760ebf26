# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AT-TLS rules that are there already would do to declared connections.

A rule in front of a port where the server does TLS itself, or below a program that does, means two handshakes, one in
the other. A rule with a higher priority takes a connection away from the one that is made for it.

Sources: IBM's pages on AT-TLS and application compatibility, and on TLS from CICS (DFHSO0123, return code 410).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import criteria, regions, text
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.actions import Actions
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.criteria import Criteria
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import Stack
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import outbound
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.client import Client
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Connection
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.endpoint import Endpoint
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.programs import rule_name
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError


@dataclass(frozen=True)
class Meant:
    """One end of a declared connection: which connections it has, and the priority of the rule that is made for it.

    ``connections`` are what ``criteria.read`` takes; None is not known. ``priority`` is None where no rule may match,
    because the end does TLS itself; ``trouble`` says what a rule then does.
    """

    item: Connection | Endpoint
    connections: Mapping[str, object]
    name: str
    trouble: str
    priority: int | None = None


def present(data: bytes, name: str, encoding: str | None) -> Policy:
    """Return a policy file that is there; without an encoding the bytes say whether it is EBCDIC."""
    guessed = "IBM-1047" if text.looks_ebcdic(data) else "UTF-8"
    return Policy(text.read_source(data, name=name, encoding=encoding or guessed))


def judge(
    connections: Sequence[Connection], policies: Mapping[str, Policy], endpoints: Sequence[Endpoint] = ()
) -> None:
    """Refuse what rules of the ``inbound`` and ``outbound`` policy that is there would spoil.

    ``endpoints`` are called through rules of the ``inbound`` policy, which is that of the server's stack.
    """
    called = [_endpoint(item) for item in endpoints if item.outbound]
    ours = {name for item in connections for name in _own_names(item)} | {meant.name for meant in called}
    ends = {"inbound": [*map(_server, connections), *called], "outbound": [*_clients(connections)]}
    for side, policy in policies.items():
        stack = Stack((policy,))
        others = [(rule, criteria.of_rule(stack, rule)) for rule in stack.rules if rule.name not in ours]
        for meant in ends[side]:
            known = {key: value for key, value in meant.connections.items() if value is not None}
            wanted = criteria.read(known, meant.item.name)
            for rule, asked in others:
                if regions.overlaps(wanted, asked):
                    _judge(meant, stack, rule, asked)


def _own_names(item: Connection) -> Iterator[str]:
    yield rule_name(item)
    yield from (rule_name(item, client) for client in item.clients)


def _server(item: Connection) -> Meant:
    inbound = item.inbound
    there: dict[str, object] = {"direction": "inbound", "local_port": item.port}
    there |= {"local_address": item.host} if item.server_attls and item.host != "*" else {}
    there |= {"job_name": inbound.job_name, "user_id": inbound.user_id} if inbound else {}
    trouble = (
        f"does TLS in front of port {item.port}, where the server does TLS itself, so every handshake would fail. Take "
        "the rule away, narrow it, or set server_tls to attls."
    )
    return Meant(item, there, rule_name(item), trouble, inbound.priority if inbound else None)


def _clients(connections: Sequence[Connection]) -> Iterator[Meant]:
    """Give the programs of which it is known where they call and who they are; of others nobody can tell."""
    for item in connections:
        for client in item.clients:
            if item.server_address and (client.job_name or client.user_id):
                yield _client(item, client)


def _client(item: Connection, client: Client) -> Meant:
    calls = {
        "direction": "outbound",
        "remote_port": item.port,
        "remote_address": item.server_address,
        "local_address": client.local_address,
        "job_name": client.job_name,
        "user_id": client.user_id,
    }
    trouble = (
        f"matches the calls of client {client.name}, for which CICS does TLS itself, so they would be wrapped twice "
        "(DFHSO0123, return code 410). Narrow the rule, or set caller_tls to attls."
    )
    return Meant(item, calls, rule_name(item, client), trouble, client.priority if item.caller_attls else None)


def _endpoint(item: Endpoint) -> Meant:
    """The call of an endpoint by plain http; where the server does TLS itself nobody knows which address it calls."""
    wanted = item.outbound
    if wanted is None:
        raise AssertionError("the server does TLS itself")
    calls = {
        "direction": "outbound",
        "remote_port": item.port,
        "remote_address": wanted.address,
        "local_address": wanted.local_address,
        "job_name": wanted.job_name,
        "user_id": wanted.user_id,
    }
    return Meant(item, calls, outbound.rule_name(item), "", wanted.priority)


def _judge(meant: Meant, stack: Stack, rule: Statement, asked: Criteria) -> None:
    place = f"{rule.policy.source.name}:{rule.line}"
    # A rule whose action is elsewhere may do TLS.
    enabled = (Actions(stack, rule).value("TTLSEnabled") or "").lower() != "off"
    if meant.priority is None and enabled:
        raise SecurityError(f"{meant.item.name}: the AT-TLS rule {rule.name} ({place}) {meant.trouble}")
    if meant.priority is not None and asked.priority > meant.priority:
        clear = "" if enabled else ", and leave it in clear"
        raise SecurityError(
            f"{meant.item.name}: the AT-TLS rule {rule.name} ({place}) has priority {asked.priority} and "
            f"would take connections from {meant.name}, which has {meant.priority}{clear}. Raise the priority, or "
            "narrow that rule."
        )
