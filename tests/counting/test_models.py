"""The table of real models: its numbers must agree with each other, and with totals that were published elsewhere."""

import pytest

from embedcourse.counting import models

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


def test_each_caller_gets_a_list_of_its_own():
    models().clear()
    assert len(models()) == len(MODELS) > 60
