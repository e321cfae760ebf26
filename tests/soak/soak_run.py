# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A day in the life of many servers: `make soak MINUTES=60`, or soak_run.py --minutes 60 --servers 20 --seed 7.

A step is taken at random for one server: a declaration is changed and applied, adopted, renewed, restored, edited by
hand; a controller or a module is killed; two controllers work at once. After each the promises are looked at. Now and
then a real Liberty gets a server's files, and must say what the engine says.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from soak_world import PASSWORD, Ended, Server, World, kill_controller, kill_modules

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "SOAK.md"
# Of the memory of a run: what the first ones take, and how much more the last ones may.
GROWTH = 1.15
ASKED_EVERY = 3


@dataclass
class Soak:
    """What was done, how often, and which promises were broken, with the number of the step."""

    world: World
    steps: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    broken: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def step(self, name: str, server: Server) -> None:
        """Take one step, and look at the promises."""
        self.steps[name] += 1
        number = self.steps.total()
        said = [*STEPS[name](self.world, server)]
        self.broken += [f"step {number}, {name} on {server.name}: {one}" for one in said]

    def run(self, seconds: float, *, steps: int = 10**9, ask: Callable[[Server], list[str]] | None = None) -> None:
        """Take steps until the time is over."""
        begun = time.monotonic()
        names = [name for name, weight in WEIGHTS.items() for _ in range(weight)]
        while time.monotonic() < begun + seconds and self.steps.total() < steps:
            server = self.world.random.choice(self.world.servers)
            self.step(self.world.random.choice(names), server)
            if ask and self.steps.total() % ASKED_EVERY == 0:
                self.asked += 1
                self.broken += [
                    f"step {self.steps.total()}: {server.name}: Liberty differs: {one}" for one in ask(server)
                ]
        self.seconds = time.monotonic() - begun
        self.broken += grown(self.world.peak)

    def page(self) -> str:
        """Return docs/SOAK.md."""
        peak = self.world.peak
        rows = "\n".join(f"| {MEANING[name]} | {self.steps[name]} |" for name in STEPS)
        told = "\n".join(f"* {one}" for one in self.broken) or "None."
        return _PAGE.format(
            day=f"{datetime.now(UTC):%Y-%m-%d}",
            minutes=round(self.seconds / 60),
            servers=self.world.count,
            seed=self.world.seed,
            steps=self.steps.total(),
            runs=len(peak),
            rows=rows,
            asked=self.asked,
            first=round(statistics.median(peak[:10]) / 1024) if peak else 0,
            last=round(statistics.median(peak[-10:]) / 1024) if peak else 0,
            broken=told,
        )


def grown(peak: list[int]) -> list[str]:
    """Say whether later runs take more memory than the first ones."""
    if len(peak) < 20:
        return []
    first, last = statistics.median(peak[:10]), statistics.median(peak[-10:])
    return [f"the last runs take {last / first:.2f} × the memory of the first"] if last > GROWTH * first else []


def applied(world: World, server: Server) -> Iterator[str]:
    """Apply what is declared, look, and apply it again."""
    before = server.files()
    first = world.run("connections", server)
    if first.rc != 0:
        yield f"the declaration was not applied: {first.output[-900:]}"
        return
    if first.changed > 0:
        server.applied(world.newest_undo(server), before)
    held = server.files()
    again = world.run("connections", server)
    if again.rc != 0 or again.changed != 0 or server.files() != held:
        yield f"the second run was not unchanged: {again.output[-900:]}"
    yield from world.broken(server, [first, again])


def change(world: World, server: Server) -> Iterator[str]:
    """Declare something else, and apply it."""
    vary(world.random, server)
    yield from applied(world, server)


def vary(chance: random.Random, server: Server) -> None:
    server.protocols = chance.choice([("TLSv1.3",), ("TLSv1.2", "TLSv1.3")])
    server.requesters = chance.choice([("orders",), ("orders", "stock")])


def adopt(world: World, server: Server) -> Iterator[str]:
    """Adopt the server as it is; the playbook itself proves that nothing would change."""
    held = server.files()
    target = world.base / "adopted" / f"{server.name}.yml"
    told = world.run(
        "adopt", server, "-e", f"zosconnect_adopted_path={target}", "-e", "zosconnect_adopted_replace=true"
    )
    if told.rc != 0 or server.files() != held:
        yield f"adopting failed or changed something: {told.output[-900:]}"
    yield from world.broken(server, [told])


def renew(world: World, server: Server) -> Iterator[str]:
    """Give the store a new key and certificate; afterwards the declaration with them is fulfilled."""
    yield from applied(world, server)
    new = server.renewed()
    entry = {"alias": "server", "privatekey_content": new.key_pem(), "certificate_content": new.certificate_pem}
    store = {"path": str(server.store), "password": PASSWORD, "entries": [{**entry, "chain_content": new.chain_pem}]}
    told = world.run("renew", server, more={"renew_server_dir": str(server.folder), "renew_stores": [store]})
    if told.rc != 0:
        yield f"renewing failed: {told.output[-900:]}"
    held = server.files()
    again = world.run("connections", server)
    if again.rc != 0 or again.changed != 0 or server.files() != held:
        yield f"what was renewed is not what is declared: {again.output[-900:]}"
    server.undo = None
    yield from world.broken(server, [told, again])


