# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make small mistakes in the engine, one at a time, and see whether the tests of that file notice: `make mutation`.

    mutation_run.py [FILE...] --minutes 60      FILE is a part of a path, such as redact or keystore/

A mutant is tried once for a state of its file and of its tests; so a run goes on where the last one ended. Neither mutmut
nor cosmic-ray does here: the first names modules by paths, which those of a collection do not have, the second writes
into the sources and imports all of Ansible again for each mutant.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import mutants
import yaml

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
UNIT = ROOT / "tests" / "unit"
PAGE = ROOT / "docs" / "MUTATION.md"
KEPT = ROOT / ".build" / "mutation"
EXPLAINED = Path(__file__).with_name("explained.yml")
PACKAGE = "ansible_collections.zosconnect.security.plugins"
# First those that laws stand on: nine of ten of their mutants must be seen.
LAWS = (
    "plugin_utils/redact.py",
    "plugin_utils/posture/require_secure.py",
    "plugin_utils/attls/match.py",
    "plugin_utils/liberty/plan.py",
    "module_utils/placing.py",
)
ROOMS = ("liberty", "attls", "keystore", "connections")
WANTED = 90
# Tests of a file where its name and imports do not tell them, or tell too many.
_TESTS = {
    "plugin_utils/redact.py": ("test_redact.py",),
    "plugin_utils/posture/require_secure.py": (
        "posture/test_posture_require_secure.py",
        "effective/test_effective_require_secure.py",
    ),
    "plugin_utils/attls/match.py": ("attls/test_attls_match.py", "attls/test_attls_not_installed.py"),
    "plugin_utils/liberty/plan.py": ("liberty",),
    "module_utils/placing.py": (
        "target/test_target_placing.py",
        "target/test_target_looks.py",
        "target/test_target_ztags.py",
    ),
}


@dataclass(frozen=True)
class Target:
    """A file of the engine, by its path below plugins/."""

    name: str

    @property
    def path(self) -> Path:
        return PLUGINS / self.name

    @property
    def module(self) -> str:
        return f"{PACKAGE}.{self.name.removesuffix('.py').replace('/', '.')}"

    @cached_property
    def tests(self) -> list[Path]:
        """Its own tests: those that import it; where none does, those of its room."""
        if self.name in _TESTS:
            return [UNIT / name for name in _TESTS[self.name]]
        room = UNIT / Path(self.name).parts[1]
        direct = [path for path in sorted(room.glob("test_*.py")) if self.module in _imported(path)]
        return direct or sorted(room.glob("test_*.py"))

    @cached_property
    def state(self) -> str:
        """What the outcome of a mutant depends on."""
        files = [self.path, *sorted({file for one in self.tests for file in _files(one)})]
        return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:16]

    @property
    def results(self) -> Path:
        return KEPT / f"{self.name.replace('/', '.')}.jsonl"

    def known(self) -> list[dict[str, Any]]:
        """Return the outcomes so far."""
        if not self.results.exists():
            return []
        return [json.loads(line) for line in self.results.read_text(encoding="utf-8").splitlines()]

    def prepare(self) -> None:
        """Leave in the results only what still holds: what was killed, while the source is the same."""
        KEPT.mkdir(parents=True, exist_ok=True)
        stamp = self.results.with_suffix(".state")
        source, state = hashlib.sha256(self.path.read_bytes()).hexdigest()[:16], self.state
        before = stamp.read_text(encoding="utf-8").split() if stamp.exists() else ["", ""]
        kept = self.known() if before[0] == source else []
        if before[1] != state:
            kept = [one for one in kept if one["outcome"] != "survived"]
        self.results.write_text("".join(json.dumps(one) + "\n" for one in kept), encoding="utf-8")
        stamp.write_text(f"{source} {state}", encoding="utf-8")

    def run(self, until: float) -> None:
        self.prepare()
        told = {
            "path": str(self.path),
            "results": str(self.results),
            "module": self.module,
            "until": until,
            "state": self.state,
        }
        command = [sys.executable, "-m", "pytest", "-q", "-p", "within_pytest", *map(str, self.tests)]
        here = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        env = {**os.environ, "PYTHONPATH": here, "ZCS_MUTATION": json.dumps(told), "HYPOTHESIS_PROFILE": "same"}
        log = self.results.with_suffix(".log")
        with open(log, "wb") as out:
            status = subprocess.run(command, cwd=ROOT, env=env, stdout=out, stderr=out, check=False).returncode
        if status not in (0, 5):  # 5: pytest itself ran no test
            sys.exit(f"{self.name}: pytest ended with status {status}; see {log}.")


def _files(tests: Path) -> list[Path]:
    """Return the files of a test, or of a folder of tests, and their tables of cases."""
    tables = [*tests.parent.glob("*.yml"), *(tests.parent / "cases").rglob("*")]
    found = [*tests.rglob("*")] if tests.is_dir() else [tests, *tables]
    return [path for path in found if path.is_file() and path.suffix != ".pyc"]


