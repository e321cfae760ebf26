# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role against a real Liberty that looks only when told, as on z/OS: identity, requireSecure, hardening, back-out.

One server for all; each class gives it a connection of another name.
"""

from __future__ import annotations

import base64
import http.client
import json
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jobs import Job, run_job
from launcher import Liberty, wait_for_port
from layout import BARE_SERVER_XML, free_port
from pki import Cast, Issued
from role_world import Json, Place, prefixed, secrets_of

pytestmark = [pytest.mark.ansible, pytest.mark.java, pytest.mark.liberty]

BATCH = "batchuser:batch-password"
# A default configuration that works is what Liberty falls back to.
CONTENT = '<config updateTrigger="mbean"/>\n<keyStore id="defaultKeyStore" password="default-password"/>\n'
SCOPES = {"require_secure": "", "require_secure_all_requesters": "true", "require_secure_server": "false"}
# A port whose reference leads nowhere.
FALLEN = (
    '<httpEndpoint id="fallen" httpPort="-1" httpsPort="{}"><sslOptions sslRef="nowhere"/></httpEndpoint>\n</server>'
)
REFUSED = (ssl.SSLError, ConnectionError, http.client.HTTPException)


@dataclass(frozen=True)
class Reply:
    status: int
    said: Json


@dataclass(frozen=True)
class Bed:
    """A real server, the role's variables for it, and callers."""

    liberty: Liberty
    place: Place
    folder: Path

    def common(self) -> Json:
        """What each role needs to tell the server, and callers to call it."""
        credentials = json.loads(self.liberty.layout.credentials_file.read_text(encoding="utf-8"))
        client = self.place.pki.mapped
        return {
            "refresh": "mbean",
            "refresh_url": self.liberty.layout.admin_url,
            "refresh_username": credentials["user"],
            "refresh_password": credentials["password"],
            "refresh_ca": Path(credentials["ca"]).read_text(encoding="utf-8"),
            "ca": self.place.pki.root.root_pem,
            "server_name": "localhost",
            "caller_certificate": client.certificate_pem + client.chain_pem,
            "caller_key": client.key_pem(),
            "request_path": "/zosConnect/apiRequesters/orders",
            "expected_status": "200",
        }

    def variables(self, name: str, port: int, **others: object) -> Json:
        return self.place.variables(
            **{
                "name": name,
                "port": str(port),
                "key_store": str(self.place.store(f"{name}-keys")),
                "trust_store": str(self.place.store(f"{name}-trust")),
                "requesters": "orders,stock",
                "plain_http_ports": self.liberty.http_port,
                **self.common(),
                **others,
            }
        )

    def job(self, playbook: str, variables: Json, **options: Any) -> Job:
        passwords = [self.common()["refresh_password"], BATCH.partition(":")[2]]
        secrets = [*secrets_of(self.place.pki.server, self.place.pki.mapped), *passwords]
        return run_job(self.folder, playbook, {"server": variables}, secrets=secrets, **options)

    def run(self, variables: Json, **options: Any) -> Job:
        return self.job("mutual_tls_requester", variables, **options)

    def call(self, port: int, requester: str = "orders", *, client: Issued | None = None, password: str = "") -> Reply:
        """Call as a z/OS program does; while Liberty opens its ports once more, again."""
        context = ssl.create_default_context(cadata=self.place.pki.root.root_pem)
        if client:
            pem = self.folder / "client.pem"
            pem.write_text(client.certificate_pem + client.chain_pem + client.key_pem())
            context.load_cert_chain(pem)
        headers = {"Authorization": "Basic " + base64.b64encode(password.encode()).decode()} if password else {}
        wait_for_port(port, timeout=60)
        connection = http.client.HTTPSConnection("localhost", port, context=context, timeout=20)
        try:
            connection.request("GET", f"/zosConnect/apiRequesters/{requester}", headers=headers)
            response = connection.getresponse()
            body = response.read().decode()
            return Reply(response.status, json.loads(body) if body.startswith("{") else {})
        finally:
            connection.close()

    def break_by_hand(self, good: str, bad: str) -> None:
        """Change server.xml as somebody with an editor would."""
        text = self.place.server_xml.read_text(encoding="utf-8")
        assert len(re.findall(good, text)) == 1
        self.tell(re.sub(good, bad, text))

    def reset(self) -> None:
        """The bare server, which looks only when told, with a default configuration that works."""
        self.tell(BARE_SERVER_XML.read_text(encoding="utf-8").replace("</server>", f"{CONTENT}</server>"))

    def tell(self, text: str) -> None:
        """Write server.xml and let Liberty look at it."""
        since = self.liberty.position()
        self.place.server_xml.write_text(text, encoding="utf-8")
        self.liberty.refresh([self.place.server_xml])
        assert self.liberty.wait_for_update(since).applied


