# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all tests share. The markers are in pyproject.toml."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Two stages share the machine's cores, so how long one example took says nothing.
settings.register_profile(
    "zosconnect",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.register_profile("long", settings.get_profile("zosconnect"), max_examples=10_000)  # for `make laws`
settings.register_profile("few", settings.get_profile("zosconnect"), max_examples=10)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "zosconnect"))


def pytest_configure(config: pytest.Config) -> None:
    """Have temporary files apart: every run that begins closes pytest's common folder to all other users again, also
    under tests of another run that have opened it.
    """
    if config.option.basetemp is None and not hasattr(config, "workerinput"):
        config.option.basetemp = tempfile.mkdtemp(prefix="zosconnect-tests-")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Keep them only where a look may help."""
    folder = Path(str(session.config.option.basetemp))
    if exitstatus == 0 and not hasattr(session.config, "workerinput") and folder.name.startswith("zosconnect-tests-"):
        shutil.rmtree(folder, ignore_errors=True)
