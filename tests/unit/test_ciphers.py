# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What cipher suites are called and what is weak about them; OpenSSL is asked for its opinion."""

from __future__ import annotations

import ssl

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils import ciphers
from ansible_collections.zosconnect.security.plugins.plugin_utils.ciphers import Weakness


@pytest.mark.parametrize(
    ("written", "weak"),
    [
        ("TLS_AES_256_GCM_SHA384", []),
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", []),
        ("C030", []),
        ("CCA8", []),
        ("TLS_DHE_RSA_WITH_AES_256_CBC_SHA", []),
        ("TLS_NULL_WITH_NULL_NULL", ["NULL", "ANONYMOUS", "NO_FORWARD_SECRECY"]),
        ("TLS_RSA_WITH_NULL_SHA256", ["NULL", "NO_FORWARD_SECRECY"]),
        ("3B", ["NULL", "NO_FORWARD_SECRECY"]),
        ("C006", ["NULL"]),
        ("SSL_RSA_EXPORT_WITH_DES40_CBC_SHA", ["EXPORT", "DES", "NO_FORWARD_SECRECY"]),
        ("TLS_RSA_EXPORT1024_WITH_RC4_56_SHA", ["EXPORT", "RC4", "NO_FORWARD_SECRECY"]),
        ("SSL_RSA_WITH_RC4_128_MD5", ["RC4", "MD5", "NO_FORWARD_SECRECY"]),
        ("06", ["EXPORT", "RC2", "MD5", "NO_FORWARD_SECRECY"]),
        ("0009", ["DES", "NO_FORWARD_SECRECY"]),
        ("TLS_DHE_RSA_WITH_DES_CBC_SHA", ["DES"]),
        ("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", ["TRIPLE_DES"]),
        ("SSL_RSA_FIPS_WITH_3DES_EDE_CBC_SHA", ["TRIPLE_DES", "NO_FORWARD_SECRECY"]),
        ("TLS_RSA_WITH_AES_256_GCM_SHA384", ["NO_FORWARD_SECRECY"]),
        ("35", ["NO_FORWARD_SECRECY"]),
        ("TLS_DH_DSS_WITH_AES_128_CBC_SHA", ["NO_FORWARD_SECRECY"]),
        ("TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256", ["NO_FORWARD_SECRECY"]),
        ("TLS_DH_anon_WITH_AES_128_GCM_SHA256", ["ANONYMOUS"]),
        ("tls_ecdh_anon_with_aes_128_cbc_sha", ["ANONYMOUS"]),
        ("TLS_KRB5_WITH_3DES_EDE_CBC_SHA", ["TRIPLE_DES", "NO_FORWARD_SECRECY"]),
        ("ABCD", []),
        ("HIGH:!aNULL", []),
    ],
)
def test_what_is_weak(written: str, weak: list[str]) -> None:
    assert [weakness.name for weakness in ciphers.weaknesses(written)] == weak


def test_what_must_not_be_used_and_what_should_not() -> None:
    assert [weakness for weakness in Weakness if not weakness.broken] == [
        Weakness.TRIPLE_DES,
        Weakness.NO_FORWARD_SECRECY,
    ]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("C02F", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        ("c02f", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        ("2F", "TLS_RSA_WITH_AES_128_CBC_SHA"),
        ("002F", "TLS_RSA_WITH_AES_128_CBC_SHA"),
        ("SSL_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"),
        ("tls_aes_128_gcm_sha256", "TLS_AES_128_GCM_SHA256"),
        ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA256", None),
        ("TLS_AES_256_GCM_SHA385", None),
        ("F", None),
        ("02F", None),
        ("ABCD", None),
        ("TLS_EMPTY_RENEGOTIATION_INFO_SCSV", None),
        ("", None),
    ],
)
def test_what_is_known(written: str, name: str | None) -> None:
    suite = ciphers.find(written)
    assert (suite.name if suite else None) == name


def test_unknown_names_and_codes_in_their_order() -> None:
    asked = ["TLS_AES_256_GCM_SHA385", "C02F", "TLS_EMPTY_RENEGOTIATION_INFO_SCSV", "ABCD", "SSL_RSA_WITH_NULL_MD5"]
    assert ciphers.unknown(asked) == ["TLS_AES_256_GCM_SHA385", "ABCD"]


@pytest.mark.parametrize("suite", ciphers.SUITES, ids=lambda suite: suite.code)
def test_each_suite_is_found_by_code_and_by_both_names(suite: ciphers.Suite) -> None:
    assert ciphers.find(suite.code) is suite
    assert ciphers.find(suite.name) is suite
    assert ciphers.find(suite.name.replace("TLS_", "SSL_")) is suite
    assert suite.name in ciphers.names()
    if suite.code.startswith("00"):
        assert ciphers.find(suite.code[2:]) is suite


def test_openssl_agrees() -> None:
    context = ssl.create_default_context()
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    compared = 0
    for theirs in context.get_ciphers():
        ours = ciphers.find(f"{theirs['id'] & 0xFFFF:04X}")
        if ours is None:
            continue
        compared += 1
        since = {"SSLv3": 4, "TLSv1.0": 4, "TLSv1.2": 1, "TLSv1.3": 1}[theirs["protocol"]]
        assert len(ours.protocols) == since, theirs
        weak = set(ours.weaknesses)
        assert (Weakness.NO_FORWARD_SECRECY in weak) == (theirs["kea"] == "kx-rsa"), theirs
        assert (Weakness.ANONYMOUS in weak) == (theirs["auth"] == "auth-null"), theirs
        assert (Weakness.NULL in weak) == (theirs["strength_bits"] == 0), theirs
        assert (Weakness.TRIPLE_DES in weak) == (theirs["symmetric"] == "des-ede3-cbc"), theirs
    assert compared > 20


@pytest.mark.parametrize(
    ("written", "protocols", "fips"),
    [
        ("1301", {"TLSv1.3"}, "yes"),
        ("TLS_CHACHA20_POLY1305_SHA256", {"TLSv1.3"}, "no"),
        ("1304", {"TLSv1.3"}, "yes"),
        ("C02C", {"TLSv1.2"}, "yes"),
        ("CCA9", {"TLSv1.2"}, "no"),
        ("3D", {"TLSv1.2"}, "yes"),
        ("0004", {"SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"}, "no"),
        ("0007", {"SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"}, "no"),
        ("000A", {"SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"}, "yes"),
        ("0035", {"SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"}, "yes"),
        ("003B", {"TLSv1.2"}, "no"),
    ],
)
def test_protocols_and_fips(written: str, protocols: set[str], fips: str) -> None:
    assert ciphers.protocols(written) == protocols
    assert ciphers.fips(written) == (fips == "yes")
