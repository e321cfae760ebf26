# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waivers in a declaration: what a change may bring although a finding says that it is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import place
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import findings
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import waivers as accepted
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules import attls, keys
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.waivers import Waiver

# Of a server's files, of its stores, and of policies.
RULES = (*findings.RULES, *keys.RULES, *attls.RULES)
_IDS = tuple(rule.id for rule in RULES)


def of_one(given: object, where: str) -> tuple[Waiver, ...]:
    """Return the waivers of one connection; raise SecurityError with one sentence for the first mistake."""
    found = accepted.read(given, where, _IDS)
    today = datetime.now(UTC).date()
    for waiver in found:
        if waiver.has_expired(today):
            raise SecurityError(
                f"{waiver.where}: has expired ({waiver.expires}), so {waiver.id} is accepted no longer; mend what it "
                f"is about, or let {waiver.owner} decide again."
            )
    return found


def read(declared: Sequence[object]) -> tuple[Waiver, ...]:
    """Return the waivers of all connections of a declaration."""
    given = [
        (item["waivers"], f"{place(declared, number)}.waivers")
        for number, item in enumerate(declared)
        if isinstance(item, Mapping) and item.get("waivers")
    ]
    return tuple(waiver for waivers, where in given for waiver in of_one(waivers, where))


def of_plan(given: Iterable[Mapping[str, str]]) -> tuple[Waiver, ...]:
    """Return the waivers that a plan has for what was declared in other words, as ``skip_host_names``."""
    return accepted.read(list(given), "waivers", _IDS)
