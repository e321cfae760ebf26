# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people have becomes messages: logs in each code page, cut, repeated, in other languages; lines as YAML reads them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.module_utils import reading
from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose import given, judge, messages, text
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.facts import Facts
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import texts
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import Subject

LOG = """\
********
product = Open Liberty 26.0.0.3
********
[11/30/26, 17:38:06:859 UTC] 00000001 com.ibm.ws.kernel        A CWWKE0001I: The server defaultServer has been launched.
[11/30/26, 17:38:07:001 UTC] 00000021 com.ibm.ws.ssl           E CWPKI0033E: The keystore located at /s/key.p12 did not load
\tat java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)
[11/30/26, 17:38:08:001 UTC] 00000022 com.ibm.ws.ssl           E CWPKI0033E: The keystore located at /s/key.p12 did not load
[11/30/26 17:38:09:001] 00000023 com.ibm.ws.odd                E CWXXX1234E: nobody knows this
"""


def ids(found: list[messages.Message]) -> list[tuple[str, int | None, int, str]]:
    return [(one.name, one.line, one.count, one.time) for one in found]


def test_a_log() -> None:
    found = messages.read(LOG, "/l/messages.log")
    assert ids(found) == [
        ("CWWKE0001I", 4, 1, "11/30/26, 17:38:06:859 UTC"),
        ("CWPKI0033E", 7, 2, "11/30/26, 17:38:08:001 UTC"),
        ("CWXXX1234E", 8, 1, "11/30/26 17:38:09:001"),
    ]
    assert found[1].place == "/l/messages.log:7"
    assert found[1].text.startswith("00000022 com.ibm.ws.ssl")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("BAQ-STATUS-CODE 302", "BAQ-STATUS-CODE 302"),
        ("BAQ-STATUS-CODE:  000302", "BAQ-STATUS-CODE 302"),
        ("Nov 30 17:38:00 mvs1 TTLS[5]: EZD1286I TTLS Error GRPID: 5 RC:  402 Initial Handshake", "EZD1286I RC 402"),
        ("+DFHSO0123 30/11/2026 12:00:00 APPL1 Return code 410 received from function 'gsk_x'", "DFHSO0123 RC 410"),
        ("BPXP015I HFS PROGRAM x", "BPXP015I"),
        ("SAF rc: R_datalib (IRRSDL00) error (8, 8, 84)", "R_datalib 8,8,84"),
        ("[ERROR   ] CWWKS2907E: x", "CWWKS2907E"),
        ('{"type":"liberty_message","message":"CWPKI0022E: x"}', "CWPKI0022E"),
        ("ffdc_26.11.30_17.38.06.0.log", "FFDC"),
        ("CWPKI0022E：署名者", "CWPKI0022E"),
    ],
)
def test_a_line(said: str, name: str) -> None:
    (found,) = messages.read(said, "messages")
    assert found.name == name


def test_racf_s_message_of_several_lines_is_one() -> None:
    said = "ICH408I USER(CICSUSR ) GROUP(SYS1 )\nICH408I   BBGZDFLT CL(APPL )\n  INSUFFICIENT ACCESS AUTHORITY"
    (found,) = messages.read(said, "messages")
    assert found.text.count("\n") == 2


def test_text_that_says_nothing() -> None:
    assert messages.read("hello\nworld\n", "messages") == []
    assert judge.lines("here", []) == ["here  no error, no warning and no message of the table was found"]


def test_answers_that_are_alike_are_told_once() -> None:
    said = ["CWWKS2907E: x", "CWWXX1234E: a", "CWWKS2907E: y", "CWWXX1234E: b"]
    found = [one for each in said for one in messages.read(each, "log")]
    told = judge.lines(
        "here",
        [
            {**judge.report(one), "count": 2}
            for one in judge.diagnose(found, Facts(None, datetime(2026, 6, 1, tzinfo=UTC)))
        ],
    )
    assert [line.split("  ")[1] for line in told if line.startswith("here")] == [
        "CWWKS2907E (4 times)",
        "CWWXX1234E (2 times)",
        "CWWXX1234E (2 times)",
    ]


