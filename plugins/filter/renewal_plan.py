# Copyright: (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.plan import plan


def renewal_plan(given: dict[str, Any], found: dict[str, Any] | None = None) -> dict[str, Any]:
    """Say what is renewed and who must be told; see renewal_plan.yml."""
    try:
        return plan(given, found or {}, datetime.now(UTC).date())
    except SecurityError as e:
        raise AnsibleFilterError(f"renewal_plan: {e}") from e


class FilterModule:
    """Filters of zosconnect.security."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"renewal_plan": renewal_plan}
