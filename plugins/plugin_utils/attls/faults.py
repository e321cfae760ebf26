# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the Policy Agent does not take of a statement, as far as the statement alone tells.

If errors are detected while a policy is parsed, the Policy Agent installs nothing new of it (IBM z/OS Communications
Server IP Configuration Reference, "TTLSConfig statement"). This is the only place that says what such errors are:
``rules/whole`` makes findings of them, and by ``actions`` a rule that needs such a statement never wins.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from ansible_collections.zosconnect.security.plugins.plugin_utils import ciphers
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import statements, values
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.hits import Hit, hit
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Parameter, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.statements import ParameterType, StatementType
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import clean, nearest, several, shortened

# Values that nobody else judges: conditions are read as a whole, suites stand in lists.
_JUDGED_HERE = ("option", "integer", "job", "user", "word", "label", "secret")
_CONDITIONS_TOO = ("Direction", "Priority")
# By statement, what is judged here of it: thousands of rules are asked for two names.
_JUDGED: dict[str, dict[str, ParameterType]] = {}
# How the keywords of a rule's conditions begin, in small letters.
_ASKING = ("local", "remote", "jobname", "userid")
_SUITES = ("V3CipherSuites", "V3CipherSuites4Char")


def missing(statement: Statement) -> Iterator[Hit]:
    """What the syntax diagrams require, and is not written."""
    yield from nameless(statement)
    for names in _missing(statement.type, statement) if statement.type else ():
        yield hit(statement, "{title} needs {names}.", [names], names=names)


def nameless(statement: Statement) -> Iterator[Hit]:
    """A statement of its own has a name, so that others can refer to it; a rule has one, too."""
    if statement.type and statement.parent is None and statement.name is None:
        yield hit(statement, "{title} has no name; write one behind it.")


def no_condition(rule: Statement) -> Hit:
    """Return the fault of a rule that asks for nothing beside a direction, which IBM forbids."""
    form = (
        "{title} has no condition, so that it would match every connection of its direction; give an address, a port, "
        "Jobname or Userid."
    )
    return hit(rule, form)


def unasked(rule: Statement) -> Iterator[Hit]:
    """A rule in which no condition is written (IP Configuration Guide, "AT-TLS rules"); All and port 0 are written."""
    if not any(keyword.startswith(_ASKING) for keyword in rule.keywords):
        yield no_condition(rule)


def _missing(known: StatementType, statement: Statement) -> Iterator[str]:
    """Give the names of each required parameter that is not written, with what may stand in its place."""
    for parameter in known.parameters.values():
        if not parameter.required or (parameter.name.endswith("Ref") and parameter.one):
            continue
        ways = known.groups.get(parameter.one, [parameter]) if parameter.one else [parameter]
        if not any(statement.parameter(way.name) or statement.blocks(way.name) for way in ways):
            yield " or ".join(way.name for way in ways)


def wrong_values(statement: Statement) -> Iterator[Hit]:
    """Values that the syntax diagrams do not have; a # behind a blank begins a comment and leaves none."""
    judged = _judged(statement.type) if statement.type else {}
    found = [item for keyword in judged for item in statement.all(keyword)]
    for item in sorted(found, key=lambda one: one.start) if len(found) > 1 else found:
        known = judged[item.keyword.lower()]
        if not item.value:
            yield hit(item, "{title} has {parameter} without a value; write one, or remove the line.")
        elif wanted := values.mistaken(known, item.value):
            yield hit(item, "{title} has {parameter} {value}, which must be {wanted}.", [item.value], wanted=wanted)


def _judged(known: StatementType) -> dict[str, ParameterType]:
    if known.name not in _JUDGED:
        wanted = {key: one for key, one in known.parameters.items() if one.kind in _JUDGED_HERE}
        _JUDGED[known.name] = {key: one for key, one in wanted.items() if one.name not in _CONDITIONS_TOO}
    return _JUDGED[known.name]


