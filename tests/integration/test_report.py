# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module and the playbook report, as a user calls them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from plays import play

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "report"))

from reported import SECRET, SERVER_XML, explained

pytestmark = pytest.mark.ansible

TIME = "2026-06-01T00:00:00Z"
SUFFIXES = [".html", ".sarif", ".junit.xml", ".cdx.json", ".csv", ".json", ".md"]


def reported(folder: Path, *, keywords: dict[str, bool] | None = None, **options: Any) -> dict[str, Any]:
    given = {"results": {"alpha": explained()}, "time": TIME, **options}
    return play(folder, [{"zosconnect.security.report": given, **(keywords or {})}]).results[0]


class TestModule:
    @pytest.mark.chosen
    def test_check_apply_check_apply(self, tmp_path: Path) -> None:
        path = tmp_path / "look"
        assert reported(tmp_path, path=str(path), keywords={"check_mode": True})["changed"]
        assert list(tmp_path.glob("look*")) == []
        made = reported(tmp_path, path=str(path))
        assert (made["changed"], made["files"]) == (True, [f"{path}{suffix}" for suffix in SUFFIXES])
        assert {Path(each).stat().st_mode & 0o777 for each in made["files"]} == {0o640}
        assert "<h1>" in Path(f"{path}.html").read_text(encoding="utf-8")
        assert not reported(tmp_path, path=str(path), keywords={"check_mode": True})["changed"]
        assert not reported(tmp_path, path=str(path))["changed"]

    def test_without_a_time_a_second_run_changes_nothing(self, tmp_path: Path) -> None:
        """Each format alone keeps its time too; what differs in more is made anew, with the time of then."""
        before = {}
        for suffix in SUFFIXES:
            name = {"junit.xml": "junit", "cdx.json": "cbom", "md": "markdown"}.get(suffix[1:], suffix[1:])
            reported(tmp_path, path=f"a{name}", formats=[name])
            made = reported(tmp_path, path=f"a{name}", formats=[name], time="")
            before[name] = made["changed"]
        assert before == dict.fromkeys(before, False)
        reported(tmp_path, path="all")
        assert not reported(tmp_path, path="all", time="")["changed"]
        other = reported(tmp_path, path="all", time="", results={"beta": explained()})
        assert other["changed"]
        assert TIME not in (tmp_path / "all.json").read_text(encoding="utf-8")
        assert reported(tmp_path, path="all", results={"beta": explained()})["changed"], "a time that is given counts"

    def test_what_it_says(self, tmp_path: Path) -> None:
        made = reported(tmp_path, path="look", formats=["html", "sarif"])
        assert made["summary"] == [
            "alpha  NOT SAFE  1 of 1 API requester accepts plain http (server.xml:9)",
            "Report: look.html (also .sarif)",
        ]
        assert made["verdicts"]["alpha"]["safe"] is False
        assert made["markdown"].startswith("# ")
        assert made["files"] == [f"{tmp_path}/look.html", f"{tmp_path}/look.sarif"]

    def test_without_a_path_nothing_is_written(self, tmp_path: Path) -> None:
        made = reported(tmp_path)
        assert (made["changed"], made["files"], len(made["summary"])) == (False, [], 1)

    def test_a_report_before(self, tmp_path: Path) -> None:
        reported(tmp_path, path="before", formats=["json"])
        made = reported(tmp_path, path="now", formats=["html"], baseline="before.json")
        assert made["changed"]
        assert f"Since the report of {TIME}" in (tmp_path / "now.html").read_text(encoding="utf-8")

    @pytest.mark.chosen
    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (
                {"path": "look/"},
                "path: look/ ends in a slash; give the name of a file, and for path without .html and so on.",
            ),
            (
                {"path": "look/", "prefix": "zosconnect_report_"},
                (
                    "zosconnect_report_path: look/ ends in a slash; give the name of a file, and for "
                    "zosconnect_report_path without .html and so on."
                ),
            ),
            ({"path": "none/look"}, "{0}/none/look.html: the directory {0}/none does not exist; create it first."),
            ({"path": "file/look"}, "{0}/file/look.html: a part of this path is a file, not a directory."),
            (
                {"baseline": "none.json"},
                "baseline: {0}/none.json does not exist; give the PATH.json of an earlier report.",
            ),
        ],
    )
    def test_mistakes(self, tmp_path: Path, options: dict[str, str], said: str) -> None:
        (tmp_path / "file").touch()
        made = reported(tmp_path, **options)
        assert (made["failed"], made["msg"]) == (True, said.format(tmp_path))


