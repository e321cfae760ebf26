# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller is killed, or its connection lost, in the midst of the playbook; `make faults` tries every point."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "faults"))

import controller_world
from controller_run import Judge

pytestmark = [pytest.mark.ansible, pytest.mark.java]

LOST = "What was begun there goes on without the connection; run again, which says what became of it."


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    folder = tmp_path_factory.mktemp("killed")
    with controller_world.worlds(folder) as (world, _silent):
        yield Judge(world)


@pytest.mark.parametrize(
    ("fault", "point", "state", "journal"),
    [
        ("kill", "in exec_command target_read", "old", False),
        ("once", "before exec_command target_apply", "old", False),
        ("kill", "in exec_command target_apply", "new", True),
        pytest.param(
            "lost", "in exec_command target_apply", "new", True, marks=[pytest.mark.both_cores, pytest.mark.chosen]
        ),
        ("kill", "after exec_command target_apply", "new", False),
    ],
)
def test_all_is_old_or_all_is_new(judge: Judge, fault: str, point: str, state: str, *, journal: bool) -> None:
    """What went on alone has come to its end, and the next run says so, ends new, and leaves nothing to do."""
    struck = judge.at(judge.points.index(point) + 1, fault)
    assert struck is not None
    where, case = struck
    assert where == point
    assert (case.judged(), case.state, case.journal) == ([], state, journal)
    if fault != "kill":
        assert LOST in case.ended.output
