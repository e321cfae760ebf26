# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about AT-TLS policies: what is weak, left to defaults, wider than meant, or not there at all.

Remedies are the input ``config`` of attls_policy. To add a rule: one decorated function, and in
``tests/unit/attls/cases/findings.yml`` a case that fires and one that stays silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import ciphers, conditions, criteria, statements
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.actions import ENVIRONMENT, Actions
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Parameter, Policy, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import Stack, lines, place
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.uses import Uses
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rule import (
    HIGH,
    INFORMATION,
    LOW,
    MEDIUM,
    Fault,
    Json,
    Rule,
    rule,
)

_GUIDE = "IBM z/OS Communications Server IP Configuration Guide, AT-TLS"
_REFERENCE = "IBM z/OS Communications Server IP Configuration Reference, AT-TLS policy statements"
_SAFE = ("TLSv1.2", "TLSv1.3")
_OLD = tuple(protocol for protocol in statements.PROTOCOLS if protocol not in _SAFE)
_SINCE_HOST_REFERENCE = "2.5"
_REVOCATION = {
    "TTLSGskLdapParms": ("GSK_LDAP_SERVER",),
    "TTLSGskOcspParms": ("OcspUrl", "OcspAiaEnable"),
    "TTLSGskHttpCdpParms": ("HttpCdpEnable",),
}


@dataclass(frozen=True)
class Policies:
    """What the rules look at: the texts of one stack, for a release of z/OS."""

    stack: Stack
    release: str = statements.NEWEST

    @cached_property
    def enabled(self) -> list[Actions]:
        """What the rules do that have TLS, and whose actions are all there."""
        found = (Actions(self.stack, one, self.release) for one in self.stack.rules)
        return [actions for actions in found if actions.enabled and not actions.broken]

    def written(self, keyword: str) -> Iterator[Parameter]:
        """Give each parameter of this name that AT-TLS reads, in whatever statement."""
        for policy in self.stack.policies:
            for statement in policy.walk():
                yield from (item for item in statement.all(keyword) if item.type)

    @cached_property
    def _uses(self) -> dict[Policy, Uses]:
        return {policy: Uses(policy) for policy in self.stack.policies}

    def change(self, statement: Statement, **parameters: Any) -> list[Json]:
        """Return the input of attls_policy that sets parameters of a statement, for all rules that use it."""
        top, inner = statement, dict(parameters)
        while top.parent:
            inner = {top.kind: inner}
            top = top.parent
        config: Json = {top.kind: [{"name": top.name, **inner}]}
        users = self._uses[top.policy].rules(top.kind, top.name) if top.kind != "TTLSRule" else []
        if users:
            config["TTLSRule"] = [{"name": one.name} for one in users]
        return [config]


def _origin(item: Statement | Parameter) -> Origin:
    return Origin(item.policy.source.name, item.line)


def _is(parameter: Parameter, value: str) -> bool:
    return parameter.value.lower() == value


@rule(
    "attls-old-protocol",
    HIGH,
    why="SSL and TLS before 1.2 have known weaknesses, and a partner may choose them.",
    source="RFC 8996, RFC 7568",
)
def old_protocol(subject: Policies) -> Iterator[Fault]:
    for protocol in _OLD:
        for item in subject.written(protocol):
            if _is(item, "on") and item.parent:
                yield Fault(_origin(item), f"{protocol} is On.", subject.change(item.parent, **{protocol: False}))


@rule(
    "attls-protocol-default",
    HIGH,
    why="Out of the box TLS 1.0 and 1.1 are on, TLS 1.2 and 1.3 off, and defaults change with releases.",
    source=f"{_REFERENCE}: TTLSEnvironmentAdvancedParms",
)
def protocol_default(subject: Policies) -> Iterator[Fault]:
    seen: set[str] = set()
    for actions in subject.enabled:
        environment = actions.action(ENVIRONMENT[0])
        left = [one for one in statements.PROTOCOLS if actions.exists(one) and not actions.parameter(one)]
        if environment is None or not left or place(environment) in seen:
            continue
        seen.add(place(environment))
        text = f"{environment.kind} {environment.name} leaves {', '.join(left)} to the defaults of the release."
        yield Fault(_origin(environment), text, _protocols(subject, actions, environment, left))


