# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a change of several files leaves for the next run, should it be interrupted. PRIVATE to this collection.

Standard library only, Python 3.9. A journal lies in the server's directory, under a name that no server reads, and says
what each file was and shall be: by checksums and looks, without content. Whoever owns that directory may write into it
what he likes. So everything that it names is done with no more rights than those have in whose hands it is, what counts
is what the files on the disk are, and its size and length have bounds.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from ansible_collections.zosconnect.security.plugins.module_utils import (
    identity,
    leftovers,
    locks,
    placing,
    reading,
    ways,
)
from ansible_collections.zosconnect.security.plugins.module_utils.identity import user_name
from ansible_collections.zosconnect.security.plugins.module_utils.leftovers import journal_in
from ansible_collections.zosconnect.security.plugins.module_utils.placing import Look

NAME = leftovers.JOURNAL
VERSION = 1
# What a run has come to: files are being replaced and looked at; all is as it shall be; all was put back.
PLACING, APPLIED, PUT_BACK = "placing", "applied", "put_back"
_PHASES = (PLACING, APPLIED, PUT_BACK)
# What a file is, by the journal: its old self, its new self, both (they are the same), or something else.
OLD, NEW, BOTH, OTHER = "old", "new", "both", "other"
MOST_BYTES, MOST_FILES = 2_000_000, 500
# Bytes of files that are looked at because a journal names them.
MOST_CONTENT = 4 * reading.LARGEST
_LONGEST_PATH, _LONGEST_TEXT, _LONGEST_NUMBER = 4096, 2000, 20
# Files that a sentence names.
MOST_NAMED = 3
SHA256 = re.compile(r"[0-9a-f]{64}")
_BEGAN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_TRANSACTION = re.compile(r"[0-9a-f]{32}")

Json = dict[str, Any]


class JournalError(Exception):
    """The journal is not one that may be followed; the message is a sentence."""


class Known(NamedTuple):
    """What a file was, or shall be: the checksum of its bytes, owner, group and permission bits."""

    sha256: str
    uid: int
    gid: int
    mode: int

    @classmethod
    def of(cls, data: bytes, status: os.stat_result) -> Known:
        """Return what is known of a file with these bytes and this status."""
        return cls(reading.sha256(data), *Look.of(status))


@dataclass(frozen=True)
class Entry:
    """One file: ``before`` is None for one that did not exist.

    ``number`` is its place in the order of the change. ``kept`` is the name, beside it, of a copy of its old self,
    and ``keep`` whether that copy stays as a backup.
    """

    number: int
    path: str
    real_path: str
    before: Known | None
    after: Known
    kept: str | None
    keep: bool

    def state(self, found: tuple[bytes, os.stat_result] | None) -> str:
        """Say which of its selves the file is, by what was found in its place."""
        if found is None:
            return OLD if self.before is None else OTHER
        now = Known.of(*found)
        if self.before is None or self.before.sha256 != self.after.sha256:
            selves = {self.after.sha256: NEW, **({self.before.sha256: OLD} if self.before else {})}
            return selves.get(now.sha256, OTHER)
        if self.before == self.after:
            return BOTH if now.sha256 == self.after.sha256 else OTHER
        return {self.before: OLD, self.after: NEW}.get(now, OTHER)


@dataclass(frozen=True)
class Journal:
    """What one run does, as far as it is told in one directory. ``why`` is a sentence of a run that put all back."""

    transaction: str
    phase: str
    began: str
    entries: tuple[Entry, ...]
    why: str = ""

    def to_bytes(self) -> bytes:
        """Return it as it is written."""
        return json.dumps({"zosconnect.security": "journal", "version": VERSION, **asdict(self)}).encode()


def parse(data: bytes, path: str) -> Journal:
    """Read a journal; a JournalError for what is none, or one of another version."""
    try:
        content = loaded(data)
        if content["zosconnect.security"] != "journal":
            raise ValueError
        version = content["version"]
    except (ValueError, TypeError, KeyError, RecursionError) as e:
        raise JournalError(no_journal(path)) from e
    if version != VERSION:
        shown = str(version)[:20] if isinstance(version, (int, str)) else "?"
        raise JournalError(
            f"{path}: was left by another version of this collection (its journal has version {shown}, known is "
            f"{VERSION}), so nothing is done. Run that version once more, or put back the files from their backups "
            "and remove it."
        )
    try:
        return _journal(content)
    except (ValueError, TypeError, KeyError, AttributeError) as e:
        raise JournalError(no_journal(path)) from e


