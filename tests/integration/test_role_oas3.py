# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A z/OS Connect 3.0 server on a real Liberty: open to all before, and only for callers with the role, by TLS, after."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from jobs import Job, run_job
from launcher import Liberty, wait_for_port
from layout import free_port
from oas3 import CALLER, OUTSIDER, ask, make_oas3
from pki import Cast
from plays import play
from role_world import Json, Place, secrets_of

pytestmark = [pytest.mark.ansible, pytest.mark.java, pytest.mark.liberty]


@dataclass
class World:
    """A server, what callers and server_config_info said of it before and after, and the jobs between."""

    liberty: Liberty
    place: Place
    folder: Path
    port: int
    jobs: dict[str, Job] = field(default_factory=dict)
    findings: dict[str, list[Json]] = field(default_factory=dict)
    before: int = 0

    def variables(self, **others: object) -> Json:
        login = json.loads(self.liberty.layout.credentials_file.read_text(encoding="utf-8"))
        [batch, _cics] = self.place.declared()
        batch = {**{key: value for key, value in batch.items() if key not in ("requesters", "features")}}
        api = {
            "name": "ordersApi",
            "server_dir": str(self.place.server_dir),
            "endpoint": {"host": "api.example.com", "port": 443},
            "ssl_configuration": "default",
            "web_applications": "orders",
            # The server has no default key store yet, and nobody calls the endpoint here.
            "waivers": [
                {"id": each, "reason": "its stores come later", "owner": "Ada"}
                for each in ("tls-no-default-store", "tls-trusts-nothing")
            ],
        }
        return {
            "zosconnect_connections": [{**batch, "port": self.port, "web_applications": ["orders"]}, api],
            "connections_refresh": "mbean",
            "connections_refresh_url": self.liberty.layout.admin_url,
            "connections_refresh_username": login["user"],
            "connections_refresh_password": login["password"],
            "connections_refresh_ca": Path(login["ca"]).read_text(encoding="utf-8"),
            **others,
        }

    def run(self, name: str, *, options: str = "", **others: object) -> Job:
        secrets = secrets_of(self.place.pki.server)
        hosts = {"server": self.variables(**others)}
        self.jobs[name] = run_job(self.folder / "job", "connections", hosts, options=options, secrets=secrets)
        return self.jobs[name]

    def look(self, when: str) -> None:
        task = {"zosconnect.security.server_config_info": {"server_dir": str(self.place.server_dir)}}
        [told] = play(self.folder, [task]).results
        assert told["zosconnect"]["version"] == "3.0"
        self.findings[when] = told["findings"]

    def call(self, login: str = "") -> int:
        """Call by https, and trust only who issued the certificate that is declared."""
        wait_for_port(self.port, timeout=60)
        return ask(self.port, ca=self.place.pki.root.root_pem, login=login)

    def call_plainly(self) -> int:
        return ask(self.liberty.http_port)


@pytest.fixture(scope="module")
def world(pki: Cast, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("oas3")
    with Liberty() as liberty:
        make_oas3(liberty)
        place = Place(liberty.server_dir, pki)
        (place.server_dir / "resources" / "security").mkdir(parents=True, exist_ok=True)
        found = World(liberty, place, folder, free_port())
        found.before = found.call_plainly()
        found.look("before")
        found.run("contradicted", connections_zosconnect_version=2.0)
        found.run("tried", options="--check --diff")
        found.run("done", options="--diff")
        liberty.settle()
        found.run("again", options="--diff")
        found.look("after")
        yield found


def ids(findings: list[Json]) -> set[str]:
    return {each["id"] for each in findings}


def test_before_anybody_may_call_in_clear(world: World) -> None:
    assert world.before == 200
    found = ids(world.findings["before"])
    assert {"oas3-role-not-enforced", "oas3-http-open", "oas3-connection-dangling"} <= found


def test_a_declaration_for_the_other_one_is_refused(world: World) -> None:
    assert re.fullmatch(
        r"(?s).*zosconnect_version: 2\.0 is declared, but the features at .*/server\.xml:\d+ make the server a "
        r"z/OS Connect 3\.0\. Correct the one or the other\..*",
        world.jobs["contradicted"].failure("server"),
    )
    assert world.jobs["contradicted"].changed("server") == 0


def test_the_role_does_what_check_mode_says_once(world: World) -> None:
    assert world.jobs["tried"].rc == 0, world.jobs["tried"].failure("server")
    assert world.jobs["done"].rc == 0, world.jobs["done"].failure("server")
    tried, done = (
        [(task, found) for task, _diff, found in world.jobs[name].changes("server")] for name in ("tried", "done")
    )
    assert tried == done
    assert (world.jobs["again"].rc, world.jobs["again"].changed("server")) == (0, 0), world.jobs["again"].output


def test_the_operator_command_is_that_of_3_0(world: World) -> None:
    report = world.jobs["done"].statistics["zosconnect_security"]["server"]
    assert report["operator_command"] == "F BAQSTRT,REFRESH,CONFIG, then F BAQSTRT,REFRESH,KEYSTORE"


def test_server_xml_says_what_3_0_can_do(world: World) -> None:
    text = world.place.server_xml.read_text(encoding="utf-8")
    assert "requireSecure" not in text
    assert "<feature>appSecurity-2.0</feature>" in text
    assert '<property name="connectionRef" value="ordersApi"/>' in text


def test_nobody_gets_in_without_tls_or_without_the_role(world: World) -> None:
    assert world.call() == 401
    assert world.call(OUTSIDER) == 403
    assert world.call(CALLER) == 200
    with pytest.raises(ConnectionError):
        world.call_plainly()


def test_the_server_comes_out_clean(world: World) -> None:
    assert not {name for name in ids(world.findings["after"]) if name.startswith("oas3-")}
