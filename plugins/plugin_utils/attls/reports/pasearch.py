# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ``pasearch -t`` prints: the AT-TLS rules that the Policy Agent holds for a stack.

The layout is that of a report of z/OS 3.1 in a public repository (colinpaicemq/EasyAT-TLS, files/pasearch.report):
rules with one range a condition, all of their actions with all values, defaults included. IBM's page on AT-TLS policy
statements says that a group of ranges that do not touch is shown "as configured", behind a summary from the lowest to
the highest value. UNCONFIRMED: how that looks; here a second list of addresses or ports behind the summary is taken for
it, and without one only the summary is compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import criteria, times
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.criteria import Criteria
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.reports.listing import Line, lines
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

_HEAD = "pasearch"


@dataclass
class Action:
    """One action of a rule: its ``scope`` (Group, Environment, Connection), values by lower-case key, and lists."""

    name: str
    scope: str = ""
    values: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    ended: bool = False


@dataclass
class Rule:
    """One rule. ``fields`` are what stands in the rule itself; ``actions`` (name, type) in the report's order."""

    name: str
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    actions: list[tuple[str, str]] = field(default_factory=list)
    details: list[Action] = field(default_factory=list)
    # By side and whether it is the summary: pairs of first and last.
    addresses: dict[tuple[str, bool], list[list[str]]] = field(default_factory=dict)
    ports: dict[tuple[str, bool], list[list[str]]] = field(default_factory=dict)
    # What cannot be, one sentence each.
    broken: list[str] = field(default_factory=list)

    @property
    def active(self) -> bool:
        return self.fields.get("status", "").lower() == "active"

    @property
    def whole(self) -> bool:
        """Whether nothing of it is cut off, as far as one can see."""
        said = self.fields.get("no. policy action", "")
        counted = not said.isdigit() or said == str(len(self.actions))
        detailed = not self.details or len(self.details) == len(self.actions)
        ended = "policy updated" in self.fields and all(action.ended for action in self.details)
        return "servicedirection" in self.fields and counted and detailed and ended

    def value(self, keyword: str) -> str | None:
        """Return the value that counts, the connection's before the environment's; None where none is shown."""
        for scope in ("connection", "environment", "group"):
            for action in self.details:
                if action.scope.lower() == scope and keyword.lower() in action.values:
                    return action.values[keyword.lower()]
        return None

    def items(self, keyword: str) -> list[tuple[str, ...]]:
        """Return the lines of a list such as v3CipherSuites, each (code, name)."""
        for scope in ("connection", "environment"):
            for action in self.details:
                if action.scope.lower() == scope and keyword.lower() in action.lists:
                    return action.lists[keyword.lower()]
        return []

    @property
    def criteria(self) -> Criteria:
        """What the rule asks of connections; raises Unreadable for values that are none."""
        for sentence in self.broken:
            raise criteria.Unreadable(sentence)
        return Criteria(
            direction=self.fields.get("servicedirection", "Both").capitalize(),
            priority=_priority(self.fields.get("priority")),
            local_addresses=self._ranges(self.addresses, "local", criteria.addresses),
            remote_addresses=self._ranges(self.addresses, "remote", criteria.addresses),
            local_ports=self._ranges(self.ports, "local", criteria.ports),
            remote_ports=self._ranges(self.ports, "remote", criteria.ports),
            job_name=self.fields.get("jobname") or None,
            user_id=self.fields.get("userid") or None,
            time=self._times(),
        )

    def detailed(self, side: str, *, ports: bool) -> bool:
        """Whether the ranges of a side are shown one by one, not only their summary."""
        shown = self.ports if ports else self.addresses
        return (side, False) in shown or len(shown.get((side, True), [])) > 1

    def _ranges(self, shown: dict[tuple[str, bool], list[list[str]]], side: str, read: Any) -> Any:
        found = [read(_joined(pair)) for pair in shown.get((side, False)) or shown.get((side, True)) or []]
        return None if not found or None in found else tuple(one for ranges in found for one in ranges)

    def _times(self) -> times.Times | None:
        """Return the time condition; the report always shows masks, so one that lets all pass is none."""
        masks = [self.fields.get(key, "") for key in ("month of yr mask", "first to last", "last to first")]
        weekdays = self.fields.get("day of week mask", "").split()[:1]
        hours = (self.fields.get("fr timeofday", ""), self.fields.get("to timeofday", ""))
        found = times.Times(
            months=_telling("MonthOfYearMask", masks[0]),
            days=_telling("DayOfMonthMask", masks[1] + masks[2]),
            weekdays=_telling("DayOfWeekMask", "".join(weekdays)),
            hours=(hours,) if all(hours) and hours != ("00:00", "24:00") else (),
            utc=self.fields.get("timezone", "").lower() == "utc",
        )
        return found if str(found) != str(times.Times()) else None


