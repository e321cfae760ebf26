# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in for AT-TLS does, on real sockets, what a policy asks of AT-TLS; see tests/zos/README.md."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
import socket
import ssl
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from attls_standin import Address, Rings, Tls, configuration, standin, write_ring
from endpoints import endpoints
from layout import free_port
from pki import Authority, Cast, Issued
from testbed import TestBedError

CLIENT_LPAR, SERVER_LPAR = "127.0.0.2", "127.0.0.3"
MODERN = frozenset({"TLSv1.2", "TLSv1.3"})
SERVER = Tls("Server", MODERN, "ZCONN/RING", label="zOS Connect")
WITH_CLIENTS = dataclasses.replace(SERVER, role="ServerWithClientAuth")
CLIENT = Tls("Client", MODERN, "RING")
VERSIONS = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
AES128, AES256 = "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"
Put = Callable[..., AbstractContextManager[Address]]


@pytest.fixture(scope="module")
def rings(pki: Cast, tmp_path_factory: pytest.TempPathFactory) -> Rings:
    """The rings of both systems; the connections are CICSUSER's."""
    folder = tmp_path_factory.mktemp("rings")
    root, elsewhere = pki.root.root_pem, Authority("Another root", key_type="ec").root_pem
    contents: dict[str, dict[str, Any]] = {
        "ZCONN/RING": {"authorities": [root], "entries": {"zOS Connect": pki.server}},
        "CICSUSER/RING": {"authorities": [root], "entries": {"cics": pki.mapped}},
        "CICSUSER/WITHDEFAULT": {"authorities": [root], "entries": {"cics": pki.mapped}, "default": "cics"},
        "CICSUSER/ELSEWHERE": {"authorities": [elsewhere], "entries": {}},
    }
    written = {name: write_ring(folder / name.replace("/", "-"), **content) for name, content in contents.items()}
    return Rings(written, userid="CICSUSER")


