# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many generated cases, several servers side by side: while one loads its configuration, another is asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from generate import generate
from server import Judge, Result

CASES_BETWEEN_WORDS = 50


@dataclass
class Campaign:
    """What came of it; ``disagree`` are the cases that differ, after they were asked again."""

    seed: int
    done: int = 0
    disagree: dict[int, Result] = field(default_factory=dict)
    rested: int = 0
    restarted: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        agree = self.done - len(self.disagree)
        return (
            f"seed {self.seed}: {agree} cases agree, {len(self.disagree)} do not {sorted(self.disagree)}; "
            f"{self.rested} asked again, {self.restarted} a fresh server; {self.seconds:.0f} s"
        )


def run(
    seed: int,
    numbers: Iterable[int],
    *,
    servers: int = 2,
    seconds: float | None = None,
    stop: int = 5,
    say: Callable[[str], None] = lambda _line: None,
    on_disagreement: Callable[[Judge, Result], None] = lambda _judge, _result: None,
) -> Campaign:
    """Judge these cases; no new one is begun after ``seconds``, or after ``stop`` disagreements."""
    campaign, left, lock, begun = Campaign(seed), iter(numbers), threading.Lock(), time.monotonic()
    problems: list[BaseException] = []

    def next_number() -> int | None:
        late = seconds is not None and time.monotonic() > begun + seconds
        with lock:
            return None if late or problems or len(campaign.disagree) >= stop else next(left, None)

    def note(judge: Judge, number: int, result: Result) -> None:
        with lock:
            campaign.done += 1
            campaign.seconds = time.monotonic() - begun
            if result.differences:
                campaign.disagree[number] = result
                on_disagreement(judge, result)
            if campaign.done % CASES_BETWEEN_WORDS == 0:
                say(str(campaign))

    def work() -> None:
        try:
            with Judge() as judge:
                while (number := next_number()) is not None:
                    note(judge, number, judge.judge(generate(seed, number)))
                with lock:
                    campaign.rested += judge.rested
                    campaign.restarted += judge.restarted
        except BaseException as e:
            problems.append(e)

    workers = [threading.Thread(target=work) for _ in range(servers)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if problems:
        raise problems[0]
    campaign.seconds = time.monotonic() - begun
    return campaign
