"""A page of the results: one HTML file that needs no other, runs nothing, and holds whatever text a stranger put into it."""

import re
from collections.abc import Collection, Iterable, Sequence
from html import escape
from pathlib import Path

from embedcourse.grading.tables import replace
from embedcourse.notebook import feedback

# What has no shape, or turns a line of text around, or is half a pair of surrogates.
_UNSAYABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1f; --soft: #55555e; --ground: #fff; --panel: #f4f4f6; --line: #d4d4da;
  --passed: #11713a; --failed: #8a5a00; --error: #b3261e; --none: #62626b; --bar: #3b6ea8; --link: #0b57a4; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8ec; --soft: #b0b0ba; --ground: #17171a; --panel: #222227;
  --line: #3c3c44; --passed: #5fd08a; --failed: #f0b544; --error: #ff8a7d; --none: #a0a0aa; --bar: #7fb0ea;
  --link: #8ebcff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem 1rem 3rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .2rem 0 1rem; }
h2 { font-size: 1.25rem; margin: 2rem 0 .6rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 0 0 .3rem; }
p, ul, ol, dl { margin: .5rem 0; max-width: 46rem; }
a { color: var(--link); }
.soft, small { color: var(--soft); }
.warn { border: 2px solid var(--error); padding: .5rem .8rem; background: var(--panel); }
.next { border-left: .3rem solid var(--bar); padding: .3rem .8rem; background: var(--panel); }
.card { border-left: .3rem solid var(--none); background: var(--panel); padding: .7rem .9rem; margin: .8rem 0;
  break-inside: avoid; }
.card.passed { border-color: var(--passed); } .card.failed { border-color: var(--failed); }
.card.error { border-color: var(--error); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .6rem 0; }
caption { text-align: left; color: var(--soft); }
th, td { text-align: left; vertical-align: top; padding: .15rem 1rem .15rem 0; border-bottom: 1px solid var(--line);
  font-weight: normal; }
thead th { font-weight: 600; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; } td.number { white-space: nowrap; }
th, td { overflow-wrap: break-word; min-width: 3rem; } td.long { min-width: 15rem; }
.card > :last-child { margin-bottom: 0; }
dt { color: var(--soft); } dd { margin: 0 0 .3rem; font-weight: 600; }
.facts { display: flex; flex-wrap: wrap; gap: .2rem 2rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .92em; }
pre { white-space: pre-wrap; margin: .3rem 0; padding: .4rem .6rem; border: 1px solid var(--line); max-height: 30rem;
  overflow: auto; }
.answer { white-space: pre-wrap; border: 1px solid var(--line); padding: .6rem .8rem; margin: .3rem 0 1rem; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg .bar { fill: var(--bar); } svg .axis { stroke: var(--soft); } figure { margin: .5rem 0; }
@media print { :root { --ink: #000; --soft: #333; --ground: #fff; --panel: #fff; --line: #999; --passed: #11713a;
  --failed: #8a5a00; --error: #b3261e; --none: #62626b; --bar: #3b6ea8; --link: #000; }
  main { max-width: none; padding: 0; } .wide { overflow: visible; } table { font-size: .85rem; }
  th, td { padding-right: .5rem; min-width: 0; } pre { max-height: none; }
  .leaf { break-before: page; } h2, h3 { break-after: avoid; } }
"""
_HEAD = (
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'\">\n"
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n'
    f"<title>%s</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
).split("%s")


def page(title: str, body: Iterable[str]) -> str:
    """A whole page of pieces of HTML; `title` is plain text."""
    return "".join((_HEAD[0], text(title), _HEAD[1], "\n".join(body), "\n</main>\n</body>\n</html>\n"))


def text(anything: object) -> str:
    """Anybody's text as HTML, without signs that would move the reader's cursor or turn a line around."""
    return escape(_UNSAYABLE.sub("\N{REPLACEMENT CHARACTER}", str(anything)))


def said(sentence: str) -> str:
    """A sentence as HTML, in which what stands between backticks is code."""
    return feedback.inline(_UNSAYABLE.sub("\N{REPLACEMENT CHARACTER}", sentence))


def name(student: str) -> str:
    """A name, which may be written from right to left."""
    return f"<bdi>{text(student)}</bdi>"


def table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: Collection[int] = (),
    long: Collection[int] = (),
) -> str:
    """A table of cells that are HTML already; the first of each row is its head.

    numbers, long   the columns of numbers, and those of sentences
    """
    kinds = (
        ' class="number"' if column in numbers else ' class="long"' if column in long else ""
        for column in range(len(heads))
    )
    kind = list(kinds)
    top = "".join(f'<th scope="col"{kind[column]}>{head}</th>' for column, head in enumerate(heads))
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{kind[column]}>{cell}</td>" if column else f'<th scope="row"{kind[0]}>{cell}</th>'
            for column, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return wide(
        f"<table><caption>{caption}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>", caption
    )


def wide(body: str, label: str) -> str:
    """Something that may be wider than the window: it scrolls by itself, also from the keyboard."""
    return f'<div class="wide" tabindex="0" role="group" aria-label="{label}">{body}</div>'


def keep(path: Path, page: str) -> None:
    """Write a page, if it is not there already just so."""
    try:
        if path.read_text(encoding="utf-8") == page:
            return
    except (OSError, UnicodeDecodeError):
        pass
    replace(path, page)
