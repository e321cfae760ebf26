# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ask a port one question and say what happened.

A refusal is an answer like any other. The handshake alone proves nothing in TLS 1.3: the client believes it complete
before the server has looked at the client's certificate, so a request is always sent and the answer awaited.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils.connecting import Deadline, connections
from ansible_collections.zosconnect.security.plugins.module_utils.der import DerError, fingerprint, read_certificate
from ansible_collections.zosconnect.security.plugins.module_utils.probing_http import (
    ProbeError,
    Request,
    Stream,
    read_reply,
)
from ansible_collections.zosconnect.security.plugins.module_utils.probing_tls import (
    TlsMaterial,
    TlsStream,
    alert_name,
    cannot,
    make_context,
    reason_of,
)

OUTCOMES = (
    "ok",
    "closed",
    "closed_after_handshake",
    "expired",
    "handshake_failed",
    "name_mismatch",
    "no_reply",
    "not_http",
    "not_tls",
    "not_yet_valid",
    "refused",
    "timeout",
    "unreachable",
    "unresolved",
    "untrusted",
)

# X509_V_ERR_... of OpenSSL's x509_vfy.h; every other number is `untrusted`.
_VERIFY_OUTCOMES = {9: "not_yet_valid", 10: "expired", 62: "name_mismatch", 64: "name_mismatch"}

# The own library had nothing to offer: that says nothing about the server.
_LOCAL_REASONS = ("NO_PROTOCOLS_AVAILABLE", "NO_CIPHERS_AVAILABLE")


@dataclass(frozen=True)
class Probe:
    """What to probe; ``tls`` None speaks clear text. ``timeout`` in seconds is for the whole probe.

    ``scan`` asks, beside that, what the port takes: a matter of ``probing_many``.
    """

    host: str
    port: int
    tls: TlsMaterial | None
    request: Request = field(default_factory=Request)
    timeout: float = 10.0
    scan: bool = False


@dataclass
class Report:
    """What was seen; None means not known. The fields are the module's return values."""

    outcome: str = "ok"
    msg: str = ""
    address: str | None = None
    alert: str | None = None
    protocol: str | None = None
    cipher: str | None = None
    verified: bool | None = None
    verify_error: str | None = None
    client_certificate_requested: bool | None = None
    peer_certificates: list[dict[str, Any]] = field(default_factory=list)
    chain_complete: bool | None = None
    http: dict[str, Any] | None = None
    scan: dict[str, Any] | None = None
    elapsed: float = 0.0


