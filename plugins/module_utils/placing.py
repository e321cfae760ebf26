# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How target_place works: put new bytes where old ones are, whole or not at all. PRIVATE to this collection.

Standard library only, Python 3.9. The order is: lock, compare, write beside, make it look like the old file, validate,
back up, compare once more, rename. Whatever is killed at whatever instant, the path names the old file or the new one.
Everything is done in one open directory and on open files, with no more rights than the directory's owner has: he may
rename, link and replace what he likes meanwhile.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shlex
import stat
import subprocess
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from ansible_collections.zosconnect.security.plugins.module_utils import identity, locks, reading, ways, ztags
from ansible_collections.zosconnect.security.plugins.module_utils.identity import user_name
from ansible_collections.zosconnect.security.plugins.module_utils.locks import PlaceError
from ansible_collections.zosconnect.security.plugins.module_utils.ways import Spot

# Neither .xml nor a key store's suffix: whoever reads the directory must not take a half-written file for a real one.
SUFFIX = ".zcs-tmp"
_ACL = "system.posix_acl_access"
# They would give a program rights; a file that was made for somebody else gets none.
_CAPABILITY = "security.capability"


class Look(NamedTuple):
    """What a file shall look like: owner, group, and permission bits."""

    uid: int
    gid: int
    mode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Look:
        """Return what a file with this status looks like."""
        return cls(status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode))


def as_it_is(look: Look) -> Look:
    """Ask for no other owner, group or mode."""
    return look


@dataclass(frozen=True)
class Order:
    """What to place.

    ``expected`` is the sha256 that the path must have at the moment of the change, None when no file may be there;
    ``real_path``, where given, is where the path led when it was read. ``look`` tells from what the file would look
    like what the user asked for. ``prepare`` is called with the temporary file's path to set what no descriptor can,
    and only where nobody can exchange it. ``validate`` is a command with one ``%s``. ``judged`` are other files, each
    with its sha256, that must not have changed either because the change was judged by them. ``named_by`` are the users
    whose configuration names the path.
    """

    path: str
    data: bytes
    expected: str | None
    real_path: str | None = None
    look: Callable[[Look], Look] = as_it_is
    prepare: Callable[[str], None] | None = None
    backup: bool = False
    validate: str | None = None
    unsafe_writes: bool = False
    judged: tuple[tuple[str, str], ...] = ()
    new_mode: int = 0o600
    named_by: frozenset[int] = reading.NOBODY
    # What has become of the file already, for the sentence about what goes wrong later.
    become: list[str] = field(default_factory=list, compare=False)


class ChangedError(PlaceError):
    """The file is no longer what was read; nothing was changed."""


class TouchedError(PlaceError):
    """The file is no longer what it was, and not what it should be either."""


class Old(NamedTuple):
    """The file that is replaced: its bytes, and the extended attributes and the tag that the new one gets."""

    data: bytes
    status: os.stat_result
    attributes: dict[str, bytes]
    tag: str | None


def place(order: Order) -> dict[str, object]:
    """Carry out ``order``; return ``sha256``, ``unsafe`` (written in place), and ``backup_file`` where one was made."""
    with all_said(order), contextlib.ExitStack() as stack:
        spot = _found(order, stack)
        stack.enter_context(locks.lock(spot.folder))
        old = old_file(spot, compare(order, spot))
        remove_leftovers(spot)
        look = look_of(order, spot, old)
        temporary = stack.enter_context(beside(spot, order.data, look, old))
        return _swap(order, spot, temporary, old)


def remove(order: Order) -> dict[str, object]:
    """Remove a file that is as expected; return ``backup_file``, a copy of it, where one is asked for."""
    with all_said(order), contextlib.ExitStack() as stack:
        spot = _found(order, stack)
        stack.enter_context(locks.lock(spot.folder))
        old = old_file(spot, compare(order, spot))
        if old is None:
            return {}
        remove_leftovers(spot)
        backup = back_up(spot, old) if order.backup else None
        try:
            compare(order, spot)
            spot.folder.remove(spot.name)
        except (PlaceError, OSError):
            if backup:
                with contextlib.suppress(OSError):
                    spot.folder.remove(backup)
            raise
        order.become.append("is removed")
        return {"backup_file": spot.folder.at(backup)} if backup else {}


