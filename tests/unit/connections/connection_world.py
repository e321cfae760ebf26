# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declarations to begin with, and how to change one key of them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import server as servers

Json = dict[str, Any]

DIRECTORY = "/srv/zceesrv1"
# Base64 of no certificate at all: nobody here looks into it.
PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
PEM_2 = "-----BEGIN CERTIFICATE-----\nAAAB\n-----END CERTIFICATE-----\n"
KEY = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"

# C1 to C8 are numbers of ours for the rows of the figure; users never see them.
C2: Json = {
    "name": "cics",
    "server_dir": DIRECTORY,
    "port": 5002,
    "key_store": {"location": f"{DIRECTORY}/resources/security/key.p12", "password": "key-secret"},
    "trust_store": {"location": f"{DIRECTORY}/resources/security/trust.p12", "password": "trust-secret"},
}
C1: Json = {
    "name": "batch",
    "server_dir": DIRECTORY,
    "port": 5001,
    "client_certificate": "none",
    "identity": "basic",
    "key_store": {"location": f"{DIRECTORY}/resources/security/key.p12", "password": "key-secret"},
}
RING: Json = {
    **C2,
    "key_store": {"location": "safkeyring:///Keys"},
    "trust_store": {"location": "safkeyring:///Keys"},
}

CICS: Json = {"name": "prod", "type": "cics", "job_name": "CICSPRD*"}
BATCH: Json = {"name": "night", "type": "batch", "job_name": "NIGHT*", "key_ring": "NIGHTUSR/ZosConnect"}
# What callers are told of the server.
KNOWN: Json = {"server_host": "zosconnect.example.com", "server_address": "192.0.2.10"}
C3: Json = {
    "name": "fronted",
    "server_tls": "attls",
    "server_dir": DIRECTORY,
    "port": 5004,
    "requesters": ["orders_1.0.0"],
    "inbound": {"key_ring": "ZCEESRV/Server"},
    "clients": [CICS],
    **KNOWN,
}
C4: Json = {**C1, **KNOWN, "name": "wrapped", "caller_tls": "attls", "port": 5003, "clients": [BATCH]}
C5: Json = {**C3, "name": "both", "caller_tls": "attls", "clients": [BATCH]}

OUTBOUND: Json = {"address": "192.0.2.20", "key_ring": "ZCEESRV/Endpoints", "job_name": "ZCEESRV1"}
C6: Json = {
    "name": "orders",
    "endpoint": {"host": "api.example.com", "port": 443},
    "server_dir": DIRECTORY,
    "trust_store": {"location": f"{DIRECTORY}/resources/security/apis.p12", "password": "trust-secret"},
}
C7: Json = {
    **C6,
    "client_certificate": "required",
    "key_store": {
        "location": f"{DIRECTORY}/resources/security/key.p12",
        "password": "key-secret",
        "alias": "zcee",
    },
}
C8: Json = {**{key: C6[key] for key in ("name", "server_dir", "endpoint")}, "server_tls": "attls", "outbound": OUTBOUND}
# The default SSL configuration as it is.
BARE: Json = {**{key: C6[key] for key in C6 if key != "trust_store"}, "ssl_configuration": "default"}

# API requesters that the server has.
REQUESTERS = ("orders_1.0.0", "orders", "a", "b", "c")

BASES = {"C1": C1, "C2": C2, "C3": C3, "C4": C4, "C5": C5, "RING": RING}
BASES |= {"C6": C6, "C7": C7, "C8": C8, "BARE": BARE}


def there(xml: str = "", **files: str) -> Present:
    """A server with ``xml`` inside of <server>, and other files of its directory (named without .xml)."""
    content = {"server": xml, **files}
    server = servers.from_options({"server_dir": DIRECTORY})
    server.listings = {f"{DIRECTORY}/resources/zosconnect/apiRequesters": [f"{name}.ara" for name in REQUESTERS]}
    server.content = {f"{DIRECTORY}/{name}.xml": _document(text).encode() for name, text in content.items()}
    return Present(server=server)


def _document(text: str) -> str:
    return text if text.startswith("<server") else f"<server>{text}</server>"


# A server in whose files stands nothing.
EMPTY = there()


def changed(base: Json, keys: Json) -> Json:
    """Return the declaration with other keys; ``a.b`` is key b of the mapping a, and None takes a key away."""
    result = copy.deepcopy(base)
    for name, value in keys.items():
        *outer, last = name.split(".")
        place = result
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = value
        if value is None:
            del place[last]
    return result


def cases(name: str) -> list[Any]:
    """Return the cases of a table, each named after its sentence."""
    table = yaml.safe_load((Path(__file__).parent / "cases" / f"{name}.yml").read_text(encoding="utf-8"))
    return [pytest.param(case, id=f"{number} {case['error'][:60]}") for number, case in enumerate(table)]


def declared(case: Json) -> Json:
    """Return the declaration that a case describes with ``base`` and ``set``."""
    return changed(BASES[case.get("base", "C2")], {key: _texts(value) for key, value in case.get("set", {}).items()})


def _texts(value: Any) -> Any:
    """Put PEM texts in the place of their names."""
    if isinstance(value, dict):
        return {key: _texts(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_texts(inner) for inner in value]
    return {"PEM": PEM, "PEM_2": PEM_2, "KEY": KEY}.get(value, value) if isinstance(value, str) else value


def wanted(made: Json) -> list[Json]:
    """Return the elements that a plan wants, of all files."""
    return [element for file in made["files"] for element in file["elements"]]


def elements(*declared: Json, **options: Any) -> dict[str, Json]:
    """Return the desired elements by ``element`` or ``element id``, those for the same one joined."""
    found: dict[str, Json] = {}
    for want in wanted(plan(declared, **{"present": EMPTY, **options})):
        place = found.setdefault(f"{want['element']} {want.get('id', '')}".strip(), {"attributes": {}, "children": []})
        place["attributes"].update(want.get("attributes", {}))
        place["children"] += want.get("children", [])
    return found
