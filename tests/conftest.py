# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all tests share. The markers are in pyproject.toml."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.sentences import Watch, never_made

# Two stages share the machine's cores, so how long one example took says nothing.
settings.register_profile(
    "zosconnect",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.register_profile("long", settings.get_profile("zosconnect"), max_examples=10_000)  # for `make laws`
# For `make test`, which shall say of one state of the sources the same thing each time; the others look further.
settings.register_profile("same", settings.get_profile("zosconnect"), derandomize=True, database=None, max_examples=25)
settings.register_profile("few", settings.get_profile("same"), max_examples=5)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "zosconnect"))


def pytest_configure(config: pytest.Config) -> None:
    """Have temporary files apart: every run that begins closes pytest's common folder to all other users again, also
    under tests of another run that have opened it.
    """
    if config.option.basetemp is None and not hasattr(config, "workerinput"):
        config.option.basetemp = tempfile.mkdtemp(prefix="zosconnect-tests-")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Keep temporary files only where a look may help; a run of all unit tests must have come by every sentence."""
    _look_at_sentences(session)
    folder = Path(str(session.config.option.basetemp))
    if exitstatus == 0 and not hasattr(session.config, "workerinput") and folder.name.startswith("zosconnect-tests-"):
        shutil.rmtree(folder, ignore_errors=True)


# The sentences whose lines the tests came by, and whether this run is one that must come by all.
_WATCH = pytest.StashKey[Watch]()
_CAME_BY: set[str] = set()


_SOME = ("ignore", "ignore_glob", "deselect", "keyword", "markexpr")  # options that leave tests out


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Watch where sentences are made, if all unit tests are run."""
    if session.config.args == ["tests/unit"] and not any(map(session.config.getoption, _SOME)):
        session.config.stash[_WATCH] = Watch()


def pytest_testnodedown(node: Any, error: object) -> None:
    """Take over what a worker of xdist came by."""
    _CAME_BY.update(getattr(node, "workeroutput", {}).get("sentences", ()))


def _look_at_sentences(session: pytest.Session) -> None:
    watch = session.config.stash.get(_WATCH, None)
    if watch is None or watch.seen is None:
        return
    _CAME_BY.update(watch.seen)
    if hasattr(session.config, "workeroutput"):  # a worker tells the one that started it
        session.config.workeroutput["sentences"] = sorted(_CAME_BY)
    elif not session.testsfailed and (never := never_made(_CAME_BY)):
        print("\nNo test that ran came by these sentences:", *never, sep="\n  ")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
