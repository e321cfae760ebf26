# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings: what is wrong, or not as it seems, in an effective configuration; and waivers, by which people accept it.

To add a rule: one decorated function in a page ``rules_*.py``, one case in ``tests/unit/posture/findings.yml``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import described
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import nearest
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import rules_access, rules_files, rules_tls
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rule import (
    SEVERITIES,
    Fault,
    Json,
    Rule,
    Subject,
)

if TYPE_CHECKING:
    from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules_keys import Keys

RULES: tuple[Rule, ...] = (*rules_tls.RULES, *rules_access.RULES, *rules_files.RULES)
_WAIVER_KEYS = ("id", "place", "reason", "owner", "ticket", "expires")


@dataclass(frozen=True)
class Finding:
    """One finding; ``waiver`` is who accepted it and why, ``expired`` whether that has run out."""

    rule: Rule
    fault: Fault
    severity: str
    waiver: Mapping[str, Any] | None = None
    expired: bool = False

    def shown(self) -> Json:
        """Return the finding as plain data."""
        return {
            "id": self.rule.id,
            "severity": self.severity,
            "origin": str(self.fault.origin),
            "message": self.fault.message,
            "why": self.rule.why,
            "remedy": list(self.fault.remedy),
            "action": self.rule.action,
            "source": self.rule.source,
            "waiver": dict(self.waiver) if self.waiver else None,
            "waived": self.waiver is not None and not self.expired,
        }


def judge(
    subject: Subject | Keys,
    *,
    rules: Sequence[Rule] = RULES,
    waivers: Sequence[Mapping[str, Any]] = (),
    severities: Mapping[str, str] | None = None,
    today: date | None = None,
) -> list[Finding]:
    """Return all findings, the severe ones first, then by place. ``severities`` (rule id to severity) beat the rules'.

    ``rules`` are those for the kind of ``subject``.

    Raises SecurityError for a waiver or a severity that makes no sense.
    """
    ids = [rule.id for rule in rules]
    checked = [_waiver(given, number, ids) for number, given in enumerate(waivers)]
    severity = {**{rule.id: rule.severity for rule in rules}, **_severities(severities or {}, ids)}
    found = [Finding(rule, fault, severity[rule.id]) for rule in rules for fault in rule.look(subject)]
    found = [_waived(finding, checked, today or datetime.now(UTC).date()) for finding in found] if checked else found
    return sorted(
        found,
        key=lambda f: (SEVERITIES.index(f.severity), f.rule.id, f.fault.origin.source, f.fault.origin.line or 0),
    )


def _known(where: str, identity: object, ids: Sequence[str]) -> str:
    if identity in ids:
        return str(identity)
    raise SecurityError(f"{where}: no rule is called {identity!r}{nearest(str(identity), ids) or '.'}")


def _severities(given: Mapping[str, str], ids: Sequence[str]) -> dict[str, str]:
    for identity, severity in given.items():
        _known("severities", identity, ids)
        if severity not in SEVERITIES:
            raise SecurityError(f"severities.{identity}: {severity!r} is not one of {', '.join(SEVERITIES)}.")
    return dict(given)


def _waiver(given: Mapping[str, Any], number: int, ids: Sequence[str]) -> Json:
    """Check one waiver: rule id and place, reason, owner, ticket and expiry date are all needed."""
    where = f"waivers[{number}]"
    if not isinstance(given, Mapping):
        raise SecurityError(f"{where}: must be a mapping of {', '.join(_WAIVER_KEYS)}, not {described(given)}.")
    for key in _WAIVER_KEYS:
        if not given.get(key):
            raise SecurityError(f"{where}.{key}: is missing; a waiver needs {', '.join(_WAIVER_KEYS)}.")
    for key in given:
        if key not in _WAIVER_KEYS:
            raise SecurityError(f"{where}.{key}: is not known; a waiver has {', '.join(_WAIVER_KEYS)}.")
    _known(f"{where}.id", given["id"], ids)
    try:
        expires = date.fromisoformat(str(given["expires"]))
    except ValueError as e:
        raise SecurityError(f"{where}.expires: {given['expires']!r} is not a date such as 2027-01-31.") from e
    return {**{key: str(given[key]) for key in _WAIVER_KEYS}, "expires": expires.isoformat()}


def _waived(finding: Finding, waivers: Iterable[Json], today: date) -> Finding:
    for waiver in waivers:
        if waiver["id"] == finding.rule.id and waiver["place"] in (str(finding.fault.origin), finding.fault.element):
            expired = date.fromisoformat(waiver["expires"]) < today
            finding = replace(finding, waiver=waiver, expired=expired)
            if not expired:
                break
    return finding
