# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands in the files without the effect that it seems to have, as data; the sentence for people is made last.

Rules and messages of Liberty: Open Liberty, observed (25.0.0.6, 26.0.0.3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import shortened
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin

# Of files and includes.
DROPIN_BROKEN, DOCTYPE, AFTER_THE_END, WRONG_ROOT = "dropin-broken", "doctype", "after-the-end", "wrong-root"
UNSEEN, INCLUDE_MISSING, INCLUDE_CYCLE = "unseen", "include-missing", "include-cycle"
INCLUDE_WITHOUT_LOCATION, INCLUDE_MODE = "include-without-location", "include-mode"
INCLUDE_OTHERS = "include-others"
VARIABLE_INCOMPLETE = "variable-incomplete"
NESTED_SERVER = "nested-server"
# A line of server.env that only the shell of the target understands.
SHELL = "shell"
# Of values: Liberty takes another value, drops the element, or drops a nested one.
BAD_VALUE, REJECTED, REQUIRED = "bad-value", "rejected", "required"
# Why it does so: the ``cause`` of a BAD_VALUE or of a REJECTED.
INVALID, CIRCLE, LACKING = "invalid", "circle", "lacking"
# A reference that leads nowhere.
DANGLING = "dangling"
# Liberty's answer depends on the order in which it evaluates; why, is the ``value``.
ORDER = "order"
SINGLE_TWICE, SPELLINGS, NUMBERED, MERGED_AGAIN = "single-twice", "spellings", "numbered", "merged-again"
INNER_NAME, OWN_LIST, ARITHMETIC = "inner-name", "own-list", "arithmetic"
BOOT_LEVELS, BOOT_EMPTY = "boot-levels", "boot-empty"
NO_DEFAULT = "no-default"

# After these nobody knows the whole configuration.
UNREAD = (UNSEEN, DOCTYPE, SHELL)
INCOMPLETE = (*UNREAD, ORDER)
# Over these something that the configuration names was not read.
NOT_READ = (UNSEEN, INCLUDE_MISSING, DOCTYPE, SHELL)


@dataclass(frozen=True)
class Problem:
    """One problem: ``rule`` is its kind, ``origin`` where it stands, ``code`` Liberty's message, if any.

    ``element``, ``identity`` (its effective id) and ``attribute`` are spelled as in the effective configuration; of a
    REJECTED the element is the one that is dropped, and ``cause`` says what is wrong in it. ``value`` is what was
    written or is named, None for a secret. ``expected`` is the type of a value, or the element to which a reference
    should lead. ``unresolved`` names a variable that nothing seen here defines. ``instead`` is the default that counts.
    ``reason`` are the words of whoever could not read something.
    """

    rule: str
    origin: Origin
    element: str | None = None
    identity: str | None = None
    attribute: str | None = None
    value: str | None = None
    expected: str | None = None
    unresolved: str | None = None
    instead: str | None = None
    cause: Problem | None = None
    reason: str | None = None
    code: str | None = None
    is_first_document: bool = False
    are_overrides_lost: bool = False

    @property
    def message(self) -> str:
        """The problem as a sentence."""
        lost = " Because of that Liberty reads none of the drop-ins in configDropins/overrides."
        return _SENTENCES[self.rule](self) + (lost if self.are_overrides_lost else "")

    @property
    def root(self) -> Problem:
        """The problem itself, or what is wrong inside of an element that is dropped."""
        return self if self.cause is None else self.cause.root


def _dropin_broken(problem: Problem) -> str:
    return f"{problem.reason} Liberty applies this drop-in up to the error and ignores the rest of it."


def _doctype(problem: Problem) -> str:
    return f"{problem.reason} What Liberty makes of the file is not known here."


def _after_the_end(problem: Problem) -> str:
    return f"{problem.origin}: what follows the root element is never read."


def _wrong_root(problem: Problem) -> str:
    text = f"{problem.origin}: the root element is <{problem.element}>, not <server>, so Liberty ignores the file"
    if problem.is_first_document:
        text += ", and with it the whole of server.xml: the configuration is empty"
    return f"{text}." if problem.code else f"{text}, without a word."


def _variable_incomplete(problem: Problem) -> str:
    return f"{problem.origin}: <variable> has no {problem.expected}, so it defines nothing."


def _nested_server(problem: Problem) -> str:
    return (
        f"{problem.origin}: <server> stands inside <server>; Liberty says that it ignores it, but what is in it counts."
    )


def _include_without_location(problem: Problem) -> str:
    return f"{problem.origin}: <include> has no location."


def _include_mode(problem: Problem) -> str:
    return f"{problem.origin}: onConflict {problem.value!r} is not one of MERGE, REPLACE, IGNORE; Liberty takes MERGE."


def _include_cycle(problem: Problem) -> str:
    return f"{problem.origin}: {problem.value}; Liberty skips the repeated file."


def _include_others(problem: Problem) -> str:
    return (
        f"{problem.origin}: includes the directory {problem.value} with files that do not end with .xml "
        f"({problem.reason}): Liberty up to 24.0.0.6 reads them, 26.0.0.3 does not."
    )


def _include_missing(problem: Problem) -> str:
    return f"{problem.origin}: includes {problem.value}, which does not exist."


def _unseen(problem: Problem) -> str:
    if problem.reason is None:
        return f"{problem.origin}: includes {problem.value}, which is not read here."
    return f"{problem.origin}: includes {problem.value}, which could not be read: {problem.reason}"


def _shell(problem: Problem) -> str:
    return f"{problem.origin}: what the shell makes of {problem.attribute} is not known here: {problem.reason}."


def _invalid(problem: Problem) -> str:
    shown = "a secret" if problem.value is None else repr(shortened(problem.value))
    return f"{problem.origin}: {problem.attribute}={shown} of <{problem.element}> is no valid {problem.expected}."


def _circle(problem: Problem) -> str:
    return f"{problem.origin}: ${{{problem.value}}} in <{problem.element}> leads to itself."


def _lacking(problem: Problem) -> str:
    return f"{problem.origin}: <{problem.element}> has no {problem.attribute}."


def _bad_value(problem: Problem) -> str:
    instead = "leaves it unset" if problem.instead is None else f"uses the default {problem.instead}"
    return f"{problem.cause and problem.cause.message} Liberty {instead} instead."


def _rejected(problem: Problem) -> str:
    return (
        f"{problem.cause and problem.cause.message} Liberty drops <{problem.element}> as a whole (a running server "
        "keeps what it had)."
    )


def _required(problem: Problem) -> str:
    return f"{problem.origin}: <{problem.element}> has no {problem.attribute}, so Liberty ignores it."


def _dangling(problem: Problem) -> str:
    then = "Liberty ignores the reference" if problem.code else "Liberty says nothing about it"
    return (
        f"{problem.origin}: {problem.attribute} of <{problem.element}> refers to <{problem.expected}> "
        f"{shortened(problem.value or '')!r}, which does not exist; {then}."
    )


_OPEN: dict[str, Callable[[Problem], str]] = {
    SINGLE_TWICE: lambda problem: f"<{problem.element}> is given more than once, the first time with child elements",
    SPELLINGS: lambda problem: f"<{problem.element}> has the id of another one whose name is spelled in another case",
    NUMBERED: lambda problem: (
        f"the id {problem.identity!r} of <{problem.element}> begins with default-, as those that Liberty gives itself"
    ),
    MERGED_AGAIN: lambda problem: (
        f"{problem.attribute} of <{problem.element}> leads nowhere, and the element is in a file that is included over "
        "two levels, with onConflict IGNORE"
    ),
    INNER_NAME: lambda problem: (
        f"{problem.attribute} of <{problem.element}> uses a variable that is an internal name of Liberty"
    ),
    OWN_LIST: lambda problem: f"{problem.attribute} of <{problem.element}> uses itself as a variable",
    ARITHMETIC: lambda problem: (
        f"{problem.attribute} of <{problem.element}> and another attribute of it use one variable of the environment, "
        "one of them to calculate"
    ),
    BOOT_LEVELS: lambda problem: (
        f"variables of the file lead to {problem.attribute} over two levels, and XML defines it too"
    ),
    NO_DEFAULT: lambda problem: (
        f"{problem.attribute} of <{problem.element}> is no valid duration, and no default of it is known; without one "
        "Liberty fails over it (NullPointerException) and applies a part of the configuration only"
    ),
    BOOT_EMPTY: lambda problem: f"the value of {problem.attribute} holds ${{}}, which names no variable",
}


def _order(problem: Problem) -> str:
    why = _OPEN[problem.value or ""](problem)
    return f"{problem.origin}: {why}, so Liberty's answer depends on the order in which it evaluates."


_SENTENCES: dict[str, Callable[[Problem], str]] = {
    DROPIN_BROKEN: _dropin_broken,
    DOCTYPE: _doctype,
    AFTER_THE_END: _after_the_end,
    WRONG_ROOT: _wrong_root,
    VARIABLE_INCOMPLETE: _variable_incomplete,
    NESTED_SERVER: _nested_server,
    INCLUDE_WITHOUT_LOCATION: _include_without_location,
    INCLUDE_MODE: _include_mode,
    INCLUDE_CYCLE: _include_cycle,
    INCLUDE_OTHERS: _include_others,
    INCLUDE_MISSING: _include_missing,
    UNSEEN: _unseen,
    SHELL: _shell,
    INVALID: _invalid,
    CIRCLE: _circle,
    LACKING: _lacking,
    BAD_VALUE: _bad_value,
    REJECTED: _rejected,
    REQUIRED: _required,
    DANGLING: _dangling,
    ORDER: _order,
}
