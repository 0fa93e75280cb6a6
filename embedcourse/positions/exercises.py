"""The exercises of lesson 7 as data: cases, and the mistakes that people make, each with the sentence that helps."""

from collections.abc import Iterator

import numpy as np

from embedcourse.marking import LEFT_OUT, Case, Exercise, Part, entry_part, mistake, with_numbers
from embedcourse.positions import reference

Rng = np.random.Generator


def _table(rng: Rng, *shape: int) -> np.ndarray:
    return rng.normal(size=shape).round(1) + 0.05


def _learned_input() -> Exercise:
    def given(rng: Rng, vocab: int, positions: int, dim: int, *shape: int) -> Case:
        return Case((_table(rng, vocab, dim), _table(rng, positions, dim), rng.integers(vocab, size=shape)))

    def one_text(rng: Rng) -> Iterator[Case]:
        E, P = (
            np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
            np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6], [0.7, 0.8]]),
        )
        yield Case((E, P, np.array([2, 0])))
        yield Case((E, P, np.array([1, 1, 2])))
        for positions, length in ((6, 3), (5, 5), (9, 4), (3, 1)):
            yield given(rng, 7, positions, 3, length)
        yield given(rng, 3, 8, 2, 6)  # longer than the vocabulary

    def many_texts(rng: Rng) -> Iterator[Case]:
        E, P = (
            np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
            np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6], [0.7, 0.8]]),
        )
        yield Case((E, P, np.array([[2, 0, 1], [1, 1, 0]])))
        for positions, shape in ((5, (3, 4)), (4, (2, 4)), (6, (4, 2)), (5, (2, 2, 3)), (7, (1, 5))):
            yield given(rng, 6, positions, 4, *shape)

    def too_long(rng: Rng) -> Iterator[Case]:
        yield given(rng, 5, 3, 2, 3)
        for positions, shape in ((3, (4,)), (1, (2,)), (4, (2, 5)), (2, (7,)), (1, (3, 2))):
            case = given(rng, 5, positions, 2, *shape)
            yield Case(case.args, raises=IndexError)
        yield given(rng, 5, 1, 2, 1)
        yield given(rng, 5, 3, 2, 6, 3)

    @mistake("These are the rows of the tokens. The rows of P, one for each place, are still to be added.")
    def tokens_alone(E, P, ids):
        return E[ids]

    @mistake("These are the rows of the places. Add to each the row of the token that stands there, `E[ids]`.")
    def places_alone(E, P, ids):
        return np.broadcast_to(P[: ids.shape[-1]], (*ids.shape, P.shape[1])).copy()

    @mistake("You read P with the ids. A token's row in P is named by where it stands, 0, 1, 2, …, not by what it is.")
    def p_by_id(E, P, ids):
        return E[ids] + P[ids]

    @mistake(
        "All rows of P are added at once, which fits only a text as long as P. Take as many as the text has tokens: "
        "`P[:length]`."
    )
    def the_whole_table(E, P, ids):
        return E[ids] + P

    @mistake(
        "`P[length]` is one row, and all tokens get it (or there is none). Each place has its own: `P[:length]`, with a colon."
    )
    def one_row_for_all(E, P, ids):
        if ids.shape[-1] > len(P):
            raise IndexError("too long")
        return E[ids] + P[ids.shape[-1]]

    @mistake(
        "These are the last rows of P. The first token stands at 0, so the text gets the first ones, `P[:length]`."
    )
    def last_rows(E, P, ids):
        return E[ids] + P[len(P) - ids.shape[-1] :]

    @mistake("You count places from 1. The first token stands at 0 and gets row 0 of P.")
    def from_one(E, P, ids):
        return E[ids] + P[1 : ids.shape[-1] + 1]

    @mistake("You count from 1. The first token stands at 0; with 1 the last row that is needed lies behind the table.")
    def arange_from_one(E, P, ids):
        return E[ids] + P[np.arange(1, ids.shape[-1] + 1)]

    @mistake("The two rows are laid side by side. Add them: what comes out has the dim of E.")
    def side_by_side(E, P, ids):
        places = np.broadcast_to(P[: ids.shape[-1]], (*ids.shape, P.shape[1]))
        return np.concatenate([E[ids], places], axis=-1)

    @mistake("The two rows are multiplied. They are added.")
    def multiplied(E, P, ids):
        return E[ids] * P[: ids.shape[-1]]

    @mistake("This is the mean of the two rows. Their sum is wanted; do not divide.")
    def the_mean(E, P, ids):
        return (E[ids] + P[: ids.shape[-1]]) / 2

    @mistake(
        "`len(ids)` is the number of texts when there are several. Places run along the last axis: `ids.shape[-1]`."
    )
    def len_of_ids(E, P, ids):
        if len(ids) > len(P):
            raise IndexError("too long")
        return E[ids] + P[: len(ids)]

    @mistake(
        "You compare the number of texts with `len(P)`. What must not be longer than P is each text: `ids.shape[-1]`, also when "
        "there are several."
    )
    def number_of_texts_compared(E, P, ids):
        if len(ids) > len(P):
            raise IndexError("too long")
        return E[ids] + P[: ids.shape[-1]]

    @mistake("All texts are strung into one, so the places run on from text to text. In each text they begin at 0.")
    def places_run_on(E, P, ids):
        if ids.size > len(P):
            raise IndexError("too long")
        return E[ids] + P[: ids.size].reshape(*ids.shape, -1)

    @mistake(
        "Each text gets one place for all its tokens. Places run along the last axis: token i of any text gets `P[i]`."
    )
    def a_place_for_each_text(E, P, ids):
        return E[ids] + (P[: len(ids), None] if ids.ndim > 1 else P[: len(ids)])

    @mistake(
        "A text that is too long is not refused. NumPy finds shapes that do not fit, which is a ValueError, or, if P has one "
        "row, adds it everywhere without a word. Compare the length with `len(P)` and raise IndexError yourself."
    )
    def not_refused(E, P, ids):
        return E[ids] + P[: ids.shape[-1]]

    @mistake("A text that is too long is refused with a ValueError. The docstring asks for an IndexError.")
    def a_value_error(E, P, ids):
        if ids.shape[-1] > len(P):
            raise ValueError("too long")
        return E[ids] + P[: ids.shape[-1]]

    @mistake(
        "A text as long as P is refused, though P has a row for each of its tokens. Only a longer one is too long."
    )
    def full_length_refused(E, P, ids):
        if ids.shape[-1] >= len(P):
            raise IndexError("too long")
        return E[ids] + P[: ids.shape[-1]]

    @mistake("What is too long is cut off, and nobody hears of it. Refuse such a text with an IndexError.")
    def cut_off(E, P, ids):
        ids = ids[..., : len(P)]
        return E[ids] + P[: ids.shape[-1]]

    @mistake(
        "All tokens behind the table get its last row, and nobody hears of it. Refuse such a text with an IndexError."
    )
    def last_row_for_the_rest(E, P, ids):
        return E[ids] + P[np.minimum(np.arange(ids.shape[-1]), len(P) - 1)]

    @mistake(
        "Behind the last row you begin anew with row 0, and nobody hears of it. Refuse such a text with an IndexError."
    )
    def begun_anew(E, P, ids):
        return E[ids] + P[np.arange(ids.shape[-1]) % len(P)]

    @mistake("One text has no `shape[1]`. `ids.shape[-1]`, the last axis, is the length for one text and for many.")
    def second_axis(E, P, ids):
        length = ids.shape[1]
        if length > len(P):
            raise IndexError("too long")
        return E[ids] + P[:length]

    @mistake("You compare the length with the vocabulary. It is P that must have a row for each place: `len(P)`.")
    def compared_with_the_vocabulary(E, P, ids):
        if ids.shape[-1] > len(E):
            raise IndexError("too long")
        return E[ids] + P[np.arange(ids.shape[-1])]

    return Exercise(
        name="learned_input",
        title="A row for the token, a row for its place",
        lesson=7,
        reference=reference.learned_input,
        parts=(
            Part("one text", 1, one_text),
            Part("several texts", 1, many_texts),
            Part("a text that is too long", 1, too_long),
        ),
        mistakes=(
            second_axis,
            compared_with_the_vocabulary,
            tokens_alone,
            places_alone,
            p_by_id,
            the_whole_table,
            one_row_for_all,
            last_rows,
            from_one,
            arange_from_one,
            side_by_side,
            multiplied,
            the_mean,
            len_of_ids,
            number_of_texts_compared,
            places_run_on,
            a_place_for_each_text,
            not_refused,
            a_value_error,
            full_length_refused,
            cut_off,
            last_row_for_the_rest,
            begun_anew,
        ),
    )


