# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""In check mode: what the server will write when it is refreshed, and which ports open by which certificate."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Sequence

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.change import Change
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import places
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import STORE, Place
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict import predict, stores
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.predict import Predicted
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.prediction import CERTAIN, UPDATE
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.serving import Opening
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.situation import Situation
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server

# What becomes different at a port that was open before, by what it asks of callers now.
_ASKS = {
    "none": "asks no longer for a client certificate",
    "supported": "asks for a client certificate, and takes callers without one",
    "required": "asks for a client certificate, and refuses callers without one",
}


def foretell(made: Change, server: Server | None) -> Predicted | None:
    """Say what a server makes of a change; nothing where nothing of it changes."""
    if server is None or not made.of_server:
        return None
    after = server.as_planned(made.bytes_of_server())
    held = _held(after, server.places.server, made)
    return predict.predict(Situation(after, server.effective(), held))


def ports_before(made: Change, server: Server | None) -> Sequence[Opening]:
    """Return what the ports do now, as far as the files and the stores of the change show it."""
    if server is None:
        return ()
    effective = server.effective()
    held = _held(effective, server.places.server, made, now=True)
    return predict.predict(Situation(effective, stores=held)).ports


def _held(effective: Effective, server_dir: str, made: Change, *, now: bool = False) -> dict[str, Place]:
    """Return what the stores of the change hold (``now``) or will hold, by their elements; nothing of others."""
    planned = {
        posixpath.normpath(each.change.file.path): each.change.present if now else each.change.planned.entries
        for each in made.stores
    }
    return {
        identity: Place(path, STORE, held=places.of_store(planned[path]))
        for identity, paths in stores.paths(effective, server_dir).items()
        for path in paths
        if path in planned
    }


def line(predicted: Predicted, before: Sequence[Opening], declared: Collection[int]) -> str:
    """Return both in a few words: the ports that change, those ``declared`` first, and the messages that say more."""
    first = sorted(predicted.ports, key=lambda one: one.port.port not in declared)
    opened = [words for one in first if (words := _said(one, before, declared))]
    stay = {_name(one) for one in predicted.ports}
    closed = [f"{one.port.port} closes" for one in before if one.opens and _name(one) not in stay]
    ids = {one.id for one in predicted.messages if one.certainty == CERTAIN and one.when == UPDATE}
    said = sorted(identity for identity in ids if not identity.endswith("I"))
    return "; ".join([*opened[:2], *closed[:2], *([f"the log says {several(said)}"] if said else [])])


def _said(one: Opening, before: Sequence[Opening], declared: Collection[int]) -> str:
    """Say what becomes of a port, nothing where it stays as it is."""
    was = next((each for each in before if _name(each) == _name(one)), None)
    if was is not None and _shows(was) == _shows(one):
        return ""
    number = one.port.port
    if not one.opens:
        if was and was.opens:
            return f"{number} closes: {one.why}"
        # One that is neither declared nor open now is nobody's question here.
        return f"{number} stays closed: {one.why}" if number in declared else ""
    shown = f" with {one.held.subject}" if one.held else ""
    if was is None or not was.opens:
        return f"{number} opens{shown}"
    return f"{number}{shown} {' and '.join(_different(one, was))}"


def _name(one: Opening) -> tuple[str, int, bool]:
    return one.port.host, one.port.port, one.port.tls


def _shows(one: Opening) -> tuple[object, ...]:
    """Return what callers see of a port."""
    held, port = one.held, one.port
    return one.opens, one.why, held and held.sha256, port.client_authentication, port.protocols


def _different(one: Opening, was: Opening) -> Iterator[str]:
    if (one.held and one.held.sha256) != (was.held and was.held.sha256):
        yield "shows another certificate"
    if one.port.client_authentication != was.port.client_authentication:
        yield _ASKS[one.port.client_authentication]
    if one.port.protocols != was.port.protocols:
        yield f"takes {one.port.protocols or 'the protocols of its Java'}"
    if one.why != was.why:
        yield f"has a fault: {one.why}" if one.why else "has a fault no longer"
