"""The small language model and its texts: shapes, sizes, and that it learns what can be learnt."""

import math
from itertools import pairwise

import torch

from embedcourse.tying import count_parameters, training


def test_the_arms_have_the_sizes_that_the_lesson_claims():
    for text, (make, dim, names) in training.TEXTS.items():
        arms = {name: training.arm(text, name, seed=0) for name in names}
        sizes = {name: count_parameters(model) for name, model in arms.items()}
        assert sizes["untied"] - sizes["tied"] == len(make(0)[1]) * dim
        assert arms["tied"].table.weight is arms["tied"].head.weight
        if "tied and wider" in names:
            left = sizes["untied"] - sizes["tied and wider"]
            assert 0 <= left < (training.CONTEXT + 1) * dim + 1  # less than one more hidden unit
            assert sizes["tied to another word"] == sizes["tied"]


def test_tied_to_another_word_means_said_with_its_row():
    partners = torch.tensor([2, 0, 1])
    model = training.LanguageModel(3, dim=4, hidden=5, tied=True, partners=partners)
    ids = torch.tensor([[0, 1, 2]])
    rows = model.table.weight[partners]
    torch.testing.assert_close(model(ids), model.hidden_state(ids) @ rows.T)


def test_what_is_stored_is_what_the_command_makes():
    stored = training.stored_arms()
    assert stored["losses"].keys() == stored["parameters"].keys() == training.TEXTS.keys()
    for text, (_, _, names) in training.TEXTS.items():
        assert stored["parameters"][text] == {name: count_parameters(training.arm(text, name, 0)) for name in names}
        for name in names:
            assert [len(runs) for runs in stored["losses"][text][name]] == [len(training.SEEDS)] * len(training.AMOUNTS)
    assert {float(std) for std in stored["scales"]} == set(training.SCALES)
    assert stored["scales"]["0.1"]["tied"] == stored["losses"]["grammar"]["tied"][0]
    assert (stored["patient"]["steps"], stored["patient"]["amount"]) == (training.PATIENT, training.AMOUNTS[2])
    live = training.run("crossed", training.AMOUNTS[0], "untied", seed=2)
    assert abs(live - stored["losses"]["crossed"]["untied"][0][2]) < 0.05


def test_a_model_reads_three_rows_and_scores_all_words():
    model = training.LanguageModel(7, dim=4, hidden=5, tied=True)
    ids = torch.tensor([[0, 1, 2], [6, 6, 6]])
    assert model.hidden_state(ids).shape == (2, 4)
    torch.testing.assert_close(model(ids), model.head(model.hidden_state(ids)))


def test_windows_are_three_tokens_and_the_one_after():
    contexts, targets = training.windows(torch.arange(6))
    assert contexts.tolist() == [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
    assert targets.tolist() == [3, 4, 5]


def test_in_the_crossed_text_a_token_answers_what_the_one_before_calls():
    ids, words = training.crossed_ids(500, roles=5)
    pairs = [words[i].split("-") for i in ids.tolist()]
    assert all(before[0] == after[1] for before, after in pairwise(pairs))
    assert len({call for call, _ in pairs}) == 5


def test_training_gets_well_below_the_loss_of_a_guess():
    ids, words = training.crossed_ids(6_000, roles=4)
    torch.manual_seed(0)
    model = training.LanguageModel(len(words), dim=8, hidden=32, tied=False)
    loss = training.train(model, ids[1_000:], ids[:1_000], steps=150, seed=0)
    assert math.log(4) - 0.05 < loss < math.log(4) + 0.15 < math.log(len(words))