def _protocols(subject: Policies, actions: Actions, environment: Statement, left: list[str]) -> list[Json]:
    """Return how to write the protocols: the safe ones on, as far as the ciphers are for them."""
    suites = actions.ciphers
    wanted = {
        one: one in _SAFE and (not suites or any(one in ciphers.protocols(suite) for suite in suites)) for one in left
    }
    advanced = actions.stack.part(environment, ENVIRONMENT[1])
    return subject.change(advanced, **wanted) if advanced else subject.change(environment, **{ENVIRONMENT[1]: wanted})


@rule(
    "attls-cleartext-trace",
    HIGH,
    why="What TLS protects is written in clear into component traces and dumps.",
    source=f"{_REFERENCE}: CtraceClearText",
)
def cleartext_trace(subject: Policies) -> Iterator[Fault]:
    for item in subject.written("CtraceClearText"):
        if _is(item, "on") and item.parent:
            yield Fault(_origin(item), "CtraceClearText is On.", subject.change(item.parent, CtraceClearText=False))


@rule(
    "attls-trace",
    LOW,
    why="Levels above 7 are for diagnosis: they fill syslogd with every event and flow, data included at the highest.",
    source=f"{_REFERENCE}: Trace",
)
def trace(subject: Policies) -> Iterator[Fault]:
    for item in subject.written("Trace"):
        if item.value.isdigit() and int(item.value) > 7 and item.parent:
            yield Fault(_origin(item), f"Trace is {item.value}, more than 7.", subject.change(item.parent, Trace=2))


@rule(
    "attls-any-server",
    MEDIUM,
    why="Without the name of the server any certificate of any CA on the key ring will do.",
    source="RFC 6125; HostReferenceIdDNS was seen to work on z/OS 3.1",
)
def any_server(subject: Policies) -> Iterator[Fault]:
    if statements.older(subject.release, _SINCE_HOST_REFERENCE):
        return
    for actions in subject.enabled:
        if (actions.role or "").lower() == "client" and not actions.shown()["host_references"]:
            text = f"TTLSRule {actions.rule.name} does not say whose certificate it expects (HostReferenceIdDNS)."
            yield Fault(_origin(actions.rule), text)


@rule(
    "attls-any-address",
    MEDIUM,
    why="The rule catches connections to the loopback address and to other servers too; https clients get TLS twice.",
    source=f"{_GUIDE}: application compatibility",
)
def any_address(subject: Policies) -> Iterator[Fault]:
    for actions in subject.enabled:
        asked = criteria.of_rule(subject.stack, actions.rule)
        if asked.direction != "Inbound" and asked.remote_addresses is None and not asked.broken:
            text = f"TTLSRule {actions.rule.name} is {asked.direction} without a remote address."
            yield Fault(_origin(actions.rule), text)


@rule(
    "attls-shared-certificate",
    MEDIUM,
    why="Whoever the rule matches appears to the server as the one user of that certificate.",
    source="Zowe documentation, Configuring AT-TLS: outbound rules",
)
def shared_certificate(subject: Policies) -> Iterator[Fault]:
    for actions in subject.enabled:
        label = actions.value("CertificateLabel")
        anybody = all((actions.rule.get(keyword) or "*") == "*" for keyword in ("Jobname", "Userid"))
        if (actions.role or "").lower() == "client" and label and anybody:
            text = f"TTLSRule {actions.rule.name} shows the certificate {label} for every job and user."
            yield Fault(_origin(actions.rule), text)


@rule(
    "attls-pass-through",
    HIGH,
    why="Clients are asked for a certificate that nobody validates.",
    source=f"{_REFERENCE}: ClientAuthType",
)
def pass_through(subject: Policies) -> Iterator[Fault]:
    for item in subject.written("ClientAuthType"):
        if _is(item, "passthru") and item.parent:
            yield Fault(
                _origin(item), "ClientAuthType is PassThru.", subject.change(item.parent, ClientAuthType="Required")
            )


