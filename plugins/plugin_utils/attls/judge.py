# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether what is asked for would make a policy wrong: only faults that come with the change are errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import conditions, faults
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.statements import STATEMENTS, older
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.uses import Uses
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.wishes import Manner, Wish
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

_ACTIONS = ("TTLSGroupActionRef", "TTLSEnvironmentActionRef", "TTLSConnectionActionRef")
_ADVANCED = "TTLSEnvironmentAdvancedParms"
_HOST_REFERENCE = STATEMENTS[_ADVANCED.lower()].parameters["hostreferenceiddns"]


def judge(
    before: Policy, after: Policy, wishes: Sequence[Wish], removed: Sequence[tuple[str, Statement]], manner: Manner
) -> list[str]:
    """Raise SecurityError for the first fault that the change brings; return what is only worth a warning."""
    view = faults.View(manner.zos_release, elsewhere=manner.allow_unknown)
    if removed and not manner.allow_unknown:
        _orphans(before, after, removed)
    if manner.state == "absent":
        return []
    for path, statement in _judged(before, after, wishes):
        _no_new_fault(before, statement, path, view)
    _protocols_written(before, after, wishes, manner)
    overlaps = list(_overlaps(before, after, wishes))
    if overlaps and manner.on_overlap == "error":
        raise SecurityError(f"{overlaps[0]} Give them different priorities, or set on_overlap to warn.")
    return overlaps


def _title(statement: Statement) -> str:
    return f"{statement.kind} {statement.name}" if statement.name else statement.kind


def _judged(before: Policy, after: Policy, wishes: Sequence[Wish]) -> Iterator[tuple[str, Statement]]:
    """Give the wished statements, and behind them those that use one that was in the file before."""
    own = {wish.key: wish.path for wish in wishes}
    for wish in wishes:
        statement = after.find(*wish.key)
        if statement:
            yield wish.path, statement
    shared = [key for key in own if key[0] != "TTLSRule" and before.find(*key)]
    for statement in Uses(after).all_of(shared) if shared else ():
        if (statement.kind, statement.name) not in own and statement.type:
            yield own[shared[0]], statement


def _no_new_fault(before: Policy, statement: Statement, path: str, view: faults.View) -> None:
    found = list(faults.of(statement, view))
    old = before.find(statement.kind, statement.name) if found else None
    known = {fault.code for fault in faults.of(old, view)} if old else set()
    for fault in found:
        if fault.code not in known:
            raise SecurityError(f"{path}: {_title(statement)} {fault.sentence}")


def _protocols_written(before: Policy, after: Policy, wishes: Sequence[Wish], manner: Manner) -> None:
    """What a new environment leaves out would be a default, and those switch TLS 1.0 on and TLS 1.2 off."""
    for wish in wishes:
        statement = after.find(*wish.key)
        if wish.type.name != "TTLSEnvironmentAction" or before.find(*wish.key) or statement is None:
            continue
        if manner.allow_unknown and not statement.part(_ADVANCED) and statement.get(f"{_ADVANCED}Ref"):
            continue
        missing = faults.unwritten_protocols(statement, manner.zos_release)
        if missing:
            raise SecurityError(
                f"{wish.path}: {wish.title} is new and does not say On or Off for {', '.join(missing)}; the defaults "
                "differ from what people expect (TLSv1 is On, TLSv1.2 is Off), so write every protocol in its "
                f"{_ADVANCED}."
            )


def _overlaps(before: Policy, after: Policy, wishes: Sequence[Wish]) -> Iterator[str]:
    """Give a sentence for each other rule of equal priority that can match what a new or changed one does."""
    rules = [wish for wish in wishes if wish.type.name == "TTLSRule" and _matches_anew(before.find(*wish.key), wish)]
    order = {id(after.find(*wish.key)): number for number, wish in enumerate(rules)}
    levels: dict[int, list[conditions.Conditions]] = {}
    for rule in after.rules if rules else ():
        levels.setdefault(conditions.priority(rule), []).append(conditions.Conditions(rule))
    found: list[tuple[int, int, Statement, Statement]] = []
    for known in levels.values():
        asked = {number: order[id(one.rule)] for number, one in enumerate(known) if id(one.rule) in order}
        for pair in conditions.meeting(known, asked) if asked else ():
            own, other = sorted(pair, key=lambda number: asked.get(number, len(rules)))
            found.append((asked[own], other, known[own].rule, known[other].rule))
    for number, _other, rule, stranger in sorted(found, key=lambda one: one[:2]):
        if rule.name != stranger.name and _actions(rule) != _actions(stranger):
            first, level = conditions.first_by_name(rule, stranger), conditions.priority(rule)
            yield (
                f"{rules[number].path}: {rules[number].title} and TTLSRule {stranger.name} ({after.source.name}) can "
                f"match the same connection with the same priority {level}; {first.name} would win, by its name alone."
            )


def _matches_anew(old: Statement | None, wish: Wish) -> bool:
    watched = (*conditions.CONDITIONS, "Priority", "Direction", *_ACTIONS)
    return old is None or any(
        keyword in wish.parameters and [one.value for one in old.all(keyword)] != list(wish.parameters[keyword] or ())
        for keyword in watched
    )


def _actions(rule: Statement) -> list[str | None]:
    return [rule.get(keyword) for keyword in _ACTIONS]


def _orphans(before: Policy, after: Policy, removed: Sequence[tuple[str, Statement]]) -> None:
    """A statement must not go while something in the file still refers to it."""
    uses = Uses(after)
    for path, statement in removed:
        if after.find(statement.kind, statement.name):
            continue
        for user in uses.of(statement.kind, statement.name):
            old = before.find(user.kind, user.name) or user
            raise SecurityError(
                f"{path}: {_title(statement)} cannot be removed: {_title(user)} ({before.source.name}:{old.line}) "
                "still refers to it. Remove or change that too."
            )


def warnings(policy: Policy, wishes: Sequence[Wish], manner: Manner) -> tuple[str, ...]:
    """Return what is asked for and allowed, but hardly meant."""
    if manner.state == "absent" or (manner.zos_release and older(manner.zos_release, _HOST_REFERENCE.since)):
        return ()
    found = []
    for wish in wishes:
        rule = policy.find(*wish.key) if wish.type.name == "TTLSRule" else None
        if rule and _trusts_any_name(rule):
            found.append(
                f"{wish.path}: {wish.title} is outbound and names no HostReferenceIdDNS, so any certificate of a "
                "trusted CA passes for the server. Give the server's name in TTLSEnvironmentAdvancedParms."
            )
    return tuple(found)


def _trusts_any_name(rule: Statement) -> bool:
    group = rule.policy.target(rule.parameter("TTLSGroupActionRef"))
    environment = rule.policy.target(rule.parameter("TTLSEnvironmentActionRef"))
    connection = rule.policy.target(rule.parameter("TTLSConnectionActionRef"))
    if (rule.get("Direction") or "").lower() != "outbound" or not (group and faults.is_on(group.get("TTLSEnabled"))):
        return False
    parts = [environment.part("TTLSEnvironmentAdvancedParms")] if environment else []
    parts += [connection.part("TTLSConnectionAdvancedParms")] if connection else []
    return not any(part and (part.get("HostReferenceIdDNS") or part.get("HostReferenceIdCN")) for part in parts)
