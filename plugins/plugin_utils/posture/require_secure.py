# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The effective ``requireSecure`` and ``requireAuth`` of every API requester, API and service, and who decided.

Rule of IBM's page "API requester confidentiality and integrity" (z/OS Connect 2.0): true where nothing is said; the
narrower scope wins, ``apiRequester`` over ``zosconnect_apiRequesters`` over ``zosconnect_zosConnectManager``. z/OS
Connect 3.0 (OpenAPI 3) has no ``requireSecure`` as far as documented.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.files import Files
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import BUILT_IN, Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import features, ports

MANAGER = "zosconnect_zosConnectManager"
# Problems over which something of the configuration was not seen.
UNSEEN = ("unseen", "include-missing", "doctype")
SETTINGS = ("requireSecure", "requireAuth")
_ARCHIVES = "resources/zosconnect/apiRequesters"


@dataclass(frozen=True)
class Side:
    """A collection of things that can be called: the result's word for it, its element, the nested element, what people
    call one of them.
    """

    word: str
    collection: str
    member: str
    title: str
    archive: str | None = None


SIDES = (
    Side("requesters", "zosconnect_apiRequesters", "apiRequester", "API requester", ".ara"),
    Side("apis", "zosconnect_zosConnectAPIs", "zosConnectAPI", "API"),
    Side("services", "zosconnect_services", "service", "service"),
)


@dataclass(frozen=True)
class Decision:
    """One effective setting: its value, the element that says so (``default``: nobody does), and where that stands."""

    value: bool
    scope: str
    origin: Origin


@dataclass(frozen=True)
class Subject:
    """One requester, API or service. ``origin`` is None where only an archive shows that it exists."""

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


def subjects(effective: Effective, files: Files | None = None, server_dir: str = "/") -> Iterator[Subject]:
    """Yield everything that can be called, first what is configured, then what only an archive in ``files`` shows."""
    manager = (MANAGER, effective.one(MANAGER))
    for side in SIDES:
        collection = effective.one(side.collection)
        scopes = ((side.collection, collection), manager)
        names = set()
        for member in collection.children.get(side.member, []) if collection else []:
            name = str(member.get("name"))
            names.add(name)
            yield _subject(side, name, member.places[-1], ((side.member, member), *scopes))
        for name in _archives(side, collection, files, server_dir):
            if name not in names:
                yield _subject(side, name, None, scopes)


def of_others(effective: Effective, side: Side) -> Decision:
    """Return the effective requireSecure of all of a side that no file names."""
    return decide("requireSecure", [(name, effective.one(name)) for name in (side.collection, MANAGER)])


def _subject(side: Side, name: str, origin: Origin | None, scopes: tuple[tuple[str, Instance | None], ...]) -> Subject:
    secure, auth = (decide(setting, scopes) for setting in SETTINGS)
    return Subject(side, name, origin, secure, auth)


def _archives(side: Side, collection: Instance | None, files: Files | None, server_dir: str) -> list[str]:
    if side.archive is None or files is None:
        return []
    folder = archive_folder(collection, server_dir)
    names = files.names(folder)
    return sorted(name.removesuffix(side.archive) for name in names if name.endswith(side.archive))


def archive_folder(collection: Instance | None, server_dir: str) -> str:
    """Return the directory of the API requester archives: ``location``, by default below the server's directory."""
    location = collection.get("location") if collection else None
    return posixpath.normpath(posixpath.join(server_dir, str(location or _ARCHIVES)))


def report(effective: Effective, files: Files | None = None, server_dir: str = "/") -> dict[str, object]:
    """Return all decisions as plain data: ``version``, ``complete``, ``scopes``, a list for each kind of subject."""
    level = features.version(effective)
    answer: dict[str, object] = {
        "version": level,
        "complete": effective.assembly.complete and effective.assembly.refused is None,
        "unseen": [problem.message for problem in effective.problems if problem.rule in UNSEEN],
        "refused": effective.assembly.refused,
        "scopes": {name: _scope(effective.one(name)) for name in (MANAGER, *(side.collection for side in SIDES))},
    }
    found = list(subjects(effective, files, server_dir))
    for side in SIDES:
        answer[side.word] = [_shown(subject) for subject in found if subject.side is side]
    if level == "3.0":
        answer["note"] = (
            "z/OS Connect 3.0 has no requireSecure as far as documented: the port, or a transport guarantee in the "
            "WAR, decides."
        )
        answer["ports"] = ports.report(effective)
    return answer


def _scope(instance: Instance | None) -> dict[str, object]:
    """Return what a scope itself says; null where it says nothing."""
    said = {}
    for setting in SETTINGS:
        value = instance.attributes.get(setting) if instance else None
        explicit = value is not None and value.origin is not BUILT_IN
        said[setting] = {"value": value.value, "origin": str(value.origin)} if value and explicit else None
    return said


def _shown(subject: Subject) -> dict[str, object]:
    shown: dict[str, object] = {"name": subject.name, "origin": None if subject.origin is None else str(subject.origin)}
    for setting, decision in zip(SETTINGS, (subject.secure, subject.auth), strict=True):
        shown[setting] = {"value": decision.value, "scope": decision.scope, "origin": str(decision.origin)}
    return shown


def of_requester(told: dict[str, object], name: str) -> bool | None:
    """Return the effective requireSecure of one requester from what ``report`` told; None for one that is not known.

    Two requesters of one name that differ, a configuration that Liberty refuses, or 3.0: SecurityError, nobody can say.
    """
    if told.get("refused"):
        raise SecurityError(f"nobody can say what {name} requires: {told['refused']}")
    if told.get("version") == "3.0":
        raise SecurityError(str(told["note"]))
    requesters = told.get("requesters")
    found = [r for r in requesters if r["name"] == name] if isinstance(requesters, list) else []
    answers = {r["requireSecure"]["value"] for r in found}
    if len(answers) > 1:
        places = " and ".join(str(r["requireSecure"]["origin"]) for r in found)
        raise SecurityError(
            f"apiRequester {name} is configured more than once and differently, at {places}; Liberty keeps both."
        )
    return answers.pop() if answers else None
