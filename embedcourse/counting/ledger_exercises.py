"""The exercises of lesson 6 as data: cases, and the mistakes that people make, each with the sentence that helps."""

from collections.abc import Iterator

import numpy as np

from embedcourse import positions
from embedcourse.counting import ledger
from embedcourse.counting.models import models
from embedcourse.marking import LEFT_OUT, Case, Exercise, Part, entry_part, mistake, with_numbers

Rng = np.random.Generator


def _attention() -> Exercise:
    def made(rng: Rng, n: int, dim: int, out: int, *batch: int) -> tuple:
        return tuple(rng.normal(size=(*batch, n, width)).round(1) for width in (dim, dim, out))

    def one_text(rng: Rng) -> Iterator[Case]:
        yield Case((np.array([[2.0]]), np.array([[1.0]]), np.array([[3.0, 4.0]]), False))
        yield Case(
            (np.array([[3.0, 0.0]]), np.array([[3.0, 0.0], [0.0, 3.0]]), np.array([[1.0, 2.0], [5.0, 6.0]]), False)
        )
        for n, dim, out in ((2, 4, 4), (3, 2, 2), (4, 9, 3), (5, 3, 6), (3, 3, 3)):
            yield Case((*made(rng, n, dim, out), False))
        q, k, v = made(rng, 5, 4, 3)
        yield Case((q[:2], k, v, False))
        yield Case((q, k, v, LEFT_OUT))

    def causal(rng: Rng) -> Iterator[Case]:
        for n, dim, out in ((2, 4, 4), (3, 2, 5), (5, 9, 3), (4, 4, 4), (1, 3, 2)):
            yield Case((*made(rng, n, dim, out), True))

    def many_heads(rng: Rng) -> Iterator[Case]:
        for batch, n, dim, out, hidden in (((2,), 3, 4, 4, False), ((2, 3), 4, 2, 2, True), ((3, 3), 3, 3, 3, True)):
            yield Case((*made(rng, n, dim, out, *batch), hidden))

    def large_scores(rng: Rng) -> Iterator[Case]:
        q, k = np.array([[0.0, 60.0], [60.0, 0.0]]), np.array([[60.0, 0.0], [60.0, 1.0]])
        for hidden in (False, True):
            yield Case((q, k, np.array([[1.0, 2.0], [3.0, 4.0]]), hidden))
        # Every score that may be seen is far below a mask of -10,000, and the hidden ones far above the others.
        q, k = np.array([[360.0, 0.0], [0.0, 360.0]]), np.array([[-60.0, 0.0], [60.0, 1.0]])
        yield Case((q, k, np.array([[1.0, 2.0], [3.0, 4.0]]), True))
        for n, hidden in ((2, False), (4, True), (3, False)):
            q, k, v = made(rng, n, 4, 3)
            yield Case((400 * q, k, v, hidden))

    def scores_of(q, k):
        return q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])

    def softmax(scores, axis=-1):
        weights = np.exp(scores - scores.max(axis=axis, keepdims=True))
        return weights / weights.sum(axis=axis, keepdims=True)

    def seen(scores, shift=0):
        return np.where(np.tri(*scores.shape[-2:], shift, dtype=bool), scores, -np.inf)

    @mistake("The scores are not divided by the root of head_dim. Without it the softmax gets too sure of itself.")
    def not_scaled(q, k, v, causal=False):
        return positions.attention(q * np.sqrt(q.shape[-1]), k, v, causal)

    @mistake("You divide by head_dim. It is its root: that is how large sums of so many products get.")
    def divided_by_dim(q, k, v, causal=False):
        return positions.attention(q / np.sqrt(q.shape[-1]), k, v, causal)

    @mistake("You divide by the root of the length of the text. It is the length of a query: `q.shape[-1]`.")
    def root_of_the_length(q, k, v, causal=False):
        return positions.attention(q * np.sqrt(q.shape[-1] / k.shape[-2]), k, v, causal)

    @mistake(
        "The softmax runs over the queries. Each query shares out one whole among the keys: the last axis, `axis=-1`."
    )
    def softmax_over_queries(q, k, v, causal=False):
        scores = scores_of(q, k)
        with np.errstate(invalid="ignore", divide="ignore"):
            return softmax(seen(scores) if causal else scores, axis=-2) @ v

    @mistake("One sum is taken over all scores. Each row of weights sums to 1 for itself: `keepdims=True`, `axis=-1`.")
    def one_softmax_for_all(q, k, v, causal=False):
        scores = scores_of(q, k)
        return softmax(seen(scores) if causal else scores, axis=(-2, -1)) @ v

    @mistake("`causal` makes no difference here. With it, place i sees the keys 0 … i only.")
    def never_causal(q, k, v, causal=False):
        return positions.attention(q, k, v)

    @mistake("Later places are hidden always. They are to be hidden only if `causal` is true.")
    def always_causal(q, k, v, causal=False):
        return positions.attention(q, k, v, causal=q.shape[-2] == k.shape[-2])

    @mistake(
        "The weights of later places become 0 after the softmax, so what is left no longer sums to 1. Hide the scores before "
        "it: -inf becomes 0 in the softmax."
    )
    def masked_after_the_softmax(q, k, v, causal=False):
        weights = softmax(scores_of(q, k))
        return (np.tril(weights) if causal else weights) @ v

    @mistake("Hidden scores become 0, and exp(0) is 1: they are seen all the same. Put -inf, whose exp is 0.")
    def masked_with_zero(q, k, v, causal=False):
        scores = scores_of(q, k)
        return softmax(np.tril(scores) if causal else scores) @ v

    @mistake(
        "Hidden scores get a finite number, and the scores that are seen may be lower still: then the future wins. Put -inf "
        "(or a number far below any score)."
    )
    def masked_with_a_finite_number(q, k, v, causal=False):
        scores = scores_of(q, k)
        return softmax(np.where(np.tri(*scores.shape[-2:]), scores, -10_000) if causal else scores) @ v

    @mistake(
        "The largest score is looked for among hidden keys too, so what is seen may become 0/0. Hide first, and take off the "
        "largest after it."
    )
    def hidden_after_the_maximum(q, k, v, causal=False):
        scores = scores_of(q, k)
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        if causal:
            weights = weights * np.tri(*scores.shape[-2:])
        with np.errstate(invalid="ignore"):
            return weights / weights.sum(axis=-1, keepdims=True) @ v

    @mistake("0 · inf is NaN: choose between score and -inf with `np.where`, do not multiply.")
    def infinity_times_zero(q, k, v, causal=False):
        scores = scores_of(q, k)
        with np.errstate(invalid="ignore"):
            return softmax(scores + (1 - np.tri(*scores.shape[-2:])) * -np.inf if causal else scores) @ v

    @mistake("`weights / weights.sum(axis=-1)` divides columns, not rows: add `keepdims=True` to the sum.")
    def columns_divided(q, k, v, causal=False):
        scores = scores_of(q, k)
        scores = seen(scores) if causal else scores
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return weights / weights.sum(axis=-1) @ v

    @mistake("The weights do not sum to 1: divide each row by its sum.")
    def not_normalised(q, k, v, causal=False):
        scores = scores_of(q, k)
        scores = seen(scores) if causal else scores
        return np.exp(scores - scores.max(axis=-1, keepdims=True)) @ v

    @mistake("The scores are multiplied by the root of head_dim. Divide by it.")
    def multiplied_by_the_root(q, k, v, causal=False):
        return positions.attention(q * q.shape[-1], k, v, causal)

    @mistake(
        "`reshape` does not turn a matrix over; it cuts the same numbers into new rows. Swap the axes: `k.swapaxes(-1, -2)`."
    )
    def reshaped_for_transposed(q, k, v, causal=False):
        scores = q @ k.reshape(*k.shape[:-2], k.shape[-1], k.shape[-2]) / np.sqrt(q.shape[-1])
        return softmax(seen(scores) if causal else scores) @ v

    @mistake("The wrong half is hidden: each place sees itself and what comes later. It shall see what came before.")
    def past_hidden(q, k, v, causal=False):
        scores = scores_of(q, k)
        upper = np.where(np.triu(np.ones(scores.shape[-2:], dtype=bool)), scores, -np.inf)
        return softmax(upper if causal else scores) @ v

    @mistake(
        "A place does not see itself here, and the first sees nothing. It sees the keys 0 … i, its own among them."
    )
    def own_place_hidden(q, k, v, causal=False):
        scores = scores_of(q, k)
        with np.errstate(invalid="ignore"):
            return softmax(seen(scores, shift=-1) if causal else scores) @ v

    @mistake("Each place sees one key too many, the next one. It sees the keys 0 … i.")
    def next_place_seen(q, k, v, causal=False):
        scores = scores_of(q, k)
        return softmax(seen(scores, shift=1) if causal else scores) @ v

    @mistake("These are the weights. Use them: the weighted sum of the rows of v, `weights @ v`.")
    def weights_alone(q, k, v, causal=False):
        return positions.attention_weights(q, k, causal)

    @mistake("The softmax is missing: raw scores weigh the values. Weights are positive and sum to 1.")
    def without_softmax(q, k, v, causal=False):
        scores = scores_of(q, k)
        return (np.tril(scores) if causal else scores) @ v

    @mistake("The keys are mixed. Keys say where to look; what is fetched there are the values, v.")
    def keys_mixed(q, k, v, causal=False):
        return positions.attention(q, k, k, causal)

    @mistake("e^x overflows for large scores. Subtract the largest score of each row first; the weights stay the same.")
    def overflowing(q, k, v, causal=False):
        scores = scores_of(q, k)
        with np.errstate(over="ignore", invalid="ignore"):
            weights = np.exp(seen(scores) if causal else scores)
            return weights / weights.sum(axis=-1, keepdims=True) @ v

    @mistake("`.T` turns all axes around. With heads or texts in front, swap only the last two: `k.swapaxes(-1, -2)`.")
    def all_axes_turned(q, k, v, causal=False):
        scores = q @ k.T / np.sqrt(q.shape[-1])
        return softmax(seen(scores) if causal else scores) @ v

    @mistake(
        "The largest of each row is taken off columns here: without `keepdims=True` NumPy lays the row of maxima over each row."
    )
    def maximum_without_keepdims(q, k, v, causal=False):
        scores = scores_of(q, k)
        scores = seen(scores) if causal else scores
        with np.errstate(over="ignore", invalid="ignore"):
            weights = np.exp(scores - scores.max(axis=-1))
            return weights / weights.sum(axis=-1, keepdims=True) @ v

    @mistake(
        "One maximum is taken off all scores. A row that lies far below it becomes 0/0: take off the largest of each row, "
        "`axis=-1`, `keepdims=True`."
    )
    def one_maximum_for_all(q, k, v, causal=False):
        scores = scores_of(q, k)
        scores = seen(scores) if causal else scores
        weights = np.exp(scores - scores.max())
        with np.errstate(invalid="ignore"):
            return weights / weights.sum(axis=-1, keepdims=True) @ v

    @mistake("Later places are hidden whatever `causal` says. Look at it first: `if causal:`.")
    def causal_not_asked(q, k, v, causal=False):
        return softmax(seen(scores_of(q, k))) @ v

    @mistake("You divide by the root of how many queries there are. It is the length of one of them: `q.shape[-1]`.")
    def root_of_the_queries(q, k, v, causal=False):
        return positions.attention(q * np.sqrt(q.shape[-1] / q.shape[-2]), k, v, causal)

    @mistake(
        "The weights are divided by the sum of all of them. Each row sums to 1 for itself: `axis=-1`, `keepdims=True`."
    )
    def one_sum_for_all(q, k, v, causal=False):
        scores = scores_of(q, k)
        scores = seen(scores) if causal else scores
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return weights / weights.sum() @ v

    @mistake("You divide by the root of the length of a value. It is the length of a query: `q.shape[-1]`.")
    def root_of_the_values(q, k, v, causal=False):
        return positions.attention(q * np.sqrt(q.shape[-1] / v.shape[-1]), k, v, causal)

    @mistake("The root divides the weights, so they no longer sum to 1. Divide the scores by it, before the softmax.")
    def root_after_the_softmax(q, k, v, causal=False):
        return positions.attention(q * np.sqrt(q.shape[-1]), k, v, causal) / np.sqrt(q.shape[-1])

    @mistake(
        "`np.where` takes first what holds where the mask is 1. `np.tri` is 1 at what may be seen, so the scores come first, "
        "then -inf."
    )
    def branches_swapped(q, k, v, causal=False):
        scores = scores_of(q, k)
        with np.errstate(invalid="ignore"):
            return softmax(np.where(np.tri(*scores.shape[-2:]), -np.inf, scores) if causal else scores) @ v

    @mistake(
        "`swapaxes(0, 1)` swaps the first two axes. With heads or texts in front these are others: `k.swapaxes(-1, -2)`."
    )
    def first_axes_swapped(q, k, v, causal=False):
        scores = q @ k.swapaxes(0, 1) / np.sqrt(q.shape[-1])
        return softmax(seen(scores) if causal else scores) @ v

    @mistake(
        "`q @ k` takes the columns of k for keys, and often does not fit. Each row of k is a key: turn it over first, "
        "`k.swapaxes(-1, -2)`."
    )
    def keys_not_turned(q, k, v, causal=False):
        scores = q @ k / np.sqrt(q.shape[-1])
        return softmax(seen(scores) if causal else scores) @ v

    @mistake("Keys ask here, and queries answer. A row of scores belongs to a query: q first, then k.")
    def keys_and_queries_swapped(q, k, v, causal=False):
        return positions.attention(k, q, v, causal)

    return Exercise(
        name="attention",
        title="Attention",
        lesson=6,
        reference=positions.attention,
        parts=(
            Part("one text", 1, one_text, dtype="kind"),
            Part("causal", 1, causal, dtype="kind"),
            Part("many heads at once", 1, many_heads, dtype="kind"),
            Part("large scores", 1, large_scores, dtype="kind"),
        ),
        mistakes=(
            not_scaled,
            divided_by_dim,
            root_of_the_length,
            softmax_over_queries,
            one_softmax_for_all,
            never_causal,
            always_causal,
            masked_after_the_softmax,
            masked_with_zero,
            past_hidden,
            own_place_hidden,
            next_place_seen,
            weights_alone,
            without_softmax,
            keys_mixed,
            overflowing,
            all_axes_turned,
            keys_and_queries_swapped,
            masked_with_a_finite_number,
            hidden_after_the_maximum,
            infinity_times_zero,
            columns_divided,
            not_normalised,
            multiplied_by_the_root,
            reshaped_for_transposed,
            maximum_without_keepdims,
            one_maximum_for_all,
            causal_not_asked,
            root_of_the_queries,
            one_sum_for_all,
            root_of_the_values,
            root_after_the_softmax,
            branches_swapped,
            first_axes_swapped,
            keys_not_turned,
        ),
    )


