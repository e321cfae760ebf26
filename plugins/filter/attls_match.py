# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import match, stack, statements
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError


def attls_match(policies: Any, connection: Any, zos_release: Any) -> dict[str, Any]:
    """Say which AT-TLS rule a connection gets; see attls_match.yml."""
    try:
        release = statements.release(zos_release, "zos_release")
        return match.match(stack.read(policies), match.read(connection), release)
    except SecurityError as e:
        raise AnsibleFilterError(str(e)) from e


class FilterModule:
    """Filters of zosconnect.security."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"attls_match": attls_match}
