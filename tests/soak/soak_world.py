# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers' directories on this machine, the playbooks that work on them, and what must be so after each step."""

from __future__ import annotations

import contextlib
import json
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path += [str(Path(__file__).parents[1] / name) for name in ("faults", "liberty", "integration")]

import pki
from controller_world import Ended, kill_controller, until_all_ended
from layout import free_port

Json = dict[str, Any]
SECONDS = 300
# Every secret begins so, and none may be seen but in the files that hold it.
MARKER = "Marker-"
PASSWORD = f"{MARKER}of-the-stores"
OWN = ".zosconnect-security."
JOURNAL = f"{OWN}journal"
# What stores hold stays on the controller for later runs.
KEPT = "zosconnect-stores"
_SERVER = """<server description="{name}">
  <!-- Kept by hand: {name}, page 1 -->
  <featureManager>
    <feature>zosconnect:zosConnect-2.0</feature>
    <feature>zosconnect:apiRequester-1.0</feature>
    <feature>transportSecurity-1.0</feature>
    <feature>appSecurity-2.0</feature>
  </featureManager>
    <httpEndpoint id="defaultHttpEndpoint"   httpPort="-1" httpsPort="-1"/>
  <zosconnect_zosConnectManager   setUTF8ResponseEncoding="true"/>
  <zosconnect_endpointConnection id="stock"
      host="http://stock.example.com" port="80"/>
  <zosconnect_apiRequesters><apiRequester name="orders"/><apiRequester name="stock" connectionRef="stock"/></zosconnect_apiRequesters>
</server>
"""


@dataclass
class Server:
    """One server's directory, what is declared for it, and the lines that people wrote into its server.xml."""

    name: str
    base: Path
    root: pki.Authority
    issuer: pki.Authority
    port: int = field(default_factory=free_port)
    protocols: tuple[str, ...] = ("TLSv1.3",)
    requesters: tuple[str, ...] = ("orders",)
    written: list[str] = field(default_factory=list)
    undo: Path | None = None
    before: dict[str, bytes] = field(default_factory=dict)
    # What was declared when it was applied, and before that.
    in_force: tuple[Any, ...] | None = None
    undone: tuple[Any, ...] | None = None

    def __post_init__(self) -> None:
        self.issued = self._new_key()
        self.folder.mkdir(parents=True)
        text = _SERVER.format(name=self.name)
        self.xml.write_text(text, encoding="utf-8")
        self.xml.chmod(0o640)
        self.written = [
            line for line in text.splitlines() if "by hand" in line or "UTF8" in line or "stock.example" in line
        ]
        archives = self.folder / "resources/zosconnect/apiRequesters"
        archives.mkdir(parents=True)
        for requester in ("orders", "stock"):
            (archives / f"{requester}.ara").touch()

    @property
    def folder(self) -> Path:
        return self.base / "servers" / self.name

    @property
    def xml(self) -> Path:
        return self.folder / "server.xml"

    @property
    def store(self) -> Path:
        return self.folder / "keys.p12"

    def _new_key(self) -> pki.Issued:
        return self.issuer.issue("localhost", sans=["localhost"], key_type="ec", client=False)

    def renewed(self) -> pki.Issued:
        """Have another key and certificate from now on."""
        self.issued = self._new_key()
        return self.issued

    @property
    def wanted(self) -> tuple[Any, ...]:
        """What steps change of the declaration."""
        return self.protocols, self.requesters, self.issued

    def applied(self, undo: Path | None, before: dict[str, bytes]) -> None:
        """Keep what a run changed, so that it can be undone."""
        if self.wanted != self.in_force:
            self.undone = self.in_force
        self.undo, self.before, self.in_force = undo, before, self.wanted

    def went_back(self) -> None:
        """Declare what was declared before the run that was undone."""
        if self.undone:
            self.protocols, self.requesters, self.issued = self.undone
        self.undo, self.in_force = None, self.undone

    def declared(self) -> Json:
        keys = {
            "location": str(self.store),
            "password": PASSWORD,
            "alias": "server",
            "private_key": self.issued.key_pem(),
        }
        keys |= {"certificate": self.issued.certificate_pem, "chain": self.issued.chain_pem}
        trust = {"location": str(self.folder / "trust.p12"), "password": PASSWORD, "trusted": self.root.root_pem}
        said = {"name": "cics", "server_dir": str(self.folder), "host": "127.0.0.1", "port": self.port}
        said |= {"protocols": [*self.protocols], "requesters": [*self.requesters], "client_certificate": "required"}
        return {**said, "key_store": keys, "trust_store": trust}

    def variables(self) -> Json:
        return {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "zosconnect_server_dir": str(self.folder),
            "zosconnect_connections": [self.declared()],
            "connections_restore_dir": str(self.base / "undo"),
        }

    def files(self) -> dict[str, bytes]:
        """The files that count: not the backups, and not what only the next run reads."""
        found = {str(path.relative_to(self.folder)): path for path in self.folder.rglob("*") if path.is_file()}
        return {name: path.read_bytes() for name, path in found.items() if not name.endswith("~") and OWN not in name}


