# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which other servers include the same files: looked for beside the server, within bounds, with their owners' rights."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from test_target_prefetch import called

from ansible_collections.zosconnect.security.plugins.module_utils import neighbours
from ansible_collections.zosconnect.security.plugins.module_utils.neighbours import Search
from tests.attackers import NOBODY, SECRET, let_others_enter

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
INCLUDE = '<include location="{}"/>'
TLS = "shared/config/tls.xml"


def include(*places: str) -> str:
    return f"<server>{''.join(INCLUDE.format(place) for place in places)}</server>"


@pytest.fixture
def usr(tmp_path: Path) -> Path:
    """Servers of one user; ``one`` is asked about."""
    files = {
        TLS: "<server/>",
        "shared/config/all.xml": include("tls.xml"),
        "shared/config/parts/ports.xml": "<server/>",
        "servers/one/server.xml": include("${shared.config.dir}/tls.xml", "../../shared/config/parts/", "own.xml"),
        "servers/one/own.xml": "<server/>",
        "servers/by.other/server.xml": include("${shared.config.dir}/all.xml"),
        "servers/by.dropin/server.xml": "<server/>",
        "servers/by.dropin/configDropins/overrides/a.xml": include("../../../../shared/config/tls.xml"),
        "servers/by.folder/server.xml": include("../../shared/config/parts/"),
        "servers/by.property/server.xml": include("${of.all}"),
        "servers/by.property/bootstrap.properties": f"of.all={tmp_path}/usr/{TLS}\n",
        "servers/none/server.xml": include("gone.xml"),
        "servers/none/copy.xml": include(f"../../{TLS}"),
        "servers/no.server/readme.txt": "",
        "servers/.classCache": "",
    }
    for name, text in files.items():
        path = tmp_path / "usr" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "usr"


def search(usr: Path) -> Search:
    return Search(str(usr / "servers/one"), None, None, [str(usr / TLS), str(usr / "shared/config/parts/ports.xml")])


def asked(usr: Path, tmp_path: Path, **more: Any) -> Any:
    server = str(usr / "servers/one")
    of_server = {"server_dir": server, "suffixes": [".xml"], "path": server}
    follow = [{"server_dir": server, "neighbours": True, **more}]
    (followed,) = called(tmp_path, folders=[of_server], follow=follow)["followed"]
    return followed["neighbours"], followed["unseen"]


def test_who_includes_the_same_files(usr: Path, tmp_path: Path) -> None:
    tls, ports = str(usr / TLS), str(usr / "shared/config/parts/ports.xml")
    found, unseen = asked(usr, tmp_path)
    assert unseen == []
    assert {Path(each["server_dir"]).name: each["includes"] for each in found} == {
        "by.dropin": [tls],
        "by.folder": [ports],
        "by.other": [tls],
        "by.property": [tls],
    }
    assert asked(usr, tmp_path, neighbours=False) == ([], [])


def test_nobody_looks_where_all_files_are_the_server_s_own(usr: Path, tmp_path: Path) -> None:
    (usr / "servers/one/server.xml").write_text(include("own.xml"))
    assert asked(usr, tmp_path) == ([], [])


def test_what_cannot_be_looked_at_is_told(usr: Path) -> None:
    for name in ("pipe", "folder"):
        (usr / "servers" / name).mkdir()
    os.mkfifo(usr / "servers/pipe/server.xml")
    (usr / "servers/folder/server.xml").mkdir()
    looking = search(usr)
    assert len(looking.found()) == 4
    assert looking.unseen == [f"{usr}/servers/pipe/server.xml: is not a regular file."]


def test_servers_have_a_bound(usr: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "MOST_SERVERS", 2)
    looking = search(usr)
    assert [Path(each["server_dir"]).name for each in looking.found()] == ["by.dropin", "by.folder"]
    assert looking.unseen == [f"{usr}/servers: has more than 2 servers, more than are looked at."]


@pytest.mark.parametrize("bound", ["MOST_FILES", "MOST_BYTES"])
def test_files_have_a_bound(usr: Path, monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(neighbours, bound, 1)
    looking = search(usr)
    assert looking.found() == []
    assert looking.unseen == [f"{usr}/servers: its servers have more files than are looked at."]


def test_names_of_directories_count_as_well(usr: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "MOST_FILES", 100)
    big = usr / "servers/by.folder/big"
    big.mkdir()
    for number in range(30):
        (big / f"{number}.txt").touch()
    for count in (2, 4):
        links = [f"link{number}" for number in range(count)]
        for link in links:
            (big.parent / link).unlink(missing_ok=True)
            (big.parent / link).symlink_to(big)
        (big.parent / "server.xml").write_text(include("../../shared/config/parts/", *(f"{link}/" for link in links)))
        looking = search(usr)
        assert (len(looking.found()), len(looking.unseen)) == ((4, 0) if count == 2 else (0, 1))


def test_no_directory_of_servers(usr: Path) -> None:
    looking = Search(str(usr / "nowhere/one"), None, None, ["/shared/tls.xml"])
    assert looking.found() == []
    assert looking.unseen == [f"{usr}/nowhere: cannot be read: No such file or directory."]


@needs_root
def test_a_link_leads_no_further_than_its_owner(usr: Path, tmp_path: Path) -> None:
    let_others_enter(tmp_path)
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (private / "server.xml").write_bytes(b"<server>" + SECRET + include(str(usr / TLS)).encode()[8:])
    (usr / "servers/led").symlink_to(private)
    os.lchown(usr / "servers/led", NOBODY, -1)
    looking = search(usr)
    assert len(looking.found()) == 4
    assert [f"{usr}/servers/led/server.xml: is not read" in said for said in looking.unseen] == [True]
    assert SECRET.decode() not in str(looking.unseen)
