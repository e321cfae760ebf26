# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declared connections in, calls out that show on the wire what was declared, in the form that tls_probe takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Connection

Json = dict[str, Any]

_REFUSED = ["closed_after_handshake", "handshake_failed"]
_CLOSED = ["closed", "not_http", "refused"]


def gates(connections: Sequence[Connection], stores: Sequence[str]) -> list[Json]:
    """What a caller without any credentials meets, enough to tell the intended port from one that fell back.

    ``store`` is the number of the store (its path in ``stores``) whose key must be served (of ``aliases``, where there
    are any); None for a ring, which nobody here can look into.
    """
    return [_gate(item, stores) for item in connections]


def probes(connections: Sequence[Connection]) -> list[Json]:
    """What the wire must show. ``certificate`` says whether the client shows its certificate."""
    return [probe for item in connections for probe in _probes(item)]


def closed(connections: Sequence[Connection]) -> list[Json]:
    """What a caller must meet where a connection was taken away: nothing."""
    return [_closed(item) for item in connections]


def _closed(item: Connection) -> Json:
    what = "nothing listens on the port"
    demand = {"store": None, "aliases": [], "demand": "Nothing must listen on the port.", "listens": _listens(item)}
    return {**_probe(item, what, plain=True, expect=["refused"]), **demand}


def _gate(item: Connection, stores: Sequence[str]) -> Json:
    store = item.key_store
    file = store is not None and not store.ring
    return {
        **_probe(item, "the port", expect=_REFUSED if item.client_authentication == "required" else ["ok"]),
        "store": stores.index(store.location) if file else None,
        "aliases": [store.alias.lower()] if store and store.alias else [],
        "demand": _demand(item),
        "listens": _listens(item),
    }


def _listens(item: Connection) -> str | None:
    """The server's own address of a port in front of which AT-TLS stands; None where callers' will do."""
    return (item.host if item.host != "*" else "127.0.0.1") if item.fronted else None


def _demand(item: Connection) -> str:
    ring = item.inbound.key_ring if item.inbound else ""
    demands = [f"serve the certificate from {item.key_store.location if item.key_store else ring}"]
    demands.append(f"ask for {'a' if item.asks else 'no'} client certificate")
    if item.client_authentication == "required":
        demands.append("refuse callers without one")
    return f"The port must {', '.join(demands)}."


def _probes(item: Connection) -> Iterator[Json]:
    yield _probe(item, "the port asks for TLS and accepts the caller", certificate=item.asks, expect=["ok"])
    if item.client_authentication == "required":
        yield _probe(item, "a caller without a certificate is refused", expect=_REFUSED)
    yield _probe(item, "plain http to the port is refused", plain=True, expect=_CLOSED)
    for port in item.plain_http_ports:
        yield {**_probe(item, f"nothing answers plain http on {port}", plain=True, expect=_CLOSED), "port": port}


def _probe(item: Connection, what: str, *, expect: list[str], certificate: bool = False, plain: bool = False) -> Json:
    return {
        "connection": item.name,
        "title": f"{item.name}: {what}",
        "port": item.port,
        "certificate": certificate,
        "plain": plain,
        "accepted": expect == ["ok"],
        "expect": expect,
        "client_certificate_requested": item.asks,
        "min_protocol": item.profile.protocols[0],
        "max_protocol": item.profile.protocols[-1],
    }
