# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What declared ports ask of a server's configuration: of those that are there the change, of new ones all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import server
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Connection
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.names import keys_id, trust_id
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover import claims, look, port, uses
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.change import (
    Change,
    Wanted,
    free,
    origin,
    who,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.notes import IDENTITY, Note
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.plain import Closing
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.requesters import unsettled
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.attributes import BUILT_IN
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import ports
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import APPLICATION_SECURITY

Json = dict[str, Any]


def changes(
    connections: Sequence[Connection], present: Present, closing: Closing, *, rule: str, application_security: bool
) -> list[Change]:
    """Return what is asked for each connection.

    ``rule`` is the identity rule of the whole server; ``application_security``: the server has it, by whichever
    feature.
    """
    if not connections:
        return []
    effective = present.effective
    found = [_of_one(item, effective, closing) for item in connections]
    first, own = found[0], {_endpoint(item) for item in connections}
    if not application_security:
        first.wanted.insert(0, Wanted(server.feature_manager(APPLICATION_SECURITY), first.owner, first.shared_files))
    for change in found:
        for endpoint, owner in closing.endpoints.items():
            if owner == change.owner and endpoint not in own:
                change.make({"element": "httpEndpoint", "id": endpoint, "attributes": {"httpPort": -1}})
    if _changes_identity(connections, effective, rule):
        first.make(server.identity(rule))
        first.notes += _identity_of_others(connections, effective, closing, rule) if effective else []
    for item, change in zip(connections, found, strict=True):
        if item.harden_default:
            _not_by_default(item, effective)
            change.make(*server.hardening())
    return found


def _of_one(item: Connection, effective: Effective | None, closing: Closing) -> Change:
    taken, asked = item.standing.taken, item
    closed = _endpoint(item) in closing.endpoints
    if taken and effective:
        change = port.change(item, taken, effective, closed=closed)
    else:
        change = Change(item.name, item.shared_files)
        if effective:
            _free(item, effective)
        change.make(*server.of_new(item, closed=closed))
    if effective:
        asked = unsettled(item, effective)
    change.make(*server.requesters(asked))
    return change


def _endpoint(item: Connection) -> str:
    return str(item.standing.taken.endpoint.id) if item.standing.taken else item.name


def _free(item: Connection, effective: Effective) -> None:
    """Refuse to make elements for a new port whose ids are those of elements that others use."""
    if item.server_attls:
        return
    if item.ssl_configuration == "default":
        default = ports.default_ssl(effective)
        if others := uses.of_ssl(effective, default):
            raise SecurityError(
                f'{item.name}: ssl_configuration default would change <ssl id="{default}">, and {who(others)} it. Set '
                "it to own; or name the default one in elements.ssl, and the port uses it as it is."
            )
        return
    free(item.name, "ssl", item.name, uses.of_ssl(effective, item.name))
    for options in filter(None, [effective.by_id("sslOptions", item.name)]):
        free(item.name, "sslOptions", item.name, uses.of_options(effective, item.name, but=options))
    mine = effective.by_id("ssl", item.name)
    for store in _stores(item):
        free(item.name, "keyStore", store, uses.of_store(effective, store, but=mine))


def _stores(item: Connection) -> Iterator[str]:
    yield keys_id(item.name)
    if item.trust_store:
        yield trust_id(item.name)


def _changes_identity(connections: Sequence[Connection], effective: Effective | None, rule: str) -> bool:
    """Whether the identity rule is written: for a new port as on a bare server, else where it is another one."""
    if effective is None or any(item.standing.is_new for item in connections):
        return True
    said = any("identity" in item.said for item in connections)
    return rule != look.identity(effective) and (said or look.identity(effective) is not None)


def _identity_of_others(
    connections: Sequence[Connection], effective: Effective, closing: Closing, rule: str
) -> list[Note]:
    """Return what happens to ports that a file opens and of which nobody says it, where the rule becomes another."""
    was = look.identity_in_force(effective, connections[0].zosconnect_version)
    said = {item.port for item in connections if item.standing.is_new or "identity" in item.said}
    # Where no file says the rule, a port that asks for no certificate has nobody to lose to passwords.
    asking = {one.port for one in ports.ports(effective) if one.client_authentication in ("supported", "required")}
    unsaid = rule == look.identity(effective)
    others = [
        f"port {one.port} of {one.place}"
        for one in claims.listeners(effective)
        if one.port not in said
        and (one.port in asking or not unsaid)
        and one.endpoint.origin(one.attribute) is not BUILT_IN
        and not (one.attribute == claims.PLAIN and one.endpoint.id in closing.endpoints)
    ]
    if was == rule or not others:
        return []
    place = origin(effective.one("webAppSecurity"))
    what = f"It becomes {rule} and was {was or 'another one'} ({place})"
    says = next((item for item in connections if item.standing.is_new or "identity" in item.said), connections[0])
    return [Note(IDENTITY, says.name, what, place, tuple(others))]


def _not_by_default(item: Connection, effective: Effective | None) -> None:
    """Refuse to harden the default SSL configuration where the connection itself is served by it."""
    taken = item.standing.taken
    own = "ssl_configuration" in item.said
    if taken and effective and not item.server_attls and not own and taken.ssl == ports.default_ssl(effective):
        raise SecurityError(
            f"{item.name}: harden_default would cut off port {item.port}, which is served by the default SSL "
            f"configuration {taken.ssl}. Set ssl_configuration to own, and it gets one of its own that is like it."
        )
