# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finish or undo what an interrupted run left. PRIVATE to this collection. Standard library only, Python 3.9.

What had been confirmed is finished; everything else is put back. Which it is the journals say, what the files are is
seen on the disk, and nothing is done that those could not do in whose hands a journal is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ansible_collections.zosconnect.security.plugins.module_utils import (
    identity,
    journal,
    leftovers,
    locks,
    placing,
    reading,
    undoing,
    ways,
)
from ansible_collections.zosconnect.security.plugins.module_utils.applying import server_of
from ansible_collections.zosconnect.security.plugins.module_utils.detached import Done
from ansible_collections.zosconnect.security.plugins.module_utils.journal import Entry, Left
from ansible_collections.zosconnect.security.plugins.module_utils.locks import PlaceError
from ansible_collections.zosconnect.security.plugins.module_utils.outcomes import (
    APPLIED,
    LEFT,
    PUT_BACK,
    REFUSED,
    Outcome,
    not_told,
)

if TYPE_CHECKING:
    from ansible_collections.zosconnect.security.plugins.module_utils import confirming

Json = dict[str, Any]


@dataclass
class _File:
    """One file that the journal at ``path`` names; ``held`` is None where nobody may follow it there."""

    path: str
    entry: Entry
    held: ways.Held | None
    state: str = LEFT
    changed: bool = False
    message: str = ""
    again: bool = False

    def shown(self) -> Json:
        entry, real_path = self.entry, self.entry.real_path
        is_new, before = self.state == journal.NEW, entry.before.sha256 if entry.before else None
        stays = entry.kept and (self.state == LEFT or (is_new and entry.keep))
        return {
            "path": entry.path,
            "real_path": real_path,
            "state": self.state,
            "made": entry.before is None,
            "backup_file": f"{real_path.rpartition('/')[0]}/{entry.kept}" if stays else None,
            "checksum_before": before,
            "checksum_after": entry.after.sha256 if is_new else before,
            "requests": {},
            "message": self.message,
        }


@dataclass
class _Run:
    """What one interrupted run left, in one directory or several, of which it had come to the same ``phase``."""

    phase: str
    left: list[tuple[ways.Held, Left]] = field(default_factory=list)
    files: list[_File] = field(default_factory=list)

    def name(self) -> str:
        """Return how sentences call it."""
        _held, left = self.left[0]
        return f"{left.path}: the run that began at {left.journal.began}"

    def others(self) -> str:
        """Name the files that are not as the run left them, where it had come to its end; nothing without any."""
        state = journal.NEW if self.phase == journal.APPLIED else journal.OLD
        return journal.some([file.entry.path for file in self.files if file.state != state])


def _phase(left: Left, all_left: Sequence[Left]) -> str:
    """Return how far the run of a journal had come: it says in one after the other how it ended, so one is enough.

    Journals that others could forge than could forge this one do not count, for these are no files of theirs.
    """
    of_run = [each for each in all_left if each.journal.transaction == left.journal.transaction]
    phases = {each.journal.phase for each in of_run if each.hands <= left.hands or not identity.is_root()}
    return next(each for each in (journal.APPLIED, journal.PUT_BACK, journal.PLACING) if each in phases)


@contextlib.contextmanager
def recover(order: Json, module: Any) -> Iterator[Done]:
    """Finish or undo what lies in the directories of an order; see target_apply."""
    server = server_of(order, module.tmpdir)
    outcome = Outcome(refresh=not_told(order["refresh"]["kind"]))
    with contextlib.ExitStack() as stack:
        work = _Recover(stack)
        try:
            work.get_ready(order["recover"], server)
            work.carry_out(outcome, server)
        except Exception as e:
            outcome.note(e)
        files = [file for run in work.runs.values() for file in run.files]
        answer = outcome.answer([file.shown() for file in files])
        answer["changed"] = any(file.changed for file in files)
        # What was refused, or failed, is still to be done.
        is_done = outcome.outcome != REFUSED and not any(file.again for file in files)
        yield Done(answer, work.forget if is_done else lambda: None)


