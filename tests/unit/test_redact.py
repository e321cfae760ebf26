# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is hidden of a text, what stays, and that hiding takes no longer than reading."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.module_utils import secret_names
from ansible_collections.zosconnect.security.plugins.plugin_utils import redact
from tests.growth import grows

M = redact.MARK
PEM = "-----BEGIN {0}PRIVATE KEY-----{1}-----END {0}PRIVATE KEY-----"

HIDDEN = {
    "a shared key": ('<jwtBuilder sharedKey="X"/>', f'<jwtBuilder sharedKey="{M}"/>'),
    "an access token": ("<properties.db2.jcc accessToken='X'/>", f"<properties.db2.jcc accessToken='{M}'/>"),
    "a token in a comment": ("<!-- userApiToken: X -->", f"<!-- userApiToken: {M} -->"),
    "a token as a system property": ("-Dmy.api.token=X -Da=b", f"-Dmy.api.token={M} -Da=b"),
    "a nested attribute": ("<accessToken>X</accessToken>", f"<accessToken>{M}</accessToken>"),
    "an entry of JNDI": (
        '<jndiEntry jndiName="db/password" value="X"/>',
        f'<jndiEntry jndiName="db/password" value="{M}"/>',
    ),
    "an encoded text under any name": ('<a b="{xor}X" c="{aes}Y z" d="{custom:own-1}X"/>', f'<a b="{M}" c="{M} z" d="{M}"/>'),
    "a name at the very beginning": ('password="X"', f'password="{M}"'),
    "a header at the very beginning of a name": ('<p name="cookie" value="X"/>', f'<p name="cookie" value="{M}"/>'),
    "an element with a name of three parts": ("<a.b-c:my_password.x>X</a.b-c:my_password.x>", f"<a.b-c:my_password.x>{M}</a.b-c:my_password.x>"),
    "two names on end": ('password="X"secret="Y"', f'password="{M}"secret="{M}"'),
    "a telling word within a name, without quotes": ("1234567890 passwordHint=X b", f"1234567890 passwordHint={M} b"),
    "capitals that become two letters": ("\u0130 Password='X'", f"\u0130 Password='{M}'"),
    "a policy's password of LDAP": ("  GSK_LDAP_User_PW  X Y\nA b", f"  GSK_LDAP_User_PW  {M}\nA b"),
    "a start tag with attributes": ('<password a="b" c="d">X</password>', f'<password a="b" c="d">{M}</password>'),
    "a value before its name": ("<property value='X' name='dbPwd'/>", f"<property value='{M}' name='dbPwd'/>"),
    "a name with a blank": ('<p name="the password" value="X"/>', f'<p name="the password" value="{M}"/>'),
    "JSON in a comment": ("""<!-- {"password": "X"} -->""", f"""<!-- {{"password": "{M}"}} -->"""),
    "JSON in an attribute": (
        "<a b='{\"userPassword\":\"X\\\"Y\",\"c\":1}'/>",
        f"<a b='{{\"userPassword\":\"{M}\",\"c\":1}}'/>",
    ),
    "JSON in entities": (
        '<a b="{&quot;client_secret&quot;: &quot;X&amp;&quot;}"/>',
        f'<a b="{{&quot;client_secret&quot;: &quot;{M}&quot;}}"/>',
    ),
    "YAML in a comment": ("<!-- password: 'X' -->", f"<!-- password: '{M}' -->"),
    "a property with a text": (
        '<property name="password">X</property>',
        f'<property name="password">{M}</property>',
    ),
    "a property with CDATA": (
        '<property name="secret">\n<![CDATA[<X>]]></property>',
        f'<property name="secret">\n{M}]]></property>',
    ),
    "a tag that is cut off": ('<property name="secret" value="X" <b/>', f'<property name="secret" value="{M}" <b/>'),
    "a header": ('<header name="Authorization" value="X"/>', f'<header name="Authorization" value="{M}"/>'),
    "a header of one's own": ('<header key="X-Auth-Token" value="X"/>', f'<header key="X-Auth-Token" value="{M}"/>'),
    "a header in a comment": ("<!-- Authorization: Basic X -->", f"<!-- Authorization: Basic {M} -->"),
    "an address": ('<e host="https://user:X@host/a"/>', f'<e host="https://user:{M}@host/a"/>'),
    "an address in a text": ("<a>ldaps://cn=a:p@X@host</a>", f"<a>ldaps://cn=a:{M}@host</a>"),
    "a token in an address": (
        '<e url="https://host/a?b=1&amp;id_token=X&amp;c=2&x-key=X"/>',
        f'<e url="https://host/a?b=1&amp;id_token={M}&amp;c=2&x-key={M}"/>',
    ),
    "a token alone in an address": ("https://host/a?id_token=X&b=1", f"https://host/a?id_token={M}&b=1"),
    "a key alone in an address": ("https://host/a?x-key=X", f"https://host/a?x-key={M}"),
    "a password in Oracle's address": (
        '<e url="jdbc:oracle:thin:scott/X@//host:1521/db"/>',
        f'<e url="jdbc:oracle:thin:scott/{M}@//host:1521/db"/>',
    ),
    "an address without a user": ('<e host="redis://:X@host"/>', f'<e host="redis://:{M}@host"/>'),
    "a key": (f"<a>{PEM.format('', 'X')}</a>", f"<a>{PEM.format('', M)}</a>"),
    "an RSA key in a comment": (f"<!-- {PEM.format('RSA ', 'X')} -->", f"<!-- {PEM.format('RSA ', M)} -->"),
    "a key on lines": (f"<![CDATA[{PEM.format('EC ', chr(10) + 'X' + chr(10))}", f"<![CDATA[{PEM.format('EC ', M + chr(10) * 2)}"),
    "a key without an end": ('<a k="-----BEGIN ENCRYPTED PRIVATE KEY-----X"/>', f'<a k="-----BEGIN ENCRYPTED PRIVATE KEY-----{M}'),
    "a value that is a calculation": (
        '<a password="${p+1}"/><variable name="p" value="X"/>',
        f'<a password="${{p+1}}"/><variable name="p" value="{M}"/>',
    ),
    "a variable of an address": (
        '<a b="https://u:${p}@h"/><variable value="X" name="p"/>',
        f'<a b="https://u:${{p}}@h"/><variable value="{M}" name="p"/>',
    ),
    "a default of a variable": (
        '<c a="${p}" requestBody="${p}"/><variable name="p" defaultValue="X"/>',
        f'<c a="${{p}}" requestBody="${{p}}"/><variable name="p" defaultValue="{M}"/>',
    ),
    "the rest of a policy's line": ("  KeyringPw X y # z\nA b", f"  KeyringPw {M}\nA b"),
}  # fmt: skip

