# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports run downwards only, the engine knows no Ansible and no files, and what runs on a target needs nothing there."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PLUGINS = Path(__file__).parents[2] / "plugins"
OURS = "ansible_collections.zosconnect.security.plugins"

# From the top to the bottom; rooms of one floor do not know each other. All else of plugin_utils is the ground floor,
# whose modules may know each other, and below it is module_utils, which the target shares.
FLOORS = (
    {"action", "filter", "modules"},
    {"action_console", "action_members"},
    {"action_base"},
    {"connections", "diagnose", "renewal", "report"},
    {"posture"},
    {"attls", "clients", "keystore", "liberty", "saf"},
)
GROUND, TARGET = len(FLOORS), len(FLOORS) + 1

# What opens files, starts programs or talks to somebody.
OUTSIDE = {"glob", "os", "pathlib", "shutil", "socket", "subprocess", "tempfile", "urllib"}
# The two that are the way to Ansible, the one that names the controller on which a library is missing, and those that
# keep something for the next tasks and runs.
KNOW_ANSIBLE = {"action_base.py", "variables.py"}
KNOW_OUTSIDE = {"action_base.py", "libraries.py", "own_folder.py", "remembered.py"}

NEWER = {"tomllib"}  # in the standard library, but not in Python 3.9's


def room(parts: list[str]) -> str:
    """Name the room of a module, given by its path below plugins/."""
    return parts[1] if parts[0] == "plugin_utils" else parts[0]


def floor(name: str) -> int:
    """Return how far down a room is."""
    if name == "module_utils":
        return TARGET
    return next((number for number, rooms in enumerate(FLOORS) if name in rooms), GROUND)


def imports(text: str) -> Iterator[tuple[int, str]]:
    """Yield line and whole name of all that a module imports, also inside of functions."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def upwards(path: Path, text: str) -> Iterator[str]:
    """Say which imports of a module do not run downwards."""
    own = room(list(path.with_suffix("").parts))
    for line, name in imports(text):
        if name.startswith(f"{OURS}."):
            other = room(name.removeprefix(f"{OURS}.").split("."))
            beside = own == other or floor(own) == floor(other) == GROUND
            if not beside and floor(own) >= floor(other):
                yield f"{path}:{line}: {own} imports {other}"


def foreign(path: Path, text: str) -> Iterator[str]:
    """Say what a module of the engine imports of Ansible or of the world outside."""
    for line, name in imports(text):
        top = name.partition(".")[0]
        if (top == "ansible" and path.name not in KNOW_ANSIBLE) or (top in OUTSIDE and path.name not in KNOW_OUTSIDE):
            yield f"{path}:{line}: the engine imports {name}"


def missing_there(path: Path, text: str) -> Iterator[str]:
    """Say what code for a target imports that is not there: Python 3.9 and what Ansible sends with a module."""
    for line, name in imports(text):
        brought = name.startswith(("ansible.module_utils.", f"{OURS}.module_utils."))
        top = name.partition(".")[0]
        if not brought and (top in NEWER or top not in sys.stdlib_module_names):
            yield f"{path}:{line}: a target has no {name}"


def modules(*folders: str) -> list[tuple[Path, str]]:
    """List paths below plugins/ and texts of all modules in these folders."""
    paths = sorted(path for folder in folders for path in (PLUGINS / folder).rglob("*.py"))
    return [(path.relative_to(PLUGINS), path.read_text(encoding="utf-8")) for path in paths]


def test_imports_run_downwards() -> None:
    assert [said for path, text in modules(".") for said in upwards(path, text)] == []


def test_the_engine_knows_neither_ansible_nor_files() -> None:
    assert [said for path, text in modules("plugin_utils") for said in foreign(path, text)] == []


def test_the_target_needs_the_standard_library_only() -> None:
    assert [said for path, text in modules("module_utils", "modules") for said in missing_there(path, text)] == []


@pytest.mark.parametrize(("path", "text"), modules("module_utils", "modules"), ids=lambda given: str(given)[:40])
def test_the_target_needs_no_newer_syntax_than_that_of_python_3_9(path: Path, text: str) -> None:
    ast.parse(text, str(path), feature_version=(3, 9))


@pytest.mark.parametrize(
    ("check", "path", "text", "said"),
    [
        (upwards, "plugin_utils/liberty/plan.py", f"from {OURS}.plugin_utils.attls import plan", "liberty imports attls"),
        (upwards, "plugin_utils/attls/plan.py", f"import {OURS}.plugin_utils.posture.rules", "attls imports posture"),
        (upwards, "plugin_utils/posture/plan.py", f"from {OURS}.plugin_utils import connections", "posture imports connections"),
        (upwards, "plugin_utils/posture/plan.py", f"from {OURS}.action import keystore", "posture imports action"),
        (upwards, "plugin_utils/source.py", f"from {OURS}.plugin_utils.saf import plan", "source imports saf"),
        (upwards, "module_utils/ways.py", f"from {OURS}.plugin_utils import errors", "module_utils imports errors"),
        (foreign, "plugin_utils/saf/plan.py", "def f():\n    from ansible import errors", "the engine imports ansible.errors"),
        (foreign, "plugin_utils/saf/plan.py", "import os.path", "the engine imports os.path"),
        (missing_there, "module_utils/ways.py", "import lxml.etree", "a target has no lxml.etree"),
        (missing_there, "module_utils/ways.py", "from ansible.errors import AnsibleError", "a target has no ansible.errors.AnsibleError"),
        (missing_there, "module_utils/ways.py", "import tomllib", "a target has no tomllib"),
    ],
)  # fmt: skip
def test_a_wrong_import_is_found(check: object, path: str, text: str, said: str) -> None:
    assert callable(check)
    (found,) = check(Path(path), text)
    assert found.endswith(f": {said}")


def test_newer_syntax_is_found() -> None:
    with pytest.raises(SyntaxError):
        ast.parse("match x:\n    case 1: pass", feature_version=(3, 9))
