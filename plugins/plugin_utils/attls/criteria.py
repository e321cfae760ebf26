# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rule asks of a connection, with every reference followed; and whether a connection has it.

Sources: IBM z/OS Communications Server IP Configuration Guide, "AT-TLS rules" (a condition that is not written does not
count; direction inbound is a socket established by accept, outbound one established by connect; IPv6 everywhere); IP
Configuration Reference, "TTLSRule statement" (values, defaults) and "AT-TLS policy statements" (the address 0.0.0.0 in
a group makes the condition All).

This is the only place where conditions are read; ``regions`` makes sets of them.

UNCONFIRMED: that a rule without Priority has priority 1 (a public pasearch report shows 1), that names of rules are
compared as EBCDIC (small letters, capital letters, digits), that job names and user IDs are compared without regard to
case, the meaning of 0.0.0.0 and :: outside of groups, and all of IpTimeCondition (here as in the Policy Agent's older
time conditions). What ``?``, or ``*`` before the end, means in a job name or user ID is not documented: such a rule
counts as one that cannot be read, and may match whatever the wildcards of other products would.
"""

from __future__ import annotations

import ipaddress
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import faults, masks, times, values
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Parameter, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import Stack, place
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.text import codec
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import Reader, described, like, text
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import shown as shown_value
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# First and last, both included.
Addresses = tuple[tuple[Address, Address], ...]
Ports = tuple[tuple[int, int], ...]
Interval = tuple[int, int]
_IPV6 = 1 << 32
One = TypeVar("One")
Result = TypeVar("Result")
DEFAULT_PRIORITY = 1
_DIRECTIONS = ("Inbound", "Outbound", "Both")
_EBCDIC = codec("IBM-1047")


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


_UNKNOWN = Connection("Both")


@dataclass(frozen=True)
class Unread:
    """Why something that a rule asks cannot be read or followed, and where; lines move, so the place is apart."""

    place: str
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.why}"


@dataclass(frozen=True)
class Criteria:
    """What one rule asks; None asks nothing. ``broken`` is what cannot be read or followed."""

    direction: str
    priority: int = DEFAULT_PRIORITY
    local_addresses: Addresses | None = None
    remote_addresses: Addresses | None = None
    local_ports: Ports | None = None
    remote_ports: Ports | None = None
    job_name: str | None = None
    user_id: str | None = None
    time: times.Times | None = None
    broken: tuple[Unread, ...] = field(default=())

    @property
    def unconditional(self) -> bool:
        """Whether it asks for nothing but a direction, which IBM forbids: All and port 0 ask for nothing."""
        asked = (self.local_addresses, self.remote_addresses, self.local_ports, self.remote_ports)
        return not self.broken and all(one is None for one in (*asked, self.job_name, self.user_id))


def precedence(priority: int, name: str) -> tuple[int, bytes]:
    """Return what rules are sorted by: the highest priority is tried first, then the first name in EBCDIC."""
    return -priority, _EBCDIC.encode(name) if _EBCDIC.can_hold(name) else b"\xff" + name.encode()


def read_priority(written: str) -> int | None:
    """Return a priority as a rule has it; None for what is none."""
    number = values.number(written)
    return number if number is not None and 1 <= number <= 2_000_000_000 else None


def of_rule(stack: Stack, rule: Statement) -> Criteria:
    """Return what a rule asks."""
    reader = _Reader(stack, rule)
    found: dict[str, Any] = {
        "direction": reader.option("Direction", _DIRECTIONS),
        "priority": reader.priority(),
        "local_addresses": reader.addresses("Local"),
        "remote_addresses": reader.addresses("Remote"),
        "local_ports": reader.ports("Local"),
        "remote_ports": reader.ports("Remote"),
        "job_name": reader.mask("Jobname"),
        "user_id": reader.mask("Userid"),
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
    yield "Jobname", asked.job_name, known.job_name, masks.fits
    yield "Userid", asked.user_id, known.user_id, masks.fits
    yield "time condition", asked.time, known.time, times.Times.holds


def as_number(value: Address | int) -> int:
    """Return a port or an address as a number; those of IPv6 come behind those of IPv4."""
    return int(value) + (_IPV6 if isinstance(value, ipaddress.IPv6Address) else 0)


# Of so many ranges each is looked at.
_FEW = 8
# Of one group so many faults are told.
_MOST_TOLD = 10


class Ranges(tuple[tuple[Any, Any], ...]):
    """Ranges of addresses or of ports. A group may have thousands, and thousands of rules may use it.

    So it is hashed once, and sorted once.
    """

    @cached_property
    def _hash(self) -> int:
        return super().__hash__()

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def intervals(self) -> tuple[Interval, ...]:
        """The ranges as numbers, in order; those that meet are one."""
        return joined(self)

    @cached_property
    def _starts(self) -> list[int]:
        return [low for low, _high in self.intervals]

    def holds(self, value: Address | int) -> bool:
        """Say whether a value lies in one of the ranges."""
        asked = as_number(value)
        at = bisect_right(self._starts, asked)
        return at > 0 and asked <= self.intervals[at - 1][1]

    @cached_property
    def shown(self) -> str:
        return _listed(self)


def joined(ranges: Addresses | Ports) -> tuple[Interval, ...]:
    """Return ranges as numbers, in order; those that meet are one."""
    found: list[Interval] = []
    for low, high in sorted((as_number(low), as_number(high)) for low, high in ranges):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return tuple(found)


def _within(ranges: Addresses | Ports, value: Any) -> bool:
    if isinstance(ranges, Ranges) and len(ranges) > _FEW:
        return ranges.holds(value)
    bounds: Iterable[tuple[Any, Any]] = ranges  # of one kind each; an address of the other kind lies in no range
    return any(type(low) is type(value) and low <= value <= high for low, high in bounds)


def conditions(criteria: Criteria) -> Iterator[tuple[str, str]]:
    """Give what is asked for, by the key of a connection, as people write it."""
    if criteria.direction != "Both":
        yield "direction", criteria.direction.lower()
    for (_title, wanted, _known, _has), key in zip(_tests(criteria, _UNKNOWN), _KEYS, strict=True):
        if wanted is not None:
            yield key, shown(wanted)


def shown(asked: object) -> str:
    """Return conditions as people write them."""
    if isinstance(asked, Ranges):
        return asked.shown
    return _listed(asked) if isinstance(asked, tuple) else str(asked)


def _listed(ranges: tuple[Any, ...]) -> str:
    return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in ranges)


class Unreadable(Exception):
    """A value that is none; the text says what it is not."""


def address(value: str) -> Address:
    """Return an address; an IPv4-mapped IPv6 address is the IPv4 address."""
    try:
        found = ipaddress.ip_address(value)
    except ValueError:
        raise Unreadable(f"{value!r} is not an IP address") from None
    return getattr(found, "ipv4_mapped", None) or found


@lru_cache(maxsize=65536)
def addresses(value: str) -> Addresses | None:
    """Return the range that ``All``, an address, address/prefix or address-address stands for; None is any address."""
    if value.lower() == "all":
        return None
    try:
        low, high = values.interval(value)
    except ValueError as e:
        is_range = isinstance(e, values.WrongRangeError)
        what = (
            "a range of addresses from low to high" if is_range else "an IP address, address/prefix or address-address"
        )
        raise Unreadable(f"{value!r} is not {what}") from None
    if int(high) == 0 and "/" not in value:
        return None
    if low.version == 6 and int(low) > 1 and any(low in network for network in values.MAPPED):
        raise Unreadable(f"{value!r} is an IPv4 address within an IPv6 one, which AT-TLS rules cannot have")
    return ((low, high),)


@lru_cache(maxsize=65536)
def ports(value: str) -> Ports | None:
    """Return the range that ``n``, ``n-m``, ``n:m`` or ``n m`` stands for; None is any port, which 0 means."""
    first, last = values.ports(value) or (1, 0)
    if (first, last) == (0, 65535):
        return None
    if not 1 <= first <= last <= 65535:
        raise Unreadable(f"{value!r} is not a port or a range of ports from low to high")
    return ((first, last),)


class _Reader:
    """Follows what one rule refers to; keeps what cannot be read."""

    def __init__(self, stack: Stack, rule: Statement) -> None:
        self.stack = stack
        self.rule = rule
        self.broken: list[Unread] = []

    def _broken(self, item: Statement | Parameter, why: str) -> None:
        self.broken.append(Unread(place(item), why))

    def option(self, keyword: str, allowed: tuple[str, ...]) -> str:
        value = self.rule.get(keyword) or ""
        found = next((option for option in allowed if option.lower() == value.lower()), None)
        if found is None:
            self._broken(self.rule, f"{keyword} must be one of {', '.join(allowed)}.")
        return found or allowed[-1]

    def priority(self) -> int:
        written = self.rule.parameter("Priority")
        if written is None:
            return DEFAULT_PRIORITY
        found = read_priority(written.value)
        if found is None:
            self._broken(written, f"Priority {written.value!r} is not a number from 1 to 2000000000.")
        return found or DEFAULT_PRIORITY

    def mask(self, keyword: str) -> str | None:
        written = self.rule.parameter(keyword)
        if written and not masks.is_plain(written.value):
            self._broken(
                written,
                f"{written.name} {written.value} has a ?, or a * before its end; only a * at the end is documented.",
            )
        return written.value if written else None

    def time(self) -> times.Times | None:
        reference = self.rule.parameter("IpTimeConditionRef")
        condition = self._target(reference) if reference else None
        return self._shared(condition, _Reader._time) if condition else None

    def _time(self, condition: Statement) -> times.Times | None:
        self._unknown(condition)
        try:
            return times.read({key: [p.value for p in condition.all(key)] for key in times.KEYWORDS})
        except SecurityError as e:
            self._broken(condition, str(e))
            return None

    def addresses(self, side: str) -> Addresses | None:
        written = self._written([f"{side}Addr", f"{side}AddrRef", f"{side}AddrSetRef", f"{side}AddrGroupRef"])
        found: Addresses | None = self._read(written, _Reader._addresses, addresses)
        return found

    def _addresses(self, target: Statement) -> Ranges | None:
        return self._union(self._values(target, ("Addr", "Prefix", "Range")), addresses)

    def ports(self, side: str) -> Ports | None:
        written = self._written([f"{side}PortRange", f"{side}PortRangeRef", f"{side}PortGroupRef"])
        found: Ports | None = self._read(written, _Reader._ports, ports)
        return found

    def _ports(self, target: Statement) -> Ranges | None:
        return self._union(self._values(target, ("Port",)), ports)

    def _read(
        self,
        written: Parameter | None,
        inside: Callable[[_Reader, Statement], Ranges | None],
        read: Callable[[str], tuple[One, ...] | None],
    ) -> Any:
        """Return the ranges of a parameter: its own, or those of the statement that it leads to."""
        if written is None:
            return None
        if not written.name.endswith("Ref"):
            return self._own(written, read)
        target = self._target(written)
        return self._shared(target, inside) if target else None

    def _own(self, written: Parameter, read: Callable[[str], tuple[One, ...] | None]) -> Any:
        try:
            return read(written.value)
        except Unreadable as e:
            self._broken(written, f"{e}.")
            return None

    def _shared(self, target: Statement, read: Callable[[_Reader, Statement], Result]) -> Result:
        """Read a statement once for all rules that refer to it."""

        def first() -> tuple[Result, tuple[Unread, ...]]:
            reader = _Reader(self.stack, self.rule)
            return read(reader, target), tuple(reader.broken[:_MOST_TOLD])

        found, broken = self.stack.shared(("conditions", read, id(target)), first)
        self.broken += broken
        return found

    def _written(self, keywords: list[str]) -> Parameter | None:
        """Return the one parameter of a group of which only one may be written."""
        found = [parameter for keyword in keywords if (parameter := self.rule.parameter(keyword))]
        if len(found) > 1:
            names = " and ".join(parameter.name for parameter in found)
            self._broken(found[1], f"{names} exclude each other; keep one.")
        return found[0] if found else None

    def _values(self, target: Statement, keywords: tuple[str, ...]) -> list[Parameter]:
        """Return the parameters that hold the values of a statement and of what belongs to it, each once.

        What stands where it cannot is not followed: it may lead anywhere, and back again.
        """
        found: list[Parameter] = []
        seen: set[int] = set()
        todo = [target]
        while todo:
            statement = todo.pop()
            if id(statement) in seen:
                continue
            seen.add(id(statement))
            self._unknown(statement)
            found += [parameter for keyword in keywords for parameter in statement.all(keyword)]
            parts = [child for child in statement.children if faults.belongs(statement, child)]
            todo += reversed([*parts, *filter(None, map(self._target, statement.references))])
        if not found:
            self._broken(target, f"{target.kind} {target.name} holds nothing.")
        return found

    def _unknown(self, statement: Statement) -> None:
        for fault in faults.unknown(statement):
            self._broken(fault.item, fault.sentence)

    def _target(self, reference: Parameter) -> Statement | None:
        found = self.stack.target(reference)
        if found is None:
            self._broken(reference, f"{reference.name} {reference.value} leads nowhere.")
        return found

    def _union(self, written: list[Parameter], read: Callable[[str], tuple[One, ...] | None]) -> Ranges | None:
        """Return all ranges together; None, which is any, where one of them is."""
        found: list[Any] = []
        whole = False
        for parameter in written:
            count = len(self.broken)
            ranges = self._own(parameter, read)
            if len(self.broken) > count:
                continue
            whole = whole or ranges is None
            found += ranges or ()
        return _once(Ranges(found)) if found and not whole else None


@lru_cache(maxsize=65536)
def _once(ranges: Ranges) -> Ranges:
    """Return the first of equal ones: what is the same object is compared at once."""
    return ranges


def read(wanted: object, where: str) -> Criteria:
    """Return what a mapping asks of connections; see ``asked``. Raises SecurityError for the first mistake."""
    reader = Reader(wanted, where)
    found = asked(reader)
    reader.done()
    return found


def asked(reader: Reader) -> Criteria:
    """Return what the keys of a mapping ask of connections, each key optional.

    ``direction`` is inbound, outbound or both; ports are a number, a range or a list of them; addresses are one, a
    prefix, a range or a list of them; ``job_name`` and ``user_id`` may hold ``*`` and ``?``.
    """
    return Criteria(
        direction=reader.take("direction", _direction, "Both"),
        local_addresses=reader.take("local_address", _some(addresses)),
        remote_addresses=reader.take("remote_address", _some(addresses)),
        local_ports=reader.take("local_port", _some(ports)),
        remote_ports=reader.take("remote_port", _some(ports)),
        job_name=reader.take("job_name", _mask(masks.JOB)),
        user_id=reader.take("user_id", _mask(masks.USER)),
    )


_masked_name = like(
    r"(?=.)\**(?:[A-Za-z0-9@#$?]\**){0,8}",
    "a name of 1 to 8 letters, digits, @, # and $, with * and ? where it may vary",
)


def _mask(first: str) -> Callable[[object, str], str]:
    """Return the reader of a mask that some name fits; ``first`` is what such names begin with."""

    def read_mask(given: object, where: str) -> str:
        mask = _masked_name(given, where)
        if not any(fitting for _name, fitting in masks.classes((mask,), first)):
            raise SecurityError(f"{where}: no job has a name like {mask}; they begin with a letter, @, # or $.")
        return mask

    return read_mask


def _direction(given: object, where: str) -> str:
    found = next((one for one in _DIRECTIONS if one.lower() == text(given, where).lower()), None)
    if found is None:
        raise SecurityError(f"{where}: {shown_value(given)} is not one of inbound, outbound, both.")
    return found


def _some(read_one: Callable[[str], tuple[One, ...] | None]) -> Callable[[object, str], tuple[One, ...] | None]:
    """Return the reader of one value or a list of them; None is any."""

    def read_all(given: object, where: str) -> tuple[One, ...] | None:
        values_ = given if isinstance(given, (list, tuple)) else None
        places = [where] if values_ is None else [f"{where}[{number}]" for number in range(len(values_))]
        found = [_read_one(one, at, read_one) for one, at in zip(values_ or [given], places, strict=True)]
        ranges = [one for one in found if one is not None]
        return tuple(one for several in ranges for one in several) if len(ranges) == len(found) else None

    return read_all


def _read_one(given: object, where: str, read_one: Callable[[str], tuple[One, ...] | None]) -> tuple[One, ...] | None:
    if isinstance(given, bool) or not isinstance(given, (str, int)):
        raise SecurityError(f"{where}: must be text or a number, not {described(given)}.")
    if read_one is ports and given in (0, "0"):
        raise SecurityError(f"{where}: port 0 means any port in a rule; leave the key out.")
    try:
        return read_one(str(given).strip())
    except Unreadable as e:
        raise SecurityError(f"{where}: {e}.") from None
