"""Whatever lands on the desk becomes a submission, a refused row or an ignored file, and each file exactly one of them."""

import hashlib
import json
import os
import random
import re
import socket
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from embedcourse.grading import intake
from embedcourse.grading.intake import collect
from embedcourse.grading.marker import Cell, mark_submission
from embedcourse.grading.sandbox import Sandbox
from tests.grading import zoo
from tests.grading.zoo import CASES, OTHER, SMALL, archive, member, notebook

WAYS = [
    pytest.param(case, build, id=f"{case.name}, {build.__name__}")
    for case in CASES
    for build in (zoo.unpacked, zoo.packed)
    if build is zoo.unpacked or case.packable
]


@pytest.mark.parametrize(("case", "build"), WAYS)
def test_the_zoo(case, build, tmp_path):
    root = build(case, tmp_path)
    found = collect(root)
    taken = {submission.source: submission for submission in found.submissions}
    assert taken.keys() == case.taken.keys(), found.refused
    for source, (student, lesson, note) in case.taken.items():
        submission = taken[source]
        assert re.fullmatch(re.escape(student).replace(r"\*", "[0-9]+"), submission.student)
        assert submission.lesson == lesson
        assert note in " ".join(submission.notes)
        assert bool(note) <= bool(submission.notes)
    if case.taken and not any(note for *_, note in case.taken.values()):
        assert not any(submission.notes for submission in found.submissions)
    refused = {row.source: row for row in found.refused}
    assert refused.keys() == case.refused.keys()
    for source, (student, reason) in case.refused.items():
        assert refused[source].student == student
        assert reason.casefold() in refused[source].reason.casefold()
        assert re.fullmatch(r"[A-Z].*\.", refused[source].reason)
    assert sorted(found.ignored) == sorted(case.ignored)
    _is_whole(found, root)


def _is_whole(found, root):
    """Every file is in one of the three lists, once, and what is said of it can be printed and kept."""
    listed = [row.source for row in (*found.submissions, *found.refused)] + list(found.ignored)
    assert len(set(listed)) == len(listed)
    folders = tuple(source for source in listed if source.endswith("/"))
    for source in _files(root):
        places = (source in listed) + (source.startswith(folders) and source not in listed)
        assert places == 1, source
    for row in (*found.submissions, *found.refused):
        for text in (row.student, row.source, getattr(row, "reason", ""), *getattr(row, "notes", ())):
            text.encode("utf-8")
            assert text.isprintable() or not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", text)
    slugs = {submission.student: submission.slug for submission in found.submissions}
    assert len(set(slugs.values())) == len(slugs)
    for slug in slugs.values():
        assert re.fullmatch("[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?", slug)
        assert slug not in ("con", "nul")
    pairs = [(submission.slug, submission.lesson) for submission in found.submissions]
    assert len(set(pairs)) == len(pairs)


def _files(root):
    if root.suffix == ".zip":
        names = [name for name in zipfile.ZipFile(root).namelist() if not name.endswith("/")]
    elif root.is_file():
        names = [root.name]
    else:
        names = []
        for folder, folders, files in os.walk(root):
            links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
            names += [os.path.relpath(os.path.join(folder, name), root) for name in files + links]
    return [intake._shown(name) for name in names]


FOLDERS = (
    "ada Ada class sub =cmd() __MACOSX .ipynb_checkpoints Zoé Zoe\u0301 \u202ex "
    "Kim_1_assignsubmission_file Kim_2_assignsubmission_file"
).split()
NAMES = (
    "01_lookup_matrix.ipynb ada_01_lookup_matrix.ipynb ada_7_1_01_lookup_matrix-2.ipynb ada_LATE_7_2_x.ipynb x.IPYNB "
    "anon_a1_5_x.ipynb Kim_1_assignsubmission_file_x.ipynb ._x.ipynb .ipynb _.ipynb all.zip essay.pdf 03_analogies.ipynb.txt"
).split()
CONTENTS = [
    content for case in CASES for content in case.tree.values() if type(content) is bytes and len(content) < 2**18
]


