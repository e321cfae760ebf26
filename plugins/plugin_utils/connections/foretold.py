# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""In check mode: what the server will write when it is refreshed, and which ports open by which certificate."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.change import Change
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import places
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import STORE, Place
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict import predict, stores
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.predict import Predicted
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.prediction import CERTAIN, UPDATE
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.situation import Situation
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server


def foretell(made: Change, server: Server | None) -> Predicted | None:
    """Say what a server makes of a change; nothing where nothing of it changes."""
    if server is None or not made.of_server:
        return None
    after = server.as_planned(made.bytes_of_server())
    held = _held(after, server.places.server, made)
    return predict.predict(Situation(after, server.effective(), held))


def _held(effective: Effective, server_dir: str, made: Change) -> dict[str, Place]:
    """Return what the stores of the change will hold, by the elements that name them; of others nothing is known."""
    planned = {posixpath.normpath(each.change.file.path): each.change.planned.entries for each in made.stores}
    return {
        identity: Place(path, STORE, held=places.of_store(planned[path]))
        for identity, paths in stores.paths(effective, server_dir).items()
        for path in paths
        if path in planned
    }


def line(predicted: Predicted, endpoints: Mapping[str, Any]) -> str:
    """Return both in a few words: the ports of ``endpoints``, and the messages that are no information."""
    opened = [
        f"{one.port.port} opens{f' with {one.held.subject}' if one.held else ''}"
        if one.opens
        else f"{one.port.port} stays closed: {one.why}"
        for one in predicted.ports
        if one.port.endpoint in endpoints
    ]
    ids = {one.id for one in predicted.messages if one.certainty == CERTAIN and one.when == UPDATE}
    said = sorted(identity for identity in ids if not identity.endswith("I"))
    return "; ".join([*opened[:2], *([f"the log says {several(said)}"] if said else [])])
