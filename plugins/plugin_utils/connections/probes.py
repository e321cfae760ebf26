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
    demand: Json = {"store": None, "aliases": [], "demand": "Nothing must listen on the port."}
    probe = _probe(item, what, kind="nothing", plain=True, expect=["refused"])
    return {**probe, **demand, "listens": _listens(item)}


def _gate(item: Connection, stores: Sequence[str]) -> Json:
    store = item.key_store
    return {
        **_probe(item, "the port", kind="gate", expect=_REFUSED if item.client_certificate == "required" else ["ok"]),
        "store": stores.index(store.location) if store and store.location in stores else None,
        "aliases": [store.alias.lower()] if store and store.alias else [],
        "demand": _demand(item),
        "listens": _listens(item),
    }


def _listens(item: Connection) -> str | None:
    """The server's own address of a port in front of which AT-TLS stands; None where callers' will do."""
    return (item.host if item.host != "*" else "127.0.0.1") if item.server_attls else None


def _demand(item: Connection) -> str:
    ring = item.inbound.key_ring if item.inbound else item.standing.key_store.get("location")
    place = item.key_store.location if item.key_store else ring
    demands = [f"serve the certificate from {place}"] if place else ["do TLS"]
    demands.append(f"ask for {'a' if item.asks else 'no'} client certificate")
    if item.client_certificate == "required":
        demands.append("refuse callers without one")
    return f"The port must {', '.join(demands)}."


def _probes(item: Connection) -> Iterator[Json]:
    what = "the port asks for TLS and accepts the caller"
    yield _probe(item, what, kind="accepted", certificate=item.asks, expect=["ok"])
    if item.client_certificate == "required":
        yield _probe(item, "a caller without a certificate is refused", kind="refused", expect=_REFUSED)
    yield _probe(item, "plain http to the port is refused", kind="plain", plain=True, expect=_CLOSED)
    for port in item.plain_http_ports:
        what = f"nothing answers plain http on {port}"
        yield {**_probe(item, what, kind="plain", plain=True, expect=_CLOSED), "port": port}


def _probe(
    item: Connection, what: str, *, kind: str, expect: list[str], certificate: bool = False, plain: bool = False
) -> Json:
    return {
        "connection": item.name,
        "kind": kind,
        "title": f"{item.name}: {what}",
        "port": item.port,
        "certificate": certificate,
        "plain": plain,
        "accepted": expect == ["ok"],
        "expect": expect,
        # What a declaration does not say is not judged.
        "client_certificate_requested": item.asks if item.client_certificate else None,
        "min_protocol": item.profile.protocols[0],
        "max_protocol": item.profile.protocols[-1],
    }
