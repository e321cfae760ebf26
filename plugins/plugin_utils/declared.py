# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user declares in a mapping, read key by key: each value has its type, each mistake one sentence.

Values may come from an AWX survey, where a number or a boolean can be text and a list a text area.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from ansible_collections.zosconnect.security.plugins.plugin_utils import survey, zos_names
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import nearest, slip

# A boolean is a number to Python, and text is a sequence: the narrower one comes first.
_WORDS: tuple[tuple[type, str], ...] = (
    (type(None), "nothing"),
    (bool, "a boolean"),
    (int, "a number"),
    (float, "a number with a decimal point"),
    (str, "text"),
    (Mapping, "a mapping"),
    (Sequence, "a list"),
)

# Longer than any name of z/OS; shorter than a line of a key in PEM form.
_LONGEST = 60
_NOT_XML = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
_LOGIN = re.compile("://.*@")
# A template that begins with a variable.
_OF_ANOTHER = re.compile(r"\s*\{\{-?\s*([A-Za-z_]\w*)")
_ID = re.compile(r"[A-Za-z_][\w.-]*")
Found = TypeVar("Found")
PROTOCOLS = ("TLSv1.2", "TLSv1.3")


class Reader:
    """Takes the keys of one mapping, each once, and complains about what is left.

    ``prefix`` is what the keys begin with for the user, who has variables of a role in place of the mapping.
    """

    def __init__(self, given: object, where: str, prefix: str = "") -> None:
        self.where = where
        self._prefix = prefix or f"{where}."
        self._rest = {str(key): value for key, value in mapping(given, where).items()}
        self._known: list[str] = []
        self.said = frozenset(key for key, value in self._rest.items() if not _nothing(value))

    def at(self, key: str) -> str:
        """Return how sentences name a key."""
        return f"{self._prefix}{key}"

    def take(self, key: str, read: Callable[[object, str], Any], default: Any = None) -> Any:
        """Return ``read`` of a key's value; nothing given (absent, null, empty text) is the default."""
        self._known.append(key)
        value = self._rest.pop(key, None)
        if any(map(huge, _all(value))):
            raise SecurityError(f"{self.at(key)}: a number has more than 20 digits; nothing here is so large.")
        return default if _nothing(value) else read(value, self.at(key))

    def need(self, key: str, read: Callable[[object, str], Any]) -> Any:
        """Return ``read`` of a key that must be there."""
        value = self.take(key, read)
        if value is None:
            raise SecurityError(self.missing(key))
        return value

    def missing(self, key: str) -> str:
        """Return the sentence for a key that must be there and is not; a key that is left may be it, misspelt."""
        meant = slip(key, self._rest)
        return f"{self.at(key)}: is missing; it has no default.{f' Did you mean it by {meant!r}?' if meant else ''}"

    def peek(self, key: str) -> object:
        """Return what a key has as it is given; it is to be taken all the same."""
        return self._rest.get(key)

    def has(self, key: str) -> bool:
        """Whether this key has a value."""
        return not _nothing(self._rest.get(key))

    def given(self, key: str) -> bool:
        """Whether this key has a value, which nothing else may take; without one it is as if it were not there."""
        if self.has(key):
            return True
        self._rest.pop(key, None)
        return False

    def filled(self) -> bool:
        """Whether any key has a value."""
        return any(map(self.has, self._rest))

    def done(self) -> None:
        """Complain about keys that nobody knows."""
        refuse_unknown(self._rest, self._known, self.where)


def refuse_unknown(given: Iterable[str], known: Iterable[str], where: str) -> None:
    """Refuse the first name that is not among those that are known, and say which is meant."""
    known = sorted(set(known))
    for name in given:
        if name not in known:
            hint = nearest(name, known) or f"; known are {', '.join(known)}."
            raise SecurityError(f"{where}: {name!r} is not known{hint}")


def mapped(make: Callable[[Reader], Found]) -> Callable[[object, str], Found]:
    """Return the reader of a mapping of which ``make`` takes all keys that there may be."""

    def read(given: object, where: str) -> Found:
        reader = Reader(given, where)
        found = make(reader)
        reader.done()
        return found

    return read


def if_filled(read: Callable[[object, str], Found]) -> Callable[[object, str], Found | None]:
    """Return the reader of a mapping that may be there with nothing filled in, as a role's defaults leave it."""
    return lambda given, where: read(given, where) if Reader(given, where).filled() else None


