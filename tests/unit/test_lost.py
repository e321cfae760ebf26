# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is left of a lost secret: all who take secrets refuse the same texts, in the same words."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.zosconnect.security.plugins.module_utils import lost
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import values as attls
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.statements import ParameterType
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import material
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords, values

ROOT = Path(__file__).parents[2]


def attls_secret(text: str, where: str) -> object:
    return attls.to_text(ParameterType("KeyringPw", "secret", high=128), text, where)


def liberty_secret(text: str, where: str) -> object:
    return passwords.check_desired(text, where)


TAKERS: list[Callable[[str, str], object]] = [attls_secret, liberty_secret, values.to_text, material.password]


@pytest.mark.parametrize("take", TAKERS)
@pytest.mark.parametrize("mark", lost.LOST_SECRETS)
def test_a_lost_secret_is_refused_everywhere(take: Callable[[str, str], object], mark: str) -> None:
    with pytest.raises(SecurityError) as caught:
        take(mark, "x")
    assert str(caught.value) == f"x: {lost.sentence(mark)}"


@pytest.mark.parametrize("take", TAKERS)
@pytest.mark.parametrize("text", ["a********", "*", "**", "encrypted", "$encrypted", "MY_SECRET"])
def test_what_only_looks_like_one_is_taken(take: Callable[[str, str], object], text: str) -> None:
    take(text, "x")


def test_blanks_around_it_do_not_make_it_a_secret() -> None:
    assert lost.is_lost(" $encrypted$\n")
    assert lost.is_lost("***")
    assert not lost.is_lost("")


def test_what_is_said_of_it() -> None:
    assert lost.sentence("$encrypted$\n") == (
        "the secret is the text that AWX leaves where a password was lost on import; enter the password again."
    )
    assert lost.sentence(" ***** ") == (
        "the secret is a redaction mark (*****), so it comes from an output; give the real one."
    )


def test_the_list_stands_once() -> None:
    """A second list would disagree with the first one day."""
    marks = {*lost.LOST_SECRETS} - {"********"}
    found = {
        path.name
        for path in (ROOT / "plugins").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in marks
    }
    assert found == {"lost.py"}
