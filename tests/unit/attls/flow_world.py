# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random policies, the corners of their rules, and random connections, for questions over all connections."""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from match_world import policy

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.criteria import (
    Address,
    Addresses,
    Connection,
    Criteria,
    Ports,
)

_BASES = ("10.0.0.0", "192.0.2.0", "2001:db8::", "2001:db8:0:1::")
_TIMES = """\
IpTimeCondition office
{
  DayOfWeekMask 0111110
  TimeOfDayRange 08:00-18:00
}
IpTimeCondition night
{
  TimeOfDayRange 22:00-06:00
}
IpTimeCondition closing
{
  ConditionTimeRange 20261231180000:20270101055959
  DayOfMonthMask 10000000000000000000000000000001000000000000000000000000000000
}
"""
_NAMES = ("CICSPRD1", "CICSPRD2", "CICSTST", "IMSMPP1", "IMS", "ZCEESRV1", "A", "BATCH01Z")


def random_policy(draw: random.Random, count: int) -> str:
    """Return a policy of so many rules; how wide they are, and how alike, differs from policy to policy."""
    wide, likeness = draw.random(), draw.choice((3, 30, 3000))
    rules = {f"{draw.choice('abXY19')}{number}": _rule(draw, wide, likeness) for number in range(count)}
    return policy(rules, _TIMES)


def _rule(draw: random.Random, wide: float, likeness: int) -> list[str]:
    lines = [f"Direction {draw.choice(('Inbound', 'Outbound', 'Both', 'Inbound'))}"]
    makers = {"Addr": _addresses, "PortRange": _ports, "Jobname": _mask, "Userid": _mask}
    for keyword in ("LocalAddr", "RemoteAddr", "LocalPortRange", "RemotePortRange", "Jobname", "Userid"):
        if draw.random() > wide:
            make = makers[keyword.removeprefix("Local").removeprefix("Remote")]
            lines.append(f"{keyword} {make(draw, likeness)}")
    lines += [f"LocalAddr {draw.choice(('All', '0.0.0.0/0'))}"] if len(lines) == 1 else []  # one there must be
    lines += [f"IpTimeConditionRef {draw.choice(('office', 'night', 'closing'))}"] if draw.random() < 0.1 else []
    lines += [f"Priority {draw.randrange(1, 1 + likeness)}"] if draw.random() < 0.8 else []
    lines += ["TTLSGroupActionRef off"] if draw.random() < 0.3 else []
    return lines


def _addresses(draw: random.Random, likeness: int) -> str:
    base = ipaddress.ip_address(draw.choice(_BASES))
    low = base + draw.randrange(likeness)
    bits = draw.randrange(0, 9)
    ways = (
        str(low),
        f"{low}-{low + draw.randrange(likeness)}",
        f"{low}/{low.max_prefixlen - bits}",
        draw.choice(("0.0.0.0/0", "::/0", "All", "0.0.0.0", "::")),
    )
    return draw.choices(ways, (4, 4, 4, 1))[0]


def _ports(draw: random.Random, likeness: int) -> str:
    low = 5000 + draw.randrange(likeness)
    return draw.choice((str(low), f"{low}-{low + draw.randrange(likeness)}", f"{draw.randrange(1, 5000)}-{low}"))


def _mask(draw: random.Random, _likeness: int) -> str:
    name = draw.choice(_NAMES)
    return draw.choice((name, name[: draw.randrange(0, 8)] + "*", name[: draw.randrange(1, 8)]))


def corners(rules: list[Criteria], draw: random.Random, most: int) -> Iterator[Connection]:
    """Give connections at the edges of what rules ask for and just beyond, one coordinate after the other."""
    for rule in draw.sample(rules, min(len(rules), most)):
        middle = random_connection(draw, rules, rule)
        for side in ("local", "remote"):
            for low, high in getattr(rule, f"{side}_ports") or ():
                for port in {low - 1, low, high, high + 1} & set(range(1, 65536)):
                    yield replace(middle, **{f"{side}_port": port})
            for low, high in getattr(rule, f"{side}_addresses") or ():
                for number in (int(low) - 1, int(low), int(high), int(high) + 1):
                    if 0 <= number < 1 << low.max_prefixlen:
                        yield replace(middle, **{f"{side}_address": type(low)(number)})
        for name in _edges(rule.job_name or ""):
            yield replace(middle, job_name=name)
        for name in _edges(rule.user_id or ""):
            yield replace(middle, user_id=name)
        yield replace(middle, direction="Outbound" if middle.direction == "Inbound" else "Inbound")
        yield middle


def _edges(mask: str) -> list[str]:
    names = (mask.removesuffix("*"), mask.replace("*", "Z"), mask[:-1])
    return [name for name in names if 0 < len(name) <= 8]


def random_connection(draw: random.Random, rules: list[Criteria], rule: Criteria | None = None) -> Connection:
    """Return a connection, each coordinate taken from some rule where it can be: plain chance would meet none."""

    def asked() -> Criteria:
        return rule or draw.choice(rules)

    return Connection(
        direction=draw.choice(("Inbound", "Outbound")) if rule is None or rule.direction == "Both" else rule.direction,
        local_address=_within(draw, asked().local_addresses),
        remote_address=_within(draw, asked().remote_addresses),
        local_port=_port_within(draw, asked().local_ports),
        remote_port=_port_within(draw, asked().remote_ports),
        job_name=_name_within(draw, asked().job_name),
        user_id=_name_within(draw, asked().user_id),
        time=datetime(2026, 12, draw.randrange(1, 32), draw.randrange(24), draw.randrange(60), draw.randrange(60)),
    )


def _within(draw: random.Random, ranges: Addresses | None) -> Address:
    if not ranges:
        return ipaddress.ip_address(draw.choice(_BASES)) + draw.randrange(3000)
    low, high = draw.choice(ranges)
    return type(low)(draw.randint(int(low), int(high)))


def _port_within(draw: random.Random, ranges: Ports | None) -> int:
    low, high = draw.choice(ranges) if ranges else (1, 65535)
    return draw.randint(low, high)


def _name_within(draw: random.Random, mask: str | None) -> str:
    name = str(mask or "").removesuffix("*") or draw.choice(_NAMES)
    return (name + draw.choice(("", "Z", "1")) * str(mask).endswith("*"))[:8]
