# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The worlds of target_apply: several files change, are put back, or are what a killed run left; and what is wrong then.

Files may be a mixture of old and new ones only while a journal is there by which the next run puts them back.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fault_judge import ALIVE, TEMPORARY, has_no_voice, place_of
from fault_modules import ERRORS, HANG, SIGNALS, Call, Ended, Modules, User, calls, elsewhere, injection
from fault_world import File, file_at, give

JOURNAL = ".zosconnect-security.journal"
OLD_SECRET, NEW_SECRET = "marker-of-the-old", "marker-of-the-new"
OLD, NEW = (f"<server>{word}</server>\n".encode() for word in (OLD_SECRET, NEW_SECRET))
# As they are renamed; the last one did not exist.
NAMES = ("key.p12", "server.xml", "made.xml")
NOBODY_LISTENS = {"title": "cics", "host": "127.0.0.1", "port": 1, "plain": True, "expect": ["ok"]}

Json = dict[str, Any]


@dataclass
class ApplyWorld:
    """A server's directory of ``owner`` in ``base``, and what ``user`` does there: apply, put-back or recover."""

    name: str
    base: Path
    modules: Modules
    user: User
    owner: User
    kept: dict[str, bytes] = field(default_factory=dict)

    @property
    def server(self) -> Path:
        return self.base / "server"

    @property
    def task(self) -> Path:
        return self.base / "task"

    def build(self) -> None:
        """Make all as it was before."""
        for folder, owner, mode in ((self.server, self.owner, 0o755), (self.task, self.user, 0o700)):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            give(folder, owner, mode)
        for name in NAMES[:2]:
            (self.server / name).write_bytes(OLD)
            give(self.server / name, self.owner, 0o640)
        for name, data in self.kept.items():
            (self.server / name).write_bytes(data)
            give(self.server / name, self.owner, 0o600 if name in (JOURNAL, NAMES[2]) else 0o640)

    def leave(self) -> None:
        """Have every later ``build`` leave what a run leaves that is killed between two renames."""
        self.build()
        self.apply(taken=False)
        text = (self.server / JOURNAL).read_bytes()
        self.kept = {
            JOURNAL: text.replace(b'"phase": "applied"', b'"phase": "placing"'),
            "key.p12": NEW,
            "made.xml": NEW,
        }
        for entry in json.loads(text)["entries"][:2]:
            self.kept[entry["kept"]] = OLD

    def order(self) -> Json:
        files = [self._change(name) for name in NAMES]
        more = {"gates": [NOBODY_LISTENS], "verify_seconds": 0} if self.name == "put-back" else {}
        return {"version": 1, "journal_dir": str(self.server), "files": files, **more}

    def _change(self, name: str) -> Json:
        path = str(self.server / name)
        expected = "" if name == NAMES[2] else hashlib.sha256(OLD).hexdigest()
        content = base64.b64encode(NEW).decode()
        return {"path": path, "real_path": path, "expected": expected, "content": content, "backup": True}

    def apply(self, strace: tuple[str, ...] | None = None, *, taken: bool = True) -> Ended:
        return self._run(self.order(), strace, taken=taken)

    def recover(self, strace: tuple[str, ...] | None = None) -> Ended:
        return self._run({"version": 1, "recover": [str(self.server)]}, strace)

    def act(self, watched: str = "", inject: str = "") -> Ended:
        """Do what is looked at."""
        options = ["-e", f"trace={watched}", *([f"--inject={inject}"] if inject else [])]
        do = self.recover if self.name == "recover" else self.apply
        return do(tuple(options) if watched else None)

    def _run(self, order: Json, strace: tuple[str, ...] | None, *, taken: bool = True) -> Ended:
        sent = self.task / "order"
        sent.write_text(json.dumps(order))
        give(sent, self.user, 0o600)
        own = {"_ansible_tmpdir": str(self.task), "_ansible_remote_tmp": str(self.base)}
        module = "target_apply" if taken else "target_apply (not taken)"
        return self.modules.run(module, {"order": str(sent), **own}, self.user, strace)

    def is_done(self, answer: Json) -> bool:
        """Whether an answer says that all went as it should."""
        return bool(answer.get("outcome") == _aim(self))

    def look(self) -> dict[str, File]:
        return {path.name: file_at(path) for path in self.server.iterdir() if path.is_file()}


