# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every sentence that a user may get from server_xml, saf_keyring, declared connections and clients, renewals,
evidence of AT-TLS and the hands stands in a test, from first word to last.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SOURCES = [
    "action/attls_policy",
    "action/saf_keyring",
    "action/server_xml",
    *(f"module_utils/{name}" for name in ("identity", "locks", "looks", "lost", "placing", "ways")),
    "module_utils/reading",
    "plugin_utils/face",
    "plugin_utils/libraries",
    "plugin_utils/source",
    "plugin_utils/variables",
    *(f"plugin_utils/attls/{name}" for name in ("faults", "installed", "judge", "match", "plan", "policy", "proof")),
    *(f"plugin_utils/attls/{name}" for name in ("sharing", "stack", "text", "values", "wishes")),
    *(f"plugin_utils/clients/{name}" for name in ("baq", "urimap")),
    *(f"plugin_utils/connections/{name}" for name in ("client", "contradictions", "declaration", "plan", "programs")),
    *(
        f"plugin_utils/connections/{name}"
        for name in ("conflicts", "endpoint", "endpoint_contradictions", "profile", "stores")
    ),
    "plugin_utils/declared",
    *(
        f"plugin_utils/liberty/{name}"
        for name in ("aes", "document", "keys", "passwords", "plan", "values", "verify", "wishes")
    ),
    *(f"plugin_utils/renewal/{name}" for name in ("plan", "refreshing", "rings", "stores", "wishes")),
    *(f"plugin_utils/saf/{name}" for name in ("access", "clients", "names", "plan", "racdcert", "report", "wishes")),
]
ERRORS = {"SecurityError", "LimitError", "PlaceError", "ReadError", "_Unproven", "Fault"}
ERRORS |= {"IdentityError", "TouchedError", "WayError"}
TESTS = ["tests/unit", "tests/integration"]
TABLES = tuple(f"tests/unit/{room}/cases" for room in ("attls", "clients", "connections", "liberty", "renewal", "saf"))
HOLE = "\ufffc"  # stands for what is put into a sentence


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and text of each sentence that an error is made of, or that a function for that returns."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        said: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS:
            said = node.args[-1:]
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.JoinedStr):
            said = [node.value]
        for text in map(spoken, said):
            if text and text.replace(HOLE, "").count(" ") > 2:
                yield node.lineno, text


def spoken(node: ast.expr) -> str | None:
    """Return a string of the source, with holes where values go."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else HOLE for part in node.values)
    return None


def strings(value: object) -> Iterator[str]:
    """Give every text of a table, at whatever depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


@cache
def expected() -> str:
    """All that tests expect, one text a line."""
    texts: list[str] = []
    for path in (path for table in TABLES for path in sorted((ROOT / table).glob("*.yml"))):
        texts += strings(yaml.safe_load(path.read_text(encoding="utf-8")))
    for folder in TESTS:
        for path in sorted((ROOT / folder).rglob("test_*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            texts += [text for node in ast.walk(tree) if isinstance(node, ast.expr) and (text := spoken(node))]
    return "\n".join(text.strip().replace("\n", " ") for text in texts)


CASES = [
    pytest.param(text, id=f"{source}:{line}")
    for source in SOURCES
    for line, text in sentences(ROOT / "plugins" / f"{source}.py")
]


@pytest.mark.parametrize("text", CASES)
def test_the_sentence_stands_in_a_test(text: str) -> None:
    pattern = ".*".join(re.escape(part) for part in text.split(HOLE))
    if text[0].islower():  # it goes on from the name of what it is about
        pattern = f"(?:.* )?{pattern}"
    if not re.search(rf"^{pattern}$", expected(), re.MULTILINE):
        pytest.fail(f"no test expects: {text}")


def test_sentences_are_found() -> None:
    assert len(CASES) > 60
