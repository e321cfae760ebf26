# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server was not told of yet, for the next run. PRIVATE to this collection. Standard library only, Python 3.9.

A note in the server's directory says which files were changed, what each was before (by checksum), and where the
server's messages.log ended then. So whether the server has read them since is seen in that log, and no clocks are
compared. Whoever owns the directory may write into it what he likes. So what it names is looked at with his rights
only, its size and length have bounds, and all that comes of it is whether an operator command is named for his server.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from ansible_collections.zosconnect.security.plugins.module_utils import (
    journal,
    leftovers,
    placing,
    reading,
    rotations,
    undoing,
    ways,
)
from ansible_collections.zosconnect.security.plugins.module_utils.journal import JournalError
from ansible_collections.zosconnect.security.plugins.module_utils.leftovers import note_in

NAME = leftovers.NOTE
VERSION = 1
# What the server has to read again.
CONFIGURATION, KEY_STORES = KINDS = ("configuration", "key_stores")
# How the server learned of all that was noted: an operator command was carried out.
COMMAND = "command"
# How much of a log before a place shows that it is the same log, and how much of it behind that place is searched.
_TAIL, _SEARCHED = 4096, 32 * 1024 * 1024
# Liberty: the configuration was updated, or had no functional change; a key store file is read again (with its path);
# the server is ready, so it has read everything.
_CONFIGURED, _RELOADED, _READY = ("CWWKG0017I", "CWWKG0018I"), "CWPKI0811I", "CWWKF0011I"
# On z/OS a log may be in EBCDIC. Its code pages agree about what is looked for.
_ENCODINGS = {"utf-8": re.compile(rb"[\n\r]"), "cp037": re.compile(rb"[\r\x15\x25]")}
_LONGEST_LINE, _MOST_LINES = 16384, 500
_LOG = "logs/messages.log"
_LONGEST_NAME = 255

Json = dict[str, Any]


@dataclass(frozen=True)
class Changed:
    """One file: what it is read as, and the checksum that it had before; None for one that did not exist."""

    path: str
    kind: str
    before: str | None


@dataclass(frozen=True)
class Log:
    """A messages.log: its size in bytes when files were changed, and the checksum of what stood before that place.

    ``size`` is None where it could not be read. ``older`` is the name of the log that had been renamed last; nothing
    where there was none, None where nobody could tell.
    """

    path: str
    size: int | None
    tail: str
    older: str | None = None


class Note(NamedTuple):
    """What was changed and not told, and the server's log."""

    files: tuple[Changed, ...]
    log: Log

    def to_bytes(self) -> bytes:
        """Return it as it is written."""
        files = [asdict(each) for each in self.files]
        head = {"zosconnect.security": "pending", "version": VERSION}
        return json.dumps({**head, "files": files, "log": asdict(self.log)}).encode()


def parse(data: bytes, path: str) -> Note:
    """Read a note; a JournalError for what is none, or one of another version."""
    try:
        content = journal.loaded(data)
        if content["zosconnect.security"] != "pending":
            raise ValueError
        version = content["version"]
        if version == VERSION:
            return _note(content)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as e:
        raise JournalError(_no_note(path)) from e
    shown = str(version)[:20] if isinstance(version, (int, str)) else "?"
    raise JournalError(
        f"{path}: was left by another version of this collection (its version is {shown}, known is {VERSION}), so "
        "nobody knows whether the server uses its files. Refresh or restart the server, and remove it."
    )


def _no_note(path: str) -> str:
    return (
        f"{path}: is not what a run of this collection leaves, so nobody knows whether the server uses its files. "
        "Refresh or restart the server, and remove it."
    )


def _note(content: Mapping[str, Any]) -> Note:
    files, log = content["files"], content["log"]
    if not isinstance(files, list) or len(files) > journal.MOST_FILES:
        raise ValueError
    path, size = journal.checked_path(log["path"]), log["size"]
    if size is not None and (isinstance(size, bool) or not isinstance(size, int) or not 0 <= size < 2**62):
        raise ValueError
    if not path.isprintable():  # people read it
        raise ValueError
    older = log.get("older")  # which earlier versions did not note
    if older is not None and not (isinstance(older, str) and len(older) <= _LONGEST_NAME and "/" not in older):
        raise ValueError
    return Note(tuple(map(_changed, files)), Log(path, size, _sum(log["tail"]), older))


