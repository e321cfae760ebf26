# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real ansible-rulebook reads a report that the playbook report wrote, and renews the server whose certificate ends."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.serialization import pkcs12
from jobs import MARKER, run_job
from layout import free_port
from pki import Authority

from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import pack
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.material import DesiredEntry

pytestmark = [pytest.mark.ansible, pytest.mark.java]

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
PASSWORD, TOKEN = f"{MARKER}store-4", f"{MARKER}token"
SECONDS = 300
SERVER_XML = f"""<server>
  <featureManager><feature>transportSecurity-1.0</feature></featureManager>
  <ssl id="defaultSSLConfig" keyStoreRef="keys" serverKeyAlias="server"/>
  <keyStore id="keys" location="key.p12" password="{PASSWORD}" updateTrigger="polled"/>
</server>
"""


@dataclass
class Rulebook:
    """A running ansible-rulebook, and what it printed."""

    process: subprocess.Popen[str]
    port: int
    lines: list[str]

    def printed(self) -> str:
        # Colours, and where it breaks lines by itself.
        return re.sub(r"\x1b\[[0-9;]*m", "", "".join(self.lines))

    def wait(self, what: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SECONDS
        while not what():
            assert self.process.poll() is None, self.printed()
            assert time.monotonic() < deadline, self.printed()
            time.sleep(0.1)

    def send(self, event: object, token: str = TOKEN) -> int:
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/", data=body)
        request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return int(reply.status)
        except urllib.error.HTTPError as problem:
            return problem.code


@contextmanager
def rulebook(folder: Path, name: str, hosts: Json, variables: Json, *options: str) -> Iterator[Rulebook]:
    collections = folder / "collections" / "ansible_collections" / "zosconnect"
    collections.mkdir(parents=True)
    (collections / "security").symlink_to(ROOT)
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    group = {"hosts": {host: {**local, **given} for host, given in hosts.items()}}
    (folder / "inventory.yml").write_text(yaml.safe_dump({"zosconnect_servers": group}), encoding="utf-8")
    port = free_port()
    given = {"renew_days": 30, "zosconnect_webhook_token": TOKEN, "zosconnect_webhook_port": port, **variables}
    known = {variable: value for variable, value in given.items() if value is not None}
    (folder / "vars.yml").write_text(yaml.safe_dump(known), encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "local"),
        "ANSIBLE_NOCOLOR": "1",
        "HOME": str(folder),
    }
    command = [str(Path(sys.executable).with_name("ansible-rulebook")), "--rulebook", f"zosconnect.security.{name}"]
    command += ["-i", "inventory.yml", "--vars", "vars.yml", *options]
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(process.stdout or ()))
    reader.start()
    running = Rulebook(process, port, lines)
    try:
        yield running
    finally:
        process.kill()
        process.wait()
        reader.join()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Site:
    """A server's folder with a certificate that ends in five days, and its successor in the inventory."""

    folder: Path
    server: Json
    subject: str

    @property
    def store(self) -> Path:
        return self.folder / "server" / "resources" / "security" / "key.p12"

    def serial(self) -> int:
        _key, certificate, _others = pkcs12.load_key_and_certificates(self.store.read_bytes(), PASSWORD.encode())
        assert certificate
        return certificate.serial_number


@pytest.fixture
def site(tmp_path: Path) -> Site:
    ca = Authority("CA", key_type="ec")
    old, new = (ca.issue("localhost", sans=["localhost"], key_type="ec", days=days) for days in (5, 47))
    made = Site(tmp_path, {}, new.subject)
    made.store.parent.mkdir(parents=True)
    (tmp_path / "server" / "server.xml").write_text(SERVER_XML, encoding="utf-8")
    entry = DesiredEntry("server", (old.certificate, *old.issuers), old.key)  # type: ignore[arg-type]
    made.store.write_bytes(pack.pack([entry], PASSWORD))
    given = {"alias": "server", "certificate_content": new.certificate_pem, "privatekey_content": new.key_pem()}
    made.server |= {
        "zosconnect_server_dir": str(tmp_path / "server"),
        "renew_server_dir": str(tmp_path / "server"),
        "renew_stores": [
            {"path": str(made.store), "password": PASSWORD, "entries": [{**given, "chain_content": ca.root_pem}]}
        ],
    }
    return made


