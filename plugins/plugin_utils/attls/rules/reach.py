# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about which connections a rule gets: all that it means, more, or none (see ``criteria`` and ``regions``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import (
    faults,
    flows,
    match,
    regions,
    statements,
    values,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.actions import (
    CONNECTION,
    ENVIRONMENT,
    GROUP,
    Actions,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.criteria import (
    DEFAULT_PRIORITY,
    Criteria,
    precedence,
    read_priority,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.hits import Hit, hit
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.problems import (
    Effect,
    Examined,
    Rule,
    rule,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import place
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several

# Of so many rules it pays to look for neighbours by their ports alone.
_FEW = 20
# Of one rule so many overlaps are told of each on its own: a thousand rules alike have half a million.
_MOST_TOLD = 20
_MORE_OVERLAPS = "{title} and {more} more rules can match the same connection with the same priority {priority}."


@rule("attls-no-condition", Effect.REFUSED)
def no_condition(examined: Examined) -> Iterator[Hit]:
    for one in examined.rules:
        if examined.criteria(one).unconditional:
            yield faults.no_condition(one)


@rule("attls-unreadable", Effect.REFUSED)
def unreadable(examined: Examined) -> Iterator[Hit]:
    """Conditions that are wrong; attls-dangling is about references that lead nowhere."""
    for one in examined.rules if not examined.partial else ():
        broken = examined.criteria(one).broken
        if broken and all(map(examined.stack.target, one.references)):
            whys = (fault.why for fault in broken)
            yield hit(one, "{title} asks for what cannot be read: {why}", whys, why=str(broken[0]))


@rule("attls-overlap", Effect.OVERLAP)
def overlap(examined: Examined) -> Iterator[Hit]:
    """Rules of equal priority and different actions that can match the same connection."""
    form = (
        "{title} and TTLSRule {other} ({place}) can match the same connection with the same priority {priority}; "
        "{first} wins, by its name alone."
    )
    watched = {id(one) for one in examined.rules}
    levels: dict[int, list[Statement]] = {}
    # Where there are few to watch, rules out of their reach need not be asked for their priority.
    for one in near(examined.stack.rules, [examined.criteria(each) for each in examined.rules]):
        levels.setdefault(_priority(one), []).append(one)
    for priority, level in levels.items():
        rules = near(level, [examined.criteria(one) for one in level if id(one) in watched])
        asked = {number for number, one in enumerate(rules) if id(one) in watched}
        pairs = regions.overlapping([examined.criteria(one) for one in rules], asked) if asked else ()
        told = Counter[int]()
        for first, second in sorted(pairs):
            # The finding is about the later one, or about the one that is watched.
            other, one = (rules[first], rules[second]) if second in asked else (rules[second], rules[first])
            if _does(one) != _does(other):
                told[id(one)] += 1
                if examined.only is None and told[id(one)] > _MOST_TOLD:
                    continue
                winner = min((one.name or "", other.name or ""), key=lambda name: precedence(priority, name))
                facts = {"other": other.name or "", "place": place(other), "first": winner}
                yield hit(one, form, [other.name or ""], priority=str(priority), **facts)
        for one in rules if examined.only is None else ():
            if (more := told[id(one)] - _MOST_TOLD) > 0:
                yield hit(one, _MORE_OVERLAPS, priority=str(priority), more=str(more))


def near(rules: list[Statement], asked: Sequence[Criteria]) -> list[Statement]:
    """Return the rules without those that ask for other ports than is ``asked``: most need not be read as a whole."""
    for side, spans in (("Local", [one.local_ports for one in asked]), ("Remote", [one.remote_ports for one in asked])):
        if 0 < len(asked) <= _FEW and None not in spans:
            spans_near = [span for ranges in spans for span in ranges or ()]
            said = {policy: policy.said(f"{side}PortRange") for policy in {one.policy for one in rules}}
            return [one for one in rules if _within_reach(said[one.policy][id(one)], spans_near)]
    return rules if asked else []


def _within_reach(written: str | None, ports: Sequence[tuple[int, int]]) -> bool:
    found = values.ports(written) if written else None
    if found is None:
        return True
    for low, high in ports:  # noqa: SIM110  # asked of thousands of rules: any() takes twice the time
        if found[0] <= high and low <= found[1]:
            return True
    return False


def _priority(one: Statement) -> int:
    """The priority, without reading the whole rule."""
    return read_priority(one.get("Priority") or "") or DEFAULT_PRIORITY


def _does(one: Statement) -> list[str | None]:
    return [one.get(f"{kind}Ref") for kind, _advanced in (GROUP, ENVIRONMENT, CONNECTION)]


@rule("attls-never-wins", Effect.IGNORED)
def never_wins(examined: Examined) -> Iterator[Hit]:
    """Rules that no connection gets, among those that can be read."""
    rules = match.candidates(examined.stack, examined.level.release or statements.NEWEST)
    try:
        found = flows.never_winning(rules)
    except SecurityError as e:
        form = "Nobody can say whether {title} and others ever win: {why}"
        yield from (hit(one.rule, form, why=str(e)) for one in _statements(rules[:1]))
        return
    for one in found:
        others = several([f"{other.name} ({other.place})" for other in one.by])
        form = (
            "{title} never gets a connection: all that it asks for go to {others}."
            if one.by
            else "{title} never gets a connection: no connection can have all that it asks for."
        )
        yield from (hit(actions.rule, form, others=others) for actions in _statements([one.rule]))


def _statements(rules: Iterable[match.Candidate]) -> Iterator[Actions]:
    return (one.actions for one in rules if one.actions)


@rule("attls-any-address", Effect.WARNED)
def any_address(examined: Examined) -> Iterator[Hit]:
    for actions in examined.enabled:
        asked = examined.criteria(actions.rule)
        if asked.direction != "Inbound" and asked.remote_addresses is None and not asked.broken:
            form = "{title} is {direction} without a remote address, so it catches connections to all addresses."
            yield hit(actions.rule, form, direction=asked.direction)


@rule("attls-exception", Effect.IGNORED)
def exception(examined: Examined) -> Iterator[Hit]:
    for actions in examined.actions:
        if not actions.lacks_actions and not actions.enabled:
            yield hit(actions.rule, "{title} lets its connections go in clear (TTLSEnabled Off).")


RULES: tuple[Rule, ...] = (no_condition, unreadable, overlap, never_wins, any_address, exception)
