# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run `mypy --strict` over plugins/ and over what helps the tests. Options are in pyproject.toml.

python tests/utils/typed.py
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from house import ROOT, files

# mypy names a module by its path, and the collection's is to be ansible_collections.zosconnect.security.
LINK = ROOT / ".build" / "types" / "ansible_collections" / "zosconnect" / "security"


def main() -> None:
    """Print what is wrong; fail if anything is."""
    LINK.parent.mkdir(parents=True, exist_ok=True)
    LINK.unlink(missing_ok=True)
    LINK.symlink_to(ROOT)
    helpers = [path for path in files() if is_helper(path)]
    shared = [path for path in helpers if path.name != "conftest.py"]
    # Each conftest.py on its own, because a program has one module of a name.
    runs = [[LINK / "plugins", *shared], *([path] for path in helpers if path not in shared)]
    sys.exit(max(map(check, runs)))


def is_helper(path: Path) -> bool:
    """Tell whether a file is Python that helps tests: no test, and nothing that a test feeds to something."""
    name = path.relative_to(ROOT).as_posix()
    return (
        name.startswith("tests/")
        and path.suffix == ".py"
        and not name.startswith("tests/fuzz/corpus/")
        and not (path.name.startswith("test_"))
    )


def check(paths: list[Path]) -> int:
    """Check these files and print what mypy says, with paths that lead to the tree; return its exit status."""
    command = [sys.executable, "-m", "mypy", *(str(path.relative_to(ROOT)) for path in paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    print((done.stdout + done.stderr).replace(f"{LINK.relative_to(ROOT)}/", ""), end="")
    return done.returncode


if __name__ == "__main__":
    main()
