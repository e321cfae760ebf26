# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS below a socket, as AT-TLS does it, by `stunnel`. See README.md.

    with standin(tls, listen=("127.0.0.3", 5004), to=("127.0.0.1", 5004), rings=rings, folder=folder): ...

`tls` says what the policy wants, None that no rule matches: then everything is passed on in clear, because AT-TLS fails
open.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "liberty"))

import kept
from pki import Issued, write_private
from testbed import TestBedError, program

Address = tuple[str, int]
SECONDS_TO_START = 60.0
LINES_OF_LOG = 10
# As policies write them, the oldest first: what OpenSSL's option to switch it off ends in.
PROTOCOLS = {"TLSv1": "TLSv1", "TLSv1.1": "TLSv1_1", "TLSv1.2": "TLSv1_2", "TLSv1.3": "TLSv1_3"}


@dataclass(frozen=True)
class Tls:
    """What AT-TLS does to a connection; of environment and connection action what counts for it.

    Attributes:
        role: HandshakeRole: Client, Server, ServerWithClientAuth.
        protocols: those that are On, as the policy writes them: TLSv1.2.
        keyring: Keyring, as the policy writes it: OWNER/RING, or RING of the connection's own user.
        label: CertificateLabel; None takes the ring's default certificate.
        client_auth: ClientAuthType.
        ciphers: names, or codes of two or four hexadecimal digits, in order of preference; empty leaves it to OpenSSL.
        host_names: HostReferenceIdDNS.
    """

    role: str
    protocols: frozenset[str]
    keyring: str
    label: str | None = None
    client_auth: str = "Required"
    ciphers: tuple[str, ...] = ()
    host_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rings:
    """The key rings of a system: OWNER/RING and the folder that stands for it; see `write_ring`.

    `userid` is the user whose connections these are: a ring without owner is this user's.
    """

    folders: Mapping[str, Path]
    userid: str = ""

    def find(self, keyring: str) -> Path:
        """The folder of a ring.

        Raises:
            TestBedError: there is none; for AT-TLS that is return code 202.
        """
        name = keyring if "/" in keyring else f"{self.userid}/{keyring}"
        if name not in self.folders:
            raise TestBedError(f"There is no key ring {name} (AT-TLS: return code 202).")
        return self.folders[name]


