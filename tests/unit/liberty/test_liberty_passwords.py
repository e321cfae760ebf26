# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Password encodings: both ways, by every key, and what is said where a key does not fit.

The texts were made by the ``securityUtility`` of Open Liberty 26.0.0.3.
"""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.filter.liberty_decode import liberty_decode
from ansible_collections.zosconnect.security.plugins.filter.liberty_encode import liberty_encode
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.files import Files
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import desired, keys, passwords
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.assembly import assemble
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import Document, read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import evaluate
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.outside import Places
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.passwords import Keys, Writing
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Outer, Variables

K1 = Keys("k1")
# What `securityUtility generateAESKey --key=k1` prints.
OF_K1 = "F83N7uPjKOgxFY8bX1kvZj2OeXUCb70ZV0YIReEDmTE="
NEW = (
    "{aes}ARDTq0pl7XZ2aVQwl3Wq8Ec19D64HPtY2Ps+ituJMHgfQ1jPgWnwJwQo+jB05EZv5p89t8owH6yWGbNWJFGhpMr3zDheorjvVKiCgI9v5dS2qrP1"
    "OarkFr273WvpMu3cy3mOqiSoqUuc"
)
OLD = (
    "{aes}AHK+s8TTIgRqF1yue7f7mGkkyJeIjZOPNZq4Q1o/ZzKimpTwZUB4wi84gy7bhwK7x6362DUZQ44ZnPGBSaekBhuG5+IMtyXAwxizRKr0I5Fo"
)
NO_KEY = (
    "{aes}ARDWTQOk7yJYEQf/2S6rH59i7somIBDMjTA08bsyqQgr3ryhHMWwKey1JwPRD+ZI4txh5B4wg24114c0p0EtnF3ywGOF+DduJGwHR8SP0lRdN0Rd"
    "zdHEXsGgRJdD+MWzyiNbqCmAMKIo"
)
OWN = (
    "{aes}AhBppCx/u2+d3WT9gAumMcAiROCsPid9oZysBT9xY/rHbGRTA//vkcx7+bHvZDaBDTpfdobQnPu9oAI9AG6UctVvCQKPCyo0O0wgZmVP7Nu3U/p3"
    "ZDPP0uqwQ+sc6hzkv7IS3J96zTC+cclOWg=="
)
UMLAUT_KEY = (
    "{aes}ALMkR8aHF02CH9kVN1Uf3lLrKzmshw8aoeUlLBC5IYuJVVrIQN9cfEyvrBaog9hc8h1i2oVd2HXIqL3FgHsRqgrpJDy1D13hTo9/eTkEP+g/"
)


@pytest.mark.parametrize(
    ("text", "by", "password"),
    [
        (NEW, K1, "secret"),
        (OLD, K1, "secret"),
        (NO_KEY, Keys(), "secret"),
        (NO_KEY, Keys("${wlp.password.encryption.key}"), "secret"),
        (OWN, Keys(key=OF_K1), "sécret€"),
        (UMLAUT_KEY, Keys("kä€"), "sécret€"),
        ("{xor}L5z7vd3z", Keys(), "pä€"),
        ("clear", Keys(), "clear"),
    ],
)
def test_what_liberty_wrote_is_read(text: str, by: Keys, password: str) -> None:
    assert passwords.decode(text, by) == password
    assert passwords.same(text, password, by)


WRONG = "a password in {aes} was encoded with another key than the wlp.password.encryption.key that is known here, or is damaged."
UNKNOWN = (
    "a password in {aes} was encoded with a key of its own, and none is known here: give the value of "
    "wlp.password.encryption.key, or the text is damaged."
)


@pytest.mark.parametrize(
    ("text", "by", "sentence"),
    [
        (NEW, Keys("K1"), WRONG),
        (NEW, Keys(), UNKNOWN),
        (OLD, Keys(""), WRONG),
        (OLD, Keys(), UNKNOWN),
        (NO_KEY, K1, WRONG),
        ("{aes}AAAA", Keys(), UNKNOWN),
        ("{aes}AQ==", K1, WRONG),
        ("{aes}ARA=", K1, WRONG),
        (
            OWN,
            Keys(key=base64.b64encode(bytes(32)).decode()),
            WRONG.replace("wlp.password.encryption", "wlp.aes.encryption"),
        ),
        (
            OWN,
            K1,
            "a password in {aes} was encoded with an AES key of its own; give the value of wlp.aes.encryption.key.",
        ),
        (
            OWN,
            Keys(key="AAAA"),
            (
                "the value of wlp.aes.encryption.key is no AES-256 key: 32 bytes in Base64, as securityUtility "
                "generateAESKey prints them."
            ),
        ),
        ("{aes}no", K1, "a password begins with {aes} but what follows is not Base64; encode it again."),
        (
            "{aes}CQ==",
            K1,
            (
                "a password begins with {aes} but what follows has none of the forms that are known; encode it again "
                "with the securityUtility of a Liberty."
            ),
        ),
        ("{hash}AAAA", K1, "a password in the encoding {hash} goes one way only: nobody can decode it."),
        (
            "{custom:x}A",
            K1,
            "a password in the encoding {custom:x} cannot be decoded; only {xor}, {aes} and plain text can.",
        ),
        ("{xor}a", K1, "a password begins with {xor} but what follows is not valid; encode it again."),
        ("{xor}oKA=", K1, "a password begins with {xor} but what follows is not valid; encode it again."),
    ],
)
def test_what_cannot_be_decoded(text: str, by: Keys, sentence: str) -> None:
    with pytest.raises(SecurityError) as caught:
        passwords.decode(text, by)
    assert str(caught.value) == sentence
    assert not passwords.same(text, "secret", by)


@given(st.text(), st.sampled_from(["xor", "aes", "aes-128"]), st.sampled_from([Keys(), K1, Keys(key=OF_K1)]))
def test_what_is_encoded_decodes(password: str, encoding: str, by: Keys) -> None:
    encodable = password.encode(errors="replace").decode()
    text = passwords.encode(encodable, encoding, by)
    assert passwords.decode(text, by) == encodable
    assert passwords.algorithm(text) == encoding.partition("-")[0]
    assert (passwords.encode(encodable, encoding, by) != text) == (encoding != "xor")


def planned(file: str, password: str, writing: Writing) -> tuple[list[Any], str]:
    wanted = desired.check(
        [{"element": "keyStore", "id": "k", "attributes": {"password": password}}], desired.Options()
    )
    made = plan(read_source(file.encode(), name="server.xml", encoding=None, tag=None), wanted, writing=writing)
    node = next(node for node in Document(made.result).top() if node.local == "keyStore")
    return list(made.changes), node.get("password") or ""


@pytest.mark.parametrize("encoding", ["aes", "aes-128"])
@pytest.mark.parametrize("before", ["", ' password="secret"', ' password="{xor}LDo8LTor"', f' password="{NEW}"'])
def test_a_password_is_written_in_aes_once(encoding: str, before: str) -> None:
    """What everybody can read is protected where that is asked for; the second time nothing changes."""
    writing = Writing(encoding, K1)
    wanted = "secret" if "{aes}" not in before else "another"
    changes, text = planned(f'<server>\n  <keyStore id="k"{before}/>\n</server>\n', wanted, writing)
    assert (len(changes), passwords.decode(text, K1)) == (1, wanted)
    assert text.startswith("{aes}AR" if encoding == "aes" else "{aes}A")
    assert planned(f'<server>\n  <keyStore id="k" password="{text}"/>\n</server>\n', wanted, writing) == ([], text)


def variables(text: str) -> Any:
    return keys.of_file(
        Document(read_source(f"<server>{text}</server>".encode(), name="server.xml", encoding=None, tag=None))
    )


DEFINED = '<variable name="a" value="k"/><variable name="wlp.password.encryption.key" value="${a}1"/>'


@pytest.mark.parametrize(
    ("own", "text", "more", "expected"),
    [
        (Keys(), DEFINED, "whole", K1),
        (K1, DEFINED, "whole", K1),
        (K1, "", "file", K1),
        (Keys(), "", "whole", Keys()),
        (Keys(), f'<variable name="wlp.aes.encryption.key" defaultValue="{OF_K1}"/>', "file", Keys(key=OF_K1)),
        (
            Keys("K1"),
            DEFINED,
            "file",
            (
                "password_key: is another key than wlp.password.encryption.key at server.xml:1, so the server could not "
                "read {aes}."
            ),
        ),
        (
            K1,
            "",
            "whole",
            (
                "password_key: the server has no variable wlp.password.encryption.key, so it could not read {aes} by "
                "this key; define it, in a file that few may read and that is included."
            ),
        ),
        (
            Keys(key=""),
            "",
            "file",
            "password_base64_key: the secret is empty; give it, or remove the attribute with null.",
        ),
    ],
)
def test_which_key_the_server_uses(own: Keys, text: str, more: str, expected: Keys | str) -> None:
    whole = more == "whole"
    if isinstance(expected, Keys):
        assert keys.chosen(own, variables(text), whole=whole) == expected
        return
    with pytest.raises(SecurityError) as caught:
        keys.chosen(own, variables(text), whole=whole)
    assert str(caught.value) == expected


SAF = (
    "the server takes its key of {aes} from SAF (server.xml:2), where nothing here can read it; encode the password on the "
    "target by securityUtility encode with --keyring, --keyringType and --keyLabel, and give the encoded text."
)


@pytest.mark.parametrize("feature", ["zosPasswordEncryptionKey-1.0", " ZOSPASSWORDENCRYPTIONKEY-1.0 "])
def test_a_key_in_saf_is_neither_liberty_s_own_nor_that_of_a_variable(feature: str) -> None:
    variable = '<variable name="wlp.password.encryption.key" value="k1"/>'
    text = f"<server>\n<featureManager><feature>{feature}</feature></featureManager>{variable}</server>"
    document = Document(read_source(text.encode(), name="server.xml"))
    place = keys.in_saf_of_file(document)
    found = keys.chosen(Keys(), keys.of_file(document), saf=place)
    for encoding in ("aes", "aes-128"):
        with pytest.raises(SecurityError) as caught:
            passwords.encode("secret", encoding, found)
        assert str(caught.value) == SAF
    for encoded in (NEW, OLD, NO_KEY):
        with pytest.raises(SecurityError) as caught:
            passwords.decode(encoded, found)
        assert str(caught.value) == SAF
        assert passwords.same(encoded, encoded, found)
    given = keys.chosen(K1, keys.of_file(document), saf=place)
    assert passwords.decode(passwords.encode("secret", "aes", given), K1) == "secret"


def test_where_the_key_is_in_saf() -> None:
    ring = '<zosPasswordEncryptionKey keyring="safkeyring:///R" label="L" type="JCERACFKS"/>'
    on = "<featureManager><feature>zosPasswordEncryptionKey-1.0</feature></featureManager>"
    for text, place in ((f"{on}\n{ring}", "/s/server.xml:2"), (on, "/s/server.xml:1"), (ring, None), ("", None)):
        files = Files({"/s/server.xml": f"<server>{text}</server>".encode()})
        assert keys.in_saf_of(evaluate(assemble(files, Places("/s"), Outer()))) == place


def test_liberty_does_not_look_for_the_key_in_the_environment() -> None:
    outer = Outer(environment={"wlp_password_encryption_key": "k", "WLP_PASSWORD_ENCRYPTION_KEY": "k"})
    assert keys.chosen(Keys(), Variables(outer)) == Keys()


def test_keys_are_not_shown() -> None:
    assert repr(Keys("k1", OF_K1)) == "Keys()"


def test_the_filters() -> None:
    assert liberty_decode(liberty_encode("secret", "aes", key="k1"), key="k1") == "secret"
    assert liberty_decode(liberty_encode("secret", "aes", base64_key=OF_K1), base64_key=OF_K1) == "secret"
    assert liberty_encode("secret") == "{xor}LDo8LTor"


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: liberty_encode(7), "liberty_encode: needs text, not a number."),
        (lambda: liberty_decode(7), "liberty_decode: needs text, not a number."),
        (lambda: liberty_encode("a", "hash"), "liberty_encode: 'hash' is not one of xor, aes, aes-128."),
        (
            lambda: liberty_encode(OLD),
            "liberty_encode: the text is encoded already ({aes}); encoding it again would change the password.",
        ),
        (lambda: liberty_decode(NEW), UNKNOWN),
    ],
)
def test_what_the_filters_refuse(call: Any, sentence: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        call()
    assert str(caught.value).startswith(sentence.rstrip("."))  # ansible-core 2.21 adds the cause


@pytest.mark.parametrize(
    ("text", "learns"),
    [
        ("hunter2", True),
        (passwords.encode_xor("hunter2"), True),
        (passwords.encode("hunter2", passwords.AES, Keys()), True),
        (passwords.encode("hunter2", passwords.AES, Keys("a key of the server's own")), False),
        (passwords.encode("hunter2", passwords.AES_128, Keys("a key of the server's own")), False),
        ("{hash}ATAAAA", False),
        ("{custom:mine}x", False),
        ("{aes}no Base64", False),
        ("${kp}", False),
        ("", False),
    ],
)
def test_who_reads_a_password_learns_it(text: str, learns: object) -> None:
    assert passwords.readable(text) == learns


@pytest.mark.parametrize(
    ("wanted", "options"),
    [
        ({"element": "keyStore", "id": "a", "attributes": {"location": "a.p12", "password": "new"}}, ["attributes.password"]),
        ({"element": "keyStore", "id": "k", "attributes": {"password": "old"}}, []),
        ({"element": "keyStore", "id": "k", "attributes": {"location": "b.p12"}}, []),
        ({"element": "keyStore", "id": "r", "attributes": {"location": "safkeyring:///R"}}, []),
        ({"element": "keyStore", "id": "r", "attributes": {"location": "safkeyring:///R", "password": "new"}}, ["attributes.password"]),
        ({"element": "variable", "attributes": {"name": "p", "value": "new"}}, ["attributes.value"]),
        ({"element": "variable", "attributes": {"name": "port", "value": "1"}}, []),
        ({"element": "apiKey", "text": "new"}, ["text"]),
        ({"element": "clientSecret", "text": "new"}, ["text"]),
        ({"element": "keyStore", "id": "k", "state": "absent"}, []),
    ],
)  # fmt: skip
def test_which_secrets_a_change_writes(wanted: dict[str, Any], options: list[str]) -> None:
    text = '<server><keyStore id="k" location="a.p12" password="old"/><a password="${p}"/><apiKey>old</apiKey></server>'
    source = read_source(text.encode(), name="server.xml")
    found = plan(source, desired.check([wanted], desired.Options(allow_unknown=True)), allow_unknown=True)
    assert [where for where, _text in found.secrets] == [f"elements[0].{option}" for option in options]
