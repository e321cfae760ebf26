# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shared actions are not changed behind the back of the rules that use them: refuse, or copy under a new name.

A statement is shared when a rule uses it that config does not name, and either config names rules, or more than one
rule uses it. A copy is called ``NAME_2`` and so on; rules that have their copy keep it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import form
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.desired import DesiredStatement, Options
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.statements import NAME_LENGTH, ParameterType
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.uses import Uses
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

_SHOWN = 3


def resolve(
    policy: Policy, desired: Sequence[DesiredStatement], options: Options, changes: Callable[[DesiredStatement], bool]
) -> tuple[DesiredStatement, ...]:
    """Return what is desired, with copies in place of shared statements.

    ``changes`` says whether what is desired would change its statement. Raises SecurityError where ``shared_actions``
    is refuse.
    """
    desired = tuple(desired)
    candidates = [want for want in desired if want.type.name != "TTLSRule" and policy.find(*want.key)]
    if options.state in ("absent", "overridden") or not any(map(changes, candidates)):
        return desired
    return _Sharing(policy, desired, options, changes).resolved()


class _Sharing:
    def __init__(
        self,
        policy: Policy,
        desired: Sequence[DesiredStatement],
        options: Options,
        changes: Callable[[DesiredStatement], bool],
    ) -> None:
        self.policy = policy
        self.uses = Uses(policy)
        self.options = options
        self.changes = changes
        self.desired = {want.key: want for want in desired}
        self.named = {want.name for want in desired if want.type.name == "TTLSRule"}

    def resolved(self) -> tuple[DesiredStatement, ...]:
        """Copy one shared statement after the other: what refers to a copy changes too, and may be shared itself."""
        while found := next(filter(self._shared, self.desired.values()), None):
            others = self._others(found)
            if self.options.shared_actions != "copy":
                raise SecurityError(_refusal(found, others, self.policy.source.name))
            self._copy(found)
        return tuple(self.desired.values())

    def _shared(self, want: DesiredStatement) -> bool:
        if want.type.name == "TTLSRule" or not self.policy.find(*want.key):
            return False
        users = self.uses.rules(*want.key)
        others = self._others(want)
        return bool(others) and (bool(self.named) or len(users) > 1) and self.changes(want)

    def _others(self, want: DesiredStatement) -> list[Statement]:
        return [rule for rule in self.uses.rules(*want.key) if rule.name not in self.named]

    def _copy(self, want: DesiredStatement) -> None:
        """Desire a copy instead of a shared statement, and lead the named rules to the copy."""
        name = self._own_copy(want) or self._free_name(want)
        del self.desired[want.key]
        old = self.policy.find(*want.key)
        if self.policy.find(want.type.name, name) or self.options.state == "replaced" or old is None:
            copied = replace(want, name=name)
        else:
            copied = replace(_laid_over(form.want(old, want.path), want), name=name)
        self.desired[copied.key] = copied
        if not self._lead(want, name) and not self.policy.find(want.type.name, name):
            raise SecurityError(
                f"{want.path}: {want.title} is shared, but config names no rule that uses it, so a copy would serve "
                "nobody. Name the rules in config."
            )

    def _own_copy(self, want: DesiredStatement) -> str | None:
        """The copy of an earlier run that a named rule uses."""
        pattern = re.compile(rf"{re.escape(_stem(want))}_\d+")
        for statement in self.policy.of_kind(want.type.name):
            if pattern.fullmatch(statement.name or "") and self._serves_named(statement):
                return statement.name
        return None

    def _serves_named(self, statement: Statement) -> bool:
        users = {rule.name for rule in self.uses.rules(statement.kind, statement.name)}
        return bool(users & self.named) and users <= self.named

    def _free_name(self, want: DesiredStatement) -> str:
        number = 2
        while (
            self.policy.find(want.type.name, name := f"{_stem(want)}_{number}")
            or (want.type.name, name) in self.desired
        ):
            number += 1
        return name

    def _lead(self, want: DesiredStatement, name: str) -> bool:
        """Let what is desired or used by the named rules refer to the copy; say whether anything does."""
        led = False
        for key, other in list(self.desired.items()):
            found = {k: (name,) for k, texts in other.parameters.items() if _refers(other.types[k], texts, want)}
            if found:
                self.desired[key] = replace(other, parameters={**other.parameters, **found})
                led = True
        for user in self.uses.of(*want.key):
            if self._concerns_named(user):
                led = self._lead_user(user, want, name) or led
        return led

    def _concerns_named(self, user: Statement) -> bool:
        if user.kind == "TTLSRule":
            return user.name in self.named
        return any(rule.name in self.named for rule in self.uses.rules(user.kind, user.name))

    def _lead_user(self, user: Statement, want: DesiredStatement, name: str) -> bool:
        """Desire that a statement of the file refers to the copy, unless the user desires something else of it."""
        keyword = next((one.name for one in user.parameters if _refers(one.type, (one.value,), want)), None)
        key = (user.kind, user.name)
        present = self.desired.get(key) or (
            DesiredStatement(want.path, user.type, user.name, {}, {}) if user.type else None
        )
        known = user.type.parameter(keyword) if user.type and keyword else None
        if present is None or known is None or keyword is None or keyword in present.parameters:
            return False
        parameters, types = {**present.parameters, keyword: (name,)}, {**present.types, keyword: known}
        self.desired[key] = replace(present, parameters=parameters, types=types)
        return True


def _refers(known: ParameterType | None, texts: tuple[str, ...] | None, want: DesiredStatement) -> bool:
    return known is not None and known.target == want.type.name and texts == (want.name,)


def _stem(want: DesiredStatement) -> str:
    return (want.name or "")[: NAME_LENGTH - 4]


def _laid_over(old: DesiredStatement, want: DesiredStatement) -> DesiredStatement:
    """Return what a statement would be after it was made as desired."""
    given = {
        want.types[keyword].one
        for keyword, value in (*want.parameters.items(), *want.blocks.items())
        if value is not None
    } - {None}
    kept = {keyword: known for keyword, known in old.types.items() if keyword in want.types or known.one not in given}
    parameters = {k: v for k, v in old.parameters.items() if k in kept}
    blocks = {k: v for k, v in old.blocks.items() if k in kept}
    for keyword, inner in want.blocks.items():
        before = blocks.get(keyword)
        merge = inner is not None and before and not want.types[keyword].repeats
        blocks[keyword] = (_laid_over(before[0], inner[0]),) if merge and before and inner else inner
    return replace(
        want, parameters={**parameters, **want.parameters}, types={**kept, **want.types}, blocks=blocks, name=want.name
    )


def _refusal(want: DesiredStatement, others: Sequence[Statement], file: str) -> str:
    shown = ", ".join(f"{rule.name} ({file}:{rule.line})" for rule in others[:_SHOWN])
    more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
    return (
        f"{want.path}: {want.title} is used by rules that config does not name: {shown}{more}. Name them in config if "
        "they shall change too, or set shared_actions to copy."
    )
