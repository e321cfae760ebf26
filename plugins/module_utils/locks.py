# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of this collection keep each other out of a directory. PRIVATE to this collection.

Standard library only, Python 3.9.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
from collections.abc import Iterator, Sequence

from ansible_collections.zosconnect.security.plugins.module_utils import ways
from ansible_collections.zosconnect.security.plugins.module_utils.identity import user_name
from ansible_collections.zosconnect.security.plugins.module_utils.ways import Folder

LOCK_SECONDS = 30.0
LOCK_NAME = ".zosconnect-security.lock"


class PlaceError(Exception):
    """The file was not replaced, and is as it was; the message is a sentence."""


@contextlib.contextmanager
def lock(folder: Folder) -> Iterator[None]:
    """Keep other runs of this collection out of ``folder``; wait for one that is in it, half a minute at most."""
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        fd = _try_lock(folder)
        if fd is not None:
            break
        if time.monotonic() > deadline:
            raise PlaceError(_held(folder))
        time.sleep(0.05)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            folder.remove(LOCK_NAME)
        ways.close(fd)


def lock_all(stack: contextlib.ExitStack, places: Sequence[ways.Held]) -> None:
    """Keep other runs out of the directories of all these places until ``stack`` ends.

    They are locked in the order of their names, so that no two runs wait for each other.
    """
    folders = {}
    for held in places:
        status = held.spot.folder.own_status()
        folders[status.st_dev, status.st_ino] = held
    for held in sorted(folders.values(), key=lambda each: each.spot.folder.path):
        ways.acting_for(stack, held, lock(held.spot.folder))


def is_locked(folder: Folder) -> bool:
    """Say whether a run of this collection holds the lock of ``folder`` at this moment, without taking it."""
    with folder.opened() as fd:
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
        except BlockingIOError:
            return True
        except OSError:
            return _is_lock_file_held(folder)


def _is_lock_file_held(folder: Folder) -> bool:
    try:
        fd = folder.open(LOCK_NAME, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    except OSError:
        return True
    finally:
        ways.close(fd)


def _held(folder: Folder) -> str:
    holder = _holder(folder)
    who = f"{holder} has held the lock of this directory" if holder else "the lock of this directory has been held"
    return (
        f"{folder.path}: {who} for {LOCK_SECONDS:.0f} seconds; nothing was changed. If that is another run of this "
        "collection, run again when it has ended; else end that process."
    )


def _holder(folder: Folder) -> str | None:
    """Name the process that holds the lock, where Linux tells it."""
    status = folder.own_status()
    inode = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    with contextlib.suppress(OSError), open("/proc/locks", encoding="ascii") as locks:
        for line in locks:
            words = line.split()
            if "FLOCK" in words and inode in words:
                return _process(words[words.index(inode) - 1])
    return None


def _process(number: str) -> str:
    with contextlib.suppress(OSError):
        owner = os.stat(f"/proc/{number}").st_uid
        with open(f"/proc/{number}/comm", encoding="utf-8", errors="replace") as stream:
            name = "".join(char if char.isprintable() else "?" for char in stream.read().strip())
        return f"process {number} ({name}) of user {user_name(owner)}"
    return f"process {number}"


def _try_lock(folder: Folder) -> int | None:
    """Return an open descriptor that holds the lock, or None while somebody else does.

    The directory itself is locked where the system can (no file is left behind); where it cannot, as on z/OS, a lock
    file in it, which its owner removes: a lock on a file that has been removed meanwhile locks nobody out and is tried
    again, and one that a killed run left is locked by nobody.
    """
    try:
        fd = folder.open(".", os.O_RDONLY | os.O_DIRECTORY)
    except OSError as e:
        raise PlaceError(f"{folder.path}: cannot be opened: {e.strerror}; nothing was changed.") from e
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return fd
    except BlockingIOError:
        ways.close(fd)
        return None
    except OSError:
        ways.close(fd)
        return _try_lock_file(folder)


def _try_lock_file(folder: Folder) -> int | None:
    try:
        fd = folder.open(LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK)
    except OSError as e:
        raise PlaceError(
            f"{folder.path}: no lock file {LOCK_NAME} can be made here: {e.strerror}; nothing was changed. If a run "
            "that was killed has left it, remove it."
        ) from e
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise PlaceError(f"{folder.path}: {LOCK_NAME} is no regular file; nothing was changed. Remove it.")
        fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(fd).st_nlink:
            return fd
    except OSError:
        pass
    except PlaceError:
        ways.close(fd)
        raise
    ways.close(fd)
    return None
