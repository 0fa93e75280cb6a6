"""The exercises of lesson 1: their cases, what is expected of an answer, and the mistakes that people make.

Each exercise is one function that builds it, in the order of the lesson; the names of the mistakes' functions are their
names. The references stand in `reference.py`.
"""

from collections.abc import Iterator

import numpy as np

from embedcourse.lookup import reference
from embedcourse.marking import Case, Exercise, Part, entry_part, mistake, with_numbers

Rng = np.random.Generator
_WORDS = ["the", "a", "cat", "dog", "bird", "tree", "river", "stone", "bread", "salt", "moon", "wind", "door", "road"]


def _table(rng: Rng, vocab: int, dim: int, dtype: type = np.float64) -> np.ndarray:
    return rng.normal(size=(vocab, dim)).round(2).astype(dtype)


def _text(rng: Rng, length: int) -> list[str]:
    """Words in random order, so that the order of appearance, of the alphabet and of frequency are three orders."""
    return [str(word) for word in rng.choice(_WORDS, size=length)]


def _build_vocabulary() -> Exercise:
    def without_repeats(rng: Rng) -> Iterator[Case]:
        yield Case((["saw", "cat"],))
        yield Case(([],))
        for length in (3, 6, 9):
            yield Case(([str(word) for word in rng.permutation(_WORDS)[:length]],))
        yield Case((["The", "3", "don't", "", "the", " the", "<unk>", "été"],))  # any str is a token

    def with_repeats(rng: Rng) -> Iterator[Case]:
        yield Case((["the", "cat", "the"],))
        yield Case((["b", "b", "a", "a", "a", "B"],))
        yield Case((["d", "c", "c", "b", "b", "b", "a", "d"],))
        for length in range(4, 20, 2):
            yield Case((_text(rng, length),))

    @mistake("These are ids in alphabetical order. Here a token gets its id when it is first met, from left to right.")
    def alphabetical_order(tokens):
        return {token: number for number, token in enumerate(sorted(set(tokens)))}

    @mistake("This counts from 1. Ids count from 0, as Python's indices do: the first different token gets 0.")
    def counting_from_one(tokens):
        return {token: number for number, token in enumerate(dict.fromkeys(tokens), start=1)}

    @mistake(
        "Each id is a position in the text, so a repeated token takes a later number and leaves gaps behind. "
        "Number the different tokens: give a token an id only when it is new."
    )
    def numbering_every_token(tokens):
        return {token: number for number, token in enumerate(tokens)}

    @mistake(
        "A repeated token keeps its first position in the text, so the ids have gaps. "
        "The next id is the number of different tokens so far: `len(vocabulary)`."
    )
    def first_position_in_the_text(tokens):
        return {token: tokens.index(token) for token in tokens}

    @mistake("This maps ids to tokens. We look up by token, so the token is the key and the id the value.")
    def keys_and_values_swapped(tokens):
        return dict(enumerate(dict.fromkeys(tokens)))

    @mistake(
        "These ids follow frequency, most frequent first. Many real vocabularies do that; this one follows first appearance."
    )
    def most_frequent_first(tokens):
        order = sorted(dict.fromkeys(tokens), key=lambda token: -tokens.count(token))
        return {token: number for number, token in enumerate(order)}

    @mistake(
        "A token that was met before gets a number once more. It keeps the one it has: number a token only "
        "`if token not in vocabulary`."
    )
    def numbering_again(tokens):
        vocabulary = {}
        for token in tokens:
            vocabulary[token] = len(vocabulary)
        return vocabulary

    @mistake("`<unk>` is not among these tokens. Whoever wants it in the vocabulary puts it among the tokens.")
    def adding_unk(tokens):
        return reference.build_vocabulary(["<unk>", *tokens])

    @mistake("These are counts. Two tokens may have the same count; an id belongs to one token alone.")
    def counts(tokens):
        return {token: tokens.count(token) for token in tokens}

    @mistake("You changed capitals to small letters. `B` and `b` are two different tokens here.")
    def lower_case(tokens):
        return reference.build_vocabulary([token.lower() for token in tokens])

    return Exercise(
        name="build_vocabulary",
        title="A vocabulary",
        lesson=1,
        reference=reference.build_vocabulary,
        parts=(
            Part("tokens that are all different", 1, without_repeats),
            Part("tokens that come again", 1, with_repeats),
        ),
        mistakes=(
            alphabetical_order,
            counting_from_one,
            numbering_every_token,
            first_position_in_the_text,
            keys_and_values_swapped,
            most_frequent_first,
            numbering_again,
            adding_unk,
            counts,
            lower_case,
        ),
    )


