# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How target_read works: what one file is right now. PRIVATE to this collection. Standard library only, Python 3.9."""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import os
import stat
from collections.abc import Iterator
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils import identity, ways, ztags
from ansible_collections.zosconnect.security.plugins.module_utils.identity import group_name, user_name

ATTEMPTS = 5
# A configuration of 10,000 API requesters has 5 MB, a key store of 10,000 certificates 20 MB.
LARGEST = 64 * 1024 * 1024
MOST_NAMES = 100_000
NOBODY: frozenset[int] = frozenset()


class ReadError(Exception):
    """The file cannot be read; ``state`` is one word for it, the message a sentence."""

    def __init__(self, state: str, message: str) -> None:
        super().__init__(message)
        self.state = state


def sha256(data: bytes) -> str:
    """Return the checksum by which files are compared everywhere in this collection."""
    return hashlib.sha256(data).hexdigest()


def _state(e: OSError) -> str:
    return {errno.ENOENT: "absent", errno.ELOOP: "loop", errno.EACCES: "unreadable", errno.EPERM: "unreadable"}.get(
        e.errno or 0, "error"
    )


def _sentence(path: str, e: OSError) -> str:
    if e.errno == errno.ELOOP:
        return f"{path}: symbolic links lead in a circle; name the real file."
    if e.errno in (errno.EACCES, errno.EPERM) and hasattr(e, "acting_as"):
        return (
            f"{path}: is not read, because user {e.acting_as}, in whose hands the way to it is, may not read it: "
            f"{e.strerror}."
        )
    if e.errno in (errno.EACCES, errno.EPERM):
        return (
            f"{path}: cannot be read by user {user_name(os.geteuid())}: {e.strerror}; use become or grant read access."
        )
    if e.errno == errno.ENOTDIR:
        return f"{path}: a part of this path is a file, not a directory."
    return f"{path}: cannot be read: {e.strerror}."


@contextlib.contextmanager
def _told(path: str) -> Iterator[None]:
    """Turn what hinders reading into a ReadError."""
    try:
        yield
    except OSError as e:
        raise ReadError(_state(e), _sentence(path, e)) from e
    except (ways.WayError, identity.IdentityError) as e:
        raise ReadError("refused", str(e)) from e


def read_bytes(path: str, named_by: frozenset[int] = NOBODY) -> tuple[bytes, os.stat_result]:
    """Return the bytes of a regular file and its status, both of the same instant.

    Root reads no more than everybody may who can lead the way elsewhere, or who named the path (``named_by``).
    """
    with _told(path), ways.for_reading(path, named_by) as spot:
        return read_at(spot)


def read_at(spot: ways.Spot) -> tuple[bytes, os.stat_result]:
    """Return the bytes and the status of the regular file at the end of a way.

    A file that changes while it is read is read again; after some attempts that is a ReadError, as is a huge one.
    """
    for _attempt in range(ATTEMPTS):
        fd = spot.open()
        try:
            data, status = read_open(fd, spot.path)
        finally:
            ways.close(fd)
        if data is not None:
            return data, status
    raise ReadError("changing", f"{spot.path}: keeps changing while it is read; wait until its writer has finished.")


def read_open(fd: int, path: str) -> tuple[bytes | None, os.stat_result]:
    """Return all bytes of an open regular file, None if it changed meanwhile; ``path`` is for sentences."""
    before = os.fstat(fd)
    _only_regular(path, before)
    _only_small(path, before)
    ztags.no_conversion(fd)
    data, after = _upto(fd, before.st_size + 1), os.fstat(fd)  # one more, to see that it has grown
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns) and len(data) == after.st_size
    return data if same else None, after


def _upto(fd: int, most: int) -> bytes:
    parts = []
    while most > 0:
        part = os.read(fd, most)
        if not part:
            break
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


def read_span(path: str, start: int, most: int, named_by: frozenset[int] = NOBODY) -> tuple[bytes, int]:
    """Return at most ``most`` bytes of a regular file from ``start`` on, and its size. Raises as ``read_bytes``.

    It may have any size and may grow meanwhile, as a log does.
    """
    with _told(path), ways.for_reading(path, named_by) as spot:
        fd = spot.open()
        try:
            status = os.fstat(fd)
            _only_regular(path, status)
            ztags.no_conversion(fd)
            os.lseek(fd, start, os.SEEK_SET)
            return _upto(fd, most), status.st_size
        finally:
            ways.close(fd)


