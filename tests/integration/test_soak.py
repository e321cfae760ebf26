# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A short soak keeps its promises, and each broken promise would be seen; `make soak` takes an hour."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "soak"))

import soak_liberty
import soak_run
from launcher import Liberty
from soak_world import PASSWORD, Ended, Server, World

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.assembly import Assembly
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective

pytestmark = [pytest.mark.ansible, pytest.mark.java]


@pytest.fixture(scope="module")
def soaked(tmp_path_factory: pytest.TempPathFactory) -> soak_run.Soak:
    """One server that is changed, undone, and killed at."""
    soak = soak_run.Soak(World(tmp_path_factory.mktemp("soak") / "world", 1, 3))
    (server,) = soak.world.servers
    for name in ("restore", "controller killed"):
        soak.step(name, server)
    return soak


def test_the_promises_hold(soaked: soak_run.Soak) -> None:
    assert soaked.broken == []
    assert len(soaked.world.peak) >= 5
    page = soaked.page()
    assert "2 steps" in page
    assert page.rstrip().endswith("None.")


def lose(server: Server) -> str:
    server.xml.write_text(server.xml.read_text(encoding="utf-8").replace("page 1", "page 2"), encoding="utf-8")
    return f"lost: <!-- Kept by hand: {server.name}, page 1 -->"


def leave(server: Server) -> str:
    (server.folder / ".zosconnect-security.journal").write_text("{}", encoding="ascii")
    return f"left over: servers/{server.name}/.zosconnect-security.journal"


def leave_on_the_way(server: Server) -> str:
    (server.base / "remote").mkdir(exist_ok=True)
    (server.base / "remote/ansible-tmp-1").mkdir()
    return "left over: remote/ansible-tmp-1"


def open_store(server: Server) -> str:
    server.store.write_bytes(b"")
    server.store.chmod(0o644)
    return f"others may read servers/{server.name}/keys.p12"


@pytest.mark.parametrize("mistake", [lose, leave, leave_on_the_way, open_store])
def test_a_broken_promise_is_seen(tmp_path: Path, mistake: Callable[[Server], str]) -> None:
    world = World(tmp_path / "world", 1, 1)
    (server,) = world.servers
    assert [*world.broken(server)] == []
    said = mistake(server)
    assert [*world.broken(server)] == [said]


def test_what_a_run_prints_is_looked_at(tmp_path: Path) -> None:
    world = World(tmp_path / "world", 1, 1)
    (server,) = world.servers
    key = server.issued.key_pem().splitlines()[1]
    for text in (PASSWORD, key):
        assert [*world.broken(server, [Ended(0, f"... {text} ...")])] == ["a secret was printed"]
    assert [*world.broken(server, [Ended(0, "ok")])] == []


@pytest.mark.liberty
def test_a_wrong_explanation_is_noticed(tmp_path: Path, liberty: Liberty, monkeypatch: pytest.MonkeyPatch) -> None:
    """The running Liberty says the same as the engine, and something else than an engine that is wrong."""
    soak = soak_run.Soak(World(tmp_path / "world", 1, 1))
    (server,) = soak.world.servers
    true = soak_liberty.evaluate

    def wrong(assembly: Assembly) -> Effective:
        effective = true(assembly)
        (connection,) = effective.all("zosconnect_endpointConnection")
        connection.attributes["port"] = connection.attributes["port"]._replace(value="81")
        return effective

    with soak_liberty.asking(liberty) as ask:
        assert ask(server) == []
        monkeypatch.setattr(soak_liberty, "evaluate", wrong)
        monkeypatch.setattr(soak_run, "STEPS", dict.fromkeys(soak_run.STEPS, lambda _world, _server: ()))
        soak.run(60, steps=soak_run.ASKED_EVERY, ask=ask)
    differs = "port of <zosconnect_endpointConnection[stock]>: the files say '81', the server has '80'."
    assert soak.broken == [f"step 3: {server.name}: Liberty differs: {differs}"]


@pytest.mark.chosen
def test_growth_of_memory_is_seen() -> None:
    assert soak_run.grown([100] * 30) == []
    assert soak_run.grown([100] * 10 + [130] * 10) == ["the last runs take 1.30 × the memory of the first"]


def test_what_a_second_run_changes_and_a_restore_keeps_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Ansible: runs that say what they did, and did it or did not."""
    world = World(tmp_path / "world", 1, 1)
    (server,) = world.servers
    (tmp_path / "world/undo" / f"zosconnect-restore-{server.name}-1.yml").touch()

    def run(playbook: str, server: Server, *_options: str, **_more: object) -> Ended:
        server.xml.write_text(server.xml.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        return Ended(0, "changed=1")

    monkeypatch.setattr(world, "run", run)
    (said,) = soak_run.change(world, server)
    assert said == "the second run was not unchanged: changed=1"
    (said,) = soak_run.restore(world, server)
    assert said == "restore did not give back ['server.xml']: changed=1"