def _encode() -> Exercise:
    def vocabulary(rng: Rng, size: int, unknown: bool) -> dict[str, int]:
        words = [str(word) for word in rng.permutation(_WORDS)[:size]]
        if unknown:
            words.insert(int(rng.integers(1, size)), "<unk>")
        numbers = rng.permutation(len(words) + 2)  # ids need not follow the order in the dict, nor be without gaps
        return {word: int(number) for word, number in zip(words, numbers, strict=False)}

    def known(rng: Rng) -> Iterator[Case]:
        yield Case((["cat", "the"], {"the": 0, "cat": 1}))
        yield Case((["cat", "the", "cat"], {"the": 7, "cat": 4}))
        for size in (3, 5, 8, 12):
            words = vocabulary(rng, size, unknown=bool(size % 2))
            yield Case(([str(word) for word in rng.choice(list(words), size=size + 2)], words))
        yield Case(([], {"the": 0}))
        yield Case(([], {}))
        yield Case((["cat", "the"], {"the": 1, "cat": 5_000_000_000}))  # an id that needs all of int64

    def unknown_with_unk(rng: Rng) -> Iterator[Case]:
        yield Case((["the", "bird"], {"the": 0, "cat": 1, "<unk>": 2}))
        yield Case((["bird", "the"], {"<unk>": 0, "the": 1}))
        yield Case((["The", "bird"], {"the": 5, "<unk>": 3, "cat": 4}))
        for size in (3, 4, 6, 9):
            yield Case((["zebra", *_text(rng, 2 * size)], vocabulary(rng, size, unknown=True)))

    def unknown_without_unk(rng: Rng) -> Iterator[Case]:
        yield Case((["bird"], {"the": 0, "cat": 1}), raises=KeyError)
        yield Case((["cat"], {"the": 0, "cat": 1}))
        for size in (3, 5, 8):
            words = vocabulary(rng, size, unknown=False)
            yield Case(([*words, "zebra"], words), raises=KeyError)
            yield Case((list(words), words))
            yield Case((["zebra", *words], words), raises=KeyError)

    @mistake(
        "Your unknown tokens get id 0, whatever token that is. Their id is the one that the vocabulary gives to `<unk>`, "
        "and without `<unk>` they are an error."
    )
    def zero_for_the_unknown(tokens, vocabulary):
        return np.array([vocabulary.get(token, 0) for token in tokens], dtype=np.int64)

    @mistake(
        "Your unknown tokens get -1, which is no id of the vocabulary; the next section shows what harm a -1 does. "
        "Use the id of `<unk>`, or raise KeyError if there is none."
    )
    def minus_one_for_the_unknown(tokens, vocabulary):
        return np.array([vocabulary.get(token, -1) for token in tokens], dtype=np.int64)

    @mistake(
        "Your version leaves unknown tokens out, or gives up at the first, so the ids no longer line up with the tokens. "
        "Each token gets one id, or the whole call raises KeyError."
    )
    def dropping_the_unknown(tokens, vocabulary):
        return np.array([vocabulary[token] for token in tokens if token in vocabulary], dtype=np.int64)

    @mistake(
        "Your version adds unknown tokens to the vocabulary while it reads. That changes the caller's dict, and what was "
        "built for the old vocabulary no longer fits it. Leave `vocabulary` as it is."
    )
    def growing_the_vocabulary(tokens, vocabulary):
        return np.array([vocabulary.setdefault(token, len(vocabulary)) for token in tokens], dtype=np.int64)

    @mistake(
        "Your version raises KeyError for an unknown token even where the vocabulary has an `<unk>` to stand in for it."
    )
    def no_use_of_unk(tokens, vocabulary):
        return np.array([vocabulary[token] for token in tokens], dtype=np.int64)

    @mistake(
        "Your version needs `<unk>` even for tokens that are known: the default of `vocabulary.get(token, default)` is "
        "computed in every call, needed or not. Look up `<unk>` only once you know that the token is missing."
    )
    def asking_for_unk_in_advance(tokens, vocabulary):
        return np.array([vocabulary.get(token, vocabulary["<unk>"]) for token in tokens], dtype=np.int64)

    @mistake(
        "You put the word `<unk>` among the ids, which turns all of them into text. "
        "What stands for an unknown token is its *id*: `vocabulary['<unk>']`."
    )
    def the_word_for_its_id(tokens, vocabulary):
        return np.array([vocabulary.get(token, "<unk>") for token in tokens])

    @mistake(
        "Id 0 counts as false, so with `or` a known token that has it is treated as unknown. Ask `token in vocabulary`."
    )
    def zero_counts_as_false(tokens, vocabulary):
        return np.array([vocabulary.get(token) or vocabulary["<unk>"] for token in tokens], dtype=np.int64)

    @mistake(
        "Where there is no `<unk>`, `vocabulary.get` gives None without a word, and the error comes later and is another "
        "one. Use `vocabulary[...]` for the last look-up: it raises the KeyError."
    )
    def none_for_the_missing(tokens, vocabulary):
        return np.array([vocabulary.get(token, vocabulary.get("<unk>")) for token in tokens], dtype=np.int64)

    @mistake("You used the token's place in the dict. Its id is the number stored there: `vocabulary[token]`.")
    def place_in_the_dict(tokens, vocabulary):
        return reference.encode(tokens, {token: place for place, token in enumerate(vocabulary)})

    @mistake("Your ids come as a list. The docstring asks for a NumPy array of dtype int64.")
    def a_list(tokens, vocabulary):
        return reference.encode(tokens, vocabulary).tolist()

    @mistake(
        "For no tokens at all you return float64: `np.array([])` cannot know that ids would have come. "
        "Say `dtype=np.int64` when you make the array."
    )
    def float_when_empty(tokens, vocabulary):
        return np.array(reference.encode(tokens, vocabulary).tolist())

    return Exercise(
        name="encode",
        title="Tokens to ids",
        lesson=1,
        reference=reference.encode,
        parts=(
            Part("tokens that the vocabulary has", 1, known),
            Part("unknown tokens, with `<unk>`", 1, unknown_with_unk),
            Part("unknown tokens, without `<unk>`", 1, unknown_without_unk),
        ),
        mistakes=(
            zero_for_the_unknown,
            minus_one_for_the_unknown,
            dropping_the_unknown,
            growing_the_vocabulary,
            no_use_of_unk,
            asking_for_unk_in_advance,
            the_word_for_its_id,
            zero_counts_as_false,
            none_for_the_missing,
            place_in_the_dict,
            a_list,
            float_when_empty,
        ),
    )


