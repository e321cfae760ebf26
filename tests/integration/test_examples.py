# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every documented example is run, and run again: the second time it changes nothing.

Examples are those of the modules' documentation, the plays of the roles' READMEs, and each declaration on a page. All
of them are plays of one run of ansible-playbook, each for a host of its own with a server's directory of its own.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from jobs import Job, run_project
from pki import Cast

sys.path.insert(0, str(Path(__file__).parents[1] / "utils"))
import doc_blocks
import interface

pytestmark = [pytest.mark.ansible, pytest.mark.java]
Json = dict[str, Any]
MODULES = interface.public_modules()
COLLECTION = "zosconnect.security."
SERVER = "/var/zosconnect/servers/zceesrv1"
PASSWORD = "changeit-1"
SERVER_XML = """<server>
    <featureManager><feature>zosconnect:apiRequester-1.0</feature></featureManager>
    <httpEndpoint id="defaultHttpEndpoint" host="*" httpPort="9080" httpsPort="5002"/>
    <ssl id="DefaultSSLSettings" keyStoreRef="defaultKeyStore"/>
    <keyStore id="defaultKeyStore" password="changeit"/>
    <zosconnect_endpointConnection id="backendApi" host="http://api.example.com" port="443"/>
    <zosconnect_endpointConnection id="inventory" host="http://inventory.example.com" port="443"/>
    <zosconnect_apiRequesters>
        <apiRequester name="inventory_1.0.0"/>
        <apiRequester name="nightly_1.0.0"/>
    </zosconnect_apiRequesters>
</server>
"""
POLICY = """TTLSRule zcReqOut
{
  Direction Outbound
  RemotePortRange 5003
  Jobname CICS*
  Priority 1
  TTLSGroupActionRef zcOff
}
TTLSGroupAction zcOff
{
  TTLSEnabled Off
}
"""
# What cannot be run here, and which test runs it twice with what it needs.
ELSEWHERE = {
    "attls_policy: The same for a member of a data set": "a data set: test_zos_member.py",
    "awx_objects: Make a template": "an AWX: test_awx.py",
    "connections_restore: Undo a run": "the file of a run: test_restore.py",
    "connections_verify: All connections of the server are as declared": "a server that runs: test_connections_verify.py",
    "file_restore: Undo the last change": "a change: test_file_restore.py",
    "liberty_refresh: Let the server read its configuration again": "a server that runs: test_liberty_refresh.py",
    "server_config_info: Does the server do what its files say?": "a server that runs: test_server_config_info.py",
    "operator_command: Tell the server that its key stores have changed": "a console: test_operator_command.py",
    "saf_keyring: The same with the authority to do it": "RACF: test_saf_keyring.py, on a model of it",
    "saf_keyring: CICS calls with its certificate, and may call": "RACF: test_saf_keyring.py, on a model of it",
    "saf_keyring: CICS calls two API requesters of a 3.0 server": "RACF: test_saf_keyring.py, on a model of it",
    "keystore: The certificate that was issued for the request": "who issues it: test_keystore_lifecycle.py",
    "docs/OPENAPI3.md 1": "a 3.0 server with its applications: test_role_oas3.py",
    "docs/ADOPT.md 1": "the server that it was read from: test_adopt.py",
    "docs/docsite/rst/guide_adopt.rst 1": "the server that it was read from: test_adopt.py",
}
# What looks at a port changes nothing, whatever is there; test_tls_probe.py and test_tls_scan.py have its answers.
ONLY_LOOKS = "tls_probe"


@dataclass(frozen=True)
class Example:
    """Something that a page shows: plays without their hosts, and variables of the host."""

    name: str
    plays: list[Json]
    variables: Json


def of_modules() -> Iterator[Example]:
    """Yield the tasks of each module's examples, each with those that only show or judge what it registered."""
    for module, told in MODULES.items():
        if module == ONLY_LOOKS:
            continue
        steps: list[list[Json]] = []
        for task in yaml.safe_load(told["examples"]):
            if not steps or (
                f"{COLLECTION}{module}" in task and any(f"{COLLECTION}{module}" in one for one in steps[-1])
            ):
                steps.append([task])
            else:
                steps[-1].append(task)
        for tasks in steps:
            yield Example(f"{module}: {tasks[0]['name']}", [{"tasks": tasks}], {})