def write_ring(
    folder: Path, *, authorities: Sequence[str], entries: Mapping[str, Issued], default: str | None = None
) -> Path:
    """Write a key ring: ca.pem, and of each entry LABEL.pem (certificate and chain) and LABEL.key.

    Args:
        folder: made when missing.
        authorities: trusted certificates, PEM.
        entries: by label.
        default: the label that counts where a policy names none; written to the file `default`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ca.pem").write_text("".join(authorities), encoding="ascii")
    for label, entry in entries.items():
        (folder / f"{label}.pem").write_text(entry.certificate_pem + entry.chain_pem, encoding="ascii")
        write_private(folder / f"{label}.key", entry.key_pem())
    if default:
        (folder / "default").write_text(default, encoding="utf-8")
    return folder


@contextlib.contextmanager
def standin(
    tls: Tls | None,
    *,
    listen: Address,
    to: Address,
    rings: Rings,
    folder: Path,
    source: str | None = None,
) -> Iterator[Path]:
    """Stand between two ends of a connection, and yield the log.

    Args:
        tls: what the rule that wins says; None passes everything on in clear.
        listen: for a server role, where clients of the protected port connect; for a client role, where the program
            that speaks clear text connects.
        to: for a server role, where the server listens in clear; for a client role, the server's TLS port.
        rings: key rings of the system whose end this is.
        folder: for its files; made when missing.
        source: the address that connections to `to` come from, which is how a server tells its callers apart.

    Raises:
        TestBedError: the policy wants what the stand-in cannot do, a ring or label is missing, or it does not start.
    """
    command = prepare(tls, listen=listen, to=to, rings=rings, folder=folder, source=source)
    keeper = kept.spawn(folder, command)
    try:
        wait_until_listening(listen, folder)
        yield folder / "console.log"
    finally:
        kept.stop(keeper)


def start(
    tls: Tls | None,
    *,
    listen: Address,
    to: Address,
    rings: Rings,
    folder: Path,
    source: str | None = None,
    lifetime: float = 3600,
) -> None:
    """The same, outliving this process for so many seconds; `kept.end(folder)` ends it. One that runs there goes."""
    kept.end(folder)
    command = prepare(tls, listen=listen, to=to, rings=rings, folder=folder, source=source)
    kept.spawn(folder, command, "--lifetime", str(lifetime))
    try:
        wait_until_listening(listen, folder)
    except TestBedError:
        kept.end(folder)
        raise


def prepare(
    tls: Tls | None, *, listen: Address, to: Address, rings: Rings, folder: Path, source: str | None
) -> list[str]:
    """Write what the stand-in's process needs and return its command."""
    if is_taken(listen):
        raise TestBedError(f"Somebody listens on {listen[0]} port {listen[1]} already.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "java.exit").unlink(missing_ok=True)  # the keeper's word for: it ended
    if tls is None:
        return [sys.executable, __file__, json.dumps([listen, to, source])]
    (folder / "stunnel.conf").write_text(configuration(tls, listen=listen, to=to, rings=rings, source=source))
    return [program("stunnel", remedy="install stunnel (Debian: apt-get install stunnel4)."), "stunnel.conf"]


def configuration(tls: Tls, *, listen: Address, to: Address, rings: Rings, source: str | None = None) -> str:
    """The text of stunnel.conf; errors as of `standin`."""
    ring = rings.find(tls.keyring)
    lines = [
        "foreground = yes",
        "pid =",
        "syslog = no",
        "[attls]",
        f"client = {'yes' if tls.role == 'Client' else 'no'}",
        f"accept = {listen[0]}:{listen[1]}",
        f"connect = {to[0]}:{to[1]}",
        # Each connection proves the policy, so none lives on the handshake of another.
        "sessionResume = no",
        "TIMEOUTclose = 0",
        *([f"local = {source}"] if source else []),
        *_identity(tls, ring),
        *_protocols_and_ciphers(tls),
        *_partner(tls, ring),
    ]
    return "\n".join(lines) + "\n"


def _identity(tls: Tls, ring: Path) -> list[str]:
    default = ring / "default"
    label = tls.label or (default.read_text(encoding="utf-8") if default.exists() else None)
    if label is None and tls.role == "Client":
        return []
    if label is None or not (ring / f"{label}.key").exists():
        wanted = f"certificate {label!r}" if label else "default certificate"
        raise TestBedError(f"Key ring {tls.keyring} has no {wanted} with a private key (AT-TLS: return code 428).")
    return [f"cert = {ring / label}.pem", f"key = {ring / label}.key"]


def _protocols_and_ciphers(tls: Tls) -> list[str]:
    """A protocol that none of the ciphers fits is as good as off, which OpenSSL would see otherwise."""
    unknown = sorted(tls.protocols - set(PROTOCOLS))
    if unknown:
        raise TestBedError(f"stunnel cannot speak {unknown[0]}; switch it off in the policy.")
    old, new = _ciphers(tls.ciphers)
    enabled = [
        name for name in PROTOCOLS if name in tls.protocols and (not tls.ciphers or (new if name == "TLSv1.3" else old))
    ]
    return [
        "sslVersion = all",
        # IBM calls the list an order of preference; that a server's counts more than its client's is not confirmed.
        "options = CIPHER_SERVER_PREFERENCE",
        *[f"options = NO_{suffix}" for name, suffix in PROTOCOLS.items() if name not in enabled],
        f"securityLevel = {0 if {'TLSv1', 'TLSv1.1'} & set(enabled) else 1}",
        *([f"ciphers = {':'.join(old)}"] if old else []),
        *([f"ciphersuites = {':'.join(new)}"] if new else []),
    ]


def _ciphers(wanted: Sequence[str]) -> tuple[list[str], list[str]]:
    """OpenSSL's names: those of TLS 1.2 and older, and those of TLS 1.3."""
    known = openssl_ciphers()
    for name in wanted:
        if name not in known:
            raise TestBedError(f"{ssl.OPENSSL_VERSION} does not have the cipher {name}, so it cannot be tried here.")
    names = [known[name] for name in wanted]
    return [name for name in names if not name.startswith("TLS_")], [name for name in names if name.startswith("TLS_")]


@cache
def openssl_ciphers() -> dict[str, str]:
    """OpenSSL's names by those of the standard, which policies write, and by code: 9C, 009C, C030."""
    listing = [program("openssl", remedy="install OpenSSL."), "ciphers", "-V", "-stdname", "ALL:@SECLEVEL=0"]
    known: dict[str, str] = {}
    for line in subprocess.run(listing, check=True, capture_output=True, text=True).stdout.splitlines():
        code, _dash, standard, _dash, own = line.split()[:5]
        digits = code.replace("0x", "").replace(",", "")
        known |= {standard: own, digits: own}
        if digits.startswith("00"):
            known[digits[2:]] = own
    return known


def _partner(tls: Tls, ring: Path) -> list[str]:
    """Whom this end believes."""
    trust = [f"CAfile = {ring / 'ca.pem'}"]
    if tls.role == "Client":
        return [*trust, "verifyChain = yes", *[f"checkHost = {name}" for name in tls.host_names]]
    if tls.role == "Server":
        return []
    if tls.client_auth == "SAFCheck":
        raise TestBedError(
            "ClientAuthType SAFCheck needs SAF, which maps the certificate to a user; not possible here."
        )
    # 0 asks and does not look, 1 looks if there is one. stunnel's newer words do not say these.
    modes = {"PassThru": "verify = 0", "Full": "verify = 1", "Required": "verifyChain = yes"}
    return [*trust, modes[tls.client_auth]]


def wait_until_listening(address: Address, folder: Path) -> None:
    """Wait without connecting, because what a stand-in accepts it passes on.

    Raises:
        TestBedError: it ended, or does not listen in time; with the end of its log.
    """
    deadline = time.monotonic() + SECONDS_TO_START
    while not is_taken(address):
        if (folder / "java.exit").exists() or time.monotonic() > deadline:
            log = folder / "console.log"
            said = log.read_text(errors="replace").splitlines()[-LINES_OF_LOG:] if log.exists() else []
            where = f"{address[0]} port {address[1]}"
            raise TestBedError("\n".join([f"The stand-in for AT-TLS does not listen on {where}.", *said]))
        time.sleep(0.05)


def is_taken(address: Address) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                return True
            raise
    return False


async def relay(listen: Address, to: Address, source: str | None) -> None:
    """Pass everything on as it is."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(65536):
                writer.write(piece)
                await writer.drain()
            writer.write_eof()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            there, back = await asyncio.open_connection(*to, local_addr=(source, 0) if source else None)
            await asyncio.gather(copy(reader, back), copy(there, writer))
            back.close()
        writer.close()

    server = await asyncio.start_server(serve, *listen)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(relay(*json.loads(sys.argv[1])))