class RemoveWorld(ApplyWorld):
    """What the playbook restore does with a file that a run has made: target_place removes it, and keeps a copy."""

    def build(self) -> None:
        super().build()
        (self.server / NAMES[2]).write_bytes(NEW)
        give(self.server / NAMES[2], self.owner, 0o600)

    def act(self, watched: str = "", inject: str = "") -> Ended:
        path = str(self.server / NAMES[2])
        told = {"path": path, "real_path": path, "remove": True, "expected": hashlib.sha256(NEW).hexdigest()}
        own = {"_ansible_tmpdir": str(self.task), "_ansible_remote_tmp": str(self.base)}
        options = ("-e", f"trace={watched}", *((f"--inject={inject}",) if inject else ()))
        return self.modules.run(
            "target_place", {**told, "backup": True, **own}, self.user, options if watched else None
        )

    def is_done(self, answer: Json) -> bool:
        return not answer.get("failed")


@dataclass(frozen=True)
class ApplyCase:
    """One fault at one call, and how the directory looked after it."""

    world: ApplyWorld
    call: Call
    fault: str
    ended: Ended
    now: dict[str, File]

    @property
    def end(self) -> str:
        if self.ended.signal:
            return "killed"
        if self.ended.answer is None:
            return "mute"
        return "done" if self.world.is_done(self.ended.answer) else "failed"

    @property
    def is_hit(self) -> bool:
        if self.fault in SIGNALS:
            return self.ended.signal == signal.Signals[f"SIG{self.fault}"]
        made = [line for line in self.ended.trace.splitlines() if line.startswith(f"{self.call.name}(")]
        return len(made) >= self.call.number and made[self.call.number - 1].endswith("(INJECTED)")


def _aim(world: ApplyWorld) -> str:
    return {"apply": "applied", "put-back": "put_back", "recover": "put_back"}[world.name]


def reference(world: ApplyWorld) -> tuple[list[Call], list[str]]:
    """Do it without a fault; return its calls, and what is wrong already."""
    if world.name == "recover":
        world.leave()
    world.build()
    ended = world.act("all")
    case = ApplyCase(world, Call("", 0, ""), "", ended, world.look())
    wrong = [] if case.end == "done" else [f"it does not work without a fault either: {ended.printed}"]
    return calls(ended.trace), wrong + judge(case)


def suffer(world: ApplyWorld, call: Call, fault: str) -> ApplyCase:
    """Let it meet ``fault`` at ``call``."""
    world.build()
    ended = world.act(call.name, injection(call, fault))
    return ApplyCase(world, call, fault, ended, world.look())


def judge(case: ApplyCase) -> list[str]:
    """Say what is wrong after the fault, and after the next run, which meets none."""
    if isinstance(case.world, RemoveWorld):
        return [*_secrets(case), *_removed(case)]
    return [*_files(case.now), *_secrets(case), *_answer(case), *_next_run(case)]


def _mixture(now: dict[str, File]) -> str:
    """Say what the files are together."""
    found = [now[name].data if name in now else None for name in NAMES]
    return {(OLD, OLD, None): "old", (NEW, NEW, NEW): "new"}.get(tuple(found), "mixed")  # type: ignore[arg-type]


def _files(now: dict[str, File]) -> Iterator[str]:
    for name in NAMES:
        if name in now and now[name].data not in (OLD, NEW):
            yield f"{name} is neither the old one nor the new one"
    if _mixture(now) == "mixed" and JOURNAL not in now:
        yield "some files are old and some are new, and no journal is there"
    for name, file in now.items():
        if name in (*NAMES, JOURNAL):
            continue
        if name.endswith(ALIVE):
            yield "a file is left that the server reads"
        if TEMPORARY not in name and "lock" not in name and file.data != OLD:
            yield "a copy is not whole"


def _secrets(case: ApplyCase) -> Iterator[str]:
    group = (*case.world.owner.groups, case.world.owner.gid)[0] if case.world.owner.uid is not None else 0
    allowed = {
        ("user", os.geteuid()),
        ("user", case.world.owner.uid or 0),
        ("group", group),
        ("group", case.world.owner.gid),
    }
    for name, file in case.now.items():
        if file.readers() - allowed:
            yield f"a file ({'temporary' if TEMPORARY in name else name}) is open to others (mode {file.mode:04o})"
    texts = (case.ended.printed, case.now[JOURNAL].data.decode() if JOURNAL in case.now else "")
    if any(secret in text for secret in (OLD_SECRET, NEW_SECRET) for text in texts):
        yield "a secret was printed, or is in the journal"
    if any(elsewhere(case.world.base).iterdir()):
        yield "something is left outside of the task's own directory"


