# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A site as JUnit XML: a suite for each host, a case for each rule, which fails over what is severe enough."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.libraries import require
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import cards, evidence
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.cards import SEVERITIES
from ansible_collections.zosconnect.security.plugins.plugin_utils.report import fixes
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.site import (
    EXPLAINED,
    Finding,
    Part,
    Server,
    Site,
)

# Which rules are looked at, by what is looked at.
_CARDS: dict[Part, Sequence[cards.Card]] = {"server": cards.SERVER, "keys": cards.KEYS, "wire": cards.WIRE}


def render(site: Site, *, fail_on: str = "low") -> str:
    """Return the text. A case fails where a finding of this severity or a worse one counts; others it only tells.

    What a waiver accepts is told too; a case of which nothing else is left is skipped.
    """
    etree: Any = require("lxml.etree", "lxml")
    failing = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    root = etree.Element("testsuites", name="zosconnect.security")
    for server in site.servers:
        dated = {"timestamp": site.time} if site.is_dated else {}
        suite = etree.SubElement(root, "testsuite", name=server.host, time="0", **dated)
        if server.state == EXPLAINED:
            _explained(etree, suite, server, failing)
        else:
            case = etree.SubElement(suite, "testcase", name=EXPLAINED, classname=server.host, time="0")
            etree.SubElement(case, "error", type=server.state, message=server.verdict)
        _count(suite)
    etree.indent(root, " ")
    text: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return text.decode("utf-8") + "\n"


def _explained(etree: Any, suite: Any, server: Server, failing: Sequence[str]) -> None:
    properties = etree.SubElement(suite, "properties")
    for name, value in (("server_dir", server.server_dir), ("verdict", server.verdict)):
        etree.SubElement(properties, "property", name=name, value=value)
    found: dict[str, list[Finding]] = {card.id: [] for part in server.looked_at for card in _CARDS[part]}
    for finding in server.findings:
        found.setdefault(finding.id, []).append(finding)
    for identity, findings in found.items():
        case = etree.SubElement(suite, "testcase", name=identity, classname=server.host, time="0")
        _judge(etree, case, findings, failing)


def _judge(etree: Any, case: Any, findings: Sequence[Finding], failing: Sequence[str]) -> None:
    failed = [one for one in findings if not one.waived and one.severity in failing]
    others = [one for one in findings if one.waived or one.severity not in failing]
    if failed:
        worst = min((one.severity for one in failed), key=SEVERITIES.index)
        more = f" (and {len(failed) - 1:,} more)" if len(failed) > 1 else ""
        element = etree.SubElement(case, "failure", type=worst, message=f"{failed[0].message}{more}")
        element.text = _lines(failed)
    elif findings and all(one.waived for one in findings):
        etree.SubElement(case, "skipped", message="what was found is accepted by waivers")
    if others:
        etree.SubElement(case, "system-out").text = _lines(others)


def _lines(findings: Iterable[Finding]) -> str:
    return "\n".join(line for finding in findings for line in _told(finding))


def _told(one: Finding) -> Iterable[str]:
    yield f"{one.place}: {one.severity}: {one.message}"
    if one.waiver:
        yield f"  {'waived' if one.waived else 'waiver expired'}: {evidence.waiver(one.waiver)}"
    yield from (f"  remedy: {fixes.shown(remedy)}" for remedy in one.remedy)


def _count(suite: Any) -> None:
    """Write down how many cases of a suite ended how, for programs that only read that."""
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for name, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(element) is not None for case in cases)))
