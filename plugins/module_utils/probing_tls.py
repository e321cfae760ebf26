# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The TLS half of the probe: what the client brings, the connection, and what was seen of the peer's messages."""

from __future__ import annotations

import contextlib
import os
import re
import ssl
import tempfile
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.zosconnect.security.plugins.module_utils import reading
from ansible_collections.zosconnect.security.plugins.module_utils.probing_http import ProbeError, Stream

PRIVATE_KEY = "PRIVATE KEY-----"
PROTOCOLS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")

# What is done to warnings counts for all threads.
_WARNINGS = threading.Lock()
# ssl.VERIFY_X509_PARTIAL_CHAIN has this name only since Python 3.10.
_PARTIAL_CHAIN = 0x80000
_PEM_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[\s0-9A-Za-z+/=]+-----END CERTIFICATE-----")

# Record and handshake types, RFC 8446 B.1 and B.3.
_ALERT, _HANDSHAKE = 21, 22
_ENCRYPTED_EXTENSIONS, _CERTIFICATE, _CERTIFICATE_REQUEST, _SERVER_HELLO_DONE = 8, 11, 13, 14
_TLS13 = 0x0304

# RFC 8446 6 and, for the older protocols, RFC 5246 7.2. close_notify (0) is an end, not a complaint.
_ALERTS = {
    10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed", 22: "record_overflow",
    30: "decompression_failure", 40: "handshake_failure", 41: "no_certificate", 42: "bad_certificate",
    43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired", 46: "certificate_unknown",
    47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error", 51: "decrypt_error",
    60: "export_restriction", 70: "protocol_version", 71: "insufficient_security", 80: "internal_error",
    86: "inappropriate_fallback", 90: "user_canceled", 100: "no_renegotiation", 109: "missing_extension",
    110: "unsupported_extension", 111: "certificate_unobtainable", 112: "unrecognized_name",
    113: "bad_certificate_status_response", 114: "bad_certificate_hash_value", 115: "unknown_psk_identity",
    116: "certificate_required", 120: "no_application_protocol",
}  # fmt: skip


def alert_name(code: int) -> str:
    """Return an alert's registered name, or ``alert_<number>`` for one that nobody registered when this was written."""
    return _ALERTS.get(code, f"alert_{code}")


def whole_path(path: str) -> str:
    """Return a path of the target as Ansible takes options of type path: with ~ and variables of its environment."""
    return os.path.expanduser(os.path.expandvars(path))


@dataclass(frozen=True)
class Material:
    """PEM text that the user gave, or the path of the file that holds it; ``option`` is the option's name."""

    option: str
    content: str | None = None
    path: str | None = None

    def read(self) -> str:
        """Return the text; raise ProbeError when the file cannot be read."""
        if self.content is not None:
            return self.content
        try:
            return reading.read_bytes(str(self.path))[0].decode(errors="replace")
        except reading.ReadError as e:
            raise ProbeError(f"{self.option}: {e}") from e

    @contextlib.contextmanager
    def as_file(self, *, scratch: str | None) -> Iterator[str]:
        """Yield a path that OpenSSL can open: the text lies in a file of mode 0600 while this lasts."""
        text = self.read()
        descriptor, path = tempfile.mkstemp(dir=scratch)
        try:
            with open(descriptor, "w", encoding="utf-8", errors="replace") as file:
                file.write(text)
            yield path
        finally:
            os.unlink(path)


@dataclass(frozen=True)
class TlsMaterial:
    """How to speak TLS. Without ``ca`` the trust store of the host that probes is used.

    ``passphrase_option`` is the option's name in sentences.
    """

    server_name: str
    validate: bool = True
    ca: Material | None = None
    certificate: Material | None = None
    key: Material | None = None
    passphrase: str | None = None
    passphrase_option: str = "client_key_passphrase"
    min_protocol: str | None = None
    max_protocol: str | None = None
    scratch: str | None = None


