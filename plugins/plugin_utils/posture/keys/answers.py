# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the target module target_read says of stores and PEM files, as places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.entries import (
    der_of,
    parsed,
    present_entries,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import places as key_places
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import PEM, STORE, Place

if TYPE_CHECKING:
    from cryptography import x509

_UNSEEN = "holds keys or certificates that Java does not see, so nobody uses them; make it anew by keystore."


def certificates(items: Iterable[Mapping[str, Any]]) -> list[x509.Certificate]:
    """Return all certificates of stores and PEM files, each once; those that cannot be read are left out."""
    pems = [pem for item in items for entry in (item, *(item.get("entries") or ())) for pem in _pems(entry)]
    return [certificate for pem in dict.fromkeys(pems) if (certificate := parsed(der_of(pem)))]


def _pems(item: Mapping[str, Any]) -> Sequence[str]:
    return item.get("certificates") or ()


def of_store(
    item: Mapping[str, Any], known: Mapping[str, Any], others: Sequence[x509.Certificate] = ()
) -> tuple[Place, Sequence[str]]:
    """Return the place of one store, and the paths among which Liberty would choose where several are possible.

    Among ``others``, the certificates of all places, issuers are looked for.
    """
    place = Place(
        item["path"],
        STORE,
        type=item.get("format"),
        encryption=item.get("encryption"),
        mode=item.get("mode"),
        owner=item.get("owner"),
        is_missing=item["state"] == "absent",
        problem=known.get("problem") or _problem(item),
        hosts=tuple(known["hosts"]),
        **{name: known[name] for name in ("role", "elements", "wanted_type") if name in known},
    )
    if item["state"] == "file" and item.get("format"):
        place = replace(place, held=key_places.of_store(present_entries(item["path"], item, keep=False), others))
    return place, known.get("paths", ())


def read_by_liberty(places: Sequence[tuple[Place, Sequence[str]]]) -> list[Place]:
    """Return the places without those that Liberty passes over: of several paths it takes the first that is there."""
    there = {place.name for place, _paths in places if not place.is_missing}
    return [
        place
        for place, paths in places
        if not paths or place.name == next((path for path in paths if path in there), paths[0])
    ]


def of_pem(item: Mapping[str, Any], hosts: Sequence[str]) -> Place:
    """Return the place of one PEM file."""
    if item["state"] != "file":
        raise SecurityError(item.get("message") or f"{item['path']}: does not exist; correct the path.")
    if not item["certificates"] and not item["has_key"]:
        raise SecurityError(f"{item['path']}: holds neither a certificate nor a private key in PEM form.")
    held = key_places.of_pem(item["certificates"], has_key=item["has_key"])
    return Place(item["path"], PEM, held, hosts=tuple(hosts), mode=item["mode"], owner=item["owner"])


def _problem(item: Mapping[str, Any]) -> str | None:
    if item["state"] == "absent":
        return f"{item['path']}: does not exist."
    if item["state"] != "file":
        return str(item["message"])
    if "format" not in item:
        return None
    if item["format"] is None:
        return f"{item['path']}: is not a key store."
    return f"{item['path']}: {_UNSEEN}" if item["unseen"] else None
