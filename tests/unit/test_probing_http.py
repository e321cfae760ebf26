# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The request goes out as asked, and any answer is read without trusting it."""

from __future__ import annotations

import base64
import contextlib
import http.client
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.module_utils.probing_http import (
    BODY_LIMIT,
    ProbeError,
    Reply,
    Request,
    read_reply,
)


class Peer:
    """A stream that hands out these pieces; an exception among them is raised."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self.pieces = list(pieces)

    def send(self, data: bytes) -> None:
        raise AssertionError("reading must not send")

    def recv(self, size: int) -> bytes:
        piece = self.pieces.pop(0) if self.pieces else b""
        if isinstance(piece, Exception):
            raise piece
        if len(piece) > size:
            self.pieces.insert(0, piece[size:])
        return piece[:size]


def answer(*pieces: bytes | Exception, method: str = "GET") -> Reply:
    return read_reply(Peer(*pieces), method=method)


def sent(**want: Any) -> bytes:
    return Request(**want).to_bytes(host="server:5002")


def test_without_a_wish_it_asks_for_the_head_of_the_root() -> None:
    lines = sent().split(b"\r\n")
    assert lines[0] == b"HEAD / HTTP/1.1"
    assert b"Host: server:5002" in lines
    assert b"Connection: close" in lines
    assert lines[-2:] == [b"", b""]


def test_a_body_comes_with_its_length_in_bytes() -> None:
    request = sent(method="POST", body="ä")
    assert b"\r\nContent-Length: 2\r\n" in request
    assert request.endswith(b"\r\n\r\n\xc3\xa4")


def test_given_headers_replace_own_ones_whatever_their_case() -> None:
    request = sent(headers={"host": "other", "X-Number": 7})
    assert b"Host: server" not in request
    assert b"\r\nhost: other\r\n" in request
    assert b"\r\nX-Number: 7\r\n" in request


def test_basic_authentication_is_utf_8_in_base64() -> None:
    token = base64.b64encode("jörg:pä:ß".encode())
    assert b"\r\nAuthorization: Basic " + token + b"\r\n" in sent(username="jörg", password="pä:ß")
    assert b"Authorization" not in sent()


@pytest.mark.parametrize(
    ("want", "sentence"),
    [
        ({"method": "GET /"}, "request.method is not an HTTP method: give one word such as GET."),
        ({"path": "x"}, "request.path must begin with / and hold no blanks; write other characters as %XX."),
        ({"path": "/a b"}, "request.path must begin with / and hold no blanks; write other characters as %XX."),
        ({"path": "/\r\nX: y"}, "request.path must begin with / and hold no blanks; write other characters as %XX."),
        ({"path": "/ä"}, "request.path must begin with / and hold no blanks; write other characters as %XX."),
        (
            {"headers": {"a b": "c"}},
            "request.headers has a name that is not a header's name: use letters, digits and hyphens.",
        ),
        (
            {"headers": {"X-A": "b\r\nX-C: d"}},
            "request.headers.X-A holds characters that no header can carry, such as a line end.",
        ),
        (
            {"headers": {"authorization": "Basic x"}},
            "request.headers.authorization would be logged: give credentials as request.username and request.password, or in request.secret_headers.",
        ),
        (
            {"headers": {"Cookie": "a=b"}},
            "request.headers.Cookie would be logged: give credentials as request.username and request.password, or in request.secret_headers.",
        ),
        (
            {"headers": {"X-API-Key": "b"}},
            "request.headers.X-API-Key would be logged: give credentials as request.username and request.password, or in request.secret_headers.",
        ),
        (
            {"secret_headers": {"a b": "c"}},
            "request.secret_headers has a name that is not a header's name: use letters, digits and hyphens.",
        ),
        (
            {"secret_headers": {"X-A": "b\r\nX-C: d"}},
            "request.secret_headers.X-A holds characters that no header can carry, such as a line end.",
        ),
        (
            {"body": "grant_type=password&client_secret=x"},
            "request.body: client_secret would be logged; give the secret in request.secret_body.",
        ),
        (
            {"body": '{"user": "u", "refresh_token": "x"}'},
            "request.body: refresh_token would be logged; give the secret in request.secret_body.",
        ),
        (
            {"path": "/a?b=c&access_token=x"},
            "request.path: access_token would be logged; give the secret in request.secret_body.",
        ),
        ({"body": "a", "secret_body": "b"}, "request.body and request.secret_body are both given; give one of them."),
        ({"username": "u"}, "request.username and request.password belong together: give both or neither."),
        ({"password": "p"}, "request.username and request.password belong together: give both or neither."),
        (
            {"username": "u:v", "password": "p"},
            "request.username holds a colon, which basic authentication cannot carry.",
        ),
    ],
)
def test_an_impossible_request_is_refused(want: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ProbeError) as caught:
        sent(**want)
    assert str(caught.value) == sentence


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_header_can_smuggle_a_line(name: str, value: str) -> None:
    try:
        request = sent(headers={name: value})
    except ProbeError:
        return
    head = request.split(b"\r\n\r\n")[0]
    assert head.count(b"\n") == head.count(b"\r\n") <= 5


def test_an_answer_is_read() -> None:
    reply = answer(b"HTTP/1.1 404 Not ", b"Found\r\nContent-Length: 3\r\nX-A: b\r\nx-a: c\r\n\r\nno", b"!")
    assert reply == Reply(404, "Not Found", {"content-length": "3", "x-a": "b, c"}, "no!", body_truncated=False)


def test_interim_answers_are_passed_over() -> None:
    assert answer(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n").status == 204


def test_a_chunked_body_is_joined() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    reply = answer(head, b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    assert (reply.body, reply.body_truncated) == ("abcde", False)


def test_a_body_up_to_the_end_of_the_connection_is_whole() -> None:
    reply = answer(b"HTTP/1.1 200 OK\r\n\r\nabc")
    assert (reply.body, reply.body_truncated) == ("abc", False)


def test_the_answer_to_head_has_no_body() -> None:
    reply = answer(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", method="HEAD")
    assert (reply.body, reply.body_truncated) == ("", False)


@pytest.mark.parametrize(
    "pieces",
    [
        (b"Content-Length: 5\r\n\r\nabc",),
        (b"Content-Length: 5\r\n\r\nabc", TimeoutError("timed out")),
        (b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5\r\n",),
        (b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n",),
    ],
    ids=["closed early", "time is up", "chunk missing", "chunk length is none"],
)
def test_a_body_that_did_not_come_whole_says_so(pieces: tuple[bytes | Exception, ...]) -> None:
    reply = answer(b"HTTP/1.1 200 OK\r\n", *pieces)
    assert (reply.status, reply.body, reply.body_truncated) == (200, "abc", True)


@pytest.mark.parametrize(("length", "cut"), [(BODY_LIMIT, False), (BODY_LIMIT + 1, True)])
def test_a_long_body_is_cut_at_the_limit(length: int, *, cut: bool) -> None:
    reply = answer(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length, b"x" * length)
    assert (len(reply.body), reply.body_truncated) == (BODY_LIMIT, cut)


def test_a_body_in_no_known_encoding_is_still_text() -> None:
    assert answer(b"HTTP/1.1 200 OK\r\n\r\n\xff!").body == "\N{REPLACEMENT CHARACTER}!"


def test_a_secret_request_is_sent_as_an_open_one() -> None:
    assert sent(method="POST", body="a=ä", headers={"X-N": "1", "Host": "h"}) == sent(
        method="POST", secret_body="a=ä", secret_headers={"X-N": "1", "Host": "h"}
    )
    assert b"\r\nAuthorization: Bearer x\r\n" in sent(secret_headers={"Authorization": "Bearer x"})


@pytest.mark.parametrize(
    "body", ["grant_type=password&user=u", '{"tokens": 5, "token_type": "x"}', "password", "<a b='c'/>"]
)
def test_a_body_without_secrets_is_sent(body: str) -> None:
    assert sent(body=body, path="/password/reset?token_type=a").endswith(body.encode())


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ('{"access_token": "m\\"x", "expires_in": 3600}', '{"access_token": "********", "expires_in": 3600}'),
        ("token=marker&token_type=bearer", "token=********&token_type=bearer"),
        ("{'apiKey':'marker', 'password': ''}", "{'apiKey':'********', 'password': ''}"),
        ("the password is marker", "the password is marker"),
    ],
)
def test_what_an_answer_names_as_a_secret_is_not_shown(body: str, shown: str) -> None:
    head = "HTTP/1.1 200 OK\r\nX-Auth-Token: marker\r\nLocation: /a?access_token=marker&b=c\r\n\r\n"
    reply = answer((head + body).encode())
    assert reply.headers == {"x-auth-token": "********", "location": "/a?access_token=********&b=c"}
    assert reply.body == shown


def test_cookies_are_not_shown() -> None:
    reply = answer(b"HTTP/1.1 200 OK\r\nSet-Cookie: LtpaToken2=marker\r\nset-cookie: b=marker\r\n\r\n")
    assert reply.headers == {"set-cookie": "********, ********"}


def test_no_answer_at_all_is_a_disconnection() -> None:
    with pytest.raises(http.client.RemoteDisconnected):
        answer()


@pytest.mark.parametrize(
    "noise", [b"SSH-2.0-x\r\n", b"\x15\x03\x03\0\x02\x02\x28", b"HTTP/1.1 abc\r\n\r\n", b"x" * 70000]
)
def test_what_is_not_http_is_no_answer(noise: bytes) -> None:
    with pytest.raises(http.client.HTTPException) as caught:
        answer(noise)
    assert not isinstance(caught.value, http.client.RemoteDisconnected)


def test_time_that_is_up_before_the_headers_is_no_answer() -> None:
    with pytest.raises(socket.timeout):
        answer(b"HTTP/1.1 200 OK\r\nX-A:", TimeoutError("timed out"))


@given(pieces=st.lists(st.binary(max_size=50), max_size=8), head=st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n"]))
def test_noise_never_crashes_it(pieces: list[bytes], head: bytes) -> None:
    with contextlib.suppress(http.client.HTTPException):
        assert answer(head + b"".join(pieces[:1]), *pieces[1:]).status
