# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables without what is not read of them, so that nobody needs secrets for what is not used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.variables import leaves, references

# Whether a key of a mapping, given with all of it, is not read.
Unread = Callable[[Mapping[str, Any], str], bool]


def without(raw: Mapping[str, Any], name: str, is_unread: Unread) -> dict[str, Any]:
    """Return the variables; ``name``, and those that its templates refer to, have lost what is not read, at any depth.

    What stands there as a template or encrypted is then never evaluated. What is neither stays: it needs no secret, and
    may be something else of the same name.
    """
    found, todo, done = dict(raw), [name], set()
    while todo:
        one = todo.pop()
        if one in done or one not in raw:
            continue
        done.add(one)
        found[one] = _without(raw[one], is_unread)
        for _where, leaf in leaves(found[one], one):
            if isinstance(leaf, str) and ("{{" in leaf or "{%" in leaf):
                todo += references(leaf)[0]
    return found


def _without(given: Any, is_unread: Unread) -> Any:
    if isinstance(given, Mapping):
        kept = [key for key, value in given.items() if _is_plain(value) or not is_unread(given, key)]
        return {key: _without(given[key], is_unread) for key in kept}
    return [_without(value, is_unread) for value in given] if isinstance(given, (list, tuple)) else given


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return "{{" not in value and "{%" not in value
    return value is None or isinstance(value, (bool, int, float))
