# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results of server_config_info for people: readable lines for one server."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import clean

Result = Mapping[str, Any]


def state(result: Result) -> str:
    """Return ``explained``, ``unreachable``, ``failed``, or ``not run``."""
    if "findings" in result:
        return "explained"
    if result.get("unreachable"):
        return "unreachable"
    return "failed" if result else "not run"


def lines(result: object) -> list[str]:
    """Return one server's ports, calls, API requesters and findings as lines; raise SecurityError for anything else."""
    if not isinstance(result, Mapping):
        raise SecurityError("needs a result of server_config_info.")
    if state(result) != "explained":
        return [clean(f"{state(result)}: {result.get('msg', 'there is no message')}")]
    parts = {
        "ports": [_port(port) for port in result["ports"]],
        "calls": [f"{call['url']} ({call['id']}, {call['origin']}): {call['verdict']}" for call in result["endpoints"]],
        "API requesters": [_requester(requester) for requester in result["requesters"]],
        "findings": [_finding(finding) for finding in result["findings"]],
        "not seen": [*result["unseen"]],
    }
    if applications := result["zosconnect"]["web_applications"]:
        parts["web applications"] = [_application(one) for one in applications]
    if result.get("running"):
        parts["not compared with the running server"] = result["running"]["not_compared"]
    if result.get("waits"):
        parts["waits for the operator"] = result["waits"]
    short = _shortened(result["server_dir"])
    head = [result["server_dir"]] + [f"refused: {result['refused']}"] * bool(result["refused"])
    for title, items in parts.items():
        head += [f"{title}:", *(f"  {short(item)}" for item in items)] if items else [f"{title}: none"]
    return list(map(clean, head))


def _shortened(server_dir: str) -> Callable[[str], str]:
    """Return how a line names files of the server: by their place in its directory, which the first line names."""
    inside = re.compile(rf"(?<![\w./-]){re.escape(server_dir.rstrip('/'))}/")
    return lambda said: inside.sub("", said)


def _port(port: Result) -> str:
    return f"{port['host']}:{port['port']} {port['protocol']} ({port['endpoint']}, {port['origin']}): {port['verdict']}"


def _requester(one: Result) -> str:
    secure, auth = one["requireSecure"], one["requireAuth"]
    return f"{one['name']}: {one['verdict']}; requireSecure {_decision(secure)}; requireAuth {_decision(auth)}"


def _application(one: Result) -> str:
    called = f"calls {one['connection']} ({one['connection_origin']})" if one["connection"] else "names no connection"
    return f"{one['name']} ({one['origin']}): {one['verdict']}; {called}"


def _decision(decision: Result) -> str:
    by = "by default" if decision["scope"] == "default" else f"by {decision['scope']} at {decision['origin']}"
    return f"{str(decision['value']).lower()} {by}"


def _finding(finding: Result) -> str:
    given = finding["waiver"]
    accepted = f" [{'waived' if finding['waived'] else 'waiver expired'}: {waiver(given)}]" if given else ""
    return f"{finding['severity']} {finding['id']} at {finding['origin']}: {finding['message']}{accepted}"


def waiver(given: Result) -> str:
    """Return a waiver in few words: id, end, ticket, owner."""
    until = f" until {given['expires']}" if "expires" in given else ""
    return ", ".join([f"{given['id']}{until}", *filter(None, [given.get("ticket")]), given["owner"]])
