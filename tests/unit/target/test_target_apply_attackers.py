# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The owner of the directory plays against root while root applies a change, puts it back, or follows a journal."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from apply_world import Json, applied, change, left, order, recovered

from ansible_collections.zosconnect.security.plugins.module_utils import gates, pending, reading
from tests.attackers import (
    EVERYTHING,
    OLD,
    PRIVATE,
    SECRET,
    World,
    attacker,
    exchange_the_journal,
    exchange_the_note,
    forge_journals,
    forge_notes,
    keep_writing,
    open_everything,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has something to lose")

TRIES = int(os.environ.get("ZCS_TRIES", "60"))
GATE = {"title": "t", "host": "127.0.0.1", "port": 1, "plain": True, "expect": ["ok"]}
GAMES = (*EVERYTHING, forge_journals, exchange_the_journal, keep_writing, forge_notes, exchange_the_note)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Ports are not as declared, after the time that the attacker needs."""

    def look(*_: object) -> list[Json]:
        time.sleep(0.002)
        return [{"title": "t", "msg": "Said.", "as_declared": False, "wrong": []}]

    monkeypatch.setattr(gates, "until_as_declared", look)
    return World(tmp_path)


def given(world: World, data: bytes, **more: object) -> Json:
    mine = {"server_dir": str(world.server)}
    first = {**change(world.server / "none", data, **mine), "path": str(world.server / "server.xml")}
    first.update(real_path=first["path"], expected=reading.sha256(OLD))
    log = {"directory": str(world.server), "log": str(world.server / "server.xml"), "told": "operator"}
    noted = {**log, "kinds": {first["path"]: pending.CONFIGURATION}}
    return order(world.server, first, change(world.server / "new.xml", data, **mine), pending=noted, **more)


# Root's work.
def apply(world: World) -> str:
    return str(applied(given(world, b"<server>new</server>\n"))["outcome"])


def private(world: World) -> str:
    """What is new only root may read."""
    order_ = given(world, PRIVATE)
    for file in order_["files"]:
        file["attributes"] = {"owner": "0", "group": "0", "mode": "0600"}
    return str(applied(order_)["outcome"])


def put_back(world: World) -> str:
    return str(applied(given(world, b"<server>new</server>\n", gates=[GATE]), taken=False)["outcome"])


def follow(world: World) -> str:
    """Look at the journal and at the note, and follow the journal."""
    shown = left(world.server), pending.found(str(world.server))
    assert SECRET.decode() not in str(shown)
    return str(recovered(world.server)["outcome"])


def tries(world: World, work: Callable[[World], str], *games: Callable[[World], None]) -> list[str]:
    """Let root work often against the games; return how that ended. Not one try may be lost."""
    outcomes = []
    with attacker(world, *games) as pid:
        for _ in range(TRIES):
            os.kill(pid, signal.SIGSTOP)
            os.waitpid(pid, os.WUNTRACED)
            assert world.lost() == []
            world.reset()
            os.kill(pid, signal.SIGCONT)
            outcomes.append(work(world))
    assert world.lost() == []
    return outcomes


@pytest.mark.parametrize("work", [apply, put_back, follow])
@pytest.mark.parametrize("game", GAMES)
def test_no_game_is_won(world: World, work: Callable[[World], str], game: Callable[[World], None]) -> None:
    assert set(tries(world, work, game)) <= {"applied", "put_back", "refused", "left"}


@pytest.mark.parametrize("work", [apply, put_back, follow])
def test_all_games_together_are_not_won(world: World, work: Callable[[World], str]) -> None:
    tries(world, work, *GAMES)


def test_what_only_root_shall_read_is_never_open_to_him(world: World) -> None:
    assert "applied" in tries(world, private, open_everything, keep_writing)


def test_without_games_everything_comes_to_its_end(world: World) -> None:
    def still(_world: World) -> None:
        time.sleep(0.001)

    assert set(tries(world, apply, still)) == {"applied"}
    assert set(tries(world, put_back, still)) == {"put_back"}
    assert set(tries(world, follow, still)) <= {"applied", "put_back"}
