# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plug-in of pytest that runs the collected tests once for each mutant of a file, each time in a process of its own.

Tests are collected once. A child gets the mutant's code into the functions that are there, so nothing is imported
again; then the tests that come by the mutant's line run, the fastest before the others, until one fails. Others cannot
see it, so they run only where no test comes by: as what a line does while tests are collected nobody watches.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import importlib
import json
import mmap
import os
import resource
import signal
import sys
import time
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import mutants
import pytest

_MONITORING: Any = getattr(sys, "monitoring", None)  # of Python 3.12 or later, which this needs
_TOOL = 2  # that of profilers
_ALONE = 60.0  # seconds for tests that hang without using the processor

_NONE = compile("", "", "exec")


class Campaign:
    """What one file's run is told by ZCS_MUTATION, and the results that it adds to."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.path, self.results = Path(told["path"]), Path(told["results"])
        self.until: float = told["until"]
        self.measured = self.results.with_suffix(f".{told['state']}.measured")
        self.module: types.ModuleType = importlib.import_module(told["module"])
        self.source = self.path.read_text(encoding="utf-8")
        done = [json.loads(line) for line in self.results.read_text(encoding="utf-8").splitlines()]
        self.done = {one["key"] for one in done}

    def run(self, items: Sequence[pytest.Item]) -> None:
        """Try each mutant that has not been tried, as long as there is time."""
        seconds, lines = self._measured(items)
        limit = int(10 + 4 * sum(seconds.values()))
        found = [
            (one, [item for item in items if one.function and one.line in lines[item.nodeid]])
            for one in mutants.mutants(ast.parse(self.source))
        ]
        # Those that all tests must be asked of take longest, and come last.
        for one, near in sorted(found, key=lambda each: not each[1]):
            if one.key in self.done or time.time() > self.until:
                continue
            able = sorted(near or items, key=lambda item: seconds[item.nodeid])
            outcome = self._tried(one, able, limit)
            told = {"key": one.key, "function": one.function, "line": one.line, "outcome": outcome, "seen": bool(near)}
            with open(self.results, "a", encoding="utf-8") as results:
                results.write(json.dumps({**told, "before": one.before, "after": one.after}) + "\n")

    def _measured(self, items: Sequence[pytest.Item]) -> tuple[dict[str, float], dict[str, list[int]]]:
        """Run the tests as they are, and return how long each takes, and the lines of the file that it comes by."""

        def child() -> int:
            seconds, lines = {}, {}
            for item in items:
                begun = time.process_time()
                _forget()  # who asks later would not come by the lines of an answer that is kept
                with _watched(self.path) as seen:
                    failed = _failed([item])
                if failed:
                    print(f"{item.nodeid} fails without any mutant", file=sys.stderr)
                    return 1
                seconds[item.nodeid], lines[item.nodeid] = (
                    time.process_time() - begun,
                    [number for number, mark in enumerate(seen[:]) if mark],
                )
            self.measured.write_text(json.dumps([seconds, lines]), encoding="utf-8")
            return 0

        if not self.measured.exists() and _forked(child, 3600) != "0":
            pytest.exit(f"{self.path.name}: its tests fail without any mutant", returncode=3)
        seconds, lines = json.loads(self.measured.read_text(encoding="utf-8"))
        return seconds, lines

    def _tried(self, one: mutants.Mutant, items: Sequence[pytest.Item], limit: int) -> str:
        def child() -> int:
            try:
                put(self.module, mutants.compiled(self.source, str(self.path), one.key), one)
            except Exception:  # it cannot even be imported
                return 1
            return _failed(items)

        return {"0": "survived", "1": "killed"}.get(_forked(child, limit), "hung")


@contextlib.contextmanager
def _watched(path: Path) -> Iterator[mmap.mmap]:
    """Mark the lines of a file that are run, by children of the process too: a mutant lives in them as well."""
    seen = mmap.mmap(-1, path.read_bytes().count(b"\n") + 2)
    wanted = os.path.realpath(path)

    def line(code: types.CodeType, number: int) -> object:
        if os.path.realpath(code.co_filename) == wanted:
            seen[number] = 1
        return _MONITORING.DISABLE

    _MONITORING.use_tool_id(_TOOL, "mutation")
    _MONITORING.register_callback(_TOOL, _MONITORING.events.LINE, line)
    _MONITORING.set_events(_TOOL, _MONITORING.events.LINE)
    _MONITORING.restart_events()
    try:
        yield seen
    finally:
        _MONITORING.set_events(_TOOL, 0)
        _MONITORING.free_tool_id(_TOOL)


def _failed(items: Sequence[pytest.Item]) -> int:
    """Run tests until one fails; return whether one did."""
    for number, item in enumerate(items):
        following = items[number + 1] if number + 1 < len(items) else None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if item.session.testsfailed:
            return 1
    return 0


def _forked(work: Callable[[], int], seconds: int) -> str:
    """Do something in a process of its own, and return its status; what it starts ends with it."""
    pid = os.fork()
    if not pid:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
        with open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), 1)
            if "ZCS_MUTATION_LOUD" not in os.environ:
                os.dup2(nothing.fileno(), 2)
        status = 1
        try:
            status = work()
        finally:
            os._exit(status)
    until = time.monotonic() + _ALONE + 3 * seconds
    ended, status = 0, 0
    while not ended and time.monotonic() < until:
        ended, status = os.waitpid(pid, os.WNOHANG)
        time.sleep(0 if ended else 0.01)
    with contextlib.suppress(OSError):
        os.killpg(pid, signal.SIGKILL)
    if not ended:
        os.waitpid(pid, 0)
        return "hung"
    return str(os.waitstatus_to_exitcode(status))


def put(module: types.ModuleType, code: types.CodeType, one: mutants.Mutant) -> None:
    """Have a module that others have imported be as ``code`` says."""
    codes = dict(_codes(code))
    for name, function in _functions(module):
        if (name in codes and not function.__code__.co_freevars) or (
            name in codes and function.__code__.co_freevars == codes[name].co_freevars
        ):
            function.__code__ = codes[name]
    if not one.function or one.line in {function.__code__.co_firstlineno for _name, function in _functions(module)}:
        _put_values(module, code)
    _forget()


def _forget() -> None:
    """Empty all caches of answers."""
    for other in [each for name, each in sys.modules.items() if name.startswith("ansible_collections.")]:
        values = list(vars(other).values())
        values += [value for each in values if isinstance(each, type) for value in vars(each).values()]
        for value in values:
            if callable(clear := getattr(value, "cache_clear", None)):
                clear()


def _put_values(module: types.ModuleType, code: types.CodeType) -> None:
    """Take over what stands at the level of the module, and defaults of parameters."""
    fresh = types.ModuleType(module.__name__)
    fresh.__dict__.update(
        {name: getattr(module, name) for name in ("__file__", "__spec__", "__package__", "__loader__")}
    )
    exec(code, fresh.__dict__)
    new = dict(_functions(fresh))
    for name, function in _functions(module):
        if name in new:
            function.__defaults__, function.__kwdefaults__ = new[name].__defaults__, new[name].__kwdefaults__
    others = [each for name, each in sys.modules.items() if name.startswith("ansible_collections.zosconnect")]
    for name, old in list(vars(module).items()):
        if name.startswith("__") or isinstance(old, (type, types.FunctionType, types.ModuleType)) or _function(old):
            continue
        for other in others:
            for own in [own for own, value in vars(other).items() if value is old and own == name]:
                setattr(other, own, vars(fresh)[name])


def _codes(code: types.CodeType) -> Iterator[tuple[str, types.CodeType]]:
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            yield each.co_qualname, each
            yield from _codes(each)


def _functions(module: types.ModuleType) -> list[tuple[str, types.FunctionType]]:
    """Return the functions and methods of a module by their qualified names, out of whatever is wrapped around them."""
    found = []
    todo: list[Any] = list(vars(module).values())
    while todo:
        value = todo.pop()
        if isinstance(value, type):
            todo += vars(value).values() if value.__module__ == module.__name__ else ()
        elif isinstance(value, property):
            todo += [each for each in (value.fget, value.fset) if each]
        elif (function := _function(value)) and function.__module__ == module.__name__:
            found.append((function.__qualname__, function))
    return found


def _function(value: object) -> types.FunctionType | None:
    if isinstance(value, functools.cached_property):
        value = value.func
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    while hasattr(value, "__wrapped__"):
        value = value.__wrapped__
    return value if isinstance(value, types.FunctionType) else None


def _judging(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Leave out tests that measure how work grows, which take long and say nothing else."""
    return [
        item for item in items if "grows" not in getattr(getattr(item, "function", None), "__code__", _NONE).co_names
    ]


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Run the campaign in place of the tests."""
    Campaign(json.loads(os.environ["ZCS_MUTATION"])).run(_judging(session.items))
    return True
