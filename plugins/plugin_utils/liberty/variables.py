# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Liberty's variables: where a value comes from, and what a text with ``${…}`` becomes.

Every rule was observed on Open Liberty 25.0.0.6 and 26.0.0.3 (precedence pair by pair); the documentation agrees.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import LimitError, SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several

# What Liberty takes for a variable where it registers variables; in a value it takes more, see ``_enclosed``.
_SYMBOL = re.compile(r"\$\{([^$()]*?)\}")
_COUNT = re.compile(r"count\(([^()]*)\)")
_OPERATION = re.compile(r"[+\-*/]")
_NAME = re.compile(r"[^\W\d][\w.$]*|\$[\w.$]*")
_DIGITS = re.compile(r"\d+", re.ASCII)
_NUMBER = re.compile(r"([+-]?)0*(\d{1,19})", re.ASCII)
_LONG = 1 << 63
# Twenty-five variables of two references each stand for millions of references. So it is counted over the whole
# configuration how many were replaced and how long texts got, and how deep variables (and attributes of the same
# element) led from one to the next: a level takes up to fifteen of the thousand calls that Python nests.
MOST_REPLACED, MOST_CHARACTERS, MOST_LEVELS = 500_000, 10_000_000, 30
# Liberty's own limit (observed on Open Liberty 26.0.0.3).
_MOST_CHAINED = 100
# Files beside server.xml that define variables.
MOST_BYTES = 1_000_000


class Origin(NamedTuple):
    """Where a value stands: file and line, or a word such as ``default``; ``via`` names variables on the way."""

    source: str
    line: int | None = None
    via: tuple[str, ...] = ()

    def __str__(self) -> str:
        place = self.source if self.line is None else f"{self.source}:{self.line}"
        if not self.via:
            return place
        return f"{place} through {several([f'${{{name}}}' for name in self.via], ' through ')}"


@dataclass(frozen=True)
class Definition:
    """One ``<variable>`` element."""

    value: str | None
    default: str | None
    origin: Origin


@dataclass
class Outer:
    """Variables from outside of the XML files, each a mapping of names to values; None is what an empty file holds.

    The last field wins, except that XML values come between the directory of variables and the command line.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    bootstrap: Mapping[str, str] = field(default_factory=dict)
    system: Mapping[str, str] = field(default_factory=dict)
    folder: Mapping[str, str | None] = field(default_factory=dict)
    command_line: Mapping[str, str] = field(default_factory=dict)


class Circle(SecurityError):
    """An attribute leads to itself, by this ``name``; Liberty takes its default, or drops the element."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Refused(SecurityError):
    """Liberty throws over this: a running server keeps its old configuration, a starting one does not start.

    ``code`` is the message in which it says so; most exceptions are only in the FFDC.
    """

    code: str | None = None


class BrokenXml(Refused):
    """Liberty cannot read a file that counts as a whole: a starting server has no configuration then."""

    code = "CWWKG0014E"


# What an attribute of the same element holds.
Siblings = Callable[[str], str | list[str] | None]


def _no_siblings(_name: str) -> None:
    return None


# Which attribute is being evaluated, and what is told of one whose value depends on the order.
Reading = Callable[[], str]


def _nothing() -> str:
    return ""


