# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the entries that are there and the entries that are wished to what must be done. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.entries import (
    KEY,
    TRUSTED,
    Entry,
    certificate_line,
    describe,
    parsed,
)

MERGED, OVERRIDDEN, ABSENT = "merged", "overridden", "absent"


@dataclass(frozen=True)
class Change:
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
class Plan:
    """The whole change of one store.

    ``keep`` are the present entries that stay. ``wished`` are the aliases to be packed. ``intended`` is what the store
    must hold afterwards; Java may show a longer chain (see ``agrees``), and ``entries`` foretells that.
    """

    changes: tuple[Change, ...]
    keep: tuple[Entry, ...]
    wished: tuple[str, ...]
    intended: tuple[Entry, ...]
    entries: tuple[Entry, ...]

    @property
    def on_top(self) -> bool:
        """Say whether the new store is made from the present one; else it is made of the new entries alone."""
        return bool(self.keep) or not self.wished

    @property
    def remove(self) -> tuple[str, ...]:
        """Return the aliases that must go before new ones come; most are simply overwritten."""
        if not self.on_top:
            return ()
        return tuple(
            c.alias for c in self.changes if c.before and (c.after is None or self._first_away(c.before, c.after))
        )

    def _first_away(self, before: Entry, after: Entry) -> bool:
        """Say whether overwriting would not do.

        Java puts no certificate over a key. And what it overwrites keeps its place in the file, where a renewed issuer
        would come before its namesake in the chain of a key that stays, and take its place there.
        """
        return before.kind != after.kind or (
            before.kind == TRUSTED and any(before.chain[0] in entry.chain for entry in self.keep if entry.kind == KEY)
        )


def plan(state: str, named: Sequence[str], wished: Sequence[Entry], present: Sequence[Entry]) -> Plan:
    """Plan ``state`` (merged, overridden, absent) for the aliases ``named``; for absent ``wished`` is empty."""
    before = {entry.alias: entry for entry in present}
    gone = {
        alias for alias in before if (alias in named if state == ABSENT else state == OVERRIDDEN and alias not in named)
    }
    stay = {alias: entry for alias, entry in before.items() if alias not in gone}
    intended = {**stay, **{entry.alias: entry for entry in wished}}
    changes = [
        Change(before.get(entry.alias), entry)
        for entry in wished
        if entry.alias not in before or not agrees(before[entry.alias], entry, others(intended, entry.alias))
    ]
    changes += [Change(before[alias], None) for alias in sorted(gone)]
    touched = {change.alias for change in changes}
    keep = tuple(entry for alias, entry in stay.items() if alias not in touched)
    if not changes:
        return Plan((), keep, (), tuple(present), tuple(present))
    foretold = foretell(intended)
    return Plan(
        changes=tuple(Change(c.before, c.after and foretold[c.alias]) for c in changes),
        keep=keep,
        wished=tuple(c.alias for c in changes if c.after),
        intended=tuple({**intended, **{entry.alias: entry for entry in keep}}.values()),
        entries=tuple(foretold.values()),
    )


def others(entries: Mapping[str, Entry], alias: str) -> set[bytes]:
    """Return the certificates that the other entries of the store hold."""
    return {der for entry in entries.values() if entry.alias != alias for der in entry.chain}


def agrees(found: Entry, wanted: Entry, elsewhere: Iterable[bytes]) -> bool:
    """Say whether Java shows what is wanted.

    A PKCS12 file keeps certificates in a heap; Java strings a key's chain together by looking up each issuer's name in
    the whole store. So a chain that was wished short appears longer when another entry holds the next issuer.
    """
    size = len(wanted.chain)
    return (
        found.kind == wanted.kind and found.chain[:size] == wanted.chain and set(found.chain[size:]) <= set(elsewhere)
    )


def foretell(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return the entries with their chains as Java will string them together."""
    by_name: dict[bytes, bytes] = {}
    for entry in entries.values():
        for der in entry.chain:
            certificate = parsed(der)
            if certificate is not None:
                by_name.setdefault(certificate.subject.public_bytes(), der)
    return {alias: Entry(alias, entry.kind, _strung(entry, by_name)) for alias, entry in entries.items()}


def _strung(entry: Entry, by_name: Mapping[bytes, bytes]) -> tuple[bytes, ...]:
    chain = list(entry.chain)
    while entry.kind == KEY and chain:
        last = parsed(chain[-1])
        issuer = None if last is None else by_name.get(last.issuer.public_bytes())
        if issuer is None or issuer in chain:
            break
        chain.append(issuer)
    return tuple(chain)


def difference(path: str, changes: Sequence[Change]) -> str:
    """Return the text shown under --diff: the entries that go (-) and come (+), each with its certificates."""
    lines = [f"key store {path}"]
    for change in sorted(changes, key=lambda change: change.alias):
        for sign, entry in (("-", change.before), ("+", change.after)):
            lines += [f"{sign} {line}" for line in _lines(entry)]
    return "".join(f"{line}\n" for line in lines)


def _lines(entry: Entry | None) -> list[str]:
    if entry is None:
        return []
    return [f"{entry.alias}: {entry.kind}", *(f"    {certificate_line(der)}" for der in entry.chain)]
