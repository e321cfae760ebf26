# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values as users give them into values as the Policy Agent reads them, or one sentence; and what values mean."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from ansible_collections.zosconnect.security.plugins.module_utils import lost
from ansible_collections.zosconnect.security.plugins.plugin_utils import zos_names
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import masks
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.statements import NAME_LENGTH, ParameterType
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import described, huge
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import nearest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_PORT = "(0{0,20}[0-9]{1,5})"
_RANGE = re.compile(rf"{_PORT}(?:(?:\s*[-:]\s*|\s+){_PORT})?")
# No number of a policy has more digits; Python itself refuses to read one of 5,000.
_NUMBER = re.compile(r"[0-9]{1,20}")
_CODE_DIGITS = {"ciphers2": 1, "ciphers": 2, "ciphers4": 4, "codes": 4}
_CONSTANT = re.compile(r"[A-Z][A-Z0-9]*_\w+", re.IGNORECASE)
_HEX = re.compile(r"[0-9A-F]+", re.IGNORECASE)
_BOOLEANS = {"true": "On", "yes": "On", "false": "Off", "no": "Off"}
MAPPED = (ipaddress.ip_network("::ffff:0:0/96"), ipaddress.ip_network("::/96"))


def to_text(known: ParameterType, given: object, where: str) -> str:
    """Return one desired value as it is written, in the spelling of the table where that has one.

    ``where`` is the option's path for messages. Raises SecurityError; the sentence never holds a secret.
    """
    text = _plain(known, given, where)
    _one_line(known, text, where)
    return _CHECKS[known.kind](known, text, where)


def _plain(known: ParameterType, given: object, where: str) -> str:
    if isinstance(given, bool):
        if known.kind != "option" or not {"On", "Off"} & set(known.options):
            raise SecurityError(f"{where}: must be a text, not a truth value; put it in quotes.")
        return "On" if given else "Off"
    if isinstance(given, int) and known.kind in _CODE_DIGITS:
        raise SecurityError(
            f"{where}: is a number; put codes in quotes, because YAML drops leading zeros and reads some as octal."
        )
    if isinstance(given, (str, int)) and not huge(given):
        return str(given).strip() if known.kind != "secret" else str(given)
    raise SecurityError(f"{where}: must be a text or a number, not {described(given)}.")


def _one_line(known: ParameterType, text: str, where: str) -> None:
    """What no value may hold, because the Policy Agent would take it for something else."""
    if not text.strip():
        raise SecurityError(f"{where}: is empty; to remove the parameter, give null.")
    if not text.isprintable():
        raise SecurityError(f"{where}: holds a line end, a tab or another control character; a value is one line.")
    if re.search(r"(?:^|\s)#", text):
        raise SecurityError(
            f"{where}: has a # at its beginning or behind a blank, where comments begin; whether the Policy Agent "
            "would read on is not documented."
        )
    if {"{", "}"} & set(text.split()) or text[-1] == "{":
        raise SecurityError(f"{where}: holds a brace, which would begin or end a block.")
    if text != text.strip():
        raise SecurityError(f"{where}: begins or ends with a blank, which the Policy Agent would not see.")
    if known.secret and lost.is_lost(text):
        raise SecurityError(f"{where}: {lost.sentence(text)}")


def name(given: object, where: str) -> str:
    """Return the desired name of a statement: 1 to 32 characters without blanks."""
    if isinstance(given, bool) or not isinstance(given, (str, int)) or huge(given):
        raise SecurityError(f"{where}: a name must be a text, not {described(given)}.")
    text = str(given)
    if not text or not text.isprintable() or re.search(r"[\s#{}]", text):
        raise SecurityError(f"{where}: {text!r} cannot be a name: it is empty, or holds a blank, #, or a brace.")
    if len(text) > NAME_LENGTH:
        raise SecurityError(f"{where}: {text!r} has {len(text)} characters; a name has at most {NAME_LENGTH}.")
    return text


