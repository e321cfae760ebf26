# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module documents, fragments included, is what it takes."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils import basic

PLUGINS = Path(__file__).parents[2] / "plugins"
COLLECTION = "zosconnect.security"
PACKAGE = f"ansible_collections.{COLLECTION}.plugins"
NAMES = sorted(path.stem for path in (PLUGINS / "modules").glob("*.py"))
ACTIONS = {path.stem for path in (PLUGINS / "action").glob("*.py")}

Options = dict[str, dict[str, Any]]


class Taken(Exception):
    """Carries what a module would be called with; its arguments are AnsibleModule's."""


@cache
def documentation() -> dict[str, Options]:
    """Return the documented options of each module, as ansible-doc puts them together."""
    names = [f"{COLLECTION}.{name}" for name in NAMES]
    command = [sys.executable, "-m", "ansible", "doc", "--type", "module", "--json", *names]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {name.rpartition(".")[2]: told["doc"].get("options") or {} for name, told in json.loads(shown).items()}


def taken(name: str, monkeypatch: pytest.MonkeyPatch) -> Options:
    """Return the argument specification: of the action where there is one, else of the module."""
    if name in ACTIONS:
        arguments: Options = importlib.import_module(f"{PACKAGE}.action.{name}").ActionModule.ARGUMENTS
        return arguments
    module = importlib.import_module(f"{PACKAGE}.modules.{name}")

    def caught(argument_spec: Options, *, add_file_common_args: bool = False, **_others: Any) -> None:
        raise Taken({**argument_spec, **(basic.FILE_COMMON_ARGUMENTS if add_file_common_args else {})})

    monkeypatch.setattr(module, "AnsibleModule", caught)
    with pytest.raises(Taken) as spec:
        module.main()
    options: Options = spec.value.args[0]
    return options


def said(options: Options, *, of_action: bool) -> Options:
    """Return what both a specification and its documentation say."""
    return {
        name: {
            # An action gets paths of the target as text: as paths the controller would put its own home for ~.
            "type": "path (text)" if of_action and option.get("type") == "path" else option.get("type", "str"),
            "required": option.get("required", False),
            **{key: option.get(key) for key in ("elements", "default")},
            **{key: sorted(option.get(key) or ()) for key in ("choices", "aliases")},
            "options": said(option.get("options") or option.get("suboptions") or {}, of_action=of_action),
        }
        for name, option in options.items()
    }


def as_text(options: Options) -> Options:
    """Return documented options as an action takes them."""
    return {
        name: {
            **option,
            "type": "str" if option["type"] == "path" else option["type"],
            "elements": "str" if option.get("elements") == "path" else option.get("elements"),
            "suboptions": as_text(option.get("suboptions") or {}),
        }
        for name, option in options.items()
    }


@pytest.mark.parametrize("name", NAMES)
def test_what_is_documented_is_what_it_takes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    of_action = name in ACTIONS
    takes, options = taken(name, monkeypatch), documentation()[name]
    # What may be text as well is read by the engine; what is documented of it, test_connections_documented.py compares.
    read = {key for key, option in options.items() if option.get("suboptions") and takes[key].get("type") == "raw"}
    options = {key: {"type": "raw"} if key in read else option for key, option in options.items()}
    assert said(takes, of_action=of_action) == said(as_text(options) if of_action else options, of_action=of_action)


def test_every_action_is_documented() -> None:
    assert set(NAMES) >= ACTIONS
