# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import evidence


def posture_lines(result: Any) -> list[str]:
    """Return a result of server_config_info as readable lines; see posture_lines.yml."""
    try:
        return evidence.lines(result)
    except SecurityError as e:
        raise AnsibleFilterError(f"posture_lines: {e}") from e


class FilterModule:
    """Filters of zosconnect.security."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"posture_lines": posture_lines}