OPEN = [
    '<oauthProvider accessTokenLifetime="90" accessTokenLength="40" jwtAccessToken="true"/>',
    '<oidcClient tokenEndpointUrl="https://host:9443/token" authTokenRef="t" clientSecretEncoding="plain"/>',
    '<openidConnectClient sharedKeyEncryptionEnabled="true"/>',
    '<jndiEntry jndiName="timeout" value="30"/>',
    '<apiRequester name="passwordReset_1.0.0"><connection ref="a"/></apiRequester>',
    '<variable name="port" value="9080"/>',
    '<zosconnect_endpointConnection host="https://user@host" port="443"/>',
    '<e url="https://host/token?tokens=3&amp;key=a" other="jdbc:oracle:thin:@//host:1521/db"/>',
    '<a b="https://host:443/x@y?z=a:b@c" c="urn:a:b@c" d="mailto:a:b@c"/>',
    "<!-- password_encoding: xor -->",
    "<!-- authorization: see the guide; Basic authentication -->",
    "-----BEGIN CERTIFICATE-----MIIB-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----MIIB-----END PUBLIC KEY-----",
    '<httpSession cookieName="JSESSIONID"/>',
    '<a password="${p}"/>',
    "KeyringPw   \nKeyring a",
    '<property name="hint" value="see the password page">of the password</property>',
    '<variable name="cookie" value="lax"/>',
]


