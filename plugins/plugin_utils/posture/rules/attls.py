# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings about AT-TLS policies: the rules of ``attls/rules``, each with its card and, where there is one, a remedy.

Remedies are the input ``config`` of attls_policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import ciphers
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import judge, problems
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.actions import ENVIRONMENT
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.problems import Examined, Problem
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.rules.strength import SAFE_PROTOCOLS, unwritten
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import (
    Fault,
    Json,
    Rule,
    rule,
)

Remedy = Callable[[Examined, Problem], list[Json]]


def _set(examined: Examined, statement: Statement, **parameters: Any) -> list[Json]:
    """Return the input of attls_policy that sets parameters of a statement, for all rules that use it."""
    top, inner = statement, dict(parameters)
    while top.parent:
        inner = {top.kind: inner}
        top = top.parent
    config: Json = {top.kind: [{"name": top.name, **inner}]}
    users = examined.users(top) if top.kind != "TTLSRule" else []
    if users:
        config["TTLSRule"] = [{"name": one.name} for one in users]
    return [config]


def _parameter(value: object) -> Remedy:
    """Return the remedy that gives the parameter of a problem another value; None removes it."""

    def remedy(examined: Examined, problem: Problem) -> list[Json]:
        owner = problem.item.parent
        return _set(examined, owner, **{problem.parameter or "": value}) if owner else []

    return remedy


def _protocols(examined: Examined, problem: Problem) -> list[Json]:
    """Write the protocols: the safe ones on, as far as the ciphers are for them."""
    environment = problem.item
    views = next((views for one, views in examined.environments if one is environment), [])
    if not isinstance(environment, Statement) or not views:
        return []
    left, suites = unwritten(views[0]), views[0].written_ciphers
    offered = {protocol for suite in suites for protocol in ciphers.protocols(suite)} if suites else {"TLSv1.2"}
    wanted = {one: one in SAFE_PROTOCOLS and one in offered for one in left}
    advanced = examined.stack.part(environment, ENVIRONMENT[1])
    return _set(examined, advanced, **wanted) if advanced else _set(examined, environment, **{ENVIRONMENT[1]: wanted})


_REMEDIES: dict[str, Remedy] = {
    "attls-old-protocol": _parameter(False),
    "attls-protocol-default": _protocols,
    "attls-cleartext-trace": _parameter(False),
    "attls-trace": _parameter(2),
    "attls-application-controlled": _parameter(False),
    "attls-pass-through": _parameter("Required"),
    "attls-ring-password": _parameter(None),
    "attls-key-size": _parameter(2048),
    "attls-renegotiation": _parameter("Default"),
}


def _made(known: problems.Rule) -> Rule:
    def look(examined: Examined) -> Iterator[Fault]:
        remedy = _REMEDIES.get(known.id)
        for problem in known.problems(examined):
            change = remedy(examined, problem) if remedy else []
            about = (problem.statement, problem.name, *problem.key)
            origin = Origin(problem.file, problem.line)
            yield Fault(origin, problem.sentence, change, about=about, detail=problem.hit.detail)

    return rule(known.id)(look)


RULES: tuple[Rule, ...] = tuple(map(_made, judge.RULES))