class _Recover:
    """The journals of one call."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack
        self.runs: dict[tuple[str, str], _Run] = {}
        # By the path of a journal: bytes of the files that it names, and of their copies.
        self._bytes: dict[str, int] = {}

    def get_ready(self, directories: Sequence[str], server: confirming.Server | None) -> None:
        """Read the journals, lock all that they name, and see that they are still the same."""
        found = [(directory, journal.read(directory)) for directory in dict.fromkeys(directories)]
        places, all_left = [], [left for _directory, left in found if left is not None]
        for directory, left in found:
            if left is not None:
                held = placing.hold(placing.Order(leftovers.journal_in(directory), b"", None), self._stack)
                phase = _phase(left, all_left)
                run = self.runs.setdefault((left.journal.transaction, phase), _Run(phase))
                run.left.append((held, left))
                run.files += [self._file(entry, left) for entry in left.journal.entries]
                places.append(held)
        if server is not None and any(run.phase == journal.PLACING for run in self.runs.values()):
            server.check()
        files = [file.held for run in self.runs.values() for file in run.files if file.held]
        locks.lock_all(self._stack, [*places, *files])
        if found != [(directory, journal.read(directory)) for directory, _left in found]:
            raise PlaceError("Another run has changed what an interrupted one left; nothing was changed. Run again.")

    def _file(self, entry: Entry, left: Left) -> _File:
        order = placing.Order(entry.path, b"", None, real_path=entry.real_path, named_by=left.hands)
        try:
            return _File(left.path, entry, placing.hold(order, self._stack))
        except PlaceError as e:
            # Where the way itself is refused, or leads elsewhere, it will be so the next time.
            again = isinstance(e.__cause__, (OSError, identity.IdentityError))
            return _File(left.path, entry, None, message=str(e), again=again)

    def carry_out(self, outcome: Outcome, server: confirming.Server | None) -> None:
        """Finish or undo each run; say what came of it."""
        said = []
        outcomes = {APPLIED}
        for run in self.runs.values():
            outcomes.add(self._one(run))
            said.append(self._sentence(run))
        self._tidy()
        outcome.outcome = next(each for each in (LEFT, PUT_BACK, APPLIED) if each in outcomes)
        outcome.message = " ".join(said)
        transactions = list(dict.fromkeys(key[0] for key in self.runs))
        if self.runs and outcome.outcome != APPLIED:
            outcome.problem = {"kind": "interrupted", "path": None, "facts": {"transactions": transactions}}
        back = [file.entry for run in self.runs.values() for file in run.files if file.changed]
        if back and server is not None:
            gone = [entry.path for entry in back if entry.before is None]
            outcome.refresh_back = server.tell([entry.path for entry in back if entry.before], deleted=gone)
        self._mark()

    def _one(self, run: _Run) -> str:
        is_undone = run.phase == journal.PLACING
        for file in sorted(run.files, key=lambda each: -each.entry.number):
            if file.held is not None:
                self._settle(file, file.held, run.phase)
        if not is_undone:
            return APPLIED if run.phase == journal.APPLIED else PUT_BACK
        return LEFT if any(file.state == LEFT for file in run.files) else PUT_BACK

    def _settle(self, file: _File, held: ways.Held, phase: str) -> None:
        entry = file.entry
        if not self._is_looked_at(file, held):
            file.message = (
                f"{held.spot.path}: is left as it is, because {file.path} names files with more than "
                f"{journal.MOST_CONTENT} bytes together. Put it back by hand."
            )
            return
        if phase == journal.PLACING:
            back = undoing.put_back(held, entry)
            file.state, file.changed, file.message, file.again = back.state, back.changed, back.message, back.again
        else:
            file.state = self._state(entry, held, both=journal.OLD if phase == journal.PUT_BACK else journal.NEW)
        with contextlib.suppress(*undoing.TROUBLE), identity.acting(held.writer):
            if entry.kept and file.state != LEFT and not (entry.keep and file.state == journal.NEW):
                held.spot.folder.remove(entry.kept)

    def _tidy(self) -> None:
        """Remove what was half written, in each directory once: its owner decides how much there is to list."""
        folders: dict[tuple[str, int | None], tuple[ways.Held, set[str]]] = {}
        for held in (file.held for run in self.runs.values() for file in run.files if file.held):
            folders.setdefault((held.spot.folder.path, held.writer), (held, set()))[1].add(held.spot.name)
        for held, names in folders.values():
            with contextlib.suppress(*undoing.TROUBLE), identity.acting(held.writer):
                placing.remove_leftovers_of(held.spot.folder, names)

    def _is_looked_at(self, file: _File, held: ways.Held) -> bool:
        """Whether a file and its copy are read: whoever writes a journal takes no time without end."""
        for name in filter(None, (held.spot.name, file.entry.kept)):
            with contextlib.suppress(*undoing.TROUBLE), identity.acting(held.writer):
                size = held.spot.folder.status(name).st_size
                self._bytes[file.path] = self._bytes.get(file.path, 0) + size
        return self._bytes.get(file.path, 0) <= journal.MOST_CONTENT

    def _state(self, entry: Entry, held: ways.Held, *, both: str) -> str:
        found = None
        with contextlib.suppress(*undoing.TROUBLE), identity.acting(held.writer):
            found = entry.state(placing.present_file(held.spot.path, lambda: reading.read_at(held.spot)))
        return {journal.NEW: journal.NEW, journal.BOTH: both, journal.OLD: journal.OLD}.get(found or "", LEFT)

    def _sentence(self, run: _Run) -> str:
        why = next((left.journal.why for _held, left in run.left if left.journal.why), "")
        others = run.others() if run.phase != journal.PLACING else ""
        if run.phase == journal.APPLIED and others:
            return f"{run.name()} had come to its end; these files are not as it left them: {others}."
        if run.phase == journal.APPLIED:
            return f"{run.name()} had come to its end: its files are the new ones."
        if run.phase == journal.PUT_BACK and others:
            return f"{run.name()} had put back its files; these are not as it left them: {others}. It said: {why}"
        if run.phase == journal.PUT_BACK:
            return f"{run.name()} had put back its files. It said: {why}"
        if any(file.state == LEFT for file in run.files):
            messages = [file.message for file in run.files if file.message]
            more = len(messages) - journal.MOST_NAMED
            told = " ".join(messages[: journal.MOST_NAMED]) + (f" So it is with {more} more." if more > 0 else "")
            if any(file.again for file in run.files):
                told += f" If that never works, put them back by hand and remove {run.left[0][1].path}."
            return f"{run.name()} was interrupted, and not all of its files could be put back. {told}"
        if not any(file.changed for file in run.files):
            return f"{run.name()} was interrupted before it had changed a file."
        return f"{run.name()} was interrupted, so its files were put back."

    def _mark(self) -> None:
        """Say what came of it for the case that nobody hears the answer."""
        for run in self.runs.values():
            if run.phase == journal.PLACING and all(file.state == journal.OLD for file in run.files):
                why = self._sentence(run)
                for held, left in run.left:
                    with contextlib.suppress(*undoing.TROUBLE):
                        journal.write(held, replace(left.journal, phase=journal.PUT_BACK, why=why))

    def forget(self) -> None:
        """Remove the journals: the answer was taken."""
        for run in self.runs.values():
            for held, _left in run.left:
                with contextlib.suppress(*undoing.TROUBLE):
                    journal.remove(held)
