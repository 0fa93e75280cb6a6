"""Files of word vectors as they really come: three formats, packed or not, and every way in which one is broken."""

import gzip
import zipfile

import numpy as np
import pytest

from embedcourse.text import vectors
from embedcourse.text.vectors import load_vectors

WORDS = ["the", "of", ",", "été", "7", "don't", "日本"]
E = np.random.default_rng(0).normal(size=(7, 4)).astype(np.float32)


def glove(words=WORDS, rows=E):
    return "".join(f"{word} {' '.join(map(str, row))}\n" for word, row in zip(words, rows, strict=True)).encode()


def word2vec_text(words=WORDS, rows=E):
    return f"{len(words)} {rows.shape[1]}\n".encode() + glove(words, rows)


def word2vec_binary(words=WORDS, rows=E, row_end=b"\n"):
    lines = (word.encode() + b" " + row.tobytes() + row_end for word, row in zip(words, rows, strict=True))
    return f"{len(words)} {rows.shape[1]}\n".encode() + b"".join(lines)


FORMATS = {
    "glove": glove(),
    "glove with Windows line ends": glove().replace(b"\n", b"\r\n"),
    "glove without a last line end": glove()[:-1],
    "glove with an empty line at the end": glove() + b"\n",
    "glove with a byte order mark": b"\xef\xbb\xbf" + glove(),
    "glove with spaces at the ends": glove().replace(b"\n", b" \n"),
    "glove with tabs": glove().replace(b" ", b"\t"),
    "word2vec text": word2vec_text(),
    "word2vec text as word2vec writes it": word2vec_text().replace(b"\n", b" \n").replace(b" \n", b"\n", 1),
    "word2vec binary": word2vec_binary(),
    "word2vec binary without line ends": word2vec_binary(row_end=b""),
}


def stored(folder, content, name="vectors"):
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_same_words_and_rows(tmp_path, kind, packed):
    path = stored(tmp_path, gzip.compress(FORMATS[kind]) if packed else FORMATS[kind])
    words, rows = load_vectors(path)
    assert words == WORDS
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows, E)
    words, rows = load_vectors(str(path), limit=3)
    assert words == WORDS[:3]
    np.testing.assert_array_equal(rows, E[:3])
    assert load_vectors(path, limit=100)[0] == WORDS


@pytest.mark.parametrize("make", [glove, word2vec_text, word2vec_binary])
@pytest.mark.parametrize(("n", "dim"), [(1, 1), (1, 300), (3, 2), (70, 1)])
def test_small_and_wide_tables(tmp_path, make, n, dim):
    rows = np.random.default_rng(n).normal(size=(n, dim)).astype(np.float32)
    words, got = load_vectors(stored(tmp_path, make([f"w{number}" for number in range(n)], rows)))
    assert len(words) == n
    np.testing.assert_array_equal(got, rows)


def test_blocks_join_without_a_seam(tmp_path, monkeypatch):
    monkeypatch.setattr(vectors, "ROWS_AT_ONCE", 2)
    for kind in ("glove", "word2vec text"):
        words, rows = load_vectors(stored(tmp_path, FORMATS[kind]))
        assert words == WORDS
        np.testing.assert_array_equal(rows, E)


def test_words_with_spaces_as_glove_840b_has_them(tmp_path):
    words = ["the", ". . .", "at name@domain.com", "a"]
    assert load_vectors(stored(tmp_path, glove(words, E[:4])))[0] == words


def test_another_encoding_can_be_named(tmp_path):
    path = stored(tmp_path, "the 1 2\n– 3 4\n".encode("cp1252"))
    with pytest.raises(ValueError, match=r"line 2.*is not utf-8.*encoding=\"cp1252\""):
        load_vectors(path)
    assert load_vectors(path, encoding="cp1252")[0] == ["the", "–"]


def without_row(content, number):
    lines = content.split(b"\n")
    return b"\n".join(lines[:number] + lines[number + 1 :])


BROKEN = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\n", "is empty"),
    "a short row": (glove() + b"cat 1 2 3\n", "line 8: 3 numbers, where other rows have 4"),
    "a long row": (glove() + b"cat 1 2 3 4 5\ndog 1 2 3 4\n", "line 8: 5 numbers"),
    "a first row that is short": (b"cat 1 2\n" + glove(), "line 1: 2 numbers, where other rows have 4"),
    "an empty line inside": (glove() + b"\n" + glove(["cat"], E[:1]), "line 8: 0 numbers"),
    "cut off in a row": (glove()[:-30], "perhaps cut off"),
    "a word for a number": (glove() + b"cat 1 2 x 4\n", "line 8: 'x' is not a number"),
    "no finite number": (glove() + b"cat 1 2 nan 4\n", "row of 'cat' holds a number that is not finite"),
    "a word twice": (glove() + glove(["of"], E[:1]), "'of' stands in 2 rows"),
    "fewer rows than promised": (without_row(word2vec_text(), 3), "promises 7 rows, but 6 are there"),
    "more rows than promised": (word2vec_text() + glove(["cat"], E[:1]), "promises 7 rows, but 8 are there"),
    "no rows at all": (b"7 4\n", "promises 7 rows"),
    "a promise of none": (b"0 4\n", "at least one of each"),
    "another dim than promised": (word2vec_text().replace(b"7 4", b"7 5", 1), "4 numbers, where other rows have 5"),
    "binary, cut off in a row": (word2vec_binary()[:-9], "the file ends in row 7"),
    "binary, cut off between rows": (
        word2vec_binary(row_end=b"")[: -(len("日本".encode()) + 17)],
        "the file ends in row 7",
    ),
    "binary, too long": (word2vec_binary() + b"cat 1234", "goes on after them"),
    "binary, a word in another encoding": (
        b"2 1\n" + "été ".encode("cp1252") + E[0, :1].tobytes() + b"a " + E[0, :1].tobytes(),
        "row 1: the word .* is not utf-8",
    ),
    "gzip, cut off": (gzip.compress(glove() * 100)[:-20], "cut off or damaged"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_refused_with_the_place(tmp_path, what):
    content, sentence = BROKEN[what]
    with pytest.raises(ValueError, match=sentence):
        load_vectors(stored(tmp_path, content))


def test_what_is_no_file_of_vectors(tmp_path):
    with zipfile.ZipFile(tmp_path / "glove.zip", "w") as archive:
        archive.writestr("glove.50d.txt", glove())
    with pytest.raises(ValueError, match=r"unpack it and give one of the files inside \(glove.50d.txt\)"):
        load_vectors(tmp_path / "glove.zip")
    with pytest.raises(ValueError, match="is a folder"):
        load_vectors(tmp_path)
    with pytest.raises(FileNotFoundError):
        load_vectors(tmp_path / "nothing")
    for limit in (0, -1, 1.5, True):
        with pytest.raises(ValueError, match="limit is"):
            load_vectors(stored(tmp_path, glove()), limit=limit)