@pytest.fixture(scope="module")
def ports(pki: Cast, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    with endpoints(pki, tmp_path_factory.mktemp("endpoints")) as ports:
        yield ports


@pytest.fixture
def put(rings: Rings, ports: dict[str, int], tmp_path: Path) -> Put:
    """Put a stand-in before one of the endpoints, or before another stand-in."""

    @contextlib.contextmanager
    def put(
        tls: Tls | None, to: str | Address, *, host: str = SERVER_LPAR, source: str | None = None
    ) -> Iterator[Address]:
        listen = (host, free_port())
        behind = ("127.0.0.1", ports[to]) if isinstance(to, str) else to
        folder = tmp_path / f"standin-{listen[1]}"
        with standin(tls, listen=listen, to=behind, rings=rings, folder=folder, source=source):
            yield listen

    return put


def client_context(pki: Cast, folder: Path, *, client: Issued | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=pki.root.root_pem)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    if client:
        path = folder / "client.pem"
        path.write_text(client.certificate_pem + client.chain_pem + client.key_pem())
        context.load_cert_chain(path)
    return context


def only(context: ssl.SSLContext, protocol: str) -> ssl.SSLContext:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = VERSIONS[protocol]
        context.minimum_version = VERSIONS[protocol]
    return context


def ask_secured(address: Address, context: ssl.SSLContext) -> dict[str, Any]:
    """The endpoint's answer, with the cipher of the client's connection."""
    with (
        socket.create_connection(address, timeout=20) as connection,
        context.wrap_socket(connection, server_hostname="localhost") as secured,
    ):
        secured.sendall(b"GET / HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: secured.recv(4096), b""))
        cipher = secured.cipher()
    body = answer.partition(b"\r\n\r\n")[2]
    if not body:
        raise ConnectionResetError("no answer")
    return json.loads(body) | {"cipher": cipher[0] if cipher else None}


def ask(address: Address) -> dict[str, Any]:
    """As a program does whose TLS is AT-TLS's work: plain http."""
    connection = http.client.HTTPConnection(*address, timeout=20)
    try:
        connection.request("GET", "/")
        return json.load(connection.getresponse())
    finally:
        connection.close()


def works(question: Callable[..., Any], *arguments: Any) -> bool:
    try:
        question(*arguments)
    except (OSError, http.client.HTTPException):
        return False
    return True


class TestInbound:
    """A server that speaks http only, behind a rule with Direction Inbound."""

    @pytest.mark.chosen
    def test_the_server_sees_clear_text(self, put: Put, pki: Cast, tmp_path: Path) -> None:
        with put(SERVER, "plain", source=SERVER_LPAR) as address:
            seen = ask_secured(address, client_context(pki, tmp_path))
            assert (seen["endpoint"], seen["protocol"], seen["caller"]) == ("plain", None, SERVER_LPAR)
            assert not works(ask, address)

    @pytest.mark.parametrize(
        "enabled",
        [
            {"TLSv1.3"},
            {"TLSv1.2"},
            {"TLSv1.2", "TLSv1.3"},
            {"TLSv1", "TLSv1.1"},
            {"TLSv1.1", "TLSv1.3"},
            set[str](),
        ],
        ids=lambda enabled: "+".join(sorted(enabled)) or "none",
    )
    def test_protocols_are_exactly_those_that_are_on(
        self, put: Put, pki: Cast, tmp_path: Path, enabled: set[str]
    ) -> None:
        with put(dataclasses.replace(SERVER, protocols=frozenset(enabled)), "plain") as address:
            accepted = {
                version
                for version in VERSIONS
                if works(ask_secured, address, only(client_context(pki, tmp_path), version))
            }
        assert accepted == enabled

    @pytest.mark.parametrize(
        ("client_auth", "without", "trusted", "untrusted"),
        [("PassThru", True, True, True), ("Full", True, True, False), ("Required", False, True, False)],
    )
    def test_client_authentication(
        self, put: Put, pki: Cast, tmp_path: Path, client_auth: str, *, without: bool, trusted: bool, untrusted: bool
    ) -> None:
        with put(dataclasses.replace(WITH_CLIENTS, client_auth=client_auth), "plain") as address:
            found = [
                works(ask_secured, address, client_context(pki, tmp_path, client=client))
                for client in (None, pki.mapped, pki.stranger)
            ]
        assert found == [without, trusted, untrusted]

    def test_without_client_authentication_none_is_asked_for(self, put: Put, pki: Cast, tmp_path: Path) -> None:
        with put(SERVER, "plain") as address:
            assert works(ask_secured, address, client_context(pki, tmp_path, client=pki.stranger))

    @pytest.mark.parametrize(
        ("wanted", "offered", "agreed"),
        [
            (("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",), AES128, AES128),
            (("C02B",), AES128, AES128),
            (("C02B",), AES256, None),
            (("C02C", "C02B"), f"{AES128}:{AES256}", AES256),
            (("TLS_AES_128_GCM_SHA256",), "1.3", "TLS_AES_128_GCM_SHA256"),
            (("1302", "1301"), "1.3", "TLS_AES_256_GCM_SHA384"),
            # Ciphers that do not fit the protocols: as if these were off.
            (("C02B",), "1.3", None),
            (("1301",), AES128, None),
        ],
    )
    def test_ciphers(
        self, put: Put, pki: Cast, tmp_path: Path, wanted: tuple[str, ...], offered: str, agreed: str | None
    ) -> None:
        context = only(client_context(pki, tmp_path), "TLSv1.3" if offered == "1.3" else "TLSv1.2")
        if offered != "1.3":
            context.set_ciphers(offered)
        with put(dataclasses.replace(SERVER, ciphers=wanted), "plain") as address:
            try:
                seen = ask_secured(address, context)["cipher"]
            except OSError:
                seen = None
        assert seen == agreed


class TestOutbound:
    """A program that speaks http only, under a rule with Direction Outbound."""

    @pytest.mark.chosen
    def test_server_authentication(self, put: Put) -> None:
        with put(CLIENT, "server", host=CLIENT_LPAR, source=CLIENT_LPAR) as address:
            seen = ask(address)
        assert (seen["protocol"], seen["caller"], seen["client_subject"]) == ("TLSv1.3", CLIENT_LPAR, None)

    @pytest.mark.parametrize(
        ("changes", "subject"),
        [
            ({"label": "cics"}, "CN=cicsuser"),
            ({"keyring": "CICSUSER/WITHDEFAULT"}, "CN=cicsuser"),  # whether or not anybody wanted to show it
            ({}, None),
        ],
    )
    def test_client_certificate(self, put: Put, changes: dict[str, str], subject: str | None) -> None:
        with put(dataclasses.replace(CLIENT, **changes), "mutual") as address:
            if subject:
                assert ask(address)["client_subject"] == subject
            else:
                assert not works(ask, address)

    @pytest.mark.parametrize(
        ("endpoint", "changes", "accepted"),
        [
            ("wrong_name", {}, True),  # any certificate of a known authority will do, unless a name is asked for
            ("wrong_name", {"host_names": ("localhost",)}, False),
            ("wrong_name", {"host_names": ("localhost", "elsewhere.example")}, True),
            ("server", {"host_names": ("localhost",)}, True),
            ("server", {"keyring": "CICSUSER/ELSEWHERE"}, False),
            ("expired", {}, False),
            ("untrusted", {}, False),
            ("tls11", {}, False),
            ("tls11", {"protocols": frozenset({"TLSv1.1"})}, True),
            ("server", {"ciphers": ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",)}, False),
            ("plain", {}, False),
        ],
    )
    def test_whom_it_believes(self, put: Put, endpoint: str, changes: dict[str, Any], *, accepted: bool) -> None:
        with put(dataclasses.replace(CLIENT, **changes), endpoint) as address:
            assert works(ask, address) is accepted

    def test_https_is_shaken_hands_twice(self, put: Put, pki: Cast, tmp_path: Path) -> None:
        with put(CLIENT, "server") as address:
            assert not works(ask_secured, address, client_context(pki, tmp_path))


def test_both_ends(put: Put) -> None:
    required = dataclasses.replace(WITH_CLIENTS, client_auth="Required")
    outbound = dataclasses.replace(CLIENT, label="cics", host_names=("localhost",))
    with put(required, "plain") as port, put(outbound, port, host=CLIENT_LPAR) as address:
        assert (ask(address)["endpoint"], works(ask, port)) == ("plain", False)


def test_no_rule_is_clear_text(put: Put, pki: Cast, tmp_path: Path) -> None:
    with put(None, "plain", source=CLIENT_LPAR) as address:
        assert (ask(address)["protocol"], ask(address)["caller"]) == (None, CLIENT_LPAR)
    with put(None, "server") as address:
        assert ask_secured(address, client_context(pki, tmp_path))["protocol"] == "TLSv1.3"


@pytest.mark.parametrize(
    ("tls", "sentence"),
    [
        (
            dataclasses.replace(SERVER, keyring="RINGS"),
            "There is no key ring CICSUSER/RINGS (AT-TLS: return code 202).",
        ),
        (
            dataclasses.replace(SERVER, label="Zserver"),
            "Key ring ZCONN/RING has no certificate 'Zserver' with a private key (AT-TLS: return code 428).",
        ),
        (
            dataclasses.replace(SERVER, label=None),
            "Key ring ZCONN/RING has no default certificate with a private key (AT-TLS: return code 428).",
        ),
        (
            dataclasses.replace(SERVER, protocols=frozenset({"SSLv3"})),
            "stunnel cannot speak SSLv3; switch it off in the policy.",
        ),
        (
            dataclasses.replace(SERVER, ciphers=("35", "TLS_RSA_EXPORT")),
            f"{ssl.OPENSSL_VERSION} does not have the cipher TLS_RSA_EXPORT, so it cannot be tried here.",
        ),
        (
            dataclasses.replace(WITH_CLIENTS, client_auth="SAFCheck"),
            "ClientAuthType SAFCheck needs SAF, which maps the certificate to a user; not possible here.",
        ),
    ],
)
def test_what_is_refused(rings: Rings, tls: Tls, sentence: str) -> None:
    with pytest.raises(TestBedError) as raised:
        configuration(tls, listen=("127.0.0.2", 1), to=("127.0.0.1", 2), rings=rings)
    assert str(raised.value) == sentence


def test_a_port_that_is_taken(rings: Rings, ports: dict[str, int], tmp_path: Path) -> None:
    taken = ("127.0.0.1", ports["plain"])
    with (
        pytest.raises(TestBedError, match=rf"^Somebody listens on 127.0.0.1 port {taken[1]} already\.$"),
        standin(None, listen=taken, to=taken, rings=rings, folder=tmp_path),
    ):
        pass


def test_stunnel_that_does_not_start(rings: Rings, tmp_path: Path) -> None:
    broken = write_ring(tmp_path / "ring", authorities=["no certificate"], entries={})
    listen = ("127.0.0.2", free_port())
    with (
        pytest.raises(
            TestBedError, match=f"^The stand-in for AT-TLS does not listen on 127.0.0.2 port {listen[1]}.\n.*"
        ),
        standin(
            dataclasses.replace(CLIENT, keyring="A/B"),
            listen=listen,
            to=listen,
            rings=Rings({"A/B": broken}),
            folder=tmp_path / "standin",
        ),
    ):
        pass
