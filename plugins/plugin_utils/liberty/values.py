# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Liberty's types: what may be wanted of an attribute, how it is written, and when two spellings mean the same.

Liberty trims nothing and drops a whole element over one bad value, so what is wanted is held to what Liberty takes
(observed on Open Liberty 25.0.0.6 and 26.0.0.3).
"""

from __future__ import annotations

import re

from ansible_collections.zosconnect.security.plugins.module_utils import lost
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import check_characters, described
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import nearest, shortened
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.aes import Keys
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.elements import Attribute

# Java reads the numbers as 64 bits.
_DURATION = re.compile(r"-1|0*\d{1,19}|(0*\d{1,19}\s*(ms|[dhms])\s*)+", re.IGNORECASE)
_UNITS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
_ONE_DURATION = re.compile(r"(\d+)\s*(ms|[dhms])", re.IGNORECASE)
_TOO_LONG = re.compile(r"\d{20}")
_DIGITS = 20
_WHOLE = re.compile(r"([+-]?)0*(\d+)")
_PROTOCOLS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")


def has_variable(text: str) -> bool:
    """Say whether the value depends on a ``${variable}``, so that nothing can be said of it here."""
    return "${" in text


def variables(text: str) -> list[str]:
    """Return the names of the variables that ``text`` refers to."""
    return re.findall(r"\$\{([^}]+)\}", text)


def duration(text: str, unit: int) -> int:
    """Return a duration as a number of units of so many milliseconds; 0 for a number that no duration has."""
    if _TOO_LONG.search(text):
        return 0
    if re.fullmatch(r"-?\d+", text.strip()):
        return int(text)
    total = sum(int(number) * _UNITS[unit.lower()] for number, unit in _ONE_DURATION.findall(text))
    return total // unit


def to_text(value: object, where: str) -> str:
    """Return a desired value (text, number or boolean, as YAML or a survey gives it) as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        try:
            text = str(value)
        except ValueError as e:  # Python does not write numbers of more than 4300 digits
            raise SecurityError(f"{where}: is a number of thousands of digits; correct it.") from e
        if lost.is_lost(text):
            raise SecurityError(f"{where}: {lost.sentence(text)}")
        return check_characters(text, where)
    raise SecurityError(f"{where}: must be text, a number or a boolean, not {described(value)}.")


def canonical(attribute: Attribute, text: str, where: str) -> str:
    """Return ``text`` as it is written for this attribute; refuse what Liberty would reject."""
    if has_variable(text):
        return text
    return _CHECKS.get(attribute.kind, _string)(attribute, text, where)


def _string(attribute: Attribute, text: str, where: str) -> str:
    if attribute.name == "sslProtocol":
        _protocols(text, where)
    return text


def _protocols(text: str, where: str) -> None:
    parts = text.split(",")
    if any(part != part.strip() for part in parts):
        raise SecurityError(
            f"{where}: {text!r} has blanks, which Liberty does not trim: it would fall back to the default SSL "
            f"configuration. Write {','.join(part.strip() for part in parts)!r}."
        )
    if len(parts) > 1 and (unknown := [part for part in parts if part not in _PROTOCOLS]):
        raise SecurityError(
            f"{where}: {unknown[0]!r} is not allowed in a list of protocols; allowed are {', '.join(_PROTOCOLS)}."
        )


def _boolean(_attribute: Attribute, text: str, where: str) -> str:
    if text.lower() in ("true", "false"):
        return text.lower()
    raise SecurityError(
        f"{where}: {shortened(text)!r} is not a boolean; Liberty knows only true and false (not yes, on or 1)."
    )


def _integer(attribute: Attribute, text: str, where: str) -> str:
    if not _WHOLE.fullmatch(text):
        raise SecurityError(f"{where}: {shortened(text)!r} is not a whole number.")
    number = _number(text)
    if number is None or not attribute.low <= number <= attribute.high:
        raise SecurityError(f"{where}: {shortened(text)} is outside {attribute.low}..{attribute.high}.")
    return str(number)


def _number(text: str) -> int | None:
    """Return a whole number, None for what is none or is larger than any that the catalogue allows."""
    match = _WHOLE.fullmatch(text)
    return int(match[1] + match[2]) if match and len(match[2]) < _DIGITS else None


def _duration(_attribute: Attribute, text: str, where: str) -> str:
    if _DURATION.fullmatch(text.strip()):
        return text
    raise SecurityError(f"{where}: {shortened(text)!r} is not a duration such as 500ms, 30s, 1h30m.")


def _option(attribute: Attribute, text: str, where: str) -> str:
    for option in attribute.options:
        if option.lower() == text.lower():
            return option
    hint = nearest(text, attribute.options)
    shown = repr(shortened(text))
    raise SecurityError(f"{where}: {shown} is not one of {', '.join(attribute.options)}{hint or '.'}")


def _reference(_attribute: Attribute, text: str, where: str) -> str:
    if text and text == text.strip():
        return text
    raise SecurityError(
        f"{where}: {text!r} cannot be an id; Liberty does not trim blanks and refuses an empty reference."
    )


_CHECKS = {
    "boolean": _boolean,
    "integer": _integer,
    "duration": _duration,
    "option": _option,
    "ref": _reference,
    "name": _reference,
}


def same(attribute: Attribute | None, old: str, new: str, keys: Keys = passwords.NO_KEYS) -> bool:
    """Say whether an existing value means what is wanted. Passwords are compared decoded, {aes} by ``keys``."""
    if old == new:
        return True
    if attribute is None or has_variable(old) or has_variable(new):
        return False
    if attribute.kind == "secret":
        return passwords.same(old, new, keys)
    if attribute.kind in ("boolean", "option"):
        return old.lower() == new.lower()
    if attribute.kind == "integer":
        return _number(old) is not None and _number(old) == _number(new)
    return False


def id_list(attribute: Attribute, text: str) -> list[str]:
    """Return the ids that a reference names: several only where Liberty splits (``refs``)."""
    return [part.strip() for part in text.split(",")] if attribute.kind == "refs" else [text]
