# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pack wished entries into one PKCS12 file that Java reads in full.

``cryptography`` writes files with one private key, or with trusted certificates that carry Java's own mark, but never
both. Each such file is a list of safe contents under one checksum, so the lists are put one after the other and the
checksum is made anew: RFC 7292, sections 4 (structure), 4.1 with B.2 (key of the checksum).
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterator, Sequence

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import KeySerializationEncryption, PrivateFormat, pkcs12

from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.material import Wish

# What keytool of JDK 17 itself writes: PBES2 with AES-256, HMAC-SHA256, 10,000 rounds for the keys and the checksum.
ROUNDS = 10_000
_SALT_BYTES = 20
_SHA256_BLOCK = 64
_MAC_KEY = 3  # RFC 7292 B.3: the purpose "key of a checksum"

_SEQUENCE, _INTEGER, _OCTETS, _EXPLICIT_0 = 0x30, 0x02, 0x04, 0xA0
_VERSION_3 = bytes.fromhex("020103")
_OID_DATA = bytes.fromhex("06092a864886f70d010701")
_ALGORITHM_SHA256 = bytes.fromhex("300d06096086480165030402010500")


def pack(wishes: Sequence[Wish], password: str) -> bytes:
    """Return a PKCS12 file with these entries, at least one; keys come first, see ``plan.agrees``."""
    encryption = _encryption(password)
    parts = [_pack_key(wish, encryption) for wish in wishes if wish.key]
    trusted = [pkcs12.PKCS12Certificate(wish.chain[0], wish.alias.encode()) for wish in wishes if not wish.key]
    if trusted:
        parts.append(pkcs12.serialize_java_truststore(trusted, encryption))
    return parts[0] if len(parts) == 1 else _join(parts, password)


def _encryption(password: str) -> KeySerializationEncryption:
    builder = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(ROUNDS)
    builder = builder.key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC).hmac_hash(hashes.SHA256())
    return builder.build(password.encode("ascii"))


def _pack_key(wish: Wish, encryption: KeySerializationEncryption) -> bytes:
    return pkcs12.serialize_key_and_certificates(
        wish.alias.encode(), wish.key, wish.chain[0], wish.chain[1:], encryption
    )


def _join(parts: Sequence[bytes], password: str) -> bytes:
    safes = _der(_SEQUENCE, *(_safes(part) for part in parts))
    salt = os.urandom(_SALT_BYTES)
    checksum = hmac.new(_checksum_key(password, salt), safes, "sha256").digest()
    return _der(
        _SEQUENCE,
        _VERSION_3,
        _der(_SEQUENCE, _OID_DATA, _der(_EXPLICIT_0, _der(_OCTETS, safes))),
        _der(
            _SEQUENCE,
            _der(_SEQUENCE, _ALGORITHM_SHA256, _der(_OCTETS, checksum)),
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


def _checksum_key(password: str, salt: bytes) -> bytes:
    """Derive the key of the checksum (RFC 7292 B.2); one SHA-256 block is all that it needs."""
    secret = password.encode("utf-16-be") + b"\0\0"
    key = bytes([_MAC_KEY]) * _SHA256_BLOCK + _filled(salt) + _filled(secret)
    for _round in range(ROUNDS):
        key = hashlib.sha256(key).digest()
    return key


def _filled(data: bytes) -> bytes:
    """Repeat ``data`` to the next full block."""
    size = -(-len(data) // _SHA256_BLOCK) * _SHA256_BLOCK
    return (data * (size // len(data) + 1))[:size]
