# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A journal is what somebody else may have written: what is no journal is refused, and a forged one does no harm."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from apply_world import NEW, OLD, Json, applied, change, content, left, order, recovered, server
from target_world import child

from ansible_collections.zosconnect.security.plugins.module_utils import journal, leftovers, reading
from tests.attackers import NOBODY, let_others_enter

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
OLD_SHA, NEW_SHA = reading.sha256(OLD), reading.sha256(NEW)


def entry(path: Path, **more: Any) -> Json:
    """What a journal says of a file that was replaced."""
    kept = f"{path.name}.kept~"
    known = {"before": [OLD_SHA, 0, 0, 0o644], "after": [NEW_SHA, 0, 0, 0o644]}
    return {"number": 0, "path": str(path), "real_path": str(path), **known, "kept": kept, "keep": True, **more}


def written(directory: Path, *entries: Json, **more: Any) -> Path:
    """Write a journal by hand."""
    told = {"zosconnect.security": "journal", "version": 1, "transaction": "0" * 32, "phase": "placing"}
    path = directory / journal.NAME
    path.write_text(json.dumps({**told, "began": "2026-11-30T08:00:00Z", "why": "", "entries": entries, **more}))
    return path


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return server(tmp_path, "server.xml")


GOOD = entry(Path("/s/a.xml"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "1",
        "[" * 100_000,
        '{"zosconnect.security": "other", "version": 1}',
        '{"zosconnect.security": "journal"}',
        '{"zosconnect.security": "journal", "version": 1}',
    ],
)
def test_what_is_no_journal(directory: Path, text: str) -> None:
    (directory / journal.NAME).write_text(text)
    sentence = (
        f"{directory}/{journal.NAME}: is not what a run of this collection leaves, so nothing is done. See to it that the "
        "server's files are what they should be, and remove it."
    )
    assert (left(directory)["state"], left(directory)["message"]) == ("refused", sentence)
    answer = recovered(directory)
    assert (answer["outcome"], answer["message"], answer["problem"]["kind"]) == ("refused", sentence, "journal")
    assert (directory / journal.NAME).exists(), "it is for somebody to look at"


@pytest.mark.parametrize(
    "wrong",
    [
        {"phase": "other"},
        {"transaction": "x"},
        {"began": "yesterday"},
        {"why": 1},
        {"entries": {}},
        {"entries": [GOOD] * 501},
        {"entries": [1]},
        {"entries": [{**GOOD, "path": "a.xml"}]},
        {"entries": [{**GOOD, "real_path": "/s/a\0.xml"}]},
        {"entries": [{**GOOD, "path": "/s/\ud800.xml"}]},
        {"entries": [{**GOOD, "real_path": "/s/\ud800.xml"}]},
        {"entries": [{**GOOD, "kept": "a.xml.\ud800~"}]},
        {"entries": [{**GOOD, "real_path": "/s/.."}]},
        {"entries": [{**GOOD, "path": "/" + "a" * 5000}]},
        {"entries": [{**GOOD, "kept": "../a.xml.x~"}]},
        {"entries": [{**GOOD, "kept": "a.xml./x~"}]},
        {"entries": [{**GOOD, "kept": "server.env"}]},
        {"entries": [{**GOOD, "kept": None}]},
        {"entries": [{**GOOD, "before": None}]},
        {"entries": [{**GOOD, "after": None}]},
        {"entries": [{**GOOD, "after": ["x", 0, 0, 0]}]},
        {"entries": [{**GOOD, "after": [NEW_SHA, -1, 0, 0]}]},
        {"entries": [{**GOOD, "after": [NEW_SHA, True, 0, 0]}]},
        {"entries": [{**GOOD, "after": [NEW_SHA, 0, 0]}]},
        {"entries": [{**GOOD, "number": "0"}]},
    ],
)
def test_what_a_journal_must_not_say(directory: Path, wrong: Json) -> None:
    written(directory, GOOD, **wrong)
    assert left(directory)["state"] == "refused"


def test_what_a_journal_says(directory: Path) -> None:
    written(directory, entry(directory / "server.xml"), why="a\x1b[31m" + "b" * 5000)
    found = left(directory)
    assert (found["state"], found["why"]) == ("old", ("a?[31m" + "b" * 5000)[:2000])