def test_a_report_renews_the_server_whose_certificate_ends(site: Site, tmp_path: Path) -> None:
    reported = {"zosconnect_report_path": str(tmp_path / "look"), "zosconnect_report_formats": "json"}
    job = run_job(tmp_path / "report", "report", {"zceesrv1": {**site.server, **reported}})
    assert job.rc == 0, job.output
    before = site.serial()
    other = {"renew_server_dir": str(tmp_path / "nowhere")}
    variables = {"zosconnect_watched_report": str(tmp_path / "look.json"), "zosconnect_report_every": 3600}
    with rulebook(tmp_path, "renew", {"zceesrv1": site.server, "zceesrv2": other}, variables) as running:
        running.wait(lambda: "PLAY RECAP" in running.printed())
        assert "1 certificate ends within 30 days; all have a successor" in running.printed()
        assert site.serial() != before
        assert "zceesrv2" not in running.printed()

        # What cannot be meant is told, and the rulebook goes on.
        running.wait(lambda: listens(running.port))
        assert running.send({"host": "zceesrv2"}, token="guessed") == 401
        assert running.send(b"{") == 400
        assert running.send({"format": "zosconnect.security report", "format_version": 2}) == 200
        assert running.send({"server": "zceesrv2"}) == 200
        assert running.send({"host": "elsewhere", "not_after": "2026-01-01T00:00:00Z"}) == 200
        running.wait(lambda: running.printed().count("This event renews nothing: ") == 2)
        running.wait(lambda: "No host matches zosconnect_servers:&elsewhere within the limit all." in running.printed())
        printed = running.printed()
    assert (
        "the report has format_version 2, and 1 is read here; let one version of the collection write and read it."
        in printed
    )
    assert "host is missing, and must be the name of a host in the inventory." in printed
    assert MARKER not in printed


@pytest.mark.chosen
def test_nobody_listens_without_a_token(tmp_path: Path) -> None:
    with rulebook(tmp_path, "renew", {"zceesrv1": {}}, {"zosconnect_webhook_token": None}) as running:
        running.process.wait(timeout=SECONDS)
        assert running.process.returncode == 1
    assert "Terminating: vars does not contain key: zosconnect_webhook_token" in running.printed()


class Controller(BaseHTTPRequestHandler):
    """An automation controller as far as ansible-rulebook asks it: it finds one template, and its job has succeeded."""

    launched: list[Json] = []

    def do_GET(self) -> None:
        self.answer(self.found())

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.launched.append({"path": self.path, "token": self.headers["Authorization"], **body})
        self.answer({"id": 7, "job": 7, "url": "/api/v2/jobs/7/", "status": "successful"}, status=201)

    def found(self) -> Json:
        if "/jobs/" in self.path:
            return {
                "id": 7,
                "url": "/api/v2/jobs/7/",
                "status": "successful",
                "created": "2027-01-01T00:00:00Z",
                "artifacts": {},
            }
        template = {
            "id": 3,
            "type": "job_template",
            "name": "Renew",
            "ask_limit_on_launch": True,
            "ask_labels_on_launch": False,
            "ask_inventory_on_launch": False,
            "ask_variables_on_launch": True,
            "related": {"launch": "/api/v2/job_templates/3/launch/"},
            "summary_fields": {"organization": {"name": "Bank"}},
        }
        return {"count": 1, "results": [template], "next": None, "version": "4.6.0"}

    def answer(self, content: Json, status: int = 200) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def test_a_job_template_is_started_for_the_server(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Controller) as controller:
        threading.Thread(target=controller.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{controller.server_address[1]}/api/controller/"
        options = ["--controller-url", address, "--controller-token", "of-a-test"]
        variables = {"zosconnect_job_template": "Renew", "zosconnect_organization": "Bank"}
        with rulebook(tmp_path, "renew_by_job_template", {}, variables, *options) as running:
            running.wait(lambda: listens(running.port))
            assert running.send({"host": "zceesrv1", "not_after": "2026-01-01T00:00:00Z"}) == 200
            running.wait(lambda: bool(Controller.launched))
        controller.shutdown()
    (launched,) = Controller.launched
    assert launched["limit"] == "zosconnect_servers:&zceesrv1"
    given = launched["extra_vars"]
    assert int((json.loads(given) if isinstance(given, str) else given)["renew_days"]) == 30
