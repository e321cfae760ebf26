# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The long way: N generated server directories, the model against a real Liberty. `make differential N=10000`.

Each case is kept in a file as soon as it is judged, so a run that is cut has its figures, and goes on with --resume.
With --again it repeats what disagreed or was open; of each case the last answer counts.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
from pathlib import Path

from campaign import AGREES, DIFFERS, OPEN, SERVERS, Answer, Campaign, Run
from record import Record
from server import Judge, Result, smallest

FOLDER = Path(__file__).resolve().parents[2] / ".build" / "differential"
CASES_BETWEEN_FIGURES = 50


def show(result: Result) -> None:
    """Print a case that disagrees."""
    for path, data in result.case.render().items():
        print(f"--- {path}\n{data.decode('utf-8', 'replace')}")
    print("\n".join(map(str, result.differences)))
    for line in result.log.splitlines():
        if "CWWKG" in line or "FFDC" in line:
            print("   ", line[110:])


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--servers", type=int, default=SERVERS, help=f"servers side by side ({SERVERS})")
    parser.add_argument("--only", type=int, action="append", help="only the case of this number")
    parser.add_argument("--stop", type=int, default=50, help="begin no case after so many disagreements (50)")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no case later")
    parser.add_argument(
        "--afresh", type=float, default=0.0, help="of this share of the open cases ask a fresh server (0)"
    )
    parser.add_argument("--shrink", action="store_true", help="make a disagreement smaller; takes minutes")
    parser.add_argument("--resume", action="store_true", help="go on with the cases that the record does not have")
    parser.add_argument("--again", choices=(OPEN, DIFFERS), help="repeat the cases of the record of which this came")
    return judged(parser.parse_args())


def judged(chosen: argparse.Namespace) -> int:
    """Run what the command line asks for, and print the figures, also where it is ended by a signal."""
    numbers = chosen.only or range(chosen.n)
    path = FOLDER / f"seed-{chosen.seed}{'-only' if chosen.only else ''}.jsonl"
    record = Record(path, resume=chosen.resume or chosen.again, wanted=len(numbers))
    print(f"seed {chosen.seed}; each case is kept in {path}", file=sys.stderr, flush=True)
    campaign = Campaign(chosen.seed, {one.number: one for one in map(Answer.of_kept, record.earlier)})
    left = campaign.numbers(chosen.again) if chosen.again else [n for n in numbers if n not in campaign.answers]

    def on_result(judge: Judge, result: Result) -> None:
        answer = campaign.answers[result.case.number]
        record.add(answer.kept())
        if answer.kind == DIFFERS:
            print(f"===== seed {chosen.seed} case {answer.number}", flush=True)
            show(smallest(judge, result) if chosen.shrink else result)
            sys.stdout.flush()
        if campaign.done % CASES_BETWEEN_FIGURES == 0:
            print(f"{record.pace(campaign.done)} {campaign}", file=sys.stderr, flush=True)

    running = Run(
        campaign,
        left,
        afresh=chosen.afresh,
        seconds=60 * chosen.minutes,
        stop=chosen.stop,
        on_result=on_result,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: running.end.set())
    try:
        running.run(servers=1 if chosen.only else chosen.servers)
    finally:
        print(campaign)
    if campaign.done < len(numbers):
        print(f"{len(numbers) - campaign.done} cases are left: --resume goes on with them")
    return campaign.done > len(campaign.numbers(AGREES)) + len(campaign.numbers(OPEN))


if __name__ == "__main__":
    sys.exit(main())
