# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declared connections of one server in, what every artefact needs out.

Contradictions are errors before anything is touched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import desired as attls_desired
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import (
    conflicts,
    contradictions,
    endpoint_contradictions,
    handover,
    outbound,
    policies,
    present_server,
    probes,
    programs,
    refusals,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import (
    Connection,
    Scopes,
    connection,
    place,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.endpoint import Endpoint, is_endpoint
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import NOTHING, Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.stores import stores
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover import (
    absent,
    calls,
    places,
    plain,
    policy,
    proof,
    requesters,
    server,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.change import Change, agreed
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.look import looking
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.notes import Note, sentences
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import ports as known_ports
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import desired
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import ports
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import OAS2

STATES = ("present", "absent")
SIDES = ("both", "client")

Json = dict[str, Any]

# Words of a connection that a person is told when they become other.
_TOLD = ("server_tls", "host", "client_certificate")


def plan(
    declared: Sequence[object],
    *,
    state: str = "present",
    side: str = "both",
    identity_rule: str | None = None,
    present: Present = NOTHING,
    attls_ports: Collection[int] = (),
    policy_files: Mapping[str, Mapping[str, str]] | None = None,
    zosconnect_version: object = None,
    zos_release: object = None,
    zos_apars: object = (),
) -> Json:
    """Return what the connections need, or with ``state`` absent what takes them away.

    ``side`` client leaves the server alone: only the programs that call get what they need.
    ``identity_rule`` names the rule of the whole server where that is weaker than what a connection declares.
    ``present`` is what is there. ``attls_ports`` are ports of the server in front of which AT-TLS is known to stand.
    ``policy_files`` says where the ``inbound`` and ``outbound`` policy go (``host`` and ``path``); without it their
    texts are handed over. ``zosconnect_version`` is what was said for all connections: the server's features decide,
    and a declaration must not contradict them. ``zos_release`` and ``zos_apars`` are the level of z/OS of policies.

    The answer has ``server_xml`` (its path), ``stores`` (inputs of keystore, and what a store must hold to be of any
    use), ``files`` (inputs of server_xml, one a file: ``path`` and ``elements``), ``policies`` (inputs of
    attls_policy, one a file), ``inbound`` (``config`` and ``rules`` that must be installed before the server opens a
    port, or calls an endpoint by http), ``gates`` (what a caller without a certificate must meet, enough to tell the
    intended port from one that fell back to the default) and ``probes`` (what all callers must meet), both for
    tls_probe and without secrets, ``handover`` (texts for other teams by file name), ``endpoints`` (that the server
    calls) and ``endpoint_probes`` (what they must show), ``waivers`` (of server_config_info), ``warnings``,
    ``zosconnect_version``, ``connections`` (their name, port and who does TLS), and ``copies`` (elements that are made
    like others). Raises SecurityError for what contradicts itself.
    """
    _check_words(state, side)
    _legible(present.effective)
    there = present_server.read(present.effective)
    version = present_server.version(declared, zosconnect_version, there)
    endpoints = endpoint_contradictions.read(
        declared, side, version, look=calls.looking(present), server_dir=_directory(present), ends=state == "absent"
    )
    connections = (
        _read(declared, side, version, present, state) if not endpoints or not all(map(is_endpoint, declared)) else []
    )
    endpoint_contradictions.one_server(connections, endpoints)
    if state == "present":
        conflicts.judge(connections, present.policies, endpoints)
    if side == "client":
        made = _client_side(connections)
    elif state == "present":
        made = _present(connections, endpoints, identity_rule, present, known_ports(attls_ports, "attls_ports"))
    else:
        made = _absent(connections, endpoints, present, there)
    files, notes, owners = _files(asked := made.pop("asked"), [*connections, *endpoints], present, side)
    level = attls_desired.Options(zos_release=zos_release or None, zos_apars=zos_apars, shared_actions="copy")
    taken = policy.ends(connections, endpoints)
    part = (policy.asked if state == "present" else policy.own)(taken, present.policies)
    held = policy.standing(taken, present.policies, part)
    # What is handed over is whole, for nobody merges it.
    is_whole = state == "present" and part and not (policy_files or {}).get("inbound", {}).get("path")
    sides = _sides(held if is_whole else part, connections, endpoints)
    sides, left_out = policies.fitted(sides, level.level)
    policy_texts = _policy_files(sides, policy_files or {}, state)
    if state == "present":
        policies.check(policy_texts, level, present.policies)
        made["warnings"] += left_out
    notes = [*made.pop("notes"), *notes]
    made["warnings"] += sentences(notes)
    return {
        "state": state,
        "zosconnect_version": version,
        "server_xml": None if side == "client" else _server_xml([*connections, *endpoints], present),
        "files": files,
        "notes": [note.shown() for note in notes],
        "copies": [copy for change in asked for copy in change.copies],
        "connections": [_report(item) for item in connections],
        "differences": _brought(connections, owners) if state == "present" else {},
        "policies": policy_texts,
        "inbound": policies.of_stack(policies.inbound(connections), held, sides["server-outbound"]),
        "handover": handover.files(connections, endpoints),
        **made,
    }


def _check_words(state: str, side: str) -> None:
    for option, given, allowed in (("state", state, STATES), ("side", side, SIDES)):
        if given not in allowed:
            raise SecurityError(f"{option}: {given!r} is not one of {', '.join(allowed)}.")


def _directory(present: Present) -> str | None:
    return present.server.places.server if present.server else None


def _server_xml(items: Sequence[Connection | Endpoint], present: Present) -> str:
    return present.server.server_xml if present.server else f"{items[0].server_dir}/server.xml"


def _files(
    asked: Sequence[Change], items: Sequence[Connection | Endpoint], present: Present, side: str
) -> tuple[list[Json], list[Note], frozenset[str]]:
    """Return what is asked of each file, what is to be known, who asks; all is checked as the modules will check it.

    So what is wrong is said before a key store is touched.
    """
    if side == "client":
        return [], [], frozenset()
    wanted = [want for change in asked for want in change.wanted]
    agreed(wanted)
    notes = [note for change in asked for note in change.notes]
    if present.server is None:
        elements = [want.element for want in wanted]
        desired.check(elements, desired.Options())
        return [{"path": _server_xml(items, present), "elements": elements}], notes, frozenset()
    placed = places.placed(wanted, present.server, present)
    if placed.files:
        proof.check(wanted, placed.files, present.server)
    files = [{"path": path, "elements": found} for path, found in placed.files.items()]
    return files, [*notes, *placed.notes], placed.owners


def _legible(effective: Effective | None) -> None:
    """Refuse a configuration that Liberty refuses as a whole: nobody knows what is there."""
    if effective and effective.assembly.refused:
        raise SecurityError(f"{effective.assembly.refused} So nothing can be planned for this server; mend that first.")


def _read(declared: Sequence[object], side: str, version: str, present: Present, state: str) -> list[Connection]:
    """Return the declared connections; what contradicts itself is an error."""
    look = looking(present)
    connections = [
        connection(
            item,
            place(declared, number),
            served=side == "both",
            version=version,
            look=look,
            server_dir=_directory(present),
            ends=state == "absent",
        )
        for number, item in enumerate(declared)
        if not is_endpoint(item)
    ]
    for item in connections if state == "present" else ():
        contradictions.check_one(item)
    if version != OAS2:
        connections = [replace(item, require_secure=Scopes()) for item in connections]
    contradictions.check_together(connections)
    return connections


def _present(
    connections: Sequence[Connection],
    endpoints: Sequence[Endpoint],
    identity_rule: str | None,
    present: Present,
    attls_ports: Collection[int],
) -> Json:
    there = present_server.read(present.effective)
    rule = contradictions.identity(connections, identity_rule) if connections else ""
    secured = not present_server.lacks_application_security(connections, there)
    present_server.check_web_applications(connections, there)
    closing = plain.closing(connections, present)
    asked = server.changes(connections, present, closing, rule=rule, application_security=secured)
    of_calls, endpoints = calls.changes(endpoints, present)
    asked += of_calls
    asked += present_server.ties(endpoints, there)
    inputs = stores([*connections, *outbound.owners(endpoints)])
    warnings = [] if secured else [present_server.switched_on(connections[0])]
    warnings += refusals.requesters([*connections, *endpoints], present.server) if present.server else []
    seen = ports.ports(present.effective, attls_ports) if present.effective else None
    opening = [item for item in connections if item.server_attls and requesters.opens(item, present.effective)]
    warnings += contradictions.open_ports(connections, opening, seen, closing.endpoints)
    for item in connections:
        opens = requesters.opens(item, present.effective)
        warnings += _warnings(item, opens=opens, known=present.effective is not None)
    warnings += [warning for item in endpoints for warning in outbound.warnings(item)]
    if hardening := next((item for item in connections if item.harden_default), None):
        warnings += contradictions.outbound_by_default(hardening, present.server, endpoints)
    return {
        "stores": [asdict(store) for store in inputs.values()],
        "asked": asked,
        **outbound.report(endpoints),
        "gates": probes.gates(connections, list(inputs)),
        "probes": probes.probes(connections),
        "warnings": warnings,
        "notes": closing.notes,
    }


def _client_side(connections: Sequence[Connection]) -> Json:
    warnings = [warning for item in connections for warning in programs.warnings(item)]
    return {
        **outbound.report([]),
        "stores": [],
        "asked": [],
        "gates": [],
        "probes": [],
        "warnings": warnings,
        "notes": [],
    }


def _sides(taken: Json, connections: Sequence[Connection], endpoints: Sequence[Endpoint]) -> dict[str, Json]:
    """Return the AT-TLS policies by where they belong; ``taken`` is what is asked of rules that are there."""
    return {
        "inbound": policies.joined(policies.inbound(connections), taken),
        "outbound": policies.outbound(connections),
        **outbound.policies_of(endpoints),
    }


def _policy_files(sides: Mapping[str, Json], places: Mapping[str, Mapping[str, str]], state: str) -> list[Json]:
    # What is below the server is for the same stack as what is in front of it.
    files = policies.files(sides, {"server-outbound": places.get("inbound", {}), **places})
    gone = state == "absent"
    return [{**file, "config": policies.without(file["config"])} for file in files] if gone else files


def _absent(
    connections: Sequence[Connection],
    endpoints: Sequence[Endpoint],
    present: Present,
    there: present_server.PresentServer | None,
) -> Json:
    gone, staying = probes.closed(connections), list(outbound.staying(endpoints))
    asked = [
        *absent.of_ports(connections, present),
        *present_server.loosened(endpoints, there),
        *absent.of_calls(endpoints, present),
    ]
    made = {"stores": [], "asked": asked, "gates": gone, "probes": gone, "warnings": staying, "notes": []}
    return {**outbound.report(endpoints), **made}


def _report(item: Connection) -> Json:
    """A connection for reports, without secrets."""
    keys = ("port", "caller_tls", "server_tls", "client_certificate")
    return {"connection": item.name, **{key: getattr(item, key) for key in keys}}


def _brought(connections: Sequence[Connection], owners: frozenset[str]) -> dict[str, list[Json]]:
    """Return by connection what it brings; nothing that has a word where it changes the server's files all the same."""
    found = {item.name: words for item in connections if (words := _differences(item))}
    return {**{name: [] for name in sorted(owners)}, **found}


def _differences(item: Connection) -> list[Json]:
    """Return what a connection brings, as data: that it is new, or each word that is not what is there.

    The way callers are known by is the server's and no connection's; what nobody could see has not become other.
    """
    if item.standing.is_new:
        return [{"word": None, "was": None, "is": None}]
    found = [(word, getattr(item.standing, word), getattr(item, word)) for word in _TOLD if item.brings(word)]
    found += _moved(item)
    return [{"word": word, "was": was, "is": now} for word, was, now in found if was is not None]


def _moved(item: Connection) -> Iterator[tuple[str, object, object]]:
    """Yield the port of an endpoint that gets another one, and protocols that become other ones."""
    there = item.standing
    was = there.taken.endpoint.get("httpPort" if item.server_attls else "httpsPort") if there.taken else None
    if isinstance(was, int) and was not in (-1, item.port) and not item.brings("server_tls"):
        yield "port", was, item.port
    if item.said & {"protocols", "tls_profile"} and there.profile and there.profile.protocols != item.profile.protocols:
        yield "protocols", " ".join(there.profile.protocols), " ".join(item.profile.protocols)


def _warnings(item: Connection, *, opens: bool, known: bool) -> Iterator[str]:
    for scope, value in item.require_secure.named:
        if value is False and opens:
            kept = (
                "the others must be closed, or behind AT-TLS"
                if item.server_attls
                else "this connection keeps its own port on TLS"
            )
            yield (
                f"{item.name}: requireSecure false for {scope} counts for every http port of the server, whichever it "
                f"is; {kept}."
            )
    if item.plain_http == "unchanged" and not known:
        yield f"{item.name}: plain_http is left unchanged, so the default endpoint may listen on 9080."
    yield from programs.warnings(item)
