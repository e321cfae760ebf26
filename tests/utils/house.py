# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the rule of the house that no linter knows: short functions."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

LONGEST, LONGEST_MAIN, MOST, MEDIAN = 80, 60, 40, 12


def files() -> list[Path]:
    """List the files of the tree: tracked and new ones."""
    listing = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split("\0")
    return [ROOT / name for name in sorted(filter(None, names)) if (ROOT / name).is_file()]


def functions(paths: list[Path]) -> Iterator[tuple[str, str, int]]:
    """Give the place, name and number of lines of every function of the plugins."""
    for path in paths:
        if path.suffix == ".py" and path.is_relative_to(ROOT / "plugins"):
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    lines = (node.end_lineno or node.lineno) - node.lineno + 1
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node.name, lines


def too_long(found: list[tuple[str, str, int]]) -> Iterator[str]:
    """Name the functions that do not fit in one glance, and say when most of them grow."""
    for place, name, lines in found:
        limit = LONGEST_MAIN if name == "main" else LONGEST
        if lines > limit:
            yield f"{place}: {name} has {lines} lines, more than {limit}"
    sizes = [lines for _place, _name, lines in found]
    if sizes and statistics.median(sizes) > MEDIAN:
        yield f"plugins: the median function has {statistics.median(sizes)} lines, more than {MEDIAN}"
    if sum(lines > MOST for lines in sizes) * 10 > len(sizes):
        yield f"plugins: more than one function in ten has more than {MOST} lines"


def main() -> None:
    """Print what is wrong; fail if anything is."""
    found = list(functions(files()))
    faults = list(too_long(found))
    print("\n".join(faults) or f"{len(found)} functions are short enough.")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
