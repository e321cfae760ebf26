# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import stack, statements
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.problems import Examined
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import findings
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.attls import RULES


def attls_findings(
    policies: Any, zos_release: Any, waivers: Any = (), severities: Any = None, zos_apars: Any = ()
) -> list[dict[str, Any]]:
    """Say what is weak or not as it seems in AT-TLS policies; see attls_findings.yml."""
    try:
        statements.release(zos_release, "zos_release")
        subject = Examined(stack.read(policies), statements.level(zos_release, zos_apars))
        found = findings.judge(subject, rules=RULES, waivers=waivers or (), severities=severities)  # type: ignore[arg-type]
        return [finding.shown() for finding in found]
    except SecurityError as e:
        raise AnsibleFilterError(str(e)) from e


class FilterModule:
    """Filters of zosconnect.security."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"attls_findings": attls_findings}
