# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which names hold secrets: attributes, elements, variables, options and headers, on the controller and on the target.

A test compares this with the metatypes of the Open Liberty that the tests use: every attribute of the type password is
known here, and no other one but those that are named in it. PRIVATE to this collection. Standard library only,
Python 3.9.
"""

from __future__ import annotations

import re

# A name that holds one of these says that it holds a secret …
WORDS = (
    *("passw", "passphrase", "pwd", "secret", "credentialvalue", "credential_value", "privatekey", "private_key"),
    *("requestbody", "apikey", "api_key", "encryption.key"),
    *("keyringpw", "gsk_ldap_user_pw"),
)
# … or one that ends so: accessTokenLifetime and sharedKeyEncryptionEnabled are none.
ENDINGS = tuple(
    f"{first}{between}{last}"
    for first, last in (("shared", "key"), ("access", "token"), ("api", "token"), ("bearer", "token"))
    for between in ("", "_", ".", "-")
)
# Names of Liberty and of this collection, in lower case, that speak about secrets and hold none.
HARMLESS = frozenset(
    {
        *("apppasswordallowed", "apppasswordlifetime", "apptokenorpasswordlimit", "clientsecretencoding"),
        *("jwtaccesstoken", "passwordgrantrequiresapppassword", "postparammaxrequestbodysize"),
        *("savepasswordwhenserialized", "password_encoding"),
    }
)
# Headers of HTTP that log somebody in, or hold what does, in lower case (RFC 9110, RFC 6265), and endings of such.
_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "cookie2", "set-cookie", "set-cookie2"})
_HEADER_ENDINGS = ("-token", "-key")
# A name and what it holds, as in JSON, a form, a query or a line of text.
_PAIR = re.compile(
    r"""(?<![\w.-])([\w.-]{1,200})["']?\s{0,9}[:=]\s{0,9}(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"'&;,<>{}\[\]]+))"""
)
# One of these is in every such name that is no secret name already.
HEADER_WORDS = ("authorization", "cookie", *_HEADER_ENDINGS)


def is_secret_name(name: str) -> bool:
    """Say whether an attribute, element, variable or option of this name holds a secret."""
    lower = name.lower()
    return lower not in HARMLESS and (lower.endswith(ENDINGS) or any(word in lower for word in WORDS))


def is_secret_header(name: str) -> bool:
    """Say whether an HTTP header of this name holds a secret."""
    lower = name.lower()
    return lower in _HEADERS or lower.endswith(_HEADER_ENDINGS) or is_secret_name(lower)


def named_secrets(text: str) -> list[tuple[str, int, int]]:
    """Return name, start and end of each value in a request or answer of HTTP that its name tells to be a secret."""
    found = ((match[1], *match.span(match.lastindex or 0)) for match in _PAIR.finditer(text))
    return [(name, start, end) for name, start, end in found if start < end and _is_secret_field(name)]


def _is_secret_field(name: str) -> bool:
    return is_secret_name(name) or name.lower() == "token" or name.lower().endswith("_token")
