# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The long way: N generated server directories, the model against a real Liberty. `make differential N=10000`."""

from __future__ import annotations

import argparse
import random
import sys
import time

from generate import generate
from server import Judge, Result, smallest


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
    parser.add_argument("--only", type=int, help="only the case of this number")
    parser.add_argument("--stop", type=int, default=5, help="stop after so many disagreements (5)")
    parser.add_argument("--shrink", action="store_true", help="make a disagreement smaller; takes minutes")
    chosen = parser.parse_args()
    failed: list[int] = []
    with Judge() as judge:
        begun = time.monotonic()
        numbers = range(chosen.n) if chosen.only is None else [chosen.only]
        for number in numbers:
            result = judge.judge(generate(chosen.seed, number))
            if result.differences:
                failed.append(number)
                print(f"===== seed {chosen.seed} case {number}", flush=True)
                show(smallest(judge, result) if chosen.shrink else result)
                sys.stdout.flush()
                if len(failed) >= chosen.stop:
                    break
        took = time.monotonic() - begun
    done = number + 1 - len(failed) if chosen.only is None else 1 - len(failed)
    print(
        f"seed {chosen.seed}: {done} cases agree, {len(failed)} do not {failed}; "
        f"{judge.rested} asked again, {judge.restarted} a fresh server; {took:.0f} s"
    )
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
