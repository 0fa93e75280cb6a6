"""The ledger of a model, against totals that others published and against the classes of transformers.

The classes are the oracle: built on the meta device, their parameters are counted by identity. Where they and a published
checkpoint disagree, the test says so and by how much. Nothing outside tests/ imports transformers.
"""

import copy
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from embedcourse.counting import (
    Count,
    ModelConfig,
    attention_parameters,
    config_from_hf,
    count,
    gpt2_parameters,
    llama_parameters,
    mlp_parameters,
    models,
)
from embedcourse.counting.families import DEFAULTS, FAMILIES, TEXT_MODELS
from embedcourse.counting.ledger import write_ledger
from tests.counting.oracle import Oracle

MODELS = {model["name"]: model for model in models()}
REAL = json.loads(Path(__file__).with_name("real_configs.json").read_text(encoding="utf-8"))["models"]
GPT2 = {"model_type": "gpt2", "n_embd": 768, "n_layer": 12, "n_head": 12, "n_positions": 1024, "vocab_size": 50257}
LLAMA = {"model_type": "llama", "hidden_size": 64, "num_attention_heads": 4, "num_hidden_layers": 2}
PLAIN = {"vocab_size": 100, "dim": 12, "layers": 2, "heads": 3, "intermediate_size": 20, "tied": True}

every_model = pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model["name"])
every_family = pytest.mark.parametrize("family", FAMILIES)


@pytest.fixture(scope="module")
def oracle():
    return Oracle()


# Real models


@every_model
def test_a_real_model_is_counted_to_the_last_digit(model):
    ledger = count(config_from_hf(model["config"]))
    assert ledger.total == model["total"]
    assert ledger.token_table == model["embedding"]
    assert ledger.output_head == model["lm_head"]
    assert ledger.position_table + ledger.relative_bias == (model["position"] or 0)
    assert ledger.norms == model["norm_params"]
    assert config_from_hf(model["config"]).unknown == set()


@every_model
def test_the_biases_of_a_real_model_are_its_vectors_that_are_no_norms(model):
    ledger = write_ledger(config_from_hf(model["config"]))
    beside_norms = [term for part, terms in ledger.items() if part != "norms" for term in terms]
    vectors = [replace(term, shapes=[shape for shape in term.shapes if len(shape) == 1]) for term in beside_norms]
    sinks = config_from_hf(model["config"]).sinks * model["layers"] * model["heads"]
    assert sum(term.value for term in vectors) == model["bias_params"] + sinks


@every_model
def test_the_classes_of_transformers_agree_on_real_models(model, oracle):
    config = oracle.read(model["config"])
    forced_tie = model["total"] - model["lm_head"] if config.model_type == "t5" else model["total"]
    assert oracle.total(config) == forced_tie


@pytest.mark.parametrize("name", REAL)
def test_a_whole_config_file_is_understood(name, oracle):
    config, total = REAL[name]["config"], REAL[name]["total"]
    read = config_from_hf(config)
    assert count(read).total == total
    assert read.unknown == set()
    if "text_config" not in config and name != "flan-t5-xl":
        assert oracle.total(oracle.read(config)) == total


def test_published_totals():
    published = {model["name"]: model["seen_exact_total"] for model in models() if model["exact_match"]}
    assert len(published) > 40
    for name, total in published.items():
        assert count(MODELS[name]["config"]).total == total
    assert count(GPT2).total == 124_439_808
    assert count(MODELS["Llama-3.1 405B"]["config"]).total == 405_853_388_800
    assert count(MODELS["gpt-oss-120b"]["config"]).total == 116_829_156_672
    assert count(REAL["mistral-7b-v0.3"]["config"]).total == 7_248_023_552
    assert count(REAL["qwen3-30b-a3b"]["config"]).total == 30_532_122_624


