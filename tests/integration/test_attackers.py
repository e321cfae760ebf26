# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole tasks of root in a directory of somebody else, who plays all his games meanwhile; and without games."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from plays import Played, play

from tests.attackers import EVERYTHING, NOBODY, OLD, SECRET, World, attacker
from tests.liberty.pki import Authority

pytestmark = [pytest.mark.ansible, pytest.mark.java, pytest.mark.skipif(os.geteuid() != 0, reason="root has to play")]

ROUNDS = 3


def tasks(world: World) -> list[dict[str, Any]]:
    """Every module that reads or writes files, in his directory."""
    server, store = str(world.server), str(world.server / "key.p12")
    issued = Authority().issue("server.example.com", sans=["server.example.com"], server=True)
    entry = {
        "alias": "server",
        "privatekey_content": issued.key_pem(),
        "certificate_content": issued.certificate_pem,
    }
    want = {"element": "httpEndpoint", "id": "a", "attributes": {"httpPort": 9080}}
    names = {"path": f"{server}/server.xml", "elements": [want], "create": True, "backup": True}
    restored = {"path": f"{server}/server.xml", "backup_file": f"{server}/server.xml", "backup_checksum": "0" * 64}
    return [
        {"zosconnect.security.server_xml": {**names, "server_dir": server}},
        {"zosconnect.security.server_xml": {**names, "mode": "0600"}},
        {"zosconnect.security.keystore": {"path": store, "password": "changeit", "entries": [entry], "backup": True}},
        {"zosconnect.security.keystore_info": {"stores": [{"path": store, "password": "changeit"}]}},
        {"zosconnect.security.server_config_info": {"server_dir": server}},
        {"zosconnect.security.file_restore": restored},
    ]


def run(world: World, folder: Path) -> Played:
    folder.mkdir(exist_ok=True)
    return play(folder, tasks(world) * ROUNDS, hosts={"ansible_become": False})


