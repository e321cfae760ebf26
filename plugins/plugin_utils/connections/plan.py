# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declared connections of one server in, wishes for every artefact out.

Contradictions are errors before anything is touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import (
    conflicts,
    contradictions,
    endpoint_contradictions,
    handover,
    outbound,
    policies,
    probes,
    programs,
    server,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import (
    Connection,
    connection,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.endpoint import Endpoint, is_endpoint
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.stores import stores
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import wishes

STATES = ("present", "absent")
SIDES = ("both", "client")

Json = dict[str, Any]


def plan(
    declared: Sequence[object],
    *,
    state: str = "present",
    side: str = "both",
    identity_rule: str | None = None,
    present: bytes | None = None,
    ports: Sequence[Mapping[str, Any]] | None = None,
    policy_files: Mapping[str, Mapping[str, str]] | None = None,
    present_policies: Mapping[str, Policy] | None = None,
) -> Json:
    """Return what the connections need, or with ``state`` absent what takes them away.

    ``side`` client leaves the server alone: only the programs that call get what they need.
    ``identity_rule`` names the rule of the whole server where that is weaker than what a connection declares.
    ``present`` is server.xml as it is, needed where a default is hardened. ``ports`` are the server's as
    server_config_info tells them, needed where plain http is accepted behind AT-TLS. ``policy_files`` says where the
    ``inbound`` and ``outbound`` policy go (``host`` and ``path``); without it their texts are handed over.
    ``present_policies`` are those that are there, by the same names: other rules in them may be in the way.

    The answer has ``server_xml`` (its path), ``stores`` (inputs of keystore, and what a store must hold to be of any
    use), ``elements`` (of server_xml), ``policies`` (inputs of attls_policy, one a file), ``inbound`` (``config`` and
    ``rules`` that must be installed before the server opens a port, or calls an endpoint by http), ``gates`` (what a
    caller without a certificate must meet, enough to tell the intended port from one that fell back to the default) and
    ``probes`` (what all callers must meet), both for tls_probe and without secrets, ``handover`` (texts for other teams
    by file name), ``endpoints`` (that the server calls) and ``endpoint_probes`` (what they must show), ``waivers`` (of
    server_config_info), ``warnings``, and ``kinds`` (of IBM's figure, endpoints last). Raises SecurityError for what
    contradicts itself.
    """
    for option, given, allowed in (("state", state, STATES), ("side", side, SIDES)):
        if given not in allowed:
            raise SecurityError(f"{option}: {given!r} is not one of {', '.join(allowed)}.")
    endpoints = endpoint_contradictions.read(declared, side)
    connections = _read(declared, side) if not endpoints or not all(map(is_endpoint, declared)) else []
    endpoint_contradictions.one_server(connections, endpoints)
    if state == "present":
        conflicts.judge(connections, present_policies or {}, endpoints)
    if side == "client":
        made = _client_side(connections)
    elif state == "present":
        made = _present(connections, endpoints, identity_rule, present, ports)
    else:
        made = _absent(connections, endpoints)
    # The wishes are checked here as server_xml will: what is wrong is said before a key store is touched.
    wishes.check(made["elements"], wishes.Manner())
    return {
        "state": state,
        "server_xml": None if side == "client" else f"{[*connections, *endpoints][0].server_dir}/server.xml",
        "kinds": [item.kind for item in [*connections, *endpoints]],
        "policies": _policies(connections, endpoints, policy_files or {}, state),
        "inbound": policies.of_stack(policies.inbound(connections), outbound.below(endpoints)),
        "handover": handover.files(connections, endpoints),
        **outbound.told(endpoints),
        **made,
    }


def _read(declared: Sequence[object], side: str) -> list[Connection]:
    """Return the declared connections; what contradicts itself is an error."""
    connections = [
        connection(item, f"connections[{n}]" if len(declared) > 1 else "connection", served=side == "both")
        for n, item in enumerate(declared)
        if not is_endpoint(item)
    ]
    for item in connections:
        contradictions.alone(item)
    contradictions.together(connections)
    return connections


def _present(
    connections: Sequence[Connection],
    endpoints: Sequence[Endpoint],
    identity_rule: str | None,
    present: bytes | None,
    ports: Sequence[Mapping[str, Any]] | None,
) -> Json:
    own = server.elements(connections, contradictions.identity(connections, identity_rule)) if connections else []
    contradictions.open_ports(connections, ports)
    inputs = stores([*connections, *outbound.owners(endpoints)])
    warnings = [warning for item in connections for warning in _warnings(item)]
    warnings += [warning for item in endpoints for warning in outbound.warnings(item)]
    if hardening := next((item for item in connections if item.harden_default), None):
        warnings += contradictions.outbound_by_default(hardening, present, endpoints)
    return {
        "stores": list(inputs.values()),
        "elements": own + outbound.elements(endpoints),
        "gates": probes.gates(connections, list(inputs)),
        "probes": probes.probes(connections),
        "warnings": warnings,
    }


def _client_side(connections: Sequence[Connection]) -> Json:
    warnings = [warning for item in connections for warning in programs.warnings(item)]
    return {"stores": [], "elements": [], "gates": [], "probes": [], "warnings": warnings}


def _policies(
    connections: Sequence[Connection],
    endpoints: Sequence[Endpoint],
    places: Mapping[str, Mapping[str, str]],
    state: str,
) -> list[Json]:
    sides = {
        "inbound": policies.inbound(connections),
        "outbound": policies.outbound(connections),
        **outbound.policies_of(endpoints),
    }
    # What is below the server is for the same stack as what is in front of it.
    files = policies.files(sides, {"server-outbound": places.get("inbound", {}), **places})
    gone = state == "absent"
    return [{**file, "config": policies.without(file["config"])} for file in files] if gone else files


def _absent(connections: Sequence[Connection], endpoints: Sequence[Endpoint]) -> Json:
    gone, staying = probes.closed(connections), list(outbound.staying(endpoints))
    elements = server.without(connections) + outbound.without(endpoints)
    return {"stores": [], "elements": elements, "gates": gone, "probes": gone, "warnings": staying}


def _warnings(item: Connection) -> Iterator[str]:
    for scope, value in item.require_secure.said:
        if value is False:
            kept = (
                "the others must be closed, or behind AT-TLS"
                if item.fronted
                else "this connection keeps its own port on TLS"
            )
            yield (
                f"{item.name}: requireSecure false for {scope} counts for every http port of the server, whichever it "
                f"is; {kept}."
            )
    if item.plain_http == "unchanged":
        yield f"{item.name}: plain_http is left unchanged, so the default endpoint may listen on 9080."
    yield from programs.warnings(item)
