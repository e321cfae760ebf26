# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a password opens a store is seen without Java, and only where that is certain."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "liberty"))

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from hypothesis import given
from hypothesis import strategies as st
from pki import Authority

from ansible_collections.zosconnect.security.plugins.module_utils import store_passwords
from ansible_collections.zosconnect.security.plugins.module_utils.store_passwords import opens

PASSWORD = "Marker of 1 store"
_KINDS: dict[str, hashes.HashAlgorithm] = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha512": hashes.SHA512()}


def store(certificate: x509.Certificate, hashed: str = "sha256") -> bytes:
    made = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(3).hmac_hash(_KINDS[hashed])
    protection: KeySerializationEncryption = made.build(PASSWORD.encode())
    return pkcs12.serialize_java_truststore([pkcs12.PKCS12Certificate(certificate, b"a")], protection)


@pytest.fixture(scope="module")
def certificate() -> x509.Certificate:
    return x509.load_pem_x509_certificate(Authority("CA", key_type="ec").root_pem.encode())


@pytest.fixture(scope="module")
def stores(certificate: x509.Certificate) -> dict[str, bytes]:
    made = {kind: store(certificate, kind) for kind in _KINDS}
    body = bytes.fromhex("feedfeed0000000200000000")
    for kind, start in (("jks", body), ("jceks", b"\xce\xce\xce\xce" + body[4:])):
        made[kind] = start + hashlib.sha1(PASSWORD.encode("utf-16-be") + b"Mighty Aphrodite" + start).digest()
    return made


@pytest.mark.parametrize("kind", [*_KINDS, "jks", "jceks"])
def test_the_password_and_no_other(stores: dict[str, bytes], kind: str) -> None:
    assert opens(stores[kind], PASSWORD)
    for other in ("", PASSWORD[:-1], f"{PASSWORD}\n", f"{PASSWORD} ", PASSWORD.lower(), "Pässword"):
        assert not opens(stores[kind], other)


def changed(data: bytes) -> Iterator[bytes]:
    yield from (data[:-1], data + b"\0", data[: len(data) // 2], b"", data[:4])
    yield from (data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] for at in range(0, len(data), 7))


@pytest.mark.parametrize("kind", [*_KINDS, "jks", "jceks"])
def test_of_a_changed_store_nothing_is_said(stores: dict[str, bytes], kind: str) -> None:
    # Of the version nobody has a checksum; keytool refuses another one.
    assert [each for each in changed(stores[kind]) if opens(each, PASSWORD) and each[:8] == stores[kind][:8]] == []


def test_one_without_a_password_or_with_too_much_work_is_java_s(
    certificate: x509.Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificates = [pkcs12.PKCS12Certificate(certificate, b"a")]
    assert not opens(pkcs12.serialize_java_truststore(certificates, NoEncryption()), PASSWORD)
    assert opens(pkcs12.serialize_java_truststore(certificates, BestAvailableEncryption(PASSWORD.encode())), PASSWORD)
    monkeypatch.setattr(store_passwords, "_MOST_ROUNDS", 2047)
    assert not opens(store(certificate), PASSWORD), "it has 2,048"


@given(st.binary(max_size=200))
def test_anything_may_come(data: bytes) -> None:
    assert not opens(data, PASSWORD)
    assert not opens(b"\x30" + data, PASSWORD)
