# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Callers of declared connections: what is different for one over what is the same for all."""

from __future__ import annotations

import pytest
from connection_world import Json, cases

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.callers import callers
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

COMMON: Json = {
    "ca": "PEM",
    "caller_key": "",
    "request_path": "/orders",
    "request_username": "ALL",
    "request_password": "all-secret",
}
NAMES = ["cics", "batch"]


def test_all_callers_are_the_same_unless_said_otherwise() -> None:
    found = callers({}, NAMES, COMMON)
    assert [one.ca for one in found.values()] == ["PEM", "PEM"]
    login = {"username": "ALL", "password": "all-secret"}
    assert [one.request for one in found.values()] == [{"method": "GET", "path": "/orders", **login}] * 2
    assert found["cics"].variables["caller_key"] == "connections_caller_key"


def test_what_is_given_counts_for_its_connection_only_also_where_it_is_empty() -> None:
    own = {"cics": {"caller_key": "own-secret", "request_username": ""}, "batch": {"request_path": "/stock"}}
    found = callers(own, NAMES, COMMON)
    assert (found["cics"].caller_key, found["cics"].request) == ("own-secret", {"method": "GET", "path": "/orders"})
    assert found["cics"].variables["caller_key"] == "connections_callers.cics.caller_key"
    assert (found["batch"].caller_key, found["batch"].request["path"]) == ("", "/stock")
    assert found["batch"].request["username"] == "ALL"


def test_no_secret_is_shown_by_a_caller() -> None:
    shown = repr(callers({"cics": {"caller_key": "own-secret"}}, NAMES, COMMON))
    assert "secret" not in shown


def test_nothing_given_is_a_request_for_the_root() -> None:
    (caller,) = callers({}, ["cics"], {}).values()
    assert (caller.request, caller.expected_status, caller.has_certificate) == (
        {"method": "GET", "path": "/"},
        (),
        False,
    )


@pytest.mark.parametrize(
    ("given", "statuses"), [(200, (200,)), ("200, 401", (200, 401)), (["200", 401], (200, 401)), ("", ()), ([], ())]
)
def test_statuses_come_as_a_number_a_text_or_a_list(given: object, statuses: tuple[int, ...]) -> None:
    assert callers({}, ["cics"], {"expected_status": given})["cics"].expected_status == statuses


def test_a_password_that_yaml_made_a_number_of_is_text() -> None:
    (caller,) = callers({}, ["cics"], {"request_username": "u", "request_password": 12345678}).values()
    assert caller.request["password"] == "12345678"


@pytest.mark.parametrize("case", cases("callers"))
def test_the_sentence(case: Json) -> None:
    with pytest.raises(SecurityError) as caught:
        callers(case["own"], NAMES, COMMON)
    assert str(caught.value) == case["error"]
