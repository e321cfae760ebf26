# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make a file its old self again. PRIVATE to this collection. Standard library only, Python 3.9."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.module_utils import identity, journal, placing, reading, ways
from ansible_collections.zosconnect.security.plugins.module_utils.journal import Entry
from ansible_collections.zosconnect.security.plugins.module_utils.locks import PlaceError

LEFT = "left"
# What the system, or somebody else, can do to work in a directory.
TROUBLE = (OSError, PlaceError, ways.WayError, identity.IdentityError)


class _GoneError(PlaceError):
    """Nobody knows the old content any more."""


@dataclass(frozen=True)
class Back:
    """What a file is now: its old self, or left as it was found, with a sentence; and whether that took a change.

    ``again`` says that another try may put it back: it failed, and nobody else has changed the file.
    """

    state: str
    changed: bool = False
    message: str = ""
    again: bool = False


def put_back(held: ways.Held, entry: Entry, old: placing.Old | None = None) -> Back:
    """Put the old file back if the new one is there; what somebody else has made of it meanwhile is left.

    ``old`` is the old file where it is known; without it the copy that the journal names must be there.
    """
    spot = held.spot
    is_back = False
    where = f" Its old content is in {spot.folder.at(entry.kept)}." if entry.kept else ""
    try:
        with identity.acting(held.writer):
            found = placing.present_file(spot.path, lambda: reading.read_at(spot))
            state = entry.state(found)
            if state == journal.OTHER:
                return Back(LEFT, message=f"{spot.path}: somebody else has changed it since, so it was left.{where}")
            if state != journal.NEW:
                return Back(journal.OLD)
            _restore(spot, entry, old)
            is_back = True
            journal.sync(spot.folder)
    except TROUBLE as e:
        if is_back:
            return Back(journal.OLD, changed=True)
        why = (e.strerror if isinstance(e, OSError) else str(e)) or "for no known reason"
        again = not isinstance(e, _GoneError)
        more = " The next run tries again." if again else ""
        return Back(LEFT, message=f"{spot.path}: could not be put back: {why.rstrip('.')}.{where}{more}", again=again)
    return Back(journal.OLD, changed=True)


def _restore(spot: ways.Spot, entry: Entry, old: placing.Old | None) -> None:
    if entry.before is None:
        spot.folder.remove(spot.name)
    elif entry.kept and _is_whole(spot, entry.kept, entry.before.sha256):
        # It looks as the old file did, and needs no room on the disk.
        spot.folder.rename(entry.kept, spot.name)
    elif old is not None:
        with placing.beside(spot, old.data, placing.kept_look(spot, old), old) as new:
            spot.folder.rename(new.name, spot.name)
            new.is_placed = True
    else:
        raise _GoneError("the copy of its old content is gone, or is not what was kept")


def _is_whole(spot: ways.Spot, kept: str, sha256: str) -> bool:
    """Whether the copy is there, no link, and has the old content."""
    try:
        fd = spot.folder.open(kept, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as e:
        if e.errno in (errno.ENOENT, errno.ELOOP):
            return False
        raise
    try:
        data, _status = reading.read_open(fd, spot.folder.at(kept))
        return data is not None and reading.sha256(data) == sha256
    except reading.ReadError:
        return False
    finally:
        ways.close(fd)
