# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which http ports are closed together with a connection: those that are told to, or that nobody needs.

Liberty opens 9080 even if no file mentions it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Connection
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.names import DEFAULT_ENDPOINT
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.claims import PLAIN
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.notes import (
    CLOSED,
    KEPT,
    LEFT_OPEN,
    Note,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import features, require_secure
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import OAS3


@dataclass(frozen=True)
class Closing:
    """The endpoints whose http port is closed, each with the connection for which it is; and what is to be known."""

    endpoints: dict[str, str]
    notes: tuple[Note, ...] = ()


def closing(connections: Sequence[Connection], present: Present) -> Closing:
    """Return what is closed for the connections that are declared."""
    behind = {item.port for item in connections if item.server_attls}
    found: dict[str, str] = {}
    notes: list[Note] = []
    living = _living(present.server, connections) if present.server else []
    for item in connections:
        for identity in _asked(item):
            endpoint = present.effective.by_id("httpEndpoint", identity) if present.effective else None
            port = _port(endpoint)
            # What Liberty drops is not open, and would be with a port that is valid.
            dropped = identity == DEFAULT_ENDPOINT and endpoint is None and present.effective is not None
            if identity in found or port in behind or dropped:
                continue
            if port is None or endpoint is None or item.plain_http == "closed" or not living:
                found[identity] = item.name
            if port is not None and endpoint is not None:
                kind = CLOSED if identity in found else LEFT_OPEN
                what, place = f"http port {port} of {identity}", str(endpoint.origin(PLAIN))
                notes.append(Note(kind, item.name, what, place, tuple(living)))
    return Closing(found, tuple(dict.fromkeys([*notes, *_kept(connections, present, living)])))


def _kept(connections: Sequence[Connection], present: Present, living: Sequence[str]) -> Iterator[Note]:
    """Yield the default endpoint's http port where it is declared to stay as it is: it is open to everybody."""
    kept = next((item for item in connections if item.plain_http == "unchanged"), None)
    endpoint = present.effective.by_id("httpEndpoint", DEFAULT_ENDPOINT) if present.effective else None
    port = _port(endpoint)
    if kept and endpoint and port is not None and port not in {item.port for item in connections}:
        what, place = f"http port {port} of {DEFAULT_ENDPOINT}", str(endpoint.origin(PLAIN))
        yield Note(KEPT, kept.name, what, place, tuple(living))


def _asked(item: Connection) -> Iterator[str]:
    """Yield the endpoints whose http port shall be closed for one connection: its own, and the default one."""
    if item.plain_http == "unchanged" or (item.plain_http is None and not item.standing.is_new):
        return
    if not item.server_attls:
        yield str(item.standing.taken.endpoint.id) if item.standing.taken else item.name
    yield DEFAULT_ENDPOINT


def _port(endpoint: Instance | None) -> int | None:
    """Return the http port that an endpoint has open."""
    number = endpoint.get(PLAIN) if endpoint and endpoint.get("enabled") is not False else None
    return number if isinstance(number, int) and number > 0 else None


def _living(server: Server, connections: Sequence[Connection]) -> list[str]:
    """Return what accepts plain http now and is declared nowhere: it may be called at any http port."""
    effective = server.effective()
    if features.version(effective) == OAS3:
        return []
    ours = {name for item in connections for name in item.requesters}
    found = require_secure.artifacts(effective, server.files, server.places.server)
    return [
        f"{one.side.title} {one.name}"
        for one in found
        if not one.secure.value and not (one.name in ours and one.side.word == "requesters")
    ]