def unknown(statement: Statement) -> Iterator[Hit]:
    """Keywords that stand in no list of the statement's parameters: one hit for all, at the first."""
    known = statement.type
    if known is None or (not statement.children and all(map(known.parameter, statement.keywords))):
        return
    found = [item for item in statement.items if not _belongs(known, item)]
    if found:
        keywords = list(dict.fromkeys(clean(shortened(item.keyword)) for item in found))
        form = "{owner} has what the list of its parameters does not: {keywords}{hint}"
        owner = Hit(statement, "", {}, frozenset()).title
        yield hit(
            found[0], form, keywords, owner=owner, keywords=several(keywords), hint=_hint(keywords[0], known.name)
        )


def belongs(statement: Statement, child: Statement) -> bool:
    """Say whether a statement may stand in place in another one."""
    return statement.type is not None and _belongs(statement.type, child)


def _belongs(known: StatementType, item: Statement | Parameter) -> bool:
    parameter = known.parameter(item.keyword)
    return parameter is not None and (isinstance(item, Parameter) or parameter.kind == "block")


@lru_cache(maxsize=1024)
def _hint(keyword: str, kind: str) -> str:
    """Say where a keyword belongs, or what may be meant."""
    homes = statements.homes(keyword)
    if homes:
        return f"; {keyword} belongs in {' or '.join(homes)}."
    known = statements.find(kind)
    return nearest(keyword, [one.name for one in known.parameters.values()] if known else ()) or "."


def unknown_suites(statement: Statement) -> Iterator[Hit]:
    """Cipher suites that stand in no list."""
    form = "{title} has in {parameter} what stands in no list of cipher suites: {suites}{hint}"
    for item in statement.parameters:
        found = ciphers.unknown(suites_of(item))
        if found:
            meant = nearest(found[0], ciphers.names()) if "_" in found[0] else ""
            yield hit(item, form, found, suites=several(found), hint=meant or ".")


def suites_of(item: Parameter) -> list[str]:
    """Return the suites that one parameter names; none for a parameter that names no suites of SSL 3.0 and later."""
    if item.type is None or item.type.name not in _SUITES:
        return []
    return [f"00{code}" if len(code) == 2 else code for code in values.codes(item.type.kind, item.value)]


def too_new(statement: Statement, level: statements.Level) -> Iterator[Hit]:
    """Parameters and values that came with a later release, or with APARs that nobody named."""
    if level.release is None or statement.type is None:
        return
    for item in statement.items:
        known = statement.type.parameter(item.keyword)
        if known is None:
            continue
        if not known.exists(level):
            yield _not_there(item, known, level.release)
        elif isinstance(item, Parameter):
            since = known.options.get(_spelled(known, item.value), statements.OLDEST)
            if statements.older(level.release, since):
                form = "{title} has {parameter} {value}, which came with z/OS {since}, but zos_release is {release}."
                yield hit(item, form, [item.value], since=since, release=level.release)


def _spelled(known: ParameterType, value: str) -> str:
    return next((option for option in known.options if option.lower() == value.lower()), value)


def _not_there(item: Statement | Parameter, known: ParameterType, release: str) -> Hit:
    owner = item if isinstance(item, Parameter) else item.parent or item
    if release != known.since:
        form = "{title} has {name}, which came with z/OS {since}, but zos_release is {release}."
        return hit(owner, form, [known.name], name=known.name, since=known.since, release=release)
    form = (
        "{title} has {name}, which z/OS {release} knows only with the fixes of the APARs {apars}; without them it "
        "installs nothing of the whole policy. Name them in zos_apars if they are on, else leave {name} out."
    )
    return hit(owner, form, [known.name], name=known.name, release=release, apars=" and ".join(known.apars))


@lru_cache(maxsize=16)
def with_all_apars(release: str | None) -> statements.Level:
    """Return a release with the fixes of every APAR: where nobody said which are on, all may be."""
    apars = (one.apars for kind in statements.STATEMENTS.values() for one in kind.parameters.values())
    return statements.Level(release, frozenset(name for names in apars for name in names))


def of(statement: Statement, release: str | None) -> Iterator[Hit]:
    """Give all that the Policy Agent does not take of a statement."""
    yield from missing(statement)
    yield from wrong_values(statement)
    yield from unknown(statement)
    yield from unknown_suites(statement)
    yield from too_new(statement, with_all_apars(release))
