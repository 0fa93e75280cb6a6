"""The exercises of lesson 5 as data: cases, and the mistakes that people make, each with the sentence that helps."""

import math
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from embedcourse.counting import reference
from embedcourse.counting.ledger_exercises import LEDGER_EXERCISES
from embedcourse.marking import Case, Exercise, Part, entry_part, mistake, with_numbers

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
        # Odd sizes, whose product float32 cannot hold; and last the one of the lesson, whose product int32 cannot hold.
        for sizes in ((30_522, 768), (50_257, 1_023), (151_936, 896), (262_144, 16_384)):
            yield Case(sizes)

    @mistake("This adds the two sizes. Each of the vocab_size rows has dim numbers, so they are multiplied.")
    def added(vocab_size, dim):
        return vocab_size + dim

    @mistake("In int32 the product wraps round. Multiply Python's own numbers: they grow as they must.")
    def in_int32(vocab_size, dim):
        return np.multiply(vocab_size, dim, dtype=np.int32)

    @mistake("`**` is a power, vocab_size multiplied by itself dim times. Multiply with one `*`.")
    def power(vocab_size, dim):
        return vocab_size**dim

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

    @mistake("A comma at the end makes a tuple of one number. Return the number.")
    def a_comma_too_many(vocab_size, dim):
        return (vocab_size * dim,)

    @mistake("One row is missing. Ids begin at 0, and still there are vocab_size of them.")
    def a_row_less(vocab_size, dim):
        return (vocab_size - 1) * dim

    @mistake("This is the length of one row. There are vocab_size rows.")
    def one_row(vocab_size, dim):
        return dim

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
            in_int32,
            power,
            vocabulary_squared,
            dim_squared,
            with_a_bias,
            with_a_bias_of_dim,
            bytes_for_parameters,
            with_the_head,
            in_millions,
            rows,
            one_row,
            a_row_less,
            a_shape,
            a_comma_too_many,
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

    @mistake("512 million is what the sentence claims. Work it out: 128,000 · 4,096.")
    def as_claimed():
        return answers(thousands=512_000_000)

    @mistake("512 million is what the sentence claims, of all three. Work each out: its rows times 4,096.")
    def all_as_claimed():
        return answers(512_000_000, 512_000_000, 512_000_000)

    @mistake("These are rows. Each row has 4,096 numbers.")
    def rows_for_parameters():
        return answers(128_000, 131_072, 128_256)

    @mistake("These are bytes, 4 for each number. A parameter is one number, whatever it is stored in.")
    def in_bytes_of_float32():
        return answers(4 * 128_000 * 4_096, 4 * 131_072 * 4_096, 4 * 128_256 * 4_096)

    @mistake("128 · 2²⁰ is 128 Mi. A Ki is 2¹⁰ = 1,024.")
    def kibi_as_mebi():
        return answers(kibi=128 * 2**20 * 4_096)

    @mistake("Llama 3 has 128,256 rows in all: the 256 are in that number already.")
    def reserved_twice():
        return answers(llama=(128_256 + 256) * 4_096)

    @mistake("Llama 3 has 128,256 rows, not 131,072: read the text above the exercise again.")
    def llama_as_kibi():
        return answers(llama=131_072 * 4_096)

    @mistake(
        "Llama 3's other tokens come from text: 128 thousand of them, not 128 Ki. With the 256 it has 128,256 rows."
    )
    def llama_as_kibi_and_special():
        return answers(llama=(131_072 + 256) * 4_096)

    @mistake("These are the 256 special tokens alone. Llama 3 has 128,256 rows in all.")
    def special_alone():
        return answers(llama=256 * 4_096)

    @mistake("You multiply by the 4,096 numbers of a row. How many rows are there in 512,000,000 numbers? Divide.")
    def rows_multiplied():
        return answers(rows=512_000_000 * 4_096)

    @mistake("These are the parameters of that table. Asked for are its rows: divide by the 4,096 numbers of a row.")
    def rows_as_parameters():
        return answers(rows=512_000_000)

    @mistake(
        "128 Ki are 128 · 1,024 = 131,072 rows, not 128 · 1,000, and each has 4,096 numbers, not 4,000. (Either slip alone gives "
        "what you have.)"
    )
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
            llama_as_kibi,
            llama_as_kibi_and_special,
            special_alone,
            llama_with_its_head,
            reserved_twice,
            as_claimed,
            all_as_claimed,
            rows_for_parameters,
            in_bytes_of_float32,
            kibi_as_mebi,
            rows_multiplied,
            rows_as_parameters,
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

    @mistake(
        '`dtype == "bfloat16" or "float16"` is always true: a text that is not empty counts as true. Write '
        '`dtype in ("bfloat16", "float16")`.'
    )
    def always_true(vocab_size, dim, dtype):
        return vocab_size * dim * (4 if dtype == "float32" else 2)

    @mistake("Everything takes twice what it should: 32 bits are 4 bytes, not 8.")
    def doubled(vocab_size, dim, dtype):
        return int(2 * vocab_size * dim * _BYTES[dtype])

    @mistake("Two of int4 share a byte, so halve: you double.")
    def int4_doubled(vocab_size, dim, dtype):
        return int(vocab_size * dim * (2 if dtype == "int4" else _BYTES[dtype]))

    @mistake("An odd number of rows loses its last here. Multiply first, and divide last.")
    def odd_row_lost(vocab_size, dim, dtype):
        return vocab_size // 2 * dim if dtype == "int4" else int(vocab_size * dim * _BYTES[dtype])

    @mistake("dim is missing: each of the rows has dim numbers.")
    def dim_forgotten(vocab_size, dim, dtype):
        return vocab_size * _BYTES[dtype]

    @mistake("These are KiB. Return bytes.")
    def kibibytes(vocab_size, dim, dtype):
        return vocab_size * dim * _BYTES[dtype] / 1024

    @mistake("These are kB. Return bytes.")
    def kilobytes(vocab_size, dim, dtype):
        return vocab_size * dim * _BYTES[dtype] / 1e3

    @mistake("These are MB. Return bytes.")
    def megabytes(vocab_size, dim, dtype):
        return vocab_size * dim * _BYTES[dtype] / 1e6

    @mistake("These are MiB. Return bytes.")
    def mebibytes(vocab_size, dim, dtype):
        return vocab_size * dim * _BYTES[dtype] / 2**20

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
            always_true,
            doubled,
            int4_doubled,
            odd_row_lost,
            dim_forgotten,
            kibibytes,
            kilobytes,
            megabytes,
            mebibytes,
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

    @mistake("For Adam only weights and gradient are counted here. It remembers two numbers more for each weight.")
    def adam_forgotten(vocab_size, dim, optimizer):
        return 4 * (3 if optimizer == "momentum" else 2) * vocab_size * dim

    @mistake("Plain SGD remembers nothing: there are the weights and their gradient, two tables.")
    def sgd_with_a_state(vocab_size, dim, optimizer):
        return 4 * max(3, numbers(optimizer)) * vocab_size * dim

    @mistake("The sum of two products needs brackets, or each of its parts its own 4 bytes.")
    def states_without_bytes(vocab_size, dim, optimizer):
        return 8 * vocab_size * dim + (numbers(optimizer) - 2) * vocab_size * dim

    @mistake(
        "Only the weights are in bytes, the rest is counted in numbers. Gradient and the two moments are float32 too: 4 bytes "
        "each number."
    )
    def weights_alone_in_bytes(vocab_size, dim, optimizer):
        return 4 * vocab_size * dim + (numbers(optimizer) - 1) * vocab_size * dim

    @mistake("The gradient has one row here. It is dense: a number for each weight, read or not.")
    def gradient_of_one_row(vocab_size, dim, optimizer):
        return 4 * ((numbers(optimizer) - 1) * vocab_size * dim + dim)

    @mistake("float32 has 32 bits, and those are 4 bytes. You multiply by 32.")
    def in_bits(vocab_size, dim, optimizer):
        return 32 * numbers(optimizer) * vocab_size * dim

    @mistake("These are gigabytes. Return bytes.")
    def in_gigabytes(vocab_size, dim, optimizer):
        return 4 * numbers(optimizer) * vocab_size * dim / 1e9

    @mistake("Momentum remembers a number for each weight, so a whole table, not one number and not one a row.")
    def one_number_of_momentum(vocab_size, dim, optimizer):
        return 4 * (numbers(optimizer) * vocab_size * dim if optimizer != "momentum" else 2 * vocab_size * dim + 1)

    @mistake(
        "SGD is right. Momentum remembers one number for each weight more than that, and Adam two: you count one less."
    )
    def one_less_remembered(vocab_size, dim, optimizer):
        return {"sgd": 2, "momentum": 2, "adam": 3}[optimizer] * vocab_size * dim * 4

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

    @mistake("Momentum remembers one number for each weight, a fading sum of the gradients. You have none.")
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
            one_less_remembered,
            without_the_gradient,
            states_alone,
            adam_forgotten,
            sgd_with_a_state,
            states_without_bytes,
            weights_alone_in_bytes,
            gradient_of_one_row,
            in_bits,
            in_gigabytes,
            one_number_of_momentum,
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
        yield Case((2_001, 2_000))

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

    @mistake("The multiple is 64 here, or 128, whatever is asked for. Use `multiple`.")
    def always_64(vocab_size, multiple):
        return -(-vocab_size // 64) * 64

    @mistake(
        "You double the multiple until there is room. Go up by one multiple at a time, or compute how many are needed."
    )
    def doubled(vocab_size, multiple):
        return multiple * 2 ** math.ceil(max(0.0, math.log2(vocab_size / multiple)))

    @mistake("`n & ~(m - 1)` is a trick for powers of two alone. Any multiple may be asked for.")
    def by_a_mask(vocab_size, multiple):
        return (vocab_size + multiple - 1) & ~(multiple - 1)

    @mistake("The two sizes have changed places: this is a multiple of the vocabulary.")
    def names_swapped(vocab_size, multiple):
        return -(-multiple // vocab_size) * vocab_size

    @mistake("This is the remainder, the rows beyond the last whole block. Return how many rows there are in all.")
    def the_remainder(vocab_size, multiple):
        return vocab_size % multiple

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
            always_64,
            doubled,
            by_a_mask,
            names_swapped,
            the_remainder,
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

    @mistake(
        "The rows are no multiple of `multiple`. Round them down to a multiple of it (0, if not even one block fits)."
    )
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

    @mistake(
        "Without tying, the rows are halved after they were rounded, and are no multiple then. Halve first, round last."
    )
    def halved_after_rounding(budget, dim, bytes_per_number, multiple, tied):
        fitting = rows(budget, dim, bytes_per_number) // multiple * multiple
        return fitting if tied else fitting // 2

    @mistake("`a * b if tied else 2` takes all of `a * b` or else 2. Put brackets round `(1 if tied else 2)`.")
    def brackets_round_the_choice(budget, dim, bytes_per_number, multiple, tied):
        return budget // (dim * bytes_per_number * 1 if tied else 2) // multiple * multiple

    @mistake("Brackets: `budget // dim * bytes` divides by dim alone. Divide by the whole product.")
    def brackets_round_the_product(budget, dim, bytes_per_number, multiple, tied):
        return budget // dim * bytes_per_number * (1 if tied else 2) // multiple * multiple

    @mistake("Without tying there are two matrices, so half as many rows fit, not twice as many.")
    def untied_doubled(budget, dim, bytes_per_number, multiple, tied):
        return rows(budget, dim, bytes_per_number) * (1 if tied else 2) // multiple * multiple

    @mistake("One block too many: the last one no longer fits. Stop before the budget is exceeded.")
    def one_block_too_many(budget, dim, bytes_per_number, multiple, tied):
        return rows(budget, dim, bytes_per_number, 1 if tied else 2) // multiple * multiple + multiple

    @mistake("The budget is in bytes already. You count bits, 8 to a byte.")
    def in_bits(budget, dim, bytes_per_number, multiple, tied):
        return rows(budget, dim, 8 * bytes_per_number, 1 if tied else 2) // multiple * multiple

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
            halved_after_rounding,
            brackets_round_the_choice,
            brackets_round_the_product,
            untied_doubled,
            one_block_too_many,
            in_bits,
        ),
    )


