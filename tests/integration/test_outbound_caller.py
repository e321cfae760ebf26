# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which SSL configuration a real Liberty takes when it calls an endpoint, and what it makes of a bad one."""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from endpoints import endpoints
from launcher import Liberty, wait_for_port
from layout import BARE_SERVER_XML
from pki import Cast

LIBERTY = Path(__file__).parents[1] / "liberty"
pytestmark = pytest.mark.java

# name of the requester: endpoint to call, attributes of its connection (`scheme` and `host` are not Liberty's)
CALLS: dict[str, tuple[str, dict[str, str]]] = {
    "named": ("mutual", {"sslCertsRef": "named"}),
    "default": ("mutual", {}),
    "other_key": ("mutual", {"sslCertsRef": "otherKey"}),
    "dangling": ("mutual", {"sslCertsRef": "nowhere"}),
    "broken": ("mutual", {"sslCertsRef": "broken"}),
    "keyless": ("mutual", {"sslCertsRef": "keyless"}),
    "server": ("server", {"sslCertsRef": "keyless"}),
    "by_address": ("server", {"sslCertsRef": "keyless", "host": "127.0.0.1"}),
    "password": ("password", {"sslCertsRef": "keyless", "authenticationConfigRef": "login"}),
    "no_password": ("password", {"sslCertsRef": "keyless"}),
    "plain": ("plain", {"scheme": "http"}),
    "no_scheme": ("plain", {"scheme": ""}),
    "tls_to_plain": ("plain", {"sslCertsRef": "keyless"}),
    "plain_to_tls": ("server", {"scheme": "http"}),
    "wrong_name": ("wrong_name", {"sslCertsRef": "keyless"}),
    "wrong_name_unchecked": ("wrong_name", {"sslCertsRef": "careless"}),
    "wrong_name_excepted": ("wrong_name", {"sslCertsRef": "lenient"}),
    "expired": ("expired", {"sslCertsRef": "keyless"}),
    "untrusted": ("untrusted", {"sslCertsRef": "keyless"}),
    "tls11": ("tls11", {"sslCertsRef": "keyless"}),
    "nobody": ("", {"sslCertsRef": "keyless"}),
}

SSL = """
  <sslDefault outboundSSLRef="forAll"/>
  <ssl id="forAll" keyStoreRef="keys" trustStoreRef="trust" clientKeyAlias="partner"/>
  <ssl id="named" keyStoreRef="keys" trustStoreRef="trust" clientKeyAlias="cics"/>
  <ssl id="otherKey" keyStoreRef="keys" trustStoreRef="trust" clientKeyAlias="partner"/>
  <ssl id="broken" keyStoreRef="unreadable" trustStoreRef="trust" clientKeyAlias="cics"/>
  <ssl id="keyless" keyStoreRef="trust" trustStoreRef="trust"/>
  <ssl id="lenient" keyStoreRef="trust" trustStoreRef="trust" skipHostnameVerificationForHosts="localhost"/>
  <ssl id="careless" keyStoreRef="trust" trustStoreRef="trust" verifyHostname="false"/>
  <keyStore id="keys" location="{folder}/keys.p12" password="secret"/>
  <keyStore id="unreadable" location="{folder}/keys.p12" password="wrong-one"/>
  <keyStore id="trust" location="{folder}/trust.p12" password="secret"/>
  <zosconnect_authData id="login" user="apiuser" password="{{xor}}Pi82ci8+LCwoMC07"/>
  <zosconnect_zosConnectManager requireSecure="false" requireAuth="false"/>
"""


@dataclass(frozen=True)
class Reply:
    """What the requester answered."""

    status: int
    outbound: dict[str, Any]

    @property
    def seen(self) -> Any:
        """What the endpoint says about its caller."""
        return json.loads(self.outbound["body"])


