# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user declares in a mapping, read key by key: each value has its type, each mistake one sentence.

Values may come from an AWX survey, where a number or a boolean can be text and a list a text area.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import nearest

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
_LOGIN = re.compile("://.*@")
_ID = re.compile(r"[A-Za-z_][\w.-]*")
PROTOCOLS = ("TLSv1.2", "TLSv1.3")


class Reader:
    """Takes the keys of one mapping, each once, and complains about what is left."""

    def __init__(self, given: object, where: str) -> None:
        self.where = where
        self._rest = {str(key): value for key, value in mapping(given, where).items()}
        self._known: list[str] = []

    def take(self, key: str, read: Callable[[object, str], Any], default: Any = None) -> Any:
        """Return ``read`` of a key's value; nothing given (absent, null, empty text) is the default."""
        self._known.append(key)
        value = self._rest.pop(key, None)
        if any(map(huge, _all(value))):
            raise SecurityError(f"{self.where}.{key}: a number has more than 20 digits; nothing here is so large.")
        return default if _nothing(value) else read(value, f"{self.where}.{key}")

    def need(self, key: str, read: Callable[[object, str], Any]) -> Any:
        """Return ``read`` of a key that must be there."""
        value = self.take(key, read)
        if value is None:
            raise SecurityError(f"{self.where}.{key}: is missing; it has no default.")
        return value

    def has(self, key: str) -> bool:
        """Whether this key has a value."""
        return not _nothing(self._rest.get(key))

    def filled(self) -> bool:
        """Whether any key has a value."""
        return any(map(self.has, self._rest))

    def done(self) -> None:
        """Complain about keys that nobody knows."""
        for key in self._rest:
            hint = nearest(key, self._known) or f"; known are {', '.join(sorted(self._known))}."
            raise SecurityError(f"{self.where}: {key!r} is not known{hint}")


def text(given: object, where: str) -> str:
    if isinstance(given, str):
        return given
    quotes = " Put it in quotes." if isinstance(given, (bool, int, float)) else ""
    raise SecurityError(f"{where}: must be text, not {described(given)}.{quotes}")


def identifier(given: object, where: str) -> str:
    if isinstance(given, str) and _ID.fullmatch(given):
        return given
    raise SecurityError(
        f"{where}: {shown(given)} must be a name of letters, digits, '_', '.' and '-', beginning with a letter."
    )


def mapping(given: object, where: str) -> Mapping[str, Any]:
    """Return a mapping as it is; who takes it looks into it."""
    if isinstance(given, Mapping):
        return given
    raise SecurityError(f"{where}: must be a mapping, not {described(given)}.")


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
    """Return a list of names; a text (a survey's text area) is split at commas and line ends."""
    if isinstance(given, str):
        given = [part.strip() for part in re.split(r"[,\r\n]", given) if part.strip()]
    if not isinstance(given, Sequence):
        raise SecurityError(f"{where}: must be a list of names, not {described(given)}.")
    return tuple(text(item, f"{where}[{number}]") for number, item in enumerate(given))


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
    """Return the reader of one of some words; YAML makes numbers of such as ``2.0``."""
    return lambda given, where: one_of(allowed)(str(given), where)


def like(pattern: str, what: str) -> Callable[[object, str], str]:
    """Return a reader of texts that match ``pattern`` whole; ``what`` says in words what that is."""

    def read(given: object, where: str) -> str:
        if re.fullmatch(pattern, text(given, where)):
            return text(given, where)
        raise SecurityError(f"{where}: {shown(given)} must be {what}.")

    return read


# Words of z/OS. A job name or user ID may end in an asterisk, which stands for anything. AT-TLS takes a key ring as
# ``ring`` of the connection's own user, ``owner/ring``, or ``*AUTH*/*``.
mvs_name = like(
    r"[A-Z@#$][A-Z0-9@#$]{0,7}|[A-Z@#$][A-Z0-9@#$]{0,6}\*",
    "a z/OS name: 1 to 8 of A-Z, 0-9, @, # and $, not beginning with a digit; an asterisk may end it",
)
key_ring = like(r"[^\s/]{1,246}(?:/[^\s/]{1,237})?", "a key ring, as RING or OWNER/RING, without blanks")
label = like(
    r"[^\s-](?:[^\r\n\t]{0,30}\S)?",
    "a certificate label: 1 to 32 characters, no line end, no blank at either end, not beginning with -",
)
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
