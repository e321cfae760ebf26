# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is desired and a policy in, a plan out: the edits, the changes as people read them, and the new text, proved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils import garbage
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import (
    form,
    judge,
    proof,
    sharing,
    style,
    values,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.desired import DesiredStatement, Options
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
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source, Splice


@dataclass(frozen=True)
class Change:
    """One line of the result. ``line`` is in the file as it was; secrets are marks already.

    ``parameter`` is None for the whole statement; of one in place it is ``TTLSKeyringParms.Keyring``.
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


@garbage.kept()
def plan(source: Source, desired: Sequence[DesiredStatement], options: Options) -> Plan:
    """Return the change that makes ``source`` as is ``desired``.

    Raises SecurityError for what is ambiguous, or wrong in what is asked for; faults that are in the file already do
    not hinder. The new text has been read in another way and means exactly what was intended.
    """
    judge.check_accepted(options.accept_findings)
    policy = Policy(source)
    desired = sharing.resolve(policy, desired, options, lambda want: bool(_planned(policy, [want], options).edits))
    planner = _planned(policy, desired, options)
    if options.state == "overridden":
        planner.drop_others(desired)
    if not planner.edits:
        return Plan(source, source, (), ())
    splices = style.splices(policy, planner.edits)
    result = source.splice(splices)
    proof.prove(policy, planner.edits, result)
    warnings = judge.judge(policy, Policy(result), desired, planner.removed, options)
    return Plan(source, result, tuple(planner.changes), tuple(splices), tuple(warnings))


def _planned(policy: Policy, desired: Sequence[DesiredStatement], options: Options) -> _Planner:
    planner = _Planner(policy, options)
    for want in desired:
        planner.apply(want)
    return planner


class _Planner:
    """Collects the edits and changes of one policy."""

    def __init__(self, policy: Policy, options: Options) -> None:
        self.policy = policy
        self.exact = options.state in ("replaced", "overridden")
        self.absent = options.state == "absent"
        self.edits: list[Edit] = []
        self.changes: list[Change] = []
        self.removed: list[tuple[str, Statement]] = []

    def apply(self, want: DesiredStatement) -> None:
        found = self.policy.occurrences(*want.key)
        if self.absent:
            for statement in found:
                self._drop(statement, want.path)
        elif not found:
            self._new_statement(want)
        elif len(found) > 1:
            lines = " and ".join(str(one.line) for one in found)
            raise SecurityError(
                f"{want.path}: {want.title} stands {len(found)} times in {self.policy.source.name}, at lines {lines}, "
                "and the Policy Agent takes one of them. Remove the others first."
            )
        else:
            _Settler(self, found[0], exact=self.exact).settle(found[0], want, "")

    def drop_others(self, desired: Sequence[DesiredStatement]) -> None:
        """Remove the AT-TLS statements that are not desired."""
        wanted = {want.key for want in desired}
        for statement in self.policy.statements:
            if statement.type and (statement.kind, statement.name) not in wanted:
                self._drop(statement, "config")

    def _drop(self, statement: Statement, path: str) -> None:
        self.edits.append(Remove(statement))
        self.removed.append((path, statement))
        self.changes.append(Change("removed", statement.kind, statement.name, None, statement.line, None, None))

    def _new_statement(self, want: DesiredStatement) -> None:
        after = next(reversed(self.policy.of_kind(want.type.name)), None)
        self.edits.append(Add(None, after, new(want)))
        line = after.line if after else self.policy.source.line(len(self.policy.source.text))
        self.changes.append(Change("added", want.type.name, want.name, None, line, None, None))


def new(want: DesiredStatement) -> NewStatement:
    """Return the statement that is desired, its items in the order in which they were given."""
    made = NewStatement(want.type.name, want.name)
    for keyword in want.types:
        made.items += [new(inner) for inner in want.blocks.get(keyword) or ()]
        made.items += [NewParameter(keyword, text) for text in want.parameters.get(keyword) or ()]
    return made


class _Settler:
    """Makes one statement of the file, ``top``, as is desired, and the statements in place in it."""

    def __init__(self, planner: _Planner, top: Statement, *, exact: bool) -> None:
        self.planner = planner
        self.top = top
        self.exact = exact
        self.gone: set[int] = set()

    def settle(self, statement: Statement, want: DesiredStatement, prefix: str) -> None:
        if want.name and want.name != statement.name:
            self.planner.edits.append(SetName(statement, want.name))
            self._change("changed", f"{prefix}name", statement.line, statement.name, want.name)
        for item in statement.items:
            if self._is_in_the_way(item, want):
                self._remove(item, prefix)
        for keyword, known in want.types.items():
            if want.blocks.get(keyword):
                self._blocks(statement, known, want.blocks[keyword] or (), prefix)
            elif want.parameters.get(keyword):
                self._parameter(statement, known, want, prefix)

    def _is_in_the_way(self, item: Parameter | Statement, want: DesiredStatement) -> bool:
        """Whether an item shall go, says in another way what is desired, or is one that nobody named."""
        name = item.kind if isinstance(item, Statement) else item.name
        if name in want.types:
            return want.blocks.get(name) is None and want.parameters.get(name) is None
        known = want.type.parameter(name)
        wanted = [*want.blocks.items(), *want.parameters.items()]
        others = [want.types[keyword].one for keyword, given in wanted if given is not None]
        if known and known.one in others and known.one is not None:
            return True
        return self.exact and not (known and known.secret)

    def _parameter(self, statement: Statement, known: ParameterType, want: DesiredStatement, prefix: str) -> None:
        texts = want.parameters[known.name] or ()
        present = statement.all(known.name)
        if values.meaning(known, [one.value for one in present]) == values.meaning(known, texts):
            return
        if len(present) > 1 and not known.repeats:
            lines = " and ".join(str(one.line) for one in present)
            raise SecurityError(
                f"{want.path}.{known.name}: stands {len(present)} times in {statement.title} "
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

    def _blocks(
        self, statement: Statement, known: ParameterType, wanted: Sequence[DesiredStatement], prefix: str
    ) -> None:
        present = statement.blocks(known.name)
        if len(present) > 1 and not known.repeats:
            lines = " and ".join(str(one.line) for one in present)
            raise SecurityError(
                f"{wanted[0].path}: stands {len(present)} times in {statement.title} "
                f"({self.planner.policy.source.name}, lines {lines}); remove the others first."
            )
        for block, want in zip(present, wanted, strict=False):
            settler = self if not known.repeats else _Settler(self.planner, self.top, exact=True)
            settler.settle(block, want, f"{prefix}{known.name}.")
        for block in present[len(wanted) :]:
            self._remove(block, prefix)
        for want in wanted[len(present) :]:
            self._add(statement, self._anchor(statement, present), new(want), prefix, None)

    def _anchor(self, statement: Statement, present: Sequence[Parameter | Statement]) -> Parameter | Statement | None:
        """The item behind which something new comes: the last of its kind, else the last one that stays."""
        kept = [item for item in (present or statement.items) if id(item) not in self.gone]
        return next(reversed(kept), None)

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
