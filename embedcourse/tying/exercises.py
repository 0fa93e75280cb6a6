"""The exercises of lesson 4 as data: cases, and the mistakes that people make, each with the sentence that helps."""

import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from embedcourse.counting import gpt2_parameters
from embedcourse.marking import Case, Exercise, Part, entry_part, mistake, with_numbers
from embedcourse.tying import probes, reference

Rng = np.random.Generator
_GPT2_VOCAB = 50_257


def _tensor(rng: Rng, *shape: int) -> torch.Tensor:
    return torch.from_numpy(rng.normal(size=shape).round(1).astype(np.float32) + 0.05)


def _ids(rng: Rng, vocab_size: int, *shape: int) -> torch.Tensor:
    return torch.from_numpy(rng.integers(vocab_size, size=shape))


_GRADIENT_CUT = (
    "The values are right, but no gradient can flow back from them. `.detach()`, `.item()`, `.numpy()`, `no_grad` and a new "
    "`torch.tensor(…)` around numbers cut the way: work with torch's operations on the tensors that come in."
)


def _unembed() -> Exercise:
    def a_list_of_states(rng: Rng) -> Iterator[Case]:
        yield Case((torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), probes.VALUE))
        for n, vocab, dim in ((2, 3, 2), (4, 4, 4), (3, 7, 5), (1, 9, 2), (6, 2, 3)):
            yield Case((_tensor(rng, n, dim), _tensor(rng, vocab, dim), probes.VALUE))

    def any_leading_shape(rng: Rng) -> Iterator[Case]:
        for batch, vocab, dim in (((), 3, 2), ((2, 3), 5, 4), ((3, 3), 3, 3), ((1, 2, 2), 6, 3), ((0,), 4, 2)):
            yield Case((_tensor(rng, *batch, dim), _tensor(rng, vocab, dim), probes.VALUE))

    def gradients(rng: Rng) -> Iterator[Case]:
        for n, vocab, dim in ((1, 3, 2), (3, 4, 2)):
            yield Case((_tensor(rng, n, dim), _tensor(rng, vocab, dim), probes.GRADIENT))

    @mistake(_GRADIENT_CUT)
    def gradient_cut(h, E):
        return reference.unembed(h, E).detach()

    @mistake(
        "A gradient reaches h, and none reaches E. `.data`, `.detach()` or a new parameter take E's numbers out of E; use E "
        "as it comes."
    )
    def gradient_for_h_alone(h, E):
        return reference.unembed(h, E.detach())

    @mistake(
        "Words come first here, E times h. With h in front, and E turned, every hidden state meets every row: `h @ E.T`."
    )
    def e_in_front(h, E):
        return E @ h

    @mistake("This looks up rows. h holds no ids but numbers: take its dot product with every row.")
    def a_lookup(h, E):
        return E[h]

    @mistake("`reshape` does not turn a matrix over; it cuts the same numbers into new rows. The transpose is `E.T`.")
    def reshaped_for_transposed(h, E):
        return h @ E.reshape(E.shape[1], E.shape[0])

    @mistake("These are logarithms of probabilities. Logits are the scores before the softmax; the loss applies it.")
    def log_probabilities(h, E):
        return reference.unembed(h, E).log_softmax(-1)

    @mistake(
        "You multiply by E as it is. Its rows are the words, so a hidden state meets each row: what is wanted has one "
        "number for each row of E, and that takes the transpose."
    )
    def not_transposed(h, E):
        return h @ E

    @mistake("This is E hᵀ: words first. One row of logits for each hidden state is wanted, h Eᵀ.")
    def words_first(h, E):
        return E @ h.transpose(-1, -2) if h.ndim > 1 else E @ h

    @mistake("These are probabilities. Logits are the scores before the softmax; the loss applies it.")
    def probabilities(h, E):
        return reference.unembed(h, E).softmax(-1)

    @mistake("These are cosines. A logit is the plain dot product: here the lengths count.")
    def cosines(h, E):
        lengths = h.norm(dim=-1, keepdim=True) * E.norm(dim=1)
        return reference.unembed(h, E) / lengths

    @mistake("You divide by the root of the dimension. That belongs to attention (lesson 6), not here.")
    def scaled(h, E):
        return reference.unembed(h, E) / math.sqrt(E.shape[1])

    @mistake("This is the most likely id. Return the scores of all words.")
    def best_word(h, E):
        return reference.unembed(h, E).argmax(-1)

    @mistake("The leading axes are flattened into one. Keep the shape of h, and replace its last axis by vocab.")
    def flattened(h, E):
        return h.reshape(-1, E.shape[1]) @ E.T

    return Exercise(
        name="unembed",
        title="From a hidden state to logits",
        lesson=4,
        reference=reference.unembed,
        parts=(
            Part("a list of hidden states", 1, a_list_of_states),
            Part("any leading shape", 1, any_leading_shape),
            Part("a gradient flows back", 1, gradients),
        ),
        mistakes=(
            not_transposed,
            words_first,
            probabilities,
            cosines,
            scaled,
            best_word,
            flattened,
            gradient_cut,
            gradient_for_h_alone,
            e_in_front,
            a_lookup,
            reshaped_for_transposed,
            log_probabilities,
        ),
        probe=probes.of_hidden_states,
    )


