# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""IpTimeCondition: when a rule is in effect.

UNCONFIRMED as a whole: IBM's page could not be read. The masks are those that a public pasearch report shows (31 days
from the first, then 31 from the last; 12 months; 7 days, Sunday first), the ranges those of the Policy Agent's older
time conditions (``yyyymmddhhmmss:yyyymmddhhmmss``, ``hh:mm-hh:mm``).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

KEYWORDS = (
    "ConditionTimeRange",
    "MonthOfYearMask",
    "DayOfMonthMask",
    "DayOfWeekMask",
    "TimeOfDayRange",
    "TimeZone",
)
_LENGTHS = {"MonthOfYearMask": (12,), "DayOfMonthMask": (31, 62), "DayOfWeekMask": (7,)}
_MOMENTS = re.compile(r"([0-9]{14}):([0-9]{14})")
_HOUR = "((?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)"
_HOURS = re.compile(f"{_HOUR}-{_HOUR}")
_MOMENT = "%Y%m%d%H%M%S"
# Of these years every moment is looked at; examples come from the later part where they can.
_FIRST, _NEAR, _LAST = datetime(1971, 1, 1), datetime(2026, 1, 1), datetime(9998, 12, 31)
# So many days hold every length of a month with every day of the week; 1900 and the like interrupt the order.
_EVERY_KIND = 60 * 366


@dataclass(frozen=True)
class Times:
    """When a rule is in effect; an empty mask or list asks nothing."""

    ranges: tuple[tuple[str, str], ...] = ()
    months: str = ""
    days: str = ""
    weekdays: str = ""
    hours: tuple[tuple[str, str], ...] = ()
    utc: bool = False

    def __str__(self) -> str:
        parts = {
            "dates": ", ".join("-".join(one) for one in self.ranges),
            "months": self.months,
            "days": self.days,
            "weekdays": self.weekdays,
            "hours": ", ".join("-".join(one) for one in self.hours),
        }
        return "; ".join(f"{name} {value}" for name, value in parts.items() if value) or "always"

    def holds(self, moment: datetime) -> bool:
        """Say whether a rule is in effect at a moment: of the stack's clock, or with an offset from UTC.

        Raises SecurityError where the condition counts in UTC and the moment has no offset.
        """
        if self.utc and moment.tzinfo is None:
            raise SecurityError(
                "connection.time: has no offset, and a time condition counts in UTC; give it as 2026-11-26T17:00+01:00."
            )
        at = moment.astimezone(UTC) if self.utc else moment
        return (
            (not self.ranges or any(low <= at.strftime(_MOMENT) <= high for low, high in self.ranges))
            and self.on_day(at)
            and (not self.hours or any(_between(low, high, at.strftime("%H:%M")) for low, high in self.hours))
        )

    def on_day(self, day: date) -> bool:
        """Say whether the masks of months, days and weekdays let a day pass."""
        last = calendar.monthrange(day.year, day.month)[1]
        return (
            _marked(self.months, day.month - 1)
            and (
                _marked(self.days[:31], day.day - 1)
                or (len(self.days) > 31 and _marked(self.days[31:], last - day.day))
            )
            and _marked(self.weekdays, day.isoweekday() % 7)
        )


def _marked(mask: str, number: int) -> bool:
    return not mask or mask[number] == "1"


def _between(low: str, high: str, now: str) -> bool:
    """Say whether a time of day is in a range, which may go over midnight."""
    return low <= now < high if low <= high else now >= low or now < high


def classes(conditions: Sequence[Times]) -> list[tuple[datetime, int]]:
    """Return the moments that these conditions tell apart: of each class one, and the conditions that hold as bits.

    Exact for the years 1971 to 9998, to the second. All conditions count by one clock, the stack's own or UTC; the
    moments are of that clock, with an offset where it is UTC.
    """
    zone = UTC if any(one.utc for one in conditions) else None
    found: dict[int, datetime] = {}
    minutes = sorted({0} | {_minute(bound) for one in conditions for hours in one.hours for bound in hours} - {1440})
    for begin, end in _stretches(conditions):
        for day in _kinds_of_days(conditions, begin, end):
            for minute, following in zip(minutes, [*minutes[1:], 1440], strict=True):
                midnight = datetime.combine(day, time())
                at = max(begin, midnight + timedelta(minutes=minute))
                if at < min(end, midnight + timedelta(minutes=following)):
                    moment = at.replace(tzinfo=zone)
                    holding = sum(one.holds(moment) << number for number, one in enumerate(conditions))
                    found.setdefault(holding, moment)
    return [(moment, holding) for holding, moment in found.items()]


