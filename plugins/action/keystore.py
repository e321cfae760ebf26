# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action keystore: read what is public of the store, plan, let the host's Java make what changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleError

from ansible_collections.zosconnect.security.plugins.plugin_utils import redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import FILE_OPTIONS, given_file_options
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import plan as planning
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.change import (
    NEW_MODE,
    StoreChange,
    change,
    material,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.libraries import ahead

if TYPE_CHECKING:
    from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.material import DesiredEntry

    Json = dict[str, Any]

ahead("cryptography.x509")

_SECRET = {"type": "str", "no_log": True}
_GENERATE: dict[str, dict[str, Any]] = {
    "type": {"type": "str", "choices": ["RSA", "EC"], "default": "RSA"},
    "size": {"type": "int"},
    "subject": {"type": "str", "required": True},
    "subject_alt_names": {"type": "list", "elements": "str", "default": []},
    "days": {"type": "int", "default": 90},
}
_ENTRY: dict[str, dict[str, Any]] = {
    "alias": {"type": "str", "required": True},
    "privatekey_content": _SECRET,
    "privatekey_path": {"type": "str", "no_log": False},
    "privatekey_passphrase": _SECRET,
    "certificate_content": {"type": "str"},
    "certificate_path": {"type": "str"},
    "chain_content": {"type": "raw"},
    "chain_path": {"type": "raw"},
    "trusted": {"type": "bool", "default": False},
    "allow_older": {"type": "bool", "default": False},
    "generate": {"type": "dict", "options": _GENERATE},
}


@dataclass(frozen=True)
class _Secrets:
    """Files on the target that hold the passwords, for as long as the task runs."""

    password_file: str
    key_password_file: str | None


class ActionModule(SecurityAction):
    """Change entries of one key store."""

    ARGUMENTS = {
        "path": {"type": "str", "required": True},
        "password": {**_SECRET, "required": True},
        "key_password": _SECRET,
        "entries": {"type": "list", "elements": "dict", "options": _ENTRY, "required": True},
        "state": {"type": "str", "choices": list(planning.STATES), "default": planning.MERGED},
        "store_type": {"type": "str", "choices": ["PKCS12", "JKS", "JCEKS"]},
        "encryption": {"type": "str", "choices": ["modern", "java8"]},
        "create": {"type": "bool", "default": True},
        "allow_expired": {"type": "bool", "default": False},
        "java_home": {"type": "str"},
        "backup": {"type": "bool", "default": False},
        **FILE_OPTIONS,
    }

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        brain = material()
        password = brain.password(options["password"])
        named = brain.aliases(options["entries"])
        desired = self._desired(options)
        files = self._secrets(password, options)
        planned = change(self._read_store(files, desired, options), named, desired, options)
        file, store = planned.file, planned.store
        result: dict[str, Any] = {
            "changed": planned.writes or file.attributes_differ,
            "path": file.real_path,
            "changes": planned.changes,
            "entries": planned.entries,
            "requests": store["requests"],
            "type": planned.way.kind,
            "encryption": planned.way.encryption,
            "keytool": store.get("keytool"),
            "checksum_before": file.sha256,
            "invocation": {"module_args": redact.structure(options)},
        }
        if planned.writes:
            if warnings := planned.warnings(options):
                result["warnings"] = warnings
            if self._task.diff:
                result["diff"] = [planned.shown()]
            if not self._task.check_mode:
                self._place(planned, files, options, result)
        elif file.attributes_differ:
            self.change_look(file, options)
            result["checksum_after"] = file.sha256
        return result

    def _secrets(self, password: str, options: dict[str, Any]) -> _Secrets:
        key_password = options["key_password"]
        own = None if key_password is None else self.send(material().password(key_password, "key_password").encode())
        return _Secrets(self.send(password.encode()), own)

    def _desired(self, options: dict[str, Any]) -> list[DesiredEntry]:
        """Return the checked entries; for state absent only their aliases count, and nothing else is looked at."""
        state, entries = options["state"], options["entries"]
        if state == planning.ABSENT:
            return []
        if state == planning.OVERRIDDEN and not entries:
            raise SecurityError(
                "entries: is empty, and with state overridden every entry of the store would be removed; the variable "
                "behind it may not have been set. To remove entries, name them with state absent."
            )
        rules = material().Rules(self._controller_file, datetime.now(UTC), options["allow_expired"])
        desired: list[DesiredEntry] = material().desired(entries, rules)
        return desired

    def _controller_file(self, path: str) -> bytes:
        """Return the content of a file beside the playbook or role, as for ansible.builtin.copy, vaulted or not."""
        try:
            real = self._loader.get_real_file(self._find_needle("files", path))
            with open(real, "rb") as stream:
                data = stream.read()
            self._loader.cleanup_tmp_file(real)
        except (AnsibleError, OSError) as e:
            raise SecurityError(
                f"{path}: cannot be read on the controller: it is missing, unreadable or locked."
            ) from e
        return data

    def _read_store(self, files: _Secrets, desired: list[DesiredEntry], options: dict[str, Any]) -> dict[str, Any]:
        wanted = {
            "path": options["path"],
            "attributes": given_file_options(options),
            "password_file": files.password_file,
            "key_password_file": files.key_password_file,
            "java_home": options["java_home"],
            "requests": [want.generation.arguments(want.alias) for want in desired if want.generation],
        }
        stores: list[dict[str, Any]] = self.run_on_target("target_read", {"stores": [wanted]})["stores"]
        return stores[0]

    def _place(self, planned: StoreChange, files: _Secrets, options: Json, result: Json) -> None:
        """Let target_place make the new store and put it in its place; put into the result what belongs there."""
        order: Json = {
            **planned.file.place(),
            **given_file_options(options),
            "expected": planned.file.sha256 or "",
            "new_mode": NEW_MODE,
            "backup": options["backup"],
            "unsafe_writes": options["unsafe_writes"],
            "store": {
                "password_file": files.password_file,
                "key_password_file": files.key_password_file,
                "java_home": options["java_home"],
                **planned.order(),
            },
        }
        if packed := planned.pack(options["password"]):
            order["src"] = self.send(packed)
        placed = self.run_on_target("target_place", order)
        result["checksum_after"] = placed["sha256"]
        result["requests"] = {**result["requests"], **placed["requests"]}
        result.update({key: placed[key] for key in ("backup_file",) if key in placed})