def _cross_entropy() -> Exercise:
    def small_logits(rng: Rng) -> Iterator[Case]:
        yield Case((torch.zeros(1, 4), torch.tensor([2]), probes.VALUE))
        yield Case((torch.tensor([[0.0, 1.0, 2.0]]), torch.tensor([1]), probes.VALUE))
        for batch, vocab in (((2,), 3), ((3,), 3), ((5,), 8), ((2, 3), 4), ((), 6)):
            yield Case((2 * _tensor(rng, *batch, vocab), _ids(rng, vocab, *batch), probes.VALUE))

    def large_logits(rng: Rng) -> Iterator[Case]:
        yield Case((torch.tensor([[1000.0, 0.0]]), torch.tensor([0]), probes.VALUE))
        yield Case((torch.tensor([[1000.0, 0.0]]), torch.tensor([1]), probes.VALUE))
        yield Case((torch.tensor([[1000.0, 0.0], [0.0, 1.0]]), torch.tensor([0, 1]), probes.VALUE))
        yield Case((torch.tensor([[-1000.0, -1001.0]], dtype=torch.float64), torch.tensor([0]), probes.VALUE))
        for n, vocab in ((2, 3), (4, 6), (3, 9)):
            yield Case((300 * _tensor(rng, n, vocab).double(), _ids(rng, vocab, n), probes.VALUE))

    def gradients(rng: Rng) -> Iterator[Case]:
        for n, vocab in ((1, 3), (3, 4)):
            yield Case((_tensor(rng, n, vocab), _ids(rng, vocab, n), probes.GRADIENT))

    def losses(logits, targets):
        chosen = logits.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
        return logits.logsumexp(-1) - chosen

    def probabilities(logits, targets):
        return (-losses(logits, targets)).exp()

    @mistake("This is the sum over all targets. Return their mean.")
    def a_sum(logits, targets):
        return losses(logits, targets).sum()

    @mistake("One loss for each target. Return their mean, one number.")
    def one_for_each(logits, targets):
        return losses(logits, targets)

    @mistake("The sign is missing: a probability below 1 has a negative logarithm, and a loss is positive.")
    def sign_missing(logits, targets):
        return -losses(logits, targets).mean()

    @mistake("This is in bits, with the logarithm to base 2. Use the natural one.")
    def in_bits(logits, targets):
        return losses(logits, targets).mean() / math.log(2)

    @mistake("You average the probabilities and then take the logarithm. First the logarithm of each, then the mean.")
    def logarithm_of_the_mean(logits, targets):
        return -probabilities(logits, targets).mean().log()

    @mistake("This is the mean probability of the targets. The loss is minus its logarithm, averaged.")
    def a_probability(logits, targets):
        return probabilities(logits, targets).mean()

    @mistake("This takes minus the logit of the target and forgets the other words: ln Σ exp is missing.")
    def without_the_sum(logits, targets):
        return -logits.gather(-1, targets.unsqueeze(-1)).mean()

    @mistake(
        "`exp` of a large number is infinite, and what comes after is `nan` or `inf`. Subtract the largest logit of each "
        "row first; the softmax does not change by that."
    )
    def not_stable(logits, targets):
        shares = logits.exp() / logits.exp().sum(-1, keepdim=True)
        return -shares.gather(-1, targets.unsqueeze(-1)).log().mean()

    @mistake(
        "The logarithm is taken of a probability that was rounded to 0. Keep to logarithms all the way: subtract "
        "`logsumexp` from the logit."
    )
    def log_of_softmax(logits, targets):
        return -logits.softmax(-1).gather(-1, targets.unsqueeze(-1)).log().mean()

    @mistake(
        "A small number under the logarithm hides large losses: none can exceed about 20. Subtract `logsumexp` from the "
        "logit, then nothing has to be hidden."
    )
    def epsilon(logits, targets):
        return -(logits.softmax(-1).gather(-1, targets.unsqueeze(-1)) + 1e-9).log().mean()

    @mistake(_GRADIENT_CUT)
    def gradient_cut(logits, targets):
        return reference.cross_entropy(logits.detach(), targets)

    @mistake(
        "You subtract the largest logit of the whole batch. In a row far below it every exp is 0, and its logarithm is −inf. "
        "Each row needs its own largest: `logits.max(dim=-1, keepdim=True).values`."
    )
    def largest_of_all(logits, targets):
        shifted = logits - logits.max()
        chosen = shifted.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
        return (shifted.exp().sum(-1).log() - chosen).mean()

    @mistake(
        "With `dim=`, torch's `max` gives a pair: the largest numbers, and where they stand. Take `.values` of it, or `amax`, "
        "which gives the numbers alone."
    )
    def the_pair_that_max_gives(logits, targets):
        return logits - logits.max(dim=-1, keepdim=True)

    @mistake(
        "The largest logit is taken off inside the sum and not off the target's own logit. Off both, or off neither."
    )
    def largest_taken_off_once(logits, targets):
        shifted = logits - logits.max(-1, keepdim=True).values
        return (shifted.logsumexp(-1) - logits.gather(-1, targets.unsqueeze(-1)).squeeze(-1)).mean()

    @mistake(
        "`logits[..., targets]` takes the column of every target from every row. Wanted is one number from each row: `gather`."
    )
    def every_targets_column(logits, targets):
        return -logits.log_softmax(-1)[..., targets].mean()

    @mistake("The softmax runs over the first axis, from row to row. Words stand along the last: `dim=-1`.")
    def along_the_first_axis(logits, targets):
        return -logits.log_softmax(0).gather(-1, targets.unsqueeze(-1)).mean()

    @mistake("The softmax is taken twice: torch's `F.cross_entropy` wants logits and takes it itself.")
    def softmax_twice(logits, targets):
        return reference.cross_entropy(logits.softmax(-1), targets)

    @mistake("You divide by the number of all logits. The mean is over the targets, one for each row.")
    def divided_by_all_logits(logits, targets):
        return reference.cross_entropy(logits, targets) / logits.shape[-1]

    @mistake("This is e to the loss, the perplexity. Return the loss.")
    def perplexity(logits, targets):
        return reference.cross_entropy(logits, targets).exp()

    @mistake("One sum goes over all rows at once. Each row has its own Σ exp: `logsumexp(dim=-1)`.")
    def one_sum_for_all(logits, targets):
        chosen = logits.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
        return (logits.flatten().logsumexp(0) - chosen).mean()

    @mistake(
        "torch's `F.cross_entropy` wants the words on the second axis. Make both flat first: `logits.reshape(-1, vocab)` and "
        "`targets.reshape(-1)`."
    )
    def torch_wants_them_flat(logits, targets):
        return F.cross_entropy(logits, targets)

    @mistake(
        "`logits[range, targets]` works for one axis in front, and there may be several or none. Make everything flat first, "
        "or take `gather`, which works for any."
    )
    def one_axis_in_front(logits, targets):
        return (
            losses(logits[torch.arange(len(targets))], targets).mean()
            if targets.ndim == 1
            else (-logits.log_softmax(-1)[torch.arange(len(targets)), targets].mean())
        )

    @mistake("This is a Python number, which no gradient can flow back from. Return the tensor; leave `.item()` away.")
    def a_python_number(logits, targets):
        return losses(logits, targets).mean().item()

    return Exercise(
        name="cross_entropy",
        title="Cross-entropy",
        lesson=4,
        reference=reference.cross_entropy,
        parts=(
            Part("small logits", 1, small_logits, dtype="kind"),
            Part("large logits", 1, large_logits, dtype="kind"),
            Part("a gradient flows back", 1, gradients, dtype="kind"),
        ),
        mistakes=(
            a_sum,
            one_for_each,
            sign_missing,
            in_bits,
            logarithm_of_the_mean,
            a_probability,
            without_the_sum,
            not_stable,
            log_of_softmax,
            epsilon,
            a_python_number,
            gradient_cut,
            largest_of_all,
            the_pair_that_max_gives,
            largest_taken_off_once,
            every_targets_column,
            along_the_first_axis,
            softmax_twice,
            divided_by_all_logits,
            perplexity,
            one_sum_for_all,
            torch_wants_them_flat,
            one_axis_in_front,
        ),
        probe=probes.of_logits,
    )


