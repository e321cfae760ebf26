# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A renewal in at most six lines."""

from __future__ import annotations

from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal import summary
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.refreshing import OUTAGE

NOTHING: dict[str, Any] = {
    "due": [],
    "open": [],
    "lines": [],
    "changed": [],
    "refresh": [],
    "outage": False,
    "not_seen": [],
}
IN_STATISTICS = "more like this in the statistics zosconnect_renewed"


def lines(*, check_mode: bool = False, **more: Any) -> list[str]:
    return summary.lines({**NOTHING, **more}, 30, check_mode=check_mode)


def refresh(by: str, command: str | None = None, after: str | None = None) -> dict[str, Any]:
    return {"by": by, "command": command, "after": after}


def test_nothing_to_do_is_one_line() -> None:
    assert lines() == ["nothing ends within 30 days"]


def test_what_ends() -> None:
    assert lines(due=[1]) == ["1 certificate ends within 30 days; all have a successor"]
    assert lines(due=[1, 2, 3], open=[2]) == ["3 certificates end within 30 days; nothing new is given for 1"]


def test_there_are_never_more_than_six() -> None:
    many = [f"item {number}" for number in range(10_000)]
    said = lines(
        due=many,
        open=many,
        lines=many,
        changed=many,
        refresh=[refresh("operator", f"F {number}") for number in range(100)],
        outage=True,
        not_seen=many,
    )
    assert said == [
        "10000 certificates end within 30 days; nothing new is given for 10000",
        "item 0",
        f"item 1 (9,998 {IN_STATISTICS})",
        "changed: item 0, item 1, item 2, item 3, item 4, 9,995 more",
        f"In force after: F 0; F 1; F 2; F 3; F 4; 95 more. {OUTAGE}",
        f"not seen: item 0 (9,999 {IN_STATISTICS})",
    ]


def test_who_must_do_something_and_who_need_not() -> None:
    told = [
        refresh("mbean"),
        refresh("polled"),
        refresh("operator", "F Z,X"),
        refresh("operator", "F Z,X"),
        refresh("restart"),
    ]
    assert lines(refresh=told)[1:] == ["In force after: F Z,X; a restart of the server."]
    assert lines(refresh=[refresh("operator", "F PAGENT,UPDATE", "the commands for the ring, in handover")])[1:] == [
        "In force after: F PAGENT,UPDATE after the commands for the ring, in handover."
    ]


def test_check_mode_says_what_would_be() -> None:
    assert lines(check_mode=True, changed=["/a", "/a"])[1:] == ["would change: /a"]
