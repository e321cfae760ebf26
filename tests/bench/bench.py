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
import subprocess
import sys
import tempfile
import time

from lxml import etree

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "liberty"))

sys.path.insert(0, str(ROOT / "tests" / "integration"))

import declared  # noqa: E402
import pki  # noqa: E402
from measure import RUNS, Json, medians, play, play_hosts, row  # noqa: E402

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import desired as attls_desired  # noqa: E402
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import flows, match, stack  # noqa: E402
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import plan as attls_plan  # noqa: E402
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import text as attls_text  # noqa: E402
from ansible_collections.zosconnect.security.plugins.plugin_utils.files import Files  # noqa: E402
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import (  # noqa: E402
    assembly,
    desired,
    document,
    effective,
    outside,
    plan,
    variables,
)

REQUESTERS = 2000
PEER_EDITS = 20
PASSWORD = "bench-password"
# Between these stands what is measured; the rest of the page is written by people.
BEGIN, END = "<!-- figures: written by make bench -->\n", "<!-- end of figures -->\n"


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory(prefix="zcs-bench-") as name:
        folder = pathlib.Path(name)
        parts = (engine, assembling, policies, tasks, stores, authorities, audit, *declared.PARTS)
        for number, part in enumerate(parts, start=1):
            print(f"[{number}/{len(parts)}] {(part.__doc__ or '').splitlines()[0]}", flush=True)
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


def edits(count: int, *, secure: bool) -> list[Json]:
    """Return the elements by which ``count`` requesters are ``secure``."""
    children = [
        {"element": "apiRequester", "attributes": {"name": f"r{i}_1.0.0", "requireSecure": secure}}
        for i in range(count)
    ]
    return [{"element": "zosconnect_apiRequesters", "children": children}]


def engine(_folder: pathlib.Path) -> list[Json]:
    """The editor alone, against lxml parsing and serialising the same text"""
    rows = []
    for count in (1, 100, 10_000):
        data = server_xml(count).encode()
        wanted = desired.check(edits(1, secure=False), desired.Options())
        ours, theirs = medians(
            lambda: plan.plan(document.read_source(data, name="server.xml"), wanted),  # noqa: B023
            lambda: etree.tostring(etree.fromstring(data)),  # noqa: B023
            clock=time.process_time,
        )
        rows.append(
            row(f"plan one edit among {count} requesters", "lxml parse + serialise", ours, theirs, "≤ 3 at 10,000")
        )
    return rows


