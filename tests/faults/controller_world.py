# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server whose server.xml, drop-in and two stores one declaration changes, and the playbook that does so.

The playbook is run by ansible-playbook itself, over a connection that ends, or whose controller does, where a test says.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import secrets
import shutil
import signal
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path += [str(Path(__file__).parents[1] / name) for name in ("liberty", "integration")]

import pki
import tls_peers
from cryptography.hazmat.primitives.serialization import pkcs12
from fault_scenarios import remembering
from layout import free_port

Json = dict[str, Any]

# For a run on a machine that has much else to do; alone one takes some five.
SECONDS = 600
JOURNAL = ".zosconnect-security.journal"
SERVER_XML, DROPIN, KEYS, TRUST = "server.xml", "configDropins/overrides/tls.xml", "keys.p12", "trust.p12"
PASSWORD = "Marker-of-the-stores"
_SERVER = """<server>
  <featureManager>
    <feature>zosconnect:zosConnect-2.0</feature>
    <feature>zosconnect:apiRequester-1.0</feature>
    <feature>transportSecurity-1.0</feature>
    <feature>appSecurity-2.0</feature>
  </featureManager>
  <httpEndpoint id="defaultHttpEndpoint" host="*" httpPort="-1" httpsPort="{port}"><sslOptions id="o" sslRef="s"/></httpEndpoint>
  <ssl id="s" keyStoreRef="k" trustStoreRef="t" sslProtocol="TLSv1.2" clientAuthentication="false"/>
  <keyStore id="k" location="{folder}/keys.p12" type="PKCS12" password="{password}"/>
  <keyStore id="t" location="{folder}/trust.p12" type="PKCS12" password="{password}"/>
  <zosconnect_apiRequesters><apiRequester name="orders"/></zosconnect_apiRequesters>
</server>
"""
_DROPIN = '<server>\n  <ssl id="s" sslProtocol="TLSv1.2"/>\n</server>\n'


@dataclass(frozen=True)
class Ended:
    """What a run of the playbook printed, and how many tasks changed something."""

    rc: int
    output: str

    @property
    def changed(self) -> int:
        """The number of changed tasks; -1 where the controller was killed."""
        found = re.search(r"changed=(\d+)", self.output)
        return int(found[1]) if found else -1


