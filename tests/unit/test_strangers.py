# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command that looks at what strangers published: what it finds in folders, and that it sees a broken promise."""

from __future__ import annotations

import sys
from pathlib import Path

import look as looking
import pytest
import strangers_run
from corpus import found
from look import look

ONLY_ADDED = looking._only_added
POLICY = """TTLSRule a
{
  LocalPortRange 5002   # of the server
  Direction Inbound
  TTLSGroupActionRef g
}
TTLSGroupAction g
{
  TTLSEnabled Off
}
"""
FILES = {
    "one/server.xml": '<server>\n  <httpEndpoint id="defaultHttpEndpoint" httpsPort="${https.port}"/>  \n</server>\n',
    "one/bootstrap.properties": "https.port=9443\n",
    "one/configDropins/defaults/a.xml": '<server><githubLogin clientId="${ID}"/></server>\n',
    "two/other.xml": "<?xml version='1.0'?>\n<!-- a client -->\n<client/>\n",
    "two/broken.xml": "<server><a</server>\n",
    "two/pom.xml": "<project><server/></project>\n",
    "pages/tls.md": f"# TLS\n```\n{POLICY}```\n\n```xml\n<server/>\n```\n",
    "pages/answer.txt": "TCP/IP pasearch CS\nnothing\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "link.xml").symlink_to("one/server.xml")
    (tmp_path / "bin.xml").write_bytes(b"\0\1")
    return tmp_path


def test_what_is_found(folder: Path) -> None:
    corpus = found(folder)
    assert {one.name: sorted(one.files) for one in corpus.servers} == {
        "one/server.xml": ["bootstrap.properties", "configDropins/defaults/a.xml", "server.xml"],
        "two/other.xml": ["server.xml"],
        "two/broken.xml": ["server.xml"],
        "pages/tls.md#2": ["server.xml"],
    }
    assert (list(corpus.policies), list(corpus.answers)) == (["pages/tls.md#1"], ["pages/answer.txt"])


def test_what_is_seen(folder: Path) -> None:
    seen = look(found(folder))
    assert (seen.servers, seen.policies, seen.answers) == (4, 1, 1)
    assert list(seen.refused) == ["two/broken.xml", "two/other.xml"]
    assert ("variable-elsewhere", "information") in seen.findings
    assert seen.unknown == {"githubLogin": 1}
    told = "\n".join(strangers_run.lines(seen))
    assert "4 configurations of Liberty, 1 AT-TLS policies, 1 answers of a stack." in told
    assert list(seen.broken) == ["pages/answer.txt"]
    assert "AssertionError: an answer of the stack is not understood" in seen.broken["pages/answer.txt"]


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("adopt", lambda *_: 1 / 0, "ZeroDivisionError"),
        ("WANTED", [], "IndexError"),
        (
            "_only_added",
            lambda *_: ONLY_ADDED("a\nb\n", "a\nc\n"),
            "a line that nobody mentioned changed: 'b'",
        ),
    ],
)
def test_a_broken_promise_is_seen(
    folder: Path, name: str, wrong: object, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, name, wrong)
    assert broken in look(found(folder)).broken["one/server.xml"]


def test_a_folder_without_any_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["strangers_run.py", str(tmp_path)])
    with pytest.raises(SystemExit) as caught:
        strangers_run.main()
    said = f"{tmp_path}: has no configuration, no policy and no answer of a stack; correct DIR."
    assert str(caught.value) == said


def test_the_page_lists_where_they_are_from() -> None:
    names = strangers_run.LISTED.findall(strangers_run.PAGE.read_text(encoding="utf-8"))
    assert "zosconnect/sample-oas3-requester" in names
    assert len(names) == len(set(names)) > 20
