# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in for z/OS Connect does, on a real Liberty, what tests/liberty/README.md promises."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from launcher import Liberty, wait_for_port
from layout import BARE_SERVER_XML, free_port
from pki import Cast, Issued

REQUESTERS = (
    '<apiRequester name="plain"/>'
    '<apiRequester name="strict" requireSecure="true"/>'
    '<apiRequester name="lax" requireSecure="false"/>'
)

pytestmark = pytest.mark.chosen
COLLECTION = f"<zosconnect_apiRequesters>{REQUESTERS}</zosconnect_apiRequesters>"
REQUIRED = 'clientAuthentication="true"'
SUPPORTED = 'clientAuthenticationSupported="true"'
CERTIFICATE_FIRST = '<webAppSecurity overrideHttpAuthMethod="CLIENT_CERT" allowFailOverToBasicAuth="true"/>'
CERTIFICATE_ONLY = '<webAppSecurity overrideHttpAuthMethod="CLIENT_CERT"/>'
PASSWORD_ONLY = '<webAppSecurity overrideHttpAuthMethod="BASIC"/>'
BATCH = "batchuser:batch-password"


@dataclass(frozen=True)
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: str

    def __getitem__(self, name: str) -> Any:
        return json.loads(self.body)[name]


@dataclass(frozen=True)
class TlsPort:
    """An https port beside the default endpoint's, with an `ssl` element of its own.

    Number and ids are new each time: an old port may still serve for a moment after Liberty said that it is changed.
    """

    folder: Path
    pki: Cast
    number: int = field(default_factory=free_port)

    def xml(self, client_authentication: str = "", *, extra: str = "") -> str:
        return f"""
            <keyStore id="keys" location="{self.folder}/keys.p12" password="secret"/>
            <keyStore id="trust" location="{self.folder}/trust.p12" password="secret"/>
            <ssl id="own{self.number}" keyStoreRef="keys" trustStoreRef="trust" {client_authentication}/>
            <httpEndpoint id="own{self.number}" httpPort="-1" httpsPort="{self.number}">
              <sslOptions sslRef="own{self.number}"/>
            </httpEndpoint>
            {extra}"""

    def get(self, name: str = "plain", *, client: Issued | None = None, password: str | None = None) -> Reply:
        context = ssl.create_default_context(cadata=self.pki.root.root_pem)
        if client:
            pem = self.folder / "client.pem"
            pem.write_text(client.certificate_pem + client.chain_pem + client.key_pem())
            context.load_cert_chain(pem)
        return get(http.client.HTTPSConnection("localhost", self.number, context=context, timeout=20), name, password)


def get(connection: http.client.HTTPConnection, name: str, password: str | None = None) -> Reply:
    headers = {"Authorization": "Basic " + base64.b64encode(password.encode()).decode()} if password else {}
    try:
        connection.request("GET", f"/zosConnect/apiRequesters/{name}", headers=headers)
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read().decode())
    finally:
        connection.close()


def get_plain(liberty: Liberty, name: str) -> Reply:
    """Over plain http; tries again while the default endpoint restarts."""
    deadline = time.monotonic() + 20
    while True:
        try:
            return get(http.client.HTTPConnection("localhost", liberty.http_port, timeout=20), name)
        except ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def server_xml(content: str) -> str:
    """The bare server with more in it."""
    return BARE_SERVER_XML.read_text(encoding="utf-8").replace("</server>", f"{content}</server>")


def configure(liberty: Liberty, content: str) -> None:
    said = liberty.update(server_xml(content))
    assert said.applied, said.text


