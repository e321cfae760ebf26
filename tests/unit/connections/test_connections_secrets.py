# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Law 6 for declarations: wherever something secret stands in one by mistake, no sentence shows it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from connection_world import C2, C3, C4, KEY, PEM

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import callers
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.renewal.plan import plan as renewal_plan

SECRET = "ZcsSecret"
LONG = f"-----BEGIN PRIVATE KEY-----\n{SECRET * 8}\n-----END PRIVATE KEY-----\n"
# What somebody may write where something else was meant: what is secret there, within something, or a whole key.
MISPLACED: list[Any] = [
    {"password": SECRET},
    [[SECRET]],
    [{"password": SECRET}],
    LONG,
    [LONG],
    f"http://user:{SECRET}@host/",
]

LOGIN = {"user": "u", "password": SECRET}
KEYS = {**C2["key_store"], "password": SECRET, "alias": "a", "private_key": KEY, "certificate": PEM, "chain": PEM}
TRUST = {**C2["trust_store"], "password": SECRET, "trusted": {"ca": PEM}}
SERVER = {"url": "https://tokens.example.com", "login": LOGIN, "trust_store": {**TRUST, "trusted": PEM}}
ENDPOINT = {
    "name": "api",
    "endpoint": {"connection": "api", "host": "api.example.com", "port": 443},
    "client_certificate": "required",
    "server_dir": C2["server_dir"],
    "protocols": ["TLSv1.3"],
    "key_store": {**KEYS, "location": "/srv/out.p12"},
    "trust_store": {**TRUST, "location": "/srv/ca.p12", "trusted": PEM},
    "skip_host_names": {"hosts": ["h"], "reason": "r", "owner": "o", "ticket": "t", "expires": "2999-01-01"},
    "authentication": {
        "basic": LOGIN,
        "token": {
            "server": SERVER,
            "header": "X-Token",
            "request": {"credential_location": "body", "method": "POST", "body": "b"},
            "response": {"token_location": "body", "format": "JSON", "path": "$.token"},
        },
    },
}
DECLARED = [{**C2, "key_store": KEYS, "trust_store": TRUST, "require_secure": {"server": True}}, ENDPOINT]
ATTLS = [C3, C4]
RENEWED = {
    "days": 30,
    "server_dir": "/srv",
    "stores": [
        {
            "path": "/k.p12",
            "password": SECRET,
            "key_password": SECRET,
            "role": "key_store",
            "hosts": ["h"],
            "entries": [{"alias": "a", "generate": {"subject": "CN=a"}, "replaces": "b", "until": date(2999, 1, 1)}],
        }
    ],
    "files": ["/f.pem"],
    "rings": [{"owner": "O", "ring": "R", "listing": "", "certificates": [{"label": "l"}], "renewed": "2026-01-01"}],
    "policies": [{"path": "/p", "host": "h", "encoding": "utf-8"}],
    "refresh": "operator",
    "tell_again": False,
    "job_name": "BAQSTRT",
    "zosconnect_version": "2.0",
}
CALLERS = {"cics": {"caller_key": SECRET, "request_password": SECRET, "expected_status": [200], "request_path": "/"}}
CALLED = {**CALLERS["cics"], "request_username": "u"}


def places(given: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the way to each value within lists and mappings."""
    items = given.items() if isinstance(given, dict) else enumerate(given) if isinstance(given, list) else ()
    for key, value in items:
        yield (*way, key)
        yield from places(value, (*way, key))


def with_another(given: Any, way: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(given)
    part = changed
    for key in way[:-1]:
        part = part[key]
    part[way[-1]] = value
    return changed


def misspelt(given: Any, way: tuple[Any, ...]) -> Any:
    """Return the same with another letter at the end of a key."""
    changed = copy.deepcopy(given)
    part = changed
    for key in way[:-1]:
        part = part[key]
    part[f"{way[-1]}x"] = part.pop(way[-1])
    return changed


WORLDS = {
    "connections": (DECLARED, plan),
    "behind AT-TLS": (ATTLS, plan),
    "renewal": (RENEWED, lambda given: renewal_plan(given, {}, date(2026, 1, 1))),
    "callers": (CALLERS, lambda given: callers.callers(given, ["cics"], CALLED)),
}


@pytest.mark.parametrize("world", WORLDS)
def test_no_sentence_shows_what_is_secret_in_a_wrong_place(world: str) -> None:
    given, judge = WORLDS[world]
    said = []
    for way in places(given):
        wrong = [with_another(given, way, value) for value in MISPLACED]
        for one in [*wrong, *([misspelt(given, way)] if isinstance(way[-1], str) else [])]:
            try:
                judge(one)
            except SecurityError as e:
                said.append(str(e))
    assert [sentence for sentence in said if SECRET in sentence or "@host" in sentence] == []
    assert len(said) > 10, "mistakes are told"
