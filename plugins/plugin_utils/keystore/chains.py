# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chains of certificates: put in order, and what is wrong with one that cannot be. A chain may stop below the root."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.entries import signed_by

if TYPE_CHECKING:
    from cryptography import x509

    Chain = tuple[x509.Certificate, ...]


def subject(certificate: x509.Certificate) -> str:
    """Return whom a certificate is about, for a sentence."""
    return certificate.subject.rfc4514_string() or "without a subject"


def public_bytes(of: Any) -> bytes:
    """Return the public key of a private key or a certificate."""
    from cryptography.hazmat.primitives import serialization

    data: bytes = of.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return data


def of_key(key: bytes, certificates: Sequence[x509.Certificate]) -> x509.Certificate | None:
    """Return the first certificate for this public key."""
    return next((each for each in certificates if public_bytes(each) == key), None)


def ordered(own: x509.Certificate, certificates: Sequence[x509.Certificate], where: str) -> Chain:
    """Return ``own`` and its issuers, each before the one that signed it.

    A SecurityError names what is missing, superfluous, given twice, or leads in a circle.
    """
    rest = list(certificates)
    if own in rest:
        rest.remove(own)
    twice = next((each for at, each in enumerate(rest) if each == own or each in rest[:at]), None)
    if twice is not None:
        raise SecurityError(f"{where}: the chain holds {subject(twice)} twice; leave the second one out.")
    chain = extended((own,), rest)
    rest = [each for each in rest if each not in chain]
    if rest:
        raise SecurityError(f"{where}: the chain is broken: {_break(chain[-1], rest)}")
    _no_circle(chain, where)
    return chain


def extended(chain: Chain, others: Sequence[x509.Certificate]) -> Chain:
    """Return ``chain`` with those of ``others`` that continue it, in whatever order they come."""
    while not is_complete(chain):
        signers = (each for each in others if each not in chain and signed_by(chain[-1], each))
        issuer = next(signers, None)
        if issuer is None:
            break
        chain = (*chain, issuer)
    return chain


def is_complete(chain: Chain) -> bool:
    """Say whether the chain ends with a certificate that signed itself."""
    last = chain[-1]
    return last.issuer == last.subject and signed_by(last, last)


def _no_circle(chain: Chain, where: str) -> None:
    last = chain[-1]
    if not is_complete(chain) and any(signed_by(last, each) for each in chain[:-1]):
        raise SecurityError(
            f"{where}: the chain leads in a circle: {subject(last)} was signed by one that comes before it; give the "
            "certificate of its issuer that a root signed."
        )


def _break(last: x509.Certificate, rest: Sequence[x509.Certificate]) -> str:
    """Say why none of ``rest`` follows ``last``: it is a root, its issuer is missing, or a namesake is given."""
    after, issuer = subject(rest[0]), last.issuer.rfc4514_string()
    if last.issuer == last.subject:
        return f"{subject(last)} signed itself, so {after} does not follow it; leave out what comes after it."
    if any(last.issuer == each.subject for each in rest):
        wrong = f"{subject(last)} names {issuer} as its issuer, but another key signed it"
        return f"{wrong}; give the issuer's right certificate."
    return f"{after} does not follow {subject(last)}; the certificate of its issuer, {issuer}, is missing."
