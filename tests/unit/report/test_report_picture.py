# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The picture: each mark means one thing, each line says why, many become few, and long names stay in their nodes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from lxml import etree
from reported import FOLDER, HOSTILE, explained, read

from ansible_collections.zosconnect.security.plugins.plugin_utils.report import picture
from ansible_collections.zosconnect.security.plugins.plugin_utils.report.site import (
    Call,
    Caller,
    Place,
    Port,
    Requester,
    Server,
)

SVG = "{http://www.w3.org/2000/svg}"
LINE = Place(f"{FOLDER}/server.xml", 3)


def port(**more: Any) -> Port:
    return replace(Port("web", "*", 5002, "https", "jsse", "none", "TLS", LINE), **more)


def call(**more: Any) -> Call:
    given = Call("zosconnect_endpointConnection", "stock", "https://stock.example.com:443", "jsse", "none", "TLS", LINE)
    return replace(given, **more)


def requester(name: str = "orders", **more: Any) -> Requester:
    return replace(Requester(name, LINE, True, "default", Place("default"), "TLS", True, (5002,)), **more)


def server(*parts: Port | Call | Requester, **more: Any) -> Server:
    def of(kind: type) -> tuple[Any, ...]:
        return tuple(each for each in parts if isinstance(each, kind))

    given = Server("zceesrv1", "explained", FOLDER, version="2.0")
    return replace(given, ports=of(Port), calls=of(Call), requesters=of(Requester), **more)


def drawn(*parts: Port | Call | Requester) -> Any:
    """The file as a program reads it that knows XML."""
    return etree.fromstring(picture.standalone(server(*parts)).encode())


def used(tree: Any) -> set[str]:
    return {each.get("href") for each in tree.iter(f"{SVG}use")}


def words(tree: Any) -> list[str]:
    return [each.text for each in tree.iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("part", "names"),
    [
        (port(), {"#zIjn", "#zbj", "#zau"}),
        (port(client_certificate="required"), {"#zIjr", "#zbj", "#zau"}),
        (port(client_certificate="supported"), {"#zIjs", "#zbj", "#zau"}),
        (port(protection="attls", client_certificate="unknown"), {"#zIau", "#zba", "#zau"}),
        (port(protection="clear"), {"#zIc", "#zbc", "#zac"}),
        (port(protection="unknown"), {"#zIu", "#zbu", "#zau"}),
        (port(unusable="it has no key"), {"#zIjnx", "#zbj", "#zau"}),
        (port(fallback="there is no such ssl"), {"#zIjn", "#zIo", "#zbj", "#zau"}),
        (port(callers=(Caller("night", "batch", "attls"),)), {"#zIjn", "#zbj", "#zaa"}),
        (port(callers=(Caller("cicsprod", "cics", "jsse"),)), {"#zIjn", "#zbj", "#zaj"}),
        (call(), {"#zOjn", "#zcj", "#zdc"}),
        (call(client_certificate="required"), {"#zOjr", "#zcj", "#zdc"}),
        (call(protection="attls", client_certificate="unknown"), {"#zOau", "#zca", "#zdc"}),
        (call(protection="clear"), {"#zOc", "#zcc", "#zdc"}),
        (call(protection="unknown"), {"#zOu", "#zcu", "#zdc"}),
    ],
)
def test_each_kind_of_protection_has_its_marks(part: Port | Call, names: set[str]) -> None:
    assert used(drawn(part)) - {"#zl"} == names


def test_no_two_marks_look_alike() -> None:
    marks = [mark for mark, _said in picture.LEGEND]
    assert len(set(marks)) == len(marks) == 9
    ways = [picture._DEFINED[name] for name in ("Ijn", "Ijr", "Ijs", "Iju", "Ic", "Iu", "Ijnx")]
    assert len(set(ways)) == len(ways)
    colourless = {way.replace("jsse", "").replace("clear", "").replace("unknown", "") for way in ways}
    assert len(colourless) == len(ways)


def test_what_is_used_is_defined() -> None:
    tree = drawn(port(), port(number=5004, protection="attls"), call(), call(protection="clear"))
    assert {each[1:] for each in used(tree)} <= {each.get("id") for each in tree.iter()}


def test_a_line_says_why_and_where() -> None:
    parts = (port(callers=(Caller("night", "batch", "attls"),)), requester(), call())
    said = [each.text for each in drawn(*parts).iter(f"{SVG}title")]
    assert said == [
        "demand TLS: orders",
        "port 5002 (web): TLS (server.xml:3). Declared callers of orders: night (batch)",
        "stock calls https://stock.example.com:443: TLS (server.xml:3)",
    ]


def test_requesters_are_told_by_what_they_demand() -> None:
    parts = (
        requester(),
        requester("stock", safe=False, secure=False),
        requester("old", safe=False, secure=False, waived=True),
        requester("more", safe=None, secure=False),
        requester("next", secure=False),
    )
    shown = words(drawn(*parts))
    assert [each for each in shown if each in SAID] == SAID


SAID = ["demand TLS", "accept plain http", "plain http, waived", "not known", "TLS by the ports"]


@pytest.mark.parametrize("number", [1, 8, 9, 50])
def test_many_become_few(number: int) -> None:
    ports = [port(number=5000 + each, protection="attls" if each % 2 else "jsse") for each in range(number)]
    calls = [call(id=f"api{each}") for each in range(number)]
    half = [picture.callers(server(*ports)), picture.calls(server(*calls))]
    assert [len(each) for each in half] == ([number, number] if number < 9 else [2, 1])
    if number == 50:
        assert half[0][0].near[0] == "25 ports"
        assert half[1][0].far == ("50 endpoints", "stock.example.com:443, …")
        assert "50 in all, each in the tables" in half[1][0].why


def test_one_of_its_kind_among_many_keeps_its_name() -> None:
    ports = [port(number=5000 + each) for each in range(9)] + [port(number=9080, protection="clear")]
    assert [each.near[0] for each in picture.callers(server(*ports))] == ["9080", "9 ports"]


def test_an_empty_server() -> None:
    shown = words(drawn())
    assert {"no port is open", "nothing is called", "zceesrv1"} <= set(shown)


@pytest.mark.parametrize("name", [*HOSTILE[:2], *HOSTILE[4:8], "契" * 300], ids=repr)
def test_names_stay_in_their_nodes(name: str) -> None:
    tree = drawn(port(callers=(Caller(name, name, "jsse"),)), call(id=name, url=f"https://{name}:443"), requester(name))
    assert [each for each in words(tree) if len(each) > 40] == []
    assert {each.tag for each in tree.iter()} == {each.tag for each in drawn(port(), call(), requester()).iter()}


def test_the_picture_in_words() -> None:
    (site,) = read({"alpha": explained()}, keys={}).servers
    labels = [each.get("aria-label") for each in etree.fromstring(f"<p>{picture.picture(site)}</p>").iter("svg")]
    assert labels == [
        "alpha, called on 9080 (clear text), 9443 (TLS by the server). The tables below say the same.",
        "alpha, which calls stock (clear text). The tables below say the same.",
    ]
