# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says what is wrong after a fault: one sentence for each promise that was broken."""

from __future__ import annotations

import errno
import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fault_modules import ERRORS, FAULTS, HANG, SIGNALS, Call, Ended, calls, can_meet, elsewhere, injection
from fault_world import File, World

TEMPORARY = "zcs-tmp"
# What a reader of such a directory takes for its own.
ALIVE = (".xml", ".p12", ".pfx", ".jks", ".jceks", ".pem", ".env", ".properties")
NOTHING = re.compile(r"nothing (was|has been) changed|(is|stays|stayed) as it was", re.IGNORECASE)
# Without memory Python itself ends, without the others the C library ends it; what is printed then is not ours.
NEEDED = ("brk", "futex", "madvise", "mmap", "mprotect", "mremap", "munmap", "rt_sigaction", "rt_sigprocmask")
_RENAMED = re.compile(r'"([^"]+)".*"([^"]+)"')
_FRAME = re.compile(r'File "([^"]+)", line \d+, in (\S+)')
_OPEN_FILE = re.compile(r"\d+<([^>]*)>")

_PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
OURS = {path.stem for folder in ("module_utils", "modules") for path in (_PLUGINS / folder).glob("*.py")}

Files = dict[str, File]


@dataclass(frozen=True)
class Reference:
    """The same without a fault: what is there before and after, and the calls that did it."""

    before: Files
    after: Files
    calls: list[Call]


class Broken(Exception):
    """The scenario does not work without a fault either."""


def reference(world: World) -> tuple[Reference, list[str]]:
    """Play the scenario without a fault; return what is to be known of it, and what is wrong already."""
    world.forget()
    world.build()
    before = world.look()
    changed, why = world.play()
    if not changed:
        raise Broken(why or "the task does nothing")
    changed, why = world.play()
    if changed or why:
        raise Broken(why or "the second run changes something again")
    world.build()
    ended = world.place("all")
    if ended.failed or ended.answer is None:
        raise Broken(ended.printed)
    now = world.look()
    known = Reference(before, {**now, **_desired(world, before, now)}, calls(ended.trace))
    case = Case(world, known, known.calls[0], "", ended, now)
    return known, [*_files(case), *_secrets(case), *_answer(case), *_unsynced(case)]


def _desired(world: World, before: Files, now: Files) -> Files:
    """Return the target as it shall be: who may read it follows from the old file and the options alone."""
    target = world.scenario.target
    if target not in before:
        return {}
    mode = int(world.scenario.options.get("mode", "0"), 8) or before[target].mode
    return {target: before[target]._replace(data=now[target].data, mode=mode)}


@dataclass(frozen=True)
class Case:
    """One fault at one call, and how the world looked after it."""

    world: World
    known: Reference
    call: Call
    fault: str
    ended: Ended
    now: Files

    @property
    def target(self) -> str:
        """The file that was to change."""
        return self.world.scenario.target

    @property
    def end(self) -> str:
        """How the module ended: ``mute`` without an answer, although it was not killed."""
        if self.ended.signal:
            return "killed"
        return "mute" if self.ended.answer is None else "failed" if self.ended.failed else "done"

    @property
    def is_hit(self) -> bool:
        """Whether the call met the fault: how often a process waits for another differs from run to run."""
        if self.fault in SIGNALS:
            return self.ended.signal == signal.Signals[f"SIG{self.fault}"]
        made = [line for line in self.ended.trace.splitlines() if line.startswith(f"{self.call.name}(")]
        return len(made) >= self.call.number and made[self.call.number - 1].endswith("(INJECTED)")

    def is_new(self, files: Files) -> bool:
        """Whether the target is in every way what it shall be."""
        found, wanted = files.get(self.target), self.known.after[self.target]
        return found is not None and _but_data(found) == _but_data(wanted) and self.means(found) == self.means(wanted)

    def is_old(self, files: Files) -> bool:
        """Whether the target is in every way what it was."""
        return files.get(self.target) == self.known.before.get(self.target)

    def means(self, file: File) -> object:
        """What the target's bytes are."""
        return self.world.scenario.meaning(file.data)

    def added(self, files: Files) -> Iterator[tuple[str, File]]:
        """Give the files that were not there before, but for the target."""
        yield from ((name, files[name]) for name in files if name not in self.known.before and name != self.target)

    def backups(self, files: Files) -> list[str]:
        """Name the whole backups of the old file that are there."""
        old = self.known.before.get(self.target)
        return [name for name, file in self.added(files) if TEMPORARY not in name and old and file.data == old.data]


