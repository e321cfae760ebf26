# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client of Liberty's REST connector (feature restConnector-2.0) that may be trusted with a password."""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from ansible_collections.zosconnect.security.plugins.module_utils import lost
from ansible_collections.zosconnect.security.plugins.module_utils.connecting import Deadline, connections
from ansible_collections.zosconnect.security.plugins.module_utils.probing_http import ProbeError
from ansible_collections.zosconnect.security.plugins.module_utils.probing_tls import Material, TlsMaterial, make_context

# Bytes of an answer. A configuration of 10,000 API requesters has 5 MB.
LARGEST = 20_000_000
LONGEST = 3600  # seconds
_URL = re.compile(r"https://[!-~]+")
# How a server is named and how to log in to it, in the argument specification of a module or of an option.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "url": {"type": "str", "required": True},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    # With no_log, although they are public: people paste whole bundles, and the second may hold the key.
    "ca_content": {"type": "str", "no_log": True},
    "client_certificate_content": {"type": "str", "no_log": True},
    "client_key_content": {"type": "str", "no_log": True},
    "client_key_passphrase": {"type": "str", "no_log": True},
    "timeout": {"type": "int", "default": 30},
}


class ConnectorError(Exception):
    """The options make no sense, or the server did not answer as it should; the message is for the user."""


@dataclass(frozen=True)
class Connector:
    """One server, and who asks it. ``where`` is what stands before the names of options in sentences.

    ``timeout`` is in seconds, for all of a call; ``scratch`` is a directory for the moment in which OpenSSL reads a
    client certificate.
    """

    options: Mapping[str, Any]
    where: str = ""
    scratch: str | None = None

    def check(self) -> None:
        """Raise ConnectorError over options that cannot lead to an answer, without asking anybody."""
        self._check_url()
        if not 0 < self.options["timeout"] <= LONGEST:
            raise ConnectorError(f"{self.where}timeout: must be more than 0 seconds and at most {LONGEST}.")
        given = {name for name, value in self.options.items() if value is not None}
        if not given & {"username", "client_certificate_content"}:
            raise ConnectorError(
                f"{self.where}username: give username and password, or client_certificate_content and "
                "client_key_content; Liberty answers nobody else."
            )
        if ("username" in given) != ("password" in given):
            raise ConnectorError(f"{self.where}password: username and password belong together; give both.")
        if self.options.get("password") == "":
            raise ConnectorError(f"{self.where}password: is empty; give the password.")
        for name in ("password", "client_key_content", "client_key_passphrase"):
            if lost.is_lost(self.options.get(name) or ""):
                raise ConnectorError(f"{self.where}{name}: {lost.sentence(self.options[name])}")

    def _check_url(self) -> None:
        url = self.options["url"]
        if "@" in url:
            raise ConnectorError(f"{self.where}url: holds a user or a password; give them as username and password.")
        if "?" in url:
            raise ConnectorError(f"{self.where}url: holds a query; give the address alone, such as https://HOST:9443.")
        if not url.startswith("https://") or url == "https://":
            raise ConnectorError(
                f"{self.where}url: {url} must begin with https://HOST, because a secret is sent there."
            )
        try:
            parts = urlsplit(url)
            usable = parts.hostname and parts.port != 0 and _URL.fullmatch(url) and not parts.query + parts.fragment
        except ValueError:
            usable = False
        if not usable:
            raise ConnectorError(f"{self.where}url: {url!r} is no address such as https://HOST:9443; correct it.")

    def call(self, path: str, body: object = None) -> bytes:
        """Return what the server answers: GET, or POST where there is a ``body``, sent as JSON.

        Raises ConnectorError for options, OSError (see ``reason``) for everything on the way.
        """
        self.check()
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.options.get("username") is not None:
            login = f"{self.options['username']}:{self.options['password']}".encode()
            headers["Authorization"] = "Basic " + b64encode(login).decode("ascii")
        request = urllib.request.Request(
            self.options["url"].rstrip("/") + path,
            data=None if body is None else json.dumps(body).encode(),
            headers=headers,
        )
        try:
            with self._opener().open(request, timeout=self.options["timeout"]) as answer:
                data: bytes = answer.read(LARGEST + 1)
        except (http.client.HTTPException, ValueError) as e:
            raise OSError(f"what came is no HTTP ({e})") from e
        if len(data) > LARGEST:
            raise OSError(f"the answer is longer than {LARGEST} bytes")
        return data

    def _opener(self) -> urllib.request.OpenerDirector:
        """An opener of its own: redirects and proxies would carry the password elsewhere."""
        opener = urllib.request.OpenerDirector()
        for handler in (
            _Handler(context=self._context()),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
        ):
            opener.add_handler(handler)
        return opener

    def _context(self) -> ssl.SSLContext:
        def material(name: str) -> Material | None:
            content = self.options.get(name)
            return None if content is None else Material(f"{self.where}{name}", content)

        want = TlsMaterial(
            urlsplit(self.options["url"]).hostname or "",
            ca=material("ca_content"),
            certificate=material("client_certificate_content"),
            key=material("client_key_content"),
            passphrase=self.options.get("client_key_passphrase"),
            scratch=self.scratch,
        )
        try:
            context = make_context(want)
        except ProbeError as e:
            raise ConnectorError(str(e)) from e
        context.sslsocket_class = _Socket
        return context


