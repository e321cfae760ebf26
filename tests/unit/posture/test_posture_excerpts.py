# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The line of a file that a finding is about: which one, where it begins, and that no secret is in it."""

from __future__ import annotations

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages
from ansible_collections.zosconnect.security.plugins.plugin_utils.files import Files
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.assembly import assemble
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.outside import Places
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin, Outer
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.excerpts import Excerpts
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import evaluated

FOLDER = "/s/servers/z"
XML = f"{FOLDER}/server.xml"
NOTHING = {"excerpt": None, "column": None}


def excerpts(data: bytes, **others: bytes) -> Excerpts:
    """Return the lines of a server.xml; ``jvm_options`` is the file of that name beside it."""
    beside = {f"{FOLDER}/{name.replace('_', '.')}": content for name, content in others.items()}
    files = Files({XML: data, **beside})
    return Excerpts(evaluated(assemble(files, Places(FOLDER), Outer())), files)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_line_without_blanks_and_where_it_begins(end: str) -> None:
    text = end.join(["<server>", "\t <ssl id='a'/>  ", "", "</server>"])
    found = excerpts(text.encode())
    assert found.of(Origin(XML, 2)) == {"excerpt": "<ssl id='a'/>", "column": 3}
    assert found.of(Origin(XML, 3)) == {"excerpt": "", "column": 1}
    assert found.of(Origin(XML, 4, ("x",)))["excerpt"] == "</server>"


@pytest.mark.parametrize(
    "origin", [Origin("default"), Origin(XML), Origin(XML, 9), Origin(f"{FOLDER}/jvm.options", 1), Origin("/etc/passwd", 1)], ids=str
)  # fmt: skip
def test_what_is_no_line_of_a_document(origin: Origin) -> None:
    assert excerpts(b"<server/>", jvm_options=b"-Dx=1\n").of(origin) == NOTHING


def test_only_the_first_characters_of_a_long_line() -> None:
    shown = excerpts(f"<server><!-- {'x' * 500} --></server>".encode()).of(Origin(XML, 1))["excerpt"]
    assert shown == f"<server><!-- {'x' * 187}…"


@pytest.mark.parametrize(
    ("inside", "shown"),
    [
        ('<keyStore id="a" password="s3cretX"/>', '<keyStore id="a" password="********"/>'),
        ("<!-- password=s3cretX -->", "<!-- password=******** -->"),
        ('<keyStore id="a"\npassword="s3cretX"/>', '<keyStore id="a"'),
        ('<keyStore id="a" password="first\ns3cretX"/>', '<keyStore id="a" password="********'),
        (
            '<keyStore id="s3cretX" password="${p}"/><variable name="p" value="s3cretX"/>',
            '<keyStore id="********" password="${p}"/><variable name="p" value="********"/>',
        ),
        ('<ssl id="{aes}s3cretX"/>', '<ssl id="********"/>'),
    ],
)
def test_secrets_are_hidden(inside: str, shown: str) -> None:
    found = excerpts(f"<server>\n{inside}\n</server>".encode())
    assert found.of(Origin(XML, 2))["excerpt"] == shown
    assert all("s3cretX" not in str(found.of(Origin(XML, line))) for line in range(1, 5))


def test_a_secret_at_the_cut_is_hidden_whole() -> None:
    line = f'<keyStore id="{"x" * 170}" password="s3cretX"/>'
    shown = str(excerpts(f"<server>\n{line}\n</server>".encode()).of(Origin(XML, 2))["excerpt"])
    assert "s3" not in shown
    assert len(shown) == 201


def test_a_file_in_another_code_page_is_shown_decoded() -> None:
    text = '<?xml version="1.0" encoding="IBM-1047"?>\n<server>\n <ssl id="ä" password="s3cretX"/>\n</server>\n'
    codec = codepages.for_declaration("IBM-1047")
    assert codec is not None
    data = codec.encode(text)
    found = excerpts(data).of(Origin(XML, 3))
    assert found == {"excerpt": '<ssl id="ä" password="********"/>', "column": 2}


def test_a_file_that_cannot_be_decoded_has_no_lines() -> None:
    assert excerpts(b"<server>\n<ssl id='\xff'/>\n</server>").of(Origin(XML, 2)) == NOTHING
