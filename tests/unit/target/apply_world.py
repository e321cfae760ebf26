# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of target_apply share: orders, and a run without a process of its own."""

from __future__ import annotations

import base64
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from target_world import NEW, OLD

from ansible_collections.zosconnect.security.plugins.module_utils import (
    applying,
    detached,
    journal,
    placing,
    reading,
    recovering,
)

Json = dict[str, Any]
__all__ = ["NEW", "OLD", "applied", "change", "content", "order", "recovered", "server", "told"]


def server(base: Path, *names: str) -> Path:
    """Make a server's directory with these files, all of them old."""
    directory = base / "server"
    directory.mkdir()
    for name in names:
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(OLD)
    return directory


def change(path: Path, data: bytes | None = NEW, **more: Any) -> Json:
    """What an order says of one file; with None for ``data`` only its look is asked for."""
    expected = reading.sha256(path.read_bytes()) if path.exists() else ""
    content = {} if data is None else {"content": base64.b64encode(data).decode()}
    return {"path": str(path), "real_path": str(path), "expected": expected, **content, "backup": True, **more}


def order(directory: Path, *files: Json, **more: Any) -> Json:
    """An order of target_apply."""
    return {"version": 1, "journal_dir": str(directory), "files": list(files), **more}


def module(scratch: Path | None = None) -> Any:
    """What of an AnsibleModule is needed."""
    return SimpleNamespace(tmpdir=None if scratch is None else str(scratch))


def applied(given: Json, *, taken: bool = True, scratch: Path | None = None) -> Json:
    """Carry out an order in this process; unless the answer is ``taken``, the journal stays."""
    with applying.apply(given, module(scratch)) as done:
        return told(done, taken=taken)


def recovered(*directories: Path, taken: bool = True, **more: Any) -> Json:
    """Let the next run finish or undo what lies in these directories."""
    given = {"version": 1, "recover": [str(each) for each in directories], **more}
    with recovering.recover(given, module()) as done:
        return told(done, taken=taken)


def told(done: detached.Done, *, taken: bool) -> Json:
    if taken:
        done.finish()
    return done.answer


def content(directory: Path) -> dict[str, bytes]:
    """All files of a directory, but for backups and temporary files."""
    paths = [path for path in directory.rglob("*") if path.is_file() and not path.name.endswith(("~", placing.SUFFIX))]
    return {str(path.relative_to(directory)): path.read_bytes() for path in paths}


def left(directory: Path) -> Json:
    """What target_read says of a journal."""
    return journal.found(str(directory))
