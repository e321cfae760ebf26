# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read who an X.509 certificate is about, with the standard library alone (RFC 5280 in DER).

It reads, it does not judge: signatures, purposes and trust are OpenSSL's business.
"""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Callable

_INTEGER, _OID, _UTC_TIME, _GENERALIZED_TIME, _SEQUENCE, _SET = 0x02, 0x06, 0x17, 0x18, 0x30, 0x31
_BIT_STRING, _OCTET_STRING = 0x03, 0x04
_VERSION, _EXTENSIONS = 0xA0, 0xA3  # explicitly tagged fields of TBSCertificate
_SAN_OID = "2.5.29.17"

# Universal string types of a DirectoryString and their codecs (X.690 8.23; TeletexString as everyone reads it).
_STRINGS = {
    0x0C: "utf-8", 0x12: "ascii", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1A: "ascii", 0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}  # fmt: skip

# The short names of RFC 4514 section 3; every other attribute is shown by its dotted number.
_SHORT_NAMES = {
    "2.5.4.3": "CN", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.6": "C",
    "2.5.4.9": "STREET", "0.9.2342.19200300.100.1.25": "DC", "0.9.2342.19200300.100.1.1": "UID",
}  # fmt: skip

# Kinds of keys (RFC 3279, 5480, 8410), and which of them have a size of their own, in bits.
_RSA, _RSA_PSS, _DSA, _EC = "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10", "1.2.840.10040.4.1", "1.2.840.10045.2.1"
_KEY_TYPES = {
    _RSA: "RSA", _RSA_PSS: "RSA", _DSA: "DSA", _EC: "EC", "1.3.101.112": "Ed25519", "1.3.101.113": "Ed448",
    "2.16.840.1.101.3.4.3.17": "ML-DSA-44", "2.16.840.1.101.3.4.3.18": "ML-DSA-65",
    "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
}  # fmt: skip
_CURVE_SIZES = {
    "1.2.840.10045.3.1.1": 192, "1.3.132.0.33": 224, "1.2.840.10045.3.1.7": 256, "1.3.132.0.34": 384,
    "1.3.132.0.35": 521, "1.3.132.0.10": 256, "1.3.36.3.3.2.8.1.1.7": 256, "1.3.36.3.3.2.8.1.1.11": 384,
    "1.3.36.3.3.2.8.1.1.13": 512,
}  # fmt: skip
# The names that Java, keytool and RFC 3279, 4055, 5758 and 8410 give to signature algorithms.
_SIGNATURES = {
    "1.2.840.113549.1.1.4": "MD5withRSA", "1.2.840.113549.1.1.5": "SHA1withRSA",
    "1.2.840.113549.1.1.14": "SHA224withRSA",
    "1.2.840.113549.1.1.11": "SHA256withRSA", "1.2.840.113549.1.1.12": "SHA384withRSA",
    "1.2.840.113549.1.1.13": "SHA512withRSA", "1.2.840.113549.1.1.10": "RSASSA-PSS", "1.2.840.10040.4.3": "SHA1withDSA",
    "2.16.840.1.101.3.4.3.2": "SHA256withDSA", "1.2.840.10045.4.1": "SHA1withECDSA",
    "1.2.840.10045.4.3.1": "SHA224withECDSA", "1.2.840.10045.4.3.2": "SHA256withECDSA",
    "1.2.840.10045.4.3.3": "SHA384withECDSA", "1.2.840.10045.4.3.4": "SHA512withECDSA", "1.3.101.112": "Ed25519",
    "1.3.101.113": "Ed448", "2.16.840.1.101.3.4.3.17": "ML-DSA-44", "2.16.840.1.101.3.4.3.18": "ML-DSA-65",
    "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
}  # fmt: skip

# No certificate in use is half as long, and OpenSSL takes no chain of more than 100 KB.
LARGEST = 1_000_000
# Bytes of an object identifier: the longest in use are those made of a UUID (X.667), with 20.
_LONGEST_OID = 128


class DerError(ValueError):
    """The bytes are not a certificate in DER."""


@dataclass(frozen=True)
class Certificate:
    """What a certificate says of itself.

    Names are RFC 4514 text; times are ISO 8601 in UTC; the serial number is lower-case hexadecimal; alternative names
    carry their kind (``DNS:``, ``IP:``, ``email:``, ``URI:``, ``dirName:``, ``RID:``, ``otherName:``). The algorithm
    of the signature and the type of the key have the names that Java has for them, or their dotted numbers.
    ``key_size`` is in bits, None for a kind that has but one size and for a curve that is not known here.
    """

    subject: str
    issuer: str
    serial_number: str
    not_before: str
    not_after: str
    subject_alt_name: list[str]
    signature_algorithm: str
    key_type: str
    key_size: int | None


def fingerprint(der: bytes) -> str:
    """Return the SHA-256 fingerprint as lower-case hexadecimal pairs joined by colons."""
    return hashlib.sha256(der).digest().hex(":")


def read_certificate(der: bytes) -> Certificate:
    """Read one certificate.

    Raises DerError for anything that is not exactly one well-formed certificate; never any other exception.
    """
    if len(der) > LARGEST:
        raise DerError(f"longer than {LARGEST} bytes")
    try:
        return _certificate(der)
    except DerError:
        raise
    except (IndexError, ValueError) as exc:
        raise DerError(f"not a certificate in DER: {exc}") from exc


def _certificate(der: bytes) -> Certificate:
    whole = _only(der, _SEQUENCE)
    fields = list(items(_first(whole, _SEQUENCE)))
    if fields and fields[0][0] == _VERSION:
        fields.pop(0)
    serial, algorithm, issuer, validity, subject, key = fields[:6]
    key_type, key_size = _key(_typed(key, _SEQUENCE))
    not_before, not_after = (_time(tag, value) for tag, value in items(_typed(validity, _SEQUENCE)))
    return Certificate(
        subject=_name(_typed(subject, _SEQUENCE)),
        issuer=_name(_typed(issuer, _SEQUENCE)),
        serial_number=format(int.from_bytes(_typed(serial, _INTEGER), "big", signed=True), "x"),
        not_before=not_before,
        not_after=not_after,
        subject_alt_name=_alternative_names(fields[6:]),
        signature_algorithm=_signature(_oid(_first(_typed(algorithm, _SEQUENCE), _OID))),
        key_type=key_type,
        key_size=key_size,
    )


def _signature(oid: str) -> str:
    return _SIGNATURES.get(oid, oid)


def _key(data: bytes) -> tuple[str, int | None]:
    """Return type and size of a SubjectPublicKeyInfo (RFC 5280 4.1.2.7)."""
    algorithm, bits = items(data)
    kind, *parameters = items(_typed(algorithm, _SEQUENCE))
    oid = _oid(_typed(kind, _OID))
    size = None
    if oid in (_RSA, _RSA_PSS):
        modulus = _first(_only(_typed(bits, _BIT_STRING)[1:], _SEQUENCE), _INTEGER)
        size = int.from_bytes(modulus, "big").bit_length()
    elif oid == _EC and parameters and parameters[0][0] == _OID:
        size = _CURVE_SIZES.get(_oid(parameters[0][1]))
    elif oid == _DSA and parameters and parameters[0][0] == _SEQUENCE:
        size = int.from_bytes(_first(parameters[0][1], _INTEGER), "big").bit_length()
    return _KEY_TYPES.get(oid, oid), size


def items(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of every element that lies in these bytes, one after the other."""
    position = 0
    while position < len(data):
        tag, length, start = data[position], data[position + 1], position + 2
        if tag & 0x1F == 0x1F:
            raise DerError("a tag longer than one byte")
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(data[start : start + size], "big")
            start += size
            if not 1 <= size <= 4 or length < 0x80:
                raise DerError("a length that is not DER")
        position = start + length
        if position > len(data):
            raise DerError("an element is longer than what holds it")
        yield tag, data[start:position]


