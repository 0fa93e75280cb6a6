"""The length experiment: that the layer is what it says, and that what is stored is what the command makes."""

import json

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from embedcourse.positions import attention, attention_weights, learned_input, sinusoidal, training
from embedcourse.similarity import cosine_similarity

STORED = training.stored_lengths()
CHANCE = 1 / training.VOCAB


def model_of(scheme, dim=8):
    torch.manual_seed(1)
    return training.OneLayer(scheme, vocab_size=5, dim=dim).double().requires_grad_(False)


def some_ids(length=12):
    return torch.randint(5, (3, length), generator=torch.Generator().manual_seed(2))


@pytest.fixture(scope="module")
def previous():
    return training.train("previous", "learned", seed=2)


@pytest.fixture(scope="module")
def first():
    return training.train("first", "learned", seed=2)


def test_the_rows_that_enter_are_those_of_the_reference():
    ids = some_ids()
    learned, added, none = (model_of(scheme) for scheme in ("learned", "sinusoidal", "none"))
    expected = learned_input(learned.E.weight.numpy(), learned.P.weight.numpy(), ids.numpy())
    np.testing.assert_array_equal(learned.rows(ids), expected)
    np.testing.assert_allclose(added.rows(ids) - added.E(ids), sinusoidal(12, 8)[None].repeat(3, 0), rtol=0, atol=1e-5)
    np.testing.assert_array_equal(none.rows(ids), none.E(ids))


@pytest.mark.parametrize("scheme", ["learned", "sinusoidal", "none"])
def test_the_layer_is_the_attention_of_the_reference(scheme):
    model, ids = model_of(scheme), some_ids()
    x = model.rows(ids)
    q, k, v = (part(x).numpy() for part in (model.query, model.key, model.value))
    np.testing.assert_allclose(model.weights(ids), attention_weights(q, k, causal=True), rtol=0, atol=1e-14)
    mixed = torch.from_numpy(attention(q, k, v, causal=True))
    torch.testing.assert_close(model(ids), model.head(mixed), rtol=0, atol=1e-14)


def test_rope_turns_complex_numbers():
    model, ids = model_of("rope"), some_ids()
    x = model.rows(ids)
    turn = torch.polar(torch.ones(12, 4, dtype=torch.float64), torch.arange(12)[:, None] * model.frequencies)
    q, k = (turn * torch.complex(*part(x).chunk(2, dim=-1)) for part in (model.query, model.key))
    scores = (q @ k.mH).real / 8**0.5
    later = torch.ones(12, 12, dtype=torch.bool).triu(1)
    expected = scores.masked_fill(later, -torch.inf).softmax(-1)
    torch.testing.assert_close(model.weights(ids), expected, rtol=0, atol=1e-14)


def test_alibi_alone_falls_by_one_factor_a_place():
    model = model_of("alibi")
    model.query.weight.zero_()
    model.query.bias.zero_()
    weights = model.weights(some_ids())[0].numpy()
    for place in range(1, 12):
        np.testing.assert_allclose(weights[place, :place] / weights[place, 1 : place + 1], np.exp(-0.5), rtol=1e-12)


@pytest.mark.parametrize(
    ("scheme", "moves"), [("learned", True), ("sinusoidal", True), ("rope", False), ("alibi", False)]
)
def test_only_added_positions_notice_that_all_places_have_moved(scheme, moves):
    model, ids = model_of(scheme), some_ids()
    change = (model.weights(ids, torch.arange(12) + 40) - model.weights(ids)).abs().max()
    assert change > 1e-3 if moves else change < 1e-14
    stretched = (model.weights(ids, 3 * torch.arange(12)) - model.weights(ids)).abs().max()
    assert stretched > 1e-3


@pytest.mark.parametrize("scheme", training.SCHEMES)
def test_a_text_may_be_cut_without_a_change_before_the_cut(scheme):
    model, ids = model_of(scheme), some_ids()
    torch.testing.assert_close(model(ids[:, :7]), model(ids)[:, :7], rtol=0, atol=1e-14)


def test_every_text_may_have_positions_of_its_own():
    ids, positions = some_ids(), torch.stack([torch.arange(12) + start for start in (0, 5, 40)])
    for scheme in training.SCHEMES:
        model = model_of(scheme)
        together = model(ids, positions)
        for text in range(3):
            alone = model(ids[text : text + 1], positions[text])[0]
            torch.testing.assert_close(together[text], alone, rtol=0, atol=1e-14)


def test_a_scheme_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(ValueError, match="no scheme 'rotary'; there are learned, sinusoidal, rope, alibi, none"):
        training.OneLayer("rotary")


def test_the_answers_of_the_tasks():
    ids = torch.tensor([[7, 3, 5, 9]])
    assert training.previous(ids).tolist() == [[7, 3, 5]]
    assert training.first(ids).tolist() == [[7, 7, 7]]


def test_accuracies_are_means_over_the_places_beyond_training():
    def right_up_to_47(ids, positions=None):
        answers = ids.roll(1, dims=1)
        answers[:, 48:] = (answers[:, 48:] + 1) % training.VOCAB
        return F.one_hot(answers, training.VOCAB)

    by_place = training.accuracy_by_place(right_up_to_47, "previous")
    assert by_place.tolist() == [1] * 47 + [0] * 208
    assert training.accuracies(right_up_to_47, "previous") == [1, 1, 0.5, round(16 / 96, 3), round(16 / 224, 3)]


