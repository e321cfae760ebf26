# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole declarations: made so, proved, renewed, on one server and on many; against pings, keytool and an earlier playbook.

What keytool needs for the stores is measured beside, two of them at a time, since nobody else can read them there.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import ssl
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pki
import tls_peers
import yaml
from measure import RUNS, Json, java, play, row, run

from ansible_collections.zosconnect.security.plugins.module_utils import probing
from ansible_collections.zosconnect.security.plugins.module_utils.probing_tls import Material, TlsMaterial

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The last playbook of thirty-six tasks.
EARLIER = "7d59133502ec7d76bf4bf513c72e4ff6811c4808"
CONNECTIONS, SERVERS, FORKS = 8, 200, 20
PASSWORD = "bench-password"
BARE = "<server>\n    <featureManager>\n        <feature>zosconnect:zosConnect-2.0</feature>\n    </featureManager>\n</server>\n"


@dataclass(frozen=True)
class Site:
    """A server's directory, and what is declared for it: eight connections, which share four stores."""

    folder: pathlib.Path
    cast: pki.Cast

    @classmethod
    def make(cls, folder: pathlib.Path) -> Site:
        (folder / "resources" / "security").mkdir(parents=True)
        (folder / "server.xml").write_text(BARE, encoding="utf-8")
        (folder / "server.xml").chmod(0o640)
        return cls(folder, pki.issue_cast(key_type="ec"))

    @property
    def stores(self) -> list[str]:
        return [f"{self.folder}/resources/security/{name}.p12" for name in ("keys0", "trust0", "keys1", "trust1")]

    def declared(self, *, certificate: str = "required", more: Json | None = None) -> list[Json]:
        return [self._connection(number, certificate, more or {}) for number in range(CONNECTIONS)]

    def _connection(self, number: int, certificate: str, more: Json) -> Json:
        server, half = self.cast.server, number % 2 * 2
        keys = {"location": self.stores[half], "password": PASSWORD, "alias": "server", "private_key": server.key_pem()}
        keys |= {"certificate": server.certificate_pem, "chain": server.chain_pem}
        trusted = {"root": self.cast.root.root_pem, **(more if half else {})}
        trust = {"location": self.stores[half + 1], "password": PASSWORD, "trusted": trusted}
        place = {"server_dir": str(self.folder), "port": 5001 + number, "key_store": keys, "trust_store": trust}
        # The earlier playbook had another word for it, and the same default.
        asks = {} if certificate == "required" else {"client_certificate": certificate}
        return {"name": f"c{number}", **place, **asks}

    def keytool(self) -> Json:
        """The task that lists the stores with keytool, two at a time: what a ping and keytool cost, and no more."""
        password = self.folder / "password"
        password.write_text(PASSWORD, encoding="utf-8")
        command = f"keytool -list -storetype PKCS12 -storepass:file {password} -keystore {{}}"
        listed = f"printf '%s\\n' {' '.join(self.stores)} | xargs -P 2 -I{{}} {command}"
        return {"name": "keytool", "ansible.builtin.shell": listed}


def task(name: str, **options: object) -> Json:
    return {"name": name, "zosconnect.security.connections": options}


PING: Json = {"name": "ping", "ansible.builtin.ping": {}}
# As if the next task were the first one that reads the stores.
FORGET: Json = {
    "name": "forget",
    "ansible.builtin.shell": "rm -rf $ANSIBLE_LOCAL_TEMP/zosconnect-stores",
}