def _option(known: ParameterType, text: str, where: str) -> str:
    spelled = {option.lower(): option for option in known.options}
    if {"on", "off"} <= set(spelled):
        text = _BOOLEANS.get(text.lower(), text)
    if text.lower() not in spelled:
        hint = nearest(text, known.options) or "."
        raise SecurityError(f"{where}: {text!r} is none of {', '.join(known.options)}{hint}")
    return spelled[text.lower()]


def _integer(known: ParameterType, text: str, where: str) -> str:
    if not _NUMBER.fullmatch(text) or not known.low <= int(text) <= known.high:
        raise SecurityError(f"{where}: {text!r} is no number from {known.low} to {known.high}.")
    return str(int(text))


def _ports(_known: ParameterType, text: str, where: str) -> str:
    match = _RANGE.fullmatch(text)
    if not match:
        raise SecurityError(f"{where}: {text!r} is no port and no range of ports such as 5000-5010.")
    first, last = int(match[1]), int(match[2] or match[1])
    if first == 0:
        raise SecurityError(f"{where}: port 0 means any port; leave the parameter out, or name the port.")
    if last > 65535:
        raise SecurityError(f"{where}: {text!r} goes beyond 65535, the last port.")
    if first > last:
        raise SecurityError(f"{where}: the range {text!r} is reversed; write {last}-{first}.")
    return match[1] if match[2] is None else f"{first}-{last}"


def _mask(grammar: zos_names.Grammar) -> Callable[[ParameterType, str, str], str]:
    def check(_known: ParameterType, text: str, where: str) -> str:
        if not grammar.fits(text):
            raise SecurityError(f"{where}: {text!r} must be {grammar.words}.")
        return text

    return check


def _sized(known: ParameterType, text: str, where: str) -> str:
    if len(text) > known.high:
        raise SecurityError(f"{where}: has {len(text)} characters, more than {known.high}.")
    if known.kind == "word" and re.search(r"\s", text):
        raise SecurityError(f"{where}: {text!r} holds a blank; the Policy Agent would ignore what stands behind it.")
    return text


def _address(known: ParameterType, text: str, where: str) -> str:
    if known.kind == "address" and text.lower() == "all":
        return "All"
    try:
        first, _last = interval(text)
    except ValueError as e:
        raise SecurityError(f"{where}: {text!r} {_why_no_address(text, e)}") from e
    form = "prefix" if "/" in text else "range" if "-" in text else "host"
    if known.kind not in ("address", form):
        wanted = {"host": "one address", "prefix": "an address with a prefix", "range": "a range of addresses"}
        raise SecurityError(f"{where}: {text!r} is not {wanted[known.kind]}.")
    if first.version == 6 and any(first in network for network in MAPPED) and int(first) > 1:
        raise SecurityError(
            f"{where}: {text!r} is an IPv4 address within an IPv6 one, which AT-TLS rules cannot have; "
            "write the IPv4 address."
        )
    return re.sub(r"\s*-\s*", "-", text)


def _why_no_address(text: str, error: ValueError) -> str:
    if isinstance(error, WrongRangeError):
        return f"is a range of addresses that is {error.order}; write the lower address first, both IPv4 or both IPv6."
    if re.fullmatch(r"(?=.*[A-Za-z])[\w.*-]+", text) and ":" not in text:
        return "is a host name; only addresses are allowed here, because the stack compares no names."
    return "is no address (IPv4, IPv6, address/prefix, or address-address)."


class WrongRangeError(ValueError):
    """Two addresses that are no range: ``reversed``, or ``mixed`` of IPv4 and IPv6."""

    def __init__(self, order: str) -> None:
        super().__init__(order)
        self.order = order


def interval(text: str) -> tuple[Address, Address]:
    """Return the first and the last address of ``a``, ``a/n`` or ``a-b``; raise ValueError for anything else."""
    if "%" in text or ("/" in text and not text.rpartition("/")[2].isdecimal()) or text.rstrip().endswith("-"):
        # What Python takes and no policy has: a scope, a mask for a prefix, half a range.
        raise ValueError("form")
    if "/" in text:
        network = ipaddress.ip_network(text, strict=False)
        return network[0], network[-1]
    first, _dash, last = (part.strip() for part in text.partition("-"))
    low, high = ipaddress.ip_address(first), ipaddress.ip_address(last or first)
    if low.version != high.version:
        raise WrongRangeError("mixed")
    if int(low) > int(high):
        raise WrongRangeError("reversed")
    return low, high


