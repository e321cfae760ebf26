# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action file_restore: the content of files stays on the target, only checksums come here."""

from __future__ import annotations

from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_members import Members
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import found
from ansible_collections.zosconnect.security.plugins.plugin_utils.restoring import Pair, Saved


class ActionModule(SecurityAction):
    """Put a backup back in place of a file."""

    # Paths are of type str here: the target module expands ~ there, not the controller its own.
    ARGUMENTS = {
        "path": {"type": "str", "required": True},
        "backup_file": {"type": "str", "required": True},
        "backup_checksum": {"type": "str", "required": True},
        "checksum": {"type": "str"},
        "backup": {"type": "bool", "default": False},
    }

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        names = ("path", "backup_file", "backup_checksum", "checksum")
        saved = Saved(*(options[name] for name in names))
        if saved.is_member:
            return self._member(saved, backup=options["backup"])
        pair = Pair(saved, *map(found, self.run_on_target("target_read", {"files": saved.questions()})["files"]))
        pair.check("checksum")
        result = {"changed": pair.differs, **pair.shown()}
        if pair.differs and not self._task.check_mode:
            placed = self.run_on_target("target_place", {**pair.placing(), "backup": options["backup"]})
            result.update({key: placed[key] for key in ("backup_file",) if key in placed})
        return result

    def _member(self, saved: Saved, *, backup: bool) -> dict[str, Any]:
        """Put a member back. Its text comes here, because zos_copy cannot compare."""
        member, source = saved.members()
        with Members(self) as there:
            pair = Pair(saved, there.read(member), there.read(source))
            pair.check("checksum")
            result = {"changed": pair.differs, **pair.shown()}
            if pair.differs and not self._task.check_mode:
                change = pair.change()
                kept = there.place(member, change.old, change.new, backup=backup).backup_file
                result.update({"backup_file": kept} if kept else {})
        warnings = [*result.get("warnings", ()), *there.warnings]
        return {**result, **({"warnings": warnings} if warnings else {})}
