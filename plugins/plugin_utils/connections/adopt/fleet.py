# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many servers: what is equal in all of their declarations, and what is left of each.

By name of the connection, key by key: what all servers say alike is common, the rest is each server's own. Joined they
are what each server had said. A connection that not all servers have is each server's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt import said, written
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import mapping

Json = dict[str, Any]


SHARED, OWN = "zosconnect_connections_shared", "zosconnect_connections_own"
_JOIN = f"{{{{ {SHARED} | zosconnect.security.connections_joined({OWN} | default({{}})) }}}}"


def by_name(connections: Sequence[Mapping[str, Any]]) -> dict[str, Json]:
    """Return the connections of a declaration by their names."""
    return {str(each["name"]): {key: value for key, value in each.items() if key != "name"} for each in connections}


def factored(declarations: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[Json, dict[str, Json]]:
    """Return what all hosts declare alike, by name of the connection, and by host what is its own."""
    every = {host: by_name(connections) for host, connections in declarations.items()}
    common = _common(list(every.values()))
    return common, {host: _rest(own, common) for host, own in every.items()}


def _common(all_of: Sequence[Mapping[str, Any]]) -> Json:
    """Return the keys that all mappings have; of those with different values what these have in common."""
    first, *others = all_of or [{}]
    found: Json = {}
    for key, value in first.items():
        if all(key in other for other in others):
            values = [value, *(other[key] for other in others)]
            if all(_same(value, each) for each in values):
                found[key] = value
            elif all(isinstance(each, Mapping) for each in values) and (inner := _common(values)):
                found[key] = inner
    return found


def _same(one: object, other: object) -> bool:
    """Whether two values are equal, of one type too: to Python true is 1."""
    return one == other and type(one) is type(other)


def _rest(own: Mapping[str, Any], common: Mapping[str, Any]) -> Json:
    """Return what of a mapping is not common."""
    found: Json = {}
    for key, value in own.items():
        if key not in common:
            found[key] = value
        elif isinstance(value, Mapping) and (rest := _rest(value, common[key])):
            found[key] = rest
        elif not isinstance(value, Mapping) and not _same(value, common[key]):
            found[key] = value
    return found


def joined(common: object, own: object) -> list[Json]:
    """Return a declaration: what all servers have, with what is the server's own laid over it.

    Raises SecurityError for what is no mapping of connections by their names.
    """
    shared, rest = (_connections(given, where) for given, where in ((common, "common"), (own, "own")))
    return [{"name": name, **each} for name, each in _laid_over(shared, rest).items()]


def _connections(given: object, where: str) -> Mapping[str, Any]:
    for name, each in mapping(given, where).items():
        mapping(each, f"{where}.{name}")
    return mapping(given, where)


def _laid_over(common: Mapping[str, Any], own: Mapping[str, Any]) -> Json:
    found = dict(common)
    for key, value in own.items():
        known = common.get(key)
        inner = isinstance(known, Mapping) and isinstance(value, Mapping)
        found[key] = _laid_over(mapping(known, key), value) if inner else value
    return found


def files(found: Mapping[str, Any]) -> Json:
    """Return the files of variables of many hosts: ``profile`` for their group, ``hosts`` by name.

    ``found`` is what each host was adopted as, see gather.
    """
    results = {str(host): mapping(result, str(host)) for host, result in found.items()}
    common, own = factored({host: result["connections"] for host, result in results.items()})
    origins = {host: _flat(result["origins"]) for host, result in results.items()}
    return {
        "profile": _profile(common, list(origins.values())),
        "hosts": {host: _host(host, own[host], origins[host], results[host]) for host in results},
    }


def _flat(origins: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {
        f"{name}.{where}" if where else name: place for name, each in origins.items() for where, place in each.items()
    }


def _profile(common: Json, origins: Sequence[Mapping[str, str]]) -> str:
    first = origins[0] if origins else {}
    alike = {where: place for where, place in first.items() if all(each.get(where) == place for each in origins)}
    head = (
        f"What {len(origins):,} servers have in common, by name of the connection. What differs stands in {OWN} of "
        "each host; whatever is said nowhere stays as it is."
    )
    return written.mapping_text(SHARED, said.said(common, alike), [head]) + f'zosconnect_connections: "{_JOIN}"\n'


def _host(host: str, own: Json, origins: Mapping[str, str], result: Mapping[str, Any]) -> str:
    head = [f"What {host} has of its own; what it has in common with others stands in {SHARED} of its group."]
    told = [
        f"Not expressed: {each['what']} {each['reason']} ({each['place']})" for each in result["not_expressed"][:20]
    ]
    return written.mapping_text(OWN, said.said(own, origins), head + told)
