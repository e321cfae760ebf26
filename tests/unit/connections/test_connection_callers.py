# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Callers of declared connections: what is different for one over what is the same for all."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from connection_world import C1, C2, Json, cases

from ansible_collections.zosconnect.security.plugins.filter.connection_callers import FilterModule, connection_callers

COMMON = {
    "ca": "PEM",
    "client_key": "",
    "client_key_passphrase": "",
    "request_path": "/orders",
    "request_username": "ALL",
    "request_password": "all-secret",
}


def test_it_has_the_name_of_its_documentation() -> None:
    assert FilterModule().filters() == {"connection_callers": connection_callers}


def test_all_callers_are_the_same_unless_said_otherwise() -> None:
    request = {"path": "/orders", "username": "ALL", "password": "all-secret"}
    same = {**COMMON, "request": request}
    assert connection_callers({}, [C2, C1], COMMON) == {"cics": same, "batch": same}


def test_what_is_given_counts_for_its_connection_only_also_where_it_is_empty() -> None:
    own = {"cics": {"client_key": "own-secret", "request_username": ""}, "batch": {"request_path": "/stock"}}
    found = connection_callers(own, [C2, C1], COMMON)
    assert (found["cics"]["client_key"], found["cics"]["request"]) == ("own-secret", {"path": "/orders"})
    assert (found["batch"]["client_key"], found["batch"]["request"]["path"]) == ("", "/stock")
    assert found["batch"]["request"]["username"] == "ALL"


@pytest.mark.parametrize("case", cases("callers"))
def test_the_sentence(case: Json) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        connection_callers(case["own"], [C2, C1], COMMON)
    assert str(caught.value) == f"connection_callers: {case['error']}"
