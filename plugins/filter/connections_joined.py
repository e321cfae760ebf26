# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt import fleet
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError


def connections_joined(common: Any, own: Any) -> list[dict[str, Any]]:
    """Return a server's connections: what all have in common, with its own laid over; see connections_joined.yml."""
    try:
        return fleet.joined(common, own)
    except SecurityError as e:
        raise AnsibleFilterError(f"connections_joined: {e}") from e


class FilterModule:
    """Filters of zosconnect.security."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"connections_joined": connections_joined}
