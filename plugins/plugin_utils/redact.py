# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only way text reaches a diff, a message or a result.

What counts as a secret is judged on the raw text, so a password in a comment is hidden as well.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache

from ansible_collections.zosconnect.security.plugins.module_utils.secret_names import (
    ENDINGS,
    HARMLESS,
    HEADER_WORDS,
    WORDS,
    is_secret_header,
    is_secret_name,
)

MARK = "********"

_TAG = r"""(?:"[^"]*"|'[^']*'|[^"'<>])*+"""
_NAME = re.compile(r"[\w.:-]*")
# What may follow a name that speaks of secrets: a quoted value, the end of a start tag …
_QUOTED = re.compile(r"""\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_START_TAG_END = re.compile(rf"""(?:\s{_TAG})?(?<!/)>""")
# … a quoted value as JSON and YAML have it, in a comment or in the value of an attribute …
_PAIRED = re.compile(
    r"""(?:["']|&quot;|&apos;)?\s*:\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|&quot;((?:[^&<>]|&(?!quot;))*)&quot;)""",
    re.DOTALL,
)
# … or, in a comment and in a value such as -Djavax.net.ssl.keyStorePassword=…, a value without quotes.
_UNQUOTED = re.compile(r"""[\w.-]*\s*[=:]\s*(?=[^\s"'<>&=:])""")
_UNQUOTED_END = re.compile(r"""[\s"'<>&]""")
# In AT-TLS policies the value is the rest of the line.
_POLICY_NAMES = ("keyringpw", "gsk_ldap_user_pw")
_BLANKS = re.compile(r"[^\S\r\n]+(?=\S)")
_LINE_END = re.compile(r"\r\n|\r|\n")
# What is a secret wherever it stands: {xor}, {aes} and {hash} texts, passwords and tokens in addresses, credentials of
# a header …; and what is in every text that holds one, in lower case. To look for that takes a tenth of the time.
_EVERYWHERE = (
    (re.compile(r"""(\{(?:xor|aes|hash|custom:[\w.-]+)\}[^\s"'<>&]*)""", re.IGNORECASE), ("{",)),
    (re.compile(r"""://[^\s/?#:@"'<>]*:([^\s/?#"'<>]+)@"""), ("://",)),
    (re.compile(r"""[?&;][\w.-]{0,99}(?:token|-key)=([^\s"'<>&;]+)""", re.IGNORECASE), ("token=", "-key=")),
    (re.compile(r"""jdbc:oracle:\w{1,9}:[^\s/:@"'<>]{1,200}/([^\s/@"'<>]+)@""", re.IGNORECASE), ("jdbc:oracle:",)),
    (
        re.compile(
            r"""authorization["']?\s*[=:]\s*["']?(?:basic|bearer|digest|negotiate|token)\s+([^\s"'<>]+)""",
            re.IGNORECASE,
        ),
        ("authorization",),
    ),
)
# … and private keys, up to their end.
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----")
_PRIVATE_KEY_END = re.compile(r"-----END")
# In a log: a name, and how what it holds begins and ends; of a header it is all of its line, or of its place in a map.
_SAID = re.compile(r"""(?<![\w.-])([\w.-]{1,200}+)["']?(?:\s{0,9}[:=]\s{0,9}["'\[(]{0,2}|\s{0,9}["'\[(]{1,2})""")
_SAID_END, _HEADER_END = re.compile(r"""[\s"'\])};,&<>]"""), re.compile(r"""[\]"'})\r\n]""")
_SAID_ENDINGS = ("token", "token2", "jsessionid", "-key")
# Start tags, those in comments and damaged ones too; and what they hold.
_INSIDE = rf"(?=\s)((?:{_TAG}>|[^<>]*))"
_START_TAG = re.compile(rf"<(?:[\w.-]+:)?([\w.-]+){_INSIDE}")
_VARIABLE = re.compile(rf"<(?:[\w.-]+:)?(variable){_INSIDE}", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?<![\w.:-])([\w.:-]++)\s*+=\s*+(?:"([^"]*)"|'([^']*)')""")
_TEXT_END = re.compile(r"<")
_SPACE = re.compile(r"\s*")
_CDATA = re.compile(r"\s*<!\[CDATA\[")
_CDATA_END = re.compile(r"\]\]>")
_END_TAG = re.compile(r"</([\w.:-]+)")
# What several of the words have in common that tell a secret.
_PARTS = ("token", "shared", "private", "credential", "pass")
# Attributes that name what the attribute "value" holds, as in <jndiEntry jndiName="db/password" value="…"/>.
_NAMING = ("name", "jndiname", "key")
_HOLDING = ("value", "defaultvalue")
_USED = re.compile(r"\$\{([^{}]+)\}")
_OPERATORS = re.compile(r"[-+*/(),\s]+")


