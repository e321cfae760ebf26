# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which AT-TLS rule does TLS in front of a port, below its callers, or below a call of the server."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import criteria, match, statements
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.criteria import Criteria
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.match import Candidate
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import Stack
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import is_address
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.ports import Port

INBOUND, OUTBOUND = "inbound", "outbound"


@dataclass(frozen=True)
class Fronts:
    """The policies of both sides; ``job_name`` and ``user_id`` are the server's, ``ports`` are said to be covered."""

    policies: Mapping[str, Policy]
    job_name: str | None = None
    user_id: str | None = None
    release: str = statements.NEWEST
    ports: Collection[int] = ()

    @cached_property
    def _inbound(self) -> list[Candidate]:
        return self._rules(INBOUND)

    @cached_property
    def _outbound(self) -> list[Candidate]:
        return self._rules(OUTBOUND)

    def _rules(self, side: str) -> list[Candidate]:
        policy = self.policies.get(side)
        return match.candidates(Stack((policy,)), self.release) if policy else []

    def front(self, port: Port) -> tuple[Candidate | None, str | None]:
        """Return the rule that does TLS in front of a port for every caller, or why nobody can tell."""
        if not self._inbound:
            return None, None
        try:
            winner = match.decide(self._inbound, self._to(port)).winner
        except match.UnknownError as e:
            return None, _unknown(e)
        except SecurityError as e:
            return None, str(e)
        return (winner if winner and match.protection(winner.actions) == "tls" else None), None

    def _to(self, port: Port) -> criteria.Connection:
        address = {"local_address": port.host} if is_address(port.host) else {}
        there = match.read({"direction": INBOUND, "local_port": port.port, **address})
        return replace(there, job_name=self.job_name, user_id=self.user_id)

    def below_callers(self, port: int) -> list[Candidate]:
        """Return the rules that do TLS below programs that call this port."""
        return list(_doing_tls(self._outbound, port))

    def below_call(self, port: int) -> list[Candidate]:
        """Return the rules of the server's stack that do TLS below its own calls to this port."""
        known = criteria.Connection("Outbound", remote_port=port, job_name=self.job_name, user_id=self.user_id)
        return [rule for rule in _doing_tls(self._inbound, port) if criteria.lost(rule.criteria, known) is None]


def _unknown(e: match.UnknownError) -> str:
    """Say what a rule asks for that nobody said of the server, and where to say it."""
    rule = e.candidate
    if e.key == "job_name":
        return f"rule {rule.name} ({rule.place}) asks for its job name. Give connections_job_name."
    if e.key == "user_id":
        return f"rule {rule.name} ({rule.place}) asks for its user ID, which is not known here."
    return str(e)


def _doing_tls(rules: Collection[Candidate], port: int) -> Iterator[Candidate]:
    for rule in rules:
        if _calls(rule.criteria, port) and not rule.broken and match.protection(rule.actions) == "tls":
            yield rule


def _calls(asked: Criteria, port: int) -> bool:
    """Whether a rule is for calls to this port; one for calls to any port says nothing about this one."""
    ports = asked.remote_ports
    return asked.direction == "Outbound" and ports is not None and any(low <= port <= high for low, high in ports)