def one_server(folder: pathlib.Path) -> list[Json]:
    """The task connections, and the task renew, against ping and keytool listing the stores"""
    site = Site.make(folder / "one")
    todo = [task("made", connections=site.declared())]
    for turn in range(RUNS + 1):
        certificate = ("supported", "required")[turn % 2]
        authority = {f"ca{turn}": pki.Authority(f"CA {turn}", key_type="ec").root_pem}
        renewed = {"stores": [{"path": path, "password": PASSWORD} for path in site.stores], "days": 1}
        same = site.declared(certificate=certificate)
        todo += [
            PING,
            site.keytool(),
            FORGET,
            task("changed", connections=same),
            FORGET,
            task("same", connections=same),
            task("again", connections=same),
            FORGET,
            task("store changed", connections=site.declared(certificate=certificate, more=authority)),
            FORGET,
            {"name": "renew", "zosconnect.security.renew": renewed},
        ]
    seconds = play(folder, todo)
    floor = seconds["keytool"]
    twice = floor + 1.6 * seconds["ping"]

    def told(name: str, what: str, against: str, other: float, aim: str) -> Json:
        return row(f"{what}, {java(folder, name)}", against, seconds[name], other, aim)

    return [
        told("same", "connections, nothing to change", "ping + keytool", floor, "≤ 1.3"),
        told("again", "connections, nothing to change, once more in one play", "ping", seconds["ping"], ""),
        told("changed", "connections, server.xml changes", "2.6 pings + keytool", twice, "≤ 1"),
        told("store changed", "connections, server.xml and a store change", "2.6 pings + keytool", twice, "≤ 1"),
        told("renew", "renew, nothing due", "ping + keytool", floor, "≤ 1.3"),
    ]


def playbooks(folder: pathlib.Path) -> list[Json]:
    """The playbook connections without a change, against the one of an earlier commit and a play of one ping"""
    earlier = folder / "earlier"
    home = earlier / "ansible_collections" / "zosconnect" / "security"
    home.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", EARLIER], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        print(f"      left out: this copy of the repository has no commit {EARLIER[:7]}")
        return []
    subprocess.run(["tar", "-x", "-C", str(home)], input=archive.stdout, check=True)
    found = os.environ.get("ANSIBLE_COLLECTIONS_PATH", "")
    now = Site.make(folder / "now")
    works = [
        _playbook(now, {}),
        _playbook(Site.make(folder / "then"), {"ANSIBLE_COLLECTIONS_PATH": f"{earlier}:{found}"}),
        _ping_play(now),
    ]
    for work in works:
        work()  # which makes what is declared
    seconds: list[list[float]] = [[] for _work in works]
    for _run in range(3):
        for number, work in enumerate(works):
            begun = time.perf_counter()
            work()
            seconds[number].append(time.perf_counter() - begun)
    ours, theirs, ping = map(statistics.median, seconds)
    what = "playbook connections, nothing to change"
    return [
        row(f"{what}, against {EARLIER[:7]}", "the earlier playbook", ours, theirs, "≤ 0.125"),
        row(what, "a play of one ping", ours, ping, ""),
    ]


def _ping_play(site: Site) -> Callable[[], None]:
    """Return what runs a play of one ping, with the inventory of a server."""
    book = site.folder.with_suffix(".ping.yml")
    play_ = {"hosts": "all", "gather_facts": False, "tasks": [PING]}
    book.write_text(yaml.safe_dump([play_]), encoding="utf-8")
    command = ["ansible-playbook", "-i", str(site.folder.with_suffix(".yml")), str(book)]
    return lambda: run(command, dict(os.environ), folder=site.folder)


def _playbook(site: Site, environment: dict[str, str]) -> Callable[[], None]:
    """Return what runs the playbook for a server."""
    host = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    declared = {"zosconnect_connections": site.declared()}
    inventory = site.folder.with_suffix(".yml")
    inventory.write_text(
        yaml.safe_dump({"zosconnect_servers": {"hosts": {"server": {**host, **declared}}}}), encoding="utf-8"
    )
    command = ["ansible-playbook", "-i", str(inventory), "zosconnect.security.connections"]
    return lambda: run(command, {**os.environ, **environment}, folder=site.folder)


