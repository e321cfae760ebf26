# Copyright: (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import stack
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import findings
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules_attls import RULES, Policies


def attls_findings(policies: Any, zos_release: Any, waivers: Any = (), severities: Any = None) -> list[dict[str, Any]]:
    """Say what is weak or not as it seems in AT-TLS policies; see attls_findings.yml."""
    try:
        subject = Policies(stack.read(policies), stack.release(zos_release, "zos_release"))
        found = findings.judge(subject, rules=RULES, waivers=waivers or (), severities=severities)  # type: ignore[arg-type]
        return [finding.shown() for finding in found]
    except SecurityError as e:
        raise AnsibleFilterError(f"attls_findings: {e}") from e


class FilterModule:
    """Filters of zosconnect.security."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"attls_findings": attls_findings}
