# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table outbound.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import outbound, texts

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("outbound.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    assert set(case) <= {"name", "xml", "attls", "calls", "whole", "trust"}
    effective, _files = texts.effective(f"<server>\n{case['xml']}\n</server>")
    told = outbound.report(effective, case.get("attls", ()))
    assert [f"{call['url']} ({call['origin']}): {call['verdict']}" for call in told] == case["calls"]
    if "whole" in case:
        assert told == [case["whole"]]
    if "trust" in case:
        assert [call["trust_store"] for call in told] == case["trust"]
        assert [call["verify_host_name"] for call in told] == [False]