@pytest.fixture(scope="module")
def bed(liberty: Liberty, pki: Cast, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    made = Bed(liberty, Place(liberty.server_dir, pki).deployed(), tmp_path_factory.mktemp("liberty"))
    (liberty.server_dir / "resources" / "security").mkdir(parents=True, exist_ok=True)
    made.reset()
    yield made
    made.tell(
        BARE_SERVER_XML.read_text(encoding="utf-8")
    )  # without mbean: the next tests have a server that looks by itself


def eventually(true: Callable[[], bool]) -> bool:
    """Whether it comes true within a minute."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.5)
    return False


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class TestCertificateOrBasic:
    """requireSecure at three scopes; plain http closed; then a reference that is broken by hand."""

    @pytest.fixture(scope="class")
    @staticmethod
    def port(bed: Bed) -> int:
        port = free_port()
        bed.reset()
        done = bed.run(bed.variables("either", port, identity="certificate_or_basic", **SCOPES))
        assert done.rc == 0, done.failure("server")
        assert done.statistics["zosconnect_security"]["server"]["effective"] is True
        return port

    @pytest.mark.chosen
    def test_a_mapped_certificate(self, bed: Bed, port: int) -> None:
        reply = bed.call(port, client=bed.place.pki.mapped)
        assert (reply.said["user"], reply.said["auth_type"]) == ("cicsuser", "CLIENT_CERT")

    def test_an_unmapped_certificate_with_a_password(self, bed: Bed, port: int) -> None:
        reply = bed.call(port, client=bed.place.pki.unmapped, password=BATCH)
        assert (reply.said["user"], reply.said["auth_type"]) == ("batchuser", "BASIC")

    def test_an_unmapped_certificate_alone(self, bed: Bed, port: int) -> None:
        assert bed.call(port, client=bed.place.pki.unmapped).status == 401

    def test_a_password_without_a_certificate(self, bed: Bed, port: int) -> None:
        with pytest.raises(REFUSED):
            bed.call(port, password=BATCH)

    def test_liberty_has_require_secure_as_declared(self, bed: Bed, port: int) -> None:
        (collection,) = bed.liberty.config("zosconnect_apiRequesters")
        assert collection["requireSecure"] is True
        assert [(item["name"], item.get("requireSecure")) for item in collection["apiRequester"]] == [
            ("orders", None),
            ("stock", None),
        ]
        assert bed.liberty.config("zosconnect_zosConnectManager")[0]["requireSecure"] is False

    def test_the_default_endpoint_has_no_plain_port(self, bed: Bed, port: int) -> None:
        assert not is_open(bed.liberty.http_port)

    def test_a_renewed_certificate_is_served_when_liberty_is_told(self, bed: Bed, port: int) -> None:
        """Untold, Liberty serves the old one: that is found out, and the store is put back."""
        renewed = bed.place.pki.root.issue("localhost", sans=["localhost"], key_type="ec", client=False)
        pem = {"private_key": renewed.key_pem(), "certificate": renewed.certificate_pem, "certificate_chain": ""}
        variables = bed.variables("either", port, identity="certificate_or_basic", **SCOPES, **pem)
        store = bed.place.store("either-keys")
        before = store.read_bytes()
        untold = bed.run({**variables, **prefixed(refresh="polled", verify_seconds=2)})
        assert untold.rc == 2
        assert untold.statistics["zosconnect_security"]["server"]["put_back"] == [str(store)]
        assert store.read_bytes() == before
        told = bed.run(variables)
        assert told.rc == 0, told.failure("server")
        assert told.statistics["zosconnect_security"]["server"]["files"] == [str(store)]
        served = ssl.get_server_certificate(("localhost", port))
        assert served.strip() == renewed.certificate_pem.strip()

    def test_a_reference_that_leads_nowhere(self, bed: Bed, port: int) -> None:
        """Liberty serves such a port with its default, in silence. The verify playbook is not silent."""
        variables = bed.variables("either", port, identity="certificate_or_basic", verify_seconds="2")
        good = bed.job("verify_connections", variables)
        assert good.rc == 0, good.failure("server")
        assert list(good.statistics["zosconnect_security_verified"]["server"]) == [
            "either: the port asks for TLS and accepts the caller",
            "either: a caller without a certificate is refused",
            "either: plain http to the port is refused",
            f"either: nothing answers plain http on {bed.liberty.http_port}",
        ]
        fallen = free_port()
        bed.break_by_hand("</server>", FALLEN.format(fallen))
        assert eventually(lambda: is_open(fallen)), "Liberty closes nothing"
        variables["mutual_tls_requester_port"] = fallen
        bad = bed.job("verify_connections", variables)
        assert bad.rc == 2
        # The default certificate: nobody trusts it, and nobody is asked for one.
        said = bad.failure("server")
        assert said.startswith(f"either on {fallen}: its certificate is not trusted (")
        assert said.endswith("), expected an answer.")
        assert bad.statistics["zosconnect_security_unproved"]["server"] == [said]
        assert list(bad.statistics["zosconnect_security_verified"]["server"]) == [
            "either: plain http to the port is refused",
            f"either: nothing answers plain http on {bed.liberty.http_port}",
        ]


class TestCertificateHardened:
    """The strictest: certificates only, and a default that nothing can fall back to."""

    @pytest.fixture(scope="class")
    @staticmethod
    def port(bed: Bed) -> int:
        port = free_port()
        bed.reset()
        done = bed.run(bed.variables("strict", port, harden_default="true", client_certificate="supported"))
        assert done.rc == 0, done.failure("server")
        return port

    def test_only_certificates_count(self, bed: Bed, port: int) -> None:
        assert bed.call(port, client=bed.place.pki.mapped).said["auth_type"] == "CLIENT_CERT"
        assert bed.call(port, client=bed.place.pki.unmapped, password=BATCH).status == 403
        assert bed.call(port, password=BATCH).status == 403

    def test_the_requesters_themselves_demand_tls(self, bed: Bed, port: int) -> None:
        (collection,) = bed.liberty.config("zosconnect_apiRequesters")
        assert [item["requireSecure"] for item in collection["apiRequester"]] == [True, True]

    def test_a_reference_that_leads_nowhere(self, bed: Bed, port: int) -> None:
        fallen = free_port()
        bed.break_by_hand("</server>", FALLEN.format(fallen))
        assert bed.call(port, client=bed.place.pki.mapped).status == 200, "the ports are open again"
        assert not is_open(fallen)

    @pytest.mark.parametrize(
        ("good", "bad"),
        [
            ('<sslOptions id="strict" sslRef="strict"/>', '<sslOptions id="strict" sslRef="nowhere"/>'),
            ('(<keyStore id="strict.keys".*) password="[^"]*"', r'\1 password="wrong-one"'),
        ],
    )
    def test_what_breaks_closes_the_port(self, bed: Bed, port: int, good: str, bad: str) -> None:
        before = bed.place.server_xml.read_text(encoding="utf-8")
        bed.break_by_hand(good, bad)
        assert eventually(lambda: not is_open(port))
        time.sleep(3)  # it opens its ports once more after it has said that it is done
        assert not is_open(port)
        bed.tell(before)
        assert eventually(lambda: is_open(port))


class TestDefaultConfiguration:
    def test_what_others_use_is_not_changed_for_one_port(self, bed: Bed) -> None:
        bed.reset()
        before = bed.place.server_xml.read_bytes()
        refused = bed.run(bed.variables("shared", free_port(), ssl_configuration="default", identity="basic"))
        assert refused.failure("server").startswith(
            'shared: ssl_configuration default would change <ssl id="defaultSSLConfig">, and <httpEndpoint '
            'id="defaultHttpEndpoint"> ('
        )
        assert bed.place.server_xml.read_bytes() == before


class TestTogether:
    def test_connections_with_a_caller_each(self, bed: Bed) -> None:
        """One with a password, one with a certificate; what is the same for both callers is said once."""
        bed.reset()
        user, password = BATCH.split(":")
        batch = {"request_username": user, "request_password": password, "expected_text": '"auth_type": "BASIC"'}
        cics = {"expected_text": '"auth_type": "CLIENT_CERT"'}
        common = {**bed.common(), "identity_rule": "certificate_or_basic", "callers": {"batch": batch, "cics": cics}}
        declared = [{**each, "harden_default": True} for each in bed.place.declared()]
        variables = {"zosconnect_connections": declared, **prefixed("connections", **common)}
        done = bed.job("connections", variables)
        assert done.rc == 0, done.failure("server")
        verified = bed.job("verify_connections", variables)
        assert verified.rc == 0, verified.failure("server")
        assert list(verified.statistics["zosconnect_security_verified"]["server"]) == [
            "batch: the port asks for TLS and accepts the caller",
            "batch: plain http to the port is refused",
            "cics: the port asks for TLS and accepts the caller",
            "cics: a caller without a certificate is refused",
            "cics: plain http to the port is refused",
        ]


class TestRestore:
    @pytest.mark.chosen
    def test_the_statistics_of_a_job_lead_the_server_back(self, bed: Bed) -> None:
        bed.reset()
        before, port = bed.place.server_xml.read_bytes(), free_port()
        variables = bed.variables("passing", port, client_certificate="none", identity="basic")
        done = bed.run(variables)
        assert done.rc == 0, done.failure("server")
        assert bed.call(port, password=BATCH).said["auth_type"] == "BASIC"
        restored = bed.job("restore", variables, survey=done.statistics)
        assert restored.rc == 0, restored.failure("server")
        assert bed.place.server_xml.read_bytes() == before
        assert eventually(lambda: not is_open(port))


class TestBackOut:
    def test_a_store_that_liberty_cannot_open(self, bed: Bed) -> None:
        """The variable with the password is there, and wrong: the default takes over, which only the port can tell."""
        bed.reset()
        bed.break_by_hand("</server>", '<variable name="keys.password" value="wrong-one"/>\n</server>')
        before = bed.place.server_xml.read_bytes()
        port = free_port()
        variable = {"key_store_password_variable": "keys.password", "verify_seconds": "8"}
        failed = bed.run(bed.variables("unopened", port, identity="basic", **variable))
        assert failed.rc == 2
        assert bed.place.server_xml.read_bytes() == before
        report = failed.statistics["zosconnect_security"]["server"]
        stores = [str(bed.place.store(f"unopened-{name}")) for name in ("keys", "trust")]
        assert report["failed"].startswith("unopened: the port: The server answered with HTTP status ")
        assert report["put_back"] == [*stores, str(bed.place.server_xml)]
        assert (report["left"], report["told"]) == ([], "The server was told of that.")
        assert [path for path in stores if Path(path).exists()] == [], "what was made new is gone"
        said = failed.failure("server")
        assert said.startswith(report["failed"])
        assert f" Put back: {stores[0]}, {stores[1]}, {bed.place.server_xml}. The server was told of that." in said
        assert eventually(lambda: not is_open(port)), "the server uses what it used before"
