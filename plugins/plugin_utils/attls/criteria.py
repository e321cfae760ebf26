# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rule asks of a connection, with every reference followed; and whether a connection has it.

Sources: IBM z/OS Communications Server IP Configuration Guide, "AT-TLS rules" (a condition that is not written does not
count; direction inbound is a socket established by accept, outbound one established by connect; IPv6 everywhere); IP
Configuration Reference, "TTLSRule statement" (values, defaults) and "AT-TLS policy statements" (the address 0.0.0.0 in
a group makes the condition All).

Whether two rules can meet at all is asked in ``conditions``, which looks into one text only.

UNCONFIRMED: that a rule without Priority has priority 1 (a public pasearch report shows 1), that job names and user IDs
are compared without regard to case, the meaning of 0.0.0.0 and :: outside of groups, and all of IpTimeCondition (here
as in the Policy Agent's older time conditions).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import times, values
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Parameter, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import Stack, place
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# First and last, both included.
Addresses = tuple[tuple[Address, Address], ...]
Ports = tuple[tuple[int, int], ...]
DEFAULT_PRIORITY = 1
_ANYWHERE = {"0.0.0.0", "::"}


@dataclass(frozen=True)
class Connection:
    """One TCP connection as the stack sees it; None is not known."""

    direction: str
    local_address: Address | None = None
    local_port: int | None = None
    remote_address: Address | None = None
    remote_port: int | None = None
    job_name: str | None = None
    user_id: str | None = None
    time: datetime | None = None


@dataclass(frozen=True)
class Criteria:
    """What one rule asks; None asks nothing. ``broken`` are sentences about what cannot be read or followed."""

    direction: str
    priority: int = DEFAULT_PRIORITY
    local_addresses: Addresses | None = None
    remote_addresses: Addresses | None = None
    local_ports: Ports | None = None
    remote_ports: Ports | None = None
    job_name: str | None = None
    user_id: str | None = None
    time: times.Times | None = None
    broken: tuple[str, ...] = field(default=())


def of_rule(stack: Stack, rule: Statement) -> Criteria:
    """Return what a rule asks."""
    reader = _Reader(stack, rule)
    found: dict[str, Any] = {
        "direction": reader.option("Direction", ("Inbound", "Outbound", "Both")),
        "priority": reader.priority(),
        "local_addresses": reader.addresses("Local"),
        "remote_addresses": reader.addresses("Remote"),
        "local_ports": reader.ports("Local"),
        "remote_ports": reader.ports("Remote"),
        "job_name": rule.get("Jobname"),
        "user_id": rule.get("Userid"),
        "time": reader.time(),
    }
    return Criteria(**found, broken=tuple(reader.broken))


def lost(criteria: Criteria, connection: Connection) -> str | None:
    """Return why a connection has not what is asked, as far as it is known; None where nothing speaks against it."""
    if criteria.direction not in (connection.direction, "Both"):
        return f"Direction is {criteria.direction}"
    for title, asked, known, has in _tests(criteria, connection):
        if asked is not None and known is not None and not has(asked, known):
            return f"{title} is {shown(asked)}"
    return None


def unknown(criteria: Criteria, connection: Connection) -> list[str]:
    """Return the keys of the connection that the rule asks for and that are not known."""
    return [
        key
        for (_title, asked, known, _has), key in zip(_tests(criteria, connection), _KEYS, strict=True)
        if asked is not None and known is None
    ]


_KEYS = ("local_address", "remote_address", "local_port", "remote_port", "job_name", "user_id", "time")


def _tests(asked: Criteria, known: Connection) -> Iterator[tuple[str, Any, Any, Callable[[Any, Any], bool]]]:
    yield "local address", asked.local_addresses, known.local_address, _within
    yield "remote address", asked.remote_addresses, known.remote_address, _within
    yield "local port", asked.local_ports, known.local_port, _within
    yield "remote port", asked.remote_ports, known.remote_port, _within
    yield "Jobname", asked.job_name, known.job_name, masked
    yield "Userid", asked.user_id, known.user_id, masked
    yield "time condition", asked.time, known.time, times.Times.holds


def _within(ranges: Addresses | Ports, value: Any) -> bool:
    return any(type(low) is type(value) and low <= value <= high for low, high in ranges)


def masked(mask: str, value: str) -> bool:
    """Say whether a name fits a mask such as ``CICS*``; only an asterisk at the end stands for something."""
    mask, value = mask.upper(), value.upper()
    return value.startswith(mask[:-1]) if mask.endswith("*") else value == mask


def shown(asked: object) -> str:
    """Return conditions as people write them."""
    if isinstance(asked, tuple):
        return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in asked)
    return str(asked)


class Unreadable(Exception):
    """A value that is none; the text says what it is not."""


