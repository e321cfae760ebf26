# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the action report refuses before it writes anything; the rest is in tests/integration/test_report.py."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.zosconnect.security.plugins.action.report import ActionModule, _warnings
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

ABSENT = {
    "state": "absent",
    "real_path": "/x",
    "directory": "/",
    "directory_exists": True,
    "directory_writable": True,
    "user": "ada",
    "obstacle": None,
    "is_led": False,
}


def action(transport: str = "local") -> ActionModule:
    """An action whose target has no file."""

    def answers(_name: str, question: Any) -> dict[str, Any]:
        return {"files": [{**ABSENT, "path": one["path"]} for one in question["files"]]}

    made = ActionModule.__new__(ActionModule)
    made._connection = SimpleNamespace(transport=transport)
    made.run_on_target = answers
    return made


@pytest.mark.parametrize("path", ["", "/x/look", "~/look"])
def test_a_path_from_the_root_stays(path: str) -> None:
    assert action("ssh")._whole("path", path) == path


def test_on_the_controller_it_begins_where_ansible_was_started() -> None:
    assert action()._whole("path", "look") == str(Path.cwd() / "look")


@pytest.mark.parametrize(
    ("transport", "path", "said"),
    [
        ("ssh", "look", "path: look is relative; on another host than the controller it begins with a slash."),
        ("ssh", "/x/", "path: /x/ ends in a slash; give the name of a file, and for path without .html and so on."),
    ],
)
def test_other_paths_are_refused(transport: str, path: str, said: str) -> None:
    with pytest.raises(SecurityError) as caught:
        action(transport)._whole("path", path)
    assert str(caught.value) == said


def test_a_report_to_compare_with_must_be_there() -> None:
    assert list(action()._look(["/x/look.html"], "")) == ["/x/look.html"]
    assert action()._look([], "") == {}
    with pytest.raises(SecurityError) as caught:
        action()._look([], "/x/old.json")
    assert str(caught.value) == "baseline: /x/old.json does not exist; give the PATH.json of an earlier report."


def test_why_key_stores_were_not_looked_at() -> None:
    said = _warnings({"b": {"failed": True, "msg": "no java"}, "a": {"places": []}, "c": {}})
    assert said == {"warnings": ["b: its key stores were not looked at: no java"]}


@pytest.mark.parametrize(
    "given", [["html", "json"], "html, json", "html\njson\n", '["html", "json"]', "- html\n- json"]
)
def test_formats_as_a_survey_gives_them(given: Any) -> None:
    made = ActionModule.__new__(ActionModule)
    made._task, made._load_name = SimpleNamespace(args={"results": {}, "formats": given}), "zosconnect.security.report"
    assert made._options()["formats"] == ["html", "json"]
