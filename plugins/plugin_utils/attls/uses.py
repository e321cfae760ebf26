# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who refers to whom in a policy: found in the text at once, because a policy may have thousands of rules."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.statements import STATEMENTS

# A reference stands behind a brace, so never in the first line; to look for a line end takes half the time of ^.
_REFERENCE = re.compile(r"\n[^\S\n]*+(\w++)(?<=\w[Rr][Ee][Ff])[^\S\n]++(\S++)")
# Statements that other kinds of policies (IP filters and so on) may refer to as well.
_SHARED_KINDS = ("ipaddr", "ipaddrset", "ipaddrgroup", "portrange", "portgroup", "iptimecondition")
_TARGETS = {
    key: parameter.target.lower()
    for statement in STATEMENTS.values()
    for key, parameter in statement.parameters.items()
    if parameter.kind == "ref" and parameter.target
}


@dataclass
class Uses:
    """The statements at the top of ``policy`` that refer to another one, themselves or by what is in them."""

    policy: Policy
    _found: dict[tuple[str, str], list[Statement]] = field(default_factory=dict)
    _made: dict[int, list[tuple[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tops = iter(self.policy.statements)
        top, last = next(tops, None), None
        # Thousands of rules refer to the same few actions, by the same words.
        alike: dict[tuple[str | Any, ...], tuple[tuple[str, str], list[Statement]]] = {}
        made: list[tuple[str, str]] = []
        for match in _REFERENCE.finditer(self.policy.source.lf):
            position = match.start(1)
            while top is not None and top.close < position:
                top = next(tops, None)
            if top is None:
                break
            if position < top.start:
                continue
            written = match.groups()
            if written not in alike:
                keyword, name = written
                # A keyword that the table does not have is of another kind of policy; its name tells what it means.
                led = (_TARGETS.get(keyword.lower(), ""), name)
                alike[written] = led, self._found.setdefault(led, [])
            led, users = alike[written]
            users.append(top)
            if top is not last:
                last, made = top, self._made.setdefault(id(top), [])
            made.append(led)

    def of(self, kind: str, name: str | None) -> list[Statement]:
        """Return the statements at the top that refer to the one of this kind and name."""
        found = self._found.get((kind.lower(), name or ""), [])
        return found + (self._found.get(("", name or ""), []) if kind.lower() in _SHARED_KINDS else [])

    def all_of(self, keys: Iterable[tuple[str, str | None]]) -> list[Statement]:
        """Return the statements that refer to one of ``keys`` (kind, name), or to one that does, and so on."""
        found: dict[int, Statement] = {}
        todo = list(keys)
        while todo:
            for statement in self.of(*todo.pop()):
                if id(statement) not in found:
                    found[id(statement)] = statement
                    todo.append((statement.kind, statement.name))
        return list(found.values())

    def made_by(self, statement: Statement) -> list[tuple[str, str]]:
        """Return the kinds, in lower case, and names that a statement at the top refers to."""
        return self._made.get(id(statement), [])

    def rules(self, kind: str, name: str | None) -> list[Statement]:
        """Return the rules that use the statement of this kind and name, directly or through others."""
        return [statement for statement in self.all_of([(kind, name)]) if statement.kind == "TTLSRule"]
