# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sentences by which plugins/ refuses something: where each is made, and what tests expect.

A sentence is made where an error or the ``msg`` of ``fail_json`` is, or where a function returns or yields one. It is
asserted when a text of a test, or of a test's table, says all of it, with anything where values go; and when the unit
tests that ran came by the place where it is made. What only a program of its own can say, an integration test expects.
"""

from __future__ import annotations

import ast
import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[1]
PLUGINS = ROOT / "plugins"
HOLE = "\ufffc"  # stands for what is put into a sentence
_NOT_OURS = {"AnsibleFilterError", "AnsibleActionFail", "Exception", "LookupError", "OSError", "ValueError"}


class Sentence(NamedTuple):
    """A sentence, and the lines of the statement that makes it."""

    file: str
    first: int
    last: int
    text: str

    @property
    def place(self) -> str:
        """The file below plugins/ without its suffix, and the line."""
        return f"{self.file.removesuffix('.py')}:{self.first}"


@cache
def sentences() -> tuple[Sentence, ...]:
    """Find all sentences of plugins/."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PLUGINS.rglob("*.py"))}
    errors = _errors(trees.values())
    return tuple(
        Sentence(path.relative_to(PLUGINS).as_posix(), node.lineno, node.end_lineno or node.lineno, text)
        for path, tree in trees.items()
        for node, text in _made(tree, errors)
    )


def _errors(trees: Iterable[ast.Module]) -> set[str]:
    """Name the exceptions: those of Python and Ansible that are raised here, and all classes that come from one."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found = set(_NOT_OURS)
    while new := {one.name for one in classes if found & set(map(_name, one.bases))} - found:
        found |= new
    return found


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _made(tree: ast.Module, errors: set[str]) -> Iterator[tuple[ast.expr, str]]:
    """Yield the node and the text of each sentence that a module makes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in errors:
            yield from _texts(node.args, "")
        elif isinstance(node, ast.Call) and _name(node.func) == "fail_json":
            yield from _texts([word.value for word in node.keywords if word.arg == "msg"], "")
        elif (isinstance(node, ast.Return) and node.value) or (
            isinstance(node, ast.Yield) and isinstance(node.value, ast.JoinedStr)
        ):
            yield from _texts([node.value], ".")


def _texts(nodes: Iterable[ast.expr], end: str) -> Iterator[tuple[ast.expr, str]]:
    """Yield the texts of more than three words, also behind ``or`` and ``if``, that have this end."""
    for node in nodes:
        if isinstance(node, ast.BoolOp):
            yield from _texts(node.values, end)
        elif isinstance(node, ast.IfExp):
            yield from _texts([node.body, node.orelse], end)
        elif (text := spoken(node)) and text.replace(HOLE, "").count(" ") > 2 and text.endswith(end):
            yield node, text


def spoken(node: ast.expr) -> str | None:
    """Return a string of the source, with holes where values go."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else HOLE for part in node.values)
    return None


@cache
def expected(folder: str = "") -> str:
    """All that the tests below this folder of tests/ expect, one text a line."""
    texts: list[str] = []
    for path in sorted((ROOT / "tests" / folder).glob("**/*.yml")):
        texts += _strings(yaml.safe_load(path.read_text(encoding="utf-8")))
    for path in sorted((ROOT / "tests" / folder).rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts += [text for node in ast.walk(tree) if isinstance(node, ast.expr) and (text := spoken(node))]
    return "\n".join(text.strip().replace("\n", " ") for text in texts)


def _strings(value: object) -> Iterator[str]:
    """Give every text of a table, at whatever depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def is_expected(text: str, folder: str = "") -> bool:
    """Tell whether a test below this folder of tests/ expects the sentence, from its first word to its last; another one
    may follow.
    """
    text = text.strip()
    pattern = ".*".join(re.escape(part) for part in text.split(HOLE))
    if text[0].islower():  # it goes on from the name of what it is about
        pattern = f"(?:.* )?{pattern}"
    elif begins := re.match(rf"{HOLE}(\.|: )", text):  # a test may put the place before it, for many at once
        pattern = f"(?:.*{re.escape(begins[1])})?{pattern[len('.*' + re.escape(begins[1])) :]}"
    part = max((each.removeprefix(": ").removeprefix(".") for each in text.split(HOLE)), key=len)
    whole = re.compile(rf"{pattern}\.?(?: [A-Z].*)?")
    return any(map(whole.fullmatch, _lines(part, expected(folder))))


def _lines(part: str, texts: str) -> Iterator[str]:
    """Yield the lines of a text that this stands in; to find them so is a hundred times faster than by a pattern."""
    at = texts.find(part)
    while at >= 0:
        end = texts.find("\n", at)
        end = len(texts) if end < 0 else end
        yield texts[texts.rfind("\n", 0, at) + 1 : end]
        at = texts.find(part, end)


def never_made(seen: Iterable[str]) -> list[str]:
    """List place and text of the sentences whose places are not among those that unit tests came by."""
    known = set(seen)
    unseen = [one for one in sentences() if one.place not in known and not is_expected(one.text, "integration")]
    return [f"{one.place} {one.text.replace(HOLE, '…')}" for one in unseen]


class Watch:
    """Remembers which lines of sentences were run in this process and in what it forked. Each is looked at once, so it
    costs next to nothing.

    ``seen`` are the places; None where Python is older than 3.12 and cannot watch without becoming slow.
    """

    TOOL = 4  # a number that sys.monitoring keeps for nobody

    def __init__(self) -> None:
        """Begin to watch, until the process ends."""
        monitoring: Any = vars(sys).get("monitoring")
        self._seen: set[str] | None = set() if monitoring else None
        self._process, self._forked = os.getpid(), tempfile.TemporaryFile()  # noqa: SIM115 - one offset for all that write
        self._monitoring = monitoring
        self._places: dict[str, dict[int, str]] = {}
        for one in sentences():
            self._places.setdefault(one.file, {}).update(dict.fromkeys(range(one.first, one.last + 1), one.place))
        if monitoring:
            monitoring.use_tool_id(self.TOOL, "sentences")
            monitoring.register_callback(self.TOOL, monitoring.events.PY_START, self._start)
            monitoring.register_callback(self.TOOL, monitoring.events.LINE, self._line)
            monitoring.set_events(self.TOOL, monitoring.events.PY_START)

    @property
    def seen(self) -> set[str] | None:
        if self._seen is None:
            return None
        size = os.fstat(self._forked.fileno()).st_size
        return self._seen.union(os.pread(self._forked.fileno(), size, 0).decode().split())

    def _of(self, code: CodeType) -> dict[int, str]:
        return self._places.get(code.co_filename.rpartition("/security/plugins/")[2], {})

    def _start(self, code: CodeType, _offset: int) -> object:
        if self._of(code):
            self._monitoring.set_local_events(self.TOOL, code, self._monitoring.events.LINE)
        return self._monitoring.DISABLE

    def _line(self, code: CodeType, line: int) -> object:
        if self._seen is not None and (place := self._of(code).get(line)):
            self._seen.add(place)
            if os.getpid() != self._process:
                with contextlib.suppress(OSError):  # a child may have closed all that it did not open
                    os.write(self._forked.fileno(), f"{place}\n".encode())
        return self._monitoring.DISABLE