def test_gpt2_small_in_the_three_steps_of_the_lesson():
    gpt2 = config_from_hf(GPT2)
    plain = replace(gpt2, tied=False, qkv_bias=False)
    assert count(plain).total == 163_009_536
    assert count(replace(plain, tied=True)).total == 124_412_160
    assert count(replace(plain, tied=True, qkv_bias=True)).total == 124_439_808
    assert count(gpt2).parts == {
        "token_table": 38_597_376,
        "position_table": 786_432,
        "attention": 28_348_416,
        "mlp": 56_669_184,
        "norms": 38_400,
    }


def test_a_model_config_says_gpt2_without_hugging_face():
    everywhere = dict.fromkeys(("qkv_bias", "out_bias", "mlp_bias"), True)
    sizes = {"vocab_size": 50257, "dim": 768, "layers": 12, "heads": 12, "intermediate_size": 3072}
    assert ModelConfig(**sizes, **everywhere, tied=True, position_rows=1024) == config_from_hf(GPT2)


def test_a_tied_matrix_counts_once():
    for tied, head in ((True, 0), (False, 50257 * 768)):
        ledger = count(GPT2 | {"tie_word_embeddings": tied})
        assert (ledger.output_head, ledger.total) == (head, 124_439_808 + head)


def test_the_number_of_heads_of_gpt2_changes_nothing():
    assert count(GPT2 | {"n_head": 1}).total == count(GPT2 | {"n_head": 768}).total == 124_439_808


# Differences between the count, the files and the labels, each explained


def test_t5_of_version_1_1_has_a_head_though_transformers_ties_it(oracle):
    config = MODELS["T5 v1.1 base"]["config"]
    assert count(config).total == 247_577_856  # as the checkpoint
    assert oracle.total(oracle.read(config)) == 247_577_856 - 32_128 * 768
    # A file that transformers 5 wrote says "tied", whatever the checkpoint was: then that is counted.
    rewritten = count(oracle.read(config).to_dict())
    assert rewritten.total == 222_903_552
    assert [sentence.split(":")[0] for sentence in rewritten.uncounted] == ["scale_decoder_outputs"]
    assert count({"model_type": "t5"}).uncounted == count(oracle.config_class("t5")().to_dict()).uncounted == ()


def test_some_files_hold_a_tied_matrix_twice():
    for name, in_file in (("Qwen3 0.6B", 751_632_384), ("Qwen3 1.7B", 2_031_739_904), ("Falcon-7B", 7_217_189_760)):
        ledger = count(MODELS[name]["config"])
        assert ledger.total + ledger.token_table == in_file


def test_files_of_llama_2_also_hold_rotary_frequencies():
    for name, in_file in (("7B", 6_738_417_664), ("13B", 13_015_866_880), ("70B", 68_976_653_312)):
        model = MODELS[f"Llama-2 {name}"]
        assert count(model["config"]).total + model["layers"] * 64 == in_file


def test_reports_on_gemma_count_rows_that_the_files_do_not_have():
    for name, table in (("Gemma-2B", 524_550_144), ("Gemma-7B", 786_825_216), ("Gemma-2 27B", 1_180_237_824)):
        assert count(MODELS[name]["config"] | {"vocab_size": 256_128}).token_table == table
    ledger = count(MODELS["Gemma-2B"]["config"])
    assert ledger.total - ledger.token_table == 1_981_884_416  # on all else the report agrees


def test_the_file_of_deepseek_v3_holds_a_buffer_which_is_named():
    ledger = count(MODELS["DeepSeek-V3"]["config"])
    assert 671_026_419_200 - ledger.total == 58 * 256
    assert any("14,848" in sentence for sentence in ledger.uncounted)


def test_the_card_of_stablelm_2_leaves_out_the_biases_of_its_norms():
    stablelm = config_from_hf(MODELS["StableLM-2-1.6B"]["config"])
    assert count(stablelm).total - 24 * 2 * 2048 == 1_644_417_024  # the last norm's bias is on the card
    assert count(stablelm).total - count(replace(stablelm, norm="weight")).total == (24 * 2 + 1) * 2048


