# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action adopted_file: it needs no target, and never writes over what somebody else has written."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

_NEW_MODE = 0o640
_FOLDER_MODE = 0o750


class ActionModule(SecurityAction):
    """Write one file of variables on the controller."""

    ARGUMENTS = {
        "path": {"type": "str", "required": True},
        "content": {"type": "str", "required": True},
        "replace": {"type": "bool", "default": False},
    }
    _requires_connection = False

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        path = Path(os.path.realpath(Path(options["path"]).expanduser()))
        data = options["content"].encode()
        try:
            return self._write(path, data, replace=options["replace"])
        except OSError as e:
            raise SecurityError(f"{path}: cannot be written on the controller: {e.strerror}.") from e

    def _write(self, path: Path, data: bytes, *, replace: bool) -> dict[str, Any]:
        before = path.read_bytes() if path.exists() else None
        if before is not None and before != data and not replace:
            raise _taken(path)
        result: dict[str, Any] = {"changed": before != data, "path": str(path)}
        if not result["changed"]:
            return result
        if self._task.diff:
            shown = {"before": (before or b"").decode(errors="replace"), "after": data.decode()}
            result["diff"] = [{**shown, "before_header": str(path), "after_header": str(path)}]
        if not self._task.check_mode:
            path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            result |= _place(path, data, is_new=before is None)
        return result


def _place(path: Path, data: bytes, *, is_new: bool) -> dict[str, Any]:
    """Put the file in place at once; what was there stays beside it, under a name that Ansible does not load."""
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", suffix="~", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), _NEW_MODE if is_new else path.stat().st_mode & 0o777)
            os.fsync(file.fileno())
        if is_new:
            try:
                os.link(beside, path)
            except FileExistsError:  # another host of this very task
                raise _taken(path) from None
            return {}
        backup = f"{path}.{datetime.now(UTC):%Y%m%dT%H%M%S%f}~"
        os.link(path, backup)
        Path(beside).replace(path)
        return {"backup_file": backup}
    finally:
        Path(beside).unlink(missing_ok=True)


def _taken(path: Path) -> SecurityError:
    return SecurityError(
        f"{path}: is there on the controller with other content, perhaps with your own changes, so nothing was "
        "written. Give another path, one for each host, or set zosconnect_adopted_replace to true, which keeps a copy "
        "of it."
    )
