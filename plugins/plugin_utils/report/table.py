# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A site as one table for auditors: a row for each API requester, finding and certificate; as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import evidence
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.site import (
    EXPLAINED,
    Certificate,
    Finding,
    Place,
    Requester,
    Server,
    Site,
)

OF_REQUESTERS = (
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
COLUMNS = (
    *OF_REQUESTERS,
    "kind",
    "server_dir",
    "finding",
    "severity",
    "place",
    "change",
    "certificate",
    "days_left",
)
# A spreadsheet takes a text that begins so for a formula, in some languages in characters of full width too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
Row = dict[str, str]


def render(site: Site) -> str:
    """Return the table as CSV with a line of titles.

    All cells are quoted: where a spreadsheet separates by semicolons, one inside a cell would start another cell.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows({key: cell(value) for key, value in row.items()} for row in rows(site))
    return text.getvalue()


def cell(value: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def rows(site: Site) -> Iterator[Row]:
    """Yield the rows, server by server; a server without API requesters has a row that says why."""
    for server in site.servers:
        yield from _requesters(site, server)
        yield from (_finding(site, server, finding) for finding in (*server.findings, *server.gone))
        yield from (_certificate(site, server, certificate) for certificate in server.certificates)


def requesters(site: Site) -> Iterator[Row]:
    """Yield the rows of API requesters and web applications alone, with the columns that they need."""
    for server in site.servers:
        yield from ({name: row[name] for name in OF_REQUESTERS} for row in _requesters(site, server))


def _requesters(site: Site, server: Server) -> Iterator[Row]:
    for one in server.requesters:
        yield _requester(site, server, one)
    if not server.requesters:
        yield _row(site, server, kind="server", verdict=_why_none(server))


def _row(site: Site, server: Server, **cells: str) -> Row:
    ours = {"host": server.host, "server_dir": server.server_dir, "time": site.time}
    return {**dict.fromkeys(COLUMNS, ""), **ours, "collection_version": site.collection_version, **cells}


def _why_none(server: Server) -> str:
    if server.state != EXPLAINED:
        return f"{server.state}: {server.message}".removesuffix(": ")
    note = (server.result.get("require_secure") or {}).get("note")
    return server.refused or note or "no API requester is configured"


def _requester(site: Site, server: Server, one: Requester) -> Row:
    secure = {} if one.secure is None else {"require_secure": str(one.secure).lower(), "decided_by": one.scope}
    return _row(
        site,
        server,
        kind=one.kind,
        requester=one.name,
        verdict=one.verdict,
        deciding_line=str(one.decided_at),
        file_sha256=server.checksum(one.decided_at),
        waivers="; ".join(_waivers(server, {one.decided_at, one.place})) if one.secure is not None else "",
        **secure,
    )


def _waivers(server: Server, places: set[Place | None]) -> Iterable[str]:
    """Return the waivers that count today for findings at these places."""
    found = [one.waiver for one in server.findings if one.waived and one.waiver and one.place in places]
    return dict.fromkeys(evidence.waiver(each) for each in found)


def _finding(site: Site, server: Server, one: Finding) -> Row:
    return _row(
        site,
        server,
        kind="finding",
        finding=one.id,
        severity=one.severity,
        place=str(one.place),
        verdict=one.message,
        file_sha256=server.checksum(one.place),
        waivers=f"{'' if one.waived else 'expired: '}{evidence.waiver(one.waiver)}" if one.waiver else "",
        change=one.change or "",
    )


def _certificate(site: Site, server: Server, one: Certificate) -> Row:
    return _row(
        site,
        server,
        kind="certificate",
        certificate=one.subject or "",
        place=str(one.place),
        verdict=f"valid until {one.not_after}" if one.not_after else "",
        days_left="" if one.days_left is None else str(one.days_left),
    )
