# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""target_apply: all files are the new ones, or all are what they were; and the answer says which."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from apply_world import (
    NEW,
    OLD,
    Json,
    applied,
    change,
    content,
    left,
    order,
    recovered,
    server,
)
from target_world import child

from ansible_collections.zosconnect.security.plugins.module_utils import (
    applying,
    gates,
    journal,
    notifying,
    placing,
    stores,
)
from ansible_collections.zosconnect.security.plugins.module_utils.locks import PlaceError

JOURNAL = ".zosconnect-security.journal"
STEP = int(os.environ.get("ZCS_STEP", "29"))  # 1: killed at every call, in `make faults`


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return server(tmp_path, "server.xml", "key.p12")


def whole(directory: Path, **more: Any) -> Json:
    """An order that replaces two files and makes a third one."""
    names = ("key.p12", "server.xml", "new.xml")
    files = [change(directory / name, backup=name != "key.p12") for name in names]
    return order(directory, *files, **more)


def files(data: bytes, *, new: bool) -> dict[str, bytes]:
    return {"key.p12": data, "server.xml": data, **({"new.xml": NEW} if new else {})}


def backups(directory: Path) -> list[str]:
    return [path.name.partition(".2")[0] for path in directory.iterdir() if path.name.endswith("~")]


# The usual end --------------------------------------------------------------------------------------------------------


def test_all_files_become_the_new_ones(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "STARTED", [])
    (directory / "server.xml").chmod(0o640)
    answer = applied(whole(directory))
    assert (answer["outcome"], answer["changed"], answer["problem"], answer["message"]) == ("applied", True, None, "")
    assert content(directory) == files(NEW, new=True)
    assert backups(directory) == ["server.xml"], "of what was asked for"
    assert (directory / "server.xml").stat().st_mode & 0o777 == 0o640
    assert [file["made"] for file in answer["files"]] == [False, False, True]
    for file in answer["files"]:
        assert file["state"] == "new"
        assert (file["backup_file"] is None) == (file["path"] != str(directory / "server.xml"))
    (backup,) = [file["backup_file"] for file in answer["files"] if file["backup_file"]]
    assert Path(backup).read_bytes() == OLD
    assert (answer["jvm_starts"], answer["refresh"]["state"], answer["gates"]) == (0, "none", [])


def test_a_look_alone(directory: Path) -> None:
    path = directory / "server.xml"
    answer = applied(order(directory, change(path, None, attributes={"mode": "0600"})))
    assert (answer["outcome"], path.read_bytes(), path.stat().st_mode & 0o777) == ("applied", OLD, 0o600)
    assert answer["files"][0]["checksum_before"] == answer["files"][0]["checksum_after"]


def test_new_files_look_as_they_shall(directory: Path) -> None:
    given = [change(directory / "a.xml", new_mode="0640"), change(directory / "b.xml", attributes={"mode": 0o604})]
    applied(order(directory, *given))
    assert [(directory / name).stat().st_mode & 0o777 for name in ("a.xml", "b.xml")] == [0o640, 0o604]


# What is refused ------------------------------------------------------------------------------------------------------


def refused(directory: Path, given: Json, message: str, kind: str) -> None:
    before = {path.name: path.read_bytes() for path in directory.iterdir()}
    answer = applied(given)
    assert answer["message"] == message
    assert (answer["outcome"], answer["changed"], answer["problem"]["kind"]) == ("refused", False, kind)
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == before, "nothing is left behind"
    assert all(file["state"] == "old" and file["backup_file"] is None for file in answer["files"])


def test_a_file_that_was_changed_since(directory: Path) -> None:
    given = whole(directory)
    (directory / "server.xml").write_bytes(b"other")
    refused(
        directory,
        given,
        f"{directory}/server.xml: changed between reading and writing, so somebody else is at work on it; nothing was "
        "changed. Run again to plan from its present content.",
        "changed",
    )


