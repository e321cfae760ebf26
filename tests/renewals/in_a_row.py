# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renewals in a row on a running server, while it is called: `make renewals N=200` (docs/RENEWALS.md).

It prints a line for each run, then the figures, and ends with 1 where a promise was broken.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from launcher import Liberty
from renewed_world import World, world
from runs import Runs, runs
from story import RENEWALS_OF_A_ROUND, TURNS_OF_A_ROUND, BrokenPromiseError, Run, Scene, story
from traffic import Call, Traffic

SHOWN = 20  # of what is broken


@dataclass
class Figures:
    """What was seen. ``changing`` and ``idle`` are the seconds of each run, of the first until all of it is in use."""

    renewed: Counter[str] = field(default_factory=Counter)
    changing: list[float] = field(default_factory=list)
    idle: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    seconds: float = 0.0
    restarts: int = 0

    @property
    def failures(self) -> list[str]:
        """The requests that failed."""
        return [f"request at {one.began:.1f}: {one.failure}" for one in self.calls if one.failure]

    @property
    def broken(self) -> list[str]:
        """What was promised and did not happen."""
        return [*self.problems, *self.failures, *["the server was restarted"] * self.restarts]

    def lines(self) -> Iterator[str]:
        """The figures of docs/RENEWALS.md."""
        answered = sorted(one.seconds * 1000 for one in self.calls)
        spread = statistics.quantiles(answered, n=100)
        yield f"renewals in a row: {self.renewed.total()}, in {len(self.changing)} runs"
        for title, number in self.renewed.items():
            yield f"  {title}: {number}"
        yield f"runs in between, for which nothing new was given: {len(self.idle)}"
        yield f"promises broken by a run: {len(self.problems)}"
        yield f"restarts of the server: {self.restarts}"
        yield f"requests, each with two mutual TLS handshakes: {len(self.calls)}, failed: {len(self.failures)}"
        yield f"requests a second: {len(self.calls) / self.seconds:.1f}"
        yield f"answered after ms: median {spread[49]:.0f}, 99 % {spread[98]:.0f}, longest {answered[-1]:.0f}"
        yield f"seconds of a run until all is in use, median: {statistics.median(self.changing):.1f}"
        yield f"seconds of a run in between, median: {statistics.median(self.idle):.1f}"


def one_run(scene: Scene, run: Run, figures: Figures) -> None:
    """What one run renews, and then a run for which nothing new is given."""
    began = time.monotonic()
    try:
        seen = [prepare(scene, name) for _title, prepare, name in run.renewals]
        scene.changing()
        for wait in seen:
            wait()
        middle = time.monotonic()
        for name in run.ask:
            scene.world.ask(name)
        scene.idle()
        figures.changing.append(middle - began)
        figures.idle.append(time.monotonic() - middle)
        figures.renewed.update(title for title, _prepare, _name in run.renewals)
    except BrokenPromiseError as problem:
        figures.problems.append(f"{', '.join(title for title, *_ in run.renewals)}: {problem}")


def renew(
    there: World, doing: Runs, rounds: int, rate: float, tell: Callable[[str], None], *, seconds: float = float("inf")
) -> Figures:
    """Renew for so many rounds, or until so many seconds are over, under so many requests a second."""
    figures, starts = Figures(), there.starts()
    traffic = Traffic(there.port, rate, there.context(there.caller))
    began = time.monotonic()
    with traffic.running():
        for run in story(rounds):
            if time.monotonic() - began > seconds:
                break
            one_run(Scene(there, doing, traffic), run, figures)
            tell(
                f"{time.monotonic() - began:6.0f} s: {figures.renewed.total():4} renewed, {len(traffic.calls):7} requests, "
                f"{len(traffic.failures)} failed, {len(figures.problems)} other promises broken"
                f"{''.join(f'; {one.failure}' for one in traffic.failures[-1:])}"
            )
    figures.seconds, figures.calls = time.monotonic() - began, traffic.calls
    figures.restarts = there.starts() - starts
    return figures


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Renewals in a row on a real Liberty under load.")
    parser.add_argument("-n", type=int, default=200, help="renewals, in rounds of eight (200)")
    parser.add_argument("--rate", type=float, default=50.0, help="requests a second (50)")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin nothing after so many minutes")
    chosen = parser.parse_args()
    rounds = -(-chosen.n // RENEWALS_OF_A_ROUND)
    with (
        tempfile.TemporaryDirectory(prefix="renewals-") as folder,
        Liberty() as server,
        world(server, Path(folder)) as there,
        runs(Path(folder) / "runs", turns=rounds * TURNS_OF_A_ROUND) as doing,
    ):
        figures = renew(
            there, doing, rounds, chosen.rate, lambda line: print(line, flush=True), seconds=chosen.minutes * 60
        )
    print("", *figures.lines(), "", *figures.broken[:SHOWN], sep="\n")
    return 1 if figures.broken else 0


if __name__ == "__main__":
    sys.exit(main())
