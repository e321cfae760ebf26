# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the entries that are there and the desired ones to what must be done. Pure."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.entries import (
    KEY,
    TRUSTED,
    Entry,
    certificate_line,
    describe,
    parsed,
    signed_by,
)

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

MERGED, REPLACED, OVERRIDDEN, ABSENT = STATES = ("merged", "replaced", "overridden", "absent")


@dataclass(frozen=True)
class EntryChange:
    """One entry that is added (``before`` is None), replaced, or removed (``after`` is None)."""

    before: Entry | None
    after: Entry | None

    @property
    def alias(self) -> str:
        """Return the alias; it is the same before and after."""
        entry = self.after or self.before
        return entry.alias if entry else ""

    @property
    def action(self) -> str:
        """Return ``add``, ``replace`` or ``remove``."""
        return "add" if self.before is None else "remove" if self.after is None else "replace"

    def shown(self) -> dict[str, Any]:
        """Return the change for a task's result."""
        return {
            "action": self.action,
            "alias": self.alias,
            "before": describe(self.before),
            "after": describe(self.after),
        }


@dataclass(frozen=True)
class StorePlan:
    """The whole change of one store.

    With ``on_top`` the new store is made from the present one: ``remove`` goes first, then the desired entries ``pack``
    come. Without it the new store is packed afresh from the desired entries ``pack`` and the present ones ``repack``.
    ``intended`` is what it must hold in the end; ``entries`` has the longer chains that Java may show, see ``agrees``.
    """

    changes: tuple[EntryChange, ...]
    entries: tuple[Entry, ...]
    intended: tuple[Entry, ...] = ()
    on_top: bool = False
    remove: tuple[str, ...] = ()
    pack: tuple[str, ...] = ()
    repack: tuple[Entry, ...] = ()


def plan(
    state: str,
    named: Sequence[str],
    wanted: Sequence[Entry],
    present: Sequence[Entry],
    *,
    on_target: Container[str] = (),
    convert: bool = False,
) -> StorePlan:
    """StorePlan one of ``STATES`` for the aliases ``named``; for absent ``desired`` is empty.

    ``on_target`` are desired aliases whose private key is, or will be made, on the target. With ``convert`` the whole
    store is written in another way.
    """
    before = {entry.alias: entry for entry in present}
    if state == ABSENT:
        gone = before.keys() & set(named)
    else:
        gone = before.keys() - set(named) if state == OVERRIDDEN else set()
    stay = {alias: entry for alias, entry in before.items() if alias not in gone}
    intended = {**stay, **{entry.alias: entry for entry in wanted}}
    heap = {der for entry in intended.values() for der in entry.chain}
    changes = [
        EntryChange(before.get(entry.alias), entry)
        for entry in wanted
        if entry.alias not in before or not agrees(before[entry.alias], entry, heap)
    ]
    changes += [EntryChange(before[alias], None) for alias in sorted(gone)]
    if not changes and not convert:
        return StorePlan((), tuple(present))
    foretold = foretell(intended)
    return _way(
        StorePlan(
            changes=tuple(EntryChange(change.before, change.after and foretold[change.alias]) for change in changes),
            entries=tuple(foretold.values()),
            intended=tuple(intended.values()),
        ),
        [entry.alias for entry in wanted],
        stay,
        on_target,
    )


def _way(planned: StorePlan, wanted: Sequence[str], stay: Mapping[str, Entry], on_target: Container[str]) -> StorePlan:
    """Choose how the new store is made.

    Only the host has the private keys that nobody named, so a store that keeps one is changed by keytool, with a call
    for each removal. Everything else is packed afresh on the controller.
    """
    unnamed = [entry for alias, entry in stay.items() if alias not in wanted]
    packed = [alias for alias in wanted if alias not in on_target]
    kept = [alias for alias in wanted if alias in on_target and alias in stay]
    if all(_can_be_packed(entry) for entry in unnamed) and not kept and (unnamed or wanted):
        return replace(planned, pack=tuple(packed), repack=tuple(unnamed))
    keys = [entry for entry in stay.values() if entry.kind == KEY]
    return replace(
        planned,
        on_top=True,
        remove=tuple(change.alias for change in planned.changes if _goes_first(change, keys)),
        pack=tuple(change.alias for change in planned.changes if change.after and change.alias in packed),
    )


def _can_be_packed(entry: Entry) -> bool:
    return entry.kind == TRUSTED and bool(entry.alias) and parsed(entry.chain[0]) is not None


def _goes_first(change: EntryChange, keys: Sequence[Entry]) -> bool:
    """Say whether an entry must be removed before others come; most are simply overwritten.

    Java puts no certificate over a key. And what it overwrites keeps its place in the file, where a renewed issuer
    would come before its namesake in the chain of a key that stays, and take its place there.
    """
    before, after = change.before, change.after
    if before is None or after is None:
        return after is None
    issuer_of_others = before.kind == TRUSTED and any(before.chain[0] in entry.chain for entry in keys)
    return before.kind != after.kind or issuer_of_others


def agrees(found: Entry, wanted: Entry, heap: set[bytes]) -> bool:
    """Say whether Java shows what is wanted; ``heap`` are the certificates of all entries that are wanted.

    A PKCS12 file keeps certificates in a heap; Java strings a key's chain together by looking up each issuer's name in
    the whole store. So a chain that is desired short appears longer where another entry holds the next issuer.
    """
    size = len(wanted.chain)
    return found.kind == wanted.kind and found.chain[:size] == wanted.chain and set(found.chain[size:]) <= heap


def foretell(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return the entries with their chains as Java will string them together.

    Of several certificates with the issuer's name newer Javas take the one that the key identifiers point to: the one
    that signed. Others may take a namesake; that is for ``stores.mismatch`` to find out.
    """
    heap = {der: parsed(der) for entry in entries.values() for der in entry.chain}
    return {alias: Entry(alias, entry.kind, _strung(entry, heap)) for alias, entry in entries.items()}


def _strung(entry: Entry, heap: Mapping[bytes, Certificate | None]) -> tuple[bytes, ...]:
    chain = list(entry.chain)
    while entry.kind == KEY and chain:
        last = heap[chain[-1]]
        signers = (der for der, other in heap.items() if last and other and der not in chain and signed_by(last, other))
        signer = None if last is None or last.issuer == last.subject else next(signers, None)
        if signer is None:
            break
        chain.append(signer)
    return tuple(chain)


def difference(path: str, changes: Sequence[EntryChange], written: Sequence[tuple[str | None, str | None]] = ()) -> str:
    """Return the text shown under --diff: the entries that go (-) and come (+), each with its certificates.

    ``written`` are format and encryption of the store, before and after, where they change.
    """
    lines = [f"key store {path}"]
    lines += [f"{sign} {' '.join(filter(None, how))}" for sign, how in zip("-+", written, strict=False)]
    for change in sorted(changes, key=lambda change: change.alias):
        for sign, entry in (("-", change.before), ("+", change.after)):
            lines += [f"{sign} {line}" for line in _lines(entry)]
    return "".join(f"{line}\n" for line in lines)


def _lines(entry: Entry | None) -> list[str]:
    if entry is None:
        return []
    return [f"{entry.alias}: {entry.kind}", *(f"    {certificate_line(der)}" for der in entry.chain)]
