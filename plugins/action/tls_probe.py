# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action tls_probe: what is asked may hold keys and passwords, so it goes to the target in a private file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils.probing import OUTCOMES
from ansible_collections.zosconnect.security.plugins.module_utils.probing_tls import PROTOCOLS
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import SecurityAction, numbered
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import findings
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules import groups

_SECRET = {"type": "str", "no_log": True}
_REQUEST: dict[str, dict[str, Any]] = {
    "method": {"type": "str", "default": "GET"},
    "path": {"type": "str", "default": "/"},
    "headers": {"type": "dict", "default": {}},
    "username": {"type": "str"},
    "password": _SECRET,
    "body": {"type": "str"},
    "secret_headers": {"type": "dict", "default": {}, "no_log": True},
    "secret_body": _SECRET,
}
_PROBE: dict[str, dict[str, Any]] = {
    "host": {"type": "str"},
    "port": {"type": "int"},
    "server_name": {"type": "str"},
    "plain": {"type": "bool", "default": False},
    "validate_certs": {"type": "bool", "default": True},
    "ca_content": _SECRET,
    "ca_path": {"type": "str"},
    "client_certificate_content": _SECRET,
    "client_certificate_path": {"type": "str"},
    "client_key_content": _SECRET,
    "client_key_path": {"type": "str", "no_log": False},
    "client_key_passphrase": _SECRET,
    "min_protocol": {"type": "str", "choices": list(PROTOCOLS)},
    "max_protocol": {"type": "str", "choices": list(PROTOCOLS)},
    "request": {"type": "dict", "options": _REQUEST},
    "scan": {"type": "bool", "default": False},
    "timeout": {"type": "float", "default": 10},
    "expect": {"type": "list", "elements": "str", "choices": list(OUTCOMES)},
    "expect_status": {"type": "list", "elements": "int"},
}
_EXCLUSIVE = [(f"{name}_content", f"{name}_path") for name in ("ca", "client_certificate", "client_key")]
_OF_MANY = {"name": {"type": "str", "required": True}, **_PROBE}
_OF_MANY.update({name: {**_PROBE[name], "required": True} for name in ("host", "port")})


class ActionModule(SecurityAction):
    """Find out what TLS ports really demand."""

    ARGUMENTS = {
        **_PROBE,
        "probes": {"type": "list", "elements": "dict", "options": _OF_MANY, "mutually_exclusive": _EXCLUSIVE},
        "wait_seconds": {"type": "float", "default": 0},
        "prefix": {"type": "str", "default": ""},
    }
    RULES = {
        "mutually_exclusive": _EXCLUSIVE,
        "required_one_of": [("host", "probes")],
        "required_together": [("host", "port")],
    }

    def _options(self) -> dict[str, Any]:
        where = f"{self._task.args.get('prefix') or ''}probes"
        self.check_items("probes", _OF_MANY, {"mutually_exclusive": _EXCLUSIVE}, where)
        return super()._options()

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        many, where = options["probes"], f"{options['prefix']}probes"
        if many is None:
            (result,) = self._ask([options], options)
            return {"changed": False, **result}
        for name in sorted(self._task.args.keys() - {"probes", "wait_seconds", "prefix"}):
            raise SecurityError(f"{name}: is given beside probes; give it to each of them.")
        results = self._ask(many, options)
        for given, result in zip(many, results, strict=True):
            result["name"] = given["name"]
        failures = [
            f"{numbered(where, number, result)}: {result['msg']}"
            for number, result in enumerate(results)
            if result.get("failed")
        ]
        failure = {"failed": True, "msg": " ".join(failures)} if failures else {}
        return {"changed": False, "probes": results, **failure}

    def _ask(self, probes: list[dict[str, Any]], options: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return what each probe reports, as a failure where that is not what was expected."""
        if not 0 <= options["wait_seconds"] <= 3600:
            raise SecurityError("wait_seconds must be from 0 to 3600.")
        asked = [{key: value for key, value in probe.items() if key in _PROBE} for probe in probes]
        order = {"probes": asked, "wait_seconds": options["wait_seconds"]}
        answer = self.run_on_target("target_probe", {"order": self.send(json.dumps(order).encode())})
        if fault := answer.get("fault"):
            number = fault["number"]
            many = f"{numbered(options['prefix'] + 'probes', number, probes[number])}: " if options["probes"] else ""
            raise SecurityError(f"{many}{fault['sentence']}")
        return [_judged(probe, dict(report)) for probe, report in zip(probes, answer["probes"], strict=True)]


def _judged(given: Mapping[str, Any], report: dict[str, Any]) -> dict[str, Any]:
    """Return the report with what is wrong on its port, as a failure where it is not what was expected."""
    differences = report.pop("differences")
    report["findings"] = _findings(given, report["scan"]) if report["scan"] else []
    complaint = _complaint(given, report, differences)
    return {**report, "failed": True, "msg": complaint} if complaint else report


def _findings(given: Mapping[str, Any], scan: Mapping[str, Any]) -> list[dict[str, Any]]:
    host = f"[{given['host']}]" if ":" in given["host"] else given["host"]
    scanned = groups.Scanned(f"{host}:{given['port']}", scan)
    return [finding.shown() for finding in findings.found(scanned, groups.WIRE, (), {}, date.min)]


def _complaint(given: Mapping[str, Any], report: Mapping[str, Any], differences: list[str]) -> str | None:
    """Say what was expected instead, or nothing when the report is welcome."""
    if "outcome" in differences:
        expected = " or ".join(given["expect"] or ["ok"])
        return f"{report['msg']} The outcome is {report['outcome']}, expected was {expected}."
    if "status" in differences:
        return f"{report['msg']} Expected was {' or '.join(map(str, given['expect_status']))}."
    return None
