# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AT-TLS rules that are there already would do to declared connections.

A rule in front of a port where the server does TLS itself, or below a program that does, means two handshakes, one in
the other. A rule with a higher priority takes a connection away from the one that is made for it.

Sources: IBM's pages on AT-TLS and application compatibility, and on TLS connections from CICS (DFHSO0123, return code
410).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import conditions, text
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.conditions import Conditions
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import outbound
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.client import Client
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Connection
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.endpoint import Endpoint
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.programs import rule_name
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source


@dataclass(frozen=True)
class Meant:
    """One end of a declared connection as a rule would ask for it, and the priority of the rule that is made for it.

    ``priority`` is None where no rule may match, because the end does TLS itself; ``trouble`` says what a rule then
    does.
    """

    item: Connection | Endpoint
    rule: Mapping[str, object]
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
        others = [rule for rule in policy.rules if rule.name not in ours]
        for meant in ends[side]:
            wanted = _conditions(meant)
            for rule in others:
                if wanted.meet(Conditions(rule)):
                    _judge(meant, rule)


def _own_names(item: Connection) -> Iterator[str]:
    yield rule_name(item)
    yield from (rule_name(item, client) for client in item.clients)


def _server(item: Connection) -> Meant:
    inbound = item.inbound
    rule: dict[str, object] = {"LocalPortRange": item.port, "Direction": "Inbound"}
    rule |= {"LocalAddr": item.host} if item.fronted and item.host != "*" else {}
    rule |= {"Jobname": inbound.job_name, "Userid": inbound.user_id} if inbound else {}
    trouble = (
        f"does TLS in front of port {item.port}, where the server does TLS itself, so every handshake would fail. Take "
        "the rule away, narrow it, or declare C3 or C5."
    )
    return Meant(item, rule, rule_name(item), trouble, inbound.priority if inbound else None)


def _clients(connections: Sequence[Connection]) -> Iterator[Meant]:
    """Give the programs of which it is known where they call and who they are; of others nobody can tell."""
    for item in connections:
        for client in item.clients:
            if item.server_address and (client.job_name or client.user_id):
                yield _client(item, client)


def _client(item: Connection, client: Client) -> Meant:
    rule = {
        "RemotePortRange": item.port,
        "RemoteAddr": item.server_address,
        "LocalAddr": client.local_address,
        "Jobname": client.job_name,
        "Userid": client.user_id,
        "Direction": "Outbound",
    }
    trouble = (
        f"matches the calls of client {client.name}, for which CICS does TLS itself, so they would be wrapped twice "
        "(DFHSO0123, return code 410). Narrow the rule, or declare C4 or C5."
    )
    return Meant(item, rule, rule_name(item, client), trouble, client.priority if item.wrapped else None)


def _endpoint(item: Endpoint) -> Meant:
    """The call of an endpoint by plain http; where the server does TLS itself nobody knows which address it calls."""
    wanted = item.outbound
    if wanted is None:
        raise AssertionError("the server does TLS itself")
    rule = {
        "RemotePortRange": item.port,
        "RemoteAddr": wanted.address,
        "LocalAddr": wanted.local_address,
        "Jobname": wanted.job_name,
        "Userid": wanted.user_id,
        "Direction": "Outbound",
    }
    return Meant(item, rule, outbound.rule_name(item), "", wanted.priority)


def _conditions(meant: Meant) -> Conditions:
    lines = "".join(f"{keyword} {value}\n" for keyword, value in meant.rule.items() if value is not None)
    page = codepages.for_name("UTF-8")
    if page is None:
        raise AssertionError("UTF-8 is no code page")
    return Conditions(Policy(Source(meant.name, f"TTLSRule {meant.name}\n{{\n{lines}}}\n", page)).rules[0])


def _judge(meant: Meant, rule: Statement) -> None:
    place = f"{rule.policy.source.name}:{rule.line}"
    enabled = _enabled(rule)
    if meant.priority is None and enabled:
        raise SecurityError(f"{meant.item.name}: the AT-TLS rule {rule.name} ({place}) {meant.trouble}")
    if meant.priority is not None and conditions.priority(rule) > meant.priority:
        clear = "" if enabled else ", and leave it in clear"
        raise SecurityError(
            f"{meant.item.name}: the AT-TLS rule {rule.name} ({place}) has priority {conditions.priority(rule)} and "
            f"would take connections from {meant.name}, which has {meant.priority}{clear}. Raise the priority, or "
            "narrow that rule."
        )


def _enabled(rule: Statement) -> bool:
    """Whether a rule does TLS; one whose action is elsewhere is taken to."""
    group: Any = rule.policy.target(rule.parameter("TTLSGroupActionRef"))
    return group is None or (group.get("TTLSEnabled") or "").lower() != "off"
