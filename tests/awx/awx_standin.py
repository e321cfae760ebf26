# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the REST API of AWX: what the modules of awx.awx and the command `awx import` ask of it.

Objects are in memory. Where AWX takes a field that it does not know and forgets it, this refuses it, so that a test sees.
What it does not do is run jobs: one that is launched has ended, and its events are those of ``events``. See awx_resources.py for what objects are made of, and awx_rules.py for what is refused.
"""

from __future__ import annotations

import base64
import itertools
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import awx_rules
from awx_resources import PROMPTS, RESOURCES, ROLE_NAMES, TEMPLATES, Field, Json, Resource

API = "/api/v2/"
USER, PASSWORD, TOKEN = "admin", "Marker-awx-password", "Marker-awx-token"  # of a stand-in
VERSION = "24.6.1"
PAGE = 25
# Kinds of objects of which there are none here.
_NONE = ("system_job_templates", "hosts", "groups", "credential_input_sources", "instances")
# What every list can be asked for, besides fields.
_ALWAYS = {"page", "page_size", "order_by", "search", "id", "type"}


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, said: Json) -> None:
        super().__init__(status, said)
        self.status, self.said = status, said


class Awx:
    """An AWX with the organization Default, and the Git server of its projects.

    Attributes:
        repository: the playbooks on the Git server; None while AWX cannot fetch it.
        fetched: the playbooks that AWX found in a project, by its id, when it fetched that the last time.
    """

    def __init__(self, playbooks: list[str] | None) -> None:
        self.repository = playbooks
        self.fetched: dict[int, list[str]] = {}
        self.updates: dict[int, list[Json]] = {}
        self.told: list[Json] = []
        self.rows: dict[str, dict[int, Json]] = {name: {} for name in RESOURCES}
        self.lists: dict[tuple[str, int, str], list[int]] = {}
        self.surveys: dict[tuple[str, int], Json] = {}
        self.roles: dict[int, tuple[str, int, str]] = {}
        self.holders: dict[tuple[int, str], list[int]] = {}
        self.requests: list[tuple[str, str]] = []
        self.launches: list[Json] = []
        self.events: list[Json] = []
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self.create("organizations", {"name": "Default"})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def named(self, resource: str, name: str) -> Json:
        """Return the one object of that name."""
        key = "identifier" if resource == "workflow_job_template_nodes" else "name"
        (row,) = [row for row in self.rows[resource].values() if row[key] == name]
        return row

    def related(self, resource: str, row: Json, name: str) -> list[int]:
        """Return the ids in a list that belongs to an object."""
        return self.lists.get((resource, row["id"], name), [])

    def answer(self, method: str, path: str, query: list[tuple[str, str]], sent: Json) -> tuple[int, Any]:
        """Return status and body."""
        with self._lock:
            if path == "/api/":
                return 200, {"current_version": API, "available_versions": {"v2": API}}
            parts = path.removeprefix(API).strip("/").split("/")
            if parts == [""]:
                names = {name: f"{API}{name}/" for name in [*RESOURCES, *_NONE, "unified_job_templates", "roles"]}
                return 200, {**names, "inventory": f"{API}inventories/"}
            if parts[0] == "tokens":
                return (201, {"id": 1, "token": TOKEN}) if method == "POST" else (204, None)
            if parts[0] == "me":
                return 200, {"count": 1, "next": None, "results": [{"id": 1, "username": USER, "type": "user"}]}
            if parts[0] == "project_updates":
                (found,) = [one for of in self.updates.values() for one in of if one["id"] == int(parts[1])]
                return 200, found
            if parts[0] == "jobs":
                below = _page(path, self.events, query) if len(parts) > 2 else _job(int(parts[1]))
                return 200, below
            if parts[0] == "roles":
                return self._role(method, parts, query, sent)
            if len(parts) == 1:
                return self._list(method, parts[0], query, sent)
            row = self._row(parts[0], parts[1])
            if len(parts) == 2:
                return self._one(method, parts[0], row, sent)
            return self._below(method, parts[0], row, parts[2], query, sent)

    # Lists and objects

    def _list(self, method: str, resource: str, query: list[tuple[str, str]], sent: Json) -> tuple[int, Any]:
        if resource == "unified_job_templates":
            shown = [self.shown(name, row) for name in TEMPLATES for row in self.rows[name].values()]
            return 200, _page(f"{API}{resource}/", [row for row in shown if self._wanted(row, query, None)], query)
        if resource in _NONE:
            return 200, _page("", [], query) if method == "GET" else {"actions": {}, "description": ""}
        if resource not in RESOURCES:
            raise Refused(404, {"detail": "The requested resource could not be found."})
        if method == "OPTIONS":
            return 200, _options(RESOURCES[resource])
        if method == "POST":
            return 201, self.shown(resource, self.create(resource, sent))
        shown = [self.shown(resource, row) for row in self.rows[resource].values()]
        return 200, _page(f"{API}{resource}/", [r for r in shown if self._wanted(r, query, RESOURCES[resource])], query)

    def _wanted(self, row: Json, query: list[tuple[str, str]], resource: Resource | None) -> bool:
        known = {*row, *_ALWAYS, *(resource.fields if resource else ())}
        either = [(key.removeprefix("or__"), value) for key, value in query if key.startswith("or__")]
        every = [
            (key, value) for key, value in query if not key.startswith("or__") and key not in _ALWAYS - {"id", "type"}
        ]
        for key, _value in [*every, *either]:
            if resource and key.partition("__")[0] not in known:
                raise Refused(400, {"detail": f"{row['type']} has no field named '{key}'"})
        fits = [self._fits(row, key, value) for key, value in either]
        return all(self._fits(row, key, value) for key, value in every) and (not fits or any(fits))

    def _fits(self, row: Json, key: str, value: str) -> bool:
        name, _, below = key.partition("__")
        if below and row.get(name) is not None:
            other = "organizations" if name == "organization" else f"{name}s"
            return str(self.rows[other][row[name]].get(below)) == value
        # A template waiting for approval is of another type than its jobs are.
        return str(row.get(name)) == value and not below

    def create(self, resource: str, sent: Json) -> Json:
        kind = RESOURCES[resource]
        row = {name: spec.default for name, spec in kind.fields.items()}
        row["id"] = next(self._ids)
        self._fill(resource, row, sent)
        missing = [name for name, spec in kind.fields.items() if spec.required and row[name] in ("", None)]
        if missing:
            raise Refused(400, {name: ["This field is required."] for name in missing})
        self._judge(resource, row)
        self.rows[resource][row["id"]] = row
        if resource == "projects":
            self._update(row)
        for role in kind.roles:
            self.roles[next(self._ids)] = (resource, row["id"], role)
        return row

    def _update(self, project: Json) -> Json:
        """Fetch a project, as AWX does of itself only when it is new or its place changes; it has ended at once."""
        if self.repository is not None:
            self.fetched[project["id"]] = list(self.repository)
        failed, number = self.repository is None, next(self._ids)
        status, url = ("failed" if failed else "successful"), f"{API}project_updates/{number}/"
        update = {"id": number, "url": url, "status": status, "failed": failed, "finished": "now"}
        update["scm_revision"] = "0" * 40
        self.updates.setdefault(project["id"], []).append(update)
        return update

    def _one(self, method: str, resource: str, row: Json, sent: Json) -> tuple[int, Any]:
        if method == "OPTIONS":
            return 200, _options(RESOURCES[resource])
        if method in ("PATCH", "PUT"):
            changed = dict(row)
            self._fill(resource, changed, sent)
            used = any(one["credential_type"] == row["id"] for one in self.rows["credentials"].values())
            if resource == "credential_types" and used and changed["inputs"] != row["inputs"]:
                said = "Modifications to inputs are not allowed for credential types that are in use"
                raise Refused(403, {"detail": said})
            self._judge(resource, changed)
            moved = resource == "projects" and any(changed[key] != row[key] for key in ("scm_url", "scm_branch"))
            row.update(changed)
            if moved:
                self._update(row)
        if method == "DELETE":
            del self.rows[resource][row["id"]]
            for ids in self.lists.values():
                ids[:] = [one for one in ids if one != row["id"]]
            return 204, None
        return 200, self.shown(resource, row)

    def _fill(self, resource: str, row: Json, sent: Json) -> None:
        """Take what was sent, each field as it must be."""
        kind = RESOURCES[resource]
        for name, value in sent.items():
            spec = kind.fields.get(name)
            if spec is None:
                if name in kind.read_only:
                    continue
                raise Refused(400, {name: [f"{kind.type} has no such field."]})
            row[name] = self._value(name, spec, value)
        if "organization" in kind.read_only:
            of, name = ("projects", "project") if "project" in row else ("inventories", "inventory")
            row["organization"] = self.rows[of].get(row[name] or 0, {}).get("organization")

    def _value(self, name: str, spec: Field, value: Any) -> Any:
        if spec.kind == "id" and value is not None:
            if not any(
                value in self.rows[of] for of in (TEMPLATES if spec.of == "unified_job_templates" else [spec.of])
            ):
                raise Refused(400, {name: [f'Invalid pk "{value}" - object does not exist.']})
        elif spec.kind == "choice" and value not in spec.choices:
            raise Refused(400, {name: [f'"{value}" is not a valid choice.']})
        elif spec.kind == "boolean" and not isinstance(value, (bool, type(None))):
            raise Refused(400, {name: ["Must be a valid boolean."]})
        elif spec.kind == "integer" and type(value) is not int:
            raise Refused(400, {name: ["A valid integer is required."]})
        elif spec.kind == "string" and not isinstance(value, (str, type(None))):
            raise Refused(400, {name: ["Not a valid string."]})
        return value

    def _judge(self, resource: str, row: Json) -> None:
        kind = RESOURCES[resource]
        for other in self.rows[resource].values():
            if kind.unique and other["id"] != row["id"] and all(other[key] == row[key] for key in kind.unique):
                label = kind.type.replace("_", " ").capitalize()
                raise Refused(400, {"__all__": [f"{label} with this {' and '.join(kind.unique)} already exists."]})
        judge = getattr(self, f"_judge_{kind.type}", None)
        if judge:
            judge(row)

    def _judge_credential_type(self, row: Json) -> None:
        why = awx_rules.credential_type(row["inputs"], row["injectors"])
        if why:
            raise Refused(400, {"injectors": [why]})

    def _judge_job_template(self, row: Json) -> None:
        if not row["project"]:
            raise Refused(400, {"project": ["This field is required."]})
        if row["playbook"] not in self.fetched.get(row["project"], ()):
            raise Refused(400, {"playbook": ["Playbook not found for project."]})
        if not row["inventory"] and not row["ask_inventory_on_launch"]:
            raise Refused(400, {"inventory": ["You must either set a default value or ask to prompt on launch."]})

    def _judge_inventory_source(self, row: Json) -> None:
        if row["source"] == "scm" and not row["source_project"]:
            raise Refused(400, {"source_project": ["Project required for scm type sources."]})

    def _judge_schedule(self, row: Json) -> None:
        if not row["rrule"].startswith("DTSTART") or "RRULE:" not in row["rrule"] or "INTERVAL=" not in row["rrule"]:
            raise Refused(400, {"rrule": ["DTSTART, RRULE and INTERVAL are required in rrule."]})
        self._judge_prompts(row, all_answers=True)

    def _judge_workflow_job_template_node(self, row: Json) -> None:
        if row["unified_job_template"]:
            self._judge_prompts(row, all_answers=False)

    def _judge_prompts(self, row: Json, *, all_answers: bool) -> None:
        """Refuse what the template does not ask for: prompts, and answers without a survey. A schedule has no other."""
        resource, template = next(self._templates(row["unified_job_template"]))
        for field, asked in PROMPTS.items():
            if row[field] not in (None, "") and not template.get(asked):
                raise Refused(400, {field: ["Field is not configured to prompt on launch."]})
        spec = self.surveys.get((resource, template["id"]), {}) if template.get("survey_enabled") else {}
        names = {question["variable"] for question in spec.get("spec", ())}
        strange = sorted(row["extra_data"].keys() - names)
        if strange and not template.get("ask_variables_on_launch"):
            said = f"Variables {', '.join(strange)} are not allowed on launch. Check the Prompt on Launch setting."
            raise Refused(400, {"extra_data": [said]})
        wrong = awx_rules.answers(spec, row["extra_data"], all_of_them=all_answers)
        if wrong:
            raise Refused(400, {"variables_needed_to_start": wrong})

    def _templates(self, number: int) -> Iterator[tuple[str, Json]]:
        yield from ((name, self.rows[name][number]) for name in TEMPLATES if number in self.rows[name])

    # What is shown

    def shown(self, resource: str, row: Json) -> Json:
        kind = RESOURCES[resource]
        url = f"{API}{resource}/{row['id']}/"
        related = {name: f"{url}{name}/" for name in kind.related}
        for name, spec in kind.fields.items():
            if spec.kind == "id" and row[name]:
                of = spec.of if spec.of in self.rows else next(self._templates(row[name]))[0]
                related[name] = f"{API}{of}/{row[name]}/"
        # AWX takes no organization of an inventory source, and shows none.
        plain = {key: value for key, value in row.items() if (resource, key) != ("inventory_sources", "organization")}
        if plain.get("organization"):
            related["organization"] = f"{API}organizations/{row['organization']}/"
        if "survey_enabled" in row:
            related["survey_spec"] = f"{url}survey_spec/"
        if resource == "workflow_job_template_nodes":
            related["create_approval_template"] = f"{url}create_approval_template/"
        if kind.roles:
            related["object_roles"] = f"{url}object_roles/"
        owned = {
            role: {"id": number} for number, (of, one, role) in self.roles.items() if (of, one) == (resource, row["id"])
        }
        told = {**plain, "type": kind.type, "url": url, "related": related, "summary_fields": {"object_roles": owned}}
        if resource == "credential_types":
            told["managed"] = False
        if resource == "projects":
            last = self.updates[row["id"]][-1]
            told |= {"scm_revision": "0" * 40, "status": last["status"]}
            related["update"] = f"{url}update/"
            # While it runs AWX names it as the current one too, and the modules wait for that.
            told["summary_fields"] |= {"last_update": last} | ({} if last in self.told else {"current_update": last})
            self.told.append(last)
        if resource == "credentials":
            told["inputs"] = self._hidden(row)
        return told

    def _hidden(self, credential: Json) -> Json:
        kind = self.rows["credential_types"][credential["credential_type"]]
        secret = {item["id"] for item in kind["inputs"].get("fields", ()) if item.get("secret")}
        return {key: awx_rules.ENCRYPTED if key in secret else value for key, value in credential["inputs"].items()}

    def _row(self, resource: str, number: str) -> Json:
        row = self.rows.get(resource, {}).get(int(number) if number.isdecimal() else 0)
        if row is None:
            raise Refused(404, {"detail": "The requested resource could not be found."})
        return row

    # What belongs to an object

    def _below(
        self, method: str, resource: str, row: Json, name: str, query: list[tuple[str, str]], sent: Json
    ) -> tuple[int, Any]:
        own = self._own(method, resource, row, name, query, sent)
        if own:
            return own
        if name not in RESOURCES[resource].related:
            raise Refused(404, {"detail": "The requested resource could not be found."})
        of = _members(name)
        if name == "roles":
            if method == "OPTIONS":
                return 200, _options(Resource("role", {"id": Field("integer")}))
            if method == "POST":
                self.holders.setdefault((int(sent["id"]), resource), []).append(row["id"])
                return 204, None
        if method == "OPTIONS":
            fields = {} if of in ("workflow_job_template_nodes", "schedules") else {"id": Field("integer")}
            kind = RESOURCES[of]
            return 200, _options(Resource(kind.type, {**kind.fields, **(fields if name != "workflow_nodes" else {})}))
        if method == "POST" and "id" not in sent:
            key = "workflow_job_template" if name == "workflow_nodes" else "unified_job_template"
            return 201, self.shown(of, self.create(of, {**sent, key: row["id"]}))
        if method == "POST":
            return self._associate(resource, row, name, of, sent)
        if name == "workflow_nodes":
            found = [one for one in self.rows[of].values() if one["workflow_job_template"] == row["id"]]
        else:
            found = [self.rows[of][number] for number in self.related(resource, row, name)]
        return 200, _page(f"{API}{resource}/{row['id']}/{name}/", [self.shown(of, one) for one in found], query)

    def _own(
        self, method: str, resource: str, row: Json, name: str, query: list[tuple[str, str]], sent: Json
    ) -> tuple[int, Any] | None:
        """Answer for what is no list of other objects."""
        if name == "launch":
            return self._launch(row, sent)
        if resource == "projects" and name in ("playbooks", "update"):
            return (200, self.fetched.get(row["id"], [])) if name == "playbooks" else (202, self._update(row))
        if name == "survey_spec" and "survey_enabled" in row:
            return self._survey(method, (resource, row["id"]), sent)
        if name == "object_roles":
            return 200, _page(f"{API}{resource}/{row['id']}/{name}/", list(self._roles_of(resource, row)), query)
        if name == "create_approval_template":
            return self._approval(method, row, sent)
        return None

    def _launch(self, template: Json, sent: Json) -> tuple[int, Any]:
        """Launch a template as far as AWX judges it: what may be said, and the answers."""
        asked = {"credentials": "ask_credential_on_launch", **PROMPTS}
        strange = [name for name in sent if name != "extra_vars" and not template[asked[name]]]
        if strange:
            raise Refused(400, {strange[0]: ["Field is not configured to prompt on launch."]})
        spec = self.surveys.get(("job_templates", template["id"]), {})
        wrong = awx_rules.answers(spec, sent.get("extra_vars", {}))
        if wrong:
            raise Refused(400, {"variables_needed_to_start": wrong})
        self._judge_credentials(template, sent)
        self.launches.append({"template": template["name"], **sent})
        return 201, _job(len(self.launches))

    def _judge_credentials(self, template: Json, sent: Json) -> None:
        """Refuse a launch that leaves out what is attached, without another credential of that type."""
        rows = self.rows["credentials"]
        given = {rows[one]["credential_type"] for one in sent.get("credentials", ())}
        attached = [rows[one] for one in self.related("job_templates", template, "credentials")]
        left = [one for one in attached if one["credential_type"] not in given]
        if "credentials" in sent and left:
            kinds = ", ".join(self.rows["credential_types"][one["credential_type"]]["name"] for one in left)
            names = ", ".join(f"{one['name']}-{one['id']}" for one in left)
            said = (
                f"Removing {kinds} credential at launch time without replacement is not supported. "
                f"Provided list lacked credential(s): {names}."
            )
            raise Refused(400, {"credentials": [said]})

    def _associate(self, resource: str, row: Json, name: str, of: str, sent: Json) -> tuple[int, Any]:
        number, ids = int(sent["id"]), self.lists.setdefault((resource, row["id"], name), [])
        if number not in self.rows[of]:
            raise Refused(400, {"detail": "The requested resource could not be found."})
        if sent.get("disassociate"):
            ids[:] = [one for one in ids if one != number]
        elif number not in ids:
            kinds = {self.rows[of][one].get("credential_type") for one in ids}
            if name == "credentials" and self.rows[of][number]["credential_type"] in kinds:
                label = self.rows["credential_types"][self.rows[of][number]["credential_type"]]["name"]
                raise Refused(400, {"error": f"Cannot assign multiple {label} credentials."})
            ids.append(number)
        return 204, None

    def _survey(self, method: str, key: tuple[str, int], sent: Json) -> tuple[int, Any]:
        if method == "OPTIONS":
            return 200, {"actions": {"POST": {}}}
        if method == "POST":
            why = awx_rules.survey(sent)
            if why:
                raise Refused(400, {"error": why})
            self.surveys[key] = sent
            return 200, None
        if method == "DELETE":
            self.surveys.pop(key, None)
            return 200, None
        return 200, self.surveys.get(key, {})

    def _approval(self, method: str, node: Json, sent: Json) -> tuple[int, Any]:
        if method == "OPTIONS":
            return 200, _options(RESOURCES["workflow_approval_templates"])
        if method != "POST":
            raise Refused(405, {"detail": f'Method "{method}" not allowed.'})
        row = self.create("workflow_approval_templates", sent)
        node["unified_job_template"] = row["id"]
        return 201, self.shown("workflow_approval_templates", row)

    def _roles_of(self, resource: str, row: Json) -> Iterator[Json]:
        for number, (of, one, role) in self.roles.items():
            if (of, one) == (resource, row["id"]):
                yield {
                    "id": number,
                    "type": "role",
                    "name": ROLE_NAMES[role],
                    "url": f"{API}roles/{number}/",
                    "related": {},
                }

    def _role(self, method: str, parts: list[str], query: list[tuple[str, str]], sent: Json) -> tuple[int, Any]:
        number, actors = int(parts[1]), parts[2]
        ids = self.holders.setdefault((number, actors), [])
        if method == "POST":
            ids.append(int(sent["id"]))
            return 204, None
        return 200, _page(
            f"{API}roles/{number}/{actors}/", [self.shown(actors, self.rows[actors][one]) for one in ids], query
        )


def _members(name: str) -> str:
    """Name the resource whose objects are in a list."""
    if name.startswith("notification_templates"):
        return "notification_templates"
    return "workflow_job_template_nodes" if name.endswith("_nodes") else name


def _page(path: str, found: list[Json], query: list[tuple[str, str]]) -> Json:
    asked = dict(query)
    size, number = min(int(asked.get("page_size", PAGE)), 200), int(asked.get("page", 1))
    begin = (number - 1) * size
    more = f"{path}?{urlencode({**asked, 'page': number + 1})}" if begin + size < len(found) else None
    return {"count": len(found), "next": more, "previous": None, "results": found[begin : begin + size]}


def _job(number: int) -> Json:
    return {"id": number, "status": "successful", "url": f"{API}jobs/{number}/"}


def _options(kind: Resource) -> Json:
    fields = {name: {"type": spec.kind, "required": spec.required} for name, spec in kind.fields.items()}
    return {"actions": {"POST": fields, "GET": fields}, "description": "", "search_fields": ["description", "name"]}


def _handler(awx: Awx) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            awx.requests.append((self.command, self.path))
            try:
                if url.path != "/api/" and not self._known():
                    raise Refused(401, {"detail": "Authentication credentials were not provided."})
                sent = json.loads(body) if body else {}
                status, said = awx.answer(self.command, url.path, parse_qsl(url.query, keep_blank_values=True), sent)
            except Refused as e:
                status, said = e.status, e.said
            data = b"" if said is None else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Allow", "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS")
            self.send_header("X-API-Product-Name", "AWX")
            self.send_header("X-API-Product-Version", VERSION)
            self.end_headers()
            self.wfile.write(data)

        def _known(self) -> bool:
            basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            return self.headers.get("Authorization") in (f"Bearer {TOKEN}", f"Basic {basic}")

        def log_message(self, format: str, *args: object) -> None:  # as the class calls it
            """Write nothing."""

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = _do

    return Handler
