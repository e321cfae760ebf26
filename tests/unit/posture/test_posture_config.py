# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter effective_config: the table config.yml."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.filter.effective_config import effective_config

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("config.yml").read_text(encoding="utf-8"))


def part(told: Any, path: str) -> Any:
    for key in path.split("."):
        told = told[int(key)] if isinstance(told, list) else told[key]
    return told


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    assert set(case) <= {"name", "files", "variables", "expect"}
    told = effective_config(case["files"], case.get("variables"))
    assert {path: part(told, path) for path in case["expect"]} == case["expect"]
    assert "marker" not in json.dumps(told)


@pytest.mark.parametrize("given", [None, 5, [], {"server.xml": 5}])
def test_wrong_input(given: object) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        effective_config(given)
    sentence = "needs the text of a server.xml, a mapping of file names to texts, or a result of server_config_info."
    assert str(caught.value) == f"effective_config: {sentence}"


def test_variables_of_another_kind() -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        effective_config("<server/>", ["x=1"])
    assert str(caught.value) == "effective_config: variables: must be a mapping, not a list."