@pytest.mark.parametrize(("expected", "what"), [("0" * 64, "changed"), ("", "appeared")])
def test_a_file_by_which_the_change_was_judged(directory: Path, expected: str, what: str) -> None:
    (directory / "more.xml").write_bytes(OLD)
    given = whole(directory, judged=[{"path": str(directory / "more.xml"), "expected": expected}])
    refused(
        directory,
        given,
        f"{directory}/more.xml: {what} between reading and writing, so somebody else is at work on it; nothing was "
        "changed. Run again to plan from its present content.",
        "changed",
    )


def test_a_judged_file_that_stays_absent(directory: Path) -> None:
    given = whole(directory, judged=[{"path": str(directory / "more.xml"), "expected": ""}])
    assert applied(given)["outcome"] == "applied"


def test_the_same_file_twice(directory: Path) -> None:
    path = directory / "server.xml"
    refused(
        directory,
        order(directory, change(path), change(path)),
        "files: two of them are the same file; nothing was changed.",
        "order",
    )


def test_another_version(directory: Path) -> None:
    given = {**whole(directory), "version": 2}
    refused(directory, given, "target_apply takes orders of version 1; nothing was changed.", "order")


def test_a_file_that_is_gone_gets_no_look(directory: Path) -> None:
    refused(
        directory,
        order(directory, change(directory / "gone.xml", None)),
        f"{directory}/gone.xml: vanished since it was read; nothing was changed. Run again.",
        "file",
    )


def test_a_journal_is_in_the_way(directory: Path) -> None:
    (directory / JOURNAL).write_bytes(b"?")
    refused(
        directory,
        whole(directory),
        f"{directory}/{JOURNAL}: an interrupted run has left this, and what it did is to be put back first; nothing was "
        "changed. Run again.",
        "journal",
    )