@dataclass
class World:
    """The server below ``base``; ``at`` is the point where a run is struck, 0 for none, ``fault`` how."""

    base: Path
    earlier: pki.Cast
    cast: pki.Cast
    port: int
    java_home: Path

    @property
    def server(self) -> Path:
        return self.base / "server"

    @property
    def points(self) -> list[str]:
        """The calls of the connection in the last run."""
        return (self.base / "points").read_text(encoding="utf-8").splitlines()

    def build(self) -> None:
        """Make all as it was before a run."""
        for folder in (self.server, self.base / "remote"):
            shutil.rmtree(folder, ignore_errors=True)
        (self.server / DROPIN).parent.mkdir(parents=True)
        text = _SERVER.format(port=self.port, folder=self.server, password=PASSWORD)
        for name, data in ((SERVER_XML, text.encode()), (DROPIN, _DROPIN.encode()), *self._old_stores.items()):
            (self.server / name).write_bytes(data)
            (self.server / name).chmod(0o600 if name.endswith("p12") else 0o640)

    @functools.cached_property
    def _old_stores(self) -> dict[str, bytes]:
        """The stores as they were: once made they are the same, since keytool would make other bytes each time."""
        keys = self.earlier.server.pkcs12(alias="server", password=PASSWORD)
        return {KEYS: keys, TRUST: self.earlier.root.java_truststore(PASSWORD)}

    def declared(self) -> Json:
        server = self.cast.server
        keys = {"location": str(self.server / KEYS), "password": PASSWORD, "alias": "server"}
        keys |= {"private_key": server.key_pem(), "certificate": server.certificate_pem, "chain": server.chain_pem}
        trust = {"location": str(self.server / TRUST), "password": PASSWORD, "trusted": self.cast.root.root_pem}
        said = {"name": "cics", "server_dir": str(self.server), "port": self.port, "requesters": ["orders"]}
        return {
            **said,
            "client_certificate": "required",
            "protocols": ["TLSv1.3"],
            "key_store": keys,
            "trust_store": trust,
        }

    def run(
        self,
        at: int = 0,
        fault: str = "kill",
        *,
        unnoticed: float = 0,
        seconds: float | None = None,
        variables: Json | None = None,
    ) -> Ended:
        """Run the playbook; with ``seconds`` its controller is killed after so many.

        ``unnoticed`` are those for which a command at the point goes on before the fault is noticed.
        """
        token = secrets.token_hex(8)
        struck = {"ZCS_AT": str(at), "ZCS_FAULT": fault, "ZCS_UNNOTICED": str(unnoticed)}
        environment = {**self._environment(token), **struck}
        (self.base / "points").write_text("", encoding="utf-8")
        host: Json = {"ansible_connection": "interrupted", "ansible_python_interpreter": sys.executable}
        host |= {"zosconnect_connections": [self.declared()], "connections_java_home": str(self.java_home)}
        host |= variables or {}
        inventory = {"zosconnect_servers": {"hosts": {"server": host}}}
        (self.base / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "inventory.json"]
        with (self.base / "output").open("w+", encoding="utf-8") as output:
            process = subprocess.Popen(
                [*command, "zosconnect.security.connections"],
                cwd=self.base,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            if seconds is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(seconds)
                kill_controller(token)
            process.wait(SECONDS)
            until_all_ended(token)
            output.seek(0)
            return Ended(process.returncode, output.read())

    def _environment(self, token: str) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
            "ZCS_POINTS": str(self.base / "points"),
            "ZCS_TOKEN": token,
            "ANSIBLE_CONNECTION_PLUGINS": str(Path(__file__).parent / "connection_plugins"),
            "ANSIBLE_COLLECTIONS_PATH": os.environ.get("ANSIBLE_COLLECTIONS_PATH", str(self.base / "no-collections")),
            "ANSIBLE_REMOTE_TEMP": str(self.base / "remote"),
            "ANSIBLE_LOCAL_TEMP": str(self.base / "local"),
            "ANSIBLE_NOCOLOR": "1",
            "LC_ALL": "C.UTF-8",
        }

    def look(self) -> dict[str, tuple[object, int]]:
        """Return what each file of the server means, and its mode; of a store that is who is in it."""
        files = [path for path in self.server.rglob("*") if path.is_file()]
        return {
            str(path.relative_to(self.server)): (_meaning(path), stat.S_IMODE(path.stat().st_mode)) for path in files
        }

    def left_open(self) -> list[str]:
        """Return what of killed tasks lies where others may look into it."""
        return [str(path) for path in (self.base / "remote").glob("*") if path.stat().st_mode & 0o077]


@contextlib.contextmanager
def worlds(base: Path) -> Iterator[tuple[World, World]]:
    """Give a world whose port answers as is declared, and one whose port is silent, so that all is put back."""
    # In this order: an older certificate never takes the place of a newer one.
    earlier, cast = (pki.issue_cast(key_type="ec") for _which in range(2))
    context = tls_peers.server_context(cast.server, base, protocol="TLSv1_3")
    with tls_peers.peer(tls_peers.https(tls_peers.asking(context, cast.root.root_pem, ssl.CERT_REQUIRED))) as port:
        home = remembering(base)
        yield World(base, earlier, cast, port, home), World(base, earlier, cast, free_port(), home)


def _meaning(path: Path) -> object:
    data = path.read_bytes()
    if path.suffix != ".p12":
        return data
    try:
        found = pkcs12.load_pkcs12(data, PASSWORD.encode())
    except ValueError:
        return data
    certificates = [found.cert, *found.additional_certs]
    return found.key is not None, frozenset(each.certificate.serial_number for each in certificates if each)


def _processes(token: str) -> Iterator[tuple[int, bytes]]:
    """Give the processes, with their command lines, that a run has started, also those that went on alone."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"ZCS_TOKEN={token}".encode() in (process / "environ").read_bytes():
                yield int(process.name), (process / "cmdline").read_bytes()


def kill_controller(token: str) -> None:
    """Kill all of ansible-playbook; what it has started on the target goes on."""
    for pid, command in _processes(token):
        if b"ansible-playbook" in command:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def until_all_ended(token: str) -> None:
    """Wait until nothing of a run is there any more."""
    deadline = time.monotonic() + SECONDS
    while left := list(_processes(token)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"still there after {SECONDS} seconds: {left}")
        time.sleep(0.05)
