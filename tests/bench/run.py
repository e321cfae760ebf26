# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How fast it is, as ratios: what a user repeats against a floor (a ping task, bare lxml) or a peer, in one run.

Seconds differ from machine to machine and from day to day; a ratio of two things measured side by side does so much
less. Each figure is the median of several runs, those of both sides in turn. Writes docs/BENCH.md and
.build/bench.json.
"""

from __future__ import annotations

import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import yaml
from lxml import etree

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "liberty"))

import pki  # noqa: E402

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import plan as attls_plan  # noqa: E402
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import text as attls_text  # noqa: E402
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import wishes as attls_wishes  # noqa: E402
from ansible_collections.zosconnect.security.plugins.plugin_utils.files import Files  # noqa: E402
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import (  # noqa: E402
    assembly,
    document,
    effective,
    plan,
    variables,
    wishes,
)

RUNS = 7
REQUESTERS = 2000
PEER_EDITS = 20
PASSWORD = "bench-password"


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory(prefix="zcs-bench-") as name:
        folder = pathlib.Path(name)
        for number, part in enumerate((engine, assembling, policies, tasks, stores, authorities, audit), start=1):
            print(f"[{number}/6] {part.__doc__.splitlines()[0]}", flush=True)
            begun = time.perf_counter()
            rows += part(folder)
            print(f"      {time.perf_counter() - begun:.0f} s", flush=True)
    write(rows)


def server_xml(count: int, secure: str = "true") -> str:
    """Return a server.xml with ``count`` API requesters."""
    lines = "".join(
        f'        <apiRequester name="r{i}_1.0.0" requireSecure="{secure}" requireAuth="true"/>\n' for i in range(count)
    )
    return f"<server>\n    <zosconnect_apiRequesters>\n{lines}    </zosconnect_apiRequesters>\n</server>\n"


def edits(count: int, *, secure: bool) -> list[dict]:
    """Return the wish that ``count`` requesters are ``secure``."""
    children = [
        {"element": "apiRequester", "attributes": {"name": f"r{i}_1.0.0", "requireSecure": secure}}
        for i in range(count)
    ]
    return [{"element": "zosconnect_apiRequesters", "children": children}]


def medians(*work: Callable[[], object]) -> list[float]:
    """Return the median seconds of each, run in turn."""
    seconds: list[list[float]] = [[] for _one in work]
    for _run in range(RUNS):
        for number, one in enumerate(work):
            begun = time.perf_counter()
            one()
            seconds[number].append(time.perf_counter() - begun)
    return [statistics.median(found) for found in seconds]


def row(what: str, against: str, ours: float, theirs: float, aim: str) -> dict:
    return {
        "what": what,
        "against": against,
        "seconds": ours,
        "other_seconds": theirs,
        "ratio": ours / theirs,
        "aim": aim,
    }


def engine(_folder: pathlib.Path) -> list[dict]:
    """The editor alone, against lxml parsing and serialising the same text"""
    rows = []
    for count in (1, 100, 10_000):
        data = server_xml(count).encode()
        wished = wishes.check(edits(1, secure=False), wishes.Manner())
        ours, theirs = medians(
            lambda: plan.plan(document.read_source(data, name="server.xml"), wished),  # noqa: B023
            lambda: etree.tostring(etree.fromstring(data)),  # noqa: B023
        )
        rows.append(
            row(f"plan one edit among {count} requesters", "lxml parse + serialise", ours, theirs, "≤ 3.5 at 10,000")
        )
    return rows


def assembling(_folder: pathlib.Path) -> list[dict]:
    """The effective configuration, against lxml parsing the same files into a dict of every element"""
    rows = []
    for count, spread in ((100, 1), (10_000, 1), (10_000, 50)):
        share = {f"/s/part{i}.xml": server_xml(count // spread).encode() for i in range(spread)}
        includes = "".join(f'<include location="part{i}.xml"/>' for i in range(spread))
        content = {"/s/server.xml": f"<server>{includes}</server>".encode(), **share}
        ours, theirs = medians(
            lambda: effective.evaluate(assembly.assemble(Files(content), assembly.Places("/s"), variables.Outer())),  # noqa: B023
            lambda: [dict(e.attrib) for data in content.values() for e in etree.fromstring(data).iter()],  # noqa: B023
        )
        rows.append(
            row(
                f"effective configuration, {count} requesters in {spread} files",
                "lxml parse + dicts",
                ours,
                theirs,
                "≤ 4",
            )
        )
    return rows


def policy(count: int) -> str:
    """Return an AT-TLS policy with ``count`` rules."""
    rule = """# rule number {0}
