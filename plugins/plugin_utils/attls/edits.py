# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways in which a policy is changed. ``style`` turns them into splices, ``proof`` into changes of a plain list."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Parameter, Statement


@dataclass
class NewParameter:
    """A line that is not in the file yet."""

    keyword: str
    value: str


@dataclass
class NewStatement:
    """A statement that is not in the file yet."""

    keyword: str
    name: str | None
    items: list[NewParameter | NewStatement] = field(default_factory=list)


@dataclass(frozen=True)
class SetValue:
    parameter: Parameter
    value: str


@dataclass(frozen=True)
class SetName:
    """Give a statement in place another name."""

    statement: Statement
    name: str


@dataclass(frozen=True)
class Remove:
    item: Parameter | Statement


@dataclass(frozen=True)
class Add:
    """Put something new into ``parent`` (None: the file), behind the item ``after``.

    Without ``after`` it comes first in a statement, but last in the file.
    """

    parent: Statement | None
    after: Parameter | Statement | None
    new: NewParameter | NewStatement


Edit = SetValue | SetName | Remove | Add
