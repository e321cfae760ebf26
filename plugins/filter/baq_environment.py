# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.plugin_utils.clients import baq
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError


def baq_environment(declared: Any) -> dict[str, Any]:
    """Turn a declared IMS or batch client into its environment; see baq_environment.yml."""
    try:
        return asdict(baq.plan(declared))
    except SecurityError as e:
        raise AnsibleFilterError(str(e)) from e


class FilterModule:
    """Filters of zosconnect.security."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"baq_environment": baq_environment}