def _words_that_notice() -> Exercise:
    def answers(causal=2, far=4, two_causal=4, places=6, places_causal=4):
        return {
            "causal": causal,
            "far": far,
            "two_causal": two_causal,
            "places": places,
            "places_causal": places_causal,
        }

    def words_that_notice():
        return answers()

    @mistake(
        "The last word does not notice, but here every word is asked. Write down whom C sees before and after: is it the same "
        "set?"
    )
    def nobody_under_a_causal_mask():
        return answers(causal=0)

    @mistake(
        "With one layer E and F read the rows of the same words as before, in another order, and their mean has no order. Only "
        "whoever sees another *set* notices."
    )
    def all_behind_notice_with_one_layer():
        return answers(causal=4)

    @mistake("You counted one of the two. C sees D for the first time, and D no longer sees C: both sets change.")
    def only_one_of_the_two():
        return answers(causal=1)

    @mistake("The causal mask is there, so A and B, which stand before, see nothing of what happens behind them.")
    def all_under_a_causal_mask():
        return answers(causal=6)

    @mistake(
        "B and E notice, but C and D between them do as well: each of them saw B and sees E instead. Write down the set of each "
        "word."
    )
    def only_the_far_ones():
        return answers(far=2)

    @mistake("B, C, D and E see another set than before. F sees all six words, before and after: it does not notice.")
    def the_last_one_too():
        return answers(far=5)

    @mistake("A sees itself alone, and F sees all six, before and after. Whose set changes?")
    def all_when_far():
        return answers(far=6)

    @mistake(
        "One of the four is missing: B and E, which moved, and C and D, which stand between, see another set each."
    )
    def one_too_few_when_far():
        return answers(far=3)

    @mistake(
        "C and D have changed in the first layer. In the second, E and F read what has become of them, and that is no "
        "longer what it was."
    )
    def depth_changes_nothing():
        return answers(two_causal=2)

    @mistake(
        "A and B stand before the two, and a causal mask lets nobody look back from there, however many layers there are."
    )
    def all_with_two_layers():
        return answers(two_causal=6)

    @mistake("All behind the two notice in the second layer: not only the next one, and not only the last.")
    def one_more_with_two_layers():
        return answers(two_causal=3)

    @mistake("You counted the words behind. The two that moved belong to them: their own sets change.")
    def only_those_behind():
        return answers(two_causal=2, places_causal=2)

    @mistake(
        "With positions C and D have other rows than before, and without a mask everybody reads these rows: A too, though "
        "it stayed where it was."
    )
    def only_the_moved_with_positions():
        return answers(places=2)

    @mistake("Without a mask A and B look at the words behind them as well, and these have other rows now.")
    def those_before_are_blind():
        return answers(places=4)

    @mistake("With positions an order is a different sum of rows: C stands at another place and gets another row of P.")
    def positions_change_nothing():
        return answers(places=0, places_causal=0)

    @mistake(
        "E and F read the rows of C and D, and these hold other positions now: they notice with one layer already."
    )
    def only_the_moved_with_positions_and_mask():
        return answers(places_causal=2)

    @mistake("The mask still holds: A and B see neither C nor D, with positions or without.")
    def all_with_positions_and_mask():
        return answers(places_causal=6)

    @mistake("How many is asked, a number for each, not which.")
    def names_for_numbers():
        return answers(["C", "D"], ["B", "C", "D", "E"], ["C", "D", "E", "F"], list("ABCDEF"), ["C", "D", "E", "F"])

    @mistake("Whether is not asked, but how many of the six.")
    def yes_or_no():
        return answers("yes", "yes", "yes", "yes", "yes")

    @mistake("A number from 0 to 6 is asked, not a share.")
    def shares():
        return answers(2 / 6, 4 / 6, 4 / 6, 1.0, 4 / 6)

    return Exercise(
        name="words_that_notice",
        title="Who notices that two words changed places",
        lesson=7,
        reference=words_that_notice,
        parts=(
            entry_part("a causal mask, one layer", "causal"),
            entry_part("B and E change places", "far"),
            entry_part("a causal mask, two layers", "two_causal"),
            entry_part("positions, no mask", "places"),
            entry_part("positions and a causal mask", "places_causal"),
        ),
        mistakes=(
            nobody_under_a_causal_mask,
            all_behind_notice_with_one_layer,
            only_one_of_the_two,
            all_under_a_causal_mask,
            only_the_far_ones,
            the_last_one_too,
            all_when_far,
            one_too_few_when_far,
            depth_changes_nothing,
            all_with_two_layers,
            one_more_with_two_layers,
            only_those_behind,
            only_the_moved_with_positions,
            those_before_are_blind,
            positions_change_nothing,
            only_the_moved_with_positions_and_mask,
            all_with_positions_and_mask,
            names_for_numbers,
            yes_or_no,
            shares,
        ),
    )


