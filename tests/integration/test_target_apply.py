# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""target_apply against a real Liberty that looks only when told: a port opens, changes, and a bad change is put back."""

from __future__ import annotations

import base64
import hashlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from launcher import Liberty
from layout import BARE_SERVER_XML, free_port
from pki import Cast

pytestmark = [pytest.mark.java, pytest.mark.liberty]

Json = dict[str, Any]
PASSWORD = "marker-of-the-store"
JOURNAL = ".zosconnect-security.journal"
PROGRAM = """
import json, sys
from ansible.module_utils import basic
arguments = {sys.argv[2]: json.loads(sys.argv[3]), "_ansible_tmpdir": sys.argv[4]}
basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()
basic._ANSIBLE_PROFILE = "legacy"
import importlib
importlib.import_module("ansible_collections.zosconnect.security.plugins.modules." + sys.argv[1]).main()
"""


class Bed:
    """A server with a port of its own, and orders for it."""

    def __init__(self, liberty: Liberty, pki: Cast, folder: Path) -> None:
        self.liberty, self.pki, self.folder, self.port = liberty, pki, folder, free_port()
        self.store = liberty.server_dir / "resources/security/tls.p12"
        self.store.parent.mkdir(parents=True, exist_ok=True)
        credentials = json.loads(liberty.layout.credentials_file.read_text())
        self.refresh = {
            "kind": "mbean",
            "url": liberty.layout.admin_url,
            "username": credentials["user"],
            "password": credentials["password"],
            "ca_content": Path(credentials["ca"]).read_text(),
        }

    def server_xml(self, *, asks: bool, ssl: str = "tls") -> bytes:
        content = (
            '<config updateTrigger="mbean"/><featureManager><feature>transportSecurity-1.0</feature></featureManager>'
            f'<keyStore id="tls" location="{self.store}" password="{PASSWORD}"/>'
            f'<ssl id="tls" keyStoreRef="tls" trustStoreRef="tls" clientAuthentication="{str(asks).lower()}"/>'
            f'<httpEndpoint id="tls" httpPort="-1" httpsPort="{self.port}"><sslOptions sslRef="{ssl}"/></httpEndpoint>'
        )
        return BARE_SERVER_XML.read_text().replace("</server>", f"{content}</server>").encode()

    def change(self, path: Path, data: bytes | None, **more: Any) -> Json:
        expected = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
        content = {} if data is None else {"content": base64.b64encode(data).decode()}
        return {"path": str(path), "real_path": str(path), "expected": expected, **content, "backup": True, **more}

    def keys(self) -> Json:
        server = self.pki.server
        chain = [
            hashlib.sha256(each.public_bytes(Encoding.DER)).hexdigest()
            for each in (server.certificate, *server.issuers)
        ]
        pack = base64.b64encode(server.pkcs12(alias="server", password=PASSWORD)).decode()
        intended = [{"alias": "server", "kind": "PrivateKeyEntry", "chain": chain}]
        return self.change(self.store, None, store={"password": "one", "pack": pack, "intended": intended})

    def order(self, *files: Json, asks: bool, seconds: int = 60) -> Json:
        gate = {
            "title": "cics: the port",
            "host": "127.0.0.1",
            "port": self.port,
            "expect": ["closed_after_handshake", "handshake_failed"] if asks else ["ok"],
            "client_certificate_requested": asks,
            "fingerprints": [self.pki.server.fingerprint_sha256],
            "store": str(self.store),
        }
        common = {"version": 1, "journal_dir": str(self.liberty.server_dir), "secrets": {"one": PASSWORD}}
        return {**common, "files": files, "gates": [gate], "refresh": self.refresh, "verify_seconds": seconds}

    def start(self, order: Json, **more: Any) -> subprocess.Popen[str]:
        sent = self.folder / "order"
        sent.write_text(json.dumps(order))
        sent.chmod(0o600)
        command = [sys.executable, "-c", PROGRAM, "target_apply", "order", json.dumps(str(sent)), str(self.folder)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)

    def apply(self, order: Json) -> Json:
        out, err = self.start(order).communicate(timeout=300)
        assert err == ""
        assert PASSWORD not in out
        assert self.refresh["password"] not in out
        answer: Json = json.loads(out)
        return answer