def test_an_error_that_nobody_expected(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("why")

    monkeypatch.setattr(placing, "back_up", fail)
    refused(
        directory,
        whole(directory),
        "It went no further because of an error that nobody expected (RuntimeError): why.",
        "system",
    )


def test_a_journal_that_cannot_be_written(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(journal, "write", fail)
    refused(
        directory,
        whole(directory),
        f"{directory}/{JOURNAL}: cannot be written: No space left on device; nothing was changed.",
        "file",
    )


def test_a_server_that_cannot_be_told(directory: Path) -> None:
    refresh = {
        "kind": "mbean",
        "url": "https://127.0.0.1:1",
        "username": "admin",
        "password": "secret-word",
        "timeout": 1,
    }
    refused(
        directory,
        whole(directory, refresh=refresh),
        "https://127.0.0.1:1: the server could not be told of changes: nobody listens there (connection refused); start "
        "the server, or correct the port. Nothing was changed.",
        "connector",
    )


def test_a_port_that_cannot_be_looked_at(directory: Path) -> None:
    impossible = gate(1, plain=False, min_protocol="TLSv1.3", max_protocol="TLSv1.2")
    refused(
        directory,
        whole(directory, gates=[impossible]),
        "cics: the port: this port cannot be looked at: min_protocol TLSv1.3 is newer than max_protocol TLSv1.2: nothing lies "
        "between them. Nothing was changed.",
        "gates",
    )


# The way back ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_rename_that_fails(directory: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    rename, calls = placing.rename, []

    def fail(*given: Any) -> bool:
        calls.append(1)
        if len(calls) > number:
            raise PlaceError("It failed.")
        return rename(*given)

    monkeypatch.setattr(placing, "rename", fail)
    answer = applied(whole(directory))
    assert (answer["outcome"], answer["changed"]) == ("refused" if number == 0 else "put_back", False)
    assert (answer["problem"]["kind"], answer["message"]) == ("file", "It failed.")
    assert content(directory) == files(OLD, new=False)
    assert backups(directory) == []


@contextlib.contextmanager
def listening() -> Iterator[int]:
    """Answer in clear text on a port, which is told."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _address = listener.accept()
                    with connection:
                        connection.recv(1000)
                        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def gate(port: int, **more: Any) -> Json:
    return {"title": "cics: the port", "host": "127.0.0.1", "port": port, "plain": True, "expect": ["ok"], **more}


def test_ports_as_declared(directory: Path) -> None:
    with listening() as port:
        given = whole(directory, gates=[gate(port)], verify_seconds=5, refresh={"kind": "polled"}, settle_seconds=0)
        answer = applied(given)
        assert answer["outcome"] == "applied"
        assert [(seen["as_declared"], seen["outcome"], seen["wrong"]) for seen in answer["gates"]] == [(True, "ok", [])]
        began = time.monotonic()
        assert gates.until_as_declared([{**gate(port), "fingerprints": []}], 5, 1.0)[0]["as_declared"]
        assert time.monotonic() - began > 1, "one look is not enough"


def test_ports_that_are_not_as_declared(directory: Path) -> None:
    with listening() as port:
        bad = gate(port, expect=["refused", "closed"])
        answer = applied(whole(directory, gates=[bad, gate(port)], verify_seconds=0.1, refresh={"kind": "polled"}))
    assert answer["message"] == (
        "cics: the port: The server answered with HTTP status 200. The outcome is ok, expected was refused or closed."
    )
    assert answer["problem"] == {"kind": "gates", "path": None, "facts": {"titles": ["cics: the port"], "seconds": 0.1}}
    assert (answer["outcome"], content(directory), backups(directory)) == ("put_back", files(OLD, new=False), [])


LISTENS = (
    " The server's log says that cics-ssl listens on port 5002 (CWWKO0219I): the server keeps the port that the endpoint "
    "had when it was taken away with its ssl. Restart the server, and run again."
)
OPENED = "[1/1/26] A CWWKO0219I: TCP Channel {}-ssl has been started and is now listening on host *  (IPv6) port {}.\n"


@pytest.mark.parametrize(
    ("log", "more"),
    [
        (OPENED.format("cics", 1) + OPENED.format("cics", "5,002") + OPENED.format("other", 9443), LISTENS),
        (OPENED.format("cics", 5002) + OPENED.format("cics", 1), ""),
        (OPENED.format("other", 5002), ""),
        (None, ""),
    ],
)
def test_a_port_that_stays_closed_because_the_server_keeps_the_old_one(
    directory: Path, log: str | None, more: str
) -> None:
    if log is not None:
        (directory / "messages.log").write_text(log)
    closed = gate(1, plain=False, channel="cics-ssl")
    noted = {"directory": str(directory), "log": str(directory / "messages.log"), "told": "polled", "kinds": {}}
    answer = applied(whole(directory, gates=[closed], verify_seconds=0.1, refresh={"kind": "polled"}, pending=noted))
    said = "cics: the port: No connection to 127.0.0.1 port 1: it was refused. The outcome is refused, expected was ok."
    assert answer["message"] == f"{said}{more}"


@pytest.mark.parametrize(
    ("seen", "sentence"),
    [
        (
            {"wrong": ["client_certificate"], "client_certificate_requested": False},
            "t: Said. It asks for no client certificate, and declared is that it asks for a client certificate.",
        ),
        (
            {"wrong": ["client_certificate"], "client_certificate_requested": None},
            (
                "t: Said. It did not tell whether it asks for a client certificate, and declared is that it "
                "asks for a client certificate."
            ),
        ),
        (
            {"wrong": ["certificate"], "served": "aa", "intended": ["bb", "cc"]},
            "t: Said. It serves the certificate aa, and declared is bb or cc.",
        ),
        (
            {"wrong": ["certificate"], "served": None, "intended": ["bb"]},
            "t: Said. It serves no certificate, and declared is bb.",
        ),
    ],
)
def test_what_is_said_of_a_port(seen: Json, sentence: str) -> None:
    wanted = {"expect": ["ok"], "client_certificate_requested": True}
    assert gates.sentence(wanted, {"title": "t", "msg": "Said.", **seen}) == sentence


def test_a_server_that_does_not_hear_of_it(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told again of what was put back."""
    told = []

    def tell(_options: Json, paths: Json, _scratch: object) -> Json:
        told.append({kind: sorted(Path(path).name for path in each) for kind, each in paths.items() if each})
        state = "failed" if len(told) == 1 else "told"
        return {
            "kind": "mbean",
            "state": state,
            "files": paths,
            "message": "It did not answer." if state == "failed" else "",
        }

    monkeypatch.setattr(notifying, "tell", tell)
    monkeypatch.setattr(notifying, "reachable", lambda *_: {"state": "answers", "message": ""})
    answer = applied(whole(directory, refresh={"kind": "mbean"}))
    replaced = ["key.p12", "server.xml"]
    assert told == [{"created": ["new.xml"], "modified": replaced}, {"modified": replaced, "deleted": ["new.xml"]}]
    assert (answer["outcome"], answer["problem"]["kind"]) == ("put_back", "refresh")
    assert (answer["message"], answer["refresh_back"]["state"]) == ("It did not answer.", "told")
    assert content(directory) == files(OLD, new=False)


def test_what_somebody_else_has_changed_meanwhile_is_left(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def look(*_: object) -> list[Json]:
        (directory / "server.xml").write_bytes(b"other")
        return [{"title": "t", "msg": "Said.", "as_declared": False, "wrong": []}]

    monkeypatch.setattr(gates, "until_as_declared", look)
    answer = applied(whole(directory, gates=[gate(1)]))
    assert (answer["outcome"], answer["changed"]) == ("left", True)
    assert [file["state"] for file in answer["files"]] == ["old", "left", "old"]
    file = answer["files"][1]
    assert Path(file["backup_file"]).read_bytes() == OLD
    assert file["message"] == (
        f"{directory}/server.xml: somebody else has changed it since, so it was left. Its old content is in "
        f"{file['backup_file']}."
    )
    assert content(directory) == {"key.p12": OLD, "server.xml": b"other"}


def test_a_copy_that_is_gone_is_not_needed(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read is still in memory."""

    def look(*_: object) -> list[Json]:
        for path in directory.glob("*~"):
            path.unlink()
        return [{"title": "t", "msg": "Said.", "as_declared": False, "wrong": []}]

    monkeypatch.setattr(gates, "until_as_declared", look)
    assert applied(whole(directory, gates=[gate(1)]))["outcome"] == "put_back"
    assert content(directory) == files(OLD, new=False)


# Killed ---------------------------------------------------------------------------------------------------------------


def killed_at(number: int, work: Callable[[], object]) -> int:
    """Work in a child that is killed before its call ``number`` of a C function; return the wait status."""

    def suicidal() -> None:
        calls = 0
        os.fsync = os.fstat  # type: ignore[assignment]  # the disk is not what is tested here

        def count(_frame: object, what: str, _argument: object) -> None:
            nonlocal calls
            calls += what == "c_call"
            if calls > number:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        work()
        sys.setprofile(None)

    return child(suicidal)[0]


def fresh(directory: Path) -> None:
    for path in directory.iterdir():
        path.unlink()
    for name in ("server.xml", "key.p12"):
        (directory / name).write_bytes(OLD)


def is_clean(directory: Path) -> bool:
    names = {path.name for path in directory.iterdir() if not path.name.endswith("~")}
    return names <= {"server.xml", "key.p12", "new.xml"}


def test_killed_at_every_instant(directory: Path) -> None:
    """Whatever is killed: the next run makes all old or all new, and says which."""
    outcomes = set()
    for number in range(0, 100_000, STEP):
        fresh(directory)
        given = whole(directory)
        status = killed_at(number, lambda given=given: applied(given))  # type: ignore[misc]
        said = left(directory)
        answer = recovered(directory)
        now = content(directory)
        assert now in (files(OLD, new=False), files(NEW, new=True)), (number, now)
        is_new = now == files(NEW, new=True)
        if said["state"] != "none":
            assert answer["outcome"] == ("applied" if is_new else "put_back"), (number, answer)
            outcomes.add((said["phase"], said["state"], answer["outcome"]))
            assert is_clean(directory), (number, os.listdir(directory))
            assert backups(directory) == (["server.xml"] if is_new else [])
        if status == 0:
            break
    assert number > 500, "it was killed often"
    assert {("placing", "old", "put_back"), ("placing", "mixed", "put_back"), ("applied", "new", "applied")} <= outcomes


@pytest.mark.parametrize("phase", [journal.PLACING, journal.APPLIED, journal.PUT_BACK])
def test_killed_while_it_cleans_up(directory: Path, phase: str) -> None:
    """The run that finishes or undoes what a killed one left is killed too, at every instant."""
    for number in range(0, 100_000, STEP):
        fresh(directory)
        interrupted(directory)
        written = (directory / JOURNAL).read_bytes().replace(b'"phase": "placing"', b'"phase": "%s"' % phase.encode())
        (directory / JOURNAL).write_bytes(written)
        if phase == journal.PUT_BACK:
            (directory / "new.xml").unlink()
            for name in ("server.xml", "key.p12"):
                (directory / name).write_bytes(OLD)
        elif phase == journal.PLACING:
            (directory / "key.p12").write_bytes(OLD)
        status = killed_at(number, lambda: recovered(directory))
        recovered(directory)
        expected = files(NEW, new=True) if phase == journal.APPLIED else files(OLD, new=False)
        assert is_clean(directory)
        assert content(directory) == expected, number
        assert backups(directory) == (["server.xml"] if phase == journal.APPLIED else [])
        if status == 0:
            break
    assert number > 100, "it was killed often"


# What the next run says -----------------------------------------------------------------------------------------------


def test_an_answer_that_nobody_took_is_told_by_the_next_run(directory: Path) -> None:
    applied(whole(directory), taken=False)
    said, run = left(directory), f"{directory}/{JOURNAL}"
    assert (said["state"], said["phase"], said["path"]) == ("new", "applied", run)
    began = said["began"]
    assert said["message"] == (
        f"{run}: a run that began at {began} came to its end, but nobody could be told: all of its files are the new ones."
    )
    backup = [file["backup_file"] for file in said["files"]]
    assert [path and Path(path).read_bytes() for path in backup] == [None, OLD, None]
    answer = recovered(directory, taken=False)
    assert (answer["outcome"], answer["changed"], answer["problem"]) == ("applied", False, None)
    assert answer["message"] == f"{run}: the run that began at {began} had come to its end: its files are the new ones."
    assert [file["backup_file"] for file in answer["files"]] == backup
    assert recovered(directory)["outcome"] == "applied"
    assert left(directory)["state"] == "none"
    assert recovered(directory)["files"] == []


def test_why_it_was_put_back_is_told_by_the_next_run(directory: Path) -> None:
    answer = applied(whole(directory, gates=[gate(1)], refresh={"kind": "polled"}), taken=False)
    said, run = left(directory), f"{directory}/{JOURNAL}"
    assert (said["state"], said["phase"], said["why"]) == ("old", "put_back", answer["message"])
    assert said["message"] == (
        f"{run}: a run that began at {said['began']} put back all of its files, but nobody could be told why. It said: "
        f"{answer['message']}"
    )
    again = recovered(directory)
    assert (again["outcome"], again["changed"], again["problem"]["kind"]) == ("put_back", False, "interrupted")
    assert again["message"] == (
        f"{run}: the run that began at {said['began']} had put back its files. It said: {answer['message']}"
    )


def interrupted(directory: Path) -> str:
    """Leave what a run leaves that is killed when all files are new; return when it began."""
    before = (directory / "key.p12").read_bytes()
    applied(whole(directory), taken=False)
    path, written = directory / JOURNAL, (directory / JOURNAL).read_bytes()
    path.write_bytes(written.replace(b'"phase": "applied"', b'"phase": "placing"'))
    # Of this one no copy stays when the change is confirmed.
    (directory / json.loads(written)["entries"][0]["kept"]).write_bytes(before)
    began: str = left(directory)["began"]
    return began


def test_what_is_said_of_an_interrupted_run(directory: Path) -> None:
    began, run = interrupted(directory), f"{directory}/{JOURNAL}"
    assert left(directory)["message"] == (
        f"{run}: a run that began at {began} was interrupted when all of its files were the new ones, but nobody had "
        "confirmed them; they are put back first."
    )
    (directory / "server.xml").write_bytes(OLD)
    assert left(directory)["message"] == (
        f"{run}: a run that began at {began} was interrupted when some of its files were the new ones; they are put back "
        "first."
    )
    answer = recovered(directory, taken=False)
    assert (answer["outcome"], answer["changed"]) == ("put_back", True)
    assert answer["message"] == f"{run}: the run that began at {began} was interrupted, so its files were put back."
    assert [file["state"] for file in answer["files"]] == ["old", "old", "old"]
    assert content(directory) == {**files(OLD, new=False), JOURNAL: (directory / JOURNAL).read_bytes()}
    assert left(directory)["why"] == answer["message"]


def test_a_run_that_had_changed_nothing(directory: Path) -> None:
    began, run = interrupted(directory), f"{directory}/{JOURNAL}"
    for name, data in (("server.xml", OLD), ("key.p12", OLD), ("new.xml", None)):
        (directory / name).unlink() if data is None else (directory / name).write_bytes(data)
    assert left(directory)["message"] == (
        f"{run}: a run that began at {began} was interrupted before it had replaced a file; nothing is to be put back."
    )
    answer = recovered(directory)
    assert answer["message"] == f"{run}: the run that began at {began} was interrupted before it had changed a file."
    assert (answer["outcome"], answer["changed"]) == ("put_back", False)


def test_what_cannot_be_put_back_is_told(directory: Path) -> None:
    began, run = interrupted(directory), f"{directory}/{JOURNAL}"
    (kept,) = directory.glob("server.xml.*~")
    kept.write_bytes(b"torn")
    answer = recovered(directory)
    assert (answer["outcome"], answer["changed"]) == ("left", True)
    assert [file["state"] for file in answer["files"]] == ["old", "left", "old"]
    sentence = "could not be put back: the copy of its old content is gone, or is not what was kept."
    assert answer["files"][1]["message"] == f"{directory}/server.xml: {sentence} Its old content is in {kept}."
    told = " ".join(file["message"] for file in answer["files"] if file["message"])
    assert answer["message"] == (
        f"{run}: the run that began at {began} was interrupted, and not all of its files could be put back. {told}"
    )


def test_another_run_is_at_work(directory: Path) -> None:
    with applying.apply(whole(directory), type("Module", (), {"tmpdir": None})()):
        said = left(directory)
    assert (said["state"], said["files"]) == ("running", [])
    assert said["message"] == (
        f"{directory}: another run of this collection changes files of this server at this moment; wait for its end."
    )


def test_where_a_file_is_the_lock(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on z/OS: the lock is held by a process, so another one looks."""

    def unsupported(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    with applying.apply(whole(directory), type("Module", (), {"tmpdir": None})()):
        status, state = child(lambda: left(directory)["state"])
    assert (status, state) == (0, "running")
    assert left(directory)["state"] == "new"
    assert recovered(directory)["outcome"] == "applied"
    assert is_clean(directory), "the lock file went"


def test_the_server_is_told_of_what_the_next_run_puts_back(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(directory)
    told: list[Json] = []
    answers = {"state": "failed", "message": "It does not answer."}
    monkeypatch.setattr(notifying, "reachable", lambda *_: answers)
    monkeypatch.setattr(notifying, "tell", lambda _options, paths, _scratch: told.append(paths) or {"state": "told"})
    answer = recovered(directory, refresh={"kind": "mbean"})
    assert (answer["outcome"], answer["message"]) == ("refused", "It does not answer. Nothing was changed.")
    answers["state"] = "answers"
    assert recovered(directory, refresh={"kind": "mbean"})["refresh_back"] == {"state": "told"}
    modified = [str(directory / name) for name in ("key.p12", "server.xml")]
    assert told == [{"created": (), "modified": modified, "deleted": [str(directory / "new.xml")]}]
