# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Strategies for Hypothesis: configuration files as people really write them, and what is desired of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import elements
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.elements import Attribute, Element

# Every secret in a document or a desired element begins with it.
MARKER = "Mark3r"
IDS = st.sampled_from(["a", "b", "c", "A", "default-0", "a b", "ö"])
TOP = (
    "featureManager",
    "httpEndpoint",
    "ssl",
    "sslOptions",
    "keyStore",
    "webAppSecurity",
    "zosconnect_apiRequesters",
    "variable",
    "basicRegistry",
    "administrator-role",
    "mystery",
)
BLANKS = st.sampled_from([" ", " ", " ", "  ", "\t", "\n        ", "\n"])
EQUALS = st.sampled_from(["=", "=", "=", " = ", "= ", "\n="])
GAPS = st.sampled_from(
    ["\n    ", "\n    ", "\n\t", "\n\n  ", "", " ", "\n    <!-- c -->\n    ", " <!-- > \" ' -->", "<?p i?>\n"]
)
TEXT = st.text(st.sampled_from("ab1 ,.-_/<>&'\"äß€]\t\n"), max_size=6)
SECRET = st.text(st.sampled_from("abXYZ019-<&\"' ä"), min_size=3, max_size=8).map(lambda text: f"{MARKER}{text}!")
SECRET_TEXT = SECRET | st.sampled_from(["{xor}" + MARKER, "{aes}" + MARKER, "{custom:x}" + MARKER])


@st.composite
def escaped(draw: st.DrawFn, text: str, quote: str) -> str:
    """Write a value between quotes (or, where ``quote`` is empty, as element text), some of it as references."""
    must = {"&", "<", "]", quote} | ({"\t", "\n"} if quote else set())
    pieces = []
    for char in text:
        if char in must or draw(st.integers(0, 40)) == 0:
            pieces.append(draw(st.sampled_from([f"&#{ord(char)};", f"&#x{ord(char):X};"])))
        else:
            pieces.append(char)
    return "".join(pieces)


