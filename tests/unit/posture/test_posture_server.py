# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked of the reading hand, in how many calls; and that the module's documentation equals its arguments."""

from __future__ import annotations

import base64
import posixpath
from typing import Any

import pytest
import yaml

from ansible_collections.zosconnect.security.plugins.action.server_config_info import ActionModule
from ansible_collections.zosconnect.security.plugins.modules import server_config_info
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import server as servers

ENDPOINT = '<server><httpEndpoint id="defaultHttpEndpoint" httpPort="${port}"/></server>'


class Hand:
    """A reading hand over a mapping; None is a file that nobody may read."""

    def __init__(self, files: dict[str, str | None]) -> None:
        self.files = files
        self.calls = 0

    def __call__(self, question: dict[str, Any]) -> dict[str, Any]:
        self.calls += 1
        return {
            "files": [self.file(item["path"]) for item in question["files"]],
            "folders": [self.folder(item) for item in question["folders"]],
        }

    def file(self, path: str) -> dict[str, Any]:
        if path not in self.files:
            return {"path": path, "state": "absent", "message": f"{path}: does not exist."}
        text = self.files[path]
        if text is None:
            return {"path": path, "state": "unreadable", "message": f"{path}: cannot be read."}
        content = base64.b64encode(text.encode()).decode()
        return {"path": path, "state": "file", "content": content, "sha256": text, "mode": "0600"}

    def folder(self, item: dict[str, Any]) -> dict[str, Any]:
        path = posixpath.normpath(item["path"])
        names = [posixpath.relpath(name, path) for name in self.files if name.startswith(f"{path}/")]
        names = sorted(name for name in names if name.count("/") <= item["depth"])
        wanted = [name for name in names if name.lower().endswith(tuple(item["suffixes"]))]
        state = "directory" if any(name.startswith(f"{path}/") for name in self.files) else "absent"
        files = [self.file(f"{path}/{name}") for name in wanted] if item["suffixes"] else []
        return {"path": item["path"], "state": state, "names": names, "files": files, "message": ""}


def gathered(files: dict[str, str | None], **options: Any) -> tuple[servers.Server, int]:
    """Return the server in /u/servers/s, and how many calls it took."""
    server, hand = servers.of({"server_dir": "/u/servers/s/", **options}), Hand(files)
    servers.gather(server, hand)
    return server, hand.calls


def port(server: servers.Server) -> object:
    return server.effective().all("httpEndpoint")[0].get("httpPort")


@pytest.mark.parametrize(
    ("files", "calls"),
    [
        ({}, 1),
        ({"/u/servers/s/more.xml": "<server/>"}, 1),
        ({"/u/servers/s/configDropins/overrides/a.xml": '<server><include location="b.xml"/></server>'}, 2),
        ({"/u/servers/s/more.xml": '<server><include location="/e/a.xml"/></server>', "/e/a.xml": "<server/>"}, 2),
        (
            {
                "/u/servers/s/more.xml": '<server><include location="/e/"/></server>',
                "/e/a.xml": "<server/>",
                "/e/b.xml": '<server><include location="/f/c.xml"/></server>',
                "/f/c.xml": "<server/>",
            },
            3,
        ),
        ({"/u/servers/s/more.xml": '<server><zosconnect_apiRequesters location="/a"/></server>', "/a/x.ara": ""}, 2),
    ],
)
def test_one_call_a_level_of_includes(files: dict[str, str | None], calls: int) -> None:
    own = '<server><include location="more.xml" optional="true"/></server>'
    base = {"/u/servers/s/server.xml": own, "/u/servers/s/more.xml": "<server/>"}
    server, made = gathered({**base, **files})
    assert made == calls
    assert server.not_seen() == []


@pytest.mark.parametrize(
    ("files", "options", "expected"),
    [
        ({"/u/servers/s/server.env": "PORT=1"}, {}, 1),
        ({"/u/shared/server.env": "PORT=2"}, {}, 2),
        ({"/v/shared/server.env": "PORT=3"}, {"user_dir": "/v/"}, 3),
        ({"/i/etc/server.env": "PORT=4"}, {"install_dir": "/i/"}, 4),
        ({"/i/etc/server.env": "PORT=4", "/u/shared/server.env": "PORT=2"}, {"install_dir": "/i"}, 2),
        ({"/u/shared/server.env": "PORT=2"}, {"env": {"PORT": 5}}, 2),
        ({}, {"env": {"PORT": 5}}, 5),
        ({"/u/servers/s/bootstrap.properties": "port=6"}, {"env": {"PORT": 5}}, 6),
        ({"/u/servers/s/variables/port": "7\n"}, {}, 7),
        ({"/u/servers/s/variables/port": "7\n"}, {"variables": {"port": 8}}, 8),
    ],
)
def test_where_variables_come_from(files: dict[str, str | None], options: dict[str, Any], expected: int) -> None:
    server, _calls = gathered({"/u/servers/s/server.xml": ENDPOINT, **files}, **options)
    assert port(server) == expected


def test_one_file_alone() -> None:
    server, _calls = gathered(
        {"/x/other.xml": ENDPOINT, "/x/server.env": "port=9"}, server_dir=None, path="/x/other.xml"
    )
    assert (port(server), server.places.server) == (9, "/x")


def test_a_copy_beside_server_xml_does_not_count() -> None:
    files = {
        "/u/servers/s/server.xml": '<server><include location="c.xml"/><include location="b.xml"/></server>',
        "/u/servers/s/b.xml": "<server/>",
        "/u/servers/s/c.xml": None,
        "/u/servers/s/old.xml": "<server/>",
        "/u/servers/s/secret.xml": None,
    }
    server, _calls = gathered(files)
    assert server.not_seen() == ["/u/servers/s/c.xml: cannot be read."]
    assert [file["path"] for file in server.judged("/u/servers/s/server.xml")] == ["/u/servers/s/b.xml"]
    assert server.effective().assembly.complete is False


def test_too_deep() -> None:
    files: dict[str, str | None] = {
        f"/d{level}/a.xml": f'<server><include location="/d{level + 1}/a.xml"/></server>' for level in range(25)
    }
    with pytest.raises(SecurityError) as caught:
        gathered({**files, "/u/servers/s/server.xml": '<server><include location="/d0/a.xml"/></server>'})
    assert str(caught.value) == (
        "/u/servers/s/server.xml: includes are nested more than 20 levels deep; this is not followed."
    )


@pytest.mark.parametrize("key", ["server_dir", "path", "user_dir", "install_dir"])
def test_half_a_path(key: str) -> None:
    with pytest.raises(SecurityError) as caught:
        servers.of({"server_dir": "/u/servers/s", key: "~/servers/s"})
    assert str(caught.value) == f"{key}: ~/servers/s does not begin with a slash; give the whole path."


def test_neither_directory_nor_file() -> None:
    with pytest.raises(SecurityError) as caught:
        servers.of({})
    assert str(caught.value) == "server_dir: give the directory of the server, or path for one file."


def documented(options: dict[str, Any]) -> dict[str, Any]:
    """Return what both an argument spec and its documentation say."""
    return {
        name: {
            "type": option["type"].replace("path", "str"),  # paths of the target are text on the controller
            **{key: option.get(key) for key in ("elements", "default")},
            "options": documented(option.get("options") or option.get("suboptions") or {}),
        }
        for name, option in options.items()
    }


def test_what_is_documented_is_what_it_takes() -> None:
    options = yaml.safe_load(server_config_info.DOCUMENTATION)["options"]
    assert documented(ActionModule.ARGUMENTS) == documented(options)