def address(value: str) -> Address:
    """Return an address; an IPv4 address in IPv6's clothes is the IPv4 address."""
    try:
        found = ipaddress.ip_address(value)
    except ValueError:
        raise Unreadable(f"{value!r} is not an IP address") from None
    return getattr(found, "ipv4_mapped", None) or found


def addresses(value: str) -> Addresses | None:
    """Return the range that ``All``, an address, address/prefix or address-address stands for; None is any address."""
    if value.lower() == "all" or value in _ANYWHERE:
        return None
    try:
        low, high = values.interval(value)
    except ValueError as e:
        ranges = {"reversed", "mixed"} & {str(e)}
        what = "a range of addresses from low to high" if ranges else "an IP address, address/prefix or address-address"
        raise Unreadable(f"{value!r} is not {what}") from None
    return ((low, high),)


def ports(value: str) -> Ports | None:
    """Return the range that ``n``, ``n-m``, ``n:m`` or ``n m`` stands for; None is any port, which 0 means."""
    first, last = values.ports(value) or (1, 0)
    if not first <= last <= 65535:
        raise Unreadable(f"{value!r} is not a port or a range of ports from low to high")
    return None if first == 0 else ((first, last),)


class _Reader:
    """Follows what one rule refers to; keeps a sentence for each thing that cannot be read."""

    def __init__(self, stack: Stack, rule: Statement) -> None:
        self.stack = stack
        self.rule = rule
        self.broken: list[str] = []

    def option(self, keyword: str, allowed: tuple[str, ...]) -> str:
        value = self.rule.get(keyword) or ""
        found = next((option for option in allowed if option.lower() == value.lower()), None)
        if found is None:
            self.broken.append(f"{place(self.rule)}: {keyword} must be one of {', '.join(allowed)}.")
        return found or allowed[-1]

    def priority(self) -> int:
        written = self.rule.parameter("Priority")
        if written is None:
            return DEFAULT_PRIORITY
        if not re.fullmatch("[0-9]{1,10}", written.value) or not 1 <= int(written.value) <= 2_000_000_000:
            self.broken.append(f"{place(written)}: Priority {written.value!r} is not a number from 1 to 2000000000.")
            return DEFAULT_PRIORITY
        return int(written.value)

    def time(self) -> times.Times | None:
        reference = self.rule.parameter("IpTimeConditionRef")
        condition = self._target(reference) if reference else None
        if condition is None:
            return None
        try:
            return times.read({key: [p.value for p in condition.all(key)] for key in times.KEYWORDS})
        except SecurityError as e:
            self.broken.append(f"{place(condition)}: {e}")
            return None

    def addresses(self, side: str) -> Addresses | None:
        written = self._written([f"{side}Addr", f"{side}AddrRef", f"{side}AddrSetRef", f"{side}AddrGroupRef"])
        return self._union(self._values(written, ("Addr", "Prefix", "Range")), addresses)

    def ports(self, side: str) -> Ports | None:
        written = self._written([f"{side}PortRange", f"{side}PortRangeRef", f"{side}PortGroupRef"])
        return self._union(self._values(written, ("Port",)), ports)

    def _written(self, keywords: list[str]) -> Parameter | None:
        """Return the one parameter of a group of which only one may be written."""
        found = [parameter for keyword in keywords if (parameter := self.rule.parameter(keyword))]
        if len(found) > 1:
            names = " and ".join(parameter.name for parameter in found)
            self.broken.append(f"{place(found[1])}: {names} exclude each other; keep one.")
        return found[0] if found else None

    def _values(self, written: Parameter | None, keywords: tuple[str, ...]) -> list[Parameter]:
        """Return the parameters that hold values: ``written`` itself, or those of what it leads to."""
        if written is None:
            return []
        if not written.name.endswith("Ref"):
            return [written]
        target = self._target(written)
        found = self._inside(target, keywords)
        if target and not found:
            self.broken.append(f"{place(target)}: {target.kind} {target.name} holds nothing.")
        return found

    def _inside(self, statement: Statement | None, keywords: tuple[str, ...]) -> list[Parameter]:
        if statement is None:
            return []
        found = [parameter for keyword in keywords for parameter in statement.all(keyword)]
        for child in statement.children:
            found += self._inside(child, keywords)
        for reference in statement.parameters:
            if reference.type and reference.type.kind == "ref":
                found += self._inside(self._target(reference), keywords)
        return found

    def _target(self, reference: Parameter) -> Statement | None:
        found = self.stack.target(reference)
        if found is None:
            self.broken.append(f"{place(reference)}: {reference.name} {reference.value} leads nowhere.")
        return found

    def _union(self, written: list[Parameter], read: Callable[[str], Any]) -> Any:
        """Return all ranges together; None, which is any, where one of them is."""
        found: list[Any] = []
        for parameter in written:
            try:
                found.append(read(parameter.value))
            except Unreadable as e:
                self.broken.append(f"{place(parameter)}: {e}.")
        if not found or None in found:
            return None
        return tuple(one for ranges in found for one in ranges)
