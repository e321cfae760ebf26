# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a declaration would change anything of what is there, by its plan alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import desired as attls_desired
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import plan as attls_plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt import unsaid
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt.proved import Check, Fault
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import desired
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import plan as liberty_plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server

Json = dict[str, Any]


def check(present: Present, attls_ports: Collection[int] = (), zos_release: str | None = None) -> Check:
    """Return what says of a declaration why it would not leave everything as it is, None where it would."""

    def find(declared: list[Json]) -> Fault | None:
        try:
            planned = plan(declared, present=present, attls_ports=attls_ports, zos_release=zos_release)
            change = next(_changes(planned, present), None)
        except SecurityError as e:
            return Fault(unsaid.REFUSED, str(e))
        return Fault(unsaid.CHANGES, change) if change else None

    return find


def _changes(planned: Mapping[str, Any], present: Present) -> Iterator[str]:
    """Yield what would change, in few words."""
    for file in planned["files"]:
        if present.server:
            yield from _of_file(present.server, file, planned["files"])
    for store in planned["stores"]:
        if store["entries"]:
            yield f"entries of {store['path']}"
    for side, policy in present.policies.items():
        for file in planned["policies"]:
            if file["name"] == f"{side}-policy.txt":
                wanted = attls_desired.check(file["config"], attls_desired.Options(), where=side)
                if attls_plan.plan(policy.source, wanted, attls_desired.Options()).changed:
                    yield f"the {side} policy"


def _of_file(server: Server, file: Json, files: Sequence[Json]) -> Iterator[str]:
    options = desired.Options()
    wanted = desired.check(file["elements"], options)
    data = server.content.get(file["path"])
    if data is None:
        yield f"a new file {file['path']}"
        return
    source = read_source(data, name=file["path"])
    elsewhere = {name: set(ids) for name, ids in server.ids().items()}
    for other in files:
        for element in other["elements"]:
            elsewhere.setdefault(element["element"], set()).add(element.get("id"))
    made = liberty_plan.plan(source, wanted, elsewhere=elsewhere)
    for change in made.changes[:1]:
        yield f"{change.action} {change.element} {change.attribute or ''} in {file['path']}:{change.line}"
