# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients to begin with, and readers that take the texts as CICS, Language Environment and the assembler do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

Json = dict[str, Any]

URIMAP: Json = {
    "caller_tls": "cics",
    "server_tls": "jsse",
    "feature": "zosConnect-2.0",
    "group": "ZCEECLNT",
    "host": "zceesrv1.example.com",
    "port": 5002,
}
CLIENT: Json = {
    "server_tls": "jsse",
    "feature": "zosConnect-2.0",
    "program": "batch",
    "host": "zceesrv1.example.com",
    "https_port": 5003,
}


def cases(name: str) -> list[Any]:
    """Return the rows of a table; the id is the sentence's beginning."""
    rows = yaml.safe_load((Path(__file__).parent / "cases" / f"{name}.yml").read_text(encoding="utf-8"))
    return [pytest.param(row, id=f"{number}-{row['error'][:40]}") for number, row in enumerate(rows)]


def changed(base: Json, keys: Json) -> Json:
    """Return a declaration with other keys; null takes one away."""
    return {key: value for key, value in {**base, **keys}.items() if value is not None}


def parse_dfhcsdup(text: str) -> list[tuple[str, dict[str, str]]]:
    """Return commands with their operands, read by the rules of DFHCSDUP."""
    whole = ""
    continued = False
    for record in text.splitlines():
        assert len(record) <= 72
        if record.startswith("*") and not continued:
            continue
        continued = record[71:72] == "*"
        assert record[71:72] in ("", "*"), "column 72 is for the continuation"
        whole += record[:71] if continued else record + "\n"
    commands: list[tuple[str, dict[str, str]]] = []
    for word, value in re.findall(r"([A-Z]+)(?:\(([^()]*)\))?", whole):
        if word in ("DEFINE", "DELETE"):
            commands.append((word, {}))
        else:
            commands[-1][1][word] = value
    return commands


def parse_ceeopts(text: str) -> dict[str, list[str]]:
    """Return run-time options with their suboptions: records are put together from columns 1 to 72."""
    records = [line for line in text.splitlines() if not line.startswith("*")]
    assert all(len(line) <= 72 for line in records)
    assert len(records) * 80 <= 3072
    whole = "".join(f"{line:<72}" for line in records)
    found = {}
    for name, inside in re.findall(r"([A-Z]+)\(((?:\"[^\"]*\"|[^()\"])*)\)", whole):
        found[name] = [quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|([^\s,"]+)', inside)]
    return found


def parse_ceexopt(text: str) -> dict[str, str]:
    """Return the strings of ENVAR, read as the assembler does: columns 1 to 71, then from column 16 on."""
    lines = text.splitlines()
    assert all(line[71] == "X" and len(line) == 72 for line in lines[:-1])
    assert len(lines[-1]) <= 71
    assert lines[0].startswith("         CEEXOPT ")
    assert all(line[:15].strip() == "" for line in lines[1:])
    # An operand that ends with a comma before column 71 goes on in the next line; what is full is just put together.
    whole = lines[0][17:71].rstrip() + "".join(
        line[15:71] if len(line[:71].rstrip()) == 71 or line is lines[-1] else line[15:71].rstrip()
        for line in lines[1:]
    )
    operands = re.fullmatch(r"POSIX=\(\(ON\),OVR\),ENVAR=\(\((.*)\),OVR\)", whole)
    assert operands
    strings = re.findall(r"'((?:''|[^'])*)'", operands[1])
    plain = [string.replace("''", "'").replace("&&", "&") for string in strings]
    return dict(string.split("=", 1) for string in plain)


def parse_sit(text: str) -> dict[str, str]:
    """Return system initialization parameters as SYSIN has them."""
    lines = [line for line in text.splitlines() if not line.startswith("*")]
    assert all(line.endswith(",") for line in lines)
    return dict(line.removesuffix(",").split("=", 1) for line in lines)
