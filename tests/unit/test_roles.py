# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every role: its argument specification, defaults and README say the same, and its variables have its name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.utils.role_readme import BEGIN, END, current, roles

ROLES = [pytest.param(role, id=role.name) for role in roles()]


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def options(role: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = specs(role)["variables"]["options"]
    return found


def specs(role: Path) -> dict[str, Any]:
    found: dict[str, Any] = loaded(role / "meta" / "argument_specs.yml")["argument_specs"]
    return found


def texts(given: object) -> Iterator[str]:
    """Give every text in YAML's data, keys as well."""
    if isinstance(given, dict):
        given = [*given.keys(), *given.values()]
    if isinstance(given, list):
        for item in given:
            yield from texts(item)
    elif isinstance(given, str):
        yield given


@pytest.mark.parametrize("role", ROLES)
def test_no_argument_specification_is_evaluated(role: Path) -> None:
    """ansible-core prints what it evaluates for its own check: passwords and keys, when any other variable is wrong."""
    assert [text for text in texts(specs(role)) if "{{" in text or "{%" in text] == []


@pytest.mark.parametrize("role", ROLES)
def test_variables_are_checked_without_showing_any(role: Path) -> None:
    """Neither has ansible-core an entry that it would check by itself, nor is a variable used before our own check."""
    entries = {path.stem for path in (role / "tasks").glob("*.yml")}
    assert specs(role).keys() & entries == set()
    first = {first_action(role, entry) for entry in entries & {"main", "restore", "verify"}}
    assert first == {"zosconnect.security.variables_check"}


def first_action(role: Path, entry: str) -> str:
    """Return what an entry of the role does first, but for forgetting earlier results; other files of tasks are followed."""
    for task in loaded(role / "tasks" / f"{entry}.yml"):
        action = next(key for key in task if "." in key)
        if action.endswith("_tasks"):
            return first_action(role, task[action].removesuffix(".yml"))
        if not action.endswith("set_fact") or any("{{" in text for text in texts(task)):
            return action
    return "nothing"


# A variable that is not given may be as another one, where that is there.
FALLBACK = re.compile(
    r"\{\{ (\w+) if query\('ansible\.builtin\.varnames', '\^\1\$'\)"
    r"(?: else (\w+) if query\('ansible\.builtin\.varnames', '\^\2\$'\))? else (.*) \}\}"
)


@pytest.mark.parametrize("role", ROLES)
def test_what_yaml_makes_a_number_of_has_a_length(role: Path) -> None:
    """A release, a version or a password may come as a number, which has none unless it is made a text."""
    measured = re.compile(r"(\w+|'\w+_' ~ needed\)) \| length")
    names = {name for name, option in options(role).items() if option["type"] == "str" and "path" not in name}
    numbers = {name for name in names if re.search("_(release|version|username|password|port)$", name)}
    for path in sorted((role / "tasks").glob("*.yml")):
        found = set(measured.findall(path.read_text(encoding="utf-8")))
        assert not {name for name in found if name in numbers or name.endswith("needed)")}, path


@pytest.mark.parametrize("role", ROLES)
def test_defaults_are_those_of_the_argument_specification(role: Path) -> None:
    specified = {name: option["default"] for name, option in options(role).items() if not option.get("required")}
    defaults = loaded(role / "defaults" / "main.yml")
    fallbacks = {name: FALLBACK.fullmatch(str(value)) for name, value in defaults.items()}
    assert {
        name: yaml.safe_load(match[3]) if (match := fallbacks[name]) else value for name, value in defaults.items()
    } == specified


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
    used = set(
        re.findall(rf"(?<![.\w]){role.name}_[a-z]\w*", "\n".join(path.read_text(encoding="utf-8") for path in sources))
    )
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


PLAYBOOKS = [
    pytest.param(path, id=path.name) for path in sorted((roles()[0].parents[1] / "playbooks").glob("**/*.yml"))
]
ALL_YAML = [
    path for role in roles() for part in ("tasks", "vars", "defaults") for path in sorted((role / part).glob("*.yml"))
]


@pytest.mark.parametrize(
    "path", [*(pytest.param(path, id=f"{path.parts[-3]}/{path.name}") for path in ALL_YAML), *PLAYBOOKS]
)
def test_no_decision_by_whether_a_variable_is_defined(path: Path) -> None:
    """Of a variable that holds others ansible-core 2.17 says that it is not defined where one of those is not."""
    names = "|".join([*(role.name for role in roles()), "zosconnect"])
    found = re.findall(
        rf"\b(?:{names})_[a-z]\w* is (?:not )?defined|'(?:{names})_\w+' is", path.read_text(encoding="utf-8")
    )
    assert found == []
