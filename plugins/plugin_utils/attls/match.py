# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which rule a connection gets, what that does, and why every other rule does not get it.

The search ends with the first rule that matches; the highest priority comes first, within a priority the alphabet
decides (IBM z/OS Communications Server IP Configuration Guide, "AT-TLS rules"). That none matches is no error: AT-TLS
fails open.

UNCONFIRMED: what the Policy Agent does with a rule that it cannot make sense of. Here such a rule never wins, and the
answer says that it is not complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import zos_names
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import criteria, statements, times
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.actions import Actions
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.criteria import Connection, Criteria
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import Stack, place
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import Reader, fitting, one_of, port, text
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several

Json = dict[str, Any]
_mvs_name = fitting(zos_names.ASKED)


@dataclass(frozen=True)
class Candidate:
    """One rule: its name, where it stands, what it asks and what it does."""

    name: str
    place: str
    criteria: Criteria
    actions: Actions | None = None

    @cached_property
    def broken(self) -> tuple[str, ...]:
        """Sentences why it cannot be installed; those of its actions only where ``actions`` are known."""
        return (*map(str, self.criteria.broken), *(self.actions.broken if self.actions else ()))


class UnknownError(SecurityError):
    """Who gets a connection depends on a ``key`` of it that is not known, because of the rule ``candidate``."""

    def __init__(self, key: str, candidate: Candidate) -> None:
        super().__init__(
            f"connection.{key}: is missing, and rule {candidate.name} ({candidate.place}) asks for it; give it, so "
            "that nobody has to guess."
        )
        self.key, self.candidate = key, candidate


@dataclass(frozen=True)
class Outcome:
    """``losers`` are (candidate, why), in the order in which rules are tried; ``broken`` could have won."""

    winner: Candidate | None
    losers: tuple[tuple[Candidate, str], ...]
    broken: tuple[Candidate, ...]


def candidates(stack: Stack, release: str = statements.NEWEST) -> list[Candidate]:
    """Return the rules of a stack in the order in which they are tried."""
    return order(candidate(stack, rule, release) for rule in stack.rules)


def candidate(stack: Stack, rule: Statement, release: str) -> Candidate:
    """Return one rule of a stack with all that it asks and does."""
    return Candidate(rule.name or "", place(rule), criteria.of_rule(stack, rule), Actions(stack, rule, release))


def order(rules: Iterable[Candidate]) -> list[Candidate]:
    """Put the rules into the order in which they are tried."""
    return sorted(rules, key=lambda one: criteria.precedence(one.criteria.priority, one.name))


def decide(rules: Sequence[Candidate], connection: Connection) -> Outcome:
    """Return who gets the connection; ``rules`` come in the order in which they are tried.

    Raises SecurityError where that depends on something of the connection that is not known.
    """
    winner: Candidate | None = None
    losers: list[tuple[Candidate, str]] = []
    broken: list[Candidate] = []
    for candidate in rules:
        why = criteria.lost(candidate.criteria, connection)
        if why:
            losers.append((candidate, f"{why}."))
        elif candidate.broken:
            losers.append((candidate, f"would match, but cannot be installed as it is: {candidate.broken[0]}"))
            broken += [] if winner else [candidate]
        elif winner:
            losers.append((candidate, _outranked(candidate, winner)))
        else:
            _need(candidate, connection)
            winner = candidate
    return Outcome(winner, tuple(losers), tuple(broken))


def _need(candidate: Candidate, connection: Connection) -> None:
    for key in criteria.unknown(candidate.criteria, connection):
        raise UnknownError(key, candidate)


def _outranked(candidate: Candidate, winner: Candidate) -> str:
    first = winner.criteria.priority
    if candidate.criteria.priority < first:
        return f"matches too, but {winner.name} has the higher priority {first}."
    return f"matches too with the same priority {first}, but {winner.name} comes first in the alphabet."


def match(stack: Stack, connection: Connection, release: str = statements.NEWEST) -> Json:
    """Return which rule a connection gets, and what that means, as plain data; see filter attls_match."""
    outcome = decide(candidates(stack, release), connection)
    winner = outcome.winner
    actions = winner.actions if winner else None
    unsure = actions.doubts if actions and protection(actions) == "tls" else ()
    doubts = [*stack.missing, *(fault for one in outcome.broken for fault in one.broken), *unsure]
    return {
        "rule": winner.name if winner else None,
        "place": winner.place if winner else None,
        "protection": protection(actions),
        "cleartext": protection(actions) == "clear",
        "complete": not doubts,
        "verdict": _verdict(winner, actions),
        "does": actions.shown() if actions else None,
        "lost": [{"rule": one.name, "place": one.place, "why": why} for one, why in outcome.losers],
        "doubts": doubts,
    }


def protection(actions: Actions | None) -> str:
    """Return what becomes of connections: ``clear``, ``tls``, or ``refused`` where no protocol is on.

    What a program itself must start counts as clear: neither CICS nor Liberty does. TLS without encryption does, too.
    """
    if actions is None or not actions.enabled or actions.is_application_controlled:
        return "clear"
    if not actions.protocols and not actions.undecided:
        return "refused"
    return "tls" if actions.encrypts else "clear"


def _verdict(winner: Candidate | None, actions: Actions | None) -> str:
    if winner is None or actions is None:
        return "CLEARTEXT: no rule matches, and AT-TLS lets such connections pass without TLS and without an error."
    where = f"rule {winner.name} ({winner.place})"
    if not actions.enabled:
        return f"CLEARTEXT: {where} says TTLSEnabled Off, an exception on purpose."
    if actions.is_application_controlled:
        return (
            f"CLEARTEXT unless the program itself starts TLS: {where} says ApplicationControlled On, and neither CICS "
            "nor Liberty does that."
        )
    if protection(actions) == "clear":
        return f"CLEARTEXT: the ciphers of {where} do not encrypt: {several(actions.unencrypted)}; name some that do."
    if protection(actions) == "refused":
        if actions.unusable:
            return f"NO CONNECTION: {where} has no cipher for {' or '.join(actions.unusable)}; name some that fit."
        return f"NO CONNECTION: {where} leaves no protocol on; write TLSv1.2 On or TLSv1.3 On."
    return f"TLS as {actions.role} by {where}: {', '.join(actions.protocols)}."


def read(given: object, where: str = "connection") -> Connection:
    """Return the connection that a mapping describes; raise SecurityError with one sentence for the first mistake."""
    reader = Reader(given, where)
    found = Connection(
        direction=reader.need("direction", _direction),
        local_address=reader.take("local_address", _address),
        local_port=reader.take("local_port", port),
        remote_address=reader.take("remote_address", _address),
        remote_port=reader.take("remote_port", port),
        job_name=reader.take("job_name", _mvs_name),
        user_id=reader.take("user_id", _mvs_name),
        time=reader.take("time", times.moment),
    )
    reader.done()
    return found


def _direction(given: object, where: str) -> str:
    return one_of(("Inbound", "Outbound"))(text(given, where).capitalize(), where)


def _address(given: object, where: str) -> criteria.Address:
    try:
        return criteria.address(text(given, where))
    except criteria.Unreadable as e:
        raise SecurityError(f"{where}: {e}; rules know no host names.") from None
