# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The change of one file of a server's configuration: what is asked in, new bytes out, judged among its other files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils.reading import sha256
from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages, diff, modes
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import Found
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import keys, passwords
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.aes import Keys
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.desired import DesiredElement
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import Document, read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.passwords import NO_KEYS, Writing
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.plan import Plan, plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import shadows
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source

_EMPTY = '<?xml version="1.0" encoding="{}"?>\n<server>\n</server>\n'
# A configuration may hold passwords: a new one is not for everybody.
NEW_MODE = "0640"
_NO_OWN_KEY = (
    "The server has no key of its own for {aes}, so passwords are written with the built-in one, which everybody "
    "knows; define the variable wlp.password.encryption.key in an included file that few may read."
)


@dataclass(frozen=True, kw_only=True)
class How:
    """How a file is changed: the options of server_xml."""

    create: bool = False
    encoding: str | None = None
    password_encoding: str = passwords.XOR
    keys: Keys = NO_KEYS
    allow_unknown: bool = False
    on_shadowed: str = "error"
    mode: Any = None


@dataclass(frozen=True)
class FileChange:
    """What becomes of one file: what was found, and the plan for its text."""

    file: Found
    planned: Plan
    warnings: tuple[str, ...] = ()

    @property
    def writes(self) -> bool:
        """Whether the file gets other bytes, or is made."""
        return self.planned.changed or self.file.data is None

    @property
    def data(self) -> bytes:
        """The bytes that the file will have."""
        return self.planned.result.data

    @property
    def changes(self) -> list[dict[str, Any]]:
        """The changes as results show them."""
        return [asdict(change) for change in self.planned.changes]

    def checksum_after(self) -> str | None:
        return sha256(self.data) if self.writes else self.file.sha256

    def shown(self) -> dict[str, str]:
        """The difference as Ansible shows it."""
        planned = self.planned
        shown = (self.file.path, planned.source, planned.result, planned.splices, planned.secret_variables)
        return diff.prepared(*shown, is_new=self.file.data is None)


def change(
    file: Found,
    server: Server | None,
    wanted: Sequence[DesiredElement],
    how: How,
    *,
    elsewhere: Mapping[str, set[str]] | None = None,
) -> FileChange:
    """Return what becomes of a file; ``server`` has the others. SecurityError where it cannot be, or has no effect.

    ``elsewhere`` are ids, by element, that other files are going to get.
    """
    known = server.ids() if server else {}
    for element, ids in (elsewhere or {}).items():
        known[element] = known.get(element, set()) | ids
    source = _source(file, how)
    writing = _writing(file.path, source, wanted, how, server)
    planned = plan(
        source,
        list(wanted),
        allow_unknown=how.allow_unknown,
        elsewhere=known,
        writing=writing,
        secret_variables=server.effective().secret_variables if server else frozenset(),
    )
    shadowed = shadows.judge(server, file.path, planned.result.data, wanted, writing.keys) if server else []
    if shadowed and how.on_shadowed == "error":
        raise SecurityError(" ".join(shadowed) + " Nothing was changed.")
    _not_for_everybody(file, planned, how.mode)
    tie = file.tie() if FileChange(file, planned).writes else []
    return FileChange(file, planned, (*shadowed, *_open_to_all(planned, writing), *tie))


def _source(file: Found, how: How) -> Source:
    if file.data is not None:
        return read_source(file.data, name=file.path, encoding=how.encoding, tag=file.tag)
    if not how.create:
        raise SecurityError(f"{file.path}: does not exist; correct the path, or set create to true to make a new file.")
    name = how.encoding or "UTF-8"
    codec = codepages.for_name(name)
    if codec is None or codec.name.startswith("UTF-16"):
        raise SecurityError(
            f"encoding: a new file cannot be made in {name!r}; known are {', '.join(codepages.names())}."
        )
    return read_source(codec.encode(_EMPTY.format(name)), name=file.path, encoding=name)


def _writing(path: str, source: Source, wanted: Sequence[DesiredElement], how: How, server: Server | None) -> Writing:
    """Return how passwords are written; the keys of {aes} are looked for only where it is there or asked for."""
    encoding, given = how.password_encoding, how.keys
    if not Writing(encoding).protects and "{aes}" not in source.text.lower():
        return Writing(encoding)
    # The variables as they will be: this very task may define the key.
    ahead = plan(source, [want for want in wanted if want.element == "variable"], allow_unknown=True).result
    if server:
        effective = server.with_planned(path, ahead.data)
        return Writing(encoding, keys.chosen(given, effective.assembly.variables, saf=keys.in_saf_of(effective)))
    document = Document(ahead)
    found = keys.chosen(given, keys.of_file(document), whole=False, saf=keys.in_saf_of_file(document))
    if Writing(encoding).protects and found == NO_KEYS:
        raise SecurityError(
            f"password_encoding: {encoding} needs the key that the server uses; give password_key, or server_dir, "
            "where the variable wlp.password.encryption.key is looked for."
        )
    return Writing(encoding, found)


def _not_for_everybody(file: Found, planned: Plan, mode: object) -> None:
    """Raise SecurityError where a password that everybody can decode comes into a file that everybody can read."""
    if not modes.others_read(file.mode or NEW_MODE, mode):
        return
    where = next((where for where, text in planned.secrets if passwords.readable(text)), None)
    if where and mode is not None:
        raise SecurityError(
            f"mode: {modes.shown(mode)} lets everybody read the file, and {where} puts a password into it that "
            f'everybody can decode; nothing was changed. Give a mode such as "{NEW_MODE}".'
        )
    if where and file.mode:
        raise SecurityError(
            f"{file.path}: everybody can read this file (mode {file.mode}), and {where} puts a password into it that "
            f'everybody can decode; nothing was changed. Give mode: "{modes.without_others(file.mode)}", take the '
            "right away from the file first, or let passwords be written in {aes} by a key of the server's own."
        )


def _open_to_all(planned: Plan, writing: Writing) -> list[str]:
    return [_NO_OWN_KEY] if planned.changed and writing.protects and writing.keys == NO_KEYS else []
