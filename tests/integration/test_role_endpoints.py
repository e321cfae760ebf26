# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The second leg, from the declaration to what a real Liberty makes of it: its calls of good endpoints and bad ones."""

from __future__ import annotations

import http.client
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from endpoints import LOGIN, endpoints
from jobs import MARKER, Job, run_job
from launcher import Liberty
from layout import BARE_SERVER_XML
from pki import Cast
from role_world import Json, Place, prefixed, secrets_of

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import outbound, texts

pytestmark = [pytest.mark.ansible, pytest.mark.java, pytest.mark.liberty]

KEYS, TRUST = f"{MARKER}out-keys", f"{MARKER}out-trust"
USER, PASSWORD = LOGIN.split(":")
SKIPPED = {"hosts": "localhost", "reason": "moves in May", "owner": "Ada", "ticket": "SEC-12", "expires": "2027-01-31"}
# By the name of the endpoint that is declared and of the requester that uses it: what it calls, and how.
DECLARED: dict[str, tuple[str, Json]] = {
    "mutual": ("mutual", {"client_certificate": "required"}),
    "for_all": ("mutual", {"client_certificate": "required", "ssl_configuration": "default"}),
    "server": ("server", {}),
    "login": ("password", {"authentication": {"basic": {"user": USER, "password": PASSWORD}}}),
    "excepted": ("wrong_name", {"skip_host_names": SKIPPED}),
    "shy": ("mutual", {}),
    "wrong_name": ("wrong_name", {}),
    "expired": ("expired", {}),
    "untrusted": ("untrusted", {}),
    "tls11": ("tls11", {}),
}
# The ones that cannot be called: what the JDK says, what Liberty logs, what a look from the target says.
BAD = {
    "shy": ("certificate_required", "", "refused the caller after the handshake"),
    "wrong_name": (
        "No subject alternative DNS name matching localhost",
        "CWPKI0824E",
        "its certificate is not made out to localhost",
    ),
    "expired": ("validity check failed", "CWPKI0312E", "its certificate has expired"),
    "untrusted": ("unable to find valid certification path", "CWPKI0823E", "its certificate is not trusted"),
    "tls11": ("protocol_version", "", "refused the handshake"),
}


# What is in server.xml already, and falls back to the default for all calls.
FALLEN = ("dangling", "broken")


@dataclass(frozen=True)
class World:
    """A server that calls, and the jobs that told it how: tried, done, done again, looked at."""

    liberty: Liberty
    place: Place
    states: list[dict[str, bytes]]
    jobs: dict[str, Job]

    def call(self, requester: str) -> Json:
        """Use a requester, again while Liberty has not carried out the new configuration everywhere."""
        deadline = time.monotonic() + 30
        while True:
            connection = http.client.HTTPConnection("localhost", self.liberty.http_port, timeout=20)
            try:
                connection.request("GET", f"/zosConnect/apiRequesters/{requester}")
                response = connection.getresponse()
                if response.status in (200, 502):
                    called: Json = json.loads(response.read())["outbound"]
                    return called
            except ConnectionError:
                pass
            finally:
                connection.close()
            assert time.monotonic() < deadline
            time.sleep(0.1)


def server_xml(port: int) -> str:
    """The bare server, whose requesters lead to endpoints that are not there yet; two are, with what Liberty drops."""
    requesters = "".join(f'<apiRequester name="{name}" connectionRef="{name}"/>\n' for name in (*DECLARED, *FALLEN))
    there = f'host="https://localhost" port="{port}" sslCertsRef'
    content = f"""<zosconnect_endpointConnection id="dangling" {there}="nowhere"/>
<zosconnect_endpointConnection id="broken" {there}="broken"/>
<ssl id="broken" keyStoreRef="nothing"/><keyStore id="nothing" location="nothing.p12"/>
<zosconnect_zosConnectManager requireSecure="false" requireAuth="false"/>
<zosconnect_apiRequesters>\n{requesters}</zosconnect_apiRequesters>\n</server>"""
    return BARE_SERVER_XML.read_text(encoding="utf-8").replace("</server>", content)


def declarations(place: Place, ports: dict[str, int]) -> list[Json]:
    client = place.pki.mapped
    keys = {
        "location": str(place.store("out-keys")),
        "password": KEYS,
        "alias": "zcee",
        "private_key": client.key_pem(),
    }
    keys |= {"certificate": client.certificate_pem, "chain": client.chain_pem}
    trust = {"location": str(place.store("out-trust")), "password": TRUST, "trusted": place.pki.root.root_pem}
    return [
        {
            "name": name,
            "server_dir": str(place.server_dir),
            "endpoint": {"host": "localhost", "port": ports[called]},
            "requesters": [name],
            "trust_store": trust,
            **({"key_store": keys} if "client_certificate" in others else {}),
            **others,
        }
        for name, (called, others) in DECLARED.items()
    ]


def of_role(first: Json, more: list[Json]) -> Json:
    """The variables of role rest_endpoint for an endpoint that asks for a certificate, and the others as they are declared."""
    keys, trust = first["key_store"], first["trust_store"]
    return prefixed(
        "rest_endpoint",
        **{name: str(first[name]) for name in ("name", "client_certificate", "server_dir")},
        **{name: str(value) for name, value in first["endpoint"].items()},
        key_store=keys["location"],
        key_store_password=keys["password"],
        key_alias=keys["alias"],
        private_key=keys["private_key"],
        certificate=keys["certificate"],
        certificate_chain=keys["chain"],
        trust_store=trust["location"],
        trust_store_password=trust["password"],
        trusted_certificates=trust["trusted"],
        requesters=first["requesters"],
        more_connections=more,
    )


