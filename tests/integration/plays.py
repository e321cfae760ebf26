# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run tasks as a user does, with ansible-playbook at -vvv, and see their results and everything that was printed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SECONDS = 300


@dataclass
class Played:
    """What a playbook did: the result of each task, all output, and every command line seen while it ran."""

    results: list[dict[str, Any]]
    output: str
    commands: set[str] = field(default_factory=set)


def play(
    folder: Path,
    tasks: list[dict[str, Any]],
    *,
    hosts: dict[str, Any] | None = None,
    arguments: Sequence[str] = ("-vvv",),
    **variables: Any,
) -> Played:
    """Run ``tasks`` on localhost. None stops at a failure; ``hosts`` are variables of the host.

    The results are brought by a file, because what is printed is for people. Remote files are kept in ``folder``/remote
    while a task runs, so that a test sees what is left of them.
    """
    answers = folder / "answers.json"
    names = [f"result_{number}" for number in range(len(tasks))]
    steps = [{**task, "register": name, "ignore_errors": True} for task, name in zip(tasks, names, strict=True)]
    content = "{{ [" + ", ".join(names) + "] | to_json }}"
    save = {"bring": {"content": content, "dest": str(answers)}}
    playbook = [{"hosts": "all", "gather_facts": False, "vars": variables, "tasks": [*steps, save]}]
    (folder / "playbook.yml").write_text(json.dumps(playbook), encoding="utf-8")
    output, commands = _run(folder, hosts or {}, arguments)
    assert answers.exists(), output
    results = json.loads(answers.read_text(encoding="utf-8"))
    answers.unlink()
    return Played(results, output, commands)


def _run(folder: Path, hosts: dict[str, Any], arguments: Sequence[str] = ("-vvv",)) -> tuple[str, set[str]]:
    python = os.environ.get("ZCS_TARGET_PYTHON", sys.executable)
    host = {"ansible_connection": "local", "ansible_python_interpreter": python, **hosts}
    inventory = {"all": {"hosts": {"localhost": host}}}
    (folder / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
        "ANSIBLE_COLLECTIONS_PATH": str(folder / "no-collections"),
        "ANSIBLE_ACTION_PLUGINS": str(Path(__file__).with_name("action_plugins")),
        "ANSIBLE_REMOTE_TEMP": str(folder / "remote"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "local"),
        "ANSIBLE_NOCOLOR": "1",
    }
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    command = [program, *arguments, "-i", "inventory.json", "playbook.yml"]
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    commands: set[str] = set()
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(commands, ended))
    watcher.start()
    try:
        output, _ = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
        ended.set()
        watcher.join()
    return output, commands


def _watch(commands: set[str], ended: threading.Event) -> None:
    """Do what ps does, again and again."""
    while not ended.wait(0.1):
        for process in Path("/proc").glob("[0-9]*"):
            try:
                commands.add((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:
                continue