def _changed(given: Mapping[str, Any]) -> Changed:
    if given["kind"] not in KINDS:
        raise ValueError
    before = given["before"]
    return Changed(journal.checked_path(given["path"]), given["kind"], None if before is None else _sum(before))


def _sum(text: Any) -> str:
    if not journal.SHA256.fullmatch(text):
        raise ValueError
    return str(text)


# What is still to be told ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Left:
    """A note that was found: its files that the server has not read since, by its log, or why the log did not show it.

    ``hands`` are the users who could have written it.
    """

    log: str
    files: tuple[Changed, ...]
    unseen: str
    hands: frozenset[int]

    def untold(self) -> list[Changed]:
        """Return those that are not what the server knows anyway."""
        return list(_not_back(self.files, self.hands))


def read(directory: str) -> Left | None:
    """Return what is left of a server's note, None where there is none; a JournalError for one that is not followed."""
    path = note_in(directory)
    try:
        found = journal.read_ours(path)
    except ValueError as e:
        raise JournalError(_no_note(path)) from e
    if found is None:
        return None
    note, hands = parse(found[0], path), found[1]
    said, unseen = _said_since(note.log, hands)
    told = _Told.by(said)
    return Left(note.log.path, tuple(each for each in note.files if not told.of(each)), unseen, hands)


def _not_back(files: Sequence[Changed], hands: frozenset[int]) -> Iterator[Changed]:
    """Give the files that are not what the server knows; of a note that names very much not all are looked at."""
    size = 0
    for changed in files:
        now, is_seen = None, size <= journal.MOST_CONTENT
        try:
            data = reading.read_bytes(changed.path, hands)[0] if is_seen else b""
            size, now = size + len(data), reading.sha256(data)
        except reading.ReadError as e:
            is_seen = e.state == "absent"
        if not is_seen or now != changed.before:
            yield changed


def _said_since(log: Log, hands: frozenset[int]) -> tuple[bytes, str]:
    """Return what a log says behind the place where it ended, of newer ones all of it; or why that is not known.

    One that was renamed meanwhile, as Liberty does with a large one, is looked at as well, and those after it.
    """
    if log.size is None:
        return b"", f"{log.path}: could not be read when the files were changed."
    said, unseen = b"", ""
    try:
        size = reading.read_span(log.path, 0, 0, hands)[1]
        begin = _begin(log, log.path, hands)
        said = reading.read_span(log.path, max(begin or 0, size - _SEARCHED), _SEARCHED, hands)[0]
        if begin is not None and log.size:
            return said, ""
    except reading.ReadError as e:
        unseen = f"{log.path}: does not exist." if e.state == "absent" else str(e)
    before = rotations.since(log.path, log.older, lambda path: _begin(log, path, hands), _SEARCHED - len(said), hands)
    return rotations.BETWEEN.join((before, said)), unseen


def _begin(log: Log, path: str, hands: frozenset[int]) -> int | None:
    """Return where that begins which is new in a file: behind the place where a log ended, if it is that log.

    Of an empty log nobody can tell which one it became.
    """
    if not log.size:
        return None
    is_log = reading.read_span(path, 0, 0, hands)[1] >= log.size and _tail(path, log.size, hands) == log.tail
    return log.size if is_log else None


def _tail(path: str, size: int, hands: frozenset[int]) -> str:
    begin = max(0, size - _TAIL)
    return reading.sha256(reading.read_span(path, begin, size - begin, hands)[0])


class _Told(NamedTuple):
    """What a server's log said that it has read; ``stores`` are its lines about key stores, by their encoding."""

    all: bool
    configuration: bool
    stores: Mapping[str, bytes]

    @classmethod
    def by(cls, said: bytes) -> _Told:
        """Search a log once, however many files a note names: whoever writes the one writes the other as well."""
        ready, configured = (
            any(code.encode(encoding) in said for code in codes for encoding in _ENCODINGS)
            for codes in ((_READY,), _CONFIGURED)
        )
        return cls(ready, configured, {encoding: _about_stores(said, encoding) for encoding in _ENCODINGS})

    def of(self, changed: Changed) -> bool:
        """Whether the server has read a file."""
        if self.all or changed.kind == CONFIGURATION:
            return self.all or self.configuration
        return any(changed.path.encode(each, "replace") in lines for each, lines in self.stores.items())


