# Copyright: (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.callers import callers
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError


def connection_callers(own: Any, declared: list[dict[str, Any]], common: dict[str, Any]) -> dict[str, Any]:
    """Return what the caller of each declared connection shows; see connection_callers.yml."""
    try:
        return callers(own, [connection["name"] for connection in declared], common)
    except SecurityError as e:
        raise AnsibleFilterError(f"connection_callers: {e}") from e


class FilterModule:
    """Filters of zosconnect.security."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"connection_callers": connection_callers}
