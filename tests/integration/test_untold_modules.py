# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""server_xml and renew note what a server was not told of; what reads it later names the operator command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pki
import pytest
from plays import play

pytestmark = [pytest.mark.ansible, pytest.mark.java]

NOTE = ".zosconnect-security.pending"
UPDATED = "[11/30/26, 17:00:00:000 UTC] 0000002a A CWWKG0017I: The server configuration was successfully updated.\n"
STORED = "[11/30/26, 17:00:00:000 UTC] 0000002a A CWPKI0811I: The keystore file {path} has been modified.\n"
SERVER_XML = """<server>
  <featureManager><feature>zosconnect:zosConnect-2.0</feature></featureManager>
  <ssl id="s" keyStoreRef="k"/><keyStore id="k" location="key.p12" password="of-the-store"/>
</server>
"""


class World:
    """A server without a process, its store, and a log."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o700)
        self.folder, self.server = folder, folder / "zceesrv1"
        self.store, self.log = self.server / "resources/security/key.p12", self.server / "logs/messages.log"
        for path in (self.store, self.log):
            path.parent.mkdir(parents=True)
        self.log.touch()
        (self.server / "server.xml").write_text(SERVER_XML)
        self.store.write_bytes(pki.Authority().issue("zcee", days=400).pkcs12(alias="key", password="of-the-store"))

    def run(self, *tasks: dict[str, Any]) -> list[dict[str, Any]]:
        return play(self.folder, list(tasks)).results

    def waits(self, command: str) -> list[str]:
        uses = f"the server uses them after the operator command F BAQSTRT,{command}"
        since = f"{self.log} shows neither a refresh nor a start since."
        return [f"An earlier run changed files of localhost, and {uses}: {since}"]

    def says(self, text: str) -> None:
        with self.log.open("a") as stream:
            stream.write(text)


def edit(world: World, **keywords: Any) -> dict[str, Any]:
    elements = [{"element": "ssl", "id": "s", "attributes": {"sslProtocol": "TLSv1.2"}}]
    options = {"path": str(world.server / "server.xml"), "server_dir": str(world.server), "elements": elements}
    return {"zosconnect.security.server_xml": options, **keywords}


@pytest.mark.chosen
def test_server_xml(tmp_path: Path) -> None:
    world = World(tmp_path)
    explain = {"zosconnect.security.server_config_info": {"server_dir": str(world.server)}}
    checked, told = world.run(edit(world, check_mode=True), explain)
    assert (checked["changed"], told["waits"], (world.server / NOTE).exists()) == (True, [], False)
    made, told, again, told_again = world.run(edit(world), explain, edit(world), explain)
    assert (made["changed"], again["changed"]) == (True, False)
    assert told["waits"] == told_again["waits"] == world.waits("ZCON,REFRESH")
    assert (world.server / NOTE).stat().st_mode & 0o077 == 0
    world.says(UPDATED)
    assert world.run(explain)[0]["waits"] == []


def test_a_note_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    world = World(tmp_path)
    (world.server / NOTE).mkdir()
    made, told = world.run(edit(world), {"zosconnect.security.server_config_info": {"server_dir": str(world.server)}})
    assert (made["changed"], made["warnings"]) == (True, told["waits"])
    assert made["warnings"][0].startswith(f"{world.server / NOTE}: is not what a run of this collection leaves")


def test_renew(tmp_path: Path) -> None:
    world = World(tmp_path)
    entry = {"alias": "root", "trusted": True, "certificate_content": pki.Authority("Another").root_pem}
    stores = [{"path": str(world.store), "password": "of-the-store", "entries": [entry]}]
    renew = {"zosconnect.security.renew": {"server_dir": str(world.server), "stores": stores}}
    made, again = world.run(renew, renew)
    assert (made["changed"], made["report"]["waits"]) == (True, [])
    assert (again["changed"], again["report"]["waits"]) == (False, world.waits("ZCON,REFRESH"))
    assert f"next: {again['report']['waits'][0]}" in again["lines"]
    world.says(STORED.format(path=world.store))
    assert world.run(renew)[0]["report"]["waits"] == []
