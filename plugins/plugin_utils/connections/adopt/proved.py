# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proof that an adopted declaration changes nothing: what would change something is not said.

The declaration is planned as if somebody had written it. A connection that is refused, or that would change a byte, is
made smaller key by key until it does not; where nothing is left of it, it is told instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.adopted import Adopted
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.said import Said
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.unsaid import Unsaid

Json = dict[str, Any]
# What a connection can do without, what matters least first.
_SPARE = (
    "clients",
    "server_host",
    "plain_http",
    "tls_profile",
    "protocols",
    "identity",
    "require_secure",
    "requesters",
    "web_applications",
    "host",
    "key_store",
    "client_certificate",
    "caller_tls",
    "ssl_configuration",
    "elements",
)


@dataclass(frozen=True)
class Fault:
    """Why a declaration is not what is there: it is refused, or it would change something."""

    kind: str
    detail: str


Check = Callable[[list[Json]], Fault | None]


def proved(found: Adopted, check: Check) -> Adopted:
    """Return what of an adopted declaration changes nothing; ``check`` says why a declaration does."""
    if not found.connections or check(found.plain()) is None:
        return found
    told: list[Unsaid] = []
    alone = [made for said in found.connections if (made := _alone(said, check, told))]
    kept = alone if check(_plain(alone)) is None else _together(alone, check, told)
    return replace(found, connections=tuple(kept), unsaid=(*found.unsaid, *told))


def _plain(found: Sequence[Said]) -> list[Json]:
    return [said.plain() for said in found]


def _alone(said: Said, check: Check, told: list[Unsaid]) -> Said | None:
    """Return a connection that changes nothing if it is declared alone; None where nothing is left of it."""
    fault = check([said.plain()])
    if fault is None:
        return said
    smaller = said
    gone: list[str] = []
    for key in filter(_keys(said).__contains__, _SPARE):
        smaller, gone = smaller.without(key), [*gone, key]
        if check([smaller.plain()]) is None:
            return _fuller(said, gone, check, told)
    told.append(Unsaid(fault.kind, f"Connection {_name(said)}", said.origin, fault.detail))
    return None


def _fuller(said: Said, gone: Sequence[str], check: Check, told: list[Unsaid]) -> Said:
    """Give back what was taken away and does no harm; what does is told with its reason."""
    without = said
    for key in gone:
        without = without.without(key)
    # What matters most first: clients need server_host, for instance.
    for key in reversed(gone):
        more = replace(
            without, value={name: each for name, each in _keys(said).items() if name in {*_keys(without), key}}
        )
        if (fault := check([more.plain()])) is None:
            without = more
        else:
            origin = _keys(said)[key].origin or said.origin
            told.append(Unsaid(fault.kind, f"{key} of {_name(said)}", origin, fault.detail))
    return without


def _together(alone: Sequence[Said], check: Check, told: list[Unsaid]) -> list[Said]:
    """Return the connections that can be declared beside each other, the first ones first."""
    kept: list[Said] = []
    for said in alone:
        if (fault := check(_plain([*kept, said]))) is None:
            kept.append(said)
        else:
            told.append(Unsaid(fault.kind, f"Connection {_name(said)}", said.origin, fault.detail))
    return kept


def _keys(said: Said) -> Mapping[str, Said]:
    return said.value if isinstance(said.value, Mapping) else {}


def _name(said: Said) -> str:
    return str(_keys(said)["name"].value)
