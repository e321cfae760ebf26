# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An operator command that the server waits for is named until its log shows that it was given."""

from __future__ import annotations

from pathlib import Path

import pytest
from jobs import Job, run_job
from pki import Cast
from role_world import Json, Place, prefixed

pytestmark = pytest.mark.ansible

TASK = "Read, plan, judge, apply, prove"
NOTE = ".zosconnect-security.pending"
UPDATED = "[11/30/26, 17:00:00:000 UTC] 0000002a A CWWKG0017I: The server configuration was successfully updated.\n"


class Server:
    """One server, as the playbooks see it."""

    def __init__(self, folder: Path, pki: Cast) -> None:
        self.folder, self.place = folder, Place.make(folder / "server", pki)
        self.note = self.place.server_dir / NOTE
        self.log = self.place.server_dir / "logs" / "messages.log"
        text = self.place.server_xml.read_text(encoding="utf-8")
        told = text.replace("</server>", '<config updateTrigger="mbean"/>\n</server>')
        self.place.server_xml.write_text(told, encoding="utf-8")
        self.log.parent.mkdir()
        self.log.touch()
        ring = {"location": "safkeyring:///ZceeRing"}
        self.declared: Json = {
            "name": "cics",
            "server_dir": str(self.place.server_dir),
            "port": 5002,
            "key_store": ring,
        }
        self.declared |= {"client_certificate": "none", "requesters": ["orders"]}

    def run(self, options: str = "", **survey: object) -> Json:
        """Run the playbook connections; return the result of its task."""
        job = self.play("connections", options, zosconnect_connections=[self.declared], **survey)
        (result,) = job.results("zcee", TASK)
        assert job.statistics["zosconnect_summary"]["zcee"]["verdict"] == result["verdict"]
        return dict(result)

    def play(self, playbook: str, options: str = "", **variables: object) -> Job:
        hosts = {"zcee": {**prefixed("connections", zosconnect_version="2.0"), **variables}}
        job = run_job(self.folder / "job", playbook, hosts, survey={"zosconnect_hosts": "zcee"}, options=options)
        assert job.rc == 0, job.output
        return job

    def says(self) -> None:
        with self.log.open("a") as stream:
            stream.write(UPDATED)


def test_from_the_change_to_the_log(tmp_path: Path, pki: Cast) -> None:
    server = Server(tmp_path, pki)
    done = server.run()
    assert (done["verdict"], done["remote_calls"], server.note.stat().st_mode & 0o777) == ("pending", 2, 0o600)
    note = server.note.read_bytes()
    again = server.run()
    assert (again["verdict"], again["changed"], again["remote_calls"]) == ("pending", False, 1)
    assert again["next"][0] == (
        "An earlier run changed files of zcee, and the server uses them after the operator command F "
        f"BAQSTRT,ZCON,REFRESH: {server.log} shows neither a refresh nor a start since."
    )
    server.says()
    checked = server.run("--check")
    assert (server.note.read_bytes(), checked["next"]) == (note, ["Nobody answers on port 5002. " + SILENT])
    over = server.run()
    assert (over["changed"], over["next"], over["remote_calls"]) == (False, checked["next"], 2)
    assert not server.note.exists()

    server.play("restore", zosconnect_restore=done["restore"])
    assert server.note.exists(), "the server has read what was put back now"
    server.says()
    server.run()
    server.play("restore", zosconnect_restore=done["restore"])
    assert not server.note.exists(), "to the server nothing has changed"


SILENT = "If the server runs, it uses its files after the operator command F BAQSTRT,ZCON,REFRESH."
