# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Law 3, said is done: where the writing is sabotaged, the proof fails and nothing is planned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import desired, style
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Splice

FILE = b"""\
<server>
    <ssl id="a" keyStoreRef="k" sslProtocol="TLSv1.2"/>
    <keyStore id="k" location="k.p12"/>
    <mystery>text</mystery>
</server>
"""
DESIRED: list[dict[str, Any]] = [
    {"element": "ssl", "id": "a", "attributes": {"sslProtocol": None, "keyStoreRef": "l", "serverKeyAlias": "a<b"}},
    {"element": "keyStore", "id": "l", "attributes": {"location": "l&m.p12"}, "children": [{"element": "keyEntry"}]},
    {"element": "mystery", "text": "other"},
    {"element": "keyStore", "id": "k", "state": "absent"},
]
DESIRED[1]["children"][0]["attributes"] = {"name": "e"}
Splices = Callable[[Any, Any], list[Splice]]
REFUSED = (
    "server.xml: the change was planned but its proof failed: the new text does not mean what was intended. "
    "Nothing was changed. Please report this with the file's layout."
)


def attempt() -> object:
    options = desired.Options(allow_unknown=True)
    return plan(read_source(FILE, name="server.xml"), desired.check(DESIRED, options), allow_unknown=True)


def test_without_sabotage_it_is_planned() -> None:
    assert attempt()


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("change", ["left out", "elsewhere", "another value"])
def test_a_splice_gone_wrong(monkeypatch: pytest.MonkeyPatch, number: int, change: str) -> None:
    real: Splices = style.splices

    def sabotaged(document: Any, edits: Any) -> list[Splice]:
        splices = real(document, edits)
        one = splices.pop(number)
        at = FILE.decode().index("mystery")
        wrong = {
            "left out": [],
            "elsewhere": [Splice(at + 1, at + 1, "x"), one],
            "another value": [
                Splice(one.start, one.end, f"{one.text.rstrip('/>')}x{one.text[len(one.text.rstrip('/>')) :]}")
            ],
        }[change]
        return [*splices, *wrong]

    monkeypatch.setattr(style, "splices", sabotaged)
    with pytest.raises(SecurityError, match=r"proof failed|a second parser refuses the file"):
        attempt()


def test_a_value_that_is_not_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style._Style, "escape", lambda _self, text, _quote: text)
    with pytest.raises(
        SecurityError, match=r"^server\.xml: a second parser refuses the file: .*\. Nothing was changed\.$"
    ):
        attempt()


def test_a_value_that_is_written_differently(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        style._Style, "escape", lambda _self, text, _quote: text.upper().replace("<", "").replace("&", "")
    )
    with pytest.raises(SecurityError) as caught:
        attempt()
    assert str(caught.value) == REFUSED


def test_a_child_that_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., str] = style._Style.render

    def childless(self: Any, new: Any, *more: Any) -> str:
        new.children, kept = [], new.children
        text = real(self, new, *more)
        new.children = kept
        return text

    monkeypatch.setattr(style._Style, "render", childless)
    with pytest.raises(SecurityError) as caught:
        attempt()
    assert str(caught.value) == REFUSED
