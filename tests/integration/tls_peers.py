# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Peers on the loopback interface that behave as servers do, well and badly."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

from endpoints import asking as asking
from endpoints import server_context as server_context

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
Behaviour = Callable[[socket.socket], None]


@contextlib.contextmanager
def peer(behave: Behaviour, *, family: socket.AddressFamily = socket.AF_INET) -> Iterator[int]:
    """Listen, behave so to every connection, and yield the port.

    What it does wrong is part of how it behaves, so its exceptions are nobody's business.
    """
    listener = socket.socket(family)
    listener.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
    listener.listen()

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=treat, args=(connection,), daemon=True).start()

    def treat(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(20)
            behave(connection)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def https(context: ssl.SSLContext, answer: bytes = ANSWER) -> Behaviour:
    """Speak TLS and answer one request."""

    def behave(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            read_request(secured)
            secured.sendall(answer)
            with contextlib.suppress(OSError):
                secured.unwrap()

    return behave


def https_echo(context: ssl.SSLContext) -> Behaviour:
    """Answer with the request itself, as a careless server does."""

    def behave(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            request = read_request(secured)
            secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(request), request))

    return behave


def hang_up_after_handshake(context: ssl.SSLContext) -> Behaviour:
    """Complete the handshake, then end the connection without a word, as Liberty refuses a client certificate."""

    def behave(connection: socket.socket) -> None:
        context.wrap_socket(connection, server_side=True).close()  # which sends no close_notify

    return behave


def remember_complaint(context: ssl.SSLContext, complaints: list[str | None]) -> Behaviour:
    """Remember why the handshake failed, as the server's log would."""

    def behave(connection: socket.socket) -> None:
        try:
            context.wrap_socket(connection, server_side=True).recv(1)
        except ssl.SSLError as exc:
            complaints.append(exc.reason)

    return behave


def silent_after_handshake(context: ssl.SSLContext) -> Behaviour:
    def behave(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            while secured.recv(4096):
                pass

    return behave


def hang_up_at_hello(connection: socket.socket) -> None:
    """Read the greeting, then end the connection without an alert, as Liberty does when its `ssl` is broken."""
    connection.recv(4096)


def silent(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def http(answer: bytes = ANSWER) -> Behaviour:
    """Speak clear text."""

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answer)

    return behave


def says(words: bytes) -> Behaviour:
    """Speak first."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(words)
        silent(connection)

    return behave


def read_request(connection: socket.socket) -> bytes:
    """Read a request with its body, or the first piece of a TLS greeting, which would never end."""
    request = b""
    while not request.startswith(b"\x16"):
        head, _, body = request.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        if b"\r\n\r\n" in request and len(body) >= (int(length[1]) if length else 0):
            break
        piece = connection.recv(65536)
        if not piece:
            break
        request += piece
    return request
