# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many generated cases, several servers side by side: while one loads its configuration, another is asked.

A server takes all cases of one start, because to start takes as long as thirty cases.
"""

from __future__ import annotations

import itertools
import random
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from generate import CASES_OF_ONE_START, generate
from server import Judge, Result
from testbed import TestBedError

# Liberty waits far more than it works: six of them keep two cores busy.
SERVERS = 6
# How many servers in a row may break over one case.
TRIES = 3
AGREES, OPEN, DIFFERS = "agrees", "open", "differs"
AGAIN, AFRESH = 2, 3


@dataclass(frozen=True)
class Answer:
    """What came of one case: AGREES, OPEN (of all that differs the model says that it cannot say) or DIFFERS.

    ``asked``: how often a server was asked, see Result.
    """

    number: int
    kind: str
    asked: int
    differences: tuple[str, ...] = ()

    @classmethod
    def of(cls, number: int, result: Result) -> Answer:
        """Return what came of a case."""
        kind = AGREES if not result.differences else OPEN if result.is_open else DIFFERS
        return cls(number, kind, result.asked, tuple(map(str, result.differences)))

    def kept(self) -> dict[str, Any]:
        """Return it as data for a record."""
        return asdict(self)

    @classmethod
    def of_kept(cls, kept: dict[str, Any]) -> Answer:
        """Return what was kept."""
        return cls(**{**kept, "differences": tuple(kept["differences"])})


@dataclass
class Campaign:
    """What came of it; of a case that was asked more than once the last answer counts."""

    seed: int
    answers: dict[int, Answer] = field(default_factory=dict)

    @property
    def done(self) -> int:
        return len(self.answers)

    def numbers(self, kind: str, *, asked: Collection[int] = (1, AGAIN, AFRESH)) -> list[int]:
        """Return the numbers of the cases of which this came, when the server had been asked so often."""
        return sorted(one.number for one in self.answers.values() if one.kind == kind and one.asked in asked)

    @property
    def disagree(self) -> dict[int, tuple[str, ...]]:
        """What differs, of the cases that disagree, by their numbers."""
        return {number: self.answers[number].differences for number in self.numbers(DIFFERS)}

    def __str__(self) -> str:
        disagree, undecided = self.numbers(DIFFERS), self.numbers(OPEN)
        again, afresh = (sum(one.asked >= times for one in self.answers.values()) for times in (AGAIN, AFRESH))
        return (
            f"seed {self.seed}: {self.done} cases: {len(self.numbers(AGREES))} agree, of {len(undecided)} the model cannot "
            f"say ({len(self.numbers(OPEN, asked=[AFRESH]))} of them differ on a fresh server too), {len(disagree)} "
            f"disagree {disagree}; {again} were asked again, {afresh} of a fresh server"
        )


class Run:
    """A campaign while it runs; no case is begun when ``end`` is set.

    Args:
        afresh: the share of the open cases of which a fresh server is asked.
        seconds: no case is begun later.
        stop: none after so many disagreements.
        on_result: called for each case, one at a time.
    """

    def __init__(
        self,
        campaign: Campaign,
        numbers: Iterable[int],
        *,
        afresh: float = 0.0,
        seconds: float = float("inf"),
        stop: float = float("inf"),
        on_result: Callable[[Judge, Result], None] = lambda _judge, _result: None,
    ) -> None:
        self.campaign, self.end = campaign, threading.Event()
        self.problems: list[BaseException] = []
        groups = itertools.groupby(numbers, lambda number: number // CASES_OF_ONE_START)
        self._left = iter([list(cases) for _start, cases in groups])
        self._afresh, self._stop, self._on_result = afresh, stop, on_result
        self._lock, self._starting = threading.Lock(), threading.Lock()
        self._last = time.monotonic() + seconds
        self._disagree = 0

    def run(self, *, servers: int = SERVERS) -> Campaign:
        """Judge the cases; raise what ended a worker."""
        workers = [threading.Thread(target=self._work) for _ in range(servers)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if self.problems:
            raise self.problems[0]
        return self.campaign

    @property
    def is_over(self) -> bool:
        late = time.monotonic() > self._last
        return late or bool(self.problems) or self.end.is_set() or self._disagree >= self._stop

    def _work(self) -> None:
        """Have one server judge the cases of one start after the other; one that breaks is replaced."""
        left: list[int] = []
        tries = 0
        try:
            while not self.is_over and (left or (left := self._next_start())):
                try:
                    with Judge(starting=self._starting) as judge:
                        while not self.is_over and (left or (left := self._next_start())):
                            self._judge(judge, left[0])
                            del left[0]
                            tries = 0
                except (OSError, TestBedError) as e:
                    tries += 1
                    if tries == TRIES:
                        raise
                    print(f"case {left[:1]}: {e}; another server is given it", file=sys.stderr, flush=True)
        except BaseException as e:
            self.problems.append(e)

    def _next_start(self) -> list[int]:
        """Return the numbers of the cases of one start that nobody has taken yet."""
        with self._lock:
            return next(self._left, [])

    def _judge(self, judge: Judge, number: int) -> None:
        seed = self.campaign.seed
        afresh = random.Random(f"{seed}/afresh/{number}").random() < self._afresh
        result = judge.judge(generate(seed, number), is_asked_afresh=afresh)
        with self._lock:
            self.campaign.answers[number] = answer = Answer.of(number, result)
            self._disagree += answer.kind == DIFFERS
            self._on_result(judge, result)
