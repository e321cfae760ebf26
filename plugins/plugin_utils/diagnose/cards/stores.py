# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages about key stores and key rings, aliases and the values of an SSL configuration."""

from __future__ import annotations

import re

from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.card import (
    ADMINISTRATOR,
    SECURITY,
    Card,
    Case,
    Cause,
    Excluded,
    Fact,
    Open,
    Shown,
    Verdict,
    command,
    do,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.facts import is_readable, keys_of
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import ports
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import Place
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import want

_SOURCE = "Observed on Open Liberty 25.0.0.6 and 26.0.0.3"
_PASSWORD = re.compile(
    r"password was incorrect|[Pp]assword verification failed|mac invalid|failed to decrypt safe contents"
)
_NO_FILE = re.compile(r"FileNotFoundException|No such file|EDC5129I|does not exist|NoSuchFile")
_NO_STORE = re.compile(
    r"DerInputStream|DerValue|[Ii]nvalid keystore format|ASN\.1|not a PKCS12|Illegal|EOFException|DER |: null\s*$",
    re.MULTILINE,
)
_RING = re.compile(r"unknown protocol: (safkeyring\w*)")
_DATALIB = re.compile(r"\b(\d{1,4}), {0,3}(\d{1,4}), {0,3}(\d{1,4})\b")
_LOCATION = re.compile(r"((?:/|safkeyring\w*:/)[^\s,;\]]*|\b[\w./-]+\.(?:p12|jks|pfx|kdb|jceks)\b)")


def _store(case: Case) -> Instance | None:
    """Return the store that a message names by location or id."""
    found = _LOCATION.search(case.message.text)
    if found and (store := case.facts.store_named(found[1])):
        return store
    for word in re.findall(r"[\w.$-]+", case.message.text):
        if store := case.facts.store_named(word):
            return store
    return None


def _named(case: Case, store: Instance | None) -> str:
    found = _LOCATION.search(case.message.text)
    return f"key store {store.id}" if store and store.id else f"key store {found[1]}" if found else "the key store"


def _facts(case: Case, store: Instance | None, attribute: str = "location") -> list[Fact]:
    said = [Fact(f"{case.message.name} names it", case.message.place)]
    return [*said, Fact.at(f"keyStore {store.id}", store.origin(attribute))] if store else said


def _mended(place: Place | None) -> Open | None:
    """Return that a store can be read now, where it can."""
    if place is None or not is_readable(place) or not place.held:
        return None
    return Open(
        f"{place.name} can be read with the password of the configuration now: see whether it was mended since."
    )


def wrong_password(case: Case) -> Verdict:
    """The password does not open the store."""
    if not _PASSWORD.search(case.message.text):
        return Excluded()
    store = _store(case)
    if mended := _mended(case.facts.place(store)):
        return mended
    place = case.facts.place(store)
    because = _facts(case, store, "password")
    if place is not None and place.problem:
        because.append(Fact(place.problem, place.name))
    says = f"the password in the configuration does not open {_named(case, store)}"
    remedy = [
        do("give the right password by module keystore or server_xml; {aes} needs the key that the server uses"),
        do("or put the file back from a backup: Java says the same of a damaged file"),
    ]
    return Shown(says, because, remedy)


def no_file(case: Case) -> Verdict:
    """There is no file where the configuration says."""
    if case.message.id != "CWPKI0807W" and not _NO_FILE.search(case.message.text):
        return Excluded()
    store = _store(case)
    place = case.facts.place(store)
    if place is None:
        return Open("Look whether the file of the message exists; the store was not looked at.", _facts(case, store))
    if not place.is_missing:
        return Open(f"{place.name} is there now: see whether it was made after the message, and read by the server.")
    fact = Fact(f"{place.name} does not exist", place.name)
    remedy = [do("make it by module keystore, or correct location of the keyStore element")]
    return Shown(f"the file of {_named(case, store)} does not exist", [*_facts(case, store), fact], remedy)


def no_store(case: Case) -> Verdict:
    """The file is not a key store. Java's reason may be no more than null (observed on OpenJDK 17)."""
    text = case.message.text
    if _PASSWORD.search(text) or _NO_FILE.search(text) or not _NO_STORE.search(text):
        return Excluded()
    store = _store(case)
    place = case.facts.place(store)
    if mended := _mended(place):
        return mended
    if place is None or not place.problem or place.type is not None:
        return Open("Look at the file with keytool -list: the message says that it is damaged or of another type.")
    fact = Fact(place.problem, place.name)
    remedy = [do("put the store back from a backup, or make it anew by module keystore")]
    return Shown(f"the file of {_named(case, store)} is not a key store", [*_facts(case, store), fact], remedy)


def wrong_type(case: Case) -> Verdict:
    """Java knows no store of that type."""
    text = case.message.text
    store = _store(case)
    kind = str(store.get("type") or "") if store else ""
    ring = _RING.search(text)
    if ring:
        says = f"this Java does not read key rings by {ring[1]}:// (outside z/OS, or without its provider)"
        look = do(
            "on z/OS with Java 11 or later see java.protocol.handler.pkgs and the security providers in jvm.options"
        )
        return Shown(says, _facts(case, store), [look])
    if _NO_FILE.search(text) or not kind or not re.search(rf"\b{re.escape(kind)} not found", text):
        return Excluded()
    remedy = want("keyStore", store.id if store else None, type="PKCS12")
    because = _facts(case, store, "type")
    return Shown(f"Java knows no key store of type {kind}", because, remedy)


def ring(case: Case) -> Verdict:
    """R_datalib's codes say what RACF refused."""
    found = _DATALIB.search(case.message.text)
    if not found or ("IRRSDL00" not in case.message.text and "R_datalib" not in case.message.text):
        return Excluded()
    meaning = _RING_CODES.get(found[0].replace(" ", ""))
    if meaning is None:
        return Open(
            f"Look up SAF and RACF codes ({found[0]}) in z/OS Security Server RACF Callable Services, R_datalib."
        )
    says, remedy = meaning
    store = _ring_store(case)
    return Shown(says, _facts(case, store), remedy, SECURITY)


def _ring_store(case: Case) -> Instance | None:
    return _store(case) if "safkeyring" in case.message.text else None


_LISTING = "list the ring by RACDCERT ID(server's user ID) LISTRING(ring), and mend it by module saf_keyring"
_RING_CODES = {
    "8,8,84": (
        "the key ring does not exist under that owner and name; both count with their case",
        [
            command("RACDCERT ID(<owner>) LISTRING(*)"),
            do("correct location of the keyStore, or make the ring by module saf_keyring"),
        ],
    ),
    "8,8,8": (
        "RACF does not let the server's user ID read the key ring",
        [do("give READ to <owner>.<ring>.LST (RDATALIB) or to IRR.DIGTCERT.LISTRING by module saf_keyring")],
    ),
    "8,8,44": ("nothing is left to read: the ring holds no certificate of the kind that was asked for", [do(_LISTING)]),
}


def alias_absent(case: Case) -> Verdict:
    """The alias names no key of the store."""
    ssl = _ssl_of_alias(case)
    if ssl is None:
        return Open("Compare serverKeyAlias in server.xml with the message: no <ssl> names that alias now.")
    alias = str(ssl.get("serverKeyAlias"))
    store = case.facts.stores_of(ssl)[0]
    place = case.facts.place(store)
    origin = Fact.at(f"serverKeyAlias {alias!r} of <ssl id={ssl.id!r}>", ssl.origin("serverKeyAlias"))
    if place is None or not is_readable(place):
        return Open(f"List the entries of key store {store.id if store else ''}: it could not be read here.", [origin])
    found = [held for held in place.held if held.alias.lower() == alias.lower()]
    if found and found[0].has_key:
        return Open(
            f"{place.name} holds a key of that alias now: see whether the server has read it again since.", [origin]
        )
    keys = [held.alias for held in keys_of(place)]
    kind = f"{alias!r} is a certificate without a private key" if found else f"there is no {alias!r}"
    has = Fact(f"{kind}; private keys: {', '.join(keys[:10]) or 'none'}", place.name)
    remedy = (
        want("ssl", ssl.id, serverKeyAlias=keys[0]) if len(keys) == 1 else [do("choose one of the keys, or make it")]
    )
    return Shown(f"serverKeyAlias of <ssl id={ssl.id!r}> names no private key of its store", [origin, has], remedy)


def _ssl_of_alias(case: Case) -> Instance | None:
    found = [
        ssl for ssl in _all_ssl(case) if ssl.get("serverKeyAlias") and _is_word(str(ssl.get("serverKeyAlias")), case)
    ]
    return found[0] if len(found) == 1 else None


def _all_ssl(case: Case) -> list[Instance]:
    return case.facts.effective.all("ssl") if case.facts.effective else []


def _is_word(text: str, case: Case) -> bool:
    return re.search(rf"(?<![\w.-]){re.escape(text)}(?![\w-])", case.message.text) is not None


def bad_protocol(case: Case) -> Verdict:
    """sslProtocol holds what Liberty does not take."""
    found = []
    for ssl in _all_ssl(case):
        written = str(ssl.get("sslProtocol") or "")
        fault = ports.protocol_fault(written) or ports.spelling_fault(written)
        if fault and any(_is_word(part.strip(), case) for part in (written, *written.split(",")) if part.strip()):
            found.append((ssl, fault))
    if not found:
        return Open("Compare sslProtocol of the <ssl> elements with the message: none has such a value now.")
    ssl, fault = found[0]
    remedy = want("ssl", ssl.id, sslProtocol="TLSv1.2,TLSv1.3")
    because = [Fact.at(f"sslProtocol {ssl.get('sslProtocol')!r}", ssl.origin("sslProtocol"))]
    return Shown(f"<ssl id={ssl.id!r}>: {fault}", because, remedy)


def no_default_password(case: Case) -> Verdict:
    """The default store has no password, so Liberty makes none."""
    effective = case.facts.effective
    if effective is None:
        return Open("Give zosconnect_server_dir, so that the stores of the configuration are known.")
    waiting = [
        port
        for port in case.facts.ports
        if port.tls and (ssl := effective.by_id("ssl", port.ssl)) and ports.lacks_password(effective, ssl)
    ]
    if not waiting:
        return Open("No https port uses the default key store now; the message does no harm then.")
    says = "the default key store has no password, so it is not made and these https ports do not open"
    because = [Fact.at(f"port {port.port} of {port.endpoint} uses it", port.origin) for port in waiting]
    return Shown(
        says, because, [do("make a key store by module keystore and name it in <ssl>, or close the port with -1")]
    )


def follows(*ids: str) -> Cause:
    """Return the cause that a message only tells of another one."""

    def look(case: Case) -> Verdict:
        before = [one for one in case.messages if one.id in ids]
        if not before:
            return Open(f"Look for {' or '.join(ids)} shortly before it: they say why.")
        names = ", ".join(dict.fromkeys(one.name for one in before))
        return Shown(f"it follows from {names}; mend what that says", [Fact(one.name, one.place) for one in before])

    return Cause("follows", "It follows from another message", ADMINISTRATOR, f"{' or '.join(ids)} is there, too", look)


CARDS = (
    Card(
        ("CWPKI0033E", "CWPKI0807W", "CWPKI0813E"),
        ("A key store or ring did not load. Its ports and calls use the default SSL configuration, or do not work."),
        (
            Cause(
                "store-password",
                "The password does not open it",
                ADMINISTRATOR,
                "Java's exception; whether the password opens the store",
                wrong_password,
            ),
            Cause("store-missing", "The file does not exist", ADMINISTRATOR, "whether the file exists", no_file),
            Cause(
                "store-damaged",
                "The file is not a key store",
                ADMINISTRATOR,
                "Java's exception; the content of the file",
                no_store,
            ),
            Cause(
                "store-type",
                "Java knows no such type",
                ADMINISTRATOR,
                "Java's exception and the attribute type",
                wrong_type,
            ),
            Cause("ring-refused", "RACF refuses access to the ring", SECURITY, "the codes of R_datalib", ring),
        ),
        _SOURCE,
    ),
    Card(
        ("R_datalib",),
        "RACF refused a key ring.",
        (Cause("ring-refused", "RACF refuses access to the ring", SECURITY, "the codes of R_datalib", ring),),
        "z/OS Security Server RACF Callable Services, R_datalib; IBM Washington Systems Center, Topics Guide",
    ),
    Card(
        ("CWPKI0809W", "CWPKI0833E", "CWPKI0834E", "CWPKI0835E", "CWPKI0836E"),
        "An SSL configuration cannot be made; Liberty silently serves its ports with the default one.",
        (follows("CWPKI0033E", "CWPKI0807W", "CWPKI0831E", "CWPKI0832E", "CWPKI0813E"),),
        _SOURCE,
    ),
    Card(
        ("CWPKI0024E",),
        "serverKeyAlias names no usable key; the port is open, but every handshake fails.",
        (
            Cause(
                "alias-absent",
                "The alias names no private key",
                ADMINISTRATOR,
                "the listing of the store",
                alias_absent,
            ),
        ),
        _SOURCE,
    ),
    Card(
        ("CWPKI0831E", "CWPKI0832E", "CWPKI0028E"),
        "sslProtocol has a value that Liberty or Java rejects; Liberty removes no blanks from it.",
        (
            Cause(
                "protocol-value", "The value is not a protocol", ADMINISTRATOR, "sslProtocol of all <ssl>", bad_protocol
            ),
        ),
        _SOURCE,
    ),
    Card(
        ("CWPKI0819I", "CWPKI0817A", "CWPKI0805E", "CWPKI0818E"),
        "The default key store has no password.",
        (
            Cause(
                "default-password", "An https port needs it", ADMINISTRATOR, "which ports use it", no_default_password
            ),
        ),
        _SOURCE,
    ),
)
