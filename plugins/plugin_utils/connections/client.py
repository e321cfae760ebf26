# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The z/OS programs that call: CICS regions, IMS regions, batch jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.profile import Profile
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import (
    Reader,
    address,
    identifier,
    key_ring,
    label,
    mapping,
    mvs_name,
    one_of,
    priority,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

TYPES = ("cics", "ims", "batch")


@dataclass(frozen=True)
class Client:
    """A program, or a group of them, by job name or user ID (an asterisk at the end stands for anything).

    ``key_ring`` and ``certificate_label`` are those of whoever does TLS for it: CICS itself, or the AT-TLS rule.
    ``local_address`` is its own IP address, where only that of several shall count. ``settings`` are more of what
    cics_urimap (a CICS region) or baq_environment (IMS, batch) takes.
    """

    name: str
    type: str
    profile: Profile
    job_name: str | None = None
    user_id: str | None = None
    local_address: str | None = None
    key_ring: str | None = None
    certificate_label: str | None = None
    priority: int = 255
    settings: Mapping[str, Any] = field(default_factory=dict)


def clients(default: Profile) -> Callable[[object, str], tuple[Client, ...]]:
    """Return the reader of a list of clients; what they do not say of TLS is as the connection says."""

    def read(given: object, where: str) -> tuple[Client, ...]:
        if isinstance(given, str) or not isinstance(given, Sequence):
            raise SecurityError(f"{where}: must be a list of clients.")
        found = tuple(_client(item, f"{where}[{number}]", default) for number, item in enumerate(given))
        seen = [client.name for client in found]
        for number, name in enumerate(seen):
            if name in seen[:number]:
                raise SecurityError(f"{where}[{number}].name: {name} is the name of another client already.")
        return found

    return read


def _client(given: object, where: str, default: Profile) -> Client:
    reader = Reader(given, where)
    client = Client(
        name=reader.need("name", identifier),
        type=reader.need("type", one_of(TYPES)),
        profile=profile.read(reader, default),
        job_name=reader.take("job_name", mvs_name),
        user_id=reader.take("user_id", mvs_name),
        local_address=reader.take("local_address", address),
        key_ring=reader.take("key_ring", key_ring),
        certificate_label=reader.take("certificate_label", label),
        priority=reader.take("priority", priority, Client.priority),
        settings=reader.take("settings", mapping, {}),
    )
    reader.done()
    return client
