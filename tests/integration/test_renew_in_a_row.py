# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One round of `make renewals`: both keys, their certificates and the authority change under load, and nobody notices."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from launcher import Liberty
from pki import Authority

sys.path.insert(0, str(Path(__file__).parents[1] / "renewals"))

from in_a_row import Figures, one_run, renew
from renewed_world import world
from runs import runs
from story import RENEWALS_OF_A_ROUND, TURNS_OF_A_ROUND, BrokenPromiseError, Run, Scene
from traffic import Traffic, call

pytestmark = [pytest.mark.ansible, pytest.mark.java, pytest.mark.liberty]

RATE = 10
AT_MOST = 3


def test_a_server_is_renewed_again_and_again_while_it_is_called(liberty: Liberty, tmp_path: Path) -> None:
    with world(liberty, tmp_path) as there, runs(tmp_path / "runs", turns=TURNS_OF_A_ROUND + 4) as doing:
        told: list[str] = []
        figures = renew(there, doing, 1, RATE, lambda line, _figures: told.append(line))
        # Liberty closes a connection that comes in the moment in which it reads a store again (docs/RENEWALS.md).
        assert (figures.problems, figures.restarts) == ([], 0)
        assert len(figures.failures) <= AT_MOST, figures.failures
        assert (figures.renewed.total(), len(figures.changing), len(figures.idle)) == (RENEWALS_OF_A_ROUND, 3, 3)
        assert len(figures.calls) > 5 * RATE
        assert len({one.served for one in figures.calls}) == len({one.shown for one in figures.calls}) == 4
        assert [line.split()[2] for line in told] == ["3", "6", "9"]
        assert any(line.startswith("promises broken by a run: 0") for line in figures.lines())

        # What is counted as broken would be seen.
        assert call(there.port, there.context(Authority("Unknown").issue("cicsuser"))).failure
        quiet = Scene(there, doing, Traffic(there.port, RATE, there.context(there.caller)))
        with pytest.raises(BrokenPromiseError, match=r"changed False, outage False, open \[\]"):
            quiet.changing()
        there.give("server")
        broken = Figures()
        one_run(quiet, Run(()), broken)
        assert broken.problems == []  # the first run wrote, the one in between did not
        there.give("server")
        with pytest.raises(BrokenPromiseError, match="the run in between wrote something"):
            quiet.idle()
