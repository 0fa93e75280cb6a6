"""What lands on an instructor's desk: trees of files, built in a folder or packed in a zip, each with what becomes of it."""

import copy
import json
import os
import re
import stat
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from embedcourse import catalogue, files

TWO_ANSWERS = (
    "@exercise\ndef build_vocabulary(tokens):\n    return {token: number for number, token in enumerate(dict.fromkeys(tokens))}",
    "@exercise\ndef encode(tokens, vocabulary):\n    return [vocabulary[token] for token in tokens]",
)
OF_LESSON_2 = "@exercise\ndef ppmi(counts):\n    ...\n\n@exercise\ndef cooccurrence(pairs, size):\n    ..."


def cell(source: Any, kind: str = "code", **more: Any) -> dict:
    made = {"cell_type": kind, "metadata": {}, "source": source, **more}
    return {**made, "outputs": [], "execution_count": None} if kind == "code" else made


def tree(*sources: Any, **more: Any) -> dict:
    """A notebook of these cells."""
    cells = [source if type(source) is dict else cell(source) for source in sources]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}


def notebook(*sources: Any, **more: Any) -> bytes:
    return json.dumps(tree(*sources, **more)).encode()


@cache
def _stored(folder: str, number: int) -> str:
    name = catalogue.lesson(number).name
    return (files.course_files() / folder / f"{name}.ipynb").read_text(encoding="utf-8")


def handed_out(number: int) -> dict:
    """The notebook of a lesson, as it is handed out."""
    return json.loads(_stored("lessons", number))


def solved(number: int) -> dict:
    """The notebook of a lesson with right answers in the cells of exercises, all else as handed out."""
    answers = {}
    for there in json.loads(_stored("solutions", number))["cells"]:
        for name in defined(there):
            answers[name] = there["source"]
    made = copy.deepcopy(handed_out(number))
    for there in made["cells"]:
        for name in defined(there):
            there["source"] = answers[name]
    return made


def defined(there: dict) -> list[str]:
    """The exercises in a cell of a notebook."""
    text = "".join(there["source"])
    names = re.findall(r"^(?:def|class) (\w+)", text, re.M) if "@exercise" in text else []
    return [name for name in names if name in catalogue.exercises()]


SMALL = notebook(*TWO_ANSWERS)
OTHER = notebook(*TWO_ANSWERS, "'another one'")
ATTACHED = cell("![](attachment:a.png)", "markdown", attachments={"a.png": {"image/png": "iVBORw0KGgo="}})
FOREIGN = notebook("import antigravity", "def fly(): ...")


@dataclass(frozen=True)
class Old:
    """A file of an earlier time: this many days ago."""

    content: bytes
    days: int


@dataclass(frozen=True)
class Case:
    """A tree of files by their paths, and what becomes of each.

    A content is bytes, or `Old`, or a function that makes something at a path. `taken` tells of each source (student,
    lesson, words of a note), `refused` (student, words of the reason).
    """

    name: str
    tree: dict[str, Any]
    taken: dict[str, tuple] = field(default_factory=dict)
    refused: dict[str, tuple[str, str]] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    root: str = "class"

    @property
    def packable(self) -> bool:
        """Whether a zip of it has the same outcome: it has other limits for what packs too well, and for folders."""
        contents = [content.content if type(content) is Old else content for content in self.tree.values()]
        return all(type(content) is bytes and len(content) < 2**20 for content in contents) and "d/d/d" not in str(
            self.tree
        )


def unpacked(case: Case, folder: Path) -> Path:
    """The tree as files and folders."""
    root = folder / case.root
    root.mkdir()
    for name, content in case.tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if callable(content):
            content(path)
        elif name.endswith("/"):
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(content.content if type(content) is Old else content)
            if type(content) is Old:
                then = time.time() - 86_400 * content.days
                os.utime(path, (then, then))
    return root


