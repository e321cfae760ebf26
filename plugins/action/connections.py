# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action connections: one call to read, the engine, and where something changes one call to apply."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import action_console
from ansible_collections.zosconnect.security.plugins.plugin_utils import declared as declarations
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_members import Members
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import (
    change,
    elsewhere,
    outcome,
    reading,
    run,
    summary,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.reading import Places, Question, Read
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.run import RULES, Run
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.libraries import ahead

ahead("lxml.etree", "cryptography.x509")

_TEXT = {"type": "str", "default": ""}
_SECRET = {"type": "str", "no_log": True, "default": ""}
_NAMES = {"type": "list", "elements": "str", "default": []}
_ROUNDS = 20


class ActionModule(SecurityAction):
    """Make all of a declaration agree."""

    # Paths are of type str here: the target module expands ~ there, not the controller its own.
    ARGUMENTS = {
        "connections": {"type": "raw", "no_log": False},
        "state": {"type": "str", "choices": ["present", "absent", "gathered"], "default": "present"},
        "side": {"type": "str", "choices": ["both", "client"], "default": "both"},
        "part": {"type": "str", "choices": ["all", "read", "write", "told"], "default": "all"},
        "others": {"type": "list", "elements": "dict", "default": []},
        "before": {"type": "dict"},
        "server_dir": _TEXT,
        "identity_rule": {"type": "str", "choices": ["", *RULES], "default": ""},
        "inbound_policy": _TEXT,
        "inbound_policy_host": _TEXT,
        "outbound_policy": _TEXT,
        "outbound_policy_host": _TEXT,
        "policy_encoding": _TEXT,
        "zos_release": _TEXT,
        "zos_apars": _NAMES,
        "pasearch": _NAMES,
        "evidence": _TEXT,
        "csd_listing": _TEXT,
        "ring_listing": _TEXT,
        "user_id": _TEXT,
        "tcp_stack": _TEXT,
        "unproven": {"type": "str", "choices": ["refuse", "accept"], "default": "refuse"},
        "attls_ports": {"type": "raw", "default": []},
        "handover_dir": _TEXT,
        "handover_host": _TEXT,
        "policy_owner": _TEXT,
        "policy_group": _TEXT,
        "policy_mode": {"type": "raw", "default": ""},
        "handover_owner": _TEXT,
        "handover_group": _TEXT,
        "handover_mode": {"type": "raw", "default": ""},
        "server_xml_mode": {"type": "raw", "default": ""},
        "allow_expired": {"type": "bool", "default": False},
        "java_home": _TEXT,
        "backup": {"type": "bool", "default": True},
        "refresh": {"type": "str", "choices": ["operator", "mbean", "polled"], "default": "operator"},
        "refresh_url": _TEXT,
        "refresh_username": _TEXT,
        "refresh_password": _SECRET,
        "refresh_ca": _TEXT,
        **action_console.OPTIONS,
        "job_name": _TEXT,
        "zosconnect_version": _TEXT,
        "verify_host": {"type": "str", "default": "127.0.0.1"},
        "verify_seconds": {"type": "int", "default": 60},
        "restore_dir": _TEXT,
        "full_results": {"type": "bool", "default": False},
        "prefix": _TEXT,
    }

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        # Whoever looks at the statistics must find every host in them.
        is_told = "summary" in result or not (result.get("failed") or result.get("unreachable"))
        is_run = self._task.args.get("part", "all") == "all" and self._task.args.get("state") != "gathered"
        return {**result, "summary": summary.of_failure(result)} if is_run and not is_told else result

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        self._calls = 0
        self._jvm_starts = 0
        own = str(self._vars["inventory_hostname"])
        places = Places(own, str(self._task.delegate_to or own), options)
        self._members = Members(self, places.option_of_member())
        if options["part"] == "told" or not places.members():
            return self._work(options, places, own)
        with self._members:
            result = self._work(options, places, own)
        warnings = [*result.get("warnings", ()), *self._members.warnings]
        return {**result, **({"warnings": warnings} if warnings else {})}

    def _work(self, options: dict[str, Any], places: Places, own: str) -> dict[str, Any]:
        where = declarations.named(f"{options['prefix']}declared", self._vars) if options["prefix"] else "connections"
        gathered = options["state"] == "gathered"
        declared = [] if gathered else declarations.items(options["connections"], where)
        if options["part"] == "read":
            return {"changed": False, "there": self._read(reading.ask(declared, options, places)).shown(places.host)}
        told = options["part"] == "told"
        lost = [each for each in options["others"] if (each.get("unreachable") if told else "there" not in each)]
        if told or lost:
            rows = elsewhere.rows(lost, declared, places, options["prefix"])
            return elsewhere.result(rows, options["before"])
        run.check(options)
        action_console.check_options(self, options)
        if options["part"] == "write":
            read = self._read(reading.ask(declared, options, places))
            return self._carried_out(run.elsewhere(declared, options, read, places.host, own), options)
        question = reading.ask(declared, options, places)
        read = self._recovered(self._read(question), declared, options, places)
        reading.check_server(read)
        others = [reading.of_other(told["there"], own, options) for told in options["others"]]
        read = read.with_others(others)
        if gathered:
            outcome.check_stays(read)
            closed = reading.unread(read)
            read = self._with_stores(read, closed, options, closed)
            return {"changed": False, **self._gathered(read, options, own), **self._cost()}
        planned = run.planned_of(declared, options, read)
        named = {wanted["path"] for wanted in planned["stores"] if wanted["is_named_by_server"]}
        read = self._with_stores(read, change.unread(planned, read), options, named)
        return self._carried_out(run.plan(declared, planned, options, read, own), options)

    def _gathered(self, read: Read, options: dict[str, Any], own: str) -> dict[str, Any]:
        # What most runs do not need is loaded when it is: ansible-core compiles it in each of them.
        from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt import gather

        found = gather.gather(replace(read.present, csd=options["csd_listing"]), options, own)
        return {**found, "next": [self.playbook("connections", "--check", "--diff")]}

    def _with_stores(self, read: Read, stores: dict[str, str], options: dict[str, Any], named: Collection[str]) -> Read:
        """Read stores too that the first call could not open; this is a call more.

        Of those that only the server's files name (``named``), root reads what their owner may read.
        """
        server = read.present.server
        if not stores or server is None:
            return read
        by = {"server_dir": server.places.server}
        asked = [{**reading.store(path, options), **(by if path in named else {})} for path in stores]
        answer = self._ask({"stores": asked, "known_files": sorted(server.facts)}, stores)
        self._jvm_starts += answer["jvm_starts"]
        return read.with_stores(answer["stores"])

    def _read(self, question: Question) -> Read:
        """Read all that is asked in one call; only what a server names and nobody followed costs another one."""
        began = time.time()
        answers = [self._ask(question.body, question.secrets)]
        ahead = reading.ahead(began, time.time(), answers[0]["time"])
        server = question.server
        while server is not None and len(answers) <= _ROUNDS:
            server.take(question.of_server(answers[0]) if len(answers) == 1 else answers[-1])
            more = server.next_question()
            if more is None:
                break
            answers.append(self._ask(more))
        held = {path: self._members.item(member) for path, member in question.places.members().items()}
        read = replace(question.take(answers, held), ahead=ahead)
        self._jvm_starts += read.jvm_starts
        return read

    def _ask(self, body: Mapping[str, Any], secrets: Mapping[str, Any] | None = None) -> dict[str, Any]:
        self._calls += 1
        return self.ask(body, secrets or {})

    def _recovered(self, read: Read, declared: Sequence[object], options: dict[str, Any], places: Places) -> Read:
        """Finish or undo what an interrupted run left, and read again; in check mode it is only told."""
        left = outcome.left_behind(read)
        if not left or self._task.check_mode or options["state"] == "gathered":
            return read
        recovered = self.settle(outcome.recovery(left, options))
        return replace(self._read(reading.ask(declared, options, places)), recovered=recovered)

    def _carried_out(self, planned: Run, options: dict[str, Any]) -> dict[str, Any]:
        """Carry out each order of a run, unless in check mode; return what there is to tell."""
        for each in planned.made.new_members(planned.host):
            self._members.can_hold(each.member, each.new)
        while (order := planned.next_order()) is not None and not self._task.check_mode:
            if folder := planned.missing_folder():
                self._make(folder, options)
            planned.take(self._members.apply(planned.next_members(), order, self.apply, backup=options["backup"]))
        if self._task.check_mode:
            planned.pretend()
        else:
            self._give(planned, options)
        if not self._task.check_mode and (order := planned.settling()):
            answer = self.apply(order)
            planned.remarks.append(answer["message"] or answer["pending"])
        restore_file, why_not = self._restore_file(planned, options)
        result = planned.result(restore_file, undo=why_not or self._undo(restore_file), diff=bool(self._task.diff))
        return {**result, **self._cost()}

    def _give(self, planned: Run, options: dict[str, Any]) -> None:
        """Have a console told, where that was asked for. Where it refuses, the files stay changed."""
        groups = planned.to_give()
        for number, changed in enumerate(groups):
            self._calls += 1
            try:
                told = action_console.give(self, changed, options, planned.planned["zosconnect_version"])
            except SecurityError as e:
                planned.refused(str(e), groups[number:])
                return
            planned.gave(changed, told.answers)
            planned.remarks += told.warnings

    def _cost(self) -> dict[str, int]:
        return {"remote_calls": self._calls + self._members.calls, "jvm_starts": self._jvm_starts}

    def apply(self, order: Mapping[str, Any]) -> dict[str, Any]:
        self._calls += 1
        answer = super().apply(order)
        self._jvm_starts += answer.get("jvm_starts", 0)
        return answer

    def _make(self, folder: str, options: Mapping[str, Any]) -> None:
        """Make the directory for other teams; one that is there keeps its mode."""
        self._calls += 1
        made = self._execute_module(
            module_name="ansible.builtin.file",
            module_args={"path": folder, "state": "directory"},
            task_vars=self._vars,
        )
        if made.get("failed"):
            raise SecurityError(f"{options['prefix']}handover_dir: {made.get('msg')}")

    def _restore_file(self, planned: Run, options: dict[str, Any]) -> tuple[str | None, str]:
        """Write on the controller what the playbook restore needs; return its name, or why there is none."""
        items = planned.restore()
        if not items or self._task.check_mode or not options["restore_dir"]:
            return None, ""
        now = datetime.now(UTC)
        host = str(self._vars["inventory_hostname"])
        path = Path(options["restore_dir"], run.restore_name(host, now))
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(run.restore_text(host, now, items))
        except OSError as e:
            return None, f"by zosconnect_restore of the statistics; {path} could not be written: {e.strerror}"
        return str(path), ""

    def _undo(self, restore_file: str | None) -> str:
        """Return the command that undoes the run, as it can be typed."""
        if restore_file is None:
            return ""
        return self.playbook("restore", "-e", f"@{restore_file}")
