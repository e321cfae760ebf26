# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables of a role, judged by its argument specification, in sentences that show no value.

ansible-core's own check of a role's arguments is no help here: where one of them is wrong it prints that value, and
where a template in one fails it prints the whole variable around it (until 2.18), or the lines before it in the user's
file (from 2.19).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.validation import check_type_list
from jinja2 import Environment, TemplateSyntaxError, nodes

from ansible_collections.zosconnect.security.plugins.module_utils import lost
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import described
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import nearest

_KINDS = {
    "bool": "true or false",
    "dict": "a mapping",
    "float": "a number",
    "int": "a whole number",
    "list": "a list",
    "path": "text",
    "str": "text",
}
# What Ansible puts into every template, besides Jinja's own.
_GLOBALS = {*Environment().globals, "lookup", "now", "q", "query", "undef"}


@dataclass(frozen=True)
class Variables:
    """Variables of a host as they stand, and ``evaluate``, which raises any exception for a template that fails."""

    raw: Mapping[str, Any] = field(repr=False)
    evaluate: Callable[[Any], Any] = field(repr=False)

    def complaints(self, options: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Return a sentence for each option that is missing, cannot be evaluated, or has not the value that it must."""
        return [said for name, option in options.items() if (said := self._complaint(name, option))]

    def _complaint(self, name: str, option: Mapping[str, Any]) -> str | None:
        if name not in self.raw:
            return f"{name}: is missing; it has no default." if option.get("required") else None
        try:
            value = self.evaluate(self.raw[name])
        except Exception:  # templates may fail in any way, and what they say may hold values
            return self._blame(name, {name}) or f"{name}: cannot be evaluated."
        others = sorted(references(self.raw[name])[1] & self.raw.keys())
        return wrong(f"{name} (from {', '.join(others)})" if others else name, option, value)

    def _blame(self, name: str, seen: set[str]) -> str | None:
        """Say which part of a variable, or of one that it refers to, cannot be evaluated."""
        for where, leaf in leaves(self.raw[name], name):
            kind = self._failure(leaf)
            if kind is None:
                continue
            named, missing = references(leaf)
            for other in sorted(named & self.raw.keys() - seen):
                if said := self._blame(other, seen | {other}):
                    return said
            unknown = sorted(missing - self.raw.keys())
            if unknown:
                are = "variable {} is" if len(unknown) == 1 else "variables {} are"
                return f"{where}: the {are.format(', '.join(unknown))} not defined."
            return f"{where}: its template cannot be evaluated ({kind}); try that alone to see why."
        return None

    def _failure(self, leaf: Any) -> str | None:
        """Return the kind of the exception at the bottom; its text may hold values."""
        try:
            self.evaluate(leaf)
        except Exception as e:  # see above
            return type(_bottom(e)).__name__
        return None


def chosen(options: Mapping[str, Mapping[str, Any]], only: Sequence[str] | None) -> dict[str, Mapping[str, Any]]:
    """Return those of a role's options that are named in ``only``, or all of them; SecurityError for unknown names."""
    unknown = [name for name in only or () if name not in options]
    if unknown:
        raise SecurityError(f"only: {unknown[0]} is no variable of the role; correct the name.")
    return {name: option for name, option in options.items() if only is None or name in only}


def wrong(where: str, option: Mapping[str, Any], value: Any) -> str | None:
    """Say what is wrong with a value that could be evaluated: its type, the choice, a secret that was lost."""
    if option.get("no_log") and isinstance(value, str) and lost.is_lost(value):
        return f"{where}: {lost.sentence(value)}"
    kind = option.get("type", "str")
    if not _fits(value, kind):
        return f"{where}: must be {_KINDS[kind]}, not {described(value)}."
    if kind == "list" and "elements" in option:
        for number, item in enumerate(check_type_list(value)):
            if not _fits(item, option["elements"]):
                return f"{where}[{number}]: must be {_KINDS[option['elements']]}, not {described(item)}."
    return _unknown_word(where, option["choices"], value) if option.get("choices") else None


def _fits(value: Any, kind: str) -> bool:
    # ansible-core would make a text of these.
    if kind in ("str", "path") and isinstance(value, (Mapping, list)):
        return False
    checked = ArgumentSpecValidator({"value": {"type": kind, "required": True}}).validate({"value": value})
    return not checked.error_messages


def _unknown_word(where: str, choices: list[Any], value: Any) -> str | None:
    """Complain about a word that is none of the choices, which are texts; YAML makes numbers of such as ``2.0``."""
    if str(value) in choices:
        return None
    words = [word for word in choices if word]
    isnt = "neither empty, nor" if "" in choices else "not"
    return f"{where}: is {isnt} one of {', '.join(words)}{nearest(str(value), words) or '.'}"


def leaves(given: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Give each value within lists and mappings, with its place as in ``name[0].key``."""
    if isinstance(given, Mapping):
        for key, value in given.items():
            yield from leaves(value, f"{where}.{key}")
    elif isinstance(given, (list, tuple)):
        for number, value in enumerate(given):
            yield from leaves(value, f"{where}[{number}]")
    else:
        yield where, given


def references(template: Any) -> tuple[set[str], set[str]]:
    """Return the names that a template may refer to (also in texts, as for a lookup), and those that it surely does."""
    if not isinstance(template, str):
        return set(), set()
    try:
        tree = Environment().parse(template)
    except TemplateSyntaxError:
        return set(), set()
    names = list(tree.find_all(nodes.Name))
    own = {name.name for name in names if name.ctx != "load"}
    sure = {name.name for name in names} - own - _GLOBALS
    return sure | {node.value for node in tree.find_all(nodes.Const) if isinstance(node.value, str)}, sure


def _bottom(error: BaseException) -> BaseException:
    below = error.__cause__ or getattr(error, "orig_exc", None)
    return _bottom(below) if below else error
