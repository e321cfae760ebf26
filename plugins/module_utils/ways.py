# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a path leads, and in whose hands the way is. PRIVATE to this collection. Standard library only, Python 3.9.

A way is walked directory by directory, each opened by a descriptor and never by its path again, so that nobody can
exchange one behind us. Whoever owns a directory or a symbolic link on the way can lead it elsewhere: what is done at
its end is done with no more rights than his.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

from ansible_collections.zosconnect.security.plugins.module_utils import identity, returned, ztags
from ansible_collections.zosconnect.security.plugins.module_utils.identity import user_name

_T = TypeVar("_T")
LINKS = 40  # as Linux: more are a circle
# A directory is only passed through, so search permission is enough where the system knows such descriptors.
_PASS = getattr(os, "O_PATH", getattr(os, "O_SEARCH", os.O_RDONLY)) | os.O_DIRECTORY | os.O_CLOEXEC
_DESCRIPTORS = {os.open, os.stat, os.unlink, os.rename, os.readlink, os.access} <= os.supports_dir_fd
_OTHERS = stat.S_IWGRP | stat.S_IWOTH
# z/OS puts the name of the system or of the release in place of these (z/OS UNIX System Services Planning, "$VERSION
# and $SYSNAME symbolic links"); only the kernel knows them.
_OF_THE_SYSTEM = ("$SYSNAME/", "$VERSION/", "$SYSSYMR/", "$SYSSYMA/")


class WayError(Exception):
    """Root does not go where others could lead it; the message is a sentence."""


def close(fd: int) -> None:
    """Close a descriptor of which nothing depends on that any more: it was read, or is synced."""
    with contextlib.suppress(OSError):
        os.close(fd)