class _Socket(ssl.SSLSocket):
    """TLS of which all reading and writing together ends by one deadline, however slowly the peer drips."""

    deadline: Deadline

    def recv_into(self, *args: Any, **options: Any) -> int:
        self.settimeout(self.deadline.left())
        return super().recv_into(*args, **options)

    def send(self, *args: Any, **options: Any) -> int:
        self.settimeout(self.deadline.left())
        return super().send(*args, **options)


class _Connection(http.client.HTTPSConnection):
    _context: ssl.SSLContext  # typeshed keeps silent about it

    def connect(self) -> None:
        deadline = Deadline(self.timeout or 0)
        addresses = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        failures: list[OSError] = []
        sock, _address = next(connections(addresses, deadline, failures), (None, ""))
        if sock is None:
            raise failures[-1]
        sock.settimeout(deadline.left())  # the ssl module takes it for the whole handshake
        # The context of ``Connector`` makes such ones.
        wrapped = cast("_Socket", self._context.wrap_socket(sock, server_hostname=self.host))
        wrapped.deadline = deadline
        self.sock = wrapped


class _Handler(urllib.request.HTTPSHandler):
    _context: ssl.SSLContext  # typeshed keeps silent about it

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Connection, req, context=self._context)


def reason(e: OSError, *, role: str, seconds: int) -> str:
    """Say in words why a call failed; ``role`` is what the user needs, ``seconds`` how long was waited."""
    if isinstance(e, urllib.error.HTTPError):
        hint = {
            401: "the server does not know the user, the password or the client certificate",
            403: f"the user lacks the {role} role",
            404: "nothing answers there; enable the feature restConnector-2.0",
        }
        return f"HTTP status {e.code}, {hint.get(e.code, str(e.reason))}"
    inner = e.reason if isinstance(e, urllib.error.URLError) else e
    if isinstance(inner, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({inner.verify_message}); give its authority in ca_content"
    if isinstance(inner, ssl.SSLError):
        words = getattr(inner, "reason", None) or str(inner.args[-1])
        return f"no TLS session came about ({words.replace('_', ' ').lower()})"
    if isinstance(inner, ConnectionRefusedError):
        return "nobody listens there (connection refused); start the server, or correct the port"
    if isinstance(inner, (socket.timeout, TimeoutError)):
        return f"it did not answer within {seconds} s"
    return f"it cannot be reached ({inner})"
