# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/picture.svg is what is drawn today, of all connections that the demo declares."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import yaml
from lxml import etree

sys.path.insert(0, str(Path(__file__).parents[2] / "demo"))

import picture as demo_picture

ROOT = Path(__file__).parents[3]


def test_the_picture_is_current() -> None:
    assert (ROOT / "docs" / "picture.svg").read_text(encoding="utf-8") == demo_picture.drawn()


def test_it_is_the_demo_s_server_and_its_callers() -> None:
    titles = "\n".join(etree.parse(ROOT / "docs" / "picture.svg").xpath("//*[local-name()='title']/text()"))
    text = (ROOT / "tests" / "demo" / "connections.yml").read_text(encoding="utf-8")
    declared = yaml.safe_load(text)["zosconnect_connections"]
    names = [one["name"] for one in declared] + [each["name"] for one in declared for each in one.get("clients", ())]
    assert [name for name in names if name not in titles] == []


def test_nothing_of_the_machine_is_in_it() -> None:
    text = json.dumps(json.loads(demo_picture.FOUND.read_text(encoding="utf-8")))
    assert "/tmp" not in text
    assert "password=" not in text
