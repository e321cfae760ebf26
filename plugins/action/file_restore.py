# Copyright: (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Face of file_restore: the content of both files stays on the target, only checksums come here."""

from __future__ import annotations

from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.face import Face, Found, can_place, found


class ActionModule(Face):
    """Put a backup back in place of a file."""

    # Paths are of type str here: the hand expands ~ on the target, not the controller its own.
    ARGUMENTS = {
        "path": {"type": "str", "required": True},
        "backup_file": {"type": "str", "required": True},
        "backup_checksum": {"type": "str", "required": True},
        "checksum": {"type": "str"},
        "backup": {"type": "bool", "default": False},
    }

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        saved = {"path": options["backup_file"], "backup_of": options["path"], "checksum": options["backup_checksum"]}
        asked = [{"path": options["path"], "content": False}, {**saved, "content": False}]
        file, backup = (found(item) for item in self.hand("target_read", {"files": asked})["files"])
        if backup.sha256 is None:
            raise SecurityError(f"{backup.path}: does not exist, so {file.path} cannot be restored from it.")
        result: dict[str, Any] = {
            "changed": file.sha256 != backup.sha256,
            "path": file.real_path,
            "checksum_before": file.sha256,
            "checksum_after": backup.sha256,
        }
        if result["changed"]:
            _still(file, options["checksum"])
            can_place(file, options)
            if not self._task.check_mode:
                result.update(self._place(file, options))
        return result

    def _place(self, file: Found, options: dict[str, Any]) -> dict[str, Any]:
        restore = {"path": options["backup_file"], "checksum": options["backup_checksum"]}
        arguments = {**file.place(), "restore": restore, "expected": file.sha256 or "", "backup": options["backup"]}
        placed = self.hand("target_place", arguments)
        return {key: placed[key] for key in ("backup_file",) if key in placed}


def _still(file: Found, checksum: str | None) -> None:
    if checksum and file.sha256 != checksum:
        raise SecurityError(
            f"{file.path}: is not what it was after the change that shall be undone (its checksum is "
            f"{file.sha256 or 'none'}, not {checksum}), so somebody has changed it since. Restore it by hand, or "
            "leave out checksum."
        )
