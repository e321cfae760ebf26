# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""N generated servers with mistakes: what is predicted of messages.log and of ports, against a real Liberty.

`make predictions N=2000 SEED=1`. The scope and the last figures are in docs/PREDICT.md.

Each case is kept in a file as soon as it is judged, so a run that is cut has its figures, and goes on with --resume.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

from prediction_judge import Judge, Score, Stores, Verdict, resolved_ports
from record import Record
from testbed import TestBedError

PORTS_OF_A_SERVER = 150
LEAST = 0.99
# Liberty waits far more than it works: six of them keep two cores busy.
SERVERS = 6
CASES_BETWEEN_FIGURES, TRIES = 25, 3
FOLDER = Path(__file__).resolve().parents[2] / ".build" / "predictions"


class Campaign:
    """Cases that several servers are given side by side: while one loads its configuration, another is asked.

    ``on_verdict`` is called for each case, one at a time. No case is begun after ``seconds``, nor when ``end`` is set.
    """

    def __init__(
        self,
        seed: int,
        numbers: Iterable[int],
        *,
        servers: int = 1,
        seconds: float | None = None,
        on_verdict: Callable[[Verdict], None] = lambda _verdict: None,
    ) -> None:
        self.seed, self.servers, self.on_verdict = seed, servers, on_verdict
        self.score, self.end = Score(), threading.Event()
        self._left, self._lock = iter(numbers), threading.Lock()
        self._last = None if seconds is None else time.monotonic() + seconds
        self._problems: list[BaseException] = []
        # One server starts at a time, while those before it are asked already: Java wants both cores for it.
        self._starting = threading.Lock()

    def run(self) -> Score:
        """Judge the cases; raise what ended a worker."""
        ports = resolved_ports(PORTS_OF_A_SERVER * self.servers)
        shares = [ports[number :: self.servers] for number in range(self.servers)]
        with Stores() as stores:
            workers = [threading.Thread(target=self._work, args=(share, stores)) for share in shares]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
        if self._problems:
            raise self._problems[0]
        return self.score

    def _following(self) -> int | None:
        late = self._last is not None and time.monotonic() > self._last
        with self._lock:
            return None if late or self._problems or self.end.is_set() else next(self._left, None)

    def _work(self, ports: list[int], stores: Stores) -> None:
        """Judge cases; where the server breaks, another one is given the same case."""
        try:
            number, tries = self._following(), 0
            while number is not None:
                try:
                    with ExitStack() as open_ones:
                        with self._starting:
                            judge = open_ones.enter_context(Judge(self.seed, ports, stores))
                        while number is not None:
                            self._add(judge.judge(number))
                            number, tries = self._following(), 0
                except (OSError, TestBedError) as e:
                    tries += 1
                    if tries == TRIES:
                        raise
                    print(f"case {number}: {e}; another server is given it", file=sys.stderr, flush=True)
        except BaseException as e:
            self._problems.append(e)

    def _add(self, verdict: Verdict) -> None:
        with self._lock:
            self.score.add(verdict)
            self.on_verdict(verdict)


def run(
    seed: int, numbers: Iterable[int], *, seconds: float | None = None, say: Callable[[str], None] = lambda _line: None
) -> Score:
    """Judge these cases with one server."""
    campaign = Campaign(seed, numbers, seconds=seconds)
    score = campaign.run()
    say(str(score))
    return score


def told(verdict: Verdict, *, show: bool) -> None:
    """Print a case that differs."""
    print("\n".join(verdict.lines()), flush=True)
    if show:
        for path, data in verdict.case.files().items():
            print(f"  --- {path}\n{data.decode()}")
        print("\n".join(f"  | {line[60:400]}" for line in verdict.log.splitlines()), flush=True)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=300)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--servers", type=int, default=SERVERS, help="Libertys side by side")
    parser.add_argument("--seconds", type=float, help="begin no case later")
    parser.add_argument("--only", type=int, action="append", help="only the case of this number")
    parser.add_argument("--show", action="store_true", help="print files and log of what differs")
    parser.add_argument("--record", type=Path, help="where a line for each case is kept")
    parser.add_argument("--resume", action="store_true", help="go on with the cases that the record does not have")
    chosen = parser.parse_args()
    return judged(chosen)


def judged(chosen: argparse.Namespace) -> int:
    """Run what the command line asks for, and print the figures, also where it is ended by a signal."""
    numbers = chosen.only or range(chosen.first, chosen.first + chosen.n)
    path = chosen.record or FOLDER / (f"seed-{chosen.seed}{'-only' if chosen.only else ''}.jsonl")
    record = Record(path, resume=chosen.resume, wanted=len(numbers))
    print(f"seed {chosen.seed}; each case is kept in {path}", file=sys.stderr, flush=True)
    earlier = [*map(Verdict.of_kept, record.earlier)]
    done = {verdict.case.number for verdict in earlier}

    def on_verdict(verdict: Verdict) -> None:
        record.add(verdict.kept())
        if campaign.score.cases % CASES_BETWEEN_FIGURES == 0:
            print(f"{record.pace(campaign.score.cases)} {campaign.score}", file=sys.stderr, flush=True)
        if not verdict.is_right:
            told(verdict, show=chosen.show)

    campaign = Campaign(
        chosen.seed,
        [number for number in numbers if number not in done],
        servers=1 if chosen.only else chosen.servers,
        seconds=chosen.seconds,
        on_verdict=on_verdict,
    )
    for verdict in earlier:
        campaign.score.add(verdict)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: campaign.end.set())
    try:
        score = campaign.run()
    finally:
        print(f"seed {chosen.seed}, {campaign.score}")
    for (identity, kind), count in sorted(score.by_id.items()):
        print(f"  {identity} {kind} {count}")
    if score.cases < len(numbers):
        print(f"  {len(numbers) - score.cases} cases are left: --resume goes on with them")
    return score.precision < LEAST or score.recall < LEAST or score.ports_wrong > 0


if __name__ == "__main__":
    sys.exit(main())
