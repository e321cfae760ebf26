# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Laws: the commands, carried out on a model of RACF, lead to what is desired, and back; a listing cut is no listing."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from liberty_saf import Server
from racf import Racf
from saf_world import Json, known, listed, planned, want, without_ring

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import commands, names, plan, racdcert

OWNERS = ("CERTAUTH", "SITE", "ID(BOB)")
LABELS = ("A b", "Bob's  key", "(x) DEFAULT", "abcdefghijklmnopqrstuvwxyz012345")
KEYS = [(owner, label) for owner in OWNERS for label in LABELS]
USAGES = ("PERSONAL", "CERTAUTH", "SITE")


@st.composite
def systems(draw: st.DrawFn) -> Racf:
    """RACF with all certificates, with or without the ring, and what may be on it."""
    # Every second certificate shares its subject with another one: CICS has something to refuse.
    certificates: dict[str, dict[str, dict[str, str]]] = {}
    for at, (owner, label) in enumerate(KEYS):
        certificates.setdefault(owner, {})[label] = {"subject": f"CN={at // 2}", "serial": str(at)}
    rings: dict[str, Any] = {"Other": [["SITE", "A b", "SITE", True]]} if draw(st.booleans()) else {}
    if draw(st.integers(0, 4)):
        on = draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=6))
        rings["Zcee"] = [[*key, draw(st.sampled_from(USAGES)), False] for key in on]
        if on and draw(st.booleans()):
            draw(st.sampled_from(rings["Zcee"]))[3] = True
    access = draw(st.dictionaries(st.sampled_from(["LIBSERV", "BOB"]), st.sampled_from(racdcert.ACCESS)))
    profiles = {"FACILITY": {"IRR.DIGTCERT.LISTRING": access}} if draw(st.booleans()) else {}
    return Racf(rings={"LIBSERV": rings}, certificates=certificates, profiles=profiles)


@st.composite
def desired_of(draw: st.DrawFn, states: tuple[str, ...] = ("merged", "overridden", "absent")) -> Json:
    """Options that fit together."""
    state = draw(st.sampled_from(states))
    wanted = draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=5))
    certificates = []
    default_at = draw(st.none() | st.integers(0, 4))
    for at, (owner, label) in enumerate(wanted):
        one: Json = {"owner": owner, "label": label}
        if draw(st.booleans()):
            one["usage"] = draw(st.sampled_from(USAGES))
        if at == default_at or draw(st.booleans()):
            one["default"] = at == default_at
        if state != "absent" and draw(st.booleans()):
            one["replaces"] = draw(st.sampled_from(LABELS))
        certificates.append(one)
    cics = state != "absent" and draw(st.booleans())
    # An empty list is refused where it would take everything away.
    named = {"certificates": certificates} if certificates or state == "merged" else {}
    given: Json = {"state": state, **named, "used_by_cics": cics}
    if state != "absent" and draw(st.booleans()):
        users = [{"user": name} for name in draw(st.lists(st.sampled_from(["LIBSERV", "BOB"]), unique=True))]
        given |= {"authority": "facility", "users": users}
    return given


def rows(system: Racf) -> dict[tuple[str, str], tuple[str, bool]]:
    return {(row[0], row[1]): (row[2], row[3]) for row in system.rings["LIBSERV"].get("Zcee", [])}


def carry_out(system: Racf, texts: list[str]) -> None:
    for text in texts:
        rc, output = system.run(text)
        assert rc == 0 or set(racdcert._MESSAGE.findall(output)) == set() or rc == 4, (text, output)
        assert rc < 8, (text, output)


