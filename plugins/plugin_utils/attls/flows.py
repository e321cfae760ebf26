# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions over all connections: which protection they get, which rules can never win, and what a change changes.

``match`` answers for one connection; here the same rules, in the same order, are sets of connections (``regions``).
A rule wins what it asks for without what the rules before it ask for. As in ``match``, a rule that cannot be read or
installed never wins; where it could, the answer says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from operator import and_
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import criteria, match, statements, times
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.actions import CONNECTION, ENVIRONMENT, GROUP
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.criteria import Criteria
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.match import Candidate
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.regions import (
    Box,
    Index,
    Narrow,
    Space,
    members,
    overlaps,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import Stack
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import Reader, names, one_of
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

Json = dict[str, Any]
_PROTECTIONS = {"clear": "goes in clear", "tls": "gets TLS", "refused": "is refused"}
# Beside more rules than these nobody looks for the few that are enough.
_FEW = 30
MOST_RULES = 10_000


@dataclass(frozen=True)
class Question:
    """The connections that are asked about; at one moment, or None at any."""

    asked: Criteria
    moment: datetime | None = None


def read(connections: object, where: str = "connections") -> Question:
    """Return the connections that a mapping describes; raise SecurityError for the first mistake."""
    reader = Reader(connections, where)
    found = Question(criteria.asked(reader), reader.take("time", times.moment))
    reader.done()
    return found


def protections(wanted: object, where: str = "protection") -> tuple[str, ...]:
    """Return the protections that are asked about, one or a list."""
    found = tuple(one_of(tuple(_PROTECTIONS))(one, where) for one in names(wanted, where))
    if not found:
        raise SecurityError(f"{where}: is empty; give one or more of {', '.join(_PROTECTIONS)}.")
    return found


@dataclass(frozen=True)
class NeverWins:
    """A rule, and those before it that have all of its connections; without any it asks for what cannot be."""

    rule: Candidate
    by: tuple[Candidate, ...]


@dataclass(frozen=True)
class Winner:
    """A rule that wins connections, or None for those that no rule matches; ``box`` are some of these.

    ``asked`` is what the rule and the question ask for; ``before`` are the rules that take something of that away.
    ``protection`` and ``does`` are as in ``match.match``.
    """

    rule: Candidate | None
    asked: Box
    before: tuple[int, ...]
    box: Box
    protection: str = "clear"
    does: Json | None = None

    @cached_property
    def key(self) -> object:
        """What two rules have in common that are the same in two policies."""
        return self.rule and (self.rule.name, self.rule.criteria, self.protection, str(self.does))

    def shown(self) -> Json:
        return {
            "protection": self.protection,
            "rule": self.rule.name if self.rule else None,
            "place": self.rule.place if self.rule else None,
            "does": self.does,
        }


class Rules:
    """The rules of one policy in the order in which they are tried, within the connections of a question.

    ``winners`` win some, in that order, at the end what no rule matches; ``losers`` are (rule, those before it that
    have something of its connections); ``doubts`` are sentences about rules that would win if they could be installed,
    and about partners that may not get what others get.
    """

    def __init__(self, space: Space, rules: Sequence[Candidate], question: Criteria) -> None:
        self.space = space
        self.question = space.box(question)
        self.rules: list[Candidate] = []
        self.boxes: list[Box] = []
        self.narrow: list[Narrow] = []
        for rule in rules:
            whole = space.box(rule.criteria)
            asked = tuple(map(and_, whole, self.question))
            if all(asked):
                self.rules.append(rule)
                self.boxes.append(asked)
                self.narrow.append(space.narrow(whole))
        self.winners: list[Winner] = []
        self.losers: list[tuple[int, list[int]]] = []
        self.doubts: list[str] = []
        self._effects: dict[tuple[str | None, ...], tuple[tuple[str, Json | None], bool]] = {}
        self._decide()

    def _decide(self) -> None:
        index = Index(self.boxes)
        won = 0
        for number, rule in enumerate(self.rules):
            # Who wins nothing takes nothing away: what it asks for is taken already.
            before = members(won & index.near(self.boxes[number]))
            box = self.left(number, before)
            if rule.broken:
                self.doubts += rule.broken if box else ()
            elif box:
                won |= 1 << number
                effect, has_doubts = self._effect(rule)
                self.winners.append(Winner(rule, self.boxes[number], tuple(before), box, *effect))
                self.doubts += rule.actions.doubts if rule.actions and has_doubts else ()
            else:
                self.losers.append((number, before))
        rest = self.space.outside(self.question, [self.narrow[number] for number in members(won)])
        if rest:
            self.winners.append(Winner(None, self.question, tuple(members(won)), rest))

    def _effect(self, rule: Candidate) -> tuple[tuple[str, Json | None], bool]:
        """Return what becomes of the connections of a rule, and whether of all; many rules share their actions."""
        if rule.actions is None:
            raise AssertionError("a rule of a policy has actions")
        references = tuple(rule.actions.rule.get(f"{kind}Ref") for kind, _advanced in (CONNECTION, ENVIRONMENT, GROUP))
        if references not in self._effects:
            protection = match.protection(rule.actions)
            has_doubts = protection == "tls" and bool(rule.actions.doubts)
            self._effects[references] = ((protection, rule.actions.shown()), has_doubts)
        return self._effects[references]

    def left(self, number: int, before: Sequence[int]) -> Box | None:
        """Return some connections of a rule that those before it leave to it; None without any."""
        return self.space.outside(self.boxes[number], [self.narrow[one] for one in before])

    def taking(self, winner: Winner) -> list[Narrow]:
        """Return what is taken away from what a winner asks for."""
        return [self.narrow[number] for number in winner.before]

    def shown(self, winner: Winner) -> list[Json]:
        """Return the rules that take something away, as plain data."""
        return [{"rule": rule.name, "place": rule.place} for rule in map(self.rules.__getitem__, winner.before)]

    def never_winning(self) -> Iterator[NeverWins]:
        for number, before in self.losers:
            yield NeverWins(self.rules[number], tuple(self.rules[one] for one in self._enough(number, before)))

    def _enough(self, number: int, kept: list[int]) -> list[int]:
        """Return rules that have all connections of a rule, none of them without need where they are few."""
        for one in kept:
            if self.left(number, [one]) is None:
                return [one]
        for one in reversed(kept if len(kept) <= _FEW else []):
            fewer = [other for other in kept if other != one]
            if self.left(number, fewer) is None:
                kept = fewer
        return kept


_ALL = Criteria("Both")


def never_winning(rules: Sequence[Candidate]) -> list[NeverWins]:
    """Return the rules that no connection gets, as all of theirs go to rules before them; see ``match.candidates``.

    Raises SecurityError where the rules overlap in too many ways.
    """
    space = Space([_ALL, *(one.criteria for one in _few([*rules]))])
    impossible = (one for one in rules if not one.criteria.broken and not all(space.box(one.criteria)))
    return [*(NeverWins(one, ()) for one in impossible), *Rules(space, rules, _ALL).never_winning()]


@dataclass(frozen=True)
class Lost:
    """Connections that lose TLS to ``rule``; ``before`` is the rule by which they have it, ``why`` what is unknown.

    Where ``why`` is not None nobody can say whether there are any.
    """

    rule: str | None = None
    place: str | None = None
    before: str | None = None
    why: str | None = None

    def __str__(self) -> str:
        if self.why:
            return f"Nobody can say whether connections lose TLS by this change: {self.why}"
        return (
            f"TTLSRule {self.rule} ({self.place}) lets connections go in clear that get TLS by TTLSRule {self.before}."
        )


def first_lost(before: Sequence[Candidate], after: Sequence[Candidate], asked: Sequence[Criteria]) -> Lost | None:
    """Return connections that have TLS before a change, and get a rule that lets them go in clear after it.

    ``before`` and ``after`` are the rules in the order in which they are tried, ``asked`` what those ask for that
    changed. That no rule is left for connections is not meant here.
    """
    try:
        # Each change has a question of its own, which few rules answer; many of them together are one.
        for one in asked if len(asked) <= _FEW else [_ALL]:
            old, new = (_few([rule for rule in rules if overlaps(rule.criteria, one)]) for rules in (before, after))
            space = Space([one, *(rule.criteria for rule in (*old, *new))])
            then, now = (Rules(space, rules, one) for rules in (old, new))
            for change in _changes(then, now, Question(one)):
                was, becomes = change["before"], change["after"]
                if (was["protection"], becomes["protection"]) == ("tls", "clear") and becomes["rule"]:
                    return Lost(becomes["rule"], becomes["place"], was["rule"])
    except SecurityError as e:
        return Lost(why=str(e))
    return None


def flows(
    stack: Stack,
    question: Question,
    *,
    before: Stack | None = None,
    protections: Sequence[str] = ("clear",),
    release: str = statements.NEWEST,
) -> Json:
    """Return what becomes of all connections that are asked about, as plain data; see filter attls_flows.

    Raises SecurityError where the answer depends on a time that is not known, or is too much work.
    """
    policies = [matching(match.candidates(one, release), question) for one in (stack, before) if one]
    space = Space([question.asked, *(rule.criteria for rules in policies for rule in rules)])
    now, *then = [Rules(space, rules, question.asked) for rules in policies]
    found = next((one for one in now.winners if one.protection in protections), None)
    doubts = [*stack.missing, *now.doubts]
    others = [*(before.missing if before else ()), *(sentence for rules in then for sentence in rules.doubts)]
    return {
        "proved": not found and not doubts,
        "counterexample": _example(space, found.box, question) if found else None,
        "verdict": _verdict(found, protections, doubts),
        "complete": not doubts and not others,
        "doubts": list(dict.fromkeys([*doubts, *others])),
        "flows": [_flow(now, one, question) for one in now.winners],
        "changes": [change for rules in then for change in _changes(rules, now, question)],
    }


def matching(rules: Sequence[Candidate], question: Question) -> list[Candidate]:
    """Return the rules that match some connection of a question, at its moment or at any."""
    found = _few([one for one in rules if overlaps(one.criteria, question.asked)])
    conditions = {one.criteria.time for one in found if one.criteria.time}
    moment = question.moment
    if moment is None:
        if len({one.utc for one in conditions}) > 1:
            raise SecurityError(
                "connections.time: is missing, and some rules count it by the stack's own clock, others in UTC; give "
                "it as 2026-11-26T17:00+01:00."
            )
        return found
    if moment.tzinfo is None and any(one.utc for one in conditions):
        raise SecurityError(
            "connections.time: has no offset, and a time condition counts in UTC; give it as 2026-11-26T17:00+01:00."
        )
    holding = {one: one.holds(moment) for one in conditions}
    in_effect = (one for one in found if one.criteria.time is None or holding[one.criteria.time])
    return [replace(one, criteria=replace(one.criteria, time=None)) for one in in_effect]


def _few(rules: list[Candidate]) -> list[Candidate]:
    if len(rules) > MOST_RULES:
        raise SecurityError(
            f"policies: {len(rules)} rules match the connections that are asked about, more than {MOST_RULES}; ask "
            "about fewer connections: one port, one address or one job name."
        )
    return rules


def _changes(then: Rules, now: Rules, question: Question) -> Iterator[Json]:
    """Give each set of connections that another protection waits for than before.

    Where both winners stand in both policies as they are nothing changes: their order is that of priority and name.
    """
    space, old, new = now.space, then.winners, now.winners
    same = {one.key for one in old} & {one.key for one in new}
    index = Index([one.asked for one in new])
    for first, second in ((one, new[number]) for one in old for number in members(index.near(one.asked))):
        differs = [] if first.key in same and second.key in same else _differs(first, second)
        both = tuple(map(and_, first.asked, second.asked))
        box = space.outside(both, [*then.taking(first), *now.taking(second)]) if differs else None
        if box:
            yield {
                "before": first.shown(),
                "after": second.shown(),
                "differs": differs,
                "connections": _shown(question, first.rule, second.rule),
                "except": [*then.shown(first), *(one for one in now.shown(second) if one not in then.shown(first))],
                "example": _example(space, box, question),
            }


def _differs(old: Winner, new: Winner) -> list[str]:
    """Return what is not as before: ``protection``, or keys of what TLS does."""
    if old.protection != new.protection:
        return ["protection"]
    if new.protection != "tls" or not old.does or not new.does:
        return []
    return [key for key in new.does if old.does[key] != new.does[key]]


def _flow(rules: Rules, winner: Winner, question: Question) -> Json:
    return {
        **winner.shown(),
        "connections": _shown(question, winner.rule),
        "except": rules.shown(winner) if winner.rule else [],
        "example": _example(rules.space, winner.box, question),
    }


def _shown(question: Question, *rules: Candidate | None) -> dict[str, str]:
    """Return in words what the question and the rules ask for together; what nobody asks for is left out."""
    found: dict[str, list[str]] = {}
    for asked in (question.asked, *(rule.criteria for rule in rules if rule)):
        for key, value in criteria.conditions(asked):
            found.setdefault(key, []).append(value)
    if question.moment:
        found["time"] = [question.moment.isoformat()]
    return {key: " and ".join(dict.fromkeys(values)) for key, values in found.items()}


def _example(space: Space, box: Box, question: Question) -> Json:
    """Return one connection of a box, as filter attls_match takes it."""
    found = space.example(box)
    moment = question.moment or found.time
    plain: Json = {
        "direction": found.direction.lower(),
        "local_address": str(found.local_address),
        "local_port": found.local_port,
        "remote_address": str(found.remote_address),
        "remote_port": found.remote_port,
        "job_name": found.job_name,
        "user_id": found.user_id,
    }
    return {**plain, "time": moment.isoformat()} if moment else plain


def _verdict(found: Winner | None, protections: Sequence[str], doubts: Sequence[str]) -> str:
    if found is None:
        said = " or ".join(_PROTECTIONS[one] for one in protections)
        if doubts:
            return (
                f"NOT DECIDED: as far as is known none of these connections {said}, but not all is known: {doubts[0]}"
            )
        return f"PROVED: none of these connections {said}."
    said = _PROTECTIONS[found.protection]
    if found.rule is None:
        return f"REFUTED: one of these connections {said}: no rule matches it."
    return f"REFUTED: one of these connections {said}: it gets rule {found.rule.name} ({found.rule.place})."
