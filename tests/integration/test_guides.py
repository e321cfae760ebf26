# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides are followed: their files are written, and each command that changes nothing is run as it stands there.

Commands that change a server need one that runs, and renew needs stores: test_role_*.py, test_renew_*.py and the demo have them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "utils"))
import doc_blocks

pytestmark = pytest.mark.ansible
GUIDES = [path for path in doc_blocks.pages() if path.suffix == ".rst"]
HARMLESS = {"explain", "report", "adopt", "diagnose"}
SERVER = """<server>
    <featureManager><feature>zosconnect:apiRequester-1.0</feature></featureManager>
    <httpEndpoint id="defaultHttpEndpoint" host="*" httpPort="9080" httpsPort="9443"/>
    <keyStore id="defaultKeyStore" password="changeit"/>
    <zosconnect_endpointConnection id="backendApi" host="http://api.example.com" port="443"/>
    <zosconnect_apiRequesters>
        <apiRequester name="inventory_1.0.0"/>
        <apiRequester name="nightly_1.0.0"/>
    </zosconnect_apiRequesters>
</server>
"""


def commands(path: Path) -> list[list[str]]:
    """The commands of a guide that change nothing."""
    found = [command for block in doc_blocks.blocks(path) for command in block.commands()]
    plays = [one for one in found if one[0] == "ansible-playbook"]
    names = [one[1].rpartition(".")[2] for one in plays]
    tried = [
        name in HARMLESS or (name == "connections" and "--check" in one) for name, one in zip(names, plays, strict=True)
    ]
    return [one for one, harmless in zip(plays, tried, strict=True) if harmless]


def variables(path: Path) -> dict[str, Any]:
    """The variables that a guide has somebody write."""
    read = [yaml.safe_load(block.text) for block in doc_blocks.blocks(path) if block.language == "yaml"]
    given: dict[str, Any] = {}
    for one in read:
        if isinstance(one, dict) and "zosconnect_servers" not in one:
            given |= one
    return given


FOLLOWED = [path for path in GUIDES if commands(path)]


@pytest.mark.parametrize("guide", FOLLOWED, ids=[path.stem for path in FOLLOWED])
def test_a_guide_is_followed(guide: Path, tmp_path: Path) -> None:
    server = tmp_path / "zceesrv1"
    for folder in (server, tmp_path / "pagent", tmp_path / "issued", tmp_path / "host_vars"):
        folder.mkdir()
    (server / "server.xml").write_text(SERVER, encoding="ascii")
    given = variables(guide)
    if any("elements" in one for one in given.get("zosconnect_connections", ())):
        del given["zosconnect_connections"]  # it is what an earlier command of the guide writes
    here = {
        **given,
        "zosconnect_server_dir": str(server),
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        # Nothing of z/OS is here, so what asks the stack is answered as by a team that has not installed it yet.
        **({"connections_pasearch": [], "connections_unproven": "accept"} if "connections_pasearch" in given else {}),
    }
    text = yaml.safe_dump({"zosconnect_servers": {"hosts": {"zceesrv1": here}}})
    for there, own in {"/var/zosconnect/servers": tmp_path, "/etc/pagent": tmp_path / "pagent"}.items():
        text = text.replace(there, str(own))
    (tmp_path / "inventory.yml").write_text(text.replace("/tmp/handover", str(tmp_path)), encoding="utf-8")
    before = (server / "server.xml").read_bytes()
    for command in commands(guide):
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "COLUMNS": "200"}, check=False
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    assert (server / "server.xml").read_bytes() == before


def test_some_are_followed() -> None:
    assert len(FOLLOWED) > 10