def text(given: object, where: str) -> str:
    if isinstance(given, str):
        return check_characters(given, where)
    quotes = " Put it in quotes." if isinstance(given, (bool, int, float)) else ""
    raise SecurityError(f"{where}: must be text, not {described(given)}.{quotes}")


def check_characters(given: str, where: str) -> str:
    """Refuse characters that XML cannot hold, nor any other text that is written."""
    if bad := _NOT_XML.search(given):
        raise SecurityError(f"{where}: holds the character U+{ord(bad[0]):04X}, which XML cannot hold.")
    return given


def identifier(given: object, where: str) -> str:
    if isinstance(given, str) and _ID.fullmatch(given):
        return given
    raise SecurityError(
        f"{where}: {shown(given)} must be a name of letters, digits, '_', '.' and '-', beginning with a letter."
    )


def named(variable: str, variables: Mapping[str, Any]) -> str:
    """Return the variable that a user knows: where its template begins with another one of ``variables``, that one."""
    template = variables.get(variable)
    found = _OF_ANOTHER.match(template) if isinstance(template, str) else None
    return found[1] if found and found[1] in variables else variable


def items(given: object, where: str) -> list[object]:
    """Return the items of a list, which may be the text of one in YAML or JSON; a mapping is a list of one.

    A list or a text in it stands for its items, so that lists of different origin can be given as one.
    """
    found = survey.parsed(given, where) if isinstance(given, str) else given
    if found is None or isinstance(found, Mapping):
        return [] if found is None else [found]
    if not isinstance(found, (list, tuple)):
        raise SecurityError(f"{where}: must be a list, or the text of one in YAML or JSON, not {described(found)}.")
    several: list[object] = []
    for number, item in enumerate(found):
        inner = isinstance(item, (list, tuple, str)) and found is given
        several += items(item, f"{where}[{number}]") if inner else [item]
    return several


def mapping(given: object, where: str) -> Mapping[str, Any]:
    """Return a mapping as it is, or what the text of one says in YAML or JSON; who takes it looks into it."""
    found = survey.parsed(given, where) if isinstance(given, str) else given
    if isinstance(found, Mapping):
        return found
    raise SecurityError(f"{where}: must be a mapping, not {described(found)}.")


def port(given: object, where: str) -> int:
    number = int(given) if isinstance(given, (int, str)) and re.fullmatch(r"[0-9]{1,5}", str(given)) else 0
    if not 1 <= number <= 65535:
        raise SecurityError(f"{where}: {shown(given)} is not a port; ports are 1 to 65535.")
    return number


def ports(given: object, where: str) -> tuple[int, ...]:
    items = names(given, where) if isinstance(given, str) else given if isinstance(given, Sequence) else [given]
    return tuple(port(item, f"{where}[{number}]") for number, item in enumerate(items))


def priority(given: object, where: str) -> int:
    """Return the priority of an AT-TLS rule: 1 to 2000000000, the highest wins."""
    number = int(given) if isinstance(given, (int, str)) and re.fullmatch(r"[0-9]{1,10}", str(given)) else 0
    if not 1 <= number <= 2_000_000_000:
        raise SecurityError(
            f"{where}: {shown(given)} is not a priority; priorities are 1 to 2000000000, the highest wins."
        )
    return number


def address(given: object, where: str) -> str:
    """Return one IP address; AT-TLS rules take no host names."""
    if isinstance(given, str) and is_address(given):
        return given
    raise SecurityError(f"{where}: {shown(given)} is no IP address; AT-TLS rules take no host names.")


def is_address(given: str) -> bool:
    """Say whether a text is one IP address."""
    try:
        ipaddress.ip_address(given)
    except ValueError:
        return False
    return True


def boolean(given: object, where: str) -> bool:
    if isinstance(given, bool):
        return given
    words = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    if isinstance(given, str) and given.strip().lower() in words:
        return words[given.strip().lower()]
    raise SecurityError(f"{where}: {shown(given)} is not true or false.")


def names(given: object, where: str) -> tuple[str, ...]:
    """Return a list of names; a text (a survey's) is one in YAML or JSON, or is split at commas and line ends."""
    given = survey.held(given, list)
    if isinstance(given, str):
        given = [part.strip() for part in re.split(r"[,\r\n]", given) if part.strip()]
    if not isinstance(given, Sequence):
        raise SecurityError(f"{where}: must be a list of names, not {described(given)}.")
    return tuple(_name(item, f"{where}[{number}]") for number, item in enumerate(given))


