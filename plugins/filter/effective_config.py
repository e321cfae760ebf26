# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.problems import NOT_READ
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import ports, report, texts


def effective_config(given: Any, variables: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the effective configuration of texts; see effective_config.yml."""
    try:
        effective, _files = texts.effective(given, variables)
    except SecurityError as e:
        raise AnsibleFilterError(f"effective_config: {e}") from e
    unseen = [p.message for p in effective.problems if p.rule in NOT_READ]
    return {
        "complete": not unseen and effective.complete and effective.assembly.refused is None,
        "unseen": unseen,
        "refused": effective.assembly.refused,
        "config": report.config(effective),
        "variables": report.variables(effective),
        "ports": ports.report(effective),
        "problems": report.problems(effective),
    }


class FilterModule:
    """Filters of zosconnect.security."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"effective_config": effective_config}
