# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""file_restore: a backup goes back in its place, whole or not at all, and only where nobody has changed the file since."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from plays import play

pytestmark = [pytest.mark.ansible, pytest.mark.chosen]

OLD, NEW = "Marker-old\n", "Marker-new\n"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


BETWEEN = sha256("between\n")


def restore(folder: Path, *, source: str = "file.1~", **options: object) -> dict[str, Any]:
    return {
        "zosconnect.security.file_restore": {
            "path": str(folder / "file"),
            "backup_file": str(folder / source),
            "backup_checksum": sha256(OLD),
            **options,
        }
    }


def case(folder: Path, name: str) -> Path:
    """A folder with a file and its backup."""
    (folder / name).mkdir()
    (folder / name / "file").write_text(NEW)
    (folder / name / "file").chmod(0o640)
    (folder / name / "file.1~").write_text(OLD)
    return folder / name


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All cases in one play: name, folder and result of each."""
    folder = tmp_path_factory.mktemp("restore")
    names = ("check", "plain", "again", "checksum", "other", "kept", "no_backup", "directory", "gone", "no_place")
    hostile = ("half", "link", "foreign", "half_checked")
    folders = {name: case(folder, name) for name in (*names, *hostile)}
    (folders["again"] / "file").write_text(OLD)
    (folders["directory"] / "file").unlink()
    (folders["directory"] / "file").mkdir()
    (folders["gone"] / "file").unlink()
    tasks = [
        {**restore(folders["check"], checksum=sha256(NEW)), "check_mode": True},
        restore(folders["plain"]),
        restore(folders["again"], checksum="of somebody else"),
        restore(folders["checksum"], checksum=sha256(NEW)),
        restore(folders["other"], checksum=BETWEEN),
        restore(folders["kept"], backup=True),
        restore(folders["no_backup"], source="nowhere~"),
        restore(folders["directory"]),
        restore(folders["gone"]),
        restore(folder / "missing", source=f"{folder}/plain/file.1~"),
        restore(folders["half"]),
        restore(folders["link"]),
        restore(folders["foreign"]),
        {**restore(folders["half_checked"]), "check_mode": True},
    ]
    for name in ("half", "half_checked"):
        (folders[name] / "file.1~").write_text(OLD[:5])
    (folders["link"] / "file.1~").rename(folders["link"] / "elsewhere")
    (folders["link"] / "file.1~").symlink_to("elsewhere")
    if os.geteuid() == 0:
        os.chown(folders["foreign"] / "file.1~", 54321, 54321)
    done = play(folder, tasks)
    assert "Marker-" not in done.output, "the content of the files stays on the target"
    return {name: (folders[name], result) for name, result in zip((*names, *hostile), done.results, strict=True)}


@pytest.mark.parametrize("name", ["plain", "checksum", "kept", "gone"])
def test_the_backup_is_back(played: dict[str, Any], name: str) -> None:
    folder, result = played[name]
    assert (folder / "file").read_text() == OLD
    assert (result["changed"], result["checksum_after"]) == (True, sha256(OLD))
    assert result["checksum_before"] == (None if name == "gone" else sha256(NEW))
    assert (folder / "file.1~").read_text() == OLD, "it can be restored again"


def test_the_file_keeps_its_mode(played: dict[str, Any]) -> None:
    folder, _ = played["plain"]
    assert (folder / "file").stat().st_mode & 0o777 == 0o640


def test_what_is_replaced_can_be_kept(played: dict[str, Any]) -> None:
    _, result = played["kept"]
    assert Path(result["backup_file"]).read_text() == NEW
    assert "backup_file" not in played["plain"][1]


def test_check_mode_says_it_and_does_nothing(played: dict[str, Any]) -> None:
    folder, result = played["check"]
    _, done = played["checksum"]
    keys = ("changed", "checksum_before", "checksum_after")
    assert [result[key] for key in keys] == [done[key] for key in keys]
    assert (folder / "file").read_text() == NEW


def test_a_file_that_is_as_the_backup_is_left_alone(played: dict[str, Any]) -> None:
    assert played["again"][1]["changed"] is False


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("other", "Restore it by hand, or leave out checksum."),
        ("no_backup", "{0}/nowhere~: does not exist, so {0}/file cannot be restored from it."),
        ("directory", "{}/file: is a directory"),
        (
            "half",
            f"{{0}}/file.1~: is not what was saved: its checksum is {sha256(OLD[:5])}, not {sha256(OLD)}; nothing was changed. Find the file that the run has saved.",
        ),
        ("half_checked", "{0}/file.1~: is not what was saved: its checksum is "),
        ("link", "{0}/file.1~: is a symbolic link, and a backup is none; nothing was changed. Find the file that"),
        (
            "foreign",
            "{0}/file.1~: belongs to user 54321, and the file that it replaces to user root; nothing was changed.",
        ),
    ],
)
def test_what_is_refused(played: dict[str, Any], name: str, said: str) -> None:
    folder, result = played[name]
    assert result["failed"]
    assert said.format(folder) in result["msg"]
    if name != "directory":
        assert (folder / "file").read_text() == NEW


def test_somebody_else_s_change_is_told_by_its_checksum(played: dict[str, Any]) -> None:
    folder, result = played["other"]
    assert result["msg"] == (
        f"{folder}/file: is not what it was after the change that shall be undone (its checksum is {sha256(NEW)}, not "
        f"{BETWEEN}), so somebody has changed it since. Restore it by hand, or leave out checksum."
    )


def test_no_directory_to_put_it_in(played: dict[str, Any]) -> None:
    _, result = played["no_place"]
    assert "missing does not exist; create it first." in result["msg"]