def _but_data(file: File) -> File:
    return file._replace(data=b"")


def suffer(world: World, known: Reference, call: Call, fault: str) -> Case:
    """Let target_place meet ``fault`` at ``call``."""
    world.build()
    ended = world.place(call.name, injection(call, fault))
    return Case(world, known, call, fault, ended, world.look())


def cases(known: Reference, faults: tuple[str, ...] = FAULTS, *, every: int = 1) -> list[tuple[Call, str]]:
    """List which call meets which fault."""
    return [(call, fault) for call in known.calls[::every] for fault in faults if can_meet(call, fault)]


def judge(case: Case) -> list[str]:
    """Say what is wrong after the fault, and after the next run, which meets none."""
    said = [*_files(case), *_secrets(case), *_answer(case)]
    return said + list(_next_run(case))


def _files(case: Case) -> Iterator[str]:
    is_whole = _is_whole(case)
    if not is_whole and not case.world.scenario.is_mounted:
        yield "the file is neither the old one nor the new one"
    if not is_whole and case.world.scenario.keeps_backup and not case.backups(case.now):
        yield "the file is torn, and no whole backup is there"
    for name, file in case.known.before.items():
        if name != case.target and case.now.get(name) != file:
            yield "another file was changed"
    for name, file in case.added(case.now):
        if name.endswith(ALIVE):
            yield "a file is left that the server reads"
        if TEMPORARY not in name and "lock" not in name and name not in case.backups(case.now):
            yield f"a backup is not whole ({len(file.data)} bytes)" if file.data else "a backup is empty"


def _is_whole(case: Case) -> bool:
    """Whether the target's bytes are the old or the new ones; of a file that only gets another mode, they are both."""
    target, before = case.now.get(case.target), case.known.before.get(case.target)
    if target is None:
        return before is None
    return any(file and case.means(file) == case.means(target) for file in (before, case.known.after[case.target]))


def _secrets(case: Case) -> Iterator[str]:
    """Nobody may read what he could not read before; who runs the task has it anyway."""
    runs = ("user", os.geteuid() if case.world.user.uid is None else case.world.user.uid)
    before, after = case.known.before.get(case.target), case.known.after[case.target]
    for name, file in [*case.added(case.now), (case.target, case.now.get(case.target))]:
        if file is None or not file.data or (name in case.known.before and case.is_old(case.now)):
            continue
        is_old = before is not None and before.data.startswith(file.data)
        allowed = {runs, *(before.readers() if before and is_old else set())}
        if not is_old or name == case.target:
            allowed |= after.readers()
        more = set() if ("all", 0) in allowed else file.readers() - allowed
        if more:
            kind = "temporary file" if TEMPORARY in name else "backup" if name != case.target else "target"
            yield f"{'old' if is_old else 'new'} content in a {kind} is open to {_named(more)} (mode {file.mode:04o})"
    if any(secret in case.ended.printed for secret in case.world.scenario.secrets):
        yield "a secret was printed"
    if any(elsewhere(case.world.base).iterdir()):
        yield "something is left outside of the task's own directory"
    if case.world.task.stat().st_mode & 0o077:
        yield "the task's own directory is open"


def _named(readers: set[tuple[str, int]]) -> str:
    return ", ".join("all" if kind == "all" else f"{kind} {number}" for kind, number in sorted(readers))


