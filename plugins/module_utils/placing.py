# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The placing hand: put new bytes where old ones are, whole or not at all. PRIVATE to this collection.

Standard library only, Python 3.9. The order is: lock, compare, write beside, make it look like the old file, validate,
back up,
compare once more, rename. Whatever is killed at whatever instant, the path names the old file or the new one.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shlex
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.module_utils import reading, ztags

LOCK_SECONDS = 30.0
# Neither .xml nor a key store's suffix: whoever reads the directory must not take a half-written file for a real one.
SUFFIX = ".zcs-tmp"
LOCK_NAME = ".zosconnect-security.lock"


class PlaceError(Exception):
    """The file was not replaced; the message is a sentence and the old file is as it was."""


@dataclass(frozen=True)
class Order:
    """What to place.

    ``expected`` is the sha256 that the path must have at the moment of the change, None when no file may be there.
    ``prepare`` is called with the temporary file's path to set mode and owner that the user asked for.
    ``validate`` is a command with one ``%s``. ``judged`` are other files, each with its sha256, that must not have
    changed
    either because the change was judged by them.
    """

    path: str
    data: bytes
    expected: str | None
    prepare: Callable[[str], None]
    backup: Callable[[str], str] | None = None
    validate: str | None = None
    unsafe_writes: bool = False
    judged: tuple[tuple[str, str], ...] = ()
    new_mode: int = 0o600


def place(order: Order) -> dict[str, object]:
    """Carry out ``order``; return ``backup_file`` (where one was made), ``sha256`` and ``unsafe`` (written in
    place).
    """
    folder = os.path.dirname(order.path)
    with lock(folder):
        _compare(order)
        _remove_leftovers(order.path)
        temporary = _write_beside(order)
        try:
            return _swap(order, temporary)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)


def _swap(order: Order, temporary: str) -> dict[str, object]:
    answer: dict[str, object] = {"sha256": reading.sha256(order.data), "unsafe": False}
    _look_like(order, temporary)
    order.prepare(temporary)
    if order.validate:
        _validate(order.validate, temporary)
    if order.backup and order.expected is not None:
        answer["backup_file"] = order.backup(order.path)
    _compare(order)
    try:
        os.rename(temporary, order.path)
        _sync_directory(os.path.dirname(order.path))
    except OSError as e:
        if not (order.unsafe_writes and order.expected is not None):
            raise PlaceError(_refused(order.path, e)) from e
        _write_in_place(order)
        answer["unsafe"] = True
    return answer


def _refused(path: str, e: OSError) -> str:
    hint = ""
    if e.errno in (errno.EBUSY, errno.EXDEV):
        hint = " It seems to be mounted as a single file: unsafe_writes=true writes into it, which is not atomic."
    return f"{path}: cannot be replaced: {e.strerror}; nothing was changed.{hint}"


@contextlib.contextmanager
def lock(folder: str) -> Iterator[None]:
    """Keep other runs of this collection out of ``folder``; wait for one that is in it, half a minute at most."""
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        fd = _try_lock(folder)
        if fd is not None:
            break
        if time.monotonic() > deadline:
            raise PlaceError(
                f"{folder}: another run of this collection has been changing a file here for "
                f"{LOCK_SECONDS:.0f} seconds; nothing was changed. Run again when it has ended."
            )
        time.sleep(0.05)
    try:
        yield
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(folder, LOCK_NAME))
        os.close(fd)


def _try_lock(folder: str) -> int | None:
    """Return an open descriptor that holds the lock, or None while somebody else does.

    The directory itself is locked where the system can (no file is left behind); where it cannot, as on z/OS, a lock
    file
    in it, which its owner removes: a lock on a file that has been removed meanwhile locks nobody out and is tried
    again.
    """
    try:
        fd = os.open(folder, os.O_RDONLY)
    except OSError as e:
        raise PlaceError(f"{folder}: cannot be opened: {e.strerror}; nothing was changed.") from e
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return fd
    except BlockingIOError:
        os.close(fd)
        return None
    except OSError:
        os.close(fd)
        return _try_lock_file(folder)


