# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated server directories: the model says what a real Liberty says. `make differential N=10000` asks longer."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "differential"))

from campaign import Campaign, Run

pytestmark = pytest.mark.chosen

SEED = 1
CASES = 40
# Far more than it takes on two loaded cores: a server that no longer answers shall not hold everything up.
SECONDS = 1200.0


@pytest.mark.liberty
def test_the_model_says_what_a_real_liberty_says(capsys: pytest.CaptureFixture[str]) -> None:
    campaign = Run(Campaign(SEED), range(CASES), seconds=SECONDS, stop=1).run(servers=1)
    with capsys.disabled():
        print(f"\n{campaign}", flush=True)
    for number, differences in campaign.disagree.items():
        pytest.fail(f"python tests/differential/run.py --seed {SEED} --only {number} --shrink\n{differences}")
    assert campaign.done == CASES, f"only {campaign}"
