# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller is killed, or its connection lost, at each call and at random times. `make faults FAULTS=controller`.

It prints a line for each scenario, and below each promise that was broken, with the points after which it was.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import controller_world
from controller_world import Ended, Json, World

# Killed, lost for good, lost once: at each point of the connection. The others are killed at random times.
FAULTS = ("kill", "lost", "once")
POLLED: Json = {"connections_refresh": "polled", "connections_verify_seconds": 4}
CUT_OFF, APPLIES = "cut off", "in exec_command target_apply"
RANDOM: dict[str, Json] = {CUT_OFF: {}, "written": {}, "confirmed": POLLED, "put back": POLLED}
# No server reads files whose names begin so.
OURS = ".zosconnect-security."
HEADS = ("scenario", "points", "cases", "all old", "all new", "left a journal", "broken")
# What the next run says of one that left a journal.
CAME_OF_IT = (
    "so its files were put back",
    "had come to its end",
    "had put back its files",
    "before it had changed a file",
)


@dataclass
class Row:
    """The figures of one scenario, and of each broken promise where it was."""

    scenario: str
    points: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    broken: dict[str, list[str]] = field(default_factory=dict)

    def figures(self) -> list[str]:
        """Return the row of the table."""
        counts = [str(self.counts[name]) for name in ("cases", "old", "new", "journal", "broken")]
        return [self.scenario, str(self.points) if self.points else "random", *counts]

    def add(self, case: Case, where: str) -> None:
        """Count a case."""
        said = case.judged()
        self.counts.update(["cases", case.state, *(["journal"] if case.journal else []), *(["broken"] if said else [])])
        for sentence in said:
            self.broken.setdefault(sentence, []).append(where)

    def take(self, other: Row) -> None:
        """Take in the figures of another process."""
        self.points = max(self.points, other.points)
        self.counts.update(other.counts)
        for sentence, places in other.broken.items():
            self.broken.setdefault(sentence, []).extend(places)


Files = dict[str, tuple[object, int]]


@dataclass
class Case:
    """A run that was struck, what it left, and the two runs after it; ``old`` and ``new`` are the files without any of that."""

    ended: Ended
    old: Files
    new: Files
    left: Files
    open_to_others: list[str]
    again: Ended
    came_to: Files
    third: Ended
    stayed: Files

    @property
    def journal(self) -> bool:
        """Whether something was left for the next run to tell."""
        return controller_world.JOURNAL in self.left

    @property
    def state(self) -> str:
        """What the files were."""
        return {str(_without_own(self.old)): "old", str(_without_own(self.new)): "new"}.get(
            str(_without_own(self.left)), "mixed"
        )

    def judged(self) -> list[str]:
        """Return a sentence for each promise that was broken."""
        return list(self._judged())

    def _judged(self) -> Iterator[str]:
        if self.state == "mixed":
            yield f"the files are neither all old nor all new: {_different(self.left, self.old)}"
        if self.open_to_others:
            yield f"others may look into {self.open_to_others}"
        if self.ended.rc == 0 and self.state != "new":
            yield "it said that it did what it did not"
        if "othing was changed" in self.ended.output and self.state != "old":
            yield "it said that nothing was changed"
        if self.again.rc != 0 or _without_own(self.came_to) != _without_own(self.new):
            yield f"the next run did not end new: {self.again.output[-700:]}"
        if controller_world.JOURNAL in self.came_to:
            yield "the next run left the journal"
        verdict = {"old": '"changed  ', "new": '"unchanged  '}.get(self.state, "")
        if verdict not in self.again.output:
            yield f"the next run did not say which: {self.again.output[-700:]}"
        if self.journal and not any(words in self.again.output for words in CAME_OF_IT):
            yield f"the next run did not say what became of the one before: {self.again.output[-700:]}"
        changed = [name for name in _different(self.stayed, self.came_to) if not name.startswith(OURS)]
        if self.third.rc != 0 or self.third.changed != 0 or changed:
            yield f"the run after the next changed something: {self.third.output[-700:]}"


def _without_own(files: Files) -> Files:
    """Leave out what a run may leave beside the files: backups, and what only the next run reads."""
    return {name: files[name] for name in sorted(files) if not name.endswith("~") and not name.startswith(OURS)}


def _different(files: Files, others: Files) -> list[str]:
    """Name the files that are not the same, backups included."""
    return sorted(name for name in {*files, *others} if files.get(name) != others.get(name))


