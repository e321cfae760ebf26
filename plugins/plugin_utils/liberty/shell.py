# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Liberty's script ``bin/server`` makes of a ``server.env`` file.

A value is taken as it stands, quotes and blanks too. But where a line says ``# enable_variable_expansion``, the whole
file is read by the shell: from above to below, so that ``$NAME`` and ``${NAME}`` are what they are at that line. What
would need a real shell (``$(command)``, say) is said to be unknown. Rules: the script of Open Liberty 26.0.0.3, and
what a shell made of it, observed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

_EXPANSION = "#enable_variable_expansion"
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=", re.ASCII)
_EXPORT = re.compile(r"[ \t]*(export[ \t]+)?")
_REFERENCE = re.compile(r"\$(?:\{([A-Za-z_]\w*)(?::?-([^${}`\"'\\]*))?\}|([A-Za-z_]\w*))", re.ASCII)
# After a $ these are parameters of the shell itself.
_SPECIAL = "({*@#?-$!0123456789"


@dataclass
class Environment:
    """What a file sets. ``gone`` are names that it leaves without a value, ``unknown`` those whose value only the
    shell of the target knows, each with its line and why.
    """

    values: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    unknown: dict[str, tuple[int, str]] = field(default_factory=dict)


class _Unknown(Exception):
    """Something that would need a real shell."""


def environment(text: str, known: Mapping[str, str]) -> Environment:
    """Read a ``server.env`` file; ``known`` is the environment before it."""
    found = Environment()
    is_expanded = False
    for line in re.split(r"\r\n|\r|\n", text):
        if line.startswith("#"):
            if not is_expanded and re.sub(r"\s", "", line).lower() == _EXPANSION:
                is_expanded = True
                _Shell(found, known).source(text)
        elif not is_expanded and (match := _ASSIGNMENT.match(line)):
            found.values[match[1]] = line[match.end() :]
    return found


class _Shell:
    """Reads assignments as a shell does."""

    def __init__(self, found: Environment, known: Mapping[str, str]) -> None:
        self.found = found
        self.known = known
        self._doubt: str | None = None
        self._variables: dict[str, str] = {}

    def source(self, text: str) -> None:
        """Read a whole file. Names that it sets are known to be nothing before that."""
        lines = text.split("\n")
        self._own = {match[1] for line in lines if (match := _ASSIGNMENT.match(line.lstrip(" \t")))}
        for number, line in enumerate(lines, 1):
            self._line(line, number)

    def _line(self, line: str, number: int) -> None:
        export = _EXPORT.match(line)
        place = export.end() if export else 0
        # The script exports what stands at the beginning of a line; another variable is one of the shell only.
        own = _ASSIGNMENT.match(line)
        exported = {own[1]} if own else set()
        assigned: dict[str, tuple[str, str | None]] = {}
        while match := _ASSIGNMENT.match(line, place):
            try:
                self._doubt = None
                value, place = self._word(line, match.end())
                assigned[match[1]] = (value, self._doubt)
            except _Unknown as e:
                self.found.values.pop(match[1], None)
                self.found.unknown[match[1]] = (number, str(e))
                return
            place += len(line[place:]) - len(line[place:].lstrip(" \t"))
        if line[place : place + 1] in ("", "#", ";"):
            self._assign(assigned, exported | (set(assigned) if export and export[1] else set()), number)
        else:
            # A command follows, and what is set before it holds for this command only: what was there before, in the
            # environment or by a line above, stays.
            there = {*self.known, *self.found.values}
            self.found.gone.update(name for name in assigned if name not in there)

    def _assign(self, assigned: Mapping[str, tuple[str, str | None]], exported: Set[str], number: int) -> None:
        for name, (value, doubt) in assigned.items():
            self._variables[name] = value
            if name not in exported and name not in self.known and name not in self.found.values:
                continue
            self.found.values[name] = value
            self.found.gone.discard(name)
            self.found.unknown.pop(name, None)
            if doubt:
                self.found.unknown[name] = (number, doubt)

    def _word(self, line: str, place: int) -> tuple[str, int]:
        """Return the value that begins at ``place``, and where it ends."""
        value: list[str] = []
        if line[place : place + 1] == "~":
            value.append(self._home(line, place))
            place += 1
        while place < len(line) and line[place] not in " \t;":
            character = line[place]
            if character == "'":
                end = line.find("'", place + 1)
                value.append(line[place + 1 : self._closed(end)])
                place = end + 1
            elif character == '"':
                text, place = self._quoted(line, place + 1)
                value.append(text)
            else:
                text, place = self._character(line, place, r"\\(.)")
                value.append(text)
        return "".join(value), place

    @staticmethod
    def _closed(end: int) -> int:
        if end < 0:
            raise _Unknown("a quote is not closed on its line")
        return end

    def _quoted(self, line: str, place: int) -> tuple[str, int]:
        value: list[str] = []
        while line[place : place + 1] != '"':
            self._closed(-1 if place >= len(line) else place)
            text, place = self._character(line, place, r'\\([$`"\\])')
            value.append(text)
        return "".join(value), place + 1

    def _character(self, line: str, place: int, escaped: str) -> tuple[str, int]:
        """Return what one character, or a reference, stands for, and where the next one begins."""
        character = line[place]
        if match := re.compile(escaped).match(line, place):
            return match[1], match.end()
        if character == "\\" and place + 1 == len(line):
            raise _Unknown("its line is continued on the next")
        if match := _REFERENCE.match(line, place):
            return self._variable(match[1] or match[3], match[2]), match.end()
        if character == "`" or line.startswith("$(", place):
            raise _Unknown("it runs a command")
        if character == "$" and line[place + 1 : place + 2] in tuple(_SPECIAL):
            raise _Unknown("it uses more of the shell than $NAME and ${NAME}")
        if character in "&|<>()":
            raise _Unknown(f"it uses {character} without quotes")
        return character, place + 1

    def _variable(self, name: str, default: str | None) -> str:
        value = self._variables.get(name, self.found.values.get(name, self.known.get(name)))
        if name in self.found.unknown:
            raise _Unknown(f"it uses {name}, which is not known either")
        if value is None and default is None and name not in self._own:
            self._doubt = f"it uses {name}, which nothing seen here defines"
        return (default or "") if value is None or (default is not None and not value) else value

    def _home(self, line: str, place: int) -> str:
        if line[place + 1 : place + 2] not in ("", "/", " ", "\t", ";", ":") or "HOME" not in self.known:
            raise _Unknown("it uses ~, which nothing seen here defines")
        return self.known["HOME"]
