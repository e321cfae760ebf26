# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write CHANGELOG.md from the fragments, for the version in galaxy.yml.

python changelog.py [DATE]     by default the day of the last commit

Made again before a release, it begins anew, so that a fragment that was mended meanwhile counts as it is.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "changelogs" / "changelog.yaml"


def main(date: str | None) -> None:
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    log = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    log["releases"].pop(version, None)
    FILE.write_text(yaml.safe_dump(log), encoding="utf-8")
    last = ["git", "-C", str(ROOT), "log", "-1", "--format=%cs"]
    date = date or subprocess.run(last, capture_output=True, text=True, check=True).stdout.strip()
    release = ["antsibull-changelog", "release", "--version", version, "--date", date, "--reload-plugins"]
    subprocess.run(release, cwd=ROOT, check=True)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
