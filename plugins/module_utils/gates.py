# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look at ports until they show what is declared. PRIVATE to this collection. Standard library only, Python 3.9."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils.probing import Probe, Report, probe
from ansible_collections.zosconnect.security.plugins.module_utils.probing_http import ProbeError
from ansible_collections.zosconnect.security.plugins.module_utils.probing_many import Wanted, differences
from ansible_collections.zosconnect.security.plugins.module_utils.probing_tls import TlsMaterial, make_context

# Seconds for one look at a port, and between two looks: the first time, and at most. A Liberty that is asked all the
# time was seen to keep its ports closed for longer.
LOOK_SECONDS, PAUSE, LONGEST_PAUSE = 10.0, 0.5, 2.0
_SIDE_BY_SIDE = 32

Json = dict[str, Any]


def until_as_declared(wanted: Sequence[Json], seconds: float, settle: float) -> list[Json]:
    """Look until all ports have been as declared for ``settle`` seconds, or ``seconds`` are over; return the last look.

    A server that was told of a change closes and opens its ports a little later, so one look proves little.
    """
    deadline, good_since, pause = time.monotonic() + seconds, None, PAUSE
    while True:
        began = time.monotonic()
        seen = look(wanted)
        now = time.monotonic()
        if all(each["as_declared"] for each in seen):
            good_since = began if good_since is None else good_since
            if now - good_since >= settle:
                return seen
        elif now > deadline:
            return seen
        else:
            good_since = None
        # A look in the midst of settling is one look more than needed, but it may be the one that fails.
        time.sleep(pause if good_since is None else min(PAUSE, settle))
        pause = min(2 * pause, LONGEST_PAUSE)


def check(wanted: Sequence[Json]) -> str:
    """Say which port this host cannot look at as it should, and why; nothing if it can."""
    for gate in (gate for gate in wanted if not gate["plain"]):
        try:
            make_context(_tls(gate))
        except ProbeError as e:
            return f"{gate['title']}: this port cannot be looked at: {e} Nothing was changed."
    return ""


def look(wanted: Sequence[Json]) -> list[Json]:
    """Look once at all ports, side by side."""
    with ThreadPoolExecutor(min(_SIDE_BY_SIDE, max(1, len(wanted)))) as pool:
        return list(pool.map(_look, wanted))


def _look(gate: Mapping[str, Any]) -> Json:
    tls = None if gate["plain"] else _tls(gate)
    try:
        report = probe(Probe(gate["host"], gate["port"], tls, timeout=LOOK_SECONDS))
    except ProbeError as e:
        report = Report(outcome="impossible", msg=str(e))
    served = report.peer_certificates[0]["fingerprint_sha256"] if report.peer_certificates else None
    wrong = _wrong(gate, report)
    return {
        **{name: gate[name] for name in ("title", "host", "port")},
        "as_declared": not wrong,
        "outcome": report.outcome,
        "msg": report.msg,
        "client_certificate_requested": report.client_certificate_requested,
        "served": served,
        "intended": list(map(spelled, gate["fingerprints"])),
        "wrong": wrong,
    }


def _tls(gate: Mapping[str, Any]) -> TlsMaterial:
    least, most = gate.get("min_protocol"), gate.get("max_protocol")
    return TlsMaterial(gate["host"], validate=False, min_protocol=least, max_protocol=most)


def _wrong(gate: Mapping[str, Any], report: Report) -> list[str]:
    """Name what is not as declared; a port without TLS has no certificates."""
    tls = not gate["plain"]
    wanted = Wanted(
        tuple(gate["expect"]),
        client_certificate_requested=gate.get("client_certificate_requested") if tls else None,
        certificates=tuple(map(spelled, gate["fingerprints"])) if tls else (),
    )
    words = {"client_certificate_requested": "client_certificate"}
    return [words.get(word, word) for word in differences(report, wanted)]


def spelled(fingerprint: str) -> str:
    """Return a fingerprint as a report has it."""
    return bytes.fromhex(fingerprint.replace(":", "")).hex(":")


def sentence(gate: Mapping[str, Any], seen: Json) -> str:
    """Say what is not as declared at one port."""
    said = [seen["msg"]]
    if "outcome" in seen["wrong"]:
        said.append(f"The outcome is {seen['outcome']}, expected was {' or '.join(gate['expect'])}.")
    if "client_certificate" in seen["wrong"]:
        asks = {True: "asks for a client certificate", False: "asks for no client certificate"}
        asked = asks.get(seen["client_certificate_requested"], "did not tell whether it asks for a client certificate")
        said.append(f"It {asked}, and declared is that it {asks[gate['client_certificate_requested']]}.")
    if "certificate" in seen["wrong"]:
        said.append(
            f"It serves {'the certificate ' + seen['served'] if seen['served'] else 'no certificate'}, and declared is "
            f"{' or '.join(seen['intended'])}."
        )
    return f"{seen['title']}: {' '.join(filter(None, said))}"
