# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What only the declaration of a server's connections knows: who calls, and what files of the server do not tell.

The declaration is judged by those who apply it. Here what is no declaration tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import clean
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.site import (
    Call,
    Caller,
    ClientCertificate,
    Port,
    Protection,
    Server,
    Site,
)

Json = Mapping[str, Any]
_CERTIFICATES: dict[str, ClientCertificate] = {"required": "required", "supported": "supported", "none": "none"}


def joined(site: Site, connections: Mapping[str, object]) -> Site:
    """Return a site whose ports and calls tell what is declared of them; ``connections`` are lists by host."""
    servers = [_joined(server, list(_items(connections.get(server.host)))) for server in site.servers]
    return replace(site, servers=tuple(servers))


def _items(given: object) -> Iterator[Json]:
    if isinstance(given, Sequence) and not isinstance(given, str):
        yield from (item for item in given if isinstance(item, Mapping))


def _joined(server: Server, connections: Sequence[Json]) -> Server:
    by_port = {str(one.get("port")): one for one in connections if "endpoint" not in one}
    by_name = {str(one.get("name")): one for one in connections if "endpoint" in one}
    return replace(
        server,
        ports=tuple(_port(port, by_port.get(str(port.number))) for port in server.ports),
        calls=tuple(_call(call, by_name.get(call.id)) for call in server.calls),
    )


def _port(port: Port, declared: Json | None) -> Port:
    if declared is None or port.protection in ("clear", "unknown"):
        return port
    by: Protection = "attls" if declared.get("caller_tls") == "attls" else "jsse"
    named = [(clean(one.get("name", "")), clean(one.get("type", ""))) for one in _items(declared.get("clients"))]
    named = named or [(clean(declared.get("name", "")), "programs" if by == "attls" else "cics")]
    return replace(
        port,
        callers=tuple(Caller(name, kind, by) for name, kind in named),
        client_certificate=_certificate(port.client_certificate, declared),
    )


def _call(call: Call, declared: Json | None) -> Call:
    if declared is None or call.protection in ("clear", "unknown"):
        return call
    return replace(call, client_certificate=_certificate(call.client_certificate, declared))


def _certificate(seen: ClientCertificate, declared: Json) -> ClientCertificate:
    """What was seen counts; what nobody saw is as declared, where something is."""
    if seen not in ("unknown", "supported"):
        return seen
    return _CERTIFICATES.get(str(declared.get("client_certificate")), seen)
