# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about keys and certificates: what runs out, is weak, does not fit its use, or can be read by others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.entries import iso
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import (
    LOWER,
    RING,
    TRUST,
    Held,
    Place,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import (
    Fault,
    Rule,
    rule,
)

_LEAST_BITS = {"RSA": 2048, "DSA": 2048, "EC": 224, "ECC": 224}
_WEAK = ("md2", "md5", "sha1")
_PUT = "keystore with a renewed certificate"


@dataclass(frozen=True)
class Keys:
    """What these rules look at: the places, the time, and within how many days an end is near.

    With ``share`` it is near only within this share of a certificate's whole lifetime, too.
    """

    places: Sequence[Place]
    now: datetime
    days: int
    share: float | None = None

    @property
    def held(self) -> Iterator[tuple[Place, Held]]:
        for place in self.places:
            yield from ((place, held) for held in place.held)

    def near(self, held: Held) -> timedelta:
        """Return how long before its end the end of an entry is near."""
        days = timedelta(self.days)
        if self.share is None or held.not_before is None or held.not_after is None:
            return days
        return min(days, (held.not_after - held.not_before) * self.share)


def of_entry(place: Place, held: Held | None, message: str, *remedy: dict[str, Any]) -> Fault:
    """The place of a finding is the file or ring, with the alias behind a slash."""
    origin = Origin(place.name if held is None else f"{place.name}/{held.alias}")
    return Fault(origin, message, remedy, about=(place.name, held.alias if held else None))


def _do(what: str) -> dict[str, Any]:
    return {"do": what}


@rule("certificate-expired")
def expired(keys: Keys) -> Iterator[Fault]:
    for place, held in keys.held:
        if held.not_after is not None and held.not_after < keys.now:
            text = f"{held.subject} expired at {iso(held.not_after)}."
            yield of_entry(
                place, held, text, _do("renew the certificate, or remove the entry by keystore, state absent")
            )
        elif held.not_before is not None and held.not_before > keys.now:
            text = f"{held.subject} is not valid before {iso(held.not_before)}."
            yield of_entry(place, held, text, _do("wait, or give a certificate that is valid"))


@rule("certificate-expires-soon")
def expires_soon(keys: Keys) -> Iterator[Fault]:
    for place, held in keys.held:
        if held.not_after is not None and keys.now <= held.not_after < keys.now + keys.near(held):
            left = (held.not_after - keys.now).days
            text = f"{held.subject} expires at {iso(held.not_after)}, in {left} days."
            yield of_entry(place, held, text, _do("renew it, see docs/KEYS.md"))


@rule("key-weak")
def weak_key(keys: Keys) -> Iterator[Fault]:
    for place, held in keys.held:
        # RACF says NIST ECC and Brainpool ECC.
        least = _LEAST_BITS.get((held.key_type or "").upper().rpartition(" ")[2])
        if least and held.key_size is not None and held.key_size < least:
            text = f"{held.subject} has a key of {held.key_size} bits ({held.key_type}); {least} are the least."
            yield of_entry(place, held, text, _do("make a new key, and have a certificate issued for it"))


@rule("signature-weak")
def weak_signature(keys: Keys) -> Iterator[Fault]:
    for place, held in keys.held:
        signature = (held.signature or "").lower().replace("-", "")
        if held.subject != held.issuer and any(weak in signature for weak in _WEAK):
            text = f"{held.subject} was signed with {held.signature}."
            yield of_entry(place, held, text, _do("have the certificate issued again with SHA-256"))


@rule("host-name-missing")
def wrong_name(keys: Keys) -> Iterator[Fault]:
    for place, held in keys.held:
        names = held.subject_alt_names
        if not held.has_key or names is None:
            continue
        for host in place.hosts:
            if not any(_covers(name, host) for name in names):
                has = f"has {', '.join(names)}" if names else "has no subject alternative name"
                yield of_entry(place, held, f"{held.subject} is called {host} by clients, and {has}.", _do(_PUT))


def _covers(name: str, host: str) -> bool:
    kind, _colon, value = name.partition(":")
    value, host = value.lower().rstrip("."), host.lower().rstrip(".")
    if kind == "DNS" and value.startswith("*."):
        return host.partition(".")[2] == value[2:]
    return value == host


@rule("chain-incomplete")
def broken_chain(keys: Keys) -> Iterator[Fault]:
    for place, held in keys.held:
        if held.has_key and held.missing_is == LOWER:
            text = f"the chain of {held.subject} ends before {held.missing}, which is no root."
            yield of_entry(
                place, held, text, _do(f"keystore, an entry {held.alias} with chain_content: {held.missing}")
            )


@rule("chain-end-unknown")
def unknown_end(keys: Keys) -> Iterator[Fault]:
    """Of a chain that has an issuer the next one is nearly always the root, which nobody has to send."""
    roots = {_plain(held.subject) for place, held in keys.held if place.kind == RING and held.subject == held.issuer}
    for place, held in keys.held:
        alone = held.missing is not None and held.missing == held.issuer and held.missing_is is None
        if held.has_key and alone and _plain(held.issuer) not in roots:
            text = f"{held.subject} stands alone, and nothing shows whether its issuer {held.issuer} is a root."
            yield of_entry(
                place, held, text, _do(f"if it is no root: keystore, an entry {held.alias} with chain_content")
            )


def _plain(name: str | None) -> str:
    """Return a name as RACF writes it, with dots between its parts."""
    return (name or "").replace(",", ".").lower()


@rule("private-key-in-trust-store")
def key_among_trusted(keys: Keys) -> Iterator[Fault]:
    for place, held in keys.held:
        if held.has_key and place.role == TRUST:
            text = f"{held.subject or held.alias} has its private key here, and the store is used to trust others."
            yield of_entry(place, held, text, _do("move the key to a store of its own"))


@rule("key-file-readable")
def readable(keys: Keys) -> Iterator[Fault]:
    for place in keys.places:
        if place.has_key and place.mode and int(place.mode, 8) & 0o004:
            text = f"it holds a private key, and everybody can read the file ({place.mode})."
            yield of_entry(place, None, text, _do("keystore with mode 0600, or chmod o-r"))


@rule("store-missing")
def missing(keys: Keys) -> Iterator[Fault]:
    for place in keys.places:
        for identity, origin in place.elements if place.is_missing else ():
            text = f"keyStore {identity} at {origin} names this file, and it is not there."
            yield of_entry(place, None, text, _do("make the store by keystore, or correct location"))
        if place.is_missing and not place.elements:
            yield of_entry(place, None, "the file is not there, though it was asked for.", _do("correct the path"))


@rule("store-unusable")
def unusable(keys: Keys) -> Iterator[Fault]:
    for place in keys.places:
        if place.problem and not place.is_missing:
            yield of_entry(place, None, place.problem, _do("correct the password or the file"))


@rule("store-type-differs")
def another_type(keys: Keys) -> Iterator[Fault]:
    for place in keys.places:
        if place.type and place.wanted_type and place.type != place.wanted_type.upper():
            identity, origin = place.elements[0]
            text = f"keyStore {identity} at {origin} says {place.wanted_type}, and the file is {place.type}."
            yield of_entry(place, None, text, _do("set type by server_xml, or convert with store_type by keystore"))


RULES = tuple(entry for entry in list(globals().values()) if isinstance(entry, Rule))
