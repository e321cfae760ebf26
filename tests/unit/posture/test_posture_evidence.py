# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Readable lines and evidence, from what server_config_info returns."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.filter.posture_evidence import posture_evidence
from ansible_collections.zosconnect.security.plugins.filter.posture_lines import posture_lines
from ansible_collections.zosconnect.security.plugins.plugin_utils.version import VERSION

PLACE, SHORT = "/srv/server.xml:6 through ${sec}", "server.xml:6 through ${sec}"
WAIVER = {
    "id": "requester-cleartext",
    "place": PLACE,
    "reason": "batch",
    "owner": "Ada",
    "ticket": "SEC-1",
    "expires": "2027-01-31",
}


def finding(**more: Any) -> dict[str, Any]:
    return {
        "id": "requester-cleartext",
        "severity": "high",
        "origin": PLACE,
        "message": "a is open.",
        "waiver": None,
        "waived": False,
        **more,
    }


def result(**more: Any) -> dict[str, Any]:
    """What server_config_info returned for a server with two requesters."""
    default = {"value": True, "scope": "default", "origin": "default"}
    manager = {"value": False, "scope": "zosconnect_zosConnectManager", "origin": PLACE}
    return {
        "server_dir": "/srv",
        "complete": True,
        "zosconnect": {"version": None, "web_applications": []},
        "unseen": [],
        "refused": None,
        "files": [{"path": "/srv/server.xml", "sha256": "abc"}],
        "ports": [
            {
                "endpoint": "own",
                "host": "*",
                "port": 9080,
                "protocol": "http",
                "origin": "default",
                "verdict": "plain http, without TLS",
            }
        ],
        "endpoints": [
            {
                "id": "orders",
                "url": "http://api:80",
                "origin": "/srv/server.xml:9",
                "verdict": "plain http, without TLS",
            }
        ],
        "requesters": [
            {
                "name": "a",
                "origin": "/srv/server.xml:8",
                "verdict": "open",
                "requireSecure": manager,
                "requireAuth": default,
            },
            {"name": "=b", "origin": None, "verdict": "closed", "requireSecure": default, "requireAuth": default},
        ],
        "require_secure": {},
        "findings": [finding()],
        **more,
    }


def told_of(results: dict[str, Any]) -> dict[str, Any]:
    return posture_evidence(list(results), {host: {"r": given} for host, given in results.items()}, "r", "now")


def rows(told: dict[str, Any]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(told["csv"])))


def test_lines() -> None:
    assert posture_lines(result()) == [
        "/srv",
        "ports:",
        "  *:9080 http (own, default): plain http, without TLS",
        "calls:",
        "  http://api:80 (orders, server.xml:9): plain http, without TLS",
        "API requesters:",
        f"  a: open; requireSecure false by zosconnect_zosConnectManager at {SHORT}; requireAuth true by default",
        "  =b: closed; requireSecure true by default; requireAuth true by default",
        "findings:",
        "  high requester-cleartext at server.xml:6 through ${sec}: a is open.",
        "not seen: none",
    ]


@pytest.mark.parametrize(("given", "word"), [({"waived": True}, "waived"), ({"waived": False}, "waiver expired")])
def test_lines_with_a_waiver(given: dict[str, bool], word: str) -> None:
    told = posture_lines(result(findings=[finding(waiver=WAIVER, **given)]))
    assert told[-2].endswith(f"a is open. [{word}: requester-cleartext until 2027-01-31, SEC-1, Ada]")


def test_lines_of_what_liberty_refuses_or_nobody_saw() -> None:
    told = posture_lines(
        result(refused="no XML.", unseen=["x: cannot be read."], ports=[], endpoints=[], requesters=[], findings=[])
    )
    assert told == [
        "/srv",
        "refused: no XML.",
        "ports: none",
        "calls: none",
        "API requesters: none",
        "findings: none",
        "not seen:",
        "  x: cannot be read.",
    ]


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"unreachable": True, "msg": "no route"}, "unreachable: no route"),
        ({"failed": True, "msg": "/srv/server.xml: does not exist."}, "failed: /srv/server.xml: does not exist."),
        ({}, "not run: there is no message"),
    ],
)
def test_lines_without_a_result(given: dict[str, Any], line: str) -> None:
    assert posture_lines(given) == [line]