def _lookup() -> Exercise:
    def a_list_of_ids(rng: Rng) -> Iterator[Case]:
        yield Case((_table(rng, 3, 2), [1, 0]))
        for vocab in range(3, 9):
            yield Case((_table(rng, vocab, vocab - 1), rng.integers(0, vocab, size=vocab + 1).tolist()))
        yield Case((_table(rng, 4, 4, np.float32), np.array([3, 1, 3])))
        yield Case((_table(rng, 1, 3), [0, 0]))
        yield Case((np.array([[1.0, -0.125], [0.0, 1e-30]]), [1, 0]))  # each number as it is, to the last digit
        yield Case((100 * _table(rng, 5, 3), [0, 4, 2]))  # numbers in E that are larger than any id
        yield Case((_table(rng, 300, 1), [299, 256, 43]))  # ids that do not fit into a byte

    def any_shape(rng: Rng) -> Iterator[Case]:
        yield Case((_table(rng, 4, 3), 2))
        yield Case((_table(rng, 5, 3), [[0, 1], [4, 0]]))
        for shape in ((2, 1), (1, 3), (3, 2), (2, 2, 2), (2, 3, 4), (2, 1, 1, 3)):
            yield Case((_table(rng, 5, 2), rng.integers(0, 5, size=shape)))
        yield Case((_table(rng, 4, 3), np.zeros((2, 0), dtype=np.int64)))

    def bad_ids(rng: Rng) -> Iterator[Case]:
        yield Case((_table(rng, 3, 2), [3]), raises=IndexError)
        yield Case((_table(rng, 3, 2), [-1]), raises=IndexError)
        yield Case((_table(rng, 3, 2), [-1, 1]), raises=IndexError)  # one bad id among good ones, and their sum is 0
        yield Case((_table(rng, 3, 2), [0, 2]))
        for vocab in (4, 6, 9):
            good = rng.integers(0, vocab, size=(2, 3))
            low, high = good.copy(), good.copy()
            low[1, 2], high[0, 1] = -vocab, vocab
            yield Case((_table(rng, vocab, 3), low), raises=IndexError)
            yield Case((_table(rng, vocab, 3), high), raises=IndexError)
            yield Case((_table(rng, vocab, 3), good))
        yield Case((_table(rng, 3, 2), -1), raises=IndexError)
        yield Case((_table(rng, 3, 2), 3), raises=IndexError)
        yield Case((_table(rng, 3, 2), [[0, 1], [2, -1]]), raises=IndexError)
        yield Case((_table(rng, 3, 2), 0))

    @mistake(
        "A negative id got through. NumPy counts it from the end, and hands over a row that nobody asked for. "
        "If any single id is below 0, raise IndexError before you read."
    )
    def negative_ids_wrap(E, ids):
        return E[np.asarray(ids)]

    @mistake("This is what flattening the ids gives. The lookup keeps the shape of `ids` and appends the dimension.")
    def flattened(E, ids):
        return reference.lookup(E, np.ravel(ids))

    @mistake("You read the row before the one that is named. Rows count from 0: id 42 is the 43rd row.")
    def one_row_too_early(E, ids):
        reference.lookup(E, ids)
        return E[np.asarray(ids) - 1]

    @mistake("You read the row after the one that is named. Rows count from 0: id 0 is the first row.")
    def one_row_too_late(E, ids):
        return E[np.asarray(ids) + 1]

    @mistake(
        "A tuple in the brackets is one index for each axis of E, so you got a single number. "
        "Several rows are read with an array of ids: `E[np.asarray(ids)]`."
    )
    def a_tuple_of_ids(E, ids):
        return E[tuple(ids)] if np.ndim(ids) else reference.lookup(E, ids)

    @mistake(
        "A list cannot be compared with a number. `ids = np.asarray(ids)` makes an array of it, of whatever shape; "
        "then `ids < 0` answers for each id."
    )
    def comparing_a_list(E, ids):
        if ids < 0 or ids >= len(E):
            raise IndexError
        return reference.lookup(E, ids)

    @mistake(
        "`if` wants one answer, and `ids < 0` gives one for each id. Put them together: `(ids < 0).any()`, "
        "and the same for the other end."
    )
    def comparing_without_any(E, ids):
        ids = np.asarray(ids)
        if ids < 0 or ids >= len(E):
            raise IndexError
        return reference.lookup(E, ids)

    @mistake(
        "The ids may also be a single number, which has nothing to loop over and no `min`. "
        "`ids = np.asarray(ids)` gives a number, a list and a list of lists the same handles, and `E[ids]` reads them all."
    )
    def going_through_the_ids(E, ids):
        for _ in ids:
            pass
        return reference.lookup(E, ids)

    @mistake(
        "One id on its own comes out with an axis too many: a single number has shape (), so its row has shape (dim,). "
        "Do without `atleast_1d`; `np.asarray(ids)` keeps a number a number."
    )
    def an_axis_for_a_single_id(E, ids):
        return reference.lookup(E, np.atleast_1d(ids))

    @mistake("Axes of length 1 are gone (`squeeze`). Ids of shape (2, 1) give vectors of shape (2, 1, dim).")
    def squeezed(E, ids):
        return reference.lookup(E, ids).squeeze()

    @mistake("Without `axis=0`, `np.take` reads E as one long line of numbers and gives a number for each id.")
    def take_without_an_axis(E, ids):
        return np.take(E, ids)

    @mistake(
        "No ids at all have no minimum, so `min()` fails. Ask `(ids < 0).any()`, which is False where there is nothing."
    )
    def minimum_of_nothing(E, ids):
        if np.asarray(ids).min() < 0:
            raise IndexError
        return reference.lookup(E, ids)

    @mistake(
        "The numbers are right, in float64. `np.zeros` makes float64 unless it is told otherwise: `dtype=E.dtype`."
    )
    def always_float64(E, ids):
        return reference.lookup(E, ids).astype(np.float64)

    @mistake("You read columns. Each token owns a *row* of E: the id goes into the first index.")
    def columns(E, ids):
        return E[:, np.asarray(ids)]

    @mistake(
        "Ids outside the table are moved to its nearest end (that is `mode='clip'`, or a clip of your own), "
        "so a bug upstream stays unseen. Raise IndexError instead."
    )
    def clipped(E, ids):
        return np.take(E, ids, axis=0, mode="clip")

    @mistake("Ids outside the table come round again, modulo the number of rows. Raise IndexError instead.")
    def modulo(E, ids):
        return np.take(E, ids, axis=0, mode="wrap")

    @mistake("The rows are right, but they come as a list of arrays. Return one array of shape ids.shape + (dim,).")
    def a_list_of_rows(E, ids):
        return list(reference.lookup(E, ids)) if np.ndim(ids) else reference.lookup(E, ids)

    return Exercise(
        name="lookup",
        title="The lookup",
        lesson=1,
        reference=reference.lookup,
        parts=(
            Part("a list of ids", 1, a_list_of_ids),
            Part("ids of any shape", 1, any_shape),
            Part("bad ids are refused", 1, bad_ids),
        ),
        mistakes=(
            negative_ids_wrap,
            flattened,
            one_row_too_early,
            one_row_too_late,
            a_tuple_of_ids,
            comparing_a_list,
            comparing_without_any,
            going_through_the_ids,
            an_axis_for_a_single_id,
            squeezed,
            take_without_an_axis,
            minimum_of_nothing,
            always_float64,
            columns,
            clipped,
            modulo,
            a_list_of_rows,
        ),
    )


