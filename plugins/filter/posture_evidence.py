# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.plugin_utils.report import evidence, site, table


def posture_evidence(hosts: Any, variables: Any, name: str, time: str) -> dict[str, Any]:
    """Return evidence on many hosts; see posture_evidence.yml."""
    if not isinstance(variables, Mapping) or not isinstance(hosts, (list, tuple)):
        raise AnsibleFilterError("posture_evidence: needs a list of hosts, and hostvars.")
    told = site.read({host: _result(variables, host, name) for host in hosts}, time=str(time))
    return {"report": evidence.report(told), "csv": table.render(told)}


def _result(variables: Mapping[str, Any], host: str, name: str) -> Mapping[str, Any]:
    result = variables[host].get(name) if host in variables else None
    return result if isinstance(result, Mapping) else {}


class FilterModule:
    """Filters of zosconnect.security."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"posture_evidence": posture_evidence}
