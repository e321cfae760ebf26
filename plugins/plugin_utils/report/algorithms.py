# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a bill of materials says of algorithms, by the names that keys, certificates, suites and groups have.

Names, primitives and families are those of CycloneDX 1.7. Security levels are NIST's categories ("Submission
Requirements and Evaluation Criteria for the Post-Quantum Cryptography Standardization Process", 4.A.5): AES 128, 192
and 256 are 1, 3 and 5, SHA-256 and SHA-384 are 2 and 4, ML-KEM-512, -768 and -1024 are 1, 3 and 5 (FIPS 203). What
Shor's algorithm breaks, all that rests on factoring and discrete logarithms, is 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
_CURVES = {
    "secp256r1": "secg/secp256r1",
    "secp384r1": "secg/secp384r1",
    "secp521r1": "secg/secp521r1",
    "x25519": "other/Curve25519",
    "x448": "other/Curve448",
}
_SUITE = re.compile(r"(?:TLS|SSL)_(?:([A-Za-z0-9_]+)_WITH_)?([A-Z0-9_]+)_(SHA\d*|MD5|CCM|CCM_8)")
_BLOCK = re.compile(r"(AES|ARIA|CAMELLIA)_(\d+)_(CBC|GCM|CCM)(?:_8)?")
_OTHER = {
    "CHACHA20_POLY1305": ("ChaCha20-Poly1305", "ae", "ChaCha20", 5),
    "3DES_EDE_CBC": ("3DES", "block-cipher", "3DES", 0),
    "DES_CBC": ("DES", "block-cipher", "DES", 0),
    "RC4_128": ("RC4", "stream-cipher", "RC4", 0),
}
_EXCHANGES = {
    "ECDHE": ("ECDHE", "key-agree", "ECDH"),
    "ECDH": ("ECDH", "key-agree", "ECDH"),
    "DHE": ("DHE", "key-agree", "FFDH"),
    "DH": ("DH", "key-agree", "FFDH"),
    "RSA": ("RSA key transport", "pke", "RSAES-PKCS1"),
}
_HASHES: dict[str, tuple[str, str, int]] = {
    "SHA": ("SHA-1", "SHA-1", 0),
    "SHA1": ("SHA-1", "SHA-1", 0),
    "SHA256": ("SHA-256", "SHA-2", 2),
    "SHA384": ("SHA-384", "SHA-2", 4),
    "SHA512": ("SHA-512", "SHA-2", 5),
    "MD5": ("MD5", "MD5", 0),
}
_AES_LEVELS = {128: 1, 192: 3, 256: 5}
_ML_KEM = re.compile(r"(?:(.+?)_?)?ML_?-?KEM_?-?(512|768|1024)", re.IGNORECASE)
_ML_KEM_LEVELS = {"512": 1, "768": 3, "1024": 5}
_CLASSICAL_KEYS = ("RSA", "DSA", "EC", "ECC", "ED25519", "ED448", "X25519", "X448")


@dataclass(frozen=True)
class Algorithm:
    """One algorithm; ``vulnerable``: whether a quantum computer would break it, None where the name is not known."""

    name: str
    primitive: str
    family: str | None = None
    parameters: str | None = None
    curve: str | None = None
    level: int | None = None
    vulnerable: bool | None = None

    @property
    def properties(self) -> Json:
        """What CycloneDX calls algorithmProperties."""
        told = {
            "primitive": self.primitive,
            "algorithmFamily": self.family,
            "parameterSetIdentifier": self.parameters,
            "ellipticCurve": self.curve,
            "nistQuantumSecurityLevel": self.level,
        }
        return {name: value for name, value in told.items() if value is not None}


def of_key(kind: str | None, size: int | None) -> Algorithm | None:
    """Return the algorithm of a public key, by its type as keystore_info or RACF calls it, and its bits."""
    if not kind:
        return None
    name = f"{kind}-{size}" if size else kind
    bits = str(size) if size else None
    word = kind.upper().rpartition(" ")[2]
    if word in _CLASSICAL_KEYS:
        families = {"EC": "ECDSA", "ECC": "ECDSA", "DSA": "DSA", "ED25519": "EdDSA", "ED448": "EdDSA"}
        return Algorithm(name, "signature", families.get(word), bits, level=0, vulnerable=True)
    if word.startswith(("ML-DSA", "MLDSA")):
        return Algorithm(name, "signature", "ML-DSA", bits, vulnerable=False)
    return Algorithm(name, "unknown", parameters=bits)


def of_signature(name: str | None) -> Algorithm | None:
    """Return the algorithm of a certificate's signature: of a store its hash is known (sha256), of a ring sha256RSA.

    One that signed itself proves nothing by its signature, and ``signed by itself`` is no algorithm.
    """
    if not name or " " in name:
        return None
    word = name.upper()
    if word.replace("-", "") in _HASHES:
        return _hash(word.replace("-", ""))
    if "MLDSA" in word.replace("-", "").replace("_", ""):
        return Algorithm(name, "signature", "ML-DSA", vulnerable=False)
    families = {"ECDSA": "ECDSA", "PSS": "RSASSA-PSS", "RSA": "RSASSA-PKCS1", "DSA": "DSA", "ED25519": "EdDSA"}
    family = next((family for part, family in families.items() if part in word), None)
    classical = family is not None or "ED448" in word
    return Algorithm(name, "signature", family, level=0 if classical else None, vulnerable=True if classical else None)


def of_suite(name: str) -> list[Algorithm]:
    """Return the algorithms of a cipher suite by its IANA name: exchange of keys, encryption, hash."""
    match = _SUITE.fullmatch(name)
    if match is None:
        return []
    exchange = _EXCHANGES.get((match[1] or "").partition("_")[0])
    found = [Algorithm(*exchange, level=0, vulnerable=True)] if exchange else []
    if encryption := _encryption(match[2]):
        found.append(encryption)
    if match[3] in _HASHES:
        found.append(_hash(match[3]))
    return found


def _hash(name: str) -> Algorithm:
    title, family, level = _HASHES[name]
    return Algorithm(title, "hash", family, level=level, vulnerable=False)


def _encryption(name: str) -> Algorithm | None:
    if name in _OTHER:
        title, primitive, family, level = _OTHER[name]
        return Algorithm(title, primitive, family, level=level, vulnerable=False)
    block = _BLOCK.fullmatch(name)
    if block is None:
        return None
    bits = int(block[2])
    title, primitive = f"{block[1]}-{bits}-{block[3]}", "block-cipher" if block[3] == "CBC" else "ae"
    return Algorithm(title, primitive, block[1], str(bits), level=_AES_LEVELS[bits], vulnerable=False)


def of_group(name: str) -> Algorithm:
    """Return the algorithm of a TLS group by its IANA name, the hybrids with ML-KEM too."""
    if match := _ML_KEM.fullmatch(name):
        primitive = "combiner" if match[1] else "kem"
        return Algorithm(name, primitive, "ML-KEM", match[2], level=_ML_KEM_LEVELS[match[2]], vulnerable=False)
    if name.lower() in _CURVES:
        return Algorithm(name, "key-agree", "ECDH", curve=_CURVES[name.lower()], level=0, vulnerable=True)
    if name.lower().startswith("ffdhe"):
        return Algorithm(name, "key-agree", "FFDH", name[5:], level=0, vulnerable=True)
    return Algorithm(name, "key-agree")
