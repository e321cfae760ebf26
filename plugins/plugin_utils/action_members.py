# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Members of data sets, read and written by the modules of ibm.ibm_zos_core, as actions read and place files.

A data set cannot be exchanged in one step, and zos_copy neither compares nor locks. So a member is read again before it
is written and again afterwards: what counts is what is there then, not what a module says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils.outcomes import APPLIED, LEFT, PUT_BACK, REFUSED
from ansible_collections.zosconnect.security.plugins.module_utils.reading import sha256
from ansible_collections.zosconnect.security.plugins.plugin_utils import members
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import Found, found
from ansible_collections.zosconnect.security.plugins.plugin_utils.members import COPY, STAT, Member, MemberChange

Json = dict[str, Any]
_OTHER = "what was read afterwards is another text"


@dataclass(frozen=True)
class Written:
    """What came of a member: the path of its backup, None without one; the checksum of what is there now."""

    backup_file: str | None
    sha256: str


class Members:
    """The members that one task reads and writes; copies of them lie in a directory of its user, until it ends.

    ``option`` is what the user calls the path of a member.
    """

    def __init__(self, action: SecurityAction, option: str = "path") -> None:
        self._action = action
        self._option = option
        # How many modules ran on the target.
        self.calls = 0
        self._directory = ""
        self._number = 0
        # What there is to say of the directory when all is done.
        self.warnings: list[str] = []

    def __enter__(self) -> Members:
        finder = self._action._shared_loader_obj.module_loader
        if not all(finder.has_plugin(name) for name in (COPY, STAT)):
            raise SecurityError(members.needed(self._option))
        self._directory = self._run("ansible.builtin.tempfile", {"state": "directory", "prefix": "zcs-"})["path"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the copies. That it fails hides nothing of what was done: it is only worth a warning."""
        removal = {"path": self._directory, "state": "absent"}
        if why := _failure(self._action.at_end(lambda: self._task("ansible.builtin.file", removal))):
            self.warnings.append(
                f"{self._directory}: could not be removed: {why.rstrip('.')}. It holds copies of members; remove it."
            )

    def read(self, member: Member) -> Found:
        """Bring a member; raise SecurityError when it cannot be read."""
        return member.found(self._bring(member))

    def item(self, member: Member) -> Json:
        """Bring a member, as target_read tells of a file; raise SecurityError when it cannot be read."""
        return member.item(self._bring(member))

    def can_hold(self, member: Member, data: bytes) -> None:
        """Raise SecurityError where ``data`` does not fit into the member's records."""
        stat = self._task(STAT, {"name": member.library})
        if why := _failure(stat):
            raise SecurityError(f"{member.path}: zos_stat failed: {why}. Nothing was changed.")
        members.can_hold(member, data, stat["stat"].get("attributes") or {})

    def place(self, member: Member, old: bytes, new: bytes, *, backup: bool) -> Written:
        """Write ``new`` where ``old`` was read. It is the new text then, or an error."""
        if self._bring(member) != old:
            raise SecurityError(f"{member.path}: has changed since it was read; nothing was changed. Run again.")
        # zos_copy names its backup only where all went well, so it gets the name from here.
        kept = members.backup_of(member) if backup else None
        self._action._goes_on = _half_written(member, kept)
        answer = self._write(member, new, kept)
        why = _failure(answer)
        there = self._look(member)
        if there is not None and members.records(there) == members.records(new):
            path = kept.path if kept and (not why or self._holds(kept, old)) else None
            self._action._goes_on = ""
            return Written(path, sha256(there))
        if there is not None and members.records(there) == members.records(old):
            raise SecurityError(
                f"{member.path}: zos_copy did not write it: {why or 'it gave no reason'}. The member is as it was."
                f"{self._left(kept, old)}"
            )
        raise self._put_back(member, old, why or _OTHER, kept)

    def apply(
        self, changes: Sequence[MemberChange], order: Json, apply: Callable[[Json], Json], *, backup: bool
    ) -> Json:
        """Write members, then ``apply`` an order; where either fails, each member gets its old text again.

        Return what target_apply answers, with the members among the files. An order without files is not given.
        """
        written: list[tuple[MemberChange, Written]] = []
        for each in changes:
            try:
                done = self.place(each.member, each.old, each.new, backup=backup)
            except SecurityError as e:
                there = self._look(each.member)
                is_old = there is not None and members.records(there) == members.records(each.old)
                own = [] if is_old else [_row(each.member, LEFT, str(e))]
                return self._undone(_answer(REFUSED, str(e)), written, own)
            written.append((each, done))
            self._action._besides = _told(written)
        try:
            answer = apply(order) if order["files"] else _answer(APPLIED, "")
        except SecurityError as e:
            rows = [*self._back(written)]
            said = [row["message"] or f"{row['path']} has its old text again." for row in rows]
            raise SecurityError(" ".join([str(e), *said])) from e
        if answer["outcome"] != APPLIED:
            return self._undone(answer, written, [])
        return {**answer, "files": [*(_new(each, done) for each, done in written), *answer["files"]]}

    def _undone(self, answer: Json, written: Sequence[tuple[MemberChange, Written]], own: Sequence[Json]) -> Json:
        """Put back what was written, the last first; return the answer with what came of it."""
        rows = [*self._back(written), *own]
        outcome = str(answer["outcome"])
        if any(row["state"] == LEFT for row in rows):
            outcome = LEFT
        elif rows and outcome == REFUSED:
            outcome = PUT_BACK
        changed = outcome in (APPLIED, LEFT)
        return {**answer, "outcome": outcome, "changed": changed, "files": [*rows, *answer["files"]]}

    def _back(self, written: Sequence[tuple[MemberChange, Written]]) -> Iterator[Json]:
        for number, (each, done) in reversed([*enumerate(written)]):
            self._action._besides = _told(written[:number])
            there = self._look(each.member)
            try:
                if there is None or sha256(there) != done.sha256:
                    raise SecurityError(f"{each.member.path}: has changed since this run wrote it, so it stays.")
                self.place(each.member, there, each.old, backup=False)
            except SecurityError as e:
                kept = f" What this run found there is in {done.backup_file}." if done.backup_file else ""
                yield _row(each.member, LEFT, f"{e}{kept}")
            else:
                yield _row(each.member, "old", "")

    def _put_back(self, member: Member, old: bytes, why: str, kept: Member | None) -> SecurityError:
        """Write the old text again; return what there is to say."""
        answer = self._write(member, old, None)
        there = self._look(member)
        if there is not None and members.records(there) == members.records(old):
            return SecurityError(
                f"{member.path}: was not written as intended: {why}. The text that was there has been put back."
                f"{self._left(kept, old)}"
            )
        backup = "no backup was asked for"
        if kept:
            may_be = "" if self._holds(kept, old) else ", if zos_copy came to make that backup"
            backup = f"its text is in {kept.path}{may_be}"
        return SecurityError(
            f"{member.path}: was not written as intended: {why}. The text that was there could not be put back either: "
            f"{_failure(answer) or _OTHER}; {backup}."
        )

    def _left(self, kept: Member | None, old: bytes) -> str:
        """Say which backup is left where nothing changed; nobody else names it."""
        return f" Its backup {kept.path} is left." if kept and self._holds(kept, old) else ""

    def _holds(self, member: Member, data: bytes) -> bool:
        there = self._look(member)
        return there is not None and members.records(there) == members.records(data)

    def _write(self, member: Member, data: bytes, kept: Member | None) -> Json:
        source = self._action.send(data)
        how = {"remote_src": True, "binary": False, "replace": True, "backup": kept is not None}
        named = {"backup_name": kept.data_set} if kept else {}
        return self._task(COPY, {"src": source, "dest": member.data_set, **how, **named})

    def _look(self, member: Member) -> bytes | None:
        try:
            return self._bring(member)
        except SecurityError:
            return None

    def _bring(self, member: Member) -> bytes:
        """Copy a member into a file, and read that. Its code page stays: zos_copy converts no data set into a file."""
        self._number += 1
        path = f"{self._directory}/{self._number}"
        answer = self._task(COPY, {"src": member.data_set, "dest": path, "remote_src": True, "binary": False})
        if why := _failure(answer):
            raise SecurityError(
                f"{member.path}: zos_copy did not read it: {why}. A new member begins empty: "
                "ibm.ibm_zos_core.zos_data_set makes it, with type member."
            )
        self.calls += 1
        return found(self._action.run_on_target("target_read", {"files": [{"path": path}]})["files"][0]).data or b""

    def _run(self, name: str, arguments: Mapping[str, Any]) -> Json:
        answer = self._task(name, arguments)
        if why := _failure(answer):
            raise SecurityError(f"{name}: {why}")
        return answer

    def _task(self, name: str, arguments: Mapping[str, Any]) -> Json:
        """Run a module as a task of a playbook is, in check mode too: it knows none, and says nothing of the text."""
        self.calls += 1
        try:
            return self._action.run_task(name, arguments, check_mode=False)
        finally:
            # zos_copy removes the task's directory on the target.
            self._action.forget_directory()


def _half_written(member: Member, kept: Member | None) -> str:
    """Return what a lost connection leaves unknown of a member."""
    backup = (
        f"what was there is in {kept.path}, if zos_copy came to make that backup" if kept else "no backup was asked for"
    )
    return f" {member.path} may be new, half written or as it was; {backup}. Look at it before you run again."


def _told(written: Sequence[tuple[MemberChange, Written]]) -> str:
    """Return what is known of members where the connection is lost later; the target does not put them back."""
    kept = (
        f"what was there is in {done.backup_file}" if done.backup_file else "no backup was asked for"
        for _change, done in written
    )
    return "".join(
        f" {each.member.path} has its new text; {backup}." for (each, _done), backup in zip(written, kept, strict=True)
    )


def _answer(outcome: str, message: str) -> Json:
    """Return what target_apply answers where it was given no order."""
    return {
        "outcome": outcome,
        "changed": outcome == APPLIED,
        "files": [],
        "gates": [],
        "pending": "",
        "refresh_back": None,
        "message": message,
    }


def _row(member: Member, state: str, message: str) -> Json:
    return {"path": member.path, "real_path": member.path, "state": state, "message": message}


def _new(change: MemberChange, done: Written) -> Json:
    """Return what target_apply tells of a file that has its new content."""
    sums = {"checksum_before": sha256(change.old), "checksum_after": done.sha256}
    return {**_row(change.member, "new", ""), "made": False, "backup_file": done.backup_file, **sums}


def _failure(answer: Mapping[str, Any]) -> str:
    """Say why a module failed; empty where it did not. The action zos_copy gives ``msg`` then, without ``failed``."""
    if not answer.get("failed") and not answer.get("msg"):
        return ""
    told = [str(answer.get(key) or "").strip() for key in ("msg", "stderr")]
    return ": ".join(one.rstrip(".") for one in dict.fromkeys(told) if one)[:500] or "without a message"
