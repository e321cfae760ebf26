# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user desires of a policy, checked: ``config`` becomes a list of DesiredStatement, or one sentence.

TTLSRule:
  - name: zcReqOut
    Direction: Outbound
    RemoteAddr: 192.0.2.10
    TTLSGroupAction: {name: zcGrp, TTLSEnabled: On}     # in place: the statement and its ...Ref
TTLSEnvironmentAction:
  - name: zcEnv
    TTLSCipherParms: {V3CipherSuites: [TLS_AES_256_GCM_SHA384]}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import statements, values
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.statements import ParameterType, StatementType
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import described
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import nearest

STATES = ("merged", "replaced", "overridden", "absent")


@dataclass(frozen=True)
class DesiredStatement:
    """One desired statement, at the top or in place.

    ``path`` names it in messages (``config.TTLSRule[3]``). ``parameters`` maps keywords to texts, ``blocks`` statements
    in place by their keyword; None where it shall go. ``types`` are the entries of the parameters.
    """

    path: str
    type: StatementType
    name: str | None
    parameters: Mapping[str, tuple[str, ...] | None]
    types: Mapping[str, ParameterType]
    blocks: Mapping[str, tuple[DesiredStatement, ...] | None] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The statement as people name it: ``TTLSRule zcReqOut``."""
        return f"{self.type.name} {self.name}" if self.name else self.type.name

    @property
    def key(self) -> tuple[str, str | None]:
        return self.type.name, self.name


@dataclass(frozen=True)
class Options:
    """How what is desired is read and carried out; the module's options of the same names.

    ``zos_release`` is None where the user gave none: then nothing is too new. ``accept_findings`` are ids of rules.
    """

    state: str = "merged"
    zos_release: object = None
    zos_apars: object = ()
    allow_unknown: bool = False
    accept_findings: Sequence[str] = ()
    shared_actions: str = "refuse"
    on_overlap: str = "error"

    @property
    def level(self) -> statements.Level:
        """The level of z/OS; raises SecurityError for a release or an APAR that is none."""
        return statements.level(self.zos_release, self.zos_apars)


def check(config: object, options: Options, *, where: str = "config") -> tuple[DesiredStatement, ...]:
    """Return what the mapping ``config`` asks for; raise SecurityError naming the first thing that is wrong.

    Actions that are given in place in a rule come behind the rules, as statements of their own.
    """
    if not isinstance(config, Mapping):
        raise SecurityError(
            f"{where}: must be a mapping of statements, such as TTLSRule, to lists, not {described(config)}."
        )
    statements.level(options.zos_release, options.zos_apars)  # whether it is one is said first
    reader = _Reader(options)
    found: dict[tuple[str, str | None], DesiredStatement] = {}
    for keyword, given in config.items():
        known = _statement(str(keyword), where)
        for number, item in enumerate(_list(given, f"{where}.{keyword}")):
            for want in reader.top(item, known, f"{where}.{keyword}[{number}]"):
                found[want.key] = _both(found[want.key], want) if want.key in found else want
    return tuple(found.values())


def _statement(keyword: str, where: str) -> StatementType:
    known = statements.find(keyword)
    if known is None:
        hint = nearest(keyword, statements.names()) or "."
        raise SecurityError(f"{where}: {keyword!r} is no AT-TLS statement{hint}")
    return known


def _list(given: object, where: str) -> Sequence[object]:
    if isinstance(given, Sequence) and not isinstance(given, (str, bytes)):
        return given
    raise SecurityError(f"{where}: must be a list of statements, each with a name, not {described(given)}.")


def _mapping(given: object, where: str) -> Mapping[str, Any]:
    if isinstance(given, Mapping):
        return given
    raise SecurityError(f"{where}: must be a mapping of parameters to values, not {described(given)}.")


class _Reader:
    """Reads one statement after the other, with the same options."""

    def __init__(self, options: Options) -> None:
        self.options = options

    def top(self, given: object, known: StatementType, where: str) -> Iterator[DesiredStatement]:
        """Give a statement at the top, and the actions that a rule has in place."""
        item = dict(_mapping(given, where))
        if item.get("name") is None:
            raise SecurityError(f"{where}: has no name; a {known.name} at the top needs one.")
        lifted: list[DesiredStatement] = []
        if known.name == "TTLSRule":
            for keyword in [keyword for keyword, inner in item.items() if _is_action(str(keyword)) and inner]:
                action = _statement(str(keyword), where)
                place = f"{where}.{keyword}"
                want, *_none = self.top(item.pop(keyword), action, place)
                lifted.append(want)
                if item.setdefault(f"{action.name}Ref", want.name) != want.name:
                    raise SecurityError(f"{place}: contradicts {action.name}Ref of the same rule. Keep one of them.")
        want = self.statement(item, known, where)
        if self.options.state == "absent" and (want.parameters or want.blocks or lifted):
            raise SecurityError(
                f"{where}: state absent removes the whole statement, so only its name can be given. "
                "To remove one parameter, use state merged and set it to null."
            )
        yield want
        yield from lifted

    def statement(self, item: Mapping[str, Any], known: StatementType, where: str) -> DesiredStatement:
        name = None if item.get("name") is None else values.name(item["name"], f"{where}.name")
        parameters: dict[str, tuple[str, ...] | None] = {}
        types: dict[str, ParameterType] = {}
        blocks: dict[str, tuple[DesiredStatement, ...] | None] = {}
        for keyword, given in item.items():
            if keyword == "name":
                continue
            place = f"{where}.{keyword}"
            parameter = self._parameter(str(keyword), known, place)
            if parameter.name in types:
                raise SecurityError(f"{place}: is given twice; keywords have no case.")
            types[parameter.name] = parameter
            if parameter.kind == "block":
                blocks[parameter.name] = None if given is None else self._blocks(given, parameter, place)
            else:
                parameters[parameter.name] = None if given is None else self._texts(given, parameter, place)
        _one_of_each(known, parameters, blocks, where)
        return DesiredStatement(where, known, name, parameters, types, blocks)

    def _parameter(self, keyword: str, known: StatementType, where: str) -> ParameterType:
        parameter = known.parameter(keyword)
        if parameter is None:
            if self.options.allow_unknown and keyword.isprintable() and not set(keyword) & set(" #{}"):
                return ParameterType(keyword, "text", repeats=True)
            raise SecurityError(f"{where}: {_not_here(keyword, known)}")
        return parameter

    def _texts(self, given: object, known: ParameterType, where: str) -> tuple[str, ...]:
        several = isinstance(given, Sequence) and not isinstance(given, (str, bytes))
        if several and not known.repeats:
            raise SecurityError(f"{where}: {known.name} stands once in a statement, so it cannot be a list.")
        items = given if several and isinstance(given, Sequence) else [given]
        if not items:
            raise SecurityError(f"{where}: is an empty list; to remove the parameter, give null.")
        places = [f"{where}[{number}]" if several else where for number in range(len(items))]
        return tuple(values.to_text(known, item, place) for item, place in zip(items, places, strict=True))

    def _blocks(self, given: object, known: ParameterType, where: str) -> tuple[DesiredStatement, ...]:
        inner = _statement(known.name, where)
        if not known.repeats:
            return (self.statement(_mapping(given, where), inner, where),)
        items = _list(given, where)
        return tuple(
            self.statement(_mapping(item, f"{where}[{number}]"), inner, f"{where}[{number}]")
            for number, item in enumerate(items)
        )


def _is_action(keyword: str) -> bool:
    return keyword.lower() in ("ttlsgroupaction", "ttlsenvironmentaction", "ttlsconnectionaction")


def _not_here(keyword: str, known: StatementType) -> str:
    """Say that a statement has no such parameter, and where it belongs or what may be meant."""
    homes = statements.homes(keyword)
    if homes:
        return f"is no parameter of {known.name}; it belongs in {' or '.join(homes)}."
    hint = nearest(keyword, [parameter.name for parameter in known.parameters.values()]) or "."
    return f"{known.name} has no parameter {keyword!r}{hint} If it is right, set allow_unknown to true."


def _one_of_each(
    known: StatementType, parameters: Mapping[str, object], blocks: Mapping[str, object], where: str
) -> None:
    """Of the ways to say one thing, only one may be desired."""
    for group in known.groups.values():
        given = [one.name for one in group if (parameters | blocks).get(one.name) is not None]  # type: ignore[operator]
        if len(given) > 1:
            raise SecurityError(f"{where}: has {' and '.join(given)}, of which only one can hold. Keep one of them.")


def _both(first: DesiredStatement, second: DesiredStatement) -> DesiredStatement:
    """Make one of two that desire something of the same statement, unless they contradict each other."""
    for keyword, texts in (*second.parameters.items(), *second.blocks.items()):
        other = {**first.parameters, **first.blocks}
        if keyword in other and not _same(other[keyword], texts):
            raise SecurityError(
                f"{second.path}.{keyword}: contradicts {first.path}.{keyword}; both are about {first.title}. "
                "Keep one of them."
            )
    parameters, blocks = {**first.parameters, **second.parameters}, {**first.blocks, **second.blocks}
    _one_of_each(first.type, parameters, blocks, second.path)
    return replace(first, parameters=parameters, types={**first.types, **second.types}, blocks=blocks)


def _same(first: object, second: object) -> bool:
    return _bare(first) == _bare(second)


def _bare(given: object) -> object:
    """What is desired, without its place."""
    if isinstance(given, DesiredStatement):
        return given.name, dict(given.parameters), {key: _bare(inner) for key, inner in given.blocks.items()}
    return tuple(map(_bare, given)) if isinstance(given, tuple) else given