def _tie() -> Exercise:
    def deeds(*names: str):
        def cases(rng: Rng) -> Iterator[Case]:
            for vocab, dim in ((3, 2), (5, 4)):
                rows, head_rows = _tensor(rng, vocab, dim), _tensor(rng, vocab, dim)
                for deed in names:
                    yield Case((deed, rows, head_rows, int(rng.integers(vocab)), _tensor(rng, 2, dim)))

        return cases

    nothing, table_changed, head_changed, step, earlier, frozen, copied, saved = probes.DEEDS

    @mistake(
        "This is a copy: the numbers are equal now, and go their own ways from the first change on. Both layers must "
        "hold the same parameter."
    )
    def a_copy(table, head):
        with torch.no_grad():
            head.weight.copy_(table.weight)

    @mistake(
        "The two layers share their numbers, but not the parameter (`.data`, or a new `nn.Parameter` around the same "
        "numbers). An optimiser moves both, and a copy of the model parts them. Hand over the parameter itself."
    )
    def numbers_shared(table, head):
        head.weight.data = table.weight.data

    @mistake("Tied, but with the rows of the head. The rows of the table are to stay.")
    def rows_of_the_head(table, head):
        table.weight = head.weight

    @mistake("The head's matrix is frozen and no longer learns from the logits. A tied matrix learns from both sides.")
    def frozen_head(table, head):
        head.weight = nn.Parameter(table.weight, requires_grad=False)

    @mistake(
        "The two layers are as far apart as before. Change the layers that come in; what you return is not looked at."
    )
    def nothing_done(table, head):
        pass

    @mistake(
        "Only a parameter can be assigned here, and `table.weight` is one as it stands. `.data`, `.detach()` and `.T` hand out "
        "bare numbers: take none of them, and wrap nothing."
    )
    def a_bare_tensor(table, head):
        head.weight = table.weight.data

    @mistake("A layer is no matrix. The table's matrix is `table.weight`.")
    def the_layer_itself(table, head):
        head.weight = table

    @mistake("The two have exchanged their matrices, and they are still two.")
    def exchanged(table, head):
        head.weight, table.weight = table.weight, head.weight

    @mistake(
        "The two are tied, but to a new parameter. Whatever knew the table's own one, an optimiser for instance, holds "
        "something else now. Use `table.weight` itself, and change nothing in the table."
    )
    def a_third_parameter(table, head):
        table.weight = nn.Parameter(table.weight.detach().clone(), requires_grad=table.weight.requires_grad)
        head.weight = table.weight

    @mistake("The table was frozen, and now it learns. Whether its matrix learns is not yours to change.")
    def unfrozen(table, head):
        head.weight = table.weight.requires_grad_(True)

    @mistake("Nothing needs transposing: `nn.Linear(dim, vocab)` holds its matrix as (vocab, dim), like the table.")
    def transposed(table, head):
        head.weight = nn.Parameter(table.weight.T)

    return Exercise(
        name="tie",
        title="To tie",
        lesson=4,
        reference=reference.tie,
        parts=(
            Part("a change of one is a change of both", 1, deeds(nothing, table_changed, head_changed)),
            Part("a step of the optimiser", 1, deeds(step, earlier, frozen)),
            Part("copied, saved and loaded", 1, deeds(copied, saved)),
        ),
        mistakes=(
            a_copy,
            numbers_shared,
            rows_of_the_head,
            frozen_head,
            nothing_done,
            transposed,
            a_bare_tensor,
            the_layer_itself,
            exchanged,
            a_third_parameter,
            unfrozen,
        ),
        probe=probes.deed_on_tied_pair,
    )