def run(folder: Path, *arguments: str, playbook: str = "report") -> subprocess.CompletedProcess[str]:
    """Run a playbook over two servers, one of which is not there, and one host that nobody reaches."""
    here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    (folder / "alpha").mkdir(exist_ok=True)
    (folder / "alpha" / "server.xml").write_text(SERVER_XML, encoding="utf-8")
    servers = {
        "alpha": {**here, "zosconnect_server_dir": str(folder / "alpha")},
        "away": {"ansible_host": "127.0.0.1", "ansible_port": 1, "zosconnect_server_dir": "/nowhere"},
        "broken": {**here, "zosconnect_server_dir": str(folder / "broken")},
    }
    (folder / "inventory.json").write_text(json.dumps({"zosconnect_servers": {"hosts": servers}}), encoding="utf-8")
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    command = [program, f"zosconnect.security.{playbook}", "-i", "inventory.json", *arguments]
    environment = {**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_REMOTE_TEMP": str(folder / "remote")}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


class TestPlaybook:
    def test_hosts_that_cannot_be_told_of_are_in_the_report_and_fail_the_run(self, tmp_path: Path) -> None:
        done = run(tmp_path, "-e", "zosconnect_report_path=look", "-e", f"zosconnect_report_time={TIME}")
        assert done.returncode != 0
        page = (tmp_path / "look.html").read_text(encoding="utf-8")
        assert "3 servers: 1 not safe, 2 not known." in page
        assert "Report: look.html (also .sarif .junit.xml .cdx.json .csv .json .md)" in done.stdout
        assert '"alpha   NOT SAFE  1 of 1 API requester accepts plain http (server.xml:9)' in done.stdout
        assert '"away    unknown   unreachable: ' in done.stdout
        assert f"failed: {tmp_path}/broken/server.xml: does not exist; correct zosconnect_server_dir." in done.stdout
        everything = done.stdout + done.stderr + "".join(each.read_text() for each in tmp_path.glob("look.*"))
        assert SECRET not in everything

    @pytest.mark.chosen
    def test_without_files_the_statistics_tell(self, tmp_path: Path) -> None:
        done = run(tmp_path, "-l", "alpha")
        assert done.returncode == 0, done.stdout
        assert "changed=0" in done.stdout
        assert '"alpha  NOT SAFE' in done.stdout

    def test_ports_are_called_and_what_counts_fails_the_run_when_the_report_is_there(self, tmp_path: Path) -> None:
        probe = {"name": "cics", "host": "127.0.0.1", "port": 1, "expect": ["ok"]}
        said = {"zosconnect_probes": [probe], "zosconnect_report_path": "look", "zosconnect_report_formats": ["json"]}
        done = run(tmp_path, "-l", "alpha", "-e", json.dumps({**said, "zosconnect_fail_on": "high"}))
        assert done.returncode == 2
        assert "findings count, the first is: API requester" in done.stdout
        (host,) = json.loads((tmp_path / "look.json").read_text(encoding="utf-8"))["hosts"]
        assert [one["outcome"] for one in host["probes"]] == ["refused"]
        again = run(tmp_path, "-l", "alpha", "-e", json.dumps(said))
        assert "changed=0" in again.stdout, "a time alone changes nothing"
        assert "zosconnect_probes[0] (cics): " in again.stdout
        assert "The outcome is refused, expected was ok." in again.stdout

    def test_variables_are_called_by_their_names(self, tmp_path: Path) -> None:
        done = run(tmp_path, "-l", "alpha", "-e", json.dumps({"zosconnect_waivers": [{"id": "requester-cleartext"}]}))
        assert (
            "failed: zosconnect_waivers[0].reason: is missing; a waiver needs id, reason, owner; place, ticket and expires "
            "may be given."
        ) in done.stdout

    def test_a_report_after_renewal(self, tmp_path: Path) -> None:
        said = {"renew_server_dir": str(tmp_path / "alpha"), "zosconnect_report_path": "look"}
        done = run(tmp_path, "-l", "alpha", "-e", json.dumps(said), playbook="renew")
        assert done.returncode == 0, done.stdout
        assert "Report: look.html (also .sarif .junit.xml .cdx.json .csv .json .md)" in done.stdout
        assert (tmp_path / "look.md").exists()

    def test_a_report_after_verification_that_failed(self, tmp_path: Path) -> None:
        cics = {"name": "cics", "server_dir": str(tmp_path / "alpha"), "port": 5002, "client_certificate": "none"}
        said = {"zosconnect_connections": [{**cics, "requesters": ["orders"]}], "connections_verify_seconds": 1}
        path = {"zosconnect_report_path": "look", "zosconnect_report_formats": ["json"]}
        done = run(tmp_path, "-l", "alpha", "-e", json.dumps({**said, **path}), playbook="verify_connections")
        assert done.returncode == 2, done.stdout
        assert "cics on 5002" in done.stdout
        assert (tmp_path / "look.json").exists()

    def test_one_standard(self, tmp_path: Path) -> None:
        arguments = ("-l", "alpha", "-e", "zosconnect_report_path=look", "-e", "zosconnect_report_formats=html,json")
        done = run(tmp_path, *arguments, "-e", "zosconnect_standard=stig")
        assert done.returncode == 0, done.stdout
        (host,) = json.loads((tmp_path / "look.json").read_text(encoding="utf-8"))["hosts"]
        assert {rule["standard"] for rule in host["standards"]} == {"stig"}
        assert "The rules of DISA STIG for IBM WebSphere" in (tmp_path / "look.html").read_text(encoding="utf-8")

    def test_a_standard_that_is_not_known(self, tmp_path: Path) -> None:
        done = run(tmp_path, "-l", "alpha", "-e", "zosconnect_standard=cis")
        assert done.returncode == 2
        assert (
            "Give for zosconnect_standard nothing or one of stig, zos-stig, nist-sp-800-52r2, pci-dss-4.0.1, rfc9325."
        ) in done.stdout

    def test_another_host_keeps_the_files(self, tmp_path: Path) -> None:
        arguments = ("-l", "alpha", "-e", "zosconnect_report_host=broken", "-e", "zosconnect_report_formats=html")
        done = run(tmp_path, *arguments, "-e", f"zosconnect_report_path={tmp_path}/kept")
        assert done.returncode == 0, done.stdout
        assert "alpha -> broken" in done.stdout
        assert (tmp_path / "kept.html").exists()
