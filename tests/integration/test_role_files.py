# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role with an operator between it and the server: check mode, the run, twice, hand-over, rings, restoring."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from jobs import Job, run_job
from layout import BARE_SERVER_XML
from pki import Cast
from role_world import KEY_PASSWORD, Json, Place, prefixed, secrets_of

pytestmark = [pytest.mark.ansible, pytest.mark.java, pytest.mark.both_cores]

HOSTS = ("files", "ring")
RING = prefixed(
    name="ring",
    key_store="safkeyring:///ZceeRing",
    trust_store="safkeyring:///ZceeRing",
    requesters=["orders_1.0.0"],
    require_secure="",
    require_secure_all_requesters="true",
    require_secure_server="false",
    zosconnect_version=2.0,
    job_name="ZCEE3",
)
# As AWX gives the answers of a survey: text, whatever is meant. What is not answered is not there, or empty.
SURVEY = prefixed(
    port="5002",
    protocols="TLSv1.2, TLSv1.3",
    requesters="orders_1.0.0,\r\nstock_1.0.0\r\n",
    require_secure="True",
    require_secure_server="",
    plain_http="closed",
    plain_http_ports="9080",
    harden_default="false",
    backup="true",
    allow_expired="False",
    identity_rule="certificate_or_basic",
    expected_status="200",
)

OF_RING = "in force after the operator command F ZCEE3,REFRESH,CONFIG, or by itself where the server polls"


def another_connection(place: Place) -> Json:
    """A connection without client certificates, of the same server, with the same key store."""
    return {
        "name": "ims",
        "server_dir": str(place.server_dir),
        "port": "5003",
        "client_certificate": "none",
        "identity": "basic",
        "key_store": {"location": str(place.store("keys")), "password": KEY_PASSWORD},
    }


@dataclass(frozen=True)
class World:
    """A server with files and one with rings, and what four jobs did to them one after the other."""

    places: dict[str, Place]
    states: list[dict[str, bytes]]
    checked: Job
    done: Job
    again: Job
    restored: Job

    @property
    def files(self) -> Place:
        return self.places["files"]

    def added(self, host: str) -> list[str]:
        """The lines that server.xml got."""
        (result,) = self.done.results(host, "Read, plan, judge, apply, prove")
        return [line[1:].strip() for line in result["diff"][-1]["prepared"].splitlines() if line.startswith("+ ")]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, pki: Cast) -> World:
    folder = tmp_path_factory.mktemp("files")
    places = {name: Place.make(folder / name, pki) for name in HOSTS}
    files = places["files"]
    files.store("keys").write_bytes(pki.server.pkcs12(alias="old", password=KEY_PASSWORD))
    (files.server_dir / "server.xml").chmod(0o644)  # all can read it, and passwords come into it
    mended = {"connections_server_xml_mode": "0640"}
    hosts = {
        "files": files.variables(more_connections=[another_connection(files)]) | SURVEY | mended,
        "ring": prefixed(server_dir=str(places["ring"].server_dir)) | RING,
    }
    jobs: list[Job] = []
    states = [files.state()]
    for options in ("--check --diff", "--diff", "--diff"):
        jobs.append(
            run_job(folder / "job", "mutual_tls_requester", hosts, options=options, secrets=secrets_of(pki.server))
        )
        states.append(files.state())
    # The statistics are enough: another job template of a workflow does not know the declaration.
    told = {"files": {}, "ring": prefixed(zosconnect_version=3.0, job_name="ZCEE3")}
    restored = run_job(folder / "job", "restore", told, survey=jobs[1].statistics, secrets=secrets_of(pki.server))
    states.append(files.state())
    return World(places, states, *jobs, restored)


class TestTheRun:
    @pytest.mark.parametrize("host", HOSTS)
    def test_check_mode_says_what_the_run_does(self, world: World, host: str) -> None:
        assert world.checked.changes(host)
        assert world.checked.changes(host) == world.done.changes(host)
        assert world.checked.changed(host) == world.done.changed(host)

    def test_check_mode_touches_nothing(self, world: World) -> None:
        assert world.states[1] == world.states[0]

    @pytest.mark.parametrize("host", HOSTS)
    def test_the_second_run_changes_nothing(self, world: World, host: str) -> None:
        assert (world.checked.rc, world.done.rc, world.again.rc) == (0, 0, 0)
        assert world.done.changed(host) > 0
        assert world.again.changed(host) == 0
        assert world.again.statistics["zosconnect_security"][host]["changed"] is False

    def test_a_file_that_gets_passwords_is_closed_where_that_is_asked_for(self, world: World) -> None:
        assert (world.files.server_dir / "server.xml").stat().st_mode & 0o777 == 0o640

    def test_the_second_run_leaves_every_byte(self, world: World) -> None:
        assert world.states[3] == world.states[2]

    def test_text_of_a_survey_is_what_was_meant(self, world: World) -> None:
        added = world.added("files")
        own = '<httpEndpoint id="zosConnectTls" host="*" httpPort="-1" httpsPort="5002" sslOptionsRef="zosConnectTls"/>'
        assert own in added
        assert '<apiRequester name="orders_1.0.0" requireSecure="true"/>' in added
        assert '<apiRequester name="stock_1.0.0" requireSecure="true"/>' in added
        assert any('sslProtocol="TLSv1.2,TLSv1.3"' in line for line in added)
        assert not any("zosConnectManager" in line for line in added), "an empty answer leaves the scope as it is"

    def test_only_lines_are_added(self, world: World) -> None:
        bare = BARE_SERVER_XML.read_text(encoding="utf-8").splitlines()
        now = world.states[2]["server.xml"].decode().splitlines()
        assert [line for line in now if line in bare] == bare


