# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all playbooks do alike: hosts that cannot be reached, names that are misspelt, texts of a survey."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jobs import Json, run_job
from layout import free_port

pytestmark = [pytest.mark.ansible, pytest.mark.both_cores]

AWAY: Json = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
REASON = "Failed to connect to the host via ssh: ssh: connect to host 127.0.0.1 port 1: Connection refused"


def server(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "server.xml").write_text("<server/>\n", encoding="ascii")
    return folder


@pytest.mark.parametrize(
    "playbook", ["connections", pytest.param("explain", marks=pytest.mark.chosen), "renew", "restore"]
)
def test_half_of_the_hosts_cannot_be_reached(tmp_path: Path, playbook: str) -> None:
    """The reason is told, although what is read is kept from every log, and the others are done."""
    folder = str(server(tmp_path / "server"))
    saved = [{"path": f"{folder}/server.xml", "backup_file": f"{folder}/server.xml", "checksum_before": "0" * 64}]
    variables: Json = {"zosconnect_server_dir": folder, "renew_server_dir": folder, "zosconnect_restore": saved}
    variables["zosconnect_connections"] = [{"server_dir": folder}]
    hosts: dict[str, Json] = {name: {**variables, **AWAY} for name in ("away", "gone")}
    job = run_job(tmp_path / "job", playbook, {"here": variables, "there": variables, **hosts})
    for name in hosts:
        assert job.unreachable(name) == f"{name}: {REASON}"
    statistics = job.statistics
    if playbook in ("connections", "restore"):
        told = statistics["zosconnect_summary"]
        assert {name: (told[name]["verdict"], told[name]["sentence"]) for name in hosts} == {
            name: ("unreachable", f"{name}: {REASON}") for name in hosts
        }
        assert (told["here"]["verdict"], told["here"]["sentence"]) == ("failed", job.failure("here"))
    if playbook == "connections":
        assert job.failure("here") == "connections[0].name: is missing; it has no default."
        assert "zosconnect_security" not in statistics
    if playbook == "restore":
        assert "/server.xml: is not what was saved: " in job.failure("here")
    if playbook == "explain":
        told = statistics["zosconnect_explained"]
        assert {name: told[name]["problem"] for name in told} == {
            "here": "",
            "there": "",
            "away": f"away: {REASON}",
            "gone": f"gone: {REASON}",
        }
    if playbook == "renew":
        told = statistics["zosconnect_renewed"]
        assert [told[name]["problem"] for name in ("here", "away")] == ["", f"away: {REASON}"]
    assert job.rc != 0


@pytest.mark.chosen
def test_a_misspelt_variable_is_met_with_the_right_one(tmp_path: Path) -> None:
    said = {
        "connections": (
            {"connections_refesh_url": "x"},
            "connections_refesh_url: is no variable of role connections; did you mean connections_refresh_url, ",
        ),
        "playbooks": (
            {"zosconnect_conections": []},
            "zosconnect_conections: is no variable of playbooks; did you mean zosconnect_connections? One of ",
        ),
        "innocent": ({"zosconnect_home": "/usr/lpp", "connections__mine": 1, "renew_days": 5}, None),
    }
    hosts: dict[str, Json] = {name: variables for name, (variables, _said) in said.items()}
    job = run_job(tmp_path / "job", "restore", hosts)
    for name, (_variables, sentence) in said.items():
        expected = sentence or "There is nothing to restore for innocent. "
        assert job.failure(name).startswith(expected)


def test_a_survey_gives_text(tmp_path: Path) -> None:
    waiver = {
        "id": "port-twice",
        "place": "x",
        "reason": "r",
        "owner": "us",
        "ticket": "1",
        "expires": "2099-01-01",
    }
    survey = {
        "zosconnect_server_dir": str(server(tmp_path / "server")),
        "zosconnect_waivers": json.dumps([waiver]),
        "zosconnect_attls": "ports: [9080]\ntargets: []\n",
        "zosconnect_severities": '{"port-twice": "low"}',
        "zosconnect_variables": '{"a": "b"}',
    }
    job = run_job(tmp_path / "job", "explain", {"here": {}}, survey=survey)
    assert job.rc == 0, job.failure("here")
    (port,) = (one for one in job.statistics["zosconnect_explained"]["here"]["ports"] if one["port"] == 9080)
    assert "AT-TLS" in port["verdict"]


def test_to_look_at_a_port_nobody_needs_the_secrets_of_the_server(tmp_path: Path) -> None:
    variables = {
        "server_dir": str(server(tmp_path / "server")),
        "port": free_port(),
        "client_certificate": "none",
        "identity": "basic",
        **dict.fromkeys(("key_store_password", "private_key", "trust_store_password"), "{{ nope }}"),
    }
    hosts: dict[str, Json] = {"here": {f"mutual_tls_requester_{name}": value for name, value in variables.items()}}
    hosts["here"]["connections_verify_seconds"] = 0
    job = run_job(tmp_path / "job", "verify_connections", hosts)
    assert (
        job.failure("here")
        == f"zosConnectTls on {variables['port']}: nothing listens at 127.0.0.1, expected an answer."
    )


def test_each_connection_has_a_line_also_where_one_is_not_as_declared(tmp_path: Path) -> None:
    port, other = free_port(), free_port()
    front = {"name": "front", "port": port, "client_certificate": "none", "identity": "basic"}
    call = {"name": "backendApi", "endpoint": {"host": "https://localhost", "port": other}, "server_tls": "jsse"}
    here = {
        "zosconnect_server_dir": "/nowhere",
        "zosconnect_connections": [front, call],
        "connections_verify_seconds": 0,
    }
    job = run_job(tmp_path / "job", "verify_connections", {"here": here})
    said = [
        f"front on {port}: nothing listens at 127.0.0.1, expected an answer.",
        f"backendApi on localhost:{other}: nothing listens at localhost, expected TLS.",
    ]
    assert job.failure("here") == " ".join(said)
    assert job.statistics["zosconnect_security_unproved"] == {"here": said}
    assert all(f'        "{one}"' in job.output for one in said)
    (failed,) = job.results("here", "All was seen")
    assert "probes" not in failed


def test_nothing_to_diagnose_names_the_variables_of_the_playbook(tmp_path: Path) -> None:
    job = run_job(tmp_path / "job", "diagnose", {"here": {"zosconnect_messages": "", "zosconnect_server_dir": ""}})
    assert job.failure("here") == (
        "Give zosconnect_messages, zosconnect_log, zosconnect_server_dir or zosconnect_probe_port."
    )
