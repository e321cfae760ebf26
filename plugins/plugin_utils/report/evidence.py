# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A site as evidence for programs: JSON of a version, as ``docs/report.schema.json`` describes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards import ASKED, ASKED_OF_KEYS
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.standards import Row
from ansible_collections.zosconnect.security.plugins.plugin_utils.report import table
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.baseline import FORMAT, FORMAT_VERSION
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.site import (
    EXPLAINED,
    Certificate,
    Finding,
    Probe,
    Server,
    Site,
)

Json = dict[str, Any]
_ONLY_ASKED = {card.id for card in (*ASKED, *ASKED_OF_KEYS)}
# What server_config_info returned goes into the evidence as it is.
_AS_RETURNED = ("files", "ports", "endpoints", "zosconnect", "requesters")


def render(site: Site) -> str:
    """Return the evidence as text, a finding or another fact on each line, so that two reports can be compared.

    Other characters than those of ASCII are escaped, so that no editor turns them.
    """
    return _text(report(site), 4) + "\n"


def _text(given: Any, levels: int, indent: str = "\n") -> str:
    """Return JSON whose lists and mappings have a line for each item, down to so many levels."""
    if not levels or not given or not isinstance(given, (dict, list)):
        return json.dumps(given)
    inner = f"{indent} "
    if isinstance(given, list):
        return f"[{inner}{f',{inner}'.join(_text(one, levels - 1, inner) for one in given)}{indent}]"
    items = (f"{json.dumps(name)}: {_text(one, levels - 1, inner)}" for name, one in given.items())
    return f"{{{inner}{f',{inner}'.join(items)}{indent}}}"


def report(site: Site) -> Json:
    """Return the evidence as plain data."""
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "time": site.time,
        "collection_version": site.collection_version,
        "baseline_time": site.baseline_time,
        "hosts": [_host(server) for server in site.servers],
        "requesters": list(table.requesters(site)),
    }


def finding(one: Finding) -> Json:
    """Return a finding as plain data."""
    texts = {"origin": str(one.place), "place": vars(one.place)}
    return {**vars(one), **texts, "remedy": list(one.remedy), "about": list(one.about)}


def _host(server: Server) -> Json:
    state = {"host": server.host, "state": server.state, "verdict": server.verdict, "safe": server.safe}
    if server.state != EXPLAINED:
        return {**state, "message": server.message}
    return {
        **state,
        "server_dir": server.server_dir,
        "complete": server.complete,
        "unseen": list(server.unseen),
        "refused": server.refused,
        "looked_at": list(server.looked_at),
        **{name: server.result.get(name) for name in _AS_RETURNED},
        "findings": [finding(one) for one in server.findings],
        "gone": [finding(one) for one in server.gone],
        "standards": [_rule(name, row) for name, rows in server.standards.items() for row in rows],
        "asked_by_standards": list(asked(server)),
        "certificates": [_certificate(one) for one in server.certificates],
        "probes": [_probe(one) for one in server.probes],
    }


def asked(server: Server) -> Iterator[Json]:
    """Yield once what is told under rules of standards alone, as plain data."""
    rows = (row for rows in server.standards.values() for row in rows)
    found = {
        (one["id"], one["origin"], one["message"]): one
        for row in rows
        for one in row.shown()["findings"]
        if one["id"] in _ONLY_ASKED
    }
    yield from (found[identity] for identity in sorted(found))


def _rule(standard: str, row: Row) -> Json:
    """Return a rule of a standard; its findings are those of the host with these ids, or what only standards ask."""
    kept = ("id", "title", "severity", "state", "accepted", "why", "shown_by")
    shown, found = row.shown(), {one["id"] for one in row.findings}
    return {"standard": standard, **{name: shown[name] for name in kept}, "findings": sorted(found)}


def _certificate(one: Certificate) -> Json:
    return {**vars(one), "names": list(one.names), "elements": [str(place) for place in one.elements]}


def _probe(one: Probe) -> Json:
    return {**vars(one), "protocols": list(one.protocols), "groups": list(one.groups)}