def packed(case: Case, folder: Path) -> Path:
    """The tree as one zip."""
    path = folder / f"{case.root}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in case.tree.items():
            day = 28 - (content.days if type(content) is Old else 0)
            member = zipfile.ZipInfo(name, (2026, 10, day, 12, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content.content if type(content) is Old else content)
    return path


def member(name: str, content: bytes = SMALL, **changes: Any) -> Callable[[zipfile.ZipFile], None]:
    """Writes a member that is odd in some way."""

    def write(archive: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo("x", (2026, 10, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED
        info.filename = name
        for key, value in changes.items():
            setattr(info, key, value)
        archive.writestr(info, content)

    return write


def archive(path: Path, *writers: Callable[[zipfile.ZipFile], None]) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for write in writers:
            write(made)
    return path


def link_to(target: Any) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


LINK = (stat.S_IFLNK | 0o777) << 16


def nested(depth: int) -> bytes:
    """A notebook with brackets in its metadata, one inside the other."""
    return SMALL.replace(
        b'"metadata": {}, "nbformat"', b'"metadata": {"x": ' + b"[" * depth + b"]" * depth + b'}, "nbformat"'
    )


def _json(**more: Any) -> bytes:
    made = tree(*TWO_ANSWERS)
    made.update(more)
    return json.dumps({key: value for key, value in made.items() if value is not None}).encode()


ONE = "ada/01_lookup_matrix.ipynb"


def _one(name: str, content: Any, note: str = "") -> Case:
    return Case(name, {ONE: content}, {ONE: ("ada", 1, note)})


def _not(name: str, content: Any, reason: str) -> Case:
    return Case(name, {ONE: content}, refused={ONE: ("ada", reason)})


CASES = [
    # whose it is
    Case(
        "folders of students",
        {"ada/01_lookup_matrix.ipynb": SMALL, "bob/01_lookup_matrix.ipynb": OTHER},
        {"ada/01_lookup_matrix.ipynb": ("ada", 1, ""), "bob/01_lookup_matrix.ipynb": ("bob", 1, "")},
    ),
    Case(
        "flat",
        {"ada_01_lookup_matrix.ipynb": SMALL, "bob-b_01_lookup_matrix.ipynb": OTHER},
        {"ada_01_lookup_matrix.ipynb": ("ada", 1, ""), "bob-b_01_lookup_matrix.ipynb": ("bob-b", 1, "")},
    ),
    Case(
        "a folder around all of it",
        {"sub/ada/01_lookup_matrix.ipynb": SMALL, "sub/bob/01_lookup_matrix.ipynb": OTHER},
        {"sub/ada/01_lookup_matrix.ipynb": ("ada", 1, ""), "sub/bob/01_lookup_matrix.ipynb": ("bob", 1, "")},
    ),
    Case(
        "a folder around flat files",
        {"sub/ada_01_lookup_matrix.ipynb": SMALL, "sub/bob_01_lookup_matrix.ipynb": OTHER},
        {"sub/ada_01_lookup_matrix.ipynb": ("ada", 1, ""), "sub/bob_01_lookup_matrix.ipynb": ("bob", 1, "")},
    ),
    Case(
        "one student's folder with folders inside",
        {"ada/week 1/01_lookup_matrix.ipynb": SMALL, "ada/week 2/02.ipynb": notebook(OF_LESSON_2)},
        {"ada/week 1/01_lookup_matrix.ipynb": ("ada", 1, ""), "ada/week 2/02.ipynb": ("ada", 2, "")},
    ),
    Case(
        "a folder with the name of the archive",
        {"class/ada/01_lookup_matrix.ipynb": SMALL, "__MACOSX/class/ada/._01_lookup_matrix.ipynb": b"\0\5"},
        {"class/ada/01_lookup_matrix.ipynb": ("ada", 1, "")},
        ignored=("__MACOSX/class/ada/._01_lookup_matrix.ipynb",),
    ),
    Case(
        "lessons of one student without a name",
        {"01_lookup_matrix.ipynb": SMALL, "02_learned_similarity.ipynb": notebook(OF_LESSON_2)},
        {
            "01_lookup_matrix.ipynb": ("grace", 1, "No student is named"),
            "02_learned_similarity.ipynb": ("grace", 2, "No student is named"),
        },
        root="grace",
    ),
    Case(
        "one notebook without a name among others",
        {"01_lookup_matrix.ipynb": SMALL, "bob_01_lookup_matrix.ipynb": OTHER},
        {"bob_01_lookup_matrix.ipynb": ("bob", 1, "")},
        {"01_lookup_matrix.ipynb": ("", "put it into a folder with the student's name")},
    ),
    Case(
        "a name of a file that names no lesson",
        {"ada homework.ipynb": SMALL},
        {"ada homework.ipynb": ("ada homework", 1, "all of it was taken for the student's name")},
    ),
    Case(
        "Canvas",
        {
            "lovelaceada_1234_56789_01_lookup_matrix.ipynb": SMALL,
            "hoppergrace_LATE_77_56790_my homework.ipynb": SMALL,
            "garcíaana_78_56791_01_lookup_matrix-2.ipynb": SMALL,
        },
        {
            "lovelaceada_1234_56789_01_lookup_matrix.ipynb": ("lovelaceada", 1, ""),
            "hoppergrace_LATE_77_56790_my homework.ipynb": ("hoppergrace", 1, "late"),
            "garcíaana_78_56791_01_lookup_matrix-2.ipynb": ("garcíaana", 1, ""),
        },
    ),
    Case(
        "Canvas with names hidden",
        {"anon_AbC12_555_01_lookup_matrix.ipynb": SMALL, "LATE_anon_Zz9_556_01_lookup_matrix.ipynb": SMALL},
        {
            "anon_AbC12_555_01_lookup_matrix.ipynb": ("anon_AbC12", 1, ""),
            "LATE_anon_Zz9_556_01_lookup_matrix.ipynb": ("anon_Zz9", 1, "late"),
        },
    ),
    Case(
        "Canvas, handed in again",
        {
            "ada_7_100_01_lookup_matrix-10.ipynb": Old(SMALL, 3),
            "ada_7_101_01_lookup_matrix-9.ipynb": Old(OTHER, 1),
            "ada_7_102_01_lookup_matrix.ipynb": OTHER,
        },
        {"ada_7_100_01_lookup_matrix-10.ipynb": ("ada", 1, "")},
        {
            "ada_7_101_01_lookup_matrix-9.ipynb": ("ada", "replaced by ada_7_100_01_lookup_matrix-10.ipynb"),
            "ada_7_102_01_lookup_matrix.ipynb": ("ada", "replaced by ada_7_100_01_lookup_matrix-10.ipynb"),
        },
    ),
    Case(
        "Canvas, handed in very often",
        {
            "ada_7_100_x-7.ipynb": SMALL,
            "ada_7_100_x-0b8f7c2e-1111-4222-8333-444455556666.ipynb": Old(SMALL, 2),
        },
        {"ada_7_100_x-0b8f7c2e-1111-4222-8333-444455556666.ipynb": ("ada", 1, "")},
        {"ada_7_100_x-7.ipynb": ("ada", "replaced by")},
    ),
    Case(
        "Canvas, late is later",
        {"ada_7_100_01_lookup_matrix.ipynb": SMALL, "ada_LATE_7_99_01_lookup_matrix.ipynb": Old(SMALL, 2)},
        {"ada_LATE_7_99_01_lookup_matrix.ipynb": ("ada", 1, "late")},
        {"ada_7_100_01_lookup_matrix.ipynb": ("ada", "replaced by ada_LATE")},
    ),
    Case(
        "Canvas, a name chosen to look like another's",
        {"ada_7_100_bob_8_100_01_lookup_matrix.ipynb": SMALL, "bob_8_101_01_lookup_matrix.ipynb": OTHER},
        {
            "ada_7_100_bob_8_100_01_lookup_matrix.ipynb": ("ada", 1, ""),
            "bob_8_101_01_lookup_matrix.ipynb": ("bob", 1, ""),
        },
    ),
    Case(
        "Moodle",
        {
            "Ada Lovelace_123456_assignsubmission_file/01_lookup_matrix.ipynb": SMALL,
            "José Núñez_7_assignsubmission_file_/deep/er/x.ipynb": SMALL,
            "José Núñez_7_assignsubmission_onlinetext/onlinetext.html": b"<p>hello",
            "Eve_8_assignsubmission_onlinetext/onlinetext.html": b"<p>no file",
            "Participant_9_assignsubmission_file/x.ipynb": SMALL,
            "Default group_assignsubmission_file/x.ipynb": SMALL,
        },
        {
            "Ada Lovelace_123456_assignsubmission_file/01_lookup_matrix.ipynb": ("Ada Lovelace", 1, ""),
            "José Núñez_7_assignsubmission_file_/deep/er/x.ipynb": ("José Núñez", 1, ""),
            "Participant_9_assignsubmission_file/x.ipynb": ("Participant", 1, ""),
            "Default group_assignsubmission_file/x.ipynb": ("Default group", 1, ""),
        },
        {"Eve_8_assignsubmission_onlinetext/": ("Eve", "there is no notebook")},
        ("Eve_8_assignsubmission_onlinetext/onlinetext.html", "José Núñez_7_assignsubmission_onlinetext/onlinetext.html"),
    ),
    Case(
        "Moodle without folders",
        {"Ada Lovelace_12_assignsubmission_file_01_lookup_matrix.ipynb": SMALL},
        {"Ada Lovelace_12_assignsubmission_file_01_lookup_matrix.ipynb": ("Ada Lovelace", 1, "")},
    ),
    Case(
        "Moodle, a folder chosen to look like another's",
        {"Ada_1_assignsubmission_file/Bob_2_assignsubmission_file/x.ipynb": SMALL},
        {"Ada_1_assignsubmission_file/Bob_2_assignsubmission_file/x.ipynb": ("Ada", 1, "")},
    ),
    Case(
        "a file in a folder, called like another's",
        {"ada/bob_8_101_01_lookup_matrix.ipynb": SMALL, "bob/01_lookup_matrix.ipynb": OTHER},
        {"ada/bob_8_101_01_lookup_matrix.ipynb": ("ada", 1, ""), "bob/01_lookup_matrix.ipynb": ("bob", 1, "")},
    ),
    Case(
        "same name twice in Moodle",
        {"Kim Lee_1_assignsubmission_file/x.ipynb": SMALL, "Kim Lee_2_assignsubmission_file/x.ipynb": SMALL},
        {
            "Kim Lee_1_assignsubmission_file/x.ipynb": ("Kim Lee (1)", 1, ""),
            "Kim Lee_2_assignsubmission_file/x.ipynb": ("Kim Lee (2)", 1, ""),
        },
    ),
    Case(
        "names that differ in size, form and odd characters",
        {f"{name}/x.ipynb": SMALL for name in ("Zoé", "Zoe\u0301", "zoé", "zoe", "zo\u200be", "Zoe!")},
        {
            "Zoé/x.ipynb": ("Zoé (*)", 1, ""),
            "Zoe\u0301/x.ipynb": ("Zoe\u0301 (*)", 1, ""),
            **{f"{name}/x.ipynb": (name, 1, "") for name in ("zoé", "zoe", "zo\u200be", "Zoe!")},
        },
    ),
    Case(
        "names made to hurt",
        {
            f"{name}/x.ipynb": SMALL
            for name in ("=cmd()", "..x", "<b>", "\u202eevil", "שרה", "🦊", "🐻", " ", "a\nb", "con", "x" * 200)
        },
        {
            **{f"{name}/x.ipynb": (name, 1, "") for name in ("=cmd()", "..x", "<b>", "שרה", "🦊", "🐻", " ", "con")},
            "\\u202eevil/x.ipynb": ("\\u202eevil", 1, ""),
            "a\\u000ab/x.ipynb": ("a\\u000ab", 1, ""),
            "x" * 200 + "/x.ipynb": ("x" * 200, 1, ""),
        },
    ),
    # what is no notebook
    Case(
        "what programs leave behind",
        {
            ONE: SMALL,
            "ada/.ipynb_checkpoints/01_lookup_matrix-checkpoint.ipynb": SMALL,
            "ada/.ipynb_checkpoints/all.zip": b"PK",
            "ada/.DS_Store": b"\0",
            "ada/._01_lookup_matrix.ipynb": b"\0",
            "ada/essay.pdf": b"%PDF-1.7",
            "__MACOSX/ada/._x.ipynb": b"\0",
            "Thumbs.db": b"",
        },
        {ONE: ("ada", 1, "")},
        ignored=(
            "Thumbs.db",
            "__MACOSX/ada/._x.ipynb",
            "ada/.ipynb_checkpoints/all.zip",
            "ada/.DS_Store",
            "ada/._01_lookup_matrix.ipynb",
            "ada/.ipynb_checkpoints/01_lookup_matrix-checkpoint.ipynb",
            "ada/essay.pdf",
        ),
    ),
    Case(
        "students without a notebook",
        {ONE: SMALL, "bob/essay.pdf": b"%PDF", "eve/": b""},
        {ONE: ("ada", 1, "")},
        {"bob/": ("bob", "there is no notebook"), "eve/": ("eve", "there is no notebook")},
        ("bob/essay.pdf",),
    ),
    Case("nothing at all", {}),
    Case("an archive inside", {ONE: SMALL, "bob/all.zip": b"PK"}, {ONE: ("ada", 1, "")}, {"bob/all.zip": ("bob", "unpack it")}),
    Case("what a browser makes of a name", {"ada/x.ipynb.txt": SMALL}, {"ada/x.ipynb.txt": ("ada", 1, "")}),
    # files
    _not("empty", b"", "the file is empty"),
    _not("blank", b" \n", "the file is empty"),
    _not("not JSON", b"print('hello')", "no notebook but some other text"),
    _not("cut off", SMALL[:-9], "cut off"),
    _not("HTML of a login page", b"<!doctype html>", "no notebook but some other text"),
    _not("a list", b"[]", "no notebook"),
    _not("too large", SMALL + b" " * (20 * 2**20), "Clear Outputs"),
    _one("BOM", b"\xef\xbb\xbf" + SMALL),
    _not("UTF-16", SMALL.decode().encode("utf-16"), "UTF-8"),
    _not("UTF-16 without a mark", SMALL.decode().encode("utf-16-le"), "UTF-8"),
    _not("Latin-1", json.dumps(tree("é", *TWO_ANSWERS), ensure_ascii=False).encode("latin-1"), "UTF-8"),
    _one("NaN", SMALL[:-1] + b', "x": [NaN, -Infinity, 1e999]}'),
    _one("an enormous whole number", SMALL[:-1] + b', "x": ' + b"9" * 100_000 + b"}"),
    _not("deep", nested(5_000), "nested deeper"),
    _not("deeper", nested(1_000_000), "nested deeper"),
    _not("a text that never ends", b'{"x": "' + b'\\"' * 500_000, "cut off"),
    _one("deep enough", nested(50)),
    _not("very many values", SMALL[:-1] + b', "x": [' + b"[]," * 1_000_001 + b"[]]}", "Clear Outputs"),
    _one("a key twice", SMALL[:-1] + b', "cells": ' + json.dumps(tree(*TWO_ANSWERS)["cells"]).encode() + b"}", "stands twice"),
    # notebooks
    _not("nbformat 3", _json(nbformat=3, cells=None, worksheets=[{"cells": []}]), "open it in JupyterLab and save it"),
    _not("nbformat 5", _json(nbformat=5), "too new"),
    _not("no nbformat", _json(nbformat=None), "not given"),
    _not("nbformat true", _json(nbformat=True), "open it in JupyterLab"),
    _one("nbformat 4.9", _json(nbformat_minor=9), "4.9"),
    _one("no metadata", _json(metadata=None)),
    _one("metadata is text", _json(metadata="x")),
    _one("no ids, no outputs", _json(cells=[{"cell_type": "code", "source": text} for text in TWO_ANSWERS])),
    _not("no cells", _json(cells=[]), "nothing is written"),
    _not("blank cells", notebook("", " \n"), "nothing is written"),
    _not("cells are an object", _json(cells={}), "no list of cells"),
    _not("no list of cells", _json(cells=None), "no list of cells"),
    _not("too many cells", notebook(*TWO_ANSWERS, *["1"] * 2_000), "ask the student to take some out"),
    _not("too much text", notebook(*TWO_ANSWERS, "x" * (4 * 2**20)), "take data out"),
    _one("a number as source", notebook(*TWO_ANSWERS, cell(17)), "Cell 3 holds no text"),
    _one("numbers among lines", notebook(*TWO_ANSWERS, cell(["x", 1])), "Cell 3 holds no text"),
    _one("a cell that is no cell", _json(cells=[*map(cell, TWO_ANSWERS), None, 3, []]), "Cell 5 holds no text"),
    _one("lines as source", notebook(*[cell(text.splitlines(keepends=True)) for text in TWO_ANSWERS])),
    _one("a kind of its own", notebook(*TWO_ANSWERS, cell("x", "heading")), "no known kind"),
    _one("raw and attachments", notebook(*TWO_ANSWERS, cell("x", "raw"), ATTACHED)),
    _one("half a character", notebook(*TWO_ANSWERS, "'\ud83d'"), "halves of characters"),
    _one("blank lines without end", notebook(*TWO_ANSWERS, "\n" * 1_000_000, " " * 1_000_000, "def " * 200_000)),
    # which lesson
    Case("not of this course", {"ada/x.ipynb": FOREIGN}, refused={"ada/x.ipynb": ("ada", "no lesson of this course")}),
    Case(
        "one name in common",
        {"ada/x.ipynb": notebook("def encode(text): ...")},
        refused={"ada/x.ipynb": ("ada", "but a function called encode")},
    ),
    Case(
        "one exercise of the course",
        {"ada/x.ipynb": notebook("@exercise\ndef encode(text): ...")},
        {"ada/x.ipynb": ("ada", 1, "")},
    ),
    _one("the name of the file alone", FOREIGN, "No cell defines an exercise of lesson 1"),
    Case(
        "the metadata alone",
        {"ada/x.ipynb": notebook("1", metadata={"embedcourse": {"lesson": "03_analogies"}})},
        {"ada/x.ipynb": ("ada", 3, "No cell defines")},
    ),
    Case(
        "metadata of no lesson",
        {"ada/x.ipynb": notebook("1", metadata={"embedcourse": {"lesson": ["../../etc/passwd"]}})},
        refused={"ada/x.ipynb": ("ada", "no lesson of this course")},
    ),
    Case(
        "the name says one lesson, the cells another",
        {"ada/02_learned_similarity.ipynb": SMALL},
        {"ada/02_learned_similarity.ipynb": ("ada", 1, "The file's name says lesson 2")},
    ),
    Case(
        "the metadata says one lesson, the cells another",
        {ONE: notebook(*TWO_ANSWERS, metadata={"embedcourse": {"lesson": "10_input_side"}})},
        {ONE: ("ada", 1, "The metadata says lesson 10")},
    ),
    Case(
        "as much of one lesson as of another",
        {"ada/02_learned_similarity.ipynb": notebook(*TWO_ANSWERS, OF_LESSON_2)},
        {"ada/02_learned_similarity.ipynb": ("ada", 2, "also exercises of lesson 1")},
    ),
    _one("two lessons in one notebook", notebook(*TWO_ANSWERS, OF_LESSON_2), "also exercises of lesson 2"),
    _one("as handed out", json.dumps(handed_out(1)).encode(), "No code cell differs"),
    _one("in Windows' lines", json.dumps(handed_out(1)).replace("\\n", "\\r\\n").encode(), "No code cell differs"),
    Case(
        "two of one lesson",
        {"ada/a.ipynb": SMALL, "ada/b.ipynb": Old(OTHER, 2)},
        {"ada/a.ipynb": ("ada", 1, "")},
        {"ada/b.ipynb": ("ada", "replaced by ada/a.ipynb")},
    ),
    # what stands in a folder and is no file
    Case(
        "links",
        {
            ONE: SMALL,
            "bob/x.ipynb": link_to("../ada/01_lookup_matrix.ipynb"),
            "eve": link_to("ada"),
            "p": link_to("/etc/passwd"),
            "q": link_to("nowhere"),
        },
        {ONE: ("ada", 1, "")},
        {"bob/x.ipynb": ("bob", "it is a link"), **dict.fromkeys(("eve", "p", "q"), ("", "it is a link"))},
    ),
    Case("a pipe", {ONE: os.mkfifo}, refused={ONE: ("ada", "no regular file")}),
    Case(
        "very many folders",
        {ONE: SMALL, "bob/" + "d/" * 20 + "x.ipynb": SMALL},
        {ONE: ("ada", 1, "")},
        {"bob/" + "d/" * 15: ("bob", "move what is in it further up")},
    ),
]  # fmt: skip
