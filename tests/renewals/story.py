# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is renewed in which run, and what must be true when it is done: some years of a site.

A renewal puts new material into the inventory; then the role runs; then new connections must show it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, cycle, repeat

from cryptography import x509
from renewed_world import CLIENT, SERVER, World
from runs import Runs
from traffic import Traffic, call

SECONDS_TO_COUNT = 60.0
SECONDS_BETWEEN_LOOKS = 0.1


class BrokenPromiseError(Exception):
    """Something that the documentation promises did not happen."""


@dataclass(frozen=True)
class Scene:
    """The world, who changes it, and the traffic that is going on in it."""

    world: World
    runs: Runs
    traffic: Traffic

    def changing(self) -> None:
        """A run that changes something, without an outage."""
        answer = self.runs.run(self.world.variables())
        report = answer["report"]
        if not answer["changed"] or report["outage"] or report["open"]:
            raise BrokenPromiseError(f"changed {answer['changed']}, outage {report['outage']}, open {report['open']}")

    def idle(self) -> None:
        """A run for which nothing new is given: it must not write. It may hand out requests."""
        before = self.world.files()
        answer = self.runs.run(self.world.variables())
        if answer["changed"] or self.world.files() != before:
            raise BrokenPromiseError("the run in between wrote something")
        asked = answer["report"]["requests"]
        self.world.requests = {alias: text for of in asked.values() for alias, text in of.items()}

    def wait(self, what: str, seen: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SECONDS_TO_COUNT
        while not seen():
            if time.monotonic() > deadline:
                raise BrokenPromiseError(f"{what}: not within {SECONDS_TO_COUNT:.0f} seconds")
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def until_used(self, name: str, fingerprint: str) -> None:
        """Wait until new connections see the new certificate of the server's port, or of its calls."""

        def seen() -> bool:
            last = self.traffic.calls[-1]
            return (last.served if name == SERVER else last.shown) == fingerprint

        self.wait(f"the new certificate of {name} is in use", seen)


Seen = Callable[[], None]  # waits until a renewal is in use


def certificate(scene: Scene, name: str) -> Seen:
    """A new certificate for the key that is there."""
    fingerprint = scene.world.give(name)
    return lambda: scene.until_used(name, fingerprint)


def key(scene: Scene, name: str) -> Seen:
    """A new key and its certificate, under the same alias."""
    fingerprint = scene.world.give(name, privatekey_content=scene.world.new_key(name))
    return lambda: scene.until_used(name, fingerprint)


def request(scene: Scene, name: str) -> Seen:
    """A certificate for the request that the target signed with the key that never leaves it."""
    world = scene.world
    if x509.load_pem_x509_csr(world.requests[name].encode()).public_key() != world.keys[name]:
        raise BrokenPromiseError(f"the request of {name} is of another key")
    fingerprint = world.give(name, generate=world.entries[name]["generate"])
    return lambda: scene.until_used(name, fingerprint)


def authority_comes(scene: Scene, _name: str) -> Seen:
    """A new authority is trusted beside the old one; when it is, all callers get certificates of it."""
    world = scene.world
    old, world.former = world.authority, world.caller
    world.new_authority()
    world.caller = world.issue_caller()
    using = world.context(world.caller, old)

    def seen() -> None:
        scene.wait("a caller of the new authority gets through", lambda: not call(world.port, using).failure)
        scene.traffic.using = using

    return seen


def authority_goes(scene: Scene, _name: str) -> Seen:
    """The old authority is no longer trusted, because the last day of its roll-over is over."""
    world = scene.world
    assert world.former
    world.roll_over_ends(-1)
    refused = world.context(world.former)
    return lambda: scene.wait(
        "a caller of the old authority is refused", lambda: bool(call(world.port, refused).failure)
    )


Renewal = tuple[str, Callable[[Scene, str], Seen], str]


@dataclass(frozen=True)
class Run:
    """What one run renews. The run in between, after it, hands out requests of the keys that ``ask`` for a certificate."""

    renewals: tuple[Renewal, ...]
    ask: tuple[str, ...] = ()


ROUND = (
    Run(
        (
            ("server: new certificate for its key", certificate, SERVER),
            ("client: new key", key, CLIENT),
        )
    ),
    Run(
        (
            ("server: new key", key, SERVER),
            ("client: new certificate for its key", certificate, CLIENT),
        ),
        ask=(SERVER, CLIENT),
    ),
    Run(
        (
            ("server: certificate for the request of its key", request, SERVER),
            ("client: certificate for the request of its key", request, CLIENT),
        )
    ),
)
# The authority of the callers changes all the time: one run brings the new one, the next one takes the old one away.
AUTHORITY: tuple[Renewal, Renewal] = (
    ("authority: the new one beside the old", authority_comes, ""),
    ("authority: the old one goes", authority_goes, ""),
)
RENEWALS_OF_A_ROUND = sum(len(run.renewals) + 1 for run in ROUND)
TURNS_OF_A_ROUND = 2 * len(ROUND)


def story(rounds: int) -> Iterator[Run]:
    """The runs of so many rounds."""
    for run, authority in zip(chain.from_iterable(repeat(ROUND, rounds)), cycle(AUTHORITY), strict=False):
        yield replace(run, renewals=(*run.renewals, authority))
