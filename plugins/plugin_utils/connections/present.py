# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is there before a declaration is planned: it was all read at once, and the engine takes it as it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server

# What target_read says of one store; entries hold public data only.
Listing = Mapping[str, Any]


@dataclass(frozen=True)
class Present:
    """What is there.

    ``server`` has all its files in it; None where nobody looked. ``stores`` are by path, ``policies`` by side
    (``inbound``, ``outbound``), ``listeners`` by host and port: the address that answers now, None where nobody does.
    ``csd`` is a listing of DFHCSDUP. ``neighbours`` are the directories of other servers with the paths of the files
    that they include as this one does, as far as anybody looked.
    """

    server: Server | None = None
    stores: Mapping[str, Listing] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    listeners: Mapping[tuple[str, int], str | None] = field(default_factory=dict)
    csd: str | None = None
    neighbours: Mapping[str, Collection[str]] = field(default_factory=dict)

    @property
    def effective(self) -> Effective | None:
        """The effective configuration of the server."""
        return self.server.effective() if self.server else None


NOTHING = Present()
