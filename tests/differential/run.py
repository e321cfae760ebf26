# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The long way: N generated server directories, the model against a real Liberty. `make differential N=10000`."""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

from campaign import run
from server import Judge, Result, smallest

# What came of a campaign so far, by its seed.
KEPT = Path(__file__).resolve().parents[2] / ".build" / "differential"


def show(result: Result) -> None:
    """Print a case that disagrees."""
    for path, data in result.case.render().items():
        print(f"--- {path}\n{data.decode('utf-8', 'replace')}")
    print("\n".join(result.differences))
    for line in result.log.splitlines():
        if "CWWKG" in line or "FFDC" in line:
            print("   ", line[110:])


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--servers", type=int, default=2, help="servers side by side (2)")
    parser.add_argument("--only", type=int, help="only the case of this number")
    parser.add_argument("--stop", type=int, default=5, help="stop after so many disagreements (5)")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="no case is begun later")
    parser.add_argument("--shrink", action="store_true", help="make a disagreement smaller; takes minutes")
    chosen = parser.parse_args()

    def disagreement(judge: Judge, result: Result) -> None:
        print(f"===== seed {chosen.seed} case {result.case.number}", flush=True)
        show(smallest(judge, result) if chosen.shrink else result)
        sys.stdout.flush()

    numbers = range(chosen.n) if chosen.only is None else [chosen.only]
    campaign = run(
        chosen.seed,
        numbers,
        servers=chosen.servers if chosen.only is None else 1,
        stop=chosen.stop,
        seconds=60 * chosen.minutes,
        kept=KEPT / f"{chosen.seed}.txt",
        say=lambda line: print(line, file=sys.stderr, flush=True),
        on_disagreement=disagreement,
    )
    print(campaign)
    return bool(campaign.disagree)


if __name__ == "__main__":
    sys.exit(main())
