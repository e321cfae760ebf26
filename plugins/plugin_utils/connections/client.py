# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The z/OS programs that call: CICS regions, IMS regions, batch jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import attls_end, profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.attls_end import AttlsEnd
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.profile import Profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import (
    address,
    identifier,
    items,
    key_ring,
    mapped,
    mapping,
    one_of,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

TYPES = ("cics", "ims", "batch")


@dataclass(frozen=True, kw_only=True)
class Client(AttlsEnd):
    """A program, or a group of them by job name or user ID, and the end of the connection that is theirs.

    ``settings`` are more of what cics_urimap (a CICS region) or baq_environment (IMS, batch) takes.
    """

    name: str
    type: str
    profile: Profile
    settings: Mapping[str, Any] = field(default_factory=dict)


def clients(default: Profile) -> Callable[[object, str], tuple[Client, ...]]:
    """Return the reader of a list of clients; what they do not say of TLS is as the connection says."""

    def read(given: object, where: str) -> tuple[Client, ...]:
        listed = enumerate(items(given, where))
        found = tuple(_client(default)(item, f"{where}[{number}]") for number, item in listed)
        seen = [client.name for client in found]
        for number, name in enumerate(seen):
            if name in seen[:number]:
                raise SecurityError(f"{where}[{number}].name: {name} is the name of another client already.")
        return found

    return read


def _client(default: Profile) -> Callable[[object, str], Client]:
    return mapped(
        lambda reader: Client(
            name=reader.need("name", identifier),
            type=reader.need("type", one_of(TYPES)),
            profile=profile.read(reader, default),
            key_ring=reader.take("key_ring", key_ring),
            local_address=reader.take("local_address", address),
            settings=reader.take("settings", mapping, {}),
            **attls_end.common(reader),
        )
    )