@pytest.mark.parametrize(("text", "shown"), HIDDEN.values(), ids=HIDDEN)
def test_what_is_hidden(text: str, shown: str) -> None:
    assert redact.text(text.replace("X", "hunter2")) == shown.replace("X-Auth", "hunter2-Auth")
    assert redact.text(text) == shown


@pytest.mark.parametrize("text", OPEN)
def test_what_stays(text: str) -> None:
    assert redact.text(text) == text


@pytest.mark.parametrize(
    "end", ["-----END PRIVATE KEY-----: cannot be read.", "", "\\n-----END RSA PRIVATE KEY-----' is none."]
)
def test_a_sentence_holds_no_key(end: str) -> None:
    key = "a: -----BEGIN RSA PRIVATE KEY-----"
    assert redact.without_keys(f"{key}hunter2\nhunter3{end}") == f"{key}{M}{end[end.find('-----END') if end else 0 :]}"
    sentence = "password: give {aes} or -----BEGIN CERTIFICATE-----; -----END."
    assert redact.without_keys(sentence) == sentence


SHOWN = {
    "an entry of JNDI": {"element": "jndiEntry", "attributes": {"jndiName": "db/password", "value": "hunter2"}},
    "a variable, in capitals": {"element": "variable", "attributes": {"NAME": "db.secret", "Value": "hunter2"}},
    "a header": {"element": "header", "attributes": {"name": "Authorization", "value": "hunter2"}},
    "a property with a text": {"element": "property", "attributes": {"key": "dbPwd"}, "text": "hunter2"},
    "as a server reports it": {"configElementName": "jndiEntry", "jndiName": "db/password", "value": "hunter2"},
    "a variable that is known": {"element": "variable", "attributes": {"name": "p", "defaultValue": "hunter2"}},
}


@pytest.mark.parametrize("given", SHOWN.values(), ids=SHOWN)
def test_what_options_show(given: object) -> None:
    assert "hunter2" in str(given)
    shown = str(redact.structure([{"children": [given]}], frozenset({"p"})))
    assert shown.count(M) == 1
    assert "hunter2" not in shown


def test_what_options_show_openly() -> None:
    given = {"attributes": {"jndiName": "port", "value": "1", "name": None}, "name": ["password"]}
    assert redact.structure(given) == given


@pytest.mark.parametrize(
    "name", ["X-Api-Key", "Cookie", "set-cookie", "Proxy-Authorization", "X-Client-Secret", "x-token"]
)
def test_headers_that_are_secret(name: str) -> None:
    assert secret_names.is_secret_header(name)


@pytest.mark.parametrize("name", ["Content-Type", "Accept", "WWW-Authenticate", "ETag", "X-Request-Id", "Location"])
def test_headers_that_are_none(name: str) -> None:
    assert not secret_names.is_secret_header(name)


# Parts that stop each other's patterns half-way; the letters are what names and secrets are made of.
PARTS = st.sampled_from(
    ["<", ">", "/>", "</", '"', "'", "=", " ", "\n", "\r\n", "${", "}", "{xor}", "://", ":", "@", "/", "-->", "<!--", "]]>", "<![CDATA["]
    + ["password", "keyringpw", "accessToken", "authorization: basic ", "variable", "name", "value", "jndiName", "a", "\u0130"]
    + ["-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", '<variable name="p" value="', "<password>", "</password>"]
)  # fmt: skip
SOUP = st.lists(PARTS, max_size=40).map("".join)


