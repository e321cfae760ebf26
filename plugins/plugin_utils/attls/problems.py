# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong in AT-TLS policies, as data: which rule says so, of which statement and parameter, and where.

A ``Rule`` looks at what is ``Examined`` and gives ``Problem``. The same rules judge a policy as it is and a change of
one: what a change brings is what stands there after it and did not before. The sentence is made last; nothing decides
by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.actions import ENVIRONMENT, Actions
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.criteria import Criteria, of_rule
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.hits import Hit
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Parameter, Policy, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import Stack
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.statements import Level
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.uses import Uses

Key = tuple[str, str | None]


class Effect(Enum):
    """What happens to a change that brings a problem."""

    REFUSED = "refused"
    REFUSED_UNLESS_ACCEPTED = "refused unless the user accepts it"
    WARNED = "warned of"
    IGNORED = "ignored"
    OVERLAP = "as on_overlap says"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. ``statement`` and ``name`` are of the statement at the top, ``parameter`` a keyword."""

    rule: str
    hit: Hit = field(compare=False)

    @property
    def item(self) -> Statement | Parameter:
        return self.hit.item

    @cached_property
    def _around(self) -> list[Statement]:
        return self.hit.around

    @property
    def statement(self) -> str | None:
        return self._around[-1].kind if self._around else None

    @property
    def name(self) -> str | None:
        return self._around[-1].name if self._around else None

    @property
    def parameter(self) -> str | None:
        return self.hit.parameter

    @property
    def file(self) -> str:
        return self.item.policy.source.name

    @property
    def line(self) -> int:
        return self.item.line

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from others, wherever it stands: lines move."""
        return self.rule, self.name, *(one.kind for one in self._around), self.parameter

    @property
    def title(self) -> str:
        """The statement as people name it; see ``Hit.title``."""
        return self.hit.title

    @property
    def sentence(self) -> str:
        return self.hit.sentence


Look = Callable[["Examined"], Iterable[Hit]]


@dataclass(frozen=True)
class Rule:
    """What a rule is called, what a change that brings it meets, and the function that looks."""

    id: str
    effect: Effect
    look: Look

    def problems(self, examined: Examined) -> list[Problem]:
        """Return what the rule finds; a statement that several rules use is named once."""
        found: dict[tuple[object, ...], Problem] = {}
        for hit in self.look(examined):
            found.setdefault((id(hit.item), hit.detail, hit.form), Problem(self.id, hit))
        return list(found.values())


def rule(identity: str, effect: Effect) -> Callable[[Look], Rule]:
    """Make a Rule of a function."""
    return lambda look: Rule(identity, effect, look)


@dataclass(frozen=True)
class Examined:
    """What rules look at: the texts of a stack, for a level of z/OS.

    ``only`` are the statements at the top (kind, name) that count, None is all. With ``partial`` the texts are not all
    that there is: references may lead elsewhere, and what is not known here may be right.
    """

    stack: Stack
    level: Level = field(default_factory=Level)
    only: frozenset[Key] | None = None
    partial: bool = False

    @cached_property
    def tops(self) -> list[Statement]:
        """The AT-TLS statements at the top."""
        if self.only is None:
            return [one for policy in self.stack.policies for one in policy.statements if one.type]
        return [
            one
            for policy in self.stack.policies
            for key in sorted(self.only, key=str)
            for one in policy.occurrences(*key)
        ]

    @cached_property
    def all(self) -> list[Statement]:
        """The AT-TLS statements, those in place behind the one that they are in."""
        found, todo = [], list(reversed(self.tops))
        while todo:
            found.append(todo.pop())
            todo += [child for child in reversed(found[-1].children) if child.type]
        return found

    @cached_property
    def rules(self) -> list[Statement]:
        """The rules; of those with one name the last."""
        if self.only is None:
            return self.stack.rules
        return [one for one in self.tops if one.kind == "TTLSRule" and self.stack.find(one.kind, one.name) is one]

    def criteria(self, one: Statement) -> Criteria:
        """Return what a rule asks of a connection."""
        if id(one) not in self._criteria:
            self._criteria[id(one)] = of_rule(self.stack, one)
        return self._criteria[id(one)]

    @cached_property
    def _criteria(self) -> dict[int, Criteria]:
        return {}

    @cached_property
    def actions(self) -> list[Actions]:
        """What the rules do."""
        return [Actions(self.stack, one, self.level.release) for one in self.rules]

    @cached_property
    def enabled(self) -> list[Actions]:
        """What the rules do that have TLS, and whose actions are all there."""
        return [actions for actions in self.actions if actions.enabled and not actions.lacks_actions]

    def written(self, *keywords: str) -> Iterator[Parameter]:
        """Give each parameter of these names that AT-TLS reads, in whatever statement."""
        for keyword in keywords:
            yield from self._written.get(keyword, ())

    @cached_property
    def _written(self) -> dict[str, list[Parameter]]:
        found: dict[str, list[Parameter]] = {}
        for statement in self.all:
            for item in statement.parameters:
                if item.type:
                    found.setdefault(item.type.name, []).append(item)
        return found

    @cached_property
    def _uses(self) -> dict[Policy, Uses]:
        return {policy: Uses(policy) for policy in self.stack.policies}

    def users(self, statement: Statement) -> list[Statement]:
        """Return the rules that use a statement at the top, directly or through others."""
        return [one for uses in self._uses.values() for one in uses.rules(statement.kind, statement.name)]

    def _kinds_of_users(self, environment: Statement) -> Iterable[Statement]:
        """Return one rule for each set of actions that rules use together with an environment."""
        found: dict[tuple[object, ...], Statement] = {}
        for uses in self._uses.values():
            # Thousands of rules may refer to the same, in the same order.
            alike: set[tuple[tuple[str, str], ...]] = set()
            for one in uses.of(environment.kind, environment.name):
                made = tuple(uses.made_by(one))
                if made not in alike and one.kind == "TTLSRule":
                    alike.add(made)
                    found.setdefault(tuple(sorted(each for each in made if each[0].endswith("action"))), one)
        return found.values()

    @cached_property
    def environments(self) -> list[tuple[Statement, list[Actions]]]:
        """The environment actions, each with what the rules do that use it; where none does, with itself alone.

        A rule whose actions are not all here may do TLS, so an environment of such rules counts alone as well.
        """
        found = []
        for environment in self.tops:
            if environment.kind == ENVIRONMENT[0]:
                users = [Actions(self.stack, one, self.level.release) for one in self._kinds_of_users(environment)]
                enabled = [actions for actions in users if actions.enabled and not actions.lacks_actions]
                is_alone = not users or (not enabled and any(actions.lacks_actions for actions in users))
                alone = [Actions(self.stack, environment, self.level.release)] if is_alone else []
                found.append((environment, enabled + alone))
        return found


def brought(rules: Iterable[Rule], before: Examined, after: Examined) -> Iterator[tuple[Rule, Problem]]:
    """Give the problems that are there after a change and were not before."""
    for rule in rules:
        now = rule.problems(after)
        known: dict[tuple[object, ...], set[str]] = {}
        for problem in rule.problems(before) if now else ():
            known.setdefault(problem.key, set()).update(problem.hit.detail)
        for problem in now:
            if problem.key not in known or not problem.hit.detail <= known[problem.key]:
                yield rule, problem
