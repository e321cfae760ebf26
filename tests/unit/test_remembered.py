# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stores hold is remembered for the next task and run: of the same bytes and host, for those who can open them."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils import remembered
from ansible_collections.zosconnect.security.plugins.plugin_utils.remembered import FOLDER, Memory

Json = dict[str, Any]

PATH = "/srv/keys.p12"
STORE: Json = {"path": PATH, "password": "one", "key_password": None, "java_home": None, "requests": []}
LISTED: Json = {"format": "PKCS12", "encryption": "modern", "keytool": "/bin/keytool", "unseen": False, "java": "17"}
ANSWER: Json = {
    "path": PATH,
    "state": "file",
    "sha256": "ab",
    "mode": "0600",
    "unchanged": False,
    **LISTED,
    "entries": [{"alias": "a"}],
}
UNREAD: Json = {**ANSWER, **dict.fromkeys(LISTED), "mode": "0640", "entries": [], "unchanged": True}
DAY = 86_400


def memory(folder: Path, *host: str) -> Memory:
    return Memory(str(folder), host or ("zcee1", "192.0.2.1"))


def remember(folder: Path, store: Json = STORE, answer: Json = ANSWER) -> None:
    """Have a task read the store."""
    task = memory(folder)
    assert "known_sha256" not in task.asked([store])[0]
    assert task.told([store], [answer]) == [answer]


def known(folder: Path) -> list[Path]:
    return list((folder / FOLDER).iterdir())


def test_the_next_task_asks_whether_it_has_changed(tmp_path: Path) -> None:
    remember(tmp_path)
    task = memory(tmp_path)
    assert task.asked([STORE]) == [{**STORE, "known_sha256": "ab", "known_java": "17"}]
    assert task.told([STORE], [UNREAD]) == [{**ANSWER, "mode": "0640", "unchanged": True}], "how it looks is seen anew"
    assert "known_sha256" not in STORE


def test_one_that_has_changed_is_remembered_as_it_is_now(tmp_path: Path) -> None:
    remember(tmp_path)
    task, now = memory(tmp_path), {**ANSWER, "sha256": "cd", "entries": []}
    task.asked([STORE])
    assert task.told([STORE], [now]) == [now]
    assert memory(tmp_path).asked([STORE])[0]["known_sha256"] == "cd"


@pytest.mark.parametrize(
    ("host", "store"),
    [
        (("zcee2", "192.0.2.1"), STORE),
        (("zcee1", "192.0.2.2"), STORE),
        ((), {**STORE, "path": "/srv/trust.p12"}),
        ((), {**STORE, "java_home": "/usr/lpp/java"}),
        ((), {**STORE, "requests": [{"alias": "a"}]}),
        ((), {**STORE, "password": None, "password_file": "/srv/password"}),
    ],
)
def test_nothing_is_known_of_another_one(tmp_path: Path, host: tuple[str, ...], store: Json) -> None:
    remember(tmp_path)
    assert "known_sha256" not in memory(tmp_path, *host).asked([store])[0]


def test_who_cannot_open_it_is_told_what_java_says(tmp_path: Path) -> None:
    """target_read looks whether the password opens it, of each store that is asked for."""
    remember(tmp_path)
    wrong, refused = {**STORE, "password": "two"}, {**UNREAD, "unchanged": False, "state": "store", "message": "No."}
    signs = {**STORE, "requests": [{"alias": "a"}]}
    for stores, answers in (
        ([STORE, wrong], [UNREAD, refused]),
        ([wrong, STORE], [refused, UNREAD]),
        ([STORE, signs], [UNREAD, {**UNREAD, "unchanged": False}]),
    ):
        task = memory(tmp_path)
        task.asked(stores)
        found = task.told(stores, answers)
        assert [bool(each["entries"]) for each in found] == [each is UNREAD for each in answers]


@pytest.mark.parametrize(
    "answer",
    [
        {**ANSWER, "state": "store", "message": "it cannot be opened"},
        {**ANSWER, "format": None},
        {**ANSWER, "entries": [{"alias": "a" * 4_000_000}]},
        UNREAD,
    ],
)
def test_what_was_not_read_or_is_too_much_is_not_remembered(tmp_path: Path, answer: Json) -> None:
    remember(tmp_path, answer=answer)
    assert list(tmp_path.iterdir()) == []


def test_without_a_directory_all_is_read_again(tmp_path: Path) -> None:
    remember(tmp_path / "gone")
    assert memory(tmp_path / "gone").asked([STORE]) == [STORE]


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o770])
def test_where_others_may_go_nothing_is_written_or_believed(tmp_path: Path, mode: int) -> None:
    remember(tmp_path)
    (tmp_path / FOLDER).chmod(mode)
    assert memory(tmp_path).asked([STORE]) == [STORE]
    (file,) = known(tmp_path)
    file.unlink()
    remember(tmp_path)
    assert known(tmp_path) == []


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / FOLDER).symlink_to("elsewhere")
    remember(tmp_path)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_what_is_old_is_read_again_and_goes(tmp_path: Path) -> None:
    remember(tmp_path)
    (file,) = known(tmp_path)
    other = tmp_path / FOLDER / "of a store that is gone"
    other.write_text("{}")
    for path, days in ((file, 89), (other, 91)):
        os.utime(path, (0, time.time() - days * DAY))
    assert "known_sha256" in memory(tmp_path).asked([STORE])[0]
    os.utime(file, (0, time.time() - 91 * DAY))
    remember(tmp_path)
    assert known(tmp_path) == [file]


@pytest.mark.parametrize(
    "text",
    [
        *(
            b"{",
            b"[1]",
            b"null",
            b'"ab"',
            b"1",
            b"{}",
            b'{"sha256": "ab"}',
            b'{"sha256": NaN}',
            b"\xff",
            b"[" * 100_000,
        ),
        json.dumps({"sha256": "ab", **LISTED, "entries": [], "more": 1}).encode(),
        json.dumps({"sha256": 1, **LISTED, "entries": []}).encode(),
        json.dumps({"sha256": "ab", **LISTED, "entries": {}}).encode(),
        json.dumps({"sha256": "ab", **LISTED, "entries": ["a"]}).encode(),
        json.dumps({"sha256": "ab", **LISTED, "java": None, "entries": []}).encode(),
    ],
)
def test_a_file_of_nobody_is_no_memory(tmp_path: Path, text: bytes) -> None:
    remember(tmp_path)
    (file,) = known(tmp_path)
    file.write_bytes(text)
    task = memory(tmp_path)
    assert task.asked([STORE]) == [STORE]
    assert task.told([STORE], [ANSWER]) == [ANSWER]
    assert memory(tmp_path).asked([STORE]) != [STORE], "it is written anew"


def test_another_version_of_the_collection_reads_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remember(tmp_path)
    monkeypatch.setattr(remembered, "VERSION", "0.9.0")
    remember(tmp_path)
    assert len(known(tmp_path)) == 2


def test_it_is_its_owner_s(tmp_path: Path) -> None:
    remember(tmp_path)
    (file,) = known(tmp_path)
    assert (file.stat().st_mode & 0o777, (tmp_path / FOLDER).stat().st_mode & 0o777) == (0o600, 0o700)
