# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What defines variables beside the XML files of a server: server.env, bootstrap.properties, jvm.options, a directory.

Rules: Open Liberty, observed (26.0.0.3), and its script ``bin/server``, which reads server.env and jvm.options.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ansible_collections.zosconnect.security.plugins.module_utils import following
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import LimitError
from ansible_collections.zosconnect.security.plugins.plugin_utils.files import Files
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import problems, shell
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.problems import Problem
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import (
    MOST_BYTES,
    Origin,
    Outer,
    Refused,
    Variables,
)

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_SYMBOL = re.compile(r"\$\{([^$()]*?)\}")
# Liberty looks for so many variables in a value of bootstrap.properties.
_MOST_SYMBOLS = 4
_INCLUDE = "bootstrap.include"
# Files that bootstrap.properties includes, one in the other.
MOST_LEVELS = 20


@dataclass(frozen=True)
class Places:
    """The directories of a server, as Liberty's predefined variables have them (without a slash at the end)."""

    server: str
    user: str | None = None
    install: str | None = None
    output: str | None = None

    @property
    def user_folder(self) -> str:
        """Liberty's ``wlp.user.dir``."""
        return following.user_folder(self.server, self.user)

    def variables(self) -> dict[str, str]:
        """Return the predefined variables."""
        return following.predefined(self.server, self.user, self.install, self.output)

    def server_env(self) -> list[str]:
        """Return the files of environment variables; the last one wins."""
        install = [f"{self.install}/etc/server.env"] if self.install else []
        return [*install, f"{self.user_folder}/shared/server.env", f"{self.server}/server.env"]

    def jvm_options(self) -> list[str]:
        """Return the files of Java's options; the last one wins."""
        shared = [f"{self.user_folder}/shared"] + ([f"{self.install}/usr/shared"] if self.install else [])
        own = [f"{self.server}/configDropins/defaults", self.server, f"{self.server}/configDropins/overrides"]
        return [f"{folder}/jvm.options" for folder in (*shared, *own)]

    def jvm_options_of_nobody(self) -> list[str]:
        """Return the file of Java's options that counts where there is no other."""
        return [f"{self.install}/etc/jvm.options"] if self.install else []


# A secret may begin with one of them, in the name of a file, say; that makes no secret of the folder.
PREDEFINED = frozenset(Places("/server", None, "/wlp").variables())


@dataclass
class Outside:
    """What was found: the variables; ``absent`` are the files that are named but not here, ``folders`` the directories
    of variables that are named.
    """

    files: Files
    places: Places
    variables: Outer = field(default_factory=Outer)
    absent: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    # Of bootstrap.properties: variables at the end of two levels.
    deep: set[str] = field(default_factory=set)
    refused: str | None = None


def read(files: Files, places: Places, known: Outer) -> Outside:
    """Return what a server's files define, with what the caller knows."""
    outside = Outside(files, places)
    env = _environment(outside, known.environment)
    system = {**_system(files, places), **known.system}
    try:
        bootstrap = _Bootstrap(outside, system).read()
    except Refused as e:
        outside.refused, bootstrap = str(e), {}
    outside.folders = _folders(env, places)
    folder: dict[str, str | None] = {}
    for path in outside.folders:
        folder.update(_folder(files, path))
    predefined = {**places.variables(), **bootstrap, **known.bootstrap}
    outside.variables = Outer(env, predefined, system, {**folder, **known.folder}, known.command_line)
    return outside


def _text(files: Files, path: str) -> str:
    data = files.read(path) or b""
    if len(data) > MOST_BYTES:
        raise LimitError(f"{path}: has more than {MOST_BYTES:,} bytes, which is more than is read; shorten the file.")
    return data.decode("utf-8", errors="replace")


def _environment(outside: Outside, known: Mapping[str, str]) -> dict[str, str]:
    found = dict(known)
    for path in outside.places.server_env():
        text = _text(outside.files, path)
        expanded = shell.environment(text, found)
        found.update(expanded.values)
        for name in expanded.gone:
            found.pop(name, None)
        for name, (line, reason) in expanded.unknown.items():
            problem = Problem(problems.SHELL, Origin(path, line), attribute=name, reason=reason)
            outside.problems.append(problem)
    return found


def _system(files: Files, places: Places) -> dict[str, str]:
    """Return Java's system properties, as far as jvm.options set them."""
    there = [path for path in places.jvm_options() if files.read(path) is not None]
    found: dict[str, str] = {}
    for path in there or places.jvm_options_of_nobody():
        for line in re.split(r"\r\n|\r|\n", _text(files, path)):
            name, equals, value = line.strip().removeprefix("-D").partition("=")
            if line.strip().startswith("-D") and name:
                found[name] = value if equals else ""
    return found


