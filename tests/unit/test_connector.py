# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said before, and when, a REST connector is asked; a real one answers in the integration tests."""

from __future__ import annotations

import socket
import ssl
import urllib.error
from email.message import Message
from typing import Any

import pytest

from ansible_collections.zosconnect.security.plugins.module_utils import connector, lost
from ansible_collections.zosconnect.security.plugins.module_utils.connector import Connector, ConnectorError

GOOD = {"url": "https://localhost:9443", "username": "admin", "password": "secret", "timeout": 5}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"url": "http://h:9080"}, "x.url: http://h:9080 must begin with https://HOST, because a secret is sent there."),
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
    Connector({**GOOD, "username": None, "password": None, "client_certificate_content": "PEM"}).check()


def test_what_is_no_certificate() -> None:
    with pytest.raises(
        ConnectorError, match=r"^x\.ca_content holds no PEM certificate \(-----BEGIN CERTIFICATE-----\)\.$"
    ):
        Connector({**GOOD, "ca_content": "nothing"}, "x.").call("/")


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
