# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a key store holds, as Java shows it: public data only."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

# Java's own words for the kinds of an entry, as keytool prints them.
KEY = "PrivateKeyEntry"
TRUSTED = "trustedCertEntry"
SECRET = "SecretKeyEntry"


@dataclass(frozen=True)
class Entry:
    """One entry. ``alias`` is in lower case, ``chain`` holds certificates in DER, the leaf first."""

    alias: str
    kind: str
    chain: tuple[bytes, ...] = ()


def same_alias(alias: str) -> str:
    """Return the form in which Java keeps an alias: PKCS12, JKS and JCEKS stores lower-case what they are given."""
    return alias.lower()


def present_entries(path: str, store: Mapping[str, Any], *, keep: bool) -> tuple[Entry, ...]:
    """Return what target_read found in the store at ``path``; SecurityError where this version cannot change it.

    ``keep`` says whether entries that nobody named must survive: then a store that hides entries from Java is refused.
    """
    if store["format"] is None:
        raise SecurityError(
            f"{path}: is not a key store; nothing was changed. Name a PKCS12, JKS or JCEKS file, or remove this one."
        )
    if keep and store["unseen"]:
        raise SecurityError(
            f"{path}: holds keys or certificates that Java does not see (such as plain certificates, or keys without "
            "encryption), and they would be lost; nothing was changed. Make the store anew with state=overridden, "
            "naming every entry that is wanted."
        )
    return tuple(
        Entry(item["alias"], item["kind"], tuple(der_of(pem) for pem in item["certificates"]))
        for item in store["entries"]
    )


def der_of(pem: str) -> bytes:
    """Return the bytes between the PEM lines of one certificate."""
    return base64.b64decode("".join(line for line in pem.splitlines() if not line.startswith("-----")))


def pem_of(der: bytes) -> str:
    """Return a certificate as PEM text."""
    text = base64.b64encode(der).decode("ascii")
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])


def fingerprint(der: bytes) -> str:
    """Return the SHA-256 fingerprint as lower-case hexadecimal pairs joined by colons."""
    return hashlib.sha256(der).digest().hex(":")


def parsed(der: bytes) -> Certificate | None:
    """Return the certificate, or None where ``cryptography`` is stricter than the Java that keeps it."""
    from cryptography import x509

    try:
        return x509.load_der_x509_certificate(der)
    except ValueError:
        return None


def signed_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Say whether ``certificate`` names ``issuer`` as its issuer and was signed by its key."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def iso(when: datetime) -> str:
    """Return a time as ISO 8601 in UTC."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def describe(entry: Entry | None) -> dict[str, Any] | None:
    """Return what may be shown of an entry: alias, kind, the certificate's subject, issuer, dates and fingerprints."""
    if entry is None:
        return None
    shown: dict[str, Any] = {"alias": entry.alias, "kind": entry.kind}
    if entry.chain:
        certificate = parsed(entry.chain[0])
        shown["sha256"] = fingerprint(entry.chain[0])
        shown["chain_sha256"] = [fingerprint(der) for der in entry.chain]
        if certificate is not None:
            shown["subject"] = certificate.subject.rfc4514_string()
            shown["issuer"] = certificate.issuer.rfc4514_string()
            shown["not_before"] = iso(certificate.not_valid_before_utc)
            shown["not_after"] = iso(certificate.not_valid_after_utc)
    return shown


def certificate_line(der: bytes) -> str:
    """Return one line about a certificate: subject, dates, fingerprint."""
    certificate = parsed(der)
    if certificate is None:
        return f"sha256 {fingerprint(der)}"
    dates = f"valid {iso(certificate.not_valid_before_utc)} to {iso(certificate.not_valid_after_utc)}"
    return f"{certificate.subject.rfc4514_string()}, {dates}, sha256 {fingerprint(der)}"


def described(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return the descriptions of a store's entries, by alias."""
    return [describe(entry) or {} for entry in sorted(entries, key=lambda entry: entry.alias)]
