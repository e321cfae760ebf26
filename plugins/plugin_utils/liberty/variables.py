# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Liberty's variables: where a value comes from, and what a text with ``${…}`` becomes.

Every rule was observed on Open Liberty 25.0.0.6 and 26.0.0.3 (precedence pair by pair); the documentation agrees.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import LimitError, SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several

_BRACES = re.compile(r"([{}])")
_COUNT = re.compile(r"count\(([^()]*)\)")
_LIST_OPEN, _LIST_CLOSE = "${list(", ")}"
_OPERATION = re.compile(r"[+\-*/]")
_NUMBER = re.compile(r"(-?)0*(\d{1,19})", re.ASCII)
_LONG = 1 << 63
# Twenty-five variables of two references each stand for millions of references. So it is counted over the whole
# configuration how many were replaced and how long texts got, and how deep variables (and attributes of the same
# element) led from one to the next: a level takes up to fifteen of the thousand calls that Python nests.
MOST_REPLACED, MOST_CHARACTERS, MOST_LEVELS = 500_000, 10_000_000, 30
# Files beside server.xml that define variables.
MOST_BYTES = 1_000_000
# Marks for what stays literal while the rest of a text is still being replaced (private use characters).
_OPEN, _CLOSE = "\ue000", "\ue001"


@dataclass(frozen=True, slots=True)
class Origin:
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
    """An attribute leads to itself; Liberty takes its default, or drops the element."""


class Refused(SecurityError):
    """Liberty throws over this: a running server keeps its old configuration, a starting one does not start."""


# What an attribute of the same element holds.
Siblings = Callable[[str], str | list[str] | None]
SIBLING = "attribute of the same element"


def _no_siblings(_name: str) -> None:
    return None


