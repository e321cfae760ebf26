# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the table of variables into the README of every role, from its argument specification.

    python tests/utils/role_readme.py
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- variables: written by tests/utils/role_readme.py -->", "<!-- end of variables -->"


def table(role: Path) -> str:
    """Return the table of a role's variables."""
    specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
    rows = ["| variable | default | what it is |", "|---|---|---|"]
    for name, option in specs["main"]["options"].items():
        default = "**required**" if option.get("required") else f"`{option.get('default')!r}`"
        said = option["description"]
        rows.append(f"| `{name}` | {default} | {plain(said if isinstance(said, str) else ' '.join(said))} |")
    return "\n".join(rows)


def plain(text: str) -> str:
    """Turn Ansible's markup into Markdown."""
    return re.sub(r"\b[CVOPM]\(([^)]*)\)", lambda m: f"`{m[1].partition('#')[0]}`", text).replace("|", "\\|")


def current(role: Path) -> str:
    """Return what the role's README must be."""
    text = (role / "README.md").read_text(encoding="utf-8")
    before, _begin, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{table(role)}\n{END}{rest.partition(END)[2]}"


def main() -> None:
    for role in sorted(path for path in (ROOT / "roles").iterdir() if path.is_dir()):
        (role / "README.md").write_text(current(role), encoding="utf-8")


if __name__ == "__main__":
    main()
