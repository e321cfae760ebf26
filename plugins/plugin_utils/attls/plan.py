# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wishes and a policy in, a plan out: the edits, the changes as people read them, and the new text, proved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import (
    form,
    judge,
    proof,
    sharing,
    style,
    values,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.edits import (
    Add,
    Edit,
    NewParameter,
    NewStatement,
    Remove,
    SetName,
    SetValue,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Parameter, Policy, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.statements import ParameterType
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.wishes import Manner, Wish
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source, Splice


@dataclass(frozen=True)
class Change:
    """One line of the result. ``line`` is in the file as it was; secrets are marks already.

    ``parameter`` is None when the whole statement is meant; of a statement in place it is
    ``TTLSKeyringParms.Keyring``.
    """

    action: str
    statement: str
    name: str | None
    parameter: str | None
    line: int
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Plan:
    """A complete change of one policy. ``result`` is the new text, equal to ``source`` where nothing changes."""

    source: Source
    result: Source
    changes: tuple[Change, ...]
    splices: tuple[Splice, ...]
    warnings: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.splices)


def plan(source: Source, wishes: Sequence[Wish], manner: Manner) -> Plan:
    """Return the change that makes ``wishes`` true in ``source``.

    Raises SecurityError for what is ambiguous, or wrong in what is asked for; faults that are in the file already do
    not hinder. The new text has been read in another way and means exactly what was intended.
    """
    policy = Policy(source)
    wishes = sharing.resolve(policy, wishes, manner, lambda wish: bool(_planned(policy, [wish], manner).edits))
    planner = _planned(policy, wishes, manner)
    if manner.state == "overridden":
        planner.drop_others(wishes)
    if not planner.edits:
        return Plan(source, source, (), (), judge.warnings(policy, wishes, manner))
    splices = style.splices(policy, planner.edits)
    result = source.splice(splices)
    proof.prove(policy, planner.edits, result)
    after = Policy(result)
    found = judge.judge(policy, after, wishes, planner.removed, manner)
    warnings = (*found, *judge.warnings(after, wishes, manner))
    return Plan(source, result, tuple(planner.changes), tuple(splices), warnings)


def _planned(policy: Policy, wishes: Sequence[Wish], manner: Manner) -> _Planner:
    planner = _Planner(policy, manner)
    for wish in wishes:
        planner.apply(wish)
    return planner


class _Planner:
    """Collects the edits and changes of one policy."""

    def __init__(self, policy: Policy, manner: Manner) -> None:
        self.policy = policy
        self.exact = manner.state in ("replaced", "overridden")
        self.absent = manner.state == "absent"
        self.edits: list[Edit] = []
        self.changes: list[Change] = []
        self.removed: list[tuple[str, Statement]] = []

    def apply(self, wish: Wish) -> None:
        found = self.policy.occurrences(*wish.key)
        if self.absent:
            for statement in found:
                self._drop(statement, wish.path)
        elif not found:
            self._new_statement(wish)
        elif len(found) > 1:
            lines = " and ".join(str(one.line) for one in found)
            raise SecurityError(
                f"{wish.path}: {wish.title} stands {len(found)} times in {self.policy.source.name}, at lines {lines}, "
                "and the Policy Agent takes one of them. Remove the others first."
            )
        else:
            _Settler(self, found[0], exact=self.exact).settle(found[0], wish, "")

    def drop_others(self, wishes: Sequence[Wish]) -> None:
        """Remove the AT-TLS statements that nobody wishes."""
        wished = {wish.key for wish in wishes}
        for statement in self.policy.statements:
            if statement.type and (statement.kind, statement.name) not in wished:
                self._drop(statement, "config")

    def _drop(self, statement: Statement, path: str) -> None:
        self.edits.append(Remove(statement))
        self.removed.append((path, statement))
        self.changes.append(Change("removed", statement.kind, statement.name, None, statement.line, None, None))

    def _new_statement(self, wish: Wish) -> None:
        after = (self.policy.of_kind(wish.type.name) or [None])[-1]
        self.edits.append(Add(None, after, new(wish)))
        line = after.line if after else self.policy.source.line(len(self.policy.source.text))
        self.changes.append(Change("added", wish.type.name, wish.name, None, line, None, None))


def new(wish: Wish) -> NewStatement:
    """Return the statement that a wish asks for, its items in the order of the wish."""
    made = NewStatement(wish.type.name, wish.name)
    for keyword in wish.types:
        made.items += [new(inner) for inner in wish.blocks.get(keyword) or ()]
        made.items += [NewParameter(keyword, text) for text in wish.parameters.get(keyword) or ()]
    return made