def proofs(folder: pathlib.Path) -> list[Json]:
    """The task connections_verify with fourteen probes, against ping"""
    cast = pki.issue_cast(key_type="ec")
    context = tls_peers.server_context(cast.server, folder)
    with contextlib.ExitStack() as stack:
        asking = tls_peers.asking(tls_peers.server_context(cast.server, folder), cast.root.root_pem, ssl.CERT_REQUIRED)
        ports = [stack.enter_context(tls_peers.peer(tls_peers.https(asking))) for _number in range(4)]
        ports.append(stack.enter_context(tls_peers.peer(tls_peers.https(context))))
        mutual = [{"name": f"c{number}", "port": port} for number, port in enumerate(ports[:4])]
        declared = [*mutual, {"name": "c4", "port": ports[4], "client_certificate": "none", "identity": "basic"}]
        caller = {
            "ca": cast.root.root_pem,
            "caller_certificate": cast.mapped.certificate_pem + cast.mapped.chain_pem,
            "caller_key": cast.mapped.key_pem(),
        }
        options = {"connections": declared, "verify_host": "localhost", **caller}
        verify = {"name": "verify", "zosconnect.security.connections_verify": options}
        seconds = play(folder, [PING, verify] * (RUNS + 1))
        slowest = max(_handshake(port, cast) for port in ports[:4])
    what = "connections_verify, 14 probes (less the slowest handshake)"
    return [row(what, "ping", seconds["verify"] - slowest, seconds["ping"], "≤ 1.5")]


def _handshake(port: int, cast: pki.Cast) -> float:
    """Return the seconds of one probe with a client certificate."""
    tls = TlsMaterial(
        server_name="localhost",
        ca=Material("ca", content=cast.root.root_pem),
        certificate=Material("certificate", content=cast.mapped.certificate_pem + cast.mapped.chain_pem),
        key=Material("key", content=cast.mapped.key_pem()),
    )
    return probing.probe(probing.Probe(host="localhost", port=port, tls=tls)).elapsed


def fleet(folder: pathlib.Path) -> list[Json]:
    """The task connections in check mode on 200 servers with eight connections each, against 200 pings; and memory"""
    ring = {"location": "safkeyring://ZCEESRV/Keys"}
    item = {"server_dir": "{{ home }}", "key_store": ring, "trust_store": ring}
    declared = [{**item, "name": f"c{number}", "port": 5001 + number} for number in range(CONNECTIONS)]
    hosts = [f"s{number}" for number in range(SERVERS)]
    for host in hosts:
        home = folder / "fleet" / host
        home.mkdir(parents=True)
        (home / "server.xml").write_text(BARE, encoding="utf-8")
    options = ["--check", "--forks", str(FORKS)]
    check = task("connections", connections=declared)
    last: dict[str, list[float]] = {"ping": [], "connections": []}
    peaks = {"ping": 0.0, "connections": 0.0}
    for _run in range(3):
        for one in (PING, check):
            begun, name = time.perf_counter(), one["name"]
            with Peak() as peak:
                play(
                    folder, [one], "all", ",".join(hosts), options, home=f"{folder}/fleet/{{{{ inventory_hostname }}}}"
                )
            last[name].append(time.perf_counter() - begun)
            peaks[name] = max(peaks[name], peak.megabytes)
    ours, theirs = (statistics.median(last[name]) for name in ("connections", "ping"))
    memory = row("memory of the controller for that", "for the pings", peaks["connections"], peaks["ping"], "≤ 500 MB")
    memory |= {
        "seconds_shown": f"{peaks['connections']:.0f} MB",
        "other_seconds_shown": f"{peaks['ping']:.0f} MB",
    }
    what = f"connections, check mode, {SERVERS} servers, {FORKS} forks"
    return [row(what, f"{SERVERS} pings", ours, theirs, "≤ 1.6"), memory]


class Peak:
    """The largest memory of all ansible-playbook processes while it lasts: what they share is counted once."""

    megabytes = 0.0

    def __enter__(self) -> Peak:
        self._ended = threading.Event()
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._watcher.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.25):
            self.megabytes = max(self.megabytes, sum(_proportional_sizes()) / 1024)


def _proportional_sizes() -> Iterator[int]:
    """Give the kilobytes of each process of ansible-playbook below this one."""
    parents = {}
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents[int(process.name)] = int((process / "stat").read_text().rpartition(")")[2].split()[1])
    below = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= more
    for pid in below:
        process = pathlib.Path(f"/proc/{pid}")
        with contextlib.suppress(OSError):
            if b"ansible-playbook\0" in (process / "cmdline").read_bytes():
                lines = (process / "smaps_rollup").read_text().splitlines()
                yield from (int(line.split()[1]) for line in lines if line.startswith("Pss:"))


PARTS = (one_server, playbooks, proofs, fleet)
