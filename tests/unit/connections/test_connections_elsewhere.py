# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts of policies and texts that could not be asked: what each row says, and the result of the task."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import elsewhere
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.reading import Places

OPTIONS = {"inbound_policy_host": "lpar1", "outbound_policy_host": "lpar2", "handover_host": "lpar2"}
DECLARED: list[Any] = [
    {"name": "front", "server_tls": "attls"},
    {"name": "below", "caller_tls": "attls"},
    {"name": "plain"},
    {"server_tls": "jsse", "inbound": {}},
]
DOWN = {"unreachable": True, "msg": "lpar1: no route to host"}


def rows(*results: dict[str, Any]) -> list[elsewhere.Row]:
    return elsewhere.rows(results, DECLARED, Places("zcee", "zcee", OPTIONS), "connections_")


@pytest.mark.parametrize(
    ("result", "sentence"),
    [
        (
            {**DOWN, "item": "lpar1"},
            (
                "lpar1: no route to host. lpar1 has the inbound AT-TLS policy, so unproven: front, connections[3]. Make lpar1 "
                "reachable or correct connections_inbound_policy_host, then run this again."
            ),
        ),
        (
            {"unreachable": True, "item": "lpar2"},
            (
                "The host did not say why. lpar2 has the outbound AT-TLS policy and the texts for other teams, so unproven: "
                "below, front, plain, connections[3]. Make lpar2 reachable or correct connections_outbound_policy_host and "
                "connections_handover_host, then run this again."
            ),
        ),
        (
            {"failed": True, "item": "lpar1", "msg": "/p: is a data set. Give a file."},
            "/p: is a data set. Give a file.",
        ),
    ],
)
def test_what_a_row_says(result: dict[str, Any], sentence: str) -> None:
    (row,) = rows(result)
    assert row.sentence == sentence


def test_nothing_was_begun() -> None:
    made = elsewhere.result(rows({**DOWN, "item": "lpar1"}, {"failed": True, "item": "lpar2", "msg": "no."}))
    assert (made["changed"], made["failed"], made["summary"]["verdict"]) == (False, True, "unreachable")
    assert [(row["host"], row["status"]) for row in made["summary"]["hosts"]] == [
        ("lpar1", "unreachable"),
        ("lpar2", "failed"),
    ]
    assert made["msg"] == made["summary"]["sentence"]
    assert "report" not in made


def test_what_was_done_before_stays_told() -> None:
    before = {
        "changed": True,
        "report": {"policies": ["p"], "verdict": "changed"},
        "lines": ["done"],
        "summary": {"worst": []},
    }
    made = elsewhere.result(rows({**DOWN, "item": "lpar1"}), before)
    assert (made["changed"], made["report"]["policies"], made["report"]["verdict"]) == (True, ["p"], "unreachable")
    assert made["report"]["next"] == [
        "Make lpar1 reachable or correct connections_inbound_policy_host, then run this again."
    ]
    assert made["lines"] == [f"UNREACHABLE  lpar1: {made['msg']}", "done"]
    assert elsewhere.result(rows({"failed": True, "item": "lpar1", "msg": "no."}))["summary"]["verdict"] == "failed"
