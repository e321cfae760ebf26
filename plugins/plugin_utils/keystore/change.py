# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The change of one key store: what is asked and what target_read listed in, what target_place needs out. Pure."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ansible_collections.zosconnect.security.plugins.module_utils.reading import sha256
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import Found, can_place, found
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import entries as store_entries
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import plan as planning
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.entries import Entry
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.plan import StorePlan
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.settle import settled
from ansible_collections.zosconnect.security.plugins.plugin_utils.libraries import require

if TYPE_CHECKING:
    from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.material import DesiredEntry

_BRAIN = "ansible_collections.zosconnect.security.plugins.plugin_utils.keystore"
NEW_MODE = "0600"
_PKCS12 = "PKCS12"
_NO_JAVA = (
    "{}: no Java was found on the host, so nobody has checked there what it sees in the new store, and the next run "
    "will need one to read it; set java_home."
)


Json = dict[str, Any]


@dataclass(frozen=True)
class Way:
    """How the store is written: format and encryption, and whether that is new."""

    kind: str
    encryption: str | None
    convert: bool


@dataclass(frozen=True)
class StoreChange:
    """What becomes of one store: what was found (``store`` as target_read tells it), the entries wanted, the plan."""

    file: Found
    store: Mapping[str, Any]
    desired: Sequence[DesiredEntry]
    planned: StorePlan
    way: Way
    present: tuple[Entry, ...] = ()

    @property
    def writes(self) -> bool:
        """Whether the store is made anew."""
        return bool(self.planned.changes) or self.way.convert

    @property
    def changes(self) -> list[Json]:
        """The changes as results show them."""
        return [change.shown() for change in self.planned.changes]

    @cached_property
    def entries(self) -> list[Json]:
        """What the store will hold, as results show it."""
        return store_entries.described(self.planned.entries)

    def warnings(self, options: Mapping[str, Any]) -> list[str]:
        """Return what deserves attention when it is written; SecurityError where it cannot be."""
        can_place(self.file, options)
        if self.store.get("keytool") is not None:
            return self.file.tie()
        if self.way.kind != _PKCS12 or any(change.after and not change.after.chain for change in self.planned.changes):
            raise SecurityError(
                f"{self.file.path}: no Java was found on the host, and only Java makes a {self.way.kind} store or a "
                "key there; nothing was changed. Set java_home to the Java of the server."
            )
        return [*self.file.tie(), _NO_JAVA.format(self.file.path)]

    def shown(self) -> dict[str, str]:
        """The difference as Ansible shows it."""
        store, way = self.store, self.way
        written = [(store["format"], store["encryption"]), (way.kind, way.encryption)] if way.convert else []
        return {"prepared": planning.difference(self.file.path, self.planned.changes, written)}

    def pack(self, password: str) -> bytes | None:
        """Return the entries that come, as a store of their own; None where none does."""
        packed = [want for want in self.desired if want.alias in self.planned.pack]
        packed += [material().as_desired(entry) for entry in self.planned.repack]
        if not packed:
            return None
        from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.pack import MODERN, pack

        return pack(packed, password, self.way.encryption or MODERN)

    def order(self) -> Json:
        """Return how the host's Java makes the new store, as target_place takes it, but for passwords and Java."""
        planned, way = self.planned, self.way
        changed = {change.alias for change in planned.changes}
        after = {entry.alias: entry for entry in planned.intended}
        stays = [
            want.alias for want in self.desired if want.on_target and not want.generation and want.alias in changed
        ]
        return {
            "on_top": planned.on_top,
            "remove": list(planned.remove),
            "intended": [_intended(entry) for entry in planned.intended],
            "certify": [
                {"alias": alias, "chain": list(map(store_entries.pem_of, after[alias].chain))} for alias in stays
            ],
            "generate": [want.generation.arguments(want.alias) for want in self.desired if want.generation],
            "kind": way.kind,
            "encryption": way.encryption,
            "convert": way.convert and planned.on_top,
        }


def change(
    store: Mapping[str, Any], named: list[str], desired: list[DesiredEntry], options: Mapping[str, Any]
) -> StoreChange:
    """Return what becomes of a store that target_read listed; ``options`` are those of keystore.

    Raises SecurityError where it cannot be.
    """
    file = found(store)
    if file.sha256 is None and desired:
        _check_create(file, options)
    elif file.sha256 is None and (options["store_type"] or options["encryption"]):
        raise SecurityError(f"{file.path}: does not exist, so there is nothing to convert; correct the path.")
    way = how(file, store, options)
    state, present = options["state"], _present(file, store, options["state"])
    desired = settled(desired, present, exactly=state != planning.MERGED)
    on_target = frozenset(want.alias for want in desired if want.on_target)
    entries = [want.entry() for want in desired]
    planned = planning.plan(state, named, entries, present, on_target=on_target, convert=way.convert)
    return StoreChange(file, store, desired, planned, way, present)


def _intended(entry: Entry) -> dict[str, Any]:
    chain = [sha256(der) for der in entry.chain]
    # The certificate of a key that is made there is not known yet.
    return {
        "alias": entry.alias,
        "kind": entry.kind,
        "chain": chain or ([] if entry.kind != store_entries.KEY else None),
    }


def how(file: Found, store: Mapping[str, Any], options: Mapping[str, Any]) -> Way:
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
    return Way(kind, encryption, differs and not is_new)


def _present(file: Found, store: Mapping[str, Any], state: str) -> tuple[Entry, ...]:
    if file.sha256 is None:
        return ()
    return store_entries.present_entries(file.path, store, keep=state != planning.OVERRIDDEN)


def _check_create(file: Found, options: Mapping[str, Any]) -> None:
    if not options["create"]:
        raise SecurityError(
            f"{file.path}: does not exist; correct the path, or set create to true to make a new store."
        )
    material().check_new_password(options["password"])


def material() -> ModuleType:
    """Import what checks keys and certificates; only here is the library needed, which not every controller has."""
    pkcs12 = require("cryptography.hazmat.primitives.serialization.pkcs12", "cryptography")
    if not hasattr(pkcs12, "serialize_java_truststore"):
        raise SecurityError(
            f"The Python library cryptography on the Ansible controller, for {sys.executable}, is too old: version 45 "
            "or later is needed, which writes certificates that Java trusts."
        )
    return require(f"{_BRAIN}.material", "cryptography")
