# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task connections after a run that was killed: it finishes or undoes what that one left, and says so."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from jobs import Job, Json, run_job
from layout import free_port

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "target"))

from apply_world import applied, change, order

pytestmark = pytest.mark.ansible

TASK = "Read, plan, judge, apply, prove"
JOURNAL = ".zosconnect-security.journal"
SERVER_XML = """<server>
  <featureManager>
    <feature>zosconnect:zosConnect-2.0</feature>
    <feature>zosconnect:apiRequester-1.0</feature>
    <feature>transportSecurity-1.0</feature>
    <feature>appSecurity-2.0</feature>
  </featureManager>
  <httpEndpoint id="defaultHttpEndpoint" host="*" httpPort="-1" httpsPort="{port}"><sslOptions id="o" sslRef="s"/></httpEndpoint>
  <ssl id="s" keyStoreRef="k" sslProtocol="{protocol}" clientAuthentication="false"/>
  <keyStore id="k" location="safkeyring:///Ring" type="JCERACFKS" password="password" fileBased="false" readOnly="true"/>
  <zosconnect_apiRequesters><apiRequester name="orders"/></zosconnect_apiRequesters>
</server>
"""


class Interrupted:
    """A server that a run had changed from TLS 1.2 to 1.3 when it was killed; ``phase`` is how far that run had come."""

    def __init__(self, folder: Path, *, phase: str) -> None:
        folder.mkdir()
        self.folder, self.path, self.port = folder, folder / "server.xml", free_port()
        self.path.write_text(self.with_("TLSv1.2"))
        new = self.with_("TLSv1.3").encode()
        applied(order(folder, change(self.path, new, backup=True)), taken=False)
        journal = json.loads((folder / JOURNAL).read_text())
        (folder / JOURNAL).write_text(json.dumps({**journal, "phase": phase}))

    def with_(self, protocol: str) -> str:
        return SERVER_XML.format(port=self.port, protocol=protocol)

    def variables(self, protocol: str) -> Json:
        said = {"name": "cics", "port": self.port, "client_certificate": "none", "protocols": [protocol]}
        ring = {"key_store": {"location": "safkeyring:///Ring"}, "requesters": ["orders"]}
        return {"zosconnect_connections": [{**said, **ring, "server_dir": str(self.folder)}]}


def lines(job: Job, host: str) -> list[str]:
    ((result),) = job.results(host, "What became of it")
    return list(result["msg"])


def test_what_a_killed_run_left_is_told(tmp_path: Path) -> None:
    servers = {
        "back": Interrupted(tmp_path / "back", phase="placing"),
        "on": Interrupted(tmp_path / "on", phase="placing"),
        "confirmed": Interrupted(tmp_path / "confirmed", phase="applied"),
        "others": Interrupted(tmp_path / "others", phase="placing"),
    }
    wanted = {"back": "TLSv1.2", "on": "TLSv1.3", "confirmed": "TLSv1.3", "others": "TLSv1.2"}
    others = servers["others"].path
    others.write_text(f"{others.read_text()}<!-- by somebody else -->\n")
    theirs = others.read_text()
    hosts = {name: server.variables(wanted[name]) for name, server in servers.items()}
    hosts["on"]["connections_restore_dir"] = str(tmp_path / "gone")
    job = run_job(tmp_path / "job", "connections", hosts)
    for name in ("back", "on", "confirmed"):
        assert servers[name].path.read_text() == servers[name].with_(wanted[name]), job.failure(name)
    assert [server.folder.name for server in servers.values() if (server.folder / JOURNAL).exists()] == []

    def told(name: str, words: str) -> bool:
        return any(line.startswith("note: ") and words in line for line in lines(job, name))

    assert told("back", "was interrupted, so its files were put back.")
    assert lines(job, "back")[0].startswith("changed  ")
    assert any(line.startswith("next: The files of back have changed;") for line in lines(job, "back"))
    assert job.changed("back") == 1
    assert told("on", "was interrupted, so its files were put back.")
    assert any(
        line.startswith(f"undo: by zosconnect_restore of the statistics; {tmp_path}/gone/zosconnect-restore-on-")
        and line.endswith(".yml could not be written: No such file or directory")
        for line in lines(job, "on")
    )
    assert told("confirmed", "had come to its end: its files are the new ones.")
    assert (lines(job, "confirmed")[0].split()[0], job.changed("confirmed")) == ("unchanged", 0)
    # Whatever becomes of the task, its result says so.
    (result,) = job.results("back", TASK)
    assert result["warnings"][0].endswith("was interrupted, so its files were put back.")
    # What somebody else has made of it meanwhile is his, and nothing is done before a person has heard of it.
    assert "was interrupted, and not all of its files could be put back. " in job.failure("others")
    assert "somebody else has changed it since, so it was left." in job.failure("others")
    assert others.read_text() == theirs


def test_before_it_goes_back_it_is_told(tmp_path: Path) -> None:
    """Nothing is said of a server that the next run makes untrue: its files are not what anybody confirmed."""
    server = Interrupted(tmp_path / "server", phase="placing")
    where = {"zosconnect_server_dir": str(server.folder), "zosconnect_adopted_path": str(tmp_path / "adopted.yml")}
    left = "was interrupted when all of its files were the new ones, but nobody had confirmed them; they are put back first."
    checked = run_job(tmp_path / "check", "connections", {"h": server.variables("TLSv1.3")}, options="--check")
    assert lines(checked, "h")[0].startswith("would change  ")
    assert checked.changed("h") == 1
    adopted = run_job(tmp_path / "adopt", "adopt", {"h": where})
    assert adopted.failure("h").endswith(
        f"{left} So the server is not described as it is now. Run again what was interrupted, then adopt the server."
    )
    assert not (tmp_path / "adopted.yml").exists()
    explained = run_job(tmp_path / "explain", "explain", {"h": where})
    (result,) = explained.results("h", "Compute the effective configuration")
    assert [said.endswith(left) for said in result["warnings"]] == [True]
    assert server.path.read_text() == server.with_("TLSv1.3"), "none of them changes anything"
    assert run_job(tmp_path / "run", "connections", {"h": server.variables("TLSv1.3")}).changed("h") == 1
    assert run_job(tmp_path / "again", "adopt", {"h": where}).rc == 0
