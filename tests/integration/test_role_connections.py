# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections that are declared together: each file is written once, and what contradicts itself is not written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from jobs import MARKER, Job, run_job
from pki import Cast
from role_world import KEY_PASSWORD, Json, Place, prefixed, secrets_of

pytestmark = [pytest.mark.ansible, pytest.mark.java, pytest.mark.both_cores]

# What is the same for both; the caller's secrets are there for being searched for.
COMMON = prefixed("connections", identity_rule="certificate_or_basic")
CALLERS = prefixed("connections", callers={"batch": {"request_password": f"{MARKER}batch"}})


def one_port(declared: list[Json]) -> Json:
    return {"zosconnect_connections": [{**each, "port": 5002} for each in declared]}


LOST = "the secret is a redaction mark (********), so it comes from an output; give the real one."
# By host: what is different from what is right, and what is said about it.
MISTAKES: dict[str, tuple[Callable[[list[Json]], Json], str]] = {
    "nothing": (lambda _: {"zosconnect_connections": []}, "connections: the list is empty; declare at least one"),
    "port_twice": (one_port, "cics: has port 5002, as batch has; each connection needs its own."),
    "two_rules": (
        lambda _: prefixed("connections", identity_rule=""),
        "Set identity_rule (for the playbooks, connections_identity_rule) to the weaker one,",
    ),
    "lost_for_all": (
        lambda _: prefixed("connections", request_password="********"),
        f"connections_request_password: {LOST}",
    ),
    "no_way_to_the_mbean": (
        lambda _: prefixed("connections", refresh="mbean"),
        "connections_refresh_url is empty; with connections_refresh mbean it is needed to tell the server.",
    ),
    "unread": (
        lambda declared: {"zosconnect_connections": [{**declared[0], "harden_default": True}, declared[1]]},
        "batch: harden_default would cut off <zosconnect_endpointConnection host='https://api'>",
    ),
}
# An endpoint that is called through AT-TLS, and shall be no longer.
CALLED = '<server>\n<zosconnect_endpointConnection id="api" host="http://localhost" port="443"/>\n</server>\n'
POLICY = """TTLSRule api_endpoint
{
  RemotePortRange 443
  Direction Outbound
  TTLSGroupActionRef api_endpoint
}
TTLSGroupAction api_endpoint
{
  TTLSEnabled On
}
"""
WITH_A_CALL = '<server>\n<zosconnect_endpointConnection id="a" host="https://api"/>\n</server>\n'


@dataclass(frozen=True)
class World:
    """A server with two connections, one that shall call no longer, servers with a mistake each, and three jobs; nobody
    can prove the third one's. ``policies`` are those of the second server after each job.
    """

    places: dict[str, Place]
    states: list[dict[str, dict[str, bytes]]]
    policies: list[str]
    done: Job
    again: Job
    unproved: Job


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, pki: Cast) -> World:
    folder = tmp_path_factory.mktemp("connections")
    texts = {"both": None, **dict.fromkeys(MISTAKES, None), "unread": WITH_A_CALL, "leaving": CALLED}
    places = {name: Place.make(folder / name, pki, server_xml=text) for name, text in texts.items()}
    places["both"].store("keys").write_bytes(pki.server.pkcs12(alias="old", password=KEY_PASSWORD))
    hosts: dict[str, Json] = {}
    for name, place in places.items():
        declared = place.declared()
        hosts[name] = {"zosconnect_connections": declared, **COMMON, **CALLERS}
        hosts[name] |= MISTAKES[name][0](declared) if name in MISTAKES else {}
    hosts["leaving"] = leaving(places["leaving"], policy := folder / "leaving.ttls")
    states = [{name: place.state() for name, place in places.items()}]
    jobs: list[Job] = []
    policies: list[str] = []
    for playbook, survey in (
        ("connections", {}),
        ("connections", {"zosconnect_hosts": "both,leaving"}),
        ("verify_connections", {"zosconnect_hosts": "both"}),
    ):
        secrets = secrets_of(pki.server)
        jobs.append(run_job(folder / "job", playbook, hosts, survey=survey, options="--diff", secrets=secrets))
        states.append({name: place.state() for name, place in places.items()})
        policies.append(policy.read_text(encoding="utf-8"))
    return World(places, states, policies, *jobs)


def leaving(place: Place, policy: Path) -> Json:
    """The variables of a server that shall no longer call through AT-TLS; an operator tells it."""
    policy.write_text(POLICY, encoding="utf-8")
    outbound = {"address": "192.0.2.20", "key_ring": "ZCEESRV/Endpoints", "user_id": "ZCEESRV"}
    api = {"name": "api", "server_tls": "attls", "endpoint": {"host": "localhost", "port": 443}, "outbound": outbound}
    # YAML makes a number of a release without quotes.
    wanted = {"state": "absent", "inbound_policy": str(policy), "policy_encoding": "UTF-8", "zos_release": 3.1}
    wanted |= {"attls_ports": "", "zos_apars": ""}  # what a survey leaves of lists
    return {
        "zosconnect_connections": [{**api, "server_dir": str(place.server_dir)}],
        **prefixed("connections", **wanted),
    }


def test_each_file_is_written_once(world: World) -> None:
    both = world.places["both"]
    report = world.done.statistics["zosconnect_security"]["both"]
    assert [(one["connection"], one["client_certificate"]) for one in report["connections"]] == [
        ("batch", "none"),
        ("cics", "required"),
    ]
    assert report["files"] == [str(both.store("keys")), str(both.store("trust")), str(both.server_xml)]
    backups = {change["backup_file"] for change in report["restore"] if not change.get("made")}
    added = world.states[1]["both"].keys() - world.states[0]["both"].keys()
    assert {str(both.server_dir / name) for name in added} == backups | {
        str(both.store("trust")),
        str(both.server_dir / ".zosconnect-security.pending"),
    }
    assert len(backups) == 2, "of server.xml and of the key store, which were there before"


def test_both_are_in_it(world: World) -> None:
    text = world.places["both"].server_xml.read_text(encoding="utf-8")
    assert [text.count(f'<httpEndpoint id="{name}"') for name in ("batch", "cics")] == [1, 1]
    assert text.count('<apiRequester name="orders"') == 1


def test_the_second_run_changes_nothing(world: World) -> None:
    assert (world.again.rc, world.again.changed("both")) == (0, 0), world.again.output
    assert world.states[2] == world.states[1]


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_met_with_a_sentence_and_untouched_files(world: World, name: str) -> None:
    assert MISTAKES[name][1] in world.done.failure(name)
    assert world.states[2][name] == world.states[0][name]


def test_a_rule_below_the_server_goes_when_the_server_has_been_told(world: World) -> None:
    """Without it a server that does not know yet would call in clear."""
    assert b"<zosconnect_endpointConnection" not in world.states[1]["leaving"]["server.xml"]
    assert ["TTLSRule" in policy for policy in world.policies[:2]] == [True, False]
    report = world.done.statistics["zosconnect_security"]["leaving"]
    assert report["verdict"] == "pending"
    assert report["next"][-1] == (
        "The server calls api until it has read its files, so the AT-TLS rules stay. Run this again after that."
    )


def test_a_proof_needs_a_caller_with_a_certificate(world: World) -> None:
    assert world.unproved.failure("both") == (
        "cics asks for client certificates, so connections_caller_certificate and connections_caller_key are needed to "
        "prove that a caller who has one is accepted."
    )
