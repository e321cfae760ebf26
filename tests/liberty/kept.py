# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting a server with its keeper, and ending it; see keeper.py for what a keeper does."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from testbed import TestBedError

KEEPER = Path(__file__).with_name("keeper.py")
SECONDS_TO_STOP = 20.0


def spawn(
    folder: Path, command: Sequence[str], *options: str, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start the process that starts the server and lives as long.

    Args:
        folder: the keeper's and the server's working directory.
        command: the server's, which stays in the foreground.
        options: the keeper's; with `--lifetime SECONDS` the server outlives this process.
        environment: of both; this process's own unless told.
    """
    # Its own log: who reads our output until its end must not wait for the server's. -I: nothing around may disturb it.
    with open(folder / "keeper.log", "wb") as log:
        return subprocess.Popen(
            [sys.executable, "-I", str(KEEPER), *options, str(folder), "--", *command],
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL if "--lifetime" in options else subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def stop(keeper: subprocess.Popen[bytes]) -> None:
    """End a server without a lifetime, which this process started."""
    if keeper.stdin:
        keeper.stdin.close()
    try:
        keeper.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        keeper.kill()  # the kernel then kills the server
        keeper.wait()


def end(folder: Path) -> None:
    """End the server of this folder, whoever started it, if one runs there.

    Raises:
        TestBedError: it does not end.
    """
    pid = keeper_pid(folder)
    if pid:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + SECONDS_TO_STOP
        while keeper_pid(folder):
            if time.monotonic() > deadline:
                raise TestBedError(f"The server in {folder} does not end; end it with: kill -9 {pid}")
            time.sleep(0.1)


def keeper_pid(folder: Path) -> int | None:
    """The process that keeps this folder's server, or None when none runs: only a living one holds the lock."""
    with contextlib.suppress(FileNotFoundError), open(folder / "keeper.lock", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(lock.read())
    return None
