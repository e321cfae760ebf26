# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import flows, stack, statements
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError


def attls_flows(
    policies: object,
    zos_release: object,
    connections: object = None,
    protection: object = "clear",
    before: object = None,
) -> dict[str, Any]:
    """Say what becomes of all connections of a kind; see attls_flows.yml."""
    try:
        return flows.flows(
            stack.read(policies),
            flows.read({} if connections is None else connections),
            before=None if before is None else stack.read(before, "before"),
            protections=flows.protections(protection),
            release=statements.release(zos_release, "zos_release"),
        )
    except SecurityError as e:
        raise AnsibleFilterError(str(e)) from e


class FilterModule:
    """Filters of zosconnect.security."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"attls_flows": attls_flows}