def written(place: Place) -> dict[str, bytes]:
    """The files that the role may touch; Liberty writes others."""
    kept = ("server.xml", "configDropins", "resources")
    return {path: data for path, data in place.state().items() if path.startswith(kept)}


@pytest.fixture(scope="module")
def world(liberty: Liberty, pki: Cast, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("endpoints")
    place = Place(liberty.server_dir, pki)
    (place.server_dir / "resources" / "security").mkdir(parents=True, exist_ok=True)
    with endpoints(pki, folder) as ports:
        assert liberty.update(server_xml(ports["mutual"])).applied
        declared = declarations(place, ports)
        variables = {
            # What is looked at in the end.
            "zosconnect_connections": [each for each in declared if each["name"] in ("mutual", *BAD)],
            **of_role(declared[0], declared[1:]),
            "connections_refresh": "polled",
            "connections_full_results": True,
        }
        steps = {
            "tried": ("rest_endpoint", "--check --diff"),
            "done": ("rest_endpoint", "--diff"),
            "again": ("rest_endpoint", "--diff"),
            "looked": ("verify_connections", ""),
        }
        states, jobs = [written(place)], {}
        secrets = [*secrets_of(pki.mapped), PASSWORD]
        for name, (playbook, options) in steps.items():
            since = liberty.position()
            hosts = {"server": variables}
            jobs[name] = run_job(folder / "job", playbook, hosts, options=options, secrets=secrets)
            if name == "done":
                assert jobs[name].rc == 0, jobs[name].failure("server")
                assert liberty.wait_for_update(since).applied
            states.append(written(place))
        yield World(liberty, place, states, jobs)


def changes(job: Job) -> list[Any]:
    return [(task, found) for task, _diff, found in job.changes("server")]


def test_check_mode_says_what_will_be_done_and_does_nothing(world: World) -> None:
    assert world.jobs["tried"].rc == 0, world.jobs["tried"].failure("server")
    assert world.states[1] == world.states[0]
    assert changes(world.jobs["tried"]) == changes(world.jobs["done"])


def test_the_second_run_changes_nothing(world: World) -> None:
    assert (world.jobs["again"].rc, world.jobs["again"].changed("server")) == (0, 0), world.jobs["again"].output
    assert world.states[3] == world.states[2]


def test_the_report(world: World) -> None:
    report = world.jobs["done"].statistics["zosconnect_security"]["server"]
    assert [one["client_certificate"] for one in report["endpoints"]] == [*["required"] * 2, *["none"] * 8]
    assert [(each["connection"], each["ssl"]) for each in report["endpoints"]][:2] == [
        ("mutual", "mutual.out"),
        ("for_all", "defaultOutbound"),
    ]
    [waiver] = report["waivers"]
    assert (waiver["place"], waiver["owner"]) == ("ssl excepted.out", "Ada")


@pytest.mark.parametrize(
    ("name", "asked", "used", "client", "checked"),
    [
        ("mutual", "mutual.out", "mutual.out", "CN=cicsuser", True),
        ("for_all", "", "defaultOutbound", "CN=cicsuser", True),
        ("server", "server.out", "server.out", None, True),
        ("login", "login.out", "login.out", None, True),
        ("excepted", "excepted.out", "excepted.out", None, False),
    ],
)
def test_liberty_calls_as_declared(
    world: World, name: str, asked: str, used: str, client: str | None, *, checked: bool
) -> None:
    called = world.call(name)
    assert (called["ssl_asked"], called["ssl_used"], called["verifies_host_name"]) == (asked, used, checked)
    seen = json.loads(called["body"])
    assert (called["status"], seen["client_subject"]) == (200, client)
    assert seen["user"] == (USER if name == "login" else None)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_endpoint_is_not_called(world: World, name: str) -> None:
    message, logged, _outcome = BAD[name]
    since = world.liberty.position()
    called = world.call(name)
    assert message in called["message"]
    assert logged in world.liberty.messages(since)
    assert "status" not in called


@pytest.mark.parametrize("name", [*FALLEN, "mutual", "for_all", "server"])
def test_what_the_files_say_is_what_liberty_does(world: World, name: str) -> None:
    folder = world.place.server_dir
    written = {path.relative_to(folder).as_posix(): path for path in folder.glob("**/*.xml")}
    effective, _files = texts.effective({each: path.read_text(encoding="utf-8") for each, path in written.items()})
    [told] = [call for call in outbound.report(effective) if call["id"] == name]
    called = world.call(name)
    assert told["ssl"] == called["ssl_used"]
    assert (told["fallback"] is not None) == (name in FALLEN)
    assert called["status"] == 200


def test_a_look_from_the_target_finds_the_bad_ones(world: World) -> None:
    said = world.jobs["looked"].failure("server")
    assert said.count("expected a certificate that trust_store trusts.") == len(BAD)
    for name, (_message, _logged, seen) in BAD.items():
        assert re.search(rf"\b{name} on localhost:\d+: {seen}", said)