def _codes(known: ParameterType, text: str, where: str) -> str:
    digits = _CODE_DIGITS[known.kind]
    if known.kind == "codes" and text.lower() == "any":
        return "Any"
    if _CONSTANT.fullmatch(text) or (_HEX.fullmatch(text) and len(text) % digits == 0):
        return text
    size = "1 hexadecimal digit" if digits == 1 else f"{digits} hexadecimal digits"
    raise SecurityError(f"{where}: {text!r} is neither the name of one nor a string of codes of {size} each.")


def mistaken(known: ParameterType, text: str) -> str | None:
    """Return what a value of a file must be, in words, if it is not; of options, numbers, job names and user IDs.

    Whether small letters count in names is not documented, nor what a ``?`` or a ``*`` before the end means: see
    ``criteria``.
    """
    if known.kind == "option" and text.lower() not in map(str.lower, known.options):
        return f"one of {', '.join(known.options)}"
    if known.kind == "integer":
        found = number(text)
        return None if found is not None and known.low <= found <= known.high else f"from {known.low} to {known.high}"
    grammar = {"job": zos_names.JOB_MASK, "user": zos_names.USER_MASK}.get(known.kind)
    if grammar and masks.is_plain(text) and not grammar.fits(text.upper()):
        return grammar.words
    return None


def _reference(_known: ParameterType, text: str, where: str) -> str:
    return name(text, where)


def _as_it_is(_known: ParameterType, text: str, _where: str) -> str:
    return text


_CHECKS: dict[str, Callable[[ParameterType, str, str], str]] = {
    "option": _option,
    "integer": _integer,
    "ports": _ports,
    "job": _mask(zos_names.JOB_MASK),
    "user": _mask(zos_names.USER_MASK),
    "word": _sized,
    "label": _sized,
    "secret": _sized,
    "address": _address,
    "host": _address,
    "prefix": _address,
    "range": _address,
    **dict.fromkeys(_CODE_DIGITS, _codes),
    "ref": _reference,
    "text": _as_it_is,
}


def number(text: str) -> int | None:
    """Return the number that a policy has; None for anything else, such as more digits than any of its numbers has."""
    return int(text) if _NUMBER.fullmatch(text) else None


@lru_cache(maxsize=16384)  # the same rules are asked for their ports several times
def ports(text: str) -> tuple[int, int] | None:
    """Return the first and last port of ``n``, ``n-m``, ``n:m`` or ``n m``; None where it is none; 0 is any port."""
    match = _RANGE.fullmatch(text.strip())
    if not match:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    return (0, 65535) if first == last == 0 else (first, last)


def codes(kind: str, text: str) -> tuple[str, ...]:
    """Return a string of codes one by one, in upper case; a name is one."""
    digits = _CODE_DIGITS[kind]
    if not _HEX.fullmatch(text) or len(text) % digits:
        return (text.upper(),)
    return tuple(text[at : at + digits].upper() for at in range(0, len(text), digits))


def meaning(known: ParameterType | None, texts: Sequence[str]) -> object:
    """Return what values are compared by: the case of options, the spelling of ranges mean nothing."""
    if known is None:
        return tuple(texts)
    if known.kind in _CODE_DIGITS:
        return tuple(code for text in texts for code in codes(known.kind, text))
    return tuple(_meaning(known, text) for text in texts)


def _meaning(known: ParameterType, text: str) -> object:
    if known.kind == "option":
        return text.lower()
    if known.kind == "integer":
        found = number(text)
        return text if found is None else found
    if known.kind == "ports":
        return ports(text) or text
    if known.kind in ("address", "host", "prefix", "range"):
        try:
            return interval(text)
        except ValueError:
            return text.lower()
    return text
