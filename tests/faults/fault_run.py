# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every system call of a change meets every fault. `make faults`; `fault_run.py SCENARIO...` for some.

It prints a line for each scenario and user, and below each promise that was broken, with the calls after which it was.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import repeat
from pathlib import Path

import fault_apply
from fault_apply import WORLDS, ApplyWorld
from fault_judge import cases, judge, reference, suffer
from fault_modules import FAULTS, Modules, User, can_meet
from fault_scenarios import configurations, stores
from fault_world import OWNER, World

# Who runs, and whose the directory is. Only root can be somebody else.
AS_ROOT = {"root": (User(), OWNER), "owner": (OWNER, OWNER)}
AS_USER = {"owner": (User(), User())}
HEADS = ("scenario", "run by", "calls", "cases", "killed", "failed", "done", "mute", "missed", "broken", "seconds")


@dataclass
class Row:
    """The figures of one scenario, and of each broken promise where it was."""

    scenario: str
    who: str
    calls: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    broken: dict[str, list[str]] = field(default_factory=dict)
    seconds: float = 0.0

    def figures(self) -> list[str]:
        """Return the row of the table."""
        counts = [str(self.counts[name]) for name in ("cases", "killed", "failed", "done", "mute", "missed", "broken")]
        return [self.scenario, self.who, str(self.calls), *counts, f"{self.seconds:.0f}"]


def users() -> dict[str, tuple[User, User]]:
    """Return who can run the tasks here."""
    return AS_ROOT if os.geteuid() == 0 else AS_USER


def names() -> list[str]:
    """List the scenarios that are possible here; only root can mount a file."""
    with tempfile.TemporaryDirectory() as folder:
        known = [*configurations(Path(folder)), *stores(Path(folder))]
    return [scenario.name for scenario in known if os.geteuid() == 0 or not scenario.is_mounted] + list(WORLDS)


def run(name: str, who: str, faults: tuple[str, ...], every: int = 1) -> Row:
    """Let one scenario meet the faults."""
    base = Path(tempfile.mkdtemp(prefix="zosconnect-faults-"))
    base.chmod(0o755)
    row, began = Row(name, who), time.monotonic()
    modules = Modules(base)
    try:
        user, owner = users()[who]
        if name in WORLDS:
            enumerate_apply(WORLDS[name](base, modules, user, owner), row, faults, every)
            return replace(row, seconds=time.monotonic() - began)
        (scenario,) = [each for each in [*configurations(base), *stores(base)] if each.name == name]
        world = World(scenario, base, modules, user, owner)
        try:
            enumerate_faults(world, row, faults, every)
        finally:
            world.unmount()
    finally:
        modules.close()
        shutil.rmtree(base, ignore_errors=True)
    row.seconds = time.monotonic() - began
    return row


def enumerate_faults(world: World, row: Row, faults: tuple[str, ...], every: int) -> None:
    """Fill the row."""
    known, already = reference(world)
    row.calls = len(known.calls)
    for sentence in already:
        row.broken.setdefault(sentence, []).append("no fault at all")
    for call, fault in cases(known, faults, every=every * world.scenario.every):
        case = suffer(world, known, call, fault)
        said = judge(case)
        row.counts.update(["cases", case.end])
        row.counts["missed"] += not case.is_hit
        row.counts["broken"] += bool(said)
        for sentence in said:
            row.broken.setdefault(sentence, []).append(f"{fault} at {call.name} {call.number}")


def enumerate_apply(world: ApplyWorld, row: Row, faults: tuple[str, ...], every: int) -> None:
    """Fill the row with what becomes of several files."""
    known, already = fault_apply.reference(world)
    row.calls = len(known)
    for sentence in already:
        row.broken.setdefault(sentence, []).append("no fault at all")
    for call in known[::every]:
        for fault in (fault for fault in faults if can_meet(call, fault)):
            case = fault_apply.suffer(world, call, fault)
            said = fault_apply.judge(case)
            row.counts.update(["cases", case.end])
            row.counts["missed"] += not case.is_hit
            row.counts["broken"] += bool(said)
            for sentence in said:
                row.broken.setdefault(sentence, []).append(f"{fault} at {call.name} {call.number}")


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
            print(f"{row.scenario}, {row.who}: {sentence}: {len(places)}, for example {'; '.join(places[:3])}")
    return not any(row.broken for row in shown)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", help="all")
    parser.add_argument("--faults", default=",".join(FAULTS), help=f"of {','.join(FAULTS)}")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th call")
    parser.add_argument("--who", choices=list(users()))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    chosen = parser.parse_args()
    faults = tuple(chosen.faults.split(","))
    wanted = [(name, who) for name in chosen.scenarios or names() for who in users() if chosen.who in (None, who)]
    with ProcessPoolExecutor(chosen.jobs) as pool:
        rows = pool.map(run, *zip(*wanted, strict=True), repeat(faults), repeat(chosen.every))
        return 0 if show(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
