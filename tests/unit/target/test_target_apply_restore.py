# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""target_apply puts backups back: their content stays on the target, and all of them come back or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from apply_world import NEW, OLD, applied, change, order, server

from ansible_collections.zosconnect.security.plugins.module_utils import reading


def restored(path: Path, saved: bytes = OLD, **more: Any) -> dict[str, Any]:
    backup = path.with_name(f"{path.name}~")
    backup.write_bytes(saved)
    restore = {"path": str(backup), "checksum": reading.sha256(OLD)}
    return {**change(path, None), "restore": restore, **more}


def test_all_come_back(tmp_path: Path) -> None:
    directory = server(tmp_path, "key.p12", "server.xml")
    for path in directory.iterdir():
        path.write_bytes(NEW)
    answer = applied(order(directory, restored(directory / "server.xml"), restored(directory / "key.p12")))
    assert (answer["outcome"], (directory / "server.xml").read_bytes(), (directory / "key.p12").read_bytes()) == (
        "applied",
        OLD,
        OLD,
    )
    for item in answer["files"]:
        assert Path(item["backup_file"]).read_bytes() == NEW
        assert item["checksum_after"] == reading.sha256(OLD)


def test_none_comes_back_where_one_backup_is_another(tmp_path: Path) -> None:
    directory = server(tmp_path, "key.p12", "server.xml")
    for path in directory.iterdir():
        path.write_bytes(NEW)
    answer = applied(order(directory, restored(directory / "server.xml"), restored(directory / "key.p12", b"other")))
    assert (answer["outcome"], answer["problem"]["kind"]) == ("refused", "file")
    assert "is not what was saved" in answer["message"]
    assert (directory / "server.xml").read_bytes() == NEW
