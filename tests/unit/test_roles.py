# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every role: its argument specification, defaults and README say the same, and its variables have its name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.utils.role_readme import BEGIN, END, current, roles

ROLES = [pytest.param(role, id=role.name) for role in roles()]


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def options(role: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = loaded(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
    return found


@pytest.mark.parametrize("role", ROLES)
def test_defaults_are_those_of_the_argument_specification(role: Path) -> None:
    specified = {name: option["default"] for name, option in options(role).items() if not option.get("required")}
    assert loaded(role / "defaults" / "main.yml") == specified


@pytest.mark.parametrize("role", ROLES)
def test_a_required_variable_has_no_default(role: Path) -> None:
    assert not [name for name, option in options(role).items() if option.get("required") and "default" in option]


@pytest.mark.parametrize("role", ROLES)
def test_variables_have_the_role_s_name(role: Path) -> None:
    names = [*options(role), *loaded(role / "vars" / "main.yml")]
    assert [name for name in names if not name.startswith(f"{role.name}_")] == []


@pytest.mark.parametrize("role", ROLES)
def test_every_variable_is_used_and_every_used_one_is_known(role: Path) -> None:
    sources = [*(role / "tasks").glob("*.yml"), role / "vars" / "main.yml"]
    used = set(re.findall(rf"\b{role.name}_[a-z]\w*", "\n".join(path.read_text(encoding="utf-8") for path in sources)))
    assert used == set(options(role))


@pytest.mark.parametrize("role", ROLES)
def test_what_sounds_like_a_secret_says_whether_it_is_one(role: Path) -> None:
    """Ansible warns of such names unless no_log is there."""
    telling = re.compile(r"passw|passphrase|secret|_key(_|$)")
    public = ("key_store", "trust_store")
    names = [name for name in options(role) if telling.search(name) and not name.endswith(public)]
    assert [name for name in names if "no_log" not in options(role)[name]] == []


@pytest.mark.parametrize("role", ROLES)
def test_the_readme_is_current(role: Path) -> None:
    text = (role / "README.md").read_text(encoding="utf-8")
    assert (text.count(BEGIN), text.count(END)) == (1, 1)
    assert text == current(role), "run python tests/utils/role_readme.py"


@pytest.mark.parametrize("role", ROLES)
def test_examples_of_the_readme_name_known_variables(role: Path) -> None:
    text = (role / "README.md").read_text(encoding="utf-8")
    used = set(re.findall(rf"\b{role.name}_[a-z]\w*", text))
    assert used - set(options(role)) == set()
