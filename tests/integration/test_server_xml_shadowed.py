# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""server_xml with server_dir: what a container image's drop-in overrules is found out before anything is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from plays import play

pytestmark = [pytest.mark.ansible, pytest.mark.both_cores]

BEFORE = '<server>\n  <httpEndpoint id="defaultHttpEndpoint" httpPort="9080"/>\n</server>\n'
DROPIN = '<server><httpEndpoint id="defaultHttpEndpoint" httpPort="${http.port}"/></server>'


@pytest.mark.chosen
def test_what_a_dropin_overrules(tmp_path: Path) -> None:
    server = tmp_path / "server"
    dropin = server / "configDropins/overrides/http-ssl-endpoint.xml"
    dropin.parent.mkdir(parents=True)
    dropin.write_text(DROPIN, encoding="utf-8")
    (server / "bootstrap.properties").write_text("http.port=9080\n", encoding="utf-8")
    path = server / "server.xml"
    path.write_text(BEFORE, encoding="utf-8")

    def task(*, check: bool = False, **options: Any) -> dict[str, Any]:
        want = {"element": "httpEndpoint", "id": "defaultHttpEndpoint", "attributes": {"httpPort": -1}}
        given = {"path": str(path), "server_dir": str(server), "elements": [want], **options}
        return {"zosconnect.security.server_xml": given, "check_mode": check}

    keep = {"copy": {"src": str(path), "dest": str(tmp_path / "kept"), "remote_src": True, "mode": "0600"}}
    other = {"element": "httpEndpoint", "id": "defaultHttpEndpoint", "attributes": {"httpsPort": 9444}}
    told = play(
        tmp_path,
        [
            task(check=True),
            task(),
            keep,
            task(on_shadowed="warn", check=True),
            task(on_shadowed="warn"),
            task(elements=[other]),
        ],
    ).results
    sentence = (
        f"elements[0].attributes.httpPort: would have no effect: {dropin}:1 through ${{http.port}} overrules httpPort of "
        '<httpEndpoint id="defaultHttpEndpoint">.'
    )
    for refused in told[:2]:
        assert (refused["failed"], refused["msg"]) == (True, f"{sentence} Nothing was changed.")
    assert (tmp_path / "kept").read_text(encoding="utf-8") == BEFORE
    for warned in told[3:5]:
        assert (warned["changed"], warned["warnings"]) == (True, [sentence])
    assert (told[5]["changed"], told[5].get("warnings")) == (True, None)
    assert 'httpPort="-1" httpsPort="9444"' in path.read_text(encoding="utf-8")


def test_a_variable_that_another_file_uses_as_a_password_is_hidden(tmp_path: Path) -> None:
    server = tmp_path / "server"
    server.mkdir()
    text = '<server>\n  <keyStore id="k" password="${login}"/>\n  <include location="more.xml"/>\n</server>\n'
    (server / "server.xml").write_text(text, encoding="utf-8")
    (server / "bootstrap.properties").write_text("login=${last}\n", encoding="utf-8")
    path = server / "more.xml"
    path.write_text('<server>\n  <variable name="last" value="old-marker"/>\n</server>\n', encoding="utf-8")
    path.chmod(0o640)
    want = {"element": "variable", "attributes": {"name": "last", "value": "new-marker"}}
    given = {"path": str(path), "server_dir": str(server), "elements": [want]}
    told = play(tmp_path, [{"zosconnect.security.server_xml": given, "diff": True}])
    (result,) = told.results
    assert result["changed"] is True
    assert result["changes"][0]["before"] == result["changes"][0]["after"] == "********"
    shown = json.dumps(result)
    assert "old-marker" not in shown
    assert "new-marker" not in shown
