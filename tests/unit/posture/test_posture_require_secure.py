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
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import require_secure, texts

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


def effective(xml: str, **files: str) -> Effective:
    return texts.effective({"server.xml": f"<server>{xml}</server>", **files})[0]


def feature(name: str) -> str:
    return f"<featureManager><feature>{name}</feature></featureManager>"


class TestWhatMayBeCalled:
    """A doubt is a yes: without the feature nobody calls it, and what was not read may bring the feature."""

    @pytest.mark.parametrize(
        ("xml", "answers"),
        [
            (feature("zosconnect:apiRequester-1.0"), [True, True, True]),
            (feature("zosconnect:zosConnect-2.0"), [False, True, True]),
            (feature("usr:mine-1.0"), [True, True, True]),
            (feature("jsp-2.3"), [False, False, False]),
            (feature("jsp-2.3") + '<include location="http://h/x.xml"/>', [True, True, True]),
        ],
    )
    def test_by_the_features(self, xml: str, answers: list[bool]) -> None:
        assert [require_secure.may_be_called(effective(xml), side) for side in require_secure.SIDES] == answers

    def test_people_call_them_by_these_names(self) -> None:
        assert [side.title for side in require_secure.SIDES] == ["API requester", "API", "service"]

    @pytest.mark.parametrize(
        ("xml", "decided"),
        [
            ("", (True, "default")),
            ('<zosconnect_zosConnectManager requireSecure="false"/>', (False, require_secure.MANAGER)),
            (
                '<zosconnect_zosConnectManager requireSecure="false"/><zosconnect_apiRequesters requireSecure="true"/>',
                (True, "zosconnect_apiRequesters"),
            ),
        ],
    )
    def test_those_that_no_file_names(self, xml: str, decided: tuple[bool, str]) -> None:
        found = require_secure.of_others(effective(xml), require_secure.SIDES[0])
        assert (found.value, found.scope) == decided

    def test_an_archive_alone_has_no_place_in_a_file(self) -> None:
        xml = '<server>\n<zosconnect_apiRequesters><apiRequester name="orders"/></zosconnect_apiRequesters></server>'
        files = {"/s/server.xml": xml, "/s/resources/zosconnect/apiRequesters/stock.ara": ""}
        given, seen = texts.effective({name.removeprefix("/s/"): text for name, text in files.items()})
        told = require_secure.report(given, seen, ".")["requesters"]
        assert isinstance(told, list)
        assert [(one["name"], one["origin"]) for one in told] == [("orders", "server.xml:2"), ("stock", None)]

    def test_by_default_a_server_lies_at_the_root(self) -> None:
        given, _files = texts.effective({"server.xml": "<server/>"})
        asked: list[str] = []

        class Folder:
            def names(self, folder: str) -> list[str]:
                asked.append(folder)
                return []

        assert [*require_secure.artifacts(given, Folder())] == []  # type: ignore[arg-type]
        require_secure.report(given, Folder())  # type: ignore[arg-type]
        assert set(asked) == {"/resources/zosconnect/apiRequesters"}
