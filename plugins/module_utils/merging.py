# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A key store gets its new content, by the host's keytool, in a private copy. PRIVATE to this collection.

Standard library only, Python 3.9. Keys that are made here, and those that were here, never leave the host.
"""

from __future__ import annotations

import base64
import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils import reading
from ansible_collections.zosconnect.security.plugins.module_utils.stores import (
    JAVA8,
    PKCS12,
    KeytoolError,
    Place,
    StoreError,
    Tool,
    extensions,
    find_keytool,
    format_of,
    listing,
    named,
    requests,
    tool_for,
)

# keytool takes these names from Java 8u301, 11.0.12 and 17 on; older ones write in the old way whatever is said.
_ENCRYPT = "-J-Dkeystore.pkcs12."
_OLD_WAY = ("PBEWithSHA1AndDESede", "PBEWithSHA1AndDESede", "HmacPBESHA1")
_NEW_WAY = ("PBEWithHmacSHA256AndAES_256", "PBEWithHmacSHA256AndAES_256", "HmacPBESHA256")


@dataclass(frozen=True)
class Merge:
    """How a store gets its new content.

    ``base`` is the present file, None when it is made anew; ``pack`` a PKCS12 file with entries that come, None when
    there are none; ``remove`` the aliases that go first; ``intended`` the entries that Java must see in the end, each
    with alias, kind and the SHA-256 of its certificates (``chain``; None for a key that is made here).
    ``certify`` are new chains (``chain``: PEM) for keys that stay, ``generate`` keys to make: ``alias``, ``algorithm``,
    ``size``, ``subject``, ``extensions``, ``days``. ``kind`` and ``encryption`` are those of the new store; with
    ``convert`` the present one differs from them.
    """

    base: bytes | None
    pack: bytes | None
    remove: Sequence[str]
    intended: Sequence[dict[str, Any]]
    certify: Sequence[dict[str, Any]] = ()
    generate: Sequence[dict[str, Any]] = ()
    kind: str = PKCS12
    encryption: str | None = None
    convert: bool = False

    @property
    def is_the_pack(self) -> bool:
        """Whether the new store is the file that was sent, so that no Java is needed."""
        return self.base is None and self.pack is not None and not self.generate and self.kind == PKCS12


@dataclass(frozen=True)
class Made:
    """The bytes of a new store, and the signing ``requests`` (PEM) of keys that were made in it, by alias.

    ``entries`` are what Java sees in it; nothing where there is no Java.
    """

    data: bytes
    requests: dict[str, str] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)


def unchanged(path: str, expected: str) -> bytes:
    """Return the bytes of the present store; a StoreError if they are not those that were planned for."""
    data = reading.read_bytes(path)[0]
    if reading.sha256(data) != expected:
        raise StoreError(
            f"{path}: changed between reading and writing, so somebody else is at work on it; nothing was changed. "
            "Run again to plan from its present content."
        )
    return data


def merge(place: Place, order: Merge) -> Made:
    """Return the new store, which Java has listed and which holds exactly what is intended.

    A store that consists of ``pack`` alone needs no Java; then nobody lists it.
    """
    return made(place, order, tool_of(place, order))


def tool_of(place: Place, order: Merge) -> Tool | None:
    """Return the tool by which the store is made; None where none is needed, and there is none.

    It looks into files as somebody else may, which ``made`` does not: that may be done in a thread.
    """
    if order.is_the_pack and find_keytool(place.java_home, place.path) is None:
        return None
    return tool_for(place)


def made(place: Place, order: Merge, tool: Tool | None) -> Made:
    """Make the new store with the tool that ``tool_of`` returned."""
    if tool is None:
        return Made(order.pack or b"")
    data = (order.pack or b"") if order.is_the_pack else _merged(tool, order, place.path)
    entries = listing(tool, data, place.path)
    wrong = mismatch(entries, order.intended)
    if wrong:
        raise StoreError(
            f"{place.path}: Java would not see what is intended: {wrong.what}; nothing was changed. {wrong.remedy}"
        )
    return Made(data, requests(tool, data, order.generate), entries)


def _merged(tool: Tool, order: Merge, path: str) -> bytes:
    target = _Target(tool, order.kind, order.encryption, os.path.join(tool.folder, "made"))
    try:
        if order.base is not None:
            _begin(target, order, path)
        for alias in order.remove:
            target.run("-delete", "-alias", named(alias))
        if order.pack is not None:
            target.bring(tool.write(order.pack), PKCS12)
        for key in order.generate:
            target.run(*_generation(key), *tool.key(order.kind))
        for entry in order.certify:
            _certify(target, entry, path)
        return reading.read_private(target.path)
    except KeytoolError as e:
        raise StoreError(f"{path}: keytool could not make the new store: {e}; nothing was changed.") from e


@dataclass(frozen=True)
class _Target:
    """The copy that becomes the new store."""

    tool: Tool
    kind: str
    encryption: str | None
    path: str

    def run(self, *arguments: str) -> None:
        self.tool.run(*self._how(), *arguments, *self.tool.open(self.path, self.kind))

    def bring(self, source: str, kind: str, *more: str) -> None:
        """Import the entries of another store."""
        from_it = ["-srckeystore", source, "-srcstoretype", kind, "-srcstorepass:file", self.tool.password_file]
        into = ["-destkeystore", self.path, "-deststoretype", self.kind, "-deststorepass:file", self.tool.password_file]
        self.tool.run(*self._how(), "-importkeystore", "-noprompt", *from_it, *into, *more)

    def _how(self) -> list[str]:
        if self.kind != PKCS12 or self.encryption is None:
            return []
        key, certificate, mac = _OLD_WAY if self.encryption == JAVA8 else _NEW_WAY
        return [
            f"{_ENCRYPT}keyProtectionAlgorithm={key}",
            f"{_ENCRYPT}certProtectionAlgorithm={certificate}",
            f"{_ENCRYPT}macAlgorithm={mac}",
        ]


def _begin(target: _Target, order: Merge, path: str) -> None:
    """Put the present entries into the copy: as they are, or by keytool into another format or encryption."""
    base = order.base or b""
    source, kind = target.tool.write(base), format_of(base) or PKCS12
    if not order.convert:
        os.replace(source, target.path)
        return
    try:
        if target.tool.key_password_file:
            _one_by_one(target, source, kind, [entry["alias"] for entry in listing(target.tool, base, path)])
        else:
            target.bring(source, kind)
    except KeytoolError as e:
        hint = (
            "A key may have neither the store's password nor key_password: correct it."
            if target.tool.key_password_file
            else "A key may have another password than the store: give it as key_password."
        )
        raise StoreError(
            f"{path}: its entries cannot be brought into a {order.kind} store: {e}; nothing was changed. {hint}"
        ) from e


def _one_by_one(target: _Target, source: str, kind: str, aliases: Sequence[str]) -> None:
    """Bring entries whose keys have the key password, or the store's."""
    password = ["-srckeypass:file", target.tool.key_password_file or ""]
    for alias in aliases:
        with contextlib.suppress(KeytoolError):
            target.bring(source, kind, "-srcalias", named(alias), *password)
            continue
        target.bring(source, kind, "-srcalias", alias)


