# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the table of a role's variables into its README, between two markers, from meta/argument_specs.yml.

python tests/utils/role_readme.py        all roles
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- variables: made by tests/utils/role_readme.py -->\n", "<!-- end of variables -->\n"
_MARKUP = re.compile(r"\b([CVOMPBIURL])\((.*?)\)")


def current(role: Path) -> str:
    """Return the README with the table as the argument specification has it now."""
    text = (role / "README.md").read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(role)}\n{END}{after}"


def table(role: Path) -> str:
    """Return the table: name without the role's prefix, kind, default, meaning."""
    specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    options = specs["argument_specs"]["variables"]["options"]
    prefix = f"{role.name}_"
    rows = [f"| variable `{prefix}…` | kind | default | meaning |", "|---|---|---|---|"]
    rows += [
        f"| `{name.removeprefix(prefix)}` | {_kind(o)} | {_default(o)} | {_meaning(o, prefix)} |"
        for name, o in options.items()
    ]
    return "\n".join(rows) + "\n"


def _kind(option: dict[str, Any]) -> str:
    kind = "secret" if option.get("no_log") else str(option["type"])
    return f"{kind} of {option['elements']}" if "elements" in option else kind


def _default(option: dict[str, Any]) -> str:
    if option.get("required"):
        return "*required*"
    default = option["default"]
    if default in ("", [], {}) and default is not False:
        return ""
    shown = ",".join(map(str, default)) if isinstance(default, list) else str(default)
    return f"`{shown.lower() if isinstance(default, bool) else shown}`".replace("|", "\\|")


def _meaning(option: dict[str, Any], prefix: str) -> str:
    said = option["description"]
    text = " ".join([said] if isinstance(said, str) else said)
    choices = [str(choice) for choice in option.get("choices", []) if choice != ""]
    if choices and not all(f"V({choice})" in text for choice in choices):
        text += f" One of {', '.join(f'V({choice})' for choice in choices)}."
    return _MARKUP.sub(lambda match: f"`{_plain(match, prefix)}`", text).replace("|", "\\|")


def _plain(match: re.Match[str], prefix: str) -> str:
    text = match[2].partition("#")[0] if match[1] == "P" else match[2]
    return text.removeprefix(prefix) if match[1] == "O" else text


def roles() -> list[Path]:
    """List the roles of the collection."""
    return sorted(path.parent.parent for path in ROOT.glob("roles/*/meta/argument_specs.yml"))


if __name__ == "__main__":
    for each in roles():
        (each / "README.md").write_text(current(each), encoding="utf-8")