class Variables:
    """All variables of one server."""

    def __init__(self, outer: Outer) -> None:
        self.outer = outer
        self.xml: dict[str, Definition] = {}
        self._replaced = self._characters = self._level = 0

    def lookup(
        self, name: str, siblings: Siblings = _no_siblings, *, with_environment: bool = True
    ) -> tuple[str, Origin] | None:
        """Return the text of a variable before anything in it is replaced, and where that stands."""
        outer, xml = self.outer, self.xml.get(name)
        if name in outer.command_line:
            return outer.command_line[name], Origin("command line")
        if xml and xml.value is not None:
            return xml.value, xml.origin
        if name in outer.folder:
            return self._in_folder(name), Origin("variables directory")
        for source, word in (
            (outer.system, "system property"),
            (outer.bootstrap, "bootstrap.properties"),
        ):
            if name in source:
                return source[name], Origin(word)
        own = siblings(name)
        if own is not None:
            return own if isinstance(own, str) else ", ".join(own), Origin(SIBLING)
        env = _environment(outer.environment, name) if with_environment else None
        if env is not None:
            return env, Origin("environment")
        return (xml.default, xml.origin) if xml and xml.default is not None else None

    def _in_folder(self, name: str) -> str:
        found = self.outer.folder[name]
        if found is None:
            raise Refused(
                f"${{{name}}} stands in the variables directory as an empty file; Liberty fails over that "
                "(NullPointerException) and refuses the whole configuration."
            )
        return found

    def resolve(self, text: str, siblings: Siblings = _no_siblings) -> tuple[str, list[str]]:
        """Return ``text`` with its variables replaced, and the names of those that were.

        What is not known stays as it is. Raises Refused for ``${}`` and for a variable that leads to itself, LimitError
        for variables that stand for too much.
        """
        used: list[str] = []
        return self._resolve(text, siblings, (), used), used

    def _resolve(self, text: str, siblings: Siblings, inside: tuple[str, ...], used: list[str]) -> str:
        if "${" not in text:
            return text
        if "${}" in text:
            raise Refused("${} names no variable; Liberty refuses the whole configuration over it.")
        if self._level == MOST_LEVELS:
            raise LimitError(
                f"variables, or attributes of one element, lead to one another over more than {MOST_LEVELS} levels, "
                "which is more than is followed, so the configuration was not evaluated; write the value out."
            )
        self._level += 1
        try:
            text = _replaced(text, lambda name: self._kept(name, siblings, inside, used))
        finally:
            self._level -= 1
        return text.replace(_OPEN, "${").replace(_CLOSE, "}")

    def _kept(self, name: str, siblings: Siblings, inside: tuple[str, ...], used: list[str]) -> str:
        """Return what stands in place of one reference while the rest of the text is replaced."""
        self._replaced += 1
        self._characters += len(name)
        value = self._value(name, siblings, inside, used) if self._replaced <= MOST_REPLACED else None
        kept = f"{_OPEN}{name}{_CLOSE}" if value is None else value.replace("${", _OPEN)
        self._characters += len(kept)
        if self._replaced > MOST_REPLACED or self._characters > MOST_CHARACTERS:
            raise LimitError(
                f"variables are used more than {MOST_REPLACED:,} times in all, or stand for more than "
                f"{MOST_CHARACTERS:,} characters, which is more than is looked at, so the configuration was not "
                "evaluated; look for variables that use others more than once."
            )
        return kept

    def _value(self, expression: str, siblings: Siblings, inside: tuple[str, ...], used: list[str]) -> str | None:
        found = self.lookup(expression, siblings)
        if found is None:
            return self._compute(expression, siblings, inside, used)
        return self._found(expression, found[0], siblings, inside, used)

    def _found(self, name: str, text: str, siblings: Siblings, inside: tuple[str, ...], used: list[str]) -> str:
        if name in inside:
            raise Refused(f"${{{name}}} leads to itself; Liberty refuses the whole configuration over it.")
        used.append(name)
        return self._resolve(text, siblings, (*inside, name), used)

    def _compute(self, expression: str, siblings: Siblings, inside: tuple[str, ...], used: list[str]) -> str | None:
        """Evaluate ``a+b*2`` from left to right, without precedence, in whole numbers; None where that cannot be."""
        if call := _COUNT.fullmatch(expression):
            return self._count(call[1], siblings)
        if _NUMBER.fullmatch(expression):
            number = _long(expression)
            return None if number is None else str(number)
        operators = _OPERATION.findall(expression)
        if not operators:
            return None
        try:
            numbers = [self._number(part, siblings, inside, used) for part in _OPERATION.split(expression)]
        except Circle:
            return None
        total = numbers[0]
        for operator, number in zip(operators, numbers[1:], strict=True):
            if total is None or number is None or (operator == "/" and number == 0):
                return None
            total = _apply(operator, total, number)
        return None if total is None else str(total)

    def _number(self, part: str, siblings: Siblings, inside: tuple[str, ...], used: list[str]) -> int | None:
        if call := _COUNT.fullmatch(part):
            text: str | None = self._count(call[1], siblings)
        elif _NUMBER.fullmatch(part):
            text = part
        else:
            # Arithmetic does not look into the environment.
            found = self.lookup(part, siblings, with_environment=False) if part else None
            text = self._found(part, found[0], siblings, inside, used) if found else None
        return None if text is None else _long(text)

    def _count(self, name: str, siblings: Siblings) -> str:
        """A list attribute of the same element counts its items; a plain variable is one, even one with commas."""
        try:
            found = self.lookup(name, siblings, with_environment=False)
        except Circle:
            return "1"
        if found is None:
            return "0"
        own = siblings(name) if found[1].source == SIBLING else None
        return str(len(own)) if isinstance(own, list) else "1"

    def items(self, text: str, siblings: Siblings = _no_siblings) -> tuple[list[str], list[str]] | None:
        """Return the items of ``${list(x)}`` and the names of the variables used, None where there is no such.

        The rest of ``text`` is dropped.
        """
        listed = _listed(text)
        if listed is None:
            return None
        resolved, used = self.resolve(f"${{{listed}}}", siblings)
        return ([item.strip() for item in resolved.split(",")], used) if used else None


