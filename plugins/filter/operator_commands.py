# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.plugin_utils import operator_commands as known
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError


def operator_commands(
    changed: object, job_name: object = known.JOB_NAME, zosconnect_version: object = "2.0"
) -> list[str]:
    """Return the operator commands after which a change counts; see operator_commands.yml."""
    try:
        return known.asked(changed, job_name, zosconnect_version)
    except SecurityError as e:
        raise AnsibleFilterError(f"operator_commands: {e}") from e


class FilterModule:
    """Filters of zosconnect.security."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        return {"operator_commands": operator_commands}