def _typed(item: tuple[int, bytes], tag: int) -> bytes:
    if item[0] != tag:
        raise DerError(f"found tag 0x{item[0]:02x} where 0x{tag:02x} belongs")
    return item[1]


def _first(data: bytes, tag: int) -> bytes:
    for item in items(data):
        return _typed(item, tag)
    raise DerError("an element is empty")


def _only(data: bytes, tag: int) -> bytes:
    (item,) = items(data)
    return _typed(item, tag)


def _time(tag: int, value: bytes) -> str:
    """Read a time in the two forms that RFC 5280 4.1.2.5 allows, both ending in Z."""
    text = value.decode("ascii")
    if len(text) != {_UTC_TIME: 13, _GENERALIZED_TIME: 15}.get(tag) or not re.fullmatch("[0-9]+Z", text):
        raise DerError("a time that RFC 5280 does not allow")
    if tag == _UTC_TIME:
        text = ("19" if text >= "50" else "20") + text
    return datetime.datetime.strptime(text, "%Y%m%d%H%M%SZ").isoformat() + "Z"


def _oid(value: bytes) -> str:
    if not value or value[-1] & 0x80:
        raise DerError("an object identifier that ends early")
    if len(value) > _LONGEST_OID:
        raise DerError(f"an object identifier of more than {_LONGEST_OID} bytes")
    arcs, arc = [], 0
    for byte in value:
        arc = arc << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(arc)
            arc = 0
    head = min(arcs[0] // 40, 2)
    return ".".join(str(part) for part in [head, arcs[0] - 40 * head, *arcs[1:]])


def _name(data: bytes) -> str:
    """Return a distinguished name as RFC 4514 text: the last relative name first."""
    relative_names = [_relative_name(_typed(item, _SET)) for item in items(data)]
    return ",".join(reversed(relative_names))


def _relative_name(data: bytes) -> str:
    parts = []
    for item in items(data):
        kind, value = items(_typed(item, _SEQUENCE))
        oid = _oid(_typed(kind, _OID))
        parts.append(f"{_SHORT_NAMES.get(oid, oid)}={_attribute_value(*value)}")
    return "+".join(parts)


def _attribute_value(tag: int, value: bytes) -> str:
    codec = _STRINGS.get(tag)
    return _escaped(value.decode(codec)) if codec else "#" + value.hex()


def _escaped(text: str) -> str:
    """Escape a value as RFC 4514 section 2.4 says."""
    text = re.sub(r'([\\"+,;<>])', r"\\\1", text).replace("\0", "\\00")
    if text.startswith(("#", " ")):
        text = "\\" + text
    return text[:-1] + "\\ " if text.endswith(" ") and text != "\\ " else text


def _alternative_names(rest: list[tuple[int, bytes]]) -> list[str]:
    for tag, wrapped in rest:
        if tag == _EXTENSIONS:
            for item in items(_only(wrapped, _SEQUENCE)):
                oid, *_critical, value = items(_typed(item, _SEQUENCE))
                if _oid(_typed(oid, _OID)) == _SAN_OID:
                    names = _only(_typed(value, _OCTET_STRING), _SEQUENCE)
                    return [_general_name(*name) for name in items(names)]
    return []


def _general_name(tag: int, value: bytes) -> str:
    label, read = _GENERAL_NAMES.get(tag, (f"[{tag & 0x1F}]", bytes.hex))
    return f"{label}:{read(value)}"


def _address(value: bytes) -> str:
    return str(ipaddress.ip_address(value))


# Implicit tags of GeneralName (RFC 5280 4.2.1.6). Of an otherName only its kind is shown: its value may be anything.
_GENERAL_NAMES: dict[int, tuple[str, Callable[[bytes], str]]] = {
    0xA0: ("otherName", lambda value: _oid(_first(value, _OID))),
    0x81: ("email", lambda value: value.decode("ascii")),
    0x82: ("DNS", lambda value: value.decode("ascii")),
    0xA4: ("dirName", lambda value: _name(_only(value, _SEQUENCE))),
    0x86: ("URI", lambda value: value.decode("ascii")),
    0x87: ("IP", _address),
    0x88: ("RID", _oid),
}
