# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task connections as the playbook runs it: how many remote calls, what other hosts get, evidence without a program."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from jobs import Job, run_job
from pki import Cast
from role_world import Json, Place, prefixed
from stack import Stack

pytestmark = [pytest.mark.chosen, pytest.mark.ansible, pytest.mark.both_cores]

TASK = "Read, plan, judge, apply, prove"
RING = {"location": "safkeyring:///ZceeRing"}
SERVERS = ("plain", "apart", "evidence")
# Whoever is no root can give files to nobody else.
OWNER = pwd.getpwuid(os.geteuid() or 1)
LOOKS = {
    "policy_mode": "0644",
    "policy_owner": OWNER.pw_name,
    "handover_mode": "u=rw,g=,o=r",
    "handover_owner": OWNER.pw_uid,
}


@dataclass(frozen=True)
class World:
    """A port with TLS; one behind AT-TLS whose policy and texts are on other hosts; and one with evidence alone.

    Jobs: check, apply, check again, apply again; then evidence is given.
    """

    places: dict[str, Place]
    folder: Path
    states: list[dict[str, dict[str, bytes]]]
    jobs: list[Job]
    proved: Job

    def policy(self, name: str) -> Path:
        return self.folder / f"{name}.ttls"


def fronted(place: Place) -> Json:
    ring = {"key_ring": "ZCEESRV/Server"}
    behind = {"server_dir": str(place.server_dir), "port": 5004, "server_tls": "attls", "requesters": ["orders"]}
    return {"name": "fronted", "inbound": ring, **behind}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, pki: Cast) -> World:
    folder = tmp_path_factory.mktemp("task")
    places = {name: Place.make(folder / name, pki) for name in SERVERS}
    plain = {"name": "cics", "server_dir": str(places["plain"].server_dir), "port": 5002, "client_certificate": "none"}
    attls = {"zos_release": 3.1, "policy_encoding": "UTF-8", "unproven": "accept", "pasearch": []}
    of_hosts = {"inbound_policy_host": "lpar1", "handover_host": "files1", "handover_dir": str(folder / "handover")}
    hosts: dict[str, Json] = {
        "plain": {"zosconnect_connections": [{**plain, "key_store": RING, "requesters": ["orders"]}]},
        "apart": {
            "zosconnect_connections": [fronted(places["apart"])],
            **prefixed("connections", **attls, **of_hosts, **LOOKS, inbound_policy=str(folder / "apart.ttls")),
        },
        "evidence": {
            "zosconnect_connections": [fronted(places["evidence"])],
            **prefixed("connections", **attls, inbound_policy=str(folder / "evidence.ttls")),
        },
        "lpar1": {},
        "files1": {},
    }
    jobs: list[Job] = []
    states = [{name: place.state() for name, place in places.items()}]
    for options in ("--check --diff", "--diff", "--check --diff", "--diff"):
        survey = {"zosconnect_hosts": "plain,apart,evidence"}
        jobs.append(run_job(folder / "job", "connections", hosts, survey=survey, options=options))
        states.append({name: place.state() for name, place in places.items()})
    stack = Stack(folder, encoding="UTF-8")
    stack.holds(folder / "evidence.ttls")
    shown = subprocess.run(stack.pasearch, capture_output=True, text=True, check=True).stdout
    survey = {"zosconnect_hosts": "apart,evidence", "connections_evidence": shown, "connections_unproven": "refuse"}
    return World(places, folder, states, jobs, run_job(folder / "job", "connections", hosts, survey=survey))


def result(job: Job, host: str, task: str = TASK) -> Json:
    (found,) = job.results(host, task)
    return found


def test_one_call_to_read_and_one_to_apply(world: World) -> None:
    calls = [result(job, "plain")["remote_calls"] for job in world.jobs]
    assert calls == [1, 2, 1, 1]


def test_five_steps(world: World) -> None:
    checked, done, checked_again, again = world.jobs
    assert world.states[1] == world.states[0], "check mode writes nothing"
    for host in SERVERS:
        assert checked.changes(host) == done.changes(host)
        assert done.changed(host) > 0
        assert (checked_again.changed(host), again.changed(host)) == (0, 0)
    assert world.states[4] == world.states[2]


def test_check_mode_says_that_nothing_counts_yet(world: World) -> None:
    told = world.jobs[0].statistics
    assert told["zosconnect_security"]["plain"]["effective"] is False
    assert told["zosconnect_security"]["plain"]["check"] is True
    assert told["zosconnect_summary"]["plain"]["verdict"] == "would_change"


def test_no_wall_of_skipped_tasks(world: World) -> None:
    skipped = [event for event in world.jobs[1].events if event["event"] == "runner_on_skipped"]
    names = [event["event_data"]["task"] for event in skipped]
    assert names == ["The server waited for its policy, or a host was not reached"], "of one host"


