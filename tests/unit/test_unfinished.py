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


@pytest.mark.parametrize(
    ("phase", "state", "goes_back"),
    [
        ("placing", "new", True),
        ("placing", "mixed", True),
        ("placing", "old", False),
        ("applied", "new", False),
        ("applied", "mixed", False),
        ("put_back", "old", False),
        (None, "refused", False),
    ],
)
def test_what_the_next_run_puts_back(phase: str | None, state: str, goes_back: bool) -> None:  # noqa: FBT001
    """Only what nobody confirmed goes back."""
    assert unfinished.goes_back([{**journal("none"), "phase": None}, {**journal(state), "phase": phase}]) is goes_back


def test_the_server_is_told_where_it_can_be() -> None:
    assert unfinished.order(["/a"], None) == {"version": 1, "recover": ["/a"], "refresh": {"kind": "operator"}}
    assert unfinished.order(["/a"], {"url": "u"})["refresh"] == {"kind": "mbean", "url": "u"}
