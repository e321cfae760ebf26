# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the key stores of a configuration hold, each opened as its own element says: two may name one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.aes import Keys
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import answers, asking, references
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.asking import Asked
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import Place


def asked(effective: Effective, server_dir: str) -> list[Asked]:
    """Return the stores to read, each once for each element that names it."""
    return [
        one
        for reference in references.references(effective, server_dir, Keys())
        for one in asking.asked([], [reference], server_dir=server_dir)
    ]


def paths(effective: Effective, server_dir: str) -> dict[str, tuple[str, ...]]:
    """Return the paths at which Liberty looks for each store, by the ids of the elements that name them."""
    return {each.id: each.paths for each in references.references(effective, server_dir, Keys())}


def question(stores: Sequence[Asked], *, java_home: str | None) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what target_read is asked, and the passwords by the names that it calls them."""
    names = {id(one): f"store{number}" for number, one in enumerate(stores)}
    asks = asking.question(stores, lambda one: {"password": names[id(one)]}, java_home=java_home)
    return asks, {names[id(one)]: one.password for one in stores if one.password is not None}


def places(stores: Sequence[Asked], answer: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Place]:
    """Return what stores hold, by the ids of the elements that name them."""
    opened, looked_at = iter(answer["stores"]), iter(answer["files"])
    items = [next(looked_at if one.password is None else opened) for one in stores]
    found: dict[str, list[tuple[Place, Sequence[str]]]] = {}
    for one, item in zip(stores, items, strict=True):
        for identity, _origin in one.facts["elements"]:
            found.setdefault(identity, []).append(answers.of_store(item, one.facts))
    return {identity: answers.read_by_liberty(several)[0] for identity, several in found.items()}