def test_a_file_is_left_that_undoes_it(world: World) -> None:
    path = Path(world.folder / "job" / "project" / result(world.jobs[1], "plain")["restore_file"])
    assert path.stat().st_mode & 0o777 == 0o600
    left = yaml.safe_load(path.read_text(encoding="utf-8"))["zosconnect_restore"]["plain"]
    assert left == world.jobs[1].statistics["zosconnect_restore"]["plain"]
    assert [Path(each["path"]).name for each in left] == ["server.xml"]


def test_the_policy_is_written_where_it_is_and_the_port_waits(world: World) -> None:
    assert "TTLSRule" in world.policy("apart").read_text(encoding="utf-8")
    assert [path.name for path in (world.folder / "handover").iterdir()] == ["README.txt"]
    assert world.states[4]["apart"]["server.xml"] == world.states[0]["apart"]["server.xml"]
    assert world.jobs[1].statistics["zosconnect_summary"]["apart"]["verdict"] == "not_converged"


def test_what_is_made_looks_as_asked(world: World) -> None:
    folder = world.folder / "handover"
    looks = [path.stat() for path in (world.policy("apart"), folder / "README.txt")]
    assert [look.st_uid for look in looks] == [OWNER.pw_uid] * 2
    assert [look.st_mode & 0o777 for look in looks] == [0o644, 0o604]
    assert world.policy("evidence").stat().st_mode & 0o777 == 0o640, "where nothing is said"


def test_evidence_alone_opens_the_port(world: World) -> None:
    assert world.proved.rc == 0, world.proved.output
    for name in ("evidence", "apart"):
        text = world.places[name].server_xml.read_text(encoding="utf-8")
        assert 'httpPort="5004"' in text
        assert world.proved.statistics["zosconnect_summary"][name]["verdict"] == "pending"


def test_a_policy_host_that_is_down_gives_the_reason(world: World, tmp_path: Path) -> None:
    """The result of the task that asks it is hidden: it has the policies."""
    down = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
    where = {"inbound_policy": str(tmp_path / "p.ttls"), "inbound_policy_host": "lpar1", "zos_release": 3.1}
    declared = {"zosconnect_connections": [fronted(world.places["apart"])], **prefixed("connections", **where)}
    before = world.places["apart"].state()
    survey = {"zosconnect_hosts": "apart"}
    job = run_job(tmp_path / "job", "connections", {"apart": declared, "lpar1": down}, survey=survey)
    assert job.failure("apart").startswith("lpar1: Failed to connect to the host via ssh: ")
    assert "port 1: Connection refused" in job.failure("apart")
    assert world.places["apart"].state() == before
    told = job.statistics["zosconnect_summary"]["apart"]
    (row,) = told["hosts"]
    assert (told["verdict"], row["host"], row["status"], row["unproven"]) == (
        "unreachable",
        "lpar1",
        "unreachable",
        ["fronted"],
    )
    assert row["next"] == "Make lpar1 reachable or correct connections_inbound_policy_host, then run this again."
    assert job.failure("apart").endswith(f" lpar1 has the inbound AT-TLS policy, so unproven: fronted. {row['next']}")


# A stand-in for ssh: it runs what it is given here, until a file was asked for once. Then it only takes files away.
ONCE = """#!/bin/sh
for command; do :; done
case "$command" in
    *"rm -f"*) ;;
    *) if [ -e FOLDER/down ]; then echo "ssh: it is down" >&2; exit 255; fi ;;
esac
sh -c "$command"
code=$?
case "$command" in *python*) touch FOLDER/down ;; esac
exit $code
"""


def test_a_host_that_goes_down_before_it_is_written_to(world: World, tmp_path: Path) -> None:
    """It is asked, and then never answers again: what was done is told, with a row for it."""
    script = tmp_path / "ssh"
    script.write_text(ONCE.replace("FOLDER", str(tmp_path)), encoding="utf-8")
    script.chmod(0o755)
    texts = {"handover_host": "files1", "handover_dir": str(tmp_path / "handover")}
    where = {"inbound_policy": str(tmp_path / "p.ttls"), "zos_release": 3.1, "policy_encoding": "UTF-8", "pasearch": []}
    declared = {
        "zosconnect_connections": [fronted(world.places["apart"])],
        **prefixed("connections", **where, **texts, unproven="accept"),
    }
    down = {
        "ansible_connection": "ssh",
        "ansible_ssh_executable": str(script),
        "ansible_ssh_transfer_method": "piped",
        "ansible_ssh_retries": 0,
    }
    hosts = {"apart": declared, "files1": down}
    job = run_job(tmp_path / "job", "connections", hosts, survey={"zosconnect_hosts": "apart"})
    told = job.statistics["zosconnect_summary"]["apart"]
    (row,) = told["hosts"]
    assert (row["host"], row["status"], row["has"]) == ("files1", "unreachable", ["the texts for other teams"])
    assert (row["unproven"], told["verdict"]) == (["fronted"], "unreachable")
    assert job.statistics["zosconnect_security"]["apart"]["policies"] == [str(tmp_path / "p.ttls")]
    assert [Path(each["path"]).name for each in job.statistics["zosconnect_restore"]["apart"]] == ["p.ttls"]
    assert job.failure("apart").endswith(row["next"])
    assert (tmp_path / "p.ttls").exists()
