# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copy the work tree, for tools that need the collection in a real place.

    python tree.py DESTINATION     which ends in ansible_collections/zosconnect/security

ansible-test follows symbolic links, so the link in site-packages does not help it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def copy(destination: Path) -> None:
    """Copy what git tracks and what is new, without what it ignores."""
    shutil.rmtree(destination, ignore_errors=True)
    listing = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        source, target = ROOT / name, destination / name
        if source.is_file():  # a tracked file may have been deleted
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    # A repository of its own: ansible-test would ask the one around it, which ignores this folder, find nothing to
    # test, and pass.
    subprocess.run(["git", "init", "-q", str(destination)], check=True)


if __name__ == "__main__":
    copy(Path(sys.argv[1]))