def connection_xml(name: str, ports: dict[str, int]) -> str:
    endpoint, attributes = CALLS[name]
    scheme = attributes.get("scheme", "https")
    host = attributes.get("host", "localhost")
    address = f'host="{scheme}{"://" if scheme else ""}{host}" port="{ports.get(endpoint, 9)}"'
    rest = " ".join(f'{key}="{value}"' for key, value in attributes.items() if key not in ("scheme", "host"))
    return f'<zosconnect_endpointConnection id="{name}" {address} {rest} receiveTimeout="5s"/>'


@pytest.fixture(scope="module")
def stores(pki: Cast, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key store with two client certificates, and a trust store."""
    folder = tmp_path_factory.mktemp("outbound")
    (folder / "keys.p12").write_bytes(pki.mapped.pkcs12(alias="cics", password="secret"))
    (folder / "more.p12").write_bytes(pki.unmapped.pkcs12(alias="partner", password="secret"))
    merge = ["keytool", "-importkeystore", "-noprompt", "-srckeystore", "more.p12", "-destkeystore", "keys.p12"]
    subprocess.run(
        [*merge, "-srcstorepass", "secret", "-deststorepass", "secret"], cwd=folder, check=True, capture_output=True
    )
    (folder / "trust.p12").write_bytes(pki.root.java_truststore("secret"))
    return folder


@pytest.fixture(scope="module")
def log_and_call(liberty: Liberty, pki: Cast, stores: Path) -> Iterator[tuple[str, Callable[[str], Reply]]]:
    """One configuration for all cases: what Liberty said about it, and how to use a requester."""
    requesters = "".join(f'<apiRequester name="{name}" connectionRef="{name}"/>' for name in CALLS)
    with endpoints(pki, stores) as ports:
        content = SSL.format(folder=stores) + "".join(connection_xml(name, ports) for name in CALLS)
        content += f"<zosconnect_apiRequesters>{requesters}</zosconnect_apiRequesters></server>"
        said = liberty.update(BARE_SERVER_XML.read_text(encoding="utf-8").replace("</server>", content))
        assert said.applied, said.text
        wait_for_port(liberty.http_port)
        yield said.text, lambda name: ask(liberty, name)


def ask(liberty: Liberty, name: str) -> Reply:
    """Use a requester; tries again while Liberty has not carried out the new configuration everywhere."""
    deadline = time.monotonic() + 20
    while True:
        connection = http.client.HTTPConnection("localhost", liberty.http_port, timeout=20)
        try:
            connection.request("GET", f"/zosConnect/apiRequesters/{name}")
            response = connection.getresponse()
            if response.status in (200, 502):
                return Reply(response.status, json.loads(response.read())["outbound"])
        except ConnectionError:
            pass
        finally:
            connection.close()
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture(scope="module")
def call(log_and_call: tuple[str, Callable[[str], Reply]]) -> Callable[[str], Reply]:
    return log_and_call[1]


@pytest.mark.parametrize(
    ("name", "asked", "used", "client"),
    [
        ("named", "named", "named", "CN=cicsuser"),
        ("other_key", "otherKey", "otherKey", "CN=partner"),
        ("default", "", "forAll", "CN=partner"),
        # An element that is not there, or that Liberty could not build: the default, and its certificate, in silence.
        ("dangling", "", "forAll", "CN=partner"),
        ("broken", "broken", "forAll", "CN=partner"),
    ],
)
def test_which_configuration_is_used(
    call: Callable[[str], Reply], name: str, asked: str, used: str, client: str
) -> None:
    reply = call(name)
    assert (reply.outbound["ssl_asked"], reply.outbound["ssl_used"]) == (asked, used)
    assert (reply.status, reply.outbound["certificate_subject"]) == (200, "CN=localhost")
    assert (reply.seen["endpoint"], reply.seen["client_subject"]) == ("mutual", client)


def test_what_liberty_says_about_the_fall_back(log_and_call: tuple[str, Callable[[str], Reply]]) -> None:
    """One line when the configuration is read (for metatype like the stand-in's); the call itself logs nothing."""
    said, _ = log_and_call
    assert re.search(r"CWWKG0033W: .*\[nowhere\].*sslCertsRef", said)


def test_server_authentication_only(call: Callable[[str], Reply]) -> None:
    for name in ("server", "by_address"):
        reply = call(name)
        assert (reply.status, reply.outbound["status"]) == (200, 200)
        assert (reply.outbound["protocol"], reply.outbound["verifies_host_name"]) == ("TLSv1.3", True)
        assert reply.seen["client_subject"] is None


def test_clear_text(call: Callable[[str], Reply]) -> None:
    for name in ("plain", "no_scheme"):
        reply = call(name)
        assert reply.status == 200
        assert "ssl_used" not in reply.outbound
        assert reply.seen["protocol"] is None


def test_user_and_password_of_the_connection(call: Callable[[str], Reply]) -> None:
    with_login, without = call("password"), call("no_password")
    assert (with_login.outbound["status"], with_login.seen["user"]) == (200, "apiuser")
    assert (without.outbound["status"], without.seen["user"]) == (401, None)


def test_host_names_may_go_unchecked(call: Callable[[str], Reply]) -> None:
    for name in ("wrong_name_unchecked", "wrong_name_excepted"):
        reply = call(name)
        assert (reply.status, reply.outbound["verifies_host_name"]) == (200, False)
        assert reply.outbound["certificate_subject"] == "CN=elsewhere"


@pytest.mark.parametrize(
    ("name", "error", "message", "logged"),
    [
        ("wrong_name", "SSLHandshakeException", "No subject alternative DNS name matching localhost", "CWPKI0824E"),
        ("expired", "SSLHandshakeException", "validity check failed", "CWPKI0312E"),
        ("untrusted", "SSLHandshakeException", "unable to find valid certification path", "CWPKI0823E"),
        ("tls11", "SSLHandshakeException", "protocol_version", ""),
        ("keyless", "SSLHandshakeException", "certificate_required", ""),
        ("tls_to_plain", "SSLException", "Unsupported or unrecognized SSL message", ""),
        ("plain_to_tls", "Exception", "", ""),
        ("nobody", "ConnectException", "refused", ""),
    ],
)
def test_a_bad_endpoint(
    liberty: Liberty, call: Callable[[str], Reply], name: str, error: str, message: str, logged: str
) -> None:
    since = liberty.position()
    reply = call(name)
    assert reply.status == 502
    assert reply.outbound["error"].endswith(error)
    assert message in reply.outbound["message"]
    assert logged in liberty.messages(since)
    assert "status" not in reply.outbound


def test_the_endpoint_of_old_tls_does_speak_it(pki: Cast, tmp_path: Path) -> None:
    """Else that it is refused would prove nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=pki.root.root_pem)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    with (
        endpoints(pki, tmp_path) as ports,
        socket.create_connection(("localhost", ports["tls11"]), timeout=20) as connection,
        context.wrap_socket(connection, server_hostname="localhost") as secured,
    ):
        assert secured.version() == "TLSv1.1"


def test_command_line(tmp_path: Path) -> None:
    command = [sys.executable, str(LIBERTY / "endpoints.py")]
    try:
        for _ in range(2):  # the second time they run already
            done = subprocess.run(
                [*command, "start", "--dir", str(tmp_path)], check=True, capture_output=True, text=True
            )
        facts = json.loads(Path(done.stdout.strip()).read_text())
        context = ssl.create_default_context(cafile=facts["ca"])
        client = tmp_path / "client.pem"
        client.write_text("".join((tmp_path / f"mapped{end}").read_text() for end in (".pem", "-chain.pem", ".key")))
        context.load_cert_chain(client)
        reply = urllib.request.urlopen(f"https://localhost:{facts['ports']['mutual']}/", context=context, timeout=20)
        assert json.load(reply)["client_subject"] == "CN=cicsuser"
    finally:
        subprocess.run([*command, "stop", "--dir", str(tmp_path)], check=True)
    wait_for_port(facts["ports"]["mutual"], is_open=False)
    assert not (tmp_path / "endpoints.json").exists()