@pytest.mark.parametrize("seed", range(40))
def test_every_file_of_a_tree_by_chance_is_in_one_list(seed, tmp_path):
    chance = random.Random(seed)
    tree = {}
    for _ in range(chance.randrange(1, 14)):
        path = "/".join([*chance.choices(FOLDERS[: 3 + seed % 10], k=chance.randrange(3)), chance.choice(NAMES)])
        tree[path] = chance.choice([SMALL, OTHER, chance.choice(CONTENTS)])
    case = zoo.Case("by chance", tree)
    for build in (zoo.unpacked, zoo.packed):
        root = build(case, tmp_path)
        _is_whole(collect(root), root)


def test_the_zoo_is_large_and_no_two_are_called_the_same():
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


# the parts of a submission


def test_a_submission_holds_what_the_file_holds(tmp_path):
    made = notebook("# Title\r\nx", zoo.cell("text", "markdown"), zoo.cell(["a\n", "b"], "raw"), *zoo.TWO_ANSWERS)
    (tmp_path / "ada_01_lookup_matrix.ipynb").write_bytes(made)
    (submission,) = collect(tmp_path / "ada_01_lookup_matrix.ipynb").submissions
    assert submission.student == submission.slug == "ada"
    assert submission.sha256 == hashlib.sha256(made).hexdigest()
    assert submission.source == "ada_01_lookup_matrix.ipynb"
    assert submission.lms_id == ""
    first = (Cell(1, "code", "# Title\nx"), Cell(2, "markdown", "text"), Cell(3, "raw", "a\nb"))
    assert submission.cells[:3] == first
    assert [cell.source for cell in submission.cells[3:]] == list(zoo.TWO_ANSWERS)


def test_the_numbers_of_an_lms_are_kept(tmp_path):
    (tmp_path / "lovelaceada_1234_56789_01_lookup_matrix.ipynb").write_bytes(SMALL)
    assert [submission.lms_id for submission in collect(tmp_path).submissions] == ["1234"]


def test_what_is_graded_may_itself_be_reached_by_a_link_and_must_be_there(tmp_path):
    (tmp_path / "real" / "ada").mkdir(parents=True)
    (tmp_path / "real" / "ada" / "x.ipynb").write_bytes(SMALL)
    (tmp_path / "link").symlink_to("real")
    assert len(collect(tmp_path / "link").submissions) == 1
    with pytest.raises(FileNotFoundError):
        collect(tmp_path / "nowhere")


def test_one_file_that_is_no_notebook(tmp_path):
    (tmp_path / "essay.pdf").write_bytes(b"%PDF")
    assert collect(tmp_path / "essay.pdf").ignored == ("essay.pdf",)
    os.mkfifo(tmp_path / "pipe.ipynb")
    (row,) = collect(tmp_path / "pipe.ipynb").refused
    assert "no regular file" in row.reason


def test_a_socket_and_a_name_that_is_no_text(tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX) as door:
        monkeypatch.chdir(tmp_path)
        door.bind("door")
        os.makedirs(b"caf\xe9")
        (tmp_path / os.fsdecode(b"caf\xe9") / "x.ipynb").write_bytes(SMALL)
        found = collect(tmp_path)
    assert [row.source for row in found.refused] == ["door"]
    assert [(submission.student, submission.slug) for submission in found.submissions] == [("caf\\udce9", "caf-27369")]
    _is_whole(found, tmp_path)


def test_a_student_has_the_same_slug_whoever_else_is_there(tmp_path):
    """Marks and feedback of an earlier run are found by it: it must not change, or change hands, when somebody joins."""
    names = (
        "ada",
        "Ada",
        "ada!",
        "ADA",
        "Ada Lovelace",
        "ada lovelace",
        "Ada Lovelace_7_assignsubmission_file",
        "🦊",
        "con",
    )
    alone = []
    for name in names:
        for root in (tmp_path / name, tmp_path / "class"):
            (root / name).mkdir(parents=True)
            (root / name / "x.ipynb").write_bytes(SMALL)
        alone += [submission.slug for submission in collect(tmp_path / name).submissions]
    together = [submission.slug for submission in collect(tmp_path / "class").submissions]
    assert sorted(alone) == sorted(together)
    assert len(set(alone)) == len(names)
    assert {"ada", "ada-lovelace", "ada-lovelace-7"} < set(alone)


