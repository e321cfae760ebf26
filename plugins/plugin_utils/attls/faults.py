# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with one statement of a policy, each fault one sentence that goes on from the statement's name.

Only faults that a change brings are errors: the caller compares those before and after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import ciphers, conditions
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Parameter, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.statements import PROTOCOLS, STATEMENTS, older

_DOCUMENTED = "3.1"  # the last release whose defaults are known
_NEWER = PROTOCOLS[1:]


@dataclass(frozen=True)
class Fault:
    """``code`` tells faults apart, before and after a change; the sentence may name lines, which move."""

    code: tuple[str, ...]
    sentence: str


@dataclass(frozen=True)
class View:
    """How statements are looked at: for which release, and whether references may lead elsewhere."""

    release: str | None
    elsewhere: bool = False


def of(statement: Statement, view: View) -> Iterator[Fault]:
    """Give the faults of a statement at the top, and of what it has in place."""
    yield from _missing(statement)
    if not view.elsewhere:
        yield from _dangling(statement)
    yield from _SPECIAL.get(statement.kind, _nothing)(statement, view)
    for child in statement.children:
        for fault in of(child, view):
            yield Fault((child.kind, *fault.code), f"{fault.sentence} (in its {child.kind})")


def _missing(statement: Statement) -> Iterator[Fault]:
    """Parameters that the syntax requires."""
    known = statement.type
    for parameter in known.parameters.values() if known else ():
        if not parameter.required or (parameter.name.endswith("Ref") and parameter.one):
            continue
        ways = known.groups.get(parameter.one, [parameter]) if known and parameter.one else [parameter]
        if not any(statement.parameter(way.name) or statement.blocks(way.name) for way in ways):
            names = " or ".join(way.name for way in ways)
            yield Fault(("missing", parameter.name), f"needs {names}.")


def _dangling(statement: Statement) -> Iterator[Fault]:
    for reference in statement.parameters:
        known = reference.type
        if known is None or known.kind != "ref" or statement.policy.target(reference):
            continue
        yield Fault(("dangling", reference.name, reference.value), _leads_nowhere(statement, reference))


def _leads_nowhere(statement: Statement, reference: Parameter) -> str:
    wanted = reference.type.target if reference.type else None
    other = next((one for one in statement.policy.statements if one.type and one.name == reference.value), None)
    if other:
        return (
            f"refers by {reference.name} to {reference.value}, which is a {other.kind} "
            f"({statement.policy.source.name}:{other.line}), not a {wanted}."
        )
    return (
        f"refers by {reference.name} to {reference.value}, but there is no {wanted} of that name "
        "(names have case). If another file, such as that of CommonTTLSConfig, has it, set allow_unknown to true."
    )


def _rule(rule: Statement, view: View) -> Iterator[Fault]:
    if not conditions.has_condition(rule):
        yield Fault(
            ("condition",),
            "has no condition, so that it would match every connection of its direction; give an address, a port, "
            "Jobname or Userid.",
        )
    group = rule.policy.target(rule.parameter("TTLSGroupActionRef"))
    if group is None or not is_on(group.get("TTLSEnabled")):
        return
    reference = rule.parameter("TTLSEnvironmentActionRef")
    if reference is None:
        yield Fault(
            ("environment",),
            f"needs TTLSEnvironmentActionRef, because its group action {group.name} has TTLSEnabled On.",
        )
    environment = rule.policy.target(reference)
    if environment and (group.get("FIPS140") or "Off").lower() != "off":
        yield from _fips(group, environment, view)


def _fips(group: Statement, environment: Statement, view: View) -> Iterator[Fault]:
    """SSL and weak suites do not exist when System SSL runs in FIPS mode."""
    because = f"because its group action {group.name} has FIPS140 {group.get('FIPS140')}"
    for protocol in ("SSLv2", "SSLv3"):
        if is_on(protocol_value(environment, protocol, view.release)):
            yield Fault(("fips", protocol), f"cannot have {protocol} On in {environment.name}, {because}.")
    for suite in _suites(environment):
        if not ciphers.fips(suite):
            yield Fault(("fips", suite), f"cannot have the cipher {suite} in {environment.name}, {because}.")


def _environment(environment: Statement, view: View) -> Iterator[Fault]:
    on = {p for p in PROTOCOLS if is_on(protocol_value(environment, p, view.release))}
    suites = list(_suites(environment))
    for suite in suites:
        wanted = ciphers.protocols(suite)
        if not wanted & on:
            which = "TLSv1.3" if "TLSv1.3" in wanted else "TLSv1.2" if len(wanted) == 1 else "TLSv1.2 or older"
            yield Fault(("suite", suite), f"has the cipher {suite}, which is for {which}, but that is not On.")
    for protocol in _NEWER if suites else ():
        if protocol in on and not any(protocol in ciphers.protocols(suite) for suite in suites):
            yield Fault(("protocol", protocol), f"has {protocol} On, but none of its ciphers is for {protocol}.")
    profile = environment.get("SuiteBProfile") or "Off"
    if profile.lower() != "off" and "TLSv1.2" not in on:
        yield Fault(("suite-b",), f"has SuiteBProfile {profile}, which needs TLSv1.2 On.")


def unwritten_protocols(environment: Statement, release: str | None) -> list[str]:
    """Return the protocols that an environment action leaves to their defaults."""
    wanted = [p for p in PROTOCOLS if p != "TLSv1.3" or not (release and older(release, "2.4"))]
    advanced = environment.part("TTLSEnvironmentAdvancedParms")
    return [p for p in wanted if advanced is None or advanced.get(p) is None]


def protocol_value(environment: Statement, protocol: str, release: str | None) -> str | None:
    """Return On or Off for a protocol of an environment, the release's default where it is not written."""
    advanced = environment.part("TTLSEnvironmentAdvancedParms")
    written = advanced.get(protocol) if advanced else None
    if written:
        return written
    known = STATEMENTS["ttlsenvironmentadvancedparms"].parameter(protocol)
    return known.default(release or _DOCUMENTED) if known else None


def _suites(environment: Statement) -> Iterator[str]:
    parameters = environment.part("TTLSCipherParms")
    yield from ciphers.suites(parameters) if parameters else ()


def is_on(value: str | None) -> bool:
    return (value or "").lower() == "on"


def _nothing(_statement: Statement, _view: View) -> Iterator[Fault]:
    yield from ()


_SPECIAL: dict[str, Callable[[Statement, View], Iterator[Fault]]] = {
    "TTLSRule": _rule,
    "TTLSEnvironmentAction": _environment,
}
