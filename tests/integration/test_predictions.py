# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generated servers with mistakes: a real Liberty says and opens what was predicted. `make predictions` asks longer."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "differential"))

from prediction_cases import Generator
from prediction_run import LEAST, run

pytestmark = pytest.mark.chosen

SEED, CASES = 2026, 8
# Far more than it takes on two loaded cores.
SECONDS = 1500.0


def test_every_case_of_a_long_run_can_be_made() -> None:
    generator = Generator(SEED, [*range(20000, 20150)], "/stores")
    assert all(generator.case(number).files() for number in range(2000))


@pytest.mark.liberty
def test_a_real_liberty_says_and_opens_what_was_predicted(capsys: pytest.CaptureFixture[str]) -> None:
    def say(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}", flush=True)

    score = run(SEED, range(CASES), seconds=SECONDS, say=say)
    wrong = "\n".join(line for verdict in score.wrong for line in verdict.lines())
    assert score.cases == CASES, f"only {score}"
    assert score.precision >= LEAST, wrong
    assert score.recall >= LEAST, wrong
    assert score.ports_wrong == 0, wrong
