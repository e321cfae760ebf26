# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role for programs that call: it has no server, only a policy and texts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from jobs import Job, run_job

pytestmark = pytest.mark.ansible


def test_a_policy_and_texts_and_no_server(tmp_path: Path) -> None:
    policy, texts = tmp_path / "clients.ttls", tmp_path / "handover"
    client = {"name": "night", "type": "batch", "job_name": "NIGHT*", "key_ring": "NIGHTUSR/ZosConnect"}
    variables = {
        "attls_outbound_client_server_host": "zosconnect.example.com",
        "attls_outbound_client_server_address": "192.0.2.10",
        "attls_outbound_client_clients": [client],
        "connections_outbound_policy": str(policy),
        "connections_policy_encoding": "IBM-1047",
        "connections_zos_release": "3.1",
        "connections_handover_dir": str(texts),
    }

    def job_of(options: str = "", **more: str) -> Job:
        return run_job(tmp_path / "job", "attls_outbound_client", {"lpar": variables}, survey=more, options=options)

    def run(options: str = "", **more: str) -> int:
        job = job_of(options, **more)
        assert job.rc == 0, job.output
        return job.changed("lpar")

    assert run("--check") > 0
    assert not policy.exists(), "check mode writes nothing"
    assert not texts.exists()
    assert (run() > 0, run()) == (True, 0)
    assert {file.name for file in texts.iterdir()} == {"zosConnect-night.ceeopts", "README.txt"}
    assert "zosConnect_night" in policy.read_bytes().decode("cp037")
    assert (run(connections_state="absent") > 0, run(connections_state="absent")) == (True, 0)
    assert "TTLSRule" not in policy.read_bytes().decode("cp037")
    if os.geteuid() == 0:
        his, elsewhere = tmp_path / "his", tmp_path / "elsewhere"
        his.mkdir()
        (his / "handover").symlink_to(elsewhere)
        for path in (his, his / "handover"):
            os.chown(path, 65534, 65534, follow_symlinks=False)
        assert job_of(connections_handover_dir=str(his / "handover")).failure("lpar") == (
            f"connections_handover_dir: {his}/handover is in the hands of user nobody. Name a directory that only the user who "
            "runs this can change."
        )
        assert not elsewhere.exists(), "root makes no directory where nobody leads it"
        os.chown(texts, 65534, 65534)
        assert job_of().failure("lpar") == (
            f"connections_handover_dir: {texts} is in the hands of user nobody. Name a directory that only the user who runs "
            "this can change."
        )