@settings(max_examples=2 * settings().max_examples)
@given(systems(), desired_of())
def test_the_commands_lead_to_what_is_desired_and_back(system: Racf, given: Json) -> None:
    try:
        wanted = want(given)
        found = planned(wanted, system)
    except SecurityError:
        assume(False)
    before, untouched = rows(system), copy.deepcopy(system)
    carry_out(system, found.texts)
    after = rows(system)
    assert after == {one.key: (one.usage, one.default) for one in (found.after.connections if found.after else ())}
    for one in wanted.connections:
        if wanted.state == "absent":
            assert one.key not in after
            continue
        usage, default = after[one.key]
        assert one.usage in (None, usage)
        assert one.default in (None, default)
    assert sum(default for _usage, default in after.values()) <= 1
    if wanted.state == "merged":
        named = {key for one in wanted.connections for key in (one.key, (one.owner, one.replaces))}
        kept = {key: how for key, how in before.items() if key not in named}
        assert {key: how[0] for key, how in kept.items()} == {key: after[key][0] for key in kept}
    if wanted.state == "overridden":
        assert after.keys() == {one.key for one in wanted.connections}
    assert ("Zcee" in system.rings["LIBSERV"]) == (
        "Zcee" in untouched.rings["LIBSERV"] and bool(wanted.connections) if wanted.state == "absent" else True
    )

    again = planned(wanted, system)
    assert again.texts == [], "twice is once"

    carry_out(system, found.undo)
    assert rows(system) == before
    assert system.rings["LIBSERV"].keys() == untouched.rings["LIBSERV"].keys()
    assert {kind: one for kind, one in system.profiles.items() if one} == untouched.profiles


@given(systems(), desired_of(("merged", "overridden")))
def test_a_ring_of_cics_never_holds_two_certificates_of_one_name(system: Racf, given: Json) -> None:
    subjects = {
        (owner, label): one["subject"] for owner, all_of in system.certificates.items() for label, one in all_of.items()
    }
    on = [subjects[key] for key in rows(system)]
    assume(len(on) == len(set(on)))
    try:
        found = planned(want({**given, "used_by_cics": True}), system)
    except SecurityError:
        assume(False)
    for text in found.texts:
        carry_out(system, [text])
        on = [subjects[key] for key in rows(system)]
        assert len(on) == len(set(on)), text


@given(systems(), desired_of(("merged", "overridden")))
def test_without_cics_nothing_leaves_before_all_have_come(system: Racf, given: Json) -> None:
    try:
        found = planned(want({**given, "used_by_cics": False}), system)
    except SecurityError:
        assume(False)
    kinds = [word for text in found.texts for word in (" CONNECT(", " REMOVE(") if word in text]
    assert kinds == sorted(kinds)
    assert all(text.startswith("SETROPTS") for text in found.texts[-1:]), "the refresh comes last"


@given(systems(), st.data())
def test_a_listing_that_was_cut_shows_the_same_or_nothing(system: Racf, data: st.DataObject) -> None:
    """A cut between two whole rows cannot be seen in the text; everything else is."""
    text = listed([commands.list_rings("LIBSERV"), commands.list_certificate("SITE", "A b")], system)
    whole = racdcert.parse(text)
    cut = text[: data.draw(st.integers(0, len(text)))]
    try:
        found = racdcert.parse(cut)
    except SecurityError:
        return
    for key, ring in found.rings.items():
        assert whole.rings[key].connections[: len(ring.connections)] == ring.connections
    for certificate in found.certificates.values():
        assert whole.certificates[certificate.key].subject == certificate.subject


@given(st.text(max_size=300))
def test_any_text_is_taken_or_met_with_a_sentence(text: str) -> None:
    said = "listing line"
    try:
        racdcert.parse(text)
    except SecurityError as e:
        said = str(e)
    assert said.startswith("listing line")


@given(st.sampled_from(OWNERS), st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40))
def test_a_label_comes_through_as_it_is_or_not_at_all(owner: str, label: str) -> None:
    try:
        taken = names.label(label, "label")
    except SecurityError:
        return
    system = Racf(certificates={owner: {taken: {"subject": "CN=x"}}}, rings={"LIBSERV": {"Zcee": []}})
    wanted = want({"certificates": [{"owner": owner, "label": label}]})
    carry_out(system, planned(wanted, system).texts)
    assert system.rings["LIBSERV"]["Zcee"] == [[owner, taken, wanted.connections[0].own_usage, False]]


