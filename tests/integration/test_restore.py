# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook restore: its variable from the inventory, a restore file, a survey and a workflow; without what it does not need."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest
import yaml
from jobs import Job, Json, run_job

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "target"))

from apply_world import applied, change, order

pytestmark = pytest.mark.ansible

OLD, NEW = "<server><!-- old --></server>\n", "<server><!-- new --></server>\n"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Server:
    """A server whose server.xml and key store were changed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.files = [folder / "key.p12", folder / "server.xml"]
        for path in self.files:
            path.write_text(NEW)
            path.with_name(f"{path.name}~").write_text(OLD)

    def items(self, **more: Json) -> list[Json]:
        return [
            {
                "path": str(path),
                "backup_file": f"{path}~",
                "checksum_before": sha256(OLD),
                "checksum_after": sha256(NEW),
                **more.get(path.stem, {}),
            }
            for path in self.files
        ]

    @property
    def state(self) -> list[str]:
        return [path.read_text() for path in self.files]


def said(job: Job, host: str) -> list[str]:
    ((result),) = job.results(host, "Say what was put back")
    return list(result["msg"])


COMMAND = (
    "in force after the operator command F BAQSTRT,ZCON,REFRESH (z/OS Connect 2.0) or F BAQSTRT,REFRESH,CONFIG, then F "
    "BAQSTRT,REFRESH,KEYSTORE (3.0), or by itself where the server polls"
)


def put_back(server: Server) -> str:
    return f"put back: {server.files[1]}, {server.files[0]}"


@pytest.mark.both_cores
def test_from_the_inventory_in_all_its_forms(tmp_path: Path) -> None:
    names = ("list", "mapping", "text", "statistics", "polled", "policy", "changed", "nothing", "other", "no_secret")
    servers = {name: Server(tmp_path / name) for name in names}
    items = {name: server.items() for name, server in servers.items()}
    servers["changed"].files[1].write_text("<server/>")
    policy = servers["policy"].items(key={"host": "list", "kind": "policy"})
    hosts: dict[str, Json] = {
        "list": {"zosconnect_restore": items["list"]},
        "mapping": {"zosconnect_restore": {"mapping": items["mapping"]}},
        "text": {"zosconnect_restore": json.dumps(items["text"])},
        "statistics": {"zosconnect_security": {"statistics": {"restore": items["statistics"]}}},
        "polled": {"zosconnect_restore": items["polled"], "connections_refresh": "polled"},
        "policy": {"zosconnect_restore": policy, "connections_refresh": "polled"},
        "changed": {"zosconnect_restore": items["changed"]},
        "nothing": {},
        "other": {"zosconnect_restore": {"list": items["list"]}},
        # Neither a declaration nor a password is evaluated that is not needed.
        "no_secret": {
            "zosconnect_restore": items["no_secret"],
            "zosconnect_connections": "{{ nope }}",
            "connections_refresh_password": "{{ nope }}",
        },
    }
    job = run_job(tmp_path / "job", "restore", hosts)
    back = {name for name, server in servers.items() if server.state == [OLD, OLD]}
    assert back == {"list", "mapping", "text", "statistics", "polled", "policy", "no_secret"}
    for name in ("list", "mapping", "text", "statistics", "no_secret"):
        assert said(job, name) == [put_back(servers[name]), COMMAND]
    assert said(job, "polled") == [put_back(servers["polled"]), "the server looks for changes itself"]
    assert said(job, "policy") == [
        f"put back: {servers['policy'].files[1]}",
        "the server looks for changes itself",
        f"put back on list: {servers['policy'].files[0]}",
        "the policy counts after F PAGENT,UPDATE",
    ]
    assert said(job, "other") == ["nothing to put back: zosconnect_restore is for other hosts"]
    assert job.failure("nothing").startswith("There is nothing to restore for nothing. Give zosconnect_restore: ")
    # Nothing was put back of a server when one of its files is somebody else's work by now.
    assert "is not what it was after the change that shall be undone" in job.failure("changed")
    assert servers["changed"].state == [NEW, "<server/>"]
    assert job.statistics["zosconnect_security_restored"]["list"] == list(map(str, servers["list"].files[::-1]))


@pytest.mark.parametrize("form", ["file", "text"])
def test_one_restore_file_for_many_hosts(tmp_path: Path, form: str) -> None:
    servers = {name: Server(tmp_path / name) for name in ("one", "two")}
    restore = {name: server.items() for name, server in servers.items()}
    hosts: dict[str, Json] = {name: {"zosconnect_restore": []} for name in ("one", "two", "three")}
    (tmp_path / "undo.yml").write_text(yaml.safe_dump({"zosconnect_restore": restore}), encoding="utf-8")
    options = f"-e @{tmp_path}/undo.yml" if form == "file" else ""
    survey = {} if form == "file" else {"zosconnect_restore": json.dumps(restore)}
    checked = run_job(tmp_path / "job", "restore", hosts, survey=survey, options=f"--check {options}")
    assert said(checked, "one") == [put_back(servers["one"]).replace("put", "would put"), COMMAND]
    assert servers["one"].state == [NEW, NEW]
    job = run_job(tmp_path / "job", "restore", hosts, survey=survey, options=options)
    assert (job.rc, [server.state for server in servers.values()]) == (0, [[OLD, OLD], [OLD, OLD]])
    again = run_job(tmp_path / "job", "restore", hosts, survey=survey, options=options)
    assert (again.rc, again.changed("one")) == (0, 0)
    assert said(again, "one") == [
        "nothing to put back: 2 files are what was saved",
        COMMAND.replace(", or by", ", unless it was given since, or by"),
    ]


@pytest.mark.chosen
def test_what_an_interrupted_run_left_comes_first(tmp_path: Path) -> None:
    """The run had changed everything, and was killed before it could say so."""
    server = Server(tmp_path / "one")
    for path in server.files:
        path.write_text(OLD)
    left = applied(order(tmp_path / "one", *(change(path, NEW.encode()) for path in server.files)), taken=False)
    assert (left["outcome"], server.state) == ("applied", [NEW, NEW])
    restore = {"one": server.items()}
    refused = {"one": {"zosconnect_restore": restore}}
    checked = run_job(tmp_path / "job", "restore", refused, options="--check")
    assert (checked.rc, server.state) == (0, [NEW, NEW])
    job = run_job(tmp_path / "job", "restore", refused)
    assert (job.rc, server.state) == (0, [OLD, OLD]), job.failure("one")
    (result,) = job.results("one", "Put backups back and tell the server")
    assert [line.endswith("had come to its end: its files are the new ones.") for line in result["warnings"]] == [True]
    left_over = [path.name for path in (tmp_path / "one").iterdir() if path.name.startswith(".zos")]
    assert left_over == [".zosconnect-security.pending"], "no journal; but nobody told the server of what was put back"


def test_what_a_run_made_is_removed(tmp_path: Path) -> None:
    """Check, apply, compare, check again, apply again; what somebody has changed since stays."""
    server = Server(tmp_path / "one")
    made, theirs = (tmp_path / "one" / name for name in ("new.p12", "theirs.p12"))
    made.write_text(NEW)
    theirs.write_text("theirs")
    new = [{"path": str(path), "made": True, "checksum_after": sha256(NEW)} for path in (made, theirs)]
    hosts: dict[str, Json] = {"one": {"zosconnect_restore": [*new, *server.items()]}}
    checked = run_job(tmp_path / "job", "restore", hosts, options="--check")
    assert (made.read_text(), server.state) == (NEW, [NEW, NEW])
    done = run_job(tmp_path / "job", "restore", hosts)
    assert (made.exists(), theirs.read_text(), server.state) == (False, "theirs", [OLD, OLD])
    assert [path.read_text() for path in made.parent.glob("new.p12.*~")] == [NEW], "a copy of it is kept"
    stays = f"{theirs} was made by that run and is another one now, so it stays"
    assert said(checked, "one")[:3] == [
        put_back(server).replace("put back", "would put back"),
        f"would remove: {made}, made by that run",
        stays,
    ]
    assert said(done, "one")[:3] == [put_back(server), f"removed: {made}, made by that run", stays]
    for options in ("--check", ""):
        again = run_job(tmp_path / "job", "restore", hosts, options=options)
        assert (again.rc, again.changed("one")) == (0, 0)
