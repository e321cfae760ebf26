# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""N generated servers with mistakes: what is predicted of messages.log and of ports, against a real Liberty.

`make predictions N=2000 SEED=1`. The scope and the last figures are in docs/PREDICT.md.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time
from collections.abc import Callable, Iterable

from prediction_judge import Judge, Score, Verdict, resolved_ports

PORTS_OF_A_SERVER = 150
LEAST = 0.99


def run(
    seed: int,
    numbers: Iterable[int],
    *,
    servers: int = 1,
    seconds: float | None = None,
    say: Callable[[str], None] = lambda _line: None,
    on_difference: Callable[[Verdict], None] = lambda _verdict: None,
) -> Score:
    """Judge these cases, several servers side by side: while one loads its configuration, another is asked.

    No new case is begun after ``seconds``.
    """
    score, left, lock, begun = Score(), iter(numbers), threading.Lock(), time.monotonic()
    ports = resolved_ports(PORTS_OF_A_SERVER * servers)
    problems: list[BaseException] = []

    def following() -> int | None:
        late = seconds is not None and time.monotonic() > begun + seconds
        with lock:
            return None if problems or late else next(left, None)

    def work(own: list[int]) -> None:
        try:
            with Judge(seed, own) as judge:
                while (number := following()) is not None:
                    verdict = judge.judge(number)
                    with lock:
                        score.add(verdict)
                        if not verdict.is_right:
                            on_difference(verdict)
                        if score.cases % 50 == 0:
                            say(str(score))
        except BaseException as e:
            problems.append(e)

    workers = [threading.Thread(target=work, args=(ports[number::servers],)) for number in range(servers)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if problems:
        raise problems[0]
    return score


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=300)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--servers", type=int, default=3)
    parser.add_argument("--seconds", type=float, help="begin no case later")
    parser.add_argument("--only", type=int, action="append", help="only the case of this number")
    parser.add_argument("--show", action="store_true", help="print files and log of what differs")
    chosen = parser.parse_args()

    def difference(verdict: Verdict) -> None:
        print("\n".join(verdict.lines()), flush=True)
        if chosen.show:
            for path, data in verdict.case.files().items():
                print(f"  --- {path}\n{data.decode()}")
            print("\n".join(f"  | {line[60:400]}" for line in verdict.log.splitlines()), flush=True)

    numbers = chosen.only or range(chosen.first, chosen.first + chosen.n)
    score = run(
        chosen.seed,
        numbers,
        servers=1 if chosen.only else chosen.servers,
        seconds=chosen.seconds,
        say=lambda line: print(line, file=sys.stderr, flush=True),
        on_difference=difference,
    )
    print(f"seed {chosen.seed}, {score}")
    for (identity, kind), count in sorted(score.by_id.items()):
        print(f"  {identity} {kind} {count}")
    return score.precision < LEAST or score.recall < LEAST or score.ports_wrong > 0


if __name__ == "__main__":
    sys.exit(main())