@given(
    st.lists(
        st.text("ab( )'", min_size=1, max_size=90).map(names.quoted) | st.text("ABC()", min_size=1, max_size=120),
        min_size=1,
    )
)
def test_folded_lines_are_short_and_mean_the_same(words: list[str]) -> None:
    command = " ".join(words)
    # Quoted strings of blanks only would need more than a line without a place to cut; no name is like that.
    assume("  " not in command)
    lines = names.fold(command)
    assert all(len(line) <= names.LINE for line in lines)
    joined = "".join(line[:-1] for line in lines[:-1]) + lines[-1]
    assert joined == command
    assert all(line.endswith("-") and not line.startswith(" ") for line in lines[:-1])


IDS = ("CICS1", "IMS1", "LIBSERV", "WSGUEST")
RESOURCES = [
    ("APPL", "BBGZDFLT"),
    ("EJBROLE", "BBGZDFLT.zos.connect.access.roles.zosConnectAccess"),
    ("EJBROLE", "BBGZDFLT.roster.invoke"),
    ("SERVER", "BBG.ANGEL"),
    ("SERVER", "BBG.AUTHMOD.BBGZSAFM"),
    ("SERVER", "BBG.AUTHMOD.BBGZSAFM.SAFCRED"),
    ("SERVER", "BBG.SECPFX.BBGZDFLT"),
    ("SURROGAT", "IMS1.BAQASSRT"),
    ("FACILITY", "BPX.SERVER"),
]


@st.composite
def protected_systems(draw: st.DrawFn) -> Racf:
    """RACF with some of the profiles of a server, and some access to them."""
    profiles: dict[str, dict[str, dict[str, str]]] = {"FACILITY": {"BPX.SERVER": {}}}
    for kind, resource in draw(st.lists(st.sampled_from(RESOURCES), unique=True)):
        access = st.dictionaries(st.sampled_from(IDS), st.sampled_from(racdcert.ACCESS))
        profiles.setdefault(kind, {})[resource] = draw(access)
    users = {name: {"uid": "1", "group": "G", "attributes": "RESTRICTED PROTECTED"} for name in IDS}
    return Racf(profiles=profiles, users=users, groups={"G": "1"}, rings={"LIBSERV": {}})


@st.composite
def server_access(draw: st.DrawFn) -> Json:
    """Options of zosconnect_access; each may be left out."""
    users = {"users": draw(st.lists(st.sampled_from(IDS[:2]), max_size=2))}
    applications: Json = draw(st.sampled_from([{}, {"version": 2.0}, {"web_applications": ["roster"]}]))
    server: Json = draw(st.sampled_from([{}, {"server_user": "LIBSERV"}]))
    assertion = {"link_users": ["CICS1"], "asserted_users": ["IMS1"]}
    if server and "web_applications" not in applications and draw(st.booleans()):
        server = {**server, "identity_assertion": assertion}
    return {"zosconnect_access": {**users, **applications, **server}}


def entries(profiles: dict[str, dict[str, dict[str, str]]]) -> set[tuple[str, str, str]]:
    """Profiles, and who is in their lists."""
    named = {(kind, name, "") for kind, all_of in profiles.items() for name in all_of}
    return named | {
        (kind, name, user) for kind, all_of in profiles.items() for name, users in all_of.items() for user in users
    }


@settings(max_examples=2 * settings().max_examples)
@given(protected_systems(), server_access())
def test_who_is_named_gets_through_and_the_undo_leads_back(system: Racf, options: Json) -> None:
    try:
        wanted = without_ring(options)
    except SecurityError:
        assume(False)
    before = copy.deepcopy(system.profiles)
    found = planned(wanted, system)
    carry_out(system, found.texts)
    access = options["zosconnect_access"]
    role = "roster.invoke" if "web_applications" in access else "zos.connect.access.roles.zosConnectAccess"
    server = Server(system, role=role)
    if "server_user" in access:
        assert server.start() == ""
        for user in access["users"]:
            assert server.call(user) == ""
        if "identity_assertion" in access and "CICS1" in access["users"]:
            assert server.call("CICS1", asserted="IMS1") == ""
    assert planned(wanted, system).texts == [], "twice is once"
    carry_out(system, found.undo)
    assert {kind: one for kind, one in system.profiles.items() if one} == {k: one for k, one in before.items() if one}


