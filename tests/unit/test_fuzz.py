# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A short run of `make fuzz`, with the same inputs each time; and what the run itself finds and does not lose."""

from __future__ import annotations

import base64
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from tests.fuzz import run
from tests.fuzz.targets import CORPUS, TARGETS, Target

INPUTS = 250


@pytest.fixture(autouse=True)
def own_signal() -> Iterator[None]:
    before = signal.getsignal(signal.SIGVTALRM)
    yield
    signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize("name", TARGETS)
def test_no_traceback_and_no_hang(name: str) -> None:
    watch = run.Watch(TARGETS[name])
    run.with_hypothesis(watch, inputs=INPUTS, seed=1)
    assert (watch.tracebacks, watch.hangs) == ({}, {})
    assert watch.inputs >= INPUTS


def test_every_corpus_has_its_target_and_is_small() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)
    assert sum(path.stat().st_size for path in CORPUS.rglob("*")) < 200_000


def watched(function: Any, *inputs: bytes) -> dict[str, Any]:
    watch = run.Watch(Target("test", function), guard=0.2)
    for data in inputs:
        watch.take(data)
    return watch.report()


def test_a_traceback_is_kept_once_with_its_first_input() -> None:
    def fails(data: bytes) -> None:
        raise KeyError(data)

    report = watched(fails, b"a", b"b")
    assert (report["inputs"], report["hangs"], len(report["tracebacks"])) == (2, {}, 1)
    ((place, found),) = report["tracebacks"].items()
    assert place.startswith("KeyError test_fuzz.py:")
    assert base64.b64decode(found["input"]) == b"a"


def test_a_hang_is_ended_and_kept() -> None:
    def hangs(data: bytes) -> None:
        while data:
            pass

    report = watched(hangs, b"", b"a", b"")
    assert (report["inputs"], report["tracebacks"], len(report["hangs"])) == (3, {}, 1)


@pytest.mark.parametrize(("message", "found"), [("a: must be text.", 0), ("a: invalid literal for int()", 1)])
def test_a_sentence_is_no_finding_unless_it_speaks_python(message: str, found: int) -> None:
    def refuses(data: bytes) -> None:
        raise SecurityError(message)

    assert len(watched(refuses, b"a")["tracebacks"]) == found
