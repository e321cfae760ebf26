# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables of roles are judged one by one, in sentences that show no value."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, StrictUndefined

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.variables import (
    PLAYBOOKS,
    Variables,
    chosen,
    misspelt,
)
from tests.growth import grows

SECRET = "ZcsSecret"
OPTIONS: dict[str, dict[str, Any]] = {
    "r_dir": {"type": "path", "required": True},
    "r_text": {"type": "str"},
    "r_password": {"type": "str", "no_log": True},
    "r_days": {"type": "int"},
    "r_share": {"type": "float"},
    "r_backup": {"type": "bool"},
    "r_way": {"type": "str", "choices": ["", "operator", "mbean"]},
    "r_version": {"type": "str", "choices": ["2.0", "3.0"]},
    "r_items": {"type": "list", "elements": "dict"},
    "r_codes": {"type": "list", "elements": "int"},
    "r_names": {"type": "list"},
    "r_map": {"type": "dict"},
    "r_any": {"type": "raw"},
}


def complaints(**raw: Any) -> list[str]:
    """Judge variables with a small stand-in for Ansible's templates: a whole template refers to another variable."""

    def evaluate(given: Any) -> Any:
        if isinstance(given, dict):
            return {key: evaluate(value) for key, value in given.items()}
        if isinstance(given, list):
            return [evaluate(value) for value in given]
        if not isinstance(given, str) or "{" not in given:
            return given
        rendered = Environment(undefined=StrictUndefined).from_string(given)
        try:
            return rendered.render(
                {name: evaluate(value) for name, value in raw.items() if re.search(rf"\b{name}\b", given)}
            )
        except Exception as e:
            raise ValueError(f"An unhandled exception occurred while templating {raw}") from e

    return Variables({"r_dir": "/d", **raw}, evaluate).complaints(OPTIONS)