TTLSRule                    rule{0}
{{
  RemoteAddr                192.0.2.10
  RemotePortRange           {1}
  Jobname                   IMSMPP*
  Direction                 Outbound
  Priority                  255
  TTLSGroupActionRef        group
  TTLSEnvironmentActionRef  environment
}}
"""
    actions = "TTLSGroupAction group\n{\n  TTLSEnabled On\n}\nTTLSEnvironmentAction environment\n{\n}\n"
    return "".join(rule.format(number, 1000 + number) for number in range(count)) + actions


def policies(_folder: pathlib.Path) -> list[dict]:
    """The AT-TLS editor alone, against a bare split of the same text into lines and words"""
    new = {
        "name": "new",
        "Direction": "Outbound",
        "RemotePortRange": 99,
        "Priority": 255,
        "TTLSGroupActionRef": "group",
    }
    new["TTLSEnvironmentActionRef"] = "environment"
    manner = attls_wishes.Manner()
    wished = attls_wishes.check({"TTLSRule": [new]}, manner)
    rows = []
    for count in (500, 5000):
        data = policy(count).encode()
        ours, theirs = medians(
            lambda: attls_plan.plan(attls_text.read_source(data, name="policy"), wished, manner),  # noqa: B023
            lambda: [line.split() for line in data.decode().splitlines()],  # noqa: B023
        )
        rows.append(row(f"plan one more rule among {count}", "split into words", ours, theirs, "≤ 5 at 5,000"))
    return rows


def play(
    folder: pathlib.Path, tasks_: list[dict], hosts: str = "localhost", inventory: str = "localhost,"
) -> dict[str, float]:
    """Run tasks as a play; return the median seconds of those of each name, the first of each left out as warm-up."""
    book, said = folder / "bench.yml", folder / "seconds.jsonl"
    said.unlink(missing_ok=True)
    content = [{"hosts": hosts, "gather_facts": False, "connection": "local", "tasks": tasks_}]
    book.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    environment = {
        **os.environ,
        "BENCH_SECONDS": str(said),
        "ANSIBLE_CALLBACK_PLUGINS": str(pathlib.Path(__file__).parent / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "task_seconds",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }
    command = ["ansible-playbook", "-i", inventory, str(book)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"the play of the bench failed:\n{done.stdout[-3000:]}{done.stderr[-2000:]}")
    found: dict[str, list[float]] = {}
    for line in said.read_text(encoding="utf-8").splitlines():
        task = json.loads(line)
        found.setdefault(task["task"], []).append(task["seconds"])
    return {name: statistics.median(seconds[1:]) for name, seconds in found.items()}


def tasks(folder: pathlib.Path) -> list[dict]:
    """server_xml as a task, against ping and against community.general.xml doing the same"""
    path, peer = folder / "server.xml", folder / "peer.xml"
    for file in (path, peer):
        file.write_text(server_xml(REQUESTERS), encoding="utf-8")
    one = {"path": str(path)}
    todo: list[dict] = []
    for turn in range(RUNS + 1):
        secure = bool(turn % 2)
        todo.append({"name": "ping", "ansible.builtin.ping": {}})
        todo.append(
            {
                "name": "no change",
                "zosconnect.security.server_xml": {**one, "elements": edits(1, secure=not secure if turn else True)},
            }
        )
        for count in (1, 100, 1000):
            todo.append(
                {
                    "name": f"{count} edits",
                    "zosconnect.security.server_xml": {**one, "elements": edits(count, secure=secure)},
                }
            )
        todo.append(peer_task(peer, secure=secure))
    seconds = play(folder, todo)
    each = seconds["peer"] / PEER_EDITS
    rows = [row("server_xml, nothing to change", "ping", seconds["no change"], seconds["ping"], "≤ 1.3")]
    rows += [
        row(f"server_xml, {n} edits", "ping", seconds[f"{n} edits"], seconds["ping"], "≤ 2.6") for n in (1, 100, 1000)
    ]
    rows.append(
        row(
            "community.general.xml, 1000 edits (20 measured, scaled)",
            "server_xml",
            each * 1000,
            seconds["1000 edits"],
            "≥ 300",
        )
    )
    return rows


def peer_task(path: pathlib.Path, *, secure: bool) -> dict:
    """Return PEER_EDITS edits by community.general.xml: one module run an edit, as it must be used."""
    return {
        "name": "peer",
        "community.general.xml": {
            "path": str(path),
            "xpath": "/server/zosconnect_apiRequesters/apiRequester[@name='r{{ item }}_1.0.0']",
            "attribute": "requireSecure",
            "value": str(secure).lower(),
        },
        "loop": list(range(PEER_EDITS)),
    }


def stores(folder: pathlib.Path) -> list[dict]:
    """keystore, against java_keystore and openssl_pkcs12 with the same key"""
    server = pki.issue_cast().server
    (folder / "key.pem").write_text(server.key_pem(), encoding="utf-8")
    (folder / "cert.pem").write_text(server.certificate_pem, encoding="utf-8")
    entry = {
        "alias": "server",
        "privatekey_path": str(folder / "key.pem"),
        "certificate_path": str(folder / "cert.pem"),
    }
    java = {"name": "server", "certificate_path": str(folder / "cert.pem"), "private_key_path": str(folder / "key.pem")}
    p12 = {
        "friendly_name": "server",
        "privatekey_path": str(folder / "key.pem"),
        "certificate_path": str(folder / "cert.pem"),
    }
    todo = []
    for turn in range(RUNS + 1):
        for second in ("", " again"):
            todo += [
                {
                    "name": f"ours{second}",
                    "zosconnect.security.keystore": {
                        "path": f"{folder}/o{turn}.p12",
                        "password": PASSWORD,
                        "entries": [entry],
                    },
                },
                {
                    "name": f"java{second}",
                    "community.general.java_keystore": {"dest": f"{folder}/j{turn}.p12", "password": PASSWORD, **java},
                },
                {
                    "name": f"p12{second}",
                    "community.crypto.openssl_pkcs12": {"path": f"{folder}/p{turn}.p12", "passphrase": PASSWORD, **p12},
                },
            ]
    seconds = play(folder, todo)
    return [
        row(f"keystore, {what}", peer, seconds[f"ours{second}"], seconds[f"{key}{second}"], "")
        for what, second in (("new store", ""), ("nothing to change", " again"))
        for key, peer in (("java", "java_keystore"), ("p12", "openssl_pkcs12"))
    ]


def authorities(folder: pathlib.Path) -> list[dict]:
    """keystore of a trust store with 1,000 authorities, nothing to change, against keytool listing it"""
    pems = [pki.Authority(f"CA {number}", key_type="ec").root_pem for number in range(1000)]
    entries = [{"alias": f"ca{n}", "trusted": True, "certificate_content": pem} for n, pem in enumerate(pems)]
    store, password = folder / "many.p12", folder / "password"
    password.write_text(PASSWORD, encoding="utf-8")
    task = {"path": str(store), "password": PASSWORD, "entries": entries}
    seconds = play(folder, [{"name": "keystore", "zosconnect.security.keystore": task}] * (RUNS + 1))
    listing = ["keytool", "-list", "-keystore", str(store), "-storepass:file", str(password)]
    (keytool,) = medians(lambda: subprocess.run(listing, stdout=subprocess.DEVNULL, check=True))
    return [row("keystore, 1000 authorities, nothing to change", "keytool -list", seconds["keystore"], keytool, "≤ 3")]


def audit(folder: pathlib.Path) -> list[dict]:
    """server_config_info of 200 server directories, against 200 pings"""
    hosts = [f"s{i}" for i in range(200)]
    for host in hosts:
        home = folder / "servers" / host
        home.mkdir(parents=True)
        (home / "server.xml").write_text(server_xml(20), encoding="utf-8")
    inventory = ",".join(hosts) + ","
    info = {"server_dir": f"{folder}/servers/{{{{ inventory_hostname }}}}"}
    last = {}
    for name, task in (
        ("ping", {"ansible.builtin.ping": {}}),
        ("info", {"zosconnect.security.server_config_info": info}),
    ):
        found = play_hosts(folder, {"name": name, **task}, inventory)
        last[name] = found
    return [row("server_config_info on 200 servers", "200 pings", last["info"], last["ping"], "≤ 1.4")]


def play_hosts(folder: pathlib.Path, task: dict, inventory: str) -> float:
    """Return the median seconds that one task takes on all hosts, over three plays."""
    seconds = []
    for _run in range(3):
        begun = time.perf_counter()
        play(folder, [task], hosts="all", inventory=inventory)
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)


def write(rows: list[dict]) -> None:
    """Write the table and the figures."""
    table = ["| what | against | ratio | aim |", "|---|---|---|---|"]
    for found in rows:
        ours, theirs = (f"{found[key] * 1000:.0f} ms" for key in ("seconds", "other_seconds"))
        table.append(
            f"| {found['what']} ({ours}) | {found['against']} ({theirs}) | {found['ratio']:.1f} | {found['aim']} |"
        )
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    head = (
        "<!-- SPDX-FileCopyrightText: 2026 The zosconnect.security contributors\n"
        "     SPDX-License-Identifier: GPL-3.0-or-later -->\n"
        f"# How fast it is\n\nLast `make bench`: {today}, {machine}. Medians of {RUNS} runs, both sides in turn.\n\n"
    )
    (ROOT / "docs" / "BENCH.md").write_text(head + "\n".join(table) + "\n", encoding="utf-8")
    (ROOT / ".build").mkdir(exist_ok=True)
    (ROOT / ".build" / "bench.json").write_text(
        json.dumps({"date": today, "machine": machine, "rows": rows}, indent=1), encoding="utf-8"
    )
    print("\n".join(table))
    print("\nWritten: docs/BENCH.md and .build/bench.json")


if __name__ == "__main__":
    main()
