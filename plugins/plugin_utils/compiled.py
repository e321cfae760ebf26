# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine's compiled code, kept for the next runs: ansible-core compiles a collection anew in each of them.

Half of what loading the engine costs is compiling. Python would keep the result beside the sources, where
``ansible-galaxy collection verify`` complains of files that nobody published; so it lies where Ansible keeps temporary
files, by a digest of the source, in a directory that only its user can enter. Where there is none all is compiled.
"""

from __future__ import annotations

import hashlib
import importlib.util
import marshal
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType

from ansible_collections.zosconnect.security.plugins.plugin_utils.own_folder import OwnFolder

FOLDER = "zosconnect-compiled"
_OURS = tuple(f"ansible_collections.zosconnect.security.plugins.{room}." for room in ("plugin_utils", "module_utils"))


@dataclass
class Finder:
    """Finds modules of this collection; what is compiled of them is kept in ``folder``."""

    folder: OwnFolder
    _has_forgotten: bool = False

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module as Python does where no collections are."""
        if not path or not name.startswith(_OURS):
            return None
        found = FileFinder(next(iter(path)), (SourceFileLoader, [".py"])).find_spec(name)
        if found and isinstance(found.loader, SourceFileLoader):
            found.loader = Loader(self, name, found.loader.path)
        return found

    def code(self, name: str, source: bytes) -> CodeType | None:
        """Return what was compiled of this source, by this Python."""
        data = self.folder.read(_digest(name, source))
        try:
            code = None if data is None else marshal.loads(data)  # nobody else can write there
        except (EOFError, TypeError, ValueError):
            return None
        return code if isinstance(code, CodeType) else None

    def keep(self, name: str, source: bytes, code: CodeType) -> None:
        """Keep it."""
        if not self._has_forgotten:
            self._has_forgotten = True
            self.folder.forget()
        self.folder.write(_digest(name, source), marshal.dumps(code))


class Loader(SourceFileLoader):
    """Loads a module, compiled if it must be."""

    def __init__(self, finder: Finder, name: str, path: str) -> None:
        super().__init__(name, path)
        self._finder = finder

    def get_code(self, fullname: str) -> CodeType | None:  # noqa: ARG002  # as Python calls it
        """Return the module's code."""
        source = self.get_data(self.path)
        code = self._finder.code(self.path, source)
        if code is None:
            code = self.source_to_code(source, self.path)
            self._finder.keep(self.path, source, code)
        return code


def _digest(path: str, source: bytes) -> str:
    about = b"\0".join((importlib.util.MAGIC_NUMBER, bytes([sys.flags.optimize]), os.fsencode(path), source))
    return hashlib.sha256(about).hexdigest()


def begin(loader: object) -> None:
    """Keep what is compiled from now on, where Ansible's own ``loader`` is at work; Python itself keeps it anyway."""
    constants = sys.modules.get("ansible.constants")
    if constants is None or not type(loader).__module__.startswith("ansible."):
        return
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        folder = os.path.join(os.path.dirname(constants.DEFAULT_LOCAL_TMP), FOLDER)
        sys.meta_path.insert(0, Finder(OwnFolder(folder)))
