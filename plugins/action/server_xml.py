# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action server_xml: read the file, plan, place what changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import operator_commands, redact, telling
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import (
    FILE_OPTIONS,
    Found,
    can_place,
    found,
    given_file_options,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import desired, passwords
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.aes import Keys
from ansible_collections.zosconnect.security.plugins.plugin_utils.libraries import ahead
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import server as servers
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import untold
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.file_change import (
    NEW_MODE,
    FileChange,
    How,
    change,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server

ahead("lxml.etree")


class ActionModule(SecurityAction):
    """Change elements of one Liberty configuration file."""

    # Paths are of type str here: the target module expands ~ there, not the controller its own.
    ARGUMENTS = {
        "path": {"type": "str", "required": True},
        "elements": {"type": "list", "elements": "raw", "required": True},
        "state": {"type": "str", "choices": list(desired.STATES), "default": "merged"},
        "create": {"type": "bool", "default": False},
        "backup": {"type": "bool", "default": False},
        "validate": {"type": "str"},
        "encoding": {"type": "str"},
        "password_encoding": {"type": "str", "choices": list(passwords.ENCODINGS), "default": passwords.XOR},
        "password_key": {"type": "str", "no_log": True},
        "password_base64_key": {"type": "str", "no_log": True},
        "allow_unknown": {"type": "bool", "default": False},
        "server_dir": {"type": "str"},
        "named_by_server": {"type": "bool", "default": False},
        "on_shadowed": {"type": "str", "choices": ["error", "warn"], "default": "error"},
        **FILE_OPTIONS,
    }
    RULES = {"required_if": [["named_by_server", True, ["server_dir"]]]}

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        reading = desired.Options(options["state"], options["allow_unknown"])
        wanted = desired.check(options["elements"], reading)
        file, server = self._read(options)
        how = How(
            **{name: options[name] for name in ("create", "encoding", "password_encoding", "on_shadowed", "mode")},
            keys=Keys(options["password_key"], options["password_base64_key"]),
            allow_unknown=reading.allow_unknown,
        )
        planned = change(file, server, wanted, how)
        result: dict[str, Any] = {
            "changed": planned.writes or file.attributes_differ,
            "path": file.real_path,
            "changes": planned.changes,
            "checksum_before": file.sha256,
            "checksum_after": planned.checksum_after(),
            "invocation": {"module_args": redact.structure(options, planned.planned.secret_variables)},
            **({"warnings": list(planned.warnings)} if planned.warnings else {}),
        }
        if planned.writes:
            self._write(planned, options, result, server)
        elif file.attributes_differ:
            self.change_look(file, options)
        return result

    def _read(self, options: dict[str, Any]) -> tuple[Found, Server | None]:
        """Read the file, and with ``server_dir`` in the same call what else makes up the server's configuration."""
        if not options["server_dir"]:
            return self.read(options["path"], options), None
        server = servers.from_options({"server_dir": options["server_dir"]})
        named_in = options["server_dir"] if options["named_by_server"] else None
        own = {"path": options["path"], "attributes": given_file_options(options), "server_dir": named_in}
        files: list[Found] = []

        def ask(question: dict[str, Any]) -> dict[str, Any]:
            answer = self.run_on_target("target_read", {**question, "files": [own, *question["files"]]})
            files.append(replace(found(answer["files"][0]), named_in=named_in))
            return answer

        servers.gather(server, ask)
        return files[-1], server

    def _write(
        self, planned: FileChange, options: dict[str, Any], result: dict[str, Any], server: Server | None
    ) -> None:
        can_place(planned.file, options)
        if self._task.diff:
            result["diff"] = [planned.shown()]
        if not self._task.check_mode:
            judged = server.judged(planned.file.path) if server else []
            kinds = {planned.file.path: operator_commands.CONFIGURATION}
            note = untold.order(server, telling.OPERATOR, kinds) if server else None
            placed = self.place(planned.file, planned.data, options, new_mode=NEW_MODE, judged=judged, pending=note)
            result.update({key: placed[key] for key in ("backup_file",) if key in placed})
            if placed.get("pending"):
                result["warnings"] = [*result.get("warnings", ()), placed["pending"]]
