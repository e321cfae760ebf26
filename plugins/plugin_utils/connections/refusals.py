# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a declaration names and the server does not have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Connection
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.endpoint import Endpoint
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import shown
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import nearest
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import require_secure
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server


def requesters(items: Sequence[Connection | Endpoint], server: Server) -> list[str]:
    """Refuse API requesters that the server does not have; return the warning where nobody can know that.

    An API requester is there where an ``apiRequester`` element has its name, in whatever file, or an archive.
    """
    named = [(item.name, name) for item in items for name in item.requesters]
    effective = server.effective()
    folder = require_secure.archive_folder(effective.one("zosconnect_apiRequesters"), server.places.server)
    known = {
        one.name
        for one in require_secure.artifacts(effective, server.files, server.places.server)
        if one.side.word == "requesters"
    }
    missing = [(where, name) for where, name in named if name not in known]
    if not missing:
        return []
    if why := next(_unknown(server, folder), None):
        names = ", ".join(dict.fromkeys(name for _where, name in missing))
        return [f"Nobody can tell whether the server has {names}: {why}"]
    where, name = missing[0]
    hint = nearest(name, known) or "."
    raise SecurityError(
        f"{where}.requesters: the server has no API requester {shown(name)}{hint} Neither an <apiRequester> nor an "
        f"archive in {folder} has this name. Correct it, or deploy the archive first; this collection does not."
    )


def _unknown(server: Server, folder: str) -> Iterator[str]:
    """Give reasons why the API requesters are not all known."""
    if folder in server.unseen:
        yield server.unseen[folder]
    if folder not in server.asked and folder not in server.listings:
        yield f"{folder} was not looked at."
    yield from server.not_seen()
    if server.effective().assembly.refused:
        yield str(server.effective().assembly.refused)