@pytest.mark.parametrize("tag", [None, "IBM-1047", "ISO8859-1", "UTF-8", "BINARY"])
@pytest.mark.parametrize("page", ["UTF-8", "IBM-1047", "ISO-8859-1"])
def test_code_pages(page: str, tag: str | None) -> None:
    codec = codepages.for_name(page)
    assert codec is not None
    known = codepages.for_name(tag) if tag else None
    if known and known.ebcdic != codec.ebcdic:
        return  # a wrong tag is a wrong answer: the next test
    told = text.decoded(codec.encode(LOG), tag)
    assert [one.id for one in messages.read(told, "x")] == ["CWWKE0001I", "CWPKI0033E", "CWXXX1234E"]


def test_the_end_of_a_log_begins_within_a_line() -> None:
    assert text.decoded(b"of a line CWPKI0033E\nCWPKI0022E: x\n", is_cut=True) == "CWPKI0022E: x\n"
    item = {"path": "/l", "content": base64.b64encode(b"x\nCWPKI0022E: x").decode(), "tag": None, "is_cut": True}
    found, told = given.of_answer([{**item, "state": "file", "message": "", "size": 9}])
    assert (found[0].place, told[0]["size"]) == ("/l", 9)


@hypothesis_given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_a_log(data: bytes, is_cut: bool) -> None:  # noqa: FBT001
    for one in messages.read(text.decoded(data, is_cut=is_cut), "x"):
        assert one.name


def test_secrets_are_hidden_before_anything_looks() -> None:
    said = messages.read("CWPKI0033E: password=marker-of-a-password {xor}bWFya2Vy -Dkey.password=marker2", "x")
    kept, left = given.chosen(said, [])
    assert left == 0
    assert "marker" not in kept[0].text
    assert "bWFya2Vy" not in kept[0].text


@pytest.mark.parametrize(
    "said",
    [
        'could not be loaded password="marker',
        "request Authorization: marker",
        "request authorization = [Basic marker=] failed",
        "headers {Authorization=[Bearer marker], Cookie=[LtpaToken2=marker; JSESSIONID=marker], Host=[h]}",
        '"authorization": "Bearer marker"',
        "Set-Cookie: LtpaToken2=marker; Path=/",
        "jdbc:db2://h:5/DB:user=u;password=marker;securityMechanism=3",
        "jdbc:oracle:thin:scott/marker@//h:1521/x",
        "https://user:marker@host/x?access_token=marker&token=marker",
        "x-api-key: marker id_token=marker JSESSIONID=marker",
        "the password [marker] of keys",
        "<keyStore password='marker",
        "my-password {xor}marker",
        "password=" + "marker" * 1000,
    ],
)
def test_a_secret_of_a_log_is_hidden_however_it_is_written(said: str) -> None:
    (found,) = messages.read(f"CWPKI0033E: {said}", "x")
    hidden = messages.redacted(found).text
    assert "marker" not in hidden
    assert hidden.startswith("CWPKI0033E: ")


@pytest.mark.parametrize(
    "said",
    [
        "CWPKI0033E: The keystore [key.p12] did not load because of the following error: keystore password was incorrect",
        "CWPKI0807W: No key named [default] is in the key store (safkeyring:///RING), errorcode=8, 8, 84",
        "CWWKS1100A: Authentication did not succeed for user ID u. The token is expired.",
    ],
)
def test_what_is_no_secret_of_a_log_stays(said: str) -> None:
    (found,) = messages.read(said, "x")
    assert messages.redacted(found).text == said


def test_of_a_log_what_is_serious_or_known() -> None:
    kept, left = given.chosen([], messages.read(LOG, "x"))
    assert ([one.id for one in kept], left) == (["CWPKI0033E", "CWXXX1234E"], 0)


def test_of_very_many_the_last() -> None:
    said = "\n".join(f"CWXX{'ABCDEFGHIJ'[number % 10]}{number:04}E: x" for number in range(1000))
    kept, left = given.chosen([], messages.read(said, "x"))
    assert (len(kept), left, kept[-1].id) == (messages.MOST, 1000 - messages.MOST, "CWXXJ0999E")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, ""),
        ("one\ntwo", "one\ntwo"),
        (["one", "two"], "one\ntwo"),
        ([{"CWPKI0022E": "SSL HANDSHAKE"}, {"CWPKI0023E": None}], "CWPKI0022E: SSL HANDSHAKE\nCWPKI0023E: "),
        ("[a, b]", "a\nb"),
        ("BAQ-STATUS-CODE 302", "BAQ-STATUS-CODE 302"),
        ([302], "302"),
    ],
)
def test_lines(said: Any, expected: str) -> None:
    assert given.lines(said) == expected


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"a": 1}, "messages: is a mapping; give lines as a list, or one text."),
        (["a", ["b"]], "messages[1]: is a list, no line of a log; put it between quotes."),
        ([{"a": 1, "b": 2}], "messages[0]: is a mapping, no line of a log; put it between quotes."),
    ],
)
def test_what_is_no_line(said: Any, sentence: str) -> None:
    with pytest.raises(SecurityError) as told:
        given.lines(said)
    assert str(told.value) == sentence


