# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The note of what a server was not told of: written, read back against its log, forged by the directory's owner."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from apply_world import NEW, OLD, Json, applied, change, module, order, recovered, server
from target_world import child

from ansible_collections.zosconnect.security.plugins.module_utils import (
    applying,
    detached,
    journal,
    pending,
    reading,
    rotations,
)
from tests.attackers import NOBODY, SECRET, let_others_enter

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
OLD_SHA, EMPTY_SHA = reading.sha256(OLD), reading.sha256(b"")
READY = "[1] CWWKF0011I: The zceesrv1 server is ready.\n"
CONFIGURED = "[1] CWWKG0017I: The server configuration was successfully updated in 0.4 seconds.\n"
UNCHANGED = "[1] CWWKG0018I: The server configuration was not updated. No functional changes were detected.\n"


def reloaded(path: Path) -> str:
    return f"[1] CWPKI0811I: The keystore file {path} has been modified.  The keystore file will be reloaded.\n"


class World:
    """A server with a log, and orders whose files are noted."""

    def __init__(self, base: Path) -> None:
        self.directory = server(base, "server.xml", "key.p12")
        self.xml, self.store = self.directory / "server.xml", self.directory / "key.p12"
        self.note = self.directory / pending.NAME
        self.log = self.directory / "logs" / "messages.log"
        self.log.parent.mkdir()
        self.log.write_text(READY)

    def apply(
        self, *files: Path, told: str = "operator", data: bytes = NEW, taken: bool = True, knows_log: bool = True
    ) -> Json:
        asked = {"directory": str(self.directory), "log": str(self.log) if knows_log else None, "told": told}
        kinds = {str(self.xml): pending.CONFIGURATION, str(self.store): pending.KEY_STORES}
        changes = [change(path, data) for path in files]
        return applied(order(self.directory, *changes, pending={**asked, "kinds": kinds}), taken=taken)

    def found(self) -> Json:
        return pending.found(str(self.directory))

    def state(self) -> tuple[str, list[str]]:
        return self.found()["state"], self.found()["kinds"]

    def says(self, text: str, encoding: str = "utf-8") -> None:
        with self.log.open("ab") as stream:
            stream.write(text.encode(encoding))

    def forge(self, **more: Any) -> None:
        file = {"path": str(self.xml), "kind": "configuration", "before": OLD_SHA}
        log = {"path": str(self.log), "size": 0, "tail": EMPTY_SHA}
        head = {"zosconnect.security": "pending", "version": 1}
        self.note.write_text(json.dumps({**head, "files": [file], "log": log, **more}))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


