# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One HTTP/1.1 request and what came back, over anything that can send and receive bytes."""

from __future__ import annotations

import base64
import http.client
import io
import re
from dataclasses import dataclass, field
from typing import Any, Protocol

from ansible_collections.zosconnect.security.plugins.module_utils.secret_names import is_secret_header, named_secrets

BODY_LIMIT = 65536  # bytes of a reply's body that are kept
_REDACTED = "********"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 5.6.2


class ProbeError(Exception):
    """What was asked cannot be asked of any server; the message is for the user and holds no secret.

    ``number`` says which one of many probes it is.
    """

    number: int | None = None


class Stream(Protocol):
    """A connection: ``recv`` returns no bytes at its end, and raises ``socket.timeout`` when time is up."""

    def send(self, data: bytes) -> None: ...

    def recv(self, size: int) -> bytes: ...


@dataclass(frozen=True)
class Request:
    """What to ask for. The password is given to the server by basic authentication."""

    method: str = "HEAD"
    path: str = "/"
    headers: dict[str, Any] = field(default_factory=dict)
    username: str | None = None
    password: str | None = None
    body: str | None = None
    secret_headers: dict[str, Any] = field(default_factory=dict, repr=False)
    secret_body: str | None = field(default=None, repr=False)

    @property
    def basic_token(self) -> str | None:
        """The credentials as they travel (RFC 7617): as secret as the password."""
        if self.password is None:
            return None
        return base64.b64encode(f"{self.username}:{self.password}".encode("utf-8", "surrogateescape")).decode("ascii")

    def to_bytes(self, *, host: str) -> bytes:
        """Return the request as it goes over the wire; raise ProbeError where a part of it is impossible."""
        self._check()
        text = self.body if self.secret_body is None else self.secret_body
        body = (text or "").encode("utf-8", "surrogateescape")
        headers = {"Host": host, "User-Agent": "zosconnect.security.tls_probe", "Accept": "*/*", "Connection": "close"}
        if text is not None:
            headers["Content-Length"] = str(len(body))
        if self.basic_token:
            headers["Authorization"] = f"Basic {self.basic_token}"
        own = {**self.headers, **self.secret_headers}
        given = {name.lower() for name in own}
        headers = {name: value for name, value in headers.items() if name.lower() not in given}
        lines = [f"{name}: {value}" for name, value in [*headers.items(), *own.items()]]
        return "\r\n".join([f"{self.method} {self.path} HTTP/1.1", *lines, "", ""]).encode("latin-1") + body

    def _check(self) -> None:
        if not _TOKEN.fullmatch(self.method):
            raise ProbeError("request.method is not an HTTP method: give one word such as GET.")
        if not re.fullmatch(r"/[!-~]*|\*", self.path):
            raise ProbeError("request.path must begin with / and hold no blanks; write other characters as %XX.")
        self._check_headers()
        for option in ("path", "body"):
            for name, _start, _end in named_secrets(getattr(self, option) or ""):
                raise ProbeError(f"request.{option}: {name} would be logged; give the secret in request.secret_body.")
        if self.body is not None and self.secret_body is not None:
            raise ProbeError("request.body and request.secret_body are both given; give one of them.")
        if (self.username is None) != (self.password is None):
            raise ProbeError("request.username and request.password belong together: give both or neither.")
        if ":" in (self.username or ""):
            raise ProbeError("request.username holds a colon, which basic authentication cannot carry.")

    def _check_headers(self) -> None:
        for option in ("headers", "secret_headers"):
            for name, value in getattr(self, option).items():
                _check_header(f"request.{option}", name, value)
                if option == "headers" and is_secret_header(name):
                    raise ProbeError(
                        f"request.headers.{name} would be logged: give credentials as request.username and "
                        "request.password, or in request.secret_headers."
                    )


def _check_header(option: str, name: str, value: Any) -> None:
    where = f"{option}.{name}"
    if not _TOKEN.fullmatch(name):
        raise ProbeError(f"{option} has a name that is not a header's name: use letters, digits and hyphens.")
    if not re.fullmatch(r"[\t -~\xa0-\xff]*", str(value)):
        raise ProbeError(f"{where} holds characters that no header can carry, such as a line end.")


@dataclass(frozen=True)
class Reply:
    """An HTTP answer. Header names are in lower case; the body is text, cut at BODY_LIMIT bytes."""

    status: int
    reason: str
    headers: dict[str, str]
    body: str
    body_truncated: bool


def read_reply(stream: Stream, *, method: str) -> Reply:
    """Read the answer to one request.

    Raises http.client.RemoteDisconnected (the peer ended the connection without an answer), another
    http.client.HTTPException (what came is not HTTP), or socket.timeout before the headers were complete.
    """
    reply = http.client.HTTPResponse(_Source(stream), method=method)  # type: ignore[arg-type]
    reply.begin()
    body, complete = _read_body(reply)
    headers: dict[str, str] = {}
    for name, value in reply.getheaders():
        # An LTPA token in a cookie logs its bearer in, and so does a token in the query of a Location.
        shown = _REDACTED if is_secret_header(name) else _without_secrets(value)
        headers[name.lower()] = f"{headers[name.lower()]}, {shown}" if name.lower() in headers else shown
    text = _without_secrets(body.decode("utf-8", "replace"))
    return Reply(reply.status, reply.reason, headers, text, not complete)


def _without_secrets(text: str) -> str:
    parts, done = [], 0
    for _name, start, end in named_secrets(text):
        parts += [text[done:start], _REDACTED]
        done = end
    return "".join([*parts, text[done:]])


def _read_body(reply: http.client.HTTPResponse) -> tuple[bytes, bool]:
    """Return what came of the body and whether that is all of it: the status is the answer, a cut body is no fault."""
    body = b""
    try:
        while len(body) <= BODY_LIMIT:
            piece = reply.read1(BODY_LIMIT + 1 - len(body))
            if not piece:
                return body, not reply.length
            body += piece
    except (OSError, ValueError, http.client.HTTPException):
        return body, False
    return body[:BODY_LIMIT], False


class _Source(io.RawIOBase):
    """What http.client wants of a socket: a file to read from."""

    def __init__(self, stream: Stream) -> None:
        super().__init__()
        self._stream = stream

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.recv(len(buffer))
        buffer[: len(data)] = data
        return len(data)
