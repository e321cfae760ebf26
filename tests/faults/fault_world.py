# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The worlds that faults happen in: a server's directory, and a task of a user's that changes one file there.

The action plans as it does for a user, the target modules are processes here; so the tests know nothing of how they speak.
"""

from __future__ import annotations

import importlib
import os
import shutil
import stat
import struct
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from fault_modules import Ended, Modules, User

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

ACTIONS = "ansible_collections.zosconnect.security.plugins.action"
OWNER = User(65534, 65534, (1,))  # nobody, who owns the server, and a group that may read its files
ACL, DEFAULT_ACL = "system.posix_acl_access", "system.posix_acl_default"


class File(NamedTuple):
    """What a file is, and who may look into it."""

    data: bytes
    mode: int
    uid: int
    gid: int
    acl: bytes = b""

    def readers(self) -> set[tuple[str, int]]:
        """Return who may read it: users and groups by number, and all."""
        found = {("user", self.uid)}
        if self.mode & stat.S_IROTH:
            found.add(("all", 0))
        # Linux's form, acl(5): tags 2 and 8 are named users and groups, 4 the owning group, 16 the mask.
        entries = list(struct.iter_unpack("<HHI", self.acl[4:]))
        mask = next((bits for tag, bits, _ in entries if tag == 16), 7)
        for tag, bits, who in entries or [(4, self.mode >> 3, 0)]:
            if tag in (2, 4, 8) and bits & mask & 4:
                found.add(("user" if tag == 2 else "group", self.gid if tag == 4 else who))
        return found


@dataclass(frozen=True)
class Scenario:
    """One change of ``target``, a path in the server's directory, by the action ``action_base`` with ``options``.

    ``files`` are there before, with their modes. ``always`` is a set of system calls, as strace names them, and the error
    that they meet in every run. ``meaning`` tells of the target's bytes what they are; bytes that are different and mean
    the same may take each other's place. Of the calls every ``every``-th meets faults.
    """

    name: str
    action_base: str
    target: str
    files: Mapping[str, tuple[bytes, int]]
    options: Mapping[str, Any]
    secrets: tuple[str, ...]
    always: tuple[str, str] | None = None
    default_acl: bytes = b""
    meaning: Any = bytes
    every: int = 1

    @property
    def keeps_backup(self) -> bool:
        """Whether the change leaves a copy of the old file."""
        return bool(self.options.get("backup")) and self.target in self.files

    @property
    def is_mounted(self) -> bool:
        """Whether the file is mounted by itself, so that it is written in place and may be torn: the documented exception."""
        return bool(self.options.get("unsafe_writes"))


@dataclass
class World:
    """A scenario in ``base``, run by ``user`` over a directory of ``owner``."""

    scenario: Scenario
    base: Path
    modules: Modules
    user: User
    owner: User
    order: dict[str, Any] = field(default_factory=dict)
    _sent: dict[Path, bytes] = field(default_factory=dict)
    _mounted: bool = False

    @property
    def server(self) -> Path:
        """The directory that is looked at."""
        return self.base / "server"

    @property
    def target(self) -> Path:
        """The file that is changed."""
        return self.server / self.scenario.target

    @property
    def task(self) -> Path:
        """The task's own directory, which Ansible makes and removes."""
        return self.base / "task"

    def build(self) -> None:
        """Make all as it was before the task, but for the files that the task has sent already."""
        self.unmount()
        for folder, owner, mode in ((self.server, self.owner, 0o755), (self.task, self.user, 0o700)):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(exist_ok=True)
            give(folder, owner, mode)
        if self.scenario.default_acl:
            os.setxattr(self.server, DEFAULT_ACL, self.scenario.default_acl)
        for name, (data, mode) in self.scenario.files.items():
            self._write(self.server / name, data, mode)
        if self.scenario.is_mounted:
            subprocess.run(["mount", "--bind", self.target, self.target], check=True)
            self._mounted = True
        for path, data in self._sent.items():
            path.write_bytes(data)
            give(path, self.user, 0o600)

    def unmount(self) -> None:
        """Let a file that is a mount be one as others again."""
        if self._mounted:
            subprocess.run(["umount", self.target], check=True)
        self._mounted = False

    def _write(self, path: Path, data: bytes, mode: int) -> None:
        missing = [parent for parent in path.parents if not parent.exists()]
        for parent in reversed(missing):
            parent.mkdir()
            give(parent, self.owner, 0o755)
        path.write_bytes(data)
        give(path, self.owner._replace(gid=(*self.owner.groups, self.owner.gid)[0]), mode)
        if self.scenario.default_acl:
            os.removexattr(path, ACL)
            path.chmod(mode)

    def put(self, file: File | None) -> None:
        """Let the target be ``file``, as another one who writes could."""
        self.unmount()
        self.target.unlink()
        if file:
            self._write(self.target, file.data, file.mode)

    def play(self) -> tuple[bool, str]:
        """Run the whole task without a fault; return whether it changed something, and why it failed."""
        module = importlib.import_module(f"{ACTIONS}.{self.scenario.action_base}")
        try:
            return bool(_played(module.ActionModule, self)["changed"]), ""
        except SecurityError as e:
            return False, str(e)

    def run_on_target(self, name: str, arguments: dict[str, Any], strace: tuple[str, ...] | None = None) -> Ended:
        """Run a target module as Ansible would."""
        own = {"_ansible_tmpdir": str(self.task), "_ansible_remote_tmp": str(self.task.parent)}
        return self.modules.run(name, {**arguments, **own}, self.user, strace)

    def place(self, watched: str = "", inject: str = "") -> Ended:
        """Run target_place with what the action told it before; ``watched`` and ``inject`` are sets of strace's."""
        sets, injections = [watched] if watched else [], [inject] if inject else []
        if self.scenario.always:
            calls, error = self.scenario.always
            sets, injections = [calls, *sets], [f"{calls}:error={error}", *injections]
        # What is not watched meets nothing either.
        options = ["-e", "trace=" + ",".join(sets), *(f"--inject={each}" for each in injections)]
        return self.run_on_target("target_place", self.order, tuple(options) if sets else None)

    def send(self, data: bytes) -> str:
        """Put ``data`` into a file of the task's."""
        path = self.task / f"sent-{len(self._sent)}"
        path.write_bytes(data)
        give(path, self.user, 0o600)
        self._sent[path] = data
        return str(path)

    def forget(self) -> None:
        """Begin a new task: what the last one has sent is gone."""
        self._sent.clear()

    def look(self) -> dict[str, File]:
        """Return all files of the server's directory."""
        paths = [Path(folder, name) for folder, _, names in os.walk(self.server) for name in names]
        return {str(path.relative_to(self.server)): file_at(path) for path in paths}


def give(path: Path, owner: User, mode: int) -> None:
    if owner.uid is not None:
        os.chown(path, owner.uid, owner.gid)
    path.chmod(mode)


def file_at(path: Path) -> File:
    status = path.lstat()
    acl = os.getxattr(path, ACL) if ACL in os.listxattr(path) else b""
    return File(path.read_bytes(), stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, acl)


def _played(action_base: type[Any], world: World) -> dict[str, Any]:
    class Played(action_base):  # type: ignore[misc]
        def __init__(self) -> None:
            self._load_name = f"zosconnect.security.{world.scenario.action_base}"
            self._task = SimpleNamespace(args=dict(world.scenario.options), check_mode=False, diff=False)
            self._vars: dict[str, Any] = {}

        def run_on_target(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
            if name == "target_place":
                world.order = arguments
            ended = world.run_on_target(name, arguments)
            if ended.answer is None or ended.failed:
                raise SecurityError(str((ended.answer or {}).get("msg") or ended.printed))
            return ended.answer

        def send(self, data: bytes) -> str:
            return world.send(data)

    played = Played()
    result: dict[str, Any] = played.work(played._options())
    return result
