# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The execution environment as far as no container is needed: what it would hold is installed, and playbooks run in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from layout import BARE_SERVER_XML

from tests.utils import ee_sbom

pytestmark = pytest.mark.ansible

ROOT = Path(__file__).parents[2]
EE = ROOT / "extensions/ee"
PLAYBOOKS = sorted({path.stem for path in (ROOT / "playbooks").glob("*.yml")} - {"hosts", "awx_pack"})


def ran(*command: str | Path, where: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
    settings = {**clean, "ANSIBLE_NOCOLOR": "1", "COLUMNS": "300", **environment}
    return subprocess.run([*map(str, command)], cwd=where, capture_output=True, text=True, check=False, env=settings)


def must(*command: str | Path, where: Path = ROOT) -> str:
    ended = ran(*command, where=where)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ansible-builder makes of the definition, with the collection beside it."""
    folder = tmp_path_factory.mktemp("ee")
    # Its name stands for the tree within it: ansible-galaxy packs what it finds.
    tree, programs = folder / "tree", Path(sys.executable).parent
    must(sys.executable, ROOT / "tests/utils/tree.py", tree)
    must(programs / "ansible-galaxy", "collection", "build", tree, "--output-path", folder / "built")
    for path in EE.iterdir():
        shutil.copy(path, folder)
    (built,) = (folder / "built").glob("*.tar.gz")
    built.rename(folder / "zosconnect-security.tar.gz")
    must(programs / "ansible-builder", "create", "--output-filename", "Containerfile", where=folder)
    return folder / "context"


@pytest.fixture(scope="module")
def environment(context: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty environment with exactly what the requirements name, and the collection."""
    folder = tmp_path_factory.mktemp("environment")
    must(sys.executable, "-m", "venv", folder)
    pinned = context / "_build/configs/requirements.txt"
    must(folder / "bin/python", "-m", "pip", "install", "-q", "--require-hashes", "-r", pinned)
    options = ["--offline", "--no-deps", "-r", "requirements.yml", "--collections-path", folder / "collections"]
    must(folder / "bin/ansible-galaxy", "collection", "install", *options, where=context / "_build")
    return folder


def play(environment: Path, playbook: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "server").mkdir(exist_ok=True)
    shutil.copy(BARE_SERVER_XML, folder / "server/server.xml")
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    (folder / "hosts.yml").write_text(
        yaml.safe_dump({"zosconnect_servers": {"hosts": {"one": local}}}), encoding="utf-8"
    )
    command = [
        environment / "bin/ansible-playbook",
        f"zosconnect.security.{playbook}",
        "-i",
        folder / "hosts.yml",
        *options,
    ]
    paths = {"ANSIBLE_COLLECTIONS_PATH": str(environment / "collections")}
    return ran(*command, "-e", f"zosconnect_server_dir={folder / 'server'}", where=folder, **paths)


@pytest.mark.chosen
class TestDefinition:
    def test_what_it_installs_is_named_by_checksum(self, context: Path) -> None:
        made = (context / "Containerfile").read_text(encoding="utf-8")
        assert "pip install --no-cache-dir --require-hashes -r /tmp/requirements.txt" in made
        assert (context / "_build/galaxy/zosconnect-security.tar.gz").exists()

    def test_it_pins_what_the_collection_asks_for_and_the_core_that_is_tested(self) -> None:
        asked = _lines(ROOT / "meta/ee-requirements.txt")
        entries = _lines(EE / "requirements.in")
        assert {line.replace(" ", "") for line in asked} <= entries
        (core,) = [
            line
            for line in _lines(ROOT / "tests/utils/requirements-newest.txt")
            if line.startswith("ansible-core") and ">=" in line
        ]
        assert core.partition(";")[0].replace(" ", "") in entries

    def test_the_bill_of_materials_is_of_these_requirements(self) -> None:
        text = ee_sbom.SBOM.read_text(encoding="utf-8")
        assert text == ee_sbom.text(ee_sbom.REQUIREMENTS.read_text(encoding="utf-8")), (
            "run python tests/utils/ee_sbom.py"
        )
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


class TestInstalled:
    def test_exactly_the_bill_of_materials_is_there(self, environment: Path) -> None:
        frozen = must(environment / "bin/python", "-m", "pip", "freeze")
        text = ee_sbom.SBOM.read_text(encoding="utf-8")
        named = {line.replace("==", "@").lower() for line in frozen.split()}
        assert {line.partition("pkg:pypi/")[2].strip('",') for line in text.splitlines() if '"purl"' in line} == named

    def test_a_playbook_explains_a_server(self, environment: Path, tmp_path: Path) -> None:
        ended = play(environment, "explain", tmp_path)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert "9080" in ended.stdout

    @pytest.mark.parametrize("playbook", PLAYBOOKS)
    def test_without_lxml_the_first_task_says_so(self, environment: Path, tmp_path: Path, playbook: str) -> None:
        (site,) = environment.glob("lib/python3*/site-packages")
        (site / "lxml").rename(site / "not-lxml")
        try:
            ended = play(environment, playbook, tmp_path)
        finally:
            (site / "not-lxml").rename(site / "lxml")
        assert ended.returncode == 2
        tasks = [line for line in ended.stdout.splitlines() if line.startswith("TASK [")]
        assert [task.partition("]")[0] for task in tasks] == ["TASK [The controller has the libraries"]
        sentence = (
            f"The Python library lxml is missing on the Ansible controller ({os.uname().nodename}), for "
            f"{environment / 'bin/python'}. Install it there, or use an execution environment built with this collection; "
            "the target does not need it."
        )
        assert sentence in (ended.stdout + ended.stderr).replace("/bin/python3.12", "/bin/python").replace(
            "/bin/python3", "/bin/python"
        )


def _lines(path: Path) -> set[str]:
    return {
        line.strip()
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    }
