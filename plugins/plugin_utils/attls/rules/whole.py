# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about what cannot be installed, or never works as it stands.

If errors are detected while a policy is parsed, the Policy Agent installs nothing new of it (IBM z/OS Communications
Server IP Configuration Reference, "TTLSConfig statement"), and what no rule covers goes in clear.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils import ciphers
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import faults, statements
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.actions import (
    ENVIRONMENT,
    GROUP,
    Actions,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.hits import Hit, hit
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Parameter, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.problems import (
    Effect,
    Examined,
    Rule,
    rule,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import place
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.statements import ParameterType


@rule("attls-incomplete", Effect.REFUSED)
def incomplete(examined: Examined) -> Iterator[Hit]:
    """What the syntax diagrams require."""
    for statement in examined.all:
        yield from faults.missing(statement)
    for actions in examined.actions:
        group = actions.action(GROUP[0])
        if group and ENVIRONMENT[0] in actions.lacking:
            form = "{title} needs TTLSEnvironmentActionRef, because its group action {group} has TTLSEnabled On."
            yield hit(actions.rule, form, ["TTLSEnvironmentActionRef"], group=group.name or "")


@rule("attls-dangling", Effect.REFUSED)
def dangling(examined: Examined) -> Iterator[Hit]:
    for statement in examined.all:
        for item in statement.references if not examined.partial else ():
            if examined.stack.target(item) is None:
                yield _leads_nowhere(examined, item)


def _leads_nowhere(examined: Examined, item: Parameter) -> Hit:
    wanted = item.type.target if item.type and item.type.target else ""
    found = (examined.stack.find(kind, item.value) for kind in statements.names())
    other = next((one for one in found if one), None)
    if other:
        form = "{title} refers by {parameter} to {value}, which is a {other} ({place}), not a {wanted}."
        return hit(item, form, [item.value], other=other.kind, place=place(other), wanted=wanted)
    form = (
        "{title} refers by {parameter} to {value}, but there is no {wanted} of that name (names have case). If another "
        "file has it, such as that of CommonTTLSConfig, give its text too, or set allow_unknown to true."
    )
    return hit(item, form, [item.value], wanted=wanted)


@rule("attls-duplicate", Effect.REFUSED)
def duplicate(examined: Examined) -> Iterator[Hit]:
    seen: dict[tuple[str, str | None], Statement] = {}
    for statement in examined.tops:
        first = seen.setdefault((statement.kind, statement.name), statement)
        if statement.name and first is not statement:
            yield hit(statement, "{title} is defined at {place} already, and takes its place.", place=place(first))


@rule("attls-number-as-address", Effect.REFUSED)
def number_as_address(examined: Examined) -> Iterator[Hit]:
    form = "{title} has {parameter} {value}, a number; perhaps a port is meant ({instead})."
    for item in examined.written("LocalAddr", "RemoteAddr", "Addr"):
        if item.value.isdigit():
            yield hit(item, form, [item.value], instead="Port" if item.name == "Addr" else f"{item.name[:-4]}PortRange")


@rule("attls-value", Effect.REFUSED)
def wrong_value(examined: Examined) -> Iterator[Hit]:
    for statement in examined.all:
        yield from faults.wrong_values(statement)


@rule("attls-unknown", Effect.REFUSED)
def unknown(examined: Examined) -> Iterator[Hit]:
    """Keywords that no list knows; with allow_unknown they may be right."""
    for statement in examined.all if not examined.partial else ():
        yield from faults.unknown(statement)


@rule("attls-too-new", Effect.REFUSED)
def too_new(examined: Examined) -> Iterator[Hit]:
    for statement in examined.all if not examined.partial else ():
        yield from faults.too_new(statement, examined.level)


def _typed(examined: Examined) -> Iterator[tuple[Statement | Parameter, ParameterType]]:
    for statement in examined.all:
        for item in statement.items:
            known = statement.type.parameter(item.keyword) if statement.type else None
            if known:
                yield item, known


@rule("attls-perhaps-too-new", Effect.WARNED)
def perhaps_too_new(examined: Examined) -> Iterator[Hit]:
    form = "{title} has {name}, which some sources know from z/OS {since} on, others only from {surely} on."
    for item, known in _typed(examined):
        if known.doubted(examined.level) and known.exists(examined.level):
            yield hit(item, form, name=known.name, since=known.since, surely=known.surely or "")


@rule("attls-cipher-unknown", Effect.REFUSED)
def cipher_unknown(examined: Examined) -> Iterator[Hit]:
    for statement in examined.all if not examined.partial else ():
        yield from faults.unknown_suites(statement)


@rule("attls-cipher-unusable", Effect.REFUSED)
def cipher_unusable(examined: Examined) -> Iterator[Hit]:
    form = "{title} has the cipher {suite}, which is for {protocol}, but that is not On."
    for environment, views in examined.environments:
        for actions in views:
            maybe_on = {*actions.switched_on, *actions.undecided}
            for suite in actions.ciphers if not actions.suite_b else ():
                wanted = ciphers.protocols(suite)
                if not wanted & maybe_on:
                    which = "TLSv1.3" if "TLSv1.3" in wanted else "TLSv1.2" if len(wanted) == 1 else "TLSv1.2 or older"
                    yield hit(environment, form, [suite], suite=suite, protocol=which)


@rule("attls-protocol-unusable", Effect.REFUSED)
def protocol_unusable(examined: Examined) -> Iterator[Hit]:
    for environment, views in examined.environments:
        for actions in views:
            for protocol in actions.unusable if not actions.suite_b else ():
                form = (
                    "{title} has {protocol} On, but none of its ciphers is for {protocol}."
                    if actions.written_ciphers
                    else "{title} has {protocol} On, but it names no ciphers, and none of the default ones is for "
                    "{protocol}; name some in TTLSCipherParms."
                )
                yield hit(environment, form, [protocol], protocol=protocol)


@rule("attls-suite-b", Effect.REFUSED)
def suite_b(examined: Examined) -> Iterator[Hit]:
    for environment, views in examined.environments:
        for actions in views:
            if actions.suite_b and "TLSv1.2" not in {*actions.switched_on, *actions.undecided}:
                form = "{title} has SuiteBProfile {profile}, which needs TLSv1.2 On."
                yield hit(environment, form, [actions.suite_b], profile=actions.suite_b)


@rule("attls-suite-b-ciphers", Effect.WARNED)
def suite_b_ciphers(examined: Examined) -> Iterator[Hit]:
    for environment, views in examined.environments:
        for actions in views:
            if actions.suite_b and actions.written_ciphers:
                form = "{title} has SuiteBProfile {profile}, so that its TTLSCipherParms are ignored."
                yield hit(environment, form, [actions.suite_b], profile=actions.suite_b)


@rule("attls-fips", Effect.REFUSED)
def fips(examined: Examined) -> Iterator[Hit]:
    """SSL and weak suites do not exist when System SSL runs in FIPS mode."""
    for actions in examined.actions:
        group, environment = actions.action(GROUP[0]), actions.action(ENVIRONMENT[0])
        level = group.get("FIPS140") if group else None
        if group is None or environment is None or not actions.enabled or (level or "off").lower() == "off":
            continue
        because = f"because its group action {group.name} has FIPS140 {level}"
        for what in _not_fips(actions):
            form = "{title} cannot have {what} in {environment}, {because}."
            yield hit(actions.rule, form, [what], what=what, environment=environment.name or "", because=because)


def _not_fips(actions: Actions) -> Iterator[str]:
    yield from (f"{protocol} On" for protocol in ("SSLv2", "SSLv3") if actions.on(protocol))
    yield from (f"the cipher {suite}" for suite in actions.ciphers if not ciphers.fips(suite))


@rule("attls-ring-password", Effect.REFUSED)
def ring_password(examined: Examined) -> Iterator[Hit]:
    form = "{title} has {parameter} beside Keyring {ring}, which is the name of a ring and no path."
    for item in examined.written("KeyringPw", "KeyringStashFile"):
        ring = item.parent.get("Keyring") if item.parent else None
        if ring and not ring.startswith("/"):
            yield hit(item, form, ring=ring)


RULES: tuple[Rule, ...] = (
    incomplete,
    dangling,
    duplicate,
    number_as_address,
    wrong_value,
    unknown,
    too_new,
    perhaps_too_new,
    cipher_unknown,
    cipher_unusable,
    protocol_unusable,
    suite_b,
    suite_b_ciphers,
    fips,
    ring_password,
)
