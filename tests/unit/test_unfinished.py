# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an interrupted run left is done before anything else, and nothing is done beside one that goes on."""

from __future__ import annotations

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils import unfinished
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError


def journal(state: str) -> dict[str, str]:
    return {"directory": f"/{state}", "state": state, "message": f"it is {state}"}


def test_where_something_is_left() -> None:
    assert unfinished.directories([]) == []
    assert unfinished.directories([journal(state) for state in ("none", "old", "new", "mixed")]) == [
        "/old",
        "/new",
        "/mixed",
    ]


@pytest.mark.parametrize("state", ["running", "refused"])
def test_nothing_is_done_beside_a_run_that_goes_on(state: str) -> None:
    with pytest.raises(SecurityError, match=f"^it is {state}$"):
        unfinished.directories([journal("old"), journal(state)])


def test_the_server_is_told_where_it_can_be() -> None:
    assert unfinished.order(["/a"], None) == {"version": 1, "recover": ["/a"], "refresh": {"kind": "operator"}}
    assert unfinished.order(["/a"], {"url": "u"})["refresh"] == {"kind": "mbean", "url": "u"}
