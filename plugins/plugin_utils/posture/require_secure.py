# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The effective ``requireSecure`` and ``requireAuth`` of every API requester, API and service, and who decided.

Rule of IBM's page "API requester confidentiality and integrity" (z/OS Connect 2.0): true where no scope sets it; the
narrower scope wins, ``apiRequester`` over ``zosconnect_apiRequesters`` over ``zosconnect_zosConnectManager``. z/OS
Connect 3.0 (OpenAPI 3) has no ``requireSecure`` as far as documented.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.module_utils.following import ARCHIVES
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.files import Files
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.attributes import BUILT_IN
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.problems import NOT_READ
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import features, ports
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import OAS3

MANAGER = "zosconnect_zosConnectManager"
SETTINGS = ("requireSecure", "requireAuth")


@dataclass(frozen=True)
class Side:
    """A collection of things that can be called.

    ``word`` is the result's, ``collection`` and ``member`` are elements, ``title`` is what people call one of them,
    ``features`` are those (as a pattern) that it needs.
    """

    word: str
    collection: str
    member: str
    title: str
    features: str
    archive: str | None = None


# Features of a user may bring anything.
_REQUESTERS = r"(zosconnect:apirequester-|usr:).*"
_APIS = r"(zosconnect:|usr:).*"
SIDES = (
    Side("requesters", "zosconnect_apiRequesters", "apiRequester", "API requester", _REQUESTERS, ".ara"),
    Side("apis", "zosconnect_zosConnectAPIs", "zosConnectAPI", "API", _APIS),
    Side("services", "zosconnect_services", "service", "service", _APIS),
)


@dataclass(frozen=True)
class Decision:
    """One effective setting: its value, the element that says so (``default``: nobody does), and where that stands."""

    value: bool
    scope: str
    origin: Origin


@dataclass(frozen=True)
class Artifact:
    """One API requester, API or service; IBM calls them artifacts.

    ``origin`` is None where only an archive shows that it exists.
    """

    side: Side
    name: str
    origin: Origin | None
    secure: Decision
    auth: Decision


def decide(setting: str, scopes: Iterable[tuple[str, Instance | None]]) -> Decision:
    """Return the setting of the first scope, from the narrowest to the widest, that says something of its own."""
    for name, instance in scopes:
        value = instance.attributes.get(setting) if instance else None
        if value is not None and value.origin is not BUILT_IN and isinstance(value.value, bool):
            return Decision(value.value, name, value.origin)
    return Decision(True, "default", BUILT_IN)


def artifacts(effective: Effective, files: Files | None = None, server_dir: str = "/") -> Iterator[Artifact]:
    """Yield everything that can be called, first what is configured, then what only an archive in ``files`` shows."""
    manager = (MANAGER, effective.one(MANAGER))
    for side in SIDES:
        collection = effective.one(side.collection)
        scopes = ((side.collection, collection), manager)
        names = set()
        for member in collection.children.get(side.member, []) if collection else []:
            name = str(member.get("name"))
            names.add(name)
            yield _artifact(side, name, member.places[-1], ((side.member, member), *scopes))
        for name in _archives(side, collection, files, server_dir):
            if name not in names:
                yield _artifact(side, name, None, scopes)


def may_be_called(effective: Effective, side: Side) -> bool:
    """Say whether a server can have any of a side: without the feature nobody calls it. A doubt is a yes."""
    return not effective.all_read or features.has(effective, side.features) is not False


def of_others(effective: Effective, side: Side) -> Decision:
    """Return the effective requireSecure of all of a side that no file names."""
    return decide("requireSecure", [(name, effective.one(name)) for name in (side.collection, MANAGER)])


def _artifact(
    side: Side, name: str, origin: Origin | None, scopes: tuple[tuple[str, Instance | None], ...]
) -> Artifact:
    secure, auth = (decide(setting, scopes) for setting in SETTINGS)
    return Artifact(side, name, origin, secure, auth)


def _archives(side: Side, collection: Instance | None, files: Files | None, server_dir: str) -> list[str]:
    if side.archive is None or files is None:
        return []
    folder = archive_folder(collection, server_dir)
    names = files.names(folder)
    return sorted(name.removesuffix(side.archive) for name in names if name.endswith(side.archive))


def archive_folder(collection: Instance | None, server_dir: str) -> str:
    """Return the directory of the API requester archives: ``location``, by default below the server's directory."""
    location = collection.get("location") if collection else None
    return posixpath.normpath(posixpath.join(server_dir, str(location or ARCHIVES)))


def report(effective: Effective, files: Files | None = None, server_dir: str = "/") -> dict[str, object]:
    """Return all decisions as plain data: ``version``, ``complete``, ``scopes``, a list for each kind of subject."""
    level = features.version(effective)
    answer: dict[str, object] = {
        "version": level,
        "complete": effective.complete and effective.assembly.refused is None,
        "unseen": [problem.message for problem in effective.problems if problem.rule in NOT_READ],
        "refused": effective.assembly.refused,
        "scopes": {name: _scope(effective.one(name)) for name in (MANAGER, *(side.collection for side in SIDES))},
    }
    found = list(artifacts(effective, files, server_dir))
    for side in SIDES:
        answer[side.word] = [_shown(one) for one in found if one.side is side]
    if level == OAS3:
        answer["note"] = (
            "z/OS Connect 3.0 has no requireSecure as far as documented: the port, or a transport guarantee in the "
            "WAR, decides."
        )
        answer["ports"] = ports.report(effective)
    return answer


def _scope(instance: Instance | None) -> dict[str, object]:
    """Return what a scope itself says; null where it says nothing."""
    own: dict[str, object] = {}
    for setting in SETTINGS:
        value = instance.attributes.get(setting) if instance else None
        explicit = value is not None and value.origin is not BUILT_IN
        own[setting] = {"value": value.value, "origin": str(value.origin)} if value and explicit else None
    return own


def _shown(artifact: Artifact) -> dict[str, object]:
    shown: dict[str, object] = {
        "name": artifact.name,
        "origin": None if artifact.origin is None else str(artifact.origin),
    }
    for setting, decision in zip(SETTINGS, (artifact.secure, artifact.auth), strict=True):
        shown[setting] = {"value": decision.value, "scope": decision.scope, "origin": str(decision.origin)}
    return shown


def of_requester(decisions: dict[str, object], name: str) -> bool | None:
    """Return the effective requireSecure of one requester by what ``report`` returned; None for one that is not known.

    Two requesters of one name that differ, a configuration that Liberty refuses, or 3.0: SecurityError, nobody can say.
    """
    if decisions.get("refused"):
        raise SecurityError(f"nobody can say what {name} requires: {decisions['refused']}")
    if decisions.get("version") == OAS3:
        raise SecurityError(str(decisions["note"]))
    requesters = decisions.get("requesters")
    found = [r for r in requesters if r["name"] == name] if isinstance(requesters, list) else []
    answers = {r["requireSecure"]["value"] for r in found}
    if len(answers) > 1:
        places = " and ".join(str(r["requireSecure"]["origin"]) for r in found)
        raise SecurityError(
            f"apiRequester {name} is configured more than once and differently, at {places}; Liberty keeps both."
        )
    return answers.pop() if answers else None
