# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Somebody who owns the directory in which root works, and the games that he plays there.

He renames, links, replaces, opens and reads whatever he can in a process of his own, as fast as he can. What he must not
get: root's secret, new bytes that only root may read, root's files or directories changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import signal
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

NOBODY = 65534
OLD = b"<server>old</server>\n"
SECRET, PRIVATE = b"<server>only root may read this</server>\n", b"<server>new: only root may read this</server>\n"
STOLEN = "stolen"
JOURNAL = ".zosconnect-security.journal"
NOTE = ".zosconnect-security.pending"


def let_others_enter(folder: Path) -> None:
    """Let other users reach a folder of pytest's, whose parents are private."""
    for parent in (folder, *folder.parents):
        if parent == Path("/"):
            break
        if parent.stat().st_uid == os.geteuid() and not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o011)


class World:
    """``etc`` is root's, ``home`` the attacker's with the server's directory in it; ``jar`` is where he puts his loot."""

    def __init__(self, base: Path) -> None:
        base.mkdir(exist_ok=True)
        let_others_enter(base)
        base.chmod(0o755)
        self.etc, self.home = base / "etc", base / "home"
        self.server = self.home / "server"
        self.secret, self.victim = self.etc / "secret.xml", self.etc / "server.xml"
        for folder in (self.etc, self.home, self.server):
            folder.mkdir()
        self.secret.write_bytes(SECRET)
        self.secret.chmod(0o600)
        self.victim.write_bytes(OLD)
        self.victim.chmod(0o644)
        self.jar = base / STOLEN
        self.jar.touch(mode=0o666)
        self.jar.chmod(0o666)
        for path in (self.home, self.server):
            os.chown(path, NOBODY, NOBODY)
        self.before = self.roots()

    def roots(self) -> dict[str, tuple[int, int, int, bytes]]:
        """What root's files are: owner, group, mode and content."""
        found = {}
        for path in (self.etc, *self.etc.iterdir()):
            status = path.lstat()
            content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
            found[path.name] = (status.st_uid, status.st_gid, status.st_mode, content)
        return found

    def reset(self, *, owner: int = NOBODY, mode: int = 0o640) -> None:
        """Put a fresh server.xml there, whatever the attacker, who stands still meanwhile, has made of it."""
        if self.server.is_symlink():
            self.server.unlink()
        if (self.home / "away").exists():
            os.rename(self.home / "away", self.server)
        for path in self.server.iterdir():
            path.unlink()
        new = self.server / "server.xml"
        new.write_bytes(OLD)
        os.chown(new, owner, owner)
        new.chmod(mode)

    def lost(self) -> list[str]:
        """What the attacker has won."""
        won = [] if self.roots() == self.before else ["root's files are not what they were"]
        if self.jar.read_bytes():
            won.append(f"he has read {self.jar.read_bytes()!r}")
        for path in (path for path in self.home.rglob("*") if not path.is_symlink() and path.is_file()):
            with contextlib.suppress(OSError):
                status, content = path.stat(), path.read_bytes()
                if SECRET in content and (status.st_uid != 0 or status.st_mode & 0o077):
                    won.append(f"root's secret is in {path}")
        return won


@contextlib.contextmanager
def attacker(world: World, *games: Callable[[World], None]) -> Iterator[int]:
    """Let somebody play the games over and over, in a process of his own, whose number is told."""
    pid = os.fork()
    if pid == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        while True:
            for game in games:
                with contextlib.suppress(OSError):
                    game(world)
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


# His games.
def exchange_temporary_files(world: World) -> None:
    for name in os.listdir(world.server):
        if name.endswith((".zcs-tmp", "~")):
            link = world.server / f".link-{random.random()}"
            os.symlink(random.choice((world.victim, world.secret)), link)
            os.rename(link, world.server / name)


def exchange_the_file(world: World) -> None:
    path = world.server / "server.xml"
    link = world.server / f".link-{random.random()}"
    choice = random.random()
    if choice < 0.4:
        os.symlink(random.choice((world.victim, world.secret)), link)
    elif choice < 0.6:
        os.link(world.victim, link)  # where the system lets him
    else:
        link.write_bytes(OLD)
    os.rename(link, path)


