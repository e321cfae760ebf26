# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make a home for ansible-test, and let it get its pip from PyPI. Run by the Python that has ansible-test.

    python seed_pip.py HOME

ansible-test keeps virtual environments in the user's home, where two runs spoil them for each other; so each tree has a
home of its own, with the user's cache and configuration of pip. It makes these environments without pip and fills them
by a script that it fetches from a site of its own, unless the script lies in its cache. This puts one there: it unpacks
the very pip that ansible-test wants, from a wheel.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from ansible_test._internal import python_requirements

OF_PIP = (".cache/pip", ".config/pip", ".pip")

# A wheel is a zip file of what belongs into site-packages; running pip to install pip would take ten times as long.
SCRIPT = """import sysconfig, zipfile
with zipfile.ZipFile({wheel!r}) as wheel:
    wheel.extractall(sysconfig.get_path("purelib"))
"""


def share_pip(home: Path) -> None:
    """Lead to what pip has in the user's home, where that is there."""
    for name in OF_PIP:
        own, link = Path.home() / name, home / name
        if own.is_dir() and not link.is_symlink():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(own)


def seed(home: Path) -> None:
    """Put the script into ansible-test's cache, where none is there yet."""
    cache = home / ".ansible" / "test" / "cache"
    text = Path(python_requirements.__file__).read_text(encoding="utf-8")
    wanted = re.search(r"\bpip='([\d.]+)'", text)
    if not wanted:
        sys.exit("This ansible-test does not say which pip it wants: adapt tests/utils/seed_pip.py.")
    version = wanted[1]
    script = cache / f"get_pip_{version.replace('.', '_')}.py"
    wheel = cache / f"pip-{version}-py3-none-any.whl"
    if script.exists():
        return
    cache.mkdir(parents=True, exist_ok=True)
    download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(cache), f"pip=={version}"]
    subprocess.run([*download, "--disable-pip-version-check"], check=True)
    script.write_text(SCRIPT.format(wheel=str(wheel)), encoding="utf-8")


if __name__ == "__main__":
    target = Path(sys.argv[1]).resolve()
    share_pip(target)
    seed(target)