class Variables:
    """All variables of one server."""

    def __init__(self, outer: Outer) -> None:
        self.outer = outer
        self.xml: dict[str, Definition] = {}
        self._replaced = self._characters = self._level = 0

    def lookup(self, name: str, *, with_environment: bool = True) -> tuple[str, Origin] | None:
        """Return the text of a variable before anything in it is replaced, and where that stands."""
        xml = self.xml.get(name)
        default = (xml.default, xml.origin) if xml and xml.default is not None else None
        return self._registered(name) or (self.in_environment(name) if with_environment else None) or default

    def _registered(self, name: str) -> tuple[str, Origin] | None:
        """What counts before an attribute of the same element does."""
        outer, xml = self.outer, self.xml.get(name)
        if name in outer.command_line:
            return outer.command_line[name], Origin("command line")
        if xml and xml.value is not None:
            return xml.value, xml.origin
        if name in outer.folder:
            return self._in_folder(name), Origin("variables directory")
        if name in outer.system:
            return outer.system[name], Origin("system property")
        if name in outer.bootstrap:
            return outer.bootstrap[name], Origin("bootstrap.properties")
        if name.startswith("env.") and name[4:] in outer.environment:
            return outer.environment[name[4:]], Origin("environment")
        return None

    def _in_folder(self, name: str) -> str:
        found = self.outer.folder[name]
        if found is None:
            raise Refused(
                f"${{{name}}} stands in the variables directory as an empty file; Liberty fails over that "
                "(NullPointerException) and refuses the whole configuration."
            )
        return found

    def in_environment(self, name: str) -> tuple[str, Origin] | None:
        """Look a variable up in the environment: its name, then with ``_`` for odd characters, then in upper case.

        Liberty looks for a variable ``env.NAME``, whoever defines it.
        """
        mangled = re.sub(r"[^A-Za-z0-9]", "_", name)
        found = (self._registered(f"env.{each}") for each in (name, mangled, mangled.upper()))
        return next((one for one in found if one is not None), None)

    def expanded(self, text: str, used: list[str]) -> str:
        """Return a text after what Liberty replaces before it looks at elements, defaults and the environment.

        That ends at the first variable that is not known so early. ``used`` gets the names of those that were.
        """
        inside: set[str] = set()
        before = len(used)
        while match := _SYMBOL.search(text):
            name = match[1]
            if not name:
                raise Refused("${} names no variable; Liberty refuses the whole configuration over it.")
            found = self._registered(name)
            if found is None:
                break
            if match[0] == text:
                if name in inside:
                    raise _circle(name)
                inside.add(name)
            if f"${{{name}}}" in found[0]:
                raise _circle(name)
            if len(used) - before == _MOST_CHAINED:
                raise Refused(
                    f"${{{name}}} is one of more than {_MOST_CHAINED} variables that lead to one another; Liberty "
                    "refuses the whole configuration over it."
                )
            used.append(name)
            text = text[: match.start()] + found[0] + text[match.end() :]
            self.count(len(text))
        return text

    def count(self, characters: int) -> None:
        """Count one more variable that was replaced; raise LimitError when they are too many."""
        self._replaced += 1
        self._characters += characters
        if self._replaced > MOST_REPLACED or self._characters > MOST_CHARACTERS:
            raise LimitError(
                f"variables are used more than {MOST_REPLACED:,} times in all, or stand for more than "
                f"{MOST_CHARACTERS:,} characters, which is more than is looked at, so the configuration was not "
                "evaluated; look for variables that use others more than once."
            )

    @contextmanager
    def one_level_deeper(self) -> Iterator[None]:
        """Follow a variable, or an attribute that a variable names; raise LimitError when they lead too deep."""
        if self._level == MOST_LEVELS:
            raise LimitError(
                f"variables, or attributes of one element, lead to one another over more than {MOST_LEVELS} levels, "
                "which is more than is followed, so the configuration was not evaluated; write the value out."
            )
        self._level += 1
        try:
            yield
        finally:
            self._level -= 1

    def resolve(self, text: str) -> tuple[str, list[str]]:
        """Return ``text`` with its variables replaced, outside of any element; see ``Evaluation``."""
        try:
            return Evaluation(self).resolve(text)
        except Circle as e:
            raise _circle(e.name) from e


def _circle(name: str) -> Refused:
    return Refused(f"${{{name}}} leads to itself; Liberty refuses the whole configuration over it.")


@dataclass(frozen=True, slots=True)
class Found:
    """What a variable is in one element: a text, or several of a list attribute; ``used`` are the variables in it."""

    value: str | list[str]
    used: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.value if isinstance(self.value, str) else ", ".join(self.value)