def test_no_game_is_won_against_whole_tasks(tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    world.reset()
    with attacker(world, *EVERYTHING):
        played = run(world, tmp_path / "job")
    assert world.lost() == []
    assert SECRET.decode().strip() not in played.output
    assert len(played.results) == 6 * ROUNDS


def test_without_games_the_files_are_his(tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    world.reset()
    played = run(world, tmp_path / "job")
    xml, mode, store, info, config, restored = played.results[:6]
    assert [one.get("failed", False) for one in (xml, mode, store, info, config)] == [False] * 5, played.results[:6]
    assert (xml["changed"], mode["changed"], store["changed"], restored["failed"]) == (True, True, True, True)
    assert {path.name: path.stat().st_uid for path in world.server.iterdir()} == dict.fromkeys(
        [path.name for path in world.server.iterdir()], NOBODY
    )
    assert {path.name: path.stat().st_mode & 0o7777 for path in world.server.iterdir() if "~" not in path.name} == {
        "server.xml": 0o600,
        "key.p12": 0o600,
        ".zosconnect-security.pending": 0o600,
    }
    assert Path(xml["backup_file"]).read_bytes() == OLD
    assert [one["changed"] for one in played.results[6:11]] == [False] * 5, "twice is once"


def test_a_name_that_is_no_utf8_hides_nothing(tmp_path: Path) -> None:
    """ansible-core would refuse the whole answer of a module because of it."""
    world = World(tmp_path / "world")
    world.reset()
    folder = world.server / "configDropins" / "overrides"
    folder.mkdir(parents=True)
    with open(os.path.join(os.fsencode(folder), b"\xff.xml"), "wb") as stream:
        stream.write(b'<server><httpEndpoint id="a" httpPort="9090"/></server>')
    (tmp_path / "job").mkdir()
    want = {"element": "httpEndpoint", "id": "a", "attributes": {"httpPort": 9080}}
    named = {"path": os.fsdecode(os.path.join(os.fsencode(folder), b"link.xml")), "elements": [want], "create": True}
    os.symlink(b"\xff.xml", named["path"])
    info = {"zosconnect.security.server_config_info": {"server_dir": str(world.server)}}
    found, refused = play(tmp_path / "job", [info, {"zosconnect.security.server_xml": named}]).results
    assert [port["port"] for port in found["ports"] if port["endpoint"] == "a"] == [9090]
    assert refused["msg"] == (
        f"{folder}/\\xff.xml: its name is no UTF-8, so Ansible cannot name it; nothing was changed. Rename the file."
    )


@pytest.mark.chosen
def test_what_a_configuration_names_and_its_owner_cannot_change_is_not_changed(tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    world.reset()
    want = {"element": "httpEndpoint", "id": "a", "attributes": {"httpPort": 9080}}
    named = {"elements": [want], "named_by_server": True}
    (world.server / "server.xml").write_text(f'<server>\n  <include location="{world.victim}"/>\n</server>\n')
    folder = tmp_path / "job"
    folder.mkdir()
    paths = (world.victim, world.server / "server.xml")
    tasks = [{"path": str(path), "server_dir": str(world.server), **named} for path in paths]
    tasks.append({"path": str(world.victim), **named})
    other, his, nobody_s = play(folder, [{"zosconnect.security.server_xml": task} for task in tasks]).results
    assert other["msg"] == (
        f"{world.victim}: user nobody, in whose hands the way to it is, may not replace it, and so root does not; nothing was "
        "changed. Name the file itself."
    )
    assert world.lost() == []
    assert his["changed"] is True
    assert nobody_s["msg"] == (
        "zosconnect.security.server_xml: named_by_server is True but all of the following are missing: server_dir"
    )


def test_what_a_configuration_names_and_its_owner_cannot_read_is_not_seen(tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    world.reset()
    (world.server / "variables").mkdir()
    (world.server / "variables" / "leak").symlink_to(world.secret)
    (world.server / "server.xml").write_text(
        f'<server>\n  <include location="{world.secret}"/>\n  <httpEndpoint id="a" host="${{leak}}"/>\n</server>\n'
    )
    folder = tmp_path / "job"
    folder.mkdir()
    (told,) = play(folder, [{"zosconnect.security.server_config_info": {"server_dir": str(world.server)}}]).results
    assert "only root may read this" not in str(told)
    hidden = [one["message"] for one in told["findings"] if "in whose hands the way to it is" in one["message"]]
    assert any(str(world.secret) in message for message in hidden), told["findings"]


# What root's own store is opened with, and where it lies: he knows both.
WELL_KNOWN = "changeit"


def served(world: World, location: Path) -> None:
    """Let his server have an https port whose key store he has named."""
    (world.server / "server.xml").write_text(
        f"""<server>
  <featureManager><feature>transportSecurity-1.0</feature><feature>zosconnect:apiRequester-1.0</feature></featureManager>
  <httpEndpoint id="mine" httpPort="-1" httpsPort="5002" sslOptionsRef="mine"/>
  <sslOptions id="mine" sslRef="mine"/>
  <ssl id="mine" keyStoreRef="mine"/>
  <keyStore id="mine" location="{location}" password="{WELL_KNOWN}"/>
  <zosconnect_apiRequesters><apiRequester name="orders"/></zosconnect_apiRequesters>
</server>
"""
    )


NOT_READ = (
    "{named}: is not read, because user nobody, in whose hands the way to it is, may not read it: Permission denied."
)
NAMED = {
    "store": NOT_READ,
    "led": NOT_READ,
    "nothing": (
        "{named}: user nobody may not write in {folder}, and the new file is made beside the old one; nothing was "
        "changed. Use become, or grant write access to the directory."
    ),
    "fifo": "{named}: is not a regular file.",
    "own": None,
}


@pytest.mark.parametrize("what", NAMED)
def test_a_store_that_his_server_names_is_reached_with_his_rights(tmp_path: Path, what: str) -> None:
    world = World(tmp_path / "world")
    world.reset()
    other = Authority().issue("roots-own.example.com", sans=["roots-own.example.com"], server=True)
    there = world.etc / "root.p12"
    if what in ("store", "led"):
        there.write_bytes(other.pkcs12(alias="roots-own", password=WELL_KNOWN))
        there.chmod(0o600)
    elif what == "fifo":
        os.mkfifo(there)
    world.before = world.roots()
    named = world.server / "his.p12" if what in ("led", "own") else there
    if what == "led":
        named.symlink_to(there)
    served(world, named)
    new = Authority().issue("server.example.com", sans=["server.example.com"], server=True)
    key = {"alias": "server", "private_key": new.key_pem(), "certificate": new.certificate_pem}
    cics = {"name": "cics", "server_dir": str(world.server), "port": 5002, "key_store": key, "requesters": ["orders"]}
    (tmp_path / "job").mkdir()
    asked = {"connections": [{**cics, "client_certificate": "none"}], "verify_seconds": 1}
    played = play(tmp_path / "job", [{"zosconnect.security.connections": asked}], hosts={"ansible_become": False})
    assert world.lost() == []
    assert "roots-own" not in played.output
    (told,) = played.results
    if sentence := NAMED[what]:
        assert told["msg"] == sentence.format(named=named, folder=world.etc)
    else:
        assert (told["failed"], told["changed"], named.stat().st_uid) == (False, True, NOBODY), told
