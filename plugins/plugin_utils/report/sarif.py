# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A site as SARIF 2.1.0 (OASIS), so that findings appear at their lines in editors and code hosts.

Files are named relative to the directory of their server, whose place is the base ``SERVER_DIR`` (with several servers
``SERVER_DIR/HOST``). What is not in a file, such as a default, is a logical location.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import cards, evidence
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards import Card
from ansible_collections.zosconnect.security.plugins.plugin_utils.report import fixes
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.site import (
    EXPLAINED,
    File,
    Finding,
    Place,
    Server,
    Site,
)

Json = dict[str, Any]
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_HOME = "https://github.com/zosconnect/security"
_LEVELS = {"high": "error", "medium": "warning", "low": "note", "information": "note"}
# What code hosts sort by: a number as CVSS has it.
_SCORES = {"high": "8.0", "medium": "5.0", "low": "2.0", "information": "0.0"}
_CHANGES = {"new": "new", "unchanged": "unchanged", "gone": "absent"}
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/")


def render(site: Site) -> str:
    """Return the text of one SARIF log with one run."""
    rules = _rules(site)
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    bases = _bases(site.servers)
    driver = {"name": "zosconnect.security", "version": site.collection_version, "informationUri": _HOME}
    run = {
        "tool": {"driver": {**driver, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {name: _base(server) for name, server in bases.items()},
        "invocations": [_invocation(site, server) for server in site.servers],
        "artifacts": [_artifact(server, name, file) for name, server in bases.items() for file in server.files],
        "results": [
            _result(server, name, finding, numbers[finding.id])
            for name, server in bases.items()
            for finding in (*server.findings, *server.gone)
        ],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _bases(servers: Iterable[Server]) -> dict[str, Server]:
    explained = [server for server in servers if server.state == EXPLAINED]
    if len(explained) == 1:
        return {"SERVER_DIR": explained[0]}
    return {f"SERVER_DIR/{server.host}": server for server in explained}


def _base(server: Server) -> Json:
    return {"uri": f"file://{_quoted(server.server_dir)}/", "description": {"text": f"server on {server.host}"}}


def _rules(site: Site) -> list[Json]:
    """Return the rules of what is looked at, and of findings for which there is no card here."""
    looked_at = (*cards.SERVER, *cards.KEYS, *cards.WIRE)
    rules = {card.id: _rule(card) for card in looked_at}
    for finding in (one for server in site.servers for one in (*server.findings, *server.gone)):
        if finding.id not in rules:
            rules[finding.id] = _rule(cards.CARDS.get(finding.id) or _card(finding))
    return list(rules.values())


def _card(finding: Finding) -> Card:
    texts = finding.why, finding.source, finding.action or ""
    return Card(finding.id, finding.title or finding.id, finding.severity, *texts)


def _rule(card: Card) -> Json:
    references = [
        {"standard": cards.STANDARDS[one.standard], "id": one.id, **({"note": one.note} if one.note else {})}
        for one in card.references
    ]
    return {
        "id": card.id,
        "shortDescription": {"text": card.title},
        "fullDescription": {"text": card.why or card.title},
        "help": {"text": " ".join(filter(None, [card.why, card.action, f"Source: {card.source}."]))},
        "defaultConfiguration": {"level": _LEVELS[card.severity]},
        "properties": {"tags": ["security"], "security-severity": _SCORES[card.severity], "references": references},
    }


def _invocation(site: Site, server: Server) -> Json:
    told = [("warning", sentence) for sentence in server.unseen]
    if server.state != EXPLAINED:
        told.append(("error", f"{server.host}: {server.state}: {server.message}".removesuffix(": ")))
    if server.refused:
        told.append(("error", server.refused))
    end = {"endTimeUtc": site.time} if site.is_dated else {}
    return {
        "executionSuccessful": server.state == EXPLAINED,
        "toolExecutionNotifications": [{"level": level, "message": {"text": _text(text)}} for level, text in told],
        "properties": {"host": server.host, "serverDir": server.server_dir, "verdict": server.verdict},
        **end,
    }


def _artifact(server: Server, base: str, file: File) -> Json:
    hashes = {"hashes": {"sha-256": file.sha256}} if file.sha256 else {}
    return {"location": _artifact_location(server, base, file.path), **hashes}


def _artifact_location(server: Server, base: str, path: str) -> Json:
    inside = f"{server.server_dir}/"
    if path.startswith(inside):
        return {"uri": _quoted(path[len(inside) :]), "uriBaseId": base}
    return {"uri": f"file://{_quoted(path)}"}


def _quoted(path: str) -> str:
    """Return a path as a URI writes it (RFC 3986)."""
    return "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in path.encode("utf-8", "surrogatepass"))


def _result(server: Server, base: str, one: Finding, number: int) -> Json:
    where = (server.host, server.server_dir, *one.identity)
    identity = hashlib.sha256("\0".join(where).encode("utf-8", "surrogatepass")).hexdigest()
    result: Json = {
        "ruleId": one.id,
        "ruleIndex": number,
        "level": _LEVELS[one.severity],
        "message": {"text": _text(one.message)},
        "locations": [_location(server, base, one)],
        "partialFingerprints": {"finding/v1": identity},
        "properties": {"host": server.host, "severity": one.severity, "remedy": [*one.remedy], "action": one.action},
    }
    if one.change:
        result["baselineState"] = _CHANGES[one.change]
    if one.waived and one.waiver:
        text = f"{one.waiver['reason']} ({evidence.waiver(one.waiver)})"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": text}]
    if change := fixes.replacement(one):
        result["fixes"] = [_fix(server, base, one.place, change)]
    return result


def _text(text: str) -> str:
    """Return a message in which nothing is a link that somebody put into a name (SARIF 2.1.0, 3.11.6)."""
    return text.replace("](", "] (")


def _location(server: Server, base: str, one: Finding) -> Json:
    place = one.place
    told: Json = {"message": {"text": _text(str(place))}}
    if not place.is_file:
        return {**told, "logicalLocations": [{"fullyQualifiedName": str(place)}]}
    physical: Json = {"artifactLocation": _artifact_location(server, base, place.source)}
    if place.line is not None:
        snippet = {"snippet": {"text": one.excerpt}, "startColumn": one.column} if one.excerpt and one.column else {}
        physical["region"] = {"startLine": place.line, **snippet}
    return {**told, "physicalLocation": physical}


def _fix(server: Server, base: str, place: Place, change: fixes.Replacement) -> Json:
    replaced = {
        "deletedRegion": {"startLine": place.line, "startColumn": change.start, "endColumn": change.end},
        "insertedContent": {"text": change.text},
    }
    where = _artifact_location(server, base, place.source)
    changed = {"artifactLocation": where, "replacements": [replaced]}
    return {"description": {"text": "What the finding's remedy sets."}, "artifactChanges": [changed]}