NOT_SOUGHT = (
    "The path issued/nobody.pem is not sought beside the inventory; for a file there write inventory_dir ~ "
    "'/issued/nobody.pem'."
)
WRONG = {
    "a whole number": ({"r_days": "soon"}, "r_days: must be a whole number, not text."),
    "a whole number, a list": ({"r_days": [SECRET]}, "r_days: must be a whole number, not a list."),
    "a number": ({"r_share": SECRET}, "r_share: must be a number, not text."),
    "true or false": ({"r_backup": SECRET}, "r_backup: must be true or false, not text."),
    "text": ({"r_text": {"a": SECRET}}, "r_text: must be text, not a mapping."),
    "text in a list": ({"r_password": [SECRET]}, "r_password: must be text, not a list."),
    "a path": ({"r_dir": [SECRET]}, "r_dir: must be text, not a list."),
    "an empty answer": ({"r_dir": " "}, "r_dir: is empty; it has no default."),
    "a list": ({"r_names": {"a": SECRET}}, "r_names: must be a list, not a mapping."),
    "a mapping": ({"r_map": [SECRET]}, "r_map: must be a mapping, not a list."),
    "a mapping, text": ({"r_map": SECRET}, "r_map: must be a mapping, not text."),
    "a mapping, a text that holds a list": ({"r_map": '[1]'}, "r_map: must be a mapping, not text."),
    "mappings, a text that holds one": (
        {"r_items": '{"a": "ZcsSecret"}'},
        "r_items: must be a list of mappings, or text that is one in YAML or JSON.",
    ),
    "mappings, a text that holds others": ({"r_items": '[{"a": 1}, 2]'}, "r_items[1]: must be a mapping, not a number."),
    "nothing": ({"r_items": None}, "r_items: must be a list, not nothing."),
    "an item": ({"r_items": [{}, SECRET]}, "r_items[1]: must be a mapping, not text."),
    "a number in a list": ({"r_codes": [200, SECRET]}, "r_codes[1]: must be a whole number, not text."),
    "a number in a text": ({"r_codes": f"200,{SECRET}"}, "r_codes[1]: must be a whole number, not text."),
    "no choice": ({"r_version": ""}, "r_version: is empty; it must be one of 2.0, 3.0."),
    "a choice": ({"r_version": SECRET}, "r_version: is not one of 2.0, 3.0."),
    "a choice or nothing": (
        {"r_way": "mbeam"},
        "r_way: is neither empty, nor one of operator, mbean; did you mean mbean?",
    ),
    "a choice of another variable": (
        {"r_way": "{{ other_way }}", "other_way": "mbeam"},
        "r_way (from other_way): is neither empty, nor one of operator, mbean; did you mean mbean?",
    ),
    "lost": (
        {"r_password": "$encrypted$"},
        "r_password: the secret is the text that AWX leaves where a password was lost on import; enter the password again.",
    ),
    "lost, a mark": (
        {"r_password": " ******** "},
        "r_password: the secret is a redaction mark (********), so it comes from an output; give the real one.",
    ),
    "not defined": ({"r_text": "{{ nope }}"}, "r_text: the variable nope is not defined."),
    "not defined, two": ({"r_text": "{{ nope ~ never }}"}, "r_text: the variables never, nope are not defined."),
    "not defined, deep": (
        {"r_items": [{"password": SECRET}, {"password": SECRET, "keys": {"alias": "{{ nope }}"}}]},
        "r_items[1].keys.alias: the variable nope is not defined.",
    ),
    "not defined, elsewhere": (
        {"r_items": "{{ declared }}", "declared": [{"password": SECRET, "alias": "{{ nope }}"}]},
        "declared[0].alias: the variable nope is not defined.",
    ),
    "not defined, elsewhere, by its name": (
        {"r_text": "{{ lookup('declared') }}", "declared": [SECRET, "{{ nope }}"]},
        "declared[1]: the variable nope is not defined.",
    ),
    "no template": (
        {"r_text": f"{SECRET}{{{{ 'x' | }}}}"},
        "r_text: its template cannot be evaluated (TemplateSyntaxError); try that alone to see why.",
    ),
    "no value": (
        {"r_text": f"{SECRET}{{{{ 1 // r_days }}}}", "r_days": 0},
        "r_text: its template cannot be evaluated (ZeroDivisionError); try that alone to see why.",
    ),
    "no filter": (
        {"r_text": f"{SECRET}{{{{ 'x' | from_nowhere }}}}"},
        "r_text: its template cannot be evaluated (TemplateAssertionError); try that alone to see why.",
    ),
    "no file": (
        {"r_text": "{{ lookup('ansible.builtin.file', 'issued/nobody.pem') }}"},
        f"r_text: its template cannot be evaluated (UndefinedError); try that alone to see why. {NOT_SOUGHT}",
    ),
    "no file, of all files": (
        {"r_text": "{{ lookup('file', '/nobody.pem') }}"},
        "r_text: its template cannot be evaluated (UndefinedError); try that alone to see why.",
    ),
    "a loop's own variable is none": (
        {"r_text": "{% for item in nope %}{{ item }}{% endfor %}"},
        "r_text: the variable nope is not defined.",
    ),
    "a circle": (
        {"r_text": "{{ other }}", "other": "{{ r_text }}"},
        "other: its template cannot be evaluated (RecursionError); try that alone to see why.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_without_a_value(case: str) -> None:
    raw, said = WRONG[case]
    assert complaints(**raw) == [said]
    assert SECRET not in said


def test_what_is_missing_is_said() -> None:
    options = {"r_dir": {"type": "path", "required": True}, "r_text": {"type": "str"}}
    assert Variables({}, lambda value: value).complaints(options) == ["r_dir: is missing; it has no default."]


def test_what_fails_as_a_whole_only_is_said() -> None:
    def evaluate(given: Any) -> Any:
        if isinstance(given, list):
            raise ValueError(SECRET)
        return given

    assert Variables({"r_items": [SECRET]}, evaluate).complaints({"r_items": {"type": "list"}}) == [
        "r_items: cannot be evaluated."
    ]


@pytest.mark.parametrize(
    "raw",
    [
        {"r_days": "30", "r_backup": "yes", "r_share": "0.5"},  # as surveys give them
        {"r_text": 1, "r_version": 2.0, "r_way": ""},  # as YAML makes them
        {"r_names": "a,b", "r_codes": "200,201", "r_items": [], "r_map": {}},
        {"r_items": '[{"a": 1, "b": 2}]', "r_map": "a: 1"},  # as a survey gives lists and mappings
        {"r_names": "", "r_codes": ""},  # as a survey leaves a list that nobody fills in
        {"r_any": [SECRET], "r_password": SECRET, "r_text": "$encrypted$"},  # only a secret can be lost as one
        {"r_text": "{{ r_days }}", "r_days": 1, "r_items": [{"a": "{{ r_text }}"}]},
        {"other": "{{ nope }}", "r_text": "other"},  # nobody asks for it
    ],
)
def test_what_is_right_stays_unsaid(raw: dict[str, Any]) -> None:
    assert complaints(**raw) == []


def test_no_value_stands_in_a_representation() -> None:
    assert SECRET not in repr(Variables({"r_text": SECRET}, str))


def test_a_part_of_a_role_needs_some_variables_only() -> None:
    assert chosen(OPTIONS, None) == OPTIONS
    assert list(chosen(OPTIONS, ["r_days", "r_text"])) == ["r_text", "r_days"]
    assert list(chosen(OPTIONS, ["r_days", "r_text"], ["r_text"])) == ["r_days"]
    assert "r_days" not in chosen(OPTIONS, None, ["r_days"])
    for arguments, said in {(("r_dsya",), ()): "only: r_dsya", (("r_days",), ("r_txt",)): "skip: r_txt"}.items():
        with pytest.raises(SecurityError) as e:
            chosen(OPTIONS, *arguments)
        assert str(e.value) == f"{said} is no variable of the role; correct the name."


class TestRefused:
    """What a filter refuses is told by its sentence alone."""

    @staticmethod
    def evaluate(name: str) -> object:
        def filtered() -> None:
            try:
                raise SecurityError("cics.port: is missing; it has no default.")
            except SecurityError as e:
                raise ValueError("The filter plugin 'connection_plan' failed") from e

        if name == "refused":
            try:
                filtered()
            except ValueError as e:
                raise RuntimeError(f"Error while evaluating {SECRET}") from e
        if name == "broken":
            raise RuntimeError("no reason of ours")
        return name

    def test_the_sentence_alone(self) -> None:
        with pytest.raises(SecurityError) as caught:
            Variables({"plan": "made", "other": "refused"}, self.evaluate).refuse(["plan", "other"])
        assert str(caught.value) == "cics.port: is missing; it has no default."

    def test_other_failures_stay_what_they_are(self) -> None:
        with pytest.raises(RuntimeError, match="no reason of ours"):
            Variables({"plan": "broken"}, self.evaluate).refuse(["plan"])

    def test_what_can_be_evaluated_is_no_failure(self) -> None:
        Variables({"plan": "made"}, self.evaluate).refuse(["plan"])


ROLES = {"connections": ["connections_refresh_url", "connections_ca"], "renew": ["renew_days"]}


class TestMisspelt:
    @pytest.mark.parametrize(
        ("name", "said"),
        [
            (
                "connections_refesh_url",
                (
                    "connections_refesh_url: is no variable of role connections; did you mean connections_refresh_url? "
                    "One of your own must not begin with connections_."
                ),
            ),
            (
                "renew_ca",
                "renew_ca: is no variable of role renew; did you mean connections_ca? One of your own must not begin with renew_.",
            ),
            ("renew_x", "renew_x: is no variable of role renew. One of your own must not begin with renew_."),
            (
                "zosconnect_conections",
                (
                    "zosconnect_conections: is no variable of playbooks; did you mean zosconnect_connections? "
                    "One of your own must be less like it."
                ),
            ),
        ],
    )
    def test_it_is_told_with_what_is_near(self, name: str, said: str) -> None:
        assert misspelt(["connections_ca", name], ROLES) == [said]

    def test_some_are_told_of_many_and_long_ones_in_short(self) -> None:
        said = misspelt([f"renew_{number}{'x' * 200}" for number in range(10_007)], ROLES)
        assert (len(said), said[5]) == (6, "10,002 more variables are unknown likewise.")
        assert said[0].startswith("renew_0xx")
        assert "… (207 characters): is no variable of role renew." in said[0]

    @pytest.mark.parametrize(
        "name",
        [
            "connections_ca",
            "connections__plan",  # internal
            "connections",
            "connection_s",
            "renew_days",
            "renewal_days",
            "mutual_tls_requester_x",  # a role that does not run
            "zosconnect_restore",
            "zosconnect_home",  # somebody's own
            "zosconnect_connections_of_test",  # likewise
            "my_connections_ca",
        ],
    )
    def test_what_is_meant_so_stays_unsaid(self, name: str) -> None:
        assert misspelt([name], ROLES) == []

    def test_another_role_whose_name_begins_alike(self) -> None:
        others = ["connections_db", "renew", "conn", "connections"]
        assert misspelt(["connections_db_host", "connections_db__host"], ROLES, others) == []
        assert len(misspelt(["connections_dbhost", "renew_x"], ROLES, others)) == 2

    def test_many_variables_take_no_time(self) -> None:
        def work(count: int) -> Callable[[], object]:
            def run() -> None:
                assert misspelt((f"zosconnect_of_site_{number}" for number in range(count)), ROLES) == []

            return run

        grows(work, 2500, 10_000)


def test_every_variable_of_a_playbook_is_known() -> None:
    root = Path(__file__).parents[2]
    texts = [
        path.read_text(encoding="utf-8") for path in [*root.glob("playbooks/**/*.yml"), *root.glob("roles/*/*/*.yml")]
    ]
    # Elements of server.xml begin so as well, as do one key of a declaration, the group of servers, and prefixes.
    others = {
        "zosconnect_version",
        "zosconnect_servers",
        "zosconnect_access",
        "zosconnect_marker",
        "zosconnect_report_",
    }
    names = {
        name
        for text in texts
        for name in re.findall(r"(?<![\w])zosconnect_[a-z_]+", text)
        if not re.match("zosconnect_(api|zos|endpoint$|auth|servi)", name)
    }
    assert names - others == set(PLAYBOOKS) - (others - names)
