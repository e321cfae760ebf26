# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A running Liberty that is given one case after another, and what its log and its ports then say."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

sys.path.insert(0, str(Path(__file__).parents[1] / "liberty"))

import prediction_cases as cases
from launcher import Liberty
from pki import Authority

ID = re.compile(r"\b((?:CWWK[A-Z]|CWPKI)\d{4}[EWIA])\b")
ENDED = re.compile(r"CWWKG0017I|CWWKG0018I|CWWKG0014E|CWWKG0105E|FFDC1015I|CWWKG0015E|CWWKG0027W")
SECONDS_OF_SILENCE = 0.5
SECONDS_TO_SAY = 6.0
SECONDS_TO_BEGIN = 25.0
SECONDS_TO_END = 30.0
SECONDS_TO_START, SECONDS_TO_LOOK = 120.0, 3.0
SECONDS_TO_CONNECT = 3.0


@dataclass
class Seen:
    """What a server said and did: lines by identifier, and by open port the subject that it serves, '' without TLS."""

    refresh: dict[str, list[str]] = field(default_factory=dict)
    handshake: dict[str, list[str]] = field(default_factory=dict)
    ports: dict[int, str | None] = field(default_factory=dict)
    log: str = ""


def make_stores(folder: Path) -> None:
    """Write the stores of ``prediction_cases``."""
    folder.mkdir()
    authority = Authority("Prediction root", key_type="ec")

    def key(cn: str, alias: str, **more: object) -> bytes:
        return authority.issue(cn, key_type="ec", **more).pkcs12(alias=alias, password=cases.PASSWORD)  # type: ignore[arg-type]

    (folder / cases.GOOD).write_bytes(key("good", "server"))
    (folder / cases.DEFAULT).write_bytes(key("default", "default"))
    past = datetime.now(UTC) - timedelta(days=20)
    (folder / cases.EXPIRED).write_bytes(key("expired", "old", not_before=past, days=10))
    (folder / cases.GARBAGE).write_bytes(b"no key store at all\n")
    (folder / cases.CLIENTS).write_bytes(authority.java_truststore(cases.PASSWORD))
    (folder / cases.NO_KEY).write_bytes(authority.java_truststore(cases.PASSWORD))
    (folder / cases.TWO).write_bytes(_two(authority))


def _two(authority: Authority) -> bytes:
    """A store of two keys: only Java writes such a one."""
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch, "two.p12")
        for alias in ("beta", "alpha"):
            one = Path(scratch, f"{alias}.p12")
            one.write_bytes(authority.issue(alias, key_type="ec").pkcs12(alias=alias, password=cases.PASSWORD))
            subprocess.run(
                ["keytool", "-importkeystore", "-noprompt", "-srckeystore", one, "-srcstorepass", cases.PASSWORD,
                 "-destkeystore", target, "-deststorepass", cases.PASSWORD, "-deststoretype", "PKCS12"],
                check=True, capture_output=True,
            )  # fmt: skip
        return target.read_bytes()


