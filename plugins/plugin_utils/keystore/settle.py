# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wishes about keys that are in the store already: what is not named of an entry stays as it is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import chains
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.entries import KEY, Entry, parsed

if TYPE_CHECKING:
    from cryptography import x509

    from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.material import Wish


def settled(wishes: Iterable[Wish], present: Sequence[Entry], *, exactly: bool) -> list[Wish]:
    """Return the wishes with full chains, without those for keys that were made before.

    With ``exactly`` a chain is what was given; else certificates of the present entry continue it where they fit.
    """
    before = {entry.alias: entry for entry in present}
    made = [_settled(wish, before, exactly=exactly) for wish in wishes]
    return [wish for wish in made if wish is not None]


def _settled(wish: Wish, before: Mapping[str, Entry], *, exactly: bool) -> Wish | None:
    where = f"entries (alias {wish.alias})"
    entry = before.get(wish.alias)
    there = _certificates(entry)
    if wish.trusted:
        _no_key_goes(entry, where)
        return wish
    if wish.generation:
        return _generated(wish, entry, there, where)
    if wish.key is None:
        wish = replace(wish, chain=_certified(wish, there, where))
    if exactly:
        return wish
    return replace(wish, chain=chains.extended(wish.chain, there))


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


def _generated(wish: Wish, entry: Entry | None, there: chains.Chain, where: str) -> Wish | None:
    if entry is None:
        return wish
    if there and wish.generation and wish.generation.fits(there[0]):
        return None
    raise SecurityError(
        f"{where}: the store holds something else under this alias than the key that generate asks for, and it would "
        "be lost; choose another alias, or remove the entry with state absent first."
    )


def _certified(wish: Wish, there: chains.Chain, where: str) -> chains.Chain:
    """Return the new chain of a key that is in the store."""
    if not there:
        raise SecurityError(
            f"{where}: has no private key, and the store holds none under this alias; give privatekey_content or "
            "privatekey_path, set trusted if the certificate is to be trusted, or generate to make a key there."
        )
    own = _own(wish, there)
    if own is None:
        raise SecurityError(
            f"{where}: the certificate {chains.subject(wish.chain[0])} does not belong to the private key that the "
            "store holds under this alias; give the certificate that was issued for its request, or the new private "
            "key too."
        )
    return chains.ordered(own, wish.chain, where)


def _own(wish: Wish, there: chains.Chain) -> x509.Certificate | None:
    own = chains.of_key(chains.public_bytes(there[0]), wish.chain)
    return there[0] if own is None and not wish.certified else own
