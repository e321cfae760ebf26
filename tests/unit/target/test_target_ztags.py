# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The z/OS file tag is read and kept, with a stand-in for chtag."""

from __future__ import annotations

import fcntl
import json
import os
import struct
import sys
from pathlib import Path

import pytest
from target_world import NEW, OLD, order

from ansible_collections.zosconnect.security.plugins.module_utils import placing, reading, ztags

TAGS = {
    "t IBM-1047 T=on": ["t", "IBM-1047"],
    "m ISO8859-1 T=off": ["m", "ISO8859-1"],
    "b binary T=off": ["b", "binary"],
    "- untagged T=off": None,
}


@pytest.fixture
def zos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that says it is z/OS, with the stand-in first on its path; returns the file that keeps the tags."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "chtag"
    program.write_text(f"#!{sys.executable}\n{(Path(__file__).parent / 'fake_chtag.py').read_text()}")
    program.chmod(0o755)
    tags = tmp_path / "tags.json"
    tags.write_text("{}")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_TAGS", str(tags))
    monkeypatch.setattr(ztags, "on_zos", lambda: True)
    return tags


@pytest.fixture
def conversions(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, bytes]]:
    """The calls of fcntl that only z/OS knows."""
    calls: list[tuple[int, bytes]] = []
    monkeypatch.setattr(fcntl, "fcntl", lambda _fd, command, argument: calls.append((command, argument)))
    return calls


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "files" / "server.xml"
    file.parent.mkdir()
    file.write_bytes(OLD)
    return file


@pytest.mark.parametrize(("tag", "kept"), TAGS.items(), ids=["text", "mixed", "binary", "untagged"])
def test_the_tag_is_kept(zos: Path, conversions: list[object], path: Path, tag: str, kept: list[str] | None) -> None:
    if kept:
        zos.write_text(json.dumps({str(path.stat().st_ino): kept}))
    assert reading.describe(str(path))["tag"] == tag
    before = path.stat().st_ino
    placing.place(order(path))
    assert path.read_bytes() == NEW
    assert path.stat().st_ino != before
    assert reading.describe(str(path))["tag"] == tag
    assert conversions
    assert set(conversions) == {(13, struct.pack("ihh", 0, 0, 0))}, "every read and write is of the bytes as they are"


def test_in_place_the_bytes_are_not_converted_either(
    zos: Path, conversions: list[object], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_old: str, _new: str, **_where: int) -> None:
        conversions.clear()
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(os, "rename", busy)
    placing.place(order(path, unsafe_writes=True))
    assert len(conversions) == 1


def test_a_tag_that_cannot_be_read(zos: Path, conversions: list[object], path: Path) -> None:
    zos.write_text("")
    found = reading.describe(str(path))
    assert found["state"] == "error"
    assert found["message"] == f"{path}: its file tag cannot be read: chtag ended with return code 1."


def test_a_tag_that_cannot_be_kept(zos: Path, conversions: list[object], path: Path) -> None:
    wanted = order(path)
    zos.write_text("")
    with pytest.raises(
        placing.PlaceError, match=r"owner, mode and attributes cannot be kept as user .*: chtag ended with"
    ):
        placing.place(wanted)
    assert path.read_bytes() == OLD


def test_a_system_without_chtag(
    zos: Path, conversions: list[object], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert reading.describe(str(path))["message"] == f"{path}: its file tag cannot be read: No such file or directory."


def test_elsewhere_there_are_no_tags(path: Path) -> None:
    assert not ztags.on_zos()
    assert ztags.read(str(path)) is None
    ztags.write(str(path), "t IBM-1047 T=on")
