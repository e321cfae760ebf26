# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""AT-TLS on either side and below the server, from one declaration.

A real Liberty, policies, and stand-ins for AT-TLS that do what the policy files say.

The systems are loopback addresses: the server listens on .1, AT-TLS in front of it on .3, the programs call .2. The endpoint
that the server calls is on .4, with AT-TLS between them on .1.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from attls_standin import Rings, write_ring
from endpoints import endpoints
from jobs import Job, run_job
from launcher import Liberty
from layout import BARE_SERVER_XML, free_ports
from pki import Cast
from role_world import Json, Place, secrets_of
from stack import End, Stack

from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages

pytestmark = [pytest.mark.ansible, pytest.mark.java, pytest.mark.liberty]

SERVER, OUTSIDE, PROGRAMS, ENDPOINT = "127.0.0.1", "127.0.0.3", "127.0.0.2", "127.0.0.4"
# A requester that calls; the role makes what it calls.
PRESENT = """<config updateTrigger="mbean"/>
<zosconnect_apiRequesters><apiRequester name="calling" connectionRef="c8"/></zosconnect_apiRequesters>
"""
NAMES = ("c1", "c2", "c3", "c4", "c5")
USER, PASSWORD = "batchuser", "batch-password"
CODEC = codepages.for_name("IBM-1047")
assert CODEC is not None