def test_bert_ends_as_its_class_says(oracle):
    sizes = {"MaskedLM": 109_514_298, "PreTraining": 110_106_428}
    assert {end: count({"architectures": [f"BertFor{end}"]}).total for end in sizes} == sizes
    assert count({"architectures": ["BertModel"], "model_type": "bert"}).total == 109_482_240
    for name in ("BertForPreTraining", "BertModel", "AlbertForPreTraining", "AlbertModel", "RobertaModel"):
        config = oracle.config_class(name.removesuffix("Model").removesuffix("ForPreTraining").lower())()
        assert count(config.to_dict() | {"architectures": [name]}).total == oracle.total(config, name)


def test_an_untied_bert_keeps_a_bias_that_nobody_adds(oracle):
    config = oracle.config_class("bert")(tie_word_embeddings=False)
    ledger = count(config.to_dict())
    assert ledger.head_bias == 2 * 30_522
    assert ledger.total == oracle.total(config)


def test_the_encoder_of_t5_alone(oracle):
    config = oracle.config_class("t5")()
    ledger = count(config.to_dict() | {"architectures": ["T5EncoderModel"]})
    assert ledger.total == oracle.total(config, "T5EncoderModel")
    assert ledger.cross_attention == ledger.output_head == 0


# Every family, against the classes of transformers


@every_family
def test_what_a_file_leaves_out_is_what_its_class_fills_in(family, oracle):
    of_class = oracle.defaults(family)
    ours = DEFAULTS[family]
    # Fields that the class only takes when they are given (head_dim), or not at all: DeepSeek's own code has the latter.
    beyond = {name for name in ours if name not in of_class and ours[name] is not None}
    assert beyond <= {"moe_layer_freq", "num_nextn_predict_layers", "tie_word_embeddings"}
    assert {name: of_class[name] for name in ours if name in of_class} == {
        name: value for name, value in ours.items() if name in of_class
    }
    assert count({"model_type": family}).total == oracle.total(oracle.config_class(family)())


@every_family
def test_random_variations_of_a_family(family, oracle):
    varied = oracle.variations(family, 15)
    assert len(varied) == 15
    assert len({total for _, total in varied}) > 10
    for config, total in varied:
        for written in (config.to_dict(), config.to_diff_dict()):
            as_file = json.loads(json.dumps(written, default=str))
            read = config_from_hf(as_file)
            assert count(read).total == total, as_file
            assert read.unknown == set()


@every_family
def test_the_bare_model_of_a_family(family, oracle):
    for config, _ in oracle.variations(family, 3, seed="bare"):
        model = oracle.model(config, "AutoModel")
        written = config.to_dict() | {"architectures": [type(model).__name__]}
        assert count(written).total == sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize(("name", "other"), [("hidden_size", "n_embd"), ("num_hidden_layers", "n_layer")])
def test_a_field_may_have_its_common_name(name, other, oracle):
    written = GPT2 | {name: 96, other: 48}
    assert count(written).total == oracle.total(oracle.read(written))


def test_bloom_takes_n_embed_before_hidden_size(oracle):
    written = {"model_type": "bloom", "n_embed": 48, "hidden_size": 64, "num_attention_heads": 4, "n_layer": 3}
    assert count(written).total == oracle.total(oracle.read(written))


@pytest.mark.parametrize(
    "config",
    [
        {"model_type": "bert", "type_vocab_size": 0},
        {"model_type": "qwen3_moe", "num_experts": 0},
        {"model_type": "qwen2_moe", "num_experts": 0, "num_hidden_layers": 2},
        {"model_type": "qwen2_moe", "num_hidden_layers": 4, "mlp_only_layers": [0, 0, 3, 9]},
        {"model_type": "llama4_text", "num_hidden_layers": 4, "moe_layers": [1, 3, 4, 9]},
        {"model_type": "deepseek_v3", "num_hidden_layers": 4, "first_k_dense_replace": 9},
        {"model_type": "olmo2", "head_dim": 96},
        {"model_type": "qwen2", "head_dim": 96},
    ],
    ids=str,
)
def test_corners_of_a_family(config, oracle):
    assert count(config).total == oracle.total(oracle.read(config))


