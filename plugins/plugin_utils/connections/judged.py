# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What we write, we would not complain about: the findings judge a change before anything is written.

The rules of server_config_info, keystore_info and attls_findings look at what will be there, and at what is there now.
What was there before never stands in the way; what the change brings does, where it is of high or medium severity and
nobody accepts it. One finding stands in the way although it was there: while a mandatory include is missing, nobody
knows what the server will be once it is back.
"""

from __future__ import annotations

import json
import posixpath
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import judge as attls_judge
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.problems import Examined, Key
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import Stack
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.statements import Level
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.waivers import RULES
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.entries import Entry, parsed
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import problems
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import findings
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards.card import HIGH, MEDIUM
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.findings import Finding
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import places
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules import attls as attls_rules
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules import keys as key_rules
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import Rule, Subject
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.waivers import Waiver

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_REFUSED = (HIGH, MEDIUM)
_MOST_TOLD = 5
_ALWAYS = (problems.INCLUDE_MISSING,)
# A certificate may be meant to live for days only; the end of a new one is near where a third of its life is left.
_SHARE = 1 / 3
Json = dict[str, Any]
About = tuple[object, ...]
# What of a declaration, or outside of it, mends a finding: a part of its sentence, which may be empty.
Words = Callable[[Finding], str]


@dataclass(frozen=True)
class Attls:
    """What AT-TLS does around a server.

    ``ports`` are the server's behind AT-TLS inbound, ``targets`` the ids of endpoint connections in front of it.
    """

    ports: frozenset[int] = frozenset()
    targets: frozenset[str] = frozenset()

    def __or__(self, other: Attls) -> Attls:
        return Attls(self.ports | other.ports, self.targets | other.targets)


@dataclass(frozen=True)
class StoreChange:
    """What one key store or trust store holds, and will hold. ``hosts`` are the names by which callers call."""

    path: str
    before: tuple[Entry, ...]
    after: tuple[Entry, ...]
    role: str | None = None
    hosts: tuple[str, ...] = ()
    mode: str | None = None


@dataclass(frozen=True)
class PolicyChange:
    """A policy as it is and as it will be; ``touched`` are the statements at the top that change, None: perhaps all."""

    before: Policy | None
    after: Policy
    touched: Collection[Key] | None = None
    level: Level = field(default_factory=Level)


@dataclass(frozen=True)
class Judged:
    """What the change brings: ``refused`` unless somebody accepts it, ``waived`` where somebody does, or only told."""

    refused: tuple[Finding, ...] = ()
    waived: tuple[Finding, ...] = ()
    told: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Sides:
    """What rules look at before a change and after it; ``always``: rules that are in its way whatever was before."""

    rules: Sequence[Rule]
    before: Any
    after: Any
    always: Sequence[str] = ()


def attls_of(planned: Mapping[str, Any]) -> Attls:
    """Return what AT-TLS does for the connections and endpoints that ``plan`` reports."""
    return Attls(
        frozenset(int(one["port"]) for one in planned["connections"] if one["server_tls"] == "attls"),
        frozenset(str(one["id"]) for one in planned["endpoints"] if one["server_tls"] == "attls"),
    )


def judge_change(
    server: Server | None, planned: Mapping[str, bytes], *, words: Words | None = None, **options: Any
) -> Judged:
    """Return what a change brings, as ``examine`` does; raise SecurityError where something of it is refused."""
    judged = examine(server, planned, **options)
    if judged.refused:
        raise SecurityError(refusal(judged.refused, words))
    return judged


def examine(
    server: Server | None,
    planned: Mapping[str, bytes],
    *,
    waivers: Sequence[Waiver] = (),
    severities: Mapping[str, str] | None = None,
    attls: Attls | None = None,
    attls_before: Attls | None = None,
    stores: Sequence[StoreChange] = (),
    policies: Sequence[PolicyChange] = (),
    modes: Mapping[str, str] | None = None,
    copies: Mapping[About, About] | None = None,
    days: int = 30,
    now: datetime | None = None,
) -> Judged:
    """Return what a change brings.

    ``planned`` are the server's files that change, by path. ``severities`` (rule id to severity) beat the rules'.
    ``attls_before`` is what AT-TLS does now, ``attls`` what it will do. ``modes`` are those that files will have, by
    path, where that changes. ``copies`` are elements that are made like others: what is wrong with those is not new.
    ``days`` is how near the end of a certificate may be.
    """
    now = now or datetime.now(UTC)
    sides = []
    if server is not None and (planned or waivers):
        sides.append(_of_server(server, planned, attls_before or Attls(), attls or Attls(), modes or {}))
    if stores:
        sides.append(_of_stores(stores, now, days))
    sides += map(_of_policy, policies)
    severity = {rule.id: rule.severity for rule in RULES} | findings.checked_severities(severities or {}, RULES)
    today = now.date()
    all_found: list[Finding] = []
    brought: list[Finding] = []
    for side in sides:
        found = findings.found(side.after, side.rules, waivers, severity, today)
        all_found += found
        brought += _brought(side, found, copies or {})
    serious = [finding for finding in brought if finding.severity in _REFUSED]
    return Judged(
        refused=tuple(finding for finding in serious if not finding.is_waived),
        waived=tuple(finding for finding in serious if finding.is_waived),
        told=tuple(finding for finding in brought if finding.severity not in _REFUSED),
        warnings=tuple(_unused(waivers, all_found, sides)),
    )


def _of_server(
    server: Server, planned: Mapping[str, bytes], attls_before: Attls, attls: Attls, modes: Mapping[str, str]
) -> _Sides:
    planned = {posixpath.normpath(path): data for path, data in planned.items()}
    facts = dict(server.facts)
    for path, mode in modes.items():
        facts[path] = {**facts.get(path, {}), "mode": mode}
    own = server.places.server

    def subject(planned: Mapping[str, bytes], facts: Mapping[str, Json], around: Attls) -> Subject:
        effective = server.as_planned(planned) if planned else server.effective()
        files = server.files.laid_over(planned)
        return Subject(effective, files, facts, own, around.ports, around.targets)

    before, after = subject({}, server.facts, attls_before), subject(planned, facts, attls)
    return _Sides(findings.RULES, before, after, _ALWAYS if planned else ())


def _of_stores(stores: Sequence[StoreChange], now: datetime, days: int) -> _Sides:
    ders = {der for store in stores for entry in (*store.before, *store.after) for der in entry.chain}
    known = [certificate for certificate in map(parsed, ders) if certificate]

    def keys(*, after: bool) -> key_rules.Keys:
        found = [_place(store, store.after if after else store.before, known) for store in stores]
        return key_rules.Keys(found, now, days, _SHARE)

    return _Sides(key_rules.RULES, keys(after=False), keys(after=True))


def _place(store: StoreChange, entries: Sequence[Entry], known: Sequence[Certificate]) -> places.Place:
    # An issuer of which nobody here knows what it is is the caller's business, not that of the change.
    held = tuple(one if one.missing_is else replace(one, missing=None) for one in places.of_store(entries, known))
    return places.Place(store.path, places.STORE, held, role=store.role, hosts=store.hosts, mode=store.mode)


def _of_policy(change: PolicyChange) -> _Sides:
    only = None if change.touched is None else attls_judge.touched(change.after, change.touched)
    before = () if change.before is None else (change.before,)
    was, is_ = (Examined(Stack(policies), change.level, only) for policies in (before, (change.after,)))
    return _Sides(attls_rules.RULES, was, is_)


def _brought(side: _Sides, found: Sequence[Finding], copies: Mapping[About, About]) -> Iterator[Finding]:
    """Give the findings that were not there before; of several about the same thing, as many as there are more."""
    known: dict[str, tuple[Counter[tuple[object, ...]], dict[tuple[object, ...], set[object]]]] = {}
    for finding in found:
        rule, fault = finding.rule, finding.fault
        if rule.id not in known:
            known[rule.id] = _before(rule, side.before)
        times, details = known[rule.id]
        if times[fault.about] > 0 and fault.detail <= details[fault.about]:
            times[fault.about] -= 1
            if rule.id not in side.always:
                continue
        original = copies.get(fault.about[:2])
        known_of_it = details.get((*original, *fault.about[2:])) if original else None
        if known_of_it is None or not fault.detail <= known_of_it:
            yield finding


def _before(rule: Rule, subject: object) -> tuple[Counter[tuple[object, ...]], dict[tuple[object, ...], set[object]]]:
    times: Counter[tuple[object, ...]] = Counter()
    details: dict[tuple[object, ...], set[object]] = {}
    for fault in rule.look(subject):
        times[fault.about] += 1
        details.setdefault(fault.about, set()).update(fault.detail)
    return times, details


def _unused(waivers: Sequence[Waiver], found: Sequence[Finding], sides: Sequence[_Sides]) -> Iterator[str]:
    """Say which waivers accept nothing, of those for rules that were asked."""
    asked = {rule.id for side in sides for rule in side.rules}
    for waiver in waivers:
        # What follows from other words of the declaration has no place where somebody gave it.
        used = not waiver.where or any(waiver.accepts(finding.rule.id, finding.fault) for finding in found)
        if waiver.id in asked and not used:
            at = f" at {waiver.place}" if waiver.place else ""
            yield f"{waiver.where}: accepts nothing, because {waiver.id} finds nothing{at}; take the waiver away."


def refusal(refused: Sequence[Finding], words: Words | None = None) -> str:
    """Return the sentences that refuse a change over findings, each with what mends it and the waiver for it."""
    more = f" There are {len(refused) - _MOST_TOLD} more." if len(refused) > _MOST_TOLD else ""
    told = " ".join(sentence(finding, words(finding) if words else "") for finding in refused[:_MOST_TOLD])
    return f"Nothing was changed, because the rules of server_config_info would complain about the result. {told}{more}"


def sentence(finding: Finding, mends: str = "") -> str:
    """Return one finding with why it matters, its remedy, what mends it besides, and how to accept it."""
    fault, card = finding.fault, finding.rule.card
    place = "" if fault.message.startswith(str(fault.origin)) else f"{fault.origin}: "
    remedy = "; ".join(map(_in_words, fault.remedy))
    mended = (f" Remedy: {remedy}." if remedy else "") + mends
    return (
        f"{place}{fault.message} ({finding.severity}, {card.id}) {card.why}{mended} To accept it, give a connection "
        f"waivers with id {card.id}, reason and owner."
    )


def _in_words(remedy: Json) -> str:
    """Return a remedy as people read it: what is to be done, or the element and its attributes."""
    if "do" in remedy:
        return str(remedy["do"])
    if "element" not in remedy:
        return json.dumps(remedy, separators=(", ", ": "))
    named = " ".join(str(remedy[key]) for key in ("element", "id", "text") if key in remedy)
    given = remedy.get("attributes", {}).items()
    attributes = [f"no {name}" if value is None else f"{name}={value}" for name, value in given]
    inner = ", ".join([*attributes, *(_in_words(child) for child in remedy.get("children", ()))])
    return f"{named} {inner}".strip()