@given(SOUP)
def test_only_the_secrets_change_and_lines_stay(text: str) -> None:
    shown, places = redact.text(text), redact.spans(text)
    assert [*redact._LINE_END.findall(shown)] == [*redact._LINE_END.findall(text)]
    assert all(start < end for start, end in places)
    assert all(first[1] < second[0] for first, second in pairwise(places))
    done = 0
    for start, end in places:
        assert text[done:start] in shown
        done = end


@given(SOUP, st.sampled_from([text for text, _shown in HIDDEN.values() if "X-Auth" not in text]))
def test_nothing_around_it_makes_a_secret_readable(soup: str, secret: str) -> None:
    """Beside an end of line, whatever stood before; what opened a quote or a tag there ends with a tag's end."""
    text = f"{soup}\n</a>\n{secret.replace('X', 'hunter2')}"
    if soup.count('"') % 2 == 0 and soup.count("'") % 2 == 0:
        assert "hunter2" not in redact.text(text)


SLOW: dict[str, Callable[[int], str]] = {
    "a comment of names": lambda n: "<!-- " + "password " * n + "-->",
    "names that are values": lambda n: "password=" * n,
    "tags in quotes": lambda n: '<password "' * n,
    "tags in both quotes": lambda n: "<password \"'<password '\"" * n,
    "tags without ends": lambda n: "<password>" * n + "</password>",
    "ends of tags": lambda n: "<password>" * n + "</password>" * n,
    "many names of tags": lambda n: "".join(f"<password{i}> " for i in range(n)),
    "variables in quotes": lambda n: '<variable "' * n,
    "references without ends": lambda n: '<a password="' + "${" * n + '"/>',
    "references": lambda n: '<a password="' + "${a}" * n + '"/>',
    "a chain of variables": lambda n: (
        '<a password="${v0}"/>' + "".join(f'<variable name="v{i}" value="${{v{i + 1}}}"/>' for i in range(n))
    ),
    "lines of policies": lambda n: "keyringpw " * n,
    "blanks of policies": lambda n: "keyringpw " * n + " " * (20 * n),
    "many secrets": lambda n: '<a password="hunter2"/>\n' * n,
    "keys without ends": lambda n: "-----BEGIN PRIVATE KEY-----" * n,
    "named values without ends": lambda n: "<p name='password' value=\"" * n,
    "CDATA without ends": lambda n: "<p name='password'><![CDATA[" * n,
    "JSON without ends": lambda n: "password&quot;:&quot;" * n + '"password": "\\' * n,
    "one long name": lambda n: "password" * n,
    "addresses": lambda n: "://a:" + "b@" * n + " " + "://a:" * n,
    "headers": lambda n: "authorization: basic " * n,
    "prefixes": lambda n: "<" + "a:" * n,
}


@pytest.mark.parametrize("shape", SLOW.values(), ids=SLOW)
def test_the_time_grows_with_the_text(shape: Callable[[int], str]) -> None:
    grows(lambda count: partial(redact.text, shape(count)), 2_000, 16_000)


def test_a_chain_of_variables_is_followed_to_its_end() -> None:
    text = SLOW["a chain of variables"](500) + '<variable name="v500" value="hunter2"/>'
    assert "hunter2" not in redact.text(text)


LOGGED = {
    "a token": ("token: X; next", f"token: {M}; next"),
    "the second cookie of LTPA": ("LtpaToken2=X, b", f"LtpaToken2={M}, b"),
    "a session": ('JSESSIONID="X"', f'JSESSIONID="{M}"'),
    "a key in a map": ("{x-api-key=X, a=b}", f"{{x-api-key={M}, a=b}}"),
    "what ends with the text": ("password=X", f"password={M}"),
    "a header to the end of its line": ("Cookie: a=X; b=Y\nnext", f"Cookie: {M}\nnext"),
    "a header at the end": ("Authorization: Own X Y", f"Authorization: {M}"),
    "in brackets without a sign": ("password [X] b", f"password [{M}] b"),
}


