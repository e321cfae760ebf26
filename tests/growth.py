# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether work grows as its input does. No machine's seconds are a verdict: only a ratio of one run is."""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LEAST = 0.002  # seconds; the clock of the processor is too coarse for less
TRIES = 5  # other programs of the machine may disturb some


def grows(work: Callable[[int], Callable[[], object]], small: int, large: int) -> None:
    """Demand that ``large`` costs at most as many times more than ``small`` as the geometric mean of linear and quadratic.

    ``work`` prepares the input of a size, and returns what is measured.
    """
    most = (large / small) ** 1.5
    ratios: list[float] = []
    while not ratios or (ratios[-1] >= most and len(ratios) < TRIES):
        few = min(seconds(work(small)) for _try in range(2))
        ratios.append(seconds(work(large)) / max(few, LEAST))
    assert ratios[-1] < most, f"{large / small:g} times the input took {ratios} times as long"


def seconds(work: Callable[[], object]) -> float:
    """Return the processor's seconds that it takes."""
    began = process_time()
    work()
    return process_time() - began
