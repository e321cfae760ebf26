# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run stages, two at a time, and sum up.

What a stage prints goes to .build/logs/NAME.txt, and to the screen when the stage fails.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from environments import NO_PYTHON, ROOT
from machine import TARGET_PYTHON, pythons

LOGS = ROOT / ".build" / "logs"
AT_ONCE = 2  # the cores of the smallest machine that this is for
LONGEST = 2400.0  # seconds that a stage may take

# What stages, pytest and ansible-test say of what they left out; and pytest's closing line.
LEFT_OUT = re.compile(r"^(?:NOT TESTED:|SKIPPED|WARNING: Skipping) (.+)$", re.MULTILINE)
CLOSING = re.compile(r"^=+ (\d+ \w+.* in [\d.]+s.*) =+$", re.MULTILINE)


class Stage(NamedTuple):
    """A stage: lines of Bash, run in an environment when the stages that it needs are done."""

    name: str
    what: str
    lines: tuple[str, ...]
    needs: tuple[str, ...] = ()
    environment: str = ".venv"


class Outcome(NamedTuple):
    """What became of a stage: ``ok``, ``FAILED``, ``left out`` (a Python is missing) or ``not run``."""

    result: str
    seconds: float
    output: str


class Running(NamedTuple):
    """A stage under way."""

    stage: Stage
    process: subprocess.Popen[bytes]
    began: float


def run(stages: list[Stage], names: list[str]) -> int:
    """Run the stages, or the named ones and what they need; give the exit status."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that whoever stops this stops the stages too
    began = time.monotonic()
    chosen = choose(stages, names)
    target = pythons().get(TARGET_PYTHON)
    try:
        outcomes = run_all(chosen, {"ZCS_TARGET_PYTHON": target} if target else {})
    except KeyboardInterrupt:
        print("Stopped.")
        return 130
    sum_up(outcomes, time.monotonic() - began)
    return int(any(outcome.result in ("FAILED", "not run") for outcome in outcomes.values()))


def choose(stages: list[Stage], names: list[str]) -> list[Stage]:
    """Choose the named stages and all that they need, in the order of the stages."""
    by_name = {stage.name: stage for stage in stages}
    unknown = set(names) - set(by_name)
    if unknown:
        sys.exit(f"No such stage: {', '.join(sorted(unknown))}. There are: {', '.join(by_name)}.")
    wanted = set(names or by_name)
    for stage in reversed(stages):  # every stage comes after those that it needs
        wanted |= set(stage.needs) if stage.name in wanted else set()
    return [stage for stage in stages if stage.name in wanted]


def run_all(stages: list[Stage], variables: dict[str, str]) -> dict[str, Outcome]:
    """Run each stage as soon as what it needs is done and a core is free."""
    LOGS.mkdir(parents=True, exist_ok=True)
    outcomes: dict[str, Outcome] = {}
    running: list[Running] = []
    try:
        while len(outcomes) < len(stages):
            for stage in ready(stages, running, outcomes):
                lacking = [need for need in stage.needs if outcomes[need].result != "ok"]
                if lacking:
                    outcomes[stage.name] = without(lacking, outcomes)
                elif len(running) < AT_ONCE:
                    running.append(start(stage, variables))
            time.sleep(0.1)
            for one in [one for one in running if is_over(one)]:
                running.remove(one)
                outcomes[one.stage.name] = finish(one)
    finally:
        for one in running:
            kill(one.process)
    return {stage.name: outcomes[stage.name] for stage in stages}


def ready(stages: list[Stage], running: list[Running], outcomes: dict[str, Outcome]) -> list[Stage]:
    """List the stages that have not begun and wait for nothing."""
    begun = {one.stage.name for one in running} | set(outcomes)
    return [stage for stage in stages if stage.name not in begun and all(need in outcomes for need in stage.needs)]


def without(lacking: list[str], outcomes: dict[str, Outcome]) -> Outcome:
    """Give the outcome of a stage that cannot be run."""
    excused = all(outcomes[need].result == "left out" for need in lacking)
    return Outcome("left out" if excused else "not run", 0.0, f"needs {', '.join(lacking)}")


def start(stage: Stage, variables: dict[str, str]) -> Running:
    """Start the stage in a process group of its own."""
    print(f"{stage.name}: {stage.what} ...", flush=True)
    script = "\n".join(["set -x", *stage.lines])
    environment = {**os.environ, **surroundings(ROOT / stage.environment), **variables}
    with log(stage).open("wb") as output:
        process = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Running(stage, process, time.monotonic())


def surroundings(folder: Path) -> dict[str, str]:
    """Give the variables with which the folder's programs come first, and no foreign collection is found."""
    return {
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"),
        "ANSIBLE_NOCOLOR": "1",
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",  # Ansible refuses to run in an encoding other than UTF-8
    }


def log(stage: Stage) -> Path:
    """Give the file that holds what the stage prints."""
    return LOGS / f"{stage.name}.txt"


def is_over(one: Running) -> bool:
    """Tell whether the stage has ended; end it when it takes too long."""
    if time.monotonic() - one.began > LONGEST:
        kill(one.process)
    return one.process.poll() is not None


def kill(process: subprocess.Popen[bytes]) -> None:
    """End the process group: first so that pytest clears up, then for certain."""
    for number, patience in ((signal.SIGINT, 20), (signal.SIGKILL, None)):
        try:
            os.killpg(process.pid, number)
            process.wait(patience)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def finish(one: Running) -> Outcome:
    """Report the stage's end: in full where it failed."""
    seconds = time.monotonic() - one.began
    result = {0: "ok", NO_PYTHON: "left out"}.get(one.process.returncode, "FAILED")
    output = log(one.stage).read_text(encoding="utf-8", errors="replace")
    if result == "FAILED":
        print(output)
    closing = "; ".join(CLOSING.findall(output))
    print(f"{one.stage.name}: {result} after {seconds:.0f} s. {closing}", flush=True)
    return Outcome(result, seconds, output)


def sum_up(outcomes: dict[str, Outcome], seconds: float) -> None:
    """Print the table, what was not tested, and where to look; last a line like pytest's for all its runs."""
    print(f"\n{'stage':24}{'result':10}{'seconds':>8}")
    for name, outcome in outcomes.items():
        print(f"{name:24}{outcome.result:10}{outcome.seconds:8.0f}")
    print(f"{'in all':34}{seconds:8.0f}")
    left_out = [f"{name}: {text}" for name, outcome in outcomes.items() for text in not_tested(outcome)]
    print("\nNot tested:", *(left_out or ["nothing"]), sep="\n  ")
    bad = [name for name, outcome in outcomes.items() if outcome.result == "FAILED"]
    print("\nLook at:", *([f".build/logs/{name}.txt" for name in bad] or ["nothing; all is well"]), sep="\n  ")
    counts: Counter[str] = Counter()
    for outcome in outcomes.values():
        for line in CLOSING.findall(outcome.output):
            counts.update({kind: int(number) for number, kind in re.findall(r"(\d+) (?!deselected)([a-z]+)", line)})
    if counts:
        print(f"\n===== {', '.join(f'{counts[kind]} {kind}' for kind in counts)} in {seconds:.2f}s =====")


def not_tested(outcome: Outcome) -> list[str]:
    """List what the stage left out, and why."""
    if outcome.seconds == 0.0:
        return [outcome.output]
    return list(dict.fromkeys(LEFT_OUT.findall(outcome.output)))
