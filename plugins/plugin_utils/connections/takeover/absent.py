# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What takes connections away: their ports and calls, and what was made for them and nobody else uses.

An endpoint that was there before stays, with its port closed. Key stores and registries stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import outbound, server
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Connection
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.endpoint import Endpoint
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.names import (
    keys_id,
    outbound_ssl,
    trust_id,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.standing import NEW_CALL
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover import uses
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.change import Change
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.claims import (
    PLAIN,
    SECURE,
    Taken,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import ports


def of_ports(connections: Sequence[Connection], present: Present) -> list[Change]:
    """Return what takes ports away."""
    return [_of_port(item, present.effective) for item in connections]


def _of_port(item: Connection, effective: Effective | None) -> Change:
    change = Change(item.name, item.shared_files)
    if effective is None:
        change.make(*server.removal([item]))
        return change
    taken = item.standing.taken
    if taken and not taken.is_new:
        _close(item, taken, change)
    if not item.server_attls:
        for element, identity in _own(item, taken, effective):
            change.make({"element": element, "id": identity, "state": "absent"})
    if item.server_attls:
        change.make(*server.requesters(item, taken_back=True))
    return change


def _close(item: Connection, taken: Taken, change: Change) -> None:
    """Ask for the end of a port: with its endpoint, where that was made for it and has no other port."""
    endpoint, own = taken.endpoint, PLAIN if item.server_attls else SECURE
    other = endpoint.get(SECURE if own == PLAIN else PLAIN)
    if endpoint.id == item.name and not (isinstance(other, int) and other > 0):
        change.make({"element": "httpEndpoint", "id": item.name, "state": "absent"})
        return
    attributes: dict[str, object] = {own: -1} if taken.attribute == own else {}
    if endpoint.get("sslOptionsRef") == item.name and own == SECURE:
        attributes["sslOptionsRef"] = None
    change.edit(endpoint, attributes)


def _own(item: Connection, taken: Taken | None, effective: Effective) -> Iterator[tuple[str, str]]:
    """Yield the elements that have the connection's name, are there, and are used by nobody else."""
    endpoint = taken.endpoint if taken else None
    options, ssl = (effective.by_id(element, item.name) for element in ("sslOptions", "ssl"))
    if options and options.places and not uses.of_options(effective, item.name, but=endpoint):
        yield "sslOptions", item.name
    default = ports.default_ssl(effective) == item.name
    if ssl is None or not ssl.places or default or uses.of_ssl(effective, item.name, but=endpoint):
        return
    yield "ssl", item.name
    for identity in (keys_id(item.name), trust_id(item.name)):
        store = effective.by_id("keyStore", identity)
        if store and store.places and not uses.of_store(effective, identity, but=ssl):
            yield "keyStore", identity


def of_calls(items: Sequence[Endpoint], present: Present) -> list[Change]:
    """Return what takes calls away; the default SSL configuration stays."""
    found = []
    for item in items:
        change = Change(item.name, item.shared_files)
        effective = present.effective
        for element in outbound.removal([replace(item, standing=NEW_CALL)]):
            kept = effective and element["id"].startswith(outbound_ssl(item.name)) and _is_used(item, effective)
            if not kept:
                change.make(element)
        found.append(change)
    return found


def _is_used(item: Endpoint, effective: Effective) -> bool:
    """Whether others use the SSL configuration that was made for a call, and so its stores."""
    return bool(uses.of_ssl(effective, outbound_ssl(item.name), but=item.standing.called))