def _one_hot() -> Exercise:
    def one_dimension(rng: Rng) -> Iterator[Case]:
        yield Case(([0, 2], 3))
        yield Case(([1], 2))
        for vocab in (3, 4, 6, 9):
            yield Case((rng.integers(0, vocab, size=vocab).tolist(), vocab))
        yield Case(([0, 0], 1))
        yield Case(([256, 299], 300))  # ids that do not fit into a byte

    def any_shape(rng: Rng) -> Iterator[Case]:
        yield Case((1, 3))
        yield Case(([[0, 2], [1, 1]], 4))
        yield Case((0, 2))
        for shape in ((3, 1), (1, 2), (2, 3), (2, 2, 2), (2, 1, 1, 3)):
            yield Case((rng.integers(0, 5, size=shape), 5))

    @mistake("The ones and zeros are right, but they are whole numbers. The docstring asks for float64.")
    def whole_numbers(ids, vocab_size):
        return reference.one_hot(ids, vocab_size).astype(np.int64)

    @mistake(
        "The ones and zeros are right, but they are True and False: a comparison gives booleans. "
        "The docstring asks for float64."
    )
    def booleans(ids, vocab_size):
        return reference.one_hot(ids, vocab_size).astype(bool)

    @mistake(
        "The vectors stand as columns. The new axis of length vocab_size comes last: one vector for each id, "
        "shape ids.shape + (vocab_size,)."
    )
    def columns(ids, vocab_size):
        return np.moveaxis(reference.one_hot(ids, vocab_size), -1, 0)

    @mistake("The ones stand one place too far left, as if ids began at 1. Id 0 has its one in place 0.")
    def counting_from_one(ids, vocab_size):
        return np.roll(reference.one_hot(ids, vocab_size), -1, axis=-1)

    @mistake("The ones stand one place too far left, or are lost there. Compare with 0, 1, …, vocab_size - 1.")
    def counting_from_one_and_losing_the_first(ids, vocab_size):
        return (np.asarray(ids)[..., None] == np.arange(1, vocab_size + 1)).astype(np.float64)

    @mistake(
        "The ids may also be a single number, which has no length and nothing to loop over. "
        "`ids = np.asarray(ids)` gives a number, a list and a list of lists the same handles."
    )
    def going_through_the_ids(ids, vocab_size):
        for _ in ids:
            pass
        return reference.one_hot(ids, vocab_size)

    @mistake(
        "Every vector has the ones of all ids: `vectors[:, ids] = 1` writes into each of them. "
        "Vector number i gets a single one, at ids[i]."
    )
    def all_ones_in_every_vector(ids, vocab_size):
        vectors = np.zeros((*np.shape(ids), vocab_size))
        vectors[..., np.ravel(ids)] = 1
        return vectors

    @mistake(
        "All ids share one vector. That says which tokens occur, but not in which place: make one vector for each id."
    )
    def one_vector_for_all(ids, vocab_size):
        vector = np.zeros(vocab_size)
        vector[np.ravel(ids)] = 1
        return vector

    @mistake("This is what flattening the ids gives. Keep the shape of `ids` and append vocab_size.")
    def flattened(ids, vocab_size):
        return reference.one_hot(np.ravel(ids), vocab_size)

    return Exercise(
        name="one_hot",
        title="One-hot vectors",
        lesson=1,
        reference=reference.one_hot,
        parts=(Part("a list of ids", 1, one_dimension), Part("ids of any shape", 1, any_shape)),
        mistakes=(
            whole_numbers,
            booleans,
            columns,
            counting_from_one,
            counting_from_one_and_losing_the_first,
            going_through_the_ids,
            all_ones_in_every_vector,
            one_vector_for_all,
            flattened,
        ),
    )


