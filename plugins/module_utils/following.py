# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which other files a server's configuration names, found where the files are. PRIVATE to this collection.

Standard library only, Python 3.9. It saves a call for each level of includes, and decides nothing: what is missed here
(an include behind a variable of server.env, say) the controller asks for in a second call, and what is brought too much
it passes over.
"""

from __future__ import annotations

import contextlib
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Callable
from xml.parsers import expat

from ansible_collections.zosconnect.security.plugins.module_utils import encoded

# Includes in includes, as many as the controller follows; and files in all.
MOST_LEVELS = 20
MOST_FILES = 1000
# Key stores of one server that are opened because its files name them: each costs a start of Java.
MOST_STORES = 40
# Where stores are, and the name of one, unless the configuration says so.
STORES, STORE = "resources/security", "key.p12"
_STORES = ("keyStore", "trustStore")
_DEFAULT_STORE = "defaultKeyStore"
# Variables in the values of variables; and characters of a path with all of them replaced.
_MOST_ROUNDS, _LONGEST = 10, 4096
# Where the archives of API requesters are, unless the configuration says so.
ARCHIVES = "resources/zosconnect/apiRequesters"
_VARIABLE = re.compile(r"\$\{([^${}]+)\}")
_URL = re.compile(r"(?!file:)[A-Za-z][A-Za-z0-9+.-]+://", re.IGNORECASE)
_EBCDIC = b"\x4c\x6f\xa7\x94"  # <?xm

Json = dict[str, Any]


class _EnoughError(Exception):
    """What follows is not looked at."""


@dataclass(frozen=True)
class Named:
    """What one document names: includes, variables, where the archives of API requesters are, key stores."""

    includes: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    archives: list[str] = field(default_factory=list)
    stores: list[dict[str, str]] = field(default_factory=list, repr=False)


def scan(data: bytes) -> Named:
    """Return what a document names, up to the place where it is no XML or has a document type."""
    found, depth = Named(), [0]

    def start(name: str, given: dict[str, str]) -> None:
        depth[0] += 1
        local = name.rpartition(":")[2]
        if depth[0] == 1 and local != "server":
            raise _EnoughError
        if depth[0] == 2:
            _note(found, local, given)
        if local in _STORES and len(found.stores) < MOST_FILES:
            found.stores.append(given if depth[0] == 2 else {**given, "id": ""})

    def end(_name: str) -> None:
        depth[0] -= 1

    def doctype(*_what: object) -> None:
        raise _EnoughError

    in_ebcdic = data.startswith(_EBCDIC)
    text = data.decode("cp037").replace("\x85", "\n").encode() if in_ebcdic else data
    parser = expat.ParserCreate("UTF-8" if in_ebcdic else None)
    parser.StartElementHandler, parser.EndElementHandler, parser.StartDoctypeDeclHandler = start, end, doctype
    with contextlib.suppress(_EnoughError, expat.ExpatError, ValueError, LookupError):
        parser.Parse(text, True)
    return found


def _note(found: Named, name: str, given: Mapping[str, str]) -> None:
    value = given.get("value", given.get("defaultValue"))
    if name == "include" and given.get("location"):
        found.includes.append(given["location"])
    elif name == "variable" and given.get("name") and value is not None and len(value) <= _LONGEST:
        found.variables[given["name"]] = value
    elif name == "zosconnect_apiRequesters" and given.get("location"):
        found.archives.append(given["location"])


def properties(data: bytes) -> dict[str, str]:
    """Return the plain lines of a bootstrap.properties; what is escaped or continued is left to the controller."""
    lines = (line.strip() for line in data.decode("utf-8", errors="replace").splitlines())
    pairs = (line.partition("=") for line in lines if line and line[0] not in "#!")
    return {name.strip(): value.strip() for name, sign, value in pairs if sign}


def resolve(text: str, variables: Mapping[str, str]) -> str | None:
    """Return ``text`` with its variables replaced; one that is not known stays, as it does in Liberty.

    None for what becomes too long for a path.
    """
    for _round in range(_MOST_ROUNDS):
        if "${" not in text or len(text) > _LONGEST:
            break
        text = _VARIABLE.sub(lambda match: variables.get(match[1], match[0]), text)
    return None if len(text) > _LONGEST else text


def path_of(location: str, folder: str) -> str:
    """Return where an include leads that stands in a file of ``folder``; a slash at the end names a directory."""
    location = location.strip().replace("\\", "/")
    if location.lower().startswith("file:"):
        location = "/" + location[5:].lstrip("/")
    joined = posixpath.join(folder, location)
    return posixpath.normpath(joined) + ("/" if joined.endswith("/") else "")


def user_folder(server: str, user: str | None) -> str:
    """Return Liberty's ``wlp.user.dir``: where nobody says it, what a server's directory stands in."""
    return user or posixpath.dirname(posixpath.dirname(server))


def predefined(server: str, user: str | None, install: str | None, output: str | None) -> dict[str, str]:
    """Return Liberty's own variables of a server; a directory ends in a slash, as Liberty shows it."""
    user = user_folder(server, user)
    folders = {
        "server.config.dir": server,
        "server.output.dir": output or server,
        "wlp.user.dir": user,
        "shared.config.dir": f"{user}/shared/config",
        "shared.app.dir": f"{user}/shared/apps",
        "shared.resource.dir": f"{user}/shared/resources",
        **({"wlp.install.dir": install} if install else {}),
    }
    found = {name: f"{folder.rstrip('/')}/" for name, folder in folders.items()}
    return {**found, "wlp.server.name": posixpath.basename(server), "defaultHostName": "localhost"}