@dataclass(frozen=True)
class Folder:
    """An open directory. ``path`` is where it was found, without a symbolic link."""

    fd: int
    path: str

    def at(self, name: str) -> str:
        """Return the path of a name in it, for sentences."""
        return os.path.join(self.path, name)

    def open(self, name: str, flags: int, mode: int = 0o600) -> int:
        """Open a name in it; a symbolic link of that name is never followed."""
        where, at = self._where(name)
        return os.open(where, flags | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=at)

    def enter(self, name: str) -> Folder:
        """Open a directory in it."""
        path = os.path.dirname(self.path) if name == ".." else self.path if name == "." else self.at(name)
        return Folder(self.open(name, _PASS), path)

    def passed(self, link: str) -> Folder:
        """Open the directory to which the system follows a symbolic link in it."""
        where, at = self._where(link)
        return Folder(os.open(where, _PASS, dir_fd=at), self.at(link))

    def status(self, name: str) -> os.stat_result:
        """Return the status of a name in it, of a link that of the link itself."""
        where, at = self._where(name)
        return os.stat(where, dir_fd=at, follow_symlinks=False)

    def leads_to(self, link: str) -> str:
        """Return the text of a symbolic link in it."""
        where, at = self._where(link)
        return os.readlink(where, dir_fd=at)

    def rename(self, old: str, new: str) -> None:
        """Give a file in it another name."""
        (old_path, at), (new_path, _at) = self._where(old), self._where(new)
        os.rename(old_path, new_path, src_dir_fd=at, dst_dir_fd=at)

    def remove(self, name: str) -> None:
        """Remove a file in it."""
        where, at = self._where(name)
        os.unlink(where, dir_fd=at)

    def is_writable(self) -> bool:
        """Say whether files can be made in it with the present rights."""
        where, at = self._where(".")
        effective = {"effective_ids": True} if os.access in os.supports_effective_ids else {}
        return os.access(where, os.W_OK | os.X_OK, dir_fd=at, **effective)

    @contextlib.contextmanager
    def opened(self) -> Iterator[int]:
        """Open the directory for what needs more than passing through: listing, locking, syncing."""
        fd = self.open(".", os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield fd
        finally:
            close(fd)

    def own_status(self) -> os.stat_result:
        """Return the status of the directory itself."""
        return os.fstat(self.fd)

    def _where(self, name: str) -> tuple[str, int | None]:
        return (name, self.fd) if _DESCRIPTORS else (self.at(name), None)


@dataclass(frozen=True)
class Spot:
    """The end of a way: a ``name`` in a ``folder``, whether or not there is such a file.

    ``hands`` are the users, other than root, who can lead the way elsewhere; ``links`` the symbolic links on it, each
    with its owner, and ``was_link`` tells whether the path itself named one; ``open_to_all`` is the first directory in
    which everybody can replace what is there. ``seen`` is what others who can lead there, too, have opened (None: there
    was nothing).
    """

    folder: Folder
    name: str
    hands: frozenset[int] = frozenset()
    links: tuple[tuple[str, int], ...] = ()
    was_link: bool = False
    open_to_all: str | None = None
    seen: frozenset[tuple[int, int] | None] = frozenset()

    @property
    def path(self) -> str:
        """Where the way ends, without a symbolic link."""
        return self.folder.path if self.name == "." else self.folder.at(self.name)

    @property
    def is_led(self) -> bool:
        """Whether root is led by somebody else, who could exchange a file between two calls that name it."""
        return identity.is_root() and bool(self.hands)

    def status(self) -> os.stat_result | None:
        """Return the status of what is there, None where nothing is."""
        try:
            return self.folder.status(self.name)
        except FileNotFoundError:
            return None

    def open(self, flags: int = 0) -> int:
        """Open what is there for reading; a WayError if it is not what everybody has opened who can lead there."""
        fd = self.folder.open(self.name, os.O_RDONLY | os.O_NONBLOCK | flags)
        if self.seen - {_inode(fd)}:
            close(fd)
            raise WayError(
                f"{self.path}: a directory or link on the way to it was changed, so it leads to another file; "
                "it was not read."
            )
        return fd

    def readers(self, more: frozenset[int] = frozenset()) -> list[int]:
        """Return the users who all must be able to read what root reads here; ``more`` are those who named the path.

        In a directory in which others can write it may be anybody's, so its owner counts. Nobody for others than root.
        """
        self._check_links()
        if not identity.is_root():
            return []
        self._check_open()
        folder, own = self.folder.own_status(), self.status()
        owners = {own.st_uid} if own and folder.st_mode & _OTHERS else set()
        return sorted(({*self.hands, *more} | owners) - {identity.ROOT})

    def writer(self) -> int | None:
        """Return the user as whom root writes here, None where it is root's own; a WayError where it must not."""
        self._check_links()
        if not identity.is_root():
            return None
        self._check_open()
        if len(self.hands) > 1:
            names = " and ".join(sorted(map(user_name, self.hands)))
            raise WayError(
                f"{self.path}: the directories and links on the way to it, or the configuration that names it, belong "
                f"to users {names}, and each could lead {user_name(identity.ROOT)} elsewhere; nothing was "
                "changed. Run as the user who may write there: become_user."
            )
        return next(iter(self.hands), None)

    def obstacle(self, status: os.stat_result | None) -> str | None:
        """Say why the file with this ``status`` cannot be replaced, None if it can."""
        if returned.utf8(self.path) != self.path:
            return (
                f"{self.path}: its name is no UTF-8, so Ansible cannot name it; nothing was changed. Rename the file."
            )
        try:
            writer = self.writer()
        except WayError as e:
            return str(e)
        mine = {identity.present().uid, writer}
        foreign = writer is not None or self.folder.own_status().st_mode & _OTHERS
        if status is not None and status.st_nlink > 1 and foreign and status.st_uid not in mine:
            return (
                f"{self.path}: is a hard link to a file of user {user_name(status.st_uid)} that has other names too; "
                "nothing was changed. Put a file of its own there."
            )
        if status is not None and self.is_led and not self._may_replace(status):
            he = user_name(os.geteuid())
            if self.folder.own_status().st_uid == os.geteuid():
                return (
                    f"{self.path}: user {he}, to whom {self.folder.path} belongs, cannot write in it, and so "
                    f"{user_name(identity.ROOT)} does not; nothing was changed. Make it writable for him."
                )
            return (
                f"{self.path}: user {he}, in whose hands the way to it is, may not replace it, and so "
                f"{user_name(identity.ROOT)} does not; nothing was changed. Name the file itself."
            )
        return None

    def _may_replace(self, status: os.stat_result) -> bool:
        """Whether the present rights suffice to put another file in place of this one."""
        folder, me = self.folder.own_status(), os.geteuid()
        his_own = not folder.st_mode & stat.S_ISVTX or me in (status.st_uid, folder.st_uid)
        return his_own and self.folder.is_writable()

    def _check_open(self) -> None:
        if self.open_to_all:
            raise WayError(
                f"{self.path}: every user of the host can replace what is in {self.open_to_all}, so "
                f"{user_name(identity.ROOT)} does not follow this way. Take write permission for others from it."
            )

    def _check_links(self) -> None:
        """Refuse a link of somebody else, unless it leads to what is his own."""
        status = self.status() or self.folder.own_status()
        may = {identity.ROOT, status.st_uid} | (set() if identity.is_root() else {os.geteuid()})
        for link, owner in () if identity.is_root() else self.links:
            if owner not in may:
                raise WayError(
                    f"{self.path}: is reached by the symbolic link {link} of user {user_name(owner)}, who could lead "
                    "it anywhere. Name the file itself."
                )


@contextlib.contextmanager
def for_reading(path: str, named_by: frozenset[int] = frozenset()) -> Iterator[Spot]:
    """Walk to ``path`` with no more rights than everybody has who can lead the way elsewhere, or who named the path.

    Raises WayError, IdentityError, and OSError, with ``acting_as`` where the rights of another user were too few.
    """
    with find(path) as spot:
        readers = spot.readers(named_by)
        if not readers:
            yield spot
            return
    with contextlib.ExitStack() as stack:
        # Each of them could exchange what another one has just been let in to.
        seen = frozenset([_seen_by(uid, path, stack) for uid in readers[:-1]])
        with identity.acting(readers[-1]), find(path) as spot:
            yield replace(spot, seen=seen)


def _seen_by(uid: int, path: str, stack: contextlib.ExitStack) -> tuple[int, int] | None:
    """Return which file a user opens there; it stays open for as long as ``stack`` is, so no other becomes the same."""
    with identity.acting(uid), find(path) as spot:
        try:
            fd = spot.open()
        except FileNotFoundError:
            return None
    stack.callback(close, fd)
    return _inode(fd)


def _inode(fd: int) -> tuple[int, int]:
    status = os.fstat(fd)
    return status.st_dev, status.st_ino


@contextlib.contextmanager
def for_writing(path: str, named_by: frozenset[int] = frozenset()) -> Iterator[Spot]:
    """Walk to ``path`` with the rights of the one user who can lead the way elsewhere, or who named the path.

    Raises as ``for_reading``.
    """
    with find(path, named_by) as spot:
        writer = spot.writer()
        if writer is None:
            yield spot
            return
    with identity.acting(writer), find(path, named_by) as spot:
        yield spot


class Held(NamedTuple):
    """A place to write that stays open, and the user whose rights count there (None: one's own)."""

    spot: Spot
    writer: int | None


def hold(path: str, named_by: frozenset[int], stack: contextlib.ExitStack) -> Held:
    """Walk to ``path`` as ``for_writing`` does, and keep the place open until ``stack`` ends.

    Nobody's rights are lent in between: whoever does something there acts as its ``writer`` for that time. Raises as
    ``for_reading``.
    """
    with for_writing(path, named_by) as spot:
        folder = Folder(os.dup(spot.folder.fd), spot.folder.path)
        stack.callback(close, folder.fd)
        return Held(replace(spot, folder=folder), os.geteuid() if spot.is_led else None)


def acting_for(stack: contextlib.ExitStack, held: Held, manager: contextlib.AbstractContextManager[_T]) -> _T:
    """Enter ``manager`` with the rights that count in a held place, and leave it with them when ``stack`` ends."""
    inner = contextlib.ExitStack()

    def leave() -> None:
        # It is over; what is not given back now goes with the process.
        with contextlib.suppress(OSError, identity.IdentityError), identity.acting(held.writer):
            inner.close()

    stack.callback(leave)
    with identity.acting(held.writer):
        return inner.enter_context(manager)


@contextlib.contextmanager
def find(path: str, named_by: frozenset[int] = frozenset()) -> Iterator[Spot]:
    """Walk to ``path``; OSError, with its ``filename``, for what hinders that.

    ``path`` may be relative to the present directory. What is at its end need not be there. Whoever named it counts
    among the hands in which the way is.
    """
    if not _is_path(path):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), path)
    walk = _Walk(os.path.join(os.getcwd(), path), named_by)
    try:
        yield walk.to_the_end()
    finally:
        close(walk.here.fd)


