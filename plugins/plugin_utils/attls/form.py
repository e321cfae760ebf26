# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A policy in the user's form, the mapping that ``config`` takes; and statements of a file as what is desired."""

from __future__ import annotations

from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.desired import DesiredStatement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Parameter, Policy, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.statements import ParameterType


def structure(policy: Policy) -> dict[str, list[dict[str, Any]]]:
    """Return the AT-TLS statements of a policy by their keywords; secrets are marks.

    What stands several times is a list where the table says that it may, or where it does.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for statement in policy.statements:
        if statement.type:
            found.setdefault(statement.kind, []).append(_mapping(statement))
    return found


def _mapping(statement: Statement) -> dict[str, Any]:
    found: dict[str, Any] = {} if statement.name is None else {"name": statement.name}
    for item in statement.items:
        if isinstance(item, Statement):
            known = statement.type.parameter(item.keyword) if statement.type else None
            _put(found, item.kind, _mapping(item), several=bool(known and known.repeats))
        else:
            _put(found, item.name, shown(item), several=bool(item.type and item.type.repeats))
    return found


def _put(found: dict[str, Any], key: str, value: object, *, several: bool) -> None:
    if key not in found:
        found[key] = [value] if several else value
    elif isinstance(found[key], list):
        found[key].append(value)
    else:
        found[key] = [found[key], value]


def shown(parameter: Parameter) -> str:
    """Return the value of a parameter as it may be shown."""
    return show(parameter.type, parameter.keyword, parameter.value)


def show(known: ParameterType | None, keyword: str, value: str) -> str:
    """Return a value as it may be shown: a mark for a secret."""
    if known and known.secret:
        return redact.MARK
    return redact.value(keyword, value) or ""


def want(statement: Statement, path: str) -> DesiredStatement:
    """Return what desires a statement exactly as it stands in the file, unknown parameters included."""
    known = statement.type
    if known is None:
        raise AssertionError(statement.keyword)
    parameters: dict[str, tuple[str, ...] | None] = {}
    blocks: dict[str, tuple[DesiredStatement, ...] | None] = {}
    types: dict[str, ParameterType] = {}
    for item in statement.items:
        if isinstance(item, Parameter):
            types.setdefault(item.name, item.type or ParameterType(item.keyword, "text", repeats=True))
            parameters[item.name] = (*(parameters.get(item.name) or ()), item.value)
        elif item.type:
            types.setdefault(item.kind, known.parameter(item.kind) or ParameterType(item.kind, "block"))
            blocks[item.kind] = (*(blocks.get(item.kind) or ()), want(item, f"{path}.{item.kind}"))
    return DesiredStatement(path, known, statement.name, parameters, types, blocks)
