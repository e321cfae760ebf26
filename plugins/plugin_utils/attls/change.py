# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The change of one policy file that is there, or of a new one. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils.reading import sha256
from ansible_collections.zosconnect.security.plugins.plugin_utils import diff, members, modes
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import text
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.desired import DesiredStatement, Options
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.plan import Plan, plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import Found, can_place
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source

# A policy may hold the password of a key database: a new one is not for everybody.
NEW_MODE = "0640"


@dataclass(frozen=True)
class PolicyChange:
    """What becomes of one file: what was found, and the plan for its text."""

    file: Found
    planned: Plan
    exposed: tuple[str, ...] = ()

    @property
    def writes(self) -> bool:
        """Whether the file gets other bytes, or is made."""
        return self.planned.changed or self.file.data is None

    @property
    def data(self) -> bytes:
        """The bytes that the file will have."""
        return self.planned.result.data

    @property
    def warnings(self) -> list[str]:
        return [*self.planned.warnings, *self.exposed, *(self.file.tie() if self.writes else [])]

    @property
    def changes(self) -> list[dict[str, Any]]:
        """The changes as results show them."""
        return [asdict(change) for change in self.planned.changes]

    def checksum_after(self) -> str | None:
        return sha256(self.data) if self.writes else self.file.sha256

    def shown(self) -> dict[str, str]:
        """The difference as Ansible shows it."""
        planned = self.planned
        return diff.prepared(
            self.file.path, planned.source, planned.result, planned.splices, is_new=self.file.data is None
        )


def change(
    file: Found, wanted: Sequence[DesiredStatement], reading: Options, options: Mapping[str, Any]
) -> PolicyChange:
    """Return what becomes of a file; ``options`` are those of attls_policy. SecurityError where it cannot be."""
    planned = plan(_source(file, options), tuple(wanted), reading)
    found = PolicyChange(file, planned, tuple(_exposed(file, wanted, options.get("mode"))))
    if found.writes:
        _may_edit(file, found.planned, options)
        can_place(file, options)
    return found


def _exposed(file: Found, wanted: Sequence[DesiredStatement], mode: object) -> Iterator[str]:
    """Say that a password, which a policy can only have in clear, stands or comes where everybody can read it."""
    where = next((where for want in wanted for where in _passwords(want)), None)
    if where and modes.others_read(file.mode or NEW_MODE, mode):
        shown = modes.shown(file.mode if mode is None else mode)
        yield (
            f"{file.path}: everybody can read this file (mode {shown}), and {where} puts a password into it in clear. "
            f'Give a mode such as "{NEW_MODE}", or a KeyringStashFile or a key ring, which need no password.'
        )


def _passwords(want: DesiredStatement) -> Iterator[str]:
    """Give where a password is desired, in a statement or in those in it."""
    for keyword, texts in want.parameters.items():
        if texts is not None and want.types[keyword].secret:
            yield f"{want.path}.{keyword}"
    for inner in want.blocks.values():
        for one in inner or ():
            yield from _passwords(one)


def _source(file: Found, options: Mapping[str, Any]) -> Source:
    if file.data is not None:
        return text.read_source(file.data, name=file.path, encoding=options["encoding"], tag=file.tag)
    if options["state"] == "absent":
        raise SecurityError(f"{file.path}: does not exist, so nothing can be removed from it; correct the path.")
    if not options["create"]:
        raise SecurityError(f"{file.path}: does not exist; correct the path, or set create to true to make a new file.")
    if not options["encoding"]:
        raise SecurityError(
            f"{file.path}: is new, so its encoding is needed: IBM-1047 is what the Policy Agent reads unless its "
            "Codepage statement says otherwise."
        )
    return Source(file.path, "", text.codec(options["encoding"]))


def _may_edit(file: Found, planned: Plan, options: Mapping[str, Any]) -> None:
    """What the Configuration Assistant exports is made again from its backing store, and the change would be lost."""
    line = text.exported(planned.source.text)
    if line and not options["edit_exported"]:
        raise SecurityError(
            f"{file.path}:{line}: this file was made by the Configuration Assistant, whose next export would undo the "
            "change. Use state rendered, and give the text to those who maintain it there, or set edit_exported to "
            "true."
        )


def no_data_set(path: str, option: str) -> None:
    """Raise SecurityError where ``path`` is no path of a file; several files change together, and no member can."""
    if members.is_data_set(path):
        raise SecurityError(
            f"{option}: {path} is a data set, and what changes together must be files. Leave it out; the module "
            "attls_policy changes a member."
        )
