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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

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
_MOMENTS = re.compile(r"(\d{14}):(\d{14})")
_HOURS = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")


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
        last = calendar.monthrange(at.year, at.month)[1]
        return (
            (not self.ranges or any(low <= at.strftime("%Y%m%d%H%M%S") <= high for low, high in self.ranges))
            and _marked(self.months, at.month - 1)
            and (
                _marked(self.days[:31], at.day - 1) or (len(self.days) > 31 and _marked(self.days[31:], last - at.day))
            )
            and _marked(self.weekdays, at.isoweekday() % 7)
            and (not self.hours or any(_between(low, high, at.strftime("%H:%M")) for low, high in self.hours))
        )


def _marked(mask: str, number: int) -> bool:
    return not mask or mask[number] == "1"


def _between(low: str, high: str, now: str) -> bool:
    """Say whether a time of day is in a range, which may go over midnight."""
    return low <= now < high if low <= high else now >= low or now < high


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
        if not match:
            raise SecurityError(
                f"{keyword} {value} is not a range such as 08:00-18:00 or 20260101000000:20261231235959."
            )
        found.append((match[1], match[2]))
    return tuple(found)