def _albert_in_numbers(which: str, dim: int) -> Exercise:
    vocab, inner = 30_000, 128  # of every ALBERT; `which` is only named in the lesson
    most = vocab * dim // (vocab + dim)

    def answers(factorised=vocab * inner + inner * dim, rank=inner, largest=most):
        return {"factorised": factorised, "rank": rank, "largest_inner": largest}

    def albert_in_numbers():
        return answers()

    @mistake(
        f"The second matrix is missing: 128 numbers a row must still become {dim:,}, by a matrix of 128 × {dim:,}."
    )
    def first_matrix_alone():
        return answers(factorised=vocab * inner)

    @mistake("The second matrix is added to the whole table. It takes the table's place together with the narrow one.")
    def added_to_the_whole():
        return answers(factorised=vocab * dim + inner * dim)

    @mistake("The sizes of the two matrices are multiplied. Both are stored, so they are added.")
    def multiplied():
        return answers(factorised=vocab * inner * inner * dim)

    @mistake(
        f"All three sizes are multiplied. Two matrices are stored, 30,000 × 128 and 128 × {dim:,}: add what each holds."
    )
    def all_three_multiplied():
        return answers(factorised=vocab * inner * dim)

    @mistake("The sizes are added where they are multiplied. A matrix of 30,000 × 128 has 30,000 · 128 numbers.")
    def sums_multiplied():
        return answers(factorised=(vocab + inner) * (inner + dim))

    @mistake("This is one whole table. Asked for are the two thin matrices.")
    def the_whole_table():
        return answers(factorised=vocab * dim)

    @mistake(f"The product has {dim:,} columns, and all of them are mixed from 128 columns. Rank counts those.")
    def rank_of_dim():
        return answers(rank=dim)

    @mistake(
        "With inner = 30,000 the first of the two matrices is 30,000 × 30,000, larger than the whole table. Write down when "
        f"30,000 · inner + inner · {dim:,} is at most 30,000 · {dim:,}."
    )
    def one_for_each_token():
        return answers(largest=vocab)

    @mistake("768 is the dim of the base model. And no mixture of 128 rows has a higher rank than 128.")
    def rank_of_the_base_model():
        return answers(rank=768)

    @mistake("That is the number of rows. All of them are mixed from 128 rows of the second matrix.")
    def rank_of_the_vocabulary():
        return answers(rank=vocab)

    @mistake(f"This is the base model, whose dim is 768. Asked is the one with {dim:,}.")
    def of_the_base_model():
        return answers(vocab * inner + inner * 768, inner, vocab * 768 // (vocab + 768))

    @mistake("These are bytes in float32. Asked for are parameters.")
    def in_bytes():
        return answers(factorised=4 * (vocab * inner + inner * dim))

    @mistake(f"A bias of {dim:,} numbers is counted as well. Here there are two matrices and nothing else.")
    def with_a_bias():
        return answers(factorised=vocab * inner + inner * dim + dim)

    @mistake("These are millions. Return the parameters, every one.")
    def in_millions():
        return answers(factorised=(vocab * inner + inner * dim) / 1e6)

    @mistake(
        "Both matrices have rank 128 at most. A product does not add ranks: its own is at most the lower of the two."
    )
    def ranks_added():
        return answers(rank=2 * inner)

    @mistake("30,000 rows, not 30 · 1,024.")
    def kibi_rows():
        return answers(30_720 * inner + inner * dim, inner, 30_720 * dim // (30_720 + dim))

    @mistake("With that many the two matrices are a little larger than the table. Round down, not up.")
    def rounded_up():
        return answers(largest=most + 1)

    @mistake("This is not rounded. Asked for is a whole number that still saves; round down.")
    def unrounded():
        return answers(largest=vocab * dim / (vocab + dim))

    @mistake("You take one away too many: the division leaves a remainder, so rounding down is enough to save.")
    def one_too_few():
        return answers(largest=most - 1)

    @mistake(
        f"inner = dim makes matrices of 30,000 × {dim:,} and {dim:,} × {dim:,}, more than one table. The second matrix counts "
        "too: write both sizes with inner, and look where their sum meets the table."
    )
    def up_to_dim():
        return answers(largest=dim)

    @mistake(
        "Just below dim is not enough: the second matrix has numbers of its own. How many, with inner in place of 128? Add them "
        "to the first, and compare with the table."
    )
    def below_dim():
        return answers(largest=dim - 1)

    @mistake(
        "This is half of dim. Write the sizes of both matrices with inner in place of 128: their sum is inner times what?"
    )
    def half_of_dim():
        return answers(largest=dim // 2)

    @mistake(
        "This is how many times smaller the table gets with inner = 128. Asked for is the largest inner that still saves."
    )
    def the_factor():
        return answers(largest=dim // inner)

    @mistake(
        "Asked for is not the inner of ALBERT, but the largest with which two matrices are still smaller than one table."
    )
    def inner_of_albert():
        return answers(largest=inner)

    @mistake("That is one less than ALBERT's own inner. Asked for is the largest with which two matrices still save.")
    def below_the_inner_of_albert():
        return answers(largest=inner - 1)

    return Exercise(
        name="albert_in_numbers",
        title="ALBERT in numbers",
        lesson=5,
        reference=albert_in_numbers,
        parts=(
            entry_part("parameters of the two matrices", "factorised"),
            entry_part("rank of their product", "rank"),
            entry_part("the largest inner that saves", "largest_inner"),
        ),
        mistakes=(
            first_matrix_alone,
            added_to_the_whole,
            multiplied,
            all_three_multiplied,
            sums_multiplied,
            the_whole_table,
            rank_of_dim,
            one_for_each_token,
            rank_of_the_base_model,
            rank_of_the_vocabulary,
            of_the_base_model,
            in_bytes,
            with_a_bias,
            kibi_rows,
            rounded_up,
            up_to_dim,
            below_dim,
            half_of_dim,
            the_factor,
            inner_of_albert,
            below_the_inner_of_albert,
            unrounded,
            one_too_few,
            ranks_added,
            in_millions,
        ),
    )


def _merge_step() -> Exercise:
    def letters(*words: str) -> Case:
        return Case(([list(word) for word in words],))

    def one_word(rng: Rng) -> Iterator[Case]:
        # A set of these words, or of a word's pairs, has one thing in it: its order, which changes from run to run, is not seen.
        for times, word in ((2, "ab"), (3, "cb"), (2, "aaaa"), (3, "aaa")):
            yield letters(*times * [word])

    def words_of_letters(rng: Rng) -> Iterator[Case]:
        yield letters("ab", "ab", "ab", "cd", "cde")
        yield letters("ababab", "cd", "cd")
        yield letters("mill", "tells", "tells", "miller")
        yield letters("cd", "cd", "ab", "dab", "ab", "cad", "ab")
        found = 0
        while found < 6:
            words = ["".join(rng.choice(list("abc"), size=rng.integers(1, 7))) for _ in range(5)]
            if all(map(alone_at_the_top, (pairs_of(words), pairs_of(set(words)), pairs_once(words)))):
                found += 1
                yield letters(*words)

    def words_of_symbols(rng: Rng) -> Iterator[Case]:
        yield Case(([["a", "b", "a", "b"], ["aa", "b"], ["a", "b"]],))
        yield Case(([["t", "he"], ["he", "r", "e"], ["t", "he", "re"], ["th", "e"]],))
        yield Case(([["a", ".", "b"], ["a", ".", "c"]],))
        for _ in range(5):
            symbols = ["a", "b", "ab", "ba", "aa"]
            yield Case(([list(map(str, rng.choice(symbols, size=rng.integers(1, 7)))) for _ in range(5)],))

    def overlaps_and_ties(rng: Rng) -> Iterator[Case]:
        yield letters("aaa")
        yield letters("bc", "bc", "aaaa")
        yield letters("aaaa", "aaaaa")
        yield letters("ba", "ab")
        yield letters("cabd", "bdca")
        yield letters("xyx", "yx", "xy")

    def nothing_to_join(rng: Rng) -> Iterator[Case]:
        yield letters("a", "b")
        yield Case(([["the"], ["mill"], ["the"]],))
        yield Case(([],))
        yield letters("ab")
        yield Case(([[], ["a", "b"], ["c"]],))

    joined = reference._joined

    def pairs_of(words):
        return Counter(pair for word in words for pair in pairwise(word))

    def pairs_once(words):
        return Counter(pair for word in words for pair in dict.fromkeys(pairwise(word)))

    def alone_at_the_top(pairs):
        # Then a count that was made from a set, in any order, chooses the same pair on every run.
        return list(pairs.values()).count(max(pairs.values(), default=0)) == 1

    def commonest(words):
        return max(pairs_of(words), key=pairs_of(words).__getitem__, default=None)

    @mistake("A word that comes three times counts three times. You count different words only once.")
    def distinct_words(words):
        best = commonest(list(dict.fromkeys(map(tuple, words))))
        return (best, [joined(word, best) for word in words]) if best else (None, words)

    @mistake("A set keeps neither repetitions nor order; count the list of words itself.")
    def a_set_of_words(words):
        different = list(dict.fromkeys(map(tuple, words)))
        best = commonest(different)
        return best, [joined(word, best) if best else list(word) for word in different]

    @mistake("A pair counts each time it stands in a word. You count it once in each word.")
    def once_in_each_word(words):
        pairs = pairs_once(words)
        best = max(pairs, key=pairs.__getitem__, default=None)
        return (best, [joined(word, best) for word in words]) if best else (None, words)

    @mistake("In `aaa` the left two are joined. Walk through the word from left to right.")
    def from_the_right(words):
        best, new = commonest(words), []
        for word in words:
            out, i = [], len(word)
            while i > 0:
                found = tuple(word[max(i - 2, 0) : i]) == best
                out.insert(0, "".join(best) if found else word[i - 1])
                i -= 2 if found else 1
            new.append(out)
        return best, new

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

    @mistake("The last symbol of a word gets lost when no pair ends there. Walk on to the end of the word.")
    def last_symbol_lost(words):
        best, new = commonest(words), []
        for word in words:
            out, i = [], 0
            while i < len(word) - 1:
                found = (word[i], word[i + 1]) == best
                out.append("".join(best) if found else word[i])
                i += 2 if found else 1
            new.append(out)
        return best, new

    @mistake(
        "After a joined pair you copy the next symbol unseen. Look there for the pair again: an `else` is missing."
    )
    def next_symbol_unseen(words):
        best, new = commonest(words), []
        for word in words:
            out, i = [], 0
            while i < len(word):
                if tuple(word[i : i + 2]) == best:
                    out.append("".join(best))
                    i += 2
                if i < len(word):
                    out.append(word[i])
                    i += 1
            new.append(out)
        return best, new

    @mistake(
        "The last symbol of a word has no neighbour: stop one place earlier, or compare a slice, `word[i : i + 2]`."
    )
    def beyond_the_end(words):
        best, new = commonest(words), []
        for word in words:
            out, i = [], 0
            while i < len(word):
                if (word[i], word[i + 1]) == best:
                    out.append("".join(best))
                    i += 2
                else:
                    out.append(word[i])
                    i += 1
            new.append(out)
        return best, new

    @mistake("`most_common` gives pairs of (pair, count). Take `[0]` once more to have the pair itself.")
    def with_its_count(words):
        pairs = pairs_of(words)
        if not pairs:
            return None, words
        best = pairs.most_common(1)[0]
        return best, [joined(word, best[0]) for word in words]

    @mistake("Compare symbols, not letters: `a` `aa` and `aa` `a` read alike when they are joined.")
    def compared_as_text(words):
        best = commonest(words)
        if best is None:
            return None, words
        new = []
        for word in words:
            out, i = [], 0
            while i < len(word):
                found = i + 1 < len(word) and word[i] + word[i + 1] == "".join(best)
                out.append("".join(best) if found else word[i])
                i += 2 if found else 1
            new.append(out)
        return best, new

    @mistake('A joined pair is one string, `"".join(best)`. You put in the pair itself.')
    def a_pair_put_in(words):
        best = commonest(words)
        if best is None:
            return None, words
        return best, [[best if symbol == "".join(best) else symbol for symbol in joined(word, best)] for word in words]

    @mistake("Words of one symbol are left out. They stay as they are.")
    def short_words_dropped(words):
        best, new = reference.merge_step(words)
        return best, [word for word in new if len(word) > 1] if best else words

    @mistake("In `aaa` the pair `a` `a` stands twice, and both count; they overlap only when they are joined.")
    def overlaps_counted_once(words):
        pairs = Counter()
        for word in words:
            last = None
            for pair in pairwise(word):
                if pair == last:
                    last = None
                    continue
                pairs[pair] += 1
                last = pair
        best = max(pairs, key=pairs.__getitem__, default=None)
        return (best, [joined(word, best) for word in words]) if best else (None, words)

    @mistake("Even a pair that comes once is joined, if it is the commonest.")
    def pairs_seen_twice_only(words):
        best, new = reference.merge_step(words)
        return (best, new) if best and pairs_of(words)[best] > 1 else (None, words)

    @mistake("Without any pair the answer still is two things: `None`, and the words as they were.")
    def none_alone(words):
        best, new = reference.merge_step(words)
        return (best, new) if best else None

    @mistake("Without any pair the words stay as they were. You return none of them.")
    def no_words_without_a_pair(words):
        best, new = reference.merge_step(words)
        return best, new if best else []

    @mistake("The two come in the other order: first the pair, then the words.")
    def words_first(words):
        return reference.merge_step(words)[::-1]

    @mistake("The words are run together into one list. Keep them apart: a list of words, each a list of symbols.")
    def one_flat_list(words):
        best, new = reference.merge_step(words)
        return best, [symbol for word in new for symbol in word]

    @mistake("Every pair of neighbours counts, also the one that begins at an odd place. You look at every second.")
    def every_second_pair(words):
        pairs = Counter(pair for word in words for pair in zip(word[::2], word[1::2], strict=False))
        best = max(pairs, key=pairs.__getitem__, default=None)
        return (best, [joined(word, best) for word in words]) if best else (None, words)

    @mistake(
        "This is the pair that is last in the alphabet. `max(pairs)` compares the pairs; you want the largest count."
    )
    def last_in_the_alphabet(words):
        best = max(pairs_of(words), default=None)
        return (best, [joined(word, best) for word in words]) if best else (None, words)

    @mistake("Of pairs that are equally common, take the one met first, not the first in the alphabet.")
    def ties_by_alphabet_from_a(words):
        pairs = pairs_of(words)
        best = min(pairs, key=lambda pair: (-pairs[pair], pair), default=None)
        return (best, [joined(word, best) for word in words]) if best else (None, words)

    @mistake("Of pairs that are equally common, take the one met first, not the last in the alphabet.")
    def ties_by_alphabet(words):
        pairs = pairs_of(words)
        best = max(pairs, key=lambda pair: (pairs[pair], pair), default=None)
        return (best, [joined(word, best) for word in words]) if best else (None, words)

    @mistake(
        "Of equally common pairs, take the one met first. You take the last; `max(pairs, key=pairs.get)` gives the first."
    )
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
            Part("one word, several times", 1, one_word),
            Part("words of letters", 1, words_of_letters),
            Part("words of longer symbols", 1, words_of_symbols),
            Part("overlaps and ties", 1, overlaps_and_ties),
            Part("nothing to join", 1, nothing_to_join),
        ),
        mistakes=(
            distinct_words,
            a_set_of_words,
            once_in_each_word,
            from_the_right,
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
            last_symbol_lost,
            next_symbol_unseen,
            beyond_the_end,
            with_its_count,
            compared_as_text,
            a_pair_put_in,
            short_words_dropped,
            overlaps_counted_once,
            pairs_seen_twice_only,
            none_alone,
            no_words_without_a_pair,
            words_first,
            one_flat_list,
            every_second_pair,
            last_in_the_alphabet,
            ties_by_alphabet_from_a,
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
    with_numbers(
        _albert_in_numbers,
        {"which": "The largest ALBERT", "dim": 4_096},
        {"which": "ALBERT large", "dim": 1_024},
        {"which": "ALBERT xlarge", "dim": 2_048},
    ),
    *LEDGER_EXERCISES,
)