@contextlib.contextmanager
def all_said(order: Order) -> Iterator[None]:
    """Turn whatever call the system refuses into a sentence that says whether the file is what it was."""
    try:
        yield
    except OSError as e:
        why = f"the system refused a call ({e.strerror})"
        if not order.become:
            raise PlaceError(f"{order.path}: {why}; nothing was changed.") from e
        done = order.become[-1]
        raise TouchedError(f"{order.path}: {done}, and then {why}. CHECK THE FILE, and run again.") from e


def _found(order: Order, stack: contextlib.ExitStack) -> Spot:
    """Walk to the place, for as long as ``stack`` is open; what hinders that is a PlaceError."""
    with _way_told(order):
        spot = stack.enter_context(ways.for_writing(order.path, order.named_by))
    return _where_it_led(order, spot)


def hold(order: Order, stack: contextlib.ExitStack) -> ways.Held:
    """Walk to the place and hold it until ``stack`` ends, without anybody's rights; what hinders is a PlaceError."""
    with _way_told(order):
        held = ways.hold(order.path, order.named_by, stack)
    _where_it_led(order, held.spot)
    return held


@contextlib.contextmanager
def _way_told(order: Order) -> Iterator[None]:
    try:
        yield
    except (ways.WayError, identity.IdentityError) as e:
        raise PlaceError(str(e)) from e
    except OSError as e:
        raise PlaceError(f"{os.path.dirname(order.path)}: cannot be opened: {e.strerror}; nothing was changed.") from e


def _where_it_led(order: Order, spot: Spot) -> Spot:
    if order.real_path not in (None, spot.path):
        raise PlaceError(
            f"{order.path}: led to {order.real_path} when it was read, and leads to {spot.path} now; nothing was "
            "changed. Run again to plan from what is there."
        )
    return spot


def _swap(order: Order, spot: Spot, temporary: Temporary, old: Old | None) -> dict[str, object]:
    answer: dict[str, object] = {"sha256": reading.sha256(order.data), "unsafe": False}
    if order.prepare and not spot.is_led:
        order.prepare(spot.folder.at(temporary.name))
    if order.validate:
        validate(order.validate, spot.folder.at(temporary.name))
    backup = back_up(spot, old) if order.backup and old is not None else None
    try:
        compare(order, spot)
        answer["unsafe"] = rename(order, spot, temporary, old)
    except TouchedError as e:
        raise TouchedError(f"{e} Its old content is in {spot.folder.at(backup)}." if backup else str(e)) from e
    except (PlaceError, OSError):
        if backup and not order.become:
            with contextlib.suppress(OSError):
                spot.folder.remove(backup)
        raise
    return {**answer, "backup_file": spot.folder.at(backup)} if backup else answer


def rename(order: Order, spot: Spot, temporary: Temporary, old: Old | None) -> bool:
    """Put the new file in place of the old one; True if that was possible only by writing into it."""
    try:
        spot.folder.rename(temporary.name, spot.name)
    except OSError as e:
        if not (order.unsafe_writes and old is not None):
            raise PlaceError(_refused(spot.path, e)) from e
        _write_in_place(spot, order, old)
        return True
    temporary.is_placed = True
    order.become.append("has its new content")
    # Not every file system syncs directories; the rename itself has happened.
    with contextlib.suppress(OSError), spot.folder.opened() as fd:
        os.fsync(fd)
    if inode(spot) != temporary.inode:
        raise TouchedError(f"{spot.path}: somebody else replaced the new file as soon as it was there. CHECK THE FILE.")
    return False


def inode(spot: Spot) -> tuple[int, int] | None:
    with contextlib.suppress(OSError):
        status = spot.folder.status(spot.name)
        return status.st_dev, status.st_ino
    return None


def _refused(path: str, e: OSError) -> str:
    hint = ""
    if e.errno in (errno.EBUSY, errno.EXDEV):
        hint = (
            " It seems to be mounted as a single file: mount its directory instead. A module that has unsafe_writes "
            "can write into it, which is not atomic."
        )
    return f"{path}: cannot be replaced: {e.strerror}; nothing was changed.{hint}"


def compare(order: Order, spot: Spot) -> tuple[bytes, os.stat_result] | None:
    """Refuse unless the path, and the files by which the change was judged, still hold what was read."""
    for path, expected in order.judged:
        must_be(path, expected, present_file(path, partial(reading.read_bytes, path)))
    found = present_file(spot.path, lambda: reading.read_at(spot))
    must_be(spot.path, order.expected, found)
    return found