def _position_ids() -> Exercise:
    def mask_of(rng: Rng, left: bool, lengths: tuple[int, ...], width: int) -> np.ndarray:
        rows = [[1] * length + [0] * (width - length) for length in lengths]
        return np.array([row[::-1] if left else row for row in rows])

    def no_padding(rng: Rng) -> Iterator[Case]:
        yield Case((np.array([[1, 1, 1]]), 0))
        yield Case((np.array([[1, 1, 1]]), LEFT_OUT))
        yield Case((np.array([1, 1]), 0))
        yield Case((np.array([[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]]), 0))
        yield Case((np.array([[1, 1]]), 5))

    def padded(left: bool):
        def cases(rng: Rng) -> Iterator[Case]:
            yield Case((mask_of(rng, left, (2, 4), 4), 0))
            yield Case((mask_of(rng, left, (4, 1, 3), 5), 0))
            for width in (3, 6):
                lengths = tuple(rng.integers(1, width + 1, size=3).tolist())
                yield Case((mask_of(rng, left, (*lengths, width - 1), width), 0))
            yield Case((mask_of(rng, left, (2,), 3)[0], 0))
            yield Case((np.stack([mask_of(rng, left, (1, 2), 3), mask_of(rng, left, (3, 2), 3)]), 0))

        return cases

    def with_an_offset(rng: Rng) -> Iterator[Case]:
        yield Case((mask_of(rng, False, (3, 4), 5), 2))
        yield Case((mask_of(rng, True, (3, 4), 5), 2))
        for offset in (1, 4, 2):
            lengths = (*rng.integers(1, 7, size=2).tolist(), 4)
            yield Case((mask_of(rng, bool(rng.integers(2)), lengths, 6), offset))
        yield Case((np.array([[0, 1, 1, 0], [0, 0, 1, 1]]), 2))

    def counted(mask):
        return np.cumsum(mask, axis=-1)

    def padding(offset):
        return max(offset - 1, 0)

    @mistake("The mask is not looked at: padding counts as if it were tokens. Count the tokens only.")
    def mask_ignored(attention_mask, offset=0):
        return np.broadcast_to(offset + np.arange(attention_mask.shape[-1]), attention_mask.shape).copy()

    @mistake("A running sum of the mask is 1 at the first token, and the first token stands at `offset`: take off 1.")
    def one_too_many(attention_mask, offset=0):
        return np.where(attention_mask == 1, counted(attention_mask) + offset, padding(offset))

    @mistake(
        "The tokens are right. Padding has what the running sum happens to be there; the docstring says what it gets."
    )
    def padding_as_it_comes(attention_mask, offset=0):
        return counted(attention_mask) - 1 + offset

    @mistake("The sum is not cleaned of its padding, and is 1 too high besides: the first token stands at `offset`.")
    def a_running_sum(attention_mask, offset=0):
        return counted(attention_mask) + offset

    @mistake("Without an offset padding gets −1 here, and row −1 of a table is its last. Let it be 0 at least.")
    def padding_at_minus_one(attention_mask, offset=0):
        return counted(attention_mask) * attention_mask - 1 + offset

    @mistake(
        "Padding gets 0 whatever the offset is. With an offset it gets the row before the first token's, offset − 1."
    )
    def padding_at_zero(attention_mask, offset=0):
        return np.where(attention_mask == 1, counted(attention_mask) - 1 + offset, 0)

    @mistake("The offset is added to all, also to padding, which stands one row before the first token.")
    def offset_for_all(attention_mask, offset=0):
        return np.where(attention_mask == 1, counted(attention_mask) - 1, 0) + offset

    @mistake(
        "Padding gets 1 here, a row that a token uses when there is no offset. The docstring says what padding gets."
    )
    def padding_at_one(attention_mask, offset=0):
        return np.where(attention_mask == 1, counted(attention_mask) - 1 + offset, 1)

    @mistake("The offset is forgotten: the first token stands at `offset`.")
    def offset_forgotten(attention_mask, offset=0):
        return np.where(attention_mask == 1, counted(attention_mask) - 1, 0)

    @mistake(
        "The offset is taken for the number of the padding row, and tokens begin one later. They begin at `offset`."
    )
    def offset_is_the_padding_row(attention_mask, offset=0):
        return np.where(attention_mask == 1, counted(attention_mask) + offset, offset)

    @mistake("The sum runs down the columns, from text to text. It runs along a text: `axis=-1`.")
    def down_the_columns(attention_mask, offset=0):
        return np.where(attention_mask == 1, np.cumsum(attention_mask, axis=0) - 1 + offset, padding(offset))

    @mistake("Without `axis=-1` the sum runs through all texts as if they were one. Each text begins anew.")
    def through_all_texts(attention_mask, offset=0):
        sums = np.cumsum(attention_mask).reshape(attention_mask.shape)
        return np.where(attention_mask == 1, sums - 1 + offset, padding(offset))

    @mistake("The sum has one axis, that of all texts strung together. With `axis=-1` it keeps the shape of the mask.")
    def one_long_sum(attention_mask, offset=0):
        return np.cumsum(attention_mask) - 1 + offset

    @mistake("You count from the end. The first token of a text stands at `offset`, the second one after it.")
    def from_the_end(attention_mask, offset=0):
        sums = np.flip(np.cumsum(np.flip(attention_mask, -1), axis=-1), -1)
        return np.where(attention_mask == 1, sums - 1 + offset, padding(offset))

    @mistake(
        "Tokens get their place in the padded row; only padding is treated. With padding on the left the first token must "
        "still stand at `offset`: count tokens, not columns."
    )
    def place_in_the_padded_row(attention_mask, offset=0):
        places = np.arange(attention_mask.shape[-1]) + offset
        return np.where(attention_mask == 1, places, padding(offset))

    @mistake(
        "You count columns from the first token on. For the tokens that is right; padding runs on behind them, and is negative "
        "before them. The docstring says what padding gets."
    )
    def columns_from_the_first_token(attention_mask, offset=0):
        first = attention_mask.argmax(axis=-1)[..., None]
        return np.arange(attention_mask.shape[-1]) - first + offset

    @mistake(
        "Padding on the left is handled; padding behind the last token counts on. It gets offset − 1 too, or 0 if that is "
        "negative."
    )
    def padding_behind_counts_on(attention_mask, offset=0):
        first = attention_mask.argmax(axis=-1)[..., None]
        places = np.arange(attention_mask.shape[-1]) - first + offset
        return np.where(places < offset, padding(offset), places)

    @mistake("A single text has no axis 1. `axis=-1`, the last, serves one text and many.")
    def second_axis(attention_mask, offset=0):
        sums = np.cumsum(attention_mask, axis=1)
        return np.where(attention_mask == 1, sums - 1 + offset, padding(offset))

    @mistake(
        "You count on two axes, and a mask may have one, or three. `np.cumsum(…, axis=-1)`, along the last axis, serves one text "
        "and many."
    )
    def two_axes(attention_mask, offset=0):
        texts, length = attention_mask.shape
        positions = np.full((texts, length), padding(offset))
        for text in range(texts):
            positions[text, attention_mask[text] == 1] = np.arange(attention_mask[text].sum()) + offset
        return positions

    @mistake(
        "One text has no `shape[1]`, and three axes have one more. `np.cumsum(…, axis=-1)`, along the last axis, serves one text "
        "and many."
    )
    def shape_of_two_axes(attention_mask, offset=0):
        positions = np.full(attention_mask.shape, padding(offset))
        for text in range(attention_mask.shape[0]):
            count = offset
            for column in range(attention_mask.shape[1]):
                if attention_mask[text, column] == 1:
                    positions[text, column] = count
                    count += 1
        return positions

    @mistake("This is true for tokens and false for padding. Where does each token stand?")
    def the_mask_again(attention_mask, offset=0):
        return attention_mask + offset

    @mistake("Only the tokens come back. The answer has the shape of the mask; padding gets a position as well.")
    def only_the_tokens(attention_mask, offset=0):
        return (counted(attention_mask) - 1 + offset)[attention_mask == 1]

    @mistake("The values are right, but they are floats, and a table is read with whole numbers.")
    def floats(attention_mask, offset=0):
        return reference.position_ids(attention_mask, offset) * 1.0

    return Exercise(
        name="position_ids",
        title="Where the tokens of a padded batch stand",
        lesson=7,
        reference=reference.position_ids,
        parts=(
            Part("no padding", 1, no_padding, dtype="kind"),
            Part("padding on the right", 1, padded(left=False), dtype="kind"),
            Part("padding on the left", 1, padded(left=True), dtype="kind"),
            Part("tokens that begin at an offset", 1, with_an_offset, dtype="kind"),
        ),
        mistakes=(
            mask_ignored,
            one_too_many,
            padding_as_it_comes,
            a_running_sum,
            padding_at_minus_one,
            padding_at_zero,
            offset_for_all,
            padding_at_one,
            offset_forgotten,
            offset_is_the_padding_row,
            down_the_columns,
            through_all_texts,
            one_long_sum,
            from_the_end,
            place_in_the_padded_row,
            columns_from_the_first_token,
            padding_behind_counts_on,
            second_axis,
            two_axes,
            shape_of_two_axes,
            the_mask_again,
            only_the_tokens,
            floats,
        ),
    )