def make_context(want: TlsMaterial) -> ssl.SSLContext:
    """Return a context that does what is asked; raise ProbeError where that is impossible."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _set_protocols(context, want)
    _set_trust(context, want)
    _set_identity(context, want)
    return context


def _set_protocols(context: ssl.SSLContext, want: TlsMaterial) -> None:
    newest = want.max_protocol or ("TLSv1.3" if ssl.HAS_TLSv1_3 else "TLSv1.2")
    oldest = want.min_protocol or min("TLSv1.2", newest)
    if oldest > newest:
        raise ProbeError(f"min_protocol {oldest} is newer than max_protocol {newest}: nothing lies between them.")
    for protocol in PROTOCOLS[PROTOCOLS.index(oldest) : PROTOCOLS.index(newest) + 1]:
        if not getattr(ssl, f"HAS_{_python_name(protocol)}"):
            raise ProbeError(cannot(f"speak {protocol}"))
    with _WARNINGS, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the old protocols are asked for on purpose
        context.minimum_version = ssl.TLSVersion[_python_name(oldest)]
        context.maximum_version = ssl.TLSVersion[_python_name(newest)]
    if oldest < "TLSv1.2":
        # From security level 1 on, OpenSSL 3 offers TLS 1.0 and 1.1 no cipher, so a refusal would prove nothing.
        context.set_ciphers("DEFAULT:@SECLEVEL=0")


def _python_name(protocol: str) -> str:
    return protocol.replace(".", "_")


def cannot(do: str) -> str:
    """Return the sentence for what this host's own OpenSSL has not got."""
    return f"{ssl.OPENSSL_VERSION} of the host that probes cannot {do}: ask from another host, or leave it out."


def _set_trust(context: ssl.SSLContext, want: TlsMaterial) -> None:
    if not want.validate:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif want.ca is None:
        context.load_default_certs()
    else:
        if want.ca.content is not None and PRIVATE_KEY in want.ca.content:
            raise ProbeError(
                f"{want.ca.option} holds a private key; give the certificates alone here, and the key of a client as "
                "client_key_content."
            )
        _load_certificates(context, want.ca)
        # Java trusts whatever lies in its trust store, root or not; so does this.
        context.verify_flags |= _PARTIAL_CHAIN


def _load_certificates(context: ssl.SSLContext, material: Material) -> None:
    # Only the blocks: the text around them may be in any language, and Python takes ASCII here.
    blocks = _PEM_CERTIFICATE.findall(material.read())
    if not blocks:
        raise ProbeError(f"{material.option} holds no PEM certificate (-----BEGIN CERTIFICATE-----).")
    try:
        context.load_verify_locations(cadata="\n".join(blocks))
    except ssl.SSLError as exc:
        raise ProbeError(f"{material.option} holds a damaged certificate: {reason_of(exc)}.") from exc


def _set_identity(context: ssl.SSLContext, want: TlsMaterial) -> None:
    if want.certificate is None:
        if want.key:
            raise ProbeError(f"{want.key.option} is given without a client certificate: give both.")
        return
    # A damaged certificate and a damaged key give OpenSSL's same error, so the certificate is tried alone first.
    _load_certificates(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), want.certificate)
    key = want.key or want.certificate
    if PRIVATE_KEY not in key.read():
        raise ProbeError(f"{key.option} holds no PEM private key; the client certificate cannot be used without it.")
    _load_pair(context, certificate=want.certificate, key=key, want=want)


def _load_pair(context: ssl.SSLContext, *, certificate: Material, key: Material, want: TlsMaterial) -> None:
    asked = []

    def passphrase() -> str:
        # Without this OpenSSL would ask on the terminal.
        asked.append(True)
        return want.passphrase or ""

    with certificate.as_file(scratch=want.scratch) as first, key.as_file(scratch=want.scratch) as second:
        try:
            context.load_cert_chain(first, second, password=passphrase)
        except (ssl.SSLError, ValueError) as exc:
            raise ProbeError(_pair_fault(exc, certificate=certificate, key=key, want=want, asked=bool(asked))) from exc


def _pair_fault(exc: Exception, *, certificate: Material, key: Material, want: TlsMaterial, asked: bool) -> str:
    reason = reason_of(exc)
    if "mismatch" in reason or reason == "no certificate assigned":  # the latter where the kinds of key differ
        return f"{key.option} does not belong to {certificate.option}: give the key of that certificate."
    if asked and want.passphrase is None:
        return f"{key.option} is encrypted: give {want.passphrase_option}."
    if asked:
        return f"{want.passphrase_option} does not open {key.option}."
    return f"{certificate.option} and {key.option} cannot be used: {reason}."


def reason_of(exc: Exception) -> str:
    """Return OpenSSL's short words for what went wrong, without Python's file and line."""
    return (getattr(exc, "reason", None) or "it is not readable").replace("_", " ").lower()


