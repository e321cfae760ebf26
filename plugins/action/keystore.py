# Copyright: (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Face of keystore: read what is public of the store, plan with the brain, let the host's Java make what changes."""

from __future__ import annotations

import sys
from dataclasses import dataclass
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
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.settle import settled
from ansible_collections.zosconnect.security.plugins.plugin_utils.libraries import require

if TYPE_CHECKING:
    from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.material import Wish

    Json = dict[str, Any]

_BRAIN = "ansible_collections.zosconnect.security.plugins.plugin_utils.keystore"
_NEW_MODE = "0600"
_PKCS12 = "PKCS12"
_NO_JAVA = (
    "{}: no Java was found on the host, so nobody has checked there what it sees in the new store, and the next run "
    "will need one to read it; set java_home."
)
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
    "generate": {"type": "dict", "options": _GENERATE},
}


@dataclass(frozen=True)
class _Secrets:
    """Files on the target that hold the passwords, for as long as the task runs."""

    password_file: str
    key_password_file: str | None


@dataclass(frozen=True)
class _Way:
    """How the store is written: format and encryption, and whether that is new."""

    kind: str
    encryption: str | None
    convert: bool


class ActionModule(Face):
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
        material = _material()
        password = material.password(options["password"])
        named = material.aliases(options["entries"])
        wished = self._wished(options)
        files = self._secrets(password, options)
        store = self._read_store(files, wished, options)
        file = found(store)
        if file.sha256 is None and wished:
            _check_create(file, options)
        elif file.sha256 is None and (options["store_type"] or options["encryption"]):
            raise SecurityError(f"{file.path}: does not exist, so there is nothing to convert; correct the path.")
        way = _way(file, store, options)
        wished, planned = _plan(file, store, named, wished, options["state"], way)
        result: dict[str, Any] = {
            "changed": bool(planned.changes) or way.convert or file.attributes_differ,
            "path": file.real_path,
            "changes": [change.shown() for change in planned.changes],
            "entries": store_entries.described(planned.entries),
            "requests": store["requests"],
            "type": way.kind,
            "encryption": way.encryption,
            "keytool": store.get("keytool"),
            "checksum_before": file.sha256,
            "invocation": {"module_args": redact.structure(options)},
        }
        writes = bool(planned.changes) or way.convert
        if writes:
            self._announce(file, planned, way, store, options, result)
            if not self._task.check_mode:
                self._place(_order(file, planned, wished, files, way, options), planned, wished, options, result)
        elif file.attributes_differ:
            self.change_look(file, options)
            result["checksum_after"] = file.sha256
        return result

    def _secrets(self, password: str, options: dict[str, Any]) -> _Secrets:
        key_password = options["key_password"]
        own = None if key_password is None else self.send(_material().password(key_password, "key_password").encode())
        return _Secrets(self.send(password.encode()), own)

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

    def _read_store(self, files: _Secrets, wished: list[Wish], options: dict[str, Any]) -> dict[str, Any]:
        wanted = {
            "path": options["path"],
            "attributes": given_file_options(options),
            "password_file": files.password_file,
            "key_password_file": files.key_password_file,
            "java_home": options["java_home"],
            "requests": [wish.generation.arguments(wish.alias) for wish in wished if wish.generation],
        }
        stores: list[dict[str, Any]] = self.hand("target_read", {"stores": [wanted]})["stores"]
        return stores[0]

    def _announce(self, file: Found, planned: Plan, way: _Way, store: Json, options: Json, result: Json) -> None:
        can_place(file, options)
        if file.tie():
            result["warnings"] = file.tie()
        if result["keytool"] is None:
            if way.kind != _PKCS12 or any(change.after and not change.after.chain for change in planned.changes):
                raise SecurityError(
                    f"{file.path}: no Java was found on the host, and only Java makes a {way.kind} store or a key "
                    "there; nothing was changed. Set java_home to the Java of the server."
                )
            result["warnings"] = [*result.get("warnings", ()), _NO_JAVA.format(file.path)]
        if self._task.diff:
            written = [(store["format"], store["encryption"]), (way.kind, way.encryption)] if way.convert else []
            result["diff"] = [{"prepared": planning.difference(file.path, planned.changes, written)}]

    def _place(self, order: Json, planned: Plan, wished: list[Wish], options: Json, result: Json) -> None:
        """Let the hand make the new store and put it in its place; put into the result what belongs there."""
        packed = [wish for wish in wished if wish.alias in planned.pack]
        packed += [_material().as_wish(entry) for entry in planned.repack]
        if packed:
            from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.pack import MODERN, pack

            order["src"] = self.send(pack(packed, options["password"], order["store"]["encryption"] or MODERN))
        placed = self.hand("target_place", order)
        result["checksum_after"] = placed["sha256"]
        result["requests"] = {**result["requests"], **placed["requests"]}
        result.update({key: placed[key] for key in ("backup_file",) if key in placed})