def spans(text: str, variables: frozenset[str] = frozenset()) -> list[tuple[int, int]]:
    """Return the places [start, end) of all secrets in a configuration text, in order, none overlapping.

    ``variables`` are the names of variables that are known to hold secrets; others the text itself tells. The time
    grows with the length of the text, whatever stands in it.
    """
    found = _direct(text)
    definitions = list(_definitions(text))
    used = {name for start, end in found for name in used_variables(text[start:end])}
    secret = closure(variables | used, [(name, text[start:end]) for name, (start, end) in definitions])
    return _merged([*found] + [span for name, span in definitions if name in secret])


def used_variables(text: str) -> set[str]:
    """Return the names of the variables that ``text`` refers to, those in ``${list(a)}`` and ``${a+b}`` too."""
    return {name for used in _USED.findall(text) for name in (used, *_OPERATORS.split(used)) if name}


class _Ahead:
    """Where a pattern comes next in a text. Asked from left to right, it reads the text once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[re.Pattern[str], tuple[int, int]] = {}

    def next(self, pattern: re.Pattern[str], at: int) -> int:
        """Return the start of the first match at or after ``at``, or the end of the text."""
        since, found = self._known.get(pattern, (0, -1))
        if not since <= at <= found:
            match = pattern.search(self._text, at)
            found = match.start() if match else len(self._text)
            self._known[pattern] = (at, found)
        return found

    @cached_property
    def _end_tags(self) -> dict[str, list[int]]:
        ends: dict[str, list[int]] = {}
        for match in _END_TAG.finditer(self._text):
            ends.setdefault(match[1], []).append(match.start())
        return ends

    def end_tag(self, name: str, at: int) -> int | None:
        """Return the start of the first end tag of ``name`` at or after ``at``, or None."""
        places = self._end_tags.get(name, [])
        number = bisect_left(places, at)
        return places[number] if number < len(places) else None


@lru_cache(maxsize=8)  # the text before a change and the one after it are each asked about several times
def _direct(text: str) -> tuple[tuple[int, int], ...]:
    """Return the places of what is a secret without a look at variables, in order, none overlapping."""
    ahead = _Ahead(text)
    lower, values = _lower(text), []
    everywhere = (pattern for pattern, words in _EVERYWHERE if any(word in lower for word in words))
    found = [m.span(1) for pattern in everywhere for m in pattern.finditer(text)]
    found += [(m.end(), ahead.next(_PRIVATE_KEY_END, m.end())) for m in _PRIVATE_KEY.finditer(text)]
    for start, word_end, end in _named(text, lower):
        held = list(_after_name(text, ahead, start, word_end, end))
        found += held
        values += [] if held else [start]
    values += [place for word in HEADER_WORDS for place in _places(lower, word)]
    for tag in _tags_around(text, sorted(values)):
        found += _held(text, ahead, tag)
    return tuple(_merged(found))


def _after_name(text: str, ahead: _Ahead, start: int, word_end: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the places of what the name at [start, end) holds, in every way in which it may be written."""
    name = text[start:end]
    if quoted := _QUOTED.match(text, end):
        yield _group(quoted, 1)
    if paired := _PAIRED.match(text, end):
        yield paired.span(paired.lastindex or 0)
    if bare := _UNQUOTED.match(text, word_end):
        yield bare.end(), ahead.next(_UNQUOTED_END, bare.end())
    if name.lower() in _POLICY_NAMES and (blanks := _BLANKS.match(text, end)):
        yield blanks.end(), ahead.next(_LINE_END, blanks.end())
    if text[start - 1 : start] == "<" and (tag := _START_TAG_END.match(text, end)):
        close = ahead.end_tag(name, tag.end())
        if close is not None:
            yield tag.end(), close


