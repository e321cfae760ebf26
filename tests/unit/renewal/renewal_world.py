# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules would tell of a server, and the plan that is made of it."""

from __future__ import annotations

import base64
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "liberty"))

from cryptography import x509
from pki import Authority, Issued

from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.entries import KEY, TRUSTED, Entry
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import places as key_places
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.plan import plan

Json = dict[str, Any]
NOW = datetime.now(UTC)
TODAY = NOW.date()
PATH = "/srv/resources/security/key.p12"
OLD, NEW = Authority("Old CA", key_type="ec"), Authority("New CA", key_type="ec")
SERVER = OLD.issue("server", key_type="ec", days=5)
RENEWED = NEW.issue("server", key_type="ec", days=47)


def entry(alias: str, issued: Issued) -> Entry:
    return Entry(alias, KEY, tuple(_der(one) for one in (issued.certificate, *issued.issuers)))


def trusted(alias: str, authority: Authority) -> Entry:
    return Entry(alias, TRUSTED, (_der(authority._root),))


def _der(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)


def place(*entries: Entry, **changes: Any) -> Json:
    """What keystore_info tells of the store that keyStore `keys` names."""
    told = key_places.Place(
        PATH, key_places.STORE, key_places.of_store(entries), elements=(("keys", "/srv/server.xml:3"),)
    )
    return {**told.shown(NOW), **changes}


def ring(*labels: str) -> Json:
    """What keystore_info tells of a ring that was listed without its certificates."""
    none = dict.fromkeys(("status", "start", "end", "serial", "issuer", "subject", "algorithm", "key_type", "key_size"))
    rows = [
        {"ring_owner": "LIBSERV", "ring": "Zcee", "owner": "ID(LIBSERV)", "label": label, "usage": "PERSONAL"}
        | {**none, "private_key": True}
        for label in labels
    ]
    return key_places.of_rings(rows)[0].shown(NOW)


def element(name: str | None, origin: str = "/srv/server.xml:2", **attributes: Any) -> Json:
    return {"id": name, "attributes": attributes, "origins": dict.fromkeys(attributes, origin), "children": {}}


def server(*ssl: Json, key_stores: tuple[Json, ...] = (), trigger: str = "polled", serves: bool = True) -> Json:
    """What server_config_info tells; every ``ssl`` serves a port, or none."""
    ports = [{"ssl": one["id"], "wanted_ssl": one["id"]} for one in ssl if serves]
    stores = [element("keys", location="key.p12"), *key_stores]
    config = {"ssl": list(ssl), "keyStore": stores, "config": [element("", updateTrigger=trigger)]}
    return {"config": config, "ports": ports}


def given(*entries: Json, **more: Any) -> Json:
    stores = {"stores": [{"path": PATH, "password": "Marker-p", "entries": list(entries)}]} if entries else {}
    return {**stores, **more}


def planned(want: Json, *places: Json, today: date = TODAY, **found: Any) -> Json:
    """The plan; all that is planned is taken for changed."""
    told = {"stores": {"places": list(places)}, **found}
    first = plan(want, told, today)
    changed = {
        "stores": [
            {"number": number, "path": one["path"], "changes": [1], "requests": {}}
            for number, one in enumerate(first["stores"])
        ],
        "files": [{"path": one["path"], "changes": [1]} for one in first["files"]],
    }
    return plan(want, {**told, "changed": changed}, today)


def slurped(text: str) -> Json:
    return {"content": base64.b64encode(text.encode()).decode()}
