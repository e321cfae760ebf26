# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Law 7, call by call: a file is replaced, and each system call on its directory is killed or fails once, and some of the
others. `make faults` has every call meet every fault.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "faults"))

from fault_apply import WORLDS
from fault_judge import Broken, Case, Reference, cases, judge, reference, suffer
from fault_modules import Call, Ended, Modules, User, calls, can_meet, injection
from fault_run import Row, enumerate_apply, names, show, users
from fault_scenarios import LETS_ONE_READ, configurations
from fault_world import File, Scenario, World

ME = os.geteuid()
BEFORE = File(b"old and long", 0o640, ME, 7)
AFTER = File(b"new and long", 0o640, ME, 7)
READ = Call("read", 3, '5</srv/server.xml>, "", 1) = 0')
NOTHING = {"failed": True, "msg": "/srv/server.xml: cannot be replaced; nothing was changed."}
DONE = {"changed": True, "backup_file": "/srv/server/server.xml.1~"}


@pytest.fixture
def base() -> Iterator[Path]:
    """A directory that other users reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="zosconnect-faults-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_file_is_whole_and_private_whatever_fails(base: Path) -> None:
    modules = Modules(base)
    (scenario,) = (each for each in configurations(base) if each.name == "replace")
    world = World(scenario, base, modules, *next(iter(users().values())))
    known, broken = reference(world)
    ends: Counter[str] = Counter()
    missed = 0
    for call, fault in cases(replace(known, calls=chosen(known.calls, base / "server")), ("KILL", "EIO")):
        case = suffer(world, known, call, fault)
        broken += [f"{fault} at {call.name} {call.number}: {sentence}" for sentence in judge(case)]
        ends[case.end] += 1
        missed += not case.is_hit
    modules.close()
    assert broken == []
    assert ends["killed"] > 50
    assert ends["failed"] > 20
    assert missed < 10, "how often a process waits for another differs, but for nothing else"


def chosen(calls: list[Call], directory: Path) -> list[Call]:
    """Choose all calls on the directory, and every eleventh of the others."""
    return [call for number, call in enumerate(calls) if number % 11 == 0 or str(directory) in call.text]


@pytest.mark.parametrize("name", WORLDS)
def test_files_are_all_old_or_all_new_whatever_fails(base: Path, name: str) -> None:
    modules = Modules(base)
    world = WORLDS[name](base, modules, *next(iter(users().values())))
    row = Row(name, "")
    # A removal has far fewer calls than a change of three files.
    enumerate_apply(world, row, ("KILL", "EIO"), 11 if name == "remove" else 61)
    modules.close()
    assert row.broken == {}
    assert row.counts["killed"] > 5
    assert row.counts["failed"] + row.counts["done"] > 5


# The judge finds what is wrong, and nothing where all is right.
class Told(World):
    """A world in which the next run leaves what it is told to leave."""

    next: dict[str, File]
    answers: tuple[Any, ...] = ({"changed": True},)
    plays: tuple[bool, str] = (False, "")

    def put(self, file: File | None) -> None:
        """Nothing is really there."""

    def place(self, watched: str = "", inject: str = "") -> Ended:
        return Ended(0, self.answers[0], "a line\nfails at /tmp/x: Input/output error")

    def play(self) -> tuple[bool, str]:
        return self.plays

    def look(self) -> dict[str, File]:
        return self.next


def case(base: Path, now: dict[str, File], answer: dict[str, Any] | None, **more: Any) -> Case:
    """A case of a file that is replaced, with a backup."""
    options = {"backup": more.pop("backup", True), "unsafe_writes": more.pop("mounted", False)}
    files = {"server.xml": (BEFORE.data, BEFORE.mode)}
    scenario = Scenario("replace", "server_xml", "server.xml", files, options, ("secret",))
    (base / "task").mkdir(mode=more.pop("task", 0o700))
    world = Told(scenario, base, SimpleNamespace(), User(), User())  # type: ignore[arg-type]
    backups = {name: file for name, file in now.items() if name.endswith("~")}
    world.next = {"server.xml": AFTER, **backups, **more.pop("left", {})}
    world.answers, world.plays = (more.pop("again", {"changed": True}),), more.pop("plays", (False, ""))
    known = Reference({"server.xml": BEFORE, "other": BEFORE}, {"server.xml": AFTER, "other": BEFORE}, [READ])
    if answer and "backup_file" in answer:
        answer = {**answer, "backup_file": str(base / "server" / "server.xml.1~")}
    ended = Ended(more.pop("signal", 0), answer, more.pop("printed", ""), more.pop("trace", ""))
    world.next["other"] = BEFORE
    return Case(world, known, more.pop("call", READ), more.pop("fault", "EIO"), ended, {"other": BEFORE, **now})


OLD_ONE, NEW_ONE, KEPT = {"server.xml": BEFORE}, {"server.xml": AFTER}, {"server.xml.1~": BEFORE}
TEMPORARY = ".server.xml.abc.zcs-tmp"


@pytest.mark.parametrize(
    ("now", "answer", "more"),
    [
        (OLD_ONE, NOTHING, {}),
        (OLD_ONE | KEPT, NOTHING, {}),
        (OLD_ONE | {TEMPORARY: AFTER}, None, {"signal": 9, "fault": "KILL"}),
        (OLD_ONE | {TEMPORARY: BEFORE._replace(data=b"old and")}, None, {"signal": 9, "fault": "KILL"}),
        (OLD_ONE | {".lock": File(b"", 0o600, ME, 0)}, None, {"signal": 9, "fault": "KILL"}),
        (NEW_ONE | KEPT, DONE, {}),
        (NEW_ONE | KEPT, {"failed": True, "msg": "It was replaced, but the directory was not synced."}, {}),
        (NEW_ONE, {"changed": True}, {"backup": False}),
        (OLD_ONE, None, {"call": Call("mmap", 1, "NULL, 4096)")}),
        (NEW_ONE | KEPT, None, {"call": Call("write", 1, '1</tmp/stdout>, "")')}),
        (NEW_ONE | KEPT, DONE, {"call": Call("fsync", 1, "5</>) = 0"), "trace": "fsync(5</>) = -1 EIO (INJECTED)"}),
        ({"server.xml": File(b"torn", 0o640, ME, 7)} | KEPT, NOTHING | {"msg": "CHECK THE FILE."}, {"mounted": True}),
    ],
)
def test_what_is_right(base: Path, now: dict[str, File], answer: dict[str, Any] | None, more: dict[str, Any]) -> None:
    assert judge(case(base, now, answer, **more)) == []


TORN = {"server.xml": File(b"torn", 0o640, ME, 7)}
TRACEBACK = (
    'File "/x/module_utils/placing.py", line 3, in place\n  File "/usr/lib/python3/os.py", line 9, in fail\nOSError'
)
SYNC = {"call": Call("fsync", 1, "5</srv/server.xml>) = 0"), "trace": "fsync(5</srv/server.xml>) = -1 EIO (INJECTED)"}


@pytest.mark.parametrize(
    ("now", "answer", "more", "sentences"),
    [
        (TORN | KEPT, None, {"signal": 9, "fault": "KILL"}, ["the file is neither the old one nor the new one"]),
        (
            TORN,
            None,
            {"signal": 9, "fault": "KILL", "mounted": True},
            ["the file is torn, and no whole backup is there"],
        ),
        (OLD_ONE | {"other": AFTER}, NOTHING, {}, ["another file was changed"]),
        (
            OLD_ONE | {"x.zcs-tmp.xml": AFTER},
            NOTHING,
            {},
            ["a file is left that the server reads"],
        ),
        (
            OLD_ONE | {"server.xml.1~": BEFORE._replace(data=b"old")},
            NOTHING,
            {"left": {"server.xml.1~": BEFORE}},
            ["a backup is not whole (3 bytes)"],
        ),
        (
            OLD_ONE | {"server.xml.1~": BEFORE._replace(data=b"")},
            NOTHING,
            {},
            ["a backup is empty", "the next run leaves something behind"],
        ),
        (
            OLD_ONE | {"server.xml.1~": BEFORE._replace(mode=0o644)},
            NOTHING,
            {},
            ["old content in a backup is open to all (mode 0644)"],
        ),
        (
            OLD_ONE | {TEMPORARY: AFTER._replace(gid=8)},
            NOTHING,
            {},
            ["new content in a temporary file is open to group 8 (mode 0640)"],
        ),
        (
            OLD_ONE | {TEMPORARY: AFTER._replace(acl=LETS_ONE_READ)},
            NOTHING,
            {},
            ["new content in a temporary file is open to user 1 (mode 0640)"],
        ),
        (
            {"server.xml": AFTER._replace(mode=0o604)} | KEPT,
            {"failed": True, "msg": "It was replaced."},
            {},
            ["new content in a target is open to all (mode 0604)"],
        ),
        (OLD_ONE, NOTHING, {"printed": "a secret"}, ["a secret was printed"]),
        (OLD_ONE, NOTHING, {"task": 0o755}, ["the task's own directory is open"]),
        (OLD_ONE, None, {"signal": signal.SIGQUIT}, ["it hung"]),
        (OLD_ONE, None, {"printed": TRACEBACK}, ["it ended without a sentence, in placing.place"]),
        (OLD_ONE, None, {}, ["it ended without a sentence, in silence"]),
        (NEW_ONE | KEPT, None, {}, ["it ended without a sentence after the file was replaced, in silence"]),
        (
            NEW_ONE | KEPT,
            NOTHING,
            {},
            ["it said that nothing was changed, but the file was: PATH cannot be replaced; nothing was changed."],
        ),
        (OLD_ONE, {"failed": True}, {}, ["it failed without a word"]),
        (OLD_ONE | KEPT, DONE, {}, ["it said that it was done, but the file is not the new one"]),
        (NEW_ONE, DONE, {}, ["it said that it was done, but the backup that it names is none"]),
        (NEW_ONE | KEPT, {"changed": True}, {}, ["it said that it was done, but the backup that it names is none"]),
        (NEW_ONE | KEPT, DONE, SYNC, ["it said that it was done, but a file may not be on the disk"]),
        (OLD_ONE, NOTHING, {"left": OLD_ONE, "again": NOTHING}, ["the next run fails: fails at PATH (error)"]),
        (OLD_ONE, NOTHING, {"plays": (True, "")}, ["the run after the next one changes something again"]),
        (OLD_ONE, NOTHING, {"plays": (False, "why")}, ["the run after the next one fails: why"]),
        (OLD_ONE, NOTHING, {"left": TORN}, ["the next run does not bring the new file"]),
        (OLD_ONE, NOTHING, {"left": {TEMPORARY: AFTER}}, ["the next run leaves something behind"]),
    ],
)
def test_what_is_wrong(
    base: Path, now: dict[str, File], answer: dict[str, Any] | None, more: dict[str, Any], sentences: list[str]
) -> None:
    assert judge(case(base, now, answer, **more)) == sentences


def test_something_outside(base: Path) -> None:
    seen = case(base, OLD_ONE, NOTHING)
    (base / "elsewhere").mkdir()
    (base / "elsewhere" / "tmp1").write_bytes(b"key")
    assert judge(seen) == ["something is left outside of the task's own directory"]


def test_a_task_that_does_nothing_shows_nothing(base: Path) -> None:
    modules = Modules(base)
    (scenario,) = (each for each in configurations(base) if each.name == "mode")
    done = {**scenario.options, "mode": "0644"}
    with pytest.raises(Broken, match="the task does nothing"):
        reference(World(replace(scenario, options=done), base, modules, *next(iter(users().values()))))
    with pytest.raises(Broken, match="must be a mapping"):
        reference(World(replace(scenario, options={**done, "elements": [1]}), base, modules, User(), User()))
    modules.close()


def test_calls_are_counted_by_name() -> None:
    trace = """\