def _answer(case: Case) -> Iterator[str]:
    answer, ended = case.ended.answer, case.ended
    if ended.signal == HANG:
        yield "it hung"
    elif answer is None and case.fault in ERRORS and not has_no_voice(case.call):
        replaced = " after the file was replaced" if case.is_new(case.now) else ""
        yield f"it ended without a sentence{replaced}, in {place_of(ended.printed)}"
    elif answer and ended.failed:
        message = str(answer.get("msg", ""))
        if NOTHING.search(message) and not case.is_old(case.now):
            yield f"it said that nothing was changed, but the file was: {_last_line(message)}"
        if not message:
            yield "it failed without a word"
    elif answer:
        yield from _done(case, answer)


def _done(case: Case, answer: dict[str, object]) -> Iterator[str]:
    if not case.is_new(case.now):
        yield "it said that it was done, but the file is not the new one"
    if case.world.scenario.keeps_backup:
        name = os.path.relpath(str(answer.get("backup_file") or "none"), case.world.server)
        if name not in case.backups(case.now):
            yield "it said that it was done, but the backup that it names is none"
    synced = _OPEN_FILE.match(case.call.text) if case.call.name in ("fsync", "fdatasync") else None
    # Not every file system syncs directories; an interrupted call is made again.
    failed = case.fault in ERRORS and case.fault != "EINTR" and case.is_hit
    if failed and synced and not os.path.isdir(synced[1]):
        yield "it said that it was done, but a file may not be on the disk"


def has_no_voice(call: Call) -> bool:
    """Whether Python could not answer after a failure of the call: it is lost, or the answer itself was not written."""
    return call.name in NEEDED or call.text.startswith(("1<", "2<"))


def place_of(printed: str) -> str:
    """Name the function of the collection, or else of others, that a traceback ends in."""
    frames = [(Path(file).stem, function) for file, function in _FRAME.findall(printed)]
    ours = [(file, function) for file, function in frames if file in OURS]
    return ".".join((ours or frames)[-1]) if frames else "silence"


def _last_line(text: str) -> str:
    lines = text.strip().splitlines() or ["(silence)"]
    reasons = "|".join(os.strerror(getattr(errno, name)) for name in ERRORS)
    return re.sub(r"/\S+", "PATH", re.sub(reasons, "(error)", lines[-1]))[:160]


def _next_run(case: Case) -> Iterator[str]:
    """Run the task again, without a fault: it must bring the new file, and leave nothing behind."""
    if not _is_whole(case) and case.world.scenario.is_mounted:
        return
    if case.is_new(case.now):
        # The next run finds nothing to do; one that has must clear up what this one has left.
        case.world.put(case.known.before.get(case.target))
    if case.is_old(case.world.look()):
        again = case.world.place()  # what the action would tell it again
        if again.failed or again.answer is None:
            yield f"the next run fails: {_last_line(again.printed)}"
            return
    else:
        case.world.play()
    changed, why = case.world.play()
    if changed or why:
        yield f"the run after the next one {'fails: ' + why if why else 'changes something again'}"
    files = case.world.look()
    if not case.is_new(files):
        yield "the next run does not bring the new file"
    if any(name not in case.backups(files) for name, _ in case.added(files)):
        yield "the next run leaves something behind"


def _unsynced(case: Case) -> Iterator[str]:
    """Name files that are put in their place before their bytes are on the disk."""
    synced: set[str] = set()
    for call in case.known.calls:
        file = _OPEN_FILE.match(call.text)
        if call.name in ("fsync", "fdatasync") and file:
            synced.add(os.path.basename(file[1]))
        names = _RENAMED.search(call.text) if call.name.startswith(("rename", "link")) else None
        if names and os.path.basename(names[1]) in synced:
            synced.add(os.path.basename(names[2]))
    for name in (case.target, *case.backups(case.now)):
        before = case.known.before.get(name)
        if (before is None or before.data != case.now[name].data) and os.path.basename(name) not in synced:
            yield f"the {'file' if name == case.target else 'backup'} was not synced to the disk"
