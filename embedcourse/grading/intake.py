"""What an instructor really has becomes submissions: who, which lesson, which cells. Nothing of it is run here, or even parsed.

`collect` takes a folder, a zip of one, or one notebook. In it may be, with or without a folder around all of it:

- folders of students: `ada/01_lookup_matrix.ipynb`, also deeper; the first folder is the student.
- flat: `ada_01_lookup_matrix.ipynb`.
- what Canvas gives for "Download Submissions", flat: `lovelaceada_1234_56789_01_lookup_matrix.ipynb`. That is the sortable
  name in small letters without blanks, `LATE` where it was, the number of the user, the number of the file, and the name
  that the student gave it. Canvas adds `-1`, `-2` … to that name when it is handed in again, and something long and random
  after the seventh time. Where names are hidden, `anon_AbC12` stands for name and number; `LATE` is before it.
- what Moodle gives for "Download all submissions": folders `Ada Lovelace_123456_assignsubmission_file`, with another
  underscore at the end from older ones, with the student's own folders inside; or flat, if folders are switched off, with
  the name of the file after it. Where names are hidden, `Participant`; for groups the name and number of the group, or
  `Default group` without a number.

What the LMS, or the instructor, called a student goes before anything that the student could choose. An archive in a folder
or in an archive is not opened. No archive is written to disk.
"""

import hashlib
import json
import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from embedcourse import catalogue
from embedcourse.grading.marker import Cell, defined_in, digest
from embedcourse.grading.marker import notebook as released_notebook
from embedcourse.grading.sandbox import MEGABYTE

MAX_FILE = 20 * MEGABYTE  # bytes of a notebook
MAX_FILES = 100_000
MAX_FOLDERS = 16  # one inside the other
MAX_NAME = 1_000  # characters of a member's name, folders included
MAX_CELLS = 2_000
MAX_SOURCE = 4 * MEGABYTE  # bytes of all cells of a notebook as UTF-8
MAX_PARTS = 2_000_000  # values in a notebook's JSON; each takes up to a hundred times its bytes
MAX_RATIO = 200  # of a member's size to what it takes in the archive
MAX_INDEX = 32 * MEGABYTE  # bytes of an archive's list of members

_NOTEBOOK = re.compile(r"\.ipynb(?:\.txt|\.json)?$", re.IGNORECASE)
_ARCHIVE = re.compile(r"\.(?:zip|tar|tgz|gz|bz2|xz|7z|rar)$", re.IGNORECASE)
_NOBODYS = {"__MACOSX", ".ipynb_checkpoints", ".git", "__pycache__"}
_CANVAS = re.compile(
    r"(?P<name>.+?)(?:_(?P<late>LATE))?_(?P<number>[0-9]{1,20})_(?P<file>[0-9]{1,20})_(?P<rest>.+)", re.DOTALL
)
_CANVAS_HIDDEN = re.compile(
    r"(?:(?P<late>LATE)_)?(?P<name>anon_[A-Za-z0-9]+)_(?P<file>[0-9]{1,20})_(?P<rest>.+)", re.DOTALL
)
_AGAIN = re.compile(r"-(?:([0-9]{1,9})|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$")
_MANY_TIMES = 1_000_000_000  # as often as a notebook has been handed in again when Canvas stops counting
_MOODLE = re.compile(r"(?P<name>.+?)(?:_(?P<number>[0-9]{1,20}))?_assignsubmission_[a-z]+(?:_(?P<rest>.*))?", re.DOTALL)
_TURNING = set(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)  # what turns a line of text around
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:-|$)")  # no names of files on Windows

SAVE_AGAIN = "open it in JupyterLab and save it"
ASK_AGAIN = "ask the student to hand in the notebook again"


@dataclass(frozen=True)
class Submission:
    """A notebook that can be marked.

    student  the name as the instructor knows it; nobody else's, and not to be trusted in HTML, CSV or a path
    slug     the student in names of files: a-z, 0-9 and "-", nobody else's
    lesson   its number
    sha256   of the file's bytes
    source   where it was found
    notes    sentences
    lms_id   the number that Canvas or Moodle has for the student, or ""
    """

    student: str
    slug: str
    lesson: int
    cells: tuple[Cell, ...]
    sha256: str
    source: str
    notes: tuple[str, ...] = ()
    lms_id: str = ""


