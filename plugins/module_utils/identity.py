# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose rights count while files are touched. PRIVATE to this collection. Standard library only, Python 3.9.

Root that works in a directory of somebody else takes on that user's rights, so that the kernel refuses what he could
not do himself. Only the effective identity changes: he can neither signal nor trace this process.
"""

from __future__ import annotations

import contextlib
import functools
import grp
import os
import pwd
from collections.abc import Iterator
from typing import Any, NamedTuple

ROOT = 0
_NO_GROUP = 65534  # of a user whom the system does not know
# The beginnings of the names of variables without which programs do not start, or speak otherwise; here and on z/OS.
_OF_PROGRAMS = (
    "PATH",
    "LANG",
    "LC_",
    "TZ",
    "JAVA_HOME",
    "LIBPATH",
    "STEPLIB",
    "_BPX",
    "_CEE_RUNOPTS",
    "_TAG_",
    "NLSPATH",
)


class IdentityError(Exception):
    """The system does not let root act as another user; the message is a sentence."""


class Identity(NamedTuple):
    """A user ID, his group, and his further groups."""

    uid: int
    gid: int
    groups: tuple[int, ...]


# Who this process really is, while it acts as another.
_real: list[Identity] = []


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


def is_root() -> bool:
    """Say whether this process may do everything, even where it acts as another now."""
    return (_real[0].uid if _real else os.geteuid()) == ROOT


def present() -> Identity:
    """Return the effective identity."""
    return Identity(os.geteuid(), os.getegid(), tuple(os.getgroups()))


@functools.lru_cache
def of(uid: int) -> Identity:
    """Return the identity of a user; one whom the system does not know has no group of his own."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Identity(uid, _NO_GROUP, ())
    return Identity(uid, entry.pw_gid, tuple(os.getgrouplist(entry.pw_name, entry.pw_gid)))


@contextlib.contextmanager
def acting(uid: int | None) -> Iterator[None]:
    """Let root have the rights of the user ``uid`` inside; with None, and for everybody else, nothing changes."""
    if uid is None or os.geteuid() != ROOT:
        yield
        return
    me = present()
    try:
        _take(of(uid))
    except OSError as e:
        _take(me)
        raise IdentityError(
            f"this system does not let {user_name(ROOT)} act as user {user_name(uid)} ({e.strerror}); nothing was "
            f"changed. Run as that user: become_user: {user_name(uid)}."
        ) from e
    _real.append(me)
    try:
        yield
    except OSError as e:
        e.acting_as = user_name(uid)  # type: ignore[attr-defined]  # for the sentence about it
        raise
    finally:
        _real.pop()
        _take(me)


@contextlib.contextmanager
def ourselves() -> Iterator[None]:
    """Have the rights of this process back inside, for what is done by a descriptor that nobody can redirect."""
    if not _real:
        yield
        return
    other, me = present(), _real[-1]
    _take(me)
    _real.pop()
    try:
        yield
    finally:
        # First, because whoever acts looks for it, also where the system refuses the next call.
        _real.append(me)
        _take(other)


@contextlib.contextmanager
def ourselves_for_a_program() -> Iterator[dict[str, Any]]:
    """Give the arguments by which ``subprocess`` starts a program with the present identity, and no way back.

    Another user may look into a process of his own, so it gets nothing of ours: no environment but what says how
    programs run, and no terminal.
    """
    uid, gid, groups = present()
    env = {name: value for name, value in os.environ.items() if name.startswith(_OF_PROGRAMS)}
    with ourselves():
        his = {"user": uid, "group": gid, "extra_groups": groups, "env": env, "start_new_session": True}
        yield his if uid != os.geteuid() else {}


def _take(identity: Identity) -> None:
    if os.geteuid() != ROOT:
        os.seteuid(ROOT)
    os.setgroups(identity.groups)
    os.setegid(identity.gid)
    os.seteuid(identity.uid)
