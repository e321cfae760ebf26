# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which options tests set: of modules, of what these take within an option, of roles and playbooks.

An option of a module is set where a mapping gets it that is handed to that module: as it stands there, or by way of
names, calls and tables of the same file. A word that only occurs somewhere sets nothing. An option within another one is
set by a mapping below the outer one's name, or by one with at least two keys, all of them that option's, and all that
are required. Variables of roles and playbooks are keys of mappings, keywords or ``-e NAME=``, by their full names.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

COLLECTION = "zosconnect.security."
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
MORE = "**"  # stands for the keys of another mapping that a literal one takes over
Function = ast.FunctionDef | ast.AsyncFunctionDef
Json = Mapping[str, Any]


class _Loader(yaml.CSafeLoader):
    """Takes any tag."""


def _untagged(_loader: object, _suffix: str, _node: object) -> None:
    """Read what has a tag of Ansible's as nothing."""


_Loader.add_multi_constructor("", _untagged)


@dataclass
class Seen:
    """What is set: options of modules, and every mapping below the name that it stands under."""

    modules: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    below: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    mappings: set[frozenset[str]] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def add(self, other: Seen) -> None:
        for mine, its in ((self.modules, other.modules), (self.below, other.below)):
            for name, keys in its.items():
                mine[name] |= keys
        self.mappings |= other.mappings
        self.names |= other.names

    def through(self, paths: Iterable[Path]) -> None:
        """Take over what roles and playbooks hand on: an option is set by whoever sets a variable in its value."""
        tasks: list[tuple[str, str, str]] = []
        own: dict[str, str] = {}
        for path in paths:
            for node in mappings(yaml.load(path.read_text(encoding="utf-8"), _Loader)):
                for key, value in node.items():
                    own[str(key)] = own.get(str(key), "") + str(value)
                    if str(key).startswith(COLLECTION) and isinstance(value, Mapping):
                        tasks += [
                            (str(key).removeprefix(COLLECTION), str(name), str(each)) for name, each in value.items()
                        ]
        for module, name, value in tasks:
            known: set[str] = set()
            todo = {value}
            while todo:
                words = set(re.findall(r"\w+", " ".join(todo))) - known
                known |= words
                todo = {own[word] for word in words if "__" in word and word in own}
            if known & self.names or "{{" not in value:
                self.modules[module].add(name)

    def prefixed(self, program: Program, roles: Iterable[str]) -> None:
        """Take over the variables of roles that a file puts together of the role's name and a shorter one."""
        texts = {node.value for node in program.nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        # A variable that the role has not is one of the role connections.
        chosen = {role for role in roles if role in texts or f"{role}_" in texts} | {"connections"}
        short = {word for one in self.of(program) for word in one}
        self.names |= {f"{role}_{word}" for role in chosen for word in short}

    @staticmethod
    def of(program: Program) -> Iterator[set[str]]:
        """Yield the keys of each mapping of a file, and the keywords of each call."""
        for node in program.nodes:
            if isinstance(node, ast.Dict):
                yield set(_literal(node))
            elif isinstance(node, ast.Call):
                yield {word.arg for word in node.keywords if word.arg}

    def data(self, given: Any, name: str = "") -> None:
        """Take over data as YAML has it."""
        if isinstance(given, Mapping):
            keys = {str(key) for key in given}
            self._mapping(name, keys)
            for key, value in given.items():
                self.data(value, str(key))
                if str(key).startswith(COLLECTION) and isinstance(value, Mapping):
                    self.modules[str(key).removeprefix(COLLECTION)] |= {str(each) for each in value}
        elif isinstance(given, list):
            for each in given:
                self.data(each, name)

    def _mapping(self, name: str, keys: set[str]) -> None:
        self.below[name] |= keys
        self.names |= keys
        self.mappings.add(frozenset(keys))

    def text(self, text: str) -> None:
        """Take over a text that may be YAML, or a command with variables."""
        self.names |= set(re.findall(r"(?:^|[\s'\"-])(?:-e|--extra-vars)?[ =]?([a-z]\w*_\w+)=", text))
        if (f"{COLLECTION}" in text and ":" in text) or "\n" in text:
            for one in _yaml(text):
                self.data(one)

    def program(self, program: Program) -> None:
        """Take over what a Python file has."""
        for node in program.nodes:
            if isinstance(node, ast.Dict):
                self._dict(node, "")
            elif isinstance(node, ast.Call):
                self._call(node)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                self.text(node.value)
        for module, given in program.handed():
            self.modules[module] |= program.keys(given)

    def _dict(self, node: ast.Dict, name: str) -> None:
        self._mapping(name, set(_literal(node)))
        for key, value in zip(node.keys, node.values, strict=True):
            self._below(value, key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else name)

    def _below(self, value: ast.expr, name: str) -> None:
        for each in value.elts if isinstance(value, (ast.List, ast.Tuple)) else [value]:
            if isinstance(each, ast.Dict):
                self._mapping(name, set(_literal(each)))

    def _call(self, node: ast.Call) -> None:
        words = {word.arg for word in node.keywords if word.arg}
        self._mapping("", words)
        for word in node.keywords:
            if word.arg:
                self._below(word.value, word.arg)


def _yaml(text: str) -> Iterator[Any]:
    try:
        yield from yaml.load_all(text, _Loader)
    except (yaml.YAMLError, ValueError):
        return


def mappings(given: Any) -> Iterator[Json]:
    if isinstance(given, Mapping):
        yield given
    for each in given.values() if isinstance(given, Mapping) else given if isinstance(given, list) else ():
        yield from mappings(each)


def _literal(node: ast.Dict) -> Iterator[str]:
    for key in node.keys:
        if key is None:
            yield MORE
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value


class Program:
    """A Python file: its functions, what is assigned to its names, and who calls whom."""

    def __init__(self, tree: ast.Module) -> None:
        self.nodes = list(ast.walk(tree))
        self.within: dict[ast.AST, Function] = {}
        for node in self.nodes:
            if isinstance(node, _FUNCTIONS):
                # The innermost comes last, for ast.walk goes outside in.
                self.within |= dict.fromkeys(ast.walk(node), node)

    @cached_property
    def functions(self) -> dict[str, list[Function]]:
        found: dict[str, list[Function]] = defaultdict(list)
        for node in self.nodes:
            if isinstance(node, _FUNCTIONS):
                found[node.name].append(node)
        return found

    @cached_property
    def calls(self) -> dict[str, list[ast.Call]]:
        found: dict[str, list[ast.Call]] = defaultdict(list)
        for node in self.nodes:
            if isinstance(node, ast.Call):
                found[_called(node)].append(node)
        return found

    @cached_property
    def assigned(self) -> dict[str, list[ast.expr]]:
        """The values of each name, those of its items and those that a loop gives it too."""
        found: dict[str, list[ast.expr]] = defaultdict(list)
        for node in self.nodes:
            pairs: list[tuple[ast.expr, ast.expr | None]] = []
            if isinstance(node, ast.Assign):
                pairs = [(target, node.value) for target in node.targets]
            elif isinstance(node, (ast.AnnAssign, ast.AugAssign)):
                pairs = [(node.target, node.value)]
            elif isinstance(node, (ast.For, ast.comprehension)):
                pairs = [(node.target, node.iter)]
            for target, value in pairs:
                for name in ast.walk(target):
                    if isinstance(name, ast.Name) and value is not None:
                        found[name.id].append(_item(target, value))
        return found

    def handed(self) -> Iterator[tuple[str, ast.expr]]:
        """Yield what each module is given."""
        for node in self.nodes:
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    for module in self._module(key):
                        yield module, value
            elif isinstance(node, ast.Assign):
                # An action in this process: its task's arguments, and the name that it was called by.
                words = [word for each in ast.walk(node.value) if isinstance(each, ast.Call) for word in each.keywords]
                args = [word.value for word in words if word.arg == "args"]
                for module in {name for each in ast.walk(node.value) for name in self._module(each)} if args else ():
                    yield module, args[0]

    def _module(self, node: ast.AST | None) -> Iterator[str]:
        values = (
            [node] if isinstance(node, ast.Constant) else self.assigned[node.id] if isinstance(node, ast.Name) else []
        )
        for each in values:
            if isinstance(each, ast.Constant) and str(each.value).startswith(COLLECTION):
                yield str(each.value).removeprefix(COLLECTION)

    def keys(self, given: ast.expr) -> set[str]:
        """Return the keys that a mapping gets, or may get."""
        found: set[str] = set()
        todo: list[ast.expr] = [given]
        done: set[int] = set()
        while todo:
            node = todo.pop()
            if id(node) not in done:
                done.add(id(node))
                found |= _own(node)
                todo += self._further(node)
        return found

    def _further(self, node: ast.expr) -> Iterator[ast.expr]:
        """Yield the expressions that add to a mapping."""
        if isinstance(node, ast.Dict):
            yield from (value for key, value in zip(node.keys, node.values, strict=True) if key is None)
            # A table of cases by their names.
            yield from (
                value for value in node.values if isinstance(value, (ast.Dict, ast.Tuple, ast.List)) and _is_table(node)
            )
        elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            yield from node.elts
        elif isinstance(node, ast.DictComp):
            yield from (generator.iter for generator in node.generators)
        elif isinstance(node, (ast.ListComp, ast.GeneratorExp)):
            yield node.elt
        elif isinstance(node, ast.Name):
            yield from self.assigned[node.id]
            yield from self._given(node)
        elif isinstance(node, ast.Call):
            yield from node.args
            yield from (word.value for word in node.keywords if word.arg is None)
            yield from ([node.func.value] if isinstance(node.func, ast.Attribute) else [])
            for function in self.functions[_called(node)]:
                yield from (each.value for each in ast.walk(function) if isinstance(each, ast.Return) and each.value)
        else:
            yield from (child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))

    def _given(self, node: ast.Name) -> Iterator[ast.expr]:
        """Yield what a function gets for a parameter: from its calls, and from pytest's tables."""
        function = self.within.get(node)
        if function and node.id in {each.arg for each in ast.walk(function.args) if isinstance(each, ast.arg)}:
            yield from self.calls[function.name]
            yield from function.decorator_list


