# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import described
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.aes import Keys


def liberty_decode(password: Any, key: str | None = None, base64_key: str | None = None) -> str:
    """Return the password behind a {xor} or {aes} text, plain text as it is."""
    if not isinstance(password, str):
        raise AnsibleFilterError(f"liberty_decode: needs text, not {described(password)}.")
    try:
        return passwords.decode(password, Keys(key, base64_key))
    except SecurityError as e:
        # Newer cores append the causes, which say less.
        raise AnsibleFilterError(str(e)) from None


class FilterModule:
    """Filters of zosconnect.security."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"liberty_decode": liberty_decode}
