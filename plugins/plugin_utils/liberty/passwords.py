# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Liberty's password encodings.

``{xor}`` is no protection: the UTF-8 bytes, each XOR 0x5F, in Base64. It keeps a password from being read over a
shoulder.
"""

from __future__ import annotations

import base64
import binascii
import re

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

# What AWX puts in place of a secret survey answer that it does not know, as in an imported workflow node.
AWX_LOST = "$encrypted$"
_MASK = 0x5F
_ENCODED = re.compile(r"\{([A-Za-z][\w.:-]*)\}")


def algorithm(text: str) -> str | None:
    """Return the encoding that ``text`` names at its start, in lower case (``xor``, ``aes``, ``hash``, …), or None."""
    match = _ENCODED.match(text)
    return match[1].lower() if match else None


def encode_xor(password: str) -> str:
    """Return ``password`` in Liberty's ``{xor}`` form."""
    return "{xor}" + base64.b64encode(bytes(b ^ _MASK for b in password.encode())).decode("ascii")


def decode(text: str) -> str:
    """Return the password behind ``text``: plain text as it is, ``{xor}`` decoded; anything else is a SecurityError."""
    name = algorithm(text)
    if name is None:
        return text
    if name != "xor":
        raise SecurityError(
            f"a password in the encoding {{{name}}} cannot be decoded; only {{xor}} and plain text can."
        )
    try:
        return bytes(b ^ _MASK for b in base64.b64decode(text[len("{xor}") :], validate=True)).decode()
    except (binascii.Error, UnicodeDecodeError) as e:
        raise SecurityError("a password begins with {xor} but what follows is not valid; encode it again.") from e


def check_wished(password: str, where: str) -> None:
    """Refuse what cannot be meant as a secret: nothing, a redaction mark, or what AWX leaves of a lost survey
    answer.
    """
    if not password:
        raise SecurityError(f"{where}: the secret is empty; give it, or remove the attribute with null.")
    if password == AWX_LOST:
        raise SecurityError(
            f"{where}: the secret is the text $encrypted$, which AWX leaves where a password was lost on import; "
            "enter the password again."
        )
    if set(password) == {"*"}:
        raise SecurityError(
            f"{where}: the secret is a redaction mark ({password}), so it comes from an output; give the real one."
        )
