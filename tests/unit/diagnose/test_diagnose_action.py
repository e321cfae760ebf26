# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action with a target that is this process: what it asks, what it refuses, and the ends of logs."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.zosconnect.security.plugins.action import diagnose
from ansible_collections.zosconnect.security.plugins.module_utils import reading
from ansible_collections.zosconnect.security.plugins.modules import target_tail
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

ABSENT: dict[str, Any] = {"state": "absent", "message": "", "content": "", "names": [], "files": []}


class Action(diagnose.ActionModule):
    """Without Ansible. ``probe`` is what target_probe answers, ``system`` what the target calls itself."""

    def __init__(self, options: dict[str, Any], *, probe: dict[str, Any] | None = None, system: str = "Linux") -> None:
        self._task, self._load_name = SimpleNamespace(args=options), "zosconnect.security.diagnose"
        self._vars, self._probe, self._system = {"inventory_hostname": "zceesrv1"}, probe, system
        self.asked: list[str] = []

    def send(self, data: bytes) -> str:
        return f"{len(data)} bytes"

    def run_on_target(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(name)
        if name == "target_probe":
            return self._probe or {}
        if name == "target_tail":
            logs = [
                each for item in arguments.get("logs", ()) for each in target_tail.log(item | ITEM, arguments["bytes"])
            ]
            return {"logs": logs, "system": self._system}
        files = [read(item["path"]) for item in arguments["files"]]
        folders = [{**ABSENT, "path": item["path"]} for item in arguments["folders"]]
        return {"files": files, "folders": folders, "followed": []}

    def told(self) -> dict[str, Any]:
        return self.work(self._options())


ITEM = {"server_dir": None}


def read(path: str) -> dict[str, Any]:
    answer = reading.describe(path)
    data = answer.pop("data", None)
    return {**answer, "content": base64.b64encode(data or b"").decode()}


def server(folder: Path, log: str = "") -> Path:
    (folder / "server.xml").write_text(
        "<server><featureManager><feature>zosconnect:apiRequester-1.0</feature></featureManager>\n<zosconnect_apiRequesters>"
        '<apiRequester name="orders"/></zosconnect_apiRequesters>\n'
        '<httpEndpoint id="defaultHttpEndpoint" httpPort="5004"/></server>'
    )
    (folder / "logs").mkdir()
    (folder / "logs" / "messages.log").write_text(log)
    return folder


def test_the_log_of_the_server(tmp_path: Path) -> None:
    log = (
        "[11/30/26, 17:38:07:001 UTC] 00000021 x E CWWKO0221E: TCP Channel far and port 5005. Address already in use\n"
    )
    told = Action({"server_dir": str(server(tmp_path, log))}).told()
    assert [(one["id"], one["decided"], one["line"]) for one in told["diagnosed"]] == [("CWWKO0221E", False, 1)]
    assert told["lines"][0].startswith(
        "zceesrv1  CWWKO0221E  the cause could not be decided: A port could not be opened."
    )
    assert [log["state"] for log in told["logs"]] == ["file"]
    assert (told["changed"], told["unseen"], told["left_out"]) == (False, [], 0)


def test_the_log_is_where_the_configuration_puts_it(tmp_path: Path) -> None:
    folder, elsewhere = server(tmp_path), tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "messages.log").write_text("E CWWKO0221E: TCP Channel far and port 5005. Address already in use\n")
    text = (folder / "server.xml").read_text()
    (folder / "server.xml").write_text(text.replace("</server>", f'<logging logdirectory="{elsewhere}"/></server>'))
    told = Action({"server_dir": str(folder)}).told()
    assert [log["path"] for log in told["logs"]] == [str(elsewhere / "messages.log")]
    assert [one["id"] for one in told["diagnosed"]] == ["CWWKO0221E"]


@pytest.mark.parametrize(
    ("system", "attls", "cause"),
    [
        ("Linux", None, "requester-in-clear"),
        ("OS/390", None, None),
        ("OS/390", {"ports": []}, "requester-in-clear"),
        ("OS/390", {"ports": [5004]}, "requester-behind-attls"),
        ("OS/390", {"policies": {"stack": "", "common": ""}, "zos_release": "3.1"}, "requester-in-clear"),
    ],
)
def test_whether_at_tls_is_known(system: str, attls: Any, cause: str | None, tmp_path: Path) -> None:
    options = {"server_dir": str(server(tmp_path)), "messages": ["BAQ-STATUS-CODE 302"], "attls": attls}
    (told,) = Action(options, system=system).told()["diagnosed"]
    assert told["cause"] == cause


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    told = Action({"server_dir": str(tmp_path), "messages": "EZZ4249I x"}).told()
    assert told["unseen"] == [f"{tmp_path}/server.xml: does not exist; correct server_dir."]
    assert told["diagnosed"][0]["cause"] == "no-rules"


