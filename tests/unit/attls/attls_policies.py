# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policies and desired statements for Hypothesis: every way of writing that the Policy Agent takes, every statement of the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import statements
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.statements import ParameterType, StatementType

MARKER = "ZcsSecretMarker"
NAMES = st.sampled_from(["a", "b", "A", "zc~1", "n" * 32])
KINDS = list(statements.STATEMENTS.values())
BLANKS = st.sampled_from([" ", "  ", "\t", "        ", " \t "])
COMMENTS = st.sampled_from(["", "", "", " # { text }", "\t#x", "   # KeyringPw " + MARKER])
NOISE = st.sampled_from(["", "", "", "\n", "# comment {\n", "  \t\n", "#\n", "Unknown thing here\n"])
CASES: st.SearchStrategy[Callable[[str], str]] = st.sampled_from([str, str, str.lower, str.upper])
HOSTS = st.sampled_from(["192.0.2.1", "2001:db8::1", "10.0.0.0"])
CODES = {"ciphers2": ["1", "12"], "ciphers": ["35", "2F9D"], "ciphers4": ["1301", "C0301302"], "codes": ["0023", "Any"]}
TEXTS: dict[str, st.SearchStrategy[str]] = {
    "ports": st.sampled_from(["1", "5003", "5000-5010", "5000 5010", "1:65535"]),
    "job": st.sampled_from(["CICS*", "*", "JOB1", "IMSMPP1", "A#B@C$"]),
    "user": st.sampled_from(["CICSUSR", "*", "1USER", "U#*"]),
    "word": st.sampled_from(["x", "USER/Ring", "*AUTH*/*", "/etc/x.kdb"]),
    "label": st.sampled_from(["x", "My Server", "a  b"]),
    "secret": st.sampled_from([MARKER, f"{MARKER} two"]),
    "address": HOSTS | st.sampled_from(["All", "192.0.2.0/24", "192.0.2.1-192.0.2.9", "2001:db8::/32"]),
    "host": HOSTS,
    "prefix": st.sampled_from(["192.0.2.0/24", "2001:db8::/32"]),
    "range": st.sampled_from(["192.0.2.1-192.0.2.9"]),
    "ref": NAMES,
    **{kind: st.sampled_from([*codes, "TLS_RSA_WITH_AES_128_CBC_SHA"]) for kind, codes in CODES.items()},
}


def value(known: ParameterType) -> st.SearchStrategy[str]:
    """A value that the Policy Agent takes."""
    if known.kind == "option":
        return st.sampled_from(sorted(known.options))
    if known.kind == "integer":
        return st.integers(known.low, known.high).map(str)
    return TEXTS[known.kind]


@st.composite
def parameter(draw: st.DrawFn, known: ParameterType, depth: int) -> str:
    keyword = draw(CASES)(known.name)
    if known.kind == "block":
        return draw(block(statements.STATEMENTS[known.name.lower()], depth + 1, st.none() | NAMES))
    return f"{draw(BLANKS) * depth}{keyword}{draw(BLANKS)}{draw(value(known))}{draw(COMMENTS)}\n"


@st.composite
def block(draw: st.DrawFn, known: StatementType, depth: int, names: st.SearchStrategy[str | None]) -> str:
    """One statement as somebody wrote it."""
    name = draw(names)
    indent = draw(st.sampled_from(["", "  ", "\t"])) * depth
    head = indent + draw(CASES)(known.name) + (draw(BLANKS) + name if name else "") + draw(COMMENTS) + "\n"
    chosen = draw(st.lists(st.sampled_from(sorted(known.parameters)), max_size=4, unique=True))
    inside = [draw(parameter(known.parameters[one], depth + 1)) for one in chosen]
    body = "".join(draw(NOISE) + piece for piece in inside) + draw(NOISE)
    return f"{head}{draw(st.sampled_from(['', '# why', ' ']))}\n{indent}{{{draw(COMMENTS)}\n{body}{indent}}}{draw(COMMENTS)}\n"


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A whole policy; names of one kind may repeat, as they should not."""
    pieces = draw(st.lists(st.sampled_from(KINDS).flatmap(lambda known: block(known, 0, NAMES)), max_size=4))
    others = ["TcpImage TCPIP FLUSH\n", "LogLevel 31 # x\n", "IpFilterRule f\n{\nIpSourceAddrRef a\n}\n"]
    pieces += draw(st.lists(st.sampled_from(others), max_size=2, unique=True))
    text = "".join(draw(NOISE) + piece for piece in draw(st.permutations(pieces))) + draw(NOISE)
    return text[:-1] if text and draw(st.booleans()) else text


PAGES = st.sampled_from(["UTF-8", "ISO-8859-1", "IBM-1047", "IBM-037"])


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, str]:
    """The bytes of a policy and its code page."""
    page = codepages.for_name(draw(PAGES))
    assert page
    ends = draw(st.sampled_from([["\n"], ["\r\n"], ["\r"], ["\n", "\r\n", "\r", "\r"]]))
    lines = draw(texts()).split("\n")
    text = lines[0] + "".join(ends[number % len(ends)] + line for number, line in enumerate(lines[1:]))
    return page.encode(text), page.name


@st.composite
def want(draw: st.DrawFn, known: StatementType, *, top: bool = True) -> dict[str, Any]:
    """One desired statement that the table takes."""
    made: dict[str, Any] = {"name": draw(NAMES)} if top else {}
    groups: set[str] = set()
    for key in draw(st.lists(st.sampled_from(sorted(known.parameters)), max_size=4, unique=True)):
        one = known.parameters[key]
        if one.one in groups:
            continue
        groups |= {one.one} if one.one else set()
        made[one.name] = draw(st.none() | wanted(one))
    return made


def wanted(one: ParameterType) -> st.SearchStrategy[Any]:
    if one.kind == "block":
        inner = want(statements.STATEMENTS[one.name.lower()], top=False)
        return st.lists(inner, max_size=2) if one.repeats else inner
    return st.lists(value(one), min_size=1, max_size=3) | value(one) if one.repeats else value(one)


@st.composite
def configs(draw: st.DrawFn, *, names_only: bool = False) -> dict[str, list[dict[str, Any]]]:
    """Different desired statements."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique_by=lambda kind: kind.name))
    unique = {"unique_by": lambda made: made["name"]}
    one = (lambda _kind: st.fixed_dictionaries({"name": NAMES})) if names_only else want
    return {kind.name: draw(st.lists(one(kind), min_size=1, max_size=2, **unique)) for kind in kinds}  # type: ignore[arg-type]
