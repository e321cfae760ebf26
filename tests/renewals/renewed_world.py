# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real Liberty whose callers show client certificates, which calls an endpoint with one of its own, and what is
given to the playbook ``renew`` for it: the inventory of a site, in which certificates come and go.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from endpoints import Endpoint, asking, server_context
from jobs import MARKER
from launcher import Liberty, wait_for_port
from layout import BARE_SERVER_XML, free_port
from pki import Authority, Issued
from traffic import context

from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import pack
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.material import DesiredEntry

Json = dict[str, Any]
PASSWORD = f"{MARKER}store-3"
SERVER, CLIENT = "server", "client"
SUBJECTS = {SERVER: "localhost", CLIENT: "zceesrv1"}
# All end within it, so each is near its end when it is renewed; the certificates of the test bed end after it.
DAYS = 20
# The stores of the server's port are told of by the MBean; the one for its calls it looks at by itself.
SERVER_XML = """
<config updateTrigger="mbean"/>
<httpEndpoint id="renewed{port}" httpPort="-1" httpsPort="{port}"><sslOptions sslRef="renewed"/></httpEndpoint>
<ssl id="renewed" keyStoreRef="serverKeys" trustStoreRef="callers" serverKeyAlias="server"
     clientAuthentication="true"/>
<ssl id="calling" keyStoreRef="clientKeys" trustStoreRef="endpoints" clientKeyAlias="client"/>
<keyStore id="serverKeys" location="server.p12" password="{password}" updateTrigger="mbean"/>
<keyStore id="callers" location="callers.p12" password="{password}" updateTrigger="mbean"/>
<keyStore id="clientKeys" location="client.p12" password="{password}" updateTrigger="polled"/>
<keyStore id="endpoints" location="endpoints.p12" password="{password}"/>
<zosconnect_endpointConnection id="orders" host="https://localhost" port="{endpoint}" sslCertsRef="calling"/>
<zosconnect_apiRequesters><apiRequester name="orders" connectionRef="orders"/></zosconnect_apiRequesters>
</server>"""