def test_deepseek_may_have_experts_in_every_second_layer_only():
    # As in DeepSeek's own code; the classes of transformers take no notice of the field.
    config = {"model_type": "deepseek_v3", "num_hidden_layers": 9, "first_k_dense_replace": 3, "moe_layer_freq": 2}
    assert config_from_hf(config).moe_layers == len([4, 6, 8])
    assert config_from_hf(config | {"n_shared_experts": None}).shared_size == 0


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("outer", TEXT_MODELS)
def test_the_text_model_among_others_is_counted_and_the_others_named(outer, tied, oracle):
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2}
    text = sizes | {"head_dim": 8, "vocab_size": 90, "intermediate_size": 40, "tie_word_embeddings": tied}
    config = oracle.config_class(outer)(text_config=text, tie_word_embeddings=tied)
    model = oracle.model(config, "AutoModelForImageTextToText")
    eyes = ("vision_tower", "vision_model", "multi_modal_projector")
    seen = [size.numel() for name, size in model.named_parameters() if not any(eye in name for eye in eyes)]
    ledger = count(config.to_dict())
    assert ledger.total == sum(seen)
    assert any(sentence.startswith("vision_config") for sentence in ledger.uncounted)
    assert config_from_hf(config.to_dict()).unknown == set()
    assert "text_config.hidden_size" in config_from_hf(config.to_dict()).used


def test_a_composite_file_that_is_silent_on_the_tie_is_as_its_text_model(oracle):
    # transformers 5 ties Mistral-3 then, but the checkpoint, of 24,011,361,280 with its eye, has a head of its own.
    silent = REAL["mistral-small-3.1-24b"]["config"]
    assert count(silent).output_head == 131_072 * 5120
    assert count({"model_type": "gemma3"}).output_head == 0
    assert count({"model_type": "gemma3"}).total == count({"model_type": "gemma3_text"}).total


def test_a_composite_file_may_be_of_a_bare_model():
    config = {"model_type": "gemma3", "tie_word_embeddings": False}
    assert count(config).output_head > 0
    assert count(config | {"architectures": ["Gemma3Model"]}).output_head == 0


# Experts


@pytest.mark.parametrize(
    ("name", "active"),
    [
        ("mixtral-8x22b", 39_152_031_744),
        ("qwen3-235b-a22b", 22_190_763_520),
        ("llama-4-maverick (text)", 17_184_691_200),
    ],
)
def test_a_token_visits_few_experts(name, active):
    ledger = count(REAL[name]["config"])
    assert ledger.active == active < ledger.total / 3


def test_gpt_oss_leaves_the_token_table_out_of_its_5_1_billion():
    ledger = count(REAL["gpt-oss-120b"]["config"])
    assert round((ledger.active - ledger.token_table) / 1e9, 1) == 5.1


def test_where_there_are_no_experts_all_parameters_are_active():
    assert count(GPT2).active == count(GPT2).total


def test_a_file_may_not_say_how_many_experts_a_token_visits():
    assert count({"model_type": "deepseek_v2"}).active is None


# What is read and what is not


def test_used_and_unknown_fields_are_named():
    read = config_from_hf(GPT2 | {"n_wings": 2, "resid_pdrop": 0.1, "eos_token_id": 7, "torch_dtype": "float16"})
    assert {"model_type", "vocab_size", "n_embd", "n_layer", "n_positions", "n_head"} <= read.used
    assert read.unknown == {"n_wings"}
    assert not {"resid_pdrop", "eos_token_id", "n_wings"} & read.used


def test_a_field_of_another_family_is_unknown():
    assert config_from_hf(LLAMA | {"num_local_experts": 8}).unknown == {"num_local_experts"}
    assert config_from_hf(GPT2 | {"num_key_value_heads": 2}).unknown == {"num_key_value_heads"}


