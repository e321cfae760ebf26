# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policies of a declaration in members of data sets, on a stand-in for ibm.ibm_zos_core."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from jobs import Job, run_job
from pki import Cast
from role_world import Json, Place, prefixed
from stack import Stack
from zos_core import Library, install

from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages

pytestmark = [pytest.mark.ansible]

TASK = "Read, plan, judge, apply, prove"
INBOUND, OUTBOUND = "//'SYS1.TCPPARMS(TTLSPOL)'", "//'SYS1.TCPPARMS(CALLERS)'"
BEFORE = "# Ours\nTTLSGroupAction                 zcOn\n{\n  TTLSEnabled                   On\n}\n"
EBCDIC = codepages.for_name("IBM-1047")
assert EBCDIC


@dataclass
class World:
    """A server whose port stands behind AT-TLS, and callers with AT-TLS; both policies are members of one library."""

    folder: Path
    place: Place
    library: Library
    host: str = ""

    @classmethod
    def make(
        cls, folder: Path, pki: Cast, *, host: str = "", length: int = 255, answers: Mapping[str, str] | None = None
    ) -> World:
        library = Library(folder / "data sets", "SYS1.TCPPARMS", length=length)
        assert EBCDIC
        library.member("TTLSPOL").write_bytes(EBCDIC.encode(BEFORE))
        library.member("CALLERS").write_bytes(b"")
        told = {command: (0, ["", f"-{command}", answer]) for command, answer in (answers or {}).items()}
        install(folder / "job" / "no-collections", told, data_sets=folder / "data sets")
        return cls(folder, Place.make(folder / "server", pki), library, host)

    def declared(self) -> Json:
        behind = {
            "server_dir": str(self.place.server_dir),
            "port": 5004,
            "server_tls": "attls",
            "server_host": "localhost",
            "server_address": "192.0.2.1",
        }
        night = {"type": "batch", "name": "night", "job_name": "NIGHT*", "key_ring": "NIGHTUSR/ZosConnect"}
        front = {"name": "fronted", "inbound": {"key_ring": "ZCEESRV/Server"}, "requesters": ["orders"], **behind}
        return {**front, "caller_tls": "attls", "clients": [night]}

    def run(self, playbook: str = "connections", *, options: str = "--diff", **others: object) -> Job:
        how = {"zos_release": 3.1, "unproven": "accept", "pasearch": [], "inbound_policy": INBOUND}
        own = {**how, "outbound_policy": OUTBOUND, "inbound_policy_host": self.host, **others}
        server = {"zosconnect_connections": [self.declared()], **prefixed("connections", **own)}
        hosts = {"server": server, **({self.host: {}} if self.host else {})}
        return run_job(self.folder / "job", playbook, hosts, survey={"zosconnect_hosts": "server"}, options=options)

    def text(self, name: str) -> str:
        assert EBCDIC
        return EBCDIC.decode(self.library.member(name).read_bytes())

    def state(self) -> dict[str, bytes]:
        members = {path.name: path.read_bytes() for path in self.library.folder.iterdir()}
        return {**members, "server.xml": self.place.server_xml.read_bytes()}


def result(job: Job) -> Json:
    (found,) = job.results("server", TASK)
    return found


@pytest.mark.chosen
def test_members_are_changed_as_files_are(tmp_path: Path, pki: Cast) -> None:
    """Five steps; the port waits."""
    there = World.make(tmp_path, pki)
    first = there.state()
    checked = there.run(options="--check --diff")
    assert there.state() == first, "check mode writes nothing"
    done = there.run()
    assert checked.changes("server") == done.changes("server")
    diff = "".join(each["prepared"] for each in result(done)["diff"])
    assert [line[4:] for line in diff.splitlines() if line.startswith("--- ")] == [INBOUND, OUTBOUND]
    assert there.text("TTLSPOL").startswith(BEFORE)
    assert "fronted_in" in there.text("TTLSPOL")
    assert "fronted_night" in there.text("CALLERS")
    assert there.state()["server.xml"] == first["server.xml"], "the port waits for its policy"
    second = there.state()
    again = [there.run(options="--check --diff"), there.run()]
    assert [job.changed("server") for job in again] == [0, 0]
    assert there.state() == second


def test_members_are_put_back(tmp_path: Path, pki: Cast) -> None:
    """The stack holds the policy, the port opens, and all of it is put back."""
    there = World.make(tmp_path, pki)
    first = there.state()
    done = there.run()
    stack = Stack(tmp_path)
    stack.holds(there.library.member("TTLSPOL"))
    opened = there.run(pasearch=stack.pasearch, unproven="refuse")
    assert opened.rc == 0, opened.output
    assert [each["path"] for each in result(opened)["report"]["restore"]] == [str(there.place.server_xml)]

    saved = result(done)["report"]["restore"]
    assert [(each["path"], each["kind"]) for each in saved] == [(INBOUND, "policy"), (OUTBOUND, "policy")]
    put_back(there, result(opened)["restore_file"], [])
    put_back(there, result(done)["restore_file"], [INBOUND, OUTBOUND])
    assert {name: there.state()[name] for name in first} == first