@pytest.mark.parametrize(("version", "shown"), [(2, "2"), ("x" * 50, "x" * 20), ({}, "?")])
def test_another_version(directory: Path, version: object, shown: str) -> None:
    written(directory, version=version)
    assert left(directory)["message"] == (
        f"{directory}/{journal.NAME}: was left by another version of this collection (its journal has version {shown}, known "
        "is 1), so nothing is done. Run that version once more, or put back the files from their backups and remove it."
    )


def test_what_is_too_long_or_a_link(directory: Path) -> None:
    path = directory / journal.NAME
    path.write_bytes(b" " * 2_000_001)
    assert left(directory)["state"] == "refused"
    path.unlink()
    path.symlink_to(directory / "server.xml")
    assert left(directory)["state"] == "refused"


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("nowhere")])
def test_what_no_run_leaves_under_that_name(directory: Path, make: Callable[[Path], None]) -> None:
    """A directory, a pipe, and a link to nothing, through which a journal would be written elsewhere."""
    make(directory / journal.NAME)
    told = (
        f"{directory}/{journal.NAME}: is not what a run of this collection leaves, so nothing is done. See to it that the "
        "server's files are what they should be, and remove it."
    )
    assert (left(directory)["state"], left(directory)["message"]) == ("refused", told)
    assert leftovers.is_there(str(directory / journal.NAME))
    if (directory / journal.NAME).is_symlink():
        answer = applied(order(directory, change(directory / "server.xml")))
        assert (answer["outcome"], answer["message"], answer["problem"]["kind"]) == ("refused", told, "journal")
        assert sorted(path.name for path in directory.iterdir()) == [journal.NAME, "server.xml"]


def test_a_journal_that_cannot_be_read(directory: Path) -> None:
    assert journal.found(f"{directory}/server.xml")["message"] == (
        f"{directory}/server.xml/{journal.NAME}: cannot be read: Not a directory; nothing is done because of it."
    )
    assert journal.found("/no/such/directory")["state"] == "none"


