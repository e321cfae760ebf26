# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The DER reader says what `cryptography` says, and survives whatever a server may send."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.module_utils.der import DerError, fingerprint, read_certificate

UTC = datetime.UTC
ATTRIBUTES = (
    NameOID.COMMON_NAME,
    NameOID.ORGANIZATION_NAME,
    NameOID.ORGANIZATIONAL_UNIT_NAME,
    NameOID.LOCALITY_NAME,
    NameOID.STATE_OR_PROVINCE_NAME,
    NameOID.STREET_ADDRESS,
    NameOID.USER_ID,
    NameOID.TITLE,
)

# Characters that RFC 4514 escapes are worth more than chance gives them; X.520 allows 64 bytes for most of these.
texts = st.text(st.one_of(st.sampled_from(' #"+,;<>\\\0='), st.characters(codec="utf-8")), min_size=1, max_size=16)
attributes = st.one_of(
    st.builds(x509.NameAttribute, st.sampled_from(ATTRIBUTES), texts),
    st.just(x509.NameAttribute(NameOID.COUNTRY_NAME, "DE")),
    st.just(x509.NameAttribute(NameOID.DOMAIN_COMPONENT, "example")),
)
relative_names = st.lists(attributes, min_size=1, max_size=2, unique_by=lambda item: item.oid).map(
    x509.RelativeDistinguishedName
)
names = st.lists(relative_names, max_size=5).map(x509.Name)
ascii_texts = st.text(st.characters(codec="ascii", min_codepoint=33), min_size=1, max_size=30)
general_names = st.one_of(
    ascii_texts.map(x509.DNSName),
    ascii_texts.map(x509.UniformResourceIdentifier),
    st.emails(domains=st.just("example.com")).map(x509.RFC822Name),
    st.ip_addresses().map(x509.IPAddress),
    names.map(x509.DirectoryName),
    st.sampled_from(["1.2.3", "2.999.3", "1.3.6.1.4.1.311", "0.39.128.16383.16384"])
    .map(x509.ObjectIdentifier)
    .map(x509.RegisteredID),
    st.just(x509.OtherName(x509.ObjectIdentifier("1.3.6.1.5"), b"\x04\x00")),
)
moments = st.datetimes(datetime.datetime(1951, 1, 1), datetime.datetime(9999, 12, 30)).map(
    lambda moment: moment.replace(microsecond=0)
)


@cache
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@st.composite
def certificates(draw: st.DrawFn) -> x509.Certificate:
    begin, end = sorted([draw(moments), draw(moments)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(draw(names))
        .issuer_name(draw(names))
        .public_key(key().public_key())
        .serial_number(draw(st.integers(1, 2**159 - 1)))
        .not_valid_before(begin)
        .not_valid_after(end)
    )
    if draw(st.booleans()):
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    alternatives = draw(st.lists(general_names, max_size=6))
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=draw(st.booleans()))
    return builder.sign(key(), hashes.SHA256())


def in_der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def expected_name(name: x509.GeneralName) -> str:
    match name:
        case x509.DNSName():
            return f"DNS:{name.value}"
        case x509.UniformResourceIdentifier():
            return f"URI:{name.value}"
        case x509.RFC822Name():
            return f"email:{name.value}"
        case x509.IPAddress():
            return f"IP:{name.value}"
        case x509.DirectoryName():
            return f"dirName:{name.value.rfc4514_string()}"
        case x509.RegisteredID():
            return f"RID:{name.value.dotted_string}"
        case x509.OtherName():
            return f"otherName:{name.type_id.dotted_string}"
    raise AssertionError(name)


def alternatives_of(certificate: x509.Certificate) -> list[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return [expected_name(name) for name in found.value]


@settings(max_examples=2 * settings().max_examples, suppress_health_check=[HealthCheck.too_slow])
@given(certificates())
def test_it_reads_what_cryptography_reads(certificate: x509.Certificate) -> None:
    read = read_certificate(in_der(certificate))
    assert read.subject == certificate.subject.rfc4514_string()
    assert read.issuer == certificate.issuer.rfc4514_string()
    assert int(read.serial_number, 16) == certificate.serial_number
    assert datetime.datetime.fromisoformat(read.not_before) == certificate.not_valid_before_utc
    assert datetime.datetime.fromisoformat(read.not_after) == certificate.not_valid_after_utc
    assert read.subject_alt_name == alternatives_of(certificate)


# A signature's length varies from run to run, so positions are drawn without looking at it.
damages = st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=4)


@given(certificates(), damages)
def test_damaged_bytes_are_an_error_and_never_a_crash(
    certificate: x509.Certificate, damages: list[tuple[int, int]]
) -> None:
    der = bytearray(in_der(certificate))
    for position, byte in damages:
        der[position % len(der)] = byte
    with contextlib.suppress(DerError):
        read_certificate(bytes(der))


@given(st.binary(max_size=300))
def test_noise_is_an_error(noise: bytes) -> None:
    with pytest.raises(DerError):
        read_certificate(noise)


def simple(**changes: object) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "someone")])
    builder = x509.CertificateBuilder(
        subject_name=changes.get("subject", name),
        issuer_name=name,
        public_key=key().public_key(),
        serial_number=255,
        not_valid_before=datetime.datetime(2026, 1, 2, 3, 4, 5),
        not_valid_after=datetime.datetime(2051, 1, 2, 3, 4, 5),
    )
    return in_der(builder.sign(key(), hashes.SHA256()))


