# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Let ansible-test get its pip from PyPI. Run by the Python that has ansible-test.

ansible-test makes virtual environments without pip and fills them by a script that it fetches from a site of its own,
unless the script lies in its cache. This puts one there: it unpacks the very pip that ansible-test wants, from a wheel.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from ansible_test._internal import python_requirements

CACHE = Path.home() / ".ansible" / "test" / "cache"

# A wheel is a zip file of what belongs into site-packages; running pip to install pip would take ten times as long.
SCRIPT = """import sysconfig, zipfile
with zipfile.ZipFile({wheel!r}) as wheel:
    wheel.extractall(sysconfig.get_path("purelib"))
"""


def seed() -> None:
    """Put the script into ansible-test's cache, where none is there yet."""
    text = Path(python_requirements.__file__).read_text(encoding="utf-8")
    wanted = re.search(r"\bpip='([\d.]+)'", text)
    if not wanted:
        sys.exit("This ansible-test does not say which pip it wants: adapt tests/utils/seed_pip.py.")
    version = wanted[1]
    script = CACHE / f"get_pip_{version.replace('.', '_')}.py"
    wheel = CACHE / f"pip-{version}-py3-none-any.whl"
    if script.exists():
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(CACHE), f"pip=={version}"]
    subprocess.run([*download, "--disable-pip-version-check"], check=True)
    script.write_text(SCRIPT.format(wheel=str(wheel)), encoding="utf-8")


if __name__ == "__main__":
    seed()
