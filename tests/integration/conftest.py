# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Liberty for the tests that ask for it; see tests/liberty/README.md."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "liberty"))
sys.path.insert(0, str(Path(__file__).parents[1] / "zos"))

from launcher import Liberty, log_tail
from pki import Cast, issue_cast


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who asks for a server is marked as such."""
    for item in items:
        if "liberty" in getattr(item, "fixturenames", ()):
            item.add_marker("liberty")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: Any) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What the server said belongs to a failure: the server is gone when somebody reads of it."""
    report = yield
    server = getattr(item, "funcargs", {}).get("running_server")
    if report.failed and server:
        report.sections.append(("messages.log of the server", log_tail(server)))
    return report


@pytest.fixture(scope="session")
def running_server() -> Iterator[Liberty]:
    """One server for all tests, which ask for `liberty`."""
    with Liberty() as server:
        yield server


@pytest.fixture(scope="module")
def liberty(running_server: Liberty) -> Liberty:
    """A server as it was made: each test gives it the server.xml it needs, with `update`, and leaves it running."""
    running_server.reset()
    return running_server


@pytest.fixture(scope="session")
def pki() -> Cast:
    """Server, mapped client, unmapped client, stranger."""
    return issue_cast(key_type="ec")
