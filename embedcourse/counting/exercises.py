"""The exercises of lesson 5 as data: cases, and the mistakes that people make, each with the sentence that helps."""

import math
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from embedcourse.counting import reference
from embedcourse.marking import Case, Exercise, Part, entry_part, mistake

Rng = np.random.Generator

# Vocabulary and dimension of GPT-2, Llama-3 8B, Qwen2.5 0.5B and Gemma-3 270M.
_REAL = ((50_257, 768), (128_256, 4_096), (151_936, 896), (262_144, 640))
_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2, "int8": 1, "int4": 0.5}


def _sizes(rng: Rng, n: int) -> list[tuple[int, int]]:
    return [(int(rng.integers(5, 90)), 2 * int(rng.integers(2, 30))) for _ in range(n)]


def _embedding_parameters() -> Exercise:
    def small(rng: Rng) -> Iterator[Case]:
        yield Case((6, 2))
        for sizes in _sizes(rng, 5):
            yield Case(sizes)

    def real(rng: Rng) -> Iterator[Case]:
        for sizes in ((30_522, 768), (50_257, 768), (151_936, 896)):  # small enough for somebody who builds the table
            yield Case(sizes)

    @mistake("This adds the two sizes. Each of the vocab_size rows has dim numbers, so they are multiplied.")
    def added(vocab_size, dim):
        return vocab_size + dim

    @mistake("This is a square matrix, vocab_size by vocab_size. A row of E has dim numbers, not one for each word.")
    def vocabulary_squared(vocab_size, dim):
        return vocab_size**2

    @mistake("This is dim by dim, the size of a layer. E has a row for each of vocab_size tokens.")
    def dim_squared(vocab_size, dim):
        return dim**2

    @mistake("There is a number too many for each token. An embedding matrix has no bias: vocab_size · dim is all.")
    def with_a_bias(vocab_size, dim):
        return vocab_size * dim + vocab_size

    @mistake("There are dim numbers too many. An embedding matrix has no bias: vocab_size · dim is all.")
    def with_a_bias_of_dim(vocab_size, dim):
        return vocab_size * dim + dim

    @mistake("These are bytes in float32. A parameter is one number, however many bytes it takes.")
    def bytes_for_parameters(vocab_size, dim):
        return 4 * vocab_size * dim

    @mistake("Two matrices are counted. Asked for is the embedding matrix alone, without a head.")
    def with_the_head(vocab_size, dim):
        return 2 * vocab_size * dim

    @mistake("These are millions. Return the number of parameters itself.")
    def in_millions(vocab_size, dim):
        return vocab_size * dim / 1e6

    @mistake("This is the number of rows. Each row holds dim parameters.")
    def rows(vocab_size, dim):
        return vocab_size

    @mistake("This is a shape. Asked for is one number: how many parameters a matrix of that shape has.")
    def a_shape(vocab_size, dim):
        return (vocab_size, dim)

    return Exercise(
        name="embedding_parameters",
        title="How many numbers a table has",
        lesson=5,
        reference=reference.embedding_parameters,
        parts=(
            Part("small tables", 1, small, dtype="number"),
            Part("real models", 1, real, dtype="number"),
        ),
        mistakes=(
            added,
            vocabulary_squared,
            dim_squared,
            with_a_bias,
            with_a_bias_of_dim,
            bytes_for_parameters,
            with_the_head,
            in_millions,
            rows,
            a_shape,
        ),
    )