@dataclass
class World:
    """What is there, and what is given for it.

    Attributes:
        authority: who issues now; ``number`` counts them.
        endpoint: what the server calls; it wants a client certificate.
        caller: who calls the server; ``former`` did before the last change of the authority.
        keys: the public half of the server's two keys.
        entries: what the inventory says of each store.
        requests: what the last run handed out.
    """

    liberty: Liberty
    folder: Path
    port: int
    endpoint: ssl.SSLContext
    authority: Authority
    caller: Issued
    former: Issued | None = None
    number: int = 1
    renewals: int = 0
    keys: dict[str, ec.EllipticCurvePublicKey] = field(default_factory=dict)
    entries: dict[str, Json] = field(default_factory=dict)
    requests: dict[str, str] = field(default_factory=dict)

    def store(self, name: str) -> Path:
        return self.liberty.server_dir / "resources" / "security" / f"{name}.p12"

    def certified(self, name: str) -> str:
        """A certificate for one of the server's keys; it ends later than all before it."""
        issuer, now = self.authority._issued, datetime.now(UTC)
        self.renewals += 1
        ends = now + timedelta(days=5, hours=self.renewals)
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, SUBJECTS[name])])
        names = x509.SubjectAlternativeName([x509.DNSName(SUBJECTS[name])])
        builder = x509.CertificateBuilder(
            issuer.certificate.subject, subject, self.keys[name], x509.random_serial_number()
        )
        builder = builder.not_valid_before(now - timedelta(minutes=5)).not_valid_after(ends)
        made = builder.add_extension(names, critical=False).sign(issuer.key, hashes.SHA256())
        return made.public_bytes(serialization.Encoding.PEM).decode()

    def new_key(self, name: str) -> str:
        key = ec.generate_private_key(ec.SECP256R1())
        self.keys[name] = key.public_key()
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return key.private_bytes(*form).decode()

    def give(self, name: str, **material: object) -> str:
        """Put a new certificate of one of the two keys into the inventory; return its fingerprint."""
        certificate = self.certified(name)
        chain = {"certificate_content": certificate, "chain_content": self.authority.root_pem}
        self.entries[name] = {"alias": name, **chain, **material}
        return x509.load_pem_x509_certificate(certificate.encode()).fingerprint(hashes.SHA256()).hex()

    def ask(self, name: str) -> None:
        """Put into the inventory that a certificate is wanted for the key that is there."""
        subject = SUBJECTS[name]
        generate = {"type": "EC", "subject": f"CN={subject}", "subject_alt_names": [f"DNS:{subject}"]}
        self.entries[name] = {"alias": name, "generate": generate}

    def new_authority(self) -> None:
        """Put a new authority into the inventory, beside the one that is there; the endpoint trusts both from now on."""
        self.number += 1
        self.authority = Authority(f"CA {self.number}", key_type="ec")
        self.endpoint.load_verify_locations(cadata=self.authority.root_pem)
        self.entries["callers"] = {
            "alias": f"ca-{self.number}",
            "trusted": "true",
            "certificate_content": self.authority.root_pem,
            "replaces": f"ca-{self.number - 1}",
        }
        self.roll_over_ends(1)

    def roll_over_ends(self, days: int) -> None:
        self.entries["callers"]["until"] = str(datetime.now(UTC).date() + timedelta(days))

    def issue_caller(self) -> Issued:
        return self.authority.issue("cicsuser", key_type="ec", server=False)

    def context(self, caller: Issued, *trusted: Authority) -> ssl.SSLContext:
        return context(caller, [self.authority, *trusted], self.folder)

    def variables(self) -> Json:
        """All that is in the inventory, as the role takes it."""
        login = json.loads(self.liberty.layout.credentials_file.read_text(encoding="utf-8"))
        stores = [
            {"path": str(self.store(name)), "password": PASSWORD, "entries": [entry]}
            for name, entry in self.entries.items()
        ]
        return {
            "renew_server_dir": str(self.liberty.server_dir),
            "renew_days": str(DAYS),
            "renew_refresh": "mbean",
            "renew_refresh_url": self.liberty.layout.admin_url,
            "renew_refresh_username": login["user"],
            "renew_refresh_password": login["password"],
            "renew_refresh_ca": Path(login["ca"]).read_text(encoding="utf-8"),
            "renew_stores": stores,
        }

    def files(self) -> dict[str, tuple[int, int, bytes]]:
        """All that a run might write of the server: inode, time and content of each file."""
        folders = (self.liberty.server_dir, self.store("server").parent)
        found = [path for folder in folders for path in sorted(folder.iterdir()) if path.is_file()]
        return {str(path): (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes()) for path in found}

    def starts(self) -> int:
        """How often the server has said that it is ready."""
        return self.liberty.messages().count("CWWKF0011I")


@contextmanager
def world(liberty: Liberty, folder: Path) -> Iterator[World]:
    """Give a running server its stores and its endpoint, until the block ends."""
    first, theirs = Authority("CA 1", key_type="ec"), Authority("CA of the endpoint", key_type="ec")
    identity = theirs.issue("localhost", sans=["localhost"], key_type="ec", client=False)
    endpoint = asking(server_context(identity, folder), first.root_pem, ssl.CERT_REQUIRED)
    caller = first.issue("cicsuser", key_type="ec", server=False)
    made = World(liberty, folder, free_port(), endpoint, first, caller)
    made.store(SERVER).parent.mkdir(parents=True, exist_ok=True)
    for name in (SERVER, CLIENT):
        made.give(name, privatekey_content=made.new_key(name))
        made.store(name).write_bytes(_store(made.entries[name]))
    for name, alias, trusted in (("callers", "ca-1", first), ("endpoints", "ca", theirs)):
        made.store(name).write_bytes(pack.pack([DesiredEntry(alias, (trusted._root,), trusted=True)], PASSWORD))
    with Endpoint("mutual", ("127.0.0.1", 0), endpoint) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        text = BARE_SERVER_XML.read_text(encoding="utf-8")
        given = SERVER_XML.format(port=made.port, endpoint=server.server_address[1], password=PASSWORD)
        assert liberty.update(text.replace("</server>", given)).applied
        liberty.settle()
        wait_for_port(made.port)
        yield made
        server.shutdown()


def _store(entry: Json) -> bytes:
    """A store with the key that is given for it."""
    chain = x509.load_pem_x509_certificates((entry["certificate_content"] + entry["chain_content"]).encode())
    key = serialization.load_pem_private_key(entry["privatekey_content"].encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return pack.pack([DesiredEntry(entry["alias"], tuple(chain), key)], PASSWORD)
