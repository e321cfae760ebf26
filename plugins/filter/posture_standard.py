# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import standards


def posture_standard(
    server: Any, standard: str, stores: Any = None, policies: Any = None, probes: Any = None
) -> dict[str, Any]:
    """Return what the findings say about each rule of a standard; see posture_standard.yml."""
    try:
        _check(server, stores, policies, probes)
        rows = standards.of_results(str(standard), server, stores, policies, probes or ())
        return {"rows": [row.shown() for row in rows], "lines": standards.lines(str(standard), rows)}
    except SecurityError as e:
        raise AnsibleFilterError(f"posture_standard: {e}") from e


def _check(server: Any, stores: Any, policies: Any, probes: Any) -> None:
    if not isinstance(server, Mapping):
        raise SecurityError("needs a result of server_config_info.")
    if stores is not None and not (isinstance(stores, Mapping) and "findings" in stores):
        raise SecurityError("stores: must be a result of keystore_info.")
    if policies is not None and (isinstance(policies, str) or not isinstance(policies, Sequence)):
        raise SecurityError("policies: must be a list of findings, as attls_findings returns it.")
    if probes is not None and not (isinstance(probes, Sequence) and all(isinstance(one, Mapping) for one in probes)):
        raise SecurityError("probes: must be a list of probes, as tls_probe returns it.")


class FilterModule:
    """Filters of zosconnect.security."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"posture_standard": posture_standard}
