# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Galaxy and Automation Hub ask for and no other tool looks at: the table in CONTRIBUTING.md, row by row."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPLETE = "namespace name version readme authors description license tags repository documentation homepage issues"


def loaded(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_no_sanity_test_is_ignored() -> None:
    assert not list(ROOT.glob("tests/sanity/ignore*"))


def test_ansible_lint_excludes_nothing() -> None:
    config = loaded(".ansible-lint")
    assert config["profile"] == "production"
    assert not {"skip_list", "warn_list", "exclude_paths"} & set(config)
    assert not (ROOT / ".ansible-lint-ignore").exists()


def test_the_oldest_core_is_a_kept_one() -> None:
    assert loaded("meta/runtime.yml")["requires_ansible"] == ">=2.16.0"


def test_galaxy_yml_is_complete() -> None:
    given = loaded("galaxy.yml")
    assert not [key for key in COMPLETE.split() if not given.get(key)]
    assert all(len(author) <= 64 for author in given["authors"])
    assert set(given["tags"]) & {"infrastructure", "linux", "networking", "security", "tools", "monitoring"}


@pytest.mark.parametrize(
    "heading",
    ["Requirements", "Installation", "Use Cases", "Testing", "Support", "Release Notes", "License Information"],
)
def test_readme_has_the_headings(heading: str) -> None:
    assert f"\n## {heading}\n" in read("README.md")


def test_ci_is_public_and_calls_what_is_documented() -> None:
    steps = loaded(".github/workflows/ci.yml")["jobs"]["test"]["steps"]
    assert [step["run"] for step in steps if "run" in step][-1] == "bash .ci/run"
    assert read(".ci/run").splitlines()[-1].endswith("exec make test")
    assert "\n$ make test\n" in read("README.md")


def test_the_table_names_what_there_is() -> None:
    table = read("CONTRIBUTING.md").partition("## What Galaxy and Automation Hub ask for")[2].partition("\n## ")[0]
    named = set(re.findall(r"`((?:tests|meta)/[\w/.]+\.\w+)`", table)) | set(re.findall(r"\]\(([^)]+)\)", table))
    assert named
    assert not [path for path in named if not (ROOT / path).exists()]
    stages = set(re.findall(r"stages? `([\w-]+)`", table))
    assert not [name for name in stages if f'"{name}"' not in read("tests/utils/stages.py")]
