"""The exercises of lesson 9, built like those of lesson 8 in `exercises.py`. The references stand in `practice.py`."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from embedcourse.marking import Case, Exercise, Mistake, Part, mistake, thaw
from embedcourse.rope import hunt, practice, probes
from embedcourse.rope.reference import inverse_frequencies, rotate

Rng = np.random.Generator


def _tensor(rng: Rng, *shape: int) -> Tensor:
    return torch.from_numpy(rng.normal(size=shape).round(1).astype(np.float32) + 0.05)


def _interleaved_to_half() -> Exercise:
    def rows(n_heads, head_dim, *more):
        """Rows that show where they came from."""
        return torch.arange(float(n_heads * head_dim * math.prod(more))).view(n_heads * head_dim, *more)

    def one_head(rng: Rng) -> Iterator[Case]:
        yield Case((rows(1, 6, 3), 1))
        for head_dim, width in ((4, 4), (8, 5), (2, 3), (10, 2)):
            yield Case((_tensor(rng, head_dim, width), 1))

    def several_heads(rng: Rng) -> Iterator[Case]:
        yield Case((rows(2, 6, 4), 2))
        for n_heads, head_dim, width in ((2, 4, 8), (3, 8, 2), (4, 6, 24), (8, 8, 3), (2, 2, 5)):
            yield Case((_tensor(rng, n_heads * head_dim, width), n_heads))

    def biases(rng: Rng) -> Iterator[Case]:
        yield Case((rows(2, 6), 2))
        for n_heads, head_dim in ((1, 8), (4, 4), (3, 10)):
            yield Case((_tensor(rng, n_heads * head_dim), n_heads))

    def heads(weight, n_heads):
        return weight.unflatten(0, (n_heads, -1))

    @mistake(
        "The whole matrix is put into the new order, as if it were one head. Each head has pairs of its own: give the heads an "
        "axis, and leave them where they are."
    )
    def heads_forgotten(weight, n_heads):
        return torch.cat([weight[0::2], weight[1::2]])

    @mistake(
        "This is the way back, from half to interleaved. Wanted are, of each head, rows 0, 2, 4, … and then 1, 3, 5, …: read "
        "each head as (head_dim / 2, 2), and then exchange these two axes."
    )
    def the_way_back(weight, n_heads):
        return practice.half_to_interleaved(weight, n_heads)

    @mistake(
        "The columns are moved. A query is `weight @ x`: its numbers, which make the pairs, are the *rows* of the weight."
    )
    def columns(weight, n_heads):
        return torch.cat([weight[:, 0::2], weight[:, 1::2]], dim=1)

    @mistake(
        "The odd rows of each head come first. In the layout half the first numbers of all pairs lead: rows 0, 2, 4, …"
    )
    def odd_rows_first(weight, n_heads):
        each = heads(weight, n_heads)
        return torch.cat([each[:, 1::2], each[:, 0::2]], dim=1).flatten(0, 1)

    @mistake("It comes back as it went in. Reading and flattening alone moves nothing: exchange the two axes between.")
    def nothing_moved(weight, n_heads):
        return heads(weight, n_heads).unflatten(1, (-1, 2)).flatten(0, 2)

    @mistake(
        "This reads groups of n_heads rows. There are n_heads groups of head_dim rows: `weight.unflatten(0, (n_heads, -1))`."
    )
    def groups_of_n_heads(weight, n_heads):
        each = weight.unflatten(0, (-1, n_heads))
        return torch.cat([each[:, 0::2], each[:, 1::2]], dim=1).flatten(0, 1)

    A_BIAS = (
        "A bias has no second axis: {}. Take `weight.unflatten(0, (n_heads, -1))`, which leaves the axes behind alone."
    )

    @mistake(A_BIAS.format("`rows, columns = weight.shape` finds only one number there"))
    def two_axes_only(weight, n_heads):
        _rows, width = weight.shape
        return weight.view(n_heads, -1, 2, width).transpose(1, 2).reshape(-1, width)

    @mistake(A_BIAS.format("`weight.shape[1]` asks for one"))
    def the_second_of_the_shape(weight, n_heads):
        return weight.view(n_heads, -1, 2, weight.shape[1]).transpose(1, 2).reshape(weight.shape)

    @mistake(A_BIAS.format("`weight.size(1)` asks for one"))
    def the_second_size(weight, n_heads):
        return weight.view(n_heads, -1, 2, weight.size(1)).transpose(1, 2).reshape(weight.shape)

    @mistake(A_BIAS.format("an index like `weight[order, :]` asks for one"))
    def an_index_for_columns(weight, n_heads):
        places = torch.arange(len(weight)).view(n_heads, -1, 2)
        return weight[places.transpose(1, 2).flatten(), :]

    @mistake(A_BIAS.format("with heads in front it has two axes in all, and `[:, 0::2, :]` asks for three"))
    def an_index_for_columns_of_heads(weight, n_heads):
        each = heads(weight, n_heads)
        return torch.cat([each[:, 0::2, :], each[:, 1::2, :]], dim=1).flatten(0, 1)

    @mistake(
        "A bias comes back with a second axis. It has one, and keeps it: `weight.unflatten(0, (n_heads, -1))` leaves the axes "
        "behind alone."
    )
    def a_second_axis_added(weight, n_heads):
        return weight.reshape(n_heads, len(weight) // n_heads // 2, 2, -1).transpose(1, 2).reshape(len(weight), -1)

    @mistake("The new order is applied twice. From interleaved to half it is applied once.")
    def applied_twice(weight, n_heads):
        return practice.interleaved_to_half(practice.interleaved_to_half(weight, n_heads), n_heads)

    @mistake(
        "The heads are left standing as an axis of their own. Lay them below each other again: the shape is that of weight."
    )
    def not_flattened(weight, n_heads):
        return heads(weight, n_heads).unflatten(1, (-1, 2)).transpose(1, 2).flatten(1, 2)

    @mistake("Only the rows of the first head come back. Do it for all of them.")
    def the_first_head_alone(weight, n_heads):
        first = heads(weight, n_heads)[0]
        return torch.cat([first[0::2], first[1::2]])

    @mistake("Even rows and odd rows are taken from all heads at once, so that heads are torn apart and mixed.")
    def heads_behind(weight, n_heads):
        each = heads(weight, n_heads).unflatten(1, (-1, 2))
        return each.movedim(2, 0).transpose(1, 2).flatten(0, 2)

    @mistake("Neighbours are exchanged. What stood at 0, 2, 4, … of a head is to stand in its first half.")
    def neighbours_exchanged(weight, n_heads):
        return weight.unflatten(0, (-1, 2)).flip(1).flatten(0, 1)

    return Exercise(
        name="interleaved_to_half",
        title="Weights of one layout for code of the other",
        lesson=9,
        reference=practice.interleaved_to_half,
        parts=(
            Part("one head", 1, one_head, dtype="kind"),
            Part("several heads", 1, several_heads, dtype="kind"),
            Part("a bias", 1, biases, dtype="kind"),
        ),
        mistakes=(
            heads_forgotten,
            the_way_back,
            columns,
            odd_rows_first,
            nothing_moved,
            groups_of_n_heads,
            two_axes_only,
            the_second_of_the_shape,
            the_second_size,
            an_index_for_columns,
            an_index_for_columns_of_heads,
            a_second_axis_added,
            applied_twice,
            not_flattened,
            the_first_head_alone,
            heads_behind,
            neighbours_exchanged,
        ),
    )


def _attend_with_cache() -> Exercise:
    def case(rng: Rng, past: int, new: int, dim: int) -> Case:
        cache = None if not past else practice.attend_with_cache(*_tensor(rng, 3, past, dim), None)[1]
        return Case((*_tensor(rng, 3, new, dim), cache))

    def nothing_kept_yet(rng: Rng) -> Iterator[Case]:
        for new, dim in ((2, 2), (1, 4), (3, 4), (5, 8), (4, 6)):
            yield case(rng, 0, new, dim)

    def one_more_token(rng: Rng) -> Iterator[Case]:
        for past, dim in ((2, 2), (1, 4), (3, 4), (6, 8), (19, 4)):
            yield case(rng, past, 1, dim)

    def several_more(rng: Rng) -> Iterator[Case]:
        for past, new, dim in ((3, 2, 2), (1, 3, 4), (4, 3, 4), (6, 5, 8), (12, 4, 6)):
            yield case(rng, past, new, dim)

    def attend(q, keys, v, diagonal, scale=None, axis=-1):
        seen = torch.ones(len(q), len(keys), dtype=torch.bool).tril(diagonal)
        scores = q @ keys.T / (q.shape[-1] ** 0.5 if scale is None else scale)
        return scores.masked_fill(~seen, -torch.inf).softmax(dim=axis) @ v

    def behind(cache, k, v):
        return (k, v) if cache is None else (torch.cat([cache[0], k]), torch.cat([cache[1], v]))

    def length(cache):
        return 0 if cache is None else len(cache[0])

    def at(start: Callable, **options) -> Callable:
        """The right way, but for where the new tokens are thought to stand."""

        def answer(q, k, v, cache):
            places = start(length(cache), len(q))
            keys, values = behind(cache, rotate(k, places, **options), v)
            return attend(rotate(q, places, **options), keys, values, length(cache)), (keys, values)

        return answer

    def right_places(past, new):
        return torch.arange(past, past + new)

    def with_(name: str, sentence: str, answer: Callable) -> Mistake:
        return Mistake(name, answer, sentence)

    counted_anew = with_(
        "counted anew",
        "The new tokens are counted from 0. They stand behind those of the cache: the first of them is at position len(keys) of "
        "the cache.",
        at(lambda past, new: torch.arange(new)),
    )
    length_after_appending = with_(
        "length after appending",
        "The positions begin with the length that keys and new tokens have together. Take the length before you append: the "
        "first new token stands where the cache ends.",
        at(lambda past, new: torch.arange(past + new, past + 2 * new)),
    )
    one_too_far = with_(
        "one too far",
        "Each position is too large by one. With three tokens in the cache, at 0, 1 and 2, the next stands at 3.",
        at(lambda past, new: torch.arange(past + 1, past + new + 1)),
    )
    one_too_near = with_(
        "one too near",
        "The first new token gets the position of the last old one. With three tokens in the cache, at 0, 1 and 2, the next "
        "stands at 3.",
        at(lambda past, new: torch.arange(past, past + new) - min(past, 1)),
    )
    one_place_for_all = with_(
        "one place for all",
        "All new tokens get the same position. Each stands one further than the one before it.",
        at(lambda past, new: torch.full((new,), past)),
    )
    the_other_layout = with_(
        "the other layout",
        'This turns neighbours. The docstring asks for the layout "half", which is what `rotate` does if nothing is said.',
        at(right_places, layout="interleaved"),
    )

    @mistake("The old keys are turned a second time. They were turned when they came, by the place where they stand.")
    def old_keys_turned_again(q, k, v, cache):
        keys, values = behind(cache, k, v)
        keys = rotate(keys, torch.arange(len(keys)))
        places = right_places(length(cache), len(q))
        return attend(rotate(q, places), keys, values, length(cache)), (keys, values)

    @mistake("The values are turned as well. Only queries and keys are: a mean of turned values is not turned back.")
    def values_turned(q, k, v, cache):
        places = right_places(length(cache), len(q))
        keys, values = behind(cache, rotate(k, places), rotate(v, places))
        return attend(rotate(q, places), keys, values, length(cache)), (keys, values)

    @mistake(
        "The mask lies at the upper left: the first new token sees the first key only. It may see all keys of the cache and its "
        "own: `tril(past)`, with `past` the number of tokens in the cache."
    )
    def mask_at_the_upper_left(q, k, v, cache):
        places = right_places(length(cache), len(q))
        keys, values = behind(cache, rotate(k, places), v)
        return attend(rotate(q, places), keys, values, 0), (keys, values)

    @mistake("There is no mask: new tokens see those that come after them. With one new token alone none is needed.")
    def no_mask(q, k, v, cache):
        places = right_places(length(cache), len(q))
        keys, values = behind(cache, rotate(k, places), v)
        return attend(rotate(q, places), keys, values, len(keys)), (keys, values)

    @mistake("No token sees itself here. It sees all before it *and itself*, so the first row has one key.")
    def not_itself(q, k, v, cache):
        places = right_places(length(cache), len(q))
        keys, values = behind(cache, rotate(k, places), v)
        return attend(rotate(q, places), keys, values, length(cache) - 1), (keys, values)

    @mistake(
        "The output is right, but the new keys go into the cache as they came. The next call takes them for turned ones."
    )
    def kept_unturned(q, k, v, cache):
        output, _ = practice.attend_with_cache(q, k, v, cache)
        return output, behind(cache, k, v)

    @mistake(
        "Two slips at once: the new tokens are counted from 0, and the mask lies at the upper left. `past = len(cache[0])` mends "
        "both: positions from `past` on, and `tril(past)`."
    )
    def as_if_there_were_no_cache(q, k, v, cache):
        places = torch.arange(len(q))
        keys, values = behind(cache, rotate(k, places), v)
        return attend(rotate(q, places), keys, values, 0), (keys, values)

    def masked_late(start: Callable, weigh: Callable) -> Callable:
        """Masked by a product or after the softmax; `start(cache)` is how many tokens are thought to be kept."""

        def answer(q, k, v, cache):
            past = start(cache)
            places = right_places(past, len(q))
            keys, values = behind(cache, rotate(k, places), v)
            return weigh(rotate(q, places) @ keys.T / q.shape[-1] ** 0.5, past) @ values, (keys, values)

        return answer

    masked_after_the_softmax = with_(
        "masked after the softmax",
        "The mask comes after the softmax, so the weights that are left do not add up to 1. Put −∞ into the scores before it.",
        masked_late(length, lambda scores, past: scores.softmax(dim=-1).tril(past)),
    )
    zeros_for_minus_infinity = with_(
        "zeros for minus infinity",
        "`tril` on the scores leaves 0 where nothing may be seen, and e⁰ is 1: those keys still get weight. Put −∞ there.",
        masked_late(length, lambda scores, past: scores.tril(past).softmax(dim=-1)),
    )
    length_of_the_pair = with_(
        "length of the pair",
        "`len(cache)` is 2: the cache is a tuple of keys and values. How many tokens are in it says `len(cache[0])`.",
        masked_late(
            lambda cache: 0 if cache is None else len(cache),
            lambda scores, past: scores.masked_fill(
                ~torch.ones_like(scores, dtype=torch.bool).tril(past), -torch.inf
            ).softmax(dim=-1),
        ),
    )

    @mistake(
        "The keys stand where they should, and the queries are counted from 0. They stand behind the cache too: query and key of "
        "one token have one position."
    )
    def queries_counted_from_0(q, k, v, cache):
        keys, values = behind(cache, rotate(k, right_places(length(cache), len(q))), v)
        return attend(rotate(q, torch.arange(len(q))), keys, values, length(cache)), (keys, values)

    @mistake("The queries are not turned. Both are, each by its place, or their score knows no offset.")
    def query_not_turned(q, k, v, cache):
        keys, values = behind(cache, rotate(k, right_places(length(cache), len(q))), v)
        return attend(q, keys, values, length(cache)), (keys, values)

    @mistake("The keys are not turned. Both are, each by its place, or their score knows no offset.")
    def keys_not_turned(q, k, v, cache):
        keys, values = behind(cache, k, v)
        return attend(rotate(q, right_places(length(cache), len(q))), keys, values, length(cache)), (keys, values)

    @mistake("Nothing is turned. Queries and new keys are turned by their positions before they meet.")
    def nothing_turned(q, k, v, cache):
        keys, values = behind(cache, k, v)
        return attend(q, keys, values, length(cache)), (keys, values)

    def scaled_by(scale: Callable) -> Callable:
        def answer(q, k, v, cache):
            places = right_places(length(cache), len(q))
            keys, values = behind(cache, rotate(k, places), v)
            return attend(rotate(q, places), keys, values, length(cache), scale(q.shape[-1])), (keys, values)

        return answer

    not_scaled = with_(
        "not scaled",
        "The scores are not divided by the root of head_dim, `q.shape[-1] ** 0.5`.",
        scaled_by(lambda dim: 1.0),
    )
    scaled_by_the_dimension = with_(
        "scaled by the dimension",
        "The scores are divided by head_dim. It is its root, `q.shape[-1] ** 0.5`.",
        scaled_by(float),
    )

    @mistake("The softmax runs over the queries. Each query shares its weight out among the keys: `dim=-1`.")
    def softmax_over_queries(q, k, v, cache):
        places = right_places(length(cache), len(q))
        keys, values = behind(cache, rotate(k, places), v)
        return attend(rotate(q, places), keys, values, length(cache), axis=0), (keys, values)

    @mistake(
        "The cache that comes back has the new tokens alone. Append them to the old ones: `torch.cat([old, new])`."
    )
    def old_ones_dropped(q, k, v, cache):
        output, (keys, values) = practice.attend_with_cache(q, k, v, cache)
        return output, (keys[length(cache) :], values[length(cache) :])

    @mistake("The cache comes back as it went in. Return it with the new keys and values behind the old ones.")
    def new_ones_not_kept(q, k, v, cache):
        return practice.attend_with_cache(q, k, v, cache)[0], cache

    @mistake("The new keys and values are put before the old ones. They come behind: `torch.cat([old, new])`.")
    def new_ones_first(q, k, v, cache):
        output, (keys, values) = practice.attend_with_cache(q, k, v, cache)
        return output, tuple(torch.cat([part[length(cache) :], part[: length(cache)]]) for part in (keys, values))

    @mistake("The new tokens look at each other alone. They look at those of the cache as well.")
    def the_cache_not_looked_at(q, k, v, cache):
        places = right_places(length(cache), len(q))
        q, k = rotate(q, places), rotate(k, places)
        return attend(q, k, v, 0), behind(cache, k, v)

    @mistake("The output alone comes back. Return it and the cache: `output, (keys, values)`.")
    def output_alone(q, k, v, cache):
        return practice.attend_with_cache(q, k, v, cache)[0]

    @mistake(
        "These are three things. Return two, the output and the cache, which is a tuple itself: `output, (keys, values)`."
    )
    def three_things(q, k, v, cache):
        output, (keys, values) = practice.attend_with_cache(q, k, v, cache)
        return output, keys, values

    @mistake(
        "The first piece of a text has no cache: `cache` is None there, which cannot be unpacked. Ask `cache is None` first."
    )
    def none_not_expected(q, k, v, cache):
        _keys, _values = cache
        return practice.attend_with_cache(q, k, v, cache)

    @mistake(
        "The first piece of a text has no cache: `cache` is None there, and None has no `[0]`. Ask `cache is None` first, both "
        "for the number of tokens before and for what is joined."
    )
    def none_indexed(q, k, v, cache):
        _past = len(cache[0])
        return practice.attend_with_cache(q, k, v, cache)

    @mistake(
        "`len(cache)` fails where `cache` is None: the first piece of a text has no cache. Ask `cache is None` first."
    )
    def none_measured(q, k, v, cache):
        _past = len(cache)
        return practice.attend_with_cache(q, k, v, cache)

    return Exercise(
        name="attend_with_cache",
        title="Keys and values that are kept",
        lesson=9,
        reference=practice.attend_with_cache,
        parts=(
            Part("the first piece of a text", 1, nothing_kept_yet, dtype="kind"),
            Part("one more token", 2, one_more_token, dtype="kind"),
            Part("several more at once", 1, several_more, dtype="kind"),
        ),
        mistakes=(
            counted_anew,
            length_after_appending,
            one_too_far,
            one_too_near,
            one_place_for_all,
            the_other_layout,
            old_keys_turned_again,
            values_turned,
            mask_at_the_upper_left,
            no_mask,
            not_itself,
            as_if_there_were_no_cache,
            masked_after_the_softmax,
            zeros_for_minus_infinity,
            length_of_the_pair,
            kept_unturned,
            queries_counted_from_0,
            query_not_turned,
            keys_not_turned,
            nothing_turned,
            not_scaled,
            scaled_by_the_dimension,
            softmax_over_queries,
            old_ones_dropped,
            new_ones_not_kept,
            new_ones_first,
            the_cache_not_looked_at,
            output_alone,
            three_things,
            none_not_expected,
            none_indexed,
            none_measured,
        ),
    )


def _rotate_part() -> Exercise:
    def a_part(rng: Rng) -> Iterator[Case]:
        yield Case((torch.arange(1.0, 9.0)[None], torch.tensor([3]), 4))
        for length, head_dim, rotary_dim in ((1, 4, 2), (3, 8, 4), (5, 16, 4), (4, 10, 6), (6, 64, 16)):
            yield Case((_tensor(rng, length, head_dim), torch.arange(2, 2 + length), rotary_dim))

    def heads_in_front(rng: Rng) -> Iterator[Case]:
        for shape, rotary_dim in (((2, 3, 8), 4), ((2, 2, 1, 16), 8), ((1, 5, 6), 4)):
            yield Case((_tensor(rng, *shape), torch.from_numpy(rng.permutation(40)[: shape[-2]]), rotary_dim))

    def the_whole_head(rng: Rng) -> Iterator[Case]:
        for length, head_dim in ((2, 4), (3, 6), (4, 32)):
            yield Case((_tensor(rng, length, head_dim), torch.arange(1, 1 + length), head_dim))

    def turned(x, positions, **options):
        return rotate(x, positions, **options)

    def speeds(count, over):
        return 10_000.0 ** -(torch.arange(0, 2 * count, 2) / over)

    @mistake(
        "The speeds are those of the whole head: the exponent is 2i / head_dim here. The part is turned as if it were the whole "
        "head, 2i / rotary_dim."
    )
    def exponent_over_the_head(x, positions, rotary_dim):
        slow = speeds(rotary_dim // 2, x.shape[-1])
        return torch.cat([turned(x[..., :rotary_dim], positions, inv_freq=slow), x[..., rotary_dim:]], dim=-1)

    @mistake("The last numbers are turned. It is the first `rotary_dim` of each head.")
    def the_last_numbers(x, positions, rotary_dim):
        rest = x.shape[-1] - rotary_dim
        return torch.cat([x[..., :rest], turned(x[..., rest:], positions)], dim=-1)

    @mistake("What is not turned is set to 0. It stays as it is.")
    def the_rest_set_to_zero(x, positions, rotary_dim):
        return torch.cat([turned(x[..., :rotary_dim], positions), torch.zeros_like(x[..., rotary_dim:])], dim=-1)

    @mistake("What is not turned is dropped. Append it again: the shape is that of x.")
    def the_rest_dropped(x, positions, rotary_dim):
        return turned(x[..., :rotary_dim], positions)

    @mistake(
        "The pairs are i with i + head_dim/2, half a *head* apart. Both numbers of a pair lie in the part: i with "
        "i + rotary_dim/2."
    )
    def pairs_half_a_head_apart(x, positions, rotary_dim):
        still = torch.zeros((x.shape[-1] - rotary_dim) // 2)
        return turned(x, positions, inv_freq=torch.cat([speeds(rotary_dim // 2, rotary_dim), still]))

    @mistake(
        "Pairs and exponents are those of the whole head, and only the first ones turn. The part is a small head of its own: "
        "pairs i and i + rotary_dim/2, exponent 2i / rotary_dim."
    )
    def the_first_pairs_of_the_head(x, positions, rotary_dim):
        still = torch.zeros((x.shape[-1] - rotary_dim) // 2)
        return turned(x, positions, inv_freq=torch.cat([speeds(rotary_dim // 2, x.shape[-1]), still]))

    @mistake(
        "The whole head is turned first and cut afterwards, so pairs are half a head apart and the speeds are those of the whole "
        "head. Cut first: the part is a head of its own."
    )
    def turned_then_cut(x, positions, rotary_dim):
        return torch.cat([turned(x, positions)[..., :rotary_dim], x[..., rotary_dim:]], dim=-1)

    @mistake("The whole head is turned. Turn the first `rotary_dim` numbers, and leave the others.")
    def all_turned(x, positions, rotary_dim):
        return turned(x, positions)

    @mistake('Neighbours make the pairs here. The docstring asks for the layout "half".')
    def the_other_layout(x, positions, rotary_dim):
        return turned(x, positions, rotary_dim=rotary_dim, layout="interleaved")

    @mistake("rotary_dim counts numbers, and two of them make a pair. This turns rotary_dim pairs.")
    def counted_in_pairs(x, positions, rotary_dim):
        return turned(x, positions, rotary_dim=2 * rotary_dim)

    @mistake(
        "Only half of the part is turned. rotary_dim counts numbers, and rotary_dim / 2 is how many pairs they make."
    )
    def half_of_the_part(x, positions, rotary_dim):
        return turned(x, positions, rotary_dim=max(2, rotary_dim // 4 * 2))

    @mistake("The part that is turned comes last. It comes first, where it stood.")
    def the_rest_first(x, positions, rotary_dim):
        return torch.cat([x[..., rotary_dim:], turned(x[..., :rotary_dim], positions)], dim=-1)

    @mistake("The exponent is i / rotary_dim; it is 2i / rotary_dim.")
    def two_forgotten(x, positions, rotary_dim):
        fast = 10_000.0 ** -(torch.arange(rotary_dim // 2) / rotary_dim)
        return turned(x, positions, rotary_dim=rotary_dim, inv_freq=fast)

    @mistake("This cuts between tokens. The numbers of a head lie along the last axis: `x[..., :rotary_dim]`.")
    def cut_between_tokens(x, positions, rotary_dim):
        return torch.cat([turned(x[:rotary_dim], positions[:rotary_dim]), x[rotary_dim:]])

    return Exercise(
        name="rotate_part",
        title="A part of each head",
        lesson=9,
        reference=practice.rotate_part,
        parts=(
            Part("a part of the head", 1, a_part, dtype="kind"),
            Part("heads and texts in front", 1, heads_in_front, dtype="kind"),
            Part("the whole head", 1, the_whole_head, dtype="kind"),
        ),
        mistakes=(
            exponent_over_the_head,
            the_last_numbers,
            the_rest_set_to_zero,
            the_rest_dropped,
            pairs_half_a_head_apart,
            the_first_pairs_of_the_head,
            turned_then_cut,
            all_turned,
            the_other_layout,
            counted_in_pairs,
            half_of_the_part,
            the_rest_first,
            two_forgotten,
            cut_between_tokens,
        ),
    )


def _first_position_lost() -> Exercise:
    def on(*dtypes: str) -> Callable[[Rng], Iterator[Case]]:
        return lambda rng: (Case((dtype,)) for dtype in dtypes)

    def two_over_eps(dtype):
        return int(2 / torch.finfo(dtype).eps)

    @mistake("That is the last one before the gaps: it is still held, and the next one is lost.")
    def the_last_one_held(dtype):
        return two_over_eps(dtype)

    @mistake("That number can be held: it is even. The first that is lost is the odd one before it.")
    def the_next_even_one(dtype):
        return two_over_eps(dtype) + 2

    @mistake(
        "At 1/eps the gap between neighbours is 1, and all whole numbers are held up to where it becomes 2, at 2/eps."
    )
    def gaps_of_one(dtype):
        return int(1 / torch.finfo(dtype).eps) + 1

    @mistake("That is 1/eps. There the gap between neighbours is 1; it becomes 2 at 2/eps, and the odd ones are lost.")
    def one_over_eps(dtype):
        return int(1 / torch.finfo(dtype).eps)

    @mistake("The gap is 4 from 4/eps on. Numbers are lost as soon as it is 2, from 2/eps on.")
    def gaps_of_four(dtype):
        return int(4 / torch.finfo(dtype).eps) + 1

    THE_LARGEST = (
        "That is the largest number of the dtype. Long before it, the gaps between neighbours are larger than 1."
    )

    @mistake(THE_LARGEST)
    def the_largest(dtype):
        return int(torch.finfo(dtype).max)

    @mistake(THE_LARGEST + " (And a position is an int.)")
    def the_largest_as_it_comes(dtype):
        return torch.finfo(dtype).max

    @mistake(THE_LARGEST + " One more is no whole number that gets lost *first*.")
    def one_above_the_largest(dtype):
        return int(torch.finfo(dtype).max) + 1

    @mistake(
        "That counts bits: two to the power of all of them. Sign and exponent take some; the others say how fine it is."
    )
    def all_bits(dtype):
        return 2 ** torch.finfo(dtype).bits + 1

    @mistake(
        "That is right by luck where half of the bits hold digits. How many bits an exponent takes differs from dtype to dtype, "
        "also at the same size: `torch.finfo(dtype).eps` tells how fine the numbers are."
    )
    def half_of_the_bits(dtype):
        return 2 ** (torch.finfo(dtype).bits // 2) + 1

    @mistake("This is the answer for bfloat16, whatever the dtype. Work it out from the dtype that comes in.")
    def the_answer_for_one(dtype):
        return 257

    @mistake("Right, but it is a float. Positions are whole numbers: return an int.")
    def a_float(dtype):
        return float(two_over_eps(dtype) + 1)

    @mistake(
        "Counting up comes to an end too early: this dtype holds more whole numbers than that. Go on until one is lost, or let "
        "`torch.finfo(dtype).eps` tell where."
    )
    def counted_a_little(dtype):
        for n in range(2_000):
            if int(torch.tensor(n).to(dtype)) != n:
                return n
        return None

    FEW_BITS = (
        "No number is ever found to be lost: in a comparison with a tensor of few bits, n is rounded to them as well. Make the "
        "tensor an int before you compare: `int(torch.tensor(n).to(dtype)) != n`."
    )

    @mistake(FEW_BITS)
    def compared_in_few_bits(dtype):
        for n in range(2_100):
            held = torch.tensor(n).to(dtype)
            if held != torch.tensor(n, dtype=dtype):
                return n
        return None

    @mistake(FEW_BITS + " (Marking ends a loop that goes on for ever; outside of it press the square, *Interrupt*.)")
    def counted_for_ever(dtype):
        n = 0
        while torch.tensor(n, dtype=dtype) == n:
            n += 1
        return n

    @mistake(
        "A tensor of few bits stands in the comparison beside one of int64. bfloat16 and float16 pull the int down to their own "
        "bits, so that no number is ever lost; for eight bits torch refuses. Compare ints: `int(torch.tensor(n).to(dtype)) != n`."
    )
    def compared_with_a_tensor_of_ints(dtype):
        n = 0
        while torch.tensor(n).to(dtype) == torch.tensor(n):
            n += 1
        return n

    return Exercise(
        name="first_position_lost",
        title="Where whole numbers end",
        lesson=9,
        reference=practice.first_position_lost,
        parts=(
            Part("bfloat16", 1, on("bfloat16")),
            Part("float16", 1, on("float16")),
            Part("eight bits", 1, on("float8_e4m3fn", "float8_e5m2")),
        ),
        mistakes=(
            the_last_one_held,
            the_next_even_one,
            gaps_of_one,
            one_over_eps,
            gaps_of_four,
            the_largest,
            the_largest_as_it_comes,
            one_above_the_largest,
            all_bits,
            half_of_the_bits,
            the_answer_for_one,
            a_float,
            counted_a_little,
            compared_in_few_bits,
            counted_for_ever,
            compared_with_a_tensor_of_ints,
        ),
        probe=probes.on_dtype,
    )


def _slowed_frequencies() -> Exercise:
    def by(method: str) -> Callable[[Rng], Iterator[Case]]:
        def cases(rng: Rng) -> Iterator[Case]:
            yield Case((8, 10_000.0, 4.0, method))
            for head_dim, base, factor in ((4, 100.0, 2.0), (6, 10_000.0, 1.5), (64, 500_000.0, 8.0), (128, 10.0, 3.0)):
                yield Case((head_dim, base, factor, method))
            yield Case((4, 10_000.0, 1.0, method))

        return cases

    def exponents(head_dim):
        return torch.arange(0, head_dim, 2) / head_dim

    def right(head_dim, base, factor, method):
        return practice.scaled_inverse_frequencies(head_dim, base, method, factor)

    def one_wrong(name: str, method: str, sentence: str, wrong: Callable) -> Mistake:
        """Right for one method, and `wrong(head_dim, base, factor)` for the other."""

        def answer(head_dim, base, factor, method_):
            return wrong(head_dim, base, factor) if method_ == method else right(head_dim, base, factor, method_)

        return Mistake(name, answer, sentence)

    def raised(power: Callable) -> Callable:
        return lambda head_dim, base, factor: inverse_frequencies(head_dim, base * factor ** power(head_dim))

    def linear_base(head_dim, base, factor):
        return inverse_frequencies(head_dim, base * factor)

    return Exercise(
        name="slowed_frequencies",
        title="Slower clocks for longer texts",
        lesson=9,
        reference=practice.slowed_frequencies,
        parts=(Part("linear", 1, by("linear"), dtype="kind"), Part("ntk", 1, by("ntk"), dtype="kind")),
        mistakes=(
            one_wrong(
                "linear made faster",
                "linear",
                "The speeds are multiplied by the factor. For a longer text the pairs are slowed: divide.",
                lambda head_dim, base, factor: inverse_frequencies(head_dim, base) * factor,
            ),
            one_wrong(
                "the base for linear",
                "linear",
                '"linear" divides all speeds by the factor. A larger base leaves the first pair as it is.',
                linear_base,
            ),
            one_wrong(
                "linear divides the exponents",
                "linear",
                "The exponents are divided by the factor. The speeds are: first the power, then the division.",
                lambda head_dim, base, factor: base ** -(exponents(head_dim) / factor),
            ),
            one_wrong(
                "the base divided",
                "linear",
                "The base is divided by the factor, which makes all pairs but the first faster. Divide the speeds.",
                lambda head_dim, base, factor: inverse_frequencies(head_dim, base / factor),
            ),
            one_wrong(
                "no exponent at the factor",
                "ntk",
                "The base grows by the factor alone, so the last pair is slowed a little too little: its exponent is not 1 but "
                "(head_dim − 2) / head_dim. Raise the factor to a power that makes up for it.",
                linear_base,
            ),
            one_wrong(
                "the power upside down",
                "ntk",
                "The power is (head_dim − 2) / head_dim here. It is head_dim / (head_dim − 2), a little more than 1.",
                raised(lambda d: (d - 2) / d),
            ),
            one_wrong(
                "the number of pairs in the power",
                "ntk",
                "The power is made of the number of pairs. Take head_dim, the number of *numbers*: head_dim / (head_dim − 2).",
                raised(lambda d: (d / 2) / (d / 2 - 2) if d > 4 else math.inf),
            ),
            one_wrong(
                "one in place of two",
                "ntk",
                "The power is head_dim / (head_dim − 1). The last exponent is (head_dim − 2) / head_dim, so it is "
                "head_dim / (head_dim − 2).",
                raised(lambda d: d / (d - 1)),
            ),
            one_wrong(
                "brackets missing in the power",
                "ntk",
                "`factor ** head_dim / (head_dim - 2)` is (factor ** head_dim) / (head_dim − 2): Python raises to a power first. "
                "Put the whole power in brackets.",
                lambda head_dim, base, factor: inverse_frequencies(head_dim, base * factor**head_dim / (head_dim - 2)),
            ),
            one_wrong(
                "ntk with a smaller base",
                "ntk",
                "The base becomes smaller, which makes pairs faster. For a longer text it grows: multiply.",
                lambda head_dim, base, factor: inverse_frequencies(
                    head_dim, base / factor ** (head_dim / (head_dim - 2))
                ),
            ),
            one_wrong(
                "ntk and linear at once",
                "ntk",
                'With the larger base the last pair is slow enough. "ntk" does not divide the speeds as well.',
                lambda head_dim, base, factor: right(head_dim, base, factor, "ntk") / factor,
            ),
            one_wrong(
                "always linear",
                "ntk",
                'Both methods give the same here, the speeds divided by the factor. For "ntk" the base grows instead.',
                lambda head_dim, base, factor: right(head_dim, base, factor, "linear"),
            ),
            one_wrong(
                "always ntk",
                "linear",
                'Both methods give the same here, speeds of a larger base. "linear" divides the old speeds by the factor.',
                lambda head_dim, base, factor: right(head_dim, base, factor, "ntk"),
            ),
            Mistake(
                "methods exchanged",
                lambda head_dim, base, factor, method: right(
                    head_dim, base, factor, "ntk" if method == "linear" else "linear"
                ),
                'The two methods are exchanged. "linear" divides all speeds; "ntk" takes a larger base.',
            ),
            Mistake(
                "as trained",
                lambda head_dim, base, factor, method: inverse_frequencies(head_dim, base),
                "These are the speeds as trained. Slow them for a text that is `factor` times as long.",
            ),
            Mistake(
                "wavelengths",
                lambda head_dim, base, factor, method: 2 * math.pi / right(head_dim, base, factor, method),
                "These are wavelengths. Return speeds, in radians a position.",
            ),
        ),
    )


def _llama3_frequencies() -> Exercise:
    LLAMA = (8.0, 8_192, 1.0, 4.0)

    def as_in_llama(rng: Rng) -> Iterator[Case]:
        yield Case((16, 10_000.0, 2.0, 64, 1.0, 4.0))
        for head_dim, base in ((64, 500_000.0), (128, 500_000.0), (32, 10_000.0)):
            yield Case((head_dim, base, *LLAMA))

    def other_bounds(rng: Rng) -> Iterator[Case]:
        for low, high, length in ((2.0, 32.0, 500), (0.5, 8.0, 100), (1.0, 2.0, 2_048), (3.0, 5.0, 1_000)):
            yield Case((32, 1_000.0, 4.0, length, low, high))
        yield Case((64, 2.0, 4.0, 60, 6.5, 8.0))  # close wavelengths, and bounds that are no whole numbers of positions

    def blend(head_dim, base, factor, kept):
        speeds = inverse_frequencies(head_dim, base)
        return speeds / factor * (1 - kept) + speeds * kept

    def turns(head_dim, base, length):
        return length * inverse_frequencies(head_dim, base) / (2 * math.pi)

    def ramp(value, low, high):
        return ((value - low) / (high - low)).clamp(0, 1)

    @mistake(
        "The ramp runs the wrong way: fast pairs are slowed and slow ones are kept. Pairs that turn more than `high` times keep "
        "their speed."
    )
    def the_wrong_way_round(head_dim, base, factor, original_length, low, high):
        return blend(head_dim, base, factor, 1 - ramp(turns(head_dim, base, original_length), low, high))

    @mistake(
        "The ramp runs along the wavelength. It runs along the number of turns, which is original_length / wavelength."
    )
    def along_the_wavelength(head_dim, base, factor, original_length, low, high):
        wavelengths = 2 * math.pi / inverse_frequencies(head_dim, base)
        return blend(head_dim, base, factor, 1 - ramp(wavelengths, original_length / high, original_length / low))

    @mistake("The number of turns lacks 2π. A pair turns original_length · speed radians, and 2π of them are one turn.")
    def radians_for_turns(head_dim, base, factor, original_length, low, high):
        return blend(head_dim, base, factor, ramp(turns(head_dim, base, original_length) * 2 * math.pi, low, high))

    @mistake("There is a step where a ramp should be: all pairs above `low` turns keep their speed here.")
    def a_step_at_low(head_dim, base, factor, original_length, low, high):
        return blend(head_dim, base, factor, (turns(head_dim, base, original_length) > low).float())

    @mistake("There is a step where a ramp should be: all pairs below `high` turns are slowed fully here.")
    def a_step_at_high(head_dim, base, factor, original_length, low, high):
        return blend(head_dim, base, factor, (turns(head_dim, base, original_length) > high).float())

    @mistake("There is a step where a ramp should be: between `low` and `high` the speed goes over bit by bit.")
    def a_step_between(head_dim, base, factor, original_length, low, high):
        kept = turns(head_dim, base, original_length) > (low + high) / 2
        return blend(head_dim, base, factor, kept.float())

    @mistake("The ramp goes on beyond its ends. Below `low` the share is 0 and above `high` it is 1: `.clamp(0, 1)`.")
    def not_clamped(head_dim, base, factor, original_length, low, high):
        return blend(head_dim, base, factor, (turns(head_dim, base, original_length) - low) / (high - low))

    @mistake("All pairs are slowed by the factor. Those that turn more than `high` times keep their speed.")
    def all_slowed(head_dim, base, factor, original_length, low, high):
        return inverse_frequencies(head_dim, base) / factor

    @mistake("Slow pairs are made faster: multiplied by the factor. They are slowed: divide.")
    def made_faster(head_dim, base, factor, original_length, low, high):
        return blend(head_dim, base, 1 / factor, ramp(turns(head_dim, base, original_length), low, high))

    @mistake("The wavelengths are blended. Blend the speeds: kept · speed + (1 − kept) · speed / factor.")
    def wavelengths_blended(head_dim, base, factor, original_length, low, high):
        kept = ramp(turns(head_dim, base, original_length), low, high)
        return inverse_frequencies(head_dim, base) / (kept + (1 - kept) * factor)

    @mistake("The turns are counted in the longer text. They are those of training, in `original_length`.")
    def turns_in_the_longer_text(head_dim, base, factor, original_length, low, high):
        return blend(head_dim, base, factor, ramp(turns(head_dim, base, original_length * factor), low, high))

    @mistake("The share is divided by `high` alone. It grows from 0 at `low` to 1 at `high`: divide by high − low.")
    def divided_by_high(head_dim, base, factor, original_length, low, high):
        return blend(head_dim, base, factor, ((turns(head_dim, base, original_length) - low) / high).clamp(0, 1))

    @mistake("`low` and `high` are always 1 and 4 here. Use those that come in.")
    def bounds_ignored(head_dim, base, factor, original_length, low, high):
        return blend(head_dim, base, factor, ramp(turns(head_dim, base, original_length), 1.0, 4.0))

    @mistake("This is the share that is kept. Blend the two speeds with it.")
    def the_share(head_dim, base, factor, original_length, low, high):
        return ramp(turns(head_dim, base, original_length), low, high)

    return Exercise(
        name="llama3_frequencies",
        title="Fast clocks kept, slow ones slowed",
        lesson=9,
        core=False,
        reference=practice.llama3_frequencies,
        parts=(
            Part("the bounds of Llama 3.1", 1, as_in_llama, dtype="kind"),
            Part("other bounds", 1, other_bounds, dtype="kind"),
        ),
        mistakes=(
            the_wrong_way_round,
            along_the_wavelength,
            radians_for_turns,
            a_step_at_low,
            a_step_at_high,
            a_step_between,
            not_clamped,
            all_slowed,
            made_faster,
            wavelengths_blended,
            turns_in_the_longer_text,
            divided_by_high,
            bounds_ignored,
            the_share,
        ),
    )


def _bug_hunt() -> Exercise:
    names = tuple(hunt.HUNTED)

    def asked(law: Callable, *versions: str) -> Callable[[Rng], Iterator[Case]]:
        def holds(version: str) -> Callable:
            return lambda args, value: law(version, thaw(value))

        return lambda rng: (Case((), law=holds(version), entry=version) for version in versions)

    one = torch.tensor([1])

    def calls(dim=4, place=one, base=10_000.0, rows=1, number=1.0):
        return [(torch.full((rows, dim), number), place.repeat(rows), base)]

    def answers(**others):
        found = {"a": calls(), "b": calls(2), "c": calls(), "d": calls() + calls(base=100.0)}
        return found | others

    def bug_hunt():
        return answers()

    def alike(name: str, sentence: str, **others) -> Mistake:
        return Mistake(name, lambda: answers(**others), sentence)

    def everywhere(name: str, sentence: str, of_each: Callable) -> Mistake:
        return alike(name, sentence, **{version: of_each(version) for version in names})

    return Exercise(
        name="bug_hunt",
        title="The smallest input that shows it",
        lesson=9,
        reference=bug_hunt,
        parts=(
            *(Part(f"version {version} is exposed", 1, asked(hunt.exposed, version)) for version in names),
            Part("by the smallest inputs", 2, asked(hunt.smallest, *names)),
        ),
        mistakes=(
            everywhere(
                "position 0",
                "At position 0 all angles are 0, and nothing turns in any version. Take a position above it.",
                lambda version: calls(place=torch.tensor([0])),
            ),
            everywhere(
                "all zeros",
                "A vector of zeros stays what it is, however it is turned. Take numbers that are not 0.",
                lambda version: calls(number=0.0),
            ),
            alike(
                "a head of two for a",
                "A head of two numbers is one pair, and with one pair both layouts are the same. Read the second line of a.",
                a=calls(2),
            ),
            alike(
                "a head of two for c",
                "A head of two numbers is one pair, pair 0, and i/d and 2i/d are both 0. Take one with a pair 1.",
                c=calls(2),
            ),
            everywhere(
                "base 1",
                "With base 1 all pairs turn alike, by 1 radian, so no pair can have another's speed. Take a larger base.",
                lambda version: calls(base=1.0) + calls(base=1.0),
            ),
            alike(
                "pair 1 left empty",
                "Only pair 0 has numbers, and there the exponent does not matter. Put a number into pair 1, "
                "the second of each half.",
                c=[(torch.tensor([[1.0, 0.0, 1.0, 0.0]]), one, 10_000.0)],
            ),
            alike(
                "one call for what is kept",
                "One call cannot show it: what version d keeps is right for the call that it was worked out for. What must "
                "change from one call to the next?",
                d=calls(),
            ),
            alike(
                "the same base twice",
                "Both calls have the same base, and what is kept from the first fits the second. Take another base.",
                d=calls() + calls(),
            ),
            alike(
                "a head of two for d",
                "The base has no say in a head of two: pair 0 turns by base⁰ = 1. Take a head with a pair 1, in both calls.",
                d=calls(2) + calls(2, base=100.0),
            ),
            alike(
                "two heads for d",
                "What is kept must be used again, and be wrong: two calls with heads of one size (what is kept is kept for "
                "each), a position above 0, a pair 1 that is not empty, and bases that differ by much.",
                d=calls() + calls(2, base=100.0),
            ),
            everywhere(
                "larger than needed",
                "All four are exposed. A smaller input does it as well: fewer rows, a smaller head, or fewer calls. How many "
                "numbers must a head have before this bug can show?",
                lambda version: calls(8) + calls(8, base=100.0),
            ),
            alike(
                "a head of four for b",
                "Version b turns the wrong way round, which shows in a single pair. A smaller head does.",
                b=calls(4),
            ),
            Mistake(
                "versions missing",
                dict,
                'The dict needs an entry for each of the four versions: "a", "b", "c" and "d".',
            ),
            Mistake("no dict", calls, "Return a dict: the name of a version, and the list of calls that exposes it."),
            everywhere(
                "no list around it",
                "Each entry is a list of calls, even if there is only one: [(x, positions, base)].",
                lambda version: calls()[0],
            ),
            everywhere(
                "the base left out",
                "A call has three things, no fewer and no more: (x, positions, base).",
                lambda version: [call[:2] for call in calls()],
            ),
            everywhere(
                "a row without an axis",
                "x is a tensor with two axes, (length, head_dim), also for one vector: `torch.ones(1, 4)`, or `x[None]`.",
                lambda version: [(torch.ones(4), one, 10_000.0)],
            ),
            everywhere(
                "x of whole numbers",
                "x holds whole numbers here, and what is turned does not stay whole. Write floats: `torch.ones(1, 4)`.",
                lambda version: [(torch.tensor([[1, 2, 3, 4]]), one, 10_000.0)],
            ),
            everywhere(
                "an odd head",
                "Two numbers make a pair, so x needs an even number of columns, and at least one row.",
                lambda version: [(torch.ones(1, 3), one, 10_000.0)],
            ),
            everywhere(
                "a number for positions",
                "Positions come as a tensor with a number for each row of x: `torch.tensor([1])` for one row.",
                lambda version: [(torch.ones(1, 4), 1, 10_000.0)],
            ),
            everywhere(
                "positions between tokens",
                "Positions count tokens: whole numbers from 0 on, such as `torch.tensor([1])`.",
                lambda version: [(torch.ones(1, 4), torch.tensor([0.5]), 10_000.0)],
            ),
            everywhere(
                "a base that is no number",
                "The base is a plain number above 0, such as 100.0: no text, no tensor. And it comes third: x, positions, base.",
                lambda version: [(torch.ones(1, 4), one, "10000")],
            ),
            everywhere(
                "NaN",
                "A NaN is wrong in the right version as well, and says nothing about the broken one. Take ordinary numbers.",
                lambda version: calls(number=math.nan),
            ),
        ),
    )


PRACTICE_EXERCISES = (
    _interleaved_to_half(),
    _attend_with_cache(),
    _rotate_part(),
    _first_position_lost(),
    _slowed_frequencies(),
    _llama3_frequencies(),
    _bug_hunt(),
)
