# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps one server: starts it, and ends it and cleans up whatever becomes of the process that asked for it.

A program of its own, because a test run may be killed without a last word. It notices by the end of its standard
input, a pipe whose other end the operating system closes when that run dies. If this program itself is killed, the
kernel kills the server with it. Usage: `keeper.py DIR [--remove] [--lifetime SECONDS] -- COMMAND...`; with a lifetime
standard input does not matter, a signal or the end of that time ends the server.

Files in DIR: keeper.lock (locked while this program lives, holds its process id), console.log (what the server
printed), java.pid, java.exit (its exit status, once it ended).
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import fcntl
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
SECONDS_TO_STOP = 10.0
LIBC = ctypes.CDLL(None)


def main() -> int:
    """Return 0 when the server ended as it was told to, 1 when DIR is in use already."""
    parser = argparse.ArgumentParser()
    parser.add_argument("dir", type=Path)
    parser.add_argument("--remove", action="store_true")
    parser.add_argument("--lifetime", type=float)
    parser.add_argument("command", nargs="+")
    chosen = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with open(chosen.dir / "keeper.lock", "a", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 1
        lock.truncate(0)
        print(os.getpid(), file=lock, flush=True)
        try:
            keep(chosen.dir, chosen.command, lifetime=chosen.lifetime)
        finally:
            if chosen.remove:
                shutil.rmtree(chosen.dir, ignore_errors=True)
    return 0


def keep(folder: Path, command: list[str], *, lifetime: float | None) -> None:
    """Run the server until it is no longer wanted."""
    with open(folder / "console.log", "wb") as console:
        server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
    try:
        (folder / "java.pid").write_text(f"{server.pid}\n", encoding="ascii")
        wait_until_unwanted(folder, server, lifetime=lifetime)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the second of two must not cut the clean-up short
        end(server)


def wait_until_unwanted(folder: Path, server: subprocess.Popen[bytes], *, lifetime: float | None) -> None:
    """A server that ended by itself still waits for the other side, which wants to read its logs."""
    ended = os.pidfd_open(server.pid)
    ready, _, _ = select.select([ended, *([] if lifetime else [sys.stdin])], [], [], lifetime)
    if ended in ready:
        (folder / "java.exit").write_text(f"{server.wait()}\n", encoding="ascii")
        if not lifetime:
            sys.stdin.read()


def die_with_parent() -> None:
    """In the new process, before it becomes the server."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def end(server: subprocess.Popen[bytes]) -> None:
    """Ask, wait, then insist; the server leads a process group of its own."""
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=SECONDS_TO_STOP)
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


if __name__ == "__main__":
    sys.exit(main())
