# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked of target_read, in how many calls; and that the module's documentation equals its arguments."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import server as servers
from tests.differential.reader import MappingReader

ENDPOINT = '<server><httpEndpoint id="defaultHttpEndpoint" httpPort="${port}"/></server>'


def gathered(files: dict[str, str | None], **options: Any) -> tuple[servers.Server, int]:
    """Return the server in /u/servers/s, and how many calls it took."""
    server = servers.from_options({"server_dir": "/u/servers/s/", **options})
    reader = MappingReader({path: None if text is None else text.encode() for path, text in files.items()})
    servers.gather(server, reader)
    return server, reader.calls


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


def test_a_directory_is_asked_for_although_a_file_of_it_was_read() -> None:
    server, made = gathered(
        {
            "/u/servers/s/server.xml": '<server><include location="/e/b.xml"/><include location="/f/c.xml"/></server>',
            "/e/b.xml": "<server/>",
            "/f/c.xml": '<server><include location="/e/"/></server>',
            "/e/a.xml": '<server><httpEndpoint id="defaultHttpEndpoint" httpPort="5004"/></server>',
        }
    )
    assert made == 3
    assert port(server) == 5004


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
        (
            {"/u/servers/s/bootstrap.properties": "bootstrap.include=/e/b.properties", "/e/b.properties": "port=9"},
            {},
            9,
        ),
        ({"/u/shared/jvm.options": "-Dport=10", "/u/servers/s/bootstrap.properties": "port=6"}, {}, 10),
        ({"/i/etc/jvm.options": "-Dport=11"}, {"install_dir": "/i"}, 11),
        ({"/u/servers/s/server.env": "VARIABLE_SOURCE_DIRS=/a:/b", "/a/port": "1", "/b/port": "12"}, {}, 12),
        ({"/u/servers/s/server.env": "# enable_variable_expansion\nA=13\nPORT=$A"}, {}, 13),
    ],
)
def test_where_variables_come_from(files: dict[str, str | None], options: dict[str, Any], expected: int) -> None:
    server, _calls = gathered({"/u/servers/s/server.xml": ENDPOINT, **files}, **options)
    assert port(server) == expected


def test_what_bootstrap_properties_includes_is_asked_for() -> None:
    files: dict[str, str | None] = {
        "/u/servers/s/server.xml": ENDPOINT,
        "/u/servers/s/bootstrap.properties": "bootstrap.include=sub/one.properties",
        "/u/servers/s/sub/one.properties": "bootstrap.include=two.properties\nport=1",
        "/u/servers/s/sub/two.properties": "port=2\nother=3",
    }
    server, calls = gathered(files)
    assert (port(server), calls, server.effective().complete) == (1, 3, True)
    unreadable, _calls = gathered({**files, "/u/servers/s/sub/two.properties": None})
    assert unreadable.effective().complete is False
    assert [problem.message for problem in unreadable.effective().problems] == [
        (
            "/u/servers/s/sub/one.properties: includes /u/servers/s/sub/two.properties, which could not be read: "
            "/u/servers/s/sub/two.properties: cannot be read."
        )
    ]
    del files["/u/servers/s/sub/one.properties"]
    missing, _calls = gathered(files)
    assert missing.effective().assembly.refused == (
        "/u/servers/s/bootstrap.properties: bootstrap.include names /u/servers/s/sub/one.properties, which does not exist, so "
        "Liberty does not start; correct the name, or make the file."
    )


def test_what_only_the_shell_of_the_target_knows_is_not_complete() -> None:
    lines = [
        "# enable_variable_expansion",
        "PORT=`x`",
        "HOME2=$HOME",
        "A=~/x",
        "B='x",
        "C=x\\",
        "D=$1",
        "E=a|b",
        "F=$PORT",
    ]
    server, _calls = gathered({"/u/servers/s/server.xml": ENDPOINT, "/u/servers/s/server.env": "\n".join(lines)})
    assert server.effective().complete is False
    found = [problem for problem in server.effective().problems if problem.rule == "shell"]
    assert [(problem.attribute, problem.reason) for problem in found] == [
        ("PORT", "it runs a command"),
        ("HOME2", "it uses HOME, which nothing seen here defines"),
        ("A", "it uses ~, which nothing seen here defines"),
        ("B", "a quote is not closed on its line"),
        ("C", "its line is continued on the next"),
        ("D", "it uses more of the shell than $NAME and ${NAME}"),
        ("E", "it uses | without quotes"),
        ("F", "it uses PORT, which is not known either"),
    ]
    assert found[0].message == (
        "/u/servers/s/server.env:2: what the shell makes of PORT is not known here: it runs a command."
    )


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
    assert server.effective().complete is False


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
        servers.from_options({"server_dir": "/u/servers/s", key: "~/servers/s"})
    assert str(caught.value) == f"{key}: ~/servers/s does not begin with a slash; give the whole path."


def test_neither_directory_nor_file() -> None:
    with pytest.raises(SecurityError) as caught:
        servers.from_options({})
    assert str(caught.value) == "server_dir: give the directory of the server, or path for one file."
