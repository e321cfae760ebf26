# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What shall be put back: ``zosconnect_restore`` as inventories, surveys, files and workflows have it. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import members, operator_commands, survey, telling
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
from ansible_collections.zosconnect.security.plugins.plugin_utils.members import Member, MemberChange
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

    @property
    def is_member(self) -> bool:
        """Whether it is a member of a data set."""
        return members.is_data_set(self.path)

    @property
    def is_policy(self) -> bool:
        """Whether it is a policy; no server reads a member of a data set, or a file of another host."""
        return self.kind == POLICY or self.is_member or (self.kind is None and self.host is not None)

    def members(self) -> tuple[Member, Member]:
        """Return the member and the one that is its backup; SecurityError for names of none."""
        return members.member(self.path), members.member(self.backup_file, "backup_file")

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
        if backup and backup.sha256 != self.saved.checksum_before:
            raise SecurityError(
                f"{backup.path}: is not what was saved (its checksum is {backup.sha256}, not "
                f"{self.saved.checksum_before}); nothing was changed."
            )
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

    def change(self) -> MemberChange:
        """Return what becomes of a member."""
        new = self.backup.data if self.backup else None
        return MemberChange(self.saved.members()[0], self.file.data or b"", new or b"")

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


def told(pairs: Sequence[Pair]) -> list[str]:
    """Return the files that the server has to be told of; what was made is named by nobody any more."""
    return [pair.file.real_path for pair in pairs if not (pair.saved.made or pair.saved.is_policy)]


def has_policy(pairs: Sequence[Pair]) -> bool:
    """Whether the Policy Agent has to be told."""
    return any(pair.saved.is_policy for pair in pairs)


def order(pairs: Sequence[Pair], *, backup: bool, told: str) -> dict[str, Any]:
    """Return what target_apply is told: all of it is put back, or nothing; ``told`` is how the server learns of it."""
    return {
        "version": 1,
        "journal_dir": posixpath.dirname(pairs[0].file.real_path) if pairs else "",
        "files": [{**pair.placing(), "backup": backup} for pair in pairs],
        "refresh": {"kind": telling.OPERATOR},
        "pending": _pending(pairs, told),
    }


def check_version(saved: Sequence[Saved], options: Mapping[str, Any]) -> None:
    """Raise SecurityError where nobody said which commands the server of what is put back knows."""
    of_server = options["refresh"] == telling.OPERATOR and any(not (one.made or one.is_policy) for one in saved)
    if options["operator"] and of_server and not options["zosconnect_version"]:
        prefix = options["prefix"]
        raise SecurityError(
            f"{prefix}zosconnect_version is empty; with {prefix}operator {options['operator']} it is needed, because "
            "2.0 and 3.0 know other commands."
        )


def to_give(pairs: Sequence[Pair], options: Mapping[str, Any]) -> list[str]:
    """Return of what a console is told, where that was asked for: kinds of ``operator_commands.TOLD``, in order."""
    if not options["operator"]:
        return []
    files = told(pairs) if options["refresh"] == telling.OPERATOR else []
    return [*([POLICY] if has_policy(pairs) else []), *(telling.kinds(files) if files else [])]


def settling(pairs: Sequence[Pair]) -> dict[str, Any] | None:
    """Return the order that takes away what is noted for the server; None where its directory is not known."""
    pending = _pending(pairs, telling.COMMAND)
    return telling.settling({**pending, "kinds": {}}) if pending else None


def _pending(pairs: Sequence[Pair], told: str) -> dict[str, Any] | None:
    """Return what target_apply notes for the server; nothing where its own file, and so its directory, is not known."""
    paths = [pair.file.path for pair in pairs if not pair.saved.is_policy]
    directory = next((posixpath.dirname(path) for path in paths if posixpath.basename(path) == _SERVER), None)
    kinds = {path: CONFIGURATION if path.endswith(".xml") else KEY_STORES for path in paths}
    return {"directory": directory, "log": None, "told": told, "kinds": kinds} if directory else None


def lines(
    pairs: Sequence[Pair],
    options: Mapping[str, Any],
    *,
    given: Sequence[str] = (),
    check_mode: bool,
    is_told: bool = True,
) -> list[str]:
    """Say in a few words what was put back, and whether it is in force.

    ``given`` are commands that a console took; ``is_told`` is whether the server could be told by its MBean.
    """
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
    if given:
        return [*said, f"given to the console: {', then '.join(given)}"]
    if has_policy(pairs):
        said.append(f"the policy counts after {operator_commands.UPDATE_POLICY}")
    files = told(pairs)
    if files and options["refresh"] == telling.OPERATOR:
        command = telling.command(files, options["job_name"], options["zosconnect_version"])
        # What a server reads by itself is not known here: only its whole configuration tells.
        once = "" if done else ", unless it was given since"
        said.append(f"in force after the operator command {command}{once}, or by itself where the server polls")
    elif files and not check_mode and options["refresh"] == telling.MBEAN:
        said.append("the server was told" if is_told else "the server could not be told")
    elif done and files and not check_mode:
        said.append("the server looks for changes itself")
    return said
