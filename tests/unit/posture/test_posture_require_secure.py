# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter effective_require_secure: the tables require_secure.yml and combinations.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.filter.effective_require_secure import effective_require_secure

HERE = Path(__file__).parent
Case = dict[str, Any]
CASES: list[Case] = yaml.safe_load((HERE / "require_secure.yml").read_text(encoding="utf-8"))
COMBINATIONS: list[Case] = yaml.safe_load((HERE / "combinations.yml").read_text(encoding="utf-8"))
GIVEN = {"name", "text", "files", "requester", "default"}
SIDES = {"lines": "requesters", "apis": "apis", "services": "services"}


def line(entry: dict[str, Any]) -> str:
    secure, auth = (
        f"{str(entry[key]['value']).lower()} by {entry[key]['scope']} at {entry[key]['origin']}"
        for key in ("requireSecure", "requireAuth")
    )
    return f"{entry['name']}: {secure}, auth {auth}"


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: Case) -> None:
    given = case["files"] if "files" in case else case["text"]
    arguments = {key: case[key] for key in ("requester", "default") if key in case}
    if "error" in case:
        with pytest.raises(AnsibleFilterError) as caught:
            effective_require_secure(given, **arguments)
        assert str(caught.value) == f"effective_require_secure: {case['error']}"
        return
    told = effective_require_secure(given, **arguments)
    if "is" in case:
        assert told is case["is"]
        return
    expected = {key: value for key, value in case.items() if key not in GIVEN}
    assert expected, "a case expects something"
    for key, value in expected.items():
        if key in SIDES:
            assert [line(entry) for entry in told[SIDES[key]]] == value
        elif key == "ports":
            assert [f"{port['port']}: {port['verdict']}" for port in told["ports"]] == value
        else:
            assert told[key] == value


def text_of(case: Case) -> str:
    said = {
        scope: "" if case[scope] == "unset" else f'requireSecure="{str(case[scope]).lower()}"'
        for scope in ("manager", "collection", "requester")
    }
    return f"""<server>
        <zosconnect_zosConnectManager {said["manager"]}/>
        <zosconnect_apiRequesters {said["collection"]}>
          <apiRequester name="r" {said["requester"]}/>
        </zosconnect_apiRequesters></server>"""


def test_all_combinations_are_there() -> None:
    assert len({(c["manager"], c["collection"], c["requester"]) for c in COMBINATIONS}) == 27


@pytest.mark.parametrize("case", COMBINATIONS, ids=lambda c: "{manager}-{collection}-{requester}".format(**c))
def test_combination(case: Case) -> None:
    text = text_of(case)
    assert effective_require_secure(text, "r") is case["secure"]
    told = effective_require_secure(text)
    assert told["requesters"][0]["requireSecure"]["scope"] == case["by"]
    # What server_config_info returned is as good as the text.
    assert effective_require_secure({"require_secure": told}, "r") is case["secure"]
    assert effective_require_secure({"require_secure": told}) == told