def _order(
    file: Found, planned: Plan, wished: list[Wish], files: _Secrets, way: _Way, options: dict[str, Any]
) -> dict[str, Any]:
    """Return what the placing hand is told, but for the file with the entries that come."""
    changed = {change.alias for change in planned.changes}
    after = {entry.alias: entry for entry in planned.intended}
    stays = [wish.alias for wish in wished if wish.on_target and not wish.generation and wish.alias in changed]
    return {
        **file.place(),
        **given_file_options(options),
        "expected": file.sha256 or "",
        "new_mode": _NEW_MODE,
        "backup": options["backup"],
        "unsafe_writes": options["unsafe_writes"],
        "store": {
            "password_file": files.password_file,
            "key_password_file": files.key_password_file,
            "java_home": options["java_home"],
            "on_top": planned.on_top,
            "remove": list(planned.remove),
            "intended": [_intended(entry) for entry in planned.intended],
            "certify": [
                {"alias": alias, "chain": list(map(store_entries.pem_of, after[alias].chain))} for alias in stays
            ],
            "generate": [wish.generation.arguments(wish.alias) for wish in wished if wish.generation],
            "kind": way.kind,
            "encryption": way.encryption,
            "convert": way.convert and planned.on_top,
        },
    }


def _intended(entry: store_entries.Entry) -> dict[str, Any]:
    chain = [sha256(der) for der in entry.chain]
    # The certificate of a key that is made there is not known yet.
    return {
        "alias": entry.alias,
        "kind": entry.kind,
        "chain": chain or ([] if entry.kind != store_entries.KEY else None),
    }


def _way(file: Found, store: dict[str, Any], options: dict[str, Any]) -> _Way:
    """Return how the store is written: as it is, unless the options say something else."""
    kind = options["store_type"] or store["format"] or _PKCS12
    if kind != _PKCS12 and options["encryption"]:
        raise SecurityError(
            f"encryption: a {kind} store has its own encryption; leave the option out, or convert with "
            "store_type=PKCS12."
        )
    present = store["encryption"] if store["format"] == kind else None
    encryption = None if kind != _PKCS12 else options["encryption"] or present or "modern"
    is_new = file.sha256 is None or store["format"] is None
    differs = kind != store["format"] or (present is not None and present != encryption)
    return _Way(kind, encryption, differs and not is_new)


def _plan(
    file: Found, store: dict[str, Any], named: list[str], wished: list[Wish], state: str, way: _Way
) -> tuple[list[Wish], Plan]:
    present: tuple[store_entries.Entry, ...] = ()
    if file.sha256 is not None:
        keep = state != planning.OVERRIDDEN
        present = store_entries.present_entries(file.path, store, keep=keep)
    wished = settled(wished, present, exactly=state != planning.MERGED)
    on_target = frozenset(wish.alias for wish in wished if wish.on_target)
    entries = [wish.entry() for wish in wished]
    return wished, planning.plan(state, named, entries, present, on_target=on_target, convert=way.convert)


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