def _lookup_by_matmul() -> Exercise:
    def a_list_of_ids(rng: Rng) -> Iterator[Case]:
        yield Case((_table(rng, 3, 2), [0, 2]))
        for vocab in (3, 5, 8):
            yield Case((_table(rng, vocab, 4), rng.integers(0, vocab, size=vocab + 1).tolist()))
        yield Case((_table(rng, 1, 3), [0, 0]))

    def any_shape(rng: Rng) -> Iterator[Case]:
        yield Case((_table(rng, 4, 3), 2))
        for shape in ((2, 2), (3, 1), (2, 3, 2), (2, 1, 1, 3)):
            yield Case((_table(rng, 5, 3), rng.integers(0, 5, size=shape)))
        yield Case((_table(rng, 3, 2), [[0, 2], [1, 1]]))
        yield Case((_table(rng, 3, 2), 0))

    def keeps_the_dtype(rng: Rng) -> Iterator[Case]:
        yield Case((_table(rng, 3, 2, np.float32), [1, 0]))
        yield Case((_table(rng, 3, 2), [1, 0]))
        for vocab in (4, 6):
            yield Case((_table(rng, vocab, 3, np.float32), rng.integers(0, vocab, size=4)))
        yield Case((_table(rng, 3, 2, np.float16), [2, 0]))

    def every_row_takes_part(rng: Rng) -> Iterator[Case]:
        for vocab in (3, 5):
            E = _table(rng, vocab, 2)
            E[vocab - 1, 0] = np.nan
            yield Case((E, [0, 1]))
        yield Case((_table(rng, 4, 2), [0, 1]))

    @mistake(
        "These are the right rows, but no NaN arrived: they were read, not multiplied, or the NaN was taken out. In a "
        "product every row takes part, most of them times 0; and 0 × NaN is NaN. Make one-hot vectors, then `@ E`."
    )
    def read_not_multiplied(E, ids):
        return reference.lookup(E, ids)

    @mistake(
        "A float64 one-hot times a float32 table gives float64: twice the bytes, for the same numbers. "
        "Make the one-hot in the dtype of E."
    )
    def float64_result(E, ids):
        return reference.one_hot(ids, len(E)) @ E.astype(np.float64)

    @mistake(
        "You added up the rows of all ids: one vector for the whole text (a *bag of words*). "
        "Keep one product for each id."
    )
    def sum_of_the_rows(E, ids):
        return reference.lookup_by_matmul(E, np.ravel(ids)).sum(axis=0)

    @mistake("This is what flattening the ids gives. One-hot vectors of shape ids.shape + (vocab,) times E keep it.")
    def flattened(E, ids):
        return reference.lookup_by_matmul(E, np.ravel(ids))

    @mistake("You read the row before the one that is named. Id 0 has its one in place 0.")
    def one_row_too_early(E, ids):
        return np.roll(reference.one_hot(ids, len(E)), -1, axis=-1).astype(E.dtype) @ E

    @mistake(
        "The vectors stand as columns: you multiplied from the wrong side. "
        "A one-hot *row* times E is a row: `one_hot @ E`, shapes (n, vocab) @ (vocab, dim)."
    )
    def from_the_wrong_side(E, ids):
        return E.T @ np.moveaxis(reference.one_hot(np.ravel(ids), len(E)).astype(E.dtype), -1, 0)

    return Exercise(
        name="lookup_by_matmul",
        title="The same rows by multiplying",
        lesson=1,
        reference=reference.lookup_by_matmul,
        parts=(
            Part("a list of ids", 1, a_list_of_ids, dtype="kind"),
            Part("ids of any shape", 1, any_shape, dtype="kind"),
            Part("every row takes part", 1, every_row_takes_part, dtype="kind"),
            Part("in the dtype of E", 1, keeps_the_dtype),
        ),
        mistakes=(
            read_not_multiplied,
            float64_result,
            sum_of_the_rows,
            flattened,
            one_row_too_early,
            from_the_wrong_side,
        ),
        core=False,
    )