def of_pages() -> Iterator[Example]:
    """Yield the plays with a role of the collection, and the declarations, counted on each page."""
    numbers: Counter[str] = Counter()
    for block in doc_blocks.all_blocks():
        if block.language != "yaml" or "..." in block.text:
            continue
        given, found = yaml.safe_load(block.text), None
        if isinstance(given, list) and block.page.startswith("roles/"):
            found = given, {}
        elif isinstance(given, dict) and "zosconnect_connections" in given:
            found = [{"roles": [f"{COLLECTION}connections"]}], given
        if found:
            numbers[block.page] += 1
            yield Example(f"{block.page} {numbers[block.page]}", *found)


def examples() -> list[Example]:
    return [one for one in (*of_modules(), *of_pages()) if one.name not in ELSEWHERE]


class World:
    """The folder in which all of them run: a server's directory for each, and the files that they name."""

    def __init__(self, folder: Path, pki: Cast) -> None:
        self.folder, self.pki = folder, pki
        self.project = folder / "project"
        for name in ("project/pki", "project/issued", "project/host_vars/zceesrv1", "inventory"):
            (folder / name).mkdir(parents=True)
        texts = {
            **dict.fromkeys(("pki/server.pem", "example-ca.pem", "ca.pem", "cics1.pem"), pki.server.certificate_pem),
            "pki/issuing-ca.pem": pki.server.chain_pem,
            "pki/cics-ca.pem": pki.root.root_pem,
            "policy.txt": POLICY,
            "zceering.listing.txt": "",
            "messages.log": "",
        }
        for name, text in texts.items():
            (self.project / name).write_text(text, encoding="utf-8")

    def server(self, number: int, *, old_store: bool) -> Path:
        """Make the directory of a server, with the stores and the files of its host."""
        place = self.folder / f"host{number}"
        for name in ("zceesrv1/resources/security", "zceesrv1/logs", "pagent", "handover", "etc"):
            (place / name).mkdir(parents=True)
        (place / "zceesrv1/server.xml").write_text(SERVER_XML, encoding="ascii")
        (place / "zceesrv1/server.xml").chmod(0o640)
        (place / "zceesrv1/logs/messages.log").write_text("", encoding="ascii")
        if old_store:
            store = ["-keystore", str(place / "zceesrv1/resources/security/key.jks"), "-storetype", "JKS"]
            key = ["-alias", "old", "-keyalg", "RSA", "-dname", "CN=old", "-storepass", PASSWORD, "-keypass", PASSWORD]
            subprocess.run(["keytool", "-genkeypair", *store, *key], check=True, capture_output=True)
        (place / "pagent/TCPIP.ttls.policy").write_text(POLICY, encoding="ascii")
        for name in ("issuing-ca.pem", "example-ca.pem"):
            (place / "etc" / name).write_text(self.pki.root.root_pem, encoding="ascii")
        (place / "etc/cics1.pem").write_text(self.pki.server.certificate_pem, encoding="ascii")
        (place / "etc/cics1.key").write_text(self.pki.server.key_pem(), encoding="ascii")
        return place

    def here(self, given: Any, place: Path) -> Any:
        """Have the paths and names of an example lead into this folder, and to this machine."""
        text = json.dumps(given, default=str)  # a date, as YAML reads it
        for there, own in {
            "/var/zosconnect/servers/zceesrv3": f"{place}/zceesrv1",
            "/var/zosconnect/servers": str(place),
            "/etc/pagent": f"{place}/pagent",
            "/u/zosadm/handover": f"{place}/handover",
            "/tmp/handover": f"{place}/handover",
            "/tmp/zceesrv1": f"{place}/report",
            "/etc/pki": f"{place}/etc",
            "/etc/batch": f"{place}/etc",
        }.items():
            text = text.replace(there, own)
        return json.loads(text)

    def variables(self, place: Path) -> Json:
        """What examples leave to the user."""
        pki = self.pki
        passwords = ("keystore_password", "truststore_password", "key_password", "vault_key_store_password")
        return {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            **dict.fromkeys(passwords, PASSWORD),
            **dict.fromkeys(("server_key", "vault_private_key", "vault_cics1_key"), pki.server.key_pem()),
            **dict.fromkeys(("zceesrv1_certificate", "cics_certificate"), pki.server.certificate_pem),
            "company_ca": pki.root.root_pem,
            "vault_cics_password": PASSWORD,
            "vault_cics_key": pki.server.key_pem(),
            "adopted": {"yaml": "---\nzosconnect_connections: []\n"},
            # Nothing of z/OS is here, so what asks the stack is answered as by a team that has not installed it yet.
            "connections_pasearch": [],
            "connections_unproven": "accept",
            "connections_restore_dir": str(place),
            "zosconnect_server_dir": f"{place}/zceesrv1",
        }


