"""The exercises of lesson 4 as data: cases, and the mistakes that people make, each with the sentence that helps."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from embedcourse.marking import Case, Exercise, Part, entry_part, mistake
from embedcourse.tying import probes, reference

Rng = np.random.Generator


def _tensor(rng: Rng, *shape: int) -> torch.Tensor:
    return torch.from_numpy(rng.normal(size=shape).round(1).astype(np.float32) + 0.05)


def _ids(rng: Rng, vocab_size: int, *shape: int) -> torch.Tensor:
    return torch.from_numpy(rng.integers(vocab_size, size=shape))


def _unembed() -> Exercise:
    def a_list_of_states(rng: Rng) -> Iterator[Case]:
        yield Case((torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])))
        for n, vocab, dim in ((2, 3, 2), (4, 4, 4), (3, 7, 5), (1, 9, 2), (6, 2, 3)):
            yield Case((_tensor(rng, n, dim), _tensor(rng, vocab, dim)))

    def any_leading_shape(rng: Rng) -> Iterator[Case]:
        for batch, vocab, dim in (((), 3, 2), ((2, 3), 5, 4), ((3, 3), 3, 3), ((1, 2, 2), 6, 3), ((0,), 4, 2)):
            yield Case((_tensor(rng, *batch, dim), _tensor(rng, vocab, dim)))

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
        parts=(Part("a list of hidden states", 1, a_list_of_states), Part("any leading shape", 1, any_leading_shape)),
        mistakes=(not_transposed, words_first, probabilities, cosines, scaled, best_word, flattened),
    )


def _cross_entropy() -> Exercise:
    def small_logits(rng: Rng) -> Iterator[Case]:
        yield Case((torch.zeros(1, 4), torch.tensor([2])))
        yield Case((torch.tensor([[0.0, 1.0, 2.0]]), torch.tensor([1])))
        for batch, vocab in (((2,), 3), ((3,), 3), ((5,), 8), ((2, 3), 4), ((), 6)):
            yield Case((2 * _tensor(rng, *batch, vocab), _ids(rng, vocab, *batch)))

    def large_logits(rng: Rng) -> Iterator[Case]:
        yield Case((torch.tensor([[1000.0, 0.0]]), torch.tensor([0])))
        yield Case((torch.tensor([[1000.0, 0.0]]), torch.tensor([1])))
        yield Case((torch.tensor([[-1000.0, -1001.0]], dtype=torch.float64), torch.tensor([0])))
        for n, vocab in ((2, 3), (4, 6), (3, 9)):
            yield Case((300 * _tensor(rng, n, vocab).double(), _ids(rng, vocab, n)))

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

    @mistake("This is a Python number, which no gradient can flow back from. Return the tensor; leave `.item()` away.")
    def a_python_number(logits, targets):
        return losses(logits, targets).mean().item()

    return Exercise(
        name="cross_entropy",
        title="Cross-entropy",
        lesson=4,
        reference=reference.cross_entropy,
        parts=(Part("small logits", 1, small_logits), Part("large logits", 1, large_logits)),
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
        ),
    )


def _tie() -> Exercise:
    def deeds(*names: str):
        def cases(rng: Rng) -> Iterator[Case]:
            for vocab, dim in ((3, 2), (5, 4)):
                rows, head_rows = _tensor(rng, vocab, dim), _tensor(rng, vocab, dim)
                for deed in names:
                    yield Case((deed, rows, head_rows, int(rng.integers(vocab)), _tensor(rng, 2, dim)))

        return cases

    nothing, table_changed, head_changed, step, copied, saved = probes.DEEDS

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
            Part("a step of the optimiser", 1, deeds(step)),
            Part("copied, saved and loaded", 1, deeds(copied, saved)),
        ),
        mistakes=(a_copy, numbers_shared, rows_of_the_head, frozen_head, nothing_done, transposed),
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

    @mistake("Parameters inside of inner modules are missed. Leave `recurse` as it is.")
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

    @mistake("This is the part of the logits. The rows that were read get a gradient too: d_input, each to its row.")
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
        return d_logits.T @ h / (len(h) + 1) + read_part(ids, d_input, vocab_size)

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
        mistakes=(reading_only, scoring_only, overwritten, repeats_lost, the_mean, divided, rows_read_only),
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

    @mistake("Only one layer is counted. There are `depth` of them.")
    def one_layer(vocab_size, dim, depth):
        return reference.tying_saving(vocab_size, dim, 1)

    return Exercise(
        name="tying_saving",
        title="What tying saves",
        lesson=4,
        reference=reference.tying_saving,
        parts=(Part("small models", 1, small, dtype="number"), Part("real models", 1, real, dtype="number")),
        mistakes=(
            of_the_tied_model,
            both_saved,
            a_count,
            a_percentage,
            what_stays,
            without_the_twelve,
            one_layer,
        ),
    )


def _gpt2_in_numbers() -> Exercise:
    vocab, dim, total = 50_257, 768, 124_439_808

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
        "There are 768 columns to mix, and each counts as a direction. (The softmax takes none away; its logarithm can "
        "even add one.)"
    )
    def one_direction_less():
        return answers(vocab * dim, total + vocab * dim, dim - 1)

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
        ),
    )


EXERCISES = (
    _unembed(),
    _cross_entropy(),
    _tie(),
    _tied_gradient(),
    _count_parameters(),
    _tying_saving(),
    _gpt2_in_numbers(),
)
