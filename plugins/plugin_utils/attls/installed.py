# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence that a stack holds a rule as a policy says, and that a connection was protected by it.

A policy file is not an installed policy. ``pasearch -t`` shows what the Policy Agent holds for a stack, ``NETSTAT TTLS
COnn`` what the stack did with a connection (IBM z/OS Communications Server IP Diagnosis Guide, "Steps for diagnosing
AT-TLS problems", asks them in this order). Both come as texts; where they are from is for the caller to know. The
layouts, and what of them is UNCONFIRMED, are described in ``pasearch`` and ``netstat``.

What is not proven is no error but an answer, with one sentence that says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import ciphers
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import criteria, match, statements
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.actions import Actions
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.criteria import Connection, Criteria
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.reports import listing, netstat, pasearch
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import Stack
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

Json = dict[str, Any]

_ACTIONS = ("TTLSGroupAction", "TTLSEnvironmentAction", "TTLSConnectionAction")
# What must be as the policy says; the first group whatever its case.
_OPTIONS = ("TTLSEnabled", "HandshakeRole", *statements.PROTOCOLS, "ApplicationControlled", "FIPS140", "ClientAuthType")
_TEXTS = ("CertificateLabel", "ServerCertificateLabel", "HostReferenceIdDNS", "HostReferenceIdCN")
_RANGES = {
    "local address": ("local_addresses", "local", False),
    "remote address": ("remote_addresses", "remote", False),
    "local port": ("local_ports", "local", True),
    "remote port": ("remote_ports", "remote", True),
}


@dataclass(frozen=True)
class Evidence:
    """Whether something is proven, and a sentence that says why; ``facts`` are what was read."""

    proven: bool
    why: str
    differences: tuple[str, ...] = ()
    facts: Json | None = None

    def shown(self) -> Json:
        """Return it as plain data."""
        return {"proven": self.proven, "why": self.why, "differences": list(self.differences), **(self.facts or {})}


class _Unproven(Exception):
    """Why something is not proven: a sentence that goes on from its subject."""


def held(text: str, policies: Stack, name: str, *, stack: str | None = None, release: str) -> Evidence:
    """Say whether the output of ``pasearch -t`` shows the rule ``name`` as ``policies`` have it.

    ``stack`` is the TCP/IP stack that is meant, where the report may be of another one. Raises SecurityError where the
    policies themselves do not have the rule, or have it in a way that cannot be installed.
    """
    wanted = _wanted(policies, name, release)
    try:
        report = _report(text, stack)
        found = _rule(report, name)
    except _Unproven as e:
        return Evidence(False, f"Rule {name} is not proven: {e}")
    facts = {"stack": report.image, "taken": report.taken, "rules": [rule.name for rule in report.rules]}
    differences = tuple(_differences(wanted, found))
    if differences:
        return Evidence(
            False, f"The stack {report.image} holds rule {name}, but not as the policy says.", differences, facts
        )
    return Evidence(True, f"The stack {report.image} holds rule {name} as the policy says.", (), facts)


def _wanted(policies: Stack, name: str, release: str) -> match.Candidate:
    rule = policies.find("TTLSRule", name)
    if rule is None:
        raise SecurityError(f"rule: there is no TTLSRule {name} in the policy texts.")
    found = match.candidate(policies, rule, release)
    if found.broken:
        raise SecurityError(f"rule: {name} ({found.place}) cannot be installed as it is: {found.broken[0]}")
    return found


def _report(text: str, stack: str | None) -> pasearch.Report:
    """Return the report of the stack that is meant."""
    reports = pasearch.parse(text)
    if not reports:
        raise _Unproven(
            listing.excuse(text) or "the text is not what pasearch -t prints. Give its output from its head on."
        )
    if "<not available>" in text:
        raise _Unproven("a part of the report was not available when pasearch ran. Run it again later.")
    images = ", ".join(report.image for report in reports)
    if stack is None and len(reports) > 1:
        raise _Unproven(f"the report is of several stacks ({images}). Say which one is meant.")
    found = next((report for report in reports if stack in (None, report.image)), None)
    if found is None:
        raise _Unproven(f"the report is of the stack {images}, not of {stack}. Run pasearch -t -p {stack}.")
    if not found.rules:
        raise _Unproven(
            listing.excuse(text)
            or f"the stack {found.image} holds no AT-TLS rule at all. Install the policy with F PAGENT,UPDATE."
        )
    return found


def _rule(report: pasearch.Report, name: str) -> pasearch.Rule:
    # A rule that is cut off is the last of its report.
    last = report.rules[-1]
    if not last.whole or (not last.details and any(rule.details for rule in report.rules)):
        raise _Unproven(f"the report is cut off at rule {last.name} (line {last.line}). Give it whole.")
    found = [rule for rule in report.rules if rule.name == name]
    if not found:
        names = ", ".join(rule.name for rule in report.rules)
        raise _Unproven(f"the stack {report.image} does not hold it, only {names}. Install it with F PAGENT,UPDATE.")
    if not found[0].active:
        raise _Unproven(f"the stack {report.image} holds it, but its status is {found[0].fields.get('status')}.")
    if not found[0].details:
        raise _Unproven("the report does not show the actions. Run pasearch -t without -r and -n.")
    return found[0]


def _differences(wanted: match.Candidate, found: pasearch.Rule) -> Iterator[str]:
    try:
        yield from _of_criteria(wanted.criteria, found.criteria, found)
    except (criteria.Unreadable, ValueError) as e:
        yield f"the report cannot be read: {e}."
    if wanted.actions:
        yield from _of_actions(wanted.actions, found)


def _of_criteria(wanted: Criteria, shown: Criteria, found: pasearch.Rule) -> Iterator[str]:
    plain = {
        "Direction": "direction",
        "Priority": "priority",
        "Jobname": "job_name",
        "Userid": "user_id",
        "times": "time",
    }
    for title, key in plain.items():
        yield from _different(title, getattr(wanted, key), getattr(shown, key))
    for title, (key, side, ports) in _RANGES.items():
        asked, held_ = getattr(wanted, key), getattr(shown, key)
        # Of several ranges a report may show only the summary.
        summary = asked and held_ and len(asked) > 1 and not found.detailed(side, ports=ports)
        yield from _different(title, _envelope(asked) if summary else _sorted(asked), _sorted(held_))


def _different(title: str, wanted: Any, shown: Any) -> Iterator[str]:
    if wanted != shown:
        said, holds = (criteria.shown(value) if value is not None else "anything" for value in (wanted, shown))
        yield f"{title}: the policy says {said}, the stack holds {holds}."


def _sorted(ranges: Any) -> Any:
    return ranges and tuple(sorted(ranges, key=lambda one: (str(type(one[0])), one)))


def _envelope(ranges: Any) -> Any:
    kinds = {type(low) for low, _high in ranges}
    return ((min(low for low, _high in ranges), max(high for _low, high in ranges)),) if len(kinds) == 1 else ranges


def _of_actions(wanted: Actions, found: pasearch.Rule) -> Iterator[str]:
    names = {value for kind in _ACTIONS if (value := wanted.rule.get(f"{kind}Ref"))}
    yield from _different("actions", _listed(names), _listed({name for name, _type in found.actions}))
    for keyword in _OPTIONS if wanted.enabled else ("TTLSEnabled",):
        yield from _of_option(keyword, wanted, found)
    if not wanted.enabled:
        return
    for keyword in _TEXTS:
        yield from _said(keyword, wanted.value(keyword), found.value(keyword))
    yield from _said("Keyring", wanted.key_ring, found.value("Keyring"))
    shown = found.items("v3CipherSuites")
    ciphers = wanted.ciphers
    if ciphers and not (len(ciphers) == len(shown) and all(map(_is_cipher, ciphers, shown))):
        yield f"ciphers: the policy says {' '.join(ciphers)}, the stack holds {' '.join(line[-1] for line in shown)}."


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _is_cipher(wanted: str, shown: tuple[str, ...]) -> bool:
    return wanted.upper() in {word.upper() for word in shown}


def _of_option(keyword: str, wanted: Actions, found: pasearch.Rule) -> Iterator[str]:
    """Compare what is written in the policy; what is left to a default is what the stack shows, but for protocols."""
    written = wanted.parameter(keyword)
    said = wanted.value(keyword)
    if said is not None and (written or keyword in statements.PROTOCOLS):
        shown = found.value(keyword)
        if said.lower() != (shown or "").lower() and (written or shown):
            yield from _said(keyword, said, shown)


def _said(keyword: str, wanted: str | None, shown: str | None) -> Iterator[str]:
    if wanted != shown:
        yield f"{keyword}: the policy says {wanted or 'nothing'}, the stack holds {shown or 'nothing'}."


def winner(text: str, connection: Connection, *, stack: str | None = None) -> str | None:
    """Return the rule that a connection gets from what ``pasearch -t`` shows; None where that is no rule.

    Raises SecurityError where the report does not tell.
    """
    try:
        report = _report(text, stack)
        rules = [match.Candidate(rule.name, f"line {rule.line}", rule.criteria) for rule in report.rules if rule.active]
    except (_Unproven, criteria.Unreadable, ValueError) as e:
        raise SecurityError(f"pasearch: {e}") from None
    found = match.decide(match.order(rules), connection).winner
    return found.name if found else None


def protected(text: str, *, rule: str | None = None, stack: str | None = None) -> Evidence:
    """Say whether the output of ``NETSTAT TTLS COnn`` shows a connection with TLS, by ``rule`` where one is named."""
    try:
        shown = _connection(text, stack)
    except _Unproven as e:
        return Evidence(False, f"The connection is not proven: {e}")
    mapped = shown.get("TTLSRule")
    facts = {"rule": mapped, "protocol": shown.protocol, "cipher": shown.cipher, "job_name": shown.get("JobName")}
    if mapped is None:
        return Evidence(False, "The connection went in CLEARTEXT: the stack mapped it to no rule.", (), facts)
    if rule not in (None, mapped):
        return Evidence(False, f"The stack mapped the connection to rule {mapped}, not to {rule}.", (), facts)
    if shown.protocol is None or shown.cipher is None:
        level = shown.get("SecLevel") or "nothing"
        return Evidence(
            False, f"The stack mapped the connection to rule {mapped}, but its SecLevel is {level}.", (), facts
        )
    if not ciphers.encrypts(shown.cipher):
        why = f"The connection went in CLEARTEXT: its cipher {shown.cipher}, by rule {mapped}, does not encrypt."
        return Evidence(False, why, (), facts)
    why = f"The connection was protected by rule {mapped} with {shown.protocol} and {shown.cipher}."
    return Evidence(True, why, (), facts)


def _connection(text: str, stack: str | None) -> netstat.Mapped:
    report = netstat.parse(text)
    if report is None:
        raise _Unproven(
            listing.excuse(text) or "the text is not what NETSTAT TTLS COnn prints. Give its output from its head on."
        )
    if stack not in (None, report.stack):
        raise _Unproven(f"the report is of the stack {report.stack}, not of {stack}. Run NETSTAT with TCp {stack}.")
    if not report.connections:
        raise _Unproven(
            listing.excuse(text) or "the report shows no connection. It must still be open when NETSTAT runs."
        )
    if len(report.connections) > 1:
        raise _Unproven("the report shows several connections. Give that of one, NETSTAT TTLS COnn with its number.")
    return report.connections[0]