def describe_end(path: str, most: int, named_by: frozenset[int] = NOBODY) -> dict[str, Any]:
    """Return the last ``most`` bytes of a regular file as ``data``, whatever its size, and ``is_cut``: there is more.

    A log grows while it is read, and may be cut or renamed: what one look at one open file shows is the answer.
    """
    answer: dict[str, Any] = {"path": path, "data": b"", "tag": None, "size": 0, "is_cut": False, "message": ""}
    try:
        with _told(path), ways.for_reading(path, named_by) as spot:
            fd = spot.open()
            try:
                answer.update(_end(fd, spot.path, most))
            finally:
                ways.close(fd)
            answer["tag"] = _tag(spot.path)
    except ReadError as e:
        return {**answer, "state": e.state, "message": str(e)}
    return {**answer, "state": "file"}


def _end(fd: int, path: str, most: int) -> dict[str, Any]:
    status = os.fstat(fd)
    _only_regular(path, status)
    ztags.no_conversion(fd)
    start = max(0, status.st_size - most)
    os.lseek(fd, start, os.SEEK_SET)
    return {"data": _upto(fd, most), "size": status.st_size, "is_cut": start > 0}


def read_private(path: str) -> bytes:
    """Return the bytes of a file in the task's own temporary directory, where the module itself comes from."""
    with _told(path), open(path, "rb") as stream:
        return stream.read()