def _attention_parameters() -> Exercise:
    def sizes(rng: Rng) -> tuple[int, int]:
        return int(rng.integers(2, 6)), 2 * int(rng.integers(2, 9))

    def all_heads_alike(rng: Rng) -> Iterator[Case]:
        yield Case((4, 2, 2, 2, False))
        for _ in range(3):
            heads, head_dim = sizes(rng)
            yield Case((heads * head_dim, heads, heads, head_dim, False))
        yield Case((4_096, 32, 32, 128, False))

    def with_biases(rng: Rng) -> Iterator[Case]:
        yield Case((4, 2, 2, 2, True))
        for _ in range(3):
            heads, head_dim = sizes(rng)
            yield Case((heads * head_dim, heads, heads, head_dim, True))
        yield Case((768, 12, 12, 64, True))

    def grouped(rng: Rng) -> Iterator[Case]:
        yield Case((8, 4, 2, 2, False))
        for bias in (False, True):
            _, head_dim = sizes(rng)
            yield Case((6 * head_dim, 6, 3, head_dim, bias))
            yield Case((8 * head_dim, 8, 1, head_dim, bias))
        yield Case((2_048, 32, 8, 64, False))

    def other_head_dims(rng: Rng) -> Iterator[Case]:
        yield Case((6, 2, 1, 4, False))
        for bias in (False, True):
            heads, head_dim = sizes(rng)
            yield Case((heads * head_dim + 3, heads, 1, head_dim, bias))
            yield Case((heads + head_dim, 2 * heads, 2, head_dim, bias))
        yield Case((1_024, 16, 8, 128, False))

    def matrices(dim, heads, kv_heads, head_dim, keys=None):
        queries, keys = heads * head_dim, kv_heads * head_dim if keys is None else keys
        return 2 * dim * queries + 2 * dim * keys

    def vectors(dim, heads, kv_heads, head_dim):
        return heads * head_dim + 2 * kv_heads * head_dim + dim

    @mistake(
        "This is 4 · dim². It holds if all heads have keys of their own and heads · head_dim is dim; not for others."
    )
    def four_squares(dim, heads, kv_heads, head_dim, bias):
        return 4 * dim**2 + 4 * dim * bias

    @mistake("The output map is missing: a matrix from heads · head_dim back to dim.")
    def without_output(dim, heads, kv_heads, head_dim, bias):
        queries, keys = heads * head_dim, kv_heads * head_dim
        return dim * (queries + 2 * keys) + (queries + 2 * keys) * bias

    @mistake("Biases are never counted. With `bias`, each of the four maps has one number for each of its outputs.")
    def never_biases(dim, heads, kv_heads, head_dim, bias):
        return matrices(dim, heads, kv_heads, head_dim)

    @mistake("Biases are counted always. They are there only if `bias` is true.")
    def always_biases(dim, heads, kv_heads, head_dim, bias):
        return matrices(dim, heads, kv_heads, head_dim) + vectors(dim, heads, kv_heads, head_dim)

    @mistake("The bias of the output map is missing: dim numbers.")
    def no_output_bias(dim, heads, kv_heads, head_dim, bias):
        return matrices(dim, heads, kv_heads, head_dim) + (vectors(dim, heads, kv_heads, head_dim) - dim) * bias

    @mistake("Every head gets keys and values of its own here. There are only kv_heads of them.")
    def keys_for_all_heads(dim, heads, kv_heads, head_dim, bias):
        return matrices(dim, heads, heads, head_dim) + vectors(dim, heads, heads, head_dim) * bias

    @mistake("Keys are shared here, but values are not. Both have kv_heads heads.")
    def values_for_all_heads(dim, heads, kv_heads, head_dim, bias):
        queries, keys = heads * head_dim, kv_heads * head_dim
        return dim * (3 * queries + keys) + (2 * queries + keys + dim) * bias

    @mistake("The output map is shared as well here. It takes what all the heads fetched: heads · head_dim numbers.")
    def output_of_kv_heads(dim, heads, kv_heads, head_dim, bias):
        queries, keys = heads * head_dim, kv_heads * head_dim
        return dim * (queries + 3 * keys) + (queries + 2 * keys + dim) * bias

    @mistake("The maps are multiplied by the number of heads again. heads · head_dim has them all in it already.")
    def times_heads(dim, heads, kv_heads, head_dim, bias):
        return heads * matrices(dim, heads, kv_heads, head_dim) + vectors(dim, heads, kv_heads, head_dim) * bias

    @mistake("One head is counted. There are `heads` of them for queries, and kv_heads for keys and for values.")
    def one_head(dim, heads, kv_heads, head_dim, bias):
        return matrices(dim, 1, 1, head_dim) + vectors(dim, 1, 1, head_dim) * bias

    @mistake("head_dim is taken to be dim / heads. It is given, and may be another number.")
    def head_dim_from_dim(dim, heads, kv_heads, head_dim, bias):
        head_dim = dim // heads
        return matrices(dim, heads, kv_heads, head_dim) + vectors(dim, heads, kv_heads, head_dim) * bias

    @mistake("The bias of keys or of values is missing: both have kv_heads · head_dim numbers.")
    def one_bias_for_keys_and_values(dim, heads, kv_heads, head_dim, bias):
        keys = kv_heads * head_dim
        return matrices(dim, heads, kv_heads, head_dim) + (vectors(dim, heads, kv_heads, head_dim) - keys) * bias

    @mistake("Keys and values have shorter biases than queries: kv_heads · head_dim numbers each.")
    def biases_for_all_heads(dim, heads, kv_heads, head_dim, bias):
        return matrices(dim, heads, kv_heads, head_dim) + (3 * heads * head_dim + dim) * bias

    @mistake("The bias of the output map has dim numbers, as many as come out; you have heads · head_dim.")
    def output_bias_of_heads(dim, heads, kv_heads, head_dim, bias):
        queries, keys = heads * head_dim, kv_heads * head_dim
        return matrices(dim, heads, kv_heads, head_dim) + (2 * queries + 2 * keys) * bias

    @mistake(
        "`a + b if bias else 0` is all or nothing: the `if` takes everything before it. Put brackets round the biases."
    )
    def all_or_nothing(dim, heads, kv_heads, head_dim, bias):
        return matrices(dim, heads, kv_heads, head_dim) + vectors(dim, heads, kv_heads, head_dim) if bias else 0

    @mistake("Each bias has dim numbers here. A bias has one for each output: those of keys and values are shorter.")
    def biases_of_dim(dim, heads, kv_heads, head_dim, bias):
        return matrices(dim, heads, kv_heads, head_dim) + 4 * dim * bias

    @mistake("Queries, keys and output are there; the values are missing.")
    def without_values(dim, heads, kv_heads, head_dim, bias):
        queries, keys = heads * head_dim, kv_heads * head_dim
        return dim * (2 * queries + keys) + (queries + keys + dim) * bias

    @mistake("Keys and values share one matrix here. There is one for each.")
    def one_for_keys_and_values(dim, heads, kv_heads, head_dim, bias):
        queries, keys = heads * head_dim, kv_heads * head_dim
        return dim * (2 * queries + keys) + (queries + 2 * keys + dim) * bias

    @mistake("The output map goes from heads · head_dim to dim; that need not be dim × dim.")
    def square_output(dim, heads, kv_heads, head_dim, bias):
        wrong = dim * dim - heads * head_dim * dim
        return matrices(dim, heads, kv_heads, head_dim) + wrong + vectors(dim, heads, kv_heads, head_dim) * bias

    @mistake(
        "A head counts as one number here. It has head_dim: heads · head_dim for queries, kv_heads · head_dim for keys."
    )
    def heads_without_width(dim, heads, kv_heads, head_dim, bias):
        return matrices(dim, heads, kv_heads, 1) + vectors(dim, heads, kv_heads, 1) * bias

    def attention_parameters(dim, heads, kv_heads, head_dim, bias):
        return ledger.attention_parameters(dim, heads, kv_heads, head_dim, bias)

    return Exercise(
        name="attention_parameters",
        title="What an attention block holds",
        lesson=6,
        reference=attention_parameters,
        parts=(
            Part("every head its own keys", 1, all_heads_alike, dtype="number"),
            Part("biases", 1, with_biases, dtype="number"),
            Part("grouped heads", 1, grouped, dtype="number"),
            Part("any head_dim", 1, other_head_dims, dtype="number"),
        ),
        mistakes=(
            four_squares,
            without_output,
            never_biases,
            always_biases,
            no_output_bias,
            keys_for_all_heads,
            values_for_all_heads,
            output_of_kv_heads,
            times_heads,
            one_head,
            head_dim_from_dim,
            biases_of_dim,
            without_values,
            one_for_keys_and_values,
            one_bias_for_keys_and_values,
            biases_for_all_heads,
            output_bias_of_heads,
            all_or_nothing,
            square_output,
            heads_without_width,
        ),
    )