def test_cells_that_are_alike_are_kept_once(tmp_path):
    """A class of hundreds hands in the same text and demonstrations."""
    for number in range(3):
        (tmp_path / f"student {number}").mkdir()
        (tmp_path / f"student {number}" / "x.ipynb").write_bytes(json.dumps(zoo.solved(1)).encode())
    first, *others = collect(tmp_path).submissions
    for other in others:
        assert all(mine.source is yours.source for mine, yours in zip(first.cells, other.cells, strict=True))


def test_no_more_files_are_looked_at_than_allowed(tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "MAX_FILES", 5)
    for number in range(8):
        (tmp_path / f"s{number}_01_lookup_matrix.ipynb").write_bytes(SMALL)
    found = collect(tmp_path)
    assert len(found.submissions) == 5
    assert [row.source for row in found.refused] == ["s5_01_lookup_matrix.ipynb and what follows"]
    assert "split the class" in found.refused[0].reason


def test_a_file_that_becomes_a_link_while_it_is_read_is_not_followed(tmp_path, monkeypatch):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "x.ipynb").write_bytes(SMALL)
    for name in ("ada", "bob"):
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "x.ipynb").write_bytes(OTHER)
    real = intake._read

    def swapped(top, path):
        if path[0] == "ada" and not os.path.islink(tmp_path / "class" / "ada"):
            os.rename(tmp_path / "class" / "ada", tmp_path / "away")
            os.symlink(tmp_path / "secret", tmp_path / "class" / "ada")
        if path[0] == "bob" and not os.path.islink(tmp_path / "class" / "bob" / "x.ipynb"):
            os.unlink(tmp_path / "class" / "bob" / "x.ipynb")
            os.symlink(tmp_path / "secret" / "x.ipynb", tmp_path / "class" / "bob" / "x.ipynb")
        return real(top, path)

    monkeypatch.setattr(intake, "_read", swapped)
    found = collect(tmp_path / "class")
    assert not found.submissions
    assert all("cannot be opened" in row.reason and str(tmp_path) not in row.reason for row in found.refused)
    assert len(found.refused) == 2


# archives

ODD_MEMBERS = {
    "zip slip": (member("../x/01_lookup_matrix.ipynb"), "leads out of the archive"),
    "zip slip in the middle": (member("ada/../../x.ipynb"), "leads out of the archive"),
    "zip slip of Windows": (member("..\\..\\x.ipynb"), "leads out of the archive"),
    "an absolute name": (member("/etc/x.ipynb"), "leads out of the archive"),
    "an absolute name of Windows": (member("C:\\x.ipynb"), "leads out of the archive"),
    "a name with a zero": (member("ada/x.ipynb\0.txt"), "leads out of the archive"),
    "no name": (member("/."), "leads out of the archive"),
    "a link": (member("ada/x.ipynb", b"/etc/passwd", external_attr=zoo.LINK), "it is a link"),
    "a device": (member("ada/x.ipynb", external_attr=0o020666 << 16), "no regular file"),
    "a zip": (member("ada/all.zip", b"PK\3\4"), "unpack it in its place"),
    "another archive": (member("ada/all.tar.gz", b"\x1f\x8b"), "unpack it in its place"),
    "a bomb": (member("ada/x.ipynb", b" " * (15 * 2**20)), "zip bomb"),
    "too large": (member("ada/x.ipynb", os.urandom(2**20) * 21, compress_type=zipfile.ZIP_STORED), "Clear Outputs"),
    "bzip2": (member("ada/x.ipynb", compress_type=zipfile.ZIP_BZIP2), "packed in a way"),
    "LZMA": (member("ada/x.ipynb", compress_type=zipfile.ZIP_LZMA), "packed in a way"),
    "a very long name": (member("ada/" + "x" * 5_000 + ".ipynb"), "shorter one"),
    "very many folders": (member("d/" * 40 + "x.ipynb"), "shorter one"),
}


@pytest.mark.parametrize("name", ODD_MEMBERS)
def test_an_odd_member_of_a_zip_costs_nobody_else_anything(name, tmp_path):
    write, reason = ODD_MEMBERS[name]
    path = archive(tmp_path / "class.zip", member("bob/01_lookup_matrix.ipynb"), write, member("eve/x.ipynb", OTHER))
    before = sorted(tmp_path.rglob("*"))
    found = collect(path)
    assert [submission.student for submission in found.submissions] == ["bob", "eve"]
    (row,) = found.refused
    assert reason.casefold() in row.reason.casefold()
    assert sorted(tmp_path.rglob("*")) == before


