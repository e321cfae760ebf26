# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Callers of a server: so many requests a second, each a new connection with a client certificate.

The server answers each by calling an endpoint, with a client certificate of its own. So every request proves both.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from pki import Authority, Issued, write_private

# So many calls may be under way at a time; with 64 the rate is kept as long as an answer takes 1.2 seconds at most.
THREADS = 64
SECONDS_FOR_AN_ANSWER = 30
REQUEST = b"GET /zosConnect/apiRequesters/orders HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Call:
    """One request: what went wrong, if anything, and the certificates that the server showed to its two partners."""

    began: float
    seconds: float
    served: str = ""
    shown: str = ""
    failure: str = ""


def context(caller: Issued, trusted: list[Authority], folder: Path) -> ssl.SSLContext:
    """A caller with this key, which trusts these authorities; its key is in a file for a moment."""
    made = ssl.create_default_context(cadata="".join(one.root_pem for one in trusted))
    pem = write_private(folder / "caller.pem", caller.certificate_pem + caller.key_pem())
    made.load_cert_chain(pem)
    pem.unlink()
    return made


def call(port: int, using: ssl.SSLContext) -> Call:
    """Shake hands, ask, read all: with TLS 1.3 a client certificate is refused only after the handshake."""
    began = time.monotonic()
    served = shown = failure = ""
    try:
        with (
            socket.create_connection(("localhost", port), timeout=SECONDS_FOR_AN_ANSWER) as plain,
            using.wrap_socket(plain, server_hostname="localhost") as connection,
        ):
            served = sha256(connection.getpeercert(binary_form=True) or b"").hexdigest()
            connection.sendall(REQUEST)
            answer = b"".join(iter(lambda: connection.recv(8192), b""))
        shown = _shown(answer)
    except (OSError, ValueError, KeyError) as problem:
        failure = f"{type(problem).__name__}: {problem}"
    return Call(began, time.monotonic() - began, served, shown, failure)


def _shown(answer: bytes) -> str:
    """The certificate with which the endpoint was called.

    Raises:
        ValueError: the answer is not the one of a requester that was called by a known caller and called its endpoint.
    """
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        raise ValueError(f"the server answered {head[:30]!r} {body[-300:]!r}")
    said = json.loads(body)
    if said["auth_type"] != "CLIENT_CERT" or said["outbound"].get("status") != 200:
        raise ValueError(f"the server answered {said}")
    return str(json.loads(said["outbound"]["body"])["client_sha256"])


@dataclass
class Traffic:
    """Calls at a steady rate; ``using`` may be changed at any time, for new callers."""

    port: int
    rate: float
    using: ssl.SSLContext
    calls: list[Call] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[Traffic]:
        """Call until the block ends. A thread whose turn has passed does not catch up: that would be another load."""
        ended, began = threading.Event(), time.monotonic()

        def run(turn: int) -> None:
            due = began + turn / self.rate
            while not ended.wait(max(0.0, due - time.monotonic())):
                self.calls.append(call(self.port, self.using))
                due = max(due + THREADS / self.rate, time.monotonic())

        threads = [threading.Thread(target=run, args=(turn,)) for turn in range(THREADS)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            ended.set()
            for thread in threads:
                thread.join()

    @property
    def failures(self) -> list[Call]:
        """The calls that nobody should have noticed."""
        return [one for one in self.calls if one.failure]
