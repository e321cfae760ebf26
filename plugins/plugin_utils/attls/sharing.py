# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shared actions are not changed behind the back of the rules that use them: refuse, or copy under a new name.

A statement is shared when a rule uses it that the wish does not name, and either the wish names rules, or more than one
rule uses it. A copy is called ``NAME_2`` and so on; rules that have their copy keep it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import form
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.statements import NAME_LENGTH, ParameterType
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.uses import Uses
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.wishes import Manner, Wish
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

_SHOWN = 3


def resolve(
    policy: Policy, wishes: Sequence[Wish], manner: Manner, changes: Callable[[Wish], bool]
) -> tuple[Wish, ...]:
    """Return the wishes with those for shared statements turned into wishes for copies.

    ``changes`` says whether a wish would change its statement. Raises SecurityError where ``shared_actions`` is refuse.
    """
    wishes = tuple(wishes)
    candidates = [wish for wish in wishes if wish.type.name != "TTLSRule" and policy.find(*wish.key)]
    if manner.state in ("absent", "overridden") or not any(map(changes, candidates)):
        return wishes
    return _Sharing(policy, wishes, manner, changes).resolved()


class _Sharing:
    def __init__(self, policy: Policy, wishes: Sequence[Wish], manner: Manner, changes: Callable[[Wish], bool]) -> None:
        self.policy = policy
        self.uses = Uses(policy)
        self.manner = manner
        self.changes = changes
        self.wishes = {wish.key: wish for wish in wishes}
        self.named = {wish.name for wish in wishes if wish.type.name == "TTLSRule"}

    def resolved(self) -> tuple[Wish, ...]:
        """Copy one shared statement after the other: what refers to a copy changes too, and may be shared itself."""
        while found := next(filter(self._shared, self.wishes.values()), None):
            others = self._others(found)
            if self.manner.shared_actions != "copy":
                raise SecurityError(_refusal(found, others, self.policy.source.name))
            self._copy(found)
        return tuple(self.wishes.values())

    def _shared(self, wish: Wish) -> bool:
        if wish.type.name == "TTLSRule" or not self.policy.find(*wish.key):
            return False
        users = self.uses.rules(*wish.key)
        others = self._others(wish)
        return bool(others) and (bool(self.named) or len(users) > 1) and self.changes(wish)

    def _others(self, wish: Wish) -> list[Statement]:
        return [rule for rule in self.uses.rules(*wish.key) if rule.name not in self.named]

    def _copy(self, wish: Wish) -> None:
        """Turn a wish for a shared statement into one for a copy, and lead the named rules to the copy."""
        name = self._own_copy(wish) or self._free_name(wish)
        del self.wishes[wish.key]
        old = self.policy.find(*wish.key)
        if self.policy.find(wish.type.name, name) or self.manner.state == "replaced" or old is None:
            copied = replace(wish, name=name)
        else:
            copied = replace(_laid_over(form.wish(old, wish.path), wish), name=name)
        self.wishes[copied.key] = copied
        if not self._lead(wish, name) and not self.policy.find(wish.type.name, name):
            raise SecurityError(
                f"{wish.path}: {wish.title} is shared, but config names no rule that uses it, so a copy would serve "
                "nobody. Name the rules in config."
            )

    def _own_copy(self, wish: Wish) -> str | None:
        """The copy of an earlier run that a named rule uses."""
        pattern = re.compile(rf"{re.escape(_stem(wish))}_\d+")
        for statement in self.policy.of_kind(wish.type.name):
            if pattern.fullmatch(statement.name or "") and self._serves_named(statement):
                return statement.name
        return None

    def _serves_named(self, statement: Statement) -> bool:
        users = {rule.name for rule in self.uses.rules(statement.kind, statement.name)}
        return bool(users & self.named) and users <= self.named

    def _free_name(self, wish: Wish) -> str:
        number = 2
        while (
            self.policy.find(wish.type.name, name := f"{_stem(wish)}_{number}") or (wish.type.name, name) in self.wishes
        ):
            number += 1
        return name

    def _lead(self, wish: Wish, name: str) -> bool:
        """Let what is wished or used by the named rules refer to the copy; say whether anything does."""
        led = False
        for key, other in list(self.wishes.items()):
            found = {k: (name,) for k, texts in other.parameters.items() if _refers(other.types[k], texts, wish)}
            if found:
                self.wishes[key] = replace(other, parameters={**other.parameters, **found})
                led = True
        for user in self.uses.of(*wish.key):
            if self._concerns_named(user):
                led = self._lead_user(user, wish, name) or led
        return led

    def _concerns_named(self, user: Statement) -> bool:
        if user.kind == "TTLSRule":
            return user.name in self.named
        return any(rule.name in self.named for rule in self.uses.rules(user.kind, user.name))

    def _lead_user(self, user: Statement, wish: Wish, name: str) -> bool:
        """Wish a statement of the file to refer to the copy, unless the user wishes something else of it."""
        keyword = next((one.name for one in user.parameters if _refers(one.type, (one.value,), wish)), None)
        key = (user.kind, user.name)
        present = self.wishes.get(key) or (Wish(wish.path, user.type, user.name, {}, {}) if user.type else None)
        known = user.type.parameter(keyword) if user.type and keyword else None
        if present is None or known is None or keyword is None or keyword in present.parameters:
            return False
        parameters, types = {**present.parameters, keyword: (name,)}, {**present.types, keyword: known}
        self.wishes[key] = replace(present, parameters=parameters, types=types)
        return True


def _refers(known: ParameterType | None, texts: tuple[str, ...] | None, wish: Wish) -> bool:
    return known is not None and known.target == wish.type.name and texts == (wish.name,)


def _stem(wish: Wish) -> str:
    return (wish.name or "")[: NAME_LENGTH - 4]


def _laid_over(old: Wish, wish: Wish) -> Wish:
    """Return what a statement would be if the wish were carried out on it."""
    given = {
        wish.types[keyword].one
        for keyword, value in (*wish.parameters.items(), *wish.blocks.items())
        if value is not None
    } - {None}
    kept = {keyword: known for keyword, known in old.types.items() if keyword in wish.types or known.one not in given}
    parameters = {k: v for k, v in old.parameters.items() if k in kept}
    blocks = {k: v for k, v in old.blocks.items() if k in kept}
    for keyword, inner in wish.blocks.items():
        before = blocks.get(keyword)
        merge = inner is not None and before and not wish.types[keyword].repeats
        blocks[keyword] = (_laid_over(before[0], inner[0]),) if merge and before and inner else inner
    return replace(
        wish, parameters={**parameters, **wish.parameters}, types={**kept, **wish.types}, blocks=blocks, name=wish.name
    )


def _refusal(wish: Wish, others: Sequence[Statement], file: str) -> str:
    shown = ", ".join(f"{rule.name} ({file}:{rule.line})" for rule in others[:_SHOWN])
    more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
    return (
        f"{wish.path}: {wish.title} is used by rules that config does not name: {shown}{more}. Name them in config if "
        "they shall change too, or set shared_actions to copy."
    )