def test_an_encrypted_member(tmp_path):
    path = archive(tmp_path / "class.zip", member("ada/x.ipynb"))
    data = bytearray(path.read_bytes())
    for signature, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(signature) + place] |= 1
    path.write_bytes(data)
    (row,) = collect(path).refused
    assert (row.student, "its password" in row.reason) == ("ada", True)


@pytest.mark.parametrize("place", ["size", "checksum", "name", "bytes"])
def test_a_member_that_is_not_what_the_list_says(place, tmp_path):
    path = archive(tmp_path / "class.zip", member("ada/x.ipynb"), member("bob/x.ipynb"))
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\1\2")
    if place == "size":
        data[central + 24 : central + 28] = struct.pack("<I", 10)
    elif place == "checksum":
        data[central + 16] ^= 1
    elif place == "name":
        data[data.index(b"ada")] ^= 1
    else:
        data[60] ^= 255
    path.write_bytes(data)
    found = collect(path)
    assert [submission.student for submission in found.submissions] == ["bob"]
    assert len(found.refused) == 1


def test_members_that_lie_over_each_other(tmp_path):
    """One piece of deflated data, listed a thousand times."""
    path = archive(tmp_path / "class.zip", member("ada/x.ipynb", os.urandom(10_000)))
    data = path.read_bytes()
    central, end = data.index(b"PK\1\2"), data.rindex(b"PK\5\6")
    index = data[central:end] * 1_000
    tail = bytearray(data[end:])
    tail[8:16] = struct.pack("<HHI", 1_000, 1_000, len(index))
    path.write_bytes(data[:central] + index + tail)
    (row,) = collect(path).refused
    assert (row.source, "zip bomb" in row.reason) == ("class.zip", True)


def test_a_list_of_members_that_is_too_long_is_not_read(tmp_path, monkeypatch):
    path = archive(tmp_path / "class.zip", *[member(f"s{number}/x.ipynb") for number in range(9)])
    monkeypatch.setattr(intake, "MAX_INDEX", 400)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    (row,) = collect(path).refused
    assert "9 members" in row.reason
    monkeypatch.undo()
    monkeypatch.setattr(intake, "MAX_FILES", 8)
    assert "split the class" in collect(path).refused[0].reason
    data = bytearray(path.read_bytes())
    end = data.rindex(b"PK\5\6")
    data[end + 8 : end + 12] = struct.pack("<HH", 1, 1)
    path.write_bytes(data)
    assert "has 9 members" in collect(path).refused[0].reason


@pytest.mark.parametrize("content", [b"", b"PK\3\4 and then nothing", b"not a zip at all", b"PK\5\6" + b"\0" * 18])
def test_what_only_says_that_it_is_a_zip(content, tmp_path):
    (tmp_path / "class.zip").write_bytes(content)
    found = collect(tmp_path / "class.zip")
    assert not found.submissions
    assert [row.source for row in found.refused] == ([] if content.startswith(b"PK\5\6") else ["class.zip"])


def test_names_in_a_zip(tmp_path):
    """Backslashes of Windows are folders; UTF-8 that is not said to be UTF-8 is read as such; one name twice is two files."""
    path = archive(tmp_path / "class.zip", member("ana\\x.ipynb"), member("JosA/x.ipynb"), member("a/b/x.ipynb"))
    data = path.read_bytes().replace(b"JosA/x.ipynb", "Zoé/x.ipynb".encode())
    assert len(data) == path.stat().st_size
    path.write_bytes(data)
    assert [submission.student for submission in collect(path).submissions] == ["a", "ana", "Zoé"]
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive(path, member("ada/x.ipynb"), member("ada/x.ipynb", OTHER))
    found = collect(path)
    assert len(found.submissions) == len(found.refused) == 1
    assert {found.submissions[0].source, found.refused[0].source} == {"ada/x.ipynb", "ada/x.ipynb [2]"}
    assert found.submissions[0].sha256 == hashlib.sha256(OTHER).hexdigest()