def _one_hot_cost(vocab: int, dim: int) -> Exercise:
    thousands, float32_bytes = vocab // 1_000, 4
    kibi_rows = thousands * 1_024

    def one_hot_cost():
        return {"multiplications": vocab * dim, "one_hot_bytes": vocab * float32_bytes, "lookup_bytes": dim * 4}

    @mistake(
        f"You took {thousands}K as {kibi_rows:,}, which is {thousands} × 1,024. The table of the question has {vocab:,} rows; "
        "lesson 5 shows how much confusion that K makes."
    )
    def k_as_1024():
        return {"multiplications": kibi_rows * dim, "one_hot_bytes": kibi_rows * 4, "lookup_bytes": dim * 4}

    @mistake(
        "You counted only the one place that holds a 1. A plain matrix product does not know where the zeros are: "
        "each of the vocab entries is multiplied with each of the dim columns."
    )
    def only_the_one():
        return {"multiplications": dim, "one_hot_bytes": vocab * 4, "lookup_bytes": dim * 4}

    @mistake("You counted numbers, not bytes: a float32 number takes 4 bytes.")
    def numbers_for_bytes():
        return {"multiplications": vocab * dim, "one_hot_bytes": vocab, "lookup_bytes": dim}

    @mistake("You counted 8 bytes a number. That is float64; float32 takes 4.")
    def float64_bytes():
        return {"multiplications": vocab * dim, "one_hot_bytes": vocab * 8, "lookup_bytes": dim * 8}

    @mistake("You forgot the columns: each entry of the one-hot vector is multiplied with all dim numbers of its row.")
    def once_for_each_row():
        return {"multiplications": vocab, "one_hot_bytes": vocab * 4, "lookup_bytes": dim * 4}

    @mistake("You counted the additions too. The question is for multiplications alone.")
    def additions_too():
        return {"multiplications": 2 * vocab * dim, "one_hot_bytes": vocab * 4, "lookup_bytes": dim * 4}

    @mistake("That is the size of the table. The one-hot vector is a single one, of vocab numbers.")
    def one_hot_as_large_as_the_table():
        return {"multiplications": vocab * dim, "one_hot_bytes": vocab * dim * 4, "lookup_bytes": dim * 4}

    @mistake("That is the whole table. Reading copies the one row that the id names.")
    def the_whole_table():
        return {"multiplications": vocab * dim, "one_hot_bytes": vocab * 4, "lookup_bytes": vocab * dim * 4}

    return Exercise(
        name="one_hot_cost",
        title="What the detour costs",
        lesson=1,
        reference=one_hot_cost,
        parts=(
            entry_part("multiplications for one token", "multiplications"),
            entry_part("bytes of the one-hot vector", "one_hot_bytes"),
            entry_part("bytes that the lookup copies", "lookup_bytes"),
        ),
        mistakes=(
            k_as_1024,
            only_the_one,
            numbers_for_bytes,
            float64_bytes,
            once_for_each_row,
            additions_too,
            one_hot_as_large_as_the_table,
            the_whole_table,
        ),
    )


