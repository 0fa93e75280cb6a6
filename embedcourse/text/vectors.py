"""Reading word vectors that others have trained: GloVe's text files, word2vec's text and binary files.

Used in lesson 3. The format is told by the content, since file names say nothing reliable: word2vec files begin with a line
of two whole numbers, rows and dim; GloVe files begin with the first word. A file that is not what it should be is refused
with the line and what is wrong there: half a table would look like a whole one.
"""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from jaxtyping import Float

if TYPE_CHECKING:
    from tqdm import tqdm

ROWS_AT_ONCE = 4_096
_PROBED = 64  # lines that are looked at to tell the format
_FLOAT = np.dtype("<f4")  # word2vec writes little-endian float32


def load_vectors(
    path: str | os.PathLike[str], limit: int | None = None, encoding: str = "utf-8"
) -> tuple[list[str], Float[np.ndarray, "vocab dim"]]:
    """The words of a file of word vectors, and their rows as float32: row i belongs to words[i].

    path      a GloVe text file, a word2vec text file or a word2vec binary file, perhaps packed with gzip
    limit     read only the first rows; such files are sorted by frequency, so these are the most frequent words
    encoding  of the words; nearly every such file is UTF-8
    A bar shows the progress of what takes longer than a second.
    Raises FileNotFoundError, and ValueError with the line for rows of different length, another number of rows than the
    first line promises, a file that was cut off, a word that comes twice, words in another encoding, and what is no number.
    """
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int | np.integer) or limit < 1):
        raise ValueError(f"limit is {limit!r}; it must be a whole number of at least 1, or None for all rows")
    path = Path(path)
    if path.is_dir():
        raise ValueError(f"{path} is a folder; give one file of vectors in it")
    if zipfile.is_zipfile(path):
        inside = ", ".join(zipfile.ZipFile(path).namelist()[:5])
        raise ValueError(f"{path.name} is a zip archive: unpack it and give one of the files inside ({inside})")
    with _opened(path) as file:
        begin = file.peek(1 << 20)
        if not begin.strip():
            raise ValueError(f"{path.name} is empty")
        header = _header(begin)
        if header is None:
            words, E = _text(file, path.name, _most_common_dim(begin), None, limit, encoding)
        else:
            first_line = file.readline()
            if _is_text(begin[len(first_line) :], header[1]):
                words, E = _text(file, path.name, header[1], header[0], limit, encoding)
            else:
                words, E = _binary(file, path.name, *header, limit, encoding)
    word, times = Counter(words).most_common(1)[0]
    if times > 1:
        raise ValueError(
            f"{path.name}: the word {word!r} stands in {times} rows, and a word can have one row only; remove the others"
        )
    bad = np.flatnonzero(~np.isfinite(E).all(axis=1))
    if len(bad):
        raise ValueError(f"{path.name}: the row of {words[bad[0]]!r} holds a number that is not finite")
    return words, E


@contextmanager
def _opened(path: Path) -> Iterator[io.BufferedReader]:
    """The file, unpacked if it is packed, with a bar of how much of it has been read."""
    from tqdm.auto import tqdm  # loads all of ipywidgets where there is a notebook

    with (
        path.open("rb") as raw,
        tqdm(total=path.stat().st_size, desc=path.name, unit="B", unit_scale=True, delay=1, leave=False) as bar,
    ):
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        counted = _Counted(raw, bar)
        unpacked: BinaryIO = gzip.GzipFile(fileobj=counted) if packed else counted
        try:
            file = io.BufferedReader(unpacked, buffer_size=1 << 20)
            file.peek(3)
            if file.peek(3)[:3] == b"\xef\xbb\xbf":  # a mark that some editors put in front of UTF-8
                file.read(3)
            yield file
        except (EOFError, gzip.BadGzipFile) as error:
            raise ValueError(f"{path.name} was cut off or damaged, it cannot be unpacked: fetch it again") from error


class _Counted(io.RawIOBase):
    """A file that tells a bar how much of it has been read."""

    def __init__(self, raw: BinaryIO, bar: tqdm) -> None:
        self.raw, self.bar = raw, bar

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        size = self.raw.readinto(buffer)
        self.bar.update(size)
        return size


def _header(begin: bytes) -> tuple[int, int] | None:
    """Rows and dim, if the first line is word2vec's."""
    fields = begin.split(b"\n", 1)[0].split()
    if len(fields) == 2 and all(field.isdigit() for field in fields):
        rows, dim = map(int, fields)
        if rows < 1 or dim < 1:
            raise ValueError(
                f"the first line promises {rows} rows of {dim} numbers; there must be at least one of each"
            )
        return rows, dim
    return None


def _is_text(begin: bytes, dim: int) -> bool:
    """Whether the first rows after a header are numbers in writing, not four bytes each."""
    lines = [line for line in begin.split(b"\n")[:3] if line.strip()]
    return any(
        len(line.split()) > 1 and all(_is_number(field) for field in line.split()[-1:]) for line in lines
    ) and all(byte >= 9 for byte in b"".join(lines)[: 8 * dim])