def _count_parameters() -> Exercise:
    def any_module(rng: Rng) -> Iterator[Case]:
        yield Case(([("Embedding", 5, 2), ("Linear", 2, 3)], [], [], [], "cpu"))
        a, b, c = rng.integers(2, 9, size=3).tolist()
        yield Case(([("Linear", a, b), ("BatchNorm1d", b), ("Linear without bias", b, c)], [], [], [], "cpu"))
        yield Case(([("Embedding", c, a), ("Linear", a, b), ("Linear", b, c)], [], [], [0], "cpu"))
        yield Case(([("Linear", a, a), ("Linear", a, a), ("BatchNorm1d", a)], [], [], [1, 2], "cpu"))

    def shared_once(rng: Rng) -> Iterator[Case]:
        a, b = rng.integers(2, 9, size=2).tolist()
        pair = [("Embedding", a, b), ("Linear", b, a)]
        yield Case((pair, [(0, 1)], [], [], "cpu"))
        yield Case((pair, [], [(0, 1)], [], "cpu"))
        yield Case(([*pair, ("Linear without bias", b, a)], [(0, 1), (0, 2)], [], [], "cpu"))
        large = [("Embedding", 50_257, 768), ("Linear", 768, 3_072), ("Linear without bias", 768, 50_257)]
        yield Case((large, [(0, 2)], [], [], "meta"))
        yield Case((large, [], [], [0], "meta"))

    def each(module):
        return module.parameters()

    @mistake(
        "`state_dict` lists a shared parameter under each of its names, and buffers (running means) besides. Go through "
        "`parameters()`, which gives each parameter once."
    )
    def by_state_dict(module):
        return sum(tensor.numel() for tensor in module.state_dict().values())

    @mistake("A shared parameter is counted under each of its names. It is one matrix: count it once.")
    def shared_twice(module):
        return sum(tensor.numel() for _, tensor in module.named_parameters(remove_duplicate=False))

    @mistake("Frozen parameters are left out. They are numbers of the model like all others: count them.")
    def trainable_only(module):
        return sum(tensor.numel() for tensor in each(module) if tensor.requires_grad)

    @mistake("Biases are left out. They are parameters too.")
    def without_biases(module):
        return sum(tensor.numel() for tensor in each(module) if tensor.ndim > 1)

    @mistake("This is how many tensors there are. Add up how many numbers each holds, `numel()`.")
    def tensors(module):
        return len(list(each(module)))

    @mistake("`len` of a matrix is the number of its rows. `numel()` counts its numbers.")
    def rows(module):
        return sum(map(len, each(module)))

    @mistake("Buffers (running means and the like) are counted too. They are stored, and they are not parameters.")
    def with_buffers(module):
        return sum(tensor.numel() for tensor in (*each(module), *module.buffers()))

    @mistake(
        "The shared matrix is taken away, though it was there only once: `parameters()` gives each parameter once, however "
        "many names it has."
    )
    def taken_away_twice(module):
        total = sum(tensor.numel() for tensor in each(module))
        return total - (module.head.weight.numel() if module.head.weight is module.table.weight else 0)

    @mistake("What is inside is counted again with each module around it. `module.parameters()` goes inside by itself.")
    def again_for_each_module(module):
        return sum(tensor.numel() for inner in module.modules() for tensor in inner.parameters())

    @mistake("These are bytes. Count the numbers, `numel()`.")
    def in_bytes(module):
        return sum(tensor.numel() * tensor.element_size() for tensor in each(module))

    @mistake("The sizes of a matrix are added. It has rows times columns numbers: `numel()`.")
    def sizes_added(module):
        return sum(sum(tensor.shape) for tensor in each(module))

    @mistake("Parameters inside of inner modules are missed. `module.parameters()`, as it stands, goes into them.")
    def own_only(module):
        return sum(tensor.numel() for tensor in module.parameters(recurse=False))

    @mistake("Parameters of equal shape are taken for one. A copy is not shared: it counts again.")
    def once_for_each_shape(module):
        return sum({tensor.shape: tensor.numel() for tensor in each(module)}.values())

    return Exercise(
        name="count_parameters",
        title="Counting parameters",
        lesson=4,
        reference=reference.count_parameters,
        parts=(
            Part("any module", 1, any_module, dtype="kind"),
            Part("a shared matrix once", 1, shared_once, dtype="kind"),
        ),
        mistakes=(
            by_state_dict,
            shared_twice,
            trainable_only,
            without_biases,
            tensors,
            rows,
            with_buffers,
            own_only,
            once_for_each_shape,
            taken_away_twice,
            again_for_each_module,
            in_bytes,
            sizes_added,
        ),
        probe=probes.built_module,
    )


