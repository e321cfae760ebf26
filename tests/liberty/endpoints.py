# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""RESTful endpoints on loopback, good and bad ones, for a server that calls them.

    with endpoints(pki, folder) as ports: ...  # ports["mutual"]

    python tests/liberty/endpoints.py start --dir DIR   # writes the PEM files of pki.py and DIR/endpoints.json
    python tests/liberty/endpoints.py stop --dir DIR

Each answers GET with JSON: `endpoint`, `caller` (its address), `protocol` (null in clear), `client_subject` and
`client_sha256` of the client certificate, `user` of basic authentication.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import contextlib
import json
import ssl
import sys
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import kept
from cryptography import x509
from pki import Cast, Issued, issue_cast, issue_endpoints, write_private
from testbed import TestBedError, say

LOGIN = "apiuser:api-password"  # what the endpoint `password` wants
SECONDS_TO_START = 60.0


@dataclass(frozen=True)
class Kind:
    """How an endpoint behaves.

    Attributes:
        identity: which certificate of `issue_endpoints` it shows; None speaks plain http.
        mutual: demands a client certificate.
        protocol: the only one that it speaks; None: all that OpenSSL's default allows.
        login: demands basic authentication.
    """

    identity: str | None = "good"
    mutual: bool = False
    protocol: str | None = None
    login: bool = False


KINDS = {
    "plain": Kind(identity=None),
    "server": Kind(),
    "mutual": Kind(mutual=True),
    "password": Kind(login=True),
    "wrong_name": Kind(identity="wrong_name"),
    "expired": Kind(identity="expired"),
    "untrusted": Kind(identity="untrusted"),
    "tls11": Kind(protocol="TLSv1_1"),
}


def server_context(identity: Issued, folder: Path, *, protocol: str | None = None) -> ssl.SSLContext:
    """A server with this certificate and its chain, of one protocol or of all.

    Raises:
        TestBedError: this Python's OpenSSL does not have the protocol.
    """
    if protocol and not getattr(ssl, f"HAS_{protocol}"):
        raise TestBedError(f"{ssl.OPENSSL_VERSION} does not have {protocol}, so no server can speak it here.")
    path = write_private(folder / "identity.pem", identity.certificate_pem + identity.chain_pem + identity.key_pem())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    path.unlink()
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion[protocol] if protocol else ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion[protocol] if protocol else ssl.TLSVersion.MAXIMUM_SUPPORTED
    return context


def asking(context: ssl.SSLContext, root_pem: str, mode: ssl.VerifyMode) -> ssl.SSLContext:
    """The same server, asking for a client certificate."""
    context.load_verify_locations(cadata=root_pem)
    context.verify_mode = mode
    return context


class Endpoint(ThreadingHTTPServer):
    """One endpoint; a handshake that fails is part of the play, so it says nothing about it."""

    daemon_threads = True

    def __init__(self, name: str, at: tuple[str, int], context: ssl.SSLContext | None) -> None:
        self.name = name
        self.kind = KINDS[name]
        self._context = context
        super().__init__(at, Answer)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In the thread of the connection: a caller that is slow to shake hands keeps nobody waiting."""
        if self._context:
            request.settimeout(20)
            with self._context.wrap_socket(request, server_side=True) as secured:
                super().finish_request(secured, client_address)
                with contextlib.suppress(OSError):
                    secured.unwrap()
        else:
            super().finish_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing."""