def _priority(shown: str | None) -> int:
    if shown and not re.fullmatch("[0-9]{1,10}", shown):
        raise criteria.Unreadable(f"Priority {shown!r} is not a number")
    return int(shown) if shown else criteria.DEFAULT_PRIORITY


def _telling(keyword: str, mask: str) -> str:
    if "0" not in mask:
        return ""
    try:
        times.check_mask(keyword, mask)
    except SecurityError as e:
        raise criteria.Unreadable(str(e).rstrip(".")) from None
    return mask


def _joined(pair: list[str]) -> str:
    return pair[0] if len(pair) == 1 or pair[0] == pair[1] else "-".join(pair)


@dataclass(frozen=True)
class Report:
    """What was printed for one image (stack); ``taken`` is the date and time that it shows."""

    image: str
    taken: str
    rules: tuple[Rule, ...]


def parse(text: str) -> list[Report]:
    """Return the reports of a text, one an image; none where it holds no head of a report."""
    reports: list[Report] = []
    for block in _blocks(text):
        head = {key.lower(): value for line in block[:3] for key, value in line.pairs}
        reader = _Rules()
        for line in block[1:]:
            reader.take(line)
        taken = f"{head.get('date', '')} {head.get('time', '')}".strip()
        reports.append(Report(head.get("image name", ""), taken, tuple(reader.rules)))
    return reports


def _blocks(text: str) -> Iterator[list[Line]]:
    """Cut the text where reports begin."""
    block: list[Line] = []
    for line in lines(text):
        if _HEAD in line.text.lower() and "image name:" in line.text.lower():
            if block:
                yield block
            block = [line]
        elif block:
            block.append(line)
    if block:
        yield block


class _Rules:
    """Reads line by line: the keys say where they belong."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.action: Action | None = None
        self.list: str | None = None
        self.side = "local"
        self.summary = True

    def take(self, line: Line) -> None:
        if not line.pairs and self.rules:
            self._item(line)
        for key, value in line.pairs:
            self._pair(key.lower(), value, line)

    def _item(self, line: Line) -> None:
        if self.action and self.list:
            self.action.lists.setdefault(self.list, []).append(line.words)

    def _pair(self, key: str, value: str, line: Line) -> None:
        if key == "policyrule":
            self.rules.append(Rule(value, line.number))
            self.action, self.summary = None, True
        elif not self.rules:
            return
        elif key == "ttls action":
            self.action = Action(value)
            self.rules[-1].details.append(self.action)
        elif self.action:
            self._of_action(self.action, key, value)
        else:
            self._of_rule(key, value, line)

    def _of_action(self, action: Action, key: str, value: str) -> None:
        if key == "policy updated":
            action.ended = True
            self.action = None
        elif key == "scope":
            action.scope = value
        elif value:
            action.values[key] = value
        # A key without a value opens a list, or a block whose keys follow.
        self.list = None if value else key

    def _of_rule(self, key: str, value: str, line: Line) -> None:
        rule = self.rules[-1]
        if key == "policyaction":
            rule.actions.append((value, ""))
        elif key == "actiontype" and rule.actions:
            rule.actions[-1] = (rule.actions[-1][0], value)
        elif "condition" in key:
            self.summary = "summary" in key
        elif key.endswith(" address"):
            self.side = key.split()[0]
        elif key == "fromaddr":
            rule.addresses.setdefault((self.side, self.summary), []).append([value])
        elif key == "toaddr":
            self._end(rule.addresses.get((self.side, self.summary)), value, f"line {line.number} shows ToAddr")
        elif key.endswith("portfrom"):
            rule.ports.setdefault((key[:-8], self.summary), []).append([value])
        elif key.endswith("portto"):
            self._end(rule.ports.get((key[:-6], self.summary)), value, f"line {line.number} shows PortTo")
        else:
            rule.fields.setdefault(key, value)

    def _end(self, ranges: list[list[str]] | None, last: str, what: str) -> None:
        """Take the end of a range, which stands behind its beginning."""
        if ranges and len(ranges[-1]) == 1:
            ranges[-1].append(last)
        else:
            self.rules[-1].broken.append(f"{what} without the From before it")
