# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waivers, by which people accept findings: who, why, and until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import described
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import nearest
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import Fault

_NEEDED = ("id", "reason", "owner")
KEYS = (*_NEEDED, "place", "ticket", "expires")
_FORM = f"{', '.join(_NEEDED)}; place, ticket and expires may be given"


@dataclass(frozen=True)
class Waiver:
    """Somebody accepts what the rule ``id`` finds: at ``place``, or wherever it is; ``where`` the waiver was given."""

    id: str
    reason: str
    owner: str
    place: str | None = None
    ticket: str | None = None
    expires: date | None = None
    where: str = ""

    def accepts(self, identity: str, fault: Fault) -> bool:
        """Say whether it is for a fault that the rule ``identity`` found."""
        places = (None, str(fault.origin), fault.origin.source, fault.element)
        return self.id == identity and self.place in places

    def has_expired(self, today: date) -> bool:
        return self.expires is not None and self.expires < today

    def shown(self) -> dict[str, str]:
        """Return what was given as plain data."""
        given = {key: getattr(self, key) for key in KEYS}
        return {key: str(value) for key, value in given.items() if value is not None}


def read(given: object, where: str, ids: Sequence[str]) -> tuple[Waiver, ...]:
    """Return waivers for the rules ``ids``; raise SecurityError with one sentence for the first mistake."""
    if not isinstance(given, (list, tuple)):
        raise SecurityError(f"{where}: must be a list of waivers, not {described(given)}.")
    return tuple(_read(item, f"{where}[{number}]", ids) for number, item in enumerate(given))


def known(where: str, identity: object, ids: Sequence[str]) -> str:
    """Return the id of a rule, or raise SecurityError for one that nobody knows."""
    if identity in ids:
        return str(identity)
    raise SecurityError(f"{where}: no rule is called {identity!r}{nearest(str(identity), ids) or '.'}")


def _read(given: object, where: str, ids: Sequence[str]) -> Waiver:
    if not isinstance(given, Mapping):
        raise SecurityError(f"{where}: must be a mapping of {_FORM}, not {described(given)}.")
    for key in _NEEDED:
        if not given.get(key):
            raise SecurityError(f"{where}.{key}: is missing; a waiver needs {_FORM}.")
    for key in given:
        if key not in KEYS:
            raise SecurityError(f"{where}.{key}: is not known; a waiver needs {_FORM}.")
    known(f"{where}.id", given["id"], ids)
    texts = {key: str(given[key]) for key in KEYS if given.get(key)}
    return Waiver(**{**texts, "expires": _day(texts.get("expires"), where)}, where=where)  # type: ignore[arg-type]


def _day(given: str | None, where: str) -> date | None:
    try:
        return None if given is None else date.fromisoformat(given)
    except ValueError as e:
        raise SecurityError(f"{where}.expires: {given!r} is not a date such as 2027-01-31.") from e