def _try_lock_file(folder: str) -> int | None:
    try:
        fd = os.open(os.path.join(folder, LOCK_NAME), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as e:
        raise PlaceError(f"{folder}: no lock file can be made here: {e.strerror}; nothing was changed.") from e
    try:
        fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(fd).st_nlink:
            return fd
    except OSError:
        pass
    os.close(fd)
    return None


def _compare(order: Order) -> None:
    """Refuse unless the path, and the files by which the change was judged, still hold what was read."""
    for path, expected in order.judged:
        _compare_one(path, expected)
    _compare_one(order.path, order.expected)


def _compare_one(path: str, expected: str | None) -> None:
    try:
        found: str | None = reading.sha256(reading.read_bytes(path)[0])
    except reading.ReadError as e:
        if e.state != "absent":
            raise PlaceError(str(e)) from e
        found = None
    if found != expected:
        what = "appeared" if expected is None else "vanished" if found is None else "changed"
        raise PlaceError(
            f"{path}: {what} between reading and writing, so somebody else is at work on it; "
            "nothing was changed. Run again to plan from its present content."
        )


def _remove_leftovers(path: str) -> None:
    """Remove what a killed run left; under the lock nobody else can own it."""
    folder, name = os.path.split(path)
    for entry in os.listdir(folder):
        if entry.startswith(f".{name}.") and entry.endswith(SUFFIX):
            # One that belongs to another user may have to stay; it does no harm.
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(folder, entry))


def _write_beside(order: Order) -> str:
    folder, name = os.path.split(order.path)
    try:
        fd, temporary = tempfile.mkstemp(prefix=f".{name}.", suffix=SUFFIX, dir=folder)
    except OSError as e:
        raise PlaceError(
            f"{order.path}: cannot make the new file beside the old one in {folder} as user "
            f"{reading.user_name(os.geteuid())}: {e.strerror}; nothing was changed."
        ) from e
    try:
        with os.fdopen(fd, "wb") as stream:
            ztags.no_conversion(fd)
            stream.write(order.data)
            stream.flush()
            os.fsync(fd)
    except OSError as e:
        os.unlink(temporary)
        raise PlaceError(f"{order.path}: the new content cannot be written: {e.strerror}; nothing was changed.") from e
    return temporary


def _look_like(order: Order, temporary: str) -> None:
    """Give the new file the old one's owner, mode, extended attributes and z/OS tag, before anyone can see it."""
    try:
        if order.expected is None:
            os.chmod(temporary, order.new_mode)
            return
        old = os.stat(order.path)
        if (old.st_uid, old.st_gid) != (os.stat(temporary).st_uid, os.stat(temporary).st_gid):
            os.chown(temporary, old.st_uid, old.st_gid)
        _copy_attributes(order.path, temporary)
        os.chmod(temporary, stat.S_IMODE(old.st_mode))
        ztags.write(temporary, ztags.read(order.path))
    except OSError as e:
        raise PlaceError(
            f"{order.path}: owner, mode and attributes cannot be kept as user {reading.user_name(os.geteuid())}: "
            f"{e.strerror}; nothing was changed. Run as the owner of the file or as a privileged user."
        ) from e


def _copy_attributes(source: str, target: str) -> None:
    """Copy extended attributes: access control lists and the SELinux context are kept in them."""
    if not hasattr(os, "listxattr"):
        return
    try:
        names = os.listxattr(source)
    except OSError as e:
        if e.errno == errno.ENOTSUP:
            return
        raise
    present = os.listxattr(target)
    for name in names:
        value = os.getxattr(source, name)
        if name not in present or os.getxattr(target, name) != value:
            os.setxattr(target, name, value)


def _validate(command: str, temporary: str) -> None:
    words = [word.replace("%s", temporary) for word in _split(command)]
    try:
        done = subprocess.run(words, capture_output=True, check=False)
    except OSError as e:
        raise PlaceError(f"validate: {words[0]} cannot be run: {e.strerror}; nothing was changed.") from e
    if done.returncode != 0:
        # Its output stays out: validators like to quote the line, and the line may hold a password.
        raise PlaceError(
            f"validate: {words[0]} refused the new content with return code {done.returncode}; nothing was changed. "
            "Its output is not shown because it may hold secrets."
        )


def _split(command: str) -> list[str]:
    if "%s" not in command:
        raise PlaceError(f"validate: must contain %s, the place of the file to check: {command}")
    try:
        return shlex.split(command)
    except ValueError as e:
        raise PlaceError(f"validate: is no command line: {e}: {command}") from e


def _write_in_place(order: Order) -> None:
    """Overwrite the bytes of a file that cannot be renamed over: the documented exception to atomic placing."""
    try:
        with open(order.path, "r+b") as stream:
            ztags.no_conversion(stream.fileno())
            stream.write(order.data)
            stream.truncate()
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as e:
        raise PlaceError(f"{order.path}: writing in place (unsafe_writes) failed: {e.strerror}; CHECK THE FILE.") from e


def _sync_directory(folder: str) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        # Not every file system syncs directories; the rename itself has happened.
        with contextlib.suppress(OSError):
            os.fsync(fd)
    finally:
        os.close(fd)
