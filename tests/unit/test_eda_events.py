# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of events: of reports as they are written, of what monitors send, and of what nobody can mean."""

from __future__ import annotations

import asyncio
import json
import runpy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

Json = dict[str, Any]
EDA = Path(__file__).parents[2] / "extensions" / "eda"
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "report.schema.json").read_text(encoding="utf-8"))
FILTER = runpy.run_path(str(EDA / "plugins" / "event_filter" / "certificates.py"))
SOURCE = runpy.run_path(str(EDA / "plugins" / "event_source" / "report_file.py"))
REPORT = {"format": "zosconnect.security report", "format_version": 1}


def events(event: object) -> list[Json]:
    found: list[Json] = FILTER["main"](event)
    return found


def ends(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days, minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


def host(name: str, *ending: str | None, state: str = "explained") -> Json:
    certificates = [{"store": f"{n}.p12", "alias": "server", "not_after": when} for n, when in enumerate(ending)]
    return {"host": name, "state": state, "certificates": certificates}


def test_a_report_makes_an_event_for_each_host_with_certificates() -> None:
    hosts = [
        host("one", ends(40), ends(3), None),
        host("two", None),
        host("three", ends(-2)),
        {"host": "four", "state": "unreachable", "message": "gone"},
    ]
    found = [one["ending"] for one in events({"payload": {**REPORT, "hosts": hosts}, "meta": {}})]
    assert [(one["host"], one["days_left"]) for one in found] == [("one", 3), ("three", -2)]
    assert [(one["store"], one["days_left"]) for one in found[0]["certificates"]] == [("1.p12", 3), ("0.p12", 40)]


def test_it_reads_what_the_schema_of_the_report_says() -> None:
    properties = SCHEMA["properties"]
    assert (properties["format"]["const"], properties["format_version"]["const"]) == (
        FILTER["FORMAT"],
        FILTER["VERSION"],
    )
    assert {"host", "state"} <= set(SCHEMA["$defs"]["host"]["required"])
    assert {"store", "alias", "not_after"} <= set(SCHEMA["$defs"]["certificate"]["required"])


def test_a_monitor_sends_a_host_and_a_time() -> None:
    (event,) = events({"payload": {"host": "zceesrv1.example.com", "not_after": ends(12), "job": "blackbox"}})
    assert (event["ending"]["host"], event["ending"]["days_left"]) == ("zceesrv1.example.com", 12)


WRONG: list[tuple[object, str]] = [
    ([1], "it is no mapping; send a report, or a mapping with host and not_after."),
    (
        {"problem": "the report x cannot be read: No such file or directory."},
        "the report x cannot be read: No such file or directory.",
    ),
    ({"host": "one"}, "not_after of one is missing, and must be a time in UTC, such as 2027-01-15T00:00:00Z."),
    (
        {"host": "one", "not_after": None},
        "not_after of one is missing, and must be a time in UTC, such as 2027-01-15T00:00:00Z.",
    ),
    (
        {"host": "one", "not_after": 7},
        "not_after of one is 7, and must be a time in UTC, such as 2027-01-15T00:00:00Z.",
    ),
    (
        {"host": "one", "not_after": "soon"},
        "not_after of one is 'soon', and must be a time in UTC, such as 2027-01-15T00:00:00Z.",
    ),
    ({"server": "one"}, "host is missing, and must be the name of a host in the inventory."),
    ({"host": "all:!x", "not_after": "x"}, "host is 'all:!x', and must be the name of a host in the inventory."),
    ({"host": "{{ x }}", "not_after": "x"}, "host is '{{ x }}', and must be the name of a host in the inventory."),
    ({"host": ["one"], "not_after": "x"}, "host is a list, and must be the name of a host in the inventory."),
    ({"format": "SARIF"}, "its format is 'SARIF', and not 'zosconnect.security report'."),
    (
        {**REPORT, "format_version": 2},
        "the report has format_version 2, and 1 is read here; let one version of the collection write and read it.",
    ),
    (
        {"format": "zosconnect.security report"},
        "the report has format_version missing, and 1 is read here; let one version of the collection write and read it.",
    ),
    (REPORT, "hosts of the report is no list."),
    ({**REPORT, "hosts": [7]}, "hosts[0] of the report is no mapping."),
    (
        {**REPORT, "hosts": [{"host": "a b"}]},
        "hosts[0] of the report is 'a b', and must be the name of a host in the inventory.",
    ),
    (
        {**REPORT, "hosts": [{"host": "one", "state": "explained"}]},
        "certificates of hosts[0] of the report is no list.",
    ),
    (
        {**REPORT, "hosts": [{"host": "one", "state": "explained", "certificates": [7]}]},
        "a certificate of hosts[0] of the report is no mapping.",
    ),
]


@pytest.mark.parametrize(("payload", "sentence"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_what_cannot_be_meant_renews_nothing(payload: object, sentence: str) -> None:
    assert events({"payload": payload}) == [{"problem": f"This event renews nothing: {sentence}"}]


def test_a_report_that_is_not_there_or_is_none(tmp_path: Path) -> None:
    path = tmp_path / "look.json"
    read = SOURCE["read"]
    assert read(path) == {"problem": f"the report {path} cannot be read: No such file or directory."}
    path.write_text("{", encoding="utf-8")
    assert read(path) == {"problem": f"the report {path} is not JSON in UTF-8."}
    path.write_text("[]", encoding="utf-8")
    assert read(path) == {"problem": f"the report {path} is no mapping."}
    with path.open("wb") as large:
        large.truncate(SOURCE["LARGEST"] + 1)
    assert read(path) == {"problem": f"the report {path} is larger than 67,108,864 bytes."}
    path.write_text(json.dumps(REPORT), encoding="utf-8")
    assert read(path) == REPORT


@pytest.mark.parametrize("every", ["", "0", "soon", -1])
def test_how_often_must_be_a_number(every: object) -> None:
    sentence = f"report_file: every is {every!r}, and must be a number of seconds, 1 or more."
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        asyncio.run(SOURCE["main"](asyncio.Queue(), {"path": "", "every": every}))


def test_the_source_reads_again_and_again(tmp_path: Path) -> None:
    path = tmp_path / "look.json"

    async def twice() -> list[Json]:
        queue: asyncio.Queue[Json] = asyncio.Queue()
        task = asyncio.create_task(SOURCE["main"](queue, {"path": str(path), "every": "1"}))
        first = await queue.get()
        path.write_text(json.dumps(REPORT), encoding="utf-8")
        found = [first, await queue.get()]
        task.cancel()
        return found

    first, second = asyncio.run(twice())
    assert "problem" in first
    assert second == REPORT


def test_both_rulebooks_differ_by_what_they_start_only() -> None:
    by_playbook, by_template = (
        yaml.safe_load((EDA / "rulebooks" / f"{name}.yml").read_text(encoding="utf-8"))[0]
        for name in ("renew", "renew_by_job_template")
    )
    assert by_playbook["sources"] == by_template["sources"]
    assert by_playbook["rules"][1] == by_template["rules"][1]
    started = [one["rules"][0].pop("actions") for one in (by_playbook, by_template)]
    assert by_playbook["rules"][0] == by_template["rules"][0]
    assert [list(one[0]) for one in started] == [["run_playbook"], ["run_job_template"]]
