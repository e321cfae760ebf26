# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cipher suites: what they are called, which protocols they are for, and what is weak about them.

Codes and names are those of the IANA registry "TLS Cipher Suites", as far as System SSL ("Cipher suite definitions" in
z/OS Cryptographic Services System SSL Programming) or a JSSE provider of Java 8 or later knows them. IBM's Java 8
writes ``SSL_`` where the registry writes ``TLS_``. Two digits stand for 00 and these two (System SSL's older codes).

What is weak is judged by RFC 9325, section 4.1 (MUST NOT: NULL, RC4, less than 112 bits, such as EXPORT and DES; SHOULD
NOT: less than 128 bits, such as 3DES, and key exchange without forward secrecy), NIST SP 800-52 Rev. 2, section 3.3.1,
and the DISA STIG for WebSphere Liberty, V-250347 (EXPORT). Anonymous suites: RFC 5246, A.5. MD5: RFC 6151.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum


class Weakness(Enum):
    """Why a suite should not be used, the worst first; the value is what a sentence says after "it has"."""

    NULL = "no encryption"
    ANONYMOUS = "no authentication"
    EXPORT = "export keys of 40 or 56 bits"
    RC4 = "RC4"
    RC2 = "RC2"
    DES = "DES"
    MD5 = "MD5"
    TRIPLE_DES = "3DES"
    NO_FORWARD_SECRECY = "no forward secrecy"

    @property
    def broken(self) -> bool:
        """Whether it must not be used at all (RFC 9325: MUST NOT); otherwise it should not be used any more."""
        return self not in (Weakness.TRIPLE_DES, Weakness.NO_FORWARD_SECRECY)


@dataclass(frozen=True)
class Suite:
    """One cipher suite: its code of four hexadecimal digits, and its name in the IANA registry."""

    code: str
    name: str

    @property
    def protocols(self) -> frozenset[str]:
        """The protocols it is for, as AT-TLS calls them: SSLv3, TLSv1, TLSv1.1, TLSv1.2, TLSv1.3."""
        return protocols(self.name)

    @property
    def weaknesses(self) -> tuple[Weakness, ...]:
        """What is weak about it, the worst first; empty where nothing is."""
        return weaknesses(self.name)


_OLD = frozenset({"SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"})
_ONLY_12 = frozenset({"TLSv1.2"})
_ONLY_13 = frozenset({"TLSv1.3"})
# The suites with GCM or with SHA-256 and SHA-384 came with TLS 1.2 (RFC 5246, 5288, 5289).
_NEW_IN_12 = re.compile(r"GCM|CCM|CHACHA20|_SHA256$|_SHA384$")
_CODE = re.compile(r"(?:[0-9A-F]{2}){1,2}", re.IGNORECASE)
_NAME = re.compile(r"(?:TLS|SSL)_(\w+)", re.IGNORECASE)
# What stands in lists of suites and is none: it tells the partner something (RFC 5746, RFC 7507).
SIGNALS = ("TLS_EMPTY_RENEGOTIATION_INFO_SCSV", "TLS_FALLBACK_SCSV")
_WORDS = {
    Weakness.NULL: re.compile(r"(?:^|_)NULL(?:_|$)"),
    Weakness.ANONYMOUS: re.compile(r"_ANON(?:_|$)|^NULL_"),
    Weakness.EXPORT: re.compile(r"_EXPORT(?:1024)?_"),
    Weakness.RC4: re.compile(r"_RC4_"),
    Weakness.RC2: re.compile(r"_RC2_"),
    Weakness.DES: re.compile(r"_DES(?:40)?_"),
    Weakness.MD5: re.compile(r"_MD5$"),
    Weakness.TRIPLE_DES: re.compile(r"_3DES_"),
    Weakness.NO_FORWARD_SECRECY: re.compile(r"^(?:RSA|DH|ECDH|KRB5|NULL)_(?!ANON).*WITH_"),
}
# Without TLS_ in front.
_TABLE = """
    0000 NULL_WITH_NULL_NULL  0001 RSA_WITH_NULL_MD5  0002 RSA_WITH_NULL_SHA  0003 RSA_EXPORT_WITH_RC4_40_MD5
    0004 RSA_WITH_RC4_128_MD5  0005 RSA_WITH_RC4_128_SHA  0006 RSA_EXPORT_WITH_RC2_CBC_40_MD5
    0007 RSA_WITH_IDEA_CBC_SHA  0008 RSA_EXPORT_WITH_DES40_CBC_SHA  0009 RSA_WITH_DES_CBC_SHA
    000A RSA_WITH_3DES_EDE_CBC_SHA  000B DH_DSS_EXPORT_WITH_DES40_CBC_SHA  000C DH_DSS_WITH_DES_CBC_SHA
    000D DH_DSS_WITH_3DES_EDE_CBC_SHA  000E DH_RSA_EXPORT_WITH_DES40_CBC_SHA  000F DH_RSA_WITH_DES_CBC_SHA
    0010 DH_RSA_WITH_3DES_EDE_CBC_SHA  0011 DHE_DSS_EXPORT_WITH_DES40_CBC_SHA  0012 DHE_DSS_WITH_DES_CBC_SHA
    0013 DHE_DSS_WITH_3DES_EDE_CBC_SHA  0014 DHE_RSA_EXPORT_WITH_DES40_CBC_SHA  0015 DHE_RSA_WITH_DES_CBC_SHA
    0016 DHE_RSA_WITH_3DES_EDE_CBC_SHA  0017 DH_anon_EXPORT_WITH_RC4_40_MD5  0018 DH_anon_WITH_RC4_128_MD5
    0019 DH_anon_EXPORT_WITH_DES40_CBC_SHA  001A DH_anon_WITH_DES_CBC_SHA  001B DH_anon_WITH_3DES_EDE_CBC_SHA
    001E KRB5_WITH_DES_CBC_SHA  001F KRB5_WITH_3DES_EDE_CBC_SHA  0020 KRB5_WITH_RC4_128_SHA
    0022 KRB5_WITH_DES_CBC_MD5  0023 KRB5_WITH_3DES_EDE_CBC_MD5  0024 KRB5_WITH_RC4_128_MD5
    0026 KRB5_EXPORT_WITH_DES_CBC_40_SHA  0028 KRB5_EXPORT_WITH_RC4_40_SHA  0029 KRB5_EXPORT_WITH_DES_CBC_40_MD5
    002B KRB5_EXPORT_WITH_RC4_40_MD5  002F RSA_WITH_AES_128_CBC_SHA  0030 DH_DSS_WITH_AES_128_CBC_SHA
    0031 DH_RSA_WITH_AES_128_CBC_SHA  0032 DHE_DSS_WITH_AES_128_CBC_SHA  0033 DHE_RSA_WITH_AES_128_CBC_SHA
    0034 DH_anon_WITH_AES_128_CBC_SHA  0035 RSA_WITH_AES_256_CBC_SHA  0036 DH_DSS_WITH_AES_256_CBC_SHA
    0037 DH_RSA_WITH_AES_256_CBC_SHA  0038 DHE_DSS_WITH_AES_256_CBC_SHA  0039 DHE_RSA_WITH_AES_256_CBC_SHA
    003A DH_anon_WITH_AES_256_CBC_SHA  003B RSA_WITH_NULL_SHA256  003C RSA_WITH_AES_128_CBC_SHA256
    003D RSA_WITH_AES_256_CBC_SHA256  003E DH_DSS_WITH_AES_128_CBC_SHA256  003F DH_RSA_WITH_AES_128_CBC_SHA256
    0040 DHE_DSS_WITH_AES_128_CBC_SHA256  0067 DHE_RSA_WITH_AES_128_CBC_SHA256  0068 DH_DSS_WITH_AES_256_CBC_SHA256
    0069 DH_RSA_WITH_AES_256_CBC_SHA256  006A DHE_DSS_WITH_AES_256_CBC_SHA256  006B DHE_RSA_WITH_AES_256_CBC_SHA256
    006C DH_anon_WITH_AES_128_CBC_SHA256  006D DH_anon_WITH_AES_256_CBC_SHA256  009C RSA_WITH_AES_128_GCM_SHA256
    009D RSA_WITH_AES_256_GCM_SHA384  009E DHE_RSA_WITH_AES_128_GCM_SHA256  009F DHE_RSA_WITH_AES_256_GCM_SHA384
    00A0 DH_RSA_WITH_AES_128_GCM_SHA256  00A1 DH_RSA_WITH_AES_256_GCM_SHA384  00A2 DHE_DSS_WITH_AES_128_GCM_SHA256
    00A3 DHE_DSS_WITH_AES_256_GCM_SHA384  00A4 DH_DSS_WITH_AES_128_GCM_SHA256  00A5 DH_DSS_WITH_AES_256_GCM_SHA384
    00A6 DH_anon_WITH_AES_128_GCM_SHA256  00A7 DH_anon_WITH_AES_256_GCM_SHA384  1301 AES_128_GCM_SHA256
    1302 AES_256_GCM_SHA384  1303 CHACHA20_POLY1305_SHA256  C001 ECDH_ECDSA_WITH_NULL_SHA
    C002 ECDH_ECDSA_WITH_RC4_128_SHA  C003 ECDH_ECDSA_WITH_3DES_EDE_CBC_SHA  C004 ECDH_ECDSA_WITH_AES_128_CBC_SHA
    C005 ECDH_ECDSA_WITH_AES_256_CBC_SHA  C006 ECDHE_ECDSA_WITH_NULL_SHA  C007 ECDHE_ECDSA_WITH_RC4_128_SHA
    C008 ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA  C009 ECDHE_ECDSA_WITH_AES_128_CBC_SHA
    C00A ECDHE_ECDSA_WITH_AES_256_CBC_SHA  C00B ECDH_RSA_WITH_NULL_SHA  C00C ECDH_RSA_WITH_RC4_128_SHA
    C00D ECDH_RSA_WITH_3DES_EDE_CBC_SHA  C00E ECDH_RSA_WITH_AES_128_CBC_SHA  C00F ECDH_RSA_WITH_AES_256_CBC_SHA
    C010 ECDHE_RSA_WITH_NULL_SHA  C011 ECDHE_RSA_WITH_RC4_128_SHA  C012 ECDHE_RSA_WITH_3DES_EDE_CBC_SHA
    C013 ECDHE_RSA_WITH_AES_128_CBC_SHA  C014 ECDHE_RSA_WITH_AES_256_CBC_SHA  C015 ECDH_anon_WITH_NULL_SHA
    C016 ECDH_anon_WITH_RC4_128_SHA  C017 ECDH_anon_WITH_3DES_EDE_CBC_SHA  C018 ECDH_anon_WITH_AES_128_CBC_SHA
    C019 ECDH_anon_WITH_AES_256_CBC_SHA  C023 ECDHE_ECDSA_WITH_AES_128_CBC_SHA256
    C024 ECDHE_ECDSA_WITH_AES_256_CBC_SHA384  C025 ECDH_ECDSA_WITH_AES_128_CBC_SHA256
    C026 ECDH_ECDSA_WITH_AES_256_CBC_SHA384  C027 ECDHE_RSA_WITH_AES_128_CBC_SHA256
    C028 ECDHE_RSA_WITH_AES_256_CBC_SHA384  C029 ECDH_RSA_WITH_AES_128_CBC_SHA256
    C02A ECDH_RSA_WITH_AES_256_CBC_SHA384  C02B ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
    C02C ECDHE_ECDSA_WITH_AES_256_GCM_SHA384  C02D ECDH_ECDSA_WITH_AES_128_GCM_SHA256
    C02E ECDH_ECDSA_WITH_AES_256_GCM_SHA384  C02F ECDHE_RSA_WITH_AES_128_GCM_SHA256
    C030 ECDHE_RSA_WITH_AES_256_GCM_SHA384  C031 ECDH_RSA_WITH_AES_128_GCM_SHA256
    C032 ECDH_RSA_WITH_AES_256_GCM_SHA384  CCA8 ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
    CCA9 ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256  CCAA DHE_RSA_WITH_CHACHA20_POLY1305_SHA256
    FEFE RSA_FIPS_WITH_DES_CBC_SHA  FEFF RSA_FIPS_WITH_3DES_EDE_CBC_SHA
"""


def _read() -> Iterator[Suite]:
    entries = _TABLE.split()
    for code, name in zip(entries[::2], entries[1::2], strict=True):
        yield Suite(code, f"TLS_{name}")


SUITES: tuple[Suite, ...] = tuple(_read())
_BY_CODE = {suite.code: suite for suite in SUITES}
_BY_NAME = {suite.name[4:].upper(): suite for suite in SUITES}


def find(written: str) -> Suite | None:
    """Return the suite of a name (``TLS_`` or ``SSL_``, in any case) or of a code of two or four hexadecimal digits.

    Java itself is stricter: its names have case. Compare with ``Suite.name`` where that counts.
    """
    if _CODE.fullmatch(written):
        return _BY_CODE.get(written.upper().rjust(4, "0"))
    name = _NAME.fullmatch(written)
    return _BY_NAME.get(name[1].upper()) if name else None


def unknown(written: Iterable[str]) -> list[str]:
    """Return the names and codes that stand in no list, in their order; signals such as the SCSV are known."""
    return [item for item in written if item.upper() not in SIGNALS and find(item) is None]


def weaknesses(written: str) -> tuple[Weakness, ...]:
    """Return what is weak about a suite, the worst first. An unlisted name is judged by its words."""
    name = _bare_name(written)
    return tuple(weakness for weakness, words in _WORDS.items() if words.search(name))


def encrypts(written: str) -> bool:
    """Say whether a suite encrypts; one with NULL shows everything to everybody (RFC 9325, section 4.1)."""
    return Weakness.NULL not in weaknesses(written)


def protocols(written: str) -> frozenset[str]:
    """Return the protocols that a suite is for; TLS 1.3 shares none with older ones (RFC 8446)."""
    name = _bare_name(written)
    if not name:
        return _ONLY_13 if written.startswith("13") and len(written) == 4 else _OLD
    if "_WITH_" not in name:
        return _ONLY_13
    return _ONLY_12 if _NEW_IN_12.search(name) else _OLD


def fips(written: str) -> bool:
    """Say whether FIPS 140 allows a suite: no broken algorithm, and neither IDEA nor ChaCha20."""
    broken = any(weakness.broken for weakness in weaknesses(written))
    return not broken and not re.search("IDEA|CHACHA20", _bare_name(written))


def names() -> list[str]:
    """Return the names of all known suites, for hints at what was meant."""
    return [suite.name for suite in SUITES]


def _bare_name(written: str) -> str:
    """Return a suite's name in upper case without TLS_ or SSL_; an empty text for a code that nobody knows."""
    suite = find(written)
    found = _NAME.fullmatch(suite.name if suite else written)
    return found[1].upper() if found else ""
