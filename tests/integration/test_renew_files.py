# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook renew without a running server: a key made on the target from its request to the end of its roll-over,
a ring by tsocmd and one for another team, the policy in front of them; each time who must be told.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from jobs import MARKER, Job, run_job
from pki import Authority

from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import pack
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.material import DesiredEntry

sys.path.insert(0, str(Path(__file__).parents[1] / "zos"))

from racf import Racf
from tsocmd import install, load

pytestmark = [pytest.mark.ansible, pytest.mark.java]

Json = dict[str, Any]
PASSWORD = f"{MARKER}store-2"
TODAY = datetime.now(UTC).date()
DAY = (TODAY - date(1970, 1, 1)).days
SERVER_XML = f"""<server>
  <ssl id="mine" keyStoreRef="keys" trustStoreRef="ring" serverKeyAlias="Server"/>
  <keyStore id="keys" location="key.p12" password="{PASSWORD}" updateTrigger="polled"/>
  <keyStore id="ring" location="safkeyringhw:///Zcee" type="JCECCARACFKS" fileBased="false" password="password"/>
</server>
"""
POLICY = """TTLSRule                zcIn
{
  LocalPortRange        5004
  Direction             Inbound
  TTLSGroupActionRef    zcOn
  TTLSEnvironmentActionRef zcServer
}
TTLSGroupAction         zcOn
{
  TTLSEnabled           On
}
TTLSEnvironmentAction   zcServer
{
  HandshakeRole         Server
  EnvironmentUserInstance 1
  TTLSKeyringParms
  {
    Keyring             LIBSERV/Zcee
  }
}
"""


def issue(request: str, authority: Authority) -> str:
    """Issue a certificate for a request, as community.crypto would."""
    csr, issuer, now = x509.load_pem_x509_csr(request.encode()), authority._issued, datetime.now(UTC)
    builder = x509.CertificateBuilder(issuer.certificate.subject, csr.subject, csr.public_key(), 7)
    builder = builder.not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(47))
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


class World:
    """A server's folder, RACF, a policy; and runs of the playbook."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.server, self.ca = folder, folder / "server", Authority("CA", key_type="ec")
        self.store, self.policy = self.server / "resources/security/key.p12", folder / "policy.txt"
        self.store.parent.mkdir(parents=True)
        (self.server / "server.xml").write_text(SERVER_XML, encoding="ascii")
        self.policy.write_text(POLICY, encoding="ascii")
        issued = self.ca.issue("server", key_type="ec", days=5)
        key = DesiredEntry("server", (issued.certificate, *issued.issuers), issued.key)  # type: ignore[arg-type]
        self.store.write_bytes(pack.pack([key], PASSWORD))
        certificates = {"zcee": {"subject": "CN=zcee"}, "zcee 2027": {"subject": "CN=zcee"}}
        ring = [["ID(LIBSERV)", "zcee", "PERSONAL", True]]
        self.tsocmd = install(
            folder, Racf(rings={"LIBSERV": {"Zcee": ring}}, certificates={"ID(LIBSERV)": certificates})
        )

    def run(self, certificate: str = "", *, until: date = TODAY, options: str = "") -> tuple[Json, Job]:
        entry = {
            "alias": "Server-2027",
            "generate": {"type": "EC", "subject": "CN=server"},
            "certificate_content": certificate,
            "chain_content": self.ca.root_pem if certificate else "",
            "replaces": "server",
            "until": str(until),
        }
        mine = {"owner": "libserv", "ring": "Zcee", "certificates": [{"label": "zcee 2027", "replaces": "zcee"}]}
        variables = {
            "renew_server_dir": str(self.server),
            "renew_stores": [{"path": str(self.store), "password": PASSWORD, "entries": [entry]}],
            "renew_rings": [
                {**mine, "cics_regions": "CICSPRD1"},
                {**mine, "owner": "OTHER", "ring": "Theirs", "listing": ""},
            ],
            "renew_policies": [{"path": str(self.policy)}],
            "renew_tsocmd": str(self.tsocmd),
            "renew_backup": "false",
        }
        job = run_job(self.folder / "job", "renew", {"server": variables}, options=options)
        assert job.rc == 0, job.failure("server")
        return job.statistics["zosconnect_renewed"]["server"], job

    def state(self) -> list[bytes]:
        return [path.read_bytes() for path in (self.store, self.policy, self.server / "server.xml")]

    def rings(self) -> list[str]:
        return [label for _owner, label, _usage, _default in load(self.folder).rings["LIBSERV"]["Zcee"]]


def refreshes(told: Json) -> list[tuple[str, str, str | None, bool]]:
    return [(one["kind"], one["by"], one["command"], one["outage"]) for one in told["refresh"]]


def test_a_key_from_its_request_to_the_end_of_its_roll_over(tmp_path: Path) -> None:
    world = World(tmp_path)
    before = world.state()
    checked, _job = world.run(options="--check")
    assert (world.state(), world.rings()) == (before, ["zcee"])

    made, _job = world.run()
    path = str(world.store)
    assert (checked["lines"], checked["refresh"]) == (made["lines"], made["refresh"])
    assert (checked["requests"], list(made["requests"][path])) == ({}, ["server-2027"])
    assert refreshes(made) == [
        ("store", "polled", None, False),
        ("ring", "operator", "F BAQSTRT,ZCON,REFRESH", False),
        ("cics", "cics", "CEMT PERFORM SSL REBUILD", False),
        ("policy", "operator", "F PAGENT,UPDATE", False),
    ]
    assert "may need the server to start anew" in made["refresh"][1]["text"]
    assert [(one["place"], one["answer"]) for one in made["due"]] == [
        (path, f"server-2027 takes its place; both are there until {TODAY}")
    ]
    assert made["not_seen"] == []  # each certificate on the ring was listed
    assert world.rings() == ["zcee 2027"]
    assert f"EnvironmentUserInstance {DAY}" in world.policy.read_text(encoding="ascii")
    assert "listing_script" in made["handover"]["OTHER/Theirs"]

    certificate = issue(made["requests"][path]["server-2027"], world.ca)
    certified, _job = world.run(certificate)
    assert (certified["outage"], certified["requests"]) == (True, {})
    assert refreshes(certified) == [("store", "polled", None, False), ("configuration", "polled", None, True)]
    assert 'serverKeyAlias="server-2027"' in (world.server / "server.xml").read_text(encoding="ascii")

    ended, _job = world.run(certificate, until=TODAY - timedelta(1))
    assert (ended["due"][0]["answer"], ended["outage"]) == ("the roll-over has ended, it goes", False)
    state = world.state()
    again, job = world.run(certificate, until=TODAY - timedelta(1))
    assert (job.changed("server"), again["due"], again["refresh"], again["changed"]) == (0, [], [], [])
    assert world.state() == state
