# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts as they may stand in a sentence, and hints for people who misspelt a name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

# Longer names are nobody's slip of the pen, and comparing texts takes time by the product of their lengths.
_LONGEST, _SHOWN = 100, 5
_WHITE = re.compile(r"[\n\r\t]")
# Controls but for ends of lines and tabs, what turns the direction of writing, what is not seen.
_STEERING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]|\r(?!\n)"
)


def shortened(text: str) -> str:
    """Return a text as it may stand in a sentence: of a very long one its beginning and its length."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"


def clean(text: object) -> str:
    """Return a text without characters that steer a terminal, an editor or a browser; they are shown by their codes."""
    shown = _WHITE.sub(" ", str(text))
    if shown.isprintable():
        return shown
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in shown)


def visible(text: str) -> str:
    """Return lines of a file as a difference may show them: only what steers a terminal is shown by its code."""
    return _STEERING.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def each_text(value: Any, shown: Callable[[str], str]) -> Any:
    """Return a part of a result that people read, in which each text is as ``shown`` returns it."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, Mapping):
        return {key: each_text(one, shown) for key, one in value.items()}
    return [each_text(one, shown) for one in value] if isinstance(value, (list, tuple)) else value


def several(items: Sequence[str], separator: str = ", ") -> str:
    """Return texts as they may stand in a sentence: of very many the first ones and a number."""
    if len(items) <= _SHOWN + 1:
        return separator.join(items)
    return f"{separator.join(items[:_SHOWN])}{separator}{len(items) - _SHOWN:,} more"


def nearest(name: str, known: Iterable[str], *, prefix: str = "") -> str:
    """Return ``; did you mean a, b?`` with the known names nearest to ``name``, or nothing.

    All of them begin with ``prefix``, which makes none nearer.
    """
    if len(name) > _LONGEST:
        return ""
    spelled = {candidate.lower().removeprefix(prefix): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower().removeprefix(prefix), spelled, n=3, cutoff=0.6)
    return f"; did you mean {', '.join(spelled[c] for c in close)}?" if close else ""


def slip(name: str, given: Iterable[str]) -> str | None:
    """Return the given name that can be ``name`` but for a slip of the pen; case, ``_`` and ``-`` do not count."""
    spelled = {_letters(one): one for one in given}
    close = difflib.get_close_matches(_letters(name), spelled, n=1, cutoff=0.75)  # one letter of four
    return spelled[close[0]] if close else None


def _letters(name: str) -> str:
    return re.sub("[_-]", "", name[:_LONGEST].lower())
