# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The laws of docs/ARCHITECTURE.md that the pure part of attls_policy must keep, for any policy and whatever is desired."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from attls_policies import MARKER, configs, files, texts
from hypothesis import assume, event, example, given
from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages, diff, redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import (
    desired,
    form,
    judge,
    proof,
    statements,
    text,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.plan import Plan, plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Parameter, Policy, Statement
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.problems import Effect, Examined, brought
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.stack import Stack
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source, Splice

UTF8 = codepages.for_name("UTF-8")
assert UTF8
Config = dict[str, list[dict[str, Any]]]
STATES = st.sampled_from(["merged", "merged", "replaced", "overridden"])


def source(data: bytes, page: str) -> Source:
    """Decode without the guard against foreign code pages: short texts may look like anything."""
    codec = codepages.for_name(page)
    assert codec
    return Source.decode(data, name="policy", codec=codec)


def planned(old: Source, config: Config, **options: Any) -> Plan:
    """Plan, where what is desired can be meant at all; what the result would be judged for does not matter here."""
    reading = desired.Options(allow_unknown=True, on_overlap="warn", **{"shared_actions": "copy", **options})
    try:
        with mock.patch.object(judge, "judge", return_value=[]):
            return plan(old, desired.check(config, reading), reading)
    except SecurityError as e:
        if "proof failed" in str(e):
            pytest.fail(str(e))
        event("refused")
        assume(False)
        raise


# Law 1: nothing asked, nothing touched.
@given(files())
def test_what_is_read_is_written_back(file: tuple[bytes, str]) -> None:
    old = source(*file)
    assert old.data == file[0]
    assert plan(old, (), desired.Options()).result.data == file[0]


@given(files())
def test_the_text_is_all_there_and_in_its_place(file: tuple[bytes, str]) -> None:
    policy = Policy(source(*file))
    whole = policy.source.text
    for item in walk(policy.items):
        assert whole.startswith(item.keyword, item.start)
        if isinstance(item, Parameter):
            assert whole[item.value_start : item.value_end] == item.value
        else:
            assert (whole[item.open], whole[item.close]) == ("{", "}")
    bare = list(walk_nodes(proof.read(proof.lines_of(whole))))
    assert sorted(item.line for item in walk(policy.items)) == sorted(node.line for node in bare)


def walk(items: list[Parameter | Statement]) -> Iterator[Parameter | Statement]:
    for item in items:
        yield item
        if isinstance(item, Statement):
            yield from walk(item.items)


def walk_nodes(nodes: list[proof.Node]) -> Iterator[proof.Node]:
    for node in nodes:
        yield node
        yield from walk_nodes(node.inside or [])


@given(files())
def test_a_value_is_the_same_whether_or_not_the_rest_was_read(file: tuple[bytes, str]) -> None:
    first, second = Policy(source(*file)), Policy(source(*file))
    for one, other in zip(first.walk(), second.walk(), strict=True):
        for key in [item.keyword for item in other.parameters]:
            assert one.get(key) == other.get(key)


# Laws 2, 3 and 4: only what was asked, said is done, twice is once.
@given(files(), configs(), STATES)
def test_what_is_wished_is_there_and_twice_is_once(file: tuple[bytes, str], config: Config, state: str) -> None:
    old = source(*file)
    found = planned(old, config, state=state)
    event("changed" if found.changed else "unchanged")
    again = planned(found.result, config, state=state)
    assert (again.changed, again.changes) == (False, ())
    assert found.changed == bool(found.changes)
    parts, at = [], 0
    for splice in sorted(found.splices, key=lambda s: (s.start, s.end)):
        parts += [old.text[at : splice.start], splice.text]
        at = splice.end
    assert "".join([*parts, old.text[at:]]) == found.result.text


@given(files(), configs(names_only=True))
def test_absent_is_gone(file: tuple[bytes, str], config: Config) -> None:
    found = planned(source(*file), config, state="absent")
    after = Policy(found.result)
    assert not [one for kind, items in config.items() for item in items if (one := after.find(kind, item["name"]))]


@given(configs())
def test_rendered_and_parsed_is_the_wish(config: Config) -> None:
    """Parse and render again gives the same text, but for secrets, which are marks."""
    assert UTF8
    first = planned(Source("rendered", "", UTF8), config).result
    structure = form.structure(Policy(first))
    assert MARKER not in str(structure)
    shown = restored(structure)
    second = planned(Source("rendered", "", UTF8), shown).result
    assert form.structure(Policy(second)) == structure


def restored(given_: Any) -> Any:
    """A structure with something else in place of the marks."""
    if isinstance(given_, dict):
        return {key: restored(value) for key, value in given_.items()}
    if isinstance(given_, list):
        return [restored(value) for value in given_]
    return "other" if given_ == redact.MARK else given_


# Law 6: no secret leaves.
@given(files(), configs())
def test_no_secret_is_shown(file: tuple[bytes, str], config: Config) -> None:
    old = source(*file)
    found = planned(old, config)
    assert MARKER not in diff.hunks(old, found.result, found.splices)
    assert MARKER not in diff.hunks(Source("", "", old.codec), found.result, [Splice(0, 0, found.result.text)])
    assert MARKER not in str(found.changes)
    assert MARKER not in str(form.structure(Policy(old)))


# Law 3 must be able to fail.
@pytest.mark.parametrize(
    ("wrong", "right"),
    [("Priority 2", "Priority 3"), ("}", "}\nTTLSRule t\n{\n}"), ("Jobname X", "# Jobname X"), ("# x", "x x")],
)
def test_a_sabotaged_result_is_found_out(wrong: str, right: str) -> None:
    assert UTF8
    old = Source("policy", "# x\nTTLSRule r\n{\n  Jobname X\n  Priority 1\n}\n", UTF8)
    honest = Source.splice

    def sabotaged(self: Source, splices: list[Splice]) -> Source:
        done = honest(self, splices)
        return Source(done.name, done.text.replace(wrong, right), done.codec)

    config = {"TTLSRule": [{"name": "r", "Priority": 2}]}
    with mock.patch.object(Source, "splice", sabotaged), pytest.raises(SecurityError) as caught:
        plan(old, desired.check(config, desired.Options()), desired.Options())
    assert str(caught.value) == (
        "policy: the change was planned but its proof failed: the new text does not mean what was intended. "
        "Nothing was changed. Please report this with the file's layout."
    )


@given(texts(), st.sampled_from([None, *statements.RELEASES]), st.booleans())
def test_problems_of_any_policy_have_sentences_without_secrets(text_: str, release: str | None, partial: bool) -> None:  # noqa: FBT001
    assert UTF8
    stack = Stack((Policy(Source("policy", text_, UTF8)),))
    for rule in judge.RULES:
        for problem in rule.problems(Examined(stack, statements.Level(release), partial=partial)):
            assert problem.sentence
            assert MARKER not in problem.sentence


@example("TTLSRule b\n{\n Direction Both\n}\nTTLSRule a\n{\n}\n", {"TTLSRule": [{"name": "b"}]}, None)
@given(texts(), configs(), st.sampled_from([None, "2.5", "3.2"]))
def test_a_change_is_judged_as_its_result_is(text_: str, config: Config, release: str | None) -> None:
    """What is looked at of a change is enough: no problem comes with it that the whole policies do not show."""
    assert UTF8
    old = Source("policy", text_, UTF8)
    new = planned(old, config, state="replaced").result
    wanted = desired.check(config, desired.Options(allow_unknown=True))
    before, after = Policy(old), Policy(new)
    asked = [rule for rule in judge.RULES if rule.effect is not Effect.IGNORED]
    touched = judge.touched(after, {want.key: want.path for want in wanted})
    views = [
        [Examined(Stack((one,)), statements.Level(release), only) for one in (before, after)]
        for only in (None, touched)
    ]
    whole, part = ({problem.key for _rule, problem in brought(asked, *both)} for both in views)
    event(f"{len(whole)} problems")
    assert part == whole


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("## Created by the IBM Configuration Assistant for z/OS Communications Server", 1),
        ("LogLevel 31\n  # end of configuration assistant information", 2),
        ("TTLSRule ConfigurationAssistant", None),
        ("Configuration Assistant", None),
    ],
)
def test_what_the_configuration_assistant_made(line: str, found: int | None) -> None:
    assert text.exported(line) == found
