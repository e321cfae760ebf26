# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write tests/unit/interface.yml: the public interface, by which a change of it is seen (docs/STABLE.md).

python tests/utils/interface.py
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.zosconnect.security.plugins.plugin_utils.variables import PLAYBOOKS

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "tests" / "unit" / "interface.yml"
COLLECTION = "zosconnect.security"
INTERNAL = "Internal: "
HEAD = """# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Made by tests/utils/interface.py: what users may rely on (docs/STABLE.md).
---
"""
Json = dict[str, Any]


@cache
def documented(kind: str) -> dict[str, Json]:
    """Return what ansible-doc tells of all plugins of a kind, by their short names."""
    names = [f"{COLLECTION}.{name}" for name in _names(kind)]
    command = [sys.executable, "-m", "ansible", "doc", "--type", kind, "--json", *names]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {name.rpartition(".")[2]: told for name, told in json.loads(shown).items()}


def _names(kind: str) -> list[str]:
    folder, ending = ("modules", "py") if kind == "module" else (kind, "yml")
    return sorted(path.stem for path in (ROOT / "plugins" / folder).glob(f"*.{ending}"))


def public_modules() -> dict[str, Json]:
    """Return the documentation of the modules that users call."""
    told = documented("module").items()
    return {name: one for name, one in told if not one["doc"]["short_description"].startswith(INTERNAL)}


def interface() -> Json:
    """Return the public interface: names, with the type, default and choices of what is given."""
    modules, filters = public_modules(), documented("filter")
    return {
        "modules": {name: _told(one) for name, one in modules.items()},
        "filters": {name: _told(one) for name, one in filters.items()},
        "roles": {name: options(one) for name, one in _roles().items()},
        "playbooks": sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml")),
        "variables": sorted(PLAYBOOKS),
        "statistics": sorted(set(_statistics())),
    }


def _told(one: Json) -> Json:
    return {"options": options(one["doc"].get("options")), "returns": _returns(one.get("return"))}


def options(given: Mapping[str, Json] | None) -> Json:
    """Return options, each in one line where it has no options of its own."""
    found = {}
    for name, option in sorted((given or {}).items()):
        line = option.get("type", "str") + (f" of {option['elements']}" if option.get("elements") else "")
        line += ", required" if option.get("required") else ""
        line += f", by default {json.dumps(option['default'])}" if option.get("default") is not None else ""
        line += f", one of {json.dumps(option['choices'])}" if option.get("choices") else ""
        inner = option.get("options") or option.get("suboptions")
        found[name] = {"itself": line, **options(inner)} if inner else line
    return found


def _returns(given: Mapping[str, Json] | None) -> Json:
    return {
        name: {"itself": one["type"], **_returns(one["contains"])} if one.get("contains") else one["type"]
        for name, one in sorted((given or {}).items())
    }


def _roles() -> dict[str, Mapping[str, Json]]:
    found = {}
    for path in sorted(ROOT.glob("roles/*/meta/argument_specs.yml")):
        (spec,) = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"].values()
        found[path.parts[-3]] = spec["options"]
    return found


def _statistics() -> Iterator[str]:
    """Yield the names that playbooks and roles leave for the job and the workflow."""
    for path in (*ROOT.glob("playbooks/**/*.yml"), *ROOT.glob("roles/*/tasks/*.yml")):
        yield from _set(yaml.safe_load(path.read_text(encoding="utf-8")))


def _set(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from _set(each)
    elif isinstance(node, dict):
        data = node.get("ansible.builtin.set_stats", {}).get("data", {})
        # It may be one of several mappings, which are the task's variables.
        for names in [data] if isinstance(data, dict) else node["vars"].values():
            yield from names
        for each in node.values():
            yield from _set(each)


class _Dumper(yaml.SafeDumper):
    """Indents lists, as yamllint wants them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002
        super().increase_indent(flow, False)


def text() -> str:
    """Return the file as it should be."""
    return HEAD + yaml.dump(interface(), Dumper=_Dumper, sort_keys=False, width=10_000)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