def old_file(spot: Spot, found: tuple[bytes, os.stat_result] | None) -> Old | None:
    obstacle = spot.obstacle(found[1] if found else None)
    if obstacle:
        raise PlaceError(obstacle)
    try:
        return Old(*found, _attributes(spot), ztags.read(spot.path)) if found else None
    except OSError as e:
        raise PlaceError(_not_kept(spot, e)) from e


def present_file(path: str, read: Callable[[], tuple[bytes, os.stat_result]]) -> tuple[bytes, os.stat_result] | None:
    try:
        return read()
    except FileNotFoundError:
        return None
    except reading.ReadError as e:
        if e.state == "absent":
            return None
        raise PlaceError(str(e)) from e
    except OSError as e:
        raise PlaceError(f"{path}: cannot be read again: {e.strerror}; nothing was changed.") from e


def must_be(path: str, expected: str | None, found: tuple[bytes, os.stat_result] | None) -> None:
    present = None if found is None else reading.sha256(found[0])
    if present != expected:
        what = "appeared" if expected is None else "vanished" if present is None else "changed"
        raise ChangedError(
            f"{path}: {what} between reading and writing, so somebody else is at work on it; "
            "nothing was changed. Run again to plan from its present content."
        )


def remove_leftovers(spot: Spot) -> None:
    """Remove what a killed run left of a file; under the lock nobody else can own it."""
    remove_leftovers_of(spot.folder, {spot.name})


def remove_leftovers_of(folder: ways.Folder, names: Collection[str]) -> None:
    """Do that for files of one directory, which is listed once, however many names it has."""
    with folder.opened() as fd, os.scandir(fd if os.scandir in os.supports_fd else folder.path) as entries:
        left = [entry.name for entry in entries if _file_of(entry.name) in names]
    for name in left:
        # One that belongs to another user may have to stay; it does no harm.
        with contextlib.suppress(OSError):
            folder.remove(name)


def _file_of(name: str) -> str | None:
    """Return the name of the file beside which one of this name was made; None for a name of another kind."""
    is_ours = name.startswith(".") and name.endswith(SUFFIX)
    return name[1 : -len(SUFFIX)].rpartition(".")[0] if is_ours else None


def look_of(order: Order, spot: Spot, old: Old | None) -> Look:
    """Return what the new file shall look like; one that did not exist belongs to whom the directory belongs.

    Who leads root into a directory that is not his, and may make files there, gets a file of his own.
    """
    if old is not None:
        return _desired(order, spot, old)
    folder = spot.folder.own_status()
    as_the_folder = identity.is_root() and not (spot.is_led and folder.st_uid != os.geteuid())
    owner = (folder.st_uid, folder.st_gid) if as_the_folder else (os.geteuid(), -1)
    return order.look(Look(*owner, order.new_mode))


def kept_look(spot: Spot, old: Old) -> Look:
    """Return how the old file looks; what somebody else could have put there gives no program rights."""
    look = Look.of(old.status)
    return _plain(look) if spot.is_led else look


def _desired(order: Order, spot: Spot, old: Old) -> Look:
    """Return how the file that is there shall look.

    The rights that its bits give a program are those of its owner and group: they go with these, as chown sees to it.
    """
    look = kept_look(spot, old)
    wanted = order.look(look)
    return wanted if wanted[:2] == look[:2] else order.look(_plain(look))


def _plain(look: Look) -> Look:
    return look._replace(mode=look.mode & ~(stat.S_ISUID | stat.S_ISGID))


@dataclass
class Temporary:
    """A file that is not in its place yet."""

    name: str
    fd: int
    inode: tuple[int, int]
    is_placed: bool = False


@contextlib.contextmanager
def beside(spot: Spot, data: bytes, look: Look, old: Old | None) -> Iterator[Temporary]:
    """Write ``data`` into a new file beside the old one, which looks as it shall from the moment it is complete.

    Until then only its owner can open it, and if that shall be somebody else than the directory's owner, only root.
    """
    name = f".{spot.name}.{secrets.token_hex(8)}{SUFFIX}"
    fd = _create(spot, name, look)
    status = os.fstat(fd)
    temporary = Temporary(name, fd, (status.st_dev, status.st_ino))
    try:
        _write(spot, temporary, data)
        _dress(spot, temporary, look, old)
        yield temporary
    finally:
        ways.close(fd)
        if not temporary.is_placed:
            with contextlib.suppress(OSError):
                spot.folder.remove(name)


