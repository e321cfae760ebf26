# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which protocols and which groups a TLS port takes: a connection for each, closed when the server has chosen."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Callable

from ansible_collections.zosconnect.security.plugins.module_utils.connecting import Deadline
from ansible_collections.zosconnect.security.plugins.module_utils.der import DerError, read_certificate
from ansible_collections.zosconnect.security.plugins.module_utils.named_groups import (
    CURVES,
    GROUPS,
    HYBRID,
    group_name,
)
from ansible_collections.zosconnect.security.plugins.module_utils.probing_hello import VERSIONS, Answer, Hello

_PROTOCOL_NAMES = {number: name for name, number in VERSIONS.items()}
_CURVE_BY_SIZE = {256: "secp256r1", 384: "secp384r1", 521: "secp521r1"}


@dataclass(frozen=True)
class Port:
    """A port to look at; ``timeout`` in seconds is for each connection."""

    address: str
    number: int
    server_name: str
    timeout: float


@dataclass(frozen=True)
class Taken:
    """Whether the server took what it was offered; ``accepted`` None is not known, ``reason`` is why not True."""

    name: str
    accepted: bool | None
    reason: str | None = None

    def shown(self) -> dict[str, Any]:
        return {"name": self.name, "accepted": self.accepted, "reason": self.reason}


@dataclass
class Scan:
    """What a port takes."""

    protocols: list[Taken] = field(default_factory=list)
    groups: list[Taken] = field(default_factory=list)
    certificate: bytes | None = None  # of TLS before 1.3

    def takes(self, protocol: str) -> bool | None:
        return next(one.accepted for one in self.protocols if one.name == protocol)

    @property
    def post_quantum(self) -> bool | None:
        """Whether it takes a group with ML-KEM, which only TLS 1.3 has; None when that is not known."""
        modern = self.takes("TLSv1.3")
        if not modern:
            return False if modern is False and any(one.accepted for one in self.protocols) else None
        hybrid = [one.accepted for one in self.groups if one.name in HYBRID]
        return True if any(hybrid) else None if None in hybrid else False

    def shown(self) -> dict[str, Any]:
        """Return the scan as a result has it."""
        return {
            "protocols": [one.shown() for one in self.protocols],
            "groups": [one.shown() for one in self.groups],
            "post_quantum": self.post_quantum,
            "msg": self._sentence(),
        }

    def _sentence(self) -> str:
        if not any(one.accepted for one in self.protocols):
            return f"The port took no TLS: {', '.join(f'{one.name} {one.reason}' for one in self.protocols)}."
        groups = _names(self.groups)
        text = f"The port takes {_names(self.protocols)}" + (f" with the groups {groups}" if groups else "")
        quantum: dict[bool | None, str] = {True: "some of them are post-quantum", False: "none of them is post-quantum"}
        judged = quantum.get(self.post_quantum, "whether it takes a post-quantum one is not known") if groups else ""
        return "; ".join(filter(None, [text, judged])) + "."


def _names(those: Iterable[Taken]) -> str:
    return ", ".join(one.name for one in those if one.accepted)


def scan_all(ports: Sequence[Port | None], *, at_once: int) -> list[Scan | None]:
    """Look at the ports side by side, with ``at_once`` connections at most; the results come in the same order."""
    scans = [None if port is None else Scan() for port in ports]
    pairs = [(port, scan) for port, scan in zip(ports, scans) if port and scan]
    with ThreadPoolExecutor(at_once) as pool:
        for scan, hello, answer, end in _asked(pool, pairs, _protocol_questions):
            scan.protocols.append(_protocol(hello, answer, end))
            scan.certificate = answer.certificate or scan.certificate
        for scan, hello, answer, end in _asked(pool, pairs, _group_questions):
            scan.groups.append(_group(hello, answer, end))
    for _port, scan in pairs:
        _doubt(scan)
    return scans


def _asked(
    pool: Executor, pairs: list[tuple[Port, Scan]], questions: Callable[[Port, Scan], list[Hello]]
) -> Iterator[tuple[Scan, Hello, Answer, str]]:
    wanted = [(port, scan, hello) for port, scan in pairs for hello in questions(port, scan)]
    answers = pool.map(lambda question: ask(question[0], question[2]), wanted)
    return ((scan, hello, *answer) for (_port, scan, hello), answer in zip(wanted, answers))


