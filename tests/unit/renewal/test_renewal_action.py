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


def test_a_console_is_not_told(action: Lost) -> None:
    done, last = Done(), {"policies": [], "give": ["configuration"], "version": "2.0"}
    assert action._give(last, OPTIONS, done) == []
    assert done.problem == (
        "zcee1: timed out. The files are changed; run again with renew_tell_again true when it can be given."
    )
    assert done.given == []
