# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The small mistakes of `make mutation`: which are made, that each gets into a module that others have imported."""

from __future__ import annotations

import ast
import sys
import types
from pathlib import Path
from typing import Any

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "mutation"))

import mutants
import mutation_run
import within_pytest

SOURCE = '''
"""Documentation."""
from functools import cache
LIMIT = 3
def low(number: int, least: int = 1) -> bool:
    """Documentation."""
    if not number:
        raise ValueError("none")
    return least <= number and number + 1 < LIMIT
class Held:
    kind: str = "plain"
    @property
    def name(self) -> str:
        return "held"
    @cache
    def twice(self) -> list[int]:
        return [each for each in (1, 2) if each > 1]
class Worse(Held):
    def __init__(self) -> None:
        super().__setattr__("kind", "worse")
'''


def made() -> list[mutants.Mutant]:
    return mutants.mutants(ast.parse(SOURCE))


def test_each_kind_is_made_and_declarations_are_left_alone() -> None:
    said = {f"{one.function}: {one.before} -> {one.after}" for one in made()}
    assert said >= {
        ": 3 -> 4",
        "low: 1 -> 2",
        "low: not number -> number",
        "low: raise ValueError('none') -> pass",
        "low: 'none' -> 'noneXX'",
        "low: least <= number -> least < number",
        "low: least <= number -> least > number",
        "low: least <= number and number + 1 < LIMIT -> least <= number or number + 1 < LIMIT",
        "low: number + 1 -> number - 1",
        "low: return least <= number and number + 1 < LIMIT -> return None",
        "Held.name: 'held' -> 'heldXX'",
        "Held.twice: each > 1 -> True",
    }
    assert not [one for one in said if "ocumentation" in one or "plain" in one or "cache" in one or "bool" in one]


def test_keys_are_unique_and_stay_when_other_lines_come() -> None:
    keys = [one.key for one in made()]
    assert len(keys) == len(set(keys))
    assert keys == [one.key for one in mutants.mutants(ast.parse("\n\n" + SOURCE))]


@pytest.fixture
def module() -> Any:
    found = types.ModuleType("ansible_collections.zosconnect.security.made_for_a_test")
    found.__file__ = "made"
    sys.modules[found.__name__] = found
    exec(compile(SOURCE, "made", "exec"), found.__dict__)
    yield found
    del sys.modules[found.__name__]


@pytest.mark.parametrize("one", made(), ids=lambda one: one.key)
def test_each_gets_into_the_functions_that_are_there(module: Any, one: mutants.Mutant) -> None:
    """What another module has imported is the same function object as before."""
    low, held = module.low, module.Held()
    assert held.twice() == [2]  # so that it is remembered

    def seen() -> list[object]:
        found: list[object] = []
        for arguments in ((1,), (2,), (0,), (0, 0), (3,), (1, 1)):
            try:
                found.append(low(*arguments))
            except ValueError as e:
                found.append(str(e))
        return [*found, held.name, held.twice(), module.Worse().kind]

    before = seen()
    within_pytest.put(module, mutants.compiled(SOURCE, "made", one.key), one)
    assert seen() != before


def test_every_target_has_tests_and_is_imported_by_its_name() -> None:
    for one in mutation_run.targets():
        assert one.path.exists(), one.name
        assert one.tests, one.name
        assert [path for path in one.tests if not path.exists()] == []


def test_the_page_counts_what_is_explained_apart() -> None:
    survivor = {"key": "f: 1 -> 2", "function": "f", "line": 7, "before": "a`b", "after": "2"}
    page = mutation_run.page([mutation_run.Row(mutation_run.Target("plugin_utils/redact.py"), 10, 6, 1, [survivor])])
    assert "| `plugin_utils/redact.py` | 10 | 8 | 6 | 1 | 1 | 85.7 % |" in page
    assert "* line 7, `f`: `` a`b `` → `2`" in page
    assert "Survivors" not in mutation_run.page(
        [mutation_run.Row(mutation_run.Target("plugin_utils/redact.py"), 10, 6, 1, [])]
    )


def test_what_the_page_says_of_other_files_stays() -> None:
    survivor = {"line": 7, "function": "f", "before": "a", "after": "b"}
    redact, plan = (mutation_run.Target(f"plugin_utils/{name}.py") for name in ("redact", "liberty/plan"))
    first = mutation_run.page([mutation_run.Row(redact, 10, 6, 1, [survivor]), mutation_run.Row(plan, 5, 0, 0, [])])
    assert first == mutation_run.page(
        [mutation_run.Row(redact, 10, 0, 0, []), mutation_run.Row(plan, 5, 0, 0, [])], first
    )
    second = mutation_run.page([mutation_run.Row(redact, 10, 0, 0, []), mutation_run.Row(plan, 5, 5, 0, [])], first)
    assert [line for line in second.splitlines() if line not in first.splitlines()] == [
        "| `plugin_utils/liberty/plan.py` | 5 | 5 | 5 | 0 | 0 | 100.0 % |"
    ]
    assert mutation_run.page([mutation_run.Row(plan, 5, 5, 0, [])], second).count("\n| `") == 1


def test_what_is_explained_can_still_be_made() -> None:
    reasons = yaml.safe_load(mutation_run.EXPLAINED.read_text(encoding="utf-8"))
    for name, told in reasons.items():
        keys = {
            one.key for one in mutants.mutants(ast.parse(mutation_run.Target(name).path.read_text(encoding="utf-8")))
        }
        assert told.keys() <= keys, name