def test_a_hostile_file_takes_little_memory(tmp_path):
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "x.ipynb").write_bytes(b'{"cells": [' + b"{}," * 6_000_000 + b"{}]}")
    tracemalloc.start()
    found = collect(tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "Clear Outputs" in found.refused[0].reason
    assert peak < 60 * 2**20


# from the file to the marks, with honest code


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox([1]) as running:
        yield running


def _graded(sandbox, tmp_path, made):
    (tmp_path / "ada").mkdir(exist_ok=True)
    (tmp_path / "ada" / "01_lookup_matrix.ipynb").write_text(json.dumps(made), encoding="utf-8")
    (submission,) = collect(tmp_path).submissions
    marked = mark_submission(sandbox, submission.lesson, submission.cells, b"secret", submission.student)
    return submission, {result.report.exercise: result for result in marked.results}


def _cell_of(made, name):
    return next(cell for cell in made["cells"] if name in zoo.defined(cell))


def _outcomes(results):
    return {name: result.outcome for name, result in results.items()}


def _all_right():
    return dict.fromkeys(zoo.catalogue.lessons()[0].exercises, "passed")


def test_a_solved_lesson(sandbox, tmp_path):
    submission, results = _graded(sandbox, tmp_path, zoo.solved(1))
    assert submission.notes == ()
    assert _outcomes(results) == _all_right()
    assert not any(result.notes for result in results.values())


def test_a_lesson_as_handed_out(sandbox, tmp_path):
    submission, results = _graded(sandbox, tmp_path, zoo.handed_out(1))
    assert "No code cell differs" in submission.notes[0]
    assert set(_outcomes(results).values()) == {"not attempted"}


def test_windows_lines_and_no_ids(sandbox, tmp_path):
    made = zoo.solved(1)
    for cell in made["cells"]:
        del cell["id"]
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")
    assert _outcomes(_graded(sandbox, tmp_path, made)[1]) == _all_right()


def test_a_retyped_notebook(sandbox, tmp_path):
    """Only answers, in one cell, without the course's metadata, setup or decorator."""
    solved = zoo.solved(1)
    answers = ["".join(cell["source"]).replace("@exercise\n", "") for cell in solved["cells"] if zoo.defined(cell)]
    submission, results = _graded(sandbox, tmp_path, zoo.tree("\n\n\n".join(answers)))
    assert submission.lesson == 1
    assert _outcomes(results) == _all_right()


def test_a_moved_a_copied_a_deleted_and_a_markdown_turned_cell(sandbox, tmp_path):
    made = zoo.solved(1)
    moved, copied, deleted, turned = (
        _cell_of(made, name) for name in ("build_vocabulary", "lookup", "one_hot", "one_hot_cost")
    )
    made["cells"].remove(moved)
    made["cells"].append(moved)
    wrong = {**copied, "source": "@exercise\ndef lookup(*args):\n    return 'not yet'"}
    made["cells"].insert(made["cells"].index(copied), wrong)
    made["cells"].remove(deleted)
    turned["cell_type"] = "markdown"
    _, results = _graded(sandbox, tmp_path, made)
    assert _outcomes(results) == {**_all_right(), "one_hot": "missing"}
    assert "several cells" in results["lookup"].notes[0]
    assert "turned into text" in results["one_hot_cost"].notes[0]
    assert "no function of this name" in results["one_hot"].report.message


def test_the_last_copy_counts_even_if_it_is_wrong(sandbox, tmp_path):
    made = zoo.solved(1)
    made["cells"].append(zoo.cell("@exercise\ndef lookup(*args):\n    return 'not any more'"))
    _, results = _graded(sandbox, tmp_path, made)
    assert results["lookup"].outcome == "failed"
    assert "the last one that runs" in results["lookup"].notes[0]


def test_nothing_that_could_run_a_submission_is_at_hand():
    assert not {"ast", "pickle", "importlib", "subprocess", "nbformat", "import_module"} & vars(intake).keys()
    names = set(re.findall(r"(?<![.\w])\w+(?=\()", Path(intake.__file__).read_text(encoding="utf-8")))
    assert not {"eval", "exec", "compile", "__import__"} & names