def restore(world: World, server: Server) -> Iterator[str]:
    """Undo the last change, if nothing came after it: every file is what it was, byte for byte."""
    if server.undo is None:
        yield from change(world, server)
    if server.undo is None:
        return
    told = world.run("restore", server, "-e", f"@{server.undo}")
    was = {name: data for name, data in server.files().items() if name in server.before}
    if told.rc != 0 or was != server.before:
        differing = [name for name in server.before if server.before[name] != was.get(name)]
        yield f"restore did not give back {differing}: {told.output[-900:]}"
    server.went_back()
    yield from world.broken(server, [told])


def edit(world: World, server: Server) -> Iterator[str]:
    """Edit by hand; what was written stays, whatever is applied after it."""
    line = f"  <!-- by hand, {world.random.randrange(10**9)}:   tabs\tand é stay -->"
    head, tail = server.xml.read_text(encoding="utf-8").rsplit("</server>", 1)
    server.xml.write_text(f"{head}{line}\n</server>{tail}", encoding="utf-8")
    server.written.append(line)
    server.undo = None
    yield from applied(world, server)


def controller_killed(world: World, server: Server) -> Iterator[str]:
    """Kill the controller at some time; all is old or new, and the next run ends new."""
    vary(world.random, server)
    process, token = world.start("connections", server)
    time.sleep(world.random.uniform(0.5, 6.0))
    kill_controller(token)
    yield from _after_a_fault(world, server, world.ended(process, token))


def module_killed(world: World, server: Server) -> Iterator[str]:
    """Kill what runs on the target, at some time after it began."""
    vary(world.random, server)
    process, token = world.start("connections", server)
    time.sleep(world.random.uniform(0.5, 4.0))
    kill_modules(token, 10)
    yield from _after_a_fault(world, server, world.ended(process, token))


def _after_a_fault(world: World, server: Server, struck: Ended) -> Iterator[str]:
    server.undo = None
    _swept(world)
    yield from applied(world, server)
    yield from world.broken(server, [struck])


def _swept(world: World) -> None:
    """A killed task cannot take its temporary files along; nobody else may look into them, and they are not the next run's."""
    for folder in ("remote", "local"):
        for path in (world.base / folder).glob("*"):
            if path.stat().st_mode & 0o077:
                raise AssertionError(f"others may look into {path}")
            for inner in sorted(path.rglob("*"), reverse=True):
                inner.rmdir() if inner.is_dir() else inner.unlink()
            path.rmdir() if path.is_dir() else path.unlink()


def two_controllers(world: World, server: Server) -> Iterator[str]:
    """Two controllers with the same declaration: one is done, the other does it after it or says that it may not."""
    vary(world.random, server)
    runs = [world.start("connections", server) for _which in range(2)]
    ended = [world.ended(*one) for one in runs]
    server.undo = None
    if not any(one.rc == 0 for one in ended):
        yield f"neither of two controllers came to its end: {ended[0].output[-600:]} {ended[1].output[-600:]}"
    yield from applied(world, server)
    yield from world.broken(server, ended)


STEPS: dict[str, Callable[[World, Server], Iterator[str]]] = {
    "change": change,
    "adopt": adopt,
    "renew": renew,
    "restore": restore,
    "edit": edit,
    "controller killed": controller_killed,
    "module killed": module_killed,
    "two controllers": two_controllers,
}
WEIGHTS = {
    "change": 3,
    "adopt": 2,
    "renew": 2,
    "restore": 2,
    "edit": 2,
    "controller killed": 2,
    "module killed": 2,
    "two controllers": 1,
}
MEANING = {
    "change": "a declaration is changed and applied, twice",
    "adopt": "the server is adopted as it is",
    "renew": "a store gets a new key and certificate",
    "restore": "the last change is undone",
    "edit": "somebody edits server.xml by hand",
    "controller killed": "the controller is killed, at a random time",
    "module killed": "what runs on the target is killed, at a random time",
    "two controllers": "two controllers work on one server at once",
}
_PAGE = """<!-- SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
     SPDX-License-Identifier: GPL-3.0-or-later -->
# A day in the life

`make soak MINUTES=60` takes random steps, in random order, on the directories of many servers. After each step it checks the promises:
no line of somebody else is lost, no secret is printed, a second run changes nothing, a restore brings every byte back, no temporary file
stays, and no run takes more memory than the first ones. After every third step a real Liberty gets the server's `server.xml`, and must
report what the engine computes. The command wrote this page.

    make soak MINUTES=60 SERVERS=20 SEED=7

## The last run

{day}, two cores beside other work, {minutes} minutes, {servers} servers, seed {seed}: {steps} steps with {runs} runs of
ansible-playbook.

| step | taken |
|---|---|
{rows}

A Liberty was asked {asked} times. The median memory of the first ten runs was {first} MB, of the last ten {last} MB.

## Promises that were broken

{broken}
"""


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60, help="no step is begun later (60)")
    parser.add_argument("--servers", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(1, 10**6))
    parser.add_argument("--without-liberty", action="store_true", help="do not start a Liberty")
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    world = World(ROOT / ".build" / "soak", chosen.servers, chosen.seed)
    soak = Soak(world)
    if chosen.without_liberty:
        soak.run(60 * chosen.minutes)
    else:
        from soak_liberty import asking

        with asking() as ask:
            soak.run(60 * chosen.minutes, ask=ask)
    PAGE.write_text(soak.page(), encoding="utf-8")
    print(*soak.broken, sep="\n")
    print(f"{soak.steps.total()} steps, {len(soak.broken)} promises broken; docs/SOAK.md is written")
    return bool(soak.broken)


if __name__ == "__main__":
    sys.exit(main())
