# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report in a few lines: one for each server, the worst first, and one that names the files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards import SEVERITIES
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.site import (
    Certificate,
    Server,
    Site,
)

SOON = 30  # days that a certificate has left when it is to be renewed
ORDER = {False: 0, None: 1, True: 2}
WORDS = {False: "NOT SAFE", None: "unknown", True: "safe"}
# About clear text a line says more than that there is such a finding.
_CLEAR = "requester-cleartext"
_MOST = 20_000  # characters of a text that becomes an artifact of a job


def worst_first(site: Site) -> list[Server]:
    """Return the servers: those that are not safe, those of which nobody knows, the others; by findings, then name."""

    def key(server: Server) -> tuple[object, ...]:
        return ORDER[server.safe], [-open_ones(server, severity) for severity in SEVERITIES], server.host

    return sorted(site.servers, key=key)


def open_ones(server: Server, severity: str) -> int:
    """Count the findings of a severity that nobody accepts."""
    return sum(one.severity == severity and not one.waived for one in server.findings)


def by_days(server: Server) -> list[Certificate]:
    """Return the certificates by the days that they have left, own ones before trusted ones; without an end last."""
    return sorted(
        server.certificates,
        key=lambda one: (one.days_left is None, one.days_left or 0, not one.has_key, one.store, one.alias),
    )


def ends(one: Certificate) -> str:
    """Say when a certificate ends."""
    if one.days_left is None:
        return "nobody knows when"
    return f"expired {-one.days_left:,} days ago" if one.days_left < 0 else f"in {one.days_left:,} days"


def lines(site: Site) -> list[str]:
    """Return a line for each server: its name, whether it is safe, and why."""
    servers = worst_first(site)
    width = max((len(server.host) for server in servers), default=0)
    return [f"{server.host:{width}}  {WORDS[server.safe]:8}  {_why(server)}" for server in servers]


def _why(server: Server) -> str:
    if server.safe is None:
        return server.verdict.partition(": ")[2]
    parts = list(_troubles(server)) if server.safe is False else [_there(server), *_findings(server, SEVERITIES[1:])]
    soon = [one for one in by_days(server) if one.days_left is not None and one.days_left < SOON]
    if soon:
        more = f" (and {len(soon) - 1:,} more)" if len(soon) > 1 else ""
        parts.append(f"certificate {soon[0].alias}: ends {ends(soon[0])}{more}")
    return "; ".join(parts)


def _troubles(server: Server) -> Iterator[str]:
    plain = [one for one in server.requesters if one.safe is False and not one.waived]
    if plain:
        place = str(plain[0].decided_at).replace(f"{server.server_dir}/", "")
        verb = "accepts" if len(plain) == 1 else "accept"
        yield f"{len(plain)} of {_counted(len(server.requesters), 'API requester')} {verb} plain http ({place})"
    high = [one for one in server.findings if one.severity == SEVERITIES[0] and not one.waived and one.id != _CLEAR]
    if high:
        # Those about clear text are told above: the report counts all.
        what = "more high finding" if plain else "high finding"
        yield f"{_counted(len(high), what)} ({', '.join(dict.fromkeys(one.id for one in high))})"


def _there(server: Server) -> str:
    counted = ((len(server.requesters), "API requester"), (len(server.ports), "port"), (len(server.calls), "call"))
    return ", ".join(_counted(number, what) for number, what in counted)


def _findings(server: Server, severities: Sequence[str]) -> Iterator[str]:
    said = [_counted(open_ones(server, each), f"{each} finding") for each in severities if open_ones(server, each)]
    if said:
        yield ", ".join(said)


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def named(path: str, suffixes: Sequence[str], *, check_mode: bool = False) -> str:
    """Say which files the report is, or in check mode would be."""
    first, *others = suffixes
    what, more = "Would write" if check_mode else "Report", f" (also {' '.join(others)})" if others else ""
    return f"{what}: {path}{first}{more}"


def cut(text: str) -> str:
    """Return a text that is short enough for an artifact, whole lines of it."""
    if len(text) <= _MOST:
        return text
    return f"{text[:_MOST].rpartition(chr(10))[0]}\n\nMore did not fit here; the files have all.\n"
