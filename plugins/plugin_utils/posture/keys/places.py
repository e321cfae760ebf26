# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Places that hold keys and certificates (stores, PEM files, key rings), and what is public of each entry."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import chains, entries
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.entries import KEY, TRUSTED, Entry

if TYPE_CHECKING:
    from cryptography import x509

STORE, PEM, RING = "store", "pem", "ring"
KEYS, TRUST = "key", "trust"
# What a missing issuer is: one that signed itself, which nobody has to send, or one below it.
ROOT, LOWER = "root", "lower"
Json = dict[str, Any]
_SELF_SIGNED = "signed by itself"


@dataclass(frozen=True)
class Held:
    """One entry. What a place does not tell is None; ``trusted`` says whether its Java, or RACF, trusts it.

    ``missing`` names the issuer that the chain of a key lacks; ``missing_is`` says what that is (``root``, ``lower``,
    None: nobody knows here).
    """

    alias: str
    kind: str
    has_key: bool
    trusted: bool
    subject: str | None = None
    issuer: str | None = None
    serial: str | None = None
    subject_alt_names: tuple[str, ...] | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    sha256: str | None = None
    sha1: str | None = None
    key_type: str | None = None
    key_size: int | None = None
    signature: str | None = None
    chain: tuple[str, ...] = ()
    chain_complete: bool | None = None
    missing: str | None = None
    missing_is: str | None = None

    def shown(self, now: datetime) -> Json:
        """Return the entry as plain data."""
        left = None if self.not_after is None else (self.not_after - now).days
        dates = {name: when and entries.iso(when) for name, when in self._dates().items()}
        names = None if self.subject_alt_names is None else list(self.subject_alt_names)
        facts = {name: value for name, value in vars(self).items() if name not in ("missing", "missing_is", "chain")}
        return {**facts, **dates, "subject_alt_names": names, "chain": list(self.chain), "days_left": left}

    def _dates(self) -> dict[str, datetime | None]:
        return {"not_before": self.not_before, "not_after": self.not_after}


@dataclass(frozen=True)
class Place:
    """A place and its entries.

    ``role`` is what it is for (``key``, ``trust``, None: both, or unknown), ``hosts`` the names by which clients
    call the server that shows its keys. ``elements`` are the ``keyStore`` elements that name it, each with its origin;
    ``wanted_type`` is what they say it is. ``problem`` is why it could not be read.
    """

    name: str
    kind: str
    held: tuple[Held, ...] = ()
    type: str | None = None
    encryption: str | None = None
    role: str | None = None
    hosts: tuple[str, ...] = ()
    mode: str | None = None
    owner: str | None = None
    elements: tuple[tuple[str, str], ...] = ()
    wanted_type: str | None = None
    is_missing: bool = False
    problem: str | None = None

    @property
    def has_key(self) -> bool:
        """Whether a private key is in it."""
        return any(held.has_key for held in self.held)

    def shown(self, now: datetime) -> Json:
        """Return the place as plain data."""
        return {
            **{name: getattr(self, name) for name in ("name", "kind", "type", "encryption", "role", "mode", "owner")},
            "elements": [{"id": identity, "origin": origin} for identity, origin in self.elements],
            "missing": self.is_missing,
            "problem": self.problem,
            "entries": [held.shown(now) for held in self.held],
        }


def of_store(present: Sequence[Entry], known: Sequence[x509.Certificate] = ()) -> tuple[Held, ...]:
    """Return what Java shows of a store; among ``known``, certificates of all places, issuers are looked for."""
    trusted = [entries.parsed(entry.chain[0]) for entry in present if entry.kind == TRUSTED and entry.chain]
    own = [certificate for certificate in trusted if certificate is not None]
    return tuple(_of_entry(entry, own, known) for entry in sorted(present, key=lambda entry: entry.alias))


def _of_entry(entry: Entry, trusted: Sequence[x509.Certificate], known: Sequence[x509.Certificate]) -> Held:
    bare = Held(entry.alias, entry.kind, has_key=entry.kind != TRUSTED, trusted=entry.kind == TRUSTED)
    if not entry.chain:
        return bare
    chain = [entries.parsed(der) for der in entry.chain]
    facts = _of_certificate(chain[0], entry.chain[0])
    ends = chains.extended(tuple(each for each in chain if each), trusted) if None not in chain else ()
    if entry.kind == KEY and ends:
        facts["chain_complete"] = chains.is_complete(ends)
        if not facts["chain_complete"]:
            facts["missing"], facts["missing_is"] = ends[-1].issuer.rfc4514_string(), _issuer(ends, known)
    return Held(**{**vars(bare), **facts, "chain": tuple(entries.fingerprint(der) for der in entry.chain)})


