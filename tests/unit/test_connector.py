# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said before, and when, a REST connector is asked; a real one answers in the integration tests."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import urllib.error
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.zosconnect.security.plugins.module_utils import connector, lost, notifying
from ansible_collections.zosconnect.security.plugins.module_utils.connector import Connector, ConnectorError
from tests.liberty.pki import Authority, Issued

GOOD = {"url": "https://localhost:9443", "username": "admin", "password": "secret", "timeout": 5}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"url": "http://h:9080"}, "x.url: http://h:9080 must begin with https://HOST, because a secret is sent there."),
        ({"url": "https://[::1"}, "x.url: 'https://[::1' is no address such as https://HOST:9443; correct it."),
        ({"url": "https://h:x"}, "x.url: 'https://h:x' is no address such as https://HOST:9443; correct it."),
        ({"url": "https://h:99999"}, "x.url: 'https://h:99999' is no address such as https://HOST:9443; correct it."),
        ({"url": "https://h:0"}, "x.url: 'https://h:0' is no address such as https://HOST:9443; correct it."),
        ({"url": "https://h\n"}, "x.url: 'https://h\\n' is no address such as https://HOST:9443; correct it."),
        (
            {"url": "https://h/?password=pw"},
            "x.url: holds a query; give the address alone, such as https://HOST:9443.",
        ),
        ({"url": "https://:1"}, "x.url: 'https://:1' is no address such as https://HOST:9443; correct it."),
        ({"url": "https://admin:pw@h"}, "x.url: holds a user or a password; give them as username and password."),
        ({"timeout": 0}, "x.timeout: must be more than 0 seconds and at most 3600."),
        ({"timeout": 3601}, "x.timeout: must be more than 0 seconds and at most 3600."),
        ({"url": "https://"}, "x.url: https:// must begin with https://HOST, because a secret is sent there."),
        (
            {"username": None, "password": None},
            (
                "x.username: give username and password, or client_certificate_content and client_key_content; "
                "Liberty answers nobody else."
            ),
        ),
        ({"password": None}, "x.password: username and password belong together; give both."),
        ({"username": None, "client_certificate_content": "PEM"}, "x.password: username and password belong together; give both."),
        ({"password": ""}, "x.password: is empty; give the password."),
        *(
            ({"client_key_content": "KEY", option: mark}, f"x.{option}: {lost.sentence(mark)}")
            for option in ("password", "client_key_content", "client_key_passphrase")
            for mark in lost.LOST_SECRETS
        ),
    ],
)  # fmt: skip
def test_wrong_options(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        Connector({**GOOD, **changes}, "x.").check()
    assert str(caught.value) == sentence


def test_good_options() -> None:
    Connector(GOOD).check()
    Connector({**GOOD, "url": "https://[::1]:9443/base/"}).check()
    Connector({**GOOD, "username": None, "password": None, "client_certificate_content": "PEM"}).check()


def test_what_is_no_certificate() -> None:
    with pytest.raises(
        ConnectorError, match=r"^x\.ca_content holds no PEM certificate \(-----BEGIN CERTIFICATE-----\)\.$"
    ):
        Connector({**GOOD, "ca_content": "nothing"}, "x.").call("/")


# A timeout is for all of the answer -----------------------------------------------------------------------------


HANDSHAKE = b"\x16\x03\x03\x40\x00"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n"


@pytest.fixture(scope="module")
def server() -> Issued:
    return Authority(key_type="ec").issue("localhost", key_type="ec")


def drip(peer: Any, slowly: bytes, stopped: threading.Event) -> None:
    """Send byte by byte, each long before the client's patience for one byte ends."""
    for at in range(len(slowly)):
        peer.sendall(slowly[at : at + 1])
        if stopped.wait(0.2):
            return
    peer.close()


@contextlib.contextmanager
def dripping(server: Issued, tmp_path: Path, quickly: bytes, slowly: bytes, *, tls: bool = True) -> Iterator[int]:
    """A server that answers ``quickly`` at once, then one byte of ``slowly`` after the other; gives its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pem = tmp_path / "server.pem"
    pem.write_text(server.certificate_pem + server.key_pem(), encoding="utf-8")
    context.load_cert_chain(pem)
    stopped = threading.Event()

    def serve(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            peer, _address = listener.accept()
            peer = context.wrap_socket(peer, server_side=True) if tls else peer
            peer.recv(65536)
            peer.sendall(quickly)
            drip(peer, slowly, stopped)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            stopped.set()
            thread.join()


def called(server: Issued, port: int, timeout: int) -> bytes:
    options = {**GOOD, "url": f"https://localhost:{port}", "ca_content": server.certificate_pem, "timeout": timeout}
    return Connector(options).call("/x")


@pytest.mark.parametrize(
    ("quickly", "slowly", "tls"),
    [
        (ANSWER, b"0123456789ab", True),
        (b"", ANSWER, True),
        (b"HTTP/1.1 200 OK\r\n", b"A: b\r\n" * 4, True),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n", True),
        (HANDSHAKE, b"\0" * 30, False),
    ],
    ids=["body", "head", "headers", "interim answers", "handshake"],
)
def test_a_server_that_drips_is_left_in_time(
    server: Issued, tmp_path: Path, quickly: bytes, slowly: bytes, *, tls: bool
) -> None:
    with dripping(server, tmp_path, quickly, slowly, tls=tls) as port, pytest.raises(OSError) as caught:  # noqa: PT011
        called(server, port, 1)
    assert connector.reason(caught.value, role="reader", seconds=1) == "it did not answer within 1 s"


def test_a_server_that_drips_quickly_enough_is_heard(server: Issued, tmp_path: Path) -> None:
    with dripping(server, tmp_path, ANSWER, b"0123456789ab") as port:
        assert called(server, port, 60) == b"0123456789ab"


def test_an_answer_that_is_too_long(server: Issued, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connector, "LARGEST", 11)
    with dripping(server, tmp_path, ANSWER + b"0123456789ab", b"") as port, pytest.raises(OSError) as caught:  # noqa: PT011
        called(server, port, 60)
    assert str(caught.value) == "the answer is longer than 11 bytes"


def test_the_patience_of_a_refresh_is_for_all_its_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    now, given = [0.0], []

    def call(self: Connector, path: str, body: object = None) -> bytes:
        given.append(self.options["timeout"])
        now[0] += 2
        raise ConnectionRefusedError

    monkeypatch.setattr(Connector, "call", call)
    monkeypatch.setattr(notifying.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(notifying.time, "sleep", lambda _: None)
    with pytest.raises(ConnectionRefusedError):
        notifying.notify(Connector(GOOD), {"modified": ["/a"]}, 5)
    assert given == [5, 3, 1]


def http_error(code: int) -> urllib.error.HTTPError:
    return urllib.error.HTTPError("https://h", code, "Found", Message(), None)


def untrusted() -> ssl.SSLCertVerificationError:
    problem = ssl.SSLCertVerificationError()
    problem.verify_message = "self-signed certificate"
    return problem


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (http_error(401), "HTTP status 401, the server does not know the user, the password or the client certificate"),
        (http_error(403), "HTTP status 403, the user lacks the reader role"),
        (http_error(404), "HTTP status 404, nothing answers there; enable the feature restConnector-2.0"),
        (http_error(302), "HTTP status 302, Found"),
        (
            urllib.error.URLError(untrusted()),
            "its certificate is not trusted (self-signed certificate); give its authority in ca_content",
        ),
        (urllib.error.URLError(ssl.SSLError(1, "odd")), "no TLS session came about (odd)"),
        (
            urllib.error.URLError(ConnectionRefusedError(111, "refused")),
            "nobody listens there (connection refused); start the server, or correct the port",
        ),
        (TimeoutError(), "it did not answer within 5 s"),
        (urllib.error.URLError(socket.gaierror(-2, "Name unknown")), "it cannot be reached ([Errno -2] Name unknown)"),
        (OSError("the answer is longer than 7 bytes"), "it cannot be reached (the answer is longer than 7 bytes)"),
    ],
)
def test_reason(problem: OSError, words: str) -> None:
    assert connector.reason(problem, role="reader", seconds=5) == words