def assembling(_folder: pathlib.Path) -> list[Json]:
    """The effective configuration, against lxml parsing the same files into a dict of every element"""
    rows = []
    for count, spread in ((100, 1), (10_000, 1), (10_000, 50)):
        share = {f"/s/part{i}.xml": server_xml(count // spread).encode() for i in range(spread)}
        includes = "".join(f'<include location="part{i}.xml"/>' for i in range(spread))
        content = {"/s/server.xml": f"<server>{includes}</server>".encode(), **share}
        ours, theirs = medians(
            lambda: effective.evaluate(assembly.assemble(Files(content), outside.Places("/s"), variables.Outer())),  # noqa: B023
            lambda: [dict(e.attrib) for data in content.values() for e in etree.fromstring(data).iter()],  # noqa: B023
            clock=time.process_time,
        )
        rows.append(
            row(
                f"effective configuration, {count} requesters in {spread} files",
                "lxml parse + dicts",
                ours,
                theirs,
                "≤ 6 at 10,000",
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


def policies(_folder: pathlib.Path) -> list[Json]:
    """The AT-TLS editor alone, against a bare split of the same text into lines and words"""
    new = {
        "name": "new",
        "Direction": "Outbound",
        "RemotePortRange": 99,
        "Priority": 255,
        "TTLSGroupActionRef": "group",
    }
    new["TTLSEnvironmentActionRef"] = "environment"
    options = attls_desired.Options()
    wanted = attls_desired.check({"TTLSRule": [new]}, options)
    rows = []
    for count in (500, 5000):
        data = policy(count).encode()
        ours, theirs = medians(
            lambda: attls_plan.plan(attls_text.read_source(data, name="policy"), wanted, options),  # noqa: B023
            lambda: [line.split() for line in data.decode().splitlines()],  # noqa: B023
            clock=time.process_time,
        )
        rows.append(row(f"plan one more rule among {count}", "split into words", ours, theirs, "≤ 2.5 at 5,000"))
    return [*rows, *questions()]


def questions() -> list[Json]:
    """Return how long an answer about all connections takes, against that about a single one."""
    single = match.read(
        {"direction": "outbound", "remote_address": "192.0.2.10", "remote_port": 1, "job_name": "IMSMPP1"}
    )
    question = flows.read({"direction": "outbound", "job_name": "IMSMPP*"})
    rows = []
    for count in (500, 5000):
        texts = stack.read({"stack": policy(count), "common": ""})
        ours, theirs = medians(
            lambda: flows.flows(texts, question),  # noqa: B023
            lambda: match.match(texts, single),  # noqa: B023
            clock=time.process_time,
        )
        rows.append(row(f"attls_flows, {count} rules", "attls_match", ours, theirs, "≤ 6, and below 2 s at 500"))
    return rows


def tasks(folder: pathlib.Path) -> list[Json]:
    """server_xml as a task, against ping and against community.general.xml doing the same"""
    path, peer = folder / "server.xml", folder / "peer.xml"
    for file in (path, peer):
        file.write_text(server_xml(REQUESTERS), encoding="utf-8")
    one = {"path": str(path)}
    todo: list[Json] = []
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
        todo.append(
            {"name": "debug", "ansible.builtin.debug": {"msg": {**one, "elements": edits(1000, secure=secure)}}}
        )
        todo.append(peer_task(peer, secure=secure))
    seconds = play(folder, todo)
    each = seconds["peer"] / PEER_EDITS
    rows = [row("server_xml, nothing to change", "ping", seconds["no change"], seconds["ping"], "≤ 1.05")]
    rows += [row(f"server_xml, {n} edits", "ping", seconds[f"{n} edits"], seconds["ping"], "≤ 2.6") for n in (1, 100)]
    # Ansible reads thousand edits as the arguments of a task, whatever the task is.
    floor, against = 2 * seconds["ping"] + seconds["debug"], "2 pings + debug with the same arguments"
    rows.append(row("server_xml, 1000 edits", against, seconds["1000 edits"], floor, "≤ 1.3"))
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


def peer_task(path: pathlib.Path, *, secure: bool) -> Json:
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


def stores(folder: pathlib.Path) -> list[Json]:
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
                declared.PING,
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
    (folder / "password").write_text(PASSWORD, encoding="utf-8")
    listing = ["keytool", "-list", "-keystore", f"{folder}/o0.p12", "-storepass:file", f"{folder}/password"]
    (keytool,) = medians(lambda: subprocess.run(listing, stdout=subprocess.DEVNULL, check=True))
    again = seconds["ours again"]
    return [
        row("keystore, new store", "java_keystore", seconds["ours"], seconds["java"], "≤ 1.0"),
        row("keystore, new store", "openssl_pkcs12", seconds["ours"], seconds["p12"], ""),
        row("keystore, nothing to change", "ping + keytool -list", again, seconds["ping"] + keytool, "≤ 1.05"),
        row("keystore, nothing to change", "java_keystore", again, seconds["java again"], ""),
        row("keystore, nothing to change", "openssl_pkcs12", again, seconds["p12 again"], ""),
    ]


def authorities(folder: pathlib.Path) -> list[Json]:
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


def audit(folder: pathlib.Path) -> list[Json]:
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
    return [row("server_config_info on 200 servers", "200 pings", last["info"], last["ping"], "≤ 1.1")]


def write(rows: list[Json]) -> None:
    """Write the table and the figures."""
    table = ["| what | against | ratio | aim |", "|---|---|---|---|"]
    for found in rows:
        ours, theirs = (
            found.get(f"{key}_shown") or f"{found[key] * 1000:.0f} ms" for key in ("seconds", "other_seconds")
        )
        table.append(
            f"| {found['what']} ({ours}) | {found['against']} ({theirs}) | {found['ratio']:.1f} | {found['aim']} |"
        )
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    told = (
        f"Last `make bench`: {today}, {machine}. Medians of {RUNS} runs, both sides in turn; what happens in one process "
        "(editors, effective configuration) in processor seconds.\n\n"
    )
    page = ROOT / "docs" / "BENCH.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    text = f"{before}{BEGIN}{told}" + "\n".join(table) + f"\n{END}{rest.partition(END)[2]}"
    page.write_text(text, encoding="utf-8")
    (ROOT / ".build").mkdir(exist_ok=True)
    (ROOT / ".build" / "bench.json").write_text(
        json.dumps({"date": today, "machine": machine, "rows": rows}, indent=1), encoding="utf-8"
    )
    print("\n".join(table))
    print("\nWritten: docs/BENCH.md and .build/bench.json")


if __name__ == "__main__":
    main()