def test_lines_do_not_steer_a_terminal() -> None:
    """A name of a configuration, and a message, may hold what does."""
    told = posture_lines(result(findings=[finding(message="a\x9b2J\nok: [h] is open.")]))
    assert told[-2].endswith(r"a\x9b2J ok: [h] is open.")
    assert posture_lines({"failed": True, "msg": "/srv/\x1b[2J"}) == [r"failed: /srv/\x1b[2J"]


def test_lines_of_something_else() -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        posture_lines("text")
    assert str(caught.value) == "posture_lines: needs a result of server_config_info."


def test_evidence_rows_are_in_the_order_of_hosts_and_configuration() -> None:
    hostvars = {"z": {"r": result()}, "b": {"r": {"unreachable": True, "msg": "no route"}}, "a": {}}
    told = posture_evidence(["z", "b", "a"], hostvars, "r", "2026-01-01T00:00:00Z")
    assert [(row["host"], row["requester"], row["verdict"]) for row in rows(told)] == [
        ("a", "", "not run"),
        ("b", "", "unreachable: no route"),
        ("z", "a", "open"),
        ("z", "'=b", "closed"),
        ("z", "", "a is open."),
    ]
    assert [(host["host"], host["state"]) for host in told["report"]["hosts"]] == [
        ("a", "not run"),
        ("b", "unreachable"),
        ("z", "explained"),
    ]
    (shown,) = told["report"]["hosts"][2]["findings"]
    assert finding().items() <= shown.items()
    assert told == posture_evidence(["a", "b", "z"], hostvars, "r", "2026-01-01T00:00:00Z")


def test_evidence_of_one_requester() -> None:
    told = told_of({"z": result(findings=[finding(waiver=WAIVER, waived=True)])})
    assert told["report"]["requesters"][0] == {
        "host": "z",
        "requester": "a",
        "verdict": "open",
        "require_secure": "false",
        "decided_by": "zosconnect_zosConnectManager",
        "deciding_line": PLACE,
        "file_sha256": "abc",
        "time": "now",
        "collection_version": VERSION,
        "waivers": "requester-cleartext until 2027-01-31, SEC-1, Ada",
    }
    assert told["report"]["requesters"][1]["waivers"] == ""


def test_an_expired_waiver_is_no_waiver() -> None:
    told = told_of({"z": result(findings=[finding(waiver=WAIVER, waived=False)])})
    assert told["report"]["requesters"][0]["waivers"] == ""


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({"refused": "no XML."}, "no XML."),
        ({"require_secure": {"note": "the port decides."}}, "the port decides."),
        ({}, "no API requester is configured"),
    ],
)
def test_evidence_of_a_server_without_requesters(more: dict[str, Any], verdict: str) -> None:
    told = told_of({"z": result(requesters=[], **more)})
    assert [row["verdict"] for row in told["report"]["requesters"]] == [verdict]


@pytest.mark.parametrize("hosts", ["z", None, 5])
def test_evidence_of_something_else(hosts: object) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        posture_evidence(hosts, {}, "r", "now")
    assert str(caught.value) == "posture_evidence: needs a list of hosts, and hostvars."


def test_a_host_that_nobody_knows_has_no_result() -> None:
    assert posture_evidence(["z"], {}, "r", "now")["report"]["hosts"] == [
        {"host": "z", "state": "not run", "message": "", "verdict": "unknown: not run", "safe": None}
    ]


def test_the_version_is_the_collections() -> None:
    galaxy = yaml.safe_load((Path(__file__).parents[3] / "galaxy.yml").read_text(encoding="utf-8"))
    assert galaxy["version"] == VERSION


def test_only_the_servers_own_directory_is_left_out() -> None:
    unseen = ["/backup/srv/a.xml: does not exist", "/srv2/b.xml: does not exist", "/srv/c.xml: does not exist"]
    assert posture_lines(result(unseen=unseen))[-3:] == [f"  {said}" for said in (*unseen[:2], "c.xml: does not exist")]


def test_the_web_applications_of_openapi_3() -> None:
    one = {"name": "orders", "origin": "/srv/server.xml:7", "connection": None, "connection_origin": None}
    one |= {"verdict": "https on 5002; callers need their role"}
    two = {**one, "name": "stock", "connection": "stockApi", "connection_origin": "/srv/server.xml:9"}
    assert posture_lines(result(zosconnect={"web_applications": [one, two]}))[-3:] == [
        "web applications:",
        "  orders (server.xml:7): https on 5002; callers need their role; names no connection",
        "  stock (server.xml:7): https on 5002; callers need their role; calls stockApi (server.xml:9)",
    ]
    assert "web applications" not in str(posture_lines(result(zosconnect={"web_applications": []})))