def _lower(text: str) -> str:
    lower = text.lower()
    # Some capital letters become two small ones; then places would not fit.
    return lower if len(lower) == len(text) else "".join(c.lower() if c.isascii() else c for c in text)


def _named(text: str, lower: str) -> Iterator[tuple[int, int, int]]:
    """Give each name that speaks of secrets: its start, the end of the telling word in it, its end.

    A pattern for whole names would try at every character of a file.
    """
    # Many of the words share a part that most files have nowhere, and each search goes through all of the text.
    missing = [part for part in _PARTS if part not in lower]
    for word in (word for word in (*WORDS, *ENDINGS) if not any(part in word for part in missing)):
        done = 0
        for at in _places(lower, word):
            if at >= done:
                start, done = at, _end(_NAME, text, at)
                while start and (text[start - 1].isalnum() or text[start - 1] in "_.:-"):
                    start -= 1
                end = done
                while text[end - 1] in ".:-":
                    end -= 1
                ends = lower.endswith(word, start, end)
                if (ends or word in WORDS) and lower[start:end] not in HARMLESS:
                    yield start, end if ends else at + len(word), end


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + len(word))


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Return where ``pattern``, which always fits, ends that begins at ``at``."""
    match = pattern.match(text, at)
    return match.end() if match else at


def _tags_around(text: str, places: Iterable[int]) -> Iterator[re.Match[str]]:
    """Give the start tag around each of ``places``, which are in order, once."""
    done = 0
    for place in places:
        at = text.rfind("<", done, place)
        done = place
        if at >= 0 and (tag := _START_TAG.match(text, at)):
            yield tag


def _attributes(tag: re.Match[str]) -> dict[str, tuple[int, int]]:
    """Return the places of a tag's values by the names of its attributes in lower case: Liberty has no case there."""
    return {each[1].lower(): _group(each, 2) for each in _ATTRIBUTE.finditer(tag.string, *tag.span(2))}