class TestWritten:
    def test_what_was_not_told(self, world: World) -> None:
        assert world.state() == ("none", [])
        assert world.apply(world.xml, world.store)["pending"] == ""
        assert world.found() == {
            "path": str(world.note),
            "state": "pending",
            "kinds": ["configuration", "key_stores"],
            "log": str(world.log),
            "message": "",
        }
        assert world.note.stat().st_mode & 0o077 == 0

    def test_it_holds_checksums_and_no_content(self, world: World) -> None:
        world.apply(world.xml)
        text = world.note.read_bytes()
        assert OLD not in text
        assert NEW not in text
        assert OLD_SHA.encode() in text

    def test_a_file_that_stays_is_not_noted(self, world: World) -> None:
        world.apply(world.xml, data=OLD)
        assert world.state() == ("none", [])

    @pytest.mark.parametrize("told", ["mbean", "polled"])
    def test_a_server_that_is_told_later(self, world: World, told: str) -> None:
        world.apply(world.xml, world.store)
        world.apply(world.xml, told=told, data=b"<server>2</server>\n")
        assert world.state() == ("pending", ["key_stores"])
        world.apply(world.store, told=told, data=b"2")
        assert not world.note.exists()

    def test_what_it_was_told_of_stays_where_only_a_store_was_named(self, world: World) -> None:
        world.apply(world.xml)
        world.apply(world.store, told="mbean")
        assert world.state() == ("pending", ["configuration"])

    def test_changed_twice_and_put_back(self, world: World) -> None:
        """To the server a file is what it was before the first change."""
        world.apply(world.xml)
        world.apply(world.xml, data=b"<server>2</server>\n")
        world.apply(world.xml, data=NEW)
        assert world.state() == ("pending", ["configuration"])
        world.xml.write_bytes(OLD)
        assert world.state() == ("done", [])

    def test_an_order_of_no_files_takes_it_away(self, world: World) -> None:
        world.apply(world.xml)
        world.apply()
        assert world.state() == ("pending", ["configuration"]), "not before it is over"
        world.says(CONFIGURED)
        assert world.state() == ("done", [])
        assert world.apply()["outcome"] == "applied"
        assert not world.note.exists()

    def test_put_back_before_the_server_had_read_it(self, world: World) -> None:
        world.apply(world.xml)
        world.apply(world.xml, data=OLD, knows_log=False)
        assert not world.note.exists()

    def test_put_back_after_the_server_had_read_it(self, world: World) -> None:
        world.apply(world.xml)
        world.says(CONFIGURED)
        world.apply(world.xml, data=OLD, knows_log=False)
        assert world.state() == ("pending", ["configuration"])
        world.says(CONFIGURED)
        assert world.state() == ("done", [])

    def test_without_a_note_the_log_is_the_usual_one(self, world: World) -> None:
        world.apply(world.xml, knows_log=False)
        assert world.found()["log"] == str(world.log)

    def test_killed_before_the_end_was_marked(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pending, "keep", lambda *_args: os._exit(9))
        status, _said = child(lambda: world.apply(world.xml))
        assert os.waitstatus_to_exitcode(status) == 9
        assert recovered(world.directory)["outcome"] == "put_back"
        assert (world.xml.read_bytes(), world.state()) == (OLD, ("none", []))

    def test_killed_after_the_end_was_marked(self, world: World) -> None:
        world.apply(world.xml, taken=False)
        assert journal.found(str(world.directory))["phase"] == "applied"
        recovered(world.directory)
        assert world.state() == ("pending", ["configuration"])

    def test_what_cannot_be_written_stops_nothing(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(journal, "write_bytes", lambda _held, data: full() if b'"pending"' in data else None)
        answer = world.apply(world.xml)
        assert (answer["outcome"], world.xml.read_bytes()) == ("applied", NEW)
        assert answer["pending"] == (
            f"{world.note}: cannot be written, so the next run will not know what the server was not told of: No space "
            "left on device."
        )


class TestLog:
    @pytest.mark.parametrize("said", [CONFIGURED, UNCHANGED, READY])
    @pytest.mark.parametrize("encoding", ["utf-8", "cp037"])
    def test_what_shows_that_the_configuration_was_read(self, world: World, said: str, encoding: str) -> None:
        world.apply(world.xml)
        world.says("[1] CWWKG0016I: Starting server configuration update.\n", encoding)
        assert world.state() == ("pending", ["configuration"])
        world.says(said, encoding)
        assert world.state() == ("done", [])

    @pytest.mark.parametrize("encoding", ["utf-8", "cp037"])
    def test_a_key_store_is_named(self, world: World, encoding: str) -> None:
        world.apply(world.xml, world.store)
        world.says(reloaded(world.directory / "other.p12") + f"{world.store} is here.\n" + CONFIGURED, encoding)
        assert world.state() == ("pending", ["key_stores"])
        world.says(reloaded(world.store), encoding)
        assert world.state() == ("done", [])

    def test_a_start_has_read_key_stores_too(self, world: World) -> None:
        world.apply(world.store)
        world.says(CONFIGURED)
        assert world.state() == ("pending", ["key_stores"])
        world.says(READY)
        assert world.state() == ("done", [])

    @pytest.mark.parametrize("lines", [0, 500])
    def test_a_newer_log_counts_whole(self, world: World, lines: int) -> None:
        """It may be longer than the old one, and have its inode."""
        world.says("x" * 200)
        world.apply(world.xml)
        with world.log.open("r+b") as stream:
            stream.truncate()
            stream.write(READY.encode() + b"[2] a line\n" * lines)
        assert world.state() == ("done", [])

    def test_of_a_very_long_log_the_end_is_searched(self, world: World) -> None:
        world.apply(world.xml)
        with world.log.open("r+b") as stream:
            stream.truncate(2**40)
        world.says(CONFIGURED)
        assert world.state() == ("done", [])

    def renamed(self, world: World, when: str, text: str = "", encoding: str = "utf-8") -> Path:
        """Rename the log, as Liberty does when it is too large, and begin a new one."""
        older = world.log.with_name(f"messages_26.11.{when}.log")
        world.says(text, encoding)
        world.log.rename(older)
        world.log.write_bytes(f"[3] a log since {when}\n".encode(encoding))
        return older

    @pytest.mark.parametrize("encoding", ["utf-8", "cp037"])
    @pytest.mark.parametrize("again", [0, 2])
    def test_a_log_that_was_renamed_counts_from_its_place(self, world: World, again: int, encoding: str) -> None:
        world.says(READY + CONFIGURED)
        world.apply(world.xml, world.store)
        self.renamed(world, "30_10.00.00.0")
        for number in range(again):
            self.renamed(world, f"30_10.00.00.{9 + number}", encoding=encoding)
        assert world.state() == ("pending", ["configuration", "key_stores"]), "what it said before does not count"
        self.renamed(world, "30_11.00.00.0", CONFIGURED + reloaded(world.store), encoding)
        self.renamed(world, "30_11.00.01.0")
        assert world.state() == ("done", [])

    @pytest.mark.parametrize("is_there", [True, False])
    def test_those_that_were_renamed_before_do_not_count(self, world: World, is_there: bool) -> None:  # noqa: FBT001
        """Of a server without a log, or with an empty one, only their names say which are newer."""
        self.renamed(world, "30_09.00.00.10")
        self.renamed(world, "30_09.00.00.9", CONFIGURED)
        world.log.write_text("")
        if not is_there:
            world.log.unlink()
        world.apply(world.xml)
        world.log.write_text("[4] a line\n")
        assert world.state() == ("pending", ["configuration"])
        self.renamed(world, "30_10.00.00.0", READY)
        assert world.state() == ("done", [])

    def test_where_the_log_of_the_note_is_gone_all_are_newer(self, world: World) -> None:
        self.renamed(world, "30_08.00.00.0", CONFIGURED)
        world.apply(world.xml)
        older = self.renamed(world, "30_09.00.00.0")
        assert world.state() == ("pending", ["configuration"])
        self.renamed(world, "30_10.00.00.0", CONFIGURED)
        older.unlink()
        assert world.state() == ("done", [])

    def test_a_note_of_before_says_nothing_of_older_logs(self, world: World) -> None:
        """It counts only what stands in the log of the note and after it."""
        world.xml.write_bytes(NEW)
        world.forge(log={"path": str(world.log), "size": len(READY), "tail": reading.sha256(READY.encode())})
        older = self.renamed(world, "30_10.00.00.0", CONFIGURED)
        assert world.state() == ("done", [])
        older.write_text("[2] another log\n" + CONFIGURED)
        assert world.state() == ("pending", ["configuration"])

    def test_not_many_and_not_much_of_them_is_read(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        world.apply(world.xml)
        self.renamed(world, "30_10.00.00.0", CONFIGURED)
        for number in range(rotations.MOST_LOGS):
            self.renamed(world, f"30_11.00.00.{number}")
        assert world.state() == ("pending", ["configuration"])
        (world.log.parent / "messages_26.11.30_11.00.00.0.log").unlink()
        assert world.state() == ("done", [])
        monkeypatch.setattr(pending, "_SEARCHED", 100)
        assert world.state() == ("pending", ["configuration"])

    @pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/proc/kmsg", path)])
    def test_what_only_has_the_name_of_a_log(self, world: World, make: Any) -> None:
        world.apply(world.xml)
        make(world.log.with_name("messages_26.11.30_10.00.00.0.log"))
        world.log.with_name("messages_26.11.30.log").write_text(CONFIGURED)
        world.log.with_name("messages_26.11.30_10.00.00.x.log").write_text(CONFIGURED)
        world.log.write_text("[4] another\n")
        assert world.state() == ("pending", ["configuration"])

    def test_no_log_then_and_one_now(self, world: World) -> None:
        world.log.unlink()
        world.apply(world.xml)
        found = world.found()
        assert (found["state"], found["message"]) == ("pending", f"{world.log}: does not exist.")
        world.log.write_text(READY)
        assert world.state() == ("done", [])

    def test_a_log_that_cannot_be_read(self, world: World) -> None:
        world.log.unlink()
        os.mkfifo(world.log)
        world.apply(world.xml)
        world.log.unlink()
        world.log.write_text(READY)
        found = world.found()
        assert (found["state"], found["message"]) == (
            "pending",
            f"{world.log}: could not be read when the files were changed.",
        )

    @pytest.mark.parametrize(
        ("make", "message"),
        [(os.mkfifo, "is not a regular file."), (os.mkdir, "is a directory; name the file.")],
    )
    def test_what_is_no_log(self, world: World, make: Any, message: str) -> None:
        world.apply(world.xml)
        world.log.unlink()
        make(world.log)
        assert world.found()["message"] == f"{world.log}: {message}"


FILE = {"path": "/s/server.xml", "kind": "configuration", "before": OLD_SHA}
LOG = {"path": "/s/logs/messages.log", "size": 0, "tail": EMPTY_SHA}


class TestForged:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"zosconnect.security": "journal"},
            {"files": {}},
            {"files": [FILE] * 501},
            {"files": [1]},
            {"files": [{**FILE, "path": "server.xml"}]},
            {"files": [{**FILE, "path": "/s/a\0"}]},
            {"files": [{**FILE, "path": "/s/\ud800"}]},
            {"files": [{**FILE, "path": "/" + "a" * 5000}]},
            {"files": [{**FILE, "path": None}]},
            {"files": [{**FILE, "kind": "F BAQSTRT,STOP"}]},
            {"files": [{**FILE, "kind": []}]},
            {"files": [{**FILE, "before": "x"}]},
            {"files": [{**FILE, "before": 1}]},
            {"files": [{"path": "/s/server.xml"}]},
            {"log": None},
            {"log": {**LOG, "path": "logs"}},
            {"log": {**LOG, "path": "/s/\x1b[31mlogs"}},
            {"log": {**LOG, "size": 10**21}},
            {"log": {**LOG, "size": -1}},
            {"log": {**LOG, "size": True}},
            {"log": {**LOG, "size": 2**63}},
            {"log": {**LOG, "size": 1.5}},
            {"log": {**LOG, "tail": ""}},
            {"log": {**LOG, "older": 1}},
            {"log": {**LOG, "older": "../messages.log"}},
            {"log": {**LOG, "older": "x" * 256}},
        ],
    )  # fmt: skip
    def test_what_a_note_must_not_say(self, world: World, wrong: Json) -> None:
        world.forge(**wrong)
        self.is_refused(world)

    @pytest.mark.parametrize("text", ["", "{", "[]", "1", "[" * 100_000, '{"zosconnect.security": "pending"}'])
    def test_what_is_no_note(self, world: World, text: str) -> None:
        world.note.write_text(text)
        self.is_refused(world)

    def is_refused(self, world: World) -> None:
        found = world.found()
        sentence = (
            f"{world.note}: is not what a run of this collection leaves, so nobody knows whether the server uses its "
            "files. Refresh or restart the server, and remove it."
        )
        assert (found["state"], found["kinds"], found["message"]) == ("refused", [], sentence)
        kept = world.note.read_bytes()
        answer = world.apply(world.xml)
        assert (answer["outcome"], answer["pending"], world.note.read_bytes()) == ("applied", sentence, kept)

    def test_a_huge_one(self, world: World) -> None:
        with world.note.open("wb") as stream:
            stream.truncate(2**40)
        self.says(world, "is not what a run of this collection leaves")

    def test_a_link(self, world: World, tmp_path: Path) -> None:
        world.forge()
        world.note.rename(tmp_path / "elsewhere")
        world.note.symlink_to(tmp_path / "elsewhere")
        self.says(world, "is not what a run of this collection leaves")

    def test_a_pipe(self, world: World) -> None:
        os.mkfifo(world.note)
        self.says(world, "is not what a run of this collection leaves")

    def test_a_directory(self, world: World) -> None:
        world.note.mkdir()
        self.says(world, "is not what a run of this collection leaves")

    def says(self, world: World, message: str) -> None:
        found = world.found()
        assert found["state"] == "refused"
        assert message in found["message"]

    @pytest.mark.parametrize(("version", "shown"), [(2, "2"), ("x" * 50, "x" * 20), ({}, "?")])
    def test_another_version(self, world: World, version: object, shown: str) -> None:
        world.forge(version=version)
        assert world.found()["message"] == (
            f"{world.note}: was left by another version of this collection (its version is {shown}, known is 1), so "
            "nobody knows whether the server uses its files. Refresh or restart the server, and remove it."
        )

    def test_very_much_is_not_looked_at(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        world.log.write_text("")
        monkeypatch.setattr(journal, "MOST_CONTENT", len(OLD) - 1)
        file = {"path": str(world.xml), "kind": "configuration", "before": OLD_SHA}
        world.forge(files=[file, file])
        assert world.state() == ("pending", ["configuration"])
        monkeypatch.setattr(journal, "MOST_CONTENT", len(OLD))
        assert world.state() == ("done", [])

    def test_a_very_long_number_takes_no_time(self, world: World) -> None:
        world.note.write_text('{"zosconnect.security": "pending", "version": 1' + "0" * 1_900_000 + "}")
        began = time.process_time()
        self.says(world, "is not what a run of this collection leaves")
        assert time.process_time() - began < 2

    @needs_root
    def test_it_is_looked_at_with_its_owner_s_rights(self, world: World, tmp_path: Path) -> None:
        """He learns nothing of a file of root's: neither what it holds, nor what is in a log."""
        let_others_enter(tmp_path)
        secret = tmp_path / "secret.log"
        secret.write_bytes(SECRET + CONFIGURED.encode())
        secret.chmod(0o600)
        world.forge(
            files=[{"path": str(secret), "kind": "configuration", "before": reading.sha256(secret.read_bytes())}],
            log={**LOG, "path": str(secret)},
        )
        for path in (world.directory, world.note):
            os.chown(path, NOBODY, -1)
        found = world.found()
        assert (found["state"], found["kinds"]) == ("pending", ["configuration"])
        assert "may not read it" in found["message"]
        assert SECRET.decode() not in str(found)

    @needs_root
    def test_somebody_else_s_note(self, world: World, tmp_path: Path) -> None:
        let_others_enter(tmp_path)
        world.forge()
        _status, said = child(lambda: world.found()["message"], uid=NOBODY)
        assert said == (
            f"{world.note}: belongs to user root, so nothing is done because of it. Run as that user: become_user."
        )


def test_the_process_that_applies_writes_it(world: World) -> None:
    asked = {"directory": str(world.directory), "log": str(world.log), "told": "operator"}
    given = order(world.directory, change(world.xml), pending={**asked, "kinds": {str(world.xml): "configuration"}})
    assert detached.run(lambda: applying.apply(given, module())) is not None
    assert world.state() == ("pending", ["configuration"])


@pytest.mark.parametrize("line", ["CWPKI0811I", "CWPKI0811I\n"])
def test_a_log_and_a_note_that_its_owner_made_huge_cost_seconds_only(tmp_path: Path, line: str) -> None:
    world = World(tmp_path)
    world.apply(world.store)
    note = json.loads(world.note.read_text())
    note["files"] = [{**note["files"][0], "path": f"{world.store}{number}"} for number in range(journal.MOST_FILES)]
    world.note.write_text(json.dumps(note))
    world.says(line * 500_000)
    began = time.monotonic()
    assert world.state() == ("pending", ["key_stores"])
    assert time.monotonic() - began < 30
    world.says("\n" + "".join(reloaded(Path(each["path"])) for each in note["files"]))
    assert world.state() == ("done", [])
