# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the documentation as a site: a page for every plugin and role, and the guides. No network is needed.

python docsite.py FOLDER     FOLDER/html/index.html
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONF = """
project = "zosconnect.security"
copyright = "The zosconnect.security contributors"
extensions = ["sphinx_antsibull_ext"]
html_theme = "sphinx_ansible_theme"
html_theme_options = {"documentation_home_url": "index.html", "topbar_links": {}, "vcs_pageview_mode": "edit"}
html_short_title = "zosconnect.security"
html_show_sphinx = False
highlight_language = "yaml"
pygments_style = "ansible"
default_role = "any"
# Pages of ansible-core and of other collections are not on this site.
suppress_warnings = ["ref.ref"]
"""


def main(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    pages = folder / "rst"
    pages.mkdir(parents=True)
    (pages / "conf.py").write_text(CONF, encoding="utf-8")
    make = ["antsibull-docs", "collection", "--use-current", "--squash-hierarchy", "--fail-on-error"]
    subprocess.run([*make, "--dest-dir", str(pages), "zosconnect.security"], check=True)
    shutil.copy(ROOT / "docs" / "picture.svg", pages)
    build = ["sphinx-build", "-q", "--fail-on-warning", "--keep-going", "-b", "html", str(pages), str(folder / "html")]
    subprocess.run(build, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
