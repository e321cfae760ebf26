# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which environments of AT-TLS use a ring, and how they are made to read it again.

An environment reads its ring once. A change of the action makes a new one, for new connections; IBM has
EnvironmentUserInstance for that (z/OS Communications Server IP Configuration Guide, "AT-TLS actions"). The number
written here is the day on which the ring changed, in days since 1970-01-01: so it grows, and whoever runs this again
sees that it was done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.uses import Uses
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.desired import Ring

_EPOCH = date(1970, 1, 1)
_HIGHEST = 65535


@dataclass(frozen=True)
class Raise:
    """An environment action, and the EnvironmentUserInstance that it has and gets."""

    action: Statement
    ring: Ring
    before: int
    after: int

    @property
    def place(self) -> str:
        return f"{self.action.policy.source.name}:{self.action.line}"


def named(policy: Policy) -> Iterator[tuple[Statement, str]]:
    """Give each environment action with the ring that it uses."""
    for action in policy.of_kind("TTLSEnvironmentAction"):
        parms = action.part("TTLSKeyringParms")
        ring = parms.get("Keyring") if parms else None
        # A key database is a file with a password of its own.
        if ring and not ring.startswith("/"):
            yield action, ring


def is_meant(ring: Ring, written: str) -> bool:
    """Whether a name is that of a ring; without its owner it is one of the connection's own user, perhaps this one."""
    owner, _slash, name = written.rpartition("/")
    return name == ring.name and owner.upper() in ("", ring.owner)


def raises(policy: Policy, rings: Sequence[tuple[Ring, date | None]], today: date) -> list[Raise]:
    """Return the actions to raise; of each ring the day on which it changed, None where it has not.

    Raises SecurityError for an action that names a certificate which leaves its ring, and for numbers of another kind.
    """
    found = []
    for action, written in named(policy):
        for ring, changed in rings:
            if is_meant(ring, written):
                _label_stays(action, ring)
                found += list(_raised(action, ring, changed, today))
    return found


def _raised(action: Statement, ring: Ring, changed: date | None, today: date) -> Iterator[Raise]:
    if changed is None:
        return
    before, day = int(action.get("EnvironmentUserInstance") or 0), (changed - _EPOCH).days
    if ring.renewed == changed and before >= day:
        _is_a_day(action, ring, before, today)
        return
    after = max(before + 1, day)
    if after > _HIGHEST:
        raise SecurityError(
            f"{_place(action)}: EnvironmentUserInstance of {action.name} is {before}, the highest there is; set "
            "another number by attls_policy."
        )
    yield Raise(action, ring, before, after)


def _is_a_day(action: Statement, ring: Ring, number: int, today: date) -> None:
    """What is beyond the days so far is counted in another way, and does not tell whether this ring was read again."""
    if number > (today - _EPOCH).days:
        raise SecurityError(
            f"{ring.where}.renewed: EnvironmentUserInstance of {action.name} ({_place(action)}) is {number}, which is "
            "no day that has been, so nobody can tell whether it was raised since; raise it by attls_policy, and leave "
            "renewed out."
        )


def _label_stays(action: Statement, ring: Ring) -> None:
    for statement in (action, *_connections(action)):
        for part in ("TTLSEnvironmentAdvancedParms", "TTLSConnectionAdvancedParms"):
            parms = statement.part(part)
            label = parms.get("CertificateLabel") if parms else None
            if label in ring.replaced:
                raise SecurityError(
                    f"{ring.where}: {statement.name} ({_place(statement)}) names the certificate {label}, which would "
                    "leave the ring; connect the new one without replaces, change CertificateLabel by attls_policy, "
                    "then remove the old one."
                )


def _connections(action: Statement) -> Iterator[Statement]:
    policy = action.policy
    for rule in Uses(policy).rules(action.kind, action.name):
        connection = policy.target(rule.parameter("TTLSConnectionActionRef"))
        if connection:
            yield connection


def config(found: Sequence[Raise]) -> dict[str, Any]:
    """Return the raised actions as ``attls_policy`` takes them, with the rules that use them, which change too."""
    names = {
        rule.name: None for one in found for rule in Uses(one.action.policy).rules(one.action.kind, one.action.name)
    }
    actions = {one.action.name: one.after for one in found}
    return {
        "TTLSRule": [{"name": name} for name in names],
        "TTLSEnvironmentAction": [
            {"name": name, "EnvironmentUserInstance": number} for name, number in actions.items()
        ],
    }


def _place(statement: Statement) -> str:
    return f"{statement.policy.source.name}:{statement.line}"
