# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines at the end of a run, and what only a declaration knows."""

from __future__ import annotations

from typing import Any

import pytest
from reported import explained, finding, read

from ansible_collections.zosconnect.security.plugins.plugin_utils.report import declared, summary
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.site import Caller


def test_a_line_for_each_server_the_worst_first() -> None:
    assert summary.lines(read()) == [
        (
            "alpha   NOT SAFE  1 of 1 API requester accepts plain http (server.xml:9); 2 more high findings (host-name-missing); "
            "certificate server: ends in 10 days"
        ),
        "away    unknown   unreachable: no route",
        "broken  unknown   failed: /var/zosconnect/servers/zceesrv1/server.xml: does not exist; correct server_dir.",
        "idle    unknown   not run",
    ]


def test_a_safe_server_says_what_is_there() -> None:
    result = explained()
    result |= {"requesters": [], "findings": [finding(id="x", severity="low"), finding(id="y", severity="low")]}
    assert summary.lines(read({"one": result}, keys={})) == [
        "one  safe      0 API requesters, 2 ports, 1 call; 2 low findings"
    ]


def test_which_files_there_are() -> None:
    assert summary.named("look", [".html", ".sarif", ".md"]) == "Report: look.html (also .sarif .md)"
    assert summary.named("look", [".html"]) == "Report: look.html"
    assert summary.named("look", [".html"], check_mode=True) == "Would write: look.html"


def test_an_artifact_is_short() -> None:
    assert summary.cut("a\n") == "a\n"
    long = summary.cut("one line\n" * 10_000)
    assert len(long) < 21_000
    assert long.endswith("one line\n\nMore did not fit here; the files have all.\n")


def of(connections: Any) -> Any:
    result = explained(attls={"ports": [9080]})
    result["endpoints"][0] |= {"protocol": "https"}
    (server,) = declared.joined(read({"one": result}, keys={}), {"one": connections}).servers
    return server


class TestDeclared:
    def test_who_calls(self) -> None:
        clients = [{"name": "night", "type": "batch"}, {"name": "cics1", "type": "cics"}]
        server = of(
            [
                {
                    "name": "batch",
                    "port": "9080",
                    "caller_tls": "attls",
                    "client_certificate": "required",
                    "clients": clients,
                },
                {"name": "web", "port": 9443, "caller_tls": "cics"},
                {"name": "stock", "endpoint": {"host": "x"}, "client_certificate": "required"},
            ]
        )
        assert [port.callers for port in server.ports] == [
            (Caller("night", "batch", "attls"), Caller("cics1", "cics", "attls")),
            (Caller("web", "cics", "jsse"),),
        ]
        assert [port.client_certificate for port in server.ports] == ["required", "none"]
        assert server.calls[0].client_certificate == "required"

    @pytest.mark.parametrize(
        "given",
        [None, "text", 5, {}, [None], [{"port": None}], [{"port": 9080, "client_certificate": ["x"], "clients": "x"}]],
    )
    def test_what_is_no_declaration_tells_nothing(self, given: Any) -> None:
        assert of(given).ports[0].client_certificate == "unknown"
