# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What rules ask for as sets of connections: whether two meet, and what is left of one beside many others.

A connection is a point with nine coordinates: direction, both addresses, both ports, job name, user ID, and the time on
the stack's clock and on that of UTC. What a rule asks for is a box: of each coordinate a set, independent of the
others. A ``Space`` cuts each coordinate into classes that none of its rules tells apart, so that every set is a number
whose bits are classes, and that intersection, difference and emptiness are exact.

Exact are addresses (IPv4, IPv6 but for IPv4-mapped ones), ports (1 to 65535), names (``masks``) and times (``times``).
The two clocks are taken for independent of each other: where some rules count by one and some by the other, a box may
hold times that no stack's clocks show together.
"""

from __future__ import annotations

import heapq
import ipaddress
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import accumulate
from operator import itemgetter, or_
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import masks, times
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.criteria import (
    Address,
    Addresses,
    Connection,
    Criteria,
    Ports,
    Ranges,
    as_number,
    joined,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

# Of each coordinate the classes that are in, as bits.
Box = tuple[int, ...]
# A rule's box without what it leaves open: (coordinate, the classes that are in).
Narrow = tuple[tuple[int, int], ...]
Interval = tuple[int, int]
_DIRECTIONS: dict[object, int] = {"Inbound": 1, "Outbound": 2, "Both": 3}
_IPV6 = 1 << 32
# IPv4, and IPv6 below and above the IPv4-mapped addresses.
_MAPPED = _IPV6 + int(ipaddress.IPv6Address("::ffff:0:0"))
_ADDRESSES: tuple[Interval, ...] = ((0, _MAPPED - 1), (_MAPPED + _IPV6, _IPV6 + (1 << 128) - 1))
_PORTS: tuple[Interval, ...] = ((1, 65535),)
# What examples have where it does not matter.
_LIKELY_LOCAL = tuple(map(ipaddress.ip_address, ("192.0.2.1", "2001:db8::1")))
_LIKELY_REMOTE = tuple(map(ipaddress.ip_address, ("198.51.100.1", "203.0.113.1", "2001:db8::2")))
_LIKELY_PORTS = (50000,)
# So many times one rule is laid beside what is left of another, at most; about four seconds.
MOST_WORK = 4_000_000
# Of so many ranges each is laid beside each.
_FEW = 16


def overlaps(one: Criteria, other: Criteria) -> bool:
    """Say whether some connection has what both ask for."""
    return (
        bool(_DIRECTIONS[one.direction] & _DIRECTIONS[other.direction])
        and _meet(one.local_ports, other.local_ports)
        and _meet(one.remote_ports, other.remote_ports)
        and _meet(one.local_addresses, other.local_addresses)
        and _meet(one.remote_addresses, other.remote_addresses)
        and _names_meet(one.job_name, other.job_name, masks.JOB)
        and _names_meet(one.user_id, other.user_id, masks.USER)
        and _times_meet(one.time, other.time)
    )


def _meet(one: Addresses | Ports | None, other: Addresses | Ports | None) -> bool:
    if one is None or other is None or one is other:
        return True
    if len(one) * len(other) > _FEW:
        return _sorted_meet(_intervals(one), _intervals(other))
    ranges = ((as_number(a), as_number(b), as_number(c), as_number(d)) for a, b in one for c, d in other)
    return any(a <= d and c <= b for a, b, c, d in ranges)


def _sorted_meet(one: Sequence[Interval], other: Sequence[Interval]) -> bool:
    """Say whether two rows of intervals meet; each of the shorter one is looked for in the longer one."""
    few, many = sorted((one, other), key=len)
    for low, high in few:
        at = bisect_left(many, low, key=itemgetter(1))
        if at < len(many) and many[at][0] <= high:
            return True
    return False


def _intervals(ranges: Addresses | Ports) -> tuple[Interval, ...]:
    return ranges.intervals if isinstance(ranges, Ranges) else joined(ranges)


@lru_cache(maxsize=65536)
def _names_meet(one: str | None, other: str | None, first: str) -> bool:
    if one is None or other is None:
        return True
    if masks.is_plain(one) and masks.is_plain(other):
        mask, second = one.upper(), other.upper()
        return mask == second or _begins(mask, second) or _begins(second, mask)
    return masks.meet(one, other, first)


def _begins(mask: str, other: str) -> bool:
    return mask.endswith("*") and other.startswith(mask[:-1])


@lru_cache(maxsize=1024)
def _times_meet(one: times.Times | None, other: times.Times | None) -> bool:
    if one is None or other is None or one.utc != other.utc:
        return True
    return any(holding == 3 for _moment, holding in times.classes((one, other)))


def overlapping(rules: Sequence[Criteria], watched: Container[int] | None = None) -> Iterator[tuple[int, int]]:
    """Give the numbers of each two rules that overlap, the lower first; of ``watched`` one must be, if given."""
    sides = ([(*span, number) for number, one in enumerate(rules) for span in spans(one)] for spans in _SPANS)
    for one, other in _together(_sparsest(sides), watched):
        if overlaps(rules[one], rules[other]):
            yield one, other


Side = list[tuple[int, int, int]]


def _together(side: Side, watched: Container[int] | None = None) -> Iterator[tuple[int, int]]:
    """Give each two numbers, the lower first, of which a span (first, last, number) of one meets one of the other."""
    done: set[tuple[int, int]] = set()
    others: list[tuple[int, int]] = []
    seen: list[tuple[int, int]] = []
    for low, high, number in sorted(side):
        for open_ in (others, seen):
            while open_ and open_[0][0] < low:
                heapq.heappop(open_)
        is_watched = watched is None or number in watched
        for _high, other in seen + others if is_watched else seen:
            pair = (min(number, other), max(number, other))
            if number != other and pair not in done:
                done.add(pair)
                yield pair
        heapq.heappush(seen if is_watched else others, (high, number))


def _sparsest(sides: Iterable[Side]) -> Side:
    """Return the coordinate in which the fewest come together: a policy may have thousands of rules."""
    return min(sides, key=_crossings)


def _crossings(side: Side) -> int:
    """Count how often what one rule asks begins within what another does."""
    starts = sorted(low for low, _high, _number in side)
    return sum(bisect_right(starts, high) - bisect_left(starts, low) for low, high, _number in side)


def _spans_of(read: Callable[[Criteria], Addresses | Ports | None]) -> Callable[[Criteria], Sequence[Interval]]:
    everything = [(0, _ADDRESSES[-1][1])]

    def spans(rule: Criteria) -> Sequence[Interval]:
        found = read(rule)
        if found is None:
            return everything
        if len(found) > _FEW:  # that they may meet is enough
            intervals = _intervals(found)
            return [(intervals[0][0], intervals[-1][1])]
        return [(as_number(low), as_number(high)) for low, high in found]

    return spans


def _spans_of_name(read: Callable[[Criteria], str | None]) -> Callable[[Criteria], Sequence[Interval]]:
    """Names as numbers, so that those with the same beginning stand together; other wildcards may be anywhere."""

    def spans(rule: Criteria) -> Sequence[Interval]:
        mask = (read(rule) or "*").upper()
        begin = mask.partition("*")[0].partition("?")[0][: masks.LONGEST].encode()
        end = begin if "*" not in mask and "?" not in mask else begin + b"\xff" * masks.LONGEST
        return [(_padded(begin), _padded(end[: masks.LONGEST]))]

    return spans


def _padded(name: bytes) -> int:
    return int.from_bytes(name.ljust(masks.LONGEST, b"\0"), "big")


_SPANS = (
    _spans_of(lambda rule: rule.local_ports),
    _spans_of(lambda rule: rule.remote_ports),
    _spans_of(lambda rule: rule.local_addresses),
    _spans_of(lambda rule: rule.remote_addresses),
    _spans_of_name(lambda rule: rule.job_name),
    _spans_of_name(lambda rule: rule.user_id),
)


def _address(number: int) -> Address:
    return ipaddress.IPv4Address(number) if number < _IPV6 else ipaddress.IPv6Address(number - _IPV6)


@dataclass(frozen=True)
class Axis:
    """One coordinate, cut into classes: those of each thing that rules ask for, and an example of each.

    ``likely`` are classes, as bits, with better examples; they come first where they may.
    """

    sets: dict[object, int]
    everything: int
    example_of: Callable[[int], object]
    likely: tuple[tuple[int, object], ...] = ()

    def example(self, classes: int) -> object:
        """Return a value of one of these classes."""
        found = next((value for bit, value in self.likely if classes & bit), None)
        return found or self.example_of((classes & -classes).bit_length() - 1)


def _direction_axis(_asked: set[object]) -> Axis:
    return Axis(_DIRECTIONS, 3, ("Inbound", "Outbound").__getitem__)


def _range_axis(
    asked: set[Addresses | Ports | None],
    domain: Sequence[Interval],
    value: Callable[[int], object],
    likely: Sequence[Address | int],
) -> Axis:
    """Cut numbers where something that is asked for begins, or has ended."""
    sets = {ranges: [(as_number(a), as_number(b)) for a, b in ranges] for ranges in asked if ranges is not None}
    bounds = [*domain, *(pair for ranges in sets.values() for pair in ranges)]
    cuts = sorted({low for low, _high in bounds} | {high + 1 for _low, high in bounds})

    def bits(ranges: Iterable[Interval]) -> int:
        found = 0
        for low, high in ranges:
            found |= (1 << bisect_left(cuts, high + 1)) - (1 << bisect_left(cuts, low))
        return found

    everything = bits(domain)
    return Axis(
        {None: everything} | {ranges: bits(numbers) & everything for ranges, numbers in sets.items()},
        everything,
        lambda number: value(cuts[number]),
        tuple((1 << bisect_right(cuts, as_number(one)) - 1, one) for one in likely),
    )


def _address_axis(asked: set[Addresses | Ports | None], *, likely: Sequence[Address]) -> Axis:
    return _range_axis(asked, _ADDRESSES, _address, likely)


def _port_axis(asked: set[Addresses | Ports | None]) -> Axis:
    return _range_axis(asked, _PORTS, int, _LIKELY_PORTS)


def _classes_axis(asked: Sequence[object], found: Sequence[tuple[object, int]]) -> Axis:
    """Return the axis of classes that are there already, each with an example and what it fits as bits."""
    everything = (1 << len(found)) - 1
    sets: dict[object, int] = dict.fromkeys(asked, 0)
    for number, (_example, fitting) in enumerate(found):
        for place in members(fitting):
            sets[asked[place]] |= 1 << number
    return Axis({**sets, None: everything}, everything, lambda number: found[number][0])


def _name_axis(asked: set[str | None], *, first: str) -> Axis:
    names = sorted(mask for mask in asked if mask is not None)
    return _classes_axis(names, masks.classes(names, first))


def _time_axis(asked: set[times.Times | None], *, utc: bool) -> Axis:
    conditions = sorted((one for one in asked if one is not None and one.utc == utc), key=str)
    axis = _classes_axis(conditions, times.classes(conditions))
    # What counts by the other clock asks nothing of this one.
    return replace(axis, sets=axis.sets | {one: axis.everything for one in asked if one and one.utc != utc})


# Each coordinate: what of a rule and of a connection it is, and how it is cut.
_COORDINATES: tuple[tuple[str, str, Callable[[set[Any]], Axis]], ...] = (
    ("direction", "direction", _direction_axis),
    ("local_ports", "local_port", _port_axis),
    ("remote_ports", "remote_port", _port_axis),
    ("job_name", "job_name", partial(_name_axis, first=masks.JOB)),
    ("user_id", "user_id", partial(_name_axis, first=masks.USER)),
    ("local_addresses", "local_address", partial(_address_axis, likely=_LIKELY_LOCAL)),
    ("remote_addresses", "remote_address", partial(_address_axis, likely=_LIKELY_REMOTE)),
    ("time", "time", partial(_time_axis, utc=False)),
    ("time", "time", partial(_time_axis, utc=True)),
)


class Space:
    """All connections, as far as these rules tell them apart."""

    def __init__(self, rules: Sequence[Criteria]) -> None:
        self.axes = [make({getattr(one, asked) for one in rules}) for asked, _key, make in _COORDINATES]
        self.everything: Box = tuple(axis.everything for axis in self.axes)
        self.work = 0

    def box(self, rule: Criteria) -> Box:
        """Return what one of the rules asks for."""
        asked = (getattr(rule, key) for key, _key, _make in _COORDINATES)
        return tuple(axis.sets[one] for axis, one in zip(self.axes, asked, strict=True))

    def narrow(self, box: Box) -> Narrow:
        """Return a box by the coordinates that it does not leave open."""
        return tuple((at, bits) for at, bits in enumerate(box) if bits != self.everything[at])

    def example(self, box: Box) -> Connection:
        """Return one connection of a box; the time only where some rule asks for it."""
        found: dict[str, Any] = {}
        for (_asked, key, _make), axis, bits in zip(_COORDINATES, self.axes, box, strict=True):
            if key != "time" or axis.everything > 1:
                found[key] = axis.example(bits)
        return Connection(**found)

    def outside(self, box: Box, others: Iterable[Narrow]) -> Box | None:
        """Return a part of a box that has nothing in common with any of the others; None where they cover it.

        Exact: what must be left out is left out, a class that no other asks for is taken at once, and only where
        neither helps two halves are looked at. Raises SecurityError where that is too much work.
        """
        todo: list[tuple[list[int], list[Narrow]]] = [(list(box), list(others))] if all(box) else []
        while todo:
            found = self._settled(*todo.pop())
            if found is None:
                continue
            rest, left = found
            if not left:
                return tuple(rest)
            at, bits = self._split(rest, left)
            inside, beyond = rest.copy(), rest
            inside[at] &= bits
            beyond[at] &= ~bits
            todo += [(inside, left), (beyond, left)]
        return None

    def _settled(self, box: list[int], others: list[Narrow]) -> tuple[list[int], list[Narrow]] | None:
        """Leave out what must be left out until nothing changes; return what is left, None where that is nothing."""
        while True:
            self._work(len(others))
            kept: list[Narrow] = []
            taken = [0] * len(box)
            before = tuple(box)
            for other in others:
                escapes = [at for at, bits in other if box[at] & ~bits]
                if any(not box[at] & bits for at, bits in other):
                    continue
                if not escapes:
                    return None
                if len(escapes) == 1:
                    box[escapes[0]] &= ~dict(other)[escapes[0]]
                    continue
                kept.append(other)
                for at, bits in other:
                    taken[at] |= bits
            # Whoever asks for something of a coordinate of which a class is free is escaped by taking that class.
            free = [at for at, bits in enumerate(taken) if bits and box[at] & ~bits]
            for at in free:
                box[at] &= ~taken[at]
            others = [other for other in kept if not any(at in free for at, _bits in other)]
            if tuple(box) == before:
                return box, others

    def _split(self, box: list[int], others: list[Narrow]) -> tuple[int, int]:
        """Return where to cut: along the rule that leaves the fewest ways out."""
        escapes = ([(at, bits) for at, bits in other if box[at] & ~bits] for other in others)
        return min(escapes, key=len)[0]

    def _work(self, amount: int) -> None:
        self.work += amount
        if self.work > MOST_WORK:
            raise SecurityError(
                f"policies: the rules overlap in so many ways that {MOST_WORK} comparisons do not tell; ask about "
                "fewer connections: one port, one address or one job name."
            )


class Index:
    """Finds, among many boxes, those that may have something in common with one, as bits.

    It compares first and last classes in the few coordinates in which the fewest boxes come together.
    """

    def __init__(self, boxes: Sequence[Box]) -> None:
        sides = [
            (at, [(*_ends(box[at]), number) for number, box in enumerate(boxes)]) for at in range(len(_COORDINATES))
        ]
        self._sides = [
            (
                at,
                _Sums((low, number) for low, _high, number in side),
                _Sums((high, number) for _low, high, number in side),
            )
            for at, side in sorted(sides, key=lambda one: _crossings(one[1]))[:_SIDES]
        ]

    def near(self, box: Box) -> int:
        found = -1
        for at, begun, ended in self._sides:
            low, high = _ends(box[at])
            found &= begun.until(high) & ~ended.before(low)
        return found


_SIDES = 3


class _Sums:
    """Numbers sorted by a key, and of each place those up to there, as bits."""

    def __init__(self, keyed: Iterable[tuple[int, int]]) -> None:
        pairs = sorted(keyed)
        self._keys = [key for key, _number in pairs]
        self._sums = list(accumulate((1 << number for _key, number in pairs), or_, initial=0))

    def until(self, key: int) -> int:
        return self._sums[bisect_right(self._keys, key)]

    def before(self, key: int) -> int:
        return self._sums[bisect_left(self._keys, key)]


def _ends(classes: int) -> Interval:
    return (classes & -classes).bit_length(), classes.bit_length()


def members(bits: int) -> list[int]:
    """Return the numbers of the bits that are set, in order."""
    found = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return found