def _lookup_gradient() -> Exercise:
    def upstream(rng: Rng, *shape: int, dtype: type = np.float64) -> np.ndarray:
        return (rng.integers(-10, 10, size=shape) + 0.5).astype(dtype)  # both signs, no zero, and sums are exact

    def different_ids(rng: Rng) -> Iterator[Case]:
        yield Case(([2, 0], upstream(rng, 2, 2), 3))
        for vocab in (4, 6, 9):
            ids = rng.permutation(vocab)[: vocab - 2]
            yield Case((ids.tolist(), upstream(rng, vocab - 2, 3), vocab))
        yield Case(([1, 3], upstream(rng, 2, 2, dtype=np.float32), 5))
        yield Case(([0, 2], rng.normal(size=(2, 2)), 3))  # numbers that float32 does not have

    def repeated_ids(rng: Rng) -> Iterator[Case]:
        yield Case(([1, 1], np.array([[3.0, 2.0], [1.0, 5.0]]), 3))
        for vocab in (3, 5, 8):
            yield Case((rng.integers(0, vocab, size=2 * vocab).tolist(), upstream(rng, 2 * vocab, 2), vocab))
        yield Case(([1] * 12, np.full((12, 1), 1000.5), 2))
        yield Case(([2, 0, 2], upstream(rng, 3, 2, dtype=np.float32), 3))

    def any_shape(rng: Rng) -> Iterator[Case]:
        yield Case((np.array([[0, 1], [1, 1]]), upstream(rng, 2, 2, 3), 3))
        yield Case((2, upstream(rng, 3), 4))
        for shape in ((3, 2), (2, 4), (2, 2, 2), (2, 1, 1, 3)):
            yield Case((rng.integers(0, 3, size=shape), upstream(rng, *shape, 2), 4))
        yield Case(([[0, 1], [2, 1]], upstream(rng, 2, 2, 2), 3))
        yield Case((0, upstream(rng, 2), 2))

    @mistake(
        "An id that occurs twice keeps only one of its gradients: `grad[ids] = …` overwrites, and `grad[ids] += …` "
        "reads all rows first and then writes them, so it loses repeats as well. Each occurrence adds its own share: "
        "add them one after the other, or use `np.add.at`."
    )
    def repeats_are_lost(ids, upstream, vocab_size):
        gradient = np.zeros((vocab_size, upstream.shape[-1]), dtype=upstream.dtype)
        gradient[np.asarray(ids)] = upstream
        return gradient

    @mistake("You took the mean over the occurrences of an id. The chain rule adds them up.")
    def mean_over_repeats(ids, upstream, vocab_size):
        total = reference.lookup_gradient(ids, upstream, vocab_size)
        counts = np.bincount(np.ravel(ids), minlength=vocab_size)[:, None]
        return total / np.maximum(counts, 1).astype(upstream.dtype)

    @mistake(
        "You add each share to the row of its place in the text: `gradient[i] += upstream[i]`. "
        "It belongs to the row that its id names: `gradient[ids[i]]`."
    )
    def place_for_id(ids, upstream, vocab_size):
        gradient = np.zeros((vocab_size, upstream.shape[-1]), dtype=upstream.dtype)
        for place in range(len(ids)):
            gradient[place] += upstream[place]
        return gradient

    @mistake(
        "The sign is turned round. The gradient is the sum itself; the minus belongs to the step E −= lr · gradient."
    )
    def minus_sign(ids, upstream, vocab_size):
        return -reference.lookup_gradient(ids, upstream, vocab_size)

    @mistake(
        "These are only the rows that were read. The gradient has the shape of E, (vocab_size, dim), "
        "with zeros in every row that was not read."
    )
    def only_the_rows_that_were_read(ids, upstream, vocab_size):
        return reference.lookup_gradient(ids, upstream, vocab_size)[np.unique(ids)]

    @mistake(
        "Your loop goes over the first axis of `ids` only, so within one row of ids repeats are lost. "
        "Flatten first: `ids.reshape(-1)` and `upstream.reshape(-1, dim)`."
    )
    def loop_over_the_first_axis(ids, upstream, vocab_size):
        gradient = np.zeros((vocab_size, upstream.shape[-1]), dtype=upstream.dtype)
        if np.ndim(ids) == 0:
            return reference.lookup_gradient(ids, upstream, vocab_size)
        for some_ids, some_upstream in zip(np.asarray(ids), upstream, strict=True):
            gradient[some_ids] += some_upstream
        return gradient

    @mistake(
        "The transposed one-hot is right for ids in a row; for ids of more axes `.T` turns all of them round. Flatten first: "
        "`np.ravel(ids)` and `upstream.reshape(-1, dim)`."
    )
    def transposed_without_flattening(ids, upstream, vocab_size):
        return (reference.one_hot(ids, vocab_size).T @ upstream).astype(upstream.dtype)

    @mistake("The numbers are right, but in float64. The docstring asks for the dtype of `upstream`.")
    def always_float64(ids, upstream, vocab_size):
        return reference.lookup_gradient(ids, upstream, vocab_size).astype(np.float64)

    return Exercise(
        name="lookup_gradient",
        title="The gradient of the table",
        lesson=1,
        reference=reference.lookup_gradient,
        parts=(
            Part("different ids", 1, different_ids),
            Part("an id that comes again", 2, repeated_ids),
            Part("ids of any shape", 1, any_shape),
        ),
        mistakes=(
            repeats_are_lost,
            place_for_id,
            mean_over_repeats,
            minus_sign,
            only_the_rows_that_were_read,
            loop_over_the_first_axis,
            transposed_without_flattening,
            always_float64,
        ),
    )


