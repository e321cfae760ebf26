# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether two rules can match the same connection, and which of them would win.

The highest priority wins, then the name that comes first (IBM, "AT-TLS rules"). Not documented, and taken for what is
likely: that names are compared as EBCDIC, and that a rule without a priority has the lowest, 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import values
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Statement

CONDITIONS = tuple(
    f"{side}{what}"
    for side in ("Local", "Remote")
    for what in ("Addr", "AddrRef", "AddrSetRef", "AddrGroupRef", "PortRange", "PortRangeRef", "PortGroupRef")
) + ("Jobname", "Userid")
_LOWEST = 1
Interval = tuple[int, int, int]


def priority(rule: Statement) -> int:
    given = rule.get("Priority") or ""
    return int(given) if given.isascii() and given.isdigit() else _LOWEST


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
