# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt import fleet
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError


def adopted_files(results: Any) -> dict[str, Any]:
    """Return files of variables for a group and its hosts, of what each host was adopted as; see adopted_files.yml."""
    try:
        return fleet.files(results)
    except SecurityError as e:
        raise AnsibleFilterError(f"adopted_files: {e}") from e


class FilterModule:
    """Filters of zosconnect.security."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"adopted_files": adopted_files}