class _Walk:
    """One walk: where it is, and what is still to come."""

    def __init__(self, path: str, named_by: frozenset[int]) -> None:
        self.asked = path
        self.coming = _names(path)
        self.here = _root()
        self.hands = set(named_by)
        self.links: list[tuple[str, int]] = []
        self.was_link = False
        self.open_to_all: str | None = None

    def to_the_end(self) -> Spot:
        name = "."
        while self.coming:
            name = self.coming.pop()
            if not self._follow(name):
                if not self.coming and name != "..":
                    break
                self._enter(name)
            name = "."
        hands = frozenset(self.hands - {identity.ROOT})
        return Spot(self.here, name, hands, tuple(self.links), self.was_link, self.open_to_all)

    def _follow(self, name: str) -> bool:
        """Put what a symbolic link says in its place; False for what is none."""
        try:
            status = self.here.status(name)
        except FileNotFoundError:
            if self.coming:
                raise
            return False
        if not stat.S_ISLNK(status.st_mode):
            return False
        self.links.append((self.here.at(name), status.st_uid))
        self.was_link = self.was_link or not self.coming
        self.hands.add(status.st_uid)
        if len(self.links) > LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), self.asked)
        text = self.here.leads_to(name)
        if ztags.on_zos() and text.startswith(_OF_THE_SYSTEM) and status.st_uid == identity.ROOT:
            self._go(self.here.passed(name))
            return True
        self.coming += _names(text)
        if text.startswith("/"):
            self._go(_root())
        return True

    def _enter(self, name: str) -> None:
        self._go(self.here.enter(name))
        status = self.here.own_status()
        self.hands.add(status.st_uid)
        if status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX:
            self.open_to_all = self.open_to_all or self.here.path

    def _go(self, there: Folder) -> None:
        close(self.here.fd)
        self.here = there


