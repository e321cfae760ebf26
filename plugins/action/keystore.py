# Copyright: (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Face of keystore: read what is public of the store, plan with the brain, let the host's Java make what changes."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleError

from ansible_collections.zosconnect.security.plugins.module_utils.reading import sha256
from ansible_collections.zosconnect.security.plugins.plugin_utils import redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.face import (
    FILE_OPTIONS,
    Face,
    Found,
    can_place,
    found,
    given_file_options,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import entries as store_entries
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import plan as planning
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.plan import Plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.libraries import require

if TYPE_CHECKING:
    from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.material import Wish

_BRAIN = "ansible_collections.zosconnect.security.plugins.plugin_utils.keystore"
_NEW_MODE = "0600"
_NO_JAVA = (
    "{}: no Java was found on the host, so nobody has checked there what it sees in the new store, and the next run "
    "will need one to read it; set java_home."
)
_SECRET = {"type": "str", "no_log": True}
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
}


class ActionModule(Face):
    """Change entries of one key store."""

    ARGUMENTS = {
        "path": {"type": "str", "required": True},
        "password": {**_SECRET, "required": True},
        "entries": {"type": "list", "elements": "dict", "options": _ENTRY, "required": True},
        "state": {
            "type": "str",
            "choices": [planning.MERGED, planning.OVERRIDDEN, planning.ABSENT],
            "default": planning.MERGED,
        },
        "create": {"type": "bool", "default": True},
        "allow_expired": {"type": "bool", "default": False},
        "java_home": {"type": "str"},
        "backup": {"type": "bool", "default": False},
        **FILE_OPTIONS,
    }

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        material = _material()
        password = material.password(options["password"])
        named = material.aliases(options["entries"])
        wished = self._wished(options)
        password_file = self.send(password.encode())
        store = self._read_store(password_file, options)
        file = found(store)
        if file.sha256 is None and wished:
            _check_create(file, options)
        planned = _plan(file, store, named, wished, options["state"])
        result: dict[str, Any] = {
            "changed": bool(planned.changes) or file.attributes_differ,
            "path": file.real_path,
            "changes": [change.shown() for change in planned.changes],
            "entries": store_entries.described(planned.entries),
            "keytool": store.get("keytool"),
            "checksum_before": file.sha256,
            "invocation": {"module_args": redact.structure(options)},
        }
        if planned.changes:
            self._announce(file, planned, result)
        if result["changed"] and not self._task.check_mode:
            wishes = [wish for wish in wished if wish.alias in planned.pack]
            wishes += [material.as_wish(entry) for entry in planned.repack]
            result.update(self._place(file, planned, wishes, password_file, options))
        return result

    def _wished(self, options: dict[str, Any]) -> list[Wish]:
        """Return the checked entries; for state absent only their aliases count, and nothing else is looked at."""
        state, entries = options["state"], options["entries"]
        if state == planning.ABSENT:
            return []
        if state == planning.OVERRIDDEN and not entries:
            raise SecurityError(
                "entries: is empty, and with state overridden every entry of the store would be removed; the variable "
                "behind it may not have been set. To remove entries, name them with state absent."
            )
        material = _material()
        rules = material.Rules(self._controller_file, datetime.now(UTC), options["allow_expired"])
        wishes: list[Wish] = material.wishes(entries, rules)
        return wishes

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

    def _read_store(self, password_file: str, options: dict[str, Any]) -> dict[str, Any]:
        wanted = {
            "path": options["path"],
            "attributes": given_file_options(options),
            "password_file": password_file,
            "java_home": options["java_home"],
        }
        stores: list[dict[str, Any]] = self.hand("target_read", {"stores": [wanted]})["stores"]
        return stores[0]

    def _announce(self, file: Found, planned: Plan, result: dict[str, Any]) -> None:
        can_place(file)
        if result["keytool"] is None:
            result["warnings"] = [_NO_JAVA.format(file.path)]
        if self._task.diff:
            result["diff"] = [{"prepared": planning.difference(file.path, planned.changes)}]

    def _place(
        self, file: Found, planned: Plan, wishes: list[Wish], password_file: str, options: dict[str, Any]
    ) -> dict[str, Any]:
        """Let the hand make the new store and put it in its place; return what belongs into the result."""
        if not planned.changes:
            self.place(file, None, options, new_mode=_NEW_MODE)
            return {"checksum_after": file.sha256}
        from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.pack import pack

        arguments = {
            "path": file.real_path,
            **given_file_options(options),
            "src": self.send(pack(wishes, options["password"])) if wishes else None,
            "expected": file.sha256 or "",
            "new_mode": _NEW_MODE,
            "backup": options["backup"],
            "unsafe_writes": options["unsafe_writes"],
            "store": {
                "password_file": password_file,
                "java_home": options["java_home"],
                "on_top": planned.on_top,
                "remove": list(planned.remove),
                "intended": [_intended(entry) for entry in planned.intended],
            },
        }
        placed = self.hand("target_place", arguments)
        return {
            "checksum_after": placed["sha256"],
            **{key: placed[key] for key in ("backup_file",) if key in placed},
        }


def _intended(entry: store_entries.Entry) -> dict[str, Any]:
    return {"alias": entry.alias, "kind": entry.kind, "chain": [sha256(der) for der in entry.chain]}


def _plan(file: Found, store: dict[str, Any], named: list[str], wished: list[Wish], state: str) -> Plan:
    present: tuple[store_entries.Entry, ...] = ()
    if file.sha256 is not None:
        keep = state != planning.OVERRIDDEN
        present = store_entries.present_entries(file.path, store, keep=keep)
    return planning.plan(state, named, [wish.entry() for wish in wished], present)


def _check_create(file: Found, options: dict[str, Any]) -> None:
    if not options["create"]:
        raise SecurityError(
            f"{file.path}: does not exist; correct the path, or set create to true to make a new store."
        )
    _material().check_new_password(options["password"])


def _material() -> ModuleType:
    """Import what checks keys and certificates; only here is the library needed, which not every controller has."""
    pkcs12 = require("cryptography.hazmat.primitives.serialization.pkcs12", "cryptography")
    if not hasattr(pkcs12, "serialize_java_truststore"):
        raise SecurityError(
            f"The Python library cryptography on the Ansible controller, for {sys.executable}, is too old: version 45 "
            "or later is needed, which writes certificates that Java trusts."
        )
    return require(f"{_BRAIN}.material", "cryptography")
