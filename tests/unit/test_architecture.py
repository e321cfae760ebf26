# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/ARCHITECTURE.md names every module that is there and no other, and its picture is what test_imports.py holds."""

from __future__ import annotations

import re
import runpy
from collections import defaultdict
from pathlib import Path

import pytest

from tests.unit.test_imports import FLOORS

ROOT = Path(__file__).parents[2]
PLUGINS = ROOT / "plugins"
SECTION = (
    (ROOT / "docs/ARCHITECTURE.md").read_text(encoding="utf-8").partition("\n## The rooms\n")[2].partition("\n## ")[0]
)
ROWS = [row.split("|")[1:3] for row in SECTION.splitlines() if row.startswith(("| `plugin_utils/", "| `module_utils/"))]


def named() -> dict[str, set[str]]:
    """Return by folder the names between backticks: a folder's row names its modules, other rows name one or two."""
    found: dict[str, set[str]] = defaultdict(set)
    for place, contents in ROWS:
        for path in re.findall(r"`([a-z_/.]+)`", place):
            folder, file = path.rpartition("/")[::2]
            if file:
                found[folder or "plugin_utils"].add(file)
            else:
                found[folder] |= set(re.findall(r"`([^`]+)`", contents))
                found[folder.rpartition("/")[0]].add(f"{folder.rpartition('/')[2]}/")
    return found


def present(folder: str) -> set[str]:
    """Return the modules of a folder as the page names them: files of plugin_utils itself have their suffix."""
    suffix = ".py" if folder == "plugin_utils" else ""
    files = {f"{path.stem}{suffix}" for path in (PLUGINS / folder).glob("*.py") if path.stem != "__init__"}
    return files | {f"{path.parent.name}/" for path in (PLUGINS / folder).glob("*/__init__.py")}


@pytest.mark.parametrize("folder", sorted({*named(), "plugin_utils"} - {""}))
def test_the_page_names_the_modules_that_are_there(folder: str) -> None:
    on_the_page, there = named()[folder], present(folder)
    assert (sorted(there - on_the_page), sorted(on_the_page - there)) == ([], [])


def test_the_picture_shows_the_floors_that_the_imports_keep() -> None:
    picture = SECTION.split("```")[1]
    floors = [set(line.split()) for line in picture.splitlines() if re.fullmatch(r"[a-z_ ]+", line.strip())]
    assert floors[: len(FLOORS)] == list(map(set, FLOORS))


def test_the_picture_s_ground_floor_exists() -> None:
    (line,) = [line for line in SECTION.splitlines() if line.strip().endswith("…")]
    assert {f"{name}.py" for name in line.split()[:-1]} <= present("plugin_utils")


def test_each_integration_test_is_in_one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tests" / "utils"))
    parts = runpy.run_path(str(ROOT / "tests" / "utils" / "stages.py"))["INTEGRATION"]
    found = [path for _title, files in parts.values() for path in (ROOT / "tests" / "integration").glob(files)]
    assert sorted(found) == sorted((ROOT / "tests" / "integration").glob("test_*.py"))
