# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What server_config_info told, for people: readable lines for one server, and evidence for many as data and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.version import VERSION

Result = Mapping[str, Any]
COLUMNS = (
    "host",
    "requester",
    "verdict",
    "require_secure",
    "decided_by",
    "deciding_line",
    "file_sha256",
    "time",
    "collection_version",
    "waivers",
)
_SHOWN = ("server_dir", "complete", "unseen", "refused", "files", "ports", "endpoints", "requesters", "findings")


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
        return [f"{state(result)}: {result.get('msg', 'there is no message')}"]
    parts = {
        "ports": [_port(port) for port in result["ports"]],
        "calls": [f"{call['url']} ({call['id']}, {call['origin']}): {call['verdict']}" for call in result["endpoints"]],
        "API requesters": [_requester(requester) for requester in result["requesters"]],
        "findings": [_finding(finding) for finding in result["findings"]],
        "not seen": [*result["unseen"]],
    }
    if result.get("running"):
        parts["not compared with the running server"] = result["running"]["not_compared"]
    head = [result["server_dir"]] + [f"refused: {result['refused']}"] * bool(result["refused"])
    for title, items in parts.items():
        head += [f"{title}:", *(f"  {item}" for item in items)] if items else [f"{title}: none"]
    return head


def _port(port: Result) -> str:
    return f"{port['host']}:{port['port']} {port['protocol']} ({port['endpoint']}, {port['origin']}): {port['verdict']}"


def _requester(one: Result) -> str:
    secure, auth = one["requireSecure"], one["requireAuth"]
    return f"{one['name']}: {one['verdict']}; requireSecure {_decision(secure)}; requireAuth {_decision(auth)}"


def _decision(decision: Result) -> str:
    by = "by default" if decision["scope"] == "default" else f"by {decision['scope']} at {decision['origin']}"
    return f"{str(decision['value']).lower()} {by}"


def _finding(finding: Result) -> str:
    waiver = finding["waiver"]
    accepted = f" [{'waived' if finding['waived'] else 'waiver expired'}: {_waiver(waiver)}]" if waiver else ""
    return f"{finding['severity']} {finding['id']} at {finding['origin']}: {finding['message']}{accepted}"


def _waiver(waiver: Result) -> str:
    return f"{waiver['id']} until {waiver['expires']}, {waiver['ticket']}, {waiver['owner']}"


def evidence(results: Mapping[str, Result], time: str) -> dict[str, Any]:
    """Return ``report`` (plain data) and ``csv`` (text) on all hosts, in the order of their names.

    ``time`` is written as it is. A host without a result is listed as such.
    """
    rows = [row for host in sorted(results) for row in _rows(host, results[host], time)]
    report = {
        "time": time,
        "collection_version": VERSION,
        "hosts": [_host(host, results[host]) for host in sorted(results)],
        "requesters": rows,
    }
    return {"report": report, "csv": _csv(rows)}


def _host(host: str, result: Result) -> dict[str, Any]:
    if state(result) != "explained":
        return {"host": host, "state": state(result), "message": str(result.get("msg", ""))}
    return {"host": host, "state": "explained", **{key: result[key] for key in _SHOWN}}


def _rows(host: str, result: Result, time: str) -> Iterator[dict[str, str]]:
    """Yield a row for each API requester, or one that says why there is none."""
    row = {**dict.fromkeys(COLUMNS, ""), "host": host, "time": time, "collection_version": VERSION}
    if state(result) != "explained":
        yield {**row, "verdict": f"{state(result)}: {result.get('msg', '')}".removesuffix(": ")}
        return
    told = result["require_secure"]
    checksums = {file["path"]: file["sha256"] for file in result["files"]}
    for one in result["requesters"]:
        secure = one["requireSecure"]
        yield {
            **row,
            "requester": one["name"],
            "verdict": one["verdict"],
            "require_secure": str(secure["value"]).lower(),
            "decided_by": secure["scope"],
            "deciding_line": secure["origin"],
            "file_sha256": checksums.get(_path(secure["origin"]), ""),
            "waivers": "; ".join(_waivers(result, {secure["origin"], one["origin"]})),
        }
    if not result["requesters"]:
        yield {**row, "verdict": result["refused"] or told.get("note") or "no API requester is configured"}


def _waivers(result: Result, places: set[str]) -> list[str]:
    """Return the waivers that count today for findings at these places."""
    found = [f["waiver"] for f in result["findings"] if f["waived"] and f["origin"] in places]
    return list(dict.fromkeys(_waiver(waiver) for waiver in found))


def _path(origin: str) -> str:
    return origin.partition(" through ")[0].rpartition(":")[0]


def _csv(rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return text.getvalue()


def _cell(value: str) -> str:
    """A spreadsheet takes a text that begins so for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
