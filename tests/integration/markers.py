# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets that are known when they are seen, in every form."""

from __future__ import annotations

import base64
import re

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords

# Every secret begins so: who shows a part of one shows its beginning.
BEGIN = "ZcsSecret"


def forms() -> dict[str, re.Pattern[str]]:
    """How a secret could be seen: in clear, in {xor}, or within something in Base64, such as a whole file."""
    shifted = [base64.b64encode(b"x" * shift + BEGIN.encode())[(4 if shift else 0) : -4].decode() for shift in range(3)]
    xor = re.escape(passwords.encode_xor(BEGIN)[len("{xor}") :])
    encoded = base64.b64encode(passwords.encode_xor(BEGIN)[len("{xor}") :].encode()).decode()[:12]
    return {
        "in clear": re.compile(BEGIN, re.IGNORECASE),
        "in xor": re.compile(xor),
        "in Base64": re.compile("|".join(map(re.escape, shifted))),
        "in Base64 of xor": re.compile(encoded),
    }


def private_key() -> str:
    """Return what looks like a private key in PEM; each line of its body is a secret in Base64."""
    line = base64.b64encode(f"{BEGIN}OfAKeyInPem".ljust(48, "x").encode()).decode()
    return "\n".join(["-----BEGIN PRIVATE KEY-----", *[line] * 3, "-----END PRIVATE KEY-----", ""])
