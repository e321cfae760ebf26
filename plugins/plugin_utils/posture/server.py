# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One server's files: which to ask for, and what they say when they are here."""

from __future__ import annotations

import base64
import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.files import Files
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.assembly import (
    DEFAULTS,
    OVERRIDES,
    Assembly,
    assemble,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, evaluate
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.outside import Places
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Outer, Refused
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import require_secure

Json = dict[str, Any]


@dataclass
class Server:
    """The files of one server as they come in. ``server_xml`` is the file to start from."""

    places: Places
    outer: Outer
    server_xml: str
    content: dict[str, bytes] = field(default_factory=dict)
    unseen: dict[str, str] = field(default_factory=dict)
    listings: dict[str, list[str]] = field(default_factory=dict)
    facts: dict[str, Json] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    _effective: Effective | None = None

    @property
    def files(self) -> Files:
        return Files(self.content, self.unseen, frozenset(self.listings), self.listings)

    def first_question(self) -> Json:
        """Return what the target module is asked first: the server's own files and, by ``follow``, what they name."""
        own = self.places.server
        folders = [
            _folder(own, ".xml", ".env", "bootstrap.properties", "jvm.options"),
            _folder(f"{own}/variables", "", depth=1),
        ]
        folders += [_folder(f"{own}/{dropins}", ".xml", "jvm.options") for dropins in (DEFAULTS, OVERRIDES)]
        folders.append(_folder(require_secure.archive_folder(None, own)))
        places = self.places
        beside = [*places.server_env(), *places.jvm_options(), *places.jvm_options_of_nobody()]
        elsewhere = [path for path in beside if not path.startswith(f"{own}/")]
        return {**self._asking([self.server_xml, *elsewhere], folders), "follow": [self._follow()]}

    def _follow(self) -> Json:
        # Without the variables that the user gives: they may be secret, and these are arguments of a module.
        places = self.places
        folders = {"user_dir": places.user, "install_dir": places.install, "output_dir": places.output}
        return {"server_dir": places.server, "server_xml": self.server_xml, **folders}

    def lacking(self, named: str) -> str | None:
        """Say why server.xml was not read, and what to correct; None where it was.

        ``named`` is what the user calls the directory.
        """
        if self.server_xml in self.content:
            return None
        said = self.unseen.get(self.server_xml)
        if said and self.places.server.endswith(".xml"):
            folder = posixpath.dirname(self.places.server)
            return f"{named}: {self.places.server} is a file; give the directory that holds it, {folder}."
        return said or f"{self.server_xml}: does not exist; correct {named}."

    def next_question(self) -> Json | None:
        """Return what is still missing: includes that the first answer does not hold, and the archives' directory."""
        effective = self.effective()
        absent = effective.assembly.absent
        paths = [path for path in absent if path not in self.asked and f"{path}/" not in self.asked]
        # Of a directory that is included, files may be here because other includes name them.
        unlisted = (p for p in effective.assembly.included_folders if posixpath.normpath(p) not in self.listings)
        named = [*(p for p in paths if p.endswith("/")), *unlisted, *(f"{p}/" for p in paths if not p.endswith("/"))]
        folders = [_folder(path, ".xml") for path in dict.fromkeys(named) if path not in self.asked]
        folders += [_folder(path, "", depth=1) for path in effective.assembly.folders if path not in self.asked]
        archives = require_secure.archive_folder(effective.one("zosconnect_apiRequesters"), self.places.server)
        if archives not in self.asked:
            folders.append(_folder(archives))
        return self._asking([path for path in paths if not path.endswith("/")], folders) if paths or folders else None

    def _asking(self, paths: Sequence[str], folders: Sequence[Json]) -> Json:
        self.asked.update(paths, (folder["path"] for folder in folders))
        # Whoever writes the configuration names them.
        by = {"server_dir": self.places.server}
        asked = {"files": [{"path": path, **by} for path in paths], "folders": [{**each, **by} for each in folders]}
        return {**asked, "known_files": sorted(self.facts)}

    def take(self, answer: Mapping[str, Any]) -> None:
        """Take what the target module read, and what it followed."""
        self._effective = None
        for part in (answer, *answer.get("followed", ())):
            for item in part["files"]:
                self._take_file(item)
            for folder in part["folders"]:
                self._take_folder(folder)
        for part in answer.get("followed", ()):
            self.asked.update(item["path"] for item in (*part["files"], *part["folders"]))
            # Where there is no file of a name, there is no directory either.
            self.asked.update(f"{item['path']}/" for item in part["files"])

    def _take_file(self, item: Mapping[str, Any]) -> None:
        path = posixpath.normpath(item["path"])
        if item["state"] == "file":
            self.content[path] = base64.b64decode(item["content"])
            self.facts[path] = {key: item.get(key) for key in ("sha256", "mode", "owner", "group", "tag")}
        elif item["state"] not in ("absent", "directory"):
            self.unseen[path] = item["message"]

    def _take_folder(self, folder: Mapping[str, Any]) -> None:
        path = posixpath.normpath(folder["path"])
        if folder["state"] == "directory":
            self.listings[path] = folder["names"]
            for item in folder["files"]:
                self._take_file(item)
        elif folder["state"] not in ("absent", "error"):
            self.unseen.setdefault(path, folder["message"])

    def ids(self) -> dict[str, set[str]]:
        """Return the ids that the configuration defines now, by element."""
        found = self.effective().instances.items()
        return {name: {i.id for i in instances if i.id is not None} for name, instances in found}

    def judged(self, path: str) -> list[Json]:
        """Return the files by which the configuration was judged, but for ``path``, each with its checksum."""
        return [
            {"path": other, "expected": facts["sha256"]}
            for other, facts in sorted(self.facts.items())
            if other != posixpath.normpath(path) and self._counts(other)
        ]

    def with_planned(self, path: str, data: bytes) -> Effective:
        """Return the effective configuration as it will be with ``data`` in the file ``path``."""
        return self.as_planned({path: data})

    def as_planned(self, planned: Mapping[str, bytes]) -> Effective:
        """Return the effective configuration as it will be with other bytes in the files ``planned``, by path."""
        files = self.files.laid_over({posixpath.normpath(path): data for path, data in planned.items()})
        return evaluated(assemble(files, self.places, self.outer, server_xml=self.server_xml))

    def planned(self, planned: Mapping[str, bytes]) -> Server:
        """Return this server with other bytes in the files ``planned``, by path."""
        files = self.files.laid_over({posixpath.normpath(path): data for path, data in planned.items()})
        listings = {folder: list(names) for folder, names in files.listings.items()}
        return replace(self, content=dict(files.content), listings=listings, _effective=None)

    def not_seen(self) -> list[str]:
        """Return why files could not be read that count."""
        return [message for path, message in self.unseen.items() if self._counts(path)]

    def _counts(self, path: str) -> bool:
        """Whether a file is of the configuration: an XML file beside server.xml may be somebody's copy."""
        assembly = self.effective().assembly
        beside = posixpath.dirname(path) == self.places.server and path.lower().endswith(".xml")
        return not beside or path in assembly.read or path in assembly.absent or path == self.server_xml

    def effective(self) -> Effective:
        """Return the effective configuration of what is here."""
        if self._effective is None:
            self._effective = evaluated(assemble(self.files, self.places, self.outer, server_xml=self.server_xml))
        return self._effective


def evaluated(assembly: Assembly) -> Effective:
    """Evaluate an assembly; what Liberty refuses over a value stands where it is with a file."""
    try:
        return evaluate(assembly)
    except Refused as e:
        assembly.refused = str(e)
        return Effective(assembly)


# Includes of includes cost a call for each level; a deeper nest than this is somebody's mistake.
_ROUNDS = 20


class Asking(Protocol):
    """What knows which questions there are about a server, and takes the answers."""

    @property
    def server_xml(self) -> str: ...
    def first_question(self) -> Json: ...
    def take(self, answer: Mapping[str, Any]) -> None: ...
    def next_question(self) -> Json | None: ...


def gather(server: Asking, ask: Callable[[Json], Json]) -> None:
    """Read a server's files by ``ask``, which calls target_read: its own at once, includes elsewhere by level."""
    question: Json | None = server.first_question()
    for _round in range(_ROUNDS):
        if question is None:
            return
        server.take(ask(question))
        question = server.next_question()
    raise SecurityError(
        f"{server.server_xml}: includes are nested more than {_ROUNDS} levels deep; this is not followed."
    )


def _folder(path: str, *suffixes: str, depth: int = 0) -> Json:
    return {"path": path, "suffixes": list(suffixes), "depth": depth}


def from_options(options: Mapping[str, Any]) -> Server:
    """Return the server that the options name, nothing read yet. ``prefix`` is what users have before their names."""
    path = _path(options, "path")
    directory = _path(options, "server_dir") or (posixpath.dirname(path) if path else None)
    if directory is None:
        raise SecurityError(
            f"{options.get('prefix') or ''}server_dir: give the directory of the server, or path for one file."
        )
    outer = Outer(environment=_texts(options, "env"), command_line=_texts(options, "variables"))
    places = Places(directory, _path(options, "user_dir"), _path(options, "install_dir"))
    return Server(places, outer, path or posixpath.join(directory, "server.xml"))


def _path(options: Mapping[str, Any], key: str) -> str | None:
    path: str | None = options.get(key)
    if not path:
        return None
    if not path.startswith("/"):
        raise SecurityError(
            f"{options.get('prefix') or ''}{key}: {path} does not begin with a slash; give the whole path."
        )
    return posixpath.normpath(path)


def _texts(options: Mapping[str, Any], key: str) -> dict[str, str]:
    return {str(name): str(value) for name, value in (options.get(key) or {}).items()}
