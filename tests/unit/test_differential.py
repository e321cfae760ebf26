# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The campaign against a real Liberty: which differences the model excuses, and what is kept of a run that is cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils.files import Files
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import problems
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.assembly import assemble
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import evaluate
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.outside import Places
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Outer
from tests.differential.compare import unsure
from tests.differential.probe import CATALOGUE
from tests.differential.record import Record

OTHER = '<zosconnect_endpointConnection id="e" host="h"/><thing id="t"/>'


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ('<zosconnect_probes id="p" s="x"/>', set()),
        # The inner element stands in both kinds of probe.
        (
            '<zosconnect_probes id="p"><multi id="default-5" need="1"/></zosconnect_probes>',
            {"zosconnect_probe", "zosconnect_probes"},
        ),
        ('<thing id="t"><unk id="default-5"/></thing>', {"thing"}),
        # What refers to a target is as uncertain as the target.
        (
            '<zosconnect_probeTarget id="t" ms="${count(ms)}"/>',
            {"zosconnect_probeTarget", "zosconnect_probe", "zosconnect_probes"},
        ),
        # After these nothing is certain.
        ('<zosconnect_cicsIpicConnection id="c" connectionTimeout="1 minute"/>', None),
    ],
)
def test_what_the_model_is_not_sure_of(xml: str, expected: set[str] | None) -> None:
    files = Files({"/s/server.xml": f"<server>{xml}{OTHER}</server>".encode()})
    effective = evaluate(assemble(files, Places("/s"), Outer()), catalogue=CATALOGUE)
    found = unsure(effective, [problems.ORDER])
    assert found is expected if expected is None else set(found or ()) == expected


def test_after_an_unsure_variable_of_the_start_nothing_is_certain() -> None:
    files = Files({"/s/server.xml": b"<server/>", "/s/bootstrap.properties": b"a=${}\n"})
    effective = evaluate(assemble(files, Places("/s"), Outer()), catalogue=CATALOGUE)
    assert unsure(effective, [problems.ORDER]) is None


def test_a_run_that_was_cut_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "new" / "seed-1.jsonl"
    Record(path, resume=True, wanted=3).add({"number": 0})
    with path.open("a") as file:
        file.write('{"number": 1')
    resumed = Record(path, resume=True, wanted=3)
    assert resumed.earlier == [{"number": 0}]
    resumed.add({"number": 2})
    assert Record(path, resume=True, wanted=3).earlier == [{"number": 0}, {"number": 2}]
    assert Record(path, resume=False, wanted=3).earlier == []
    assert path.read_text() == ""
