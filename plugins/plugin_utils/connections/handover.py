# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What other teams do: texts for CICS, IMS and batch, and the steps in their order.

Sources: IBM's pages on AT-TLS stack initialization access control, on the Policy Agent's MODIFY commands, and on TLS
connections from z/OS applications.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.clients import baq, urimap
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.client import Client
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Connection
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.endpoint import Endpoint
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.names import (
    STEPS_FILE,
    client_file,
    policy_file,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.outbound import rule_name as endpoint_rule
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.programs import rule_name

Json = dict[str, Any]


def files(connections: Sequence[Connection], endpoints: Sequence[Endpoint] = ()) -> list[Json]:
    """Return the texts to hand over, each with a file's ``name``; none holds a secret. The last one says what to do."""
    found: list[Json] = []
    known: list[str] = []
    for item in connections:
        for client in item.clients:
            for name, text in _texts(item, client, known):
                found.append({"name": client_file(item.name, client.name, name), "text": text})
    if not any(item.clients or item.server_attls for item in connections) and not any(
        item.server_attls for item in endpoints
    ):
        return []
    steps = [_numbered(number, step) for number, step in enumerate((*_steps(connections, endpoints), *known), 1)]
    return [*found, {"name": STEPS_FILE, "text": "\n".join(steps) + "\n"}]


def _numbered(number: int, step: str) -> str:
    """A step in lines that a terminal of z/OS can show."""
    return textwrap.fill(f"{number:2}. {step}", 79, subsequent_indent="    ", break_on_hyphens=False)


def _texts(item: Connection, client: Client, known: list[str]) -> Iterator[tuple[str, str]]:
    where = f"{item.name}: client {client.name}: settings"
    feature = f"zosConnect-{item.zosconnect_version}"
    common = {key: getattr(item, key) for key in ("caller_tls", "server_tls")}
    common |= {"feature": feature, "host": item.server_host}
    notes = ["settings.group is not given, so no URIMAP is rendered."]
    if client.type != "cics":
        port = {"http_port" if item.server_attls else "https_port": item.port}
        program = baq.plan({**common, **port, "program": client.type, **client.settings}, where)
        notes = program.notes
        parameters = "".join(f"{name}: {value}\n" for name, value in program.values.items())
        yield ("ceeopts", program.text) if program.text else ("baqinit", parameters)
    elif client.settings:
        region = urimap.plan({**common, **_of_region(item, client), **client.settings, **_region(client)}, where)
        notes = region.notes
        yield "csdup", region.dfhcsdup
        if region.sit:
            yield "sit", region.sit
    known += [f"{client.name} ({client.type}): {note}" for note in notes]


def _of_region(item: Connection, client: Client) -> Json:
    """What a URIMAP follows from: with AT-TLS below CICS the certificate belongs to the rule."""
    shown = client.certificate_label if not item.caller_attls else None
    return {
        "port": item.port,
        "client_certificate": item.client_certificate,
        **({"certificate": shown} if shown else {}),
        **({"authenticate": "BASIC"} if item.by_password else {}),
    }


def _region(client: Client) -> Json:
    region = client.settings.get("region")
    if not region:
        return {}
    ring = {"keyring": client.key_ring} if client.key_ring else {}
    return {"region": {"protocols": list(client.profile.protocols), **ring, **region}}


def _steps(connections: Sequence[Connection], endpoints: Sequence[Endpoint]) -> Iterator[str]:
    """What must be there before a policy counts, and how it is proved to count. AT-TLS fails open."""
    inbound = [rule_name(item) for item in connections if item.server_attls]
    outbound = [rule_name(item, client) for item in connections if item.caller_attls for client in item.clients]
    called = [endpoint_rule(item) for item in endpoints if item.server_attls]
    if not (inbound or outbound or called):
        return
    yield (
        "Once for each stack: define SERVAUTH EZB.INITSTACK.sysname.tcpname and permit those who start before the "
        "Policy Agent; then TCPCONFIG TTLS and PAGENT in AUTOLOG of PROFILE.TCPIP. Without the profile no socket "
        "works while the stack waits for its policy (EZZ4248E)."
    )
    yield "ICSF must be active before the Policy Agent is, for TLS 1.3, elliptic curves and FIPS 140."
    yield "Each user ID whose programs a rule matches needs READ to the key ring that the rule names."
    yield f"Install the policy ({', '.join(inbound + outbound + called)}) and tell the Policy Agent: F PAGENT,UPDATE"
    yield "Prove that the stack holds it: pasearch -t. Where no rule matches, a connection stays in clear, silently."
    if inbound:
        yield "Only then let the server open the port: run the playbook again with that output as evidence."
    if called:
        yield "Only then let the server call by http: run the playbook again with that output as evidence."
    if any(item.inbound for item in endpoints):
        yield f"{policy_file('endpoint-inbound')} is for those who look after the stack of the endpoint."
    yield "After the first call prove what was mapped: NETSTAT TTLS COnn connid DETAIL"
    yield "Connections that were open before a change keep what they had: restart the programs."
