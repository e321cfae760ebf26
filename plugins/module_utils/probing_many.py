# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many probes side by side, and patience with a server that opens its ports a moment after it said that it is done."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.module_utils import probing_scan
from ansible_collections.zosconnect.security.plugins.module_utils.probing import Probe, Report, probe
from ansible_collections.zosconnect.security.plugins.module_utils.probing_http import ProbeError

# Seconds between two rounds: the first time, and at most. Liberty opens its ports later where it is asked all the time.
PAUSE, LONGEST_PAUSE = 0.5, 2.0
# A probe waits for its peer nearly all of the time; more at once than this a server may turn away.
AT_ONCE = 16


@dataclass(frozen=True)
class Wanted:
    """What a report must show; what is empty or None is not judged.

    ``certificates`` are SHA-256 fingerprints as a report has them, of which the server must show one; ``text`` must
    stand in the answer's body.
    """

    outcomes: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    client_certificate_requested: bool | None = None
    text: str = ""
    certificates: tuple[str, ...] = ()


def differences(report: Report, wanted: Wanted) -> list[str]:
    """Return what is not as wanted: outcome, status, client_certificate_requested, text, certificate."""
    http, served = report.http or {}, report.peer_certificates[:1]
    asked = wanted.client_certificate_requested
    fits = {
        "outcome": not wanted.outcomes or report.outcome in wanted.outcomes,
        "status": not wanted.statuses or not http or http["status"] in wanted.statuses,
        "client_certificate_requested": asked is None or report.client_certificate_requested is asked,
        "text": wanted.text in http.get("body", ""),
        "certificate": not wanted.certificates or any(c["fingerprint_sha256"] in wanted.certificates for c in served),
    }
    return [name for name, fit in fits.items() if not fit]


def probe_all(probes: Sequence[Probe]) -> list[Report]:
    """Make the probes side by side; the reports come in the same order.

    Raises ProbeError, with its number, for the first one that is itself at fault.
    """
    return [report for _number, report in _asked(enumerate(probes))]


def watch(questions: Sequence[tuple[Probe, Wanted]], *, seconds: float) -> list[Report]:
    """Repeat what is not as wanted until it is, or until ``seconds`` are over; return the last reports, in order.

    Raises ProbeError, with its number, for the first one that is itself at fault.
    """
    end, pause = time.monotonic() + seconds, PAUSE
    last: dict[int, Report] = {}
    rest = list(range(len(questions)))
    while rest:
        last.update(_asked((number, questions[number][0]) for number in rest))
        rest = [number for number in rest if differences(last[number], questions[number][1])]
        if time.monotonic() + pause > end:
            break
        if rest:
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
    return [last[number] for number in range(len(questions))]


def scan(probes: Sequence[Probe], reports: Sequence[Report]) -> None:
    """Add to the reports what the ports take, of those probes that ask for it and had a connection."""
    ports = [_port(want, report) for want, report in zip(probes, reports)]
    for report, seen in zip(reports, probing_scan.scan_all(ports, at_once=AT_ONCE)):
        report.scan = seen.shown() if seen else None


def _port(want: Probe, report: Report) -> probing_scan.Port | None:
    if not want.scan or not want.tls or not report.address:
        return None
    return probing_scan.Port(report.address, want.port, want.tls.server_name, want.timeout)


def _asked(numbered: Iterable[tuple[int, Probe]]) -> list[tuple[int, Report]]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(_ask, numbered))


def _ask(numbered: tuple[int, Probe]) -> tuple[int, Report]:
    number, want = numbered
    try:
        return number, probe(want)
    except ProbeError as exc:
        exc.number = number
        raise
