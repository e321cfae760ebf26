# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which stores are read, by which password, and what is known of each beforehand; their places from the answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import answers as key_answers
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import places as key_places
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import Place
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.references import StoreReference
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import racdcert

Json = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """One store to read: its password (without one only the file is looked at), and what is known of it beforehand.

    ``server_dir`` is that of the server whose configuration alone names it.
    """

    path: str
    password: str | None = field(repr=False)
    facts: Mapping[str, Any]
    server_dir: str | None = None


def asked(
    stores: Sequence[Mapping[str, Any]],
    references: Sequence[StoreReference],
    *,
    hosts: Sequence[str] = (),
    server_dir: str | None = None,
) -> list[Asked]:
    """Return the stores to ask for; of one that ``stores`` and the configuration name, each knows something."""
    given = {store["path"]: store for store in stores}
    named = [(path, one) for one in references for path in one.paths]
    known = {path for path, _one in named}
    found = [Asked(path, one["password"], _known(one, hosts)) for path, one in given.items() if path not in known]
    for path, one in named:
        own = given.get(path, {"hosts": [], "role": None, "password": None})
        password = own["password"] or one.password
        facts = {
            **_known({**own, "role": own.get("role") or one.role}, hosts),
            "elements": ((one.id, one.origin),),
            "wanted_type": one.type,
            "problem": None if password else one.problem,
            "paths": one.paths,
        }
        found.append(Asked(path, password, facts, None if path in given else server_dir))
    return found


def _known(store: Mapping[str, Any], hosts: Sequence[str]) -> Json:
    return {"hosts": store["hosts"] or hosts, "role": store.get("role")}


def question(
    stores: Sequence[Asked], password: Callable[[Asked], Mapping[str, str]], *, java_home: str | None, **more: Any
) -> Json:
    """Return what target_read is asked; ``password`` says how it gets that of a store."""
    return {
        "stores": [
            {"path": one.path, "server_dir": one.server_dir, "java_home": java_home, **more, **password(one)}
            for one in stores
            if one.password is not None
        ],
        "files": [
            {"path": one.path, "server_dir": one.server_dir, "content": False} for one in stores if one.password is None
        ],
    }


def places(
    stores: Sequence[Asked], answers: Mapping[str, Mapping[str, Any]], pems: Sequence[Mapping[str, Any]] = ()
) -> list[Place]:
    """Return the places of stores; ``answers`` are by path, ``pems`` those of files that may hold issuers, too."""
    known = key_answers.certificates([*answers.values(), *pems])
    return key_answers.read_by_liberty([key_answers.of_store(answers[one.path], one.facts, known) for one in stores])


def rings(listings: Sequence[str], where: str = "listings") -> list[Place]:
    """Return the places of the rings that listings tell of."""
    listed = racdcert.entries("", list(listings)) if listings else []
    if listings and not listed:
        raise SecurityError(
            f"{where}: no certificate is on a ring there; give what RACDCERT LISTRING printed, and for dates and keys "
            "what RACDCERT LIST printed."
        )
    return key_places.of_rings(listed)
