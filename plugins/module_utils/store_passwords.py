# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a password opens a key store, by the store's own checksum and without Java. PRIVATE to this collection.

Standard library only, Python 3.9. It says yes only where that is certain; for all else Java must be asked.
"""

from __future__ import annotations

import hashlib
import hmac

from ansible_collections.zosconnect.security.plugins.module_utils.der import items

# The hash of a checksum (RFC 8017, appendix B.1; its object identifier in DER), and the bytes of its block.
_HASHES = {
    bytes.fromhex("2b0e03021a"): ("sha1", 64),
    bytes.fromhex("608648016503040204"): ("sha224", 64),
    bytes.fromhex("608648016503040201"): ("sha256", 64),
    bytes.fromhex("608648016503040202"): ("sha384", 128),
    bytes.fromhex("608648016503040203"): ("sha512", 128),
}
_INTEGER, _OCTETS, _OID, _SEQUENCE, _CONTENT = 0x02, 0x04, 0x06, 0x30, 0xA0
_DATA = bytes.fromhex("2a864886f70d010701")
# The key of a checksum, in RFC 7292, appendix B.3.
_FOR_CHECKSUM = 3
# Java makes up to 100,000 rounds; somebody else may ask for thousand times as many.
_MOST_ROUNDS = 200_000
_JKS = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")
_JKS_SALT, _JKS_LENGTH = b"Mighty Aphrodite", 20


def opens(data: bytes, password: str) -> bool:
    """Return whether the store ``data`` is surely whole, and made with ``password``."""
    # Of other characters each Java makes bytes in its own way.
    if not password or not password.isascii() or not password.isprintable():
        return False
    try:
        return _opens_jks(data, password) if data[:4] in _JKS else _opens_pkcs12(data, password)
    except (IndexError, ValueError):
        return False


def _opens_jks(data: bytes, password: str) -> bool:
    """Check the digest at the end of a JKS or JCEKS store, as Java has always made it."""
    digest = hashlib.sha1(password.encode("utf-16-be") + _JKS_SALT + data[:-_JKS_LENGTH]).digest()  # Java's
    return hmac.compare_digest(digest, data[-_JKS_LENGTH:])


def _opens_pkcs12(data: bytes, password: str) -> bool:
    """Check the checksum of a PFX (RFC 7292, section 4)."""
    (pfx,) = _of(_SEQUENCE, data)
    _version, (_tag, safe), (_same, checksum) = items(pfx)
    kind, wrapped = items(safe)
    (content,) = _of(_OCTETS, wrapped[1])
    (digested, salt, *rounds) = items(checksum)
    (algorithm, digest) = items(digested[1])
    (hashed, *_none) = items(algorithm[1])
    tags = (kind[0], wrapped[0], digested[0], salt[0], algorithm[0], digest[0], hashed[0])
    if kind[1] != _DATA or tags != (_OID, _CONTENT, _SEQUENCE, _OCTETS, _SEQUENCE, _OCTETS, _OID):
        return False
    count = int.from_bytes(rounds[0][1], "big", signed=True) if rounds else 1
    if hashed[1] not in _HASHES or not 1 <= count <= _MOST_ROUNDS:
        return False
    name, block = _HASHES[hashed[1]]
    key = _key(name, block, password, salt[1], count)
    return hmac.compare_digest(hmac.new(key, content, name).digest(), digest[1])


def _of(tag: int, data: bytes) -> list[bytes]:
    return [content for found, content in items(data) if found == tag]


def _key(name: str, block: int, password: str, salt: bytes, rounds: int) -> bytes:
    """Derive the key of the checksum (RFC 7292, appendix B.2); one block of the hash is as long as it is."""
    filled = [_filled(part, block) for part in (salt, f"{password}\0".encode("utf-16-be"))]
    key = bytes([_FOR_CHECKSUM]) * block + b"".join(filled)
    digest = getattr(hashlib, name)
    for _round in range(rounds):
        key = digest(key).digest()
    return key


def _filled(part: bytes, block: int) -> bytes:
    """Repeat ``part`` until it fills whole blocks."""
    length = -(-len(part) // block) * block
    return (part * (length // len(part) + 1))[:length] if part else b""