def test_rows_that_are_never_read_do_not_move_by_a_bit(previous):
    torch.manual_seed(2)
    fresh = training.OneLayer("learned")
    assert torch.equal(previous.P.weight[training.TRAINED :], fresh.P.weight[training.TRAINED :])
    assert (previous.P.weight != fresh.P.weight)[: training.TRAINED].any(dim=1).all()


def test_an_answer_hangs_on_the_rows_that_ask_and_are_asked(previous, first):
    by_place = {place: training.with_an_untrained_row(previous, "previous", place) for place in (0, 15, 29, 30, 31)}
    assert all(by_place[place] > 0.95 for place in (0, 15, 29))
    assert all(by_place[place] < 0.4 for place in (30, 31))
    by_place = {place: training.with_an_untrained_row(first, "first", place) for place in (0, 1, 30, 31)}
    assert all(by_place[place] > 0.95 for place in (1, 30, 31))
    assert by_place[0] < 0.6


def test_where_all_later_places_get_the_last_trained_row_the_answer_is_the_token_before_it(previous):
    ids = torch.randint(training.VOCAB, (50, 100), generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        answers = previous(ids, torch.arange(100).clamp(max=31)).argmax(dim=-1)
    assert (answers[:, 32:] == ids[:, 30:31]).float().mean() > 0.99


def test_what_is_stored_is_what_the_command_makes(previous, first):
    assert STORED["seeds"] == list(training.SEEDS)
    assert STORED["lengths"] == list(training.LENGTHS)
    assert (STORED["steps"], STORED["trained"]) == (training.STEPS, training.TRAINED)
    for task in training.TASKS:
        assert STORED["accuracies"][task].keys() == set(training.SCHEMES)
        assert STORED["scales"][str(training.STD)][task] == STORED["accuracies"][task]["learned"]
        assert np.shape(STORED["untrained"][task]) == (len(training.SEEDS), training.TRAINED)
        for scheme in training.SCHEMES:
            assert np.shape(STORED["accuracies"][task][scheme]) == (len(training.SEEDS), len(training.LENGTHS))
    assert {float(std) for std in STORED["scales"]} == set(training.SCALES)
    for model, task in ((previous, "previous"), (first, "first")):
        live = training.accuracies(model, task)
        np.testing.assert_allclose(live, STORED["accuracies"][task]["learned"][2], rtol=0, atol=0.05)
    text = training.STORED.read_text(encoding="utf-8")
    assert text == training.a_line_a_list(json.dumps(STORED, indent=1)) + "\n"


def test_what_the_lesson_says_of_the_stored_runs():
    runs = {
        (task, scheme): np.array(STORED["accuracies"][task][scheme])
        for task in training.TASKS
        for scheme in training.SCHEMES
    }
    for (task, scheme), run in runs.items():
        if scheme in ("learned", "sinusoidal", "rope"):
            assert run[:, 0].min() >= 0.99, (task, scheme)
        if scheme == "none":
            assert CHANCE < run[:, 0].min() < run[:, 0].max() < 0.3, task
    assert runs["previous", "learned"][:, 1:].max() < 0.1
    assert runs["first", "learned"][:, 1:].min() > 0.95
    assert runs["previous", "rope"][:, 1:3].min() > 0.95
    assert runs["first", "rope"][:, 1:].max() < 0.2
    assert np.abs(runs["previous", "alibi"] - 0.967).max() < 0.02
    small = np.array(STORED["scales"]["0.02"]["first"])
    assert small[:, 0].min() >= 0.99
    assert small[:, 1:].max() < 0.9


def test_without_positions_the_layer_guesses_as_well_as_a_set_of_tokens_allows():
    texts = np.random.default_rng(0).integers(training.VOCAB, size=(2_000, training.TRAINED - 1))
    counts = np.cumsum(texts[..., None] == np.arange(training.VOCAB), axis=1)
    best = np.mean(counts.max(axis=-1) / np.arange(1, training.TRAINED))  # always the commonest token so far
    for task in training.TASKS:
        in_range = np.array(STORED["accuracies"][task]["none"])[:, 0]
        assert np.abs(in_range - best).max() < 0.02, task


def test_what_the_stored_rows_look_like_depends_on_the_task():
    alike = {}
    for task in (*training.TASKS, "grammar"):
        P = np.array(STORED["rows"][task])
        assert P.shape == (training.TRAINED, training.DIM)
        alike[task] = cosine_similarity(P, P)
    by_distance = [np.diagonal(alike["previous"], distance).mean() for distance in range(3)]
    assert by_distance[1] < by_distance[2] - 0.1  # neighbours are told apart, every other row is alike
    assert alike["first"][0, 1:].max() < 0.2 < 0.8 < np.diagonal(alike["first"][1:, 1:], 1).min()
    assert np.diagonal(alike["grammar"], 1).mean() > 0.8 > -0.5 > alike["grammar"][0, 20:].max()


def test_the_rows_of_the_grammar_can_be_made_again():
    P = training.train_on_grammar(STORED["rows"]["seed"]).P.weight.detach()[: training.TRAINED].numpy()
    ours, theirs = cosine_similarity(P, P), cosine_similarity(*[np.array(STORED["rows"]["grammar"])] * 2)
    assert np.abs(ours - theirs).mean() < 0.2
