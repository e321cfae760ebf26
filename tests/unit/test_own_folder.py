# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run keeps on the controller is believed only where nobody else can have put it."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils.own_folder import SECONDS, OwnFolder


@pytest.fixture
def folder(tmp_path: Path) -> OwnFolder:
    made = OwnFolder(str(tmp_path / "kept"))
    made.write("a", b"ours")
    return made


def test_what_is_kept_is_read_whole_and_is_private(folder: OwnFolder) -> None:
    assert folder.read("a") == b"ours"
    folder.write("a", b"newer")
    assert folder.read("a") == b"newer"
    kept = Path(folder.path)
    assert (kept.stat().st_mode & 0o777, [(each.name, each.stat().st_mode & 0o777) for each in kept.iterdir()]) == (
        0o700,
        [("a", 0o600)],
    )


@pytest.mark.parametrize("mode", [0o701, 0o710, 0o770, 0o777])
def test_where_others_may_enter_nothing_is_read_or_written(folder: OwnFolder, mode: int) -> None:
    Path(folder.path).chmod(mode)
    folder.write("b", b"ours")
    assert (folder.read("a"), sorted(os.listdir(folder.path))) == (None, ["a"])


def test_nor_in_a_link_or_a_file_or_where_nothing_can_be_made(folder: OwnFolder, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder.path)
    (tmp_path / "file").write_bytes(b"")
    for name in ("link", "file", "none/kept"):
        OwnFolder(str(tmp_path / name)).write("b", b"ours")
        assert OwnFolder(str(tmp_path / name)).read("a") is None
    assert os.listdir(folder.path) == ["a"]
    Path(folder.path, "b").symlink_to("a")
    assert folder.read("b") is None


def test_what_is_old_is_forgotten(folder: OwnFolder) -> None:
    folder.write("b", b"ours")
    os.utime(Path(folder.path, "a"), (0, time.time() - SECONDS - 1))
    assert folder.read("a") is None
    folder.forget()
    assert os.listdir(folder.path) == ["b"]


def test_another_directory_in_its_place_is_never_believed(folder: OwnFolder, tmp_path: Path) -> None:
    """Whoever owns the directory around it swaps his own in while it is read; he is not this user, so all may enter it."""
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=0o777)
    theirs.chmod(0o777)
    (theirs / "a").write_bytes(b"theirs")
    over = threading.Event()

    def swap() -> None:
        while not over.is_set():
            for one, other in (("kept", "away"), ("theirs", "kept"), ("kept", "theirs"), ("away", "kept")):
                (tmp_path / one).rename(tmp_path / other)

    attacker = threading.Thread(target=swap)
    attacker.start()
    try:
        # Until the attack was seen to fail and the rest to work: which thread runs is not ours to say.
        seen, end = {folder.read("a") for _try in range(3000)}, time.monotonic() + 60
        while len(seen) < 2 and time.monotonic() < end:
            seen.add(folder.read("a"))
    finally:
        over.set()
        attacker.join()
    assert seen == {b"ours", None}
