# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Masks of job names and user IDs as exact sets of names.

A name has 1 to 8 of A-Z, 0-9, @, # and $; that of a job begins with no digit (``zos_names``). In a mask ``*`` stands
for any characters or none, ``?`` for one. Of a policy IBM documents only ``*`` at the end (IP Configuration Guide,
"AT-TLS rules"; its samples); questions may use both anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

LONGEST = 8
# What names begin with, in the order in which an example is looked for.
JOB = "ABCDEFGHIJKLMNOPQRSTUVWXYZ@#$"
USER = JOB + "0123456789"
_PLAIN = re.compile(r"[^*?]*\*?")
# So many steps within masks are made for one answer, at most; about three seconds.
MOST_WORK = 3_000_000
# What a beginning of a name leaves of the masks: those that fit however it goes on, and (number, place) of the others.
_State = tuple[int, frozenset[tuple[int, int]]]


def is_plain(mask: str) -> bool:
    """Say whether a mask has no wildcard but a ``*`` at its end."""
    return _PLAIN.fullmatch(mask) is not None


def fits(mask: str, name: str) -> bool:
    """Say whether a name fits a mask; the case of letters means nothing."""
    return _pattern(mask).fullmatch(name) is not None


@lru_cache(maxsize=4096)
def _pattern(mask: str) -> re.Pattern[str]:
    words = {"*": ".*", "?": "."}
    return re.compile("".join(words.get(one) or re.escape(one) for one in _shortest(mask)), re.IGNORECASE)


def _shortest(mask: str) -> str:
    """Return a mask without every * that stands behind another: they mean nothing, but cost much."""
    return re.sub(r"\*+", "*", mask)


def meet(one: str, other: str, first: str) -> bool:
    """Say whether some name fits both masks; ``first`` is what names begin with, ``JOB`` or ``USER``."""
    one, other = _shortest(one.upper()), _shortest(other.upper())
    places = _places(one, other, [(0, 0)])
    for length in range(LONGEST):
        places = _places(one, other, _moved_both(one, other, places, USER if length else first))
        if (len(one), len(other)) in places:
            return True
    return False


def _places(one: str, other: str, reached: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return these places in two masks, and those behind a ``*``, which may stand for nothing."""
    found, todo = set[tuple[int, int]](), list(reached)
    while todo:
        here = todo.pop()
        if here not in found:
            found.add(here)
            todo += [(here[0] + 1, here[1])] if one[here[0] : here[0] + 1] == "*" else []
            todo += [(here[0], here[1] + 1)] if other[here[1] : here[1] + 1] == "*" else []
    return found


def _moved_both(one: str, other: str, places: Iterable[tuple[int, int]], alphabet: str) -> Iterator[tuple[int, int]]:
    """Give where one more character leads in both masks."""
    for first, second in places:
        if first < len(one) and second < len(other):
            named = {one[first], other[second]} - {"*", "?"}
            if not named or (len(named) == 1 and named <= set(alphabet)):
                yield first + (one[first] != "*"), second + (other[second] != "*")


def classes(masks: Sequence[str], first: str) -> list[tuple[str, int]]:
    """Return the names that these masks tell apart: of each class one name, and the masks that it fits as bits.

    ``first`` is what names begin with, ``JOB`` or ``USER``.

    The walk takes one character after the other and follows all masks at once, so that every class is found that a
    name can have. Raises SecurityError where masks with wildcards in their middle make too many.
    """
    upper = [mask.upper() for mask in masks]
    start = _state(upper, ((number, 0) for number in range(len(upper))))
    found: dict[int, str] = {}
    seen: set[_State] = set()
    level = [("", start)]
    work = 0
    for length in range(LONGEST):
        following: list[tuple[str, _State]] = []
        for name, state in level:
            work += (1 + len(state[1])) * len(USER)
            if work > MOST_WORK:
                raise SecurityError(
                    f"Jobname and Userid: the wildcards of {len(masks)} masks can meet in too many ways; ask about "
                    "fewer rules, or write masks with one * at the end."
                )
            for one, after in _steps(upper, state, USER if length else first):
                if after not in seen:
                    seen.add(after)
                    found.setdefault(_fitting(upper, after), name + one)
                    following.append((name + one, after))
        level = following
    return [(name, fitting) for fitting, name in found.items()]


def _steps(masks: Sequence[str], state: _State, alphabet: str) -> Iterator[tuple[str, _State]]:
    """Give what each next character leads to; those that no mask names are all the same, so one stands for them."""
    sure, places = state
    named = {masks[number][place] for number, place in places if place < len(masks[number])} - {"*", "?"}
    other = next((one for one in alphabet if one not in named), None)
    for one in ([other] if other else []) + [one for one in alphabet if one in named]:
        after = _state(masks, _moved(masks, places, one))
        yield one, (sure | after[0], after[1])


def _moved(masks: Sequence[str], places: Iterable[tuple[int, int]], one: str) -> Iterator[tuple[int, int]]:
    for number, place in places:
        here = masks[number][place : place + 1]
        if here == "*":
            yield number, place
        elif here in (one, "?"):
            yield number, place + 1


def _state(masks: Sequence[str], places: Iterable[tuple[int, int]]) -> _State:
    """Return these places, and those behind a ``*``, which may stand for nothing."""
    sure, left, todo = 0, set(), list(places)
    while todo:
        number, place = todo.pop()
        rest = masks[number][place:]
        if rest and not rest.strip("*"):
            sure |= 1 << number
        else:
            left.add((number, place))
            todo += [(number, place + 1)] if rest[:1] == "*" else []
    return sure, frozenset(one for one in left if not sure >> one[0] & 1)


def _fitting(masks: Sequence[str], state: _State) -> int:
    sure, places = state
    for number, place in places:
        sure |= (place == len(masks[number])) << number
    return sure