def _tied_gradient() -> Exercise:
    def cases(rng: Rng, repeated: bool) -> Iterator[Case]:
        for n, m, vocab, dim in ((1, 1, 3, 2), (2, 1, 4, 2), (3, 2, 5, 3), (4, 6, 6, 4), (3, 3, 3, 3)):
            ids = rng.permutation(vocab)[:n]
            if repeated:
                ids = np.append(ids, ids[0])
            yield Case(
                (
                    torch.from_numpy(ids),
                    _tensor(rng, len(ids), dim),
                    _tensor(rng, m, dim),
                    _tensor(rng, m, vocab),
                    vocab,
                )
            )

    def different_ids(rng: Rng) -> Iterator[Case]:
        yield from cases(rng, repeated=False)

    def repeated_ids(rng: Rng) -> Iterator[Case]:
        yield from cases(rng, repeated=True)

    def read_part(ids, d_input, vocab_size):
        return torch.zeros(vocab_size, d_input.shape[1]).index_add(0, ids, d_input)

    @mistake("This is the part of the rows that were read. The logits send a gradient too: d_logitsᵀ h.")
    def reading_only(ids, d_input, h, d_logits, vocab_size):
        return read_part(ids, d_input, vocab_size)

    @mistake(
        "This is the part of the logits. The rows that were read get a gradient too: d_input, each to its row. (If you did "
        "add it: `index_add` without an underscore returns a new tensor. Keep what it returns.)"
    )
    def scoring_only(ids, d_input, h, d_logits, vocab_size):
        return d_logits.T @ h

    @mistake("What was there is overwritten in the rows that were read. The two parts are added.")
    def overwritten(ids, d_input, h, d_logits, vocab_size):
        G = d_logits.T @ h
        G[ids] = d_input
        return G

    @mistake(
        "`G[ids] += …` adds to a row only once, however often its id comes (lesson 1). `G.index_add_(0, ids, …)` adds "
        "each time."
    )
    def repeats_lost(ids, d_input, h, d_logits, vocab_size):
        G = d_logits.T @ h
        G[ids] += d_input
        return G

    @mistake("This is the mean of the two parts. One matrix that is used twice gets the sum.")
    def the_mean(ids, d_input, h, d_logits, vocab_size):
        return (d_logits.T @ h + read_part(ids, d_input, vocab_size)) / 2

    @mistake("The part of the logits is divided by the number of hidden states. d_logits has that mean in it already.")
    def divided(ids, d_input, h, d_logits, vocab_size):
        return d_logits.T @ h / len(h) + read_part(ids, d_input, vocab_size)

    @mistake(
        "The product has shape (dim, vocab), and the gradient of E has the shape of E, (vocab, dim): d_logitsᵀ h, so turn "
        "d_logits and not h."
    )
    def turned(ids, d_input, h, d_logits, vocab_size):
        return (h.T @ d_logits).index_add(0, ids, d_input)

    @mistake(
        "The product has shape (dim, vocab), and the gradient of E has the shape of E, (vocab, dim): d_logitsᵀ h. Turn d_logits, "
        "and not h."
    )
    def turned_then_added(ids, d_input, h, d_logits, vocab_size):
        return read_part(ids, d_input, vocab_size) + h.T @ d_logits

    @mistake("The shares of reading are subtracted. This is a gradient, not a step: both parts are added.")
    def subtracted(ids, d_input, h, d_logits, vocab_size):
        return d_logits.T @ h - read_part(ids, d_input, vocab_size)

    @mistake("Row i of d_input goes to row i here. It belongs to the row that was read, `ids[i]`.")
    def to_the_first_rows(ids, d_input, h, d_logits, vocab_size):
        G = d_logits.T @ h
        G[: len(ids)] += d_input
        return G

    @mistake("A row that was read several times gets the mean of its shares. They add up, as in lesson 1.")
    def mean_over_repeats(ids, d_input, h, d_logits, vocab_size):
        times = torch.bincount(ids, minlength=vocab_size).clamp(min=1).unsqueeze(1)
        return d_logits.T @ h + read_part(ids, d_input, vocab_size) / times

    @mistake("Only the rows that were read get something. Every word has a logit, so every row gets a gradient.")
    def rows_read_only(ids, d_input, h, d_logits, vocab_size):
        read = torch.zeros(vocab_size, 1).index_fill(0, ids, 1)
        return read * (d_logits.T @ h) + read_part(ids, d_input, vocab_size)

    return Exercise(
        name="tied_gradient",
        title="Two gradients, one matrix",
        lesson=4,
        reference=reference.tied_gradient,
        parts=(Part("different ids", 1, different_ids), Part("repeated ids", 1, repeated_ids)),
        mistakes=(
            reading_only,
            scoring_only,
            overwritten,
            repeats_lost,
            the_mean,
            divided,
            rows_read_only,
            turned,
            turned_then_added,
            subtracted,
            to_the_first_rows,
            mean_over_repeats,
        ),
    )