def _issuer(chain: chains.Chain, known: Sequence[x509.Certificate]) -> str | None:
    """Say what issued the last of a chain: by the issuer where it is known, else by what the last one says of it.

    RFC 5280, 4.2.1.1: the authority key identifier may name who issued the issuer. Of a root that is the root.
    """
    from cryptography import x509

    found = chains.extended(chain, known)[len(chain) :]
    if found:
        return ROOT if found[0].issuer == found[0].subject else LOWER
    try:
        named = chain[-1].extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.authority_cert_issuer
    except (x509.ExtensionNotFound, ValueError):
        return None
    names = [name.value for name in named or () if isinstance(name, x509.DirectoryName)]
    return None if not names else ROOT if chain[-1].issuer in names else LOWER


def of_pem(certificates: Sequence[str], *, has_key: bool) -> tuple[Held, ...]:
    """Return what a PEM file holds: certificates by number, the first belongs to the private key where there is one."""
    held = []
    for number, pem in enumerate(certificates, 1):
        der = entries.der_of(pem)
        facts = _of_certificate(entries.parsed(der), der)
        mine = has_key and number == 1
        held.append(Held(str(number), "certificate", has_key=mine, trusted=False, **facts))
    if has_key and not held:
        return (Held("1", "private key", has_key=True, trusted=False),)
    return tuple(held)


def of_rings(listed: Iterable[Mapping[str, Any]]) -> list[Place]:
    """Return the rings of what ``saf.racdcert.entries`` returns: one mapping for each certificate on a ring.

    Dates there are local time of the system that listed them; they are taken for UTC, which is right to a day.
    """
    rings: dict[str, list[Held]] = {}
    for one in listed:
        rings.setdefault(f"{one['ring_owner']}/{one['ring']}", []).append(_of_connection(one))
    return [Place(name, RING, tuple(held)) for name, held in rings.items()]


def _of_connection(one: Mapping[str, Any]) -> Held:
    return Held(
        alias=one["label"],
        kind=f"{one['owner']} {one['usage']}",
        has_key=bool(one["private_key"]) and one["usage"] == "PERSONAL",
        trusted=one["usage"] in ("CERTAUTH", "SITE") and one["status"] != "NOTRUST",
        subject=one["subject"],
        issuer=one["issuer"],
        serial=one["serial"],
        not_before=_local(one["start"]),
        not_after=_local(one["end"]),
        key_type=one["key_type"],
        key_size=one["key_size"],
        signature=one["algorithm"],
    )


def _local(text: str | None) -> datetime | None:
    return None if text is None else datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def _of_certificate(certificate: x509.Certificate | None, der: bytes) -> Json:
    # SHA-1 here only names a certificate, as other tools do.
    facts: Json = {
        "sha256": entries.fingerprint(der),
        "sha1": hashlib.sha1(der, usedforsecurity=False).digest().hex(":"),
    }
    if certificate is None:
        return facts
    from cryptography.hazmat.primitives.asymmetric import ec

    key: Any = certificate.public_key()
    kind = (
        "EC" if isinstance(key, ec.EllipticCurvePublicKey) else type(key).__name__.removesuffix("PublicKey").lstrip("_")
    )
    return {
        **facts,
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "serial": f"{certificate.serial_number:x}",
        "subject_alt_names": _alternative_names(certificate),
        "not_before": certificate.not_valid_before_utc,
        "not_after": certificate.not_valid_after_utc,
        "key_type": kind.upper(),
        "key_size": getattr(key, "key_size", None),
        "signature": _signature(certificate),
    }


def _signature(certificate: x509.Certificate) -> str:
    """Return the digest of the signature, or that nobody but its subject signed it: then the digest means nothing."""
    if certificate.issuer == certificate.subject:
        return _SELF_SIGNED
    digest = certificate.signature_hash_algorithm
    return digest.name if digest else certificate.signature_algorithm_oid._name


def _alternative_names(certificate: x509.Certificate) -> tuple[str, ...]:
    from cryptography import x509

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    dns = [f"DNS:{name}" for name in names.get_values_for_type(x509.DNSName)]
    return (*dns, *(f"IP:{address}" for address in names.get_values_for_type(x509.IPAddress)))
