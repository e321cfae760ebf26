# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The declarations in the pages that people copy are accepted as they stand there."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from connection_world import Json

from ansible_collections.zosconnect.security.plugins.filter.connection_plan import connection_plan

ROOT = Path(__file__).parents[3]
OAS3 = "<server><featureManager><feature>zosconnect:zosConnect-3.0</feature></featureManager>"
ORDERS = '<webApplication id="orders" location="orders.war"/></server>'
SERVERS = {"docs/OPENAPI3.md": OAS3 + ORDERS}


def seen(directory: str, text: str) -> Json:
    """What target_read returns of a server of one file."""
    content = base64.b64encode(text.encode()).decode()
    return {"files": [{"path": f"{directory}/server.xml", "state": "file", "content": content}], "folders": []}


def examples() -> Iterator[tuple[str, Json]]:
    for page in ("README.md", "docs/OPENAPI3.md", "roles/connections/README.md"):
        for block in re.findall(r"```yaml\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL):
            if "zosconnect_connections:" in block:
                yield page, yaml.safe_load(block)


def test_there_are_some() -> None:
    assert [page for page, _ in examples()] == ["README.md", "docs/OPENAPI3.md", *["roles/connections/README.md"] * 2]


@pytest.mark.parametrize(("page", "example"), [*examples()])
def test_an_example_is_accepted(page: str, example: Json) -> None:
    declared = example["zosconnect_connections"]
    made = connection_plan(
        declared,
        example.get("connections_identity_rule"),
        server=seen(declared[0]["server_dir"], SERVERS.get(page, "<server/>")),
        zos_release=example.get("connections_zos_release"),
    )
    endpoints = [one["name"] for one in declared if "endpoint" in one]
    assert [one["connection"] for one in made["connections"]] == [
        one["name"] for one in declared if one["name"] not in endpoints
    ]
    assert [one["connection"] for one in made["endpoints"]] == endpoints
