# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is there in, the declaration that describes it out: nothing that it says differs from what is there.

What it does not say stays as it is, so whatever cannot be said is left out and told.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import statements
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt import csd, unsaid
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.calls import Calls
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.elements import Elements, titled
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.fronts import Fronts
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.members import Members
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.rings import Rings
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.said import Places, Said
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.served import Served
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.stores import Stores
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.unsaid import Unsaid
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.names import (
    DEFAULT_OUTBOUND,
    DEFAULT_SSL,
    HARDENED,
    taken_by,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.problems import NOT_READ
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server

# Ansible would take a text with these for a template, and evaluate what somebody wrote on the target.
_TEMPLATE = re.compile(r"\{[{%#]")
_NOT_OURS = (DEFAULT_OUTBOUND, DEFAULT_SSL, HARDENED)
# Lists of which one is left out where it is no text for a file of variables.
_LISTED = ("clients", "requesters", "web_applications")
_SPARE = ("key_store",)
# The elements that a declaration is about; what is wrong with others is not told here.
_ABOUT = ("httpEndpoint", "ssl", "sslOptions", "keyStore", "zosconnect_endpointConnection")


@dataclass(frozen=True)
class Settings:
    """What no file says: who the server is to AT-TLS, the release of z/OS, ports said to be covered, key rings."""

    job_name: str | None = None
    user_id: str | None = None
    zos_release: str = statements.NEWEST
    attls_ports: Collection[int] = ()
    rings: Rings = field(default_factory=Rings)


@dataclass(frozen=True)
class Adopted:
    """The connections as they are, each with its places, and what could not be said."""

    connections: tuple[Said, ...]
    unsaid: tuple[Unsaid, ...]
    server_dir: str
    complete: bool

    def plain(self) -> list[dict[str, Any]]:
        """Return the declaration as a user would have written it."""
        return [connection.plain() for connection in self.connections]


def adopted(present: Present, settings: Settings | None = None) -> Adopted:
    """Return the declaration that describes a server; raise SecurityError for one of which nothing can be said."""
    settings, server = settings or Settings(), _server(present)
    effective, places = server.effective(), Places(server.places.server)
    told: list[Unsaid] = [*_not_seen(server, places)]
    fronts = Fronts(present.policies, settings.job_name, settings.user_id, settings.zos_release, settings.attls_ports)
    elements = Elements(effective, places)
    maps, stores = csd.clients(present.csd or ""), Stores(effective, places, present.stores)
    callers = list(Served(elements, fronts, stores, maps, told, settings.rings).connections())
    callers = Members(server, places, told).shared(callers)
    calls = list(Calls(elements, fronts, stores, told).connections())
    told += [*_broken(effective, places), *stores.unsaid()]
    made = [_fit(said, effective, told) for said in _with_names([*callers, *calls])]
    kept = tuple(said for said in made if said)
    return Adopted(kept, _once(told, effective), places.server_dir, not _unseen(effective, server))


def _server(present: Present) -> Server:
    server = present.server
    if server is None:
        raise SecurityError("server: nobody looked at the server, so nothing can be adopted.")
    if lacking := server.lacking("server_dir"):
        raise SecurityError(lacking)
    if refused := server.effective().assembly.refused:
        raise SecurityError(f"{refused} So nothing can be adopted; mend that first.")
    return server


def _unseen(effective: Effective, server: Server) -> list[str]:
    problems = [problem.message for problem in effective.problems if problem.rule in NOT_READ]
    return [*problems, *server.not_seen()]


def _not_seen(server: Server, places: Places) -> Iterator[Unsaid]:
    """Yield what could not be read, so that nobody takes silence for absence."""
    for problem in server.effective().problems:
        if problem.rule in NOT_READ:
            yield Unsaid(unsaid.UNSEEN, "Something", places.of(problem.origin), places.inside(problem.message))
    for message in server.not_seen():
        yield Unsaid(unsaid.UNSEEN, "A file", "", places.inside(message))


def _broken(effective: Effective, places: Places) -> Iterator[Unsaid]:
    """Yield the elements of ours that Liberty does not take as they are written."""
    for problem in effective.problems:
        if problem.element in _ABOUT and problem.rule not in NOT_READ:
            place = places.of(problem.origin)
            yield Unsaid(
                unsaid.BROKEN, titled(str(problem.element), problem.identity), place, places.inside(problem.message)
            )


def _with_names(found: list[tuple[str, Said]]) -> Iterator[Said]:
    """Give each connection a name of its own."""
    taken: set[str] = set()
    for wanted, said in found:
        name = _free(_identifier(wanted), taken)
        taken.add(name)
        inner = said.value if isinstance(said.value, Mapping) else {}
        yield Said({"name": Said(name, said.origin), **inner}, said.origin)


def _identifier(wanted: str) -> str:
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", wanted)[:40]
    return name if re.match(r"[A-Za-z_]", name) else f"c_{name}"


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken or free in _NOT_OURS or taken_by(free, taken):
        number += 1
        free = f"{name}_{number}".replace(".", "_")
    return free


def _fit(said: Said, effective: Effective, told: list[Unsaid]) -> Said | None:
    """Return a connection without what a file of variables cannot hold; None where that is what it is known by."""
    if not isinstance(said.value, Mapping):
        return None
    kept: dict[str, Said] = {}
    for key, inner in said.value.items():
        found = _fit_members(inner, effective, said.origin, told) if key in _LISTED else inner
        if found and not all(_is_fit(text, effective) for text in found.texts()):
            told.append(Unsaid(unsaid.UNFIT, "A key" if key in _SPARE else "A connection", said.origin, key))
            if key not in _SPARE:
                return None
            continue
        if found:
            kept[key] = found
    return Said(kept, said.origin)


def _fit_members(listed: Said, effective: Effective, origin: str, told: list[Unsaid]) -> Said | None:
    members = listed.value if isinstance(listed.value, list) else []
    kept = [member for member in members if all(_is_fit(text, effective) for text in member.texts())]
    for member in members:
        if not all(_is_fit(text, effective) for text in member.texts()):
            told.append(Unsaid(unsaid.UNFIT, "One that is called", member.origin or origin, "its name"))
    return Said(kept, listed.origin) if kept else None


def _is_fit(text: str, effective: Effective) -> bool:
    """Whether a text may stand in a file of variables: it is no template, nothing invisible, and no secret."""
    secret = any(secret in text for secret in effective.secret_texts)
    return text.isprintable() and bool(text.strip()) and not _TEMPLATE.search(text) and not secret


def _once(told: list[Unsaid], effective: Effective) -> tuple[Unsaid, ...]:
    """Return each thing that cannot be said once, without what variables of passwords hold."""
    secrets = effective.secret_texts
    hidden = (
        replace(each, what=str(redact.without(each.what, secrets)), detail=str(redact.without(each.detail, secrets)))
        for each in told
    )
    return tuple(dict.fromkeys(hidden))