def _answer(case: ApplyCase) -> Iterator[str]:
    answer, ended = case.ended.answer, case.ended
    if ended.signal == HANG:
        yield "it hung"
    elif answer is None and case.fault in ERRORS and not has_no_voice(case.call) and ended.signal != signal.SIGABRT:
        # (The C library aborts where a call that changes the user fails in one thread and not in another.)
        yield f"it ended without a sentence, in {place_of(ended.printed)}"
    elif answer and answer.get("failed"):
        if _mixture(case.now) != "old" and case.world.name != "recover":
            yield "it failed, but not all files are old"
    elif answer:
        outcome, found = answer["outcome"], _mixture(case.now)
        if outcome in ("refused", "put_back") and found != "old" and case.world.name != "recover":
            yield f"it said {outcome}, but the files are {found}"
        if outcome == "applied" and found != "new":
            yield f"it said {outcome}, but the files are {found}"
        for file in answer["files"]:
            yield from _said(file, case.now, outcome)
        if outcome != _aim(case.world) and not answer["message"]:
            yield "it failed without a word"


def _said(file: Json, now: dict[str, File], outcome: str) -> Iterator[str]:
    name = os.path.basename(file["path"])
    expected = {"new": NEW, "old": None if file["made"] else OLD}.get(file["state"], b"")
    if outcome != "refused" and expected != b"" and (now[name].data if name in now else None) != expected:
        yield f"it said that a file is {file['state']}, and it is not"
    if file["backup_file"] and os.path.basename(file["backup_file"]) not in now:
        yield "it named a backup that is not there"


def _next_run(case: ApplyCase) -> Iterator[str]:
    """Run again without a fault: what was left is put back or finished, and then the change is made."""
    world = case.world
    wanted = _mixture(case.now)
    again = world.recover()
    found, said = _mixture(world.look()), (again.answer or {}).get("outcome")
    if found == "mixed" or JOURNAL in world.look() or again.answer is None:
        yield f"the next run does not finish and does not undo: {again.printed[:300]}"
        return
    if said not in ("put_back", "applied") or (
        JOURNAL in case.now and {"old": "put_back", "new": "applied"}[found] != said
    ):
        yield f"the next run says {said}, and the files are {found}"
    if JOURNAL not in case.now and found != wanted:
        yield "the next run changed something without a journal"
    if found == "old":
        given = ApplyWorld("apply", world.base, world.modules, world.user, world.owner)
        last = given.apply()
        if (last.answer or {}).get("outcome") != "applied" or _mixture(world.look()) != "new":
            yield f"the run after that does not bring the new files: {last.printed[:300]}"
    left = [name for name in world.look() if TEMPORARY in name or "lock" in name]
    if found == "old" and left:
        yield "the run after that leaves something behind"


def _removed(case: ApplyCase) -> Iterator[str]:
    """Say what is wrong about a file that goes: it is there, or it is gone and its copy is whole."""
    is_there, answer = NAMES[2] in case.now, case.ended.answer
    copies = [name for name in case.now if name.startswith(f"{NAMES[2]}.")]
    if any(case.now[name].data != NEW for name in (*copies, *([NAMES[2]] if is_there else []))):
        yield "the file, or its copy, is not whole"
    if not is_there and not copies:
        yield "the file is gone, and no copy is there"
    if [case.now[name].data for name in NAMES[:2] if name in case.now] != [OLD, OLD]:
        yield "another file was touched"
    if case.ended.signal == HANG:
        yield "it hung"
    elif (
        answer is None and case.fault in ERRORS and not has_no_voice(case.call) and case.ended.signal != signal.SIGABRT
    ):
        yield f"it ended without a sentence, in {place_of(case.ended.printed)}"
    elif answer and not answer.get("failed") and is_there:
        yield "it said that the file is gone, and it is there"
    elif answer and "nothing was changed" in answer.get("msg", "") and not is_there:
        yield "it said that nothing was changed, and the file is gone"
    if is_there:
        again, found = case.world.act(), case.world.look()
        if NAMES[2] in found or not case.world.is_done(again.answer or {"failed": True}):
            yield f"the next run does not remove it: {again.printed[:300]}"
        if any(TEMPORARY in name or "lock" in name for name in found):
            yield "the next run leaves something behind"


WORLDS: dict[str, Callable[..., ApplyWorld]] = {
    name: lambda *given, name=name: ApplyWorld(name, *given) for name in ("apply", "put-back", "recover")
} | {"remove": lambda *given: RemoveWorld("remove", *given)}