def test_a_certificate_cut_short_at_any_byte_is_an_error() -> None:
    der = simple()
    for length in range(len(der)):
        with pytest.raises(DerError):
            read_certificate(der[:length])


@pytest.mark.parametrize(
    ("make", "digest", "signature", "kind", "size"),
    [
        (lambda: rsa.generate_private_key(65537, 2048), hashes.SHA256(), "SHA256withRSA", "RSA", 2048),
        (lambda: rsa.generate_private_key(65537, 3072), hashes.SHA384(), "SHA384withRSA", "RSA", 3072),
        (lambda: ec.generate_private_key(ec.SECP256R1()), hashes.SHA256(), "SHA256withECDSA", "EC", 256),
        (lambda: ec.generate_private_key(ec.SECP521R1()), hashes.SHA512(), "SHA512withECDSA", "EC", 521),
        (lambda: ec.generate_private_key(ec.BrainpoolP384R1()), hashes.SHA384(), "SHA384withECDSA", "EC", 384),
        (lambda: dsa.generate_private_key(2048), hashes.SHA256(), "SHA256withDSA", "DSA", 2048),
        (ed25519.Ed25519PrivateKey.generate, None, "Ed25519", "Ed25519", None),
    ],
)
def test_what_a_certificate_was_signed_with_and_its_key(
    make: Callable[[], Any], digest: Any, signature: str, kind: str, size: int | None
) -> None:
    private = make()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "n")])
    begin, end = datetime.datetime(2026, 1, 1), datetime.datetime(2027, 1, 1)
    builder = x509.CertificateBuilder(name, name, private.public_key(), 1, begin, end)
    read = read_certificate(in_der(builder.sign(private, digest)))
    assert (read.signature_algorithm, read.key_type, read.key_size) == (signature, kind, size)


def test_algorithms_that_nobody_knows_are_numbers() -> None:
    ecdsa, curve, kind = (b"\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02", b"\xce\x3d\x03\x01\x07", b"\xce\x3d\x02\x01")
    read = read_certificate(simple().replace(ecdsa, ecdsa[:-1] + b"\x7f").replace(curve, curve[:-1] + b"\x7f"))
    assert (read.signature_algorithm, read.key_type, read.key_size) == ("1.2.840.10045.4.3.127", "EC", None)
    assert read_certificate(simple().replace(kind, b"\xce\x3d\x02\x7f")).key_type == "1.2.840.10045.2.127"


def test_bytes_after_the_certificate_are_an_error() -> None:
    with pytest.raises(DerError):
        read_certificate(simple() + b"\0\0")


def test_times_before_and_after_2050_are_iso_8601_in_utc() -> None:
    read = read_certificate(simple())
    assert (read.not_before, read.not_after) == ("2026-01-02T03:04:05Z", "2051-01-02T03:04:05Z")


@pytest.mark.parametrize(
    "damage",
    [b"260102030405+", b"2601020304055", b"261302030405Z", b"26010203040xZ"],
    ids=["offset", "no zone", "month 13", "letter"],
)
def test_a_time_that_is_none_is_an_error(damage: bytes) -> None:
    with pytest.raises(DerError):
        read_certificate(simple().replace(b"260102030405Z", damage))


def test_the_serial_number_is_plain_hexadecimal() -> None:
    assert read_certificate(simple()).serial_number == "ff"


@pytest.mark.parametrize(
    ("text", "encoding", "kind"),
    [
        ("Größe", "utf-16-be", x509.name._ASN1Type.BMPString),
        ("Größe", "utf-32-be", x509.name._ASN1Type.UniversalString),
        ("plain", "ascii", x509.name._ASN1Type.PrintableString),
        ("plain", "ascii", x509.name._ASN1Type.IA5String),
        ("plain", "ascii", x509.name._ASN1Type.NumericString),
        ("plain", "ascii", x509.name._ASN1Type.VisibleString),
    ],
)
def test_every_kind_of_string_is_text(text: str, encoding: str, kind: x509.name._ASN1Type) -> None:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text, kind)])
    assert read_certificate(simple(subject=subject)).subject == f"CN={text}"


def test_a_value_that_is_no_string_is_shown_in_hexadecimal() -> None:
    kind = x509.name._ASN1Type.BitString
    subject = x509.Name([x509.NameAttribute(NameOID.X500_UNIQUE_IDENTIFIER, b"\0\x0f", kind)])
    assert read_certificate(simple(subject=subject)).subject == "2.5.4.45=#000f"


def with_address(address: str) -> bytes:
    name = x509.Name([])
    builder = x509.CertificateBuilder(name, name, key().public_key(), 1, datetime.datetime(2026, 1, 1))
    builder = builder.not_valid_after(datetime.datetime(2027, 1, 1))
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    return in_der(builder.add_extension(names, critical=False).sign(key(), hashes.SHA256()))


def test_an_address_of_impossible_length_is_an_error() -> None:
    der = with_address("1.2.3.4")
    assert read_certificate(der).subject_alt_name == ["IP:1.2.3.4"]
    with pytest.raises(DerError, match="not a certificate in DER"):
        read_certificate(der.replace(b"\x87\x04\x01\x02\x03\x04", b"\x87\x01\x01\x87\x01\x02"))


def test_the_fingerprint_is_written_as_java_and_openssl_group_it_in_lower_case() -> None:
    der = simple()
    digest = x509.load_der_x509_certificate(der).fingerprint(hashes.SHA256())
    assert fingerprint(der) == digest.hex(":")
