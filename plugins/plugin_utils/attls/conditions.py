# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether two rules can match the same connection, and which of them would win.

The highest priority wins, then the name that comes first (IBM, "AT-TLS rules"). Not documented, and taken for what is
likely: that names are compared as EBCDIC, and that a rule without a priority has the lowest, 1.
"""

from __future__ import annotations

import heapq
import re
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import values
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Statement

CONDITIONS = tuple(
    f"{side}{what}"
    for side in ("Local", "Remote")
    for what in ("Addr", "AddrRef", "AddrSetRef", "AddrGroupRef", "PortRange", "PortRangeRef", "PortGroupRef")
) + ("Jobname", "Userid")
_LOWEST = 1
_NUMBER = re.compile(r"[0-9]{1,20}")
Interval = tuple[int, int, int]
# First and last of what a rule asks for, in an order that numbers, addresses and names have.
Span = tuple[Any, Any]
_PORTS, _ADDRESSES, _NAMES = (0, 65535), ((0, 0), (9, 0)), ("", "\U0010ffff")
_ANY: tuple[Span, ...] = (_PORTS, _PORTS, _ADDRESSES, _ADDRESSES, _NAMES, _NAMES)


def priority(rule: Statement) -> int:
    given = rule.get("Priority") or ""
    return int(given) if _NUMBER.fullmatch(given) else _LOWEST


def first_by_name(one: Statement, other: Statement) -> Statement:
    """Return the rule of equal priority that would win."""
    page = codepages.for_name("IBM-1047")
    names = [rule.name or "" for rule in (one, other)]
    if page and all(map(page.can_hold, names)):
        return one if page.encode(names[0]) <= page.encode(names[1]) else other
    return one if names[0] <= names[1] else other


def has_condition(rule: Statement) -> bool:
    """Say whether a rule asks for anything at all: All and port 0 ask for nothing."""
    found = [(known.name, known.value) for known in rule.parameters if known.name in CONDITIONS]
    return any(value.lower() != "all" and value != "0" for _name, value in found)


@dataclass(frozen=True)
class Conditions:
    """What a rule asks of a connection. What cannot be told (a reference that leads elsewhere) counts as any."""

    rule: Statement

    @cached_property
    def direction(self) -> str:
        return (self.rule.get("Direction") or "both").lower()

    @cached_property
    def masks(self) -> tuple[str, str]:
        """Job name and user ID; * is any."""
        return self.rule.get("Jobname") or "*", self.rule.get("Userid") or "*"

    @cached_property
    def remote_ports(self) -> list[tuple[int, int]]:
        return _ports(self.rule, "Remote")

    @cached_property
    def local_ports(self) -> list[tuple[int, int]]:
        return _ports(self.rule, "Local")

    @cached_property
    def addresses(self) -> tuple[list[Interval], list[Interval]]:
        """The ranges of the local and the remote end; an empty list is any."""
        return _addresses(self.rule, "Local"), _addresses(self.rule, "Remote")

    def meet(self, other: Conditions) -> bool:
        """Say whether some connection matches both rules; time conditions are not looked at."""
        return (
            _ports_meet(self.remote_ports, other.remote_ports)
            and _ports_meet(self.local_ports, other.local_ports)
            and (self.direction == other.direction or "both" in (self.direction, other.direction))
            and all(map(_masks_meet, self.masks, other.masks))
            and all(map(_addresses_meet, self.addresses, other.addresses))
        )

    @property
    def spans(self) -> tuple[list[Span], ...]:
        """What ``meet`` compares, as spans of ports, addresses and names."""
        sides: list[list[Span]] = [list(self.local_ports), list(self.remote_ports)]
        sides += [[((kind, low), (kind, high)) for kind, low, high in found] for found in self.addresses]
        masks = [(mask.removesuffix("*"), mask.endswith("*")) for mask in self.masks]
        sides += [[(name, name + _NAMES[1] if open_ else name)] for name, open_ in masks]
        return tuple(found or [any_] for found, any_ in zip(sides, _ANY, strict=True))


def meeting(rules: Sequence[Conditions], watched: Container[int] | None = None) -> Iterator[tuple[int, int]]:
    """Give the numbers of each two rules that can match the same connection; of ``watched`` one must be, if given.

    A policy may have thousands of rules: only those are compared that come together on the side on which the fewest do.
    """
    side = min(zip(*(rule.spans for rule in rules), strict=True), key=_crossings, default=())
    done: set[tuple[int, int]] = set()
    others: list[tuple[Any, int]] = []
    seen: list[tuple[Any, int]] = []
    for low, high, number in sorted((*span, number) for number, spans in enumerate(side) for span in spans):
        for open_ in (others, seen):
            while open_ and open_[0][0] < low:
                heapq.heappop(open_)
        is_watched = watched is None or number in watched
        for _high, other in seen + others if is_watched else seen:
            pair = (min(number, other), max(number, other))
            if number != other and pair not in done and rules[number].meet(rules[other]):
                done.add(pair)
                yield pair
        heapq.heappush(seen if is_watched else others, (high, number))


def _crossings(side: Sequence[Sequence[Span]]) -> int:
    """Count how often spans of one side begin within another."""
    starts = sorted(low for spans in side for low, _high in spans)
    return sum(bisect_right(starts, high) - bisect_left(starts, low) for spans in side for low, high in spans)


def _masks_meet(one: str, other: str) -> bool:
    if one.endswith("*") and other.startswith(one[:-1]):
        return True
    return one == other or (other.endswith("*") and one.startswith(other[:-1]))


def _ports_meet(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> bool:
    return not one or not other or any(a <= d and c <= b for a, b in one for c, d in other)


def _ports(rule: Statement, side: str) -> list[tuple[int, int]]:
    """Return the ranges of ports of one end; an empty list where any port matches, or nobody knows."""
    written = rule.get(f"{side}PortRange")
    texts = [written] if written else []
    if not texts:
        texts = _inside(rule, f"{side}PortRangeRef", ("Port",)) + _inside(rule, f"{side}PortGroupRef", ("Port",))
    found = [values.ports(text) for text in texts]
    known = [ports for ports in found if ports and ports != (0, 65535)]
    return known if len(known) == len(found) else []


def _addresses_meet(one: list[Interval], other: list[Interval]) -> bool:
    return not one or not other or any(a[0] == b[0] and a[1] <= b[2] and b[1] <= a[2] for a in one for b in other)


def _addresses(rule: Statement, side: str) -> list[Interval]:
    """Return the ranges of addresses of one end; an empty list where any address matches, or nobody knows."""
    written = rule.get(f"{side}Addr")
    texts = [written] if written else []
    for what in ("AddrRef", "AddrSetRef", "AddrGroupRef"):
        texts += _inside(rule, f"{side}{what}", ("Addr", "Prefix", "Range"))
    try:
        found = [values.interval(text) for text in texts]
    except ValueError:
        return []
    return [(low.version, int(low), int(high)) for low, high in found]


def _inside(rule: Statement, reference: str, keywords: tuple[str, ...]) -> list[str]:
    """Return the values that a reference leads to, through groups as well."""
    target = rule.policy.target(rule.parameter(reference)) if rule.get(reference) else None
    if target is None:
        return []
    todo, found = [target], []
    while todo:
        statement = todo.pop()
        found += [known.value for known in statement.parameters if known.name in keywords]
        todo += statement.children
        todo += [inner for known in statement.parameters if (inner := rule.policy.target(known))]
    return found