@every_model
def test_a_field_that_is_not_used_may_change(model):
    config = model["config"]
    free = set(config) - config_from_hf(config).used
    for name in free:
        assert count({key: value for key, value in config.items() if key != name}).total == model["total"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("num_nextn_predict_layers", 1),
        ("quantization_config", {"quant_method": "fp8"}),
        ("audio_config", {"hidden_size": 8}),
        ("peft_type", "LORA"),
        ("pruned_heads", {"0": [1]}),
        ("per_layer_config", {"0": {"intermediate_size": 8}}),
    ],
)
def test_what_cannot_be_counted_is_named(name, value):
    ledger = count(LLAMA | {name: value})
    assert [sentence.split(":")[0] for sentence in ledger.uncounted] == [name]
    assert f"not counted: {name}" in str(ledger)
    assert count(LLAMA | {name: None}).uncounted == ()
    assert config_from_hf(LLAMA | {name: value}).unknown == set()


def test_a_head_for_another_task_is_named():
    ledger = count({"model_type": "gpt2", "architectures": ["GPT2ForSequenceClassification"]})
    assert ledger.uncounted == ("architectures: GPT2ForSequenceClassification is counted without its head",)
    assert ledger.total == 124_439_808


def test_without_a_model_type_the_class_says_the_family():
    assert count({"architectures": ["GPT2LMHeadModel"]}).total == 124_439_808
    for family, known in FAMILIES.items():
        named = {"architectures": [f"{known.prefix}ForCausalLM"]}
        assert count(named).total == count({"model_type": family} | named).total


def test_the_input_is_left_as_it_was():
    for config in [model["config"] for model in (*MODELS.values(), *REAL.values())]:
        before = copy.deepcopy(config)
        count(config)
        assert config == before


# What is refused


