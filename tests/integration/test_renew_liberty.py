# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A running Liberty that looks only when told is renewed while it is called: no call is refused.

The server's key stays where it is and gets a certificate of a new authority; clients of the old authority are accepted
until the roll-over ends, and no longer. Nobody's entries are lost, and no private key of the target comes back.
"""

from __future__ import annotations

import base64
import json
import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from jobs import MARKER, Job, run_job
from launcher import Liberty, wait_for_port
from layout import BARE_SERVER_XML, free_port
from pki import Authority, Issued

from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import pack
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.material import DesiredEntry

pytestmark = [pytest.mark.ansible, pytest.mark.java, pytest.mark.liberty]

PASSWORD = f"{MARKER}store-1"
SECONDS_BETWEEN_CALLS = 0.2
SERVER_XML = """
<config updateTrigger="mbean"/>
<httpEndpoint id="renewed{port}" httpPort="-1" httpsPort="{port}"><sslOptions sslRef="renewed"/></httpEndpoint>
<ssl id="renewed" keyStoreRef="renewedKeys" trustStoreRef="renewedTrust" serverKeyAlias="server"
     clientAuthentication="true"/>
<keyStore id="renewedKeys" location="key.p12" password="{password}"/>
<keyStore id="renewedTrust" location="trust.p12" password="{password}"/>
</server>"""


@dataclass
class Stream:
    """Calls, a few in a second, each a new connection; what was served to whom, and what was refused."""

    port: int
    context: ssl.SSLContext
    served: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def call(self) -> None:
        """Shake hands, ask, read: with TLS 1.3 a client certificate is refused only then."""
        try:
            with (
                socket.create_connection(("localhost", self.port), timeout=10) as plain,
                self.context.wrap_socket(plain, server_hostname="localhost") as connection,
            ):
                connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                assert connection.recv(1000).startswith(b"HTTP/1.1")
                self.served.append(sha256(connection.getpeercert(binary_form=True) or b"").hexdigest())
        except (OSError, AssertionError) as problem:
            self.refused.append(f"{type(problem).__name__}: {problem}")

    @contextmanager
    def running(self) -> Iterator[Stream]:
        ended = threading.Event()

        def run() -> None:
            while not ended.wait(SECONDS_BETWEEN_CALLS):
                self.call()

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield self
        finally:
            ended.set()
            thread.join()


@dataclass(frozen=True)
class World:
    """The server with its stores; `key` stays on it, `beside` and `other_ca` are of others."""

    liberty: Liberty
    folder: Path
    port: int
    old: Authority
    new: Authority
    other_ca: Authority
    key: Issued
    beside: Issued
    clients: dict[str, Issued]

    def store(self, name: str) -> Path:
        return self.liberty.server_dir / "resources" / "security" / f"{name}.p12"

    def caller(self, name: str) -> Stream:
        """A client of the old or the new authority, which trusts both."""
        context = ssl.create_default_context(cadata=self.old.root_pem + self.new.root_pem)
        pem = self.folder / f"{name}.pem"
        client = self.clients[name]
        pem.write_text(client.certificate_pem + client.key_pem(), encoding="ascii")
        context.load_cert_chain(pem)
        return Stream(self.port, context)

    def renewed(self) -> str:
        """A certificate of the new authority for the key that is on the server."""
        issuer, now = self.new._issued, datetime.now(UTC)
        names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        subject, public = self.key.certificate.subject, self.key.key.public_key()
        builder = x509.CertificateBuilder(issuer.certificate.subject, subject, public, 7)
        builder = builder.not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(47))
        made = builder.add_extension(names, critical=False).sign(issuer.key, hashes.SHA256())
        return made.public_bytes(serialization.Encoding.PEM).decode()

    def run(self, certificate: str, *, until: date) -> Job:
        credentials = json.loads(self.liberty.layout.credentials_file.read_text(encoding="utf-8"))
        trusted = {
            "alias": "ca-new",
            "trusted": "true",
            "certificate_content": self.new.root_pem,
            "replaces": "CA-old",
            "until": str(until),
        }
        variables: dict[str, Any] = {
            "renew_server_dir": str(self.liberty.server_dir),
            "renew_days": "14",
            "renew_refresh": "mbean",
            "renew_refresh_url": self.liberty.layout.admin_url,
            "renew_refresh_username": credentials["user"],
            "renew_refresh_password": credentials["password"],
            "renew_refresh_ca": Path(credentials["ca"]).read_text(encoding="utf-8"),
            "renew_stores": [
                {
                    "path": str(self.store("key")),
                    "password": PASSWORD,
                    "entries": [
                        {"alias": "server", "certificate_content": certificate, "chain_content": self.new.root_pem}
                    ],
                },
                {"path": str(self.store("trust")), "password": PASSWORD, "entries": [trusted]},
            ],
        }
        secrets = [credentials["password"], *(line for one in (self.key, self.beside) for line in middle(one))]
        job = run_job(self.folder / "job", "renew", {"server": variables}, secrets=secrets)
        assert job.rc == 0, job.failure("server")
        return job


def middle(issued: Issued) -> Iterator[str]:
    """What a private key looks like: a line of its PEM, and of its DER in hexadecimal and Base64 from any offset."""
    der = issued.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    yield der[36:68].hex()
    yield from (base64.b64encode(der[at : at + 30]).decode() for at in (36, 37, 38))


def key_want(alias: str, issued: Issued) -> DesiredEntry:
    return DesiredEntry(alias, (issued.certificate, *issued.issuers), issued.key)  # type: ignore[arg-type]


def trust_want(alias: str, authority: Authority) -> DesiredEntry:
    return DesiredEntry(alias, (authority._root,), trusted=True)


@pytest.fixture(scope="module")
def world(liberty: Liberty, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    old, new, other = (Authority(name, key_type="ec") for name in ("Old CA", "New CA", "Other CA"))
    made = World(
        liberty,
        tmp_path_factory.mktemp("renew"),
        free_port(),
        old,
        new,
        other,
        key=old.issue("localhost", sans=["localhost"], key_type="ec", days=5),
        beside=other.intermediate("Lower", key_type="ec").issue("beside", key_type="ec", days=60),
        clients={name: ca.issue("cicsuser", key_type="ec", server=False) for name, ca in (("old", old), ("new", new))},
    )
    made.store("key").parent.mkdir(parents=True, exist_ok=True)
    made.store("key").write_bytes(pack.pack([key_want("server", made.key), key_want("beside", made.beside)], PASSWORD))
    trusted = [trust_want("ca-old", old), trust_want("ca-other", other)]
    made.store("trust").write_bytes(pack.pack(trusted, PASSWORD))
    text = BARE_SERVER_XML.read_text(encoding="utf-8")
    assert liberty.update(text.replace("</server>", SERVER_XML.format(port=made.port, password=PASSWORD))).applied
    liberty.settle()
    wait_for_port(made.port)
    yield made
    server_xml = liberty.server_dir / "server.xml"
    since = liberty.position()
    server_xml.write_text(text, encoding="utf-8")
    liberty.refresh([server_xml])
    assert liberty.wait_for_update(since).applied
    liberty.settle()


def eventually_served(stream: Stream, certificate: str) -> bool:
    """Whether the stream is served a certificate within 20 seconds."""
    wanted = x509.load_pem_x509_certificate(certificate.encode()).fingerprint(hashes.SHA256()).hex()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if stream.served and stream.served[-1] == wanted:
            return True
        time.sleep(SECONDS_BETWEEN_CALLS)
    return False


def test_a_server_is_renewed_while_it_is_called(world: World) -> None:
    certificate, today = world.renewed(), datetime.now(UTC).date()
    with world.caller("old").running() as stream:
        renewed = world.run(certificate, until=today + timedelta(1))
        assert eventually_served(stream, certificate)
    assert stream.refused == []
    assert len(stream.served) > 20
    told = renewed.statistics["zosconnect_renewed"]["server"]
    assert [(one["alias"], one["answer"][:21]) for one in told["due"]] == [("server", "the given certificate")]
    assert [(one["by"], one["outage"]) for one in told["refresh"]] == [("mbean", False)] * 2
    assert told["told"] == [str(world.store("key")), str(world.store("trust"))]
    assert (told["open"], told["outage"]) == ([], False)

    new_client = world.caller("new")
    new_client.call()
    assert new_client.refused == []

    with new_client.running():
        ended = world.run(certificate, until=today - timedelta(1))
    assert new_client.refused == []
    assert (renewed.changed("server"), ended.changed("server")) == (1, 1)
    old_client = world.caller("old")
    old_client.call()
    assert len(old_client.refused) == 1

    store = pkcs12.load_pkcs12(world.store("trust").read_bytes(), PASSWORD.encode())
    assert sorted(str(one.friendly_name.decode()) for one in store.additional_certs) == ["ca-new", "ca-other"]
    (result,) = renewed.results("server", "and renew what was given")
    assert result["jvm_starts"] <= 7
    command = ["keytool", "-list", "-v", "-keystore", str(world.store("key")), "-storepass", PASSWORD]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lengths = re.findall(r"Alias name: (\w+)\n(?:.*\n)*?Certificate chain length: (\d)", listed)
    assert dict(lengths) == {"server": "2", "beside": "3"}