def _replaced(text: str, kept: Callable[[str], str]) -> str:
    """Return ``text`` with ``kept(name)`` for every ``${name}``, from left to right, those inside of a name first.

    What is put in is read together with what stands around it. A text is cut at its braces, so each piece is looked at
    once, however many references there are.
    """
    ahead = _BRACES.split(text)[::-1]
    # What was read: whether it began with ``${`` or with another brace, and what followed it.
    parts: list[tuple[str, list[str]]] = [("", [])]
    while ahead:
        piece = ahead.pop()
        opened, name = parts[-1]
        if piece == "}" and opened == "${" and name:
            parts.pop()
            ahead += _BRACES.split(kept("".join(name)))[::-1]
        elif piece == "{" and name and name[-1].endswith("$"):
            name[-1:] = [name[-1][:-1]] if name[-1] != "$" else []
            parts.append(("${", []))
        elif piece in ("{", "}"):
            parts.append((piece, []))
        elif piece:
            name.append(piece)
    return "".join(brace + "".join(follows) for brace, follows in parts)


def _long(text: str) -> int | None:
    """Return a number as Java's ``Long.parseLong`` reads it, None for what is none or too large for one."""
    match = _NUMBER.fullmatch(text)
    number = int(match[1] + match[2]) if match else _LONG
    return number if -_LONG <= number < _LONG else None


def _listed(text: str) -> str | None:
    """Return what stands in the first ``${list(…)}`` of a text that is closed on its line."""
    start = text.find(_LIST_OPEN)
    while start >= 0:
        begin = start + len(_LIST_OPEN)
        end, line_end = text.find(_LIST_CLOSE, begin + 1), text.find("\n", begin)
        if end < 0 or not 0 <= line_end < end:
            return text[begin:end] if end >= 0 else None
        start = text.find(_LIST_OPEN, line_end)
    return None


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


def _environment(environment: Mapping[str, str], name: str) -> str | None:
    """Look a variable up in the environment: its name, then with ``_`` for odd characters, then that in upper case."""
    mangled = re.sub(r"[^A-Za-z0-9]", "_", name)
    keys = (name.removeprefix("env."), name, mangled, mangled.upper())
    return next((environment[key] for key in keys if key in environment), None)


def properties(text: str) -> dict[str, str]:
    """Read a Java properties file: comments, continued lines, ``=`` ``:`` or blank as separator, escapes."""
    found: dict[str, str] = {}
    lines = iter(re.split(r"\r\n|\r|\n", text))
    for line in lines:
        pieces = [line.lstrip(" \t\f")]
        while (len(pieces[-1]) - len(pieces[-1].rstrip("\\"))) % 2:
            pieces[-1] = pieces[-1][:-1]
            pieces.append(next(lines, "").lstrip(" \t\f"))
        line = "".join(pieces)
        if line and line[0] not in "#!":
            key, value = _property(line)
            found[key] = value
    return found


def _property(line: str) -> tuple[str, str]:
    match = re.match(r"((?:\\.|[^\s=:\\]+)*+)[ \t\f]*[=:]?[ \t\f]*(.*)", line, re.DOTALL)
    key, value = (match[1], match[2]) if match else (line, "")
    return _unescaped(key), _unescaped(value)


def _unescaped(text: str) -> str:
    plain = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
    unescaped = re.sub(
        r"\\(u[0-9A-Fa-f]{4}|.)",
        lambda m: chr(int(m[1][1:], 16)) if len(m[1]) == 5 else plain.get(m[1], m[1]),
        text,
        flags=re.DOTALL,
    )
    # Two escapes may be the halves of one character; a lone half is none, and nobody could write it anywhere.
    return unescaped.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def environment(text: str) -> dict[str, str]:
    """Read a ``server.env`` file: ``NAME=value`` lines, quotes and blanks kept; only names that a shell can export."""
    found: dict[str, str] = {}
    for line in re.split(r"\r\n|\r|\n", text):
        name, equals, value = line.partition("=")
        if equals and re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
            found[name] = value
    return found