def test_an_unknown_architecture_is_named_and_the_known_are_listed():
    for config in ({"model_type": "mamba"}, {"model_type": "mamba", "architectures": ["LlamaForCausalLM"]}):
        with pytest.raises(
            ValueError, match=r"'mamba' is not known here; known are albert, bert, .*, gpt2, .*xlm-roberta"
        ):
            config_from_hf(config)
    with pytest.raises(ValueError, match="'MambaForCausalLM' is not known here"):
        config_from_hf({"architectures": ["MambaForCausalLM"]})
    with pytest.raises(ValueError, match="'clever' is not known here"):
        config_from_hf({"model_type": "llava", "text_config": {"model_type": "clever"}})
    with pytest.raises(ValueError, match="no architecture is named: write a model_type; known are"):
        config_from_hf({})


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (GPT2 | {"n_embd": -768}, "n_embd is -768: write a whole number of at least 1"),
        (GPT2 | {"n_layer": 0}, "n_layer is 0: write a whole number of at least 1"),
        (GPT2 | {"n_layer": True}, "n_layer is True, of type bool: write a whole number of at least 1"),
        (GPT2 | {"n_positions": 1024.0}, "n_positions is 1024.0, of type float: write a whole number of at least 1"),
        (GPT2 | {"vocab_size": "50257"}, "vocab_size is '50257', of type str: write a whole number of at least 1"),
        (GPT2 | {"vocab_size": [50257]}, r"vocab_size is \[50257\], of type list: write"),
        (GPT2 | {"vocab_size": None}, "vocab_size is missing: write a whole number of at least 1"),
        (GPT2 | {"n_head": 11}, "n_head 11 does not divide n_embd 768: choose sizes that fit"),
        (GPT2 | {"tie_word_embeddings": 1}, "tie_word_embeddings is 1: write true or false"),
        (GPT2 | {"architectures": {"a": 1}}, "architectures is {'a': 1}: write the names of classes"),
        (LLAMA | {"num_attention_heads": 5}, "num_attention_heads 5 does not divide hidden_size 64: choose"),
        (LLAMA | {"num_key_value_heads": 3}, "num_key_value_heads 3 does not divide num_attention_heads 4: choose"),
        (LLAMA | {"head_dim": 0}, "head_dim is 0: write a whole number of at least 1"),
        (LLAMA | {"attention_bias": "false"}, "attention_bias is 'false': write true or false"),
        ({"model_type": "t5", "feed_forward_proj": None}, 'feed_forward_proj is None: write "relu" or "gated-gelu"'),
        ({"model_type": "mixtral", "num_experts_per_tok": 9}, "num_experts_per_tok 9 is more than num_local_experts 8"),
        (
            {"model_type": "qwen3_moe", "mlp_only_layers": 3},
            r"mlp_only_layers is 3: write a list of layers, such as \[0",
        ),
        (
            {"model_type": "qwen3_moe", "mlp_only_layers": [-1]},
            "mlp_only_layers is -1: write a whole number of at least 0",
        ),
        ({"model_type": "gemma3", "text_config": "big"}, "text_config is 'big': write the fields of the text model"),
        ({"model_type": ["gpt2"]}, r"the architecture \['gpt2'\] is not known here"),
        ("gpt2", "a config.json is read as a dict, not as str: json.loads makes one of it"),
        (None, "a config.json is read as a dict, not as NoneType"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_in_a_sentence(config, sentence):
    for refuse in (config_from_hf, count):
        with pytest.raises(ValueError, match=sentence):
            refuse(config)


def refusal(config):
    """The sentence that a file is refused with, or None."""
    try:
        assert count(config).total > 0
    except ValueError as error:
        return str(error)


@every_family
def test_whatever_a_field_holds_a_file_is_counted_or_refused_in_a_sentence_that_names_the_field(family):
    nonsense = [None, -1, 0, True, 1.5, float("nan"), "x", "", [], [None], {}, {"a": 1}, 10**30, b"x"]
    for name in [*DEFAULTS[family], "quantization_config"]:
        for value in nonsense:
            assert name in (refusal({"model_type": family, name: value}) or name)


def test_heads_need_not_divide_the_hidden_size_where_their_dimension_is_given():
    assert count(LLAMA | {"num_attention_heads": 5, "head_dim": 8, "num_key_value_heads": 1}).total > 0


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"dim": 10}, "dim 10 cannot be split among heads 3: give head_dim, or other sizes"),
        ({"dim": 0}, "dim is 0: write a whole number of at least 1"),
        ({"layers": 2.0}, "layers is 2.0, of type float"),
        ({"kv_heads": 2}, "kv_heads 2 must divide heads 3"),
        ({"tied": 1}, "tied is 1: write True or False"),
        ({"norm": "rms"}, "norm is 'rms': write one of 'weight and bias', 'weight', 'nothing'"),
        ({"qk_norm": True}, "qk_norm is True: write one of 'none', 'shared', 'per head'"),
        ({"experts": 4}, "there are experts 4: give expert_size, the width of one"),
        ({"experts_per_token": 2}, "experts_per_token 2 is more than experts 0"),
        ({"moe_layers": 3}, "moe_layers 3 is more than layers 2"),
        ({"kv_rank": 4, "rope_dim": 6}, "rope_dim 6 is a part of head_dim 4, so it cannot be larger"),
        ({"embedding_dim": 4}, "embedding_dim 4 is not dim 12: set input_projection"),
        ({"embedding_dim": 4, "input_projection": True}, "a tied head reads 4 numbers, and the hidden state has 12"),
    ],
)
def test_sizes_that_do_not_fit_each_other_are_refused(wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        ModelConfig(**PLAIN | wrong)


def test_a_model_config_shows_only_what_is_not_plain():
    assert repr(ModelConfig(**PLAIN)) == (
        "ModelConfig(vocab_size=100, dim=12, layers=2, heads=3, intermediate_size=20, tied=True)"
    )
    assert repr(config_from_hf(GPT2)).endswith(
        "tied=True, position_rows=1024, qkv_bias=True, out_bias=True, mlp_bias=True)"
    )


def test_a_count_is_its_parts_and_nothing_else():
    for model in models():
        ledger = count(model["config"])
        assert sum(number for number in vars(ledger).values() if isinstance(number, int)) == ledger.total


def test_numbers_of_numpy_are_taken_as_whole_numbers():
    sizes = {name: np.int32(value) for name, value in PLAIN.items() if name != "tied"}
    assert count(ModelConfig(**sizes, tied=True)).formulas == count(ModelConfig(**PLAIN)).formulas
    assert type(count(ModelConfig(**sizes | {"vocab_size": np.int32(2**31 - 1)}, tied=True)).total) is int


def test_a_model_without_layers_is_a_table_and_a_norm():
    assert count(ModelConfig(**PLAIN | {"layers": 0})).parts == {"token_table": 1200, "norms": 24}


# The ledger itself


@every_model
def test_a_formula_evaluates_to_its_number(model):
    ledger = count(model["config"])
    assert set(ledger.formulas) == set(ledger.parts)
    for part, formula in ledger.formulas.items():
        arithmetic = re.sub(r"[a-z,]", "", formula).replace("×", "*")
        assert eval(arithmetic) == getattr(ledger, part), formula


def test_formulas_read_as_a_person_would_write_them():
    formulas = count(GPT2).formulas
    assert formulas["token_table"] == "50,257 × 768"
    assert formulas["attention"] == "12 layers × (4 × 768 × 768 + 4 × 768)"
    assert formulas["mlp"] == "12 layers × (2 × 768 × 3,072 + 3,072 + 768)"
    assert formulas["norms"] == "12 layers × (4 × 768) + 2 × 768"
    assert count(MODELS["Llama-3 8B"]["config"]).formulas["attention"] == (
        "32 layers × (2 × 4,096 × 4,096 + 2 × 4,096 × 1,024)"
    )
    assert count(MODELS["DeepSeek-V3"]["config"]).formulas["experts"] == (
        "58 layers × 256 experts × (3 × 7,168 × 2,048)"
    )
    assert count(MODELS["ALBERT base v2"]["config"]).formulas["attention"].startswith("1 layer × ")


def test_a_ledger_prints_as_a_table():
    assert str(count(GPT2)).splitlines()[0] == "token_table                38,597,376  50,257 × 768"
    assert str(count(GPT2)).splitlines()[-1] == "total                     124,439,808"
    assert isinstance(count(GPT2), Count)


def test_counting_needs_nothing_but_python():
    code = "import sys, embedcourse.counting; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "transformers", "numpy"} & set(ran.stdout.split())


def held(*modules):
    return sum(parameter.numel() for module in modules for parameter in module.parameters())


def test_the_formulas_count_what_torchs_layers_hold():
    with torch.device("meta"):
        layer = nn.TransformerEncoderLayer(24, nhead=3, dim_feedforward=96)
        plain = nn.TransformerEncoderLayer(24, nhead=3, dim_feedforward=40, bias=False)
    assert attention_parameters(24, 3, bias=True) == held(layer.self_attn)
    assert attention_parameters(24, 3) == held(plain.self_attn)
    assert mlp_parameters(24, 96, bias=True) == held(layer.linear1, layer.linear2)
    assert mlp_parameters(24, 40) == held(plain.linear1, plain.linear2)
    with torch.device("meta"):
        tables = nn.Embedding(50, 24), nn.Embedding(10, 24), nn.LayerNorm(24)
    assert gpt2_parameters(50, 24, 2, 10) == held(*tables) + 2 * held(layer)


def test_the_formulas_give_the_published_totals():
    assert gpt2_parameters(50_257, 1_600, 48, 1_024) == 1_557_611_200
    assert llama_parameters(128_256, 4_096, 32, 32, 8, 14_336, tied=False) == 8_030_261_248
    assert attention_parameters(1_024, 16, kv_heads=8, head_dim=128) == 2 * 1_024 * 2_048 + 2 * 1_024 * 1_024
    assert mlp_parameters(8, 20, gated=True, bias=True) == 3 * 160 + 2 * 20 + 8


def test_the_formulas_refuse_sizes_that_do_not_fit():
    with pytest.raises(ValueError, match="dim 7 cannot be split among heads 2"):
        attention_parameters(7, 2)
    with pytest.raises(ValueError, match="kv_heads 3 must divide heads 4"):
        llama_parameters(10, 8, 1, 4, 3, 16, tied=True)
