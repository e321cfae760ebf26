# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of the declared ``requireSecure`` is so already, whichever scope says it: that is not asked for again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Connection
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import require_secure

_REQUESTERS = require_secure.SIDES[0]


def unsettled(item: Connection, effective: Effective) -> Connection:
    """Return a connection without the scopes and requesters that are as it declares them.

    A port that is new says all of it, as it does on a bare server.
    """
    if item.standing.is_new:
        return item
    scopes = item.require_secure
    manager = require_secure.decide("requireSecure", [(require_secure.MANAGER, effective.one(require_secure.MANAGER))])
    every = require_secure.of_others(effective, _REQUESTERS)
    wide = replace(
        scopes,
        server=None if scopes.server == manager.value else scopes.server,
        all_requesters=None if scopes.all_requesters == every.value else scopes.all_requesters,
    )
    if wide.server is not None or wide.all_requesters is not None:
        return replace(item, require_secure=wide)
    known = effective.once("requireSecure of requesters", lambda: _known(effective))
    left = [name for name in item.requesters if known.get(name, {every.value}) != {scopes.requesters}]
    return replace(item, requesters=tuple(left) if scopes.requesters is not None else (), require_secure=wide)


def opens(item: Connection, effective: Effective | None) -> bool:
    """Whether plain http is accepted for a connection from now on, where it was not."""
    asked = unsettled(item, effective) if effective else item
    accepts = False in (asked.require_secure.server, asked.require_secure.all_requesters)
    return item.standing.is_new or accepts or bool(asked.requesters and asked.require_secure.requesters is False)


def _known(effective: Effective) -> Mapping[str, set[bool]]:
    found: dict[str, set[bool]] = {}
    for one in require_secure.artifacts(effective):
        if one.side is _REQUESTERS:
            found.setdefault(one.name, set()).add(one.secure.value)
    return found
