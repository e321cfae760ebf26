# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table ports.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import ports, texts

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("ports.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    assert set(case) <= {"name", "xml", "files", "attls", "ports", "clients"}
    files = {"server.xml": f"<server>\n{case['xml']}\n</server>", **case.get("files", {})}
    effective, _files = texts.effective(files)
    told = ports.report(effective, case.get("attls", ()))
    lines = [f"{p['host']}:{p['port']} {p['protocol']} ({p['origin']}): {p['verdict']}" for p in told]
    assert lines == case["ports"]
    if "clients" in case:
        assert [port["client_authentication"] for port in told] == case["clients"]