def test_the_file_is_not_its_directory(tmp_path: Path) -> None:
    path = server(tmp_path) / "server.xml"
    assert Action({"server_dir": str(path), "messages": "EZZ4249I x"}).told()["unseen"] == [
        f"server_dir: {path} is a file; give the directory that holds it, {tmp_path}."
    ]


def test_a_log_that_is_not_there_is_not_an_empty_one(tmp_path: Path) -> None:
    log = tmp_path / "messages.log"
    missing = f"{log}: does not exist; give in log where the log is."
    assert Action({"log": str(log), "messages": "EZZ4249I x"}).told()["unseen"] == [missing]
    with pytest.raises(SecurityError, match=f"^{re.escape(missing)}$"):
        Action({"log": str(log)}).told()
    folder = server(tmp_path)
    (folder / "logs" / "messages.log").unlink()
    assert Action({"server_dir": str(folder)}).told()["unseen"] == [
        missing.replace("messages.log", "logs/messages.log")
    ]
    (tmp_path / "messages_26.11.29_00.00.00.0.log").write_text("renamed")
    assert Action({"log": str(log)}).told()["unseen"] == []
    with pytest.raises(SecurityError, match=f"^{re.escape(str(tmp_path))}: is a directory; name the file.$"):
        Action({"log": str(tmp_path)}).told()


def test_lines_without_a_message() -> None:
    said = "messages: hold no identifier such as CWPKI0022E or BAQ-STATUS-CODE 302; give whole lines."
    assert Action({"messages": "hello world"}).told()["unseen"] == [said]
    assert Action({"messages": "hello CWPKI0022E"}).told()["unseen"] == []


def test_nothing_but_a_port() -> None:
    report = {"outcome": "refused", "msg": "localhost:5004 refused the connection.", "peer_certificates": []}
    action = Action({"port": 5004}, probe={"probes": [report]})
    (told,) = action.told()["diagnosed"]
    assert (told["id"], told["code"], told["next"]) == (
        "probe",
        "refused",
        ["Give zosconnect_server_dir, so that it is known whether this server should listen there."],
    )
    assert action.asked == ["target_probe", "target_tail"] or action.asked == ["target_tail", "target_probe"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "there is nothing to diagnose; give messages, log, server_dir, or host and port."),
        ({"log": "/l", "log_bytes": 1}, "log_bytes: 1 is not from 4096 to 67108864."),
        ({"port": 1, "host": "x y"}, "x y:1: host must be a name."),
    ],
)
def test_what_is_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SecurityError) as told:
        Action(options, probe={"fault": {"number": 0, "sentence": "host must be a name."}}).told()
    assert str(told.value) == sentence


class TestTheTarget:
    def test_a_log_that_was_renamed_a_moment_ago(self, tmp_path: Path) -> None:
        (tmp_path / "messages_26.11.29_00.00.00.0.log").write_text("old")
        (tmp_path / "messages_26.11.30_00.00.00.0.log").write_text("newer")
        item = {"path": str(tmp_path / "messages.log"), "server_dir": None}
        assert [one["state"] for one in target_tail.log(item, 99)] == ["absent", "file"]
        assert base64.b64decode(target_tail.log(item, 99)[1]["content"]) == b"newer"
        (tmp_path / "messages.log").write_text("current")
        assert [base64.b64decode(one["content"]) for one in target_tail.log(item, 3)] == [b"ent"]

    def test_the_newest_incidents(self, tmp_path: Path) -> None:
        for number in range(4):
            (tmp_path / f"ffdc_26.11.30_{number}.log").write_text(str(number))
        item = {"path": str(tmp_path), "server_dir": None, "newest": 2}
        assert [base64.b64decode(one["content"]) for one in target_tail.folder(item, 9)] == [b"2", b"3"]
        assert target_tail.folder({**item, "newest": 0}, 9) == []
        assert target_tail.folder({**item, "path": str(tmp_path / "gone")}, 9) == []
