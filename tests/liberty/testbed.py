# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of the test bed share: its one exception, its cache, its lock, its programs."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path


class TestBedError(Exception):
    """Something a person must do or know; the text is one or two sentences, ready to be shown."""

    __test__ = False  # pytest would take the name for a test class


def say(text: str) -> None:
    """Show progress. On standard error, so that standard output stays for what a caller wants to parse."""
    print(f"liberty: {text}", file=sys.stderr, flush=True)


def cache_dir() -> Path:
    """Where downloads and builds are kept between runs: outside the tree, as the XDG rules say; made when missing."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "zosconnect-security"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise TestBedError(
            f"The cache {folder} cannot be made: {problem.strerror}. Set XDG_CACHE_HOME to one you can write to."
        ) from problem
    return folder


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold the cache's lock of this name; a second process waits until the first is done or was killed."""
    with open(cache_dir() / f"{name}.lock", "w", encoding="ascii") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another process is at work on {name}; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def scratch_folder(target: Path) -> Iterator[Path]:
    """An empty folder beside `target`, on the same file system; also removes what a killed run left. Needs the lock."""
    folder = target.with_name(f".{target.name}.scratch")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def program(name: str, *, remedy: str) -> str:
    """The absolute path of a program, JAVA_HOME's before PATH's.

    Raises:
        TestBedError: there is none, with the remedy.
    """
    java_home = os.environ.get("JAVA_HOME")
    if java_home and os.access(Path(java_home, "bin", name), os.X_OK):
        return str(Path(java_home, "bin", name))
    found = shutil.which(name)
    if found is None:
        raise TestBedError(f"The program {name} is missing: {remedy}")
    return found


def jdk_program(name: str) -> str:
    """The absolute path of java, javac or jar."""
    return program(name, remedy="install a JDK 17 (Debian: apt-get install openjdk-17-jdk-headless) or set JAVA_HOME.")