@pytest.fixture(scope="module")
def bed(liberty: Liberty, pki: Cast, tmp_path_factory: pytest.TempPathFactory) -> Bed:
    """The server knows nothing of the port, and looks only when told."""
    text = BARE_SERVER_XML.read_text().replace("</server>", '<config updateTrigger="mbean"/></server>')
    assert liberty.update(text).applied
    return Bed(liberty, pki, tmp_path_factory.mktemp("apply", numbered=False))


@pytest.mark.chosen
def test_a_port_opens_changes_and_a_bad_change_is_put_back(bed: Bed) -> None:
    path = bed.liberty.server_dir / "server.xml"
    opened = bed.apply(bed.order(bed.keys(), bed.change(path, bed.server_xml(asks=False)), asks=False))
    assert opened["outcome"] == "applied", opened["message"]
    assert (opened["refresh"]["state"], opened["gates"][0]["as_declared"], opened["jvm_starts"]) == ("told", True, 1)

    asked = bed.apply(bed.order(bed.change(path, bed.server_xml(asks=True)), asks=True))
    assert asked["outcome"] == "applied", asked["message"]
    assert asked["gates"][0]["client_certificate_requested"] is True
    assert asked["jvm_starts"] == 0

    # A reference that leads nowhere does not close the port: it serves another certificate and asks for none.
    good = path.read_bytes()
    fallen = bed.apply(bed.order(bed.change(path, bed.server_xml(asks=True, ssl="nowhere")), asks=True, seconds=8))
    assert (fallen["outcome"], fallen["problem"]["kind"]) == ("put_back", "gates")
    assert (fallen["refresh"]["state"], fallen["refresh_back"]["state"]) == ("told", "told")
    assert "cics: the port: " in fallen["message"]
    assert path.read_bytes() == good
    assert not (bed.liberty.server_dir / JOURNAL).exists()
    again = bed.apply(bed.order(bed.change(path, good), asks=True))
    assert again["outcome"] == "applied", "the port is as it was"


def test_a_file_that_is_new_is_told_as_new(bed: Bed) -> None:
    """A drop-in asks for a client certificate; when the port is declared not to, it goes again."""
    dropins, path = bed.liberty.server_dir / "configDropins/overrides", bed.liberty.server_dir / "server.xml"
    dropins.mkdir(parents=True, exist_ok=True)
    dropin = b'<server><ssl id="tls" clientAuthentication="true"/></server>'
    assert bed.apply(bed.order(bed.change(path, bed.server_xml(asks=False)), asks=False))["outcome"] == "applied"
    answer = bed.apply(bed.order(bed.change(dropins / "asks.xml", dropin), asks=True))
    assert answer["outcome"] == "applied", answer["message"]
    (dropins / "asks.xml").unlink()
    bed.liberty.refresh(deleted=[dropins / "asks.xml"])
    answer = bed.apply(bed.order(bed.change(dropins / "other.xml", dropin), asks=False, seconds=15))
    assert answer["outcome"] == "put_back", "with it the port asks"
    assert not list(dropins.glob("*"))
    again = bed.apply(bed.order(bed.change(path, path.read_bytes()), asks=False))
    assert again["outcome"] == "applied", "the server knows that it is gone"


def test_a_killed_run_is_undone_by_itself(bed: Bed) -> None:
    """The controller goes while the ports are looked at: what it waited for puts all back and tells the server."""
    path = bed.liberty.server_dir / "server.xml"
    assert bed.apply(bed.order(bed.change(path, bed.server_xml(asks=False)), asks=False))["outcome"] == "applied"
    good = path.read_bytes()
    order = bed.order(bed.change(path, bed.server_xml(asks=True, ssl="nowhere")), asks=True, seconds=8)
    process = bed.start(order, start_new_session=True)
    deadline = time.monotonic() + 60
    while path.read_bytes() == good:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    while '"put_back"' not in (bed.liberty.server_dir / JOURNAL).read_text():
        assert time.monotonic() < deadline + 60
        time.sleep(0.2)
    assert path.read_bytes() == good
    recovered = bed.apply({"version": 1, "recover": [str(bed.liberty.server_dir)], "refresh": bed.refresh})
    assert (recovered["outcome"], recovered["changed"]) == ("put_back", False)
    assert "cics: the port: " in recovered["message"]
    assert bed.apply(bed.order(bed.change(path, good), asks=False))["outcome"] == "applied", "the port is as it was"