def _only_regular(path: str, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise ReadError("directory", f"{path}: is a directory; name the file.")
    if not stat.S_ISREG(status.st_mode):
        raise ReadError("special", f"{path}: is not a regular file.")


def _only_small(path: str, status: os.stat_result) -> None:
    if status.st_size > LARGEST:
        raise ReadError(
            "large", f"{path}: has {status.st_size} bytes, more than the {LARGEST} that are read; name another file."
        )


@functools.lru_cache
def namers(server_dir: str | None, known_files: tuple[str, ...] = ()) -> frozenset[int]:
    """Return who writes the configuration of a server, and so names its other files: whoever owns its directory.

    Where that is root, the owners of its server.xml and of the ``known_files`` that were read of it already. Nobody
    where all are root's, or there is no such directory.
    """
    if server_dir is None:
        return NOBODY
    return _owners(server_dir) or NOBODY.union(*map(_owners, (os.path.join(server_dir, "server.xml"), *known_files)))


def _owners(path: str) -> frozenset[int]:
    """Return the users, other than root, who can lead the way elsewhere or write what is at its end."""
    with contextlib.suppress(OSError), ways.find(path) as spot:
        status = spot.status()
        return (spot.hands | ({status.st_uid} if status else set())) - {identity.ROOT}
    return NOBODY


def describe(path: str, named_by: frozenset[int] = NOBODY) -> dict[str, Any]:
    """Return what is known of a file, without its content; ``state`` is ``file``, ``absent`` or what hinders reading.

    The key ``data`` holds the bytes of a file, ``status`` its status; the caller decides how they travel.
    """
    answer: dict[str, Any] = {"path": path, "real_path": path}
    try:
        with _told(path), ways.for_reading(path, named_by) as spot:
            answer["real_path"] = spot.path
            data, status = read_at(spot)
            tag = _tag(spot.path)
        answer.update(_facts(data, status, tag), **_directory(path, status, named_by))
    except ReadError as e:
        return {**answer, **_directory(path, None, named_by), "state": e.state, "message": str(e)}
    return answer


def _facts(data: bytes, status: os.stat_result, tag: str | None) -> dict[str, object]:
    return {
        "state": "file",
        "data": data,
        "status": status,
        "sha256": sha256(data),
        "size": len(data),
        "mode": f"{stat.S_IMODE(status.st_mode):04o}",
        "owner": user_name(status.st_uid),
        "group": group_name(status.st_gid),
        "tag": tag,
        "hard_links": status.st_nlink,
    }


def _tag(real: str) -> str | None:
    try:
        return ztags.read(real)
    except OSError as e:
        raise ReadError("error", f"{real}: its file tag cannot be read: {e.strerror}.") from e


def _directory(path: str, status: os.stat_result | None, named_by: frozenset[int]) -> dict[str, object]:
    """Say whether a new file could be put beside this one: check mode must fail where the real run would."""
    directory = os.path.dirname(path)
    answer: dict[str, object] = {"directory": directory, "user": user_name(os.geteuid())}
    answer.update(directory_exists=False, directory_writable=False, obstacle=None, is_led=False)
    try:
        with ways.for_writing(path, named_by) as spot:
            answer.update(
                directory=spot.folder.path,
                directory_exists=True,
                directory_writable=spot.folder.is_writable(),
                obstacle=spot.obstacle(status),
                user=user_name(os.geteuid()),
                is_led=spot.is_led,
            )
    except (ways.WayError, identity.IdentityError) as e:
        answer.update(directory_exists=True, directory_writable=True, obstacle=str(e))
    except OSError as e:
        # What else hinders is said by who reads or writes there.
        if hasattr(e, "acting_as"):
            answer.update(directory_exists=True, is_led=True, user=e.acting_as)
        elif e.errno == errno.ENOENT:
            # Whoever leads to the directory that would have to be made leads to what would be made in it.
            above = _directory(directory, None, named_by)
            answer.update({name: above[name] for name in ("obstacle", "is_led", "user")})
    return answer


def describe_directory(path: str) -> dict[str, Any]:
    """Say whose a directory is: ``owner``, ``group``, ``mode``; ``state`` is ``directory``, or as for a file."""
    answer: dict[str, Any] = {"path": path, "owner": None, "group": None, "mode": None, "message": ""}
    try:
        with _told(path), ways.for_reading(path) as spot:
            status = spot.folder.status(spot.name)
    except ReadError as e:
        return {**answer, "state": e.state, "message": str(e)}
    known = {"owner": user_name(status.st_uid), "group": group_name(status.st_gid)}
    state = "directory" if stat.S_ISDIR(status.st_mode) else "file" if stat.S_ISREG(status.st_mode) else "special"
    return {**answer, **known, "mode": f"{stat.S_IMODE(status.st_mode):04o}", "state": state}


def describe_folder(
    path: str, *, suffixes: tuple[str, ...], depth: int, named_by: frozenset[int] = NOBODY
) -> dict[str, Any]:
    """Return what is known of a directory: ``names`` of its files (relative), ``state`` as for a file.

    ``suffixes`` (in any case) choose the files whose content is wanted: they are in ``wanted``. ``depth`` 0 means this
    directory alone, 1 its sub-directories too.
    """
    answer: dict[str, Any] = {"path": path, "names": [], "wanted": []}
    try:
        names = sorted(_names(path, "", depth, named_by))
    except ReadError as e:
        return {**answer, "state": e.state, "message": str(e)}
    wanted = [os.path.join(path, name) for name in names if name.lower().endswith(suffixes)]
    return {**answer, "state": "directory", "names": names, "wanted": wanted}


def _names(path: str, prefix: str, depth: int, named_by: frozenset[int]) -> list[str]:
    here, below = _listed(path, named_by)
    names = [prefix + name for name in here]
    for name in below if depth else ():
        names += _names(os.path.join(path, name), f"{prefix}{name}/", depth - 1, named_by)
        _check_count(path, names)
    return names


def folders(path: str) -> list[str]:
    """Return the names of the directories in a directory. Raises as ``read_bytes``."""
    return _listed(path, NOBODY)[1]


def files(path: str, named_by: frozenset[int] = NOBODY) -> list[str]:
    """Return the names of the files in a directory. Raises as ``read_bytes``."""
    return _listed(path, named_by)[0]


def _listed(path: str, named_by: frozenset[int]) -> tuple[list[str], list[str]]:
    with _told(path), ways.for_reading(path, named_by) as spot:
        fd = spot.open(os.O_DIRECTORY)
        try:
            return _entries(fd if os.scandir in os.supports_fd else spot.path, path)
        finally:
            ways.close(fd)


def _entries(folder: int | str, path: str) -> tuple[list[str], list[str]]:
    """Return the names of the files and of the directories in a directory."""
    files: list[str] = []
    folders: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            kind = _kind(entry)
            if kind:
                kind_of = {"file": files, "folder": folders}[kind]
                kind_of.append(entry.name)
                _check_count(path, kind_of)
    return files, folders


def _check_count(path: str, names: list[str]) -> None:
    if len(names) > MOST_NAMES:
        raise ReadError("large", f"{path}: holds more than {MOST_NAMES} files, more than are looked at.")


def _kind(entry: os.DirEntry[str]) -> str | None:
    """Whether to take a name for a file's or a folder's. Of one that leads in a circle, reading it says so."""
    try:
        return "file" if entry.is_file() else "folder" if entry.is_dir() else None
    except OSError:
        return "file"
