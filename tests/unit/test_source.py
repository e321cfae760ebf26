# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text with positions, code pages, and the small things behind server_xml that its tables do not reach."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.plugin_utils import action_base, codepages
from ansible_collections.zosconnect.security.plugins.plugin_utils.codepages import Codec
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import values
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source, Splice

UTF8 = codepages.for_name("UTF-8")
assert UTF8


def source(text: str) -> Source:
    assert UTF8
    return Source("server.xml", text, UTF8)


def test_what_does_not_encode_back_is_left_alone() -> None:
    lossy = Codec("lossy", lambda data: data.decode().upper(), str.encode)
    with pytest.raises(SecurityError) as caught:
        Source.decode(b"a", name="server.xml", codec=lossy)
    assert (
        str(caught.value) == "server.xml: cannot be written back as lossy without changing bytes, so it is left alone."
    )


@pytest.mark.parametrize("name", codepages.names())
def test_a_page_knows_what_it_cannot_hold(name: str) -> None:
    codec = codepages.for_name(name)
    assert codec
    assert codec.can_hold("a[]\n")
    assert codec.can_hold("\u4e00") == name.startswith("UTF")
    if not name.startswith("UTF"):
        with pytest.raises(UnicodeEncodeError) as caught:
            codec.encode("a\u4e00")
        assert caught.value.start == 1


def test_lines_end_with_lf_crlf_and_cr() -> None:
    text = source("a\nb\r\nc\rd\r\re")
    assert [text.line(text.text.index(char)) for char in "abcde"] == [1, 2, 3, 4, 6]
    assert [text.text[text.line_start(text.text.index(char))] for char in "abcde"] == list("abcde")


@given(st.text(st.sampled_from("a\r\n"), max_size=9))
def test_lines_are_the_same_however_often_somebody_asks(text: str) -> None:
    often = source(text)
    assert often.line_starts
    for at in range(len(text) + 1):
        for known in (often, source(text)):
            begins, ends = known.line_start(at), known.line_end(at)
            assert often.line_starts[known.line(at) - 1] == begins
            assert ends == next((start for start in often.line_starts if start > at), len(text))
            assert known.newline(at) == often.newline(at)


@pytest.mark.parametrize(
    ("text", "newline"),
    [
        ("a\r\nb", "\r\n"),
        ("a\rb", "\r"),
        ("a\nb", "\n"),
        ("a", "\n"),
        ("x\r\na\nb", "\r\n"),
        ("a\r\n", "\r\n"),
        ("x\ra\n", "\r"),
    ],
)
def test_the_nearest_line_end(text: str, newline: str) -> None:
    assert source(text).newline(text.index("a")) == newline


def test_splices_that_overlap_are_a_fault_of_ours() -> None:
    with pytest.raises(AssertionError, match="two splices overlap at 1"):
        source("abc").splice([Splice(0, 2, ""), Splice(1, 3, "")])


@given(st.text(max_size=20), st.lists(st.tuples(st.integers(0, 20), st.text(max_size=3)), max_size=5))
def test_insertions_at_one_place_keep_their_order(text: str, insertions: list[tuple[int, str]]) -> None:
    splices = [Splice(min(at, len(text)), min(at, len(text)), new) for at, new in insertions]
    expected = "".join(
        "".join(s.text for s in splices if s.start == at) + text[at : at + 1] for at in range(len(text) + 1)
    )
    assert source(text).splice(splices).text == expected


def test_a_lone_surrogate_cannot_be_wished() -> None:
    """YAML cannot hold one, but a lookup may return it."""
    with pytest.raises(SecurityError) as caught:
        values.to_text("\ud800", "elements[0].id")
    assert str(caught.value) == "elements[0].id: holds the character U+D800, which XML cannot hold."


class Event:
    """As ansible-core 2.19 and later keep what a module said."""

    event: Any = None
    msg = "said in an event"


Event.event = Event()


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"msg": "a sentence"}, "a sentence"),
        ({"exception": Event()}, "said in an event"),
        ({"exception": "Traceback of an older core"}, "target_read failed on the target without a message"),
        (
            {"msg": "MODULE FAILURE\nmore", "module_stderr": "a\nsh: python: not found\n\n"},
            (
                "target_read could not run on the target: sh: python: not found (MODULE FAILURE). "
                "Is ansible_python_interpreter right?"
            ),
        ),
        ({"msg": "MODULE FAILURE", "module_stdout": '{"content": "c2VjcmV0"}'}, "MODULE FAILURE"),
    ],
)
def test_what_a_hand_said(answer: dict[str, Any], sentence: str) -> None:
    assert action_base._failure("target_read", answer) == sentence