def _held(text: str, ahead: _Ahead, tag: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Yield the places of what an element holds, if one of its attributes says that it is a secret."""
    attributes = _attributes(tag)
    names = [text[slice(*attributes[key])] for key in _NAMING if key in attributes]
    if tag[1].lower() == "variable" or not any(map(is_secret_header, names)):
        return
    yield from (attributes[key] for key in _HOLDING if key in attributes)
    if text[tag.end() - 1] == ">" and text[tag.end() - 2] != "/":
        data = _CDATA.match(text, tag.end())
        end = ahead.next(_CDATA_END, data.end()) if data else ahead.next(_TEXT_END, tag.end())
        yield _end(_SPACE, text, tag.end()), end


def can_be_named(name: str) -> bool:
    """Say whether another attribute may tell that this one ("text" for an element's own) holds a secret."""
    return name.lower() in (*_HOLDING, "text")


def names_secret(attributes: Mapping[str, object]) -> bool:
    """Say whether one of ``attributes`` tells so, as jndiName does in <jndiEntry jndiName="db/password" value="…"/>."""
    return any(
        str(key).lower() in _NAMING and isinstance(each, str) and is_secret_header(each)
        for key, each in attributes.items()
    )


def _definitions(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Give name and place of each value of each ``variable`` element, commented-out ones too."""
    for tag in _VARIABLE.finditer(text) if "variable" in _lower(text) else ():
        attributes = _attributes(tag)
        name = text[slice(*attributes.get("name", (0, 0)))]
        yield from ((name, attributes[key]) for key in _HOLDING if name and key in attributes)


def closure(names: Iterable[str], definitions: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Return ``names``, the variables that are secret by their own name, and those to which their values refer."""
    uses: dict[str, set[str]] = {}
    for name, value in definitions:
        uses.setdefault(name, set()).update(used_variables(value))
    secret: set[str] = set()
    todo = [*names, *filter(is_secret_name, uses)]
    while todo:
        name = todo.pop()
        if name not in secret:
            secret.add(name)
            todo += uses.get(name, ())
    return frozenset(secret)


def _group(match: re.Match[str], first: int) -> tuple[int, int]:
    """Return the place of a quoted value: group ``first`` in double quotes, or the next one in single quotes."""
    return match.span(first) if match[first] is not None else match.span(first + 1)


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
    return _masked(original, spans(original, variables))


def _masked(original: str, found: Iterable[tuple[int, int]]) -> str:
    parts: list[str] = []
    done = 0
    for start, end in found:
        if _USED.fullmatch(original[start:end]):
            continue
        parts += (original[done:start], MARK, *_LINE_END.findall(original[start:end]))
        done = end
    return "".join([*parts, original[done:]])


def line(said: str) -> str:
    """Return what a log says without its secrets.

    Logs show headers, maps of them, and values that are cut off. Too much is hidden rather than too little.
    """
    told = ((found.end(), _said_end(found[1])) for found in _SAID.finditer(said))
    return _masked(said, _merged([*spans(said), *((start, _search(end, said, start)) for start, end in told if end)]))


def _said_end(name: str) -> re.Pattern[str] | None:
    """Return what ends a secret in a log, if its name tells that it is one."""
    if is_secret_name(name) or name.lower().endswith(_SAID_ENDINGS):
        return _SAID_END
    return _HEADER_END if is_secret_header(name) else None


def _search(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Return where ``pattern`` fits next, or the end of the text."""
    match = pattern.search(text, at)
    return match.start() if match else len(text)


def without_keys(sentence: str) -> str:
    """Return a sentence, which may name what somebody gave for a path or a name, without the private keys in it."""
    return re.sub(
        rf"({_PRIVATE_KEY.pattern}).*?(?={_PRIVATE_KEY_END.pattern}|\Z)", rf"\1{MARK}", sentence, flags=re.DOTALL
    )


def value(name: str, shown: str | None) -> str | None:
    """Return what may be shown of the value of attribute ``name``: a mark for a secret, but a ${variable} as it is."""
    if shown is None or _USED.fullmatch(shown):
        return shown
    return MARK if is_secret_name(name) else text(shown)


def secret_variables(
    configurations: Iterable[str], wanted: frozenset[str], definitions: Iterable[tuple[str, str]]
) -> frozenset[str]:
    """Return the names of variables that hold secrets, now or when what is desired has come true.

    ``configurations`` are the texts of all files that are known; ``wanted`` are the variables that desired secrets
    refer to, ``definitions`` variables that stand nowhere in the texts, with their values.
    """
    used, defined = set(wanted), [*definitions]
    for each in configurations:
        used.update(name for start, end in _direct(each) for name in used_variables(each[start:end]))
        defined += [(name, each[start:end]) for name, (start, end) in _definitions(each)]
    return closure(used, defined)


def structure(given: object, variables: frozenset[str] = frozenset()) -> object:
    """Return options as they may be shown: every value under a secret name, and every encoded password, is a mark.

    A mapping with a ``name`` (or what else names) that is secret, or among ``variables``, holds a secret as its value;
    an ``element`` whose name is secret, or whose ``attributes`` name one, as its text.
    """
    if isinstance(given, Mapping):
        names = [each for key, each in given.items() if str(key).lower() in _NAMING]
        hidden: tuple[str, ...] = _HOLDING if names_secret(given) or not variables.isdisjoint(map(str, names)) else ()
        attributes = given.get("attributes")
        named = isinstance(attributes, Mapping) and names_secret(attributes)
        hidden += ("text",) if named or is_secret_name(str(given.get("element", ""))) else ()
        return {str(k): _hidden(v) if _hides(str(k), hidden) else structure(v, variables) for k, v in given.items()}
    if isinstance(given, (list, tuple)):
        return [structure(item, variables) for item in given]
    return value("", given) if isinstance(given, str) else given


def without(given: object, secrets: Collection[str]) -> object:
    """Return plain data as it is, with a mark in place of each of ``secrets`` in its texts."""
    if not secrets:
        return given
    longest_first = sorted(secrets, key=len, reverse=True)
    return _without(given, re.compile("|".join(map(re.escape, longest_first))))


def _without(given: object, secret: re.Pattern[str]) -> object:
    if isinstance(given, Mapping):
        return {key: _without(value, secret) for key, value in given.items()}
    if isinstance(given, list):
        return [_without(item, secret) for item in given]
    return secret.sub(MARK, given) if isinstance(given, str) else given


def _hides(key: str, hidden: tuple[str, ...]) -> bool:
    return key.lower() in hidden or is_secret_name(key)


def _hidden(given: object) -> object:
    return value("password", given) if isinstance(given, str) else None if given is None else MARK
