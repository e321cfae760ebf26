# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which protocols a cipher suite is for, and which suites FIPS 140 forbids.

The codes are IANA's; that TLS 1.3 shares no suite with older protocols is its RFC 8446. The suites with GCM or with
SHA-256 and SHA-384 came with TLS 1.2 (RFC 5246, 5288, 5289).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import values
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Statement

_OLD = frozenset({"SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"})
_ONLY_12 = frozenset({"TLSv1.2"})
_ONLY_13 = frozenset({"TLSv1.3"})
_CODE = re.compile(r"[0-9A-F]{4}")
_12 = """
    003B 003C 003D 003E 003F 0040 0067 0068 0069 006A 006B 006C 006D 009C 009D 009E 009F 00A0 00A1 00A2 00A3 00A4 00A5
    C023 C024 C025 C026 C027 C028 C029 C02A C02B C02C C02D C02E C02F C030 C031 C032 CCA8 CCA9
"""
_CODES_12 = frozenset(_12.split())
_NAME_12 = re.compile(r".*_WITH_.*(?:GCM|CCM|CHACHA20|_SHA256|_SHA384).*")
_NOT_FIPS = """
    0000 0001 0002 0003 0004 0005 0006 0007 0008 0009 000B 000C 000E 000F 0011 0012 0014 0015 003B
    1303 C001 C002 C006 C007 C00B C00C C010 C011 CCA8 CCA9
"""
_CODES_NOT_FIPS = frozenset(_NOT_FIPS.split())
_NAME_NOT_FIPS = re.compile(r".*(?:_NULL_|_RC2_|_RC4_|_DES_|_DES40_|_EXPORT|_IDEA_|CHACHA20|_MD5).*")


def suites(parameters: Statement) -> Iterator[str]:
    """Give the suites of a TTLSCipherParms for SSL 3.0 and later: names, and codes of four digits."""
    for known in parameters.parameters:
        if known.name in ("V3CipherSuites", "V3CipherSuites4Char") and known.type:
            for code in values.codes(known.type.kind, known.value):
                yield f"00{code}" if len(code) == 2 else code


def protocols(suite: str) -> frozenset[str]:
    """Return the protocols that a suite is for."""
    if _CODE.fullmatch(suite):
        return _ONLY_13 if suite.startswith("13") else _ONLY_12 if suite in _CODES_12 else _OLD
    if "_WITH_" not in suite:
        return _ONLY_13
    return _ONLY_12 if _NAME_12.fullmatch(suite) else _OLD


def fips(suite: str) -> bool:
    """Say whether FIPS 140 allows a suite."""
    if _CODE.fullmatch(suite):
        return suite not in _CODES_NOT_FIPS
    return not _NAME_NOT_FIPS.fullmatch(suite)
