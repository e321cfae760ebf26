# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that a playbook takes from variables are refused by the names of these, not by those of a module."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.zosconnect.security.plugins.action.report import ActionModule as Report
from ansible_collections.zosconnect.security.plugins.action.server_config_info import ActionModule as Info
from ansible_collections.zosconnect.security.plugins.plugin_utils import variables
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

SECRET = "Marker-secret"


@pytest.mark.parametrize(
    ("action", "prefix", "given", "says"),
    [
        (
            Info,
            "zosconnect_",
            {"attls": {"prts": [5004]}},
            "zosconnect_attls: 'prts' is not known; did you mean ports?",
        ),
        (
            Info,
            "zosconnect_",
            {"attls": {"ports": ["5004a"]}},
            "zosconnect_attls.ports[0]: must be a whole number, not text.",
        ),
        (Info, "zosconnect_", {"attls": [1]}, "zosconnect_attls: must be a mapping, not a list."),
        (
            Info,
            "zosconnect_",
            {"running": {"password": [SECRET]}},
            "zosconnect_running.password: must be text, not a list.",
        ),
        (
            Report,
            "zosconnect_report_",
            {"formats": ["json", "pdf"]},
            "zosconnect_report_formats: is not one of html, sarif, junit, cbom, csv, json, markdown.",
        ),
    ],
)
def test_a_mistake_is_told_by_the_name_that_the_user_wrote(
    action: Any, prefix: str, given: dict[str, Any], says: str
) -> None:
    with pytest.raises(SecurityError) as raised:
        variables.check(prefix, action.ARGUMENTS, given)
    assert str(raised.value) == says


@pytest.mark.parametrize(
    ("action", "given"),
    [
        (Info, {"attls": {"ports": ["5004", 5005], "job_name": None}, "running": None, "variables": {"a": 1}}),
        (Report, {"formats": ["json", "csv"], "path": "look", "standard": None}),
    ],
)
def test_what_can_be_meant_is_let_through(action: Any, given: dict[str, Any]) -> None:
    variables.check("zosconnect_", action.ARGUMENTS, given)
