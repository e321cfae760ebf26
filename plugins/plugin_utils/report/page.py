# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The template of the HTML report: one page without scripts, which asks nobody for anything. ``html`` fills it.

End tags that HTML does not need are left out of the tables, which are most of a large report.
"""

from __future__ import annotations

STYLE = """\
:root{color-scheme:light dark;--bg:#fff;--ink:#16202c;--soft:#4c5a68;--line:#d5dce3;--card:#f6f8fa;--link:#0b5f8a;
--high:#b3261e;--medium:#8a4b00;--low:#5a6400;--information:#3d5166;--good:#146c43}
@media (prefers-color-scheme:dark){:root{--bg:#12181f;--ink:#e8edf2;--soft:#aab7c4;--line:#35424f;--card:#1a232c;
--link:#7cc4f0;--high:#ff8a80;--medium:#f0b35a;--low:#c9d46a;--information:#a9bdd1;--good:#7fd8a8}}
*{box-sizing:border-box}html{scroll-padding-top:1rem}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"DejaVu Sans",
Arial,sans-serif;overflow-wrap:break-word}
header,main,footer{max-width:64rem;margin:0 auto;padding:1rem 1.25rem}
header{padding-top:2rem;padding-bottom:0}main{padding-top:0}
h1{font-size:1.65rem;line-height:1.25;margin:.25rem 0 .75rem}h2{font-size:1.3rem;margin:2.25rem 0 .75rem;
line-height:1.3}
h3{font-size:1.1rem;margin:1.75rem 0 .5rem}h4{font-size:1rem;margin:0}
a{color:var(--link)}a:focus-visible,[tabindex]:focus-visible,summary:focus-visible{outline:3px solid var(--link);
outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--bg);padding:.25rem .5rem}
.soft,.soft td{color:var(--soft)}p{margin:.4rem 0}ul,ol{margin:.4rem 0;padding-left:1.4rem}li{margin:.2rem 0}
.v{display:inline-block;font-weight:700;border:2px solid;border-radius:.4rem;padding:0 .5rem;font-size:.95rem;
white-space:nowrap}.no{color:var(--high)}.ok{color:var(--good)}.na{color:var(--medium)}
.counts{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.2rem,1fr));gap:.6rem;list-style:none;padding:0;
margin:1rem 0}.counts li{margin:0}.counts a{display:block;height:100%;text-decoration:none;color:inherit;
background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.5rem .75rem}
.counts a:hover{border-color:var(--link)}.counts b{display:block;font-size:1.45rem;line-height:1.2}
.counts span{color:var(--soft);font-size:.9rem}
.high{color:var(--high)}.medium{color:var(--medium)}.low{color:var(--low)}.information{color:var(--information)}
.sev{display:inline-block;font-size:.8rem;font-weight:700;border:1px solid;border-radius:.3rem;padding:0 .4rem}
.tag{display:inline-block;font-size:.8rem;color:var(--soft);border:1px solid var(--line);border-radius:.3rem;
padding:0 .4rem}
figure{margin:1rem 0}.halves{display:flex;max-width:60rem}.halves svg{flex:1 1 0;min-width:0}
.key{display:grid;grid-template-columns:repeat(auto-fill,minmax(15.5rem,1fr));gap:.1rem 1rem;list-style:none;
padding:0;
margin:.75rem 0;font-size:.85rem;color:var(--soft)}.key li{display:flex;gap:.5rem;align-items:center;margin:0}
.key svg{flex:none;width:56px;height:28px}
table{border-collapse:collapse;width:100%;font-size:.93rem}caption{text-align:left;color:var(--soft);font-size:.9rem;
padding-bottom:.3rem}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem .4rem 0;border-bottom:1px solid
var(--line);min-width:4.5rem}thead th{min-width:3rem;font-size:.85rem;color:var(--soft);border-bottom-width:2px}
tbody th{font-weight:600}
.num{font-variant-numeric:tabular-nums;min-width:4rem}
code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.85rem}
pre{overflow-wrap:anywhere;background:var(--card);border:1px solid var(--line);border-radius:.4rem;padding:.5rem .7rem;
margin:.4rem 0;white-space:pre-wrap;user-select:all}
.card{border:1px solid var(--line);border-left:.35rem solid currentColor;border-radius:.5rem;padding:.7rem 1rem;
margin:.8rem 0}.card>*{color:var(--ink)}.card>p.soft{color:var(--soft)}.card>.head .sev{margin-right:.4rem}
.first li{margin:.5rem 0}details{margin:.6rem 0}summary{cursor:pointer}
footer{color:var(--soft);font-size:.9rem;border-top:1px solid var(--line);margin-top:2.5rem}
.server+.server{border-top:3px solid var(--line);margin-top:2.5rem}
@media (max-width:40rem){body{font-size:15px}header,main,footer{padding-left:.9rem;padding-right:.9rem}h1{
font-size:1.4rem}
.halves{display:block}.halves svg{display:block;width:100%;margin-bottom:.5rem}
thead{position:absolute;left:-99rem}tr{display:block;border-bottom:1px solid var(--line);padding:.4rem 0}
th,td{display:block;border:0;padding:.05rem 0}tbody th{font-size:1rem}
td::before{color:var(--soft)}td:empty{display:none}th,td,.num{min-width:0}}
@media print{@page{size:A4;margin:14mm}:root{--bg:#fff;--ink:#000;--soft:#333;--line:#bbb;--card:#f6f6f6;--link:#000;
--high:#b3261e;--medium:#8a4b00;--low:#5a6400;--information:#3d5166;--good:#146c43}body{font-size:10pt}
header,main,footer{max-width:none;padding:0}.skip,.up{display:none}h2,h3,h4{break-after:avoid}
.card,tr,figure,li{break-inside:avoid}.server+.server{break-before:page;border:0}}
"""

PAGE = """\
{%- macro pill(safe) -%}
{%- if safe is none -%}<span class="v na">? NOT KNOWN</span>
{%- elif safe -%}<span class="v ok">✓ SAFE</span>
{%- else -%}<span class="v no">✕ NOT SAFE</span>{%- endif -%}
{%- endmacro -%}
{%- macro severity(word) %}<span class="sev {{ word }}">{{ word }}</span>{% endmacro -%}
{%- macro table(kind, rows) -%}
<table class="{{ kind }}"><caption>{{ tables[kind][0] }}</caption><thead><tr>
{%- for name in tables[kind][1] %}<th scope="col">{{ name }}{% endfor %}<tbody>
{%- for row in rows %}

<tr>{% for cell in row %}{% if loop.first %}<th scope="row">{% else %}<td>{% endif %}{{ cell | soft }}{% endfor %}</tr>
{%- endfor %}</table>
{%- endmacro -%}
{%- macro part(one, level, name, title, rows, nothing) -%}
<h{{ level }} id="{{ one.anchor }}-{{ name }}">{{ title }}</h{{ level }}>
{%- if rows %}{{ table(name, rows) }}{% else %}<p>{{ nothing }}</p>{% endif %}
{%- endmacro -%}
{%- macro marks() -%}
<ul class="key" id="marks" aria-label="What the marks mean">
{%- for mark, said in legend %}
<li><svg viewBox="0 -5 56 34" aria-hidden="true">{{ mark }}</svg>{{ said }}{% endfor %}</ul>
{%- endmacro -%}
{%- macro first(one, level) -%}
<h{{ level }} id="{{ one.anchor }}-first">What to do first</h{{ level }}>
{%- if one.first %}
<ol class="first">
{%- for do in one.first %}
<li>{% if do.severity %}{{ severity(do.severity) }} {% endif %}<a href="#{{ do.to }}">{{ do.what }}</a>
{%- if do.place %} <code>{{ do.place }}</code>{% endif %}
{%- if do.how and not many %}<br><span class="soft">{{ do.how }}</span>{% endif %}{% endfor %}</ol>
{%- else %}<p>No finding of high or medium severity is open.</p>{% endif %}
{%- endmacro -%}
{%- macro about(card) -%}
<p class="soft"><code>{{ card.id }}</code> · {{ card.source }}
{%- for reference in card.references %} · {{ reference | rule }}{% endfor %}</p>
{%- endmacro -%}
{%- macro group(one, level) -%}
<div class="card {{ one.severity }}" id="{{ one.anchor }}">
<h{{ level }}>{{ severity(one.severity) }}
{%- if many %} <a href="#{{ one.id }}">{{ one.card.title }}</a>{% else %} {{ one.card.title }}{% endif %}</h{{ level }}>
{%- if not many %}<p>{{ one.card.why }}</p>{% endif %}
<ul>
{%- for found in one.places %}
<li>{% if found.tag %}<span class="tag">{{ found.tag }}</span> {% endif %}
{{- found.message }} <code>{{ found.place }}</code>
{%- if found.excerpt %}<pre>{{ found.excerpt | text }}</pre>{% endif %}{% endfor %}</ul>
{%- if not many %}<p><strong>What to do:</strong> {{ one.card.action }}</p>{% endif %}
{%- for remedy in one.remedies %}<pre>{{ remedy | text }}</pre>{% endfor %}
{%- if not many %}{{ about(one.card) }}{% endif %}
</div>
{%- endmacro -%}
{%- macro changes(one, level) -%}
<h{{ level }} id="{{ one.anchor }}-changes">Since the report of {{ baseline }}</h{{ level }}>
<p>{{ one.changes }}</p>
{%- if one.gone %}
<ul>{% for found in one.gone %}<li><span class="tag">gone</span> {{ found.message }} <code>{{ found.place }}</code>
{%- endfor %}</ul>{% endif %}
{%- endmacro -%}
{%- macro server(one, h) -%}
{%- if one.explained %}
<h{{ h }} id="{{ one.anchor }}-picture">The picture</h{{ h }}>
<figure><div class="halves">{{ one.picture }}</div>
{%- if not many %}<figcaption class="soft">First who calls the server (IBM's Figure 1), then what it calls (Figure 2).
</figcaption>{{ marks() }}{% endif %}</figure>
{{ first(one, h) }}
{{ part(one, h, "requesters", "API requesters", one.requesters, "None is configured.") }}
{{ part(one, h, "ports", "Ports", one.ports, "No port is open.") }}
{{ part(one, h, "calls", "Calls", one.calls, "It calls nothing.") }}
{{ part(one, h, "certificates", "Certificates", one.certificates, one.no_certificates) }}
<h{{ h }} id="{{ one.anchor }}-findings">Findings</h{{ h }}>
{%- for each in one.groups %}{{ group(each, h + 1) }}{% else %}<p>There is none that counts.</p>{% endfor %}
{%- if one.waivers or not many %}
{{ part(one, h, "waivers", "Waivers", one.waivers, "Nobody accepts anything.") }}{% endif %}
{%- if baseline %}{{ changes(one, h) }}{% endif %}
{%- if not many %}
{{ part(one, h, "standards", "Standards", one.standards, "None was looked at.") }}
{%- for title, rows in one.rules %}
<details><summary>The rules of {{ title }}</summary>{{ table("rules", rows) }}</details>{% endfor %}{% endif %}
{%- if one.unseen %}
<h{{ h }} id="{{ one.anchor }}-unseen">What could not be read, or was not looked at</h{{ h }}>
<ul>{% for said in one.unseen %}<li>{{ said }}{% endfor %}</ul>{% endif %}
<details><summary>What was read in {{ one.server_dir }}</summary>{{ table("files", one.files) }}</details>
{%- else %}<p>{{ one.verdict }}</p>{% endif %}
{%- endmacro -%}
<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
<title>{{ title }}</title><style>{{ style }}</style></head>
<body><a class="skip" href="#main">Skip to the report</a>
<svg width="0" height="0" style="position:absolute" aria-hidden="true">{{ symbols }}</svg>
<header><p class="soft">z/OS Connect security · {{ time }}</p>
<h1>{{ pill(safe) }} {{ sentence }}</h1>
<ul class="counts">
{%- for one in counts %}
<li><a href="#{{ one.to }}"><b{% if one.kind %} class="{{ one.kind }}"{% endif %}>{{ one.number }}</b>
<span>{{ one.what }}</span></a>{% endfor %}</ul></header>
<main id="main">
{%- if many %}
<h2 id="servers">Servers</h2>
{{ table("servers", rows) }}
<h2>What the marks in the pictures mean</h2>{{ marks() }}
{%- for one in servers %}
<section class="server" aria-labelledby="{{ one.anchor }}">
<h2 id="{{ one.anchor }}">{{ one.host }} {{ pill(one.safe) }}</h2>
<p>{{ one.sentence }} <a class="up" href="#servers">All servers</a></p>
{{ server(one, 3) }}</section>{% endfor %}
{%- if cards %}<section class="server" aria-labelledby="about"><h2 id="about">What the findings mean</h2>
{%- for card in cards %}
<h3 id="{{ card.id }}">{{ card.title }}</h3>
<p>{{ card.why }}</p><p><strong>What to do:</strong> {{ card.action }}</p>{{ about(card) }}
{%- endfor %}</section>{% endif %}
{%- else %}
{%- for one in servers %}<section aria-label="{{ one.host }}">{{ server(one, 2) }}</section>{% endfor %}{% endif %}
{%- if many and kept %}
<h2 id="standards">Standards</h2>{{ table("kept", kept) }}
{%- if broken %}{{ table("broken", broken) }}{% endif %}{% endif %}
<h2 id="unseen">What was not looked at{{ " on any server" if many }}</h2>
<ul>{% for said in unseen %}<li>{{ said }}{% endfor %}</ul>
</main>
<footer><p>Made by zosconnect.security {{ version }}, {{ time }}. This file holds no script and fetches nothing;
secrets of the configuration are hidden in it.</p></footer></body></html>
"""