@pytest.fixture(scope="module")
def stores(pki: Cast, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stores")
    (folder / "keys.p12").write_bytes(pki.server.pkcs12(alias="server", password="secret"))
    (folder / "trust.p12").write_bytes(pki.root.java_truststore("secret"))
    return folder


@pytest.fixture(scope="module")
def open_port(liberty: Liberty, pki: Cast, stores: Path) -> Callable[[str, str], TlsPort]:
    """Make the server listen on a new https port, with these attributes of `ssl` and these elements beside."""

    def opened(client_authentication: str, extra: str) -> TlsPort:
        port = TlsPort(stores, pki)
        configure(liberty, port.xml(client_authentication, extra=f"{extra}{COLLECTION}"))
        wait_for_port(port.number)
        return port

    return opened


@pytest.fixture(scope="class")
def mutual_tls(open_port: Callable[[str, str], TlsPort]) -> TlsPort:
    """A port that demands a certificate, for all tests of a class."""
    return open_port(REQUIRED, CERTIFICATE_FIRST)


class TestElements:
    def test_liberty_reports_what_is_in_force(self, liberty: Liberty) -> None:
        configure(
            liberty,
            """<zosconnect_zosConnectManager requireSecure="FALSE"/>
               <zosconnect_apiRequesters requireAuth="false" idAssertion="assert_only">
                 <apiRequester name="orders" requireSecure="true" invokeGroup="A, B"/>
               </zosconnect_apiRequesters>""",
        )
        manager = liberty.config("zosconnect_zosConnectManager")[0]
        assert (manager["requireSecure"], manager["requireAuth"]) == (False, True)
        collection = liberty.config("zosconnect_apiRequesters")[0]
        assert collection["requireAuth"] is False
        assert collection["idAssertion"] == "ASSERT_ONLY"
        assert "requireSecure" not in collection
        requester = collection["apiRequester"][0]
        assert requester["name"] == "orders"
        assert requester["requireSecure"] is True
        assert requester["invokeGroup"] == ["A", "B"]

    def test_outbound_elements(self, liberty: Liberty) -> None:
        configure(
            liberty,
            """<zosconnect_endpointConnection id="out" host="https://localhost" port="9443" receiveTimeout="20s"
                  authenticationConfigRef="login"/>
               <zosconnect_authData id="login" user="me" password="hidden-one"/>""",
        )
        endpoint = liberty.config("zosconnect_endpointConnection", id="out")[0]
        assert (endpoint["host"], endpoint["port"], endpoint["receiveTimeout"]) == ("https://localhost", 9443, 20000)
        assert endpoint["authenticationConfigRef"][0]["user"] == "me"
        assert "hidden-one" not in json.dumps(endpoint)

    def test_other_collections(self, liberty: Liberty) -> None:
        configure(
            liberty,
            """<zosconnect_zosConnectAPIs><zosConnectAPI name="find" requireAuth="false"/></zosconnect_zosConnectAPIs>
               <zosconnect_services><service name="inquire" requireSecure="false"/></zosconnect_services>""",
        )
        assert liberty.config("zosconnect_zosConnectAPIs")[0]["zosConnectAPI"][0]["requireAuth"] is False
        assert liberty.config("zosconnect_services")[0]["service"][0]["requireSecure"] is False

    def test_an_element_that_is_not_there(self, liberty: Liberty) -> None:
        configure(liberty, "")
        assert liberty.config("zosconnect_endpointConnection") == []

    def test_a_wrong_value_is_refused_by_liberty(self, liberty: Liberty) -> None:
        since = liberty.position()
        configure(liberty, '<zosconnect_apiRequesters requireSecure="yes"/>')
        assert "CWWKG0075E" in liberty.messages(since)


class TestRequireSecure:
    """Who is asked over plain http; requireAuth is out of the way."""

    @pytest.mark.parametrize(
        ("manager", "collection", "plain", "strict", "lax"),
        [
            ("", "", 302, 302, 200),
            ('requireSecure="false"', "", 200, 302, 200),
            ('requireSecure="false"', 'requireSecure="true"', 302, 302, 200),
            ('requireSecure="true"', 'requireSecure="false"', 200, 302, 200),
        ],
    )
    def test_the_narrowest_scope_wins(
        self, liberty: Liberty, manager: str, collection: str, plain: int, strict: int, lax: int
    ) -> None:
        configure(
            liberty,
            f"""<zosconnect_zosConnectManager requireAuth="false" {manager}/>
                <zosconnect_apiRequesters {collection}>{REQUESTERS}</zosconnect_apiRequesters>""",
        )
        found = [get_plain(liberty, name).status for name in ("plain", "strict", "lax")]
        assert found == [plain, strict, lax]

    def test_https_is_good_enough_and_302_leads_there(
        self, liberty: Liberty, open_port: Callable[[str, str], TlsPort]
    ) -> None:
        no_default = '<httpEndpoint id="defaultHttpEndpoint" httpsPort="-1"/>'
        port = open_port("", f'{no_default}<zosconnect_zosConnectManager requireAuth="false"/>')
        reply = port.get("strict")
        assert (reply.status, reply["secure"], reply["user"], reply["auth_type"]) == (200, True, None, None)
        refused = get_plain(liberty, "strict")
        assert refused.status == 302
        assert refused.headers["Location"] == f"https://localhost:{port.number}/zosConnect/apiRequesters/strict"

    def test_302_prefers_the_https_port_of_the_same_endpoint(
        self, liberty: Liberty, open_port: Callable[[str, str], TlsPort]
    ) -> None:
        open_port("", "")
        location = get_plain(liberty, "strict?a=b").headers["Location"]
        assert location == f"https://localhost:{liberty.https_port}/zosConnect/apiRequesters/strict?a=b"

    def test_without_any_https_port_it_is_403(self, liberty: Liberty) -> None:
        configure(liberty, f'<httpEndpoint id="defaultHttpEndpoint" httpsPort="-1"/>{COLLECTION}')
        refused = get_plain(liberty, "strict")
        assert (refused.status, refused["error"]) == (403, "requireSecure is true and the server has no https port.")

    def test_an_unknown_requester(self, liberty: Liberty) -> None:
        configure(liberty, COLLECTION)
        refused = get_plain(liberty, 'nob"ody')
        assert refused.status == 404
        assert refused["error"] == "No apiRequester named 'nob\"ody' is in zosconnect_apiRequesters."


class TestIdentity:
    """Who comes in through mutual TLS, and how that is known."""

    def test_a_mapped_certificate(self, mutual_tls: TlsPort, pki: Cast) -> None:
        reply = mutual_tls.get(client=pki.mapped)
        assert (reply.status, reply["user"], reply["auth_type"]) == (200, "cicsuser", "CLIENT_CERT")
        assert (reply["requester"], reply["secure"]) == ("plain", True)
        assert reply["certificate_subject"] == pki.mapped.subject

    def test_an_unmapped_certificate_with_a_password(self, mutual_tls: TlsPort, pki: Cast) -> None:
        reply = mutual_tls.get(client=pki.unmapped, password=BATCH)
        assert (reply.status, reply["user"], reply["auth_type"]) == (200, "batchuser", "BASIC")
        assert reply["certificate_subject"] == pki.unmapped.subject

    def test_a_mapped_certificate_beats_a_password(self, mutual_tls: TlsPort, pki: Cast) -> None:
        reply = mutual_tls.get(client=pki.mapped, password=BATCH)
        assert (reply["user"], reply["auth_type"]) == ("cicsuser", "CLIENT_CERT")

    def test_an_unmapped_certificate_alone(self, mutual_tls: TlsPort, pki: Cast) -> None:
        assert mutual_tls.get(client=pki.unmapped).status == 401

    def test_a_wrong_password(self, mutual_tls: TlsPort, pki: Cast) -> None:
        assert mutual_tls.get(client=pki.unmapped, password="batchuser:wrong").status == 401

    def test_a_user_without_the_role(self, mutual_tls: TlsPort, pki: Cast) -> None:
        refused = mutual_tls.get(client=pki.unmapped, password="outsider:outsider-password")
        assert refused.status == 403
        assert refused["error"] == "User 'outsider' does not have the role zosConnectAccess."

    def test_no_certificate_ends_the_connection(self, mutual_tls: TlsPort) -> None:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            mutual_tls.get(password=BATCH)

    def test_an_untrusted_certificate_ends_the_connection(self, mutual_tls: TlsPort, pki: Cast) -> None:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            mutual_tls.get(client=pki.stranger)


class TestIdentityRules:
    def test_a_password_alone(self, open_port: Callable[[str, str], TlsPort]) -> None:
        port = open_port(SUPPORTED, CERTIFICATE_FIRST)
        reply = port.get(password=BATCH)
        assert (reply.status, reply["user"], reply["auth_type"]) == (200, "batchuser", "BASIC")
        assert reply["certificate_subject"] is None
        unknown = port.get()
        assert unknown.status == 401
        assert unknown.headers["WWW-Authenticate"].startswith("Basic ")

    def test_certificate_only(self, open_port: Callable[[str, str], TlsPort], pki: Cast) -> None:
        port = open_port(SUPPORTED, CERTIFICATE_ONLY)
        assert port.get(client=pki.mapped)["user"] == "cicsuser"
        assert port.get(client=pki.unmapped, password=BATCH).status == 403
        assert port.get(password=BATCH).status == 403

    def test_password_only(self, open_port: Callable[[str, str], TlsPort], pki: Cast) -> None:
        port = open_port(REQUIRED, PASSWORD_ONLY)
        reply = port.get(client=pki.mapped, password=BATCH)
        assert (reply["user"], reply["auth_type"]) == ("batchuser", "BASIC")
        assert port.get(client=pki.mapped).status == 401

    def test_without_any_word_passwords_do_not_count(self, open_port: Callable[[str, str], TlsPort], pki: Cast) -> None:
        port = open_port(SUPPORTED, "")
        assert port.get(client=pki.mapped)["auth_type"] == "CLIENT_CERT"
        assert port.get(password=BATCH).status == 403


class TestRefresh:
    def test_by_itself(self, liberty: Liberty) -> None:
        configure(liberty, '<zosconnect_zosConnectManager requireSecure="false"/>')
        assert liberty.config("zosconnect_zosConnectManager")[0]["requireSecure"] is False
        assert liberty.update(server_xml("")).code == "CWWKG0017I"
        assert liberty.config("zosconnect_zosConnectManager")[0]["requireSecure"] is True
        assert liberty.update(server_xml("<!-- a comment -->")).code == "CWWKG0018I"

    def test_a_broken_file_changes_nothing(self, liberty: Liberty) -> None:
        configure(liberty, '<zosconnect_zosConnectManager requireSecure="false"/>')
        said = liberty.update("<server>")
        assert (said.code, said.applied) == ("CWWKG0014E", False)
        assert liberty.config("zosconnect_zosConnectManager")[0]["requireSecure"] is False

    def test_only_when_told_as_on_zos(self, liberty: Liberty) -> None:
        by_bean = '<config updateTrigger="mbean"/>'
        configure(liberty, by_bean + '<zosconnect_zosConnectManager requireSecure="false"/>')
        path = liberty.server_dir / "server.xml"
        since = liberty.position()
        try:
            path.write_text(server_xml(by_bean + '<zosconnect_zosConnectManager requireSecure="true"/>'))
            time.sleep(1)  # it looks every 200 ms, if it looks
            assert liberty.config("zosconnect_zosConnectManager")[0]["requireSecure"] is False
            assert "CWWKG001" not in liberty.messages(since)
        finally:
            path.write_text(server_xml('<zosconnect_zosConnectManager requireSecure="true"/>'))
            liberty.refresh([path])
        assert liberty.wait_for_update(since).applied
        assert liberty.config("zosconnect_zosConnectManager")[0]["requireSecure"] is True