class _Ended(Exception):
    """The probe is over, with this outcome and this sentence."""

    def __init__(self, outcome: str, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome


class _Wire:
    """A TCP connection within a deadline, which remembers how the peer began."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock, self._deadline = sock, deadline
        self.first = b""

    def send(self, data: bytes) -> None:
        if data:
            self._sock.settimeout(self._deadline.left())
            self._within(self._sock.sendall, data)

    def recv(self, size: int) -> bytes:
        self._sock.settimeout(self._deadline.left())
        data = self._within(self._sock.recv, size) or b""
        self.first = (self.first + data)[:7]
        return data

    def _within(self, call: Any, argument: Any) -> Any:
        try:
            return call(argument)
        except socket.timeout:
            raise
        except OSError:
            return None  # a reset is an end; what came before it is still to be read

    @property
    def speaks_tls(self) -> bool:
        """Whether what came so far can be TLS records (RFC 8446 5.1: a type from 20 to 23, major version 3)."""
        return self.first[:1] in b"\x14\x15\x16\x17" and self.first[1:2] in b"\x03"

    @property
    def alert(self) -> str | None:
        """The alert with which a TLS port answers clear text."""
        is_alert = len(self.first) == 7 and self.first[:2] == b"\x15\x03" and self.first[3:5] == b"\0\x02"
        return alert_name(self.first[6]) if is_alert else None


def probe(want: Probe) -> Report:
    """Make one connection and report on it.

    Raises ProbeError when what is asked for is itself at fault; whatever the network or the peer does is in the report.
    """
    started, report = time.monotonic(), Report()
    context = make_context(want.tls) if want.tls else None
    question = want.request.to_bytes(host=_host_header(want))
    try:
        with _connection(want, report) as wire:
            if want.tls and context:
                _ask_over_tls(TlsStream(wire, context, server_name=want.tls.server_name), wire, want, question, report)
            else:
                _ask_in_clear(wire, want, question, report)
    except _Ended as end:
        report.outcome, report.msg = end.outcome, str(end)
    report.elapsed = round(time.monotonic() - started, 3)
    return report


def _ask_over_tls(stream: TlsStream, wire: _Wire, want: Probe, question: bytes, report: Report) -> None:
    try:
        _shake_hands(stream, wire, want, report)
        report.verified = True if want.tls and want.tls.validate else None
        _ask(stream, want, question, report)
    except http.client.RemoteDisconnected as exc:
        raise _Ended("closed_after_handshake", _closed_sentence(stream)) from exc
    finally:
        _observe(stream, report)


def _ask_in_clear(wire: _Wire, want: Probe, question: bytes, report: Report) -> None:
    try:
        _ask(wire, want, question, report)
    except http.client.RemoteDisconnected as exc:
        raise _Ended("closed", "The peer ended the connection without an answer to clear text.") from exc
    finally:
        report.alert = wire.alert


def _ask(stream: Stream, want: Probe, question: bytes, report: Report) -> None:
    try:
        stream.send(question)
        reply = read_reply(stream, method=want.request.method)
    except http.client.RemoteDisconnected:
        raise
    except http.client.HTTPException as exc:
        raise _Ended("not_http", "The peer answered, but not in HTTP.") from exc
    except socket.timeout as exc:
        raise _Ended("no_reply", f"Connected, but no whole answer came within {want.timeout:g} seconds.") from exc
    report.http = asdict(reply)
    report.msg = f"The server answered with HTTP status {reply.status}."


def _host_header(want: Probe) -> str:
    name = want.tls.server_name if want.tls else want.host
    name = f"[{name}]" if ":" in name else name
    return name if want.port == (443 if want.tls else 80) else f"{name}:{want.port}"


@contextlib.contextmanager
def _connection(want: Probe, report: Report) -> Iterator[_Wire]:
    addresses = _look_up(want)
    deadline = Deadline(want.timeout)
    sock, report.address = _connect(want, addresses, deadline)
    with sock:
        yield _Wire(sock, deadline)


def _look_up(want: Probe) -> list[tuple[Any, ...]]:
    try:
        return list(socket.getaddrinfo(want.host, want.port, type=socket.SOCK_STREAM))
    except (OSError, ValueError) as exc:
        reason = str(getattr(exc, "strerror", None) or "not a name").lower()
        raise _Ended("unresolved", f"The host that probes finds no address of {want.host}: {reason}.") from exc


def _connect(want: Probe, addresses: list[tuple[Any, ...]], deadline: Deadline) -> tuple[socket.socket, str]:
    failures: list[OSError] = []
    for sock, address in connections(addresses, deadline, failures):
        return sock, address
    # A silent address hides more than a closed one; an address of a family that is not routed here says nothing.
    outcome, reason = max(
        map(_connect_failure, failures), key=lambda failure: ("unreachable", "refused", "timeout").index(failure[0])
    )
    raise _Ended(outcome, f"No connection to {want.host} port {want.port}: {reason}.")


def _connect_failure(exc: OSError) -> tuple[str, str]:
    if isinstance(exc, (socket.timeout, TimeoutError)):
        return "timeout", "nothing answered in time"
    if isinstance(exc, ConnectionRefusedError):
        return "refused", "it was refused"
    return "unreachable", (exc.strerror or "it cannot be reached").lower()


def _shake_hands(stream: TlsStream, wire: _Wire, want: Probe, report: Report) -> None:
    try:
        stream.handshake()
    except ssl.SSLCertVerificationError as exc:
        report.verified, report.verify_error = False, exc.verify_message
        outcome = _VERIFY_OUTCOMES.get(exc.verify_code, "untrusted")
        raise _Ended(outcome, f"The server's certificate was not accepted: {exc.verify_message}.") from exc
    except socket.timeout as exc:
        _require_tls(wire)
        raise _Ended("timeout", f"The handshake was not complete after {want.timeout:g} seconds.") from exc
    except ssl.SSLError as exc:
        if exc.reason in _LOCAL_REASONS:
            raise ProbeError(cannot("offer any of these protocols, which its own policy forbids")) from exc
        _require_tls(wire)
        raise _Ended("handshake_failed", _handshake_sentence(stream, exc)) from exc


def _require_tls(wire: _Wire) -> None:
    if not wire.speaks_tls:
        raise _Ended("not_tls", "The peer answered the TLS greeting with something that is not TLS.")


def _handshake_sentence(stream: TlsStream, exc: ssl.SSLError) -> str:
    if stream.witness.alert:
        return f"The server ended the handshake with the alert {stream.witness.alert}."
    if stream.ended:
        return "The server ended the connection during the handshake, without an alert."
    return f"The handshake failed: {reason_of(exc)}."


def _closed_sentence(stream: TlsStream) -> str:
    """Say what an end without an answer means: in TLS 1.3 it is how a client certificate is refused."""
    sentence = "The handshake looked complete, then the server ended the connection without an answer"
    if stream.witness.alert:
        sentence += f" and with the alert {stream.witness.alert}"
    if stream.protocol == "TLSv1.3" and stream.witness.client_certificate_requested(complete=True):
        sentence += "; it had asked for a client certificate"
    return sentence + "."


def _observe(stream: TlsStream, report: Report) -> None:
    witness, leaf = stream.witness, stream.leaf
    report.alert, report.protocol, report.cipher = witness.alert, stream.protocol, stream.cipher
    report.client_certificate_requested = witness.client_certificate_requested(complete=leaf is not None)
    sent = witness.chain
    chain = ([leaf] if leaf else []) if sent is None else sent
    report.peer_certificates = [_described(certificate) for certificate in chain]
    report.chain_complete = sent is not None if chain else None


def _described(der: bytes) -> dict[str, Any]:
    try:
        certificate = asdict(read_certificate(der))
    except DerError as exc:
        certificate = {"unreadable": str(exc)}
    return {"fingerprint_sha256": fingerprint(der), **certificate}
