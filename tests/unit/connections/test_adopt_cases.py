# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table adopt.yml: what is there, the declaration as a file of variables, and what it cannot say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import adopt_world
import pytest
import yaml

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt import rings, written
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.adopted import (
    Adopted,
    Settings,
    adopted,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "cases" / "adopt.yml").read_text(encoding="utf-8")
)


def found(case: dict[str, Any]) -> Adopted:
    policies = {
        side: "".join(adopt_world.rule(*each) for each in rules) for side, rules in case.get("policies", {}).items()
    }
    files = {**adopt_world.server_xml(case["xml"]), **case.get("files", {})}
    if "features" in case:
        files["server.xml"] = f"<server>\n{case['features']}\n{case['xml']}\n</server>\n"
    there = adopt_world.present(files, policies, tuple(case.get("archives", ())), case.get("csd"), case.get("stores"))
    settings = {**case.get("settings", {}), "rings": rings.read(case.get("rings", ""), None)}
    return adopted(there, Settings(**settings))


RINGS = [case for case in CASES if "rings" in case]
CASES = [case for case in CASES if "rings" not in case]


@pytest.mark.parametrize("case", RINGS, ids=[case["name"] for case in RINGS])
def test_what_a_listing_of_key_rings_tells(case: dict[str, Any]) -> None:
    made = found(case)
    told = {str(each.plain()["name"]): dict(each.origins()).get("server_tls", "") for each in made.connections}
    assert told == case["shown"]


def test_a_text_that_lists_no_rings() -> None:
    assert rings.read(" \n", None) == rings.Rings()
    with pytest.raises(SecurityError) as caught:
        rings.read("no listing", None)
    assert str(caught.value) == (
        "ring_listing: listing line 1: 'no listing' is not part of any listing; give the output of RACDCERT LISTRING, LIST, "
        "LISTMAP, RLIST, LISTUSER, LISTGRP or SETROPTS LIST from its first line."
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    assert set(case) <= {
        "name",
        "xml",
        "files",
        "features",
        "policies",
        "settings",
        "archives",
        "csd",
        "stores",
        "yaml",
        "unsaid",
    }
    made = found(case)
    text = written.text("zosconnect_connections", made.connections, [])
    assert text.removeprefix("---\nzosconnect_connections:").lstrip("\n") == case.get("yaml", " []\n")
    assert [each.sentence for each in made.unsaid] == case.get("unsaid", [])
    assert yaml.safe_load(text)["zosconnect_connections"] == made.plain()
