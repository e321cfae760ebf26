# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the answers about all connections agree with those about single ones: `make flows N=1000`.

For each random policy: every example of a winner gets that rule from the other judge; every corner and every random
connection gets a rule that is among the winners; and a question about one connection alone has that one winner.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import flow_world

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import criteria, flows, match, stack
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.criteria import Connection
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.match import Candidate
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.regions import Space

MOST_RULES = 500
# Of one policy: rules whose corners are looked at, and connections that are asked about alone.
CORNERED, ALONE = 40, 3
_ALL = criteria.Criteria("Both")


@dataclass
class Tally:
    """What was compared."""

    policies: int = 0
    rules: int = 0
    examples: int = 0
    corners: int = 0
    points: int = 0
    seconds: float = 0.0
    longest: float = 0.0

    def __str__(self) -> str:
        return (
            f"{self.policies} policies, {self.rules} rules, {self.examples} examples, {self.corners} corners, "
            f"{self.points} random connections; {self.seconds:.0f} s, the longest answer {self.longest:.2f} s"
        )


def tried(rules: Sequence[Candidate], connection: Connection) -> str | None:
    """Return the rule that a connection gets, tried one by one."""
    return next((one.name for one in rules if criteria.lost(one.criteria, connection) is None), None)


def compare(seed: int, points: int, tally: Tally, count: int | None = None) -> None:
    """Compare both judges on one random policy; an AssertionError names the seed and what they do not agree on."""
    draw = random.Random(seed)
    number = count or round(math.exp(draw.uniform(0, math.log(MOST_RULES))))
    rules = match.candidates(stack.read({"stack": flow_world.random_policy(draw, number), "common": ""}), "3.1")
    begun = time.process_time()
    space = Space([_ALL, *(one.criteria for one in rules)])
    judged = flows.Rules(space, rules, _ALL)
    tally.longest = max(tally.longest, time.process_time() - begun)
    winners = {one.rule.name if one.rule else None: one for one in judged.winners}
    for name, winner in winners.items():
        tally.examples += 1
        example = space.example(winner.box)
        assert tried(rules, example) == name, (seed, name, example)
    asked = [one.criteria for one in rules]
    corners = list(flow_world.corners(asked, draw, CORNERED))
    others = [flow_world.random_connection(draw, asked) for _point in range(points)]
    for connection in (*corners, *others):
        found = tried(rules, connection)
        assert found in winners, (seed, found, connection)
    for connection in others[:ALONE]:
        assert alone(rules, connection) == [tried(rules, connection)], (seed, connection)
    tally.policies, tally.rules = tally.policies + 1, tally.rules + len(rules)
    tally.corners, tally.points = tally.corners + len(corners), tally.points + len(others)


def alone(rules: Sequence[Candidate], connection: Connection) -> list[str | None]:
    """Return the winners of a question about one connection and nothing else."""
    asked = {
        "direction": connection.direction.lower(),
        "local_address": str(connection.local_address),
        "local_port": connection.local_port,
        "remote_address": str(connection.remote_address),
        "remote_port": connection.remote_port,
        "job_name": connection.job_name,
        "user_id": connection.user_id,
        "time": connection.time and connection.time.isoformat(),
    }
    question = flows.read(asked)
    left = flows.matching(rules, question)
    space = Space([question.asked, *(one.criteria for one in left)])
    return [one.rule.name if one.rule else None for one in flows.Rules(space, left, question.asked).winners]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=1000, help="policies")
    parser.add_argument("--points", type=int, default=1000, help="random connections for each")
    parser.add_argument("--seed", type=int, default=0, help="the first policy's")
    options = parser.parse_args()
    tally, begun = Tally(), time.monotonic()
    for number in range(options.seed, options.seed + options.n):
        compare(number, options.points, tally, MOST_RULES if number % 10 == 0 else None)
        tally.seconds = time.monotonic() - begun
        if not (number + 1) % 50:
            print(tally, flush=True)
    print(tally)


if __name__ == "__main__":
    main()