def prepared(world: World, example: Example, number: int) -> Json:
    """Write the tasks of an example for its host, and return the host's variables."""
    place = world.server(number, old_store="key.jks" in str(example))
    tasks: list[Json] = []
    for play in world.here(example.plays, place):
        tasks += [*play.get("tasks", []), *map(included, play.get("roles", []))]
    # A host that fails would not be there for the second time.
    written = [{"block": tasks, "rescue": [{"meta": "noop"}]}]
    (world.project / f"example{number}.yml").write_text(json.dumps(written), encoding="utf-8")
    return {**world.here(example.variables, place), **world.variables(place)}


def included(role: str | Json) -> Json:
    """Return the task that a play's role is; nothing of z/OS is here that could be asked for the stack."""
    if isinstance(role, str):
        return {"include_role": {"name": role}}
    return {"include_role": {"name": role["role"]}, "vars": {**role["vars"], "connections_pasearch": []}}


@dataclass(frozen=True)
class Told:
    """What was seen of each example, by its name: changed tasks of the second time, and the last failure."""

    again: dict[str, list[tuple[str, Any]]]
    first: dict[str, int]
    failed: dict[str, str]
    job: Job


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, pki: Cast) -> Told:
    world = World(tmp_path_factory.mktemp("examples"), pki)
    hosts = {f"example{number}": prepared(world, example, number) for number, example in enumerate(examples())}
    tasks = [{"include_tasks": "{{ inventory_hostname }}.yml"}]
    plays = [
        {"name": name, "hosts": "zosconnect_servers", "gather_facts": False, "strategy": "free", "tasks": tasks}
        for name in ("first", "again")
    ]
    (world.project / "site.yml").write_text(json.dumps(plays), encoding="utf-8")
    here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    others = dict.fromkeys(("lpar2", "lpar_batch"), here)
    inventory = {"zosconnect_servers": {"hosts": hosts}, "others": {"hosts": others}}
    (world.folder / "inventory/hosts.yml").write_text(json.dumps(inventory), encoding="utf-8")
    return seen(run_project(world.folder, "site.yml"))


def seen(job: Job) -> Told:
    again: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    first: dict[str, int] = defaultdict(int)
    failed = {}
    names = {f"example{number}": example.name for number, example in enumerate(examples())}
    for event in job.events:
        data = event.get("event_data", {})
        name = names.get(data.get("host", ""), "")
        # An assertion that an example shows may hold or not.
        judged = data.get("resolved_action") == "ansible.builtin.assert" and name.partition(":")[0] in MODULES
        if event["event"] == "runner_on_failed" and not data.get("ignore_errors") and not judged:
            failed[name] = f"{data['task']}: {data['res'].get('msg')}"
        if event["event"] == "runner_on_ok" and data["res"].get("changed"):
            if data["play"].startswith("again"):
                again[name].append((data["task"], data["res"].get("changes") or data["res"].get("diff")))
            else:
                first[name] += 1
    return Told(again, first, failed, job)


def test_each_does_something_that_can_be_done_twice(told: Told) -> None:
    assert told.failed == {}
    assert {name: [task for task, _change in changes] for name, changes in told.again.items()} == {}


def test_some_change_something(told: Told) -> None:
    """What changes nothing the first time would prove nothing by the second."""
    assert len(told.first) >= 20


def test_what_runs_elsewhere_is_there_and_little() -> None:
    known = {one.name for one in (*of_modules(), *of_pages())}
    assert ELSEWHERE.keys() <= known
    assert len(ELSEWHERE) < 0.3 * len(known)
    named = {name for reason in ELSEWHERE.values() for name in re.findall(r"test_\w+\.py", reason)}
    assert [name for name in named if not Path(__file__).with_name(name).exists()] == []
