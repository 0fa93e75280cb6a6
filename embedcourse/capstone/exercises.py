"""The exercises of lesson 10 as data: cases, and the mistakes that people make, each with the sentence that helps."""

import json
import math
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from embedcourse.capstone import probes, reference, training
from embedcourse.marking import Case, Exercise, Part, mistake
from embedcourse.rope import rotate

Rng = np.random.Generator


def _tensor(rng: Rng, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Numbers that bfloat16 holds exactly, none of them 0."""
    numbers = rng.integers(1, 64, size=shape) * rng.choice([-1, 1], size=shape) / 16
    return torch.from_numpy(np.asarray(numbers, dtype=np.float32)).to(dtype)


def _row_span() -> Exercise:
    def entry(begin: int, rows: int, dim: int, dtype: str = "F32") -> dict:
        size = rows * dim * (4 if dtype == "F32" else 2)
        return {"dtype": dtype, "shape": [rows, dim], "data_offsets": [begin, begin + size]}

    def four_bytes(rng: Rng) -> Iterator[Case]:
        yield Case((104, entry(0, 5, 3), 2))
        yield Case((96, entry(40, 7, 3), 2))
        for _ in range(5):
            begin, rows, dim = (int(n) for n in rng.integers((8, 6, 2), (400, 30, 9)))
            yield Case((8 * int(rng.integers(5, 50)), entry(begin, rows, dim), int(rng.integers(1, rows))))

    def two_bytes(rng: Rng) -> Iterator[Case]:
        yield Case((88, entry(24, 5, 3, "BF16"), 1))
        yield Case((88, entry(24, 4, 5, "F16"), 3))
        for _ in range(4):
            begin, rows, dim = (int(n) for n in rng.integers((8, 6, 2), (400, 30, 9)))
            yield Case((8 * int(rng.integers(5, 50)), entry(begin, rows, dim, "BF16"), int(rng.integers(1, rows))))

    def outside(rng: Rng) -> Iterator[Case]:
        yield Case((88, entry(24, 5, 3), 5), raises=IndexError)
        yield Case((88, entry(24, 5, 3), 4))
        yield Case((88, entry(24, 5, 3), 0))
        for row in (-1, 6, 50):
            yield Case((88, entry(24, 5, 3, "BF16"), row), raises=IndexError)

    def span(header_length, entry, row, front=None, size=None):
        rows = entry["shape"][0]
        if not 0 <= row < rows:
            raise IndexError("there is no such row")
        begin, end = entry["data_offsets"]
        front = 8 + header_length + begin if front is None else front
        size = (end - begin) // rows if size is None else size
        return front + row * size, front + (row + 1) * size

    @mistake(
        "You count from the start of the file, and data_offsets count from the end of the header. In front of that stand 8 "
        "bytes and the header."
    )
    def from_the_start_of_the_file(header_length, entry, row):
        return span(header_length, entry, row, front=entry["data_offsets"][0])

    @mistake("The header is passed over, but not the 8 bytes in front of it, which hold its length.")
    def eight_forgotten(header_length, entry, row):
        return span(header_length, entry, row, front=header_length + entry["data_offsets"][0])

    @mistake("The 8 bytes in front are passed over, but not the header behind them: add its length as well.")
    def header_forgotten(header_length, entry, row):
        return span(header_length, entry, row, front=8 + entry["data_offsets"][0])

    @mistake("The table need not be the first tensor of the file: it begins at the first of its data_offsets.")
    def begin_forgotten(header_length, entry, row):
        return span(header_length, entry, row, front=8 + header_length)

    @mistake("A row has dim numbers, but each number has 4 bytes (F32) or 2 (F16, BF16): you count numbers, not bytes.")
    def numbers_for_bytes(header_length, entry, row):
        return span(header_length, entry, row, size=entry["shape"][1])

    @mistake(
        "You take 4 bytes a number for all. BF16 and F16 have 2: look at the dtype, or divide the span by the rows."
    )
    def always_four_bytes(header_length, entry, row):
        return span(header_length, entry, row, size=4 * entry["shape"][1])

    @mistake(
        "You take 2 bytes a number only for one of BF16 and F16. Both have 2; dividing the span by the rows needs no list."
    )
    def f16_forgotten(header_length, entry, row):
        return span(header_length, entry, row, size=(2 if entry["dtype"] == "BF16" else 4) * entry["shape"][1])

    @mistake("A row is as long as the table is wide: take the second number of the shape. The first counts the rows.")
    def rows_for_columns(header_length, entry, row):
        rows = entry["shape"][0]
        return span(header_length, entry, row, size=(4 if entry["dtype"] == "F32" else 2) * rows)

    @mistake("Rows are counted from 0: in front of row 2 stand two rows, not one.")
    def counted_from_one(header_length, entry, row):
        span(header_length, entry, row)
        begin, end = entry["data_offsets"]
        size = (end - begin) // entry["shape"][0]
        first = 8 + header_length + begin + (row - 1) * size
        return first, first + size

    @mistake("The second number is how many bytes a row has. Return where it ends: the first byte after the row.")
    def a_length_for_the_end(header_length, entry, row):
        first, last = span(header_length, entry, row)
        return first, last - first

    @mistake("Your end is the row's last byte. Return the first byte after it, as in `data[begin:end]`.")
    def the_last_byte(header_length, entry, row):
        first, last = span(header_length, entry, row)
        return first, last - 1

    @mistake("The first byte is right, but your end is that of the whole table. A row ends where the next begins.")
    def to_the_end_of_the_table(header_length, entry, row):
        return span(header_length, entry, row)[0], 8 + header_length + entry["data_offsets"][1]

    @mistake(
        "A row that the table does not have gets an answer here: bytes of another tensor, or of the header. Raise IndexError "
        "unless 0 ≤ row < rows."
    )
    def any_row(header_length, entry, row):
        begin, end = entry["data_offsets"]
        size = (end - begin) // entry["shape"][0]
        first = 8 + header_length + begin + row * size
        return first, first + size

    @mistake("Row −1 gets an answer here, and it lies in front of the table. Refuse what is below 0 as well.")
    def below_zero_allowed(header_length, entry, row):
        if row >= entry["shape"][0]:
            raise IndexError("there is no such row")
        return any_row.implementation(header_length, entry, row)

    @mistake("A table of 5 rows has rows 0 to 4: its length is already one too many. Compare with `<`, not `<=`.")
    def one_too_many(header_length, entry, row):
        if not 0 <= row <= entry["shape"][0]:
            raise IndexError("there is no such row")
        return any_row.implementation(header_length, entry, row)

    @mistake("`/` gives a float, and a place in a file is a whole number. Divide with `//`.")
    def floats(header_length, entry, row):
        first, last = span(header_length, entry, row)
        return float(first), float(last)

    return Exercise(
        name="row_span",
        title="Where a row lies",
        lesson=10,
        reference=reference.row_span,
        parts=(
            Part("tables of four bytes a number", 1, four_bytes),
            Part("tables of two", 1, two_bytes),
            Part("rows that the table does not have", 1, outside),
        ),
        mistakes=(
            from_the_start_of_the_file,
            eight_forgotten,
            header_forgotten,
            begin_forgotten,
            numbers_for_bytes,
            always_four_bytes,
            f16_forgotten,
            rows_for_columns,
            counted_from_one,
            a_length_for_the_end,
            the_last_byte,
            to_the_end_of_the_table,
            any_row,
            below_zero_allowed,
            one_too_many,
            floats,
        ),
    )


def _read_tensor() -> Exercise:
    def file(rng: Rng, *shapes: tuple[int, ...], dtypes: tuple[torch.dtype, ...] = (torch.float32,)) -> bytes:
        letters = "abcdef"
        return reference.file_bytes(
            {letters[i]: _tensor(rng, *shape, dtype=dtypes[i % len(dtypes)]) for i, shape in enumerate(shapes)}
        )

    def without_spaces(rng: Rng) -> bytes:
        """A file whose header fills its eighth byte, so that no spaces stand behind it."""
        for length in range(1, 9):
            data = reference.file_bytes({"a": _tensor(rng, 2, 3), "b" * length: _tensor(rng, 2)})
            if data[8 : 8 + int.from_bytes(data[:8], "little")].endswith(b"}"):
                return data
        raise AssertionError("one of eight lengths must fit")

    def tables(rng: Rng) -> Iterator[Case]:
        yield Case((file(rng, (1, 2), (2, 3)), "b"))
        yield Case((file(rng, (2, 3), (3, 2)), "a"))
        yield Case((file(rng, (2, 4), (3, 5), (4, 2)), "c"))
        yield Case((without_spaces(rng), "a"))
        yield Case((file(rng, *[(2, 1)] * 6), "f"))  # a header of more than 255 bytes
        for name in "abc":
            rows, dim = (int(n) for n in rng.integers(2, 6, size=2))
            yield Case((file(rng, (rows, dim), (dim + 1, rows), (rows, dim + 2)), name))

    def other_shapes(rng: Rng) -> Iterator[Case]:
        yield Case((file(rng, (2, 3), (4,)), "b"))
        yield Case((file(rng, (3,), (2, 2, 3)), "b"))
        yield Case((file(rng, (2, 3), (3, 1, 2), (5,)), "b"))
        yield Case((file(rng, (2, 3), (6, 1)), "b"))

    def two_bytes(rng: Rng) -> Iterator[Case]:
        for dtypes in ((torch.bfloat16,), (torch.float32, torch.bfloat16), (torch.float32, torch.float16)):
            yield Case((file(rng, (2, 3), (4, 2), dtypes=dtypes), "b"))
        yield Case((file(rng, (2, 3), (4, 2), dtypes=(torch.bfloat16, torch.float32)), "b"))
        yield Case((file(rng, (2, 3), (4,), (3, 2), dtypes=(torch.float16, torch.float32, torch.bfloat16)), "a"))

    def read(data, name, start=None, stop=None, dtype=None, header=None):
        length, parsed = reference.read_header(data)
        entry = parsed[name]
        begin, end = entry["data_offsets"]
        first = 8 + length if start is None else start(length)
        numbers = bytearray(data[first + begin : (first + end if stop is None else stop(first, begin, end))])
        flat = torch.frombuffer(numbers, dtype=dtype or reference.DTYPES[entry["dtype"]])
        return flat.reshape(entry["shape"])

    @mistake(
        "data_offsets count from the end of the header, and you count from the start of the file: these bytes are text. Add 8 "
        "and the header's length."
    )
    def from_the_start_of_the_file(data, name):
        return read(data, name, start=lambda length: 0)

    @mistake("You pass over the header, but not the 8 bytes in front of it: all numbers are read 8 bytes too early.")
    def eight_forgotten(data, name):
        return read(data, name, start=lambda length: length)

    @mistake("You pass over the first 8 bytes and not the header behind them. Its length is what these 8 bytes say.")
    def header_forgotten(data, name):
        return read(data, name, start=lambda length: 8)

    @mistake(
        "The length is read with the large end first, so it comes out astronomically large and the header takes in the "
        'numbers. Its first byte counts least: `int.from_bytes(data[:8], "little")`.'
    )
    def big_endian(data, name):
        length = int.from_bytes(data[:8], "big")
        header = json.loads(data[8 : 8 + length])
        begin, end = header[name]["data_offsets"]
        return torch.frombuffer(bytearray(data[8 + length + begin : 8 + length + end]), dtype=torch.float32)

    @mistake(
        "The header ends at 8 + its length. `data[8:length]` cuts its last 8 bytes off, and JSON that is cut cannot be read."
    )
    def header_cut_short(data, name):
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8:length])
        begin, end = header[name]["data_offsets"]
        return torch.frombuffer(bytearray(data[8 + length + begin : 8 + length + end]), dtype=torch.float32)

    @mistake("The numbers are right, but in one long row. Give them the shape that the header says: `.reshape(…)`.")
    def flat(data, name):
        return read(data, name).flatten()

    @mistake("This is the transpose. The header's shape is that of the tensor as it is stored, row after row.")
    def transposed(data, name):
        return read(data, name).T.contiguous()

    @mistake("The shape is turned round. The first number counts the rows: reshape to the shape as it stands.")
    def shape_turned_round(data, name):
        return read(data, name).reshape(tuple(reference.read_header(data)[1][name]["shape"])[::-1])

    @mistake(
        "Everything is read as float32. The header gives each tensor its dtype; BF16 and F16 take 2 bytes a number."
    )
    def always_float32(data, name):
        return read(data, name, dtype=torch.float32)

    @mistake(
        "F16 and BF16 both have 2 bytes and are not the same: BF16 has more bits for the size, F16 more for the digits. "
        "Read each as what it is."
    )
    def bf16_as_f16(data, name):
        entry = reference.read_header(data)[1][name]
        return read(data, name, dtype=torch.float32 if entry["dtype"] == "F32" else torch.float16)

    @mistake(
        "Here F16 is read as bfloat16. They have as many bytes and are not the same: give each name its own dtype."
    )
    def f16_as_bf16(data, name):
        entry = reference.read_header(data)[1][name]
        return read(data, name, dtype=torch.float32 if entry["dtype"] == "F32" else torch.bfloat16)

    @mistake("The numbers are right, but no longer in the file's dtype. Leave them as they are stored.")
    def widened(data, name):
        return read(data, name).float()

    @mistake("You read the first tensor whatever its name. Where one begins says the first of its data_offsets.")
    def always_the_first(data, name):
        return read(data, name, stop=lambda first, begin, end: first + end, start=lambda n: 8 + n - _begin(data, name))

    def _begin(data, name):
        return reference.read_header(data)[1][name]["data_offsets"][0]

    @mistake("You read to the end of the file. The tensor ends at the second of its data_offsets.")
    def to_the_end(data, name):
        return read(data, name, stop=lambda first, begin, end: None)

    @mistake(
        "The last byte is missing: the second of the data_offsets is the first byte after the tensor, as in a slice."
    )
    def one_byte_short(data, name):
        return read(data, name, stop=lambda first, begin, end: first + end - 1)

    @mistake(
        "data_offsets are bytes, and you take them for numbers: you make a tensor of all numbers first and cut that. Cut the "
        "bytes, then make the tensor."
    )
    def offsets_as_numbers(data, name):
        length, header = reference.read_header(data)
        entry = header[name]
        begin, end = entry["data_offsets"]
        numbers = torch.frombuffer(bytearray(data[8 + length :]), dtype=reference.DTYPES[entry["dtype"]])
        return numbers[begin:end].reshape(entry["shape"])

    @mistake(
        "`torch.tensor(list(…))` makes a number of each byte. `torch.frombuffer` reads 2 or 4 bytes as one number."
    )
    def a_number_for_each_byte(data, name):
        length, header = reference.read_header(data)
        begin, end = header[name]["data_offsets"]
        return torch.tensor(list(data[8 + length + begin : 8 + length + end]))

    @mistake("This is the tensor's entry in the header. Its numbers lie behind the header, where data_offsets say.")
    def the_entry(data, name):
        return reference.read_header(data)[1][name]

    return Exercise(
        name="read_tensor",
        title="A tensor out of a file",
        lesson=10,
        reference=reference.read_tensor,
        parts=(
            Part("tables in float32", 1, tables),
            Part("one axis, and three", 1, other_shapes),
            Part("numbers of two bytes", 1, two_bytes),
        ),
        mistakes=(
            from_the_start_of_the_file,
            eight_forgotten,
            header_forgotten,
            big_endian,
            header_cut_short,
            flat,
            transposed,
            shape_turned_round,
            always_float32,
            bf16_as_f16,
            f16_as_bf16,
            widened,
            always_the_first,
            to_the_end,
            one_byte_short,
            offsets_as_numbers,
            a_number_for_each_byte,
            the_entry,
        ),
    )


def _input_side() -> Exercise:
    def gpt2(vocab: int, dim: int, places: int, **more: object) -> dict:
        return {"model_type": "gpt2", "n_embd": dim, "n_positions": places, "vocab_size": vocab, **more}

    def llama(vocab: int, dim: int, places: int, **more: object) -> dict:
        sizes = {"hidden_size": dim, "max_position_embeddings": places, "vocab_size": vocab}
        return {"model_type": "llama", **sizes, **more}

    def sizes(rng: Rng) -> tuple[int, int, int]:
        dim, places = (int(n) for n in rng.integers((3, 11), (10, 40)))
        return int(rng.integers(50, 500)), dim, places

    def of_gpt2(rng: Rng) -> Iterator[Case]:
        yield Case((gpt2(10, 4, 6),))
        yield Case((gpt2(50257, 768, 1024),))
        for _ in range(3):
            yield Case((gpt2(*sizes(rng)),))

    def of_llama(rng: Rng) -> Iterator[Case]:
        yield Case((llama(10, 4, 6),))
        yield Case((llama(32000, 4096, 2048),))
        for _ in range(3):
            yield Case((llama(*sizes(rng)),))

    def said(rng: Rng) -> Iterator[Case]:
        yield Case((llama(10, 4, 6, tie_word_embeddings=True),))
        yield Case((gpt2(10, 4, 6, tie_word_embeddings=False),))
        yield Case((gpt2(10, 4, 6, tie_word_embeddings=True),))
        yield Case((llama(10, 4, 6, tie_word_embeddings=False),))
        for tie in (True, False):
            yield Case((llama(*sizes(rng), tie_word_embeddings=tie),))
            yield Case((gpt2(*sizes(rng), tie_word_embeddings=tie),))

    def counted(config, tied=None, places=None, head=None, total=None, dim=None):
        gpt2 = config["model_type"] == "gpt2"
        dim = config["n_embd"] if gpt2 else config["hidden_size"]
        table = config["vocab_size"] * dim
        if places is None:
            places = config["n_positions"] * dim if gpt2 else 0
        if tied is None:
            tied = config.get("tie_word_embeddings", gpt2)
        head = (0 if tied else table) if head is None else head
        total = table + places + head if total is None else total
        return {"token_table": table, "position_table": places, "output_head": head, "total": total}

    def own(config):
        return config.get("n_embd", config.get("hidden_size"))

    @mistake(
        "A Llama gets a table of max_position_embeddings rows here. Nothing of it is in the file: RoPE turns queries and keys, "
        "and the number says how long a text may be."
    )
    def a_table_for_llama(config):
        return counted(config, places=config.get("n_positions", config.get("max_position_embeddings")) * own(config))

    @mistake(
        "First, the table of positions: a Llama has none, and max_position_embeddings says how long a text may be. Then the tie: "
        "where the file is silent you take every model for untied, and GPT-2's class ties."
    )
    def a_table_for_llama_and_untied(config):
        places = config.get("n_positions", config.get("max_position_embeddings")) * own(config)
        return counted(config, places=places, tied=config.get("tie_word_embeddings", False))

    @mistake(
        "First, the table of positions: a Llama has none, and max_position_embeddings says how long a text may be. Then the tie: "
        "where the file is silent you take every model for tied, and Llama's class does not tie."
    )
    def a_table_for_llama_and_tied(config):
        places = config.get("n_positions", config.get("max_position_embeddings")) * own(config)
        return counted(config, places=places, tied=config.get("tie_word_embeddings", True))

    @mistake(
        "Where the file is silent you take every model for untied. GPT-2's class ties, and its `config.json` does not say it."
    )
    def untied_unless_said(config):
        return counted(config, tied=config.get("tie_word_embeddings", False))

    @mistake("Where the file is silent you take every model for tied. Llama's class does not tie unless it is told to.")
    def tied_unless_said(config):
        return counted(config, tied=config.get("tie_word_embeddings", True))

    @mistake(
        "You go by the kind of model alone. `tie_word_embeddings` decides where it is there: Llama 3.2 1B is tied, for "
        "instance."
    )
    def by_the_kind_alone(config):
        return counted(config, tied=config["model_type"] == "gpt2")

    @mistake("The entry is read the wrong way round: tied means that there is no head of its own, so its count is 0.")
    def the_wrong_way_round(config):
        return counted(config, tied=not config.get("tie_word_embeddings", config["model_type"] == "gpt2"))

    @mistake("A tied head is the token table under a second name. Count it once: output_head is 0 then.")
    def a_tied_head_counted(config):
        return counted(config, tied=False)

    @mistake("The head of an untied model is missing. It has a row for each token, as the table has.")
    def no_head_at_all(config):
        return counted(config, tied=True)

    @mistake("Without a position table you leave one of the sizes out: its count is 0, and the entry has to be there.")
    def entry_left_out(config):
        found = counted(config)
        return {name: number for name, number in found.items() if number or name == "total"}

    @mistake("GPT-2's position table is missing: n_positions rows, each as wide as a token's.")
    def no_position_table(config):
        return counted(config, places=0)

    @mistake("The position table has n_positions rows of dim numbers. You count its rows alone.")
    def rows_alone(config):
        return counted(config, places=config.get("n_positions", 0))

    @mistake("The total is that of the tables you read with. The head, where there is one, is part of it.")
    def total_without_head(config):
        found = counted(config)
        return found | {"total": found["token_table"] + found["position_table"]}

    @mistake("The total leaves the position table out. All three belong to it.")
    def total_without_positions(config):
        found = counted(config)
        return found | {"total": found["token_table"] + found["output_head"]}

    @mistake("The two families spell the width differently: n_embd in GPT-2's file, hidden_size in Llama's.")
    def the_spelling_of_gpt2(config):
        dim = config["n_embd"]
        return counted(config, places=config["n_positions"] * dim)

    @mistake("The two families spell the width differently: hidden_size in Llama's file, n_embd in GPT-2's.")
    def the_spelling_of_llama(config):
        dim = config["hidden_size"]
        return counted(config, places=0 * dim)

    @mistake(
        '`config["tie_word_embeddings"]` fails where the entry is not there. `config.get(name, otherwise)` takes what the '
        "class does then."
    )
    def the_entry_demanded(config):
        return counted(config, tied=config["tie_word_embeddings"])

    return Exercise(
        name="input_side",
        title="Counted before it is read",
        lesson=10,
        reference=reference.input_side,
        parts=(
            Part("GPT-2's file", 1, of_gpt2, dtype="kind"),
            Part("Llama's file", 1, of_llama, dtype="kind"),
            Part("files that say whether they tie", 1, said, dtype="kind"),
        ),
        mistakes=(
            a_table_for_llama,
            a_table_for_llama_and_untied,
            a_table_for_llama_and_tied,
            untied_unless_said,
            tied_unless_said,
            by_the_kind_alone,
            the_wrong_way_round,
            a_tied_head_counted,
            no_head_at_all,
            entry_left_out,
            no_position_table,
            rows_alone,
            total_without_head,
            total_without_positions,
            the_spelling_of_gpt2,
            the_spelling_of_llama,
            the_entry_demanded,
        ),
    )


def _gpt2_tables(rng: Rng, vocab: int, places: int, dim: int) -> dict[str, Tensor]:
    return {"wte.weight": _tensor(rng, vocab, dim), "wpe.weight": _tensor(rng, places, dim)}


def _ids(rng: Rng, vocab: int, length: int) -> Tensor:
    return torch.from_numpy(rng.integers(vocab, size=length))


def _gpt2_input() -> Exercise:
    def inputs(rng: Rng) -> Iterator[Case]:
        yield Case((_gpt2_tables(rng, 4, 5, 2), torch.tensor([2])))
        yield Case((_gpt2_tables(rng, 6, 5, 3), torch.tensor([3, 0, 3])))
        for length in (2, 4, 5):
            yield Case((_gpt2_tables(rng, 7, 6, 4), _ids(rng, 7, length)))
        yield Case((_gpt2_tables(rng, 4, 9, 3), torch.tensor([3, 2, 1, 0, 1, 2, 3, 1])))

    def length(rng: Rng) -> Iterator[Case]:
        weights = _gpt2_tables(rng, 7, 4, 3)
        yield Case((weights, _ids(rng, 7, 4)))
        yield Case((weights, _ids(rng, 7, 5)), raises=IndexError)
        yield Case((_gpt2_tables(rng, 7, 1, 3), _ids(rng, 7, 2)), raises=IndexError)
        yield Case((weights, _ids(rng, 7, 9)), raises=IndexError)
        yield Case((_gpt2_tables(rng, 3, 4, 2), torch.tensor([1, 1, 1, 1])))

    def ids(rng: Rng) -> Iterator[Case]:
        weights = _gpt2_tables(rng, 5, 7, 3)
        yield Case((weights, torch.tensor([4, 0])))
        yield Case((weights, torch.tensor([1, -1, 2])), raises=IndexError)
        yield Case((weights, torch.tensor([1, 5])), raises=IndexError)
        yield Case((weights, torch.tensor([6])), raises=IndexError)
        yield Case((weights, torch.tensor([-3, 4])), raises=IndexError)

    def checked(weights, ids):
        vocab, places = len(weights["wte.weight"]), len(weights["wpe.weight"])
        if len(ids) > places or ids.min() < 0 or ids.max() >= vocab:
            raise IndexError("outside a table")
        return weights["wte.weight"], weights["wpe.weight"]

    @mistake("Only the tokens' rows enter here. GPT-2 adds to each the row of its place.")
    def no_positions(weights, ids):
        return checked(weights, ids)[0][ids]

    @mistake("Only the places' rows enter here. They are added to the rows of the tokens.")
    def no_tokens(weights, ids):
        return checked(weights, ids)[1][: len(ids)].clone()

    @mistake("The ids name rows of the table of tokens. The rows of places are named by the places: 0, 1, 2, …")
    def places_by_ids(weights, ids):
        tokens, places = checked(weights, ids)
        return tokens[ids] + places[ids.clamp(max=len(places) - 1)]

    @mistake("Places are counted from 0: the first token gets row 0 of the table of positions.")
    def places_from_one(weights, ids):
        tokens, places = checked(weights, ids)
        return tokens[ids] + places[(torch.arange(len(ids)) + 1) % len(places)]

    @mistake("The two tables have changed places: `wte` holds a row for each token, `wpe` one for each place.")
    def tables_exchanged(weights, ids):
        tokens, places = checked(weights, ids)
        return places[ids.clamp(max=len(places) - 1)] + tokens[: len(ids)]

    @mistake("The rows are laid side by side, so they are twice as wide. GPT-2 adds them.")
    def side_by_side(weights, ids):
        tokens, places = checked(weights, ids)
        return torch.cat([tokens[ids], places[: len(ids)]], dim=-1)

    @mistake("The rows are multiplied. GPT-2 adds them.")
    def multiplied(weights, ids):
        tokens, places = checked(weights, ids)
        return tokens[ids] * places[: len(ids)]

    @mistake("The tokens' rows are multiplied by √dim first. Gemma does so; GPT-2 takes them as they are.")
    def scaled(weights, ids):
        tokens, places = checked(weights, ids)
        return tokens[ids] * math.sqrt(tokens.shape[1]) + places[: len(ids)]

    @mistake("Every token gets the row of the same place. Token i gets row i.")
    def one_place_for_all(weights, ids):
        tokens, places = checked(weights, ids)
        return tokens[ids] + places[0]

    @mistake(
        "A text longer than the table of positions is not refused as an IndexError: a slice gives what rows there are, and the "
        "sum then fails with another error, or, with a table of one row, not at all. Compare the length first."
    )
    def length_unchecked(weights, ids):
        if ids.min() < 0:
            raise IndexError("below 0")
        return weights["wte.weight"][ids] + weights["wpe.weight"][: len(ids)]

    @mistake("What is too long is cut here without a word, so fewer rows come out than tokens went in. Refuse it.")
    def cut_to_the_table(weights, ids):
        places = weights["wpe.weight"]
        ids = ids[: len(places)]
        tokens, places = checked(weights, ids)
        return tokens[ids] + places[: len(ids)]

    @mistake("Beyond the table its last row is used again. The model has learned no such place: refuse the text.")
    def last_place_again(weights, ids):
        if ids.min() < 0:
            raise IndexError("below 0")
        places = weights["wpe.weight"]
        return weights["wte.weight"][ids] + places[torch.arange(len(ids)).clamp(max=len(places) - 1)]

    @mistake(
        "An id below 0 reads a row from the end of the table, without a word (lesson 1). Refuse it with an IndexError."
    )
    def below_zero_allowed(weights, ids):
        tokens, places = weights["wte.weight"], weights["wpe.weight"]
        if len(ids) > len(places):
            raise IndexError("too long")
        return tokens[ids] + places[: len(ids)]

    @mistake("A text as long as the table still fits: its last place is the last row. Refuse only what is longer.")
    def one_too_strict(weights, ids):
        if len(ids) >= len(weights["wpe.weight"]):
            raise IndexError("too long")
        tokens, places = checked(weights, ids)
        return tokens[ids] + places[: len(ids)]

    return Exercise(
        name="gpt2_input",
        title="What enters GPT-2",
        lesson=10,
        reference=reference.gpt2_input,
        parts=(
            Part("rows of tokens and of places", 1, inputs, dtype="kind"),
            Part("texts as long as the table, and longer", 1, length, dtype="kind"),
            Part("ids that the table does not have", 1, ids, dtype="kind"),
        ),
        mistakes=(
            no_positions,
            no_tokens,
            places_by_ids,
            places_from_one,
            tables_exchanged,
            side_by_side,
            multiplied,
            scaled,
            one_place_for_all,
            length_unchecked,
            cut_to_the_table,
            last_place_again,
            below_zero_allowed,
            one_too_strict,
        ),
    )


def _gpt2_logits() -> Exercise:
    def cases(rng: Rng, *sizes: tuple[int, int, int]) -> Iterator[Case]:
        for vocab, length, dim in sizes:
            weights = _gpt2_tables(rng, vocab, length + 2, dim)
            yield Case((weights, _ids(rng, vocab, length), _tensor(rng, dim, dim)))

    def one_token(rng: Rng) -> Iterator[Case]:
        yield from cases(rng, (3, 1, 2), (5, 1, 3), (4, 1, 4))

    def texts(rng: Rng) -> Iterator[Case]:
        yield from cases(rng, (4, 3, 2), (7, 4, 3), (9, 5, 4), (6, 2, 6), (4, 6, 4))

    def entered(weights, ids):
        return weights["wte.weight"][ids] + weights["wpe.weight"][: len(ids)]

    def made(weights, ids, blocks):
        return blocks(entered(weights, ids)) @ weights["wte.weight"].T

    @mistake("The blocks are left out. What is compared with the table is what the blocks have made of the rows.")
    def without_blocks(weights, ids, blocks):
        return entered(weights, ids) @ weights["wte.weight"].T

    @mistake("The blocks get the tokens' rows alone. The rows of the places are added before.")
    def no_positions(weights, ids, blocks):
        return blocks(weights["wte.weight"][ids]) @ weights["wte.weight"].T

    @mistake("The positions are added after the blocks here. They belong to what enters the first one.")
    def positions_afterwards(weights, ids, blocks):
        made = blocks(weights["wte.weight"][ids])
        return (made + weights["wpe.weight"][: len(ids)]) @ weights["wte.weight"].T

    @mistake("These are the hidden states. A last product is missing: each of them with each row of the table.")
    def hidden_states(weights, ids, blocks):
        return blocks(entered(weights, ids))

    @mistake(
        "The table is not transposed. It has a row for each token, and a logit is the dot product of h with such a row: "
        "`h @ wte.T`."
    )
    def not_transposed(weights, ids, blocks):
        return blocks(entered(weights, ids)) @ weights["wte.weight"]

    @mistake("You compare with the table of positions. What is said is a token: the head is the table of tokens.")
    def the_other_table(weights, ids, blocks):
        return blocks(entered(weights, ids)) @ weights["wpe.weight"].T

    @mistake("These are probabilities. The logits are what the softmax is taken of.")
    def softmaxed(weights, ids, blocks):
        return made(weights, ids, blocks).softmax(dim=-1)

    @mistake("Only the last place is there. Every place predicts the token after it.")
    def last_place_alone(weights, ids, blocks):
        return made(weights, ids, blocks)[-1]

    @mistake("This is the likeliest token of each place. Return the logits of all tokens.")
    def the_best(weights, ids, blocks):
        return made(weights, ids, blocks).argmax(dim=-1)

    @mistake("The blocks are applied twice. What they return has already been through all layers and the last norm.")
    def blocks_twice(weights, ids, blocks):
        return blocks(blocks(entered(weights, ids))) @ weights["wte.weight"].T

    @mistake("A norm is applied to what the blocks return. The last norm is part of `blocks`.")
    def another_norm(weights, ids, blocks):
        h = blocks(entered(weights, ids))
        return F.layer_norm(h, h.shape[-1:]) @ weights["wte.weight"].T

    @mistake("The logits are divided by √dim. That is done to the scores of attention, not to logits.")
    def divided(weights, ids, blocks):
        return made(weights, ids, blocks) / math.sqrt(weights["wte.weight"].shape[1])

    @mistake(
        "The file has no `lm_head.weight`, since GPT-2 is tied. The table of tokens, `wte.weight`, is the head as well."
    )
    def a_head_of_its_own(weights, ids, blocks):
        return blocks(entered(weights, ids)) @ weights["lm_head.weight"].T

    return Exercise(
        name="gpt2_logits",
        title="Out by the way it came in",
        lesson=10,
        core=False,
        reference=reference.gpt2_logits,
        parts=(Part("one token", 1, one_token, dtype="kind"), Part("texts", 1, texts, dtype="kind")),
        mistakes=(
            without_blocks,
            no_positions,
            positions_afterwards,
            hidden_states,
            not_transposed,
            the_other_table,
            softmaxed,
            last_place_alone,
            the_best,
            blocks_twice,
            another_norm,
            divided,
            a_head_of_its_own,
        ),
        probe=probes.with_blocks,
    )


def _output_table() -> Exercise:
    names = {"gpt2": "wte.weight", "llama": "model.embed_tokens.weight"}

    def case(rng: Rng, kind: str, *more: str, raises: type[Exception] | tuple = (), **said: bool) -> Case:
        """A file with a table and more: a "head" of its own, a "copy" of the table as head, one that is "above" or
        "below" it in one number, or other tensors, by name."""
        table = _tensor(rng, 5, 3)
        one = torch.zeros(5, 3)
        one[2, 1] = 1.0
        heads = {"head": table.roll(1, dims=0), "copy": table.clone(), "above": table + one, "below": table - one}
        made = {name: ("lm_head.weight", head.clone) for name, head in heads.items()}
        made["table"] = names[kind], lambda: table
        tensors = (made.get(name, (name, lambda: _tensor(rng, 5, 3))) for name in more or ("table",))
        config = {"model_type": kind, **{f"tie_word_{what}": tied for what, tied in said.items()}}
        return Case((config, {name: tensor() for name, tensor in tensors}), raises=raises)

    def tied(rng: Rng) -> Iterator[Case]:
        yield case(rng, "gpt2", "table", "wpe.weight")
        yield case(rng, "llama", "table", "model.norm.weight", embeddings=True)
        yield case(rng, "gpt2", "wpe.weight", "table", "ln_f.weight", embeddings=True)
        yield case(rng, "llama", "copy", "table", embeddings=True)
        yield case(rng, "gpt2", "table", "copy")

    def untied(rng: Rng) -> Iterator[Case]:
        yield case(rng, "llama", "table", "head")
        yield case(rng, "llama", "head", "model.norm.weight", "table", embeddings=False)
        yield case(rng, "gpt2", "table", "wpe.weight", "head", embeddings=False)
        yield case(rng, "llama", "table", "copy")

    def at_odds(rng: Rng) -> Iterator[Case]:
        yield case(rng, "llama", "table", "model.norm.weight", embeddings=False, raises=KeyError)
        yield case(rng, "llama", "table", embeddings=True)
        yield case(rng, "llama", "table", raises=KeyError)
        yield case(rng, "gpt2", "wpe.weight", "table", embeddings=False, raises=KeyError)
        yield case(rng, "llama", "table", "above", embeddings=True)
        yield case(rng, "gpt2", "head", "wpe.weight", "table")
        yield case(rng, "gpt2", "table", "below", embeddings=True)

    def is_tied(config):
        return config.get("tie_word_embeddings", config["model_type"] == "gpt2")

    def table(config, weights):
        return weights[names[config["model_type"]]]

    def right(config, weights, tied=None, table=table):
        if not (is_tied(config) if tied is None else tied):
            return weights["lm_head.weight"]
        rows = table(config, weights)
        head = weights.get("lm_head.weight", rows)
        return rows if torch.equal(head, rows) else head

    @mistake(
        "You go by the file alone: where it has no head, you take the table. If the config says untied, the head was lost, and "
        "the table in its place makes nonsense without an error. Ask the config, and let a missing head be a KeyError."
    )
    def missing_means_tied(config, weights):
        return weights["lm_head.weight"] if "lm_head.weight" in weights else table(config, weights)

    @mistake(
        "You go by the config alone. A file may say tied and hold a head with other numbers all the same: then these are what "
        "was trained. Compare the two with `torch.equal`."
    )
    def the_config_alone(config, weights):
        return table(config, weights) if is_tied(config) else weights["lm_head.weight"]

    @mistake(
        "In a tied model a head with the table's own numbers is a copy that should not be in the file. Return the table: trained "
        "on, the two would part."
    )
    def a_copy_for_the_table(config, weights):
        return weights.get("lm_head.weight", table(config, weights)) if is_tied(config) else weights["lm_head.weight"]

    @mistake("This is the table that tokens are read with, also where the model has a head of its own.")
    def always_the_table(config, weights):
        return table(config, weights)

    @mistake("A tied file has no `lm_head.weight`: its table of tokens is the head. Ask the config first.")
    def always_the_head(config, weights):
        return weights["lm_head.weight"]

    @mistake("`get` returns None where the head is missing, and the error comes later, elsewhere. Ask with `[…]`.")
    def none_for_a_lost_head(config, weights):
        return right(config, weights) if is_tied(config) else weights.get("lm_head.weight")

    @mistake("A copy: equal now, and apart after the first step of training (lesson 4). Return the tensor itself.")
    def cloned(config, weights):
        return right(config, weights).clone()

    @mistake("The table is not to be turned here. Return it as it is stored; who uses it writes `h @ table.T`.")
    def transposed(config, weights):
        return right(config, weights).T

    @mistake("`==` compares number by number, and `if` cannot decide on so many answers. `torch.equal` gives one.")
    def equal_signs(config, weights):
        if not is_tied(config):
            return weights["lm_head.weight"]
        rows = table(config, weights)
        head = weights.get("lm_head.weight", rows)
        return rows if head == rows else head

    @mistake("Where the config is silent you take every model for untied. GPT-2's class ties, as in exercise 3.")
    def untied_unless_said(config, weights):
        return right(config, weights, tied=config.get("tie_word_embeddings", False))

    @mistake("Where the config is silent you take every model for tied. Llama's class does not tie, as in exercise 3.")
    def tied_unless_said(config, weights):
        return right(config, weights, tied=config.get("tie_word_embeddings", True))

    @mistake("You go by the kind of model alone. `tie_word_embeddings` decides where it is there.")
    def by_the_kind_alone(config, weights):
        return right(config, weights, tied=config["model_type"] == "gpt2")

    @mistake("The entry is read the wrong way round: tied means that the table serves as head.")
    def the_wrong_way_round(config, weights):
        return right(config, weights, tied=not is_tied(config))

    @mistake(
        '`config["tie_word_embeddings"]` fails where the entry is not there. `config.get(name, otherwise)` does not.'
    )
    def the_entry_demanded(config, weights):
        return right(config, weights, tied=config["tie_word_embeddings"])

    @mistake("Only GPT-2's name for the table is known here. Llama's is `model.embed_tokens.weight`.")
    def gpt2_alone(config, weights):
        return right(config, weights, table=lambda config, weights: weights["wte.weight"])

    @mistake("Only Llama's name for the table is known here. GPT-2's is `wte.weight`.")
    def llama_alone(config, weights):
        return right(config, weights, table=lambda config, weights: weights["model.embed_tokens.weight"])

    @mistake("The table of positions has a row for each place. What is said is a token.")
    def the_positions(config, weights):
        return right(config, weights) if "wpe.weight" not in weights else weights["wpe.weight"]

    return Exercise(
        name="output_table",
        title="The matrix that says the token",
        lesson=10,
        reference=reference.output_table,
        parts=(
            Part("tied models", 1, tied),
            Part("untied models", 1, untied),
            Part("files at odds with their config", 1, at_odds),
        ),
        mistakes=(
            missing_means_tied,
            the_config_alone,
            a_copy_for_the_table,
            always_the_table,
            always_the_head,
            none_for_a_lost_head,
            cloned,
            transposed,
            equal_signs,
            untied_unless_said,
            tied_unless_said,
            by_the_kind_alone,
            the_wrong_way_round,
            the_entry_demanded,
            gpt2_alone,
            llama_alone,
            the_positions,
        ),
        probe=probes.which_tensor,
    )


def _llama_queries_keys() -> Exercise:
    def case(
        rng: Rng,
        length: int,
        n_heads: int,
        n_kv_heads: int,
        head_dim: int,
        base: float,
        dim: int = 0,
        size: float = 1.0,
    ) -> Case:
        dim = dim or n_heads * head_dim
        layer = "model.layers.0."
        weights = {
            "model.embed_tokens.weight": size * _tensor(rng, 7, dim),
            layer + "input_layernorm.weight": _tensor(rng, dim),
            layer + "self_attn.q_proj.weight": _tensor(rng, n_heads * head_dim, dim),
            layer + "self_attn.k_proj.weight": _tensor(rng, n_kv_heads * head_dim, dim),
        }
        return Case((weights, _ids(rng, 7, length), n_heads, n_kv_heads, base))

    def one_head(rng: Rng) -> Iterator[Case]:
        yield case(rng, 2, 1, 1, 4, 100.0)
        yield case(rng, 3, 1, 1, 4, 500_000.0)
        yield case(rng, 5, 1, 1, 6, 1_000.0)
        yield case(rng, 3, 1, 1, 4, 100.0, size=1 / 512)

    def heads(rng: Rng) -> Iterator[Case]:
        yield case(rng, 3, 2, 2, 4, 100.0)
        yield case(rng, 4, 3, 3, 4, 500_000.0)
        yield case(rng, 5, 2, 2, 6, 1_000.0)

    def grouped(rng: Rng) -> Iterator[Case]:
        yield case(rng, 3, 4, 2, 4, 100.0)
        yield case(rng, 2, 4, 1, 6, 10_000.0)
        yield case(rng, 5, 6, 3, 4, 500_000.0)
        yield case(rng, 3, 4, 2, 4, 1_000.0, dim=10)

    def read(weights):
        names = ("input_layernorm", "self_attn.q_proj", "self_attn.k_proj")
        return weights["model.embed_tokens.weight"], *(weights[f"model.layers.0.{name}.weight"] for name in names)

    def split(x, heads):
        return x.view(len(x), heads, -1).transpose(0, 1)

    def rms(x, g):
        return F.rms_norm(x, x.shape[-1:], g, 1e-5)

    def made(weights, ids, n_heads, n_kv_heads, base, norm=rms, split=split, turn=None, places=None):
        E, g, Wq, Wk = read(weights)
        x = norm(E[ids], g)
        places = torch.arange(len(ids)) if places is None else places
        turn = turn or (lambda y: rotate(y, places, base))
        return turn(split(x @ Wq.T, n_heads)), turn(split(x @ Wk.T, n_kv_heads))

    @mistake(
        "`view(heads, length, head_dim)` cuts the numbers in the order in which they lie, so a head gets parts of several "
        "tokens. Split each token's row first, `view(length, heads, head_dim)`, and then `transpose(0, 1)`."
    )
    def viewed_without_a_transpose(weights, ids, n_heads, n_kv_heads, base):
        return made(weights, ids, n_heads, n_kv_heads, base, split=lambda x, heads: x.reshape(heads, len(x), -1))

    @mistake(
        "The heads stand on the second axis. In front belong the heads, then the places: `transpose(0, 1)` at the end."
    )
    def heads_on_the_second_axis(weights, ids, n_heads, n_kv_heads, base):
        q, k = made(weights, ids, n_heads, n_kv_heads, base)
        return q.transpose(0, 1), k.transpose(0, 1)

    @mistake(
        "`rotate` takes the axis before the last for the places, and here it is that of the heads: each head gets a position "
        "(lesson 8). Transpose first, then rotate."
    )
    def a_position_for_each_head(weights, ids, n_heads, n_kv_heads, base):
        def turned(x, heads):
            x = x.view(len(x), heads, -1)
            return rotate(x, torch.arange(heads), base).transpose(0, 1)

        return made(weights, ids, n_heads, n_kv_heads, base, split=turned, turn=lambda x: x)

    @mistake(
        "Your heads stand behind the places; `rotate` wants (n_heads, length, head_dim): `.transpose(0, 1)` behind the `view`."
    )
    def transpose_forgotten(weights, ids, n_heads, n_kv_heads, base):
        return made(weights, ids, n_heads, n_kv_heads, base, split=lambda x, heads: x.view(len(x), heads, -1))

    @mistake(
        "`view(length, -1, heads)` makes rows of as many numbers as there are heads. Heads come first, each with its own numbers "
        "behind it: `view(length, heads, -1)`."
    )
    def heads_behind_their_numbers(weights, ids, n_heads, n_kv_heads, base):
        split = lambda x, heads: x.view(len(x), -1, heads).transpose(0, 1)  # noqa: E731
        return made(weights, ids, n_heads, n_kv_heads, base, split=split)

    @mistake(
        "Nothing is split: the whole row is turned as if it were one head, and the axis of the heads is missing. Split each row "
        "into heads first: `.view(len(ids), n_heads, -1).transpose(0, 1)`."
    )
    def no_heads(weights, ids, n_heads, n_kv_heads, base):
        return made(weights, ids, n_heads, n_kv_heads, base, split=lambda x, heads: x)

    @mistake(
        "The whole row is turned before it is split, with the speeds of one head that is as wide as all together. Each head "
        "has all speeds of its own: split first, then rotate."
    )
    def turned_before_the_split(weights, ids, n_heads, n_kv_heads, base):
        places = torch.arange(len(ids))
        return made(
            weights,
            ids,
            n_heads,
            n_kv_heads,
            base,
            split=lambda x, heads: split(rotate(x, places, base), heads),
            turn=lambda x: x,
        )

    @mistake("The layout is interleaved. Weights with Hugging Face's names are ordered for halves (lesson 8).")
    def interleaved(weights, ids, n_heads, n_kv_heads, base):
        places = torch.arange(len(ids))
        return made(
            weights, ids, n_heads, n_kv_heads, base, turn=lambda x: rotate(x, places, base, layout="interleaved")
        )

    @mistake(
        "The base is left at 10,000. Use the one that comes in: another one turns by angles that were not trained."
    )
    def base_left_out(weights, ids, n_heads, n_kv_heads, base):
        return made(weights, ids, n_heads, n_kv_heads, 10_000.0)

    @mistake("Nothing is turned. Queries and keys are to be rotated by their places.")
    def not_turned(weights, ids, n_heads, n_kv_heads, base):
        return made(weights, ids, n_heads, n_kv_heads, base, turn=lambda x: x)

    @mistake("The queries are turned and the keys are not. Only if both are does a score know the offset.")
    def only_queries_turned(weights, ids, n_heads, n_kv_heads, base):
        q, _ = made(weights, ids, n_heads, n_kv_heads, base)
        return q, made(weights, ids, n_heads, n_kv_heads, base, turn=lambda x: x)[1]

    @mistake(
        "You turn by −m in the place of m, or the sign of the sine is wrong. What stands before a token then looks to attention "
        "as if it stood behind. Positions count up from 0, and `rotate` turns the right way."
    )
    def turned_backwards(weights, ids, n_heads, n_kv_heads, base):
        return made(weights, ids, n_heads, n_kv_heads, base, places=-torch.arange(len(ids)))

    @mistake(
        "The places run from the last to the first: the first token is turned furthest. It stands at place 0 and stays as it is."
    )
    def places_from_the_end(weights, ids, n_heads, n_kv_heads, base):
        return made(weights, ids, n_heads, n_kv_heads, base, places=torch.arange(len(ids)).flip(0))

    @mistake("Places are counted from 1. Scores would be the same, but queries and keys are not: begin with 0.")
    def places_from_one(weights, ids, n_heads, n_kv_heads, base):
        return made(weights, ids, n_heads, n_kv_heads, base, places=torch.arange(len(ids)) + 1)

    @mistake("The ids are taken for the places. A token's id says which row it reads; it stands at place 0, 1, 2, …")
    def ids_for_places(weights, ids, n_heads, n_kv_heads, base):
        return made(weights, ids, n_heads, n_kv_heads, base, places=ids)

    @mistake("The rows go into the matrices as they are. Before them stands the norm, `input_layernorm`.")
    def no_norm(weights, ids, n_heads, n_kv_heads, base):
        return made(weights, ids, n_heads, n_kv_heads, base, norm=lambda x, g: x)

    @mistake("The norm's own factors are missing. After the division each number is multiplied by its factor.")
    def norm_without_factors(weights, ids, n_heads, n_kv_heads, base):
        return made(weights, ids, n_heads, n_kv_heads, base, norm=lambda x, g: rms(x, None))

    @mistake("This is LayerNorm, which takes the mean out first. Llama's RMSNorm does not.")
    def layer_norm(weights, ids, n_heads, n_kv_heads, base):
        return made(
            weights, ids, n_heads, n_kv_heads, base, norm=lambda x, g: F.layer_norm(x, x.shape[-1:], g, None, 1e-5)
        )

    @mistake(
        "Nothing is added under the root, or torch's own default, about 1e-7. With rows as small as real ones the 1e-5 counts: "
        "give it to `F.rms_norm` as its last argument."
    )
    def no_epsilon(weights, ids, n_heads, n_kv_heads, base):
        return made(weights, ids, n_heads, n_kv_heads, base, norm=lambda x, g: F.rms_norm(x, x.shape[-1:], g))

    @mistake(
        "1e-6 is added under the root: what Llama's class takes where a config is silent. This file's `rms_norm_eps` is 1e-5, "
        "and with rows as small as real ones that is seen."
    )
    def epsilon_of_the_class(weights, ids, n_heads, n_kv_heads, base):
        return made(weights, ids, n_heads, n_kv_heads, base, norm=lambda x, g: F.rms_norm(x, x.shape[-1:], g, 1e-6))

    @mistake("The 1e-5 is added to the root. It belongs under it, to the mean of the squares.")
    def epsilon_behind_the_root(weights, ids, n_heads, n_kv_heads, base):
        return made(
            weights,
            ids,
            n_heads,
            n_kv_heads,
            base,
            norm=lambda x, g: x / (x.square().mean(-1, keepdim=True).sqrt() + 1e-5) * g,
        )

    @mistake("The rows are multiplied by the factors of the norm, but not divided by their size before.")
    def factors_alone(weights, ids, n_heads, n_kv_heads, base):
        return made(weights, ids, n_heads, n_kv_heads, base, norm=lambda x, g: x * g)

    @mistake("The matrices are not transposed. They are stored as in `nn.Linear`, (out, in), so it is `x @ W.T`.")
    def not_transposed(weights, ids, n_heads, n_kv_heads, base):
        E, g, Wq, Wk = read(weights)
        places = torch.arange(len(ids))
        x = rms(E[ids], g)
        return rotate(split(x @ Wq, n_heads), places, base), rotate(split(x @ Wk, n_kv_heads), places, base)

    @mistake(
        "The matrix of the keys is transposed and that of the queries is not. Where it is square nothing objects; both are "
        "stored (out, in), so both need `.T`."
    )
    def queries_not_transposed(weights, ids, n_heads, n_kv_heads, base):
        E, g, Wq, Wk = read(weights)
        places = torch.arange(len(ids))
        x = rms(E[ids], g)
        return rotate(split(x @ Wq, n_heads), places, base), rotate(split(x @ Wk.T, n_kv_heads), places, base)

    @mistake("The keys are split into as many heads as the queries. They have n_kv_heads, each as wide as a query's.")
    def keys_with_all_heads(weights, ids, n_heads, n_kv_heads, base):
        return made(weights, ids, n_heads, n_heads, base)

    @mistake("Each head of the keys is there several times, once for each query it serves. Return n_kv_heads of them.")
    def keys_repeated(weights, ids, n_heads, n_kv_heads, base):
        q, k = made(weights, ids, n_heads, n_kv_heads, base)
        return q, k.repeat_interleave(n_heads // n_kv_heads, dim=0)

    @mistake("The keys come first. Return (queries, keys).")
    def keys_first(weights, ids, n_heads, n_kv_heads, base):
        q, k = made(weights, ids, n_heads, n_kv_heads, base)
        return k, q

    @mistake("The queries are divided by √head_dim already. That belongs to the scores, in attention.")
    def queries_scaled(weights, ids, n_heads, n_kv_heads, base):
        q, k = made(weights, ids, n_heads, n_kv_heads, base)
        return q / math.sqrt(q.shape[-1]), k

    @mistake("The queries' matrix makes the keys, too. The keys have their own, `k_proj`.")
    def one_matrix_for_both(weights, ids, n_heads, n_kv_heads, base):
        E, g, Wq, _ = read(weights)
        q = rotate(split(rms(E[ids], g) @ Wq.T, n_heads), torch.arange(len(ids)), base)
        return q, q[:n_kv_heads]

    return Exercise(
        name="llama_queries_keys",
        title="The first queries and keys",
        lesson=10,
        reference=reference.llama_queries_keys,
        parts=(
            Part("one head", 1, one_head, dtype="kind"),
            Part("several heads", 1, heads, dtype="kind"),
            Part("fewer heads of keys", 1, grouped, dtype="kind"),
        ),
        mistakes=(
            viewed_without_a_transpose,
            heads_on_the_second_axis,
            a_position_for_each_head,
            transpose_forgotten,
            heads_behind_their_numbers,
            no_heads,
            turned_before_the_split,
            interleaved,
            base_left_out,
            not_turned,
            only_queries_turned,
            turned_backwards,
            places_from_the_end,
            places_from_one,
            ids_for_places,
            no_norm,
            norm_without_factors,
            layer_norm,
            no_epsilon,
            epsilon_of_the_class,
            epsilon_behind_the_root,
            factors_alone,
            not_transposed,
            queries_not_transposed,
            keys_with_all_heads,
            keys_repeated,
            keys_first,
            queries_scaled,
            one_matrix_for_both,
        ),
    )


def _paired_runs() -> Exercise:
    def pairs(*differences: float, seeds: tuple[int, ...] = (0, 1, 2, 3, 4)) -> tuple[dict, dict]:
        """Runs whose losses lie further apart than the differences, as those of real seeds do."""
        other = {seed: 3.5 + 0.375 * ((3 * i + 1) % 4) for i, seed in enumerate(seeds[: len(differences)])}
        return {seed: other[seed] + d for seed, d in zip(other, differences, strict=True)}, other

    def ordered(runs: dict[int, float], seeds: Iterable[int]) -> dict[int, float]:
        return {int(seed): runs[seed] for seed in seeds}

    def runs_of(entry: str) -> Callable[[Rng], Iterator[Case]]:
        def cases(rng: Rng) -> Iterator[Case]:
            yield Case(({0: 2.0, 1: 3.0}, {0: 2.5, 1: 4.0}), entry=entry)
            one, other = pairs(-0.25, 0.0, 0.5)  # an equal loss is no win
            yield Case((one, other), entry=entry)
            yield Case((one, ordered(other, (2, 0, 1))), entry=entry)
            one, other = pairs(-0.5, -0.125, 0.25, -0.125)
            yield Case((one, ordered(other, (3, 0, 1))), entry=entry)
            yield Case((ordered(one, (3, 1, 0)), other), entry=entry)
            for n in (4, 5, 5, 5):
                drawn = rng.choice((-24, -16, -9, -5, -3, -2, 1, 4, 7, 12), size=n, replace=False) / 64
                one, other = pairs(*drawn.tolist())
                yield Case((one, ordered(other, rng.permutation(n))), entry=entry)
            yield Case((ordered(one, (4, 0, 2)), ordered(other, (0, 1, 2, 4))), entry=entry)

        return cases

    def told(d, seeds=None, wins=None, mean=None, error=None):
        d = np.array(d)
        return {
            "seeds": len(d) if seeds is None else seeds,
            "wins": int((d < 0).sum()) if wins is None else wins,
            "mean": float(d.mean()) if mean is None else mean,
            "error": float(d.std(ddof=1) / math.sqrt(len(d))) if error is None else error,
        }

    def both(one, other):
        return [seed for seed in one if seed in other]

    def by_seed(one, other):
        return [one[seed] - other[seed] for seed in both(one, other)]

    @mistake(
        "You go through both dicts in the order in which they stand, so a run is compared with one of another seed. Take a "
        "seed, and look it up in both."
    )
    def by_order(one, other):
        return told([a - b for a, b in zip(one.values(), other.values(), strict=False)])

    @mistake(
        "Two arrays of losses are subtracted as they stand. Runs of one seed need not stand at the same place, and where a seed "
        "is missing the lengths do not even fit. Take a seed, and look it up in both."
    )
    def arrays_by_order(one, other):
        return told(np.array(list(one.values())) - np.array(list(other.values())))

    @mistake(
        "Two tensors of losses are subtracted as they stand. Runs of one seed need not stand at the same place, and where a seed "
        "is missing the lengths do not even fit. Take a seed, and look it up in both."
    )
    def tensors_by_order(one, other):
        return told(torch.tensor(list(one.values())) - torch.tensor(list(other.values())))

    @mistake(
        "You sort both by their seeds and go through them side by side. Where one lacks a seed, all behind it meet a wrong "
        "partner: keep the seeds that both have first."
    )
    def sorted_side_by_side(one, other):
        return told([one[a] - other[b] for a, b in zip(sorted(one), sorted(other), strict=False)])

    @mistake(
        "You count the seeds through from 0, and one in between may be missing. Go through the keys of the dict: `for seed in "
        "one`."
    )
    def counted_through(one, other):
        return told([one[seed] - other[seed] for seed in range(len(one))])

    @mistake(
        "You sort the losses, so the best run meets the best run, whatever their seeds. A pair is what has the same seed, and "
        "so the same batches."
    )
    def by_rank(one, other):
        return told([a - b for a, b in zip(sorted(one.values()), sorted(other.values()), strict=False)])

    @mistake(
        "A seed that only one of them has ends in a KeyError here. Keep the seeds that are in both: `[s for s in one if s in "
        "other]`."
    )
    def all_seeds_of_one(one, other):
        return told([one[seed] - other[seed] for seed in one])

    @mistake("A seed that is missing counts as a loss of 0 here, the best there could be. Leave it out on both sides.")
    def missing_as_zero(one, other):
        return told([one.get(seed, 0) - other.get(seed, 0) for seed in one | other])

    @mistake("You count the seeds of the first alone. A pair takes a run on both sides.")
    def seeds_of_the_first(one, other):
        return told(by_seed(one, other), seeds=len(one))

    @mistake("You count the seeds that either has. A pair takes a run on both sides.")
    def seeds_of_either(one, other):
        return told(by_seed(one, other), seeds=len(one | other))

    @mistake("The difference is turned round. It is one − other, so that a gain of `one`, a lower loss, is below 0.")
    def turned_round(one, other):
        d = np.array(by_seed(one, other))
        return told(-d, wins=int((d < 0).sum()))

    @mistake(
        "Everything is turned round: other − one, and the wins of `other`. Asked for is what `one` gains: one − other, and a "
        "win where that is below 0."
    )
    def all_turned_round(one, other):
        return told(-np.array(by_seed(one, other)))

    @mistake("You count where the loss is larger. Less loss is better: a win is a difference below 0.")
    def larger_is_better(one, other):
        d = by_seed(one, other)
        return told(d, wins=sum(x > 0 for x in d))

    @mistake("An equal loss counts as a win here. A win is a lower loss: `<`, not `<=`.")
    def ties_are_wins(one, other):
        d = by_seed(one, other)
        return told(d, wins=sum(x <= 0 for x in d))

    @mistake("This is the share of wins. Return their number: of five seeds, 4 and not 0.8.")
    def a_share_of_wins(one, other):
        d = by_seed(one, other)
        return told(d, wins=sum(x < 0 for x in d) / len(d))

    @mistake("You compare the two means, so there is one win or none. Compare seed by seed, and count.")
    def the_means_compared(one, other):
        d = by_seed(one, other)
        return told(d, wins=int(sum(d) < 0))

    @mistake(
        "You take the mean of all runs on each side. Where a seed is missing on one side, other seeds are averaged there: only "
        "seeds that both have belong in."
    )
    def means_of_all(one, other):
        return told(by_seed(one, other), mean=float(np.mean([*one.values()]) - np.mean([*other.values()])))

    @mistake("You take the size of each difference, without its sign. Gains and losses have to cancel.")
    def without_sign(one, other):
        d = by_seed(one, other)
        return told(d, mean=float(np.abs(d).mean()))

    @mistake("This is the median, or what looks like it. Asked for is the mean: the sum by how many they are.")
    def the_median(one, other):
        d = by_seed(one, other)
        return told(d, mean=float(np.median(d)))

    @mistake("This is the sum of the differences. Divide it by how many they are.")
    def the_sum(one, other):
        d = by_seed(one, other)
        return told(d, mean=float(sum(d)))

    @mistake(
        "This is the spread with n in the place of n − 1: what NumPy's `std` does unless told `ddof=1`. With few runs it says "
        "that you know more than you do."
    )
    def n_for_n_minus_one(one, other):
        d = by_seed(one, other)
        return told(d, error=float(np.std(d) / math.sqrt(len(d))))

    @mistake(
        "This is the standard deviation of the differences: how far one seed is from another. The mean of n seeds wavers less: "
        "divide by √n."
    )
    def the_standard_deviation(one, other):
        return told(by_seed(one, other), error=float(np.std(by_seed(one, other), ddof=1)))

    @mistake("You divide by n. The mean of n runs wavers by the spread divided by √n.")
    def divided_by_n(one, other):
        d = by_seed(one, other)
        return told(d, error=float(np.std(d, ddof=1) / len(d)))

    @mistake("This is the variance, divided: a root is missing.")
    def the_variance(one, other):
        d = by_seed(one, other)
        return told(d, error=float(np.var(d, ddof=1) / len(d)))

    @mistake("Here the variance is divided by √n. Divide the standard deviation, which is its root.")
    def the_variance_by_the_root(one, other):
        d = by_seed(one, other)
        return told(d, error=float(np.var(d, ddof=1) / math.sqrt(len(d))))

    @mistake(
        "You add the spreads of the two sides, as if the runs were strangers to each other. What a seed does to both drops out "
        "if you take the spread of the differences."
    )
    def unpaired(one, other):
        a, b = ([runs[seed] for seed in both(one, other)] for runs in (one, other))
        return told(by_seed(one, other), error=float(math.sqrt((np.var(a, ddof=1) + np.var(b, ddof=1)) / len(a))))

    @mistake("This is the spread of all losses, of both sides together. Take that of the differences.")
    def the_spread_of_all(one, other):
        seeds = both(one, other)
        losses = [one[seed] for seed in seeds] + [other[seed] for seed in seeds]
        return told(by_seed(one, other), error=float(np.std(losses, ddof=1) / math.sqrt(len(seeds))))

    @mistake("This is the spread of `one` alone. Take that of the differences.")
    def the_spread_of_one(one, other):
        seeds = both(one, other)
        losses = [one[seed] for seed in seeds]
        return told(by_seed(one, other), error=float(np.std(losses, ddof=1) / math.sqrt(len(seeds))))

    @mistake("You square the differences as they are. A standard deviation is measured from their mean.")
    def not_from_the_mean(one, other):
        d = np.array(by_seed(one, other))
        return told(d, error=float(math.sqrt((d**2).sum() / (len(d) - 1) / len(d))))

    return Exercise(
        name="paired_runs",
        title="Bought, or luck?",
        lesson=10,
        reference=training.paired_runs,
        parts=(
            Part("the seeds that both have", 1, runs_of("seeds"), dtype="number"),
            Part("the wins", 1, runs_of("wins"), dtype="number"),
            Part("the mean difference", 1, runs_of("mean"), dtype="number", within=1e-5),
            Part("its standard error", 2, runs_of("error"), dtype="number", within=1e-5),
        ),
        mistakes=(
            by_order,
            arrays_by_order,
            tensors_by_order,
            sorted_side_by_side,
            counted_through,
            by_rank,
            all_seeds_of_one,
            missing_as_zero,
            seeds_of_the_first,
            seeds_of_either,
            turned_round,
            all_turned_round,
            larger_is_better,
            ties_are_wins,
            a_share_of_wins,
            the_means_compared,
            means_of_all,
            without_sign,
            the_median,
            the_sum,
            n_for_n_minus_one,
            the_standard_deviation,
            divided_by_n,
            the_variance,
            the_variance_by_the_root,
            unpaired,
            the_spread_of_all,
            the_spread_of_one,
            not_from_the_mean,
        ),
    )


EXERCISES = (
    _row_span(),
    _read_tensor(),
    _input_side(),
    _gpt2_input(),
    _output_table(),
    _gpt2_logits(),
    _llama_queries_keys(),
    _paired_runs(),
)
