# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The effective configuration as plain data for results and templates, secrets hidden."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import elements
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.attributes import Value
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import applications, features
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.ports import Port
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.refresh import Comparison
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import OAS3

_SECRETS = elements.secret_names()


def config(effective: Effective, names: Collection[str] | None = None) -> dict[str, list[dict[str, object]]]:
    """Return element name → instances, each with ``id``, ``attributes``, ``origins``, ``overruled``, ``children``."""
    wanted = effective.instances if names is None else [name for name in effective.instances if name in names]
    hidden = effective.secret_variables
    return {name: [instance(found, hidden) for found in effective.instances[name]] for name in wanted}


def element_names(effective: Effective) -> list[str]:
    """Return the names of the elements that files configure."""
    return sorted(
        name
        for name, instances in effective.instances.items()
        if any(place.line is not None for instance in instances for place in instance.places)
    )


def instance(found: Instance, hidden: frozenset[str]) -> dict[str, object]:
    """Return one effective element as plain data; ``hidden`` are the variables that hold secrets."""
    # What is a secret because another attribute says so is shown as one that says it by itself.
    shown_as = {name: "password" if found.holds_named(name) else name for name in found.attributes}
    return {
        "id": found.id,
        "attributes": {
            name: redact.MARK if hidden.intersection(value.origin.via) else _shown(shown_as[name], value.value)
            for name, value in found.attributes.items()
        },
        "origins": {name: str(value.origin) for name, value in found.attributes.items()},
        "overruled": {name: _lost(shown_as[name], value) for name, value in found.attributes.items() if value.lost},
        "children": {
            name: [instance(child, hidden) for child in children] for name, children in found.children.items()
        },
    }


def _lost(name: str, value: Value) -> list[dict[str, object]]:
    return [{"value": _shown(name, lost.text), "origin": str(lost.origin)} for lost in value.lost]


def _shown(name: str, value: object) -> object:
    if isinstance(value, list):
        return [_shown(name, item) for item in value]
    if not isinstance(value, str):
        return value
    return redact.MARK if name.lower() in _SECRETS else redact.value(name, value)


def variables(effective: Effective) -> dict[str, dict[str, object]]:
    """Return the variables of the XML files: what each is in the end, and where that stands."""
    known = effective.assembly.variables
    hidden = effective.secret_variables
    answer: dict[str, dict[str, object]] = {}
    for name in sorted(known.xml):
        found = known.lookup(name)
        if found is not None:
            answer[name] = {
                "value": redact.MARK if name in hidden else redact.value(name, found[0]),
                "origin": str(found[1]),
            }
    return answer


def problems(effective: Effective) -> list[dict[str, object]]:
    """Return what does not have the effect that it seems to have."""
    return [
        {
            "rule": p.rule,
            "message": p.message,
            "origin": str(p.origin),
            "element": p.element,
            "id": p.identity,
            "attribute": p.root.attribute,
            "liberty_message": p.code,
        }
        for p in effective.problems
    ]


def files(
    effective: Effective, content: Mapping[str, bytes], facts: Mapping[str, Mapping[str, object]]
) -> list[dict[str, object]]:
    """Return the files that were read, the documents first, each with sha256, encoding, mode, owner."""
    # An XML file that is no document of the configuration was only found beside those that are.
    others = sorted(path for path in facts if not path.lower().endswith(".xml"))
    return [
        {"path": path, "encoding": _encoding(content[path], path), **facts.get(path, {})}
        for path in dict.fromkeys([*effective.assembly.read, *others])
        if path in content
    ]


def requesters(decisions: Mapping[str, Any], found: Sequence[Port]) -> list[dict[str, object]]:
    """Return the API requesters of ``require_secure.report``, each with its verdict: what the ports make of it.

    What is left of them on a server of z/OS Connect 3.0 is none.
    """
    if decisions["version"] == OAS3:
        return []
    verdicts = {secure: _verdict(found, secure=secure) for secure in (True, False)}
    return [{**one, "verdict": verdicts[one["requireSecure"]["value"]]} for one in decisions["requesters"]]


def _verdict(found: Sequence[Port], *, secure: bool) -> str:
    https = _numbers(port for port in found if port.tls and not port.unusable)
    if secure:
        return (
            f"TLS is required; https on {https}" if https else "TLS is required, but no https port is open: status 302"
        )
    if plain := _numbers(port for port in found if port.cleartext):
        return f"plain http is accepted on {plain}"
    if attls := _numbers(port for port in found if port.attls and not port.tls):
        return f"TLS is done by AT-TLS on {attls}"
    return f"plain http would be accepted, but only https is open on {https}" if https else "no port is open"


def zosconnect(effective: Effective, found: Sequence[Port]) -> dict[str, object]:
    """Return which z/OS Connect a server is, and its web applications with what protects them.

    ``version`` and its ``origin``, ``application_security``, ``web_applications``.
    """
    origin, security = features.version_origin(effective), features.application_security(effective)
    asked = "callers need their role" if security else "nobody is asked for a role"
    verdict = f"{_verdict_of_all(found)}; {asked}"
    return {
        "version": features.version(effective),
        "origin": str(origin) if origin else None,
        "application_security": security,
        "web_applications": [
            {
                "element": one.element,
                "name": one.name,
                "id": one.id,
                "origin": str(one.origin),
                "connection": one.connection,
                "connection_origin": str(one.connection_origin) if one.connection_origin else None,
                "verdict": verdict,
            }
            for one in applications.web_applications(effective)
        ],
    }


def _verdict_of_all(found: Sequence[Port]) -> str:
    """What the ports demand where no requireSecure demands more."""
    kinds = {
        "plain http is accepted on": [port for port in found if port.cleartext],
        "TLS is done by AT-TLS on": [port for port in found if port.attls and not port.tls],
        "https on": [port for port in found if port.tls and not port.unusable],
    }
    return ", ".join(f"{what} {_numbers(which)}" for what, which in kinds.items() if which) or "no port is open"


def _numbers(found: Iterable[Port]) -> str:
    return several([str(port.port) for port in found])


def running(
    url: str,
    reported: Sequence[Mapping[str, Any]],
    compared: Comparison,
    names: Collection[str] | None = None,
    *,
    secrets: Collection[str] = (),
) -> dict[str, object]:
    """Return what the running server reported, and where the files differ; ``secrets`` are what variables hold."""
    shown: dict[str, list[object]] = {}
    for entry in reported:
        name = str(entry["configElementName"])
        if names is None or name in names:
            shown.setdefault(name, []).append(redact.structure(entry))
    return {
        "url": url,
        "config": redact.without(shown, secrets),
        "differences": [difference.shown() for difference in compared.differences],
        "not_compared": compared.not_compared,
    }


def _encoding(data: bytes, path: str) -> str | None:
    try:
        return read_source(data, name=path).codec.name
    except SecurityError:
        return None


def options(args: Mapping[str, object]) -> object:
    """Return an action's options as they may be shown; values of variables, environment, login and policies are not."""
    public = ("ports", "targets", "zos_release", "job_name", "user_id")
    shown = {"env": (), "variables": (), "running": ("url", "username", "timeout"), "attls": public}
    hidden = {
        key: {name: each if name in shown[key] or each is None else redact.MARK for name, each in value.items()}
        for key, value in args.items()
        if key in shown and isinstance(value, dict)
    }
    return redact.structure({**args, **hidden})
