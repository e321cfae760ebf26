# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reading hand: what one file is right now. PRIVATE to this collection. Standard library only, Python 3.9."""

from __future__ import annotations

import errno
import grp
import hashlib
import os
import pwd
import stat
from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.module_utils import ztags

ATTEMPTS = 5


class ReadError(Exception):
    """The file cannot be read; ``state`` is one word for it, the message a sentence."""

    def __init__(self, state: str, message: str) -> None:
        super().__init__(message)
        self.state = state


def sha256(data: bytes) -> str:
    """Return the checksum by which files are compared everywhere in this collection."""
    return hashlib.sha256(data).hexdigest()


def real_path(path: str) -> str:
    """Return ``path`` with every symbolic link followed; a loop is a ReadError."""
    try:
        return os.path.realpath(path, strict=True) if _STRICT else _realpath_strict(path)
    except OSError as e:
        if e.errno == errno.ENOENT:
            return os.path.realpath(path)
        raise ReadError(_state(e), _sentence(path, e)) from e


_STRICT = "strict" in (os.path.realpath.__kwdefaults__ or {})


def _realpath_strict(path: str) -> str:
    """Do for Python 3.9 what strict=True does later: a loop must not pass as a path."""
    os.stat(path)
    return os.path.realpath(path)


def _state(e: OSError) -> str:
    return {errno.ENOENT: "absent", errno.ELOOP: "loop", errno.EACCES: "unreadable", errno.EPERM: "unreadable"}.get(
        e.errno or 0, "error"
    )


def _sentence(path: str, e: OSError) -> str:
    if e.errno == errno.ELOOP:
        return f"{path}: symbolic links lead in a circle; name the real file."
    if e.errno in (errno.EACCES, errno.EPERM):
        return (
            f"{path}: cannot be read by user {user_name(os.geteuid())}: {e.strerror}; use become or grant read access."
        )
    if e.errno == errno.ENOTDIR:
        return f"{path}: a part of this path is a file, not a directory."
    return f"{path}: cannot be read: {e.strerror}."


def user_name(uid: int) -> str:
    """Return the user's name, or the number where the system knows none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    """Return the group's name, or the number where the system knows none."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def read_bytes(path: str) -> tuple[bytes, os.stat_result]:
    """Return the bytes of a regular file and its status, both of the same instant.

    A file that changes while it is read is read again; after some attempts that is a ReadError.
    """
    for _attempt in range(ATTEMPTS):
        fd = _open(path)
        with os.fdopen(fd, "rb") as stream:
            before = os.fstat(fd)
            ztags.no_conversion(fd)
            data = stream.read()
            after = os.fstat(fd)
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns) and len(data) == after.st_size:
            return data, after
    raise ReadError("changing", f"{path}: keeps changing while it is read; wait until its writer has finished.")


def _open(path: str) -> int:
    """Open a regular file; Python makes no stream of a directory, so this is found out before."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as e:
        raise ReadError(_state(e), _sentence(path, e)) from e
    try:
        _only_regular(path, os.fstat(fd))
    except ReadError:
        os.close(fd)
        raise
    return fd


def _only_regular(path: str, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise ReadError("directory", f"{path}: is a directory; name the file.")
    if not stat.S_ISREG(status.st_mode):
        raise ReadError("special", f"{path}: is not a regular file.")


def describe(path: str) -> dict[str, object]:
    """Return what is known of a file, without its content; ``state`` is ``file``, ``absent`` or what hinders reading.

    The key ``data`` holds the bytes of a file; the caller decides how they travel.
    """
    answer: dict[str, object] = {"path": path, "real_path": path}
    try:
        real = real_path(path)
        answer.update(real_path=real, **_directory(real))
        data, status = read_bytes(real)
        tag = _tag(real)
    except ReadError as e:
        return {**answer, "state": e.state, "message": str(e)}
    return {
        **answer,
        "state": "file",
        "data": data,
        "sha256": sha256(data),
        "size": len(data),
        "mode": f"{stat.S_IMODE(status.st_mode):04o}",
        "owner": user_name(status.st_uid),
        "group": group_name(status.st_gid),
        "tag": tag,
    }


def _tag(real: str) -> str | None:
    try:
        return ztags.read(real)
    except OSError as e:
        raise ReadError("error", f"{real}: its file tag cannot be read: {e.strerror}.") from e


def _directory(real: str) -> dict[str, object]:
    """Say whether a new file could be put beside this one: check mode must fail where the real run would."""
    folder = os.path.dirname(real)
    return {
        "directory": folder,
        "directory_exists": os.path.isdir(folder),
        "directory_writable": os.access(folder, os.W_OK | os.X_OK),
        "user": user_name(os.geteuid()),
    }


def describe_folder(path: str, *, suffixes: tuple[str, ...], depth: int) -> dict[str, object]:
    """Return what is known of a directory: ``names`` of its files (relative), ``state`` as for a file.

    ``suffixes`` (in any case) choose the files whose content is wanted: they are in ``wanted``. ``depth`` 0 means this
    directory alone, 1 its sub-directories too.
    """
    answer: dict[str, object] = {"path": path, "names": [], "wanted": []}
    try:
        real = real_path(path)
        names = sorted(_names(real, "", depth))
    except ReadError as e:
        return {**answer, "state": e.state, "message": str(e)}
    except OSError as e:
        return {**answer, "state": _state(e), "message": _sentence(path, e)}
    wanted = [os.path.join(path, name) for name in names if name.lower().endswith(suffixes)]
    return {**answer, "state": "directory", "names": names, "wanted": wanted}


def _names(folder: str, prefix: str, depth: int) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if _is_file(entry):
                yield prefix + entry.name
            elif depth and entry.is_dir():
                yield from _names(entry.path, f"{prefix}{entry.name}/", depth - 1)


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether to take a name for a file's. Of one that leads in a circle, reading it says so."""
    try:
        return entry.is_file()
    except OSError:
        return True