def _create(spot: Spot, name: str, look: Look) -> int:
    how = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        if look.uid == os.geteuid():
            return spot.folder.open(name, how)
        # Its owner could open it, and go on writing after it is somebody else's.
        if not spot.folder.is_writable():
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        with identity.ourselves():
            return spot.folder.open(name, how)
    except OSError as e:
        raise PlaceError(
            f"{spot.path}: cannot make the new file beside the old one in {spot.folder.path} as user "
            f"{user_name(os.geteuid())}: {e.strerror}; nothing was changed."
        ) from e


def _write(spot: Spot, temporary: Temporary, data: bytes) -> None:
    try:
        ztags.no_conversion(temporary.fd)
        _write_all(temporary.fd, data)
        os.fsync(temporary.fd)
    except OSError as e:
        raise PlaceError(f"{spot.path}: the new content cannot be written: {e.strerror}; nothing was changed.") from e


def _write_all(fd: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def _dress(spot: Spot, temporary: Temporary, look: Look, old: Old | None) -> None:
    """Give the new file its owner, extended attributes, mode and z/OS tag: by descriptor, so it is this file."""
    try:
        with identity.ourselves():
            _change_owner(temporary.fd, look)
            _set_attributes(temporary.fd, _handed_on(spot, look, old), plain=spot.is_led)
            os.fchmod(temporary.fd, look.mode)
        if old is not None:
            ztags.write(spot.folder.at(temporary.name), old.tag)
    except OSError as e:
        raise PlaceError(_not_kept(spot, e)) from e


def _handed_on(spot: Spot, look: Look, old: Old | None) -> dict[str, bytes]:
    """Return the old file's extended attributes; its owner's list lets nobody into what becomes somebody else's."""
    if old is None:
        return {}
    gives_away = spot.is_led and look.uid != old.status.st_uid
    return {name: value for name, value in old.attributes.items() if not (gives_away and name == _ACL)}


def _not_kept(spot: Spot, e: OSError) -> str:
    return (
        f"{spot.path}: owner, mode and attributes cannot be kept as user {user_name(os.geteuid())}: "
        f"{e.strerror}; nothing was changed. Run as the owner of the file or as a privileged user."
    )


def _change_owner(fd: int, look: Look) -> None:
    status = os.fstat(fd)
    if (status.st_uid, status.st_gid) != (look.uid, look.gid):
        os.fchown(fd, look.uid, look.gid)


def _attributes(spot: Spot) -> dict[str, bytes]:
    """Return the extended attributes of the old file: access control lists and the SELinux context are kept in them."""
    if not hasattr(os, "listxattr"):
        return {}
    fd = spot.folder.open(spot.name, os.O_RDONLY | os.O_NONBLOCK)
    try:
        return {name: os.getxattr(fd, name) for name in _names(fd)}
    finally:
        ways.close(fd)


def _names(fd: int) -> list[str]:
    try:
        return os.listxattr(fd)
    except OSError as e:
        if e.errno == errno.ENOTSUP:
            return []
        raise


def _set_attributes(fd: int, wanted: dict[str, bytes], *, plain: bool) -> None:
    """Give the open file these extended attributes; with ``plain`` none that gives a program rights.

    A list that it inherited from its directory goes: it would let in whom the old file did not.
    """
    if not hasattr(os, "listxattr"):
        return
    present = _names(fd)
    if _ACL in present and _ACL not in wanted:
        os.removexattr(fd, _ACL)
    for name, value in wanted.items():
        if plain and name == _CAPABILITY:
            continue
        if name not in present or os.getxattr(fd, name) != value:
            os.setxattr(fd, name, value)  # of the open file, whatever its name leads to by now


def back_up(spot: Spot, old: Old) -> str:
    """Keep the old bytes in a file of their own that looks as the old one does; return its name."""
    name = f"{spot.name}.{time.strftime('%Y-%m-%d@%H:%M:%S')}.{secrets.token_hex(4)}~"
    try:
        with beside(spot, old.data, kept_look(spot, old), old) as copy:
            with identity.ourselves():
                os.utime(copy.fd, ns=(old.status.st_atime_ns, old.status.st_mtime_ns))
            spot.folder.rename(copy.name, name)
            copy.is_placed = True
    except OSError as e:
        raise PlaceError(f"{spot.path}: no backup can be made: {e.strerror}; nothing was changed.") from e
    return name


def change_look(order: Order) -> None:
    """Give a file that stays the owner, group and mode that ``look`` says, and what ``prepare`` sets."""
    with all_said(order), contextlib.ExitStack() as stack:
        spot = _found(order, stack)
        stack.enter_context(locks.lock(spot.folder))
        old = old_file(spot, compare(order, spot))
        if old is None:
            raise PlaceError(f"{spot.path}: vanished since it was read; nothing was changed. Run again.")
        try:
            fd = spot.folder.open(spot.name, os.O_RDONLY | os.O_NONBLOCK)
            stack.callback(ways.close, fd)
            _same(spot, fd, old)
            with identity.ourselves():
                look = _desired(order, spot, old)
                _change_owner(fd, look)
                order.become.append("may have another owner and group")
                os.fchmod(fd, look.mode)
                order.become.append("has its new owner, group and mode")
        except OSError as e:
            raise PlaceError(
                f"{spot.path}: owner, group and mode cannot be changed as user {user_name(os.geteuid())}: {e.strerror}."
            ) from e
        if order.prepare and not spot.is_led:
            order.prepare(spot.path)


def _same(spot: Spot, fd: int, old: Old) -> None:
    """Refuse a file that took the place of the one that was compared."""
    status = os.fstat(fd)
    if (status.st_dev, status.st_ino) != (old.status.st_dev, old.status.st_ino):
        raise PlaceError(f"{spot.path}: was replaced by somebody else just now; nothing was changed. Run again.")


def read_backup(path: str, backup: str, checksum: str) -> bytes:
    """Return the bytes of a backup that a run has made of ``path``; ``checksum`` is the sha256 that the run returned.

    A PlaceError if it is another file, or a link, or belongs to somebody else than what it replaces.
    """
    try:
        with ways.for_reading(backup) as spot:
            data, status = reading.read_at(spot)
    except (ways.WayError, identity.IdentityError, reading.ReadError) as e:
        raise PlaceError(str(e)) from e
    except OSError as e:
        raise PlaceError(f"{backup}: cannot be read: {e.strerror}; nothing was changed.") from e
    owner = status.st_uid
    # What hinders placing is said by who places.
    with contextlib.suppress(OSError), ways.find(path) as replaced:
        owner = getattr(replaced.status(), "st_uid", owner)
    wrong = _no_backup(spot, status, owner, found=reading.sha256(data), saved=checksum)
    if wrong:
        raise PlaceError(f"{backup}: {wrong}; nothing was changed. Find the file that the run has saved.")
    return data


def _no_backup(spot: Spot, status: os.stat_result, owner: int, *, found: str, saved: str) -> str | None:
    if spot.was_link:
        return "is a symbolic link, and a backup is none"
    if status.st_uid != owner:
        return f"belongs to user {user_name(status.st_uid)}, and the file that it replaces to user {user_name(owner)}"
    return None if found == saved else f"is not what was saved: its checksum is {found}, not {saved}"


def validate(command: str, temporary: str) -> None:
    words = [word.replace("%s", temporary) for word in _split(command)]
    try:
        with identity.ourselves_for_a_program() as rights:
            # Our own input may be a socket that is our output too.
            # Helpers know no AnsibleModule, and so no run_command.
            done = subprocess.run(  # pylint: disable=ansible-bad-function
                words, stdin=subprocess.DEVNULL, capture_output=True, check=False, **rights
            )
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


def _write_in_place(spot: Spot, order: Order, old: Old) -> None:
    """Overwrite the bytes of a file that cannot be renamed over: the documented exception to atomic placing."""
    try:
        fd = spot.folder.open(spot.name, os.O_WRONLY)
    except OSError as e:
        raise PlaceError(f"{spot.path}: cannot be opened for unsafe_writes: {e.strerror}; nothing was changed.") from e
    try:
        _same(spot, fd, old)
        ztags.no_conversion(fd)
        order.become.append("was written into")
        _write_all(fd, order.data)
        os.ftruncate(fd, len(order.data))
        os.fsync(fd)
    except OSError as e:
        raise TouchedError(
            f"{spot.path}: writing in place (unsafe_writes) failed: {e.strerror}; CHECK THE FILE."
        ) from e
    finally:
        ways.close(fd)
