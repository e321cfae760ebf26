# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables: what listings say, which commands lead to what is desired, and every sentence."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from racf import Racf
from saf_world import Json, cases, planned, racf, want, without_ring

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import commands, plan, racdcert, report


def rows(name: str, *, error: bool) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in cases(name) if ("error" in case) is error]


@pytest.mark.parametrize("case", rows("listings", error=False))
def test_what_a_listing_says(case: Json) -> None:
    shown = racdcert.shown(racdcert.parse(case["text"]))
    assert {key: shown[key] for key in case["says"]} == case["says"]


@pytest.mark.parametrize("case", rows("listings", error=True))
def test_a_listing_that_is_not_taken(case: Json) -> None:
    with pytest.raises(SecurityError) as caught:
        racdcert.parse(case["text"])
    assert str(caught.value) == case["error"].strip()


@pytest.mark.parametrize("case", rows("plans", error=False))
def test_the_commands_that_lead_to_what_is_desired(case: Json) -> None:
    system, wanted = racf(case.get("racf")), want(case["desired"])
    found = planned(wanted, system)
    assert found.texts == case["commands"]
    assert found.undo == case.get("undo", found.undo)
    assert found.findings == case.get("findings", [])
    assert found.notes == case.get("notes", [])
    assert found.operator_commands == []


@pytest.mark.parametrize("case", rows("plans", error=True))
def test_what_is_refused(case: Json) -> None:
    with pytest.raises(SecurityError) as caught:
        planned(want(case["desired"]), racf(case.get("racf")))
    assert str(caught.value) == case["error"].strip()


@pytest.mark.parametrize("case", rows("server_access", error=False))
def test_the_access_of_a_server_and_its_callers(case: Json) -> None:
    system, wanted = racf(case.get("racf")), without_ring(case["desired"])
    before = copy.deepcopy(system.profiles)
    found = planned(wanted, system)
    assert found.texts == case["commands"]
    assert found.undo == case.get("undo", found.undo)
    assert found.findings == case.get("findings", [])
    assert found.notes == case.get("notes", [])
    assert found.operator_commands == case.get("operator_commands", [])

    run_all(system, found.texts)
    assert planned(wanted, system).texts == [], "twice is once"
    run_all(system, found.undo)
    assert {kind: one for kind, one in system.profiles.items() if one} == before


def run_all(system: Racf, texts: list[str]) -> None:
    for text in texts:
        assert system.run(text)[0] <= 4, text


@pytest.mark.parametrize("case", rows("server_access", error=True))
def test_what_is_refused_of_the_access_of_a_server(case: Json) -> None:
    with pytest.raises(SecurityError) as caught:
        planned(without_ring(case["desired"]), racf(case.get("racf")))
    assert str(caught.value) == case["error"].strip()


@pytest.mark.parametrize("case", rows("rendered", error=False))
def test_what_is_rendered_from_a_text(case: Json) -> None:
    found = plan.plan(want(case["desired"]), racdcert.parse(case.get("listing", "")), complete=False)
    assert found.texts == case["commands"]
    assert found.notes == case.get("notes", [])
    assert commands.undo_script(found.steps).splitlines() == case.get("undo_script", "").splitlines()


@pytest.mark.parametrize("case", rows("rendered", error=True))
def test_what_cannot_be_rendered(case: Json) -> None:
    with pytest.raises(SecurityError) as caught:
        plan.plan(want(case["desired"]), racdcert.parse(case.get("listing", "")), complete=case.get("complete", False))
    assert str(caught.value) == case["error"].strip()


def test_a_diff_shows_what_is_not_on_the_ring_too() -> None:
    clients = [{"user": "A", "label": "a", "data_set": "H.A"}, {"user": "B", "label": "b", "subject": "O=B"}]
    found = planned(want({"clients": clients}), Racf())
    assert report.diff(found) == {
        "before": "",
        "after": (
            "ring LIBSERV/Zcee\nRACDCERT ID(A) ADD('H.A') TRUST WITHLABEL('a')\n"
            "RACDCERT ID(B) MAP WITHLABEL('b') TRUST SDNFILTER('O=B')\n"
        ),
    }