def _mlp_parameters() -> Exercise:
    def cases(gated: bool, bias: bool):
        def some(rng: Rng) -> Iterator[Case]:
            yield Case((2, 6, gated, bias))
            for _ in range(4):
                yield Case((int(rng.integers(3, 30)), int(rng.integers(31, 90)), gated, bias))
            yield Case((2_048, 8_192, gated, bias))

        return some

    def plain(rng: Rng) -> Iterator[Case]:
        yield from cases(False, False)(rng)
        yield Case((9, 4, False, False))

    @mistake("Only the way up is counted. The way down to dim is a matrix of its own.")
    def up_alone(dim, width, gated, bias):
        return dim * width * (2 if gated else 1) + (1 + gated) * width * bias

    @mistake("`gated` makes no difference here. A gated MLP goes up twice: three matrices in all.")
    def never_gated(dim, width, gated, bias):
        return 2 * dim * width + (width + dim) * bias

    @mistake("There are three matrices here in every case. Only a gated MLP has the third.")
    def always_gated(dim, width, gated, bias):
        return 3 * dim * width + (2 * width + dim) * bias

    @mistake("Four matrices are counted for the gated one: it goes up twice, but down once.")
    def down_twice(dim, width, gated, bias):
        return (2 + 2 * gated) * dim * width + ((1 + gated) * width + (1 + gated) * dim) * bias

    @mistake("Biases are never counted. With `bias`, each matrix has one number for each of its outputs.")
    def never_biases(dim, width, gated, bias):
        return (2 + gated) * dim * width

    @mistake("Biases are counted always. They are there only if `bias` is true.")
    def always_biases(dim, width, gated, bias):
        return (2 + gated) * dim * width + (1 + gated) * width + dim

    @mistake("The bias of the way down is missing: it has dim numbers.")
    def no_bias_down(dim, width, gated, bias):
        return (2 + gated) * dim * width + (1 + gated) * width * bias

    @mistake("A bias of the gate is missing: a gated MLP goes up twice, and each way has a bias of `width`.")
    def one_bias_up(dim, width, gated, bias):
        return (2 + gated) * dim * width + (width + dim) * bias

    @mistake("Biases have one number for each output: `width` on the way up, dim on the way down.")
    def biases_of_dim(dim, width, gated, bias):
        return (2 + gated) * dim * width + (2 + gated) * dim * bias

    @mistake("Both biases have `width` numbers here. The way down ends in dim numbers.")
    def biases_of_width(dim, width, gated, bias):
        return (2 + gated) * dim * width + (2 + gated) * width * bias

    @mistake("The biases are the wrong way round: the ways up end in `width` numbers, the way down in dim.")
    def biases_swapped(dim, width, gated, bias):
        return (2 + gated) * dim * width + ((1 + gated) * dim + width) * bias

    @mistake("Gated and plain are the wrong way round: the gated one has three matrices, the plain one two.")
    def gated_for_plain(dim, width, gated, bias):
        return (3 - gated) * dim * width + ((2 - gated) * width + dim) * bias

    @mistake("Biases are counted only if the MLP is gated. They depend on `bias` alone.")
    def biases_if_gated(dim, width, gated, bias):
        return (2 + gated) * dim * width + (2 * width + dim if gated and bias else 0)

    @mistake("Biases are counted only if the MLP is not gated. They depend on `bias` alone.")
    def biases_unless_gated(dim, width, gated, bias):
        return (2 + gated) * dim * width + (width + dim if bias and not gated else 0)

    @mistake(
        "`a + b if bias else 0` is all or nothing: the `if` takes everything before it. Put brackets round the biases."
    )
    def all_or_nothing(dim, width, gated, bias):
        return (2 + gated) * dim * width + (1 + gated) * width + dim if bias else 0

    @mistake("The width is taken to be 4 · dim. It is given.")
    def four_times_dim(dim, width, gated, bias):
        return (2 + gated) * 4 * dim * dim + ((1 + gated) * 4 * dim + dim) * bias

    @mistake("A matrix from dim to `width` has dim · width numbers; here the sizes are added.")
    def added(dim, width, gated, bias):
        return (2 + gated) * (dim + width)

    def mlp_parameters(dim, width, gated, bias):
        return ledger.mlp_parameters(dim, width, gated, bias)

    return Exercise(
        name="mlp_parameters",
        title="What an MLP holds",
        lesson=6,
        reference=mlp_parameters,
        parts=(
            Part("two matrices", 1, plain, dtype="number"),
            Part("biases", 1, cases(False, True), dtype="number"),
            Part("gated", 1, cases(True, False), dtype="number"),
            Part("gated, with biases", 1, cases(True, True), dtype="number"),
        ),
        mistakes=(
            up_alone,
            never_gated,
            always_gated,
            down_twice,
            never_biases,
            always_biases,
            no_bias_down,
            one_bias_up,
            biases_of_dim,
            biases_of_width,
            four_times_dim,
            added,
            gated_for_plain,
            biases_if_gated,
            biases_unless_gated,
            biases_swapped,
            all_or_nothing,
        ),
    )


