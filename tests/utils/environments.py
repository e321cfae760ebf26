# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the virtual environments that work here happens in.

    python environments.py NAME...     newest (.venv), oldest (.venv-oldest), bench (.venv-bench)

An environment that is there and fits its requirement files stays as it is.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

from machine import Version, pythons

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

# What is taken out of the package that requirements-collections.txt names, and for which environments.
BORROWED = ("ansible_collections/awx/awx/", "ansible_collections/community/crypto/")
BORROWERS = ("newest", "oldest")
NO_PYTHON = 77  # exit status: the oldest ansible-core cannot be tested here, which is no failure


class Environment(NamedTuple):
    """A virtual environment: its folder, and the Pythons that its ansible-core runs on, best first."""

    folder: Path
    pythons: tuple[Version, ...]


ENVIRONMENTS = {
    "newest": Environment(ROOT / ".venv", ((3, 12), (3, 13), (3, 14), (3, 11))),
    "oldest": Environment(ROOT / ".venv-oldest", ((3, 11), (3, 12))),
    "bench": Environment(ROOT / ".venv-bench", ((3, 12), (3, 13), (3, 14), (3, 11))),
}


def make(name: str) -> None:
    """Make the environment, or bring it up to date."""
    folder = ENVIRONMENTS[name].folder
    stamp = folder / "made-from.txt"
    before, wanted = stamp.read_text(encoding="utf-8") if stamp.exists() else "", recipe(name)
    if before != wanted:
        if not before.startswith(f"{ROOT}\n"):  # an environment that was moved is of no use
            create(name, folder)
        print(f"{folder.name}: getting what requirements-{name}.txt names, in a minute or two", flush=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", str(HERE / f"requirements-{name}.txt")], check=True)
        if name in BORROWERS:
            borrow(folder)
        stamp.write_text(wanted, encoding="utf-8")
    held = version(folder)
    print(f"{folder.name}: {held}")
    if name == "newest" and held.startswith("Python 3.11"):
        print("NOT TESTED: the newest ansible-core: no Python 3.12 to 3.14 runs here")


def recipe(name: str) -> str:
    """Put together all that the environment follows from: where the tree is, and the requirement files."""
    shared = (ROOT / "tests" / folder / "requirements.txt" for folder in ("unit", "integration"))
    own = (HERE / f"requirements-{one}.txt" for one in (name, *(["collections"] if name in BORROWERS else [])))
    texts = [path.read_text(encoding="utf-8") for path in (*own, *shared)]
    return "\n".join([str(ROOT), *texts])


def create(name: str, folder: Path) -> None:
    """Make the environment anew, with nothing but the collection in it."""
    python = best(name, pythons())
    if not python:
        print(f"NOT TESTED: {name} ansible-core: no Python {spoken(name)} runs here")
        sys.exit(NO_PYTHON if name == "oldest" else 1)
    print(f"{folder.name}: made with {python}", flush=True)
    subprocess.run([python, "-m", "venv", "--clear", str(folder)], check=True)
    link(folder)


def best(name: str, found: dict[Version, str]) -> str | None:
    """Choose the Python for the environment."""
    return next((found[version] for version in ENVIRONMENTS[name].pythons if version in found), None)


def spoken(name: str) -> str:
    """Name the Pythons that would do: ``3.11 or 3.12``."""
    return " or ".join(sorted(".".join(map(str, version)) for version in ENVIRONMENTS[name].pythons))


def link(folder: Path) -> None:
    """Let the environment's Python and its programs find the collection: the work tree itself, by a link."""
    (site,) = folder.glob("lib/python3*/site-packages")
    namespace = site / "ansible_collections" / "zosconnect"
    namespace.mkdir(parents=True)
    (namespace / "security").symlink_to(ROOT)
    (folder / "collections").mkdir()


def borrow(folder: Path) -> None:
    """Put collections beside ours that are in a package of many, without the others."""
    pip = [str(folder / "bin" / "python"), "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps"]
    with tempfile.TemporaryDirectory() as download:
        command = [*pip, "--only-binary", ":all:", "-d", download, "-r", str(HERE / "requirements-collections.txt")]
        subprocess.run(command, check=True)
        (wheel,) = Path(download).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(
                folder / "collections", [name for name in archive.namelist() if name.startswith(BORROWED)]
            )


def version(folder: Path) -> str:
    """Say which Python and which ansible-core the environment holds."""
    ask = (
        "import platform as p, ansible.release as r; print('Python', p.python_version(), 'ansible-core', r.__version__)"
    )
    command = [str(folder / "bin" / "python"), "-c", ask]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    for want in sys.argv[1:]:
        make(want)
