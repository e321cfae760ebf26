# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the files say beside what a running server reports: the table running.yml."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import running
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import refresh, report, texts

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("running.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    assert set(case) <= {"name", "xml", "server", "differences", "not_compared"}
    effective, _files = texts.effective(f"<server>\n{case['xml']}\n</server>")
    compared = refresh.compare(effective, case["server"])
    told = report.running("https://h", case["server"], compared, secrets=effective.secret_texts)
    keys = ("path", "attribute", "files", "server", "origin")
    assert [[d[key] for key in keys] for d in told["differences"]] == case.get("differences", [])
    assert told["not_compared"] == case.get("not_compared", [])
    assert "marker" not in json.dumps(told) + "".join(map(str, compared.differences))


@pytest.mark.parametrize("answer", ["<html/>", "{}", "[1]", '[{"name": "x"}]'])
def test_what_is_no_report(answer: str) -> None:
    with pytest.raises(SecurityError) as caught:
        running.parse(answer)
    sentence = "what answers there is no Liberty that reports its configuration at /ibm/api/config; correct url."
    assert str(caught.value) == sentence
