# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What shall be put back: ``zosconnect_restore`` as inventories, surveys, files and workflows have it. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import operator_commands, survey, telling
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import (
    Reader,
    boolean,
    described,
    one_of,
    text,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import Found, can_place
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import nearest, several
from ansible_collections.zosconnect.security.plugins.plugin_utils.operator_commands import CONFIGURATION, KEY_STORES

# What a file is. Without it the end of its name tells files of a server from its stores.
KINDS = ("server", "store", "policy")
POLICY = "policy"
_SERVER = "server.xml"
NAME = "zosconnect_restore"
_KEYS = "path, backup_file, checksum_before and checksum_after"


@dataclass(frozen=True)
class Saved:
    """A file that was changed, and its backup; ``host`` is where it is, if not on that of the server.

    What was ``made`` has no backup: it is removed, unless it is another one by now.
    """

    path: str
    backup_file: str
    checksum_before: str
    checksum_after: str | None
    host: str | None = None
    kind: str | None = None
    made: bool = False

    def questions(self) -> list[dict[str, Any]]:
        """Return what target_read is asked: the file as it is, and the backup where there is one."""
        if self.made:
            return [{"path": self.path, "content": False}]
        backup = {"path": self.backup_file, "backup_of": self.path, "checksum": self.checksum_before}
        return [{"path": self.path, "content": False}, {**backup, "content": False}]


def saved(given: object, host: str, hosts: Sequence[str]) -> list[Saved]:
    """Return what is put back on ``host``, in the order of the change; nothing where others of ``hosts`` are meant."""
    value, where = _parsed(given, NAME), NAME
    if isinstance(value, Mapping) and [*value] == [NAME]:
        # The whole text of a restore file.
        value = _parsed(value[NAME], NAME)
    if isinstance(value, Mapping):
        found = _of_host(value, host, hosts)
        if found is None:
            return []
        value, where = _parsed(found, f"{NAME}.{host}"), f"{NAME}.{host}"
    if not isinstance(value, list):
        raise SecurityError(
            f"{where}: must be a list of mappings with {_KEYS}, or a mapping of hosts to such lists, not "
            f"{described(value)}."
        )
    if not value:
        raise SecurityError(
            f"There is nothing to restore for {host}. Give {NAME}: a restore file (-e @FILE), the list of a run's "
            "statistics, or these statistics themselves."
        )
    return [_saved(item, f"{where}[{number}]") for number, item in enumerate(value)]


def _of_host(value: Mapping[Any, Any], host: str, hosts: Sequence[str]) -> Any:
    """Return the part of a host; statistics of a run have it below ``restore``."""
    names = [str(name) for name in value]
    if not set(names) & {host, *hosts}:
        near = nearest(names[0], hosts) if names else ""
        raise SecurityError(
            f"{NAME}: is for {several(names) or 'no host'}, and no host of this play has that name{near or '.'} Its "
            "keys must be names of the inventory."
        )
    found = value.get(host)
    return found.get("restore", []) if isinstance(found, Mapping) else found


def _parsed(value: object, where: str) -> object:
    """Return a text of a survey as what it holds."""
    found = survey.held(value, list, Mapping, type(None)) or []
    if isinstance(found, str):
        raise SecurityError(f"{where}: is a text that holds neither a list nor a mapping in YAML or JSON.")
    return found


def _saved(item: object, where: str) -> Saved:
    reader = Reader(item, where)
    made = reader.take("made", boolean, False)
    need_backup, need_after = (reader.take, reader.need) if made else (reader.need, reader.take)
    one = Saved(
        path=reader.need("path", text),
        backup_file=need_backup("backup_file", text) or "",
        checksum_before=need_backup("checksum_before", text) or "",
        checksum_after=need_after("checksum_after", text),
        made=made,
        host=reader.take("host", text),
        kind=reader.take("kind", one_of(KINDS)),
    )
    reader.done()
    return one


@dataclass(frozen=True)
class Pair:
    """What was saved; the file and its backup, as target_read found them. What was made has no backup."""

    saved: Saved
    file: Found
    backup: Found | None

    @property
    def differs(self) -> bool:
        """Whether the file is changed: made another one, or removed."""
        if self.backup is None:
            return self.file.sha256 is not None and not self.stays
        return self.file.sha256 != self.backup.sha256

    @property
    def stays(self) -> bool:
        """Whether the file was made, and somebody has changed it since."""
        return self.backup is None and self.file.sha256 not in (None, self.saved.checksum_after)

    def check(self, option: str) -> None:
        """Refuse what cannot be put back, or is somebody else's work by now; ``option`` is the user's for that."""
        file, backup, after = self.file, self.backup, self.saved.checksum_after
        if backup and backup.sha256 is None:
            raise SecurityError(f"{backup.path}: does not exist, so {file.path} cannot be restored from it.")
        if self.differs and after and file.sha256 != after:
            raise SecurityError(
                f"{file.path}: is not what it was after the change that shall be undone (its checksum is "
                f"{file.sha256 or 'none'}, not {after}), so somebody has changed it since. Restore it by hand, or "
                f"leave out {option}."
            )
        if self.differs:
            can_place(file, {})

    def shown(self) -> dict[str, Any]:
        """Return what is told of it."""
        return {
            "path": self.file.real_path,
            "checksum_before": self.file.sha256,
            "checksum_after": self.backup.sha256 if self.backup else None,
        }

    def removing(self) -> dict[str, Any]:
        """Return what target_place is told of a file that was made."""
        return {**self.file.place(), "remove": True, "expected": self.file.sha256}

    def placing(self) -> dict[str, Any]:
        """Return what target_place and target_apply are told of a file that has a backup."""
        restore = {"path": self.saved.backup_file, "checksum": self.saved.checksum_before}
        return {**self.file.place(), "restore": restore, "expected": self.file.sha256 or ""}


def pairs(saved: Sequence[Saved], items: Iterable[Found]) -> list[Pair]:
    """Return what was saved with what target_read found, in the order of ``questions``."""
    found = iter(items)
    return [Pair(one, next(found), None if one.made else next(found)) for one in saved]


def directories(saved: Sequence[Saved]) -> list[str]:
    """Return where an interrupted run may have left something."""
    return list(dict.fromkeys(posixpath.dirname(one.path) for one in saved))


def order(pairs: Sequence[Pair], *, backup: bool, told: str) -> dict[str, Any]:
    """Return what target_apply is told: all of it is put back, or nothing; ``told`` is how the server learns of it."""
    return {
        "version": 1,
        "journal_dir": posixpath.dirname(pairs[0].file.real_path),
        "files": [{**pair.placing(), "backup": backup} for pair in pairs],
        "refresh": {"kind": telling.OPERATOR},
        "pending": _pending(pairs, told),
    }


def _pending(pairs: Sequence[Pair], told: str) -> dict[str, Any] | None:
    """Return what target_apply notes for the server; nothing where its own file, and so its directory, is not known."""
    paths = [pair.file.path for pair in pairs if pair.saved.kind != POLICY]
    directory = next((posixpath.dirname(path) for path in paths if posixpath.basename(path) == _SERVER), None)
    kinds = {path: CONFIGURATION if path.endswith(".xml") else KEY_STORES for path in paths}
    return {"directory": directory, "log": None, "told": told, "kinds": kinds} if directory else None


def lines(pairs: Sequence[Pair], options: Mapping[str, Any], *, check_mode: bool) -> list[str]:
    """Say in a few words what was put back, and whether it is in force."""
    if not pairs:
        return [f"nothing to put back: {NAME} is for other hosts"]
    at = f" on {options['host']}" if options["host"] else ""
    done = [pair for pair in pairs if pair.differs]
    back = [pair.file.real_path for pair in done if not pair.saved.made]
    gone = [pair.file.real_path for pair in done if pair.saved.made]
    said = [f"{'would put back' if check_mode else 'put back'}{at}: {several(back)}"] if back else []
    said += [f"{'would remove' if check_mode else 'removed'}{at}: {several(gone)}, made by that run"] if gone else []
    if not done:
        said = [f"nothing to put back{at}: {len(pairs)} {'file is' if len(pairs) == 1 else 'files are'} what was saved"]
    stays = [pair.file.real_path for pair in pairs if pair.stays]
    said += [f"{path} was made by that run and is another one now, so it stays" for path in stays]
    if any(pair.saved.kind == POLICY for pair in pairs):
        said.append(f"the policy counts after {operator_commands.UPDATE_POLICY}")
    files = [pair.file.real_path for pair in pairs if pair.saved.kind != POLICY and not pair.saved.made]
    if files and options["refresh"] == telling.OPERATOR:
        command = telling.command(files, options["job_name"], options["zosconnect_version"])
        said.append(f"in force after the operator command {command}")
    elif files and not check_mode and options["refresh"] == telling.MBEAN:
        said.append("the server was told")
    elif done and files and not check_mode:
        said.append("the server looks for changes itself")
    return said