@pytest.mark.parametrize(("said", "shown"), LOGGED.values(), ids=LOGGED)
def test_what_a_line_of_a_log_shows(said: str, shown: str) -> None:
    assert redact.line(said) == shown


@pytest.mark.parametrize("said", ["tokens: 5 read", "the port 9443: open", "a keyboard: X", "user=cics"])
def test_what_a_line_of_a_log_keeps(said: str) -> None:
    assert redact.line(said) == said


def test_a_variable_is_named_by_its_calculation_and_never_by_nothing() -> None:
    assert redact.used_variables("${a+b} ${list(c)} ${ }") == {"a+b", "a", "b", "list(c)", "list", "c", " "}


def test_what_ends_with_the_text_of_a_log_is_hidden_to_its_end() -> None:
    assert redact.line("JSESSIONID=X") == f"JSESSIONID={M}"
    assert redact.line("Set-Cookie2: a b") == f"Set-Cookie2: {M}"


def test_a_value_that_is_not_there_and_one_of_a_variable_stay() -> None:
    assert redact.value("password", None) is None
    assert redact.value("password", "${p}") == "${p}"
    assert redact.value("password", "X") == M
    assert redact.value("a", "b") == "b"


def test_only_what_another_attribute_may_tell_of() -> None:
    assert [name for name in ("value", "DefaultValue", "text", "name", "id") if redact.can_be_named(name)] == [
        "value",
        "DefaultValue",
        "text",
    ]


def test_variables_that_hold_secrets_now_or_soon() -> None:
    texts = ["<a password='${p}'/>", "<variable name='p' value='${q}'/><variable name='r' value='X'/>"]
    assert redact.secret_variables(texts, frozenset({"w"}), [("w", "${v}"), ("o", "1")]) == {"p", "q", "w", "v"}


def test_a_variable_of_another_case_or_without_a_name_is_no_entry_that_names_its_value() -> None:
    """What stands in a variable of a secret name is told by the rules for variables, once."""
    assert (
        redact.text("<Variable name='o' value='X'/><variable value='Y'/>")
        == "<Variable name='o' value='X'/><variable value='Y'/>"
    )


@pytest.mark.parametrize("end", ["/>", " />"])
def test_an_empty_element_holds_nothing_of_what_follows(end: str) -> None:
    assert redact.text(f"<p name='secret'{end}text<b/>") == f"<p name='secret'{end}text<b/>"


def test_an_element_that_only_holds_blanks_shows_no_mark() -> None:
    assert redact.text("<p name='secret'>  </p>") == "<p name='secret'>  </p>"
    assert redact.text("<p name='a/'>x</p><p key='pwd'>X</p>") == f"<p name='a/'>x</p><p key='pwd'>{M}</p>"


def test_structure_shows_what_is_no_text_as_it_is() -> None:
    assert redact.structure({"password": None, "a": 5, "b": [True, None]}) == {
        "password": None,
        "a": 5,
        "b": [True, None],
    }
    assert redact.structure({"password": 5, "secret": ["X"]}) == {"password": M, "secret": M}
    assert redact.structure({"password": "${p}", "note": "{xor}X"}) == {"password": "${p}", "note": M}
    # Without an element's name its text is its own.
    assert redact.structure({"text": "open", "title": "password"}) == {"text": "open", "title": "password"}
    assert redact.structure({"element": "password", "text": "X"}) == {"element": "password", "text": M}


def test_without_hides_the_longest_of_the_secrets_everywhere() -> None:
    given = {"a": ["abc-abcd", 5, {"b": "abcd"}], "c": None, "d": "a.c"}
    assert redact.without(given, ["abc", "abcd"]) == {"a": [f"{M}-{M}", 5, {"b": M}], "c": None, "d": "a.c"}
    assert redact.without(given, []) is given
    assert redact.without("a.c abc", ["a.c"]) == f"{M} abc"