def cased(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from([name] * 6 + [name.lower(), name.upper()])


def value(known: Attribute | None) -> st.SearchStrategy[str]:
    """A value that may stand in a file: mostly a good one."""
    if known is None:
        return TEXT
    if known.secret:
        return SECRET_TEXT | st.just("${kp}")
    good = {
        "boolean": st.sampled_from(["true", "false", "TRUE"]),
        "integer": st.integers(max(known.low, -1), min(known.high, 9999)).map(str),
        "option": st.sampled_from(known.options or ("x",)),
        "duration": st.sampled_from(["5s", "1h30m", "500ms"]),
        "ref": IDS,
        "name": IDS,
        "refs": IDS,
    }.get(known.kind, TEXT)
    return good | st.just("${v}") | TEXT


@st.composite
def attributes(draw: st.DrawFn, given: list[tuple[str, str]]) -> str:
    text = ""
    for name, content in given:
        quote = draw(st.sampled_from("\"'"))
        text += draw(BLANKS) + name + draw(EQUALS) + quote + draw(escaped(content, quote)) + quote
    return text


@st.composite
def element(draw: st.DrawFn, name: str, entry: Element | None, *, top: bool) -> str:
    """The text of one element with what is in it."""
    given: dict[str, tuple[str, str]] = {}
    known = list(entry.attributes.values()) if entry else []
    if draw(st.booleans()) and (entry is None or entry.identity != "text"):
        given["id"] = ("id", draw(IDS))
    for one in draw(st.lists(st.sampled_from(known), max_size=4)) if known else ():
        spelling = draw(cased(one.name))
        given[spelling] = (spelling, draw(IDS if entry and entry.key == one.name else value(one)))
    if draw(st.integers(0, 5)) == 0:
        given["unheard"] = ("unheard", draw(TEXT))
    tag = name if top else draw(cased(name))
    head = f"<{tag}{draw(attributes(list(given.values())))}"
    return head + draw(body(tag, entry))


@st.composite
def body(draw: st.DrawFn, tag: str, entry: Element | None) -> str:
    if entry and entry.identity == "text":
        text = draw(escaped(draw(st.sampled_from(["x-1.0", "X-1.0", " y-1.0", "z"])), ""))
        return f">{text}</{tag}>"
    inner = ""
    for child in (
        draw(st.lists(st.sampled_from(list(entry.children.values())), max_size=3)) if entry and entry.children else ()
    ):
        inner += draw(GAPS) + draw(element(child.name, child, top=False))
    if not inner and draw(st.booleans()):
        return draw(st.sampled_from(["/>", " />", "\n/>"]))
    return f">{inner}{draw(GAPS)}</{tag}{draw(st.sampled_from(['', '', ' ']))}>"


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A whole document, lines ended by LF, without a declaration."""
    inner = ""
    for name in draw(st.lists(st.sampled_from(TOP), max_size=6)):
        one = draw(element(name, elements.find(name, None), top=True))
        wrapping = draw(st.integers(0, 15))
        if wrapping == 0:
            one = f"<!-- {one.replace('--', '- ').replace('<!- ', '').replace('- >', '')} -->"
        elif wrapping == 1:
            one = f"<server>{one}</server>"
        inner += draw(GAPS) + one
    if draw(st.booleans()):
        inner += draw(behind_variables())
    return f"{draw(st.sampled_from(['', '<!-- a -->', chr(10)]))}<server>{inner}{draw(GAPS)}</server>{draw(st.sampled_from(['', chr(10), '  ']))}"


@st.composite
def behind_variables(draw: st.DrawFn) -> str:
    """A password that is a variable of a variable, and secrets that are told by the name of an element."""
    secrets = [draw(escaped(draw(SECRET), '"')) for _ in range(3)]
    pieces = [
        '<keyStore id="v" password="${kp}"/>',
        f'<variable name="kp" value="${{deep}}" defaultValue="{secrets[0]}"/>',
        f'<variable defaultValue="{secrets[1]}" name="deep"/>',
        f"<mystery><clientSecret>{secrets[2]}</clientSecret></mystery>",
    ]
    return "".join(draw(GAPS) + piece for piece in draw(st.permutations(pieces)))


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A whole file: with or without declaration and mark, in some encoding, with some line ends."""
    text = draw(texts())
    ends = draw(st.sampled_from([["\n"], ["\r\n"], ["\r"], ["\n", "\r\n", "\r", "\r"]]))
    name, mark, declared = draw(st.sampled_from(ENCODINGS))
    codec, utf8 = codepages.for_name(name), codepages.for_name("UTF-8")
    assert codec
    assert utf8
    if not codec.can_hold(text):
        mark, declared, codec = b"", "", utf8
    if declared:
        text = f"<?xml version='1.0' encoding=\"{declared}\"?>" + text
    lines = text.split("\n")
    text = lines[0] + "".join(ends[number % len(ends)] + line for number, line in enumerate(lines[1:]))
    return mark + codec.encode(text)


ENCODINGS = [
    ("UTF-8", b"", ""),
    ("UTF-8", b"\xef\xbb\xbf", ""),
    ("UTF-8", b"\xef\xbb\xbf", "utf-8"),
    ("UTF-16LE", b"\xff\xfe", ""),
    ("UTF-16BE", b"\xfe\xff", "UTF-16"),
    ("UTF-16LE", b"", "UTF-16LE"),
    ("ISO-8859-1", b"", "ISO-8859-1"),
    ("windows-1252", b"", "windows-1252"),
    ("US-ASCII", b"", "us-ascii"),
    ("IBM-1047", b"", "IBM-1047"),
    ("IBM-037", b"", "Cp037"),
]


def desired_value(known: Attribute) -> st.SearchStrategy[object]:
    """A value that Liberty takes."""
    if known.secret:
        return SECRET | st.just("${kp}")
    good: dict[str, st.SearchStrategy[object]] = {
        "boolean": st.booleans() | st.sampled_from(["True", "false"]),
        "integer": st.integers(known.low, known.high) | st.integers(max(known.low, 0), min(known.high, 99)).map(str),
        "option": st.sampled_from(known.options or ("x",)),
        "duration": st.sampled_from(["5s", "1h30m", "500ms"]),
        "ref": IDS,
        "name": IDS,
    }
    found = good.get(known.kind, TEXT if known.name != "sslProtocol" else st.just("TLSv1.2,TLSv1.3"))
    return found | st.just("${v}")


@st.composite
def want(draw: st.DrawFn, entry: Element, states: st.SearchStrategy[str | None]) -> dict[str, Any]:
    """One desired element that the catalogue accepts."""
    made: dict[str, Any] = {"element": entry.name}
    state = draw(states)
    if state:
        made["state"] = state
    if entry.by_id:
        made["id"] = draw(st.sampled_from(["a", "b", "c", "A", "a b", "ö"]))
    if entry.identity == "text":
        return {**made, "text": draw(st.sampled_from(["x-1.0", "Y-1.0", "w-1.0"]))}
    key = {entry.key: draw(IDS)} if entry.key else {}
    if entry.name == "variable" and state != "absent" and draw(st.booleans()):
        return {**made, "attributes": {"name": draw(st.sampled_from(["kp", "deep"])), "value": draw(SECRET)}}
    if state == "absent":
        return {**made, "attributes": key}
    names = (
        draw(st.lists(st.sampled_from(sorted(entry.attributes)), max_size=3, unique=True)) if entry.attributes else []
    )
    chosen = [entry.attributes[name] for name in names]
    made["attributes"] = {one.name: draw(st.none() | desired_value(one)) for one in chosen} | key
    if entry.children:
        below = st.sampled_from(sorted(entry.children)).flatmap(lambda name: want(entry.children[name], states))
        made["children"] = draw(st.lists(below, max_size=2))
    return made


def desired(states: st.SearchStrategy[str | None]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """What is desired of different elements, so that they rarely contradict each other."""
    known = [name for name in TOP if name in elements.CATALOGUE]
    one = st.sampled_from(known).flatmap(lambda name: want(elements.CATALOGUE[name], states))
    return st.lists(one, min_size=1, max_size=4, unique_by=_place)


def _place(made: dict[str, Any]) -> tuple[str, str]:
    return made["element"], str(made.get("id") or made.get("attributes", {}).get("name"))


MERGED = st.none()
ANY_STATE = st.sampled_from([None, None, None, "absent", "replaced"])