def exchange_the_directory(world: World) -> None:
    away = world.home / "away"
    os.rename(world.server, away)
    os.symlink(world.etc, world.server)
    time.sleep(random.random() / 2000)
    os.unlink(world.server)
    os.rename(away, world.server)


def open_everything(world: World) -> None:
    for name in os.listdir(world.server):
        with contextlib.suppress(OSError):
            data = (world.server / name).read_bytes()
            if SECRET in data or PRIVATE in data:
                world.jar.write_bytes(data)


def keep_writing(world: World) -> None:
    """Hold on to a file that may become root's, and write into it."""
    for name in os.listdir(world.server):
        with contextlib.suppress(OSError), open(world.server / name, "r+b") as stream:
            time.sleep(random.random() / 1000)
            if os.fstat(stream.fileno()).st_uid == 0:
                stream.write(b"mine")
                world.jar.write_bytes(b"a file of root's, to write")


def plant_links(world: World) -> None:
    names = [".zosconnect-security.lock", f"server.xml.{time.strftime('%Y-%m-%d@%H:%M:%S')}~"]
    for name in names:
        with contextlib.suppress(OSError):
            os.symlink(world.victim, world.server / name)


def forge_journals(world: World) -> None:
    """Say that an interrupted run had changed root's files, and where copies of their old selves are."""
    targets = (world.victim, world.secret, world.server / "server.xml", world.server / "new.xml")
    entries = [_forged(number, random.choice(targets)) for number in range(3)]
    told = {"zosconnect.security": "journal", "version": 1, "transaction": "0" * 32, "phase": "placing", "why": ""}
    _put(world, JOURNAL, {**told, "began": "2026-01-01T00:00:00Z", "entries": entries})
    with contextlib.suppress(OSError):
        (world.server / "server.xml.forged~").write_bytes(b"forged")
        os.symlink(world.secret, world.server / "new.xml.forged~")


def _put(world: World, name: str, told: dict[str, object]) -> None:
    new = world.server / f".forged-{random.random()}"
    new.write_text(json.dumps(told))
    os.rename(new, world.server / name)


def forge_notes(world: World) -> None:
    """Say that the server was not told of root's files, and that they are its log."""
    targets = (world.victim, world.secret, world.server / "server.xml")
    known = [hashlib.sha256(random.choice((OLD, SECRET))).hexdigest() for _ in range(2)]
    files = [{"path": str(random.choice(targets)), "kind": "configuration", "before": each} for each in known]
    log = {"path": str(random.choice(targets)), "size": random.choice((0, 10, None)), "tail": known[0]}
    _put(world, NOTE, {"zosconnect.security": "pending", "version": 1, "files": files, "log": log})


def _forged(number: int, path: Path) -> dict[str, object]:
    old, new = (hashlib.sha256(random.choice((OLD, SECRET, b"forged"))).hexdigest() for _ in range(2))
    known = {"before": [old, 0, 0, 0o644], "after": [new, 0, 0, 0o644], "kept": f"{path.name}.forged~", "keep": True}
    return {"number": number, "path": str(path), "real_path": str(path), **known}


def exchange_the_journal(world: World) -> None:
    """Take it away, put an old one back, or lead it elsewhere."""
    _exchange(world, JOURNAL)


def exchange_the_note(world: World) -> None:
    """Do the same to the note of what the server was not told of."""
    _exchange(world, NOTE)


def _exchange(world: World, name: str) -> None:
    path, kept = world.server / name, world.home / name.rpartition(".")[2]
    choice = random.random()
    if choice < 0.3:
        os.rename(path, kept)
    elif choice < 0.6:
        os.rename(kept, path)
    elif choice < 0.8:
        link = world.server / f".link-{random.random()}"
        os.symlink(random.choice((world.victim, world.secret)), link)
        os.rename(link, path)
    else:
        os.unlink(path)


EVERYTHING = (exchange_temporary_files, exchange_the_file, exchange_the_directory, open_everything, plant_links)
