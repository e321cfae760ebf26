# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists and mappings as a survey, extra variables or a workflow give them: text that is YAML or JSON.

No sentence here shows any of it: what cannot be read may be a secret.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping
from itertools import islice
from typing import Any

import yaml

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

# Of characters, and of values: a few lines of YAML that refer to one another stand for more than there is memory.
MOST_CHARACTERS, MOST_VALUES = 10_000_000, 1_000_000


class _Twice(Exception):
    """A key is given twice in one mapping, at a line where that is known."""

    def __init__(self, line: int | None = None) -> None:
        super().__init__(line)
        self.line = line


class _Loader(yaml.SafeLoader):
    """Loads plain values only, and complains of keys that are given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002
        seen = set()
        for key, _value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    raise _Twice(key.start_mark.line + 1)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def _unsafe(loader: _Loader, node: yaml.Node) -> object:
    """Load what Ansible must not take for a template, as restore files say it; nobody here would."""
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    raise yaml.constructor.ConstructorError(None, None, "!unsafe is for a text", node.start_mark)


_Loader.add_constructor("!unsafe", _unsafe)


def held(value: Any, *kinds: type) -> Any:
    """Return what a text holds, if that is of one of these kinds; any other value stays what it is."""
    if not isinstance(value, str):
        return value
    try:
        found = parsed(value, "")
    except SecurityError:
        return value
    return found if isinstance(found, kinds) else value


def parsed(given: str, where: str) -> object:
    """Return what a text says; text that says nothing is None. Raises SecurityError for what is neither."""
    if len(given) > MOST_CHARACTERS:
        raise SecurityError(f"{where}: is text of more than {MOST_CHARACTERS:,} characters, which is not read.")
    try:
        found = _loaded(given)
    except _Twice as e:
        at = f" in line {e.line}" if e.line else ""
        raise SecurityError(f"{where}: the text gives a key{at} that its mapping has already; give it once.") from None
    except yaml.YAMLError as e:
        mark = getattr(e, "problem_mark", None)
        at = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise SecurityError(f"{where}: is text, and neither YAML nor JSON{at}; correct it there.") from None
    except (RecursionError, ValueError):
        raise SecurityError(f"{where}: is text, and neither YAML nor JSON that can be read.") from None
    if sum(1 for _value in islice(_values(found), MOST_VALUES + 1)) > MOST_VALUES:
        raise SecurityError(f"{where}: the text stands for more than {MOST_VALUES:,} values, which is not read.")
    return found


def _loaded(given: str) -> object:
    try:
        return json.loads(given, object_pairs_hook=_once)
    except ValueError:
        return yaml.load(given, Loader=_Loader)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Twice
    return found


def _values(found: object) -> Iterator[object]:
    """Give a value and all that is in it, as often as it is in it."""
    todo = [found]
    while todo:
        value = todo.pop()
        yield value
        if isinstance(value, (Mapping, list)):
            todo += value.values() if isinstance(value, Mapping) else value
