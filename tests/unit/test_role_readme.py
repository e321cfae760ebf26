# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A role says the same in its argument specification, its defaults and its README."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "utils"))

import role_readme  # noqa: E402

ROLES = sorted(path for path in (ROOT / "roles").iterdir() if path.is_dir())


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_the_readme_has_the_variables_as_they_are(role: Path) -> None:
    assert (role / "README.md").read_text(encoding="utf-8") == role_readme.current(role)


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_defaults_are_those_of_the_argument_specification(role: Path) -> None:
    specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
    wanted = {k: v["default"] for k, v in specs["main"]["options"].items() if "default" in v}
    assert yaml.safe_load((role / "defaults" / "main.yml").read_text(encoding="utf-8")) == wanted
