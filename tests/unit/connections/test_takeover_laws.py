# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Laws of what is taken over: named is unchanged, a change stays with its port, twice is once."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from adopt_servers import servers
from connection_world import BASES, EMPTY
from hypothesis import assume, event, given
from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover import claims, proof
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.claims import SECURE, Listener
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import outbound, ports
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.ports import Port

CHANGES: tuple[dict[str, Any], ...] = (
    {"client_certificate": "required"},
    {"client_certificate": "supported"},
    {"client_certificate": "none"},
    {"protocols": ["TLSv1.3"]},
    {"client_certificate": "required", "ssl_configuration": "own", "trust_store": {"location": "safkeyring:///T"}},
    {"key_store": {"location": "safkeyring:///K"}},
    {"plain_http": "closed"},
    {"host": "10.9.8.7"},
)


def listening(there: Present) -> list[Listener]:
    """The https ports of which nobody else has one at the same address."""
    effective = there.effective
    assert effective is not None
    found = list(claims.listeners(effective))
    return [
        one
        for one in found
        if one.attribute == SECURE
        and not any(
            other is not one and other.port == one.port and claims.meet(one.host, other.host) for other in found
        )
    ]


def named(one: Listener) -> dict[str, Any]:
    return {"name": "x.1", "port": one.port, "elements": {"httpEndpoint": str(one.endpoint.id)}}


def one_of(draw_from: list[Listener], data: st.DataObject) -> Listener:
    assume(draw_from)
    return data.draw(st.sampled_from(draw_from))


def without_policies(there: Present) -> Present:
    return replace(there, policies={})


@given(servers(), st.data())
def test_what_is_named_and_nothing_else_is_unchanged(there: Present, data: st.DataObject) -> None:
    one = one_of(listening(there), data)
    made = plan([named(one)], present=without_policies(there))
    assert made["files"] == []
    assert made["stores"] == []


@given(servers(), st.sampled_from(CHANGES), st.data())
def test_a_change_stays_with_its_port_and_is_made_once(
    there: Present, change: dict[str, Any], data: st.DataObject
) -> None:
    one = one_of(listening(there), data)
    present, declared = without_policies(there), [{**named(one), **change}]
    before = present.effective
    try:
        made = plan(declared, present=present)
    except SecurityError as e:
        event(f"refused: {str(e)[:100]}")
        return
    after = planned(present, made)
    event(f"{len(made['files'])} files")
    assert before is not None
    known = mentioned(before)
    assert others(after, one, known) == others(before, one, known)
    if change != {"plain_http": "closed"} and "host" not in change:
        worked = {call["id"] for call in outbound.report(before) if call["ssl"]}
        assert calls(after, worked) == calls(before, worked)
    [port] = of(after, one, host=None)
    [was] = of(before, one, host=one.host)
    assert works(port) or not works(was)
    if "client_certificate" in change and works(port):
        assert port.client_authentication == change["client_certificate"]
    if "protocols" in change and works(port):
        assert port.protocols == "TLSv1.3"
    assert sum(port.port == each.port and claims.meet(port.host, each.host) for each in claims.listeners(after)) == 1
    again = replace(present, server=laid(present, made))
    assert plan(declared, present=again)["files"] == []


# In a loop of two the second port would be the first one's, or the names those of others.
TOGETHER = [pair for pair in itertools.combinations(sorted(BASES), 2) if not {"BARE", "C6", "C7", "C8"} >= set(pair)]


@pytest.mark.parametrize("names", [*((name,) for name in BASES), *TOGETHER], ids="+".join)
def test_what_was_made_is_planned_again_as_it_is(names: tuple[str, ...]) -> None:
    """All that a plan says, not the files alone: other teams get the same texts, callers are asked the same."""
    declared = [{**BASES[name], "name": f"{name.lower()}x", **_more(name)} for name in names]
    try:
        made = plan(declared, present=EMPTY, identity_rule="certificate_or_basic")
    except SecurityError as e:
        pytest.fail(f"the declarations of this test must fit each other: {e}")
    again = plan(declared, present=replace(EMPTY, server=laid(EMPTY, made)), identity_rule="certificate_or_basic")
    assert again["files"] == []
    for said in ("handover", "policies", "inbound", "probes", "stores", "connections", "endpoints", "endpoint_probes"):
        assert again[said] == made[said], said


def _more(name: str) -> dict[str, Any]:
    """A port of its own, and a region whose definitions are handed over."""
    clients = [
        {**client, **({"settings": {"group": "ZCEE"}} if client["type"] == "cics" else {})}
        for client in BASES[name].get("clients", [])
    ]
    port = {} if "endpoint" in BASES[name] else {"port": 6000 + sorted(BASES).index(name)}
    return port | ({"clients": clients} if clients else {})


def of(effective: Effective, one: Listener, host: str | None) -> list[Port]:
    found = [port for port in ports.ports(effective) if port.endpoint == one.endpoint.id and port.port == one.port]
    return [port for port in found if port.tls and host in (None, port.host)]


def works(port: Port) -> bool:
    """Whether the port is served as its endpoint says; one that was broken before may stay so."""
    return port.ssl is not None and port.fallback is None and port.unusable is None


def laid(present: Present, made: dict[str, Any]) -> Any:
    """The server with the planned files in it."""
    server = present.server
    assert server is not None
    asked = {file["path"]: file["elements"] for file in made["files"]}
    content = {**server.content, **proof.planned(asked, server)}
    return replace(server, content=content, _effective=None)


def planned(present: Present, made: dict[str, Any]) -> Effective:
    found: Effective = laid(present, made).effective()
    return found


def mentioned(effective: Effective) -> set[str | None]:
    """The endpoints in files: the default one is nobody's where no file mentions it."""
    return {found.id for found in effective.all("httpEndpoint") if found.places}


def others(effective: Effective, one: Listener, known: set[str | None]) -> list[tuple[object, ...]]:
    """What callers of all other https ports of known endpoints meet."""
    return [
        (port.endpoint, port.host, port.port, port.ssl, port.fallback, port.client_authentication, port.protocols)
        for port in ports.ports(effective)
        if port.tls and port.endpoint != one.endpoint.id and port.endpoint in known
    ]


def calls(effective: Effective, known: set[str]) -> list[tuple[object, ...]]:
    """How the server makes the calls that are known; one that was broken before may work when its stores are there."""
    shown = ("id", "url", "ssl", "fallback", "trust_store", "client_key_alias", "verify_host_name", "protocols")
    return [tuple(call[key] for key in shown) for call in outbound.report(effective) if call["id"] in known]
