# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every variable of a role arrives where the role hands it: in a declared connection, or at a module's option.

The tables in role_variables.yml give each variable a value of its own, so one that went astray would be seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import StrictUndefined
from jinja2.nativetypes import NativeEnvironment

from tests.options_set import mappings
from tests.utils.role_readme import roles

Json = dict[str, Any]
_READ: Json = yaml.safe_load(Path(__file__).with_name("role_variables.yml").read_text(encoding="utf-8"))
TABLES, PLAYBOOKS = _READ["roles"], _READ["playbooks"]
# What an earlier task of a role would have read.
READ = {"renew__texts": {"results": [{"files": [{"path": "/etc/pagent/policy"}]}]}}
ROOT = roles()[0].parents[1]
ROLES = {role.name: role for role in roles()}


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def world(role: str, given: Json) -> World:
    """What a role's task sees: what is given counts before what the role says."""
    return World(
        {**loaded(ROLES[role] / "defaults/main.yml"), **loaded(ROLES[role] / "vars/main.yml"), **READ, **given}
    )


class World:
    """Variables as Ansible has them, each evaluated where it is used."""

    def __init__(self, raw: Json) -> None:
        self.raw = raw
        self.environment = NativeEnvironment(undefined=StrictUndefined)
        self.environment.globals.update(query=self.query, omit="omitted")
        self.environment.filters.update(
            combine=lambda one, other: {**one, **other}, from_yaml=yaml.safe_load, bool=bool
        )

    def query(self, plugin: str, pattern: str) -> list[str]:
        assert plugin == "ansible.builtin.varnames"
        return [name for name in self.raw if re.search(pattern, name)]

    def evaluate(self, given: Any) -> Any:
        if isinstance(given, dict):
            return {key: self.evaluate(value) for key, value in given.items()}
        if isinstance(given, list):
            return [self.evaluate(each) for each in given]
        if not isinstance(given, str) or "{{" not in given:
            return given
        used = [name for name in self.raw if re.search(rf"\b{name}\b", given) and self.raw[name] is not given]
        values = {name: self.evaluate(self.raw[name]) for name in used}
        found = self.environment.from_string(given.strip()).render(values)
        return list(found) if isinstance(found, Iterator) else found


def handed(role: str) -> Json:
    """Return what the role hands to its module, with templates, or the connection that it declares."""
    text = loaded(ROLES[role] / "vars/main.yml")
    if f"{role}__connection" in text:
        connection: Json = text[f"{role}__connection"]
        return connection
    options: Json = {}
    for entry in ("main", *(["verify"] if role == "connections" else [])):
        for task in mappings(loaded(ROLES[role] / f"tasks/{entry}.yml")):
            for module in (role, "connections_verify"):
                given = task.get(f"zosconnect.security.{module}") or {}
                options |= {key: value for key, value in given.items() if key not in options}
    return options


def handed_over(role: str) -> list[Any]:
    """Return the declarations that the role hands over to the role connections, with templates."""
    tasks = [task for path in (ROLES[role] / "tasks").glob("*.yml") for task in mappings(loaded(path))]
    return [task["connections_declared"] for task in tasks if isinstance(task.get("connections_declared"), list)]


@pytest.mark.parametrize("role", TABLES)
def test_every_variable_arrives(role: str) -> None:
    table = TABLES[role]
    assert world(role, table["given"]).evaluate(handed(role)) == table["arrives"]


@pytest.mark.parametrize("role", [role for role in TABLES if "more" in TABLES[role]])
def test_more_connections_are_handed_over_with_it(role: str) -> None:
    (declared,) = {str(each): each for each in handed_over(role)}.values()
    assert world(role, {**TABLES[role]["given"], **TABLES[role]["more"]}).evaluate(declared) == [
        TABLES[role]["arrives"],
        *TABLES[role]["more"].values(),
    ]


def tasks(path: Path) -> Iterator[Json]:
    """The tasks of a playbook or of a file of tasks, with those that it includes."""
    for task in mappings(loaded(path)):
        yield task
        included = task.get("ansible.builtin.include_tasks") or task.get("ansible.builtin.import_tasks")
        if included:
            yield from tasks(path.parent / str(included))


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_every_variable_of_a_playbook_arrives(playbook: str) -> None:
    table = PLAYBOOKS[playbook]
    arrives: Json = {}
    for task in tasks(ROOT / f"playbooks/{playbook}.yml"):
        for module in table["arrives"]:
            for name, value in (task.get(f"zosconnect.security.{module}") or {}).items():
                if set(re.findall(r"zosconnect_\w+", str(value))) & table["given"].keys():
                    arrives.setdefault(module, {})[name] = World(table["given"]).evaluate(value)
    assert arrives == table["arrives"]


@pytest.mark.parametrize("role", TABLES)
def test_each_value_is_its_own(role: str) -> None:
    """Two variables of one value could take each other's place and nobody would see it."""
    said = [repr(value) for value in TABLES[role]["given"].values() if value not in (True, False)]
    assert len(said) == len(set(said))


@pytest.mark.parametrize("role", [role for role in TABLES if "instead" in TABLES[role]])
def test_what_is_not_given_may_come_from_another_variable(role: str) -> None:
    for other, name in TABLES[role]["instead"].items():
        value = f"of {other}"
        given = world(role, {other: value})
        assert given.evaluate(given.raw[name]) == value
        assert world(role, {other: value, name: "own"}).raw[name] == "own"
        assert world(role, {}).evaluate(given.raw[name]) != value


@pytest.mark.parametrize(("open_", "asked", "passes"), [([], True, True), ([{}], True, False), ([{}], False, True)])
def test_a_renewal_fails_over_what_runs_out_only_where_that_was_asked(
    open_: list[Json], *, asked: bool, passes: bool
) -> None:
    (that,) = [
        task["ansible.builtin.assert"]["that"]
        for task in mappings(loaded(ROLES["renew"] / "tasks/main.yml"))
        if "fail_on_open" in str(task.get("ansible.builtin.assert"))
    ]
    given = {"renew_fail_on_open": asked, "renew__done": {"report": {"open": open_}}}
    assert world("renew", given).evaluate(f"{{{{ {that} }}}}") is passes
