# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planned configuration is looked at first: what was asked counts there, and no port has two listeners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover import claims
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.change import Wanted
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.claims import Listener
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.places import Placer
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import desired, elements
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.assembly import assemble
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server, evaluated

Json = dict[str, Any]


def planned(files: Mapping[str, Sequence[Json]], server: Server) -> dict[str, bytes]:
    """Return the bytes that the files will have; passwords stand in them as they are written by default."""
    ids = {name: set(known) for name, known in server.ids().items()}
    wanted = {path: desired.check(asked, desired.Options()) for path, asked in files.items()}
    for asked in wanted.values():
        for want in asked:
            if want.identity is not None and want.state != "absent":
                ids.setdefault(want.element, set()).add(want.identity)
    made = {}
    for path, asked in wanted.items():
        tag = server.facts.get(path, {}).get("tag")
        source = read_source(server.content.get(path, b"<server/>"), name=path, tag=tag)
        made[path] = plan(source, asked, elsewhere=ids).result.data
    return made


def check(wanted: Sequence[Wanted], files: Mapping[str, Sequence[Json]], server: Server) -> Effective:
    """Return the configuration after a change; refuse one in which something of it has no effect."""
    laid = server.files.laid_over(planned(files, server))
    after = evaluated(assemble(laid, server.places, server.outer, server_xml=server.server_xml))
    if after.assembly.refused:
        raise SecurityError(f"{after.assembly.refused} So the change would have no effect; nothing is changed.")
    for want in wanted:
        _counts(want, server, after)
    _one_listener(list(claims.listeners(server.effective())), list(claims.listeners(after)))
    return after


def _counts(want: Wanted, server: Server, after: Effective) -> None:
    # A file outside would be refused once more.
    seen = replace(want, element=_open(want.element), shared_files=True)
    placer = Placer(seen, server, after, Present(server))
    left = placer.parts()
    if not left:
        return
    part = next(iter(left.values()))
    name = f'<{part["element"]} id="{part["id"]}">' if "id" in part else f"<{part['element']}>"
    what = ", ".join(part.get("attributes", {})) or "what is asked"
    dropped = claims.why_dropped(after, part["element"], part.get("id"))
    why = dropped or "Another file overrules it; look how that is included (onConflict)."
    raise SecurityError(f"{want.owner}: {what} of {name} would have no effect. {why}")


def _open(element: Json) -> Json:
    """Return an element without its secrets: nobody can compare those without the server's keys."""
    entry = elements.find(element["element"], None)
    known = entry.attributes if entry else {}
    attributes = element.get("attributes", {})
    return {
        **element,
        "attributes": {
            name: value for name, value in attributes.items() if not ((kind := known.get(name.lower())) and kind.secret)
        },
    }


def _one_listener(before: Sequence[Listener], after: Sequence[Listener]) -> None:
    known = {_key(one) for one in before}
    by_port: dict[int, list[Listener]] = {}
    for one in after:
        for other in by_port.get(one.port, ()):
            if {_key(one), _key(other)} - known and claims.meet(one.host, other.host):
                raise SecurityError(
                    f"Port {one.port} would be that of {other.place} and of {one.place}, so whoever binds first has "
                    "it. Give one of them another port."
                )
        by_port.setdefault(one.port, []).append(one)


def _key(one: Listener) -> tuple[object, ...]:
    return one.port, one.host, one.endpoint.id, one.attribute
