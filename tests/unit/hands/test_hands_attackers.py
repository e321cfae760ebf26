# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The owner of the directory plays against root while root works in it: every game, many times, no success.

He renames, links, replaces, opens and reads whatever he can in a process of his own, as fast as he can. What he must not
get: root's secret, new bytes that only root may read, root's files or directories changed, a program of his run by root.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hands_world import NOBODY, OLD, world_can_enter

from ansible_collections.zosconnect.security.plugins.module_utils import placing, reading
from ansible_collections.zosconnect.security.plugins.module_utils.locks import PlaceError
from ansible_collections.zosconnect.security.plugins.module_utils.placing import Look, Order
from ansible_collections.zosconnect.security.plugins.module_utils.reading import ReadError

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has something to lose")

TRIES = int(os.environ.get("ZCS_TRIES", "200"))
SECRET, PRIVATE = b"<server>only root may read this</server>\n", b"<server>new: only root may read this</server>\n"
STOLEN = "stolen"


class World:
    """``etc`` is root's, ``home`` the attacker's with the server's directory in it; ``jar`` is where he puts his loot."""

    def __init__(self, base: Path) -> None:
        world_can_enter(base)
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


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


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


EVERYTHING = (exchange_temporary_files, exchange_the_file, exchange_the_directory, open_everything, plant_links)


# Root's work.
def place(world: World, data: bytes = b"<server>new</server>\n", **more: object) -> None:
    path = str(world.server / "server.xml")
    placing.place(Order(path, data, reading.sha256(OLD), real_path=path, backup=True, **more))  # type: ignore[arg-type]


def loosen(world: World) -> None:
    path = str(world.server / "server.xml")
    placing.change_look(Order(path, b"", reading.sha256(OLD), look=lambda _: Look(NOBODY, NOBODY, 0o666)))


def read(world: World) -> None:
    for data in (
        reading.describe(str(world.server / "server.xml")).get("data", b""),
        *(
            reading.read_bytes(path)[0]
            for path in reading.describe_folder(str(world.server), suffixes=("",), depth=1)["wanted"]
        ),
    ):
        assert SECRET not in data, "root has read its secret for somebody else"


def restore(world: World) -> None:
    backup = str(world.server / "server.xml")
    data = placing.read_backup(str(world.server / "server.xml"), backup, reading.sha256(OLD))
    assert data == OLD


def tries(world: World, work: Callable[[World], None], *games: Callable[[World], None], **fresh: int) -> int:
    """Let root work often against the games; return how often it came to an end. Not one try may be lost."""
    done = 0
    with attacker(world, *games) as pid:
        for _ in range(TRIES):
            os.kill(pid, signal.SIGSTOP)
            os.waitpid(pid, os.WUNTRACED)
            assert world.lost() == []
            world.reset(**fresh)
            os.kill(pid, signal.SIGCONT)
            with contextlib.suppress(PlaceError, ReadError):
                work(world)
                done += 1
    assert world.lost() == []
    return done


@pytest.mark.parametrize("work", [place, loosen, read, restore])
@pytest.mark.parametrize("game", EVERYTHING)
def test_no_game_is_won(world: World, work: Callable[[World], None], game: Callable[[World], None]) -> None:
    tries(world, work, game)


@pytest.mark.parametrize("work", [place, loosen, read, restore])
def test_all_games_together_are_not_won(world: World, work: Callable[[World], None]) -> None:
    tries(world, work, *EVERYTHING)


def test_what_only_root_may_read_is_never_open_to_him(world: World) -> None:
    """A file of root's in his directory gets new bytes: at no instant can he open them, nor keep a file open for writing."""

    def private(world: World) -> None:
        place(world, PRIVATE)

    assert tries(world, private, open_everything, keep_writing, owner=0, mode=0o644 & 0o600) == 0, (
        "what he cannot read himself, root does not read for him"
    )


def test_a_file_that_is_closed_is_closed_from_the_first_byte(world: World) -> None:
    """All may read the file; the new one is for root alone."""

    def close(world: World) -> None:
        place(world, PRIVATE, look=lambda _: Look(0, 0, 0o600))

    assert tries(world, close, open_everything, keep_writing, owner=0, mode=0o644) > TRIES // 2


def test_without_games_everything_comes_to_its_end(world: World) -> None:
    for work in (place, loosen, read, restore):
        assert tries(world, work, lambda _: time.sleep(0.001)) == TRIES