@rule(
    "attls-client-auth-unused",
    HIGH,
    why="Only the role ServerWithClientAuth asks clients for a certificate; with another one everybody gets in.",
    source=f"{_REFERENCE}: HandshakeRole, ClientAuthType",
)
def client_auth_unused(subject: Policies) -> Iterator[Fault]:
    for actions in subject.enabled:
        written = actions.parameter("ClientAuthType")
        if written and actions.role == "Server":
            text = f"TTLSRule {actions.rule.name} has ClientAuthType {written.value}, but its HandshakeRole is Server."
            yield Fault(_origin(written), text)


@rule(
    "attls-ring-password",
    HIGH,
    why="With a password the name is taken for a key database file, which is not there, so every handshake fails.",
    source=f"{_REFERENCE}: TTLSKeyringParms",
)
def ring_password(subject: Policies) -> Iterator[Fault]:
    for keyword in ("KeyringPw", "KeyringStashFile"):
        for item in subject.written(keyword):
            ring = item.parent.get("Keyring") if item.parent else None
            if item.parent and ring and not ring.startswith("/"):
                text = f"{keyword} stands beside Keyring {ring}, which is the name of a ring and no path."
                yield Fault(_origin(item), text, subject.change(item.parent, **{keyword: None}))


@rule(
    "attls-revocation",
    LOW,
    why="A certificate that its CA revoked, say because the key was stolen, is still accepted.",
    source=f"{_REFERENCE}: TTLSGskAdvancedParms",
)
def revocation(subject: Policies) -> Iterator[Fault]:
    seen: set[str] = set()
    for actions in subject.enabled:
        environment = actions.action(ENVIRONMENT[0])
        if environment is None or (actions.role or "").lower() == "server" or place(environment) in seen:
            continue
        seen.add(place(environment))
        if not _revocation_checked(subject.stack, environment):
            text = f"{environment.kind} {environment.name} checks no revocation (LDAP, OCSP, HTTP)."
            yield Fault(_origin(environment), text)


def _revocation_checked(stack: Stack, environment: Statement) -> bool:
    advanced = stack.part(environment, "TTLSGskAdvancedParms")
    for kind, keywords in _REVOCATION.items():
        block = stack.part(advanced, kind)
        if block and any((block.get(keyword) or "off").lower() != "off" for keyword in keywords):
            return True
    return False


@rule(
    "attls-dangling",
    HIGH,
    why="A rule that cannot be installed protects nothing, and its connections go in clear.",
    source=_GUIDE,
)
def dangling(subject: Policies) -> Iterator[Fault]:
    for item in subject.stack.dangling():
        yield Fault(_origin(item), f"{item.name} {item.value} leads nowhere; names have case.")


@rule(
    "attls-duplicate",
    HIGH,
    why="The later statement silently takes the place of the earlier one.",
    source="Observed by others; the Policy Agent gives no error",
)
def duplicate(subject: Policies) -> Iterator[Fault]:
    seen: dict[tuple[str, str | None], Statement] = {}
    for policy in subject.stack.policies:
        for statement in policy.statements:
            key = (statement.kind, statement.name)
            first = seen.setdefault(key, statement)
            if statement.type and statement.name and first is not statement:
                text = f"{statement.kind} {statement.name} is defined at {place(first)} already, and takes its place."
                yield Fault(_origin(statement), text)


@rule(
    "attls-overlap",
    MEDIUM,
    why="Which rule a connection gets depends on the alphabet; a new name may change it.",
    source=f"{_GUIDE}: AT-TLS rules",
)
def overlap(subject: Policies) -> Iterator[Fault]:
    levels: dict[int, list[conditions.Conditions]] = {}
    for each in subject.stack.rules:
        levels.setdefault(conditions.priority(each), []).append(conditions.Conditions(each))
    for level, rules in levels.items():
        for one, other in ((rules[a], rules[b]) for a, b in sorted(conditions.meeting(rules))):
            if _does(one.rule) != _does(other.rule):
                first = conditions.first_by_name(one.rule, other.rule)
                text = (
                    f"TTLSRule {other.rule.name} and TTLSRule {one.rule.name} ({place(one.rule)}) can match the same "
                    f"connection with the same priority {level}; {first.name} wins, by its name alone."
                )
                yield Fault(_origin(other.rule), text)