def _protocol_questions(port: Port, _scan: Scan) -> list[Hello]:
    return [Hello(name, tuple(GROUPS.values()), _sni(port), with_key=True) for name in VERSIONS]


def _group_questions(port: Port, scan: Scan) -> list[Hello]:
    if scan.takes("TLSv1.3"):
        return [Hello("TLSv1.3", (number,), _sni(port)) for number in GROUPS.values()]
    if scan.takes("TLSv1.2"):
        # A certificate with an elliptic curve is used only for clients that offer its curve (RFC 8422 5.1).
        own = _curve_of(scan.certificate)
        return [
            Hello("TLSv1.2", (number, own) if own and own != number else (number,), _sni(port), elliptic=True)
            for number in CURVES.values()
        ]
    return []


def _curve_of(certificate: bytes | None) -> int | None:
    with contextlib.suppress(DerError):
        read = read_certificate(certificate or b"")
        if read.key_type == "EC":
            return CURVES.get(_CURVE_BY_SIZE.get(read.key_size or 0, ""))
    return None


def _sni(port: Port) -> str:
    """Return the name that is sent: none for an address (RFC 6066 3)."""
    try:
        ipaddress.ip_address(port.server_name)
    except ValueError:
        return port.server_name
    return ""


def ask(port: Port, hello: Hello) -> tuple[Answer, str]:
    """Return what the server said to a greeting, and how it ended: closed, timeout or unreachable."""
    answer, deadline = Answer(), Deadline(port.timeout)
    try:
        sock = socket.create_connection((port.address, port.number), deadline.left())
    except OSError as exc:
        return answer, "timeout" if isinstance(exc, socket.timeout) else "unreachable"
    with sock:
        try:
            _talk(sock, hello.to_bytes(os.urandom(96)), answer, deadline)
        except socket.timeout:
            return answer, "timeout"
        except OSError:
            pass  # a reset is an end
    return answer, "closed"


def _talk(sock: socket.socket, greeting: bytes, answer: Answer, deadline: Deadline) -> None:
    sock.settimeout(deadline.left())
    sock.sendall(greeting)
    while not answer.is_whole:
        sock.settimeout(deadline.left())
        data = sock.recv(16384)
        if not data:
            return
        answer.feed(data)


def _refusal(name: str, answer: Answer, end: str) -> Taken:
    """An alert is a refusal, and so is the end of the connection; a warning and then silence says nothing."""
    if answer.fault:
        return Taken(name, None, answer.fault)
    if answer.alert and (answer.is_whole or end == "closed"):
        return Taken(name, False, answer.alert)
    return Taken(name, False if end == "closed" else None, end)


def _protocol(hello: Hello, answer: Answer, end: str) -> Taken:
    if answer.protocol is None:
        return _refusal(hello.protocol, answer, end)
    if answer.protocol == VERSIONS[hello.protocol]:
        return Taken(hello.protocol, True)
    return Taken(hello.protocol, False, _PROTOCOL_NAMES.get(answer.protocol, "damaged"))


def _group(hello: Hello, answer: Answer, end: str) -> Taken:
    wanted, *own = hello.groups
    name = group_name(wanted)
    if answer.group is None:
        is_odd = answer.protocol is not None and answer.is_whole and not (answer.fault or answer.alert)
        return Taken(name, None, "damaged") if is_odd else _refusal(name, answer, end)
    if answer.group == wanted and answer.protocol == VERSIONS[hello.protocol]:
        return Taken(name, True)
    # That it likes the certificate's own curve better does not say that it would not take the other.
    return Taken(name, None if answer.group in own else False, group_name(answer.group))


def _doubt(scan: Scan) -> None:
    """A server of TLS 1.3 takes some group: where it refused each of ours, it may dislike how they were offered."""
    if scan.takes("TLSv1.3") and not any(one.accepted for one in scan.groups):
        scan.groups = [Taken(one.name, None, one.reason) for one in scan.groups]