class _Settler:
    """Makes one statement of the file, ``top``, as it is wished, and the statements in place in it."""

    def __init__(self, planner: _Planner, top: Statement, *, exact: bool) -> None:
        self.planner = planner
        self.top = top
        self.exact = exact
        self.gone: set[int] = set()

    def settle(self, statement: Statement, wish: Wish, prefix: str) -> None:
        if wish.name and wish.name != statement.name:
            self.planner.edits.append(SetName(statement, wish.name))
            self._change("changed", f"{prefix}name", statement.line, statement.name, wish.name)
        for item in statement.items:
            if self._is_in_the_way(item, wish):
                self._remove(item, prefix)
        for keyword, known in wish.types.items():
            if wish.blocks.get(keyword):
                self._blocks(statement, known, wish.blocks[keyword] or (), prefix)
            elif wish.parameters.get(keyword):
                self._parameter(statement, known, wish, prefix)

    def _is_in_the_way(self, item: Parameter | Statement, wish: Wish) -> bool:
        """Whether an item is wished away, says in another way what is wished, or is one that nobody named."""
        name = item.kind if isinstance(item, Statement) else item.name
        if name in wish.types:
            return wish.blocks.get(name) is None and wish.parameters.get(name) is None
        known = wish.type.parameter(name)
        wished = [*wish.blocks.items(), *wish.parameters.items()]
        others = [wish.types[keyword].one for keyword, given in wished if given is not None]
        if known and known.one in others and known.one is not None:
            return True
        return self.exact and not (known and known.secret)

    def _parameter(self, statement: Statement, known: ParameterType, wish: Wish, prefix: str) -> None:
        texts = wish.parameters[known.name] or ()
        present = statement.all(known.name)
        if values.meaning(known, [one.value for one in present]) == values.meaning(known, texts):
            return
        if len(present) > 1 and not known.repeats:
            lines = " and ".join(str(one.line) for one in present)
            raise SecurityError(
                f"{wish.path}.{known.name}: stands {len(present)} times in {_title(statement)} "
                f"({self.planner.policy.source.name}, lines {lines}); remove the others first."
            )
        for parameter, text in zip(present, texts, strict=False):
            if values.meaning(known, [parameter.value]) != values.meaning(known, [text]):
                self.planner.edits.append(SetValue(parameter, text))
                before, after = form.shown(parameter), form.show(known, known.name, text)
                self._change("changed", prefix + known.name, parameter.line, before, after)
        for parameter in present[len(texts) :]:
            self._remove(parameter, prefix)
        for text in texts[len(present) :]:
            anchor = self._anchor(statement, present)
            self._add(statement, anchor, NewParameter(known.name, text), prefix, form.show(known, known.name, text))

    def _blocks(self, statement: Statement, known: ParameterType, wished: Sequence[Wish], prefix: str) -> None:
        present = statement.blocks(known.name)
        if len(present) > 1 and not known.repeats:
            lines = " and ".join(str(one.line) for one in present)
            raise SecurityError(
                f"{wished[0].path}: stands {len(present)} times in {_title(statement)} "
                f"({self.planner.policy.source.name}, lines {lines}); remove the others first."
            )
        for block, wish in zip(present, wished, strict=False):
            settler = self if not known.repeats else _Settler(self.planner, self.top, exact=True)
            settler.settle(block, wish, f"{prefix}{known.name}.")
        for block in present[len(wished) :]:
            self._remove(block, prefix)
        for wish in wished[len(present) :]:
            self._add(statement, self._anchor(statement, present), new(wish), prefix, None)

    def _anchor(self, statement: Statement, present: Sequence[Parameter | Statement]) -> Parameter | Statement | None:
        """The item behind which something new comes: the last of its kind, else the last one that stays."""
        kept = [item for item in (present or statement.items) if id(item) not in self.gone]
        return (kept or [None])[-1]

    def _add(
        self,
        statement: Statement,
        after: Parameter | Statement | None,
        what: NewParameter | NewStatement,
        prefix: str,
        shown: str | None,
    ) -> None:
        self.planner.edits.append(Add(statement, after, what))
        self._change("added", prefix + what.keyword, after.line if after else statement.line, None, shown)

    def _remove(self, item: Parameter | Statement, prefix: str) -> None:
        self.gone.add(id(item))
        self.planner.edits.append(Remove(item))
        name = item.kind if isinstance(item, Statement) else item.name
        before = form.shown(item) if isinstance(item, Parameter) else None
        self._change("removed", prefix + name, item.line, before, None)

    def _change(self, action: str, parameter: str, line: int, before: str | None, after: str | None) -> None:
        self.planner.changes.append(Change(action, self.top.kind, self.top.name, parameter, line, before, after))


def _title(statement: Statement) -> str:
    return f"{statement.kind} {statement.name}" if statement.name else statement.kind