def _root() -> Folder:
    return Folder(os.open("/", _PASS), "/")


def _is_path(path: str) -> bool:
    """Whether the system can be asked for it at all: properties of a server may write any character as a number."""
    try:
        return b"\0" not in os.fsencode(path)
    except ValueError:
        return False


def _names(path: str) -> list[str]:
    """Return the names of a path, the first one last."""
    return [name for name in reversed(path.split("/")) if name not in ("", ".")]


def not_ours_alone(path: str) -> str | None:
    """Return the first directory, link or file on the way to ``path`` that others than root and we can change.

    None if there is none, so that what is there may be run.
    """
    with find(path) as spot:
        trusted = _trusted()
        for link, owner in spot.links:
            if owner not in trusted:
                return link
        steps = [link for link, _owner in spot.links] + [spot.path]
    return next((place for step in steps for place in _changeable(step, trusted)), None)


def not_ours_alone_below(path: str, harmless: frozenset[str] = frozenset()) -> str | None:
    """Return as ``not_ours_alone`` what others can change on the way to ``path``, or anywhere below it.

    What a symbolic link leads to counts too, and all below that. Files whose names are ``harmless`` are passed over.
    Each directory is looked at once, so a circle of links ends.
    """
    trusted, seen, coming = _trusted(), set[str](), [path]
    while coming:
        place = coming.pop()
        changeable = _not_ours_alone_even_if_missing(place)
        if changeable:
            return changeable
        place = os.path.realpath(place)
        if place in seen or not os.path.isdir(place):
            continue
        seen.add(place)
        # Nobody but us can change this directory, so its entries may be named by their paths.
        for entry in _entries(place):
            if entry.name in harmless:
                continue
            if not entry.is_symlink() and _others_can_change(entry.stat(follow_symlinks=False), trusted):
                return entry.path
            if entry.is_symlink() or entry.is_dir(follow_symlinks=False):
                coming.append(entry.path)
    return None


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """Return what is in a directory, nothing where the present user, who is not root then, may not look."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except PermissionError:
        return []


def _not_ours_alone_even_if_missing(path: str) -> str | None:
    """As ``not_ours_alone``; where a link leads to nothing, who can put something there counts."""
    try:
        return not_ours_alone(path)
    except FileNotFoundError:
        return next(_changeable(os.path.realpath(path), _trusted()), None)


def _trusted() -> set[int]:
    return {identity.ROOT, os.geteuid()}


def _changeable(path: str, trusted: set[int]) -> Iterator[str]:
    """Give the parts of a path without links that others can change, also by making what is not there."""
    part, above = "/", None
    for name in ("", *path.strip("/").split("/")):
        part = os.path.join(part, name) if name else part
        try:
            status = os.lstat(part)
        except FileNotFoundError:
            # Also in a directory like /tmp.
            if above is not None and above.st_mode & _OTHERS:
                yield part
            return
        if _others_can_change(status, trusted):
            yield part
        above = status


def _others_can_change(status: os.stat_result, trusted: set[int]) -> bool:
    # In a directory like /tmp everybody can make files, but touch only his own. A link has no mode of its own.
    sticky = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
    shared = status.st_mode & _OTHERS and not sticky and not stat.S_ISLNK(status.st_mode)
    return status.st_uid not in trusted or bool(shared)
