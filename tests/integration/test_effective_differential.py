# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated server directories: the model says what a real Liberty says. `make differential N=10000` asks longer."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "differential"))

from generate import generate
from server import Judge

SEED = 1
# As many as were seen to agree on a quiet machine in one go; `make differential` takes any number.
CASES = 20


@pytest.mark.liberty
def test_the_model_says_what_a_real_liberty_says() -> None:
    with Judge() as judge:
        results = {number: judge.judge(generate(SEED, number)) for number in range(CASES)}
    disagree = {number: result.differences for number, result in results.items() if result.differences}
    assert not disagree, f"python tests/differential/run.py --seed {SEED} --only {min(disagree)} --shrink"
