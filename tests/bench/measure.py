# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long something takes: in this process, as tasks of a play, or as a whole play on many hosts."""

from __future__ import annotations

import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

Json = dict[str, Any]
RUNS = 7


def medians(*work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> list[float]:
    """Return the median seconds of each, run in turn; what happens in this process alone may have the processor's."""
    seconds: list[list[float]] = [[] for _one in work]
    for _run in range(RUNS):
        for number, one in enumerate(work):
            begun = clock()
            one()
            seconds[number].append(clock() - begun)
    return [statistics.median(found) for found in seconds]


def row(what: str, against: str, ours: float, theirs: float, aim: str) -> Json:
    return {
        "what": what,
        "against": against,
        "seconds": ours,
        "other_seconds": theirs,
        "ratio": ours / theirs,
        "aim": aim,
    }


def play(
    folder: pathlib.Path,
    tasks_: list[Json],
    hosts: str = "localhost",
    inventory: str = "localhost,",
    options: Sequence[str] = (),
    **variables: object,
) -> dict[str, float]:
    """Run tasks as a play; return the median seconds of those of each name, the first of each left out as warm-up."""
    book, said = folder / "bench.yml", folder / "seconds.jsonl"
    said.unlink(missing_ok=True)
    content = [{"hosts": hosts, "gather_facts": False, "connection": "local", "vars": variables, "tasks": tasks_}]
    book.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    environment = {
        **os.environ,
        "BENCH_SECONDS": str(said),
        "ANSIBLE_CALLBACK_PLUGINS": str(pathlib.Path(__file__).parent / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "task_seconds",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_LOCAL_TEMP": str(folder / "local"),
    }
    run(["ansible-playbook", "-i", inventory, *options, str(book)], environment, folder=folder)
    found: dict[str, list[float]] = {}
    for task in told(folder):
        found.setdefault(task["task"], []).append(task["seconds"])
    return {name: statistics.median(seconds[1:] or seconds) for name, seconds in found.items()}


def run(command: Sequence[str], environment: Mapping[str, str], *, folder: pathlib.Path) -> None:
    """Run a program, which must succeed, in a folder where it may leave files."""
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"the play of the bench failed:\n{done.stdout[-3000:]}{done.stderr[-2000:]}")


def told(folder: pathlib.Path) -> list[Json]:
    """Return what the callback told of each task of the last play."""
    return [json.loads(line) for line in (folder / "seconds.jsonl").read_text(encoding="utf-8").splitlines()]


def java(folder: pathlib.Path, name: str) -> str:
    """Say how many JVMs a task of the last play started, the first of its name left out."""
    starts = [task["jvm_starts"] for task in told(folder) if task["task"] == name][1:]
    return f"{max(starts)} starts of Java"


def play_hosts(folder: pathlib.Path, task: Json, inventory: str) -> float:
    """Return the median seconds that one task takes on all hosts, over three plays."""
    seconds = []
    for _run in range(3):
        begun = time.perf_counter()
        play(folder, [task], hosts="all", inventory=inventory)
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)