def _tying_saving() -> Exercise:
    def small(rng: Rng) -> Iterator[Case]:
        yield Case((12, 1, 1))
        for _ in range(4):
            yield Case((*rng.integers(5, 60, size=2).tolist(), int(rng.integers(1, 6))))

    def real(rng: Rng) -> Iterator[Case]:
        for sizes in ((50_257, 768, 12), (151_936, 896, 24), (128_256, 16_384, 126)):
            yield Case(sizes)

    def body(dim, depth):
        return 12 * depth * dim**2

    @mistake("The share is taken of the tied model. Divide by the size before tying, with both matrices.")
    def of_the_tied_model(vocab_size, dim, depth):
        return vocab_size * dim / (vocab_size * dim + body(dim, depth))

    @mistake("Both matrices are counted as saved. One of the two goes, the other stays.")
    def both_saved(vocab_size, dim, depth):
        return 2 * vocab_size * dim / (2 * vocab_size * dim + body(dim, depth))

    @mistake("This is how many parameters are saved. Divide by how many there were.")
    def a_count(vocab_size, dim, depth):
        return vocab_size * dim

    @mistake("This is a percentage. A share lies between 0 and 1.")
    def a_percentage(vocab_size, dim, depth):
        return 100 * reference.tying_saving(vocab_size, dim, depth)

    @mistake("This is the share that stays. Wanted is the share that is saved.")
    def what_stays(vocab_size, dim, depth):
        return 1 - reference.tying_saving(vocab_size, dim, depth)

    @mistake("A layer has 12 · dim² numbers, not dim².")
    def without_the_twelve(vocab_size, dim, depth):
        return vocab_size * dim / (2 * vocab_size * dim + depth * dim**2)

    @mistake("The two matrices belong to the size as well: 2 · vocab · dim, and the layers.")
    def of_the_layers(vocab_size, dim, depth):
        return vocab_size * dim / body(dim, depth)

    @mistake("A layer has 12 · dim · dim numbers; one dim is missing.")
    def dim_once(vocab_size, dim, depth):
        return vocab_size * dim / (2 * vocab_size * dim + 12 * depth * dim)

    @mistake("Upside down: what is saved stands above, the size before tying below.")
    def upside_down(vocab_size, dim, depth):
        return (2 * vocab_size * dim + body(dim, depth)) / (vocab_size * dim)

    @mistake("Only the table is there twice. The layers are counted once.")
    def all_doubled(vocab_size, dim, depth):
        return vocab_size * dim / (2 * (vocab_size * dim + body(dim, depth)))

    @mistake("`//` drops everything after the point, and a share is less than 1. Divide with `/`.")
    def whole_division(vocab_size, dim, depth):
        return vocab_size * dim // (2 * vocab_size * dim + body(dim, depth))

    @mistake("Brackets: `a / b + c` divides by b alone. Put the whole size in brackets.")
    def brackets_missing(vocab_size, dim, depth):
        return vocab_size * dim / 2 * vocab_size * dim + body(dim, depth)

    @mistake("Only one layer is counted. There are `depth` of them.")
    def one_layer(vocab_size, dim, depth):
        return reference.tying_saving(vocab_size, dim, 1)

    return Exercise(
        name="tying_saving",
        title="What tying saves",
        lesson=4,
        reference=reference.tying_saving,
        parts=(
            Part("small models", 1, small, dtype="number", within=1e-6),  # float32 will do
            Part("real models", 1, real, dtype="number", within=1e-6),
        ),
        mistakes=(
            of_the_tied_model,
            both_saved,
            a_count,
            a_percentage,
            what_stays,
            without_the_twelve,
            one_layer,
            of_the_layers,
            dim_once,
            upside_down,
            all_doubled,
            whole_division,
            brackets_missing,
        ),
    )


