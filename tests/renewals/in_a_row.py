# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renewals in a row on a running server, while it is called: `make renewals N=200` (docs/RENEWALS.md).

It prints a line for each run, then the figures, and ends with 1 where a promise was broken. All of it is in a file too,
where the figures so far stand after each run: nothing is lost where it is ended early.
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
    """What was seen.

    ``changing`` and ``idle`` are the seconds of each run, of the first until all of it is in use; ``rates`` has for each
    pair of them its seconds and the requests a second meanwhile.
    """

    renewed: Counter[str] = field(default_factory=Counter)
    changing: list[float] = field(default_factory=list)
    idle: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    rates: list[tuple[float, float]] = field(default_factory=list)
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
        rates = [rate for _seconds, rate in self.rates]
        yield f"renewals in a row: {self.renewed.total()}, in {len(self.changing)} runs"
        for title, number in self.renewed.items():
            yield f"  {title}: {number}"
        yield f"runs in between, for which nothing new was given: {len(self.idle)}"
        yield f"promises broken by a run: {len(self.problems)}"
        yield f"restarts of the server: {self.restarts}"
        yield f"requests, each with two mutual TLS handshakes: {len(self.calls)}, failed: {len(self.failures)}"
        yield f"requests a second: {len(self.calls) / self.seconds:.1f}; in the slowest run {min(rates):.1f}"
        yield f"answered after ms: median {spread[49]:.0f}, 99 % {spread[98]:.0f}, longest {answered[-1]:.0f}"
        yield f"seconds of a run until all is in use, median: {_median(self.changing)}"
        yield f"seconds of a run in between, median: {_median(self.idle)}"


def _median(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.1f}" if seconds else "none ended"


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
    there: World,
    doing: Runs,
    rounds: int,
    rate: float,
    tell: Callable[[str, Figures], None],
    *,
    seconds: float = float("inf"),
) -> Figures:
    """Renew for so many rounds, or until so many seconds are over, under so many requests a second."""
    figures, starts = Figures(), there.starts()
    traffic = Traffic(there.port, rate, there.context(there.caller))
    figures.calls = traffic.calls
    began = time.monotonic()
    with traffic.running():
        for run in story(rounds):
            before, calls = time.monotonic(), len(traffic.calls)
            if before - began > seconds:
                break
            one_run(Scene(there, doing, traffic), run, figures)
            now = time.monotonic()
            figures.rates.append((now - before, (len(traffic.calls) - calls) / (now - before)))
            figures.seconds, figures.restarts = now - began, there.starts() - starts
            tell(progress(figures), figures)
    figures.seconds = time.monotonic() - began
    figures.restarts = there.starts() - starts
    return figures


def progress(figures: Figures) -> str:
    """A line about the last run, and all until now."""
    seconds, rate = figures.rates[-1]
    failures = figures.failures
    return (
        f"{figures.seconds:6.0f} s: {figures.renewed.total():4} renewed; the last run {seconds:.1f} s at {rate:.1f} requests/s; "
        f"{len(figures.calls)} requests, {len(failures)} failed, {len(figures.problems)} other promises broken"
        f"{''.join(f'; {one}' for one in failures[-1:])}"
    )


@dataclass
class Log:
    """The file with all lines so far, and the figures below them."""

    path: Path
    lines: list[str] = field(default_factory=list)

    def tell(self, line: str, figures: Figures) -> None:
        """Print a line, and write the file anew."""
        print(line, flush=True)
        self.lines.append(line)
        self.path.write_text("\n".join([*self.lines, "", *summed(figures), ""]), encoding="utf-8")


def summed(figures: Figures) -> list[str]:
    """The figures, and what was broken."""
    return [*figures.lines(), "", *figures.broken[:SHOWN]]


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Renewals in a row on a real Liberty under load.")
    parser.add_argument("-n", type=int, default=200, help=f"renewals, in rounds of {RENEWALS_OF_A_ROUND} (200)")
    parser.add_argument("--rate", type=float, default=50.0, help="requests a second (50)")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin nothing after so many minutes")
    parser.add_argument("--log", type=Path, default=Path(".build", "renewals.txt"), help="(.build/renewals.txt)")
    chosen = parser.parse_args()
    rounds = -(-chosen.n // RENEWALS_OF_A_ROUND)
    chosen.log.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="renewals-") as folder,
        Liberty() as server,
        world(server, Path(folder)) as there,
        runs(Path(folder) / "runs", turns=rounds * TURNS_OF_A_ROUND) as doing,
    ):
        log = Log(chosen.log)
        figures = renew(there, doing, rounds, chosen.rate, log.tell, seconds=chosen.minutes * 60)
    print("", *summed(figures), sep="\n")
    return 1 if figures.broken else 0


if __name__ == "__main__":
    sys.exit(main())