def _generation(key: dict[str, Any]) -> list[str]:
    what = ["-alias", named(key["alias"]), "-keyalg", key["algorithm"], "-keysize", str(key["size"])]
    return ["-genkeypair", *what, "-dname", key["subject"], "-validity", str(key["days"]), *extensions(key)]


def _certify(target: _Target, entry: dict[str, Any], path: str) -> None:
    reply = target.tool.write("".join(entry["chain"]).encode("ascii"))
    try:
        target.run(
            "-importcert", "-noprompt", "-alias", named(entry["alias"]), "-file", reply, *target.tool.key(target.kind)
        )
    except KeytoolError as e:
        raise StoreError(
            f"{path}: keytool does not take the new certificate for the key {entry['alias']}: {e}; nothing was "
            "changed. If it does not know the issuer, give chain_content or chain_path."
        ) from e


_ANOTHER_JAVA = "Set java_home to the Java of the server if keytool belongs to another one."
_NAMESAKES = (
    "Java finds the issuers in a PKCS12 store by name, so two certificates of one subject can take each other's place: "
    "keep trusted certificates in another store."
)


@dataclass(frozen=True)
class Mismatch:
    """What Java would see otherwise than intended, and a sentence that says what to do."""

    what: str
    remedy: str = _ANOTHER_JAVA


def mismatch(found: Sequence[dict[str, Any]], intended: Sequence[dict[str, Any]]) -> Mismatch | None:
    """Say where a listing differs from what is intended, None where it does not.

    Java may show a chain longer than it was packed, by certificates that other entries hold: it finds issuers by name.
    """
    shown = {entry["alias"]: entry for entry in found}
    wanted = {entry["alias"]: entry for entry in intended}
    if set(shown) != set(wanted):
        names = ", ".join(sorted(set(shown) ^ set(wanted)))
        return Mismatch(f"the entries {names} would be missing or left over")
    heap = {each for entry in intended for each in entry["chain"] or ()}
    for alias, entry in wanted.items():
        chain = [fingerprint(pem) for pem in shown[alias]["certificates"]]
        if shown[alias]["kind"] != entry["kind"]:
            return Mismatch(f"the entry {alias} would be a {shown[alias]['kind']}")
        if entry["chain"] is None:
            continue
        size = len(entry["chain"])
        if chain[:size] != entry["chain"] or not set(chain[size:]) <= heap:
            return Mismatch(f"the entry {alias} would have other certificates", _NAMESAKES)
    return None


def fingerprint(pem: str) -> str:
    """Return the SHA-256 of a certificate's DER bytes, in hexadecimal."""
    return reading.sha256(base64.b64decode("".join(pem.splitlines()[1:-1])))