@dataclass
class Judge:
    """Strikes runs in a world, and knows what its files are before and after one that nothing happens to."""

    world: World
    old: Files = field(init=False)
    new: Files = field(init=False)
    points: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.world.build()
        self.old = self.world.look()
        ended = self.world.run()
        if ended.rc or ended.changed != 1:
            raise SystemExit(f"A run without a fault failed: {ended.output}")
        self.new, self.points = self.world.look(), self.world.points

    def at(self, point: int, fault: str) -> tuple[str, Case] | None:
        """Strike at a point; return its name, and nothing where a run does not come to it."""
        self.world.build()
        ended = self.world.run(point, fault)
        return None if len(self.world.points) < point else (self.world.points[point - 1], self._case(ended))

    def after(self, seconds: float, variables: Json) -> Case:
        """Kill the controller after so many seconds."""
        self.world.build()
        return self._case(self.world.run(seconds=seconds, variables=variables))

    def cut_off(self, seconds: float) -> Case:
        """Lose the connection once, when target_apply has run for so many seconds; Ansible then clears up below it."""
        self.world.build()
        return self._case(self.world.run(self.points.index(APPLIES) + 1, "once", unnoticed=seconds))

    def lasts(self, variables: Json) -> float:
        """Return the seconds of a run that nothing happens to."""
        self.world.build()
        began = time.monotonic()
        self.world.run(variables=variables)
        return time.monotonic() - began

    def _case(self, ended: Ended) -> Case:
        left, open_to_others = self.world.look(), self.world.left_open()
        again = self.world.run()
        came_to = self.world.look()
        # Where the next run changed nothing, it is the one after it too.
        third = self.world.run() if again.changed else again
        return Case(ended, self.old, self.new, left, open_to_others, again, came_to, third, self.world.look())


def tell(where: str, case: Case) -> None:
    """Say what came of a case as soon as it is known: a scenario takes long, and whoever stops it has seen so much."""
    said = "; ".join([case.state, *(["left a journal"] if case.journal else []), *case.judged()])
    print(f"{where}: {said}", file=sys.stderr, flush=True)


def enumerated(fault: str, first: int, step: int) -> Row:
    """Strike at the points first, first + step and so on, until a run finishes untouched."""
    row = Row(fault)
    with (
        tempfile.TemporaryDirectory(prefix="zosconnect-faults-") as folder,
        controller_world.worlds(Path(folder)) as (world, _),
    ):
        judge, point = Judge(world), first
        while struck := judge.at(point, fault):
            where, case = struck
            row.add(case, where)
            tell(f"{fault} {point} {where}", case)
            row.points, point = point, point + step
    return row


def at_random(scenario: str, number: int, seed: int) -> Row:
    """Kill the controller at random times."""
    row, chance = Row(scenario), random.Random(f"{scenario} {seed}")
    with (
        tempfile.TemporaryDirectory(prefix="zosconnect-faults-") as folder,
        controller_world.worlds(Path(folder)) as both,
    ):
        judge = Judge(both[scenario == "put back"])
        lasts = judge.lasts(RANDOM[scenario])
        for _case in range(number):
            seconds = chance.uniform(0.2, lasts)
            # It is about a quarter of the run.
            case = judge.cut_off(seconds / 4) if scenario == CUT_OFF else judge.after(seconds, RANDOM[scenario])
            where = f"{seconds:.2f} s of {lasts:.2f}"
            row.add(case, where)
            tell(f"{scenario} {where}", case)
    return row


def rows(scenarios: Sequence[str], number: int, jobs: int, seed: int, first: int = 1) -> Iterator[Row]:
    """Give each scenario when it is done; ``first`` is the point at which those begin that strike at each point."""
    with ProcessPoolExecutor(jobs) as pool:
        parts = {
            name: [
                pool.submit(enumerated, name, part + first, jobs)
                if name in FAULTS
                else pool.submit(at_random, name, number // jobs, seed + part)
                for part in range(jobs)
            ]
            for name in scenarios
        }
        for name, futures in parts.items():
            row = Row(name)
            for future in futures:
                row.take(future.result())
            yield row


def show(rows: Iterable[Row]) -> bool:
    """Print the table while it grows, then what was broken; return whether nothing was."""
    for line in (HEADS, ["---"] * len(HEADS)):
        print("| " + " | ".join(line) + " |", flush=True)
    shown = []
    for row in rows:
        print("| " + " | ".join(row.figures()) + " |", flush=True)
        shown.append(row)
    for row in shown:
        for sentence, places in row.broken.items():
            print(f"{row.scenario}: {sentence}: {len(places)}, for example {'; '.join(places[:3])}")
    return not any(row.broken for row in shown)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", help="all: " + ", ".join([*FAULTS, *RANDOM]))
    parser.add_argument(
        "--times", type=int, default=40, metavar="N", help="random times for each scenario (%(default)s)"
    )
    parser.add_argument("--first", type=int, default=1, metavar="N", help="the first point, to go on after a stop")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    chosen = parser.parse_args()
    names = chosen.scenarios or [*FAULTS, *RANDOM]
    return 0 if show(rows(names, chosen.times, chosen.jobs, chosen.seed, chosen.first)) else 1


if __name__ == "__main__":
    sys.exit(main())