def _is_number(field: bytes) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _most_common_dim(begin: bytes) -> int:
    """The length of most of the first rows: of a file without a header nobody else says it."""
    lines = begin.split(b"\n")
    lines = lines[:_PROBED] if len(lines) > 1 else lines
    lengths = Counter(len(line.split()) - 1 for line in lines[: max(len(lines) - 1, 1)])
    return max(lengths.most_common(1)[0][0], 1)


def _text(
    file: io.BufferedReader, name: str, dim: int, promised: int | None, limit: int | None, encoding: str
) -> tuple[list[str], np.ndarray]:
    words, blocks = [], []
    offset = 1 if promised is None else 2  # the number of the line with the first row, as an editor counts
    wanted = min((number for number in (promised, limit) if number is not None), default=None)
    while wanted is None or len(words) < wanted:
        at_once = ROWS_AT_ONCE if wanted is None else min(ROWS_AT_ONCE, wanted - len(words))
        lines = list(islice(file, at_once))
        if not lines:
            break
        if not b"".join(lines[-1:]).strip() and not file.peek(1):
            lines.pop()  # an empty line at the end
        first = offset + len(words)
        rows = [_row(line, f"{name}, line {first + place}", dim, encoding) for place, line in enumerate(lines)]
        words += [word for word, _ in rows]
        blocks.append(_numbers([numbers for _, numbers in rows], name, first, dim))
    if promised is not None:
        left = sum(bool(line.strip()) for line in file) if len(words) == promised else 0
        if left or len(words) < (wanted or 0):
            there = f"{len(words) + left}"
            raise ValueError(
                f"{name}: the first line promises {promised} rows, but {there} are there; "
                "the file was cut off or put together from several: fetch it again"
            )
    return words, np.concatenate(blocks)


def _row(line: bytes, where: str, dim: int, encoding: str) -> tuple[str, bytes]:
    """A line's word and its numbers. Some words of GloVe hold spaces, so the numbers are counted from the end."""
    fields = line.strip(b"\r\n ").rsplit(b" ", dim) if b"\t" not in line else line.split(None)
    if len(fields) != dim + 1 or (b" " in fields[0] and _is_number(fields[0].rsplit(b" ", 1)[1])):
        there = len(line.split()) - 1
        cut = "" if line.endswith(b"\n") else "; it is the last line and has no end, so the file was perhaps cut off"
        raise ValueError(f"{where}: {max(there, 0)} numbers, where other rows have {dim}{cut}")
    try:
        return fields[0].decode(encoding), b" ".join(fields[1:])
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{where}: the word {fields[0]!r} is not {encoding}; give the encoding of the file, "
            'for instance load_vectors(path, encoding="cp1252")'
        ) from error


def _numbers(rows: list[bytes], name: str, first: int, dim: int) -> np.ndarray:
    try:
        return np.loadtxt(rows, dtype=np.float32, comments=None, encoding="latin-1", ndmin=2).reshape(len(rows), dim)
    except ValueError:
        for place, row in enumerate(rows):
            for field in row.split():
                if not _is_number(field):
                    text = field.decode(errors="replace")
                    raise ValueError(f"{name}, line {first + place}: {text!r} is not a number") from None
            if len(row.split()) != dim:
                raise ValueError(
                    f"{name}, line {first + place}: {len(row.split())} numbers, where other rows have {dim}"
                ) from None
        raise


def _binary(
    file: io.BufferedReader, name: str, promised: int, dim: int, limit: int | None, encoding: str
) -> tuple[list[str], np.ndarray]:
    rows = promised if limit is None else min(promised, limit)
    words: list[str] = []
    blocks = []
    for _ in range(rows):
        word, row = _word(file), file.read(dim * _FLOAT.itemsize)
        if word is None or len(row) < dim * _FLOAT.itemsize:
            raise ValueError(
                f"{name}: the first line promises {promised} rows, but the file ends in row {len(words) + 1}; "
                "it was cut off: fetch it again"
            )
        try:
            words.append(word.decode(encoding))
        except UnicodeDecodeError as error:
            raise ValueError(
                f"{name}, row {len(words) + 1}: the word {word[:40]!r} is not {encoding}: the file is in another "
                f'encoding, as in load_vectors(path, encoding="cp1252"), or its rows do not have {dim} numbers'
            ) from error
        blocks.append(row)
    if rows == promised and file.read(64).strip():
        raise ValueError(
            f"{name}: the first line promises {promised} rows of {dim} numbers, but the file goes on after them"
        )
    return words, np.frombuffer(b"".join(blocks), dtype=_FLOAT).reshape(rows, dim).astype(np.float32)


def _word(file: io.BufferedReader) -> bytes | None:
    """The bytes up to the next space; None if the file ends first. Some writers end each row with a line end, some do not."""
    word = b""
    while (byte := file.read(1)) != b" ":
        if not byte or len(word) > 10_000:
            return None
        word += byte
    return word.lstrip(b"\r\n")
