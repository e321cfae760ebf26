# Copyright: (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Face of server_xml: read the file, plan with the brain, place what changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils.reading import sha256
from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages, diff, modes, redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.face import (
    FILE_OPTIONS,
    Face,
    Found,
    can_place,
    found,
    given_file_options,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import keys, passwords, wishes
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import Document, read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.passwords import NO_KEYS, Keys, Writing
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.plan import Plan, plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.wishes import Wish
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import server as servers
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import shadows
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source

_EMPTY = '<?xml version="1.0" encoding="{}"?>\n<server>\n</server>\n'
# A configuration may hold passwords: a new one is not for everybody.
_NEW_MODE = "0640"
_NO_OWN_KEY = (
    "The server has no key of its own for {aes}, so passwords are written with the built-in one, which everybody "
    "knows; define the variable wlp.password.encryption.key in an included file that few may read."
)


class ActionModule(Face):
    """Change elements of one Liberty configuration file."""

    # Paths are of type str here: the hand expands ~ on the target, not the controller its own.
    ARGUMENTS = {
        "path": {"type": "str", "required": True},
        "elements": {"type": "list", "elements": "raw", "required": True},
        "state": {"type": "str", "choices": list(wishes.STATES), "default": "merged"},
        "create": {"type": "bool", "default": False},
        "backup": {"type": "bool", "default": False},
        "validate": {"type": "str"},
        "encoding": {"type": "str"},
        "password_encoding": {"type": "str", "choices": list(passwords.ENCODINGS), "default": passwords.XOR},
        "password_key": {"type": "str", "no_log": True},
        "password_base64_key": {"type": "str", "no_log": True},
        "allow_unknown": {"type": "bool", "default": False},
        "server_dir": {"type": "path"},
        "named_by_server": {"type": "bool", "default": False},
        "on_shadowed": {"type": "str", "choices": ["error", "warn"], "default": "error"},
        **FILE_OPTIONS,
    }
    RULES = {"required_if": [["named_by_server", True, ["server_dir"]]]}

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        manner = wishes.Manner(options["state"], options["allow_unknown"])
        wished = wishes.check(options["elements"], manner)
        file, server = self._read(options)
        elsewhere = server.ids() if server else {}
        source = _source(file, options)
        writing = _writing(source, wished, options, server)
        planned = plan(
            source,
            wished,
            allow_unknown=manner.allow_unknown,
            elsewhere=elsewhere,
            writing=writing,
            secret_variables=server.effective().secret_variables if server else frozenset(),
        )
        shadowed = shadows.judge(server, file.path, planned.result.data, wished, writing.keys) if server else []
        if shadowed and options["on_shadowed"] == "error":
            raise SecurityError(" ".join(shadowed) + " Nothing was changed.")
        _not_for_everybody(file, planned, options)
        writes = planned.changed or file.data is None
        result: dict[str, Any] = {
            "changed": writes or file.attributes_differ,
            "path": file.real_path,
            "changes": [asdict(change) for change in planned.changes],
            "checksum_before": file.sha256,
            "checksum_after": file.sha256,
            "invocation": {"module_args": redact.structure(options, planned.secret_variables)},
        }
        warnings = [*shadowed, *_open_to_all(planned, writing), *(file.tie() if writes else [])]
        if warnings:
            result["warnings"] = warnings
        if writes:
            self._write(file, planned, options, result, server)
        elif file.attributes_differ:
            self.change_look(file, options)
        return result

    def _read(self, options: dict[str, Any]) -> tuple[Found, Server | None]:
        """Read the file, and with ``server_dir`` in the same call what else makes up the server's configuration."""
        if not options["server_dir"]:
            return self.read(options["path"], options), None
        server = servers.of({"server_dir": options["server_dir"]})
        named_in = options["server_dir"] if options["named_by_server"] else None
        own = {"path": options["path"], "attributes": given_file_options(options), "server_dir": named_in}
        files: list[Found] = []

        def ask(question: dict[str, Any]) -> dict[str, Any]:
            answer = self.hand("target_read", {**question, "files": [own, *question["files"]]})
            files.append(replace(found(answer["files"][0]), named_in=named_in))
            return answer

        servers.gather(server, ask)
        return files[-1], server

    def _write(
        self, file: Found, planned: Plan, options: dict[str, Any], result: dict[str, Any], server: Server | None
    ) -> None:
        can_place(file, options)
        data = planned.result.data
        result["checksum_after"] = sha256(data)
        if self._task.diff:
            shown = (file.path, planned.source, planned.result, planned.splices, planned.secret_variables)
            result["diff"] = [diff.prepared(*shown, is_new=file.data is None)]
        if not self._task.check_mode:
            judged = server.judged(file.path) if server else []
            placed = self.place(file, data, options, new_mode=_NEW_MODE, judged=judged)
            result.update({key: placed[key] for key in ("backup_file",) if key in placed})


def _source(file: Found, options: dict[str, Any]) -> Source:
    if file.data is not None:
        return read_source(file.data, name=file.path, encoding=options["encoding"], tag=file.tag)
    if not options["create"]:
        raise SecurityError(f"{file.path}: does not exist; correct the path, or set create to true to make a new file.")
    name = options["encoding"] or "UTF-8"
    codec = codepages.for_name(name)
    if codec is None or codec.name.startswith("UTF-16"):
        raise SecurityError(
            f"encoding: a new file cannot be made in {name!r}; known are {', '.join(codepages.names())}."
        )
    return read_source(codec.encode(_EMPTY.format(name)), name=file.path, encoding=name)


def _writing(source: Source, wished: Sequence[Wish], options: dict[str, Any], server: Server | None) -> Writing:
    """Return how passwords are written; the keys of {aes} are looked for only where it is there or asked for."""
    encoding = options["password_encoding"]
    given = Keys(options["password_key"], options["password_base64_key"])
    if not Writing(encoding).protects and "{aes}" not in source.text.lower():
        return Writing(encoding)
    # The variables as they will be: this very task may define the key.
    ahead = plan(source, [wish for wish in wished if wish.element == "variable"], allow_unknown=True).result
    if server:
        return Writing(
            encoding, keys.chosen(given, server.with_planned(options["path"], ahead.data).assembly.variables)
        )
    found = keys.chosen(given, keys.of_file(Document(ahead)), whole=False)
    if Writing(encoding).protects and found == NO_KEYS:
        raise SecurityError(
            f"password_encoding: {encoding} needs the key that the server uses; give password_key, or server_dir, "
            "where the variable wlp.password.encryption.key is looked for."
        )
    return Writing(encoding, found)


def _not_for_everybody(file: Found, planned: Plan, options: dict[str, Any]) -> None:
    """Raise SecurityError where a password that everybody can decode comes into a file that everybody can read."""
    mode = options["mode"]
    if not modes.others_read(file.mode or _NEW_MODE, mode):
        return
    where = next((where for where, text in planned.secrets if passwords.readable(text)), None)
    if where and mode is not None:
        raise SecurityError(
            f"mode: {modes.shown(mode)} lets everybody read the file, and {where} puts a password into it that "
            f'everybody can decode; nothing was changed. Give a mode such as "{_NEW_MODE}".'
        )
    if where and file.mode:
        raise SecurityError(
            f"{file.path}: everybody can read this file (mode {file.mode}), and {where} puts a password into it that "
            f'everybody can decode; nothing was changed. Give mode: "{modes.without_others(file.mode)}", take the '
            "right away from the file first, or let passwords be written in {aes} by a key of the server's own."
        )


def _open_to_all(planned: Plan, writing: Writing) -> list[str]:
    return [_NO_OWN_KEY] if planned.changed and writing.protects and writing.keys == NO_KEYS else []