def _gpt2_parameters() -> Exercise:
    # All widths are multiples of 12, since GPT-2 small has 12 heads and an answer may well count head by head.
    def several_layers(rng: Rng) -> Iterator[Case]:
        yield Case((10, 24, 2, 3))
        for _ in range(4):
            dim = 12 * int(rng.integers(1, 7))
            yield Case((int(rng.integers(20, 90)), dim, int(rng.integers(3, 9)), int(rng.integers(4, 19))))

    def one_layer(rng: Rng) -> Iterator[Case]:
        yield Case((10, 24, 1, 3))
        for _ in range(4):
            yield Case((int(rng.integers(20, 90)), 12 * int(rng.integers(1, 7)), 1, int(rng.integers(4, 19))))

    def real(rng: Rng) -> Iterator[Case]:
        for dim, layers in ((768, 12), (1_024, 24), (1_600, 48)):
            yield Case((50_257, dim, layers, 1_024))

    def right(vocab_size, dim, layers, positions, layer=0, rest=0):
        return (vocab_size + positions) * dim + layers * (12 * dim**2 + 13 * dim + layer) + 2 * dim + rest

    @mistake("The output head is counted as well. GPT-2 is tied: it is the token table.")
    def untied(vocab_size, dim, layers, positions):
        return right(vocab_size, dim, layers, positions, rest=vocab_size * dim)

    @mistake("The table of positions is missing.")
    def without_positions(vocab_size, dim, layers, positions):
        return right(vocab_size, dim, layers, 0)

    @mistake("The norm at the end is missing: after the last layer there is one more, of 2 · dim.")
    def without_the_last_norm(vocab_size, dim, layers, positions):
        return right(vocab_size, dim, layers, positions, rest=-2 * dim)

    @mistake(
        "4 · dim are missing in each layer: the two norms (2 · dim each), the biases of attention (dim for each map), or the "
        "bias of the MLP's way up."
    )
    def without_norms_of_layers(vocab_size, dim, layers, positions):
        return right(vocab_size, dim, layers, positions, layer=-4 * dim)

    @mistake("All norms are missing: two in each layer and one at the end, of 2 · dim each.")
    def without_norms(vocab_size, dim, layers, positions):
        return right(vocab_size, dim, layers, positions, layer=-4 * dim, rest=-2 * dim)

    @mistake("A layer has two norms, one before attention and one before the MLP. You have one.")
    def one_norm_a_layer(vocab_size, dim, layers, positions):
        return right(vocab_size, dim, layers, positions, layer=-2 * dim)

    @mistake("A LayerNorm has 2 · dim parameters: a factor and a shift for each dimension. You have half of it.")
    def norms_without_shift(vocab_size, dim, layers, positions):
        return right(vocab_size, dim, layers, positions, layer=-2 * dim, rest=-dim)

    @mistake(
        "The head is tied, so it counts once, in the table. And 3 · dim are missing in each layer: the biases of q, k and v."
    )
    def untied_without_qkv_biases(vocab_size, dim, layers, positions):
        return right(vocab_size, dim, layers, positions, layer=-3 * dim, rest=vocab_size * dim)

    @mistake("The last norm has 2 · dim numbers, as the others: a factor and a shift. You have dim.")
    def half_of_the_last_norm(vocab_size, dim, layers, positions):
        return right(vocab_size, dim, layers, positions, rest=-dim)

    @mistake("Brackets: only the first term is multiplied by `layers`. All of a layer is there `layers` times.")
    def brackets_round_the_layer(vocab_size, dim, layers, positions):
        return (vocab_size + positions) * dim + layers * 12 * dim**2 + 13 * dim + 2 * dim

    @mistake("Brackets: `vocab_size + positions * dim` multiplies positions alone. Both tables have rows of dim.")
    def brackets_round_the_tables(vocab_size, dim, layers, positions):
        return right(vocab_size, dim, layers, positions, rest=vocab_size - vocab_size * dim)

    @mistake("The tables are missing: a row of dim for each token, and for each position.")
    def without_tables(vocab_size, dim, layers, positions):
        return right(0, dim, layers, 0)

    @mistake("All biases are missing: 4 · dim in attention, 5 · dim in the MLP, in each layer.")
    def without_biases(vocab_size, dim, layers, positions):
        return right(vocab_size, dim, layers, positions, layer=-9 * dim)

    @mistake(
        "3 · dim are missing in each layer: the biases of queries, keys and values, or some of the MLP's (4 · dim and dim)."
    )
    def without_qkv_biases(vocab_size, dim, layers, positions):
        return right(vocab_size, dim, layers, positions, layer=-3 * dim)

    @mistake("The biases of the MLP are missing: 4 · dim on the way up, dim on the way down, in each layer.")
    def without_mlp_biases(vocab_size, dim, layers, positions):
        return right(vocab_size, dim, layers, positions, layer=-5 * dim)

    @mistake("This is 12 · dim² for each layer, the estimate of lesson 4. Now count the biases and norms as well.")
    def the_estimate(vocab_size, dim, layers, positions):
        return (vocab_size + positions) * dim + 12 * layers * dim**2

    @mistake("This is one layer. There are `layers` of them.")
    def only_one_layer(vocab_size, dim, layers, positions):
        return right(vocab_size, dim, 1, positions)

    @mistake("Tables and last norm are counted once for each layer. They are there once.")
    def all_times_layers(vocab_size, dim, layers, positions):
        return layers * right(vocab_size, dim, 1, positions)

    @mistake("dim is missing in each layer: the bias of attention's output map or of the MLP's way down.")
    def one_bias_missing(vocab_size, dim, layers, positions):
        return right(vocab_size, dim, layers, positions, layer=-dim)

    @mistake("The tables are inside what is multiplied by `layers`. They are there once, not in each layer.")
    def tables_in_each_layer(vocab_size, dim, layers, positions):
        return right(layers * vocab_size, dim, layers, layers * positions)

    @mistake("The last norm is inside what is multiplied by `layers`. It is there once, not in each layer.")
    def last_norm_in_each_layer(vocab_size, dim, layers, positions):
        return right(vocab_size, dim, layers, positions, rest=2 * dim * (layers - 1))

    @mistake("A layer has 12 heads here. Their number is not needed: all heads together are dim wide.")
    def twelve_heads(vocab_size, dim, layers, positions):
        missing = dim - 12 * (dim // 12)
        return right(vocab_size, dim, layers, positions, layer=-missing * (4 * dim + 3))

    @mistake("`^` is not a power in Python: it compares bits. Write `dim**2`.")
    def caret_in_one_line(vocab_size, dim, layers, positions):
        return layers * (12 * dim ^ 2 + 13 * dim) + (vocab_size + positions) * dim + 2 * dim

    @mistake("`^` is no power in Python but compares bits. In each line it must be `dim**2`.")
    def caret_in_each_line(vocab_size, dim, layers, positions):
        attention = 4 * dim ^ 2 + 4 * dim
        mlp = 8 * dim ^ 2 + 5 * dim
        return (vocab_size + positions) * dim + layers * (attention + mlp + 4 * dim) + 2 * dim

    @mistake("`dim^2` is no power in Python but compares bits. In the maps of attention, too, write `dim**2`.")
    def caret_in_attention(vocab_size, dim, layers, positions):
        attention = 4 * dim ^ 2 + 4 * dim
        return (vocab_size + positions) * dim + layers * (attention + 8 * dim**2 + 9 * dim) + 2 * dim

    @mistake("The MLP goes up to 4 · dim and down again: 8 · dim², not 2 · dim².")
    def narrow_mlp(vocab_size, dim, layers, positions):
        return right(vocab_size, dim, layers, positions, layer=-6 * dim**2 - 3 * dim)

    @mistake("The way down of the MLP is missing: a matrix of 4 · dim by dim, and its bias.")
    def mlp_up_alone(vocab_size, dim, layers, positions):
        return right(vocab_size, dim, layers, positions, layer=-4 * dim**2 - dim)

    @mistake("The output map of attention is missing: dim by dim, and its bias.")
    def without_output_map(vocab_size, dim, layers, positions):
        return right(vocab_size, dim, layers, positions, layer=-(dim**2) - dim)

    return Exercise(
        name="gpt2_parameters",
        title="GPT-2 to the last parameter",
        lesson=6,
        reference=ledger.gpt2_parameters,
        parts=(
            Part("several layers", 1, several_layers, dtype="number"),
            Part("one layer", 1, one_layer, dtype="number"),
            Part("the real ones", 1, real, dtype="number"),
        ),
        mistakes=(
            untied,
            without_positions,
            without_the_last_norm,
            without_norms_of_layers,
            without_norms,
            one_norm_a_layer,
            norms_without_shift,
            without_biases,
            without_qkv_biases,
            without_mlp_biases,
            the_estimate,
            only_one_layer,
            all_times_layers,
            narrow_mlp,
            mlp_up_alone,
            without_output_map,
            untied_without_qkv_biases,
            half_of_the_last_norm,
            brackets_round_the_layer,
            brackets_round_the_tables,
            without_tables,
            one_bias_missing,
            tables_in_each_layer,
            last_norm_in_each_layer,
            twelve_heads,
            caret_in_one_line,
            caret_in_each_line,
            caret_in_attention,
        ),
    )


def _llama_parameters() -> Exercise:
    def small(rng: Rng, tied: bool) -> tuple:
        # Groups of three and four: with two heads to a group, several slips give the same number.
        kv_heads, group, head_dim = (int(rng.integers(1, 4)), int(rng.integers(3, 5)), 2 * int(rng.integers(1, 4)))
        dim = kv_heads * group * head_dim
        return int(rng.integers(40, 99)), dim, int(rng.integers(2, 6)), kv_heads * group, kv_heads, dim + 7, tied

    def every_head_its_own(rng: Rng) -> Iterator[Case]:
        yield Case((10, 2, 1, 1, 1, 3, False))
        for _ in range(4):
            vocab, dim, layers, heads, _, width, tied = small(rng, bool(rng.integers(2)))
            yield Case((vocab, dim, layers, heads, heads, width, tied))

    def grouped(rng: Rng) -> Iterator[Case]:
        yield Case((10, 6, 1, 3, 1, 5, False))
        for _ in range(5):
            yield Case(small(rng, False))

    def tied(rng: Rng) -> Iterator[Case]:
        yield Case((10, 6, 1, 3, 1, 5, True))
        for _ in range(4):
            yield Case(small(rng, True))

    def real(rng: Rng) -> Iterator[Case]:
        yield Case((128_256, 2_048, 16, 32, 8, 8_192, True))
        yield Case((32_000, 4_096, 32, 32, 32, 11_008, False))
        yield Case((128_256, 4_096, 32, 32, 8, 14_336, False))

    def right(vocab_size, dim, layers, heads, kv_heads, width, tied, layer=0, rest=0, matrices=3):
        keys = dim // heads * kv_heads
        each = 2 * dim**2 + 2 * dim * keys + matrices * dim * width + 2 * dim + layer
        return vocab_size * dim * (1 if tied else 2) + layers * each + dim + rest

    @mistake(
        "Every head gets keys and values of its own here. There are only kv_heads of them, of dim / heads numbers each."
    )
    def not_grouped(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        return right(vocab_size, dim, layers, heads, heads, intermediate_size, tied)

    @mistake("Two matrices are counted in the MLP. It is gated: up twice and down once.")
    def two_matrices(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        return right(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied, matrices=2)

    @mistake("The head is not counted. If it is not tied, it is a second matrix as large as the table.")
    def always_tied(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        return right(vocab_size, dim, layers, heads, kv_heads, intermediate_size, True)

    @mistake("A head is counted though it is tied. Then it is the table, and counts once.")
    def always_untied(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        return right(vocab_size, dim, layers, heads, kv_heads, intermediate_size, False)

    @mistake("Tied and untied are the wrong way round: tied there is one matrix, untied two.")
    def tied_for_untied(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        return right(vocab_size, dim, layers, heads, kv_heads, intermediate_size, not tied)

    @mistake("The norms have 2 · dim parameters here. RMSNorm learns one vector of dim; it has no shift.")
    def norms_with_shift(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        return right(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied, layer=2 * dim, rest=dim)

    @mistake("The norm at the end is missing: after the last layer there is one more, of dim.")
    def without_the_last_norm(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        return right(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied, rest=-dim)

    @mistake("All norms are missing: two in each layer and one at the end, of dim each.")
    def without_norms(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        return right(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied, layer=-2 * dim, rest=-dim)

    @mistake("A layer has two norms, one before attention and one before the MLP. You have one.")
    def one_norm_a_layer(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        return right(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied, layer=-dim)

    @mistake("The output map of attention is missing: dim by dim in each layer.")
    def without_output_map(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        return right(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied, layer=-(dim**2))

    @mistake("Keys have kv_heads · dim numbers here. A head has dim / heads numbers, so it is kv_heads · dim / heads.")
    def heads_as_wide_as_the_model(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        wrong = 2 * dim * (kv_heads * dim - dim // heads * kv_heads)
        return right(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied, layer=wrong)

    @mistake("Keys and values share one matrix here. There is one for each: 2 · dim · keys.")
    def one_for_keys_and_values(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        keys = dim // heads * kv_heads
        return right(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied, layer=-dim * keys)

    @mistake("Keys have kv_heads numbers here. They have kv_heads heads of dim / heads numbers each.")
    def heads_without_width(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        wrong = 2 * dim * (kv_heads - dim // heads * kv_heads)
        return right(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied, layer=wrong)

    @mistake("kv_heads // heads is 0. Multiply first: kv_heads * dim // heads.")
    def divided_too_early(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        wrong = 2 * dim * (dim * (kv_heads // heads) - dim // heads * kv_heads)
        return right(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied, layer=wrong)

    @mistake("Only keys and values are narrowed; the output map is dim × dim.")
    def output_narrowed(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        wrong = dim * (dim // heads * kv_heads) - dim * dim
        return right(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied, layer=wrong)

    @mistake("Keys go from dim to kv_heads · head_dim, not from kv_heads · head_dim to as many. So do values.")
    def keys_from_keys(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        keys = dim // heads * kv_heads
        return right(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied, layer=2 * keys * (keys - dim))

    @mistake("All four maps are narrowed. Queries keep all heads, and the output map takes what all of them found.")
    def all_four_narrowed(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        wrong = 2 * dim * (dim // heads * kv_heads - dim)
        return right(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied, layer=wrong)

    @mistake("A head has dim / heads numbers, those of keys and values too; you divide by kv_heads.")
    def divided_by_kv_heads(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        wrong = 2 * dim * (heads * (dim // kv_heads) - dim)
        return right(vocab_size, dim, layers, heads, heads, intermediate_size, tied, layer=wrong)

    @mistake("The width of the MLP is taken to be 4 · dim, as in GPT-2. Here it is given: intermediate_size.")
    def four_times_dim(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        return right(vocab_size, dim, layers, heads, kv_heads, 4 * dim, tied)

    @mistake("The norms of the layers have 2 · dim here. RMSNorm learns one vector of dim; it has no shift.")
    def layer_norms_with_shift(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        return right(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied, layer=2 * dim)

    @mistake("The last norm has 2 · dim here. RMSNorm learns one vector of dim; it has no shift.")
    def last_norm_with_shift(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        return right(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied, rest=dim)

    @mistake("The norms of the layers are missing: two in each, of dim.")
    def without_norms_of_layers(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        return right(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied, layer=-2 * dim)

    @mistake("`x if tied else 2 * x + rest` leaves the rest out when tied: put brackets round the choice.")
    def brackets_round_the_choice(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        whole = right(vocab_size, dim, layers, heads, kv_heads, intermediate_size, False)
        return vocab_size * dim if tied else whole

    @mistake("Biases are counted. A Llama has none.")
    def with_biases(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        keys = dim // heads * kv_heads
        biases = 2 * dim + 2 * keys + 2 * intermediate_size + dim
        return right(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied, layer=biases)

    @mistake("This is one layer. There are `layers` of them.")
    def only_one_layer(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        return right(vocab_size, dim, 1, heads, kv_heads, intermediate_size, tied)

    @mistake("Tables and last norm are counted once for each layer. They are there once.")
    def all_times_layers(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
        return layers * right(vocab_size, dim, 1, heads, kv_heads, intermediate_size, tied)

    return Exercise(
        name="llama_parameters",
        title="Llama to the last parameter",
        lesson=6,
        reference=ledger.llama_parameters,
        parts=(
            Part("every head its own keys", 1, every_head_its_own, dtype="number"),
            Part("grouped heads", 1, grouped, dtype="number"),
            Part("tied", 1, tied, dtype="number"),
            Part("the real ones", 1, real, dtype="number"),
        ),
        mistakes=(
            not_grouped,
            two_matrices,
            always_tied,
            always_untied,
            tied_for_untied,
            norms_with_shift,
            without_the_last_norm,
            without_norms,
            one_norm_a_layer,
            without_output_map,
            heads_as_wide_as_the_model,
            with_biases,
            only_one_layer,
            all_times_layers,
            one_for_keys_and_values,
            heads_without_width,
            divided_too_early,
            four_times_dim,
            layer_norms_with_shift,
            last_norm_with_shift,
            without_norms_of_layers,
            brackets_round_the_choice,
            output_narrowed,
            keys_from_keys,
            all_four_narrowed,
            divided_by_kv_heads,
        ),
    )


def _two_readings(which: str, vocab: int, dim: int, total: int, decimals: str) -> Exercise:
    table = vocab * dim

    def answers(table_share=table / total, work_share=table / (total - table), both=2 * table / total):
        return {"table": table_share, "tables": both, "work": work_share}

    def two_readings():
        return answers()

    @mistake("These are percentages. A share lies between 0 and 1.")
    def percentages():
        return answers(100 * table / total, 100 * table / (total - table), 200 * table / total)

    @mistake("Table and head are counted together. Asked for first is one of the two.")
    def both_for_one():
        return answers(table_share=2 * table / total)

    @mistake("Only one of the two is counted. Table and head together are twice as much.")
    def one_for_both():
        return answers(both=table / total)

    @mistake("The table is among what is multiplied here. A row of it is read, not multiplied: take it off the total.")
    def table_multiplied():
        return answers(work_share=table / total)

    @mistake("Table and head are both counted as work. Of the two, only the head multiplies.")
    def both_work():
        return answers(work_share=2 * table / total)

    @mistake("The head is taken off the total as well. It does multiply; only the table does not.")
    def head_taken_off():
        return answers(work_share=table / (total - 2 * table))

    @mistake("Reading a row is no multiplication, but saying a token is: the head multiplies all its numbers.")
    def no_work():
        return answers(work_share=0.0)

    @mistake("The total holds both matrices already: the model is untied. You add another.")
    def added_again():
        return answers(table / (total + table), table / total, 2 * table / (total + table))

    @mistake("These are parameters. Asked for are shares: divide by how many there are.")
    def raw_counts():
        return answers(table, table, 2 * table)

    @mistake("This is what is left. Asked for is the share of the table, and of both.")
    def what_is_left():
        return answers(1 - table / total, both=1 - 2 * table / total)

    @mistake(
        "Two decimals are too few to tell these shares apart, or you divide the table by everything but itself: all of the "
        f"table's numbers are parameters. Divide by the total, and give {decimals} decimals."
    )
    def rounded_too_far():
        return answers(table_share=round(table / total, 2))

    @mistake("You divide how many rows there are. All of the table's numbers are parameters: rows · dim.")
    def rows_alone():
        return answers(vocab / total, vocab / (total - vocab), 2 * vocab / total)

    @mistake("The tables are divided by everything else. Asked for are shares of all parameters.")
    def of_the_rest():
        rest = total - 2 * table
        return answers(table / rest, both=2 * table / rest)

    return Exercise(
        name="two_readings",
        title="A share, read twice",
        lesson=6,
        reference=two_readings,
        parts=(
            entry_part("the table's share of the parameters", "table", within=0.01),
            entry_part("the share of table and head", "tables", within=0.01),
            entry_part("the head's share of the multiplications", "work", within=0.01),
        ),
        mistakes=(
            percentages,
            both_for_one,
            one_for_both,
            table_multiplied,
            both_work,
            head_taken_off,
            no_work,
            added_again,
            of_the_rest,
            raw_counts,
            what_is_left,
            rounded_too_far,
            rows_alone,
        ),
    )


_MODELS = {model["name"]: model for model in models()}


def _of_model(name: str, decimals: str) -> dict:
    model = _MODELS[name]
    sizes = {"vocab": model["vocab_size"], "dim": model["hidden_size"], "total": model["total"]}
    return {"which": name, **sizes, "decimals": decimals}


# Untied, without biases, and each number but the table's multiplied once: no experts, and no norm that the heads share.
# The smaller a share, the more decimals it takes to come as near as the parts demand. Where the table is less than a
# hundredth, to count it as work or not is no difference that they see: such models are not here.
_THREE_DECIMALS = ("Llama-3.1 70B", "Phi-4 (14B)", "OLMo-2 7B")
_FOUR_DECIMALS = ("Llama-2 7B", "Llama-2 13B", "Mistral-7B v0.1", "Phi-3-mini-4k")

LEDGER_EXERCISES = (
    _attention(),
    _attention_parameters(),
    _mlp_parameters(),
    _gpt2_parameters(),
    _llama_parameters(),
    with_numbers(
        _two_readings,
        _of_model("Llama-3 8B", "three"),
        *(_of_model(name, "three") for name in _THREE_DECIMALS),
        *(_of_model(name, "four") for name in _FOUR_DECIMALS),
    ),
)