def _name(given: object, where: str) -> str:
    if not text(given, where).strip():
        raise SecurityError(f"{where}: is empty; give a name, or leave it out.")
    return text(given, where)


def protocols(given: object, where: str) -> tuple[str, ...]:
    """Return TLS protocols, the oldest first."""
    found = names(given, where)
    for protocol in found:
        if protocol not in PROTOCOLS:
            raise SecurityError(
                f"{where}: {shown(protocol)} is not one of {', '.join(PROTOCOLS)}; older ones are not secure."
            )
    return tuple(p for p in PROTOCOLS if p in found)


def one_of(allowed: tuple[str, ...]) -> Callable[[object, str], str]:
    def read(given: object, where: str) -> str:
        if given in allowed:
            return str(given)
        raise SecurityError(
            f"{where}: {shown(given)} is not one of {', '.join(allowed)}{nearest(str(given), allowed) or '.'}"
        )

    return read


def word(allowed: tuple[str, ...]) -> Callable[[object, str], str]:
    """Return the reader of one of some words; YAML makes numbers of such as ``1.2``."""
    return lambda given, where: one_of(allowed)(str(given), where)


def like(pattern: str, what: str) -> Callable[[object, str], str]:
    """Return a reader of texts that match ``pattern`` whole; ``what`` says in words what that is."""

    def read(given: object, where: str) -> str:
        if re.fullmatch(pattern, text(given, where)):
            return text(given, where)
        raise SecurityError(f"{where}: {shown(given)} must be {what}.")

    return read


def fitting(grammar: zos_names.Grammar) -> Callable[[object, str], str]:
    """Return a reader of one kind of names of z/OS."""
    return like(grammar.pattern, grammar.words)


# A job name or user ID may end in an asterisk, which stands for anything.
mvs_name = fitting(zos_names.JOB_MASK)
key_ring = fitting(zos_names.KEY_RING)
label = fitting(zos_names.LABEL)
alias = like(r"(?s:[^-].*)", "the alias of an entry, not beginning with -, which keytool takes for an option")


def host(longest: int) -> Callable[[object, str], str]:
    """Return a reader of host names and addresses; a name comes in lower case, an address without brackets."""
    name = like(f"[0-9A-Za-z.-]{{1,{longest}}}", f"a host name or address of at most {longest} characters, no URL")

    def read(given: object, where: str) -> str:
        try:
            return str(ipaddress.IPv6Address(text(given, where)))
        except ValueError:
            return name(given, where).lower()

    return read


def release(given: object, where: str, *, example: str = "6.1") -> tuple[int, int]:
    """Return a product's release: ``6.1`` is (6, 1); YAML may have made a number of it."""
    match = re.fullmatch(r"(\d{1,2})\.(\d{1,2})", str(given))
    if not match:
        raise SecurityError(f"{where}: {shown(given)} is not a release such as {example}.")
    return int(match[1]), int(match[2])


def _nothing(value: object) -> bool:
    """Absent, null, or empty as a role's defaults and an unanswered survey question are."""
    return value is None or value in ("", [], {})


def shown(given: object) -> str:
    """Return what somebody gave, where that is a short text or number; else what it is: secrets may be in it."""
    if isinstance(given, str):
        plain = len(given) <= _LONGEST and given.isprintable() and not _LOGIN.search(given)
        return repr(given) if plain else described(given)
    plain = isinstance(given, (bool, int, float)) and not huge(given)
    return repr(given) if plain else described(given)


def _all(value: object) -> Iterator[object]:
    """Give a value, and all that is in it."""
    todo = [value]
    while todo:
        value = todo.pop()
        yield value
        if isinstance(value, (Mapping, list, tuple)):
            todo += value.values() if isinstance(value, Mapping) else value


def huge(given: object) -> bool:
    """Say whether this is a whole number that Python may refuse to write (it does from 4,300 digits on)."""
    return isinstance(given, int) and given.bit_length() > 64


def described(given: object) -> str:
    """Say what somebody gave in words that are not Python's."""
    if huge(given):
        return "a number of more than 20 digits"
    return next((word for kind, word in _WORDS if isinstance(given, kind)), f"a {type(given).__name__}")