class Evaluation:
    """The variables in one element, in the order in which Liberty evaluates its attributes.

    What a variable is in this element is found out once, and that there is none as well. As arithmetic does not look
    into the environment, ``${x+1}`` finds an x of the environment only after a ``${x}``, and spoils it for a later one.
    """

    def __init__(self, variables: Variables, siblings: Siblings = _no_siblings, reading: Reading = _nothing) -> None:
        self.variables = variables
        self.siblings = siblings
        self.reading = reading
        self._known: dict[str, Found | None] = {}
        # How each was looked for first, and by which attribute.
        self._first: dict[str, tuple[bool, str]] = {}
        # The attributes that found what another one had looked for in another way: it depends on which came first.
        self.by_order: set[str] = set()
        # The texts whose variables are being replaced, one for the other.
        self._inside: list[str] = []

    def resolve(self, text: str) -> tuple[str, list[str]]:
        """Return ``text`` with its variables replaced, and the names of those that were.

        What is not known stays as it is. Raises Refused for what Liberty fails over as a whole, Circle for a variable
        that leads to itself through a default or the environment, LimitError for variables that stand for too much.
        """
        used: list[str] = []
        return self._resolve(text, used), used

    def listed(self, text: str) -> tuple[str, list[str]] | None:
        """Return the text of the variable in ``${list(x)}``, None where there is no such; the rest is dropped."""
        place = _enclosed(text, "${list(", ")}", 0)
        name = text[place[0] : place[1]] if place else ""
        found = self._find(name, with_environment=True) if place else None
        return None if found is None else (found.text, [name, *found.used])

    def _resolve(self, text: str, used: list[str]) -> str:
        if "${" not in text:
            return text
        with self.variables.one_level_deeper():
            return self._replaced(text, used)

    def _replaced(self, text: str, used: list[str]) -> str:
        """Replace from left to right. Liberty begins anew after each, which makes a difference only where what was put
        in, or what stayed, forms a reference together with what stands around it.
        """
        done: list[str] = []
        place, tangled = 0, False
        while found := _enclosed(text, "${", "}", place):
            name, end = text[found[0] : found[1]], found[1] + 1
            value = self._value(name, used)
            before = text[place : found[0] - 2]
            done.append(before)
            if value is None:
                tangled = tangled or "${" in name
                done.append(text[found[0] - 2 : end])
            elif tangled or _forms_another(value, before[-1:], text[end : end + 1]):
                reference = f"${{{name}}}"
                text = ("".join(done) + reference + text[end:]).replace(reference, value)
                self.variables.count(len(text))
                done, end, tangled = [], 0, False
            else:
                done.append(value)
            place = end
        return "".join(done) + text[place:]

    def _value(self, name: str, used: list[str]) -> str | None:
        """Return what stands in place of one reference, None where it stays."""
        self.variables.count(len(name))
        found = self._find(name, with_environment=True)
        if found is None:
            text = self._compute(name, used)
        else:
            used += [name, *found.used]
            text = found.text
        if text is None or "${" not in text:
            self.variables.count(len(text or ""))
            return text
        if text in self._inside:
            raise Circle(name)
        self._inside.append(text)
        try:
            return self._resolve(text, used)
        finally:
            self._inside.pop()

    def _find(self, name: str, *, with_environment: bool) -> Found | None:
        if name not in self._known:
            self._known[name] = self._looked_up(name, with_environment=with_environment)
            self._first[name] = with_environment, self.reading()
        how, by = self._first[name]
        if how != with_environment and by != self.reading():
            self._look_again(name, with_environment=with_environment)
        return self._known[name]

    def _look_again(self, name: str, *, with_environment: bool) -> None:
        with suppress(Circle):
            if self._looked_up(name, with_environment=with_environment) != self._known[name]:
                self.by_order.add(self.reading())

    def _looked_up(self, name: str, *, with_environment: bool) -> Found | None:
        used: list[str] = []
        written = f"${{{name}}}"
        text = self.variables.expanded(written, used)
        if text.lower() != written.lower():
            return Found(text, tuple(each for each in used if each != name))
        own = self.siblings(name)
        if own is not None:
            return Found(own)
        found = self.variables.in_environment(name) if with_environment else None
        if found is not None:
            used = []
            return Found(self.variables.expanded(found[0], used), tuple(used))
        xml = self.variables.xml.get(name)
        return None if xml is None or xml.default is None else Found(xml.default)

    def _compute(self, expression: str, used: list[str]) -> str | None:
        """Evaluate ``a+b*2`` from left to right, without precedence, in whole numbers; None where that cannot be."""
        parts = _OPERATION.split(expression)
        try:
            # The operands are looked up one after the other, up to the first that is none.
            total = self._number(parts[0], used)
            for operator, part in zip(_OPERATION.findall(expression), parts[1:], strict=True):
                number = None if total is None else self._number(part, used)
                if total is None or number is None or (operator == "/" and number == 0):
                    return None
                total = _apply(operator, total, number)
        except Circle:
            return None
        return None if total is None else str(total)

    def _number(self, part: str, used: list[str]) -> int | None:
        if call := _COUNT.fullmatch(part):
            return self._count(call[1])
        if _DIGITS.fullmatch(part):
            return _long(part)
        found = self._find(part, with_environment=False) if _NAME.fullmatch(part) else None
        if found is None:
            return None
        used += [part, *found.used]
        return _long(found.text)

    def _count(self, name: str) -> int:
        """A list attribute of the same element counts its items; a plain variable is one, even one with commas."""
        try:
            found = self._find(name, with_environment=False)
        except Circle:
            return 1
        if found is None:
            return 0
        return 1 if isinstance(found.value, str) else len(found.value)


def _enclosed(text: str, opening: str, closing: str, place: int) -> tuple[int, int] | None:
    """Return where the first thing begins and ends that stands between ``opening`` and ``closing`` on one line."""
    start = text.find(opening, place)
    while start >= 0:
        begin = start + len(opening)
        end = text.find(closing, begin + 1)
        line_end = text.find("\n", begin, max(end, begin))
        if end < 0 or line_end < 0:
            return None if end < 0 else (begin, end)
        start = text.find(opening, line_end)
    return None


def _forms_another(value: str, before: str, after: str) -> bool:
    """Say whether a text that was put in may be part of a reference with what stands around it."""
    return "${" in value or (value[-1:] == "$" and after == "{") or (before == "$" and value[:1] == "{")


def _long(text: str) -> int | None:
    """Return a number as Java's ``Long.parseLong`` reads it, None for what is none or too large for one."""
    match = _NUMBER.fullmatch(text)
    number = int(match[1] + match[2]) if match else _LONG
    return number if -_LONG <= number < _LONG else None


def _apply(operator: str, left: int, right: int) -> int:
    """Return the result in 64 bits: Java's numbers run over without a word."""
    if operator == "+":
        exact = left + right
    elif operator == "-":
        exact = left - right
    elif operator == "*":
        exact = left * right
    else:
        # Java divides towards zero.
        quotient = abs(left) // abs(right)
        exact = quotient if (left < 0) == (right < 0) else -quotient
    return (exact + _LONG) % (2 * _LONG) - _LONG
