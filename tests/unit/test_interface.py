# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The public interface is the one that was looked at last, and all that is said of versions agrees."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "utils"))
import interface

ROOT = Path(__file__).parents[2]


def loaded(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def test_it_is_the_committed_one() -> None:
    """After a change that is meant: python tests/utils/interface.py, and look at the difference (docs/STABLE.md)."""
    assert loaded("tests/unit/interface.yml") == interface.interface()


def test_the_action_group_holds_every_public_module() -> None:
    assert loaded("meta/runtime.yml")["action_groups"]["security"] == sorted(interface.public_modules())


def test_what_only_the_collection_calls_says_so() -> None:
    for name, told in interface.documented("module").items():
        if name.startswith("target_"):
            assert told["doc"]["short_description"].startswith(interface.INTERNAL), name


RELEASES = loaded("changelogs/changelog.yaml")["releases"]


def test_the_version_is_the_one_of_the_change_log() -> None:
    version = loaded("galaxy.yml")["version"]
    assert version in RELEASES
    assert f'<a href="#v{version.replace(".", "-")}">' in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["module", "filter"])
def test_what_is_new_came_with_a_release(kind: str) -> None:
    for name, told in interface.documented(kind).items():
        assert told["doc"]["version_added"] in RELEASES, name


def test_the_installation_pins_a_release() -> None:
    told = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"zosconnect\.security:==([0-9.]+)", told) == [loaded("galaxy.yml")["version"]]


def test_galaxy_gets_full_addresses() -> None:
    """Galaxy shows README alone: a relative link there leads nowhere."""
    told = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)\s]+)\)", told)
    assert links
    assert not [link for link in links if not link.startswith("https://")]
    for path in re.findall(r"https://github\.com/zosconnect/security/(?:blob|tree|raw)/main/([^)#\s]+)", told):
        assert (ROOT / path).exists(), path
