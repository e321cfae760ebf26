# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Liberty's ``{xor}``, which hides a password from nobody: the same for both sides. PRIVATE to this collection.

Standard library only, Python 3.9.
"""

from __future__ import annotations

import base64
import re

XOR = "xor"
_MASK = 0x5F
_ENCODED = re.compile(r"\{([A-Za-z][\w.:-]*)\}")


def algorithm(text: str) -> str | None:
    """Return the encoding that ``text`` names at its start, in lower case (``xor``, ``aes``, ``hash``, …), or None."""
    match = _ENCODED.match(text)
    return match[1].lower() if match else None


def encode_xor(password: str) -> str:
    """Return ``password`` in Liberty's ``{xor}`` form."""
    return "{xor}" + base64.b64encode(bytes(b ^ _MASK for b in password.encode())).decode("ascii")


def decode_xor(text: str) -> str:
    """Return the password behind ``{xor}``; ValueError where nobody could decode it."""
    # Not Base64, not even ASCII, or not UTF-8 behind it.
    return bytes(b ^ _MASK for b in base64.b64decode(text[len("{xor}") :], validate=True)).decode()
