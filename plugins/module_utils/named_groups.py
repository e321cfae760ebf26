# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The groups of the key exchange of TLS, by the names and numbers of IANA's registry "TLS Supported Groups".

Java's names (jdk.tls.namedGroups) are the same; the four digits of AT-TLS (ServerKeyShareGroups 0029) are the numbers.
"""

from __future__ import annotations

# A classical exchange and ML-KEM in one (RFC 10024): what is recorded today stays secret from a quantum computer.
HYBRID = {"X25519MLKEM768": 0x11EC, "SecP256r1MLKEM768": 0x11EB, "SecP384r1MLKEM1024": 0x11ED}
CURVES = {"x25519": 29, "secp256r1": 23, "x448": 30, "secp521r1": 25, "secp384r1": 24}
FINITE_FIELDS = {"ffdhe2048": 256, "ffdhe3072": 257, "ffdhe4096": 258, "ffdhe6144": 259, "ffdhe8192": 260}
GROUPS = {**HYBRID, **CURVES, **FINITE_FIELDS}
NAMES = {number: name for name, number in GROUPS.items()}


def group_name(number: int) -> str:
    """Return a group's registered name, or ``group_<number>`` for one that is not asked for here."""
    return NAMES.get(number, f"group_{number}")