def test_a_port_that_was_opened_later_is_no_fault() -> None:
    effective, files = texts.effective('<server><httpEndpoint id="one" httpPort="9082"/></server>')
    known = Facts(Subject(effective, files), datetime(2026, 6, 1, tzinfo=UTC))
    taken = "CWWKO0221E: TCP Channel one host localhost and port 9082. Address already in use"
    opened = (
        "CWWKO0219I: TCP Channel one has been started and is now listening for requests on host localhost port 9082."
    )
    for said, decided in ((f"{taken}\n{opened}", False), (f"{opened}\n{taken}", True), (taken, True)):
        logged = messages.read(said, "log")
        kept, _left = given.chosen([], logged)
        (told,) = (one for one in judge.diagnose(kept, known, logged) if one.is_news)
        assert judge.report(told)["decided"] is decided


OPENED = "CWWKO0219I: TCP Channel {}-ssl has been started and is now listening for requests on host *  (IPv6) port {}."
STOPPED = "CWWKO0220I: TCP Channel {}-ssl has been stopped and is no longer listening for requests on host * port {}."


@pytest.mark.parametrize(
    ("said", "decided"),
    [
        ([OPENED.format("one", 5002)], True),
        ([OPENED.format("one", "5,002")], True),
        ([OPENED.format("one", 5003), STOPPED.format("one", 5003), OPENED.format("one", 5002)], True),
        ([OPENED.format("one", 5002), OPENED.format("one", 5003)], False),
        ([OPENED.format("one", 5002), STOPPED.format("one", 5002)], False),
        ([OPENED.format("two", 5002), OPENED.format("one", "5,003")], False),
    ],
)
def test_a_port_that_is_not_the_configured_one(said: list[str], decided: bool) -> None:  # noqa: FBT001
    effective, files = texts.effective('<server><httpEndpoint id="one" httpPort="-1" httpsPort="5003"/></server>')
    known = Facts(Subject(effective, files), datetime(2026, 6, 1, tzinfo=UTC))
    logged = messages.read("\n".join(said), "log")
    kept, _left = given.chosen([], logged)
    assert [one.is_news for one in judge.diagnose(kept, known, logged)].count(True) == decided


def test_a_port_of_an_older_log_proves_nothing() -> None:
    effective, files = texts.effective('<server><httpEndpoint id="one" httpPort="-1" httpsPort="5003"/></server>')
    known = Facts(Subject(effective, files), datetime(2026, 6, 1, tzinfo=UTC))
    logged = [*messages.read(OPENED.format("one", 5003), "new"), *messages.read(OPENED.format("one", 5002), "old")]
    assert not any(one.is_news for one in judge.diagnose(logged, known, logged))


class TestTheEndOfAFile:
    def test_of_a_large_one(self, tmp_path: Path) -> None:
        log = tmp_path / "messages.log"
        with log.open("wb") as stream:
            stream.truncate(1_000_000_000)
            stream.seek(0, 2)
            stream.write(b"\nthe end\n")
        answer = reading.describe_end(str(log), 9)
        assert (answer["data"], answer["size"], answer["is_cut"], answer["state"]) == (
            b"\nthe end\n",
            1_000_000_009,
            True,
            "file",
        )

    def test_of_a_small_one(self, tmp_path: Path) -> None:
        (tmp_path / "l").write_bytes(b"all")
        answer = reading.describe_end(str(tmp_path / "l"), 9)
        assert (answer["data"], answer["is_cut"]) == (b"all", False)

    def test_of_none(self, tmp_path: Path) -> None:
        assert reading.describe_end(str(tmp_path / "l"), 9)["state"] == "absent"
        assert reading.describe_end(str(tmp_path), 9)["state"] == "directory"
