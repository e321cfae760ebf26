# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action connections_verify: ask all ports in one call, say of each connection whether it is as declared."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import unread
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import installed
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import callers, verification
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.verification import Question
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import items, named, text
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.variables import Variables

_SECRET = {"type": "raw", "no_log": True}


class ActionModule(SecurityAction):
    """Prove on the wire what was declared."""

    ARGUMENTS = {
        "connections": {"type": "raw"},
        "variable": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "place": {"type": "str", "choices": ["all", "callers", "server"], "default": "all"},
        "verify_host": {"type": "str", "default": "127.0.0.1"},
        "verify_seconds": {"type": "int", "default": 60},
        "callers": {"type": "dict", "default": {}},
        "server_name": {"type": "str"},
        "ca": {"type": "str"},
        "caller_certificate": _SECRET,
        "caller_key": _SECRET,
        "caller_key_passphrase": _SECRET,
        "request_path": {"type": "str"},
        "request_username": {"type": "str"},
        "request_password": _SECRET,
        "expected_status": {"type": "raw"},
        "expected_text": {"type": "str"},
        "netstat": {"type": "dict", "default": {}},
        "tcp_stack": {"type": "str"},
    }
    RULES = {
        "required_one_of": [("connections", "variable")],
        "mutually_exclusive": [("connections", "variable")],
    }

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        # Whoever looks for what is not proved alone must not take nothing for all.
        nothing = result.get("failed") or result.get("unreachable")
        return {"proved": {}, "unproved": [result["msg"]], **result} if nothing else result

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        questions = _questions(options, self._declared(options))
        shown = verification.shown(questions, self._ask(questions, options), now=datetime.now(UTC))
        rules = _rules(options) if options["place"] != "server" else []
        failures = [one["sentence"] for one in shown["connections"] if not one["verified"]]
        failures += [rule["sentence"] for rule in rules if not rule["verified"]]
        failure = {"failed": True, "msg": " ".join(failures)} if failures else {}
        return {"changed": False, "verified": not failures, **shown, "rules": rules, "unproved": failures, **failure}

    def _declared(self, options: Mapping[str, Any]) -> list[object]:
        """Return the declaration; of a variable only what shows on the wire is evaluated."""
        name = options["variable"]
        if name is None:
            return items(options["connections"], "connections")
        raw = unread.without(self._vars, name, verification.is_unread)
        evaluate = self._templar.copy_with_new_env(available_variables=raw).template
        if complaints := Variables(raw, evaluate).complaints({name: {"type": "raw", "required": True}}):
            raise SecurityError(complaints[0])
        return items(evaluate(raw[name]), named(name, raw))

    def _ask(self, questions: Sequence[Question], options: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return what the ports showed, after the time that a server may need to open them."""
        if not questions:
            return []
        order = {"probes": [one.wanted for one in questions], "wait_seconds": options["verify_seconds"]}
        answer = self.run_on_target("target_probe", {"order": self.send(json.dumps(order).encode())})
        if fault := answer.get("fault"):
            raise SecurityError(verification.fault(questions[fault["number"]], fault["sentence"]))
        reports: list[dict[str, Any]] = answer["probes"]
        return reports


def _questions(options: Mapping[str, Any], declared: Sequence[object]) -> list[Question]:
    connections, endpoints = verification.read(declared)
    names = [item.name for item in connections] + [item.name for item in endpoints]
    found: list[Question] = []
    if options["place"] != "server":
        common = {key: options[key] for key in callers.KEYS}
        own = callers.callers(options["callers"], names, common)
        found += verification.of_callers(connections, own, host=options["verify_host"], state=options["state"])
    if options["place"] != "callers" and options["state"] == "present":
        found += verification.of_server(endpoints)
    return found


def _rules(options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Say which AT-TLS rules the stack gave to connections, and what came of the handshakes."""
    found = []
    for rule, report in options["netstat"].items():
        held = installed.protected(
            text(report, f"connections_netstat.{rule}"), rule=rule, stack=options["tcp_stack"] or None
        )
        found.append({"rule": rule, "verified": held.proven, "sentence": held.why})
    return found
