# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A renewal in at most six lines, for a person; the report has all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.desired import MBEAN, POLLED
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.refreshing import OUTAGE

_IN_STATISTICS = "more like this in the statistics zosconnect_renewed"


def lines(report: Mapping[str, Any], days: int, *, check_mode: bool) -> list[str]:
    """Return what ends, what is done, what changed, what others must do, what nobody looked at."""
    said = [_due(report, days), *_first(report["lines"], 2)]
    if report["changed"]:
        said.append(f"{'would change' if check_mode else 'changed'}: {several(list(dict.fromkeys(report['changed'])))}")
    given = report.get("given") or []
    if given:
        said.append(f"given to the console: {several(given, '; ')}")
    then = " ".join(
        [
            *_others([one for one in report["refresh"] if one["command"] not in given]),
            *([OUTAGE] if report["outage"] else []),
        ]
    )
    said += [then] if then else []
    said += [f"next: {one}" for one in _first(report.get("waits", ()), 1)]
    return [*said, *(f"not seen: {one}" for one in _first(report["not_seen"], 1))]


def _due(report: Mapping[str, Any], days: int) -> str:
    count, without = len(report["due"]), len(report["open"])
    if not count:
        return f"nothing ends within {days} days"
    ends = "1 certificate ends" if count == 1 else f"{count} certificates end"
    return f"{ends} within {days} days; {f'nothing new is given for {without}' if without else 'all have a successor'}"


def _first(items: Sequence[str], number: int) -> list[str]:
    """Return the first items; behind the last of these how many more there are."""
    if len(items) <= number:
        return list(items)
    return [*items[: number - 1], f"{items[number - 1]} ({len(items) - number:,} {_IN_STATISTICS})"]


def _others(refresh: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say what has to be done by somebody else, each once."""
    mine = [one for one in refresh if one["by"] not in (MBEAN, POLLED)]
    done = dict.fromkeys(
        f"{one['command'] or 'a restart of the server'}{f' after {after}' if (after := one['after']) else ''}"
        for one in mine
    )
    return [f"In force after: {several(list(done), '; ')}."] if done else []