@needs_root
def test_a_journal_that_somebody_replaces_while_it_is_read(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What root's own journal names is done with root's rights, so another one must not be taken for it."""
    path, read = written(directory, entry(directory / "server.xml")), reading.read_bytes

    def late(*given: Any) -> tuple[bytes, os.stat_result]:
        path.unlink()
        os.chown(written(directory, entry(directory / "server.xml")), NOBODY, NOBODY)
        return read(*given)

    monkeypatch.setattr(reading, "read_bytes", late)
    assert left(directory)["message"] == (
        f"{path}: was replaced while it was read, so nothing is done because of it. Run again."
    )


def ended(directory: Path, phase: str) -> str:
    """Let a run of three files come to its end without anybody to hear of it, and somebody change two of them then."""
    more = [directory / name for name in ("b.xml", "c.xml")]
    for path in more:
        path.write_bytes(OLD)
    files = [change(path) for path in (directory / "server.xml", *more)]
    applied(order(directory, *files), taken=False)
    path = directory / journal.NAME
    path.write_text(path.read_text().replace('"phase": "applied"', f'"phase": "{phase}"'))
    return str(json.loads(path.read_text())["began"])


def test_a_run_that_came_to_its_end_does_not_answer_for_later_changes(directory: Path) -> None:
    began = ended(directory, "applied")
    (directory / "b.xml").write_bytes(b"other")
    (directory / "c.xml").write_bytes(OLD)
    run, files = f"{directory}/{journal.NAME}", f"{directory}/b.xml, {directory}/c.xml"
    assert left(directory)["message"] == (
        f"{run}: a run that began at {began} came to its end, but nobody could be told; these files are not as it left them: "
        f"{files}."
    )
    answer = recovered(directory)
    assert answer["message"] == (
        f"{run}: the run that began at {began} had come to its end; these files are not as it left them: {files}."
    )
    assert [file["state"] for file in answer["files"]] == ["new", "left", "old"]


def test_a_run_that_put_all_back_does_not_answer_for_later_changes(directory: Path) -> None:
    began = ended(directory, "put_back")
    for name in ("d", "e"):
        (directory / f"{name}.xml").write_bytes(NEW)
    path = directory / journal.NAME
    told = json.loads(path.read_text())
    more = [{**told["entries"][0], **dict.fromkeys(("path", "real_path"), f"{directory}/{one}.xml")} for one in "de"]
    told["entries"] += [{**one, "kept": None, "before": None} for one in more]
    path.write_text(json.dumps(told))
    files = f"{directory}/server.xml, {directory}/b.xml, {directory}/c.xml and 2 more"
    assert left(directory)["message"] == (
        f"{path}: a run that began at {began} put back its files, but nobody could be told why; these are not as it left them: "
        f"{files}. It said: "
    )
    answer = recovered(directory)
    assert answer["message"] == (
        f"{path}: the run that began at {began} had put back its files; these are not as it left them: {files}. It said: "
    )
    assert (answer["outcome"], answer["changed"]) == ("put_back", False)


def test_a_look_that_was_put_back_or_not_is_as_it_was(directory: Path) -> None:
    """A file whose old and new self are the same is as any run left it."""
    path = directory / "server.xml"
    applied(order(directory, change(path, OLD)), taken=False)
    text = (directory / journal.NAME).read_text()
    (directory / journal.NAME).write_text(text.replace('"phase": "applied"', '"phase": "put_back"'))
    assert "these are not" not in left(directory)["message"]
    answer = recovered(directory)
    assert "these are not" not in answer["message"]
    assert answer["files"][0]["state"] == "old"


def test_a_file_of_which_the_journal_knows_nothing(directory: Path) -> None:
    (directory / "server.xml").write_bytes(b"other")
    written(directory, entry(directory / "server.xml"), entry(directory / "gone.xml"))
    assert [file["state"] for file in left(directory)["files"]] == ["other", "other"]
    assert left(directory)["state"] == "mixed"
    assert recovered(directory)["outcome"] == "left"
    assert content(directory)["server.xml"] == b"other"


def test_files_that_are_too_much_to_look_at(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "MOST_CONTENT", len(OLD))
    (directory / "b.xml").write_bytes(OLD)
    written(directory, entry(directory / "server.xml"), entry(directory / "b.xml"))
    written(directory, *(entry(directory / name) for name in ("server.xml", "b.xml", "c.xml")))
    read, seen = reading.read_bytes, []
    monkeypatch.setattr(reading, "read_bytes", lambda path, hands: (seen.append(path), read(path, hands))[1])
    assert [file["state"] for file in left(directory)["files"]] == ["old", "other", "other"]
    assert seen[1:] == [f"{directory}/server.xml", f"{directory}/b.xml"], "the journal, and no more than that"


def test_files_that_are_too_much_to_put_back(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever writes a journal can name 500 large files, in place of their old selves too."""
    monkeypatch.setattr(journal, "MOST_CONTENT", len(OLD) + len(NEW))
    for name in ("server.xml", "b.xml"):
        (directory / name).write_bytes(NEW)
        (directory / f"{name}.kept~").write_bytes(OLD)
    path = written(directory, entry(directory / "b.xml"), entry(directory / "server.xml", number=1))
    answer = recovered(directory)
    assert content(directory) == {"server.xml": OLD, "b.xml": NEW}
    assert [file["state"] for file in answer["files"]] == ["left", "old"]
    told = (
        f"{directory}/b.xml: is left as it is, because {path} names files with more than {len(OLD) + len(NEW)} bytes together. "
        "Put it back by hand."
    )
    assert answer["files"][0]["message"] == told
    assert answer["message"].endswith(f"was interrupted, and not all of its files could be put back. {told}")


def test_of_many_files_that_are_left_some_are_named(directory: Path) -> None:
    others = [directory / f"{number}.xml" for number in range(5)]
    for path in others:
        path.write_bytes(b"other")
    path = written(directory, *(entry(one, number=number) for number, one in enumerate(others)))
    told = [
        f"{one}: somebody else has changed it since, so it was left. Its old content is in {one}.kept~."
        for one in others
    ]
    assert recovered(directory)["message"] == (
        f"{path}: the run that began at 2026-11-30T08:00:00Z was interrupted, and not all of its files could be put back. "
        f"{' '.join(told[:3])} So it is with 2 more."
    )


def test_a_directory_is_listed_once_for_all_its_files(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its owner decides how many files it has, and how many the journal names."""
    names = [f"{number}.xml" for number in range(20)]
    for name in names:
        (directory / f".{name}.0011.zcs-tmp").write_bytes(NEW)
    others = [directory / ".1.xml.more.0011.zcs-tmp", directory / ".1.xml.zcs-tmp"]
    for path in others:
        path.write_bytes(NEW)
    made = [entry(directory / name, number=number, before=None, kept=None) for number, name in enumerate(names)]
    written(directory, *made)
    scandir, listed = os.scandir, []
    monkeypatch.setattr(os, "scandir", lambda *given: (listed.append(given), scandir(*given))[1])
    monkeypatch.setattr(os, "supports_fd", {*os.supports_fd, os.scandir})
    assert recovered(directory)["outcome"] == "put_back"
    assert len(listed) == 3, "for the files, for the journal that says how it ended, and when that is removed"
    assert sorted(path.name for path in directory.iterdir()) == [*sorted(path.name for path in others), "server.xml"]


def test_a_look_alone_is_told_by_the_look(directory: Path) -> None:
    path = directory / "server.xml"
    applied(order(directory, change(path, None, attributes={"mode": "0600"})), taken=False)
    text = (directory / journal.NAME).read_text()
    (directory / journal.NAME).write_text(text.replace('"phase": "applied"', '"phase": "placing"'))
    assert left(directory)["files"][0]["state"] == "new"
    assert recovered(directory)["outcome"] == "put_back"
    assert path.stat().st_mode & 0o777 == 0o644


# Somebody else's ------------------------------------------------------------------------------------------------------


@pytest.fixture
def his(tmp_path: Path) -> Path:
    """A server's directory that belongs to nobody, beside one of root's."""
    directory = server(tmp_path, "server.xml")
    let_others_enter(tmp_path)
    for path in (directory, directory / "server.xml"):
        os.chown(path, NOBODY, NOBODY)
    etc = tmp_path / "etc"
    etc.mkdir()
    (etc / "policy").write_bytes(OLD)
    return directory


@needs_root
def test_root_does_for_a_forged_journal_what_its_owner_could_do(his: Path) -> None:
    """He names root's file as one of his own change, with a copy of its old self that he has made."""
    policy = his.parent / "etc" / "policy"
    policy.write_bytes(NEW)
    policy.chmod(0o666)
    policy.parent.chmod(0o755)
    (his.parent / "etc" / "policy.kept~").write_bytes(OLD)
    os.chown(written(his, entry(policy)), NOBODY, NOBODY)
    answer = recovered(his)
    assert answer["outcome"] == "left"
    told = f"{policy}: could not be put back: Permission denied. Its old content is in {policy}.kept~. The next run tries again."
    assert answer["files"][0]["message"] == told
    assert answer["message"] == (
        f"{his}/{journal.NAME}: the run that began at 2026-11-30T08:00:00Z was interrupted, and not all of its files could be "
        f"put back. {told} If that never works, put them back by hand and remove {his}/{journal.NAME}."
    )
    assert policy.read_bytes() == NEW
    assert (his / journal.NAME).exists(), "somebody has to look at it"


@needs_root
def test_root_reads_nothing_for_a_forged_journal(his: Path) -> None:
    policy = his.parent / "etc" / "policy"
    policy.chmod(0o600)
    os.chown(written(his, entry(policy)), NOBODY, NOBODY)
    assert [file["state"] for file in left(his)["files"]] == ["other"], "old and new look alike to him"
    assert recovered(his)["outcome"] == "left"


@needs_root
def test_root_follows_no_link_of_a_forged_journal(his: Path) -> None:
    (his / "link").symlink_to(his.parent / "etc")
    os.lchown(his / "link", NOBODY, NOBODY)
    os.chown(written(his, entry(his / "link" / "policy")), NOBODY, NOBODY)
    answer = recovered(his)
    assert (answer["outcome"], answer["files"][0]["state"]) == ("left", "left")
    assert "led to" in answer["files"][0]["message"]


@needs_root
def test_a_journal_of_somebody_else_is_not_followed_by_others_than_root(his: Path) -> None:
    written(his, entry(his / "server.xml"))
    his.chmod(0o755)
    (his / journal.NAME).chmod(0o644)
    status, text = child(lambda: left(his)["message"], uid=NOBODY)
    assert status == 0
    assert text == (
        f"{his}/{journal.NAME}: belongs to user root, so nothing is done because of it. Run as that user: become_user."
    )


@needs_root
def test_each_journal_lies_where_its_files_are_somebodys_own(his: Path) -> None:
    """One change of his file and of root's: what root's journal says he cannot forge."""
    etc = his.parent / "etc"
    given = order(his, change(etc / "policy"), change(his / "server.xml", server_dir=str(his)))
    applied(given, taken=False)
    owners = {path.name: (path / journal.NAME).stat().st_uid for path in (his, etc)}
    assert owners == {"server": NOBODY, "etc": 0}
    assert [len(left(path)["files"]) for path in (his, etc)] == [1, 1]
    (his / journal.NAME).unlink()
    answer = recovered(his, etc)
    assert (answer["outcome"], (etc / "policy").read_bytes()) == ("applied", NEW), "it was confirmed"


@needs_root
@pytest.mark.parametrize("confirmed", [True, False])
def test_journals_of_one_run_count_together(his: Path, *, confirmed: bool) -> None:
    """A run is killed between saying in the first journal and in the second that it is confirmed."""
    etc = his.parent / "etc"
    applied(order(his, change(etc / "policy"), change(his / "server.xml", server_dir=str(his))), taken=False)
    for path in (his, etc) if not confirmed else (his,):
        text = (path / journal.NAME).read_bytes()
        (path / journal.NAME).write_bytes(text.replace(b'"phase": "applied"', b'"phase": "placing"'))
    answer = recovered(his, etc)
    assert answer["outcome"] == ("applied" if confirmed else "put_back")
    expected = NEW if confirmed else OLD
    assert [(etc / "policy").read_bytes(), (his / "server.xml").read_bytes()] == [expected, expected]
    assert not [path for path in (his, etc) if (path / journal.NAME).exists()]
    assert (his / "server.xml").stat().st_uid == NOBODY


@needs_root
@pytest.mark.parametrize("phase", ["applied", "put_back"])
def test_a_forged_journal_does_not_decide_about_files_of_others(his: Path, phase: str) -> None:
    """He says that the run was confirmed, or had put back all: root's policy is put back nevertheless."""
    etc = his.parent / "etc"
    applied(order(his, change(etc / "policy"), change(his / "server.xml", server_dir=str(his))), taken=False)
    for path, said in ((his, phase), (etc, "placing")):
        text = (path / journal.NAME).read_text()
        (path / journal.NAME).write_text(text.replace('"phase": "applied"', f'"phase": "{said}"'))
    answer = recovered(his, etc)
    assert ((etc / "policy").read_bytes(), (his / "server.xml").read_bytes()) == (OLD, NEW)
    assert (answer["outcome"], len(answer["problem"]["facts"]["transactions"])) == ("put_back", 1)
    assert "was interrupted, so its files were put back." in answer["message"]
    assert not [path for path in (his, etc) if (path / journal.NAME).exists()]


@needs_root
def test_the_journal_that_he_cannot_forge_is_the_first_to_say_how_it_ended(
    his: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that is killed between two journals is finished as a whole: what root's says counts for both."""
    etc, write, phases = his.parent / "etc", journal.write_bytes, []

    def seen(held: Any, data: bytes) -> None:
        phases.append((Path(held.spot.folder.path).name, json.loads(data)["phase"]))
        write(held, data)

    monkeypatch.setattr(journal, "write_bytes", seen)
    files = change(his / "server.xml", server_dir=str(his)), change(etc / "policy")
    assert applied(order(his, *files))["outcome"] == "applied"
    assert phases == [("server", "placing"), ("etc", "placing"), ("etc", "applied"), ("server", "applied")]


def test_what_changes_while_the_next_run_waits(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(directory, entry(directory / "server.xml"))
    read = journal.read

    def once(where: str) -> object:
        found = read(where)
        path.write_text(path.read_text().replace("T08:", "T09:"))
        return found

    monkeypatch.setattr(journal, "read", once)
    answer = recovered(directory)
    assert answer["message"] == (
        "Another run has changed what an interrupted one left; nothing was changed. Run again."
    )