def clear_password(written: str, variables: Mapping[str, str]) -> str | None:
    """Return a password, where no more than its text is needed to read it."""
    text = resolve(written, variables)
    if not text or "${" in text:
        return None
    if (name := encoded.algorithm(text)) is None:
        return text
    with contextlib.suppress(ValueError):
        return encoded.decode_xor(text) if name == encoded.XOR else None
    return None


class Follower:
    """Follows what the files of one server name.

    ``file`` and ``folder`` read as target_read does and put the bytes into ``content``, by path; they are told which
    files are known already, because whoever owns one of those named the next ones, and ``folder`` the suffixes of the
    files whose content is wanted. ``listed`` are directories that were asked for already.
    """

    def __init__(
        self,
        asked: Json,
        content: Mapping[str, bytes],
        listed: Iterable[str],
        file: Callable[[str, tuple[str, ...]], Json],
        folder: Callable[[str, list[str], tuple[str, ...]], Json],
    ) -> None:
        self._server = posixpath.normpath(asked["server_dir"])
        self._server_xml = posixpath.normpath(asked["server_xml"] or f"{self._server}/server.xml")
        self._variables = predefined(self._server, asked["user_dir"], asked["install_dir"], asked["output_dir"])
        self._content, self._file, self._folder = content, file, folder
        self._seen = {*content, *listed}
        self._scanned: set[str] = set()
        self._archives = [ARCHIVES]
        self._stores: list[dict[str, str]] = []
        self._answer: Json = {"files": [], "folders": []}

    def follow(self) -> Json:
        """Return what the files in ``content`` name and nobody asked for, as ``files`` and ``folders``."""
        own = f"{self._server}/bootstrap.properties"
        self._variables.update(properties(self._content.get(own, b"")))
        coming = [path for path in self._content if self._counts(path)]
        for _level in range(MOST_LEVELS):
            coming = self._next(coming)
        for place in self._places(self._archives, self._server):
            path = place.rstrip("/")
            if path not in self._seen:
                self._seen.add(path)
                self._answer["folders"].append(self._folder(path, [], tuple(sorted(self._content))))
        return self._answer

    def stores(self) -> dict[str, str]:
        """Return the paths of key stores that the files name, each with its password, as far as both are seen here."""
        # Liberty's own password of its default store, where nobody says one.
        environment = properties(self._content.get(f"{self._server}/server.env", b""))
        variables = {**environment, **self._variables}
        named: dict[object, dict[str, str]] = {}
        for number, each in enumerate(self._stores):
            named.setdefault(each.get("id") or number, {}).update(each)
        found: dict[str, str] = {}
        for each in named.values():
            default = environment.get("keystore_password", "") if each.get("id") == _DEFAULT_STORE else ""
            password = clear_password(each.get("password") or default, variables)
            place = resolve(each.get("location") or STORE, variables)
            if password and place and "${" not in place and "://" not in place and len(found) < MOST_STORES:
                found.setdefault(posixpath.normpath(posixpath.join(self._server, STORES, place)), password)
        return found

    def _counts(self, path: str) -> bool:
        """Whether a file is of the configuration: one beside server.xml may be somebody's copy."""
        dropins = [f"{self._server}/configDropins/{kind}" for kind in ("defaults", "overrides")]
        return path == self._server_xml or (path.lower().endswith(".xml") and posixpath.dirname(path) in dropins)

    def _next(self, coming: list[str]) -> list[str]:
        """Read what these documents include; return the documents that are to be looked at next."""
        named = {path: scan(self._content[path]) for path in coming}
        self._scanned.update(coming)
        for found in named.values():
            self._variables.update(found.variables)
            self._archives += found.archives
            self._stores += found.stores
        known, came = tuple(sorted(self._content)), dict[str, None]()
        for path, found in named.items():
            for place in self._places(found.includes, posixpath.dirname(path)):
                if place not in self._seen and len(self._seen) < MOST_FILES:
                    self._seen.add(place)
                    came.update(dict.fromkeys(self._bring(place, known)))
                elif place in self._content:
                    came[place] = None
        self._seen.update(came)
        return [path for path in came if path not in self._scanned]

    def _places(self, locations: list[str], folder: str) -> Iterator[str]:
        for location in dict.fromkeys(locations):
            resolved = resolve(location, self._variables)
            if resolved and resolved.strip() and not _URL.match(resolved.strip()):
                yield path_of(resolved, folder)

    def _bring(self, place: str, known: tuple[str, ...]) -> list[str]:
        if not place.endswith("/"):
            answer = self._file(place, known)
            self._answer["files"].append(answer)
            if answer["state"] != "directory":
                return [place] if place in self._content else []
            place += "/"
        answer = self._folder(place, [".xml"], known)
        self._answer["folders"].append(answer)
        paths = [posixpath.normpath(item["path"]) for item in answer["files"]]
        return [path for path in paths if path in self._content]