def _does(one: Statement) -> list[str | None]:
    return [one.get(f"{kind}Ref") for kind in ("TTLSGroupAction", "TTLSEnvironmentAction", "TTLSConnectionAction")]


@rule(
    "attls-number-as-address",
    HIGH,
    why="The Policy Agent takes a number for an address (6793 becomes 0.0.26.137), so the rule matches nothing.",
    source="A public report of pasearch on z/OS 3.1 shows such a rule",
)
def number_as_address(subject: Policies) -> Iterator[Fault]:
    for keyword in ("LocalAddr", "RemoteAddr", "Addr"):
        for item in subject.written(keyword):
            if item.value.isdigit():
                text = f"{item.name} is {item.value}, a number; perhaps a port is meant ({item.name[:-4]}PortRange)."
                yield Fault(_origin(item), text)


@rule(
    "attls-exception",
    INFORMATION,
    why="Such connections go in clear on purpose; make sure that it is still wanted, and narrow.",
    source=_GUIDE,
)
def exception(subject: Policies) -> Iterator[Fault]:
    for one in subject.stack.rules:
        actions = Actions(subject.stack, one, subject.release)
        if not actions.broken and not actions.enabled:
            yield Fault(_origin(one), f"TTLSRule {one.name} lets its connections go in clear (TTLSEnabled Off).")


@rule(
    "attls-inline-comment",
    LOW,
    why="Whether a comment behind a value is read as part of it is documented in two ways.",
    source="Zowe documentation, Configuring AT-TLS; IBM's own samples have such comments",
)
def inline_comment(subject: Policies) -> Iterator[Fault]:
    for policy in subject.stack.policies:
        source = policy.source
        for statement in policy.walk():
            for item in statement.parameters:
                if "#" in source.text[item.value_end : source.line_end(item.start)]:
                    text = f"A comment stands behind the value of {item.name}; put it on a line of its own."
                    yield Fault(_origin(item), text)


def _tcp_images(subject: Policies, word: str) -> Iterator[tuple[Parameter, str]]:
    for policy in subject.stack.configuration:
        for item in lines(policy, "TcpImage"):
            words = re.split(r"\s+", item.value)
            if word in (one.upper() for one in words):
                yield item, words[0]


@rule(
    "attls-flush",
    LOW,
    why="Until the policy is read again there are no rules, so new connections go in clear, without an error.",
    source=f"{_REFERENCE}: TTLSRule, FLUSH",
)
def flush(subject: Policies) -> Iterator[Fault]:
    for item, stack in _tcp_images(subject, "FLUSH"):
        text = f"TcpImage {stack} has FLUSH: F PAGENT,REFRESH and a start delete its policy before they read it again."
        yield Fault(_origin(item), text)


@rule(
    "attls-noflush",
    INFORMATION,
    why="A rule that was taken out of the file may still be in the stack.",
    source=f"{_REFERENCE}: TTLSRule, NOFLUSH",
)
def noflush(subject: Policies) -> Iterator[Fault]:
    for item, stack in _tcp_images(subject, "NOFLUSH"):
        text = (
            f"TcpImage {stack} has NOFLUSH: rules that are no longer in the file are not deleted at a start or REFRESH."
        )
        yield Fault(_origin(item), text)


@rule(
    "attls-purge",
    MEDIUM,
    why="When the Policy Agent stops, new connections go in clear, without an error.",
    source=f"{_REFERENCE}: TTLSRule, PURGE",
)
def purge(subject: Policies) -> Iterator[Fault]:
    for item, stack in _tcp_images(subject, "PURGE"):
        yield Fault(_origin(item), f"TcpImage {stack} has PURGE: its policy is deleted when the Policy Agent ends.")


RULES: tuple[Rule, ...] = (
    old_protocol,
    protocol_default,
    cleartext_trace,
    trace,
    any_server,
    any_address,
    shared_certificate,
    pass_through,
    client_auth_unused,
    ring_password,
    revocation,
    dangling,
    duplicate,
    overlap,
    number_as_address,
    exception,
    inline_comment,
    flush,
    noflush,
    purge,
)