class Witness:
    """Remembers the peer's handshake messages and alerts.

    The ssl module tells neither whether a client certificate was asked for, nor the chain before Python 3.13, nor any
    certificate of a handshake that failed. Its debugging hook shows every message, after decryption. Where a Python
    has no such hook nothing is remembered, and every answer here is None.
    """

    def __init__(self) -> None:
        # The last of each kind only: a peer may send messages as long as it likes.
        self._messages: dict[int, tuple[int, bytes]] = {}
        self.alert: str | None = None  # the name of the last one that is not a mere good-bye

    def watch(self, context: ssl.SSLContext) -> None:
        """Listen to the connections of this context."""
        context._msg_callback = self._saw  # type: ignore[attr-defined]

    def _saw(self, _peer: Any, direction: str, version: int, content: int, _message: int, data: bytes) -> None:
        if direction == "read" and content == _HANDSHAKE and data:
            self._messages[data[0]] = (int(version), bytes(data))
        elif direction == "read" and content == _ALERT and len(data) == 2 and data[1]:
            self.alert = alert_name(data[1])

    def client_certificate_requested(self, *, complete: bool) -> bool | None:
        """Whether the server asked for a client certificate; None when the handshake ended before it had to."""
        kinds = self._messages.keys()
        if _CERTIFICATE_REQUEST in kinds:
            return True
        # TLS 1.3 asks before the server's certificate, the older protocols after it.
        over = complete or _SERVER_HELLO_DONE in kinds or {_ENCRYPTED_EXTENSIONS, _CERTIFICATE} <= kinds
        return False if kinds and over else None

    @property
    def chain(self) -> list[bytes] | None:
        """The certificates that the server sent, in DER, leaf first; None when that message was not seen."""
        version, message = self._messages.get(_CERTIFICATE, (0, b""))
        if not message:
            return None
        rest = message[4:]
        if version == _TLS13:
            _context, rest = _vector(rest, size=1)  # RFC 8446 4.4.2: before the list, and extensions in it
        rest, chain = rest[3:], []
        while rest:
            certificate, rest = _vector(rest, size=3)
            chain.append(certificate)
            if version == _TLS13:
                _extensions, rest = _vector(rest, size=2)
        return chain


def _vector(data: bytes, *, size: int) -> tuple[bytes, bytes]:
    end = size + int.from_bytes(data[:size], "big")
    return data[size:end], data[end:]


class TlsStream:
    """TLS over another stream.

    OpenSSL works on memory here and never sees the socket: so the first bytes of a peer that speaks no TLS, the end
    of the connection and the time that is left are known whatever Python and OpenSSL make of them.
    ``protocol``, ``cipher`` and ``leaf`` (the server's certificate in DER) are None before the handshake is complete.
    """

    protocol: str | None = None
    cipher: str | None = None
    leaf: bytes | None = None

    def __init__(self, wire: Stream, context: ssl.SSLContext, *, server_name: str) -> None:
        """Raise ProbeError when the name cannot be a server's name."""
        self._wire, self.ended = wire, False
        self.witness = Witness()
        self.witness.watch(context)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        try:
            self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        except (ValueError, TypeError) as exc:
            raise ProbeError(f"server_name: '{server_name}' cannot be the name of a server.") from exc

    def handshake(self) -> None:
        """Raise ssl.SSLError when it fails, socket.timeout when time is up."""
        self._run(self._tls.do_handshake)
        # Now, because OpenSSL forgets them when an alert comes later.
        self.protocol = self._tls.version()
        (self.cipher, *_rest) = self._tls.cipher() or (None,)
        self.leaf = self._tls.getpeercert(binary_form=True)

    def send(self, data: bytes) -> None:
        """Send all of it. A peer that has closed is no error: what it said before is still to be read."""
        with contextlib.suppress(ssl.SSLError):
            self._run(self._tls.write, data)

    def recv(self, size: int) -> bytes:
        """Return no bytes at the end, which an alert is too."""
        try:
            data: bytes = self._run(self._tls.read, size)
            return data
        except ssl.SSLError:
            return b""

    def _run(self, step: Callable[..., Any], *args: Any) -> Any:
        while True:
            try:
                return step(*args)
            except ssl.SSLWantReadError:
                if self.ended:
                    raise ssl.SSLEOFError("the connection ended") from None
            finally:
                self._wire.send(self._outgoing.read())  # after a failure too: it is our alert
            data = self._wire.recv(16384)
            if data:
                self._incoming.write(data)
            else:
                self.ended = True
                self._incoming.write_eof()
