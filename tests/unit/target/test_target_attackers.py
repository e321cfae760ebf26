# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The owner of the directory plays against root while root works in it: every game, many times, no success."""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.zosconnect.security.plugins.module_utils import placing, reading
from ansible_collections.zosconnect.security.plugins.module_utils.locks import PlaceError
from ansible_collections.zosconnect.security.plugins.module_utils.placing import Look, Order
from ansible_collections.zosconnect.security.plugins.module_utils.reading import ReadError
from ansible_collections.zosconnect.security.plugins.modules import target_tail
from tests.attackers import EVERYTHING, NOBODY, OLD, PRIVATE, SECRET, World, attacker, keep_writing, open_everything

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has something to lose")

TRIES = int(os.environ.get("ZCS_TRIES", "200"))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


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


def remove(world: World) -> None:
    placing.remove(Order(str(world.server / "server.xml"), b"", reading.sha256(OLD), backup=True))


def tail(world: World) -> None:
    item = {"path": str(world.server / "server.xml"), "server_dir": str(world.server), "newest": 3}
    ends = [*target_tail.log(item, 100), *target_tail.folder({**item, "path": str(world.server)}, 100)]
    assert SECRET not in [base64.b64decode(str(each["content"])) for each in ends]


WORKS = (place, loosen, read, restore, remove, tail)


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


@pytest.mark.parametrize("work", WORKS)
@pytest.mark.parametrize("game", EVERYTHING)
def test_no_game_is_won(world: World, work: Callable[[World], None], game: Callable[[World], None]) -> None:
    tries(world, work, game)


@pytest.mark.parametrize("work", WORKS)
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
    for work in WORKS:
        assert tries(world, work, lambda _: time.sleep(0.001)) == TRIES


class TestLogs:
    """What target_tail reads: its owner makes of a log what he likes, or names another's as his."""

    @staticmethod
    def tails(path: Path, server: Path | None, *known: Path) -> list[dict[str, object]]:
        item = {"path": str(path), "server_dir": server and str(server), "newest": 3}
        names = tuple(map(str, known))
        return [*target_tail.log(item, 100, names), *target_tail.folder({**item, "path": str(path.parent)}, 100, names)]

    @pytest.mark.parametrize("is_told", [True, False])
    def test_links_and_pipes(self, world: World, is_told: bool) -> None:  # noqa: FBT001
        log, server = world.server / "messages.log", world.server if is_told else None
        log.symlink_to(world.secret)
        assert [each["state"] for each in self.tails(log, server)] == ["unreadable", "unreadable"]
        log.unlink()
        os.mkfifo(log)
        (found,) = self.tails(log, server)
        assert (found["state"], found["content"]) == ("special", "")

    def test_a_log_that_an_included_file_of_somebody_else_names(self, world: World) -> None:
        server, log = world.etc, world.etc / "private.log"
        log.write_bytes(SECRET)
        log.chmod(0o600)
        his = world.home / "included.xml"
        his.touch()
        os.chown(his, NOBODY, NOBODY)
        assert base64.b64decode(str(self.tails(log, server)[0]["content"])) == SECRET
        states = {str(each["path"]): each["state"] for each in self.tails(log, server, his)}
        assert states == {str(log): "unreadable", str(world.secret): "unreadable", str(world.victim): "file"}
