# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work that goes on when nobody waits for it any more. PRIVATE to this collection. Standard library only, Python 3.9.

A process of its own session does it, so that neither the end of the connection nor that of the controller stops it.
Its answer comes through a pipe. Only who can still hand it on says that it was taken; without that it is not finished.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

_TAKEN = b"1"

Json = dict[str, Any]


@dataclass(frozen=True)
class Done:
    """What came of the work; ``finish`` is called when somebody has taken the answer."""

    answer: Json
    finish: Callable[[], None]


Work = Callable[[], AbstractContextManager[Done]]


def run(work: Work) -> Json | None:
    """Let a detached process do ``work`` and return its answer; None if it was killed before it could say anything."""
    answer_in, answer_out = os.pipe()
    taken_in, taken_out = os.pipe()
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(BaseException):
            _detach({answer_out, taken_in})
            _serve(work, answer_out, taken_in)
        os._exit(0)
    os.close(answer_out)
    os.close(taken_in)
    try:
        with os.fdopen(answer_in, "rb") as stream:
            data = stream.read()
        if data and is_heard():
            with contextlib.suppress(OSError):
                os.write(taken_out, _TAKEN)
    finally:
        os.close(taken_out)
        os.waitpid(pid, 0)
    return dict(json.loads(data)) if data else None


def is_heard(fd: int = 1) -> bool:
    """Say whether what is written to ``fd`` still reaches somebody, as far as the system knows."""
    poll = select.poll()
    poll.register(fd, 0)
    return not any(events & (select.POLLERR | select.POLLHUP | select.POLLNVAL) for _fd, events in poll.poll(0))


def _serve(work: Work, answer_out: int, taken_in: int) -> None:
    with work() as done:
        with contextlib.suppress(OSError), os.fdopen(answer_out, "wb") as stream:
            stream.write(json.dumps(done.answer).encode())
        if os.read(taken_in, 1) == _TAKEN:
            done.finish()


def _detach(kept: set[int]) -> None:
    """Leave the session and the terminal, and let go what others may wait for."""
    os.setsid()
    os.chdir("/")
    for name in ("SIGHUP", "SIGINT", "SIGQUIT"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    for fd in set(_open_files()) - kept - {0, 1, 2}:
        with contextlib.suppress(OSError):
            os.close(fd)


def _open_files() -> Iterator[int]:
    try:
        yield from (int(name) for name in os.listdir("/proc/self/fd"))
    except (OSError, ValueError):
        yield from range(3, 256)
