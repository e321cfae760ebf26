# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write docs/docsite/rst/declaration.rst: the keys of a declaration as tables, from the documentation of the module.

python tests/utils/declaration_page.py
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.zosconnect.security.plugins.doc_fragments.declaration import ModuleDocFragment

FILE = Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst" / "declaration.rst"
HEAD = """..
  SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
  SPDX-License-Identifier: GPL-3.0-or-later
  Made by tests/utils/declaration_page.py

.. _ansible_collections.zosconnect.security.docsite.declaration:

Keys of a declaration
=====================

``zosconnect_connections`` is a list; each item is one connection of a server, with these keys. With ``endpoint`` it is a
call of the server, else a port. What is not said of what is there stays as it is. An unknown key is an error.
"""
EXAMPLE = re.compile(r"^For example C\((.*)\)\.$")
Json = dict[str, Any]


def text() -> str:
    """Return the page as it should be."""
    options = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]["connections"]["suboptions"]
    return "\n".join([HEAD, *_table("", options)]) + "\n"


def _table(path: str, options: Json) -> Iterator[str]:
    if path:
        yield from (f"{path}\n{'-' * len(path)}", "")
    yield from (".. list-table::", "   :header-rows: 1", "   :widths: 18 12 14 40 16", "")
    yield from _row("key", "type", "default", "what it says", "example")
    for name, option in options.items():
        yield from _row(f"``{name}``", *_cells(option))
    yield ""
    for name, option in options.items():
        if "suboptions" in option:
            yield from _table(f"{path}.{name}".lstrip("."), option["suboptions"])


def _row(*cells: str) -> Iterator[str]:
    for number, cell in enumerate(cells):
        yield f"   {'* -' if not number else '  -'} {cell}".rstrip()


def _cells(option: Json) -> tuple[str, str, str, str]:
    kind = option["type"] + (f" of {option['elements']}" if "elements" in option else "")
    default = option.get("default")
    shown = "needed" if option.get("required") else "" if default is None else f"``{_yaml(default)}``"
    *told, last = option["description"]
    example = EXAMPLE.match(last)
    words = [*told, *(() if example else (last,))]
    if option.get("choices"):
        words.append("One of " + ", ".join(f"``{choice}``" for choice in option["choices"]) + ".")
    return kind, shown, _rst(" ".join(words)), f"``{example[1]}``" if example else ""


def _yaml(value: Any) -> str:
    return json.dumps(value).replace('"', "")


def _rst(told: str) -> str:
    """Return Ansible's markup as that of the page."""
    told = re.sub(r"P\(zosconnect\.security\.(\w+)#\w+\)", r"``\1``", told)
    told = re.sub(r"O\(connections\[\]\.([\w.]+)\)", r"``\1``", told)
    return re.sub(r"\b[COV]\(([^)]*)\)", r"``\1``", told)


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(text(), encoding="utf-8")
