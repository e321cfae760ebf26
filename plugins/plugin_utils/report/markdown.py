# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A site as Markdown for a ticket: the verdicts, then each finding in a line; the worst server first.

Names come from configurations that others wrote, so nothing in them becomes markup, a link or a mention.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import evidence
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards import SEVERITIES
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.site import EXPLAINED, Finding, Server, Site
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.summary import worst_first

_MARKUP = re.compile(r"([\\`*_\[\]#|~$]|(?<=:)//|(?<=www)\.)")
# Braces, because AWX hands the text on as a variable: it must not become a template.
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&commat;", "{": "&lbrace;"})


def render(site: Site) -> str:
    """Return the text, which ends in a line end."""
    return "\n".join(_lines(site)) + "\n"


def _lines(site: Site) -> Iterator[str]:
    yield "# TLS of z/OS Connect servers"
    yield ""
    since = f", compared with {escaped(site.baseline_time)}" if site.baseline_time else ""
    yield f"{escaped(site.time)}{since}, zosconnect.security {escaped(site.collection_version)}"
    yield ""
    yield f"| server | verdict | {' | '.join(SEVERITIES)} | waived |"
    yield f"|---|---|{'---:|' * (len(SEVERITIES) + 1)}"
    servers = worst_first(site)
    yield from map(_row, servers)
    for server in servers:
        if server.findings or server.gone:
            yield from ("", f"## {escaped(server.host)}", "")
            yield from map(_finding, (*server.findings, *server.gone))


def _row(server: Server) -> str:
    counts = [sum(one.severity == each and not one.waived for one in server.findings) for each in SEVERITIES]
    waived = sum(one.waived for one in server.findings)
    # Where nobody looked there are not 0.
    shown = [str(one) if server.state == EXPLAINED else "?" for one in (*counts, waived)]
    return f"| {escaped(server.host)} | {escaped(server.verdict)} | {' | '.join(shown)} |"


def _finding(one: Finding) -> str:
    notes: list[str] = [one.change] if one.change and one.change != "unchanged" else []
    if one.waiver:
        notes.append(f"{'waived' if one.waived else 'waiver expired'}: {evidence.waiver(one.waiver)}")
    note = f" ({escaped('; '.join(notes))})" if notes else ""
    return f"- **{one.severity}** {escaped(one.id)} at {escaped(str(one.place))}: {escaped(one.message)}{note}"


def escaped(text: str) -> str:
    """Return a text that Markdown shows as it is: no markup, HTML, mention, template, and no address becomes a link."""
    return _MARKUP.sub(r"\\\1", text.translate(_ENTITIES))
