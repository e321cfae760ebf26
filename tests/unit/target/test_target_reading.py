# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""target_read: what one file is, and what hinders reading it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from target_world import NOBODY, OLD, child, world_can_enter

from ansible_collections.zosconnect.security.plugins.module_utils import reading
from ansible_collections.zosconnect.security.plugins.modules import target_read

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "server.xml"
    file.write_bytes(OLD)
    file.chmod(0o640)
    return file


def test_a_file(path: Path) -> None:
    found = reading.describe(str(path))
    assert found["state"] == "file"
    assert found["data"] == OLD
    assert found["sha256"] == hashlib.sha256(OLD).hexdigest()
    assert (found["size"], found["mode"], found["tag"]) == (len(OLD), "0640", None)
    assert found["owner"] == reading.user_name(os.geteuid())
    assert found["group"] == reading.group_name(path.stat().st_gid)
    assert (found["directory"], found["directory_exists"], found["directory_writable"]) == (
        str(path.parent),
        True,
        True,
    )


def test_a_link_is_followed(path: Path) -> None:
    (path.parent / "link").symlink_to("server.xml")
    found = reading.describe(str(path.parent / "link"))
    assert (found["state"], found["real_path"]) == ("file", str(path))


def test_a_link_to_nothing_names_what_would_be_made(path: Path) -> None:
    (path.parent / "link").symlink_to("new.xml")
    found = reading.describe(str(path.parent / "link"))
    assert (found["state"], found["real_path"]) == ("absent", str(path.parent / "new.xml"))


def test_nothing(tmp_path: Path) -> None:
    found = reading.describe(str(tmp_path / "gone" / "server.xml"))
    assert (found["state"], found["directory_exists"], found["directory_writable"]) == ("absent", False, False)


@pytest.mark.parametrize(
    ("make", "state", "sentence"),
    [
        (lambda p: p.mkdir(), "directory", "{p}: is a directory; name the file."),
        (os.mkfifo, "special", "{p}: is not a regular file."),
        (lambda p: p.symlink_to(p.name), "loop", "{p}: symbolic links lead in a circle; name the real file."),
    ],
    ids=["directory", "fifo", "loop"],
)
def test_what_is_no_file(tmp_path: Path, make: Any, state: str, sentence: str) -> None:
    path = tmp_path / "server.xml"
    make(path)
    found = reading.describe(str(path))
    assert (found["state"], found["message"]) == (state, sentence.format(p=path))
    assert "data" not in found


def test_a_file_for_a_directory(path: Path) -> None:
    found = reading.describe(f"{path}/server.xml")
    assert found["message"] == f"{path}/server.xml: a part of this path is a file, not a directory."


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    name = str(tmp_path / ("x" * 300))
    assert reading.describe(name)["message"] == f"{name}: cannot be read: File name too long."


@needs_root
def test_a_file_that_is_not_ours(path: Path) -> None:
    world_can_enter(path.parent)
    path.chmod(0o600)
    found = child(lambda: reading.describe(str(path)).items() >= {
        "state": "unreadable",
        "message": f"{path}: cannot be read by user nobody: Permission denied; use become or grant read access.",
        "directory_writable": False,
        "user": "nobody",
    }.items(), uid=NOBODY)  # fmt: skip
    assert found == (0, "True")


def test_a_file_that_keeps_changing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fstat

    def fstat(fd: int) -> os.stat_result:
        with path.open("ab") as stream:
            stream.write(b"x")
        return real(fd)

    monkeypatch.setattr(os, "fstat", fstat)
    found = reading.describe(str(path))
    assert found["state"] == "changing"
    assert found["message"] == f"{path}: keeps changing while it is read; wait until its writer has finished."


def test_a_file_that_changes_once_is_read_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = os.fstat, []

    def fstat(fd: int) -> os.stat_result:
        calls.append(fd)
        if len(calls) == 2:
            path.write_bytes(b"changed")
        return real(fd)

    monkeypatch.setattr(os, "fstat", fstat)
    assert reading.read_bytes(str(path))[0] == b"changed"


def test_numbers_without_a_name() -> None:
    assert reading.user_name(54321) == "54321"
    assert reading.group_name(54321) == "54321"


def test_many_large_files_in_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target_read, "LEFT", [5])
    assert target_read.brought("/s/a", b"abc") == {"content": "YWJj"}
    assert target_read.brought("/s/b", b"ab") == {"content": "YWI="}
    assert target_read.brought("/s/c", b"a") == {
        "state": "large",
        "message": "/s/c: is not read, because more than 67108864 bytes have been read with it; take files away.",
    }


@pytest.mark.parametrize("name", ["a\0.xml", "\ud800.xml"])
def test_a_name_that_no_file_can_have(tmp_path: Path, name: str) -> None:
    """A server's properties may write any character as a number, and its configuration may include that."""
    found = reading.describe(f"{tmp_path}/{name}")
    assert (found["state"], found["message"]) == ("error", f"{tmp_path}/{name}: cannot be read: Invalid argument.")
    found = reading.describe_folder(f"{tmp_path}/{name}", suffixes=("",), depth=0)
    assert (found["state"], found["message"]) == ("error", f"{tmp_path}/{name}: cannot be read: Invalid argument.")
    assert reading.namers(str(tmp_path), (f"{tmp_path}/{name}",)) == reading.namers(str(tmp_path))
