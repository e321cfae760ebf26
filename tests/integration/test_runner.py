# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a job of AWX meets: which hosts are meant, a limit, one host of two that fails, a survey with lost secrets.

All jobs here and in test_role_*.py have a project of one playbook that imports the shipped one, and nothing else on the
controller. They are run by ansible-runner and searched for secrets; see jobs.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from jobs import MARKER, Job, run_job
from pki import Cast
from role_world import Json, Place, prefixed, secrets_of

pytestmark = pytest.mark.ansible

ROLE = "mutual_tls_requester"


@pytest.fixture
def places(tmp_path: Path, pki: Cast) -> dict[str, Place]:
    return {name: Place.make(tmp_path / name, pki) for name in ("one", "two")}


def rings(places: dict[str, Place]) -> dict[str, Json]:
    """Hosts whose keys are in rings: nothing but server.xml is changed."""
    ring = prefixed(key_store="safkeyring:///Ring", trust_store="safkeyring:///Ring")
    return {name: prefixed(server_dir=str(place.server_dir)) | ring for name, place in places.items()}


def refusal(job: Job) -> str:
    """What the job said before any server was looked at."""
    assert job.rc == 2
    said = {event["event_data"]["res"]["msg"] for event in job.events if event["event"] == "runner_on_failed"}
    (sentence,) = said
    return str(sentence)


class TestWhoIsMeant:
    @pytest.mark.chosen
    @pytest.mark.parametrize("playbook", [ROLE, "verify_connections", "restore"])
    def test_no_host_is_no_success(self, tmp_path: Path, playbook: str) -> None:
        assert refusal(run_job(tmp_path / "job", playbook, {})) == (
            "No host matches zosconnect_servers. Put the servers into the group zosconnect_servers, or name hosts in "
            "zosconnect_hosts."
        )

    def test_a_limit_that_leaves_none(self, tmp_path: Path, places: dict[str, Place]) -> None:
        survey = {"zosconnect_hosts": "two"}
        job = run_job(tmp_path / "job", ROLE, rings(places), survey=survey, options="--limit one")
        assert refusal(job).startswith("No host matches two within the limit one. Put the servers into the group")
        assert not any(job.changed(host) for host in places)

    @pytest.mark.parametrize(("survey", "options"), [({"zosconnect_hosts": "two"}, ""), ({}, "--limit two")])
    def test_one_of_two(self, tmp_path: Path, places: dict[str, Place], survey: Json, options: str) -> None:
        before = places["one"].state()
        job = run_job(tmp_path / "job", ROLE, rings(places), survey=survey, options=options)
        assert (job.rc, job.changed("one"), job.changed("two")) == (0, 0, 1)
        assert places["one"].state() == before
        assert list(job.statistics["zosconnect_security"]) == ["two"]


@pytest.mark.chosen
def test_one_host_fails_and_the_other_does_not_care(tmp_path: Path, places: dict[str, Place]) -> None:
    hosts = rings(places)
    places["one"].server_xml.unlink()
    job = run_job(tmp_path / "job", ROLE, hosts)
    assert job.rc == 2
    assert job.failure("one").startswith(f"{places['one'].server_xml}: does not exist;")
    assert job.changed("two") == 1
    assert list(job.statistics["zosconnect_security"]) == ["two"]


class TestSecretsOfASurvey:
    def test_an_imported_workflow_node_has_none(self, tmp_path: Path, places: dict[str, Place], pki: Cast) -> None:
        """AWX would run such a job, with the text $encrypted$, and call it a success."""
        hosts = {"one": places["one"].variables()}
        lost = prefixed(key_store_password="$encrypted$", trust_store_password="$encrypted$")
        before = places["one"].state()
        job = run_job(tmp_path / "job", ROLE, hosts, survey=lost, secrets=secrets_of(pki.server))
        assert "mutual_tls_requester_key_store_password: the secret is the text that AWX leaves" in job.failure("one")
        assert places["one"].state() == before

    def test_answers_reach_the_stores_and_nobody_else(
        self, tmp_path: Path, places: dict[str, Place], pki: Cast
    ) -> None:
        answers = prefixed(key_store_password=f"{MARKER}answer-1", trust_store_password=f"{MARKER}answer-2")
        secrets = [*secrets_of(pki.server), "{xor}Ej4tNDotcj4xLCg6LXJu", "{xor}Ej4tNDotcj4xLCg6LXJt"]
        hosts = {"one": places["one"].variables()}
        job = run_job(tmp_path / "job", ROLE, hosts, survey=answers, options="--diff", secrets=secrets)
        assert job.rc == 0
        written = places["one"].server_xml.read_text(encoding="utf-8")
        assert all(secret in written for secret in secrets[-2:])