def put_back(there: World, restore_file: str, members: list[str]) -> None:
    """Restore in five steps."""
    path = there.folder / "job" / "project" / restore_file
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["zosconnect_restore"]
    before = there.state()
    tried = there.run("restore", options=f"--check -e @{path}")
    assert there.state() == before
    done = there.run("restore", options=f"-e @{path}")
    again = there.run("restore", options=f"-e @{path}")
    (looked,), (told,), (over,) = (job.results("server", "Put backups back") for job in (tried, done, again))
    assert (looked["changed"], told["changed"], over["changed"]) == (True, True, False), told
    if members:
        assert sorted(each["path"] for each in told["restored"]) == sorted(members)
        assert all(each["backup_file"].startswith("//'SYS1.TCPPARMS(Z") for each in told["restored"])
        assert told["lines"][-1] == "the policy counts after F PAGENT,UPDATE"


def test_a_member_on_another_host(tmp_path: Path, pki: Cast) -> None:
    there = World.make(tmp_path, pki, host="lpar1")
    first = there.state()
    checked = there.run(options="--check --diff")
    assert there.state() == first
    done = there.run()
    assert checked.changed("server") == done.changed("server") > 0
    assert "fronted_in" in there.text("TTLSPOL")
    (written,) = done.results("server", "Write what other hosts get")
    assert written["results"][0]["report"]["policies"] == [INBOUND]
    assert there.run().changed("server") == 0


def test_a_server_with_members_is_adopted(tmp_path: Path, pki: Cast) -> None:
    """What the stack holds is not asked: the proof is that nothing would change."""
    there = World.make(tmp_path, pki)
    there.run()
    stack = Stack(tmp_path)
    stack.holds(there.library.member("TTLSPOL"))
    there.run(pasearch=stack.pasearch)
    before, written = there.state(), tmp_path / "adopted.yml"
    where = {"zosconnect_server_dir": str(there.place.server_dir), "zosconnect_adopted_path": str(written)}
    own = prefixed("connections", inbound_policy=INBOUND, outbound_policy=OUTBOUND, zos_release=3.1)
    job = run_job(tmp_path / "job", "adopt", {"server": {**where, **own}})
    assert job.rc == 0, job.output
    front, _default = yaml.safe_load(written.read_text(encoding="utf-8"))["zosconnect_connections"]
    assert (front["server_tls"], front["inbound"]) == ("attls", {"rule": "fronted_in"})
    assert there.state() == before


DONE = {
    "F PAGENT,UPDATE": "EZZ8771I PAGENT CONFIG POLICY PROCESSING COMPLETE FOR TCPIP : TTLS",
    "F BAQSTRT,ZCON,REFRESH": "CWWKB0002I: MODIFY COMMAND ZCON,REFRESH COMPLETED SUCCESSFULLY.",
}
DOWN = {**DONE, "F BAQSTRT,ZCON,REFRESH": "IEE341I BAQSTRT             NOT ACTIVE"}


def given(job: Job) -> list[str]:
    return [one["command"] for one in result(job)["given"]]


def test_a_console_is_told(tmp_path: Path, pki: Cast) -> None:
    """The Policy Agent first, then the server; check mode and a run that changes nothing tell nobody."""
    there = World.make(tmp_path, pki, answers=DONE)
    console = {"operator": "zos_operator"}
    assert given(there.run(options="--check", **console)) == []
    assert given(there.run(**console)) == ["F PAGENT,UPDATE"]
    stack = Stack(tmp_path)
    stack.holds(there.library.member("TTLSPOL"))
    opened = there.run(pasearch=stack.pasearch, unproven="refuse", **console)
    assert given(opened) == ["F BAQSTRT,ZCON,REFRESH"], opened.output
    assert result(opened)["next"] == [
        "The server of server was told: F BAQSTRT,ZCON,REFRESH. Run the playbook zosconnect.security.verify_connections."
    ]
    again = there.run(pasearch=stack.pasearch, unproven="refuse", **console)
    assert (given(again), again.changed("server")) == ([], 0)
    path = tmp_path / "job" / "project" / result(opened)["restore_file"]
    back = there.run("restore", options=f"-e @{path}", zosconnect_version="2.0", **console)
    (told,) = back.results("server", "Put backups back")
    assert told["lines"][-1] == "given to the console: F BAQSTRT,ZCON,REFRESH"


def test_a_console_refuses(tmp_path: Path, pki: Cast) -> None:
    """The files stay changed; a later run gives the command again."""
    there = World.make(tmp_path, pki, answers=DOWN)
    plain = {"name": "cics", "server_dir": str(there.place.server_dir), "port": 5002, "client_certificate": "none"}
    server = {**plain, "key_store": {"location": "safkeyring:///ZceeRing"}, "requesters": ["orders"]}
    hosts = {"server": {"zosconnect_connections": [server], "connections_operator": "zos_operator"}}
    first, second = (run_job(tmp_path / "job", "connections", hosts) for _ in range(2))
    for job in (first, second):
        assert job.failure("server") == (
            "F BAQSTRT,ZCON,REFRESH was refused: IEE341I BAQSTRT             NOT ACTIVE; start the job, or give its name in "
            "job_name. The files are changed, and count after F BAQSTRT,ZCON,REFRESH. Give it when that is possible, with "
            "the module zosconnect.security.operator_command for instance, or run this again."
        )
    assert "safkeyring:///ZceeRing" in there.place.server_xml.read_text(encoding="utf-8")


def test_what_does_not_fit_is_said_before_anything_is_written(tmp_path: Path, pki: Cast) -> None:
    there = World.make(tmp_path, pki, length=44)
    first = there.state()
    for options in ("--check", ""):
        job = there.run(options=options)
        assert "and a record of SYS1.TCPPARMS holds 40; shorten it" in job.failure("server")
        assert there.state() == first
