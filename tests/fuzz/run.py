# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fuzz what reads bytes of others: `make fuzz N=100000`, or run.py [TARGET...] -n 100000 --seed 7.

With Atheris, where it is installed, inputs grow along the code that they reach; else Hypothesis puts them together from
pieces of the seeds. A finding does not end a run: each place is told once, with the first input that led there.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
# Of processor time: how much of a core others leave says nothing.
GUARD_SECONDS = 5.0
LONGEST_INPUT = 4096
_MEMORY_MB = 1000
_REPORT_EVERY = 1000


class Hang(BaseException):
    """An input took too long; no `except Exception` on the way may swallow that."""


@dataclass
class Watch:
    """Hands inputs to a target, counts them, and keeps what must not be: by place, the input and the end of its trace."""

    target: Any
    guard: float = GUARD_SECONDS
    inputs: int = 0
    tracebacks: dict[str, dict[str, str]] = field(default_factory=dict)
    hangs: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        signal.signal(signal.SIGVTALRM, self._too_long)

    def _too_long(self, _signal: int, _frame: Any) -> None:
        raise Hang

    def take(self, data: bytes) -> None:
        """Hand over one input; nothing is raised."""
        self.inputs += 1
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, self.guard)
            self.target(data)
        except Hang as found:
            self._keep(self.hangs, found, data)
        except Exception as found:
            self._keep(self.tracebacks, found, data)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    def _keep(self, kept: dict[str, dict[str, str]], found: BaseException, data: bytes) -> None:
        frames = traceback.extract_tb(found.__traceback__)
        place = f"{type(found).__name__} {Path(frames[-1].filename).name}:{frames[-1].lineno}"
        trace = "".join(traceback.format_exception(found)[-8:])
        kept.setdefault(place, {"input": base64.b64encode(data).decode(), "trace": trace[-3000:]})

    def report(self) -> dict[str, Any]:
        return {"inputs": self.inputs, "tracebacks": self.tracebacks, "hangs": self.hangs}


def with_hypothesis(watch: Watch, *, inputs: int, seed: int) -> None:
    """Hand ``inputs`` inputs to the watch, the same ones for the same seed."""
    import hypothesis
    from hypothesis import strategies as st

    seeds = watch.target.seeds
    pieces = sorted({piece for one in seeds for piece in (one, *one.splitlines(keepends=True), *one.split())})
    noise = st.one_of(st.binary(max_size=6), st.sampled_from([b"\n" * 200, b" " * 200, b"9" * 5000, b"-", b"{", b"}"]))
    made = st.lists(st.one_of(st.sampled_from(pieces), st.sampled_from(pieces), noise), max_size=12).map(b"".join)

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=inputs,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(made)
    def run(data: bytes) -> None:
        watch.take(data)

    for data in seeds:
        watch.take(data)
    run()


def with_atheris(watch: Watch, chosen: argparse.Namespace) -> None:
    """The same, guided by coverage. Atheris ends the process itself, so the report is written on the way."""
    import atheris

    begun = time.monotonic()

    def take(data: bytes) -> None:
        watch.take(data)
        if watch.inputs % _REPORT_EVERY == 0 or watch.inputs >= chosen.n:
            _write(chosen.report, watch, time.monotonic() - begun)

    with tempfile.TemporaryDirectory(prefix="zcs-fuzz-") as found:
        options: tuple[str, ...] = (
            f"runs={chosen.n}",
            f"seed={chosen.seed}",
            f"max_len={LONGEST_INPUT}",
            f"rss_limit_mb={_MEMORY_MB}",
        )
        options += (f"max_total_time={chosen.seconds}", "timeout=120", f"artifact_prefix={found}/")
        seeds = str(Path(__file__).with_name("corpus") / watch.target.name)
        atheris.Setup([sys.argv[0], *(f"-{option}" for option in options), found, seeds], take)
        atheris.Fuzz()


def _write(path: Path, watch: Watch, seconds: float) -> None:
    path.write_text(json.dumps({**watch.report(), "seconds": round(seconds, 1)}), encoding="utf-8")


def work(chosen: argparse.Namespace) -> None:
    """Fuzz one target in this process."""
    try:
        import atheris
    except ImportError:
        from tests.fuzz.targets import TARGETS

        watch, begun = Watch(TARGETS[chosen.targets[0]]), time.monotonic()
        with_hypothesis(watch, inputs=chosen.n, seed=chosen.seed)
        _write(chosen.report, watch, time.monotonic() - begun)
        return
    with atheris.instrument_imports(include=["ansible_collections.zosconnect"]):
        from tests.fuzz.targets import TARGETS
    with_atheris(Watch(TARGETS[chosen.targets[0]]), chosen)


@dataclass
class Result:
    """What came of one target."""

    name: str
    inputs: int = 0
    seconds: float = 0.0
    tracebacks: dict[str, dict[str, str]] = field(default_factory=dict)
    hangs: dict[str, dict[str, str]] = field(default_factory=dict)
    died: str = ""

    def line(self) -> str:
        speed = self.inputs / self.seconds if self.seconds else 0
        return (
            f"{self.name:12} {self.inputs:>10,} inputs {speed:>8,.0f}/s {len(self.tracebacks)} tracebacks "
            f"{len(self.hangs)} hangs {self.died}"
        ).rstrip()


def campaign(chosen: argparse.Namespace, names: Sequence[str], folder: Path) -> Iterator[Result]:
    """Fuzz each target in a process of its own, ``jobs`` side by side."""

    def one(name: str) -> Result:
        report = folder / f"{name}.json"
        command = [sys.executable, __file__, name, "-n", str(chosen.n), "--seconds", str(chosen.seconds)]
        command += ["--seed", str(chosen.seed), "--report", str(report)]
        with open(folder / f"{name}.log", "wb") as log:
            status = subprocess.run(command, stdout=log, stderr=log, check=False).returncode
        told = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
        return Result(name, **told, died=f"ended with status {status}, see {folder}/{name}.log" if status else "")

    with ThreadPoolExecutor(chosen.jobs) as pool:
        yield from pool.map(one, names)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", help="the targets; all without any")
    parser.add_argument("-n", type=int, default=20_000, help="inputs for each target (20000)")
    parser.add_argument("--seconds", type=int, default=0, help="at most so long for each target; 0 is without end")
    parser.add_argument("--seed", type=int, default=random.randrange(1, 10**6))
    parser.add_argument("--jobs", type=int, default=2, help="targets side by side (2)")
    parser.add_argument("--report", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.report:
        work(chosen)
        return 0
    names = chosen.targets or [path.name for path in sorted(Path(__file__).with_name("corpus").iterdir())]
    folder = ROOT / ".build" / "fuzz"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    print(f"seed {chosen.seed}", flush=True)
    failed = False
    for result in campaign(chosen, names, folder):
        print(result.line(), flush=True)
        for kind in ("tracebacks", "hangs"):
            for place, found in asdict(result)[kind].items():
                print(f"  {place}\n    input (base64): {found['input'][:2000]}\n{found['trace']}", flush=True)
        failed |= bool(result.tracebacks or result.hangs or result.died)
    return failed


if __name__ == "__main__":
    sys.exit(main())