def _gpt2_in_numbers(which: str, dim: int, layers: int, total: int) -> Exercise:
    vocab = _GPT2_VOCAB

    def answers(saved, untied, rank):
        return {"saved": saved, "untied": untied, "rank": rank}

    def gpt2_in_numbers():
        return answers(vocab * dim, total + vocab * dim, dim)

    @mistake("Tying has already taken the head away from that total. To untie is to add a second matrix to it.")
    def taken_away_twice():
        return answers(vocab * dim, total - vocab * dim, dim)

    @mistake("Two matrices are added. One of them is in the total already, as the table.")
    def two_added():
        return answers(vocab * dim, total + 2 * vocab * dim, dim)

    @mistake("Both matrices are counted as saved. One of the two goes, the other stays.")
    def both_saved():
        return answers(2 * vocab * dim, total + vocab * dim, dim)

    @mistake("That is the number of logits. They are mixed from `dim` columns of E, and no mixture adds a direction.")
    def rank_of_the_vocabulary():
        return answers(vocab * dim, total + vocab * dim, vocab)

    @mistake(
        f"There are {dim:,} columns to mix, and each counts as a direction. (The softmax takes none away; its logarithm can "
        "even add one.)"
    )
    def one_direction_less():
        return answers(vocab * dim, total + vocab * dim, dim - 1)

    @mistake(f"That is the model of this lesson. {which.removeprefix('The smallest ')} has dim {dim:,}.")
    def rank_of_our_model():
        return answers(vocab * dim, total + vocab * dim, 16)

    @mistake(f"The model may be wider inside, but what is compared with the words is h, with {dim:,} numbers.")
    def rank_of_the_inner_layers():
        return answers(vocab * dim, total + vocab * dim, 4 * dim)

    @mistake("The whole model is doubled. Untied, only the matrix is there a second time.")
    def all_doubled():
        return answers(vocab * dim, 2 * total, dim)

    @mistake("12 · dim² is an estimate of a layer. The exact total is given: begin with it.")
    def from_the_estimate():
        return answers(vocab * dim, 2 * vocab * dim + layers * 12 * dim**2, dim)

    @mistake("These are bytes in float32. Asked for are parameters.")
    def bytes_for_parameters():
        return answers(4 * vocab * dim, 4 * (total + vocab * dim), dim)

    @mistake("That is the total as it stands, with one matrix. Untied, the model has one more.")
    def untied_as_tied():
        return answers(vocab * dim, total, dim)

    return Exercise(
        name="gpt2_in_numbers",
        title="GPT-2 in numbers",
        lesson=4,
        reference=gpt2_in_numbers,
        parts=(
            entry_part("parameters that tying saves", "saved"),
            entry_part("parameters of the untied model", "untied"),
            entry_part("rank of the logits", "rank"),
        ),
        mistakes=(
            taken_away_twice,
            two_added,
            both_saved,
            rank_of_the_vocabulary,
            one_direction_less,
            bytes_for_parameters,
            untied_as_tied,
            rank_of_our_model,
            rank_of_the_inner_layers,
            all_doubled,
            from_the_estimate,
        ),
    )


def _of_gpt2(which: str, dim: int, layers: int) -> dict:
    total = gpt2_parameters(_GPT2_VOCAB, dim, layers, positions=1_024)
    return {"which": which, "dim": dim, "layers": layers, "total": total}


EXERCISES = (
    _unembed(),
    _cross_entropy(),
    _tie(),
    _tied_gradient(),
    _count_parameters(),
    _tying_saving(),
    with_numbers(
        _gpt2_in_numbers,
        _of_gpt2("The smallest GPT-2", dim=768, layers=12),
        _of_gpt2("GPT-2 medium", dim=1_024, layers=24),
        _of_gpt2("GPT-2 large", dim=1_280, layers=36),
        _of_gpt2("GPT-2 XL", dim=1_600, layers=48),
    ),
)