def _minute(bound: str) -> int:
    return int(bound[:2]) * 60 + int(bound[3:])


def _stretches(conditions: Sequence[Times]) -> list[tuple[datetime, datetime]]:
    """Return what lies between the dates at which some condition begins or ends, the nearest to today first."""
    cuts = {_FIRST, _NEAR, _LAST}
    for low, high in (dates for one in conditions for dates in one.ranges):
        cuts |= {datetime.strptime(low, _MOMENT), datetime.strptime(high, _MOMENT) + timedelta(seconds=1)}
    ordered = sorted(cut for cut in cuts if _FIRST <= cut <= _LAST)
    return sorted(pairwise(ordered), key=lambda one: (one[0] < _NEAR, one))


def _kinds_of_days(conditions: Sequence[Times], begin: datetime, end: datetime) -> Iterator[date]:
    """Give the first and the last day of a stretch, which it may cut, and of the days between one of each kind."""
    first, last = begin.toordinal(), (end - timedelta(seconds=1)).toordinal()
    yield date.fromordinal(first)
    seen: set[object] = set()
    masked = any(one.months or one.days or one.weekdays for one in conditions)
    for ordinal in range(first + 1, min(last, first + 2 + _EVERY_KIND * masked)):
        day = date.fromordinal(ordinal)
        kind = (day.month, day.day, calendar.isleap(day.year), ordinal % 7)
        if kind not in seen:
            passing = tuple(one.on_day(day) for one in conditions)
            if passing not in seen:
                yield day
            seen |= {kind, passing}
    if last > first:
        yield date.fromordinal(last)


def read(values: Mapping[str, Sequence[str]]) -> Times:
    """Return the condition of which these are the values by keyword."""
    for keyword in _LENGTHS:
        for mask in values[keyword]:
            check_mask(keyword, mask)
    return Times(
        ranges=_ranges("ConditionTimeRange", values, _MOMENTS),
        months=_last(values["MonthOfYearMask"]),
        days=_last(values["DayOfMonthMask"]),
        weekdays=_last(values["DayOfWeekMask"]),
        hours=_ranges("TimeOfDayRange", values, _HOURS),
        utc=_last(values["TimeZone"]).lower() == "utc",
    )


def moment(given: object, where: str) -> datetime:
    """Return a moment that a user gives, with an offset from UTC or without."""
    try:
        found = datetime.fromisoformat(str(given))
        found.astimezone(UTC)  # which the first and the last hours that there are may not have
    except (ValueError, OverflowError):
        raise SecurityError(f"{where}: {given!r} is not a time such as 2026-11-26T17:00.") from None
    return found


def check_mask(keyword: str, mask: str) -> None:
    """Raise SecurityError for a mask of another length than this keyword's, or of anything but 0 and 1."""
    lengths = _LENGTHS[keyword]
    if len(mask) not in lengths or set(mask) - {"0", "1"}:
        raise SecurityError(f"{keyword} {mask} must be {' or '.join(map(str, lengths))} times 0 or 1.")


def _last(values: Sequence[str]) -> str:
    return values[-1] if values else ""


def _ranges(keyword: str, values: Mapping[str, Sequence[str]], form: re.Pattern[str]) -> tuple[tuple[str, str], ...]:
    found = []
    for value in (part.strip() for text in values[keyword] for part in text.split(",")):
        match = form.fullmatch(value)
        if not match or (form is _MOMENTS and not all(map(_is_moment, match.groups()))):
            raise SecurityError(
                f"{keyword} {value} is not a range such as 08:00-18:00 or 20260101000000:20261231235959."
            )
        found.append((match[1], match[2]))
    return tuple(found)


def _is_moment(digits: str) -> bool:
    try:
        return datetime.strptime(digits, _MOMENT) < datetime.max.replace(microsecond=0)
    except ValueError:
        return False
