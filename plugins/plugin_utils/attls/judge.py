# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a change would make a policy wrong: the rules that judge a policy are asked before and after it.

Only what the change brings counts. Statements that it does not touch, and that use nothing that it touches, are as
they were, so they are not looked at: a policy may have thousands of rules.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import flows, match, statements
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.actions import (
    CONNECTION,
    ENVIRONMENT,
    GROUP,
    Actions,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.criteria import of_rule
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.desired import DesiredStatement, Options
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.problems import (
    Effect,
    Examined,
    Key,
    Problem,
    Rule,
    brought,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.rules import (
    agent,
    groups,
    reach,
    strength,
    whole,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import Stack
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.uses import Uses
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

RULES: tuple[Rule, ...] = (*whole.RULES, *reach.RULES, *strength.RULES, *groups.RULES, *agent.RULES)
# Of an exception only that counts which it takes from rules that do TLS.
EXCEPTION = reach.exception.id
ACCEPTABLE = (*(rule.id for rule in RULES if rule.effect is Effect.REFUSED_UNLESS_ACCEPTED), EXCEPTION)


def judge(
    before: Policy,
    after: Policy,
    desired: Sequence[DesiredStatement],
    removed: Sequence[tuple[str, Statement]],
    options: Options,
) -> list[str]:
    """Raise SecurityError for the first problem that the change brings; return what is only worth a warning."""
    if removed and not options.allow_unknown:
        _orphans(before, after, removed)
    if options.state == "absent":
        return []
    paths = {want.key: want.path for want in desired}
    only = touched(after, paths)
    was, is_ = (Examined(Stack((policy,)), options.level, only, options.allow_unknown) for policy in (before, after))
    asked = [rule for rule in RULES if rule.effect is not Effect.IGNORED]
    found = [(_path(problem, paths), rule, problem) for rule, problem in brought(asked, was, is_)]
    order = list(paths.values())
    found.sort(key=lambda one: order.index(one[0]))
    for path, rule, problem in found:
        _refuse(path, rule, problem, options)
    warnings = [f"{path}: {problem.sentence}" for path, rule, problem in found if _warns(rule, options)]
    return [*warnings, *_lost(_without_tls(before, after, only, options), paths, options)]


def _lost(lost: flows.Lost | None, paths: dict[Key, str], options: Options) -> list[str]:
    """Raise SecurityError where connections lose TLS; return a warning where the user accepts that, or nobody knows."""
    if lost is None:
        return []
    path = paths.get(("TTLSRule", lost.rule)) or next(iter(paths.values()))
    if not lost.why and EXCEPTION not in options.accept_findings:
        raise SecurityError(f"{path}: {lost} If it has to be so, name {EXCEPTION} in accept_findings.")
    return [f"{path}: {lost}"]


def _without_tls(before: Policy, after: Policy, only: frozenset[Key], options: Options) -> flows.Lost | None:
    """Return what connections lose TLS to a rule that lets them go in clear: one that is new, or wins what it did not.

    Only rules that the change touches, and those that stand beside them, can be concerned.
    """
    release = options.level.release or statements.NEWEST
    then, now = Stack((before,)), Stack((after,))
    names = [name for kind, name in only if kind == "TTLSRule"]
    asked = [of_rule(texts, one) for texts in (then, now) for one in map(partial(texts.find, "TTLSRule"), names) if one]
    near = reach.near(now.rules, asked)
    if not any(_is_clear(now, one, release) for one in near):
        return None
    was, becomes = (
        match.order(match.candidate(texts, one, release) for one in rules)
        for texts, rules in ((then, reach.near(then.rules, asked)), (now, near))
    )
    return flows.first_lost(was, becomes, asked)


def _is_clear(texts: Stack, one: Statement, release: str) -> bool:
    """Say whether a rule lets connections go in clear; many rules share their actions."""
    actions = tuple(one.get(f"{kind}Ref") for kind, _advanced in (GROUP, ENVIRONMENT, CONNECTION))
    return texts.shared(("clear", actions, release), lambda: match.protection(Actions(texts, one, release)) == "clear")


def check_accepted(given: Sequence[str]) -> None:
    """Raise SecurityError for what is the id of no rule that a user may accept."""
    for number, identity in enumerate(given):
        if identity not in ACCEPTABLE:
            raise SecurityError(
                f"accept_findings[{number}]: {identity!r} is no finding that can be accepted; those are "
                f"{', '.join(ACCEPTABLE)}."
            )


def _refuse(path: str, rule: Rule, problem: Problem, options: Options) -> None:
    sentence = f"{path}: {problem.sentence}"
    if rule.effect is Effect.REFUSED:
        raise SecurityError(sentence)
    if rule.effect is Effect.OVERLAP and options.on_overlap == "error":
        raise SecurityError(f"{sentence} Give them different priorities, or set on_overlap to warn.")
    if rule.effect is Effect.REFUSED_UNLESS_ACCEPTED and rule.id not in options.accept_findings:
        raise SecurityError(f"{sentence} If it has to be so, name {rule.id} in accept_findings.")


def _warns(rule: Rule, options: Options) -> bool:
    return rule.effect is not Effect.REFUSED_UNLESS_ACCEPTED or rule.id in options.accept_findings


def touched(after: Policy, desired: Collection[Key]) -> frozenset[Key]:
    """Return what the change touches, what uses that, and the environments of these rules, which are judged by them."""
    found = set(desired)
    shared = [key for key in desired if key[0] != "TTLSRule"]
    found.update((one.kind, one.name) for one in (Uses(after).all_of(shared) if shared else ()) if one.type)
    rules = [after.find(*key) for key in found if key[0] == "TTLSRule"]
    environments = (after.target(one.parameter(f"{ENVIRONMENT[0]}Ref")) for one in rules if one)
    return frozenset(found | {(one.kind, one.name) for one in environments if one})


def _path(problem: Problem, paths: dict[Key, str]) -> str:
    """Return the path of what is desired of the statement, else of the first thing that may have led to the problem."""
    own = paths.get((problem.statement or "", problem.name))
    shared = (path for (kind, _name), path in paths.items() if kind != "TTLSRule")
    return own or next(shared, None) or next(iter(paths.values()))


def _orphans(before: Policy, after: Policy, removed: Sequence[tuple[str, Statement]]) -> None:
    """A statement must not go while something in the file still refers to it, be it of AT-TLS or not."""
    uses = Uses(after)
    for path, statement in removed:
        if after.find(statement.kind, statement.name):
            continue
        for user in uses.of(statement.kind, statement.name):
            old = before.find(user.kind, user.name) or user
            raise SecurityError(
                f"{path}: {statement.title} cannot be removed: {user.title} ({before.source.name}:{old.line}) "
                "still refers to it. Remove or change that too."
            )
