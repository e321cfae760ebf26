# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the target modules as Ansible does, each in a process of its own, and holds it still until a tracer is attached.

Starting Python and importing Ansible takes a hundred times longer than the work that is looked at, so one process
imports, and a child of it runs each module. It reads one JSON object a line, answers ``pid N`` when the child stands
still, lets it go at the next line, and answers with the child's wait status.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import importlib
import io
import json
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible.module_utils import basic

MODULES = "ansible_collections.zosconnect.security.plugins.modules"
HELPERS = "ansible_collections.zosconnect.security.plugins.module_utils"
MARK = "/begin-of-the-module"  # the first call that a trace counts comes after an access() to this
PR_SET_PTRACER, ANYBODY = 0x59616D61, ctypes.c_ulong(-1)


def run(job: dict[str, Any]) -> int:
    """Be the module ``job["module"]``, and return the code that it ends with."""
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": job["arguments"]}).encode()
    basic._ANSIBLE_PROFILE = "legacy"  # from ansible-core 2.19 on
    name, _, how = job["module"].partition(" ")
    if name == "target_apply":
        in_this_process(taken=not how)
    with io.TextIOWrapper(os.fdopen(1, "wb", closefd=False)) as answer, contextlib.redirect_stdout(answer):
        try:
            importlib.import_module(f"{MODULES}.{name}").main()
        except SystemExit as e:
            return int(e.code or 0)
    raise RuntimeError("a module ends by exit_json or fail_json")


def in_this_process(*, taken: bool) -> None:
    """Have no process of its own for the work of target_apply: only one is traced."""
    detached = importlib.import_module(f"{HELPERS}.detached")

    def work_here(work: Any) -> dict[str, Any]:
        with work() as done:
            if taken:
                done.finish()
            answer: dict[str, Any] = done.answer
        return answer

    detached.run = work_here  # type: ignore[attr-defined]


def child(job: dict[str, Any]) -> None:
    """Become the user, stand still until the tracer is there, and run."""
    code = 70
    try:
        os.umask(0o022)
        for fd, name in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(job[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), fd)
        if job["uid"] is not None:
            os.setgroups(job["groups"])
            os.setresgid(job["gid"], job["gid"], job["gid"])
            os.setresuid(job["uid"], job["uid"], job["uid"])
        # Where Yama is on, only a parent may trace.
        ctypes.CDLL(None).prctl(PR_SET_PTRACER, ANYBODY, 0, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        os.access(MARK, os.F_OK)
        code = run(job)
        atexit._run_exitfuncs()
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(code)


def jobs() -> Iterator[dict[str, Any]]:
    """Give what is to be run until there is no more."""
    for line in iter(sys.stdin.readline, ""):
        yield json.loads(line)


def warm_up() -> None:
    """Have everything imported that a module imports while it runs: a fault in an import is Python's own matter."""
    silent, told = os.open(os.devnull, os.O_WRONLY), os.dup(1)
    os.dup2(silent, 1)
    run({"module": "target_read", "arguments": {}})
    os.dup2(told, 1)


def main() -> None:
    """Serve."""
    for name in ("target_place", "target_apply"):
        importlib.import_module(f"{MODULES}.{name}")
    importlib.import_module(f"{HELPERS}.confirming")
    warm_up()
    for job in jobs():
        pid = os.fork()
        if pid == 0:
            child(job)
        status = os.waitpid(pid, os.WUNTRACED)[1]
        if not os.WIFSTOPPED(status):
            raise SystemExit("A module ended before it began: " + Path(job["stderr"]).read_text())
        print("pid", pid, flush=True)
        sys.stdin.readline()
        os.kill(pid, signal.SIGCONT)
        print("status", os.waitpid(pid, 0)[1], flush=True)


if __name__ == "__main__":
    main()