class Answer(BaseHTTPRequestHandler):
    """Says who called."""

    server: Endpoint

    def do_GET(self) -> None:
        login = login_of(self.headers.get("Authorization", ""))
        tls = self.connection if isinstance(self.connection, ssl.SSLSocket) else None
        shown = tls.getpeercert(binary_form=True) if tls else None
        answer = {
            "endpoint": self.server.name,
            "caller": self.client_address[0],
            "protocol": tls.version() if tls else None,
            "client_subject": x509.load_der_x509_certificate(shown).subject.rfc4514_string() if shown else None,
            "client_sha256": sha256(shown).hexdigest() if shown else None,
            "user": login.partition(":")[0] or None,
        }
        body = json.dumps(answer).encode()
        self.send_response(401 if self.server.kind.login and login != LOGIN else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


def login_of(header: str) -> str:
    """USER:PASSWORD of basic authentication, or nothing."""
    with contextlib.suppress(binascii.Error, UnicodeDecodeError):
        if header.startswith("Basic "):
            return base64.b64decode(header.removeprefix("Basic ")).decode()
    return ""


@contextlib.contextmanager
def endpoint(
    name: str, cast: Cast, identities: Mapping[str, Issued], folder: Path, *, at: tuple[str, int] = ("127.0.0.1", 0)
) -> Iterator[int]:
    """Serve one kind and yield its port.

    Args:
        name: of the kind.
        cast: its root signs the client certificates that `mutual` accepts.
        identities: of `issue_endpoints`.
        folder: where a private key is for a moment, because OpenSSL's binding wants a file.
        at: address and port to listen on; port 0 takes any.
    """
    kind = KINDS[name]
    context = server_context(identities[kind.identity], folder, protocol=kind.protocol) if kind.identity else None
    if context and kind.mutual:
        asking(context, cast.root.root_pem, ssl.CERT_REQUIRED)
    with Endpoint(name, at, context) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


@contextlib.contextmanager
def endpoints(cast: Cast, folder: Path, *, address: str = "127.0.0.1") -> Iterator[dict[str, int]]:
    """Serve all kinds at an address and yield their ports; the root of `cast` signs their certificates, too."""
    identities = issue_endpoints(cast.root, key_type="ec")
    with contextlib.ExitStack() as stack:
        serving = {name: endpoint(name, cast, identities, folder, at=(address, 0)) for name in KINDS}
        yield {name: stack.enter_context(one) for name, one in serving.items()}


def serve(folder: Path) -> None:
    """Make certificates, serve, and say where, until this process is ended."""
    cast = issue_cast(key_type="ec")
    cast.write(folder)
    with endpoints(cast, folder) as ports:
        scratch = folder / ".endpoints.json"
        scratch.write_text(json.dumps({"address": "127.0.0.1", "ca": str(folder / "ca.pem"), "ports": ports}, indent=2))
        scratch.rename(folder / "endpoints.json")
        threading.Event().wait()


def start(folder: Path, *, lifetime: float) -> Path:
    """Start endpoints that outlive this process for so many seconds, unless they run; return their endpoints.json.

    Raises:
        TestBedError: they did not start.
    """
    facts = folder / "endpoints.json"
    if kept.keeper_pid(folder) and facts.exists():
        return facts
    stop(folder)
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, __file__, "serve", "--dir", str(folder)]
    keeper = kept.spawn(folder, command, "--lifetime", str(lifetime))
    deadline = time.monotonic() + SECONDS_TO_START
    while not facts.exists():
        if keeper.poll() is not None or time.monotonic() > deadline:
            kept.end(folder)
            raise TestBedError(f"The endpoints did not start; see {folder / 'console.log'}.")
        time.sleep(0.05)
    return facts


def stop(folder: Path) -> None:
    """End them, if they run."""
    kept.end(folder)
    (folder / "endpoints.json").unlink(missing_ok=True)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="RESTful endpoints on loopback, good and bad ones, for tests.")
    parser.add_argument("command", choices=("start", "stop", "serve"))
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--lifetime", type=float, default=3600, help="seconds after which they end (3600)")
    chosen = parser.parse_args()
    folder = chosen.dir.resolve()
    try:
        if chosen.command == "start":
            print(start(folder, lifetime=chosen.lifetime))
        elif chosen.command == "stop":
            stop(folder)
        else:
            serve(folder)
    except TestBedError as problem:
        say(str(problem))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