def is_whole(files: Files, path: str) -> bool:
    """Whether a ``bootstrap.properties`` includes no other file."""
    return _INCLUDE not in properties(_text(files, path))


class _Bootstrap:
    """Reads bootstrap.properties with the files that it includes; what is said first wins."""

    def __init__(self, outside: Outside, system: Mapping[str, str]) -> None:
        self.outside = outside
        self.system = system
        self.found: dict[str, str] = {}
        self._seen: set[str] = set()

    def read(self) -> dict[str, str]:
        """Return the properties, with their variables replaced as Liberty replaces them before it reads any XML."""
        self._file(f"{self.outside.places.server}/bootstrap.properties", 0)
        known = {**self.outside.places.variables(), **self.found}
        path = f"{self.outside.places.server}/bootstrap.properties"
        for symbol in _symbols(self.found.values()):
            self.outside.deep |= _symbols([self.found.get(symbol, "")])
        for name, value in self.found.items():
            if "${}" in value:
                empty = Problem(problems.ORDER, Origin(path), attribute=name, value=problems.BOOT_EMPTY)
                self.outside.problems.append(empty)
        limits = Variables(Outer())
        try:
            return {name: _replaced(name, known, set(), limits) for name in self.found}
        except LimitError as e:
            raise LimitError(f"{path}: {e}") from e

    def _file(self, path: str, level: int) -> None:
        if path in self._seen:
            return
        if level > MOST_LEVELS:
            raise LimitError(
                f"{path}: is included more than {MOST_LEVELS} levels deep, which is more than is followed, so the "
                "configuration was not evaluated; include the file where it is needed."
            )
        self._seen.add(path)
        own = properties(_text(self.outside.files, path))
        included = own.pop(_INCLUDE, "")
        for name, value in own.items():
            # A system property of the same name takes its place here already.
            self.found.setdefault(name, self.system.get(name, value))
        for name in included.split(","):
            if name.strip():
                self._include(path, name.strip(), level)

    def _include(self, path: str, name: str, level: int) -> None:
        is_url = _URL.match(name) is not None
        location = "/" + name[5:].lstrip("/") if name.startswith("file:") else name
        included = posixpath.normpath(posixpath.join(posixpath.dirname(path), location))
        if is_url and not name.startswith("file:"):
            self.outside.problems.append(Problem(problems.UNSEEN, Origin(path), "include", value=name))
        elif self.outside.files.read(included) is not None:
            self._file(included, level + 1)
        elif included in self.outside.files.unseen:
            reason = self.outside.files.unseen[included]
            problem = Problem(problems.UNSEEN, Origin(path), "include", value=included, reason=reason)
            self.outside.absent.append(included)
            self.outside.problems.append(problem)
        else:
            self.outside.absent.append(included)
            raise Refused(
                f"{path}: {_INCLUDE} names {included}, which does not exist, so Liberty does not start; correct the "
                "name, or make the file."
            )


def _symbols(values: Iterable[str]) -> set[str]:
    """Return the names of the variables in values."""
    return {symbol for value in values for symbol in _SYMBOL.findall(value)}


def _replaced(name: str, known: Mapping[str, str], inside: set[str], limits: Variables) -> str:
    """Return a property with the first variables in it replaced by other properties, which may hold variables too.

    Raises LimitError where they lead too deep, or stand for too much in all.
    """
    text = known[name]
    for symbol in [match[1] for match in _SYMBOL.finditer(text)][:_MOST_SYMBOLS]:
        if symbol in known and symbol not in inside and f"${{{symbol}}}" in text:
            with limits.one_level_deeper():
                value = _replaced(symbol, known, {*inside, name, symbol}, limits)
            before, text = text, text.replace(f"${{{symbol}}}", value)
            limits.count(max(len(before), len(text)))
    return text


def _folders(environment: Mapping[str, str], places: Places) -> list[str]:
    """Return the directories of variables; the last one wins."""
    named = environment.get("VARIABLE_SOURCE_DIRS")
    if not named:
        return [f"{places.server}/variables"]
    return [posixpath.normpath(posixpath.join(places.server, folder)) for folder in named.split(":") if folder]


def _folder(files: Files, folder: str) -> dict[str, str | None]:
    """Read a directory of variables: a file is a variable (its first line), a ``.properties`` file holds several."""
    found: dict[str, str | None] = {}
    prefix = f"{folder}/"
    for path in sorted(files.content):
        name = path.removeprefix(prefix)
        if name == path or name.count("/") > 1:
            continue
        text = _text(files, path)
        if name.endswith(".properties"):
            found.update(properties(text))
        else:
            found[name] = re.split(r"\r\n|\r|\n", text)[0] if text else None
    return found


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
