# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a target module as a process, watched or hurt by strace at one of its system calls."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

HANG_SECONDS = 90  # three times as long as a module waits for a lock
HANG = signal.SIGQUIT  # what ends a module that takes longer, and nothing else
ERRORS = ("EIO", "ENOSPC", "EACCES", "EINTR")
SIGNALS = ("KILL", "TERM")
FAULTS = SIGNALS + ERRORS

# Their manual pages say that these always succeed, or do not come back.
NEVER_FAIL = frozenset(
    ("exit_group", "getegid", "geteuid", "getgid", "getpid", "getppid", "getuid", "gettid", "rt_sigreturn", "umask")
)
_CALL = re.compile(r"(\w+)\((.*)")


class Call(NamedTuple):
    """The ``number``-th (from 1) call of ``name``; ``text`` is how strace writes its arguments and its result."""

    name: str
    number: int
    text: str


class User(NamedTuple):
    """Who runs: None is who runs the tests."""

    uid: int | None = None
    gid: int = 0
    groups: tuple[int, ...] = ()


@dataclass(frozen=True)
class Ended:
    """How a module ended: ``signal`` that killed it or 0, what it answered (None: nothing), what else it printed."""

    signal: int
    answer: dict[str, Any] | None
    printed: str
    trace: str = ""

    @property
    def failed(self) -> bool:
        """Whether it said that it had failed."""
        return bool(self.answer and self.answer.get("failed"))


class Modules:
    """A process that runs target modules, see fault_worker.py; ``folder`` is for what they print."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._worker = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("fault_worker.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PATH": "/usr/bin:/bin", "HOME": str(folder), "TMPDIR": str(elsewhere(folder))},
            text=True,
        )

    def close(self) -> None:
        """End it."""
        self._worker.communicate()

    def run(self, module: str, arguments: dict[str, Any], user: User, strace: tuple[str, ...] | None = None) -> Ended:
        """Run a module to its end; with ``strace`` (options) under its eyes."""
        files = {name: str(self.folder / name) for name in ("stdout", "stderr", "trace")}
        Path(files["trace"]).unlink(missing_ok=True)
        job = {"module": module, "arguments": arguments, **user._asdict(), **files}
        pid = int(self._ask(json.dumps(job)))
        watcher = None if strace is None else attached(pid, files["trace"], strace)
        status = self._goes_on(pid)
        if watcher:
            watcher.communicate()
        said = {name: Path(file).read_text() if os.path.exists(file) else "" for name, file in files.items()}
        killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        return Ended(killed, _answer(said["stdout"]), said["stdout"] + said["stderr"], said["trace"])

    def _goes_on(self, pid: int) -> int:
        assert self._worker.stdout
        self._say("")
        if not select.select([self._worker.stdout], [], [], HANG_SECONDS)[0]:
            os.kill(pid, HANG)
        return int(self._worker.stdout.readline().split()[1])

    def _ask(self, line: str) -> str:
        assert self._worker.stdout
        self._say(line)
        return self._worker.stdout.readline().split()[1]

    def _say(self, line: str) -> None:
        assert self._worker.stdin
        self._worker.stdin.write(line + "\n")
        self._worker.stdin.flush()


def elsewhere(folder: Path) -> Path:
    """The directory for temporary files of everybody, where a module has nothing to leave."""
    place = folder / "elsewhere"
    place.mkdir(exist_ok=True)
    place.chmod(0o1777)
    return place


def attached(pid: int, file: str, options: tuple[str, ...]) -> subprocess.Popen[str]:
    """Let strace watch a process that stands still."""
    # Only this process: what keytool or lsattr does is not ours.
    watcher = subprocess.Popen(
        ["strace", "-y", "-o", file, *options, "-p", str(pid)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert watcher.stderr
    said = watcher.stderr.readline()
    if "attached" not in said:
        os.kill(pid, signal.SIGKILL)
        raise RuntimeError(f"strace may not trace a process of its own user here: {said.strip()}")
    return watcher


def _answer(text: str) -> dict[str, Any] | None:
    try:
        answer = json.loads(text)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def calls(trace: str) -> list[Call]:
    """List the system calls of a trace in their order, from the first call of the module on."""
    counts: Counter[str] = Counter()
    found = []
    for line in trace.splitlines():
        match = _CALL.match(line)
        if match:
            counts[match[1]] += 1
            found.append(Call(match[1], counts[match[1]], match[2]))
    return found[1:]  # the first one marks the beginning


def injection(call: Call, fault: str) -> str:
    """Say in strace's words that ``call`` meets ``fault``."""
    what = f"signal={fault}" if fault in SIGNALS else f"error={fault}"
    return f"{call.name}:{what}:when={call.number}"


def can_meet(call: Call, fault: str) -> bool:
    """Whether the fault can happen to the call at all."""
    return fault in SIGNALS or call.name not in NEVER_FAIL