def loaded(data: bytes) -> Any:
    """Return what JSON says that somebody else may have written; ValueError or RecursionError for what is not taken."""
    return json.loads(data, parse_int=_whole)


def _whole(text: str) -> int:
    # Python needs very long for very long numbers.
    if len(text) > _LONGEST_NUMBER:
        raise ValueError
    return int(text)


def no_journal(path: str) -> str:
    return (
        f"{path}: is not what a run of this collection leaves, so nothing is done. See to it that the server's files "
        "are what they should be, and remove it."
    )


def _journal(content: Mapping[str, Any]) -> Journal:
    entries = content["entries"]
    if not isinstance(entries, list) or len(entries) > MOST_FILES or content["phase"] not in _PHASES:
        raise ValueError
    began, transaction, why = content["began"], content["transaction"], content["why"]
    if not (_BEGAN.fullmatch(began) and _TRANSACTION.fullmatch(transaction)):
        raise ValueError
    shown = "".join(char if char.isprintable() else "?" for char in why[:_LONGEST_TEXT])
    return Journal(transaction, content["phase"], began, tuple(map(_entry, entries)), shown)


def _entry(given: Mapping[str, Any]) -> Entry:
    path, real_path = (checked_path(given[name]) for name in ("path", "real_path"))
    kept, name = given["kept"], os.path.basename(real_path)
    if kept is not None and not (kept.startswith(f"{name}.") and kept.endswith("~") and "/" not in kept):
        raise ValueError
    before = None if given["before"] is None else _known(given["before"])
    if (kept is None) != (before is None) or b"\0" in os.fsencode(kept or ""):
        raise ValueError
    return Entry(_number(given["number"]), path, real_path, before, _known(given["after"]), kept, given["keep"] is True)


def checked_path(text: str) -> str:
    """Return a path that a file may have; ValueError or AttributeError for anything else."""
    if (
        not text.startswith("/")
        or b"\0" in os.fsencode(text)
        or len(text) > _LONGEST_PATH
        or os.path.basename(text) in ("", "..", ".")
    ):
        raise ValueError
    return text


def _known(given: Sequence[Any]) -> Known:
    sha256, uid, gid, mode = given
    if not SHA256.fullmatch(sha256):
        raise ValueError
    return Known(sha256, *map(_number, (uid, gid, mode)))


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**32:
        raise ValueError
    return value


# Where it lies ------------------------------------------------------------------------------------------------------


def write(held: ways.Held, journal: Journal) -> None:
    """Write it into the held place, whole and synced or not at all; PlaceError and OSError if that is not possible."""
    write_bytes(held, journal.to_bytes())


def write_bytes(held: ways.Held, data: bytes) -> None:
    """Write ``data`` as ``write`` does."""
    spot = held.spot
    with identity.acting(held.writer):
        placing.remove_leftovers(spot)
        look = placing.look_of(placing.Order(spot.path, b"", None), spot, None)
        with placing.beside(spot, data, look, None) as new:
            spot.folder.rename(new.name, spot.name)
            new.is_placed = True
        sync(spot.folder)


def remove(held: ways.Held) -> None:
    """Take it away; OSError if that is not possible."""
    with identity.acting(held.writer):
        placing.remove_leftovers(held.spot)
        held.spot.folder.remove(held.spot.name)
        sync(held.spot.folder)


def sync(folder: ways.Folder) -> None:
    """See to it that the names in a directory are on the disk, where the file system can."""
    with contextlib.suppress(OSError), folder.opened() as fd:
        os.fsync(fd)


@dataclass(frozen=True)
class Left:
    """A journal that was found, and the users who could have written it."""

    path: str
    journal: Journal
    hands: frozenset[int]


def read(directory: str) -> Left | None:
    """Return the journal in a directory, None where there is none; a JournalError for one that is not followed."""
    path = journal_in(directory)
    try:
        found = read_ours(path)
    except ValueError as e:
        raise JournalError(no_journal(path)) from e
    return None if found is None else Left(path, parse(found[0], path), found[1])


