# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only way text reaches a diff, a message or a result.

What counts as a secret is judged on the raw text, comments included, so that a commented-out password is hidden as
well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

MARK = "********"

_TAG = r"""(?:"[^"]*"|'[^']*'|[^"'<>])*+"""
_NAME_END = re.compile(r"[\w.:-]*")
# What may follow such a name: a quoted value, the end of a start tag …
_QUOTED = re.compile(r"""\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_START_TAG_END = re.compile(rf"""(?:\s{_TAG})?(?<!/)>""")
# … or, in a comment and in a value such as -Djavax.net.ssl.keyStorePassword=…, a value without quotes.
_UNQUOTED = re.compile(r"""[\w.-]*\s*[=:]\s*([^\s"'<>&=:][^\s"'<>&]*)""")
# In AT-TLS policies the value is the rest of the line.
_POLICY_NAMES = ("keyringpw", "gsk_ldap_user_pw")
_REST_OF_LINE = re.compile(r"[^\S\r\n]+([^\r\n]*\S)")
_ENCODED = re.compile(r"""\{(?:xor|aes|hash|custom:[\w.-]+)\}[^\s"'<>&]*""", re.IGNORECASE)
_VARIABLE = re.compile(rf"<(?:[\w.-]+:)?variable\s(?:{_TAG}>|[^>]*>)", re.IGNORECASE)
_VARIABLE_NAME = re.compile(r"""\sname\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_VARIABLE_VALUE = re.compile(r"""\s(?:value|defaultValue)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_USED = re.compile(r"\$\{([^}]+)\}")
_LINE_END = re.compile(r"\r\n|\r|\n")


def spans(text: str, variables: frozenset[str] = frozenset()) -> list[tuple[int, int]]:
    """Return the places [start, end) of all secrets in a configuration text, in order, none overlapping.

    ``variables`` are the names of variables that are known to hold secrets; others the text itself tells.
    """
    found = _direct(text)
    definitions = list(_definitions(text))
    used = {name for start, end in found for name in _USED.findall(text[start:end])}
    secret = closure(variables | used, [(name, text[start:end]) for name, (start, end) in definitions])
    found += [span for name, span in definitions if name in secret]
    return _merged(found)


def _direct(text: str) -> list[tuple[int, int]]:
    found = [m.span() for m in _ENCODED.finditer(text)]
    open_for_ever: set[str] = set()
    for start, word_end, end in _named(text):
        found += [_group(m) for m in (_QUOTED.match(text, end),) if m]
        found += [m.span(1) for m in (_UNQUOTED.match(text, word_end),) if m]
        name, tag_end = text[start:end], _START_TAG_END.match(text, end)
        found += [m.span(1) for m in (_REST_OF_LINE.match(text, end),) if m and name.lower() in _POLICY_NAMES]
        if tag_end and text[start - 1 : start] == "<" and name not in open_for_ever:
            close = text.find(f"</{name}", tag_end.end())
            found += [(tag_end.end(), close)] if close >= 0 else []
            open_for_ever |= {name} if close < 0 else set()
    return found


def _named(text: str) -> Iterator[tuple[int, int, int]]:
    """Give each name that speaks of secrets: its start, the end of the telling word in it, its end.

    A pattern for whole names would try at every character of a file.
    """
    lower = text.lower()
    if len(lower) != len(text):
        # Some capital letters become two small ones; then positions would not fit.
        lower = "".join(char.lower() if char.isascii() else char for char in text)
    for word in _WORDS:
        at = lower.find(word)
        while at >= 0:
            start, end = at, _NAME_END.match(text, at).end()
            while start and (text[start - 1].isalnum() or text[start - 1] in "_.:-"):
                start -= 1
            yield start, at + len(word), end
            at = lower.find(word, end)


def _definitions(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Give name and place of each value of each ``variable`` element, commented-out ones too."""
    for variable in _VARIABLE.finditer(text):
        name = _VARIABLE_NAME.search(variable[0])
        for value in _VARIABLE_VALUE.finditer(variable[0]) if name else ():
            start, end = _group(value)
            yield name[1] or name[2] or "", (variable.start() + start, variable.start() + end)


def closure(names: Iterable[str], definitions: Sequence[tuple[str, str]]) -> frozenset[str]:
    """Return ``names``, the variables that are secret by their own name, and those that the values of these refer
    to.
    """
    secret = {*names, *(name for name, _value in definitions if is_secret_name(name))}
    while more := {used for name, value in definitions if name in secret for used in _USED.findall(value)} - secret:
        secret |= more
    return frozenset(secret)


def _group(match: re.Match[str]) -> tuple[int, int]:
    return match.span(1) if match[1] is not None else match.span(2)


def _merged(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(span for span in found if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def text(original: str, variables: frozenset[str] = frozenset()) -> str:
    """Return a configuration text with every secret replaced by the mark; the number of lines stays."""
    parts: list[str] = []
    done = 0
    for start, end in spans(original, variables):
        if _USED.fullmatch(original[start:end]):
            continue
        parts += (original[done:start], MARK, *_LINE_END.findall(original[start:end]))
        done = end
    return "".join([*parts, original[done:]])


def value(name: str, shown: str | None) -> str | None:
    """Return what may be shown of the value of attribute ``name``: a mark for a secret, but a ${variable} as it is."""
    if shown is None or _USED.fullmatch(shown):
        return shown
    return MARK if is_secret_name(name) else _ENCODED.sub(MARK, shown)


def secret_variables(
    configuration: str, wished: frozenset[str], definitions: Sequence[tuple[str, str]]
) -> frozenset[str]:
    """Return the names of variables that hold secrets, now or when what is wished has come true.

    ``wished`` are those that wished secrets refer to, ``definitions`` the wished variables with their values.
    """
    used = {name for start, end in _direct(configuration) for name in _USED.findall(configuration[start:end])}
    present = [(name, configuration[start:end]) for name, (start, end) in _definitions(configuration)]
    return closure(wished | used, [*present, *definitions])


def structure(given: object, variables: frozenset[str] = frozenset()) -> object:
    """Return options as they may be shown: every value under a secret name, and every encoded password, is a mark.

    A mapping with a ``name`` that is secret, or among ``variables``, is a variable that holds a secret; an ``element``
    whose name is secret holds one as its text.
    """
    if isinstance(given, Mapping):
        name = str(given.get("name", ""))
        hidden = ("value", "defaultvalue") if is_secret_name(name) or name in variables else ()
        hidden += ("text",) if is_secret_name(str(given.get("element", ""))) else ()
        return {str(k): _hidden(v) if _hides(str(k), hidden) else structure(v, variables) for k, v in given.items()}
    if isinstance(given, (list, tuple)):
        return [structure(item, variables) for item in given]
    return value("", given) if isinstance(given, str) else given


def _hides(key: str, hidden: tuple[str, ...]) -> bool:
    return key.lower() in hidden or is_secret_name(key)


def _hidden(given: object) -> object:
    return value("password", given) if isinstance(given, str) else None if given is None else MARK
