# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a card is: a message that is known, its possible causes, and how facts of a server decide among them.

A cause is shown, excluded, or open. A message is decided where exactly one of its causes is shown; everything else is
undecided, because a wrong cause costs more of a night than none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.facts import Facts
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.messages import Message
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin

Json = dict[str, Any]

ADMINISTRATOR = "z/OS Connect administrator"
SECURITY = "security administrator (RACF)"
NETWORK = "network administrator (TCP/IP, Policy Agent)"
CALLER = "owner of the calling program"
ENDPOINT = "owner of the called endpoint"
SYSTEM = "z/OS system programmer"
TEAMS = (ADMINISTRATOR, SECURITY, NETWORK, CALLER, ENDPOINT, SYSTEM)


@dataclass(frozen=True)
class Fact:
    """Something that was computed or read, and where it stands."""

    text: str
    place: str = ""

    @classmethod
    def at(cls, text: str, origin: Origin) -> Fact:
        """Return a fact about what stands at an origin."""
        return cls(text, str(origin))

    def __str__(self) -> str:
        return f"{self.text} ({self.place})" if self.place else self.text


@dataclass(frozen=True)
class Shown:
    """The facts show this cause. ``says`` is a sentence without a full stop; ``team`` only where the cause's is not it.

    ``remedy`` are inputs of server_xml (with ``element``), commands (``command``) and what people do (``do``).
    """

    says: str
    because: Sequence[Fact] = ()
    remedy: Sequence[Json] = ()
    team: str = ""


@dataclass(frozen=True)
class Excluded:
    """The facts say that this is not the cause."""

    because: Sequence[Fact] = ()


@dataclass(frozen=True)
class Open:
    """The facts do not tell; ``next`` is what to look at, or what to give."""

    next: str
    because: Sequence[Fact] = ()


Verdict = Shown | Excluded | Open


@dataclass(frozen=True)
class Case:
    """One message with what is known of the server, and the other messages."""

    message: Message
    facts: Facts
    messages: Sequence[Message] = ()

    def is_said(self, *ids: str) -> bool:
        """Whether there is a message with one of these identifiers."""
        return any(one.id in ids for one in self.messages)

    def later(self, identity: str) -> list[Message]:
        """Return the messages of an identifier that came in the same log after this one."""
        own = [number for number, one in enumerate(self.messages) if one.is_same(self.message)]
        after = self.messages[own[-1] + 1 :] if own else ()
        return [one for one in after if one.id == identity and one.source == self.message.source]


Look = Callable[[Case], Verdict]


@dataclass(frozen=True)
class Cause:
    """One possible cause; ``decided_by`` tells people how ``look`` decides."""

    id: str
    title: str
    team: str
    decided_by: str
    look: Look = field(repr=False)


@dataclass(frozen=True)
class Card:
    """A known message. ``codes`` are those that it is about; none means all that no other card is about."""

    ids: tuple[str, ...]
    means: str
    causes: tuple[Cause, ...]
    source: str
    codes: tuple[str, ...] = ()
    # What to look at where nothing is decided and no cause says more.
    next: str = "Read the whole message with its neighbours in the log, and compare with docs/DIAGNOSE.md."
    # Whether the message is worth telling of a log where no cause of it is shown: not if it says that all is well.
    is_news: bool = True

    @property
    def title(self) -> str:
        """The identifiers as people write them, with codes."""
        names = ", ".join(self.ids)
        return f"{names} {'/'.join(self.codes)}" if self.codes else names


def by_itself(says: str, *remedy: Mapping[str, Any]) -> Look:
    """Return the look of a cause that the message itself is the proof of."""

    def look(case: Case) -> Verdict:
        return Shown(
            says, (Fact(f"{case.message.name} says so by itself", case.message.place),), tuple(map(dict, remedy))
        )

    return look


def people_decide(what: str) -> Look:
    """Return the look of a cause that no fact here shows; ``what`` is what to look at."""

    def look(_case: Case) -> Verdict:
        return Open(what)

    return look


def do(text: str) -> Json:
    """Return a remedy that people carry out."""
    return {"do": text}


def command(text: str) -> Json:
    """Return a remedy that is a command."""
    return {"command": text}
