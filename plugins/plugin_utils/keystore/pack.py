# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pack desired entries into one PKCS12 file that Java reads in full.

``cryptography`` writes files with one private key, or with trusted certificates that carry Java's own mark, but never
both. Each such file is a list of safe contents under one checksum, so the lists are put one after the other and the
checksum is made anew: RFC 7292, sections 4 (structure), 4.1 with B.2 (key of the checksum).
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.material import DesiredEntry

with contextlib.suppress(ImportError):  # change.material says that it is missing
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import KeySerializationEncryption, PrivateFormat, pkcs12

# What keytool of JDK 17 itself uses, for the keys and the checksum.
ROUNDS = 10_000
_SALT_BYTES = 20
_BLOCK = 64  # of SHA-1 and of SHA-256
_MAC_KEY = 3  # RFC 7292 B.3: the purpose "key of a checksum"

_SEQUENCE, _INTEGER, _OCTETS, _EXPLICIT_0 = 0x30, 0x02, 0x04, 0xA0
_VERSION_3 = bytes.fromhex("020103")
_OID_DATA = bytes.fromhex("06092a864886f70d010701")


@dataclass(frozen=True)
class Encryption:
    """How a PKCS12 file is encrypted: the contents, and the checksum over them; names are those of ``cryptography``."""

    contents: str
    checksum: str
    algorithm: bytes

    @property
    def digest(self) -> str:
        """Return the name of the checksum's digest as ``hashlib`` knows it."""
        return self.checksum.lower()


MODERN = "modern"
# Every Java from 8 on reads java8. Java 8u301, 11.0.12, 17 and later read modern, which keytool of 17 writes itself.
ENCRYPTIONS = {
    MODERN: Encryption("PBESv2SHA256AndAES256CBC", "SHA256", bytes.fromhex("300d06096086480165030402010500")),
    "java8": Encryption("PBESv1SHA1And3KeyTripleDESCBC", "SHA1", bytes.fromhex("300906052b0e03021a0500")),
}


def pack(desired: Sequence[DesiredEntry], password: str, way: str = MODERN) -> bytes:
    """Return a PKCS12 file with these entries, at least one; keys come first, see ``plan.agrees``.

    ``way`` is one of ``ENCRYPTIONS``.
    """
    chosen = ENCRYPTIONS[way]
    encryption = _encryption(password, chosen)
    parts = [_pack_key(want, encryption) for want in desired if want.key]
    trusted = [pkcs12.PKCS12Certificate(want.chain[0], want.alias.encode()) for want in desired if want.trusted]
    if trusted:
        parts.append(pkcs12.serialize_java_truststore(trusted, encryption))
    return parts[0] if len(parts) == 1 else _join(parts, password, chosen)


def _encryption(password: str, chosen: Encryption) -> KeySerializationEncryption:
    builder = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(ROUNDS)
    builder = builder.key_cert_algorithm(pkcs12.PBES[chosen.contents]).hmac_hash(getattr(hashes, chosen.checksum)())
    return builder.build(password.encode("ascii"))


def _pack_key(want: DesiredEntry, encryption: KeySerializationEncryption) -> bytes:
    return pkcs12.serialize_key_and_certificates(
        want.alias.encode(), want.key, want.chain[0], want.chain[1:], encryption
    )


def _join(parts: Sequence[bytes], password: str, chosen: Encryption) -> bytes:
    safes = _der(_SEQUENCE, *(_safes(part) for part in parts))
    salt = secrets.token_bytes(_SALT_BYTES)
    checksum = hmac.new(_checksum_key(password, salt, chosen.digest), safes, chosen.digest).digest()
    return _der(
        _SEQUENCE,
        _VERSION_3,
        _der(_SEQUENCE, _OID_DATA, _der(_EXPLICIT_0, _der(_OCTETS, safes))),
        _der(
            _SEQUENCE,
            _der(_SEQUENCE, chosen.algorithm, _der(_OCTETS, checksum)),
            _der(_OCTETS, salt),
            _der(_INTEGER, ROUNDS.to_bytes(2, "big")),
        ),
    )


def _safes(part: bytes) -> bytes:
    """Return the safe contents of one file: PFX -> authSafe -> [0] -> OCTET STRING -> SEQUENCE OF."""
    (pfx,) = _values(part)
    _version, auth_safe, _mac = _values(pfx)
    _oid, content = _values(auth_safe)
    (octets,) = _values(content)
    (safes,) = _values(octets)
    return safes


def _values(data: bytes) -> Iterator[bytes]:
    """Give the contents of each DER value in ``data``; its lengths are definite, because ``cryptography`` wrote it."""
    at = 0
    while at < len(data):
        length, start = data[at + 1], at + 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(data[at + 2 : start], "big")
        at = start + length
        yield data[start:at]


def _der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _checksum_key(password: str, salt: bytes, digest: str) -> bytes:
    """Derive the key of the checksum (RFC 7292 B.2); one output of the digest is all that it needs."""
    secret = password.encode("utf-16-be") + b"\0\0"
    key = bytes([_MAC_KEY]) * _BLOCK + _filled(salt) + _filled(secret)
    for _round in range(ROUNDS):
        key = hashlib.new(digest, key).digest()
    return key


def _filled(data: bytes) -> bytes:
    """Repeat ``data`` to the next full block."""
    size = -(-len(data) // _BLOCK) * _BLOCK
    return (data * (size // len(data) + 1))[:size]
