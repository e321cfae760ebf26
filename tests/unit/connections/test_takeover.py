# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a declaration makes of a server that is there, case by case; and that it makes it once."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from connection_world import EMPTY, there
from takeover_world import Json, present, run

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import standing
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover import proof, shared

TABLE: list[Json] = yaml.safe_load((Path(__file__).parent / "cases" / "takeover.yml").read_text(encoding="utf-8"))
ANSWERS = ("error", "files", "policies", "warnings")


def named(cases: list[Json]) -> list[Any]:
    return [pytest.param(case, id=case["title"]) for case in cases]


@pytest.mark.parametrize("case", named(TABLE))
def test_what_is_made_of_it(case: Json) -> None:
    assert run(case) == {key: case[key] for key in ANSWERS if key in case}


@pytest.mark.parametrize("case", named([case for case in TABLE if "files" in case]))
def test_it_is_made_once(case: Json) -> None:
    declared, state = copy.deepcopy(case["declared"]), case.get("state", "present")
    before = present(case)
    made = plan(declared, present=before, state=state)
    server = before.server
    assert server is not None
    asked = {file["path"]: file["elements"] for file in made["files"]}
    content = {**server.content, **proof.planned(asked, server)}
    after = replace(before, server=replace(server, content=content, _effective=None))
    assert plan(declared, present=after, state=state)["files"] == []


def test_a_note_is_data() -> None:
    case = next(case for case in TABLE if case["title"] == "9080 goes when that is said")
    [note] = plan(case["declared"], present=present(case))["notes"]
    assert note == {
        "kind": "plain_http_closed",
        "connection": "cics",
        "what": "http port 9080 of defaultHttpEndpoint",
        "place": "/srv/zceesrv1/server.xml:15",
        "who": [],
        "instead": None,
    }


def test_what_others_use_too_is_told() -> None:
    case = next(case for case in TABLE if case["title"] == "its sslOptions are another's too")
    effective = present(case).effective
    assert effective is not None
    endpoint = effective.by_id("httpEndpoint", "e")
    assert endpoint is not None
    assert shared.shared(effective, endpoint) == {"ssl", "sslOptions", "keyStore", "trustStore"}
    alone = there('<httpEndpoint id="e" httpsPort="1"/><keyStore id="defaultKeyStore" password="x"/>').effective
    assert alone is not None
    assert shared.shared(alone, alone.all("httpEndpoint")[-1]) == set()


def test_what_others_use_of_a_call_is_told() -> None:
    case = next(case for case in TABLE if case["title"] == "a call as it is")
    effective = present(case).effective
    assert effective is not None
    [called] = effective.all("zosconnect_endpointConnection")
    assert shared.of_call(effective, called) == {"ssl", "keyStore", "trustStore"}
    own = there('<ssl id="o" keyStoreRef="k"/><keyStore id="k" password="x"/>').effective
    assert own is not None
    assert shared.of_call(own, called) == set()


def test_nothing_is_there_where_nobody_looked() -> None:
    assert Present().effective is None
    assert (standing.NEW.is_new, standing.NEW_CALL.is_new) == (True, True)
    assert EMPTY.effective is not None