def _half_a_billion() -> Exercise:
    def answers(thousands=128_000 * 4_096, kibi=131_072 * 4_096, llama=128_256 * 4_096, rows=125_000):
        return {"thousands": thousands, "kibi": kibi, "llama3": llama, "rows": rows}

    def half_a_billion():
        return answers()

    @mistake("K and Ki are mixed up: 128K with K = 1,000 is 128,000 rows, and 128 Ki is 131,072.")
    def swapped():
        return answers(thousands=131_072 * 4_096, kibi=128_000 * 4_096)

    @mistake("The dimension is 4,096 in all of them, not 4,000. Only the number of rows changes.")
    def dim_of_4000():
        return answers(128_000 * 4_000, 131_072 * 4_000, 128_256 * 4_000, 128_000)

    @mistake("These are Mi: parameters divided by 1,048,576. Return the parameters, every one.")
    def in_mebi():
        return answers(500, 512, 128_256 * 4_096 / 2**20)

    @mistake("These are millions. Return the parameters, every one.")
    def in_millions():
        return answers(524.288, 536.870912, 525.336576)

    @mistake("These are bytes. A parameter is one number, whatever it is stored in.")
    def in_bytes():
        return answers(2 * 128_000 * 4_096, 2 * 131_072 * 4_096, 2 * 128_256 * 4_096)

    @mistake("With 131,072 rows the table has 512 Mi, which is 536.9 million. For 512 million you need fewer.")
    def rows_for_512_mebi():
        return answers(rows=131_072)

    @mistake(
        "With 128,000 rows the table has 524 million. Divide 512,000,000 by the 4,096 numbers of a row (not by 4,000)."
    )
    def rows_as_said():
        return answers(rows=128_000)

    @mistake("128 Ki are 128 · 1,024 = 131,072 rows, not 128 · 1,000.")
    def kibi_as_thousand():
        return answers(kibi=128_000 * 4_096)

    @mistake("The first is 128K with K = 1,000: 128,000 rows. You took 1,024.")
    def thousand_as_kibi():
        return answers(thousands=131_072 * 4_096)

    @mistake("Llama 3 has 128,256 rows, neither 128,000 nor 131,072: read the text above the exercise again.")
    def llama_as_said():
        return answers(llama=128_000 * 4_096)

    @mistake("Two matrices are counted for Llama 3. Its head is another matrix; asked for is the table.")
    def llama_with_its_head():
        return answers(llama=2 * 128_256 * 4_096)

    return Exercise(
        name="half_a_billion",
        title="When 512 million is right",
        lesson=5,
        reference=half_a_billion,
        parts=(
            entry_part("128K rows with K = 1,000", "thousands"),
            entry_part("128 Ki rows", "kibi"),
            entry_part("Llama 3", "llama3"),
            entry_part("rows of a table of 512 million", "rows"),
        ),
        mistakes=(
            swapped,
            dim_of_4000,
            in_mebi,
            in_millions,
            in_bytes,
            rows_for_512_mebi,
            rows_as_said,
            kibi_as_thousand,
            thousand_as_kibi,
            llama_as_said,
            llama_with_its_head,
        ),
    )