class TestArtefacts:
    def test_rings_are_only_named(self, world: World) -> None:
        assert list(world.places["ring"].server_dir.rglob("*.p12")) == []
        assert world.done.statistics["zosconnect_security"]["ring"]["files"] == [str(world.places["ring"].server_xml)]
        added = world.added("ring")
        ring = '<keyStore id="ring.keys" location="safkeyring:///ZceeRing" type="JCERACFKS"'
        assert f'{ring} fileBased="false" readOnly="true" password="********"/>' in added
        assert '<zosconnect_apiRequesters requireSecure="true">' in added
        assert '<apiRequester name="orders_1.0.0"/>' in added
        assert '<zosconnect_zosConnectManager requireSecure="false"/>' in added

    def test_two_connections_of_one_server(self, world: World) -> None:
        report = world.done.statistics["zosconnect_security"]["files"]
        assert [(one["connection"], one["client_certificate"]) for one in report["connections"]] == [
            ("zosConnectTls", "required"),
            ("ims", "none"),
        ]
        endpoints = [line for line in world.added("files") if line.startswith("<httpEndpoint")]
        assert [re.findall('httpsPort="(.*?)"', line) for line in endpoints] == [["5002"], [], ["5003"]]


class TestHandOver:
    @pytest.mark.parametrize(
        ("host", "command", "stores"),
        [
            (
                "files",
                "F BAQSTRT,ZCON,REFRESH",
                ["next: The server uses changed key stores after F BAQSTRT,ZCON,REFRESH."],
            ),
            ("ring", "F ZCEE3,ZCON,REFRESH", []),
        ],
    )
    def test_what_makes_it_count_is_named(self, world: World, host: str, command: str, stores: list[str]) -> None:
        (said,) = world.done.results(host, "What became of it")
        reads = (
            f"next: The files of {host} have changed; the server reads its configuration by itself (updateTrigger is "
        )
        assert [line for line in said["msg"] if line.startswith(reads)]
        assert [line for line in said["msg"] if line.startswith("next: The server uses")] == stores
        assert world.done.statistics["zosconnect_security"][host]["operator_command"] == command

    def test_a_second_run_names_what_is_still_to_be_done(self, world: World) -> None:
        (said,) = world.again.results("files", "What became of it")
        folder = world.places["files"].server_dir
        assert said["msg"] == [
            "unchanged  zosConnectTls on 5002, ims on 5003",
            (
                "next: An earlier run changed files of files, and the server uses them after the operator command "
                f"F BAQSTRT,ZCON,REFRESH. Whether it was given cannot be seen: {folder}/logs/messages.log: does not exist. "
                f"If it was, remove {folder}/.zosconnect-security.pending."
            ),
            "next: Nobody answers on ports 5002, 5003.",
        ]

    def test_what_was_done_is_left_for_the_job(self, world: World) -> None:
        report = world.done.statistics["zosconnect_security"]["files"]
        stores = [str(world.files.store(name)) for name in ("keys", "trust")]
        assert report["files"] == [*stores, str(world.files.server_xml)]
        assert (report["changed"], report["effective"]) == (True, False)
        assert [Path(change["path"]).name for change in report["restore"]] == ["keys.p12", "trust.p12", "server.xml"]
        assert sorted(report["restore"][1]) == ["checksum_after", "made", "path"], "there is nothing to go back to"
        assert sorted(report["restore"][0]) == ["backup_file", "checksum_after", "checksum_before", "path"]


class TestRestore:
    def test_the_statistics_of_a_job_lead_the_next_one_back(self, world: World) -> None:
        assert world.restored.rc == 0
        assert world.places["ring"].server_xml.read_bytes() == BARE_SERVER_XML.read_bytes()
        for name in ("server.xml", "resources/security/keys.p12"):
            assert world.states[4][name] == world.states[0][name]
        assert "resources/security/trust.p12" in world.states[3]
        assert "resources/security/trust.p12" not in world.states[4], "the run had made it"

    def test_what_it_replaces_is_kept(self, world: World) -> None:
        kept = [content for name, content in world.states[4].items() if name not in world.states[3]]
        assert world.states[2]["server.xml"] in kept

    def test_the_command_is_named_again(self, world: World) -> None:
        (said,) = world.restored.results("ring", "Say what was put back")
        path = str(world.places["ring"].server_xml)
        assert said["msg"] == [f"put back: {path}", OF_RING]
        (said,) = world.restored.results("files", "Say what was put back")
        assert said["msg"] == [
            f"put back: {world.files.server_xml}, {world.files.store('keys')}",
            f"removed: {world.files.store('trust')}, made by that run",
            (
                "in force after the operator command F BAQSTRT,ZCON,REFRESH (z/OS Connect 2.0) or F BAQSTRT,REFRESH,CONFIG, "
                "then F BAQSTRT,REFRESH,KEYSTORE (3.0), or by itself where the server polls"
            ),
        ]
        assert world.restored.statistics["zosconnect_security_restored"]["ring"] == [path]
