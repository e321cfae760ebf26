# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A target that answers as target_read and target_apply do, and runs of a declaration on it, without Ansible."""

from __future__ import annotations

import base64
import hashlib
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import reading, run
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.reading import Places, Read

Json = dict[str, Any]

HOST = "zceesrv1"
# What ~ is on a host.
HOME = "/u/ansible"
OPTIONS: Json = {
    **dict.fromkeys(
        (
            *("server_dir", "identity_rule", "inbound_policy", "inbound_policy_host", "outbound_policy"),
            *("outbound_policy_host", "policy_encoding", "zos_release", "evidence", "tcp_stack", "handover_dir"),
            *("handover_host", "server_xml_mode", "java_home", "refresh_url", "refresh_username", "refresh_password"),
            *("refresh_ca", "job_name", "zosconnect_version", "restore_dir"),
            *(f"{kind}_{key}" for kind in ("policy", "handover") for key in ("owner", "group", "mode")),
        ),
        "",
    ),
    "state": "present",
    "side": "both",
    "zos_apars": [],
    "pasearch": [],
    "attls_ports": [],
    "unproven": "refuse",
    "allow_expired": False,
    "backup": True,
    "refresh": "operator",
    "operator": "",
    "tsocmd": "/bin/tsocmd",
    "verify_host": "127.0.0.1",
    "verify_seconds": 60,
    "full_results": False,
    "prefix": "connections_",
    "before": None,
}


@dataclass
class Target:
    """Files by path, listings of stores by path, ports that answer, and what pasearch prints."""

    files: dict[str, bytes]
    stores: dict[str, Json] = field(default_factory=dict)
    open: dict[tuple[str, int], str] = field(default_factory=dict)
    pasearch: Json | None = None
    connector: Json = field(default_factory=dict)
    journals: list[Json] = field(default_factory=list)
    followed: Json = field(default_factory=dict)
    pending: Json = field(default_factory=dict)
    led: frozenset[str] = frozenset()
    strangers: frozenset[str] = frozenset()
    orders: list[Json] = field(default_factory=list)

    def item(self, path: str, *, content: bool = True) -> Json:
        path = path.replace("~", HOME)
        data = self.files.get(path)
        folder = posixpath.dirname(path)
        found: Json = {
            "path": path,
            "real_path": path,
            "state": "absent" if data is None else "file",
            "directory": folder,
            "directory_exists": True,
            "directory_writable": True,
            "user": "nobody" if folder in self.led or path in self.led else "root",
            "obstacle": None,
            "is_led": path in self.led,
            "attributes_differ": False,
        }
        if data is None:
            return found
        held = {"content": base64.b64encode(data).decode()} if content else {}
        return {**found, **held, "sha256": hashlib.sha256(data).hexdigest(), "mode": "0640"}

    def folder(self, asked: Json) -> Json:
        path, suffixes = asked["path"].replace("~", HOME), tuple(asked["suffixes"])
        inside = [each for each in self.files if each.startswith(f"{path}/")]
        if not inside:
            return {"path": path, "state": "absent", "message": ""}
        names = [each.removeprefix(f"{path}/") for each in inside]
        wanted = [each for each in inside if posixpath.dirname(each) == path and each.endswith(suffixes)]
        return {"path": path, "state": "directory", "names": names, "files": [self.item(each) for each in wanted]}

    def answer(self, body: Json) -> Json:
        """What target_read says to a question."""
        listeners = [
            {**asked, "address": self.open.get((asked["host"], asked["port"]))} for asked in body.get("listeners", ())
        ]
        commands = [
            {"name": "pasearch", "rc": 0, "stderr": "", **(self.pasearch or {})} for _asked in body.get("commands", ())
        ]
        return {
            "files": [self.item(asked["path"], content=asked.get("content", True)) for asked in body["files"]],
            "folders": [self.folder(asked) for asked in body["folders"]],
            "stores": [
                {**self.item(asked["path"]), **self.stores.get(asked["path"], EMPTY)}
                for asked in body.get("stores", ())
            ],
            "followed": [{"files": [], "folders": [], **self.followed} for _asked in body.get("follow", ())],
            "accounts": [{**one, "is_known": one["name"] not in self.strangers} for one in body.get("accounts", ())],
            "listeners": listeners,
            "commands": commands,
            "connector": self.connector,
            "journals": self.journals,
            "pending": self.pending,
            "jvm_starts": len(body.get("stores", ())),
        }

    def read(self, declared: Sequence[object], options: Json, host: str = HOST) -> Read:
        """Read as the action does."""
        question = reading.ask(declared, options, Places(HOST, host, options))
        answers = [self.answer(question.body)]
        while question.server is not None:
            question.server.take(question.of_server(answers[0]) if len(answers) == 1 else answers[-1])
            if (more := question.server.next_question()) is None:
                break
            answers.append(self.answer(more))
        held = {path: member.item(self.files[path]) for path, member in question.places.members().items()}
        return question.take(answers, held)

    def plan(self, declared: Sequence[object], **others: object) -> run.Run:
        """Read, plan and judge as the action does."""
        options = {**OPTIONS, **others}
        run.check(options)
        read = self.read(declared, options)
        reading.check_server(read)
        return run.plan(declared, run.planned_of(declared, options, read), options, read, HOST)

    def apply(self, order: Json, **others: object) -> Json:
        """Carry an order out, as target_apply does."""
        self.orders.append(order)
        files = []
        for each in order["files"]:
            before = self.item(each["path"])
            if each.get("content") is not None:
                self.files[each["path"]] = base64.b64decode(each["content"])
            saved = f"{each['path']}.saved~" if each["backup"] and before["state"] == "file" else None
            sums = {"checksum_before": before.get("sha256"), "checksum_after": self.item(each["path"]).get("sha256")}
            files.append({"path": each["path"], "state": "new", "backup_file": saved, **sums, "message": ""})
            files[-1] |= {"real_path": each["path"], "made": before["state"] == "absent"}
        gates = [{"title": gate["title"], "as_declared": True} for gate in order["gates"]]
        answer: Json = {"outcome": "applied", "changed": True, "files": files, "gates": gates, "message": ""}
        return {**answer, "jvm_starts": 0, **others}

    def run(self, declared: Sequence[object], **others: object) -> Json:
        """Do all that a task does; return its result."""
        planned = self.plan(declared, **others)
        while (order := planned.next_order()) is not None:
            planned.take(self.apply(order))
        if (order := planned.settling()) is not None:
            self.orders.append(order)
        return planned.result(None, diff=True)


EMPTY: Json = {
    "format": None,
    "encryption": None,
    "entries": [],
    "requests": {},
    "unseen": False,
    "keytool": "/bin/keytool",
}
