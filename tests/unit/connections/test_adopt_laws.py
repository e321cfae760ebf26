# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Law 10: what was adopted, applied to the server that it was adopted from, changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import adopt_world
import pytest
import yaml
from adopt_servers import servers
from hypothesis import event, given
from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import verification
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt import gather, unchanged
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present

OPTIONS: tuple[dict[str, Any], ...] = ({}, {"job_name": "ZCEE1", "user_id": "ZCEEUSR"}, {"attls_ports": [5004]})
KINDS: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "cases" / "adopt_servers.yml").read_text(encoding="utf-8")
)

# What no declaration can say, so that a connection is left out whose plan would be refused.
REFUSED = (
    "must be a name of letters",
    "must be the name of a host",
    "is not an IP address",
    "does TLS in front of port",
    "inbound: is missing",
    "more than once",
    "Give one of them another name by rule",
    "would accept plain http from everybody",
    "server_address is missing",
)


def provable(declared: list[dict[str, Any]]) -> int:
    """How many of the connections the playbook verify_connections can read, which never looks at the server's files."""
    connections, endpoints = verification.read(declared)
    verification.of_server(endpoints)
    return len(connections) + len(endpoints)


def in_doubt(made: dict[str, Any]) -> list[str]:
    """What was not said because its plan refused it, or would have changed something."""
    return [
        f"{each['what']} {each['reason']}" for each in made["not_expressed"] if each["kind"] in ("refused", "changes")
    ]


@given(servers(), st.sampled_from(OPTIONS))
def test_adopted_is_unchanged(there: Present, options: dict[str, Any]) -> None:
    made = gather.gather(there, options)
    read = yaml.safe_load(made["yaml"])["zosconnect_connections"]
    assert read == made["connections"]
    event(f"{len(read)} connections, {len(in_doubt(made))} doubts")
    assert not any(secret in json.dumps(made) for secret in ("Lz4sLCgwLTs", "changeit"))
    assert [doubt for doubt in in_doubt(made) if not any(words in doubt for words in REFUSED)] == []
    assert provable(read) == len(read)
    if read:
        assert unchanged.check(there, tuple(options.get("attls_ports", ())))(read) is None


@pytest.mark.parametrize("kind", KINDS, ids=[kind["name"] for kind in KINDS])
def test_the_servers_that_people_have_are_adopted_whole(kind: dict[str, Any]) -> None:
    policies = {
        side: "".join(adopt_world.rule(*each) for each in rules) for side, rules in kind.get("policies", {}).items()
    }
    there = adopt_world.present(kind["files"], policies)
    assert there.server is not None
    made = gather.gather(there, kind.get("options", {}))
    assert in_doubt(made) == []
    calls = sum("endpoint" in each for each in made["connections"])
    assert [len(made["connections"]) - calls, calls] == kind["whole"]
    assert unchanged.check(there)(made["connections"]) is None
    assert provable(made["connections"]) == len(made["connections"])
