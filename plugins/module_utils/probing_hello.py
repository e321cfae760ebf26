# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The greeting of a TLS client, made by hand, and what a server says to it.

Python's ssl module offers what its OpenSSL can do, and no group by itself. A greeting needs no cryptography: a server
of TLS 1.3 that is offered a group, and no key of it, names the group in a HelloRetryRequest or refuses with an alert
(RFC 8446 4.1.4); one of TLS 1.2 names it in its ServerKeyExchange (RFC 8422 5.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.module_utils.probing_tls import PROTOCOLS, alert_name

VERSIONS = dict(zip(PROTOCOLS, (0x0301, 0x0302, 0x0303, 0x0304)))
# Bytes that are read of an answer. OpenSSL takes no chain of more than 100 KB, and nothing else is long.
LARGEST = 131_072

# RFC 8446 5.1 and B.3; a record of TLS 1.2 may be longer than its content by 2,048 bytes (RFC 5246 6.2.3).
_CHANGE_CIPHER_SPEC, _ALERT, _HANDSHAKE, _APPLICATION_DATA = 20, 21, 22, 23
_LONGEST_RECORD = 2**14 + 2048
_CLIENT_HELLO, _SERVER_HELLO, _CERTIFICATE, _SERVER_KEY_EXCHANGE, _SERVER_HELLO_DONE = 1, 2, 11, 12, 14
# Extensions: RFC 6066, 7919, 8422, 7627, 8446.
_SERVER_NAME, _GROUPS, _POINT_FORMATS, _SIGNATURES, _MASTER_SECRET = 0, 10, 11, 13, 23
_SUPPORTED_VERSIONS, _KEY_SHARE, _PSK_MODES = 43, 51, 45
_NAMED_CURVE = 3
_X25519 = 29
# The random of a ServerHello that is a HelloRetryRequest (RFC 8446 4.1.3).
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")

_CIPHERS_13 = (0x1302, 0x1301, 0x1303, 0x1304, 0x1305)
_ELLIPTIC = (0xC02C, 0xC030, 0xC02B, 0xC02F, 0xCCA9, 0xCCA8, 0xC024, 0xC028, 0xC023, 0xC027, 0xC00A, 0xC014, 0xC009,
             0xC013, 0xC008, 0xC012)  # fmt: skip
# Weak ones as well: the question is about the protocol, and a refusal must not be about the ciphers.
_OTHERS = (0x009F, 0x009E, 0x006B, 0x0067, 0x0039, 0x0033, 0x0016, 0x009D, 0x009C, 0x003D, 0x003C, 0x0035, 0x002F,
           0x000A, 0x0038, 0x0032, 0x0013, 0x0005, 0x0004)  # fmt: skip
_SECURE_RENEGOTIATION = 0x00FF
# ECDSA, RSA-PSS, EdDSA, RSA, and those with SHA-1, which TLS 1.2 knows.
_SCHEMES = (0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B, 0x0807, 0x0808, 0x0401, 0x0501,
            0x0601, 0x0203, 0x0201, 0x0202)  # fmt: skip


@dataclass(frozen=True)
class Hello:
    """A greeting that offers one protocol and some groups, by their numbers.

    ``elliptic`` offers no cipher without an elliptic curve, for TLS 1.2. ``with_key`` sends a key of x25519 with it,
    for servers of TLS 1.3 that take no greeting without one. ``server_name`` is empty for an address.
    """

    protocol: str
    groups: tuple[int, ...]
    server_name: str = ""
    elliptic: bool = False
    with_key: bool = False

    def to_bytes(self, random: bytes) -> bytes:
        """Return the record; of the 96 bytes of ``random`` 32 are a session's id and 32 a key. It is kept by nobody."""
        version = VERSIONS[self.protocol]
        modern = self.protocol == "TLSv1.3"
        old = _ELLIPTIC if self.elliptic else _ELLIPTIC + _OTHERS
        ciphers = _CIPHERS_13 if modern else (*old, _SECURE_RENEGOTIATION)
        extensions = self._modern(random[64:96]) if modern else self._older()
        body = b"".join(
            [
                _numbers([min(version, VERSIONS["TLSv1.2"])]),
                random[:32],
                _vector(random[32:64] if modern else b"", 1),
                _vector(_numbers(ciphers), 2),
                _vector(b"\0", 1),  # no compression
                _vector(b"".join(_numbers([kind]) + _vector(data, 2) for kind, data in extensions), 2),
            ]
        )
        message = bytes([_CLIENT_HELLO]) + _vector(body, 3)
        return bytes([_HANDSHAKE]) + _numbers([VERSIONS["TLSv1"]]) + _vector(message, 2)

    def _common(self) -> Iterator[tuple[int, bytes]]:
        if self.server_name:
            yield _SERVER_NAME, _vector(b"\0" + _vector(self.server_name.rstrip(".").encode("idna"), 2), 2)
        yield _GROUPS, _vector(_numbers(self.groups), 2)
        if self.protocol in ("TLSv1.2", "TLSv1.3"):
            yield _SIGNATURES, _vector(_numbers(_SCHEMES), 2)

    def _older(self) -> Iterator[tuple[int, bytes]]:
        yield from self._common()
        yield _POINT_FORMATS, _vector(b"\0", 1)
        yield _MASTER_SECRET, b""

    def _modern(self, key: bytes) -> Iterator[tuple[int, bytes]]:
        yield from self._common()
        yield _SUPPORTED_VERSIONS, _vector(_numbers([VERSIONS["TLSv1.3"]]), 1)
        yield _PSK_MODES, _vector(b"\1", 1)
        yield _KEY_SHARE, _vector(_numbers([_X25519]) + _vector(key, 2) if self.with_key else b"", 2)


def _numbers(numbers: Iterable[int]) -> bytes:
    return b"".join(number.to_bytes(2, "big") for number in numbers)


def _vector(data: bytes, size: int) -> bytes:
    return len(data).to_bytes(size, "big") + data


class Answer:
    """What a server says, piece by piece as it comes.

    ``protocol`` is the version that it chose, ``group`` the group, ``certificate`` its own certificate in DER, which
    only TLS before 1.3 shows; None while they are not known. ``fault`` says why nothing more is read of what is no
    answer: ``not_tls``, ``damaged``, ``too_long``. Whatever comes, it raises nothing, and holds LARGEST bytes at most.
    """

    def __init__(self) -> None:
        self.protocol: int | None = None
        self.group: int | None = None
        self.certificate: bytes | None = None
        self.alert: str | None = None
        self.fault: str | None = None
        self.is_whole = False
        self._bytes, self._messages, self._read, self._cipher = bytearray(), bytearray(), 0, 0

    def feed(self, data: bytes) -> None:
        """Take more bytes; what comes when ``is_whole`` is not looked at."""
        self._bytes += data
        self._read += len(data)
        try:
            while not self.is_whole and self._record():
                pass
        except _Fault as fault:
            self._end(str(fault))
        if not self.is_whole and self._read > LARGEST:
            self._end("too_long")

    def _end(self, fault: str | None = None) -> None:
        self.fault, self.is_whole = fault, True
        self._bytes, self._messages = bytearray(), bytearray()  # there may be many answers

    def _record(self) -> bool:
        """Read one record; return whether it was there."""
        head = bytes(self._bytes[:5])
        if (head and not _CHANGE_CIPHER_SPEC <= head[0] <= _APPLICATION_DATA) or head[1:2] not in (b"", b"\3"):
            raise _Fault("not_tls")
        length = int.from_bytes(head[3:5], "big")
        if len(head) < 5:
            return False
        if length > _LONGEST_RECORD:
            raise _Fault("not_tls")
        if len(self._bytes) < 5 + length:
            return False
        content = bytes(self._bytes[5 : 5 + length])
        del self._bytes[: 5 + length]
        if head[0] == _ALERT:
            self._complained(content)
        elif head[0] == _HANDSHAKE:
            self._said(content)
        return True

    def _complained(self, content: bytes) -> None:
        if len(content) != 2:
            raise _Fault("damaged")
        level, code = content
        self.alert = alert_name(code) if code else self.alert
        # A warning, as of a name that the server does not know, ends nothing; a good-bye does.
        if level != 1 or not code:
            self._end()

    def _said(self, content: bytes) -> None:
        self._messages += content
        while not self.is_whole and len(self._messages) >= 4:
            end = 4 + int.from_bytes(self._messages[1:4], "big")
            if end > LARGEST:
                raise _Fault("too_long")
            if len(self._messages) < end:
                return
            kind, message = self._messages[0], bytes(self._messages[4:end])
            del self._messages[:end]
            self._message(kind, _Cursor(message))

    def _message(self, kind: int, message: _Cursor) -> None:
        if kind == _SERVER_HELLO and self.protocol is None:
            self._hello(message)
        elif self.protocol is None or kind == _SERVER_HELLO:
            raise _Fault("damaged")
        elif kind == _CERTIFICATE:
            self.certificate = _Cursor(message.vector(3)).vector(3)
        elif kind == _SERVER_KEY_EXCHANGE:
            if self._cipher in _ELLIPTIC and message.number(1) == _NAMED_CURVE:
                self.group = message.number(2)
            self._end()
        elif kind == _SERVER_HELLO_DONE:
            self._end()

    def _hello(self, message: _Cursor) -> None:
        version, random = message.number(2), message.take(32)
        _session, self._cipher, _compression = message.vector(1), message.number(2), message.number(1)
        extensions = dict(_extensions(message))
        if _SUPPORTED_VERSIONS in extensions:
            version = extensions[_SUPPORTED_VERSIONS].number(2)
        if version == VERSIONS["TLSv1.3"]:
            share = extensions.get(_KEY_SHARE)
            self.group = share.number(2) if share else None
            self._end()
        elif random == _RETRY or version not in VERSIONS.values():
            raise _Fault("damaged")
        self.protocol = version


def _extensions(message: _Cursor) -> Iterator[tuple[int, _Cursor]]:
    rest = _Cursor(message.vector(2)) if message.rest else message
    while rest.rest:
        yield rest.number(2), _Cursor(rest.vector(2))


class _Fault(Exception):
    """Nothing more is to be read, for this reason."""


class _Cursor:
    """Bytes of a message, read from their beginning; raises _Fault where there are too few."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place = data, 0

    @property
    def rest(self) -> int:
        return len(self._data) - self._place

    def take(self, size: int) -> bytes:
        if size > self.rest:
            raise _Fault("damaged")
        self._place += size
        return self._data[self._place - size : self._place]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def vector(self, size: int) -> bytes:
        return self.take(self.number(size))
