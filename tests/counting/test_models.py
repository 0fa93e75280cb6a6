"""The table of real models: its numbers must agree with each other, and with totals that were published elsewhere."""

from functools import partial

import pytest

from embedcourse.catalogue import exercises
from embedcourse.counting import models
from embedcourse.marking import mark

MODELS = {model["name"]: model for model in models()}


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model["name"])
def test_the_numbers_of_a_model_agree_with_each_other(model):
    rows = model["vocab_size"] * model["hidden_size"]
    if model["name"] != "ALBERT base v2":  # its table is factorised
        assert model["embedding"] == rows
    head = model["lm_head"]
    assert head == 0 if model["tied"] else head >= model["embedding"]
    assert model["embedding"] + head < model["total"]
    assert model["config_sources"]
    if model["exact_match"]:
        assert model["total"] == model["seen_exact_total"]


def test_totals_published_by_others():
    assert MODELS["GPT-2 small"]["total"] == 124_439_808
    assert MODELS["Llama-3.2 1B"]["total"] == 1_235_814_400
    assert MODELS["Llama-3 8B"]["total"] == 8_030_261_248
    assert MODELS["Qwen2.5 72B"]["total"] == 72_706_203_648


def test_exercises_with_the_numbers_of_other_models_have_them_as_they_are():
    gpt2 = exercises()["gpt2_in_numbers"]
    totals = [numbers["total"] for numbers in (gpt2.numbers, *gpt2.others)]
    large = 774_030_080  # which the table does not have
    assert totals == [
        MODELS["GPT-2 small"]["total"],
        MODELS["GPT-2 medium"]["total"],
        large,
        MODELS["GPT-2 xl"]["total"],
    ]
    for numbers in exercises()["two_readings"].others:
        model = MODELS[numbers["which"]]
        assert not model["tied"]
        assert not model["bias_params"]


def test_two_readings_asks_for_as_many_decimals_as_are_needed():
    readings = exercises()["two_readings"]
    for numbers in (readings.numbers, *readings.others):
        own = readings.build(**numbers)
        asked = {"three": 3, "four": 4}[numbers["decimals"]]
        for decimals, enough in ((asked, True), (asked - 1, False)):
            rounded = {key: round(share, decimals) for key, share in own.reference().items()}
            assert (mark(own, partial(dict, rounded)).status == "passed") is enough, (numbers, decimals)


def test_each_caller_gets_a_list_of_its_own():
    models().clear()
    assert len(models()) == len(MODELS) > 60
