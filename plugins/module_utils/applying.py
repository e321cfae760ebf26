# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How target_apply works: change several files, see whether the server does what is declared, or put all back.

PRIVATE to this collection. Standard library only, Python 3.9. All that can be refused is looked at before anything is
changed; all new files lie beside the old ones, synced, before the first is renamed. A journal in the server's directory
says what is being done, so that the next run can put back what a killed one left.
"""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ansible_collections.zosconnect.security.plugins.module_utils import (
    identity,
    journal,
    leftovers,
    locks,
    looks,
    merging,
    pending,
    placing,
    reading,
    stores,
    undoing,
    ways,
)
from ansible_collections.zosconnect.security.plugins.module_utils.detached import Done
from ansible_collections.zosconnect.security.plugins.module_utils.journal import Entry, Journal, Known
from ansible_collections.zosconnect.security.plugins.module_utils.locks import PlaceError
from ansible_collections.zosconnect.security.plugins.module_utils.outcomes import (
    APPLIED,
    LEFT,
    PUT_BACK,
    REFUSED,
    Outcome,
    Stopped,
    not_told,
)
from ansible_collections.zosconnect.security.plugins.module_utils.sent_secrets import Secrets

if TYPE_CHECKING:
    from ansible_collections.zosconnect.security.plugins.module_utils import confirming

VERSION = 1
# Java's starts take a processor each; so many at once.
_AT_ONCE = 2
# Where the bytes of a file come from; without any only its look is changed.
_CONTENT = ("content", "store", "restore")
_STEPS = ("remove", "intended", "certify", "generate", "kind", "encryption", "convert")

Json = dict[str, Any]


@dataclass
class Change:
    """One file: what is asked for, the held place, its old self, and how far its new self has come."""

    item: Json
    order: placing.Order
    held: ways.Held
    look: looks.FileOptions
    number: int = 0
    old: placing.Old | None = None
    made: merging.Made | None = None
    new: placing.Temporary | None = None
    kept: str | None = None
    told: Entry | None = None
    state: str = journal.OLD
    message: str = ""

    def entry(self) -> Entry:
        """Return it as the journal has it."""
        spot, old, new = self.held.spot, self.old, self.new
        before = Known.of(old.data, old.status) if old else None
        after = Known.of(self.order.data, os.fstat(new.fd)) if new else before
        if after is None:
            raise ValueError(self.order.path)  # neither old nor new: refused when it was compared
        return Entry(self.number, self.order.path, spot.path, before, after, self.kept, self.order.backup)

    @property
    def before(self) -> str | None:
        """The checksum of the old file."""
        return reading.sha256(self.old.data) if self.old else None

    def shown(self) -> Json:
        """Return it as the answer has it."""
        stays = self.state == LEFT or (self.state == journal.NEW and self.order.backup)
        backup = self.held.spot.folder.at(self.kept) if self.kept and stays else None
        before = self.before
        return {
            "path": self.order.path,
            "real_path": self.held.spot.path,
            "state": self.state,
            "made": self.old is None,
            "backup_file": backup,
            "checksum_before": before,
            "checksum_after": reading.sha256(self.order.data) if self.state == journal.NEW else before,
            "requests": self.made.requests if self.made else {},
            "message": self.message,
        }


def _listed(change: Change) -> Json:
    entries = change.made.entries if change.made else []
    return {"path": change.order.path, "sha256": reading.sha256(change.order.data), "entries": entries}


@contextlib.contextmanager
def apply(order: Json, module: Any) -> Iterator[Done]:
    """Carry out an order of target_apply; what came of it can be taken while the files are still locked."""
    with contextlib.ExitStack() as stack:
        work = _Apply(order, module, stack)
        outcome = Outcome(refresh=not_told(order["refresh"]["kind"]))
        try:
            work.get_ready()
        except Exception as e:
            outcome.note(e)
        else:
            try:
                work.carry_out(outcome)
            except Exception as e:
                outcome.note(e)
                work.put_back(outcome)
        work.clear(all_copies=outcome.outcome in (PUT_BACK, REFUSED))
        if outcome.outcome == REFUSED:
            work.forget()
        files = [change.shown() for change in work.changes]
        yield Done(outcome.answer(files, [_listed(change) for change in work.changes if change.made]), work.forget)


def server_of(order: Json, scratch: str | None) -> confirming.Server | None:
    """Return the server of an order that is told or looked at; its part of the code is loaded only then."""
    refresh = order.setdefault("refresh", None) or {"kind": "operator"}
    order["refresh"] = refresh
    if refresh["kind"] != "mbean" and not order.get("gates"):
        return None
    from ansible_collections.zosconnect.security.plugins.module_utils.confirming import Server

    return Server(order, scratch)


class _Apply:
    """One order on its way."""

    def __init__(self, order: Json, module: Any, stack: contextlib.ExitStack) -> None:
        self.order, self.module, self.stack = order, module, stack
        self.changes: list[Change] = []
        self._server = server_of(order, module.tmpdir)
        self._journals: list[tuple[ways.Held, Journal]] = []
        self._is_marked = self._is_done = True
        self._places: dict[str, ways.Held] = {}
        self._note: ways.Held | None = None

    # Before anything is changed.
    def get_ready(self) -> None:
        """Look at all that can be refused, and make all that is new, beside the old."""
        if self.order.get("version") != VERSION:
            raise Stopped("order", f"target_apply takes orders of version {VERSION}; nothing was changed.")
        for number, item in enumerate(self.order["files"]):
            self.changes.append(self._change(number, item))
        if len({change.held.spot.path for change in self.changes}) < len(self.changes):
            raise Stopped("order", "files: two of them are the same file; nothing was changed.")
        for change in self.changes:
            self._compare(change)
        self._make_stores()
        if self._server is not None:
            self._server.check()
        journals = self._journal_places()
        self._note = self._note_place()
        places = [*(change.held for change in self.changes), *(held for held, _changes in journals)]
        locks.lock_all(self.stack, [*places, *([self._note] if self._note else [])])
        for held, _changes in journals:
            self._no_journal_there(held)
        for change in self.changes:
            self._compare(change)
            self._stage(change)
        for change in self.changes:
            self._keep(change)
        self._journals = self._written(journals)
        self._judged()

    def _change(self, number: int, item: Json) -> Change:
        options = looks.FileOptions(self.module, item.get("attributes") or {})
        order = placing.Order(
            path=item["path"],
            real_path=item.get("real_path"),
            data=_given(item),
            expected=item["expected"] or None,
            look=options.look,
            backup=bool(item.get("backup")),
            new_mode=int(item.get("new_mode") or "0600", 8),
            named_by=self._namers(item),
        )
        return Change(item, order, placing.hold(order, self.stack), options, number)

    def _namers(self, item: Json) -> frozenset[int]:
        return reading.namers(item.get("server_dir"), tuple(self.order.get("known_files") or ()))

    def _compare(self, change: Change) -> None:
        """See whether the file is what was read, and may be replaced; remember its old self."""
        spot, order = change.held.spot, change.order
        with identity.acting(change.held.writer), placing.all_said(order):
            change.old = placing.old_file(spot, placing.compare(order, spot))
        if any(change.item.get(name) is not None for name in _CONTENT):
            return
        if change.old is None:
            raise PlaceError(f"{spot.path}: vanished since it was read; nothing was changed. Run again.")
        change.order = replace(order, data=change.old.data)

    def _make_stores(self) -> None:
        """Let the host's Java make the new stores, two at a time; where there are none, none is started."""
        wanted = [change for change in self.changes if change.item.get("store")]
        if not wanted:
            return
        with contextlib.ExitStack() as scratch, ThreadPoolExecutor(_AT_ONCE) as pool:
            ready = [self._merge(change, scratch) for change in wanted]
            made = pool.map(_made, ready) if len(ready) > 1 else map(_made, ready)
            for change, new in zip(wanted, made):
                change.made, change.order = new, replace(change.order, data=new.data)

    def _merge(self, change: Change, scratch: contextlib.ExitStack) -> Callable[[], merging.Made]:
        """Return what makes a store; that looks into no file as somebody else, so it may be done in a thread."""
        store, sent = change.item["store"], Secrets(self.order.get("secrets") or {})
        try:
            folder = scratch.enter_context(tempfile.TemporaryDirectory(dir=self.module.tmpdir))
            passwords = [sent.file(store, option, folder) for option in ("password", "key_password")]
            place = stores.Place(change.order.path, passwords[0] or "", store.get("java_home"), folder, passwords[1])
            base = change.old.data if change.old and store.get("on_top") else None
            pack = base64.b64decode(store["pack"]) if store.get("pack") else None
            merge = merging.Merge(
                base, pack, **{"remove": (), **{step: store[step] for step in _STEPS if step in store}}
            )
            tool = merging.tool_of(place, merge)
        except OSError as e:
            raise _not_made(change.order.path, e) from e
        return lambda: merging.made(place, merge, tool)

    def _journal_places(self) -> list[tuple[ways.Held, list[Change]]]:
        """Say where journals lie, and of which files.

        One is followed with no more rights than those have in whose directory it is. So the server's directory has that
        of all files that are its owner's to replace; of another one it lies beside that file.
        """
        found: dict[str, tuple[ways.Held, list[Change]]] = {}
        for change in self.changes:
            held = self._journal_in(self.order["journal_dir"])
            if identity.is_root() and not held.spot.hands <= {change.held.writer}:
                held = self._journal_in(change.held.spot.folder.path)
            found.setdefault(held.spot.path, (held, []))[1].append(change)
        return list(found.values())

    def _note_place(self) -> ways.Held | None:
        """Return where it is noted that the server was not told, if that is asked for."""
        asked = self.order.get("pending")
        if not asked:
            return None
        return placing.hold(placing.Order(leftovers.note_in(asked["directory"]), b"", None), self.stack)

    def _journal_in(self, directory: str) -> ways.Held:
        if directory not in self._places:
            order = placing.Order(leftovers.journal_in(directory), b"", None)
            held = self._places[directory] = placing.hold(order, self.stack)
            if held.spot.was_link:
                raise Stopped("journal", journal.no_journal(order.path), order.path)
        return self._places[directory]

    def _no_journal_there(self, held: ways.Held) -> None:
        with identity.acting(held.writer):
            if held.spot.status() is not None:
                raise Stopped(
                    "journal",
                    f"{held.spot.path}: an interrupted run has left this, and what it did is to be put back first; "
                    "nothing was changed. Run again.",
                    held.spot.path,
                )

    def _stage(self, change: Change) -> None:
        spot, order = change.held.spot, change.order
        with identity.acting(change.held.writer), placing.all_said(order):
            placing.remove_leftovers(spot)
            look = placing.look_of(order, spot, change.old)
        change.new = ways.acting_for(self.stack, change.held, placing.beside(spot, order.data, look, change.old))
        with identity.acting(change.held.writer), placing.all_said(order):
            if change.item.get("validate"):
                placing.validate(change.item["validate"], spot.folder.at(change.new.name))

    def _keep(self, change: Change) -> None:
        """Keep a copy of the old file: what is put back must be there before anything is changed."""
        if change.old is not None:
            with identity.acting(change.held.writer), placing.all_said(change.order):
                change.kept = placing.back_up(change.held.spot, change.old)
                journal.sync(change.held.spot.folder)

    def _written(self, places: Sequence[tuple[ways.Held, list[Change]]]) -> list[tuple[ways.Held, Journal]]:
        transaction, began = secrets.token_hex(16), time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        for held, changes in places:
            for change in changes:
                change.told = change.entry()
            entries = tuple(change.told for change in changes if change.told)
            told = Journal(transaction, journal.PLACING, began, entries)
            self._journals.append((held, told))
            try:
                journal.write(held, told)
            except OSError as e:
                raise PlaceError(f"{held.spot.path}: cannot be written: {e.strerror}; nothing was changed.") from e
        return self._journals

    def _judged(self) -> None:
        """Refuse unless the files by which the change was judged still are what was read."""
        for other in self.order.get("judged") or ():
            path, named_by = other["path"], self._namers(other)
            found = placing.present_file(path, lambda path=path, by=named_by: reading.read_bytes(path, by))  # type: ignore[misc]
            placing.must_be(path, other["expected"] or None, found)

    # The change.
    def carry_out(self, outcome: Outcome) -> None:
        """Rename the new files over the old ones, tell the server, and look whether it does what is declared."""
        for change in self.changes:
            self._replace(change)
        if self._server is not None:
            self._have_confirmed(self._server, outcome)
        # Before the end is marked: if somebody kills this in between, the files are put back, and the note sees that.
        outcome.pending = self._noted()
        self._mark(journal.APPLIED)
        outcome.outcome = APPLIED

    def _replace(self, change: Change) -> None:
        spot, order = change.held.spot, change.order
        with identity.acting(change.held.writer), placing.all_said(order):
            placing.compare(order, spot)
            if change.new is not None:
                # From here on it may be the new one, whatever is said of it.
                change.state = journal.NEW
                placing.rename(order, spot, change.new, change.old)

    def _have_confirmed(self, server: confirming.Server, outcome: Outcome) -> None:
        if server.is_told:
            created = [change.order.path for change in self.changes if change.old is None]
            modified = [change.order.path for change in self.changes if change.old is not None]
            outcome.refresh = server.tell(modified, created=created)
            if outcome.refresh["state"] == "failed":
                raise Stopped("refresh", outcome.refresh["message"])
        server.confirm(outcome, self._intended)

    def _noted(self) -> str:
        """Note what the server was not told of; say why that was not possible, which is no reason to undo anything."""
        if self._note is None:
            return ""
        asked, kinds = self.order["pending"], self.order["pending"]["kinds"]
        changed = [
            pending.Changed(change.order.path, kinds[change.order.path], change.before)
            for change in self.changes
            if change.order.path in kinds and change.before != reading.sha256(change.order.data)
        ]
        try:
            return pending.keep(self._note, asked, changed, self._namers({"server_dir": asked["directory"]}))
        except undoing.TROUBLE as e:
            return pending.not_noted(self._note.spot.path, e)

    def _intended(self, gate: Json) -> list[str]:
        """Return the fingerprints of the keys that a store of this order holds now, if a port must serve them."""
        aliases = [alias.lower() for alias in gate.get("aliases") or ()]
        places = [change for change in self.changes if change.item.get("store")]
        named = [change for change in places if gate.get("store") in (change.order.path, change.held.spot.path)]
        return [key for change in named for key in _keys(change, aliases)]

    def _mark(self, phase: str, why: str = "") -> None:
        """Say in the journals how it ended. Where that fails it is not fatal: they are removed right away.

        First in those that fewest could forge: if somebody kills this in between, these count for the others.
        """
        try:
            for held, told in sorted(self._journals, key=lambda each: len(each[0].spot.hands)):
                journal.write(held, replace(told, phase=phase, why=why))
        except undoing.TROUBLE:
            self._is_marked = False

    # The way back, and the end.
    def put_back(self, outcome: Outcome) -> None:
        """Make all files their old selves again, the last one first, and tell the server again if it was told."""
        modified: list[str] = []
        deleted: list[str] = []
        for change in reversed(self.changes):
            if change.state != journal.NEW or change.told is None:
                continue
            done = undoing.put_back(change.held, change.told, change.old)
            change.state, change.message = done.state, done.message
            self._is_done = self._is_done and not done.again
            if done.changed:
                (deleted if change.old is None else modified).append(change.order.path)
        if self._server is not None and outcome.refresh["state"] != "none":
            outcome.refresh_back = self._server.tell(modified, deleted=deleted)
        is_whole = all(change.state == journal.OLD for change in self.changes)
        outcome.outcome = LEFT if not is_whole else PUT_BACK if modified or deleted else REFUSED
        self._mark(journal.PUT_BACK if is_whole else journal.PLACING, outcome.message)

    def clear(self, *, all_copies: bool) -> None:
        """Remove the copies of old files that nobody asked for, or whose old files are there themselves.

        Not while a journal would have the next run put them back.
        """
        for change in self.changes if self._is_marked else ():
            if change.kept and change.state != LEFT and (all_copies or not change.order.backup):
                with contextlib.suppress(*undoing.TROUBLE), identity.acting(change.held.writer):
                    change.held.spot.folder.remove(change.kept)
                    change.kept = None

    def forget(self) -> None:
        """Remove the journals: the answer was taken, and there is nothing that the next run could put back."""
        if not self._is_done:
            return
        for held, _told in self._journals:
            with contextlib.suppress(*undoing.TROUBLE):
                journal.remove(held)
        self._is_marked = True
        self.clear(all_copies=False)


def _given(item: Json) -> bytes:
    """Return the new bytes of a file; a store is made later, and what is in a backup never leaves here."""
    if item.get("restore"):
        return placing.read_backup(item["path"], item["restore"]["path"], item["restore"]["checksum"])
    return base64.b64decode(item.get("content") or "")


def _made(make: Callable[[], merging.Made]) -> merging.Made:
    return make()


def _not_made(path: str, e: OSError) -> stores.StoreError:
    return stores.StoreError(f"{path}: the new store cannot be made: {e.strerror}; nothing was changed.")


def _keys(change: Change, aliases: Sequence[str]) -> list[str]:
    """Return the fingerprints of the certificates of a new store's keys."""
    entries = change.made.entries if change.made else []
    seen = [(entry, [merging.fingerprint(pem) for pem in entry["certificates"]]) for entry in entries]
    seen = seen or [(entry, entry["chain"] or []) for entry in change.item["store"]["intended"]]
    return [
        chain[0]
        for entry, chain in seen
        if entry["kind"] == "PrivateKeyEntry" and chain and (not aliases or entry["alias"].lower() in aliases)
    ]
