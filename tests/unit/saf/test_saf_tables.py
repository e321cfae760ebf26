# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables: what listings say, which commands a wish needs, and every sentence."""

from __future__ import annotations

from typing import Any

import pytest
from saf_world import Json, cases, planned, racf, wish

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import plan, racdcert


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
def test_the_commands_that_a_wish_needs(case: Json) -> None:
    system, wished = racf(case.get("racf")), wish(case["wish"])
    found = planned(wished, system)
    assert found.texts == case["commands"]
    assert found.undo == case.get("undo", found.undo)
    assert found.findings == case.get("findings", [])
    assert found.notes == case.get("notes", [])


@pytest.mark.parametrize("case", rows("plans", error=True))
def test_a_wish_that_is_refused(case: Json) -> None:
    with pytest.raises(SecurityError) as caught:
        planned(wish(case["wish"]), racf(case.get("racf")))
    assert str(caught.value) == case["error"].strip()


@pytest.mark.parametrize("case", rows("rendered", error=False))
def test_what_is_rendered_from_a_text(case: Json) -> None:
    found = plan.plan(wish(case["wish"]), racdcert.parse(case.get("listing", "")), complete=False)
    assert found.texts == case["commands"]
    assert found.notes == case.get("notes", [])


@pytest.mark.parametrize("case", rows("rendered", error=True))
def test_what_cannot_be_rendered(case: Json) -> None:
    with pytest.raises(SecurityError) as caught:
        plan.plan(wish(case["wish"]), racdcert.parse(case.get("listing", "")), complete=case.get("complete", False))
    assert str(caught.value) == case["error"].strip()
