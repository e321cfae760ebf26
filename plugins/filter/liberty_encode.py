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

_ENCODINGS = (passwords.XOR, passwords.AES, passwords.AES_128)


def _encode(password: str, encoding: str, keys: Keys) -> str:
    passwords.check_desired(password, "liberty_encode")
    if encoding not in _ENCODINGS:
        raise SecurityError(f"liberty_encode: {encoding!r} is not one of {', '.join(_ENCODINGS)}.")
    if name := passwords.algorithm(password):
        raise SecurityError(
            f"liberty_encode: the text is encoded already ({{{name}}}); encoding it again would change the password."
        )
    return passwords.encode(password, encoding, keys)


def liberty_encode(
    password: Any, encoding: str = passwords.XOR, key: str | None = None, base64_key: str | None = None
) -> str:
    """Return ``password`` as Liberty's securityUtility encodes it."""
    if not isinstance(password, str):
        raise AnsibleFilterError(f"liberty_encode: needs text, not {described(password)}.")
    try:
        return _encode(password, encoding, Keys(key, base64_key))
    except SecurityError as e:
        raise AnsibleFilterError(str(e)) from e


class FilterModule:
    """Filters of zosconnect.security."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"liberty_encode": liberty_encode}
