# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stores hold is remembered for the next task: of the same bytes, host, and passwords only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils import remembered
from ansible_collections.zosconnect.security.plugins.plugin_utils.remembered import Memory

Json = dict[str, Any]

PATH = "/srv/keys.p12"
STORE: Json = {"path": PATH, "password": "one", "key_password": None, "java_home": None, "requests": []}
LISTED: Json = {"format": "PKCS12", "encryption": "modern", "keytool": "/bin/keytool", "unseen": False}
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
PASSWORD = "Marker-of-a-store"


def memory(folder: Path, host: str = "zcee1", password: str = PASSWORD) -> Memory:
    return Memory(str(folder), host, {"one": password})


def remember(folder: Path, store: Json = STORE, answer: Json = ANSWER) -> None:
    """Have a task read the store."""
    task = memory(folder)
    assert "known_sha256" not in task.asked([store])[0]
    assert task.told([store], [answer]) == [answer]


def test_the_next_task_asks_whether_it_has_changed(tmp_path: Path) -> None:
    remember(tmp_path)
    task = memory(tmp_path)
    assert task.asked([STORE]) == [{**STORE, "known_sha256": "ab"}]
    assert task.told([STORE], [UNREAD]) == [{**ANSWER, "mode": "0640", "unchanged": True}], "how it looks is seen anew"
    assert "known_sha256" not in STORE


def test_one_that_has_changed_is_remembered_as_it_is_now(tmp_path: Path) -> None:
    remember(tmp_path)
    task, now = memory(tmp_path), {**ANSWER, "sha256": "cd", "entries": []}
    task.asked([STORE])
    assert task.told([STORE], [now]) == [now]
    assert memory(tmp_path).asked([STORE])[0]["known_sha256"] == "cd"


@pytest.mark.parametrize(
    ("other", "store"),
    [
        ({"host": "zcee2"}, STORE),
        ({"password": "another"}, STORE),
        ({}, {**STORE, "path": "/srv/trust.p12"}),
        ({}, {**STORE, "java_home": "/usr/lpp/java"}),
        ({}, {**STORE, "key_password": "one"}),
        ({}, {**STORE, "requests": [{"alias": "a"}]}),
    ],
)
def test_nothing_is_known_of_another_one(tmp_path: Path, other: Json, store: Json) -> None:
    remember(tmp_path)
    assert "known_sha256" not in memory(tmp_path, **other).asked([store])[0]


def test_a_wrong_password_beside_the_right_one_opens_nothing(tmp_path: Path) -> None:
    remember(tmp_path)
    wrong = {**STORE, "password": "two"}
    for stores in ([STORE, wrong], [wrong, STORE], [STORE, {**STORE, "requests": [{"alias": "a"}]}]):
        task = Memory(str(tmp_path), "zcee1", {"one": PASSWORD, "two": "wrong"})
        told = task.asked(stores)
        assert [each for each in told if "known_sha256" in each] == [{**STORE, "known_sha256": "ab"}]
        found = task.told(stores, [UNREAD, UNREAD])
        assert [bool(each["entries"]) for each in found] == [each == STORE for each in stores]


def test_another_ansible_playbook_knows_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remember(tmp_path)
    monkeypatch.setattr(remembered, "_KEY", bytes(32))
    assert memory(tmp_path).asked([STORE]) == [STORE]


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


def test_a_file_of_nobody_is_no_memory(tmp_path: Path) -> None:
    remember(tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_text("{")
    assert memory(tmp_path).asked([STORE]) == [STORE]


def test_the_file_is_its_owner_s_and_tells_nothing_of_the_password(tmp_path: Path) -> None:
    remember(tmp_path)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in file.name + file.read_text()