def _table_bytes() -> Exercise:
    def of(name):
        def cases(rng: Rng) -> Iterator[Case]:
            for sizes in ((6, 2), *_sizes(rng, 3), *_REAL):
                yield Case((*sizes, name))

        return cases

    def halves(rng: Rng) -> Iterator[Case]:
        for sizes in ((6, 2), *_sizes(rng, 3), *_REAL):
            yield Case((*sizes, "bfloat16"))
            yield Case((*sizes, "float16"))

    def small_numbers(rng: Rng) -> Iterator[Case]:
        for sizes in ((6, 2), *_sizes(rng, 3), *_REAL):
            yield Case((*sizes, "int4"))
            yield Case((*sizes, "int8"))

    @mistake("These are bits. The figure in a dtype's name is its bits; a byte has 8 of them.")
    def bits(vocab_size, dim, dtype):
        return int(vocab_size * dim * 8 * _BYTES[dtype])

    @mistake("bfloat16 and float16 get 4 bytes. The figure in the name is the bits: 16 bits are 2 bytes.")
    def halves_as_whole(vocab_size, dim, dtype):
        return int(vocab_size * dim * (4 if "float" in dtype else _BYTES[dtype]))

    @mistake("An int4 gets a whole byte. Packed, two of them share a byte.")
    def int4_as_a_byte(vocab_size, dim, dtype):
        return int(vocab_size * dim * max(1, _BYTES[dtype]))

    @mistake("You take the 4 of int4 for bytes. It is bits: two numbers share a byte.")
    def int4_as_four_bytes(vocab_size, dim, dtype):
        return int(vocab_size * dim * (4 if dtype == "int4" else _BYTES[dtype]))

    @mistake("You take the 8 of int8 for bytes. It is bits: 8 bits are 1 byte.")
    def int8_as_eight_bytes(vocab_size, dim, dtype):
        return int(vocab_size * dim * (8 if dtype == "int8" else _BYTES[dtype]))

    @mistake("Everything is counted as float32. Look at `dtype`.")
    def always_float32(vocab_size, dim, dtype):
        return 4 * vocab_size * dim

    @mistake("These are parameters. Multiply by the bytes that one number takes in `dtype`.")
    def parameters(vocab_size, dim, dtype):
        return vocab_size * dim

    @mistake("These are gigabytes. Return bytes.")
    def gigabytes(vocab_size, dim, dtype):
        return vocab_size * dim * _BYTES[dtype] / 1e9

    @mistake("These are GiB. Return bytes.")
    def gibibytes(vocab_size, dim, dtype):
        return vocab_size * dim * _BYTES[dtype] / 2**30

    @mistake("4 // 8 is 0, so int4 costs nothing here. Multiply by the bits first, and divide by 8 last.")
    def divided_too_early(vocab_size, dim, dtype):
        return vocab_size * dim * (int(8 * _BYTES[dtype]) // 8)

    @mistake("These are the bytes of one number. Multiply by how many there are.")
    def one_number(vocab_size, dim, dtype):
        return _BYTES[dtype]

    @mistake("NumPy has no bfloat16 and no int4. Keep a small dict of bytes, or of bits, for each name.")
    def numpy_knows(vocab_size, dim, dtype):
        return vocab_size * dim * np.dtype(dtype).itemsize

    return Exercise(
        name="table_bytes",
        title="How many bytes a table takes",
        lesson=5,
        reference=reference.table_bytes,
        parts=(
            Part("float32", 1, of("float32"), dtype="number"),
            Part("bfloat16 and float16", 1, halves, dtype="number"),
            Part("int8 and int4", 1, small_numbers, dtype="number"),
        ),
        mistakes=(
            bits,
            halves_as_whole,
            int4_as_a_byte,
            int4_as_four_bytes,
            int8_as_eight_bytes,
            always_float32,
            parameters,
            gigabytes,
            gibibytes,
            divided_too_early,
            one_number,
            numpy_knows,
        ),
    )


def _training_bytes() -> Exercise:
    def with_(*optimizers):
        def cases(rng: Rng) -> Iterator[Case]:
            for sizes in ((6, 2), *_sizes(rng, 4), *_REAL):
                for optimizer in optimizers:
                    yield Case((*sizes, optimizer))

        return cases

    def numbers(optimizer):
        return {"sgd": 2, "momentum": 3, "adam": 4}[optimizer]

    @mistake(
        "Only what the optimizer remembers is counted. The weights themselves and their gradient are held as well."
    )
    def states_alone(vocab_size, dim, optimizer):
        return 4 * (numbers(optimizer) - 2) * vocab_size * dim

    @mistake("The gradient is missing. Between backward and step it is there, one number for each weight.")
    def without_the_gradient(vocab_size, dim, optimizer):
        return 4 * (numbers(optimizer) - 1) * vocab_size * dim

    @mistake(
        "Adam remembers two numbers for each weight, a mean of its gradients and one of their squares. You have one."
    )
    def adam_with_one_state(vocab_size, dim, optimizer):
        return 4 * min(numbers(optimizer), 3) * vocab_size * dim

    @mistake("Momentum remembers one number for each weight. You have two, as for Adam.")
    def momentum_with_two(vocab_size, dim, optimizer):
        return 4 * (2 if optimizer == "sgd" else 4) * vocab_size * dim

    @mistake("Momentum remembers one number for each weight, a running mean of the gradients. You have none.")
    def momentum_with_none(vocab_size, dim, optimizer):
        return 4 * (4 if optimizer == "adam" else 2) * vocab_size * dim

    @mistake("These are numbers. In float32 each of them takes 4 bytes.")
    def numbers_for_bytes(vocab_size, dim, optimizer):
        return numbers(optimizer) * vocab_size * dim

    @mistake("The optimizer makes no difference here. Look at what it remembers: nothing, one number a weight, or two.")
    def always_adam(vocab_size, dim, optimizer):
        return 16 * vocab_size * dim

    @mistake("These are the weights alone. Training holds the gradient too, and what the optimizer remembers.")
    def weights_alone(vocab_size, dim, optimizer):
        return 4 * vocab_size * dim

    @mistake("There is a copy too many. A second copy of the weights belongs to mixed precision; here all is float32.")
    def with_a_master_copy(vocab_size, dim, optimizer):
        return 4 * (numbers(optimizer) + 1) * vocab_size * dim

    @mistake("The numbers take 2 bytes each here. All of them are float32, which takes 4.")
    def two_bytes_each(vocab_size, dim, optimizer):
        return 2 * numbers(optimizer) * vocab_size * dim

    return Exercise(
        name="training_bytes",
        title="What training a table costs in memory",
        lesson=5,
        reference=reference.training_bytes,
        parts=(
            Part("sgd", 1, with_("sgd"), dtype="number"),
            Part("momentum", 1, with_("momentum"), dtype="number"),
            Part("adam", 1, with_("adam"), dtype="number"),
        ),
        mistakes=(
            without_the_gradient,
            states_alone,
            adam_with_one_state,
            momentum_with_two,
            momentum_with_none,
            numbers_for_bytes,
            always_adam,
            weights_alone,
            with_a_master_copy,
            two_bytes_each,
        ),
    )


def _pad_vocabulary() -> Exercise:
    def rows_to_add(rng: Rng) -> Iterator[Case]:
        yield Case((9, 4))
        yield Case((50_257, 64))
        for multiple in (3, 8, 10, 64, 128):
            whole = multiple * int(rng.integers(1, 40))
            yield Case((whole + 1, multiple))
            yield Case((whole + multiple - 1, multiple))
        yield Case((151_851, 128))
        yield Case((151_851, 256))
        yield Case((2, 5))

    def nothing_to_add(rng: Rng) -> Iterator[Case]:
        yield Case((8, 4))
        for multiple in (1, 3, 64, 128):
            yield Case((multiple * int(rng.integers(2, 40)), multiple))
        yield Case((7, 7))

    @mistake("This rounds down, so tokens lose their rows. Round up.")
    def rounded_down(vocab_size, multiple):
        return vocab_size // multiple * multiple

    @mistake("This rounds to the nearest multiple, and the nearest may lie below: tokens lose their rows. Round up.")
    def to_the_nearest(vocab_size, multiple):
        return round(vocab_size / multiple) * multiple

    @mistake("A vocabulary that is a multiple already gets another block of rows. It needs none.")
    def always_more(vocab_size, multiple):
        return (vocab_size // multiple + 1) * multiple

    @mistake("The remainder is added. Added must be what is missing to the next multiple: multiple - remainder.")
    def remainder_added(vocab_size, multiple):
        return vocab_size + vocab_size % multiple

    @mistake("These are the rows that are added. Return how many there are then, with the vocabulary's own.")
    def rows_added(vocab_size, multiple):
        return -vocab_size % multiple

    @mistake("This is how many blocks there are. Multiply by the size of a block.")
    def blocks(vocab_size, multiple):
        return math.ceil(vocab_size / multiple)

    @mistake("This is the next power of two. Any multiple will do, and the nearest above wastes least.")
    def power_of_two(vocab_size, multiple):
        return 2 ** math.ceil(math.log2(vocab_size))

    @mistake("A whole block is added, whatever was there. The result must be a multiple of `multiple`.")
    def a_block_added(vocab_size, multiple):
        return vocab_size + multiple

    @mistake("Nothing is added here. The result must be a multiple of `multiple`.")
    def as_it_was(vocab_size, multiple):
        return vocab_size

    @mistake("Both are multiplied. The result lies less than `multiple` above the vocabulary.")
    def multiplied(vocab_size, multiple):
        return vocab_size * multiple

    @mistake("`-n // m` is minus the rounded-up quotient only if the brackets stand so: `-(-n // m) * m`.")
    def brackets(vocab_size, multiple):
        return -vocab_size // multiple * multiple

    return Exercise(
        name="pad_vocabulary",
        title="Rows up to a multiple",
        lesson=5,
        reference=reference.pad_vocabulary,
        parts=(
            Part("rows to add", 1, rows_to_add, dtype="number"),
            Part("nothing to add", 1, nothing_to_add, dtype="number"),
        ),
        mistakes=(
            rounded_down,
            to_the_nearest,
            always_more,
            remainder_added,
            rows_added,
            blocks,
            power_of_two,
            a_block_added,
            as_it_was,
            multiplied,
            brackets,
        ),
    )


def _largest_vocabulary() -> Exercise:
    def rows(budget, dim, bytes_per_number, tables=1):
        return budget // (dim * bytes_per_number * tables)

    def tied(rng: Rng) -> Iterator[Case]:
        yield Case((100, 4, 2, 1, True))
        yield Case((96, 4, 2, 4, True))
        yield Case((200, 4, 2, 4, True))
        for bytes_per_number in (1, 2, 4):
            for multiple in (1, 8, 64):
                budget, dim = int(rng.integers(20_000, 90_000)), int(rng.integers(3, 30))
                yield Case((budget, dim, bytes_per_number, multiple, True))
        yield Case((2**30, 4_096, 2, 64, True))

    def untied(rng: Rng) -> Iterator[Case]:
        yield Case((200, 4, 2, 4, False))
        for bytes_per_number in (1, 2, 4):
            for multiple in (1, 8, 64):
                budget, dim = int(rng.integers(20_000, 90_000)), int(rng.integers(3, 30))
                yield Case((budget, dim, bytes_per_number, multiple, False))
        yield Case((2**31, 4_096, 2, 64, False))

    def too_small(rng: Rng) -> Iterator[Case]:
        yield Case((7, 4, 2, 1, True))
        yield Case((100, 4, 2, 64, True))
        yield Case((2 * 4 * 2 * 64 - 1, 4, 2, 64, False))
        yield Case((0, 4, 2, 1, True))
        yield Case((4 * 2 * 64, 4, 2, 64, True))

    @mistake("The rows are rounded up to the multiple, and then they no longer fit. Round down.")
    def rounded_up(budget, dim, bytes_per_number, multiple, tied):
        return reference.pad_vocabulary(rows(budget, dim, bytes_per_number, 1 if tied else 2) or 1, multiple)

    @mistake("The rows are no multiple of `multiple`. Round them down to one.")
    def no_multiple(budget, dim, bytes_per_number, multiple, tied):
        return rows(budget, dim, bytes_per_number, 1 if tied else 2)

    @mistake("`tied` makes no difference here. Without tying the head is a second matrix, and both must fit.")
    def always_tied(budget, dim, bytes_per_number, multiple, tied):
        return rows(budget, dim, bytes_per_number) // multiple * multiple

    @mistake("There are two matrices here in every case. Tied, table and head are one.")
    def always_untied(budget, dim, bytes_per_number, multiple, tied):
        return rows(budget, dim, bytes_per_number, 2) // multiple * multiple

    @mistake("Tied and untied are the wrong way round: untied there are two matrices, so half as many rows fit.")
    def tied_for_untied(budget, dim, bytes_per_number, multiple, tied):
        return rows(budget, dim, bytes_per_number, 2 if tied else 1) // multiple * multiple

    @mistake("A number costs bytes_per_number bytes; here each costs one.")
    def one_byte_each(budget, dim, bytes_per_number, multiple, tied):
        return rows(budget, dim, 1, 1 if tied else 2) // multiple * multiple

    @mistake("A row has dim numbers; here it has one.")
    def one_number_a_row(budget, dim, bytes_per_number, multiple, tied):
        return rows(budget, 1, bytes_per_number, 1 if tied else 2) // multiple * multiple

    @mistake("This is rounded to the nearest multiple, which may be too many. Round down.")
    def to_the_nearest(budget, dim, bytes_per_number, multiple, tied):
        return round(budget / (dim * bytes_per_number * (1 if tied else 2)) / multiple) * multiple

    @mistake("This is how many blocks of `multiple` rows fit. Multiply by `multiple` to have the rows.")
    def blocks(budget, dim, bytes_per_number, multiple, tied):
        return rows(budget, dim, bytes_per_number, 1 if tied else 2) // multiple

    @mistake("These are the bytes of the largest table that fits. Return its rows.")
    def its_bytes(budget, dim, bytes_per_number, multiple, tied):
        row = dim * bytes_per_number * (1 if tied else 2)
        return budget // row // multiple * multiple * row

    @mistake("A budget that is used up to the last byte fits too. You leave one block out.")
    def one_block_less(budget, dim, bytes_per_number, multiple, tied):
        return max(0, (budget - 1) // (dim * bytes_per_number * (1 if tied else 2)) // multiple * multiple)

    @mistake("If not even one block fits, the answer is 0 rows. You return a block all the same.")
    def at_least_one_block(budget, dim, bytes_per_number, multiple, tied):
        return max(multiple, rows(budget, dim, bytes_per_number, 1 if tied else 2) // multiple * multiple)

    return Exercise(
        name="largest_vocabulary",
        title="The largest vocabulary in a budget",
        lesson=5,
        reference=reference.largest_vocabulary,
        parts=(
            Part("tied", 1, tied, dtype="number"),
            Part("untied", 1, untied, dtype="number"),
            Part("budgets that fit nothing, or just so", 1, too_small, dtype="number"),
        ),
        mistakes=(
            rounded_up,
            no_multiple,
            always_tied,
            always_untied,
            tied_for_untied,
            one_byte_each,
            one_number_a_row,
            to_the_nearest,
            blocks,
            its_bytes,
            one_block_less,
            at_least_one_block,
        ),
    )


def _albert_in_numbers() -> Exercise:
    vocab, dim, inner = 30_000, 4_096, 128

    def answers(whole=vocab * dim, factorised=vocab * inner + inner * dim, rank=inner):
        return {"whole": whole, "factorised": factorised, "rank": rank}

    def albert_in_numbers():
        return answers()

    @mistake("The second matrix is missing: 128 numbers a row must still become 4,096, by a matrix of 128 × 4,096.")
    def first_matrix_alone():
        return answers(factorised=vocab * inner)

    @mistake("The second matrix is added to the whole table. It takes the table's place together with the narrow one.")
    def added_to_the_whole():
        return answers(factorised=vocab * dim + inner * dim)

    @mistake("The two matrices are multiplied. Both are stored, so their sizes are added.")
    def multiplied():
        return answers(factorised=vocab * inner * inner * dim)

    @mistake("The second matrix goes from 128 to 4,096 numbers, once for all rows; it has no row for each token.")
    def a_matrix_for_each_row():
        return answers(factorised=vocab * inner + vocab * dim)

    @mistake("The product has 4,096 columns, and all of them are mixed from 128 columns. Rank counts those.")
    def rank_of_dim():
        return answers(rank=dim)

    @mistake("That is the number of rows. All of them are mixed from 128 rows of the second matrix.")
    def rank_of_the_vocabulary():
        return answers(rank=vocab)

    @mistake("This is the base model, whose dim is 768. Asked is the one with 4,096.")
    def of_the_base_model():
        return answers(vocab * 768, vocab * inner + inner * 768)

    @mistake("These are bytes in float32. Asked for are parameters.")
    def in_bytes():
        return answers(4 * vocab * dim, 4 * (vocab * inner + inner * dim))

    @mistake("These are millions. Return the parameters, every one.")
    def in_millions():
        return answers(vocab * dim / 1e6, (vocab * inner + inner * dim) / 1e6)

    @mistake("A bias of 4,096 numbers is counted as well. Here there are two matrices and nothing else.")
    def with_a_bias():
        return answers(factorised=vocab * inner + inner * dim + dim)

    @mistake("30,000 rows, not 30 · 1,024.")
    def kibi_rows():
        return answers(30_720 * dim, 30_720 * inner + inner * dim)

    return Exercise(
        name="albert_in_numbers",
        title="ALBERT in numbers",
        lesson=5,
        reference=albert_in_numbers,
        parts=(
            entry_part("one table", "whole"),
            entry_part("two matrices", "factorised"),
            entry_part("rank of their product", "rank"),
        ),
        mistakes=(
            first_matrix_alone,
            added_to_the_whole,
            multiplied,
            a_matrix_for_each_row,
            rank_of_dim,
            rank_of_the_vocabulary,
            of_the_base_model,
            in_bytes,
            in_millions,
            with_a_bias,
            kibi_rows,
        ),
    )


def _merge_step() -> Exercise:
    def letters(*words: str) -> Case:
        return Case(([list(word) for word in words],))

    def words_of_letters(rng: Rng) -> Iterator[Case]:
        yield letters("ba", "ab", "ab")
        yield letters("mill", "tells", "tells", "miller")
        yield letters("cd", "cd", "ab", "dab", "ab", "cad", "ab")
        for _ in range(6):
            yield letters(*("".join(rng.choice(list("abc"), size=rng.integers(1, 7))) for _ in range(5)))

    def words_of_symbols(rng: Rng) -> Iterator[Case]:
        yield Case(([["a", "b", "a", "b"], ["aa", "b"], ["a", "b"]],))
        yield Case(([["t", "he"], ["he", "r", "e"], ["t", "he", "re"], ["th", "e"]],))
        for _ in range(5):
            symbols = ["a", "b", "ab", "ba", "aa"]
            yield Case(([list(map(str, rng.choice(symbols, size=rng.integers(1, 7)))) for _ in range(5)],))

    def overlaps_and_ties(rng: Rng) -> Iterator[Case]:
        yield letters("aaa")
        yield letters("aaaa", "aaaaa")
        yield letters("ba", "ab")
        yield letters("cabd", "bdca")
        yield letters("xyx", "yx", "xy")

    def nothing_to_join(rng: Rng) -> Iterator[Case]:
        yield letters("a", "b")
        yield Case(([["the"], ["mill"], ["the"]],))
        yield Case(([],))
        yield letters("ab")

    joined = reference._joined

    def pairs_of(words):
        return Counter(pair for word in words for pair in pairwise(word))

    def commonest(words):
        return max(pairs_of(words), key=pairs_of(words).__getitem__, default=None)

    @mistake("A word that comes three times counts three times. You count different words only once.")
    def distinct_words(words):
        best = commonest(list(dict.fromkeys(map(tuple, words))))
        return (best, [joined(word, best) for word in words]) if best else (None, words)

    @mistake("Pairs reach from the end of a word into the next one. A pair lies inside a word.")
    def across_words(words):
        best = commonest([[symbol for word in words for symbol in word]])
        return (best, [joined(word, best) for word in words]) if best else (None, words)

    @mistake("Only the first place in each word is joined. Join the pair wherever it stands.")
    def first_place_only(words):
        best, new = commonest(words), []
        for word in words:
            places = [i for i in range(len(word) - 1) if tuple(word[i : i + 2]) == best]
            new.append([*word[: places[0]], "".join(best), *word[places[0] + 2 :]] if places else list(word))
        return best, new

    @mistake(
        "Replacing inside a joined text finds the pair inside longer symbols too: `a b` stands in `aa b`. Compare whole "
        "symbols."
    )
    def replaced_in_text(words):
        best = commonest(words)
        if best is None:
            return None, words
        return best, [" ".join(word).replace(" ".join(best), "".join(best)).split() for word in words]

    @mistake("After joining, go on behind the pair. You use its second symbol again, and letters come twice.")
    def symbols_used_twice(words):
        best = commonest(words)
        return best, [
            ["".join(best) if tuple(word[i : i + 2]) == best else word[i] for i in range(len(word))] for word in words
        ]

    @mistake("Of pairs that are equally common, take the one met first, not the last in the alphabet.")
    def ties_by_alphabet(words):
        pairs = pairs_of(words)
        best = max(pairs, key=lambda pair: (pairs[pair], pair), default=None)
        return (best, [joined(word, best) for word in words]) if best else (None, words)

    @mistake("Of pairs that are equally common, take the one met first. You take the last: use > in place of >=.")
    def last_of_equals(words):
        pairs = pairs_of(words)
        best = max(reversed(list(pairs)), key=pairs.__getitem__, default=None)
        return (best, [joined(word, best) for word in words]) if best else (None, words)

    @mistake("The rarest pair is joined. Join the commonest.")
    def rarest(words):
        pairs = pairs_of(words)
        best = min(pairs, key=pairs.__getitem__, default=None)
        return (best, [joined(word, best) for word in words]) if best else (None, words)

    @mistake("The pair is found, and the words stay as they were. Join it in them.")
    def not_joined(words):
        return commonest(words), [list(word) for word in words]

    @mistake("You return the words alone. Return two things: the pair, and the words.")
    def words_alone(words):
        return reference.merge_step(words)[1]

    @mistake("You return the pair alone. Return two things: the pair, and the words with it joined.")
    def pair_alone(words):
        return reference.merge_step(words)[0]

    @mistake("The pair comes back joined to one string. Return it as a pair of two symbols.")
    def pair_as_a_string(words):
        best, new = reference.merge_step(words)
        return (best and "".join(best)), new

    @mistake("All steps are done at once. Do one: one pair, joined everywhere.")
    def all_steps(words):
        best, new = first, _ = reference.merge_step(words)
        while first:
            first, new = reference.merge_step(new)
        return best, new

    @mistake("If no word has two symbols, there is no pair: return `None` and the words. `max` of nothing raises.")
    def no_pair_raises(words):
        pairs = pairs_of(words)
        best = max(pairs, key=pairs.__getitem__)
        return best, [joined(word, best) for word in words]

    return Exercise(
        name="merge_step",
        title="One step of byte pair encoding",
        lesson=5,
        reference=reference.merge_step,
        core=False,
        parts=(
            Part("words of letters", 1, words_of_letters),
            Part("words of longer symbols", 1, words_of_symbols),
            Part("overlaps and ties", 1, overlaps_and_ties),
            Part("nothing to join", 1, nothing_to_join),
        ),
        mistakes=(
            distinct_words,
            across_words,
            first_place_only,
            replaced_in_text,
            symbols_used_twice,
            ties_by_alphabet,
            last_of_equals,
            rarest,
            not_joined,
            words_alone,
            pair_alone,
            pair_as_a_string,
            all_steps,
            no_pair_raises,
        ),
    )


EXERCISES = (
    _embedding_parameters(),
    _half_a_billion(),
    _table_bytes(),
    _training_bytes(),
    _merge_step(),
    _pad_vocabulary(),
    _largest_vocabulary(),
    _albert_in_numbers(),
)