def read_ours(path: str) -> tuple[bytes, frozenset[int]] | None:
    """Return what runs of this collection left in a file, and the users who could have written it; None without one.

    A JournalError for what is not read, a ValueError for what no run leaves.
    """
    try:
        with ways.find(path) as spot:
            status = spot.status()
            if status is None and not spot.was_link:
                return None
            if status is None or spot.was_link or not stat.S_ISREG(status.st_mode):
                raise ValueError(path)
            # Another user's word counts for what he may do, and he may do nothing with our rights.
            if not identity.is_root() and status.st_uid != os.geteuid():
                raise JournalError(
                    f"{path}: belongs to user {user_name(status.st_uid)}, so nothing is done because of it. Run as "
                    "that user: become_user."
                )
            hands = (spot.hands | {status.st_uid}) - {identity.ROOT}
            if status.st_size > MOST_BYTES:
                raise ValueError(path)
        data, now = reading.read_bytes(path, hands)
    except FileNotFoundError:
        return None
    except reading.ReadError as e:
        if e.state == "absent":
            return None
        raise JournalError(str(e)) from e
    except (OSError, ways.WayError) as e:
        why = e.strerror if isinstance(e, OSError) else str(e)
        raise JournalError(f"{path}: cannot be read: {why}; nothing is done because of it.") from e
    if now.st_uid != status.st_uid:
        # It is another one, and what it names is done with the rights of those who could write the first.
        raise JournalError(f"{path}: was replaced while it was read, so nothing is done because of it. Run again.")
    return data[: MOST_BYTES + 1], hands


def states(left: Left) -> Iterator[tuple[Entry, str]]:
    """Say of each file what it is on the disk, as far as those may read it in whose hands the journal is."""
    size = 0
    for entry in left.journal.entries:
        found: tuple[bytes, os.stat_result] | None = None
        is_seen = size <= MOST_CONTENT
        try:
            if is_seen:
                found = reading.read_bytes(entry.real_path, left.hands)
                size += len(found[0])
        except reading.ReadError as e:
            is_seen = e.state == "absent"
        yield entry, entry.state(found) if is_seen and size <= MOST_CONTENT else OTHER


def whole(found: Sequence[str]) -> str:
    """Say what all files together are: their old selves, their new ones, or a mixture."""
    return OLD if set(found) <= {OLD, BOTH} else NEW if set(found) <= {NEW, BOTH} else "mixed"


def some(paths: Sequence[str]) -> str:
    """Name files, of many the first."""
    more = len(paths) - MOST_NAMED
    return ", ".join(paths[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


# What target_read says of it ----------------------------------------------------------------------------------------


def found(directory: str) -> Json:
    """Say what an interrupted run left in a directory; see target_read."""
    answer = leftovers.no_journal(directory)
    try:
        left = read(directory)
        if left is None:
            return answer
        running = _is_running(left.path)
    except JournalError as e:
        return {**answer, "path": journal_in(directory), "state": "refused", "message": str(e)}
    journal = left.journal
    answer.update(path=left.path, transaction=journal.transaction, phase=journal.phase, began=journal.began)
    if running:
        return {**answer, "state": "running", "message": _running(directory)}
    files = list(states(left))
    state = whole([each for _entry, each in files])
    shown = [{"path": entry.path, "state": each, "backup_file": _backup(entry, each)} for entry, each in files]
    return {**answer, "state": state, "files": shown, "why": journal.why, "message": _sentence(left, state, files)}


def _is_running(path: str) -> bool:
    try:
        with ways.find(path) as spot:
            return locks.is_locked(spot.folder)
    except OSError:
        return False


def _backup(entry: Entry, state: str) -> str | None:
    """Return the copy of the old file that stays, if the file is the new one."""
    stays = entry.kept and entry.keep and state in (NEW, BOTH)
    return os.path.join(os.path.dirname(entry.real_path), entry.kept or "") if stays else None


def _running(directory: str) -> str:
    return f"{directory}: another run of this collection changes files of this server at this moment; wait for its end."


def _sentence(left: Left, state: str, files: Sequence[tuple[Entry, str]]) -> str:
    journal = left.journal
    run = f"{left.path}: a run that began at {journal.began}"
    if journal.phase == PLACING:
        return _interrupted(run, state)
    ended = NEW if journal.phase == APPLIED else OLD
    others = some([entry.path for entry, each in files if each not in (ended, BOTH)])
    if journal.phase == APPLIED and others:
        return f"{run} came to its end, but nobody could be told; these files are not as it left them: {others}."
    if journal.phase == APPLIED:
        return f"{run} came to its end, but nobody could be told: all of its files are the new ones."
    if others:
        return (
            f"{run} put back its files, but nobody could be told why; these are not as it left them: {others}. It "
            f"said: {journal.why}"
        )
    return f"{run} put back all of its files, but nobody could be told why. It said: {journal.why}"


def _interrupted(run: str, state: str) -> str:
    what = {
        OLD: "before it had replaced a file; nothing is to be put back",
        NEW: "when all of its files were the new ones, but nobody had confirmed them; they are put back first",
    }.get(state, "when some of its files were the new ones; they are put back first")
    return f"{run} was interrupted {what}."