def _called(node: ast.Call) -> str:
    return (
        node.func.attr
        if isinstance(node.func, ast.Attribute)
        else node.func.id
        if isinstance(node.func, ast.Name)
        else ""
    )


def _item(target: ast.expr, value: ast.expr) -> ast.expr:
    """``options["x"] = 1`` sets x, as a mapping of it would."""
    if isinstance(target, ast.Subscript):
        return ast.copy_location(ast.Dict([target.slice], [value]), value)
    return value


def _own(node: ast.expr) -> set[str]:
    if isinstance(node, ast.Dict):
        return set(_literal(node))
    return {word.arg for word in node.keywords if word.arg} if isinstance(node, ast.Call) else set()


def _is_table(node: ast.Dict) -> bool:
    return not any(key.isidentifier() for key in _literal(node)) or all(
        isinstance(each, ast.Tuple) for each in node.values
    )


def look(paths: Iterable[Path], roles: Iterable[str], engines: Mapping[str, Iterable[str]]) -> Seen:
    """Return what these files set: Python, and YAML.

    ``engines`` names, for a module, parts of the paths of files whose mappings are handed to it or its engine.
    """
    seen = Seen()
    for path in paths:
        text = path.read_text(encoding="utf-8")
        alone = Seen()
        if path.suffix == ".py":
            program = Program(ast.parse(text))
            alone.program(program)
            if re.search(r"\brole_world\b|f\"(?:\{role\}|\{group\}|connections)_\{", text):
                alone.prefixed(program, roles)
        else:
            for one in _yaml(text):
                alone.data(one)
        for module, parts in engines.items():
            if any(part in path.as_posix() for part in parts):
                alone.modules[module] |= {key for one in alone.mappings for key in one}
        seen.add(alone)
    return seen


def unset(seen: Seen, module: str, options: Json) -> Iterator[str]:
    """Yield the options of a module that nobody sets, those within others too, by their places."""
    for name, option in options.items():
        if not seen.modules[module] & {name, *option.get("aliases", ())}:
            yield f"{module}.{name}"
        yield from _unset_within(
            seen, f"{module}.{name}", name, option.get("suboptions") or option.get("options") or {}
        )


def _unset_within(seen: Seen, where: str, parent: str, options: Json) -> Iterator[str]:
    required = {name for name, option in options.items() if option.get("required")}
    fitting = [
        one
        for one in seen.mappings
        if len(one) > 1 and one - {MORE} <= options.keys() and (MORE in one or required <= one)
    ]
    for name, option in options.items():
        if name not in seen.below[parent] and not any(name in one for one in fitting):
            yield f"{where}.{name}"
        yield from _unset_within(seen, f"{where}.{name}", name, option.get("suboptions") or option.get("options") or {})
