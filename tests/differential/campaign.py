# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many generated cases, several servers side by side: while one loads its configuration, another is asked.

A server takes all cases of one start, because to start takes as long as thirty cases. What came of a campaign so far is
kept in a file, so that one that is cut has its figures.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from generate import CASES_OF_ONE_START, generate
from server import Judge, Result

CASES_BETWEEN_WORDS = 50


@dataclass
class Campaign:
    """What came of it; ``disagree`` are the cases that differ, after they were asked again; ``open`` those of them of
    which the model says that it cannot say.
    """

    seed: int
    done: int = 0
    open: int = 0
    disagree: dict[int, Result] = field(default_factory=dict)
    rested: int = 0
    restarted: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        agree = self.done - len(self.disagree) - self.open
        return (
            f"seed {self.seed}: {agree} cases agree, of {self.open} the model cannot say, {len(self.disagree)} disagree "
            f"{sorted(self.disagree)}; "
            f"{self.rested} asked again, {self.restarted} a fresh server; {self.seconds:.0f} s"
        )


class _Run:
    """A campaign while it runs."""

    def __init__(self, campaign: Campaign, starts: list[list[int]], *, until: float, stop: int) -> None:
        self.campaign = campaign
        self.lock = threading.Lock()
        self.begun = time.monotonic()
        self.problems: list[BaseException] = []
        self._left = iter(starts)
        self._until = self.begun + until
        self._stop = stop
        self._again: dict[Judge, tuple[int, int]] = {}

    @property
    def is_over(self) -> bool:
        late = time.monotonic() > self._until
        return late or bool(self.problems) or len(self.campaign.disagree) >= self._stop

    def next_start(self) -> list[int] | None:
        """Return the numbers of the cases of one start that nobody has taken yet."""
        with self.lock:
            return next(self._left, None)

    def note(self, judge: Judge, number: int, result: Result) -> None:
        self._again[judge] = (judge.rested, judge.restarted)
        campaign = self.campaign
        campaign.done += 1
        campaign.rested, campaign.restarted = (sum(times) for times in zip(*self._again.values(), strict=True))
        campaign.seconds = time.monotonic() - self.begun
        if result.differences and result.is_open:
            campaign.open += 1
        elif result.differences:
            campaign.disagree[number] = result

    def work(self, judged: Callable[[Judge, int], None]) -> None:
        """Have one server judge the cases of one start after the other."""
        try:
            with Judge() as judge:
                while start := self.next_start():
                    for number in start:
                        if not self.is_over:
                            judged(judge, number)
        except BaseException as e:
            self.problems.append(e)


def run(
    seed: int,
    numbers: Iterable[int],
    *,
    servers: int = 2,
    seconds: float = float("inf"),
    stop: int = 5,
    kept: Path | None = None,
    say: Callable[[str], None] = lambda _line: None,
    on_disagreement: Callable[[Judge, Result], None] = lambda _judge, _result: None,
) -> Campaign:
    """Judge these cases; no new one is begun after ``seconds``, or after ``stop`` disagreements.

    ``kept`` is a file for what came of it so far.
    """
    starts = [list(cases) for _start, cases in itertools.groupby(numbers, lambda number: number // CASES_OF_ONE_START)]
    running = _Run(campaign := Campaign(seed), starts, until=seconds, stop=stop)

    def tell() -> None:
        say(str(campaign))
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(f"{campaign}\n", encoding="utf-8")

    def judged(judge: Judge, number: int) -> None:
        result = judge.judge(generate(seed, number))
        with running.lock:
            running.note(judge, number, result)
            if number in campaign.disagree:
                on_disagreement(judge, result)
            if campaign.done % CASES_BETWEEN_WORDS == 0:
                tell()

    workers = [threading.Thread(target=running.work, args=(judged,)) for _ in starts[:servers]]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    tell()
    if running.problems:
        raise running.problems[0]
    return campaign
