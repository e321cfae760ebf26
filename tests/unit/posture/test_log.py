# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a server writes its messages.log, and whether it reads changed files by itself, by what its files say."""

from __future__ import annotations

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import server as servers
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.log import messages_log
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.untold import reads_by_itself

DIR = "/u/servers/zceesrv1"


@pytest.mark.parametrize(
    ("xml", "files", "expected"),
    [
        ("", {}, f"{DIR}/logs/messages.log"),
        ("", {"/u/shared/server.env": b"WLP_OUTPUT_DIR=/out\n"}, "/out/zceesrv1/logs/messages.log"),
        ("", {f"{DIR}/server.env": b"LOG_DIR=/var/log/zcee\n"}, "/var/log/zcee/messages.log"),
        ('<logging logDirectory="/l" messageFileName="m.log"/>', {}, "/l/m.log"),
        ('<logging logdirectory="/l" MessageFileName="m.log"/>', {}, "/l/m.log"),
        ('<logging logDirectory="${server.output.dir}/x"/>', {}, f"{DIR}/x/messages.log"),
        ('<logging logDirectory="${nowhere}/x"/>', {}, f"{DIR}/logs/messages.log"),
        ("", {f"{DIR}/bootstrap.properties": b"com.ibm.ws.logging.log.directory=/b\n"}, "/b/messages.log"),
        ("", {f"{DIR}/bootstrap.properties": b"com.ibm.ws.logging.message.file.name=m\n"}, f"{DIR}/logs/m"),
    ],
)
def test_where_the_log_is(xml: str, files: dict[str, bytes], expected: str) -> None:
    server = servers.from_options({"server_dir": DIR})
    server.content = {f"{DIR}/server.xml": f"<server>{xml}</server>".encode(), **files}
    assert messages_log(server) == expected


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("", True),
        ('<config monitorInterval="5s"/>', True),
        ('<config updateTrigger="POLLED"/>', True),
        ('<config updateTrigger="mbean"/>', False),
        ('<config updateTrigger="disabled"/>', False),
        # Another file may say else.
        ('<include location="http://others.example.com/more.xml"/>', False),
    ],
)
def test_whether_it_reads_changed_files_by_itself(xml: str, *, expected: bool) -> None:
    server = servers.from_options({"server_dir": DIR})
    server.content = {f"{DIR}/server.xml": f"<server>{xml}</server>".encode()}
    assert reads_by_itself(server.effective()) is expected


def test_nobody_knows_how_a_server_without_files_reads() -> None:
    assert not reads_by_itself(None)