@cache
def _imported(path: Path) -> set[str]:
    """Return the modules that a test imports, and those that may be modules."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


def targets() -> list[Target]:
    found = [
        path.relative_to(PLUGINS).as_posix()
        for room in ROOMS
        for path in sorted((PLUGINS / "plugin_utils" / room).rglob("*.py"))
        if path.name != "__init__.py"
    ]
    return [Target(name) for name in (*LAWS, *(name for name in found if name not in LAWS))]


@dataclass(frozen=True)
class Row:
    """What came of one file; ``open`` are survivors that nothing explains."""

    target: Target
    total: int
    killed: int
    explained: int
    open: list[dict[str, Any]]

    @property
    def tried(self) -> int:
        return self.killed + self.explained + len(self.open)

    @property
    def score(self) -> float:
        """In percent of those tried that somebody could see."""
        seen = self.tried - self.explained
        return 100 * self.killed / seen if seen else 0.0


def row(target: Target, reasons: dict[str, dict[str, str]]) -> Row:
    known = target.known()
    survivors = [one for one in known if one["outcome"] == "survived"]
    told = reasons.get(target.name, {})
    total = len(mutants.mutants(ast.parse(target.path.read_text(encoding="utf-8"))))
    unexplained = [one for one in survivors if one["key"] not in told]
    return Row(target, total, len(known) - len(survivors), len(survivors) - len(unexplained), unexplained)


_HEAD = """<!-- SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
     SPDX-License-Identifier: GPL-3.0-or-later -->
# Who tests the tests

`make mutation MINUTES=60` makes small mistakes in the engine, one at a time: it reverses a comparison, puts `and` for `or`, negates a
condition, leaves out a statement, or changes a number or a text. Such a changed file is a mutant. For each mutant only the tests of that
file run, in a process of their own, until one fails. The command wrote this page. It goes on where its last run ended, and repeats only
mutants of changed files and tests. `make mutation FILES="redact keystore/"` tries only these files.

A mutant is *killed* if a test fails or never ends. It is *explained* if nobody can see a difference; `tests/mutation/explained.yml` has
the reason. The score is the share of killed mutants among those that are not explained.
"""


@dataclass(frozen=True)
class Told:
    """What the page says of one file: its line in the table, and its survivors."""

    line: str
    survivors: list[str]


def told(text: str) -> dict[str, Told]:
    """Read a page, so that a run elsewhere, which knows nothing of a file, does not take away what is said of it."""
    lines = {match[1]: match[0] for match in re.finditer(r"^\| `([^`]+\.py)` \|.*$", text, re.MULTILINE)}
    parts = re.split(r"^### `([^`]+)`$", text, flags=re.MULTILINE)[1:]
    open_ones = dict(zip(parts[::2], parts[1::2], strict=True))
    return {name: Told(line, open_ones.get(name, "").strip().splitlines()) for name, line in lines.items()}


def _told(one: Row) -> Told:
    counts = f"{one.total} | {one.tried} | {one.killed} | {one.explained} | {len(one.open)}"
    return Told(f"| `{one.target.name}` | {counts} | {one.score:.1f} % |", [_survivor(each) for each in one.open])


def page(rows: Sequence[Row], before: str = "") -> str:
    """Return docs/MUTATION.md; ``before`` is what it says now."""
    former = told(before)
    names = [one.target.name for one in rows]
    new = former | {one.target.name: _told(one) for one in rows if one.tried}
    everything = {name: new[name] for name in names if name in new}
    lines = [
        _HEAD,
        "| file | mutants | tried | killed | explained | survived | score |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [one.line for one in everything.values()]
    if any(one.survivors for one in everything.values()):
        lines += ["", "## Survivors", "", "No test of the file noticed these mutants, and nothing explains them yet."]
    for name, one in everything.items():
        if one.survivors:
            lines += ["", f"### `{name}`", "", *one.survivors]
    return "\n".join(lines) + "\n"


def _survivor(one: dict[str, Any]) -> str:
    where = f"`{one['function']}`" if one["function"] else "the module"
    return f"* line {one['line']}, {where}: {_code(one['before'])} → {_code(one['after'])}"


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    return f"{fence} {text} {fence}" if "`" in text else f"`{text}`"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", help="parts of paths; all files of the engine without any")
    parser.add_argument("--minutes", type=float, default=60, help="no mutant is begun later (60)")
    chosen = parser.parse_args()
    until = time.time() + 60 * chosen.minutes
    reasons = yaml.safe_load(EXPLAINED.read_text(encoding="utf-8")) or {}
    wanted = [one for one in targets() if not chosen.files or any(part in one.name for part in chosen.files)]
    for one in wanted:
        if time.time() < until:
            one.run(until)
            found = row(one, reasons)
            print(
                f"{one.name}: {found.tried} of {found.total} tried, {found.killed} killed, {len(found.open)} open",
                flush=True,
            )
    everything = [row(one, reasons) for one in targets()]
    PAGE.write_text(page(everything, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    low = [one for one in everything if one.target.name in LAWS and one.tried and one.score < WANTED]
    for each in low:
        print(f"{each.target.name}: {each.score:.1f} % of its mutants are seen, {WANTED} % are wanted.")
    return bool(low)


if __name__ == "__main__":
    sys.exit(main())
