# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks of docs/ISSUERS.md as they stand there: the first time, again, and when the certificate ends soon."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from jobs import MARKER
from pki import Authority, write_private

sys.path.insert(0, str(Path(__file__).parents[1] / "renewals"))

from pebble import acme

pytestmark = [pytest.mark.ansible, pytest.mark.java]

ROOT = Path(__file__).parents[2]
PASSWORD = f"{MARKER}store-5"
PAGE = (ROOT / "docs" / "ISSUERS.md").read_text(encoding="utf-8")
PLAYBOOKS = dict(re.findall(r"```yaml\n# ([a-z-]+\.yml)\n(.*?)```", PAGE, re.DOTALL))


class Site:
    """A controller's folder with the playbooks, and a server's store."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ca = folder, Authority("CA", key_type="ec")
        self.store = folder / "server" / "key.p12"
        for name in ("server", "pki", "issued", "requests", "answers", "challenges"):
            (folder / name).mkdir()
        (folder / "pki" / "ca.pem").write_text(self.ca.root_pem, encoding="ascii")
        write_private(folder / "pki" / "ca.key", self.ca._issued.key_pem())
        for name, text in PLAYBOOKS.items():
            (folder / name).write_text(text, encoding="utf-8")
        host = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "server_store": str(self.store),
            "server_store_password": PASSWORD,
            "server_alias": "server",
            "server_name": "zosconnect.example.com",
            "challenge_dir": str(folder / "challenges"),
        }
        local = {name: value for name, value in host.items() if name.startswith("ansible_")}
        hosts = {"zosconnect_servers": {"hosts": {"zceesrv1": host}}, "here": {"hosts": {"localhost": local}}}
        (folder / "inventory.yml").write_text(yaml.safe_dump(hosts), encoding="utf-8")

    def run(self, playbook: str, *options: str) -> int:
        """Run one; return how many tasks changed something."""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
            "ANSIBLE_COLLECTIONS_PATH": str(Path(sys.prefix) / "collections"),
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "local"),
            "ANSIBLE_NOCOLOR": "1",
            "SSL_CERT_FILE": str(self.folder / "pki" / "ca.pem"),
        }
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "-vv", "-i", "inventory.yml", *options]
        done = subprocess.run(
            [*command, playbook], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        printed = done.stdout + done.stderr
        assert done.returncode == 0, printed
        assert MARKER not in printed
        found = re.search(r"zceesrv1 +: ok=\d+ +changed=(\d+)", printed)
        assert found, printed
        return int(found[1])

    def held(self) -> x509.Certificate:
        """The server's certificate, which must be for the key that is there."""
        key, certificate, _others = pkcs12.load_key_and_certificates(self.store.read_bytes(), PASSWORD.encode())
        assert key
        assert certificate
        assert key.public_key() == certificate.public_key()
        return certificate

    def sign(self, request: str, *, days: float) -> str:
        """What another team does."""
        csr, now = x509.load_pem_x509_csr(request.encode()), datetime.now(UTC)
        builder = x509.CertificateBuilder(
            self.ca._root.subject, csr.subject, csr.public_key(), x509.random_serial_number()
        )
        builder = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days))
        made = builder.sign(self.ca._issued.key, hashes.SHA256())
        return made.public_bytes(serialization.Encoding.PEM).decode()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def days_left(certificate: x509.Certificate) -> int:
    return (certificate.not_valid_after_utc - datetime.now(UTC)).days


@pytest.mark.chosen
def test_the_page_has_three() -> None:
    assert sorted(PLAYBOOKS) == ["acme.yml", "another-team.yml", "own-ca.yml"]


def test_our_own_authority(site: Site) -> None:
    assert site.run("own-ca.yml", "--check") == 1
    assert not site.store.exists()
    assert site.run("own-ca.yml") == 4
    first = site.held()
    assert (first.issuer, days_left(first)) == (site.ca._root.subject, 46)
    assert site.run("own-ca.yml") == 0

    kept = site.folder / "issued" / "zceesrv1.pem"
    request = x509.load_pem_x509_certificate(kept.read_bytes())
    assert request == first
    soon = site.folder / "own-ca.yml"
    soon.write_text(soon.read_text(encoding="utf-8").replace("soon: +30d", "soon: +47d"), encoding="utf-8")
    assert site.run("own-ca.yml") == 3
    assert site.held() != first
    assert site.held().public_key() == first.public_key()


def test_an_authority_that_speaks_acme(site: Site) -> None:
    with acme(site.folder, site.ca) as address:
        given = ("-e", json.dumps({"acme_url": address}))
        assert site.run("acme.yml", *given) == 6
        first = site.held()
        assert days_left(first) in (39, 40)
        assert "Pebble" in first.issuer.rfc4514_string()
        assert site.run("acme.yml", *given) == 0
        soon = site.folder / "acme.yml"
        soon.write_text(
            soon.read_text(encoding="utf-8").replace("remaining_days: 30", "remaining_days: 50"), encoding="utf-8"
        )
        assert site.run("acme.yml", *given) == 4
        assert site.held() != first
        assert site.held().public_key() == first.public_key()


def test_another_team(site: Site) -> None:
    assert site.run("another-team.yml") == 2
    request = (site.folder / "requests" / "zceesrv1.csr").read_text(encoding="ascii")
    assert site.run("another-team.yml") == 0
    answer = site.folder / "answers" / "zceesrv1.pem"
    (site.folder / "answers" / "chain.pem").write_text(site.ca.root_pem, encoding="ascii")
    answer.write_text(site.sign(request, days=20), encoding="ascii")
    assert site.run("another-team.yml") == 1  # ends within 30 days: the request stays where it is
    first = site.held()
    answer.write_text(site.sign(request, days=47), encoding="ascii")
    assert site.run("another-team.yml") == 1
    assert site.held() != first
    assert site.run("another-team.yml") == 0