@dataclass(frozen=True)
class Refused:
    """What cannot be marked: whose it is as far as known, where it is, and a sentence that says what to do."""

    student: str
    source: str
    reason: str


@dataclass(frozen=True)
class Intake:
    """All that was found. Every file is in one of the three; `ignored` are sources of files that are no notebooks."""

    submissions: tuple[Submission, ...]
    refused: tuple[Refused, ...]
    ignored: tuple[str, ...]


def collect(path: Path, class_seed: int = 0) -> Intake:
    """The submissions in a folder, a zip or a notebook. Raises FileNotFoundError if there is nothing at `path`."""
    root = Path(path).resolve(strict=True)
    with ExitStack() as later:
        return _Sorting(list(_found(root, later)), root.stem if root.is_file() else root.name, class_seed).intake()


class _Unread(Exception):
    """Why a file cannot be marked, as a sentence without its first letter's size and its full stop."""


@dataclass(frozen=True)
class _File:
    """A file, or what else stands in a folder. `read` gives its bytes or raises _Unread; `time` orders files.

    A path that ends in an empty name is a folder itself, seen because nothing may be in it.
    """

    path: tuple[str, ...]
    source: str
    time: tuple[int, ...] = ()
    read: Callable[[], bytes] = bytes
    problem: str = ""


# where files are


def _found(root: Path, later: ExitStack) -> Iterator[_File]:
    if root.is_dir():
        top = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        later.callback(os.close, top)
        yield from _in_folder(top)
        return
    top = os.open(root.parent, os.O_RDONLY | os.O_DIRECTORY)
    later.callback(os.close, top)
    status = root.stat()
    alone = _File((root.name,), _shown(root.name), (status.st_mtime_ns,), partial(_read, top, (root.name,)))
    if not root.is_file():
        yield _File(alone.path, alone.source, problem=_what_it_is(status.st_mode))
    elif _NOTEBOOK.search(root.name):
        yield alone
    elif root.suffix.lower() == ".zip" or zipfile.is_zipfile(root):
        file = later.enter_context(os.fdopen(_open(top, alone.path, os.O_NONBLOCK), "rb"))
        try:
            yield from _in_archive(file, later)
        except (_Unread, *_BROKEN) as error:
            told = (
                str(error) if type(error) is _Unread else f"the archive cannot be read ({_told(error)}): get it again"
            )
            yield _File(alone.path, alone.source, problem=told)
    else:
        yield alone


def _in_folder(top: int) -> Iterator[_File]:
    """What is below the folder that `top` is a descriptor of. No link is followed, nor can one be slipped in meanwhile."""
    waiting: list[tuple[str, ...]] = [()]
    seen = 0
    while waiting:
        folder = waiting.pop()
        try:
            number = _open(top, folder, os.O_DIRECTORY)
        except OSError as error:
            told = f"the folder cannot be opened ({_told(error)}): make it readable and grade again"
            yield _File(folder, _source(folder) + "/", problem=told)
            continue
        try:
            names = sorted(os.listdir(number))
            if folder and not names:
                yield _File((*folder, ""), _source(folder) + "/")
            for name in names:
                path = (*folder, name)
                seen += 1
                if seen > MAX_FILES:
                    told = (
                        f"there are more than {MAX_FILES:,} files, and from here on none was looked at: split the class"
                    )
                    yield _File(path, _source(path) + " and what follows", problem=told)
                    return
                try:
                    status = os.stat(name, dir_fd=number, follow_symlinks=False)
                except OSError as error:
                    told = f"it cannot be looked at ({_told(error)}): grade again"
                    yield _File(path, _source(path), problem=told)
                    continue
                if stat.S_ISREG(status.st_mode):
                    yield _File(path, _source(path), (status.st_mtime_ns,), partial(_read, top, path))
                elif not stat.S_ISDIR(status.st_mode):
                    yield _File(path, _source(path), problem=_what_it_is(status.st_mode))
                elif len(path) < MAX_FOLDERS:
                    waiting.append(path)
                else:
                    told = f"more than {MAX_FOLDERS} folders stand one inside the other: move what is in it further up"
                    yield _File(path, _source(path) + "/", problem=told)
        finally:
            os.close(number)


def _open(top: int, path: tuple[str, ...], flags: int) -> int:
    """A descriptor of what is at `path` below `top`, none of it a link. Raises OSError."""
    number = os.dup(top)
    for place, name in enumerate(path, 1):
        more = flags if place == len(path) else os.O_DIRECTORY
        try:
            below = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | more, dir_fd=number)
        finally:
            os.close(number)
        number = below
    return number


