# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is given for a renewal: each mistake has its sentence, and text does where AWX gives text."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from renewal_world import RENEWED

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.desired import check

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "given.yml").read_text(encoding="utf-8"))


def laid_over(case: dict[str, Any]) -> dict[str, Any]:
    if "entry" in case:
        entry = {"alias": "a", "certificate_content": RENEWED.certificate_pem, **case["entry"]}
        return {"stores": [{"path": "/k.p12", "password": "p", "entries": [entry]}]}
    if "ring" in case:
        return {"rings": [{"owner": "a", "ring": "R", **case["ring"]}]}
    return dict(case["given"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_mistake_has_its_sentence(case: dict[str, Any]) -> None:
    with pytest.raises(SecurityError) as raised:
        check(laid_over(case))
    assert str(raised.value) == case["says"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            {},
            (
                "renew: there is nothing to look at; give renew_server_dir, the directory of a server, or "
                "renew_stores, renew_files or renew_rings."
            ),
        ),
        ({"stores": [{"path": "/k.p12"}]}, "renew_stores[0].password: is missing; it has no default."),
        ({"files": ["/a.pem"], "days": "soon"}, "renew_days: 'soon' is not a number of days."),
    ],
)
def test_the_names_are_those_that_the_user_of_the_role_wrote(given: dict[str, Any], says: str) -> None:
    with pytest.raises(SecurityError) as raised:
        check(given, "renew_")
    assert str(raised.value) == says


def test_text_does_as_well() -> None:
    desired = check({"days": "14", "files": "/a.pem\n/b.pem", "zosconnect_version": 3.0, "server_dir": ""})
    assert (desired.days, desired.files, desired.version) == (14, ("/a.pem", "/b.pem"), "3.0")


def test_lists_may_be_the_text_of_a_survey() -> None:
    store = {
        "path": "/k.p12",
        "password": "p",
        "entries": json.dumps([{"alias": "a", "generate": {"subject": "CN=a"}}]),
    }
    desired = check({"stores": json.dumps([store]), "policies": "- {path: /etc/policy}"})
    assert (desired.stores[0].renewals[0].alias, desired.policies[0].path) == ("a", "/etc/policy")


@pytest.mark.parametrize(
    "until", ["2027-01-31", date(2027, 1, 31), datetime(2027, 1, 31, 5), datetime(2027, 1, 31, 5, tzinfo=UTC)]
)
def test_a_day_as_yaml_makes_it(until: object) -> None:
    entry = {"replaces": "b", "until": until}
    (store,) = check(laid_over({"entry": entry})).stores
    assert store.renewals[0].until == date(2027, 1, 31)


def test_no_secret_is_in_what_python_prints() -> None:
    desired = check(laid_over({"entry": {"privatekey_content": "Marker-k"}}))
    assert "Marker" not in repr(desired)