@dataclass
class Bed:
    """One server, its declaration, and what the stack is said to hold."""

    liberty: Liberty
    place: Place
    folder: Path
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def stack(self) -> Stack:
        return Stack(self.folder)

    @property
    def inbound(self) -> Path:
        return self.folder / "server.ttls"

    @property
    def outbound(self) -> Path:
        return self.folder / "client.ttls"

    def declared(self) -> list[Json]:
        """Six connections of IBM's figure; what demands TLS of the server is called orders, the rest stock."""
        batch = {"name": "night", "type": "batch", "job_name": "NIGHT*", "key_ring": "NIGHTUSR/ZosConnect"}
        cics = {"name": "prod", "type": "cics", "settings": {"group": "ZCEECLNT"}}
        [first, second] = self.place.declared()
        tls = {"requesters": ["orders"], "host": OUTSIDE}
        fronted = {
            "server_dir": first["server_dir"],
            "server_tls": "attls",
            "host": SERVER,
            "requesters": ["stock"],
            "inbound": {"key_ring": "ZCEESRV/Server", "certificate_label": "Server"},
        }
        optional = {"client_certificate": "supported", "identity": "certificate_or_basic"}
        known = {"server_host": "localhost", "server_address": OUTSIDE}
        found = [
            {**first, **tls, "name": "c1"},
            {**second, **tls, "name": "c2", "clients": [{**cics, "certificate_label": "Cics"}]},
            {**fronted, "name": "c3", "clients": [cics]},
            {
                **second,
                **tls,
                "name": "c4",
                "caller_tls": "attls",
                "clients": [{**batch, "certificate_label": "Night"}],
                **optional,
            },
            {**fronted, "name": "c5", "caller_tls": "attls", "clients": [batch]},
        ]
        ring = {"key_ring": "ZCEESRV/Endpoints", "certificate_label": "Zcee", "user_id": "ZCEESRV"}
        called = {"name": "c8", "endpoint": {"host": "localhost", "port": self.ports["c8"]}, "server_tls": "attls"}
        called |= {"client_certificate": "required", "outbound": {"address": ENDPOINT, **ring}}
        called |= {"server_dir": first["server_dir"]}
        return [*({**one, **known, "port": self.ports[one["name"]]} for one in found), called]

    def variables(self, **others: object) -> Json:
        credentials = json.loads(self.liberty.layout.credentials_file.read_text(encoding="utf-8"))
        client = self.place.pki.mapped
        shown = {"caller_certificate": client.certificate_pem + client.chain_pem, "caller_key": client.key_pem()}
        wanted = {
            "identity_rule": "certificate_or_basic",
            "inbound_policy": str(self.inbound),
            "outbound_policy": str(self.outbound),
            "policy_encoding": "IBM-1047",
            "zos_release": "3.1",
            "unproven": "accept",
            "handover_dir": str(self.folder / "handover"),
            "pasearch": self.stack.pasearch,
            "refresh": "mbean",
            "refresh_url": self.liberty.layout.admin_url,
            "refresh_username": credentials["user"],
            "refresh_password": credentials["password"],
            "refresh_ca": Path(credentials["ca"]).read_text(encoding="utf-8"),
            "verify_host": OUTSIDE,
            "server_name": "localhost",
            "ca": self.place.pki.root.root_pem,
            "request_username": USER,
            "request_password": PASSWORD,
            "request_path": "/zosConnect/apiRequesters/orders",
            "expected_status": [200],
            "callers": {
                "c2": shown,
                "c4": shown,
                "c3": {"request_path": "/zosConnect/apiRequesters/stock"},
                "c5": {"request_path": "/zosConnect/apiRequesters/stock"},
            },
            **others,
        }
        return {"zosconnect_connections": self.declared(), **{f"connections_{k}": v for k, v in wanted.items()}}

    def run(self, playbook: str = "connections", *, options: str = "", **others: object) -> Job:
        secrets = [*secrets_of(self.place.pki.server, self.place.pki.mapped), PASSWORD]
        return run_job(self.folder, playbook, {"server": self.variables(**others)}, options=options, secrets=secrets)

    def call(self, name: str, requester: str, *, login: bool = True) -> tuple[int, Json]:
        """Call as a program that speaks plain http does."""
        connection = http.client.HTTPConnection(PROGRAMS, self.ports[name], timeout=20)
        basic = {"Authorization": "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}
        try:
            connection.request("GET", f"/zosConnect/apiRequesters/{requester}", headers=basic if login else {})
            response = connection.getresponse()
            body = response.read().decode()
            return response.status, json.loads(body) if body.startswith("{") else {}
        finally:
            connection.close()


@contextlib.contextmanager
def attls(bed: Bed) -> Iterator[None]:
    """AT-TLS in front of the server and below the programs, as the policy files say."""
    authorities = [bed.place.pki.root.root_pem]
    server = write_ring(bed.folder / "r1", authorities=authorities, entries={"Server": bed.place.pki.server})
    client = write_ring(bed.folder / "r2", authorities=authorities, entries={"Night": bed.place.pki.mapped})
    calling = write_ring(bed.folder / "r3", authorities=authorities, entries={"Zcee": bed.place.pki.mapped})
    rings = Rings({"ZCEESRV/Server": server, "NIGHTUSR/ZosConnect": client, "ZCEESRV/Endpoints": calling})
    called = {name: (OUTSIDE, bed.ports[name]) for name in NAMES}
    ends = [End(bed.inbound, f"{name}_in", called[name], (SERVER, bed.ports[name])) for name in ("c3", "c5")]
    ends += [End(bed.outbound, f"{name}_night", (PROGRAMS, bed.ports[name]), called[name]) for name in ("c4", "c5")]
    ends.append(End(bed.inbound, "c8_endpoint", (SERVER, bed.ports["c8"]), (ENDPOINT, bed.ports["c8"])))
    with bed.stack.attls(ends, rings):
        yield


@pytest.fixture(scope="module")
def bed(liberty: Liberty, pki: Cast, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    made = Bed(liberty, Place(liberty.server_dir, pki).deployed(), tmp_path_factory.mktemp("attls"))
    made.ports = dict(zip(NAMES, free_ports(len(NAMES)), strict=True))
    (liberty.server_dir / "resources" / "security").mkdir(parents=True, exist_ok=True)
    (made.folder / "handover").mkdir()
    text = BARE_SERVER_XML.read_text(encoding="utf-8")
    assert liberty.update(text.replace("</server>", f"{PRESENT}</server>")).applied
    with endpoints(pki, made.folder, address=ENDPOINT) as ports:
        made.ports["c8"] = ports["mutual"]
        yield made


class TestStory:
    """One after the other, as a site does it."""

    @pytest.fixture(scope="class")
    @staticmethod
    def waiting(bed: Bed) -> Job:
        """The first run: the Policy Agent knows nothing of a policy."""
        bed.stack.holds(None)
        return bed.run()

    @pytest.fixture(scope="class")
    @staticmethod
    def opened(bed: Bed, waiting: Job) -> Iterator[tuple[Job, Job]]:
        """Check mode and the run when the policy is installed; AT-TLS stands there from now on."""
        assert waiting.rc == 0, waiting.output
        bed.stack.holds(bed.inbound)
        with attls(bed):
            yield bed.run(options="--check --diff"), bed.run(options="--diff")

    def test_without_a_policy_the_server_opens_nothing(self, bed: Bed, waiting: Job) -> None:
        before = BARE_SERVER_XML.read_text(encoding="utf-8").replace("</server>", f"{PRESENT}</server>")
        assert waiting.rc == 0, waiting.output
        assert bed.place.server_xml.read_text(encoding="utf-8") == before
        told = waiting.statistics["zosconnect_security"]["server"]
        assert (told["effective"], told["files"]) == (False, [])
        assert sorted(told["policies"]) == [str(bed.outbound), str(bed.inbound)]
        assert told["installed"]["proven"] is False
        assert told["installed"]["why"].startswith("Rule c3_in is not proven: ")
        assert told["verdict"] == "not_converged"
        assert told["next"][-2:] == [
            "Tell the Policy Agent: F PAGENT,UPDATE",
            "Then prove what the stack holds (pasearch -t), and run this again with that output in connections_evidence.",
        ]

    def test_other_teams_get_their_texts(self, bed: Bed, waiting: Job) -> None:
        names = ["README.txt", "c2-prod.csdup", "c3-prod.csdup", "c4-night.ceeopts", "c5-night.ceeopts"]
        assert sorted(path.name for path in (bed.folder / "handover").iterdir()) == names

    def test_policies_are_in_the_code_page_of_the_policy_agent(self, bed: Bed, waiting: Job) -> None:
        assert CODEC.decode(bed.inbound.read_bytes()).startswith("TTLSRule")

    @pytest.mark.chosen
    def test_check_mode_says_what_the_run_does(self, opened: tuple[Job, Job]) -> None:
        checked, done = opened
        assert (checked.rc, done.rc) == (0, 0), done.output
        assert checked.changes("server") == done.changes("server")
        assert done.statistics["zosconnect_security"]["server"]["effective"] is True

    @pytest.mark.chosen
    def test_everything_is_as_declared_on_the_wire(self, bed: Bed, opened: tuple[Job, Job]) -> None:
        verified = bed.run("verify_connections")
        assert verified.rc == 0, verified.output
        proved = verified.statistics["zosconnect_security_verified"]["server"]
        assert {title.partition(":")[0] for title in proved} == {*NAMES, "c8"}

    def test_a_program_that_speaks_plain_http_gets_through(self, bed: Bed, opened: tuple[Job, Job]) -> None:
        status, said = bed.call("c5", "stock")
        assert (status, said["user"], said["auth_type"], said["secure"]) == (200, USER, "BASIC", False)

    def test_the_certificate_of_its_rule_is_the_program_s_login(self, bed: Bed, opened: tuple[Job, Job]) -> None:
        status, said = bed.call("c4", "orders", login=False)
        assert (status, said["user"], said["auth_type"], said["secure"]) == (200, "cicsuser", "CLIENT_CERT", True)
        assert bed.call("c5", "stock", login=False)[0] == 401, "behind AT-TLS nobody logs in with one"

    def test_a_requester_that_demands_tls_is_not_served_behind_at_tls(self, bed: Bed, opened: tuple[Job, Job]) -> None:
        assert bed.call("c5", "orders")[0] == 302

    @pytest.mark.chosen
    def test_twice_is_once(self, bed: Bed, opened: tuple[Job, Job]) -> None:
        again = bed.run()
        assert (again.rc, again.changed("server")) == (0, 0), again.output

    def test_another_open_http_port_is_told(self, bed: Bed, opened: tuple[Job, Job]) -> None:
        text = bed.place.server_xml.read_text(encoding="utf-8")
        other = '  <httpEndpoint id="old" httpPort="8080"/>\n</server>'
        try:
            bed.place.server_xml.write_text(text.replace("</server>", other), encoding="utf-8")
            told = bed.run()
        finally:
            bed.place.server_xml.write_text(text, encoding="utf-8")
        assert told.rc == 0, "the port behind AT-TLS was there before"
        assert re.search(r"port 8080 of endpoint old \(.*server\.xml:\d+\) accepts plain http", told.output)

    def test_what_is_taken_away_is_gone(self, bed: Bed, opened: tuple[Job, Job]) -> None:
        gone = bed.run(state="absent")
        assert gone.rc == 0, gone.output
        assert "F PAGENT,UPDATE. The stack has let a rule go when" in " ".join(gone.output.split())
        assert "TTLSRule" not in CODEC.decode(bed.inbound.read_bytes())
        assert "TTLSRule" not in CODEC.decode(bed.outbound.read_bytes())
        text = bed.place.server_xml.read_text(encoding="utf-8")
        assert not [name for name in NAMES if f'id="{name}"' in text or 'id="c8"' in text]
        again = bed.run(state="absent")
        assert (again.rc, again.changed("server")) == (0, 0), again.output