def _read(top: int, path: tuple[str, ...]) -> bytes:
    try:
        with os.fdopen(_open(top, path, os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise _Unread(_what_it_is(status.st_mode))
            return _not_too_much(file.read(MAX_FILE + 1) if status.st_size <= MAX_FILE else None, status.st_size)
    except OSError as error:
        raise _Unread(f"the file cannot be opened ({_told(error)}): make it readable and grade again") from None


def _not_too_much(data: bytes | None, size: int) -> bytes:
    if data is None or len(data) > MAX_FILE:
        raise _Unread(
            f"the file has {size / MEGABYTE:,.0f} MB, more than the {MAX_FILE // MEGABYTE} that are read: "
            'in JupyterLab choose "Clear Outputs of All Cells" and save it'
        )
    return data


def _what_it_is(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "it is a link, and links are not followed: put the file itself in its place"
    return "it is no regular file but a pipe, a socket or a device: put the notebook in its place"


# archives

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError, IndexError)


def _in_archive(file: Any, later: ExitStack) -> Iterator[_File]:
    """The members of a zip. Raises _Unread and what zipfile raises."""
    size = os.fstat(file.fileno()).st_size
    end = zipfile._EndRecData(file)  # the only way to know the size of the list before all of it is in memory
    if not end:
        raise _Unread("it is no zip, whatever its name says: get it again")
    if end[5] > MAX_INDEX or end[4] > MAX_FILES:
        raise _Unread(f"the archive says it has {end[4]:,} members, and {MAX_FILES:,} are read: split the class")
    archive = later.enter_context(zipfile.ZipFile(file))
    members = archive.infolist()
    if len(members) > MAX_FILES:
        raise _Unread(f"the archive has {len(members):,} members, and {MAX_FILES:,} are read: split the class")
    if sum(member.compress_size for member in members) > size:
        raise _Unread("members of the archive lie over each other, as in a zip bomb: find out where it comes from")
    seen: Counter[str] = Counter()
    for member in members:
        name = _name(member)
        path = tuple(part for part in name.split("/") if part not in ("", "."))
        if name.endswith("/") and not member.file_size:
            path = (*path, "")
        source = _shown(name[:MAX_NAME])
        seen[source] += 1
        if seen[source] > 1:
            source += f" [{seen[source]}]"
        read = partial(_read_member, archive, member)
        yield _File(path, source, member.date_time, read, _wrong_with(member, name, path))


def _name(member: zipfile.ZipInfo) -> str:
    """The name of a member with "/" between folders; many tools write UTF-8 without saying so."""
    name = member.orig_filename
    if not member.flag_bits & 0x800:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _wrong_with(member: zipfile.ZipInfo, name: str, path: tuple[str, ...]) -> str:
    mode = member.external_attr >> 16
    if name.startswith("/") or ".." in path or re.match("[A-Za-z]:", name) or not path or "\0" in name:
        return "its name leads out of the archive: find out where it comes from, and hand it in under a plain name"
    if len(name) > MAX_NAME or len(path) > MAX_FOLDERS:
        return (
            f"its name has more than {MAX_NAME:,} characters or {MAX_FOLDERS} folders: hand it in under a shorter one"
        )
    if member.flag_bits & 0x41:
        return "it is encrypted: unpack the archive with its password, and grade the folder"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return _what_it_is(mode)
    return ""


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    # the other methods of zipfile may take any amount of memory for a few bytes
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _Unread("it is packed in a way that is not read here: unpack the archive, and grade the folder")
    if member.file_size > max(MEGABYTE, MAX_RATIO * member.compress_size):
        raise _Unread(f"it would unpack to more than {MAX_RATIO} times its size, as a zip bomb does: {ASK_AGAIN}")
    if member.file_size > MAX_FILE:
        _not_too_much(None, member.file_size)
    try:
        with archive.open(member) as file:
            return _not_too_much(file.read(MAX_FILE + 1), member.file_size)
    except _BROKEN as error:
        raise _Unread(f"it cannot be unpacked ({_told(error)}): get the archive again, or {ASK_AGAIN}") from None


# whose a file is


@dataclass(frozen=True)
class _Owner:
    """Whose a file is by where it stands. Without a name nobody is known. `again` and `late` order what one handed in."""

    name: str = ""
    number: str = ""
    again: int = 0
    late: bool = False
    file: int = 0
    note: str = ""


def _owner(path: tuple[str, ...]) -> _Owner:
    """Whose a notebook is, by its path below what is no student's."""
    top, name = path[0], _NOTEBOOK.sub("", path[-1])
    if len(path) > 1:
        match = _MOODLE.fullmatch(top)
        return _Owner(match["name"], match["number"] or "") if match and not match["rest"] else _Owner(top)
    match = _CANVAS_HIDDEN.fullmatch(name) or _CANVAS.fullmatch(name)
    if match:
        number = match.groupdict().get("number", "")
        return _Owner(match["name"], number, _again(match["rest"]), bool(match["late"]), int(match["file"]))
    match = _MOODLE.fullmatch(name)
    if match and match["rest"]:
        return _Owner(match["name"], match["number"] or "")
    match = _lesson_names().search(name)
    if match:
        return _Owner(name[: match.start()].rstrip("_- "))
    return _Owner(name, note="The file's name names no lesson; all of it was taken for the student's name.")


def _again(name: str) -> int:
    match = _AGAIN.search(name)
    return 0 if match is None else int(match[1] or _MANY_TIMES)


@cache
def _lesson_names() -> re.Pattern[str]:
    names = (re.escape(lesson.name).replace("_", "[_ -]") for lesson in catalogue.lessons())
    return re.compile(rf"(?<![0-9])(?:{'|'.join(names)})", re.IGNORECASE)


def _around(paths: list[tuple[str, ...]], root: str) -> int:
    """How many folders stand around all notebooks and are no student's."""
    count = 0
    while paths and all(len(path) > 1 for path in paths) and len({path[0] for path in paths}) == 1:
        inside = [path[1:] for path in paths]
        if _MOODLE.fullmatch(paths[0][0]) or not _is_class(inside, paths[0][0].casefold() == root.casefold()):
            break
        paths, count = inside, count + 1
    return count


def _is_class(paths: list[tuple[str, ...]], named_like_root: bool) -> bool:
    """Whether these are of a class, or all of one student's."""
    owners = [_owner(path) for path in paths]
    if not all(owner.name and not owner.note for owner in owners):
        return False
    if named_like_root or all(owner.number or owner.file for owner in owners):
        return True
    flat = {owner.name for owner, path in zip(owners, paths, strict=True) if len(path) == 1}
    homes = defaultdict(set)
    for path in paths:
        if len(path) > 1:
            homes[path[-1]].add(path[0])
    return len(flat) > 1 or any(len(folders) > 1 for folders in homes.values())


# what a notebook says


@dataclass
class _Notebook:
    cells: tuple[Cell, ...]
    hint: str
    notes: list[str] = field(default_factory=list)


def _notebook(data: bytes, keep: Callable[[str], str]) -> _Notebook:
    """The cells of a notebook file. `keep` gives one string for many alike. Raises _Unread."""
    notes: list[str] = []
    tree = _tree(_text(data), notes)
    if type(tree) is not dict:
        raise _Unread(f"it is JSON but no notebook: {ASK_AGAIN}")
    major, minor = tree.get("nbformat"), tree.get("nbformat_minor")
    if type(major) is not int or major < 4:
        raise _Unread(f"it is in an old format of notebooks (nbformat {_brief(major)}), or in none: {SAVE_AGAIN}")
    if major > 4:
        raise _Unread(f"it is in a format of notebooks that is too new (nbformat {_brief(major)}): {SAVE_AGAIN}")
    if type(minor) is int and minor > 5:
        notes.append(f"The notebook is in format 4.{_brief(minor)}, newer than 4.5; it was read as that.")
    cells = tree.get("cells")
    if type(cells) is not list:
        raise _Unread(f"it has no list of cells: {ASK_AGAIN}")
    if len(cells) > MAX_CELLS:
        raise _Unread(f"it has {len(cells):,} cells, and {MAX_CELLS:,} are read: ask the student to take some out")
    read, size = [], 0
    for number, cell in enumerate(cells, 1):
        kind, source = _cell(cell, number, notes)
        size += len(source.encode("utf-8"))
        if size > MAX_SOURCE:
            told = f"its cells have more than {MAX_SOURCE // MEGABYTE} MB of text, outputs not counted"
            raise _Unread(f"{told}: ask the student to take data out of the cells")
        read.append(Cell(number, kind, keep(source)))
    if not any(cell.source.strip() for cell in read):
        raise _Unread(f"nothing is written in its cells: {ASK_AGAIN}")
    return _Notebook(tuple(read), _hint(tree), notes)


def _text(data: bytes) -> str:
    if not data.strip():
        raise _Unread(f"the file is empty: {ASK_AGAIN}")
    with suppress(UnicodeDecodeError):
        if b"\0" not in data[:4]:
            return data.decode("utf-8-sig")
    raise _Unread(f"its text is not in UTF-8: {SAVE_AGAIN}, or save it as UTF-8 in an editor")


def _tree(text: str, notes: list[str]) -> Any:
    """JSON as Jupyter reads it. What is no JSON in the end (NaN) and numbers beyond all measure are as good as None."""
    if sum(map(text.count, ",:[{")) > MAX_PARTS:
        told = 'in JupyterLab choose "Clear Outputs of All Cells" and save it'
        raise _Unread(f"it has more than {MAX_PARTS:,} values: {told}")
    twice = False

    def made(pairs: list[tuple[str, Any]]) -> dict:
        nonlocal twice
        found = dict(pairs)
        twice = twice or len(found) < len(pairs)
        return found

    try:
        tree = json.loads(
            text,
            object_pairs_hook=made,
            parse_constant=lambda name: None,
            parse_int=lambda digits: int(digits) if len(digits) < 20 else None,
        )
    except RecursionError:  # Python's reader of JSON counts how deep it is
        raise _Unread(f"its JSON is nested deeper than that of any notebook: {ASK_AGAIN}") from None
    except ValueError:
        raise _Unread(f"it is no notebook but some other text, or cut off: {ASK_AGAIN}") from None
    if twice:
        notes.append("In the file a key stands twice in one place; the last counts, as in Jupyter.")
    return tree


def _cell(cell: Any, number: int, notes: list[str]) -> tuple[str, str]:
    """The kind and the text of a cell, whatever stands in its place."""
    source = cell.get("source") if type(cell) is dict else None
    if type(source) is list and all(type(line) is str for line in source):
        source = "".join(source)
    if type(source) is not str:
        notes.append(f"Cell {number} holds no text; it counts as empty.")
        return "raw", ""
    kind = cell.get("cell_type")
    if kind not in ("code", "markdown", "raw"):
        notes.append(f"Cell {number} is of no known kind; it was read as raw text.")
        kind = "raw"
    mended = source.encode("utf-8", "replace").decode("utf-8") if not source.isascii() else source
    if mended != source:
        notes.append(f'Cell {number} holds halves of characters; a "?" is in the place of each.')
    return kind, mended.replace("\r\n", "\n").replace("\r", "\n")


def _hint(tree: dict) -> str:
    """The lesson that the notebook's metadata names. A student can write anything there."""
    found: Any = tree
    for key in ("metadata", "embedcourse", "lesson"):
        found = found.get(key) if type(found) is dict else None
    return found if type(found) is str else ""


def _brief(value: Any) -> str:
    return str(value) if type(value) in (int, float, bool) else "not given" if value is None else "unknown"


# which lesson it is


def _lesson(notebook: _Notebook, name: str, class_seed: int) -> tuple[int, list[str]]:
    """The number of a notebook's lesson, and what is to be said of it. Raises _Unread."""
    defined = set().union(*(defined_in(cell.source) for cell in notebook.cells))
    marked = any("@exercise" in cell.source for cell in notebook.cells)
    overlaps = {lesson.number: len(defined.intersection(lesson.exercises)) for lesson in catalogue.lessons()}
    by_metadata = next((lesson.number for lesson in catalogue.lessons() if lesson.name == notebook.hint), 0)
    match = _lesson_names().search(name)
    by_name = int(match[0][:2]) if match else 0
    hints = [number for number in (by_metadata, by_name) if number]
    best = max(overlaps.values())
    likely = [number for number, overlap in overlaps.items() if overlap == best > 0]
    agreed = [number for number in hints if number in likely]
    if not likely and not hints:
        raise _Unread("it is no lesson of this course: look whether it was handed in for another assignment")
    if best == 1 and not agreed and not marked:
        if not hints:
            only = ", ".join(sorted(set(catalogue.exercises()) & defined))
            raise _Unread(
                f"it has nothing of a lesson of this course but a function called {only}: if it is one, "
                "put the name of the lesson, such as 01_lookup_matrix, into the name of the file"
            )
        likely = []
    number = (agreed or likely or hints)[0]
    notes = []
    if not overlaps[number]:
        notes.append(f"No cell defines an exercise of lesson {number}.")
    for told, other in (("metadata", by_metadata), ("file's name", by_name)):
        if other and other != number:
            notes.append(f"The {told} says lesson {other}; by its exercises this is lesson {number}.")
    others = [str(other) for other, overlap in overlaps.items() if overlap and other != number]
    if others:
        notes.append(f"There are also exercises of lesson {', '.join(others)}; they were not marked.")
    if _as_handed_out(notebook, number, class_seed):
        notes.append("No code cell differs from the lesson as it was handed out.")
    return number, notes


def _as_handed_out(notebook: _Notebook, number: int, class_seed: int) -> bool:
    code = {digest(cell.source) for cell in notebook.cells if cell.kind == "code" and cell.source.strip()}
    return bool(code) and code <= _handed_out(number, class_seed)


@cache
def _handed_out(number: int, class_seed: int) -> frozenset[str]:
    """The digests of the code cells of a lesson as it is handed out."""
    cells = released_notebook(number, class_seed)["cells"]
    return frozenset(digest("".join(cell["source"])) for cell in cells if cell["cell_type"] == "code")


# putting it together


def _is_notebook(file: _File) -> bool:
    return not file.problem and not _is_nobodys(file) and bool(_NOTEBOOK.search(file.path[-1]))


def _is_nobodys(file: _File) -> bool:
    """Whether a file is what programs leave behind."""
    return bool(_NOBODYS.intersection(file.path)) or file.path[-1].startswith(("._", ".~"))


@dataclass
class _Read:
    """A notebook that was read, before it is known whether another one of the same student replaces it."""

    file: _File
    owner: _Owner
    lesson: int
    cells: tuple[Cell, ...]
    sha256: str
    notes: list[str]

    @property
    def order(self) -> tuple:
        return self.owner.again, self.owner.late, self.file.time, self.owner.file, self.file.source


class _Sorting:
    """Puts each file where it belongs."""

    def __init__(self, found: list[_File], root: str, class_seed: int) -> None:
        self.class_seed = class_seed
        self.refused: list[tuple[_Owner, str, str]] = []
        self.ignored: list[str] = []
        self.read: dict[tuple[str, str, int], list[_Read]] = {}
        self.texts: dict[str, str] = {}
        found = sorted(found, key=lambda file: (file.path, file.source))
        notebooks = [file for file in found if _is_notebook(file)]
        self.around = _around([file.path for file in notebooks], root)
        owners = {file: self._owner(file) for file in notebooks}
        if not any(owner.name for owner in owners.values()):
            told = "No student is named where the file was found; the name of what was graded stands for one."
            owners = dict.fromkeys(notebooks, _Owner(root, note=told))
        for file in found:
            if file in owners:
                self._take(file, owners[file])
            elif file.problem:
                self._refuse(self._owner(file), file.source, file.problem)
            elif not _is_nobodys(file) and _ARCHIVE.search(file.path[-1]):
                told = (
                    "an archive inside of a folder or an archive is not opened: unpack it in its place and grade again"
                )
                self._refuse(self._owner(file), file.source, told)
            elif file.path[-1]:
                self.ignored.append(file.source)
        present = {*owners.values(), *(owner for owner, _, _ in self.refused)}
        self._say_who_has_none(found, {(owner.name, owner.number) for owner in present})

    def _owner(self, file: _File) -> _Owner:
        path = file.path[self.around :]
        if not path or ".." in path or (len(path) == 1 and not _is_notebook(file) and _owner(path).note):
            return _Owner()
        return _owner(path)

    def _refuse(self, owner: _Owner, source: str, reason: str) -> None:
        self.refused.append((owner, source, f"{reason[:1].upper()}{reason[1:]}."))

    def _take(self, file: _File, owner: _Owner) -> None:
        try:
            if not owner.name:
                raise _Unread(
                    "no student is named: put it into a folder with the student's name, "
                    f"or call it student_{_shown(file.path[-1])}"
                )
            data = file.read()
            notebook = _notebook(data, lambda text: self.texts.setdefault(text, text))
            lesson, notes = _lesson(notebook, file.path[-1], self.class_seed)
        except _Unread as error:
            self._refuse(owner, file.source, str(error))
            return
        said = [owner.note] if owner.note else []
        if owner.late:
            said.append("Canvas says that it was handed in late.")
        read = _Read(
            file, owner, lesson, notebook.cells, hashlib.sha256(data).hexdigest(), [*said, *notes, *notebook.notes]
        )
        self.read.setdefault((owner.name, owner.number, lesson), []).append(read)

    def _say_who_has_none(self, found: list[_File], present: set[tuple[str, str]]) -> None:
        """A row for each student's folder in which nothing is a notebook."""
        for file in found:
            folder = file.path[: self.around + 1]
            if file.problem or len(file.path) <= len(folder) or _is_nobodys(file):
                continue
            owner = self._owner(file)
            if (owner.name, owner.number) not in present:
                present.add((owner.name, owner.number))
                self._refuse(owner, _source(folder) + "/", f"there is no notebook (.ipynb) in this folder: {ASK_AGAIN}")

    def intake(self) -> Intake:
        """All of it, in order."""
        counted = []
        for several in self.read.values():
            *earlier, last = sorted(several, key=lambda read: read.order)
            counted.append(last)
            for read in earlier:
                told = (
                    f"it is replaced by {last.file.source}: if this one is to count, take the other out and grade again"
                )
                self._refuse(read.owner, read.file.source, told)
        names = _Names({(read.owner.name, read.owner.number) for read in counted})
        submissions = [
            Submission(
                *names.of(read.owner.name, read.owner.number),
                read.lesson,
                read.cells,
                read.sha256,
                read.file.source,
                tuple(dict.fromkeys(read.notes)),
                read.owner.number,
            )
            for read in counted
        ]
        submissions.sort(key=lambda submission: (submission.slug, submission.lesson))
        refused = [Refused(names.of(owner.name, owner.number)[0], *rest) for owner, *rest in self.refused]
        refused.sort(key=lambda row: row.source)
        return Intake(tuple(submissions), tuple(refused), tuple(sorted(self.ignored)))


class _Names:
    """A name to show and a name for files for each student, no two alike."""

    def __init__(self, students: set[tuple[str, str]]) -> None:
        self._named: dict[tuple[str, str], tuple[str, str]] = {}
        looks = Counter(_look(name) for name, _ in students)
        shown_before: set[str] = set()
        slugs_before: set[str] = set()
        for name, number in sorted(students):
            shown, slug = _shown(name), _slug(name, number)
            if looks[_look(name)] > 1:
                shown = f"{shown} ({number or _number_of(name)})"
            while shown in shown_before:
                shown += " (another)"
            while slug in slugs_before:
                slug += "-2"
            shown_before.add(shown)
            slugs_before.add(slug)
            self._named[name, number] = shown, slug

    def of(self, name: str, number: str) -> tuple[str, str]:
        """The name to show and the slug."""
        return self._named.get((name, number)) or (_shown(name), _slug(name, number))


def _slug(name: str, number: str) -> str:
    """The student in a-z, 0-9 and "-", whoever else is in the class: what was graded before is found by it.

    "ada" and "Ada Lovelace" become "ada" and "ada-lovelace". Any other spelling that would become the same gets a number,
    that of the LMS or one from the spelling.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub("[^a-z0-9]+", "-", plain)[:60].strip("-")
    if not slug or _RESERVED.match(slug):
        slug = f"student-{slug}".rstrip("-")
    usual = " ".join(word.capitalize() for word in slug.split("-")) if "-" in slug else slug
    return slug if name == usual and not number else f"{slug}-{number or _number_of(name)}"


def _number_of(name: str) -> str:
    """Five digits for a spelling."""
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{int(digest[:12], 16) % 100_000:05}"


def _look(name: str) -> str:
    """The same for names that look alike."""
    return unicodedata.normalize("NFC", _shown(name))


def _shown(text: str) -> str:
    """Text that every screen and file can take: what has no shape, or turns the line around, is written as its number."""
    return "".join(
        f"\\u{ord(sign):04x}" if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") or sign in _TURNING else sign
        for sign in text
    )


def _source(path: tuple[str, ...]) -> str:
    return _shown("/".join(path))


def _told(error: BaseException) -> str:
    """What an exception says, in few words and without the path of this machine."""
    return (getattr(error, "strerror", None) or _shown(str(error))[:100]) or type(error).__name__