def _position_parameters(tokens: int, rows: int, first: int, long_rows: int, long_dim: int) -> Exercise:
    kibi = long_rows // 1_024
    words = "no one two three four five six seven eight nine".split()
    before = f"{', '.join(str(row) for row in range(first - 1))} and {first - 1}"

    def answers(
        bert=514 * 768, gpt2=1_024 * 768, roberta_rows=tokens + 2, longest=rows - first, long=long_rows * long_dim
    ):
        return {"bert": bert, "gpt2": gpt2, "roberta_rows": roberta_rows, "longest": longest, "long": long}

    def position_parameters():
        return answers()

    @mistake("That is the table of positions. BERT's third table, of two segments, belongs to the question.")
    def without_segments():
        return answers(bert=512 * 768)

    @mistake(
        "A third table with a row for each position, for each segment, would be that. It has two rows in all, and is added."
    )
    def a_table_for_each_segment():
        return answers(bert=2 * 512 * 768)

    @mistake("That is the table of tokens. Asked for are those of positions and segments.")
    def the_tokens_table():
        return answers(bert=30_522 * 768)

    @mistake("All three tables are counted. Asked for are the two that say nothing of the token.")
    def all_three_tables():
        return answers(bert=(30_522 + 514) * 768)

    @mistake("GPT-2 reads 1,024 tokens, twice as many as BERT.")
    def gpt2_as_bert():
        return answers(gpt2=512 * 768)

    @mistake("Its rows are 768 numbers long, as those of the tokens to which they are added.")
    def gpt2_square():
        return answers(gpt2=1_024 * 1_024)

    @mistake("K with 1,000 would be that. GPT-2 reads 1,024 places.")
    def gpt2_with_thousands():
        return answers(gpt2=1_000 * 768)

    @mistake("You counted one segment. BERT has two, and so its table of segments has two rows.")
    def one_segment():
        return answers(bert=513 * 768)

    @mistake("You added rows and dim. A table has rows times dim numbers.")
    def rows_plus_dim():
        return answers(bert=514 + 768, gpt2=1_024 + 768, long=long_rows + long_dim)

    @mistake(f"You took two rows off. There are {tokens:,} tokens, each with a row, and two rows before them.")
    def two_rows_less():
        return answers(roberta_rows=tokens - 2)

    @mistake("These are rows. Each has `dim` numbers.")
    def rows_for_parameters():
        return answers(bert=514, gpt2=1_024, long=long_rows)

    @mistake("These are bytes. A parameter is one number.")
    def bytes_for_parameters():
        return answers(bert=4 * 514 * 768, gpt2=4 * 1_024 * 768, long=4 * long_rows * long_dim)

    @mistake(
        f"The {tokens:,} tokens need a row each, and the first stands at 2: which row has the last, and how many are there then?"
    )
    def no_rows_in_front():
        return answers(roberta_rows=tokens)

    @mistake("That is the number of the last row. Rows are counted from 0, so there is one more.")
    def number_of_the_last_row():
        return answers(roberta_rows=tokens + 1)

    @mistake("Row 2 itself is the first token's. Two rows stand in front of it, 0 and 1, not three.")
    def three_rows_in_front():
        return answers(roberta_rows=tokens + 3)

    @mistake("That is the size of the table. Asked for are its rows.")
    def parameters_for_rows():
        return answers(roberta_rows=(tokens + 2) * 768)

    @mistake(
        f"That would be right if tokens began at 2. Here the first stands at {first}, and the rows before it are lost to texts."
    )
    def as_for_roberta():
        return answers(longest=rows - 2)

    @mistake(f"That is how many rows there are. The first {words[first]} of them belong to no token.")
    def all_rows():
        return answers(longest=rows)

    @mistake(
        f"You took off {words[first + 1]} rows, or {words[first]} and a last one. Rows {first} to {rows - 1:,} are left: "
        "count both ends."
    )
    def one_row_less():
        return answers(longest=rows - first - 1)

    @mistake(f"You took off {words[first - 1]} rows, the padding's number. The rows {before} are {words[first]}.")
    def three_rows_lost():
        return answers(longest=rows - first + 1)

    @mistake(f"{kibi}K with K = 1,000 would be that. {long_rows:,} positions are asked for, {kibi} Ki (lesson 5).")
    def long_with_thousands():
        return answers(long=kibi * 1_000 * long_dim)

    @mistake(
        f"A table between positions would be that, or the scores of one head. It has a row of {long_dim:,} for each position."
    )
    def long_squared():
        return answers(long=long_rows**2)

    @mistake("These are millions. Return the parameters, every one.")
    def in_millions():
        return answers(0.394752, 0.786432, long=long_rows * long_dim / 1e6)

    return Exercise(
        name="position_parameters",
        title="Tables of positions in numbers",
        lesson=7,
        reference=position_parameters,
        parts=(
            entry_part("BERT: positions and segments", "bert"),
            entry_part("GPT-2: positions", "gpt2"),
            entry_part("RoBERTa: rows of its table", "roberta_rows"),
            entry_part(f"the longest text, if tokens begin at {first}", "longest"),
            entry_part(f"{long_rows:,} positions", "long"),
        ),
        mistakes=(
            without_segments,
            a_table_for_each_segment,
            the_tokens_table,
            all_three_tables,
            gpt2_as_bert,
            gpt2_square,
            gpt2_with_thousands,
            one_segment,
            rows_plus_dim,
            two_rows_less,
            rows_for_parameters,
            bytes_for_parameters,
            no_rows_in_front,
            number_of_the_last_row,
            three_rows_in_front,
            parameters_for_rows,
            as_for_roberta,
            all_rows,
            one_row_less,
            three_rows_lost,
            long_with_thousands,
            long_squared,
            in_millions,
        ),
    )


