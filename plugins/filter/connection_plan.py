# Copyright: (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import conflicts
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import described
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError


def connection_plan(
    declared: Any,
    identity_rule: str | None = None,
    present: str | None = None,
    *,
    state: str = "present",
    side: str = "both",
    ports: list[dict[str, Any]] | None = None,
    policy_files: dict[str, dict[str, str]] | None = None,
    present_policies: dict[str, str] | None = None,
    policy_encoding: str | None = None,
) -> dict[str, Any]:
    """Turn declared connections into the wishes for every artefact; see connection_plan.yml."""
    connections = [declared] if isinstance(declared, Mapping) else declared
    if not isinstance(connections, list):
        raise AnsibleFilterError(
            f"connection_plan: needs a connection or a list of connections, not {described(declared)}."
        )
    try:
        return plan(
            connections,
            state=state,
            side=side,
            identity_rule=identity_rule or None,
            present=base64.b64decode(present) if present else None,
            ports=ports,
            policy_files=policy_files,
            present_policies=_policies(present_policies or {}, policy_files or {}, policy_encoding or None),
        )
    except SecurityError as e:
        raise AnsibleFilterError(f"connection_plan: {e}") from e


def _policies(given: dict[str, str], files: dict[str, dict[str, str]], encoding: str | None) -> dict[str, Policy]:
    """Read the policies that are there, named after their files."""
    return {
        side: conflicts.present(base64.b64decode(content), files.get(side, {}).get("path") or side, encoding)
        for side, content in given.items()
        if content
    }


class FilterModule:
    """Filters of zosconnect.security."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"connection_plan": connection_plan}