@dataclass
class World:
    """All servers, below ``base``; ``peak`` is the memory of each run, in kilobytes."""

    base: Path
    count: int
    seed: int
    peak: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        shutil.rmtree(self.base, ignore_errors=True)
        (self.base / "undo").mkdir(parents=True)
        self.random = random.Random(self.seed)
        root = pki.Authority("Soak root", key_type="ec")
        issuer = root.intermediate(key_type="ec")
        self.servers = [Server(f"zcee{number:02}", self.base, root, issuer) for number in range(self.count)]

    def start(self, playbook: str, server: Server, *options: str, more: Json | None = None) -> tuple[Any, str]:
        """Start a playbook for a server; its output goes into a file of its own."""
        token = secrets.token_hex(8)
        folder = self.base / "runs" / token
        folder.mkdir(parents=True)
        inventory = {"zosconnect_servers": {"hosts": {server.name: {**server.variables(), **(more or {})}}}}
        (folder / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "-vv", "-i", "inventory.json", *options]
        with (folder / "output").open("wb") as output:
            process = subprocess.Popen(
                [*command, f"zosconnect.security.{playbook}"],
                cwd=folder,
                env=self._environment(token),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return process, token

    def _environment(self, token: str) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
            "ZCS_TOKEN": token,
            "ANSIBLE_COLLECTIONS_PATH": os.environ.get("ANSIBLE_COLLECTIONS_PATH", str(self.base / "no-collections")),
            "ANSIBLE_REMOTE_TEMP": str(self.base / "remote"),
            "ANSIBLE_LOCAL_TEMP": str(self.base / "local"),
            "ANSIBLE_PIPELINING": "1",
            "ANSIBLE_NOCOLOR": "1",
            "LC_ALL": "C.UTF-8",
        }

    def ended(self, process: Any, token: str) -> Ended:
        """Wait for a run and for all that it has started; note what memory it took."""
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.peak.append(used.ru_maxrss)
        until_all_ended(token)
        output = (self.base / "runs" / token / "output").read_text(encoding="utf-8", errors="replace")
        return Ended(process.returncode, output)

    def run(self, playbook: str, server: Server, *options: str, more: Json | None = None) -> Ended:
        return self.ended(*self.start(playbook, server, *options, more=more))

    def newest_undo(self, server: Server) -> Path | None:
        found = sorted(
            (self.base / "undo").glob(f"zosconnect-restore-{server.name}-*"), key=lambda path: path.stat().st_mtime
        )
        return found[-1] if found else None

    def broken(self, server: Server, ended: Sequence[Ended] = ()) -> Iterator[str]:
        """Yield a sentence for each promise that does not hold for a server now, and for what runs printed."""
        yield from lost_lines(server)
        for one in ended:
            if MARKER in one.output or _inside(server.issued) in one.output:
                yield "a secret was printed"
            if "Traceback (most recent call last)" in one.output:
                yield f"a traceback: {one.output[-600:]}"
        yield from self._left_over(server)

    def _left_over(self, server: Server) -> Iterator[str]:
        allowed = {"server.xml", "keys.p12", "trust.p12"}
        for path in server.folder.rglob("*"):
            name = path.name
            known = name in allowed or name.endswith("~") or path.suffix == ".ara" or path.is_dir()
            if not known and name not in (f"{OWN}lock", f"{OWN}pending", f"{OWN}undone"):
                yield f"left over: {path.relative_to(self.base)}"
            elif path.is_file() and path.stat().st_mode & 0o007 and path.suffix == ".p12":
                yield f"others may read {path.relative_to(self.base)}"
        for folder in ("remote", "local"):
            left = [path for path in (self.base / folder).glob("*") if path.name != KEPT]
            yield from (f"left over: {path.relative_to(self.base)}" for path in left)
        for path in (self.base / "local" / KEPT).glob("*"):
            if MARKER in path.read_text(encoding="utf-8", errors="replace"):
                yield f"a secret is in {path.relative_to(self.base)}"


def lost_lines(server: Server) -> Iterator[str]:
    """Yield the lines of people that are no longer as they wrote them, or not in their order."""
    left = iter(server.xml.read_text(encoding="utf-8").splitlines())
    for line in server.written:
        if not any(line in each for each in left):
            yield f"lost: {line.strip()}"
            return


def _inside(issued: pki.Issued) -> str:
    return issued.key_pem().splitlines()[1]


def kill_modules(token: str, seconds: float) -> bool:
    """Kill what runs on the target as soon as something does; return whether there was anything."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                mine = f"ZCS_TOKEN={token}".encode() in (process / "environ").read_bytes()
                command = (process / "cmdline").read_bytes()
                # With pipelining a module is a Python that reads itself from its input.
                if mine and b"ansible-playbook" not in command and b"python" in command:
                    os.kill(int(process.name), signal.SIGKILL)
                    return True
        time.sleep(0.01)
    return False


__all__ = ["MARKER", "Ended", "Server", "World", "kill_controller", "kill_modules", "lost_lines"]