def _rows_that_move() -> Exercise:
    def rows_that_move():
        return {"plain": 2, "momentum": 3, "weight decay": 10}

    @mistake(
        "This holds for the plain step, where only rows with a gradient move. What else is subtracted in the others?"
    )
    def only_the_batch():
        return {"plain": 2, "momentum": 2, "weight decay": 2}

    @mistake("You counted readings. Row 5 was read in both steps, but it is one row.")
    def momentum_counts_readings():
        return {"plain": 2, "momentum": 4, "weight decay": 10}

    @mistake("A row that was never read has no velocity either: momentum is a sum of past gradients, and it has none.")
    def momentum_moves_all():
        return {"plain": 2, "momentum": 10, "weight decay": 10}

    @mistake("Weight decay takes its share of *every* row at every step, not of the rows that were read.")
    def decay_of_the_batch():
        return {"plain": 2, "momentum": 3, "weight decay": 2}

    @mistake(
        "Momentum remembers. Row 2 has no gradient in the second step, but its velocity is not zero, so it still moves."
    )
    def momentum_forgets():
        return {"plain": 2, "momentum": 2, "weight decay": 10}

    @mistake("Weight decay takes a share of *every* row off, also of rows that no text has ever read.")
    def decay_where_read():
        return {"plain": 2, "momentum": 3, "weight decay": 3}

    @mistake("You counted the rows of both steps together. The question is how many rows the *second* step moves.")
    def both_steps():
        return {"plain": 3, "momentum": 3, "weight decay": 10}

    return Exercise(
        name="rows_that_move",
        title="Which rows move",
        lesson=1,
        reference=rows_that_move,
        parts=(
            entry_part("a plain step", "plain"),
            entry_part("a step with momentum", "momentum"),
            entry_part("a step with weight decay", "weight decay"),
        ),
        mistakes=(
            only_the_batch,
            decay_of_the_batch,
            momentum_forgets,
            momentum_counts_readings,
            momentum_moves_all,
            decay_where_read,
            both_steps,
        ),
        core=False,
    )


EXERCISES = (
    _build_vocabulary(),
    _encode(),
    _lookup(),
    _one_hot(),
    _lookup_by_matmul(),
    with_numbers(
        _one_hot_cost,
        {"vocab": 128_000, "dim": 4_096},
        *(
            {"vocab": vocab, "dim": dim}
            for vocab in (32_000, 50_000, 64_000, 100_000, 152_000, 200_000, 256_000)
            for dim in (1_024, 2_048, 3_072, 5_120, 8_192)
        ),
    ),
    _lookup_gradient(),
    _rows_that_move(),
)