def _about_stores(said: bytes, encoding: str) -> bytes:
    """Return the last lines about key stores that were read again, each from the message's code on."""
    lines: deque[bytes] = deque(maxlen=_MOST_LINES)
    code, end = _RELOADED.encode(encoding), 0
    while (start := said.find(code, end)) >= 0:
        last = _ENCODINGS[encoding].search(said, start, start + _LONGEST_LINE)
        end = last.start() if last else start + _LONGEST_LINE
        lines.append(said[start:end])
    return b"\n".join(lines)


def found(directory: str) -> Json:
    """Say what a server was not told of; see target_read. ``done`` is a note that has nothing to say any more."""
    answer = leftovers.no_note(directory)
    try:
        left = read(directory)
    except JournalError as e:
        return {**answer, "state": "refused", "message": str(e)}
    if left is None:
        return answer
    untold = left.untold()
    kinds = [kind for kind in KINDS if any(each.kind == kind for each in untold)]
    answer.update(kinds=kinds, log=left.log, message=left.unseen if kinds else "")
    return {**answer, "state": "pending" if kinds else "done"}


# What target_apply leaves ---------------------------------------------------------------------------------------------


def keep(held: ways.Held, asked: Mapping[str, Any], changed: Sequence[Changed], named_by: frozenset[int]) -> str:
    """Write, or remove, the note of a server after its files were ``changed``; say why it had to stay as it was.

    ``asked`` has ``directory``, ``log``, which may be None (then that of the note counts, or the server's usual one),
    and ``told``: how the server learns of this change (operator, mbean, polled), or that a command told it of all that
    is noted. A file that was changed twice is to the server still what it was before the first change.
    """
    try:
        left = read(asked["directory"])
    except JournalError as e:
        return str(e)
    files = {each.path: each for each in _untold(left.files if left else (), asked["told"], changed)}
    kept = list(_not_back(tuple(files.values())[: journal.MOST_FILES], left.hands if left else named_by))
    if kept and changed:
        log = asked["log"] or (left.log if left else f"{asked['directory']}/{_LOG}")
        journal.write_bytes(held, Note(tuple(kept), _now(log, left.hands if left else named_by)).to_bytes())
    elif left and not kept:
        journal.remove(held)
    return ""


def note(asked: Mapping[str, Any], changed: Sequence[Changed]) -> str:
    """Keep the note of a server, after one file was placed; say why that was not possible, which undoes nothing."""
    directory = asked["directory"]
    try:
        with contextlib.ExitStack() as stack:
            named_by = reading.namers(directory)
            held = placing.hold(placing.Order(note_in(directory), b"", None), stack)
            return keep(held, asked, changed, named_by)
    except undoing.TROUBLE as e:
        return not_noted(note_in(directory), e)


def not_noted(path: str, e: Exception) -> str:
    """Say why a note could not be written."""
    why = e.strerror if isinstance(e, OSError) else str(e)
    return f"{path}: cannot be written, so the next run will not know what the server was not told of: {why}."


def _untold(left: Sequence[Changed], told: str, changed: Sequence[Changed]) -> Iterator[Changed]:
    """Give what the server still has to be told of."""
    if told == COMMAND:
        return
    if told == "operator":
        yield from changed
    # Told of one file it reads its whole configuration again, but only those key stores that are named to it.
    read = {each.path for each in changed}
    is_configured = any(each.kind == CONFIGURATION for each in changed)
    for each in left:
        if told == "operator" or not (each.path in read or (is_configured and each.kind == CONFIGURATION)):
            yield each


def _now(path: str, named_by: frozenset[int]) -> Log:
    """Return where a log ends now; one that does not exist ends at its beginning."""
    # First, so that a log that is renamed now counts as newer.
    older = rotations.newest(path, named_by)
    try:
        size = reading.read_span(path, 0, 0, named_by)[1]
        return Log(path, size, _tail(path, size, named_by), older)
    except reading.ReadError as e:
        return Log(path, 0 if e.state == "absent" else None, reading.sha256(b""), older)
