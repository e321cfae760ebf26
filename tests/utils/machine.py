# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the machine has and gets: Pythons that really run, and Debian packages.

Without an argument a Python that the controller's part runs on is made sure of; `machine.py USE...` makes sure of the
programs of the uses (bench, demo, test). What is missing is installed, or named.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

Version = tuple[int, int]

OLDEST_PYTHON = (3, 11)  # for the controller
TARGET_PYTHON = (3, 9)  # the oldest that the modules run on

# A shim of pyenv may lie on the path and not run, and Debian's Python may lack what `venv` needs: only running tells.
# The base executable, because an environment made from another environment dies with that one.
PROBE = "import ensurepip, ssl, sys, venv; print(*sys.version_info[:2], sys._base_executable)"


class Program(NamedTuple):
    """A program that the tests call, the Debian package that brings it, and the `make` targets that need it."""

    name: str
    package: str
    uses: tuple[str, ...]


PROGRAMS = (
    Program("chromium", "chromium", ("test",)),
    Program("git", "git", ("test",)),
    # Pebble is built with it, which asks for the version that it needs.
    Program("go", "golang-go", ("test",)),
    Program("gpg", "gnupg", ("test",)),
    # The version of Debian's choice: 17 in Debian 12, where openjdk-17 is gone in later ones.
    Program("javac", "default-jdk-headless", ("demo", "test")),
    Program("keytool", "default-jdk-headless", ("bench", "demo", "test")),
    Program("jar", "default-jdk-headless", ("demo", "test")),
    Program("mvn", "maven", ("demo", "test")),
    Program("openssl", "openssl", ("demo", "test")),
    Program("setpriv", "util-linux", ("test",)),
    Program("sshd", "openssh-server", ("test",)),
    Program("shellcheck", "shellcheck", ("test",)),
    Program("strace", "strace", ("test",)),
    Program("stunnel", "stunnel4", ("demo", "test")),
    Program("xmllint", "libxml2-utils", ("test",)),
)


def pythons() -> dict[Version, str]:
    """Find every Python that runs: its version and its path; of one version, the first on the path."""
    found: dict[Version, str] = {}
    for candidate in candidates():
        answer = subprocess.run([candidate, "-c", PROBE], capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            major, minor, path = answer.stdout.strip().split(" ", 2)
            found.setdefault((int(major), int(minor)), path)
    return found


def candidates() -> list[Path]:
    """List what may be a Python, each once: on the path, and where pyenv keeps them."""
    folders = [Path(folder) for folder in os.get_exec_path() if folder]
    folders += sorted(Path.home().glob(".pyenv/versions/*/bin"))
    files = [path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir()) if is_named(path)]
    return list(dict.fromkeys(path.resolve() for path in files))


def is_named(path: Path) -> bool:
    """Tell whether the file is named like a Python 3 and may be run."""
    return bool(re.fullmatch(r"python3(\.\d+)?", path.name)) and os.access(path, os.X_OK)


def install(packages: list[str]) -> None:
    """Install Debian packages, or stop and name them where that is impossible."""
    if not packages:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(f"Missing: {' '.join(packages)} (Debian's names). Install them, or run this as root on Debian.")
    print(f"Installing Debian packages: {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        answer = subprocess.run(["apt-get", "-qq", *command], env=environment, stdout=subprocess.DEVNULL, check=False)
        if answer.returncode:
            sys.exit(f"apt-get {' '.join(command)} failed. See its message above.")


def missing(use: str) -> list[str]:
    """List the packages whose programs the use needs and the machine has not."""
    lacking = [program for program in PROGRAMS if use in program.uses and not shutil.which(program.name)]
    return sorted({program.package for program in lacking})


def main(uses: list[str]) -> None:
    """Install what the uses need; without any, see to the Pythons."""
    install([package for use in uses for package in missing(use)])
    if uses:
        return
    found = pythons()
    if not any(version >= OLDEST_PYTHON for version in found):
        install(["python3", "python3-venv"])
    if TARGET_PYTHON not in found:
        print("NOT TESTED: modules on Python 3.9: none runs here")


if __name__ == "__main__":
    main(sys.argv[1:])