--- stopped by SIGSTOP ---
access("/begin", F_OK) = -1 ENOENT (No such file or directory)
read(3</x>, "", 1) = 0
access("/y", F_OK) = 0
--- SIGCHLD {si_signo=SIGCHLD} ---
read(3</x>, "(", 1) = 0
exit_group(0)                           = ?
"""
    found = calls(trace)
    assert [(call.name, call.number) for call in found] == [("read", 1), ("access", 2), ("read", 2), ("exit_group", 1)]
    assert [injection(found[2], fault) for fault in ("KILL", "EIO")] == [
        "read:signal=KILL:when=2",
        "read:error=EIO:when=2",
    ]
    assert [can_meet(found[3], fault) for fault in ("KILL", "EIO")] == [True, False]
    known = Reference({}, {}, found)
    assert [call.number for call, _ in cases(known, ("EIO",), every=2)] == [1, 2]


def test_the_table(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = Row("replace", "root", 2, Counter(cases=3, killed=2), {"it hung": ["TERM at read 1"] * 4}, 0.6)
    assert not show([row])
    assert show([Row("new", "root")])
    assert capsys.readouterr().out.splitlines()[2:4] == [
        "| replace | root | 2 | 3 | 2 | 0 | 0 | 0 | 0 | 0 | 1 |",
        "replace, root: it hung: 4, for example TERM at read 1; TERM at read 1; TERM at read 1",
    ]


@pytest.mark.java
def test_all_scenarios_are_known() -> None:
    assert len(names()) == len(set(names())) > 10