@settings(max_examples=2 * settings().max_examples)
@given(protected_systems(), server_access(), st.data())
def test_an_undo_takes_away_nothing_that_was_there_before(system: Racf, options: Json, data: st.DataObject) -> None:
    """Whatever was listed, and whatever RACF says to commands for what is there already."""
    try:
        wanted = want({**options, "clients": [{"user": "CICS1", "label": "a", "subject": "O=B"}]})
    except SecurityError:
        assume(False)
    system.rings["LIBSERV"] = data.draw(st.sampled_from([{}, {"Zcee": []}]))
    system.filters = data.draw(st.sampled_from([[], [{"user": "CICS1", "label": "a", "subject": "O=B", "issuer": ""}]]))
    asked = plan.listing_commands(wanted)
    listing = listed(data.draw(st.lists(st.sampled_from(asked), unique=True)), system)
    before = copy.deepcopy(system)
    found = plan.plan(wanted, racdcert.parse(listing), complete=False)
    for text in [*found.texts, *found.undo]:
        system.run(text)
    assert entries(before.profiles) <= entries(system.profiles)
    assert before.rings["LIBSERV"].keys() <= system.rings["LIBSERV"].keys()
    assert all(one in system.filters for one in before.filters)
    sure = [line for line in commands.undo_script(found.steps).splitlines() if not line.startswith(" /*")]
    assert sure == folded(found.undo)


def folded(texts: list[str]) -> list[str]:
    return [line for text in texts for line in names.fold(text)]


def test_what_is_known_is_asked_for_once() -> None:
    wanted = want({"certificates": [{"label": "a"}, {"label": "b"}], "used_by_cics": True})
    system = Racf(rings={"LIBSERV": {"Zcee": [["SITE", "s", "SITE", False], ["ID(LIBSERV)", "a", "PERSONAL", True]]}})
    system.certificates = {
        "SITE": {"s": {"subject": "CN=s"}},
        "ID(LIBSERV)": {"a": {"subject": "CN=a"}, "b": {"subject": "CN=b"}},
    }
    known(wanted, system)
    assert len(system.log) == len(set(system.log)) == 4
    assert plan.listing_commands(want({"state": "absent"})) == ["RACDCERT ID(LIBSERV) LISTRING(*)"]


@pytest.mark.parametrize("width", [20, 72])
def test_a_hyphen_continues_a_command(width: int) -> None:
    command = f"RACDCERT ID(U) MAP WITHLABEL('a') TRUST SDNFILTER('CN={'x' * 90}.O=Bank')"
    lines = names.fold(command, width)
    assert len(lines) > 1
    assert max(map(len, lines)) <= width


def test_entries_of_rings_for_findings_on_expiry() -> None:
    system = Racf(
        rings={"LIBSERV": {"Zcee": [["SITE", "s", "SITE", False], ["ID(LIBSERV)", "a", "PERSONAL", True]]}},
        certificates={"ID(LIBSERV)": {"a": {"subject": "CN=a", "end": "2026/12/24", "private": "NO"}}},
    )
    ring = system.run("RACDCERT ID(LIBSERV) LISTRING(Zcee)")[1]
    first, second = racdcert.entries(ring, [system.run("RACDCERT ID(LIBSERV) LIST(LABEL('a'))")[1]])
    assert (first["ring"], first["label"], first["end"], first["private_key"]) == ("Zcee", "s", None, None)
    assert second == {
        "ring_owner": "LIBSERV",
        "ring": "Zcee",
        "owner": "ID(LIBSERV)",
        "label": "a",
        "usage": "PERSONAL",
        "default": True,
        "status": "TRUST",
        "start": "2026-01-01 00:00:00",
        "end": "2026-12-24 23:59:59",
        "serial": "01",
        "issuer": "CN=CA",
        "subject": "CN=a",
        "algorithm": "sha256RSA",
        "key_type": "RSA",
        "key_size": 2048,
        "private_key": False,
    }