class Server:
    """One Liberty; ``give`` writes a case and returns what came of it."""

    def __init__(self) -> None:
        self._foreign = ExitStack()
        self._new()

    def _new(self) -> None:
        self.liberty = Liberty(server_xml="<server/>")
        self.directory = self.liberty.server_dir
        self.written: dict[str, bytes] = {"server.xml": b"<server/>"}

    def __enter__(self) -> Server:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it."""
        self._foreign.close()
        self.liberty.stop()

    def renew(self) -> None:
        """Take another server: one that lost its features does not find all of them again."""
        self.close()
        self._new()
        self._start()

    def _start(self) -> None:
        """Start, and wait until the server looks at its files: what changes before that it never notices."""
        self.liberty.start()
        deadline, number = time.monotonic() + SECONDS_TO_START, 0
        while time.monotonic() < deadline:
            since, number = self.liberty.position(), number + 1
            self._write({"server.xml": f"<server><!-- {number} --></server>".encode()})
            looked = time.monotonic() + SECONDS_TO_LOOK
            while time.monotonic() < looked:
                if ENDED.search(self.liberty.messages(since)):
                    return
                time.sleep(0.05)

    def give(
        self, files: Mapping[str, bytes], *, foreign: Collection[int] = (), ports: Collection[int] = (),
        secure: Collection[int] = (), wanted: Collection[str] = (), open_ports: Collection[int] = (),
    ) -> Seen:  # fmt: skip
        """Write files over those of the last case, wait until Liberty is silent again, and look at ``ports``."""
        self._foreign.close()
        for port in foreign:
            listener = self._foreign.enter_context(socket.socket())
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            listener.listen()
        since = self.liberty.position()
        self._write(files)
        if not self.liberty.is_started:
            self.liberty.start(answers=False)
        self._wait(since, wanted, [port for port in open_ports if port not in foreign])
        # A change of keys closes ports and opens them again, more than once.
        deadline = time.monotonic() + SECONDS_TO_SAY
        while not all(listens(port) for port in open_ports if port not in foreign) and time.monotonic() < deadline:
            time.sleep(0.2)
        log = self.liberty.messages(since)
        since = self.liberty.position()
        seen = Seen(_by_id(log), log=log)
        for port in ports:
            if port in foreign or not listens(port):
                continue
            seen.ports[port] = served(port) if port in secure else ""
        time.sleep(0.15)
        more = self.liberty.messages(since)
        seen.handshake, seen.log = _by_id(more), f"{log}--- handshakes\n{more}"
        return seen

    def _write(self, files: Mapping[str, bytes]) -> None:
        scratch = []
        for path, data in files.items():
            if self.written.get(path) != data:
                target = self.directory / path
                target.parent.mkdir(parents=True, exist_ok=True)
                beside = target.with_name(f".{target.name}.new")
                beside.write_bytes(data)
                scratch.append((beside, target))
        # All at once: Liberty looks five times a second.
        for beside, target in scratch:
            beside.rename(target)
        for path in self.written.keys() - files.keys():
            (self.directory / path).unlink()
        self.written = dict(files)

    def _wait(self, since: int, wanted: Collection[str], ports: Collection[int]) -> None:
        begun, length, heard = time.monotonic(), 0, time.monotonic()
        while "CWWKF0011I" not in self.liberty.messages() and time.monotonic() < begun + SECONDS_TO_START:
            time.sleep(0.1)
        begun = time.monotonic()
        while time.monotonic() < begun + SECONDS_TO_END:
            log, now = self.liberty.messages(since), time.monotonic()
            if len(log) > length:
                heard, length = now, len(log)
            silent = now > heard + SECONDS_OF_SILENCE
            all_said = all(identity in log for identity in wanted) and all(map(listens, ports))
            patience = begun + (0 if all_said else SECONDS_TO_SAY)
            patience = patience if ENDED.search(log) else begun + SECONDS_TO_BEGIN
            if silent and now > max(patience, heard + SECONDS_OF_SILENCE):
                return
            time.sleep(0.05)


def listens(port: int) -> bool:
    """Whether somebody listens on a port of localhost."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def served(port: int) -> str | None:
    """Return whom the certificate of a port names, '' where no handshake comes about, None where nobody listens."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")
    try:
        plain = socket.create_connection(("127.0.0.1", port), SECONDS_TO_CONNECT)
    except OSError:
        return None
    try:
        with plain, context.wrap_socket(plain) as secure:
            der = secure.getpeercert(binary_form=True)
    except OSError:
        return ""
    return x509.load_der_x509_certificate(der).subject.rfc4514_string() if der else ""


def _by_id(log: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in log.splitlines():
        match = ID.search(line)
        if match:
            found.setdefault(match[1], []).append(line[match.start() :])
    return found
