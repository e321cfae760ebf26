# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection local, which is lost, or whose controller is killed, at the call that a test names.

Calls are counted in a file, since each task has a process of its own. A command has three points: before it begins; when
it has begun and nobody hears it any more; and when it has ended, but nobody learns of it.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection import local

DOCUMENTATION = """
    name: interrupted
    short_description: The connection local, which is lost at one of its calls
    description:
        - The connection local, which is lost, or whose controller is killed, at one of its calls.
    author: The zosconnect.security contributors
    extends_documentation_fragment:
        - connection_pipelining
"""

_POINTS = Path(os.environ["ZCS_POINTS"])
_AT, _FAULT = int(os.environ["ZCS_AT"]), os.environ["ZCS_FAULT"]
# Seconds for which a command that nobody hears goes on before that is noticed here.
_UNNOTICED = float(os.environ["ZCS_UNNOTICED"])
_MODULE = re.compile(r"python\S* \S*AnsiballZ_(\w+)\.py")


def _is_struck(point: str) -> bool:
    """Count a point; say whether it is the one. A connection that is lost for good is so from then on."""
    with _POINTS.open("a", encoding="utf-8") as file:
        file.write(f"{point}\n")
    number = len(_POINTS.read_text(encoding="utf-8").splitlines())
    return number == _AT or (_FAULT == "lost" and 0 < _AT < number)


def _strike(point: str) -> None:
    if _FAULT == "kill":
        for pid in (os.getppid(), os.getpid()):
            os.kill(pid, signal.SIGKILL)
    raise AnsibleConnectionFailure(f"The connection was lost {point}.")


def _unheard(command: str, data: bytes | None) -> None:
    """Begin a command, and listen no more."""
    nobody, out = os.pipe()
    process = subprocess.Popen(command, shell=True, stdin=subprocess.PIPE, stdout=out, stderr=out)
    os.close(nobody)
    os.close(out)
    if process.stdin:
        with contextlib.suppress(BrokenPipeError), process.stdin as stream:
            stream.write(data or b"")
    time.sleep(_UNNOTICED)


class Connection(local.Connection):  # type: ignore[misc]  # Ansible's classes are without types
    """The connection local with an end that is known beforehand."""

    transport = "interrupted"

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> Any:  # noqa: FBT001, FBT002  # as Ansible calls it
        module = _MODULE.search(cmd)
        name = f"exec_command {module[1]}" if module else "exec_command"
        call, execute = functools.partial(_unheard, cmd, in_data), super().exec_command
        return self._call(name, lambda: execute(cmd, in_data, sudoable), call)

    def put_file(self, in_path: str, out_path: str) -> Any:
        put = super().put_file
        return self._call("put_file", lambda: put(in_path, out_path))

    def fetch_file(self, in_path: str, out_path: str) -> Any:
        fetch = super().fetch_file
        return self._call("fetch_file", lambda: fetch(in_path, out_path))

    def close(self) -> None:
        self._call("close", super().close)

    def _call(self, name: str, work: Callable[[], Any], unheard: Callable[[], None] | None = None) -> Any:
        if _is_struck(f"before {name}"):
            _strike(f"before {name}")
        if unheard and _is_struck(f"in {name}"):
            unheard()
            _strike(f"in {name}")
        answer = work()
        if _is_struck(f"after {name}"):
            _strike(f"after {name}")
        return answer
