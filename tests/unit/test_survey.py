# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists and mappings that are given as text: taken like those that are none, and no sentence shows any of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.plugin_utils import survey
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import items, mapping
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

WHERE = "connections_declared"
SECRET = "ZcsSecret"
ONE = {"name": "cics", "port": 5002, "key_store": {"location": "/k.p12", "password": "key-secret"}}
# Ten to the sixth values in six lines.
BOMB = "\n".join(
    [f"a0: &a0 [{', '.join('x' * 10)}]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 6)]
    + ["last: [*a5, *a5]"]
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="ascii", categories=("L", "N", "P", "Zs"))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=5,
)


@pytest.mark.parametrize("write", [json.dumps, yaml.safe_dump, lambda value: json.dumps(value, indent="\t")])
def test_a_declaration_as_text(write: Any) -> None:
    assert items(write([ONE, ONE]), WHERE) == [ONE, ONE]
    assert items(write(ONE), WHERE) == [ONE]
    assert mapping(write(ONE), WHERE) == ONE
    assert items([ONE], WHERE) == items(ONE, WHERE) == items((ONE,), WHERE) == [ONE]


@given(st.lists(plain.filter(lambda value: not isinstance(value, (str, list))), max_size=3))
def test_text_says_what_the_list_says(value: list[Any]) -> None:
    assert items(json.dumps(value), WHERE) == value
    assert items(yaml.safe_dump(value), WHERE) == value


def test_lists_in_a_list_stand_for_their_items() -> None:
    """So a role hands over its own connection and those of a variable, whichever form that has."""
    assert items([ONE, [ONE], json.dumps([ONE, ONE]), "", []], WHERE) == [ONE] * 4
    assert items(json.dumps(["a", "b"]), WHERE) == ["a", "b"]


@pytest.mark.parametrize("nothing", [None, "", "  \n", "[]", "null", []])
def test_nothing(nothing: Any) -> None:
    assert items(nothing, WHERE) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (SECRET, "must be a list, or the text of one in YAML or JSON, not text."),
        ("12", "must be a list, or the text of one in YAML or JSON, not a number."),
        (f"- a: [{SECRET}", "is text, and neither YAML nor JSON in line 1, column 16; correct it there."),
        (f"- !vault |\n  {SECRET}", "is text, and neither YAML nor JSON in line 1, column 3; correct it there."),
        ("!!python/name:os.system", "is text, and neither YAML nor JSON in line 1, column 1; correct it there."),
        ("2027-13-45", "is text, and neither YAML nor JSON that can be read."),
        ("[" * 100_000, "is text, and neither YAML nor JSON that can be read."),
        ("- !unsafe [a]", "is text, and neither YAML nor JSON in line 1, column 3; correct it there."),
        (f"- a: {SECRET}\n  a: 2", "the text gives a key in line 2 that its mapping has already; give it once."),
        ('[{"a": 1, "a": 2}]', "the text gives a key that its mapping has already; give it once."),
        (BOMB, "the text stands for more than 1,000,000 values, which is not read."),
        ("&a [*a]", "the text stands for more than 1,000,000 values, which is not read."),
        ("#" * 10_000_001, "is text of more than 10,000,000 characters, which is not read."),
    ],
    ids=lambda value: value[:20],
)
def test_what_is_none(text: str, sentence: str) -> None:
    with pytest.raises(SecurityError) as caught:
        items(text, WHERE)
    assert str(caught.value) == f"{WHERE}: {sentence}"
    assert SECRET not in str(caught.value)


def test_a_list_that_is_none_inside() -> None:
    with pytest.raises(SecurityError) as caught:
        items([ONE, SECRET], WHERE)
    assert str(caught.value) == (f"{WHERE}[1]: must be a list, or the text of one in YAML or JSON, not text.")


def test_no_mapping() -> None:
    with pytest.raises(SecurityError) as caught:
        mapping("[1]", "connections_callers")
    assert str(caught.value) == "connections_callers: must be a mapping, not a list."


def test_keys_that_are_merged_are_not_given_twice() -> None:
    text = "- &one {name: a, port: 1}\n- {<<: *one, name: b}\n- {<<: [*one], port: 2}"
    assert items(text, WHERE) == [
        {"name": "a", "port": 1},
        {"name": "b", "port": 1},
        {"name": "a", "port": 2},
    ]


class TestHeld:
    @pytest.mark.parametrize(
        ("value", "found"),
        [
            ("[1, 2]", [1, 2]),
            ("- 1", [1]),
            ("{a: 1}", "{a: 1}"),
            ("text", "text"),
            ("a: [", "a: ["),
            (3, 3),
            ([4], [4]),
        ],
    )
    def test_a_list(self, value: Any, found: Any) -> None:
        assert survey.held(value, list) == found

    def test_what_ansible_must_not_evaluate_is_text(self) -> None:
        assert survey.held('[!unsafe "{{ a }}"]', list) == ["{{ a }}"]

    def test_a_mapping(self) -> None:
        assert survey.held('{"a": 1}', Mapping) == {"a": 1}
        assert survey.held("[1]", Mapping) == "[1]"
