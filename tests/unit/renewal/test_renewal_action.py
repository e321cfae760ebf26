# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the action renew makes of another action that lost its connection: that one says ``unreachable`` alone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.zosconnect.security.plugins.action.renew import ActionModule
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.change import Done

LOST = {"unreachable": True, "changed": False, "msg": "zcee1: timed out"}
OPTIONS: dict[str, Any] = {"tsocmd": "/bin/tsocmd", "operator": "tsocmd", "job_name": "", "prefix": "renew_"}


class Lost(ActionModule):
    def run_task(self, *_arguments: object, **_options: object) -> dict[str, Any]:
        return dict(LOST)


@pytest.fixture
def action() -> Lost:
    action = object.__new__(Lost)
    action._task = SimpleNamespace(check_mode=False)
    return action


def test_a_ring_is_not_changed(action: Lost) -> None:
    with pytest.raises(SecurityError) as caught:
        action._change_rings([{"listing": None, "name": "R"}], [{"commands": ["x"]}], OPTIONS, Done())
    assert str(caught.value) == "zcee1: timed out"


class Half(ActionModule):
    """The second ring cannot be changed, or what goes from a store after something came."""

    def _ring(self, ring: Any, options: Any, *, check_mode: bool) -> dict[str, Any]:
        if ring["name"] == "R2":
            raise SecurityError("R2: is refused.")
        return {}

    def _apply(self, parts: Any, reading: Any, options: Any, done: Done) -> bool:
        done.stores.append({"changes": ["one"]})
        return True

    def _ask(self, question: Any, reading: Any) -> dict[str, Any]:
        raise SecurityError("/s/k.p12: is not readable any more.")


def rings(*names: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return [{"listing": None, "name": name} for name in names], [{"commands": ["x"]} for _ in names]


@pytest.mark.parametrize(("names", "problem"), [(("R1", "R2"), "R2: is refused."), (("R2", "R1"), None)])
def test_a_second_ring_is_not_changed(names: tuple[str, ...], problem: str | None) -> None:
    """The first one is changed by then: the result says both. Without any change it is a failure like others."""
    action, done = object.__new__(Half), Done()
    action._task = SimpleNamespace(check_mode=False)
    if problem is None:
        with pytest.raises(SecurityError, match=r"^R2: is refused\.$"), action._telling_what_is_done(done):
            action._change_rings(*rings(*names), OPTIONS, done)
    else:
        with action._telling_what_is_done(done):
            action._change_rings(*rings(*names), OPTIONS, done)
    assert (done.problem or None, done.changed) == (problem, problem is not None)


def test_a_store_cannot_be_read_again_after_it_was_changed() -> None:
    action, done = object.__new__(Half), Done()
    action._task = SimpleNamespace(check_mode=False)
    step: Any = SimpleNamespace(wanted={"path": "/s/k.p12"}, number=0)
    made: Any = SimpleNamespace(parts=lambda: [step], later=lambda: [step])
    reading: Any = SimpleNamespace(again=lambda *_: {}, take=lambda _: None)
    with action._telling_what_is_done(done):
        action._change(made, {}, reading, OPTIONS, done)
    assert (done.problem, done.changed) == ("/s/k.p12: is not readable any more.", True)


def test_a_console_is_not_told(action: Lost) -> None:
    done, last = Done(), {"policies": [], "give": ["configuration"], "version": "2.0"}
    assert action._give(last, OPTIONS, done) == []
    assert done.problem == (
        "zcee1: timed out. The files are changed; run again with renew_tell_again true when it can be given."
    )
    assert done.given == []
