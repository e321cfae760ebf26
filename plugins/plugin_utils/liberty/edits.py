# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The seven ways to change a document. ``style`` turns them into splices, ``verify`` into changes of a tree."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import Node


@dataclass
class NewElement:
    """An element that is not in the file yet."""

    name: str
    attributes: dict[str, str]
    text: str | None = None
    children: list[NewElement] = field(default_factory=list)


@dataclass(frozen=True)
class SetValue:
    """Give the attribute written ``spelling`` another value."""

    node: Node
    spelling: str
    value: str


@dataclass(frozen=True)
class AddAttribute:
    node: Node
    name: str
    value: str


@dataclass(frozen=True)
class DropAttribute:
    node: Node
    spelling: str


@dataclass(frozen=True)
class SetText:
    """Replace everything inside an element that has no child elements."""

    node: Node
    text: str


@dataclass(frozen=True)
class AddChild:
    """Put a new element into ``parent``, after the child ``after``, or at its end."""

    parent: Node
    after: Node | None
    new: NewElement


@dataclass(frozen=True)
class Remove:
    node: Node


Edit = SetValue | AddAttribute | DropAttribute | SetText | AddChild | Remove


def where(edit: SetValue | DropAttribute) -> int:
    """Return the position of the value in the old text that an edit is about, for its line number."""
    return edit.node.attribute(edit.spelling).value_start
