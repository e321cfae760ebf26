# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Liberty answers in one way or another, by the order in which it happens to evaluate: files do not say it.

Each was observed (Open Liberty 26.0.0.3): see docs/DIFFERENTIAL.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import elements, problems, raw
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.elements import Element
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.problems import Problem
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.raw import Raw, Reference, Text

# Elements whose metatype IBM keeps to itself, by how their names begin.
_UNPUBLISHED = ("zosconnect_", "saf", "zos")


def may_require(entry: Element) -> bool:
    """Whether Liberty may demand an attribute of such an element: it evaluates that one first."""
    return bool(entry.key) or entry.name in elements.REQUIRED or entry.name.startswith(_UNPUBLISHED)


def of_nested(items: Sequence[Raw | Reference | Text], inner: Element | None) -> Iterator[Problem]:
    """Yield what is open about the nested elements of one name."""
    nested = [item for item in items if isinstance(item, Raw)]
    for child in nested:
        if child.id is not None and raw.own_id(child) is None:
            yield _problem(problems.NUMBERED, child)
    if inner is None or not nested:
        return
    if inner.identity == "single":
        if len(nested) > 1 and any(attribute.items for attribute in nested[0].attributes.values()):
            yield _problem(problems.SINGLE_TWICE, nested[1])
        return
    spelled: dict[str, str] = {}
    for child in nested:
        if child.id is not None and spelled.setdefault(child.id, child.name) != child.name:
            yield _problem(problems.SPELLINGS, child)


def included_deep(occurrences: Sequence[Raw], entry: Element | None) -> dict[str | None, Raw]:
    """Return, by their ids, the elements of one name that an include with IGNORE brings over two levels."""
    groups: list[tuple[str | None, Sequence[Raw]]] = [(None, occurrences)]
    if entry is None or entry.by_id:
        groups = [*raw.by_identity(occurrences, entry.default_id if entry else None).items()]
    deep = ((identity, one) for identity, group in groups for one in group if raw.IGNORE in one.modes[2:])
    return dict(reversed([*deep]))


def of_included(deep: Raw, dangling: Problem) -> Problem:
    """Return what is open about such an element with a reference that leads nowhere: Liberty merges it again."""
    return _problem(problems.MERGED_AGAIN, deep, attribute=dangling.attribute)


def _problem(cause: str, element: Raw, attribute: str | None = None) -> Problem:
    return Problem(problems.ORDER, element.origin, element.name, element.id, attribute, value=cause)
