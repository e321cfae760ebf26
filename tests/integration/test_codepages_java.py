# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The code pages are Java's, byte by byte, and names in declarations are known where Liberty's parser knows them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages

pytestmark = [pytest.mark.java, pytest.mark.chosen]

PAGES = {"IBM1047": "IBM-1047", "IBM037": "IBM-037", "windows-1252": "windows-1252", "ISO-8859-1": "ISO-8859-1"}
NAMES = {
    "UTF-8": "utf-8 UTF-8 Utf-8 UTF8 utf8",
    "UTF-16LE": "UTF-16LE utf-16le",
    "UTF-16BE": "UTF-16BE",
    "ISO-8859-1": "ISO-8859-1 iso-8859-1 latin1 Latin1 ISO8859-1 IBM-819",
    "US-ASCII": "US-ASCII us-ascii ASCII",
    "windows-1252": "windows-1252 Windows-1252 Cp1252",
    "IBM1047": "IBM-1047 IBM1047 Cp1047 cp1047 ibm-1047 1047",
    "IBM037": "IBM037 ibm037 Cp037 IBM-037",
}


@pytest.fixture(scope="module")
def java() -> dict[str, str]:
    asked = [*PAGES, *(f"{name}={page}" for page, names in NAMES.items() for name in names.split())]
    program = Path(__file__).with_name("CodePages.java")
    done = subprocess.run(["java", str(program), *asked], check=True, capture_output=True, text=True)
    return dict(line.split(" ") for line in done.stdout.splitlines())


@pytest.mark.parametrize("page", PAGES)
def test_each_byte_is_what_java_says(java: dict[str, str], page: str) -> None:
    codec = codepages.for_name(PAGES[page])
    assert codec
    for number, character in enumerate(map(int, java[page].split(","))):
        byte = bytes([number])
        if character == 0xFFFD:
            with pytest.raises(UnicodeDecodeError):
                codec.decode(byte)
            continue
        assert (number, ord(codec.decode(byte))) == (number, character)
        # In IBM-037 two bytes are a line feed; Java writes the one that z/OS does.
        assert codec.encode(chr(character)) == (b"\x15" if (page, byte) == ("IBM037", b"\x25") else byte)


@pytest.mark.parametrize(("page", "name"), [(page, name) for page, names in NAMES.items() for name in names.split()])
def test_a_declared_name_is_known_where_java_knows_it(java: dict[str, str], page: str, name: str) -> None:
    assert (codepages.for_declaration(name) is not None) == (java[f"{name}={page}"] == "true")
