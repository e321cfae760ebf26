# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings: what is wrong, or not as it seems, in an effective configuration; and waivers, by which people accept it.

What people are told about each rule is its card, in ``cards``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import mapping
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import waivers as accepted
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards import CARDS, SEVERITIES, Card
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules import (
    access,
    enabled,
    files,
    groups,
    hardening,
    logins,
    oas3,
    secrets,
    strength,
    tls,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import (
    Fault,
    Json,
    Rule,
    Subject,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.waivers import Waiver

if TYPE_CHECKING:
    from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.keys import Keys

RULES: tuple[Rule, ...] = (
    *tls.RULES,
    *enabled.RULES,
    *strength.RULES,
    *groups.RULES,
    *access.RULES,
    *oas3.RULES,
    *logins.RULES,
    *files.RULES,
    *secrets.RULES,
    *hardening.RULES,
)


@dataclass(frozen=True)
class Finding:
    """One finding; ``waiver`` is who accepted it and why, ``expired`` whether that has run out."""

    rule: Rule
    fault: Fault
    severity: str
    waiver: Waiver | None = None
    expired: bool = False

    @property
    def is_waived(self) -> bool:
        """Whether somebody accepts it today."""
        return self.waiver is not None and not self.expired

    def shown(self) -> Json:
        """Return the finding as plain data."""
        return {
            "id": self.rule.id,
            "title": self.rule.card.title,
            "severity": self.severity,
            "origin": str(self.fault.origin),
            "message": self.fault.message,
            "about": [str(name) for name in self.fault.about if name is not None],
            "why": self.rule.card.why,
            "remedy": list(self.fault.remedy),
            "action": self.rule.card.action,
            "source": self.rule.card.source,
            "waiver": self.waiver.shown() if self.waiver else None,
            "waived": self.is_waived,
        }


def judge(
    subject: Subject | Keys,
    *,
    rules: Sequence[Rule] = RULES,
    waivers: object = (),
    severities: Mapping[str, str] | None = None,
    prefix: str = "",
    today: date | None = None,
) -> list[Finding]:
    """Return all findings, the severe ones first, then by place. ``severities`` (rule id to severity) beat the rules'.

    ``rules`` are those for the kind of ``subject``. Waivers and severities may be for rules of another kind, so that
    one list does for a server and its key stores. ``prefix`` is what the names of both begin with for users.

    Raises SecurityError for a waiver or a severity that makes no sense.
    """
    checked = accepted.read(waivers, f"{prefix}waivers", tuple(CARDS))
    beating = checked_severities(severities or {}, tuple(CARDS.values()), f"{prefix}severities")
    return found(subject, rules, checked, beating, today or datetime.now(UTC).date())


def found(
    subject: object, rules: Sequence[Rule], waivers: Sequence[Waiver], severities: Mapping[str, str], today: date
) -> list[Finding]:
    """Return all findings, as ``judge`` does, by waivers and severities that are checked."""
    all_found = [
        Finding(rule, fault, severities.get(rule.id, rule.severity)) for rule in rules for fault in rule.look(subject)
    ]
    if waivers:
        all_found = [_waived(finding, waivers, today) for finding in all_found]
    return sorted(
        all_found,
        key=lambda f: (SEVERITIES.index(f.severity), f.rule.id, f.fault.origin.source, f.fault.origin.line or 0),
    )


def checked_severities(
    severities: Mapping[str, str], rules: Sequence[Rule | Card], where: str = "severities"
) -> dict[str, str]:
    """Return severities by the ids of rules; raise SecurityError for one that makes no sense."""
    ids = [rule.id for rule in rules]
    for identity, severity in mapping(severities, where).items():
        accepted.known(where, identity, ids)
        if severity not in SEVERITIES:
            raise SecurityError(f"{where}.{identity}: {severity!r} is not one of {', '.join(SEVERITIES)}.")
    return dict(severities)


def _waived(finding: Finding, accepting: Iterable[Waiver], today: date) -> Finding:
    for waiver in accepting:
        if waiver.accepts(finding.rule.id, finding.fault):
            expired = waiver.has_expired(today)
            finding = replace(finding, waiver=waiver, expired=expired)
            if not expired:
                break
    return finding
