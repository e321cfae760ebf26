# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Desired entries for keys that are in the store already: what is not named of an entry stays as it is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import chains
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.entries import KEY, Entry, iso, parsed

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

    from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.material import DesiredEntry


def settled(desired: Iterable[DesiredEntry], present: Sequence[Entry], *, exactly: bool) -> list[DesiredEntry]:
    """Return the desired entries with full chains, without those for keys that were made before.

    With ``exactly`` a chain is what was given; else certificates of the present entry continue it where they fit.
    """
    before = {entry.alias: entry for entry in present}
    made = [_settled(want, before, exactly=exactly) for want in desired]
    return [want for want in made if want is not None]


def _settled(want: DesiredEntry, before: Mapping[str, Entry], *, exactly: bool) -> DesiredEntry | None:
    where = f"entries (alias {want.alias})"
    entry = before.get(want.alias)
    if entry is not None and not want.allow_older:
        _not_older(want, entry, where)
    there = _certificates(entry)
    if want.trusted:
        _no_key_goes(entry, where)
        return want
    if want.generation:
        return _generated(want, entry, there, where)
    if want.key is None:
        want = replace(want, chain=_certified(want, there, where))
    if exactly:
        return want
    return replace(want, chain=chains.extended(want.chain, there))


def _not_older(want: DesiredEntry, entry: Entry, where: str) -> None:
    """Refuse to put a certificate in the place of a newer one of the same subject and issuer: that was renewed."""
    present = [each for each in map(parsed, entry.chain) if each]
    for certificate in want.chain:
        newest = max((one for one in present if _is_namesake(one, certificate)), key=_age, default=None)
        if newest is not None and certificate not in present and _age(certificate) < _age(newest):
            since, until = (iso(certificate.not_valid_before_utc), iso(newest.not_valid_before_utc))
            raise SecurityError(
                f"{where}: the certificate {chains.subject(certificate)} is valid from {since}, and the store holds a "
                f"newer one of the same subject and issuer, valid from {until}, which would be lost; nothing was "
                "changed. Give the newer certificate, leave certificate and key out, or set allow_older to go back."
            )


def _is_namesake(one: x509.Certificate, other: x509.Certificate) -> bool:
    return one.subject == other.subject and one.issuer == other.issuer


def _age(certificate: x509.Certificate) -> tuple[datetime, datetime]:
    """Return what tells an older certificate from a newer one."""
    return certificate.not_valid_before_utc, certificate.not_valid_after_utc


def _no_key_goes(entry: Entry | None, where: str) -> None:
    if entry is not None and entry.kind == KEY:
        raise SecurityError(
            f"{where}: the store holds a private key under this alias, and a trusted certificate in its place would "
            "lose it; choose another alias, or remove the entry with state absent first."
        )


def _certificates(entry: Entry | None) -> chains.Chain:
    """Return the chain of the key that is in the store, as far as others than Java can read it."""
    chain = entry.chain if entry is not None and entry.kind == KEY else ()
    return tuple(each for each in takewhile(lambda each: each is not None, map(parsed, chain)) if each)


def _generated(want: DesiredEntry, entry: Entry | None, there: chains.Chain, where: str) -> DesiredEntry | None:
    if entry is None:
        return want
    if there and want.generation and want.generation.fits(there[0]):
        return None
    raise SecurityError(
        f"{where}: the store holds something else under this alias than the key that generate asks for, and it would "
        "be lost; choose another alias, or remove the entry with state absent first."
    )


def _certified(want: DesiredEntry, there: chains.Chain, where: str) -> chains.Chain:
    """Return the new chain of a key that is in the store."""
    if not there:
        raise SecurityError(
            f"{where}: has no private key, and the store holds none under this alias; give privatekey_content or "
            "privatekey_path, set trusted if the certificate is to be trusted, or generate to make a key there."
        )
    own = _own(want, there)
    if own is None:
        raise SecurityError(
            f"{where}: the certificate {chains.subject(want.chain[0])} does not belong to the private key that the "
            "store holds under this alias; give the certificate that was issued for its request, or the new private "
            "key too."
        )
    return chains.ordered(own, want.chain, where)


def _own(want: DesiredEntry, there: chains.Chain) -> x509.Certificate | None:
    own = chains.of_key(chains.public_bytes(there[0]), want.chain)
    return there[0] if own is None and not want.certified else own