def _sinusoidal() -> Exercise:
    def two_columns(rng: Rng) -> Iterator[Case]:
        yield Case((2, 2, 10_000.0))
        yield Case((4, 2, 100.0))
        yield Case((1, 2, 10_000.0))

    def many_columns(rng: Rng) -> Iterator[Case]:
        yield Case((2, 4, 10_000.0))
        yield Case((3, 4, LEFT_OUT))
        for length, dim in ((3, 6), (5, 4), (6, 8), (1, 6), (9, 2), (7, 64), (40, 10)):
            yield Case((length, dim, 10_000.0))

    def other_bases(rng: Rng) -> Iterator[Case]:
        yield Case((3, 4, 100.0))
        yield Case((4, 6, 500_000.0))
        for _ in range(3):
            yield Case((int(rng.integers(2, 9)), 2 * int(rng.integers(2, 7)), float(rng.integers(2, 900))))

    def angles(length, dim, base):
        return np.arange(length)[:, None] * base ** (-np.arange(0, dim, 2) / dim)

    def woven(sines, cosines):
        return np.stack([sines, cosines], axis=-1).reshape(len(sines), -1)

    def of(rows):
        return woven(np.sin(rows), np.cos(rows))

    @mistake(
        "All sines stand first, then all cosines. Many libraries do that, and it is as good; asked for are pairs side by side, "
        "sin, cos, sin, cos."
    )
    def sines_first(length, dim, base=10_000.0):
        rows = angles(length, dim, base)
        return np.concatenate([np.sin(rows), np.cos(rows)], axis=1)

    @mistake("Cosine stands before sine. Position 0 should begin 0, 1.")
    def cosine_first(length, dim, base=10_000.0):
        rows = angles(length, dim, base)
        return woven(np.cos(rows), np.sin(rows))

    @mistake(
        "Sine and cosine of a pair turn at different speeds here: the exponent counts columns. Both columns of pair i share "
        "one angle, with exponent 2i/dim."
    )
    def a_speed_for_each_column(length, dim, base=10_000.0):
        rows = np.arange(length)[:, None] * base ** (-np.arange(dim) / dim)
        rows[:, 0::2], rows[:, 1::2] = np.sin(rows[:, 0::2]), np.cos(rows[:, 1::2])
        return rows

    @mistake(
        "The exponent counts columns and doubles them besides. In 2i/dim i is the number of the *pair*: the exponent of columns "
        "0 and 1 is 0, that of 2 and 3 is 2/dim."
    )
    def columns_doubled(length, dim, base=10_000.0):
        rows = np.arange(length)[:, None] * base ** (-2 * np.arange(dim) / dim)
        rows[:, 0::2], rows[:, 1::2] = np.sin(rows[:, 0::2]), np.cos(rows[:, 1::2])
        return rows

    @mistake(
        "The exponent grows too slowly: it is 2i/dim, with i = 0, 1, 2, … for the pairs. (2i is `np.arange(0, dim, 2)`.)"
    )
    def two_forgotten(length, dim, base=10_000.0):
        return of(np.arange(length)[:, None] * base ** (-np.arange(dim // 2) / dim))

    @mistake(
        "The exponent grows too fast. What runs 0, 2, 4, … is 2i already, in `range(0, dim, 2)` as in `np.arange`: do not double "
        "it once more."
    )
    def two_twice(length, dim, base=10_000.0):
        return of(np.arange(length)[:, None] * base ** (-2 * np.arange(0, dim, 2) / dim))

    @mistake(
        "The last pair turns base times slower than the first here: the exponents end at 1. tensor2tensor does it so; the "
        "paper's 2i/dim ends just below 1."
    )
    def exponents_up_to_one(length, dim, base=10_000.0):
        return of(np.arange(length)[:, None] * base ** -np.linspace(0, 1, dim // 2))

    @mistake(
        "`**` comes before `/`: the angle is divided by dim, and the exponent is not. Put the exponent in brackets, "
        "`base ** (… / dim)`."
    )
    def exponent_without_brackets(length, dim, base=10_000.0):
        return of(np.arange(length)[:, None] / base ** np.arange(0, dim, 2) / dim)

    @mistake(
        "`**` comes before `/`: the power is divided by dim, and the exponent is not. Put the exponent in brackets, "
        "`base ** (… / dim)`."
    )
    def power_divided_by_dim(length, dim, base=10_000.0):
        return of(np.arange(length)[:, None] / (base ** np.arange(0, dim, 2) / dim))

    @mistake("Pair i is written into columns i and i + 1, over the pair before. Pair i fills columns 2i and 2i + 1.")
    def neighbouring_columns(length, dim, base=10_000.0):
        rows = np.zeros((length, dim))
        for i in range(dim // 2):
            turn = np.arange(length) / base ** (2 * i / dim)
            rows[:, i], rows[:, i + 1] = np.sin(turn), np.cos(turn)
        return rows

    @mistake(
        "Places and speeds both lie in a row, so place p meets speed p alone. Places must be a column: "
        "`np.arange(length)[:, None]`."
    )
    def places_in_a_row(length, dim, base=10_000.0):
        turns = np.arange(length) / base ** (np.arange(0, dim, 2) / dim)
        rows = np.zeros((length, dim))
        rows[:, 0::2], rows[:, 1::2] = np.sin(turns), np.cos(turns)
        return rows

    @mistake("Later pairs turn faster here, and they should turn slower: divide by the power of the base.")
    def upside_down(length, dim, base=10_000.0):
        return of(np.arange(length)[:, None] * base ** (np.arange(0, dim, 2) / dim))

    @mistake("The exponent is not divided by dim, and all pairs but the first stand nearly still.")
    def dim_forgotten(length, dim, base=10_000.0):
        return of(np.arange(length)[:, None] * base ** (-np.arange(0.0, dim, 2)))

    @mistake("All pairs turn at one speed. Divide the position by base^(2i/dim), which grows from pair to pair.")
    def one_speed(length, dim, base=10_000.0):
        return of(np.repeat(np.arange(length)[:, None], dim // 2, axis=1))

    @mistake("Positions begin at 1 here. The first is 0: its sines are 0, its cosines 1.")
    def from_one(length, dim, base=10_000.0):
        return of(angles(length + 1, dim, base)[1:])

    @mistake("The base is always 10,000 here. Use the one that comes in.")
    def base_ignored(length, dim, base=10_000.0):
        return reference.sinusoidal(length, dim)

    @mistake("The slowest pair stands first. The first turns by 1 from one position to the next.")
    def slowest_first(length, dim, base=10_000.0):
        return of(angles(length, dim, base)[:, ::-1])

    @mistake("There is a 2π in the angle. The paper has none: the first pair turns by 1 radian a position.")
    def with_two_pi(length, dim, base=10_000.0):
        return of(2 * np.pi * angles(length, dim, base))

    @mistake("The angle is taken for degrees. `np.sin` and `np.cos` want radians, and that is what the formula gives.")
    def in_degrees(length, dim, base=10_000.0):
        return of(np.deg2rad(angles(length, dim, base)))

    @mistake("The table lies on its side. A position is a row: shape (length, dim).")
    def on_its_side(length, dim, base=10_000.0):
        return reference.sinusoidal(length, dim, base).T

    @mistake("These are the angles. Each becomes two columns, its sine and its cosine.")
    def angles_alone(length, dim, base=10_000.0):
        return angles(length, dim, base)

    @mistake("The cosines are missing: every other column is its sine once more.")
    def sines_twice(length, dim, base=10_000.0):
        rows = angles(length, dim, base)
        return woven(np.sin(rows), np.sin(rows))

    @mistake("The columns that should hold cosines are still 0. `rows[:, 1::2]` are the odd columns.")
    def odd_columns_empty(length, dim, base=10_000.0):
        rows = np.zeros((length, dim))
        rows[:, 0::2] = np.sin(angles(length, dim, base))
        return rows

    @mistake(
        "Sine and cosine alternate from position to position: `[0::2]` takes every other row. Columns are the second index, "
        "`[:, 0::2]`."
    )
    def along_the_rows(length, dim, base=10_000.0):
        rows = np.repeat(angles(length, dim, base), 2, axis=1)
        rows[0::2], rows[1::2] = np.sin(rows[0::2]), np.cos(rows[1::2])
        return rows

    return Exercise(
        name="sinusoidal",
        title="Positions without a table",
        lesson=7,
        reference=reference.sinusoidal,
        parts=(
            Part("one pair of columns", 1, two_columns, dtype="kind"),
            Part("several pairs", 1, many_columns, dtype="kind"),
            Part("another base", 1, other_bases, dtype="kind"),
        ),
        mistakes=(
            sines_first,
            cosine_first,
            a_speed_for_each_column,
            columns_doubled,
            two_forgotten,
            two_twice,
            exponents_up_to_one,
            exponent_without_brackets,
            power_divided_by_dim,
            neighbouring_columns,
            places_in_a_row,
            upside_down,
            dim_forgotten,
            one_speed,
            from_one,
            base_ignored,
            slowest_first,
            with_two_pi,
            in_degrees,
            on_its_side,
            angles_alone,
            sines_twice,
            odd_columns_empty,
            along_the_rows,
        ),
    )


def _shift_matrix() -> Exercise:
    def one_pair(rng: Rng) -> Iterator[Case]:
        yield Case((1, 2, 10_000.0))
        yield Case((2, 2, 10_000.0))
        yield Case((5, 2, 100.0))
        yield Case((0, 2, 10_000.0))

    def many_pairs(rng: Rng) -> Iterator[Case]:
        yield Case((1, 4, 100.0))
        yield Case((500, 4, LEFT_OUT))
        for offset, dim, base in ((3, 6, 10_000.0), (7, 4, 50.0), (2, 8, 300.0), (0, 6, 10.0), (40, 6, 10_000.0)):
            yield Case((offset, dim, base))
        yield Case((5, 64, 10_000.0))

    def backwards(rng: Rng) -> Iterator[Case]:
        yield Case((-1, 2, 10_000.0))
        for offset, dim, base in ((-2, 4, 100.0), (-5, 6, 10_000.0), (-1, 8, 20.0)):
            yield Case((offset, dim, base))

    def angles(offset, dim, base):
        return offset * base ** (-np.arange(0, dim, 2) / dim)

    def blocks(turns, sign=1):
        shift = np.zeros((2 * len(turns), 2 * len(turns)))
        for i, angle in enumerate(turns):
            c, s = np.cos(angle), sign * np.sin(angle)
            shift[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] = [[c, s], [-s, c]]
        return shift

    @mistake(
        "This is the rotation of the textbooks, for (cos, sin): on (sin, cos) it turns back, to p − offset. Work out "
        "sin(a + b) = sin a cos b + cos a sin b, and read the first row of the block off it."
    )
    def turned_back(offset, dim, base=10_000.0):
        return blocks(angles(offset, dim, base), sign=-1)

    @mistake("Both sines have a plus. cos(a + b) = cos a cos b − sin a sin b: the lower left one has a minus.")
    def both_plus(offset, dim, base=10_000.0):
        shift = reference.shift_matrix(offset, dim, base)
        return np.triu(shift) + np.triu(shift, 1).T

    @mistake("Both sines have a minus. sin(a + b) = sin a cos b + cos a sin b: the upper right one has a plus.")
    def both_minus(offset, dim, base=10_000.0):
        shift = reference.shift_matrix(offset, dim, base)
        return np.tril(shift) + np.tril(shift, -1).T

    @mistake("Only the diagonal is filled. A pair turns: its new sine takes from its old sine and its old cosine.")
    def diagonal_alone(offset, dim, base=10_000.0):
        return np.diag(np.repeat(np.cos(angles(offset, dim, base)), 2))

    @mistake(
        "The matrix fits a row with all sines first, then all cosines. Here a pair lies side by side, so its block lies on the "
        "diagonal."
    )
    def halves(offset, dim, base=10_000.0):
        c, s = np.diag(np.cos(angles(offset, dim, base))), np.diag(np.sin(angles(offset, dim, base)))
        return np.block([[c, s], [-s, c]])

    @mistake("All pairs turn by the same angle. Pair i turns by offset / base^(2i/dim).")
    def one_angle_for_all(offset, dim, base=10_000.0):
        return blocks(np.full(dim // 2, float(offset)))

    @mistake("The first pair's block stands alone, and the rest is 0: each pair needs its own.")
    def first_block_alone(offset, dim, base=10_000.0):
        turns = angles(offset, dim, base)
        return blocks(turns[:1]) if dim == 2 else np.pad(blocks(turns[:1]), (0, dim - 2))

    @mistake("Each of the pairs turns by one position. They turn by `offset` positions.")
    def one_step(offset, dim, base=10_000.0):
        return blocks(angles(1, dim, base))

    @mistake("The way back is the way forth here: the sign of the offset is lost.")
    def sign_lost(offset, dim, base=10_000.0):
        return blocks(angles(abs(offset), dim, base))

    @mistake("The base is always 10,000 here. Use the one that comes in.")
    def base_ignored(offset, dim, base=10_000.0):
        return blocks(angles(offset, dim, 10_000.0))

    @mistake("The exponent is i/dim; it must be 2i/dim, as in the rows.")
    def two_forgotten(offset, dim, base=10_000.0):
        return blocks(offset * base ** (-np.arange(dim // 2) / dim))

    @mistake(
        "The exponent grows too fast. What runs 0, 2, 4, … is 2i already, in `range(0, dim, 2)` as in `np.arange`: do not "
        "double it."
    )
    def doubled_exponent(offset, dim, base=10_000.0):
        return blocks(offset * base ** (-2 * np.arange(0, dim, 2) / dim))

    @mistake("Later pairs turn faster here. Divide by the power of the base, as the rows do.")
    def upside_down(offset, dim, base=10_000.0):
        return blocks(offset * base ** (np.arange(0, dim, 2) / dim))

    @mistake("Sine and cosine have changed places: for offset 0 nothing moves, so the diagonal has the cosines.")
    def sine_on_the_diagonal(offset, dim, base=10_000.0):
        return blocks(np.pi / 2 - angles(offset, dim, base))

    @mistake("Block i is written at i, over the block before. Pair i stands at rows and columns 2i and 2i + 1.")
    def blocks_that_overlap(offset, dim, base=10_000.0):
        shift = np.zeros((dim, dim))
        for i, turn in enumerate(angles(offset, dim, base)):
            shift[i : i + 2, i : i + 2] = [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
        return shift

    @mistake(
        "That is `offset` times the matrix for one step, and it makes the row as many times longer. Turns multiply: two on is "
        "R₁ R₁. The offset belongs into the angle."
    )
    def many_times_one_step(offset, dim, base=10_000.0):
        return offset * blocks(angles(1, dim, base))

    @mistake("The blocks are right, but around them there are ones. Outside the blocks there are zeros: `np.zeros`.")
    def ones_around(offset, dim, base=10_000.0):
        shift = np.ones((dim, dim))
        for i, turn in enumerate(angles(offset, dim, base)):
            block = slice(2 * i, 2 * i + 2)
            shift[block, block] = [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
        return shift

    @mistake(
        "This is the row of the position `offset`, not a matrix. Which matrix takes the row of p to that of p + offset?"
    )
    def a_row(offset, dim, base=10_000.0):
        return np.stack([np.sin(angles(offset, dim, base)), np.cos(angles(offset, dim, base))], axis=-1).ravel()

    @mistake(
        "These are the blocks, one on the other. They lie along the diagonal of one matrix (dim, dim), with zeros around."
    )
    def a_stack_of_blocks(offset, dim, base=10_000.0):
        return np.array([[[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]] for a in angles(offset, dim, base)])

    @mistake(
        "Powers of the exponents are the angles here, without the offset's share: offset belongs in front of them, as a factor."
    )
    def offset_in_the_exponent(offset, dim, base=10_000.0):
        return blocks(base ** (-offset * np.arange(0, dim, 2) / dim))

    return Exercise(
        name="shift_matrix",
        title="The matrix that moves every position on",
        lesson=7,
        reference=reference.shift_matrix,
        parts=(
            Part("one pair", 1, one_pair, dtype="kind"),
            Part("several pairs", 1, many_pairs, dtype="kind"),
            Part("backwards", 1, backwards, dtype="kind"),
        ),
        mistakes=(
            turned_back,
            both_plus,
            both_minus,
            diagonal_alone,
            halves,
            one_angle_for_all,
            first_block_alone,
            one_step,
            sign_lost,
            base_ignored,
            two_forgotten,
            doubled_exponent,
            upside_down,
            sine_on_the_diagonal,
            blocks_that_overlap,
            many_times_one_step,
            ones_around,
            a_row,
            a_stack_of_blocks,
            offset_in_the_exponent,
        ),
    )


def _bert_input() -> Exercise:
    def given(rng: Rng, positions: int, dim: int, *shape: int, scale: float = 1.0, plain: bool = False) -> Case:
        gain, bias = (np.ones(dim), np.zeros(dim)) if plain else (_table(rng, dim), _table(rng, dim))
        E, P, S = (scale * _table(rng, rows, dim) for rows in (6, positions, 2))
        first_part = rng.integers(1, max(shape[-1], 2), size=(*shape[:-1], 1))  # in each text another length
        segments = np.broadcast_to(np.arange(shape[-1]) >= first_part, shape).astype(int)
        return Case((E, P, S, gain, bias, rng.integers(6, size=shape), segments))

    def plain(rng: Rng) -> Iterator[Case]:
        E, P, S = np.array([[1.0, 2.0, 3.0], [5.0, 5.0, 4.0]]), np.eye(3), np.array([[0.0, 0.0, 2.0], [4.0, 0.0, 0.0]])
        yield Case((E, P, S, np.ones(3), np.zeros(3), np.array([1, 0]), np.array([0, 1])))
        for positions, dim, length in ((5, 4, 4), (4, 6, 4), (8, 3, 5)):
            yield given(rng, positions, dim, length, plain=True)

    def gain_and_bias(rng: Rng) -> Iterator[Case]:
        for positions, dim, shape in ((4, 3, (2,)), (5, 4, (2, 3)), (6, 5, (3, 6)), (4, 8, (2, 2, 3))):
            yield given(rng, positions, dim, *shape)

    def small_rows(rng: Rng) -> Iterator[Case]:
        yield given(rng, 4, 3, 2, scale=1e-6)  # so small that where eps stands shows in the first digit
        for positions, dim, shape in ((4, 4, (3,)), (5, 8, (2, 4))):
            yield given(rng, positions, dim, *shape, scale=0.02)
        yield given(rng, 4, 6, 3, scale=1e-6)
        yield given(rng, 4, 3, 2, scale=0.0)

    def added(E, P, S, ids, segments):
        return E[ids] + P[: ids.shape[-1]] + S[segments]

    def normed(x, gain, bias, eps=1e-12):
        return reference.layer_norm(x, gain, bias, eps)

    @mistake(
        "No trace of the segments is left. Each token gets the *row* of its segment, `S[segments]`. (The number 0 or 1 itself, "
        "added to a whole row, the norm takes off again.)"
    )
    def without_segments(E, P, S, gain, bias, ids, segments):
        return normed(E[ids] + P[: ids.shape[-1]], gain, bias)

    @mistake("The positions are forgotten: token i gets `P[i]` as well.")
    def without_positions(E, P, S, gain, bias, ids, segments):
        return normed(E[ids] + S[segments], gain, bias)

    @mistake("All rows of P are added, which fits only a text as long as P. Take `P[:length]`.")
    def the_whole_table(E, P, S, gain, bias, ids, segments):
        return normed(E[ids] + P + S[segments], gain, bias)

    @mistake("This is the sum. LayerNorm is still to come: mean 0 and variance 1 in each row, then gain and bias.")
    def without_the_norm(E, P, S, gain, bias, ids, segments):
        return added(E, P, S, ids, segments)

    @mistake("The mean is not taken off. That is RMSNorm; LayerNorm takes it off first.")
    def mean_kept(E, P, S, gain, bias, ids, segments):
        x = added(E, P, S, ids, segments)
        return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-12) * gain + bias

    @mistake("You divide by the root of the variance, but the mean is still in what you divide. Take it off first.")
    def mean_not_taken_off(E, P, S, gain, bias, ids, segments):
        x = added(E, P, S, ids, segments)
        return x / np.sqrt(x.var(-1, keepdims=True) + 1e-12) * gain + bias

    @mistake("Division comes before subtraction, so only the mean is divided. Brackets: `(x - mean) / …`.")
    def without_brackets(E, P, S, gain, bias, ids, segments):
        x = added(E, P, S, ids, segments)
        return x - x.mean(-1, keepdims=True) / np.sqrt(x.var(-1, keepdims=True) + 1e-12) * gain + bias

    @mistake("The mean is taken off, but nothing is divided: bring the variance of each row to 1.")
    def only_centred(E, P, S, gain, bias, ids, segments):
        x = added(E, P, S, ids, segments)
        return (x - x.mean(-1, keepdims=True)) * gain + bias

    @mistake("You divide by the variance. Divide by its root.")
    def root_forgotten(E, P, S, gain, bias, ids, segments):
        x = added(E, P, S, ids, segments)
        return (x - x.mean(-1, keepdims=True)) / (x.var(-1, keepdims=True) + 1e-12) * gain + bias

    @mistake("Each row is normed before they are added. BERT adds the three, and norms the sum, once.")
    def normed_one_by_one(E, P, S, gain, bias, ids, segments):
        one, zero = np.ones(E.shape[1]), np.zeros(E.shape[1])
        parts = E[ids], P[: ids.shape[-1]], S[segments]
        return sum(normed(part, one, zero) for part in parts) * gain + bias

    @mistake("Segment and position are added after the norm. BERT adds all three first.")
    def tokens_normed_first(E, P, S, gain, bias, ids, segments):
        return normed(E[ids], gain, bias) + P[: ids.shape[-1]] + S[segments]

    @mistake(
        "Gain and bias are left out: after the norm each column is multiplied by its gain, then its bias is added."
    )
    def no_gain_no_bias(E, P, S, gain, bias, ids, segments):
        return normed(added(E, P, S, ids, segments), np.ones_like(gain), np.zeros_like(bias))

    @mistake("The gain is left out. Multiply each column by its gain before you add its bias.")
    def bias_alone(E, P, S, gain, bias, ids, segments):
        return normed(added(E, P, S, ids, segments), np.ones_like(gain), bias)

    @mistake("The bias is left out. When the columns are multiplied by their gains, add to each its bias.")
    def gain_alone(E, P, S, gain, bias, ids, segments):
        return normed(added(E, P, S, ids, segments), gain, np.zeros_like(bias))

    @mistake("The bias is multiplied as well. First times the gain, then plus the bias.")
    def bias_inside(E, P, S, gain, bias, ids, segments):
        return (normed(added(E, P, S, ids, segments), np.ones_like(gain), np.zeros_like(bias)) + bias) * gain

    @mistake(
        "You add 1e-5 to the variance, which is torch's default. BERT adds 1e-12; with rows as small as a fresh model's the "
        "difference shows."
    )
    def eps_of_torch(E, P, S, gain, bias, ids, segments):
        return normed(added(E, P, S, ids, segments), gain, bias, eps=1e-5)

    @mistake(
        "The small number is added to the root. It belongs under it, to the variance; with tiny rows the difference shows."
    )
    def eps_outside_the_root(E, P, S, gain, bias, ids, segments):
        x = added(E, P, S, ids, segments)
        return (x - x.mean(-1, keepdims=True)) / (x.std(-1, keepdims=True) + 1e-12) * gain + bias

    @mistake(
        "Nothing is added to the variance. Rows as small as 1e-6 show it, and a row of equal numbers has variance 0: 0 / 0."
    )
    def without_eps(E, P, S, gain, bias, ids, segments):
        x = added(E, P, S, ids, segments)
        return (x - x.mean(-1, keepdims=True)) / x.std(-1, keepdims=True) * gain + bias

    @mistake("The variance is divided by dim − 1, as statisticians do (and torch's `std`). LayerNorm divides by dim.")
    def unbiased(E, P, S, gain, bias, ids, segments):
        x = added(E, P, S, ids, segments)
        return (x - x.mean(-1, keepdims=True)) / x.std(-1, keepdims=True, ddof=1) * gain + bias

    @mistake("Mean and variance run over the tokens of a text. They belong to one token's row: the last axis.")
    def over_the_tokens(E, P, S, gain, bias, ids, segments):
        x = added(E, P, S, ids, segments)
        return (x - x.mean(-2, keepdims=True)) / np.sqrt(x.var(-2, keepdims=True) + 1e-12) * gain + bias

    @mistake(
        "`axis=1` is the axis of a row only when there is one text. `axis=-1`, the last, serves one text and many."
    )
    def second_axis(E, P, S, gain, bias, ids, segments):
        x = added(E, P, S, ids, segments)
        return (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-12) * gain + bias

    @mistake(
        "`len(ids)` is the number of texts when there are several. Places run along the last axis: `ids.shape[-1]`."
    )
    def len_of_ids(E, P, S, gain, bias, ids, segments):
        return normed(E[ids] + P[: len(ids)] + S[segments], gain, bias)

    @mistake("The rows of the segments are read from P. They stand in a table of their own, `S[segments]`.")
    def segments_from_p(E, P, S, gain, bias, ids, segments):
        return normed(E[ids] + P[: ids.shape[-1]] + P[segments], gain, bias)

    @mistake("P is read with the segments. Its rows are named by where the tokens stand: `P[:length]`.")
    def p_by_segment(E, P, S, gain, bias, ids, segments):
        return normed(E[ids] + P[segments] + S[segments], gain, bias)

    @mistake("One mean and one variance serve all rows. Each row has its own: `axis=-1, keepdims=True`.")
    def over_everything(E, P, S, gain, bias, ids, segments):
        x = added(E, P, S, ids, segments)
        return (x - x.mean()) / np.sqrt(x.var() + 1e-12) * gain + bias

    @mistake("P is read with the ids. Its row is named by where the token stands.")
    def p_by_id(E, P, S, gain, bias, ids, segments):
        return normed(E[ids] + P[ids % len(P)] + S[segments], gain, bias)

    return Exercise(
        name="bert_input",
        title="What BERT's first layer reads",
        lesson=7,
        core=False,
        reference=reference.bert_input,
        parts=(
            Part("one text, gain 1 and bias 0", 1, plain, dtype="kind"),
            Part("gain, bias, and several texts", 1, gain_and_bias, dtype="kind"),
            Part("rows as small as those of a fresh model", 1, small_rows, dtype="kind"),
        ),
        mistakes=(
            without_segments,
            without_positions,
            the_whole_table,
            without_the_norm,
            mean_kept,
            mean_not_taken_off,
            without_brackets,
            only_centred,
            root_forgotten,
            normed_one_by_one,
            tokens_normed_first,
            no_gain_no_bias,
            bias_alone,
            gain_alone,
            bias_inside,
            eps_of_torch,
            eps_outside_the_root,
            without_eps,
            unbiased,
            over_the_tokens,
            over_everything,
            second_axis,
            len_of_ids,
            segments_from_p,
            p_by_segment,
            p_by_id,
        ),
    )


EXERCISES = (
    _learned_input(),
    _words_that_notice(),
    _bert_input(),
    _position_ids(),
    with_numbers(
        _position_parameters,
        {"tokens": 512, "rows": 514, "first": 4, "long_rows": 131_072, "long_dim": 4_096},
        *(
            {"tokens": tokens, "rows": rows, "first": first, "long_rows": long_rows, "long_dim": long_dim}
            for tokens, rows, first in ((128, 386, 5), (256, 642, 6), (384, 258, 7), (768, 770, 8))
            for long_rows in (32_768, 65_536, 262_144)
            for long_dim in (2_048, 3_072, 5_120, 8_192)
        ),
    ),
    _sinusoidal(),
    _shift_matrix(),
)
