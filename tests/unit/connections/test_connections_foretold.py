# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""In check mode: one line on what the server will open and say, all of it with full_results; nothing otherwise."""

from __future__ import annotations

from typing import Any

from run_world import Target

SERVER_XML = "/srv/zceesrv1/server.xml"
SERVER = b"""<server>
  <featureManager><feature>transportSecurity-1.0</feature></featureManager>
  <ssl id="S" keyStoreRef="K" trustStoreRef="K"/>
  <keyStore id="K" location="safkeyring:///R" password="password" type="JCERACFKS"/>
  <httpEndpoint id="defaultHttpEndpoint" httpPort="-1" httpsPort="5002"/>
  <ssl id="other" keyStoreRef="K" securityLevel="XX"/>
</server>"""
SERVING = SERVER.replace(
    b"</server>",
    b"""<ssl id="D" keyStoreRef="K" trustStoreRef="K"/><sslDefault sslRef="D"/>
  <httpEndpoint id="ops" host="localhost" httpPort="-1" httpsPort="9545"/></server>""",
)
DECLARED = {
    "name": "cics",
    "server_dir": "/srv/zceesrv1",
    "port": 5003,
    "client_certificate": "none",
    "key_store": {"location": "safkeyring:///R"},
}


def checked(server: bytes = SERVER, *, pretend: bool = True, **options: Any) -> dict[str, Any]:
    planned = Target({SERVER_XML: server}).plan([DECLARED], **options)
    if pretend:
        planned.pretend()
    return planned.result(None, diff=True)


def foretold(result: dict[str, Any]) -> list[str]:
    return [line for line in result["lines"] if line.startswith("foretold: ")]


def test_one_line_says_what_opens_and_only_what_is_new_is_said() -> None:
    assert foretold(checked()) == ["foretold: 5003 opens"]


def test_a_port_that_stays_is_not_named_and_one_that_changes_is() -> None:
    """Also where the endpoint has another name than the connection that it serves."""
    declared = {**DECLARED, "port": 5002, "name": "default_https", "client_certificate": "required"}
    planned = Target({SERVER_XML: SERVING}).plan([declared])
    planned.pretend()
    assert foretold(planned.result(None, diff=True)) == [
        "foretold: 5002 asks for a client certificate, and refuses callers without one"
    ]


def test_a_port_that_gets_another_number_closes() -> None:
    declared = {**DECLARED, "name": "default_https", "elements": {"httpEndpoint": "defaultHttpEndpoint"}}
    planned = Target({SERVER_XML: SERVING}).plan([declared])
    planned.pretend()
    assert foretold(planned.result(None, diff=True)) == ["foretold: 5003 opens; 5002 closes"]


def test_the_result_has_all_of_it_only_when_asked() -> None:
    assert "predicted" not in checked()
    found = checked(full_results=True)["predicted"]
    assert [one["port"] for one in found["ports"] if one["endpoint"] == "cics"] == [5003]
    assert {"CWWKG0017I", "CWWKO0219I"} <= {one["id"] for one in found["messages"]}


def test_outside_of_check_mode_the_log_itself_says_it() -> None:
    result = checked(pretend=False)
    assert foretold(result) == []
    assert "predicted" not in result
