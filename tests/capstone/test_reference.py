"""The input side against the field's own programs: the safetensors library reads our files, transformers our models."""

import json

import pytest
import safetensors.torch
import torch

from embedcourse.capstone import checkpoint, checkpoints, expected, load, reference, tokenizer
from embedcourse.capstone.stored import FOLDER
from embedcourse.counting import count
from embedcourse.rope import rotate
from tests.capstone import expected as theirs

NAMES = ("gpt2", "llama")


@pytest.fixture(scope="module")
def models():
    return {name: theirs.loaded(name) for name in NAMES}


def file_of(name):
    return (checkpoint(name) / "model.safetensors").read_bytes()


def widened(name):
    config, weights = load(name)
    return config, {key: weight.float() for key, weight in weights.items()}


def some_ids(length=40):
    return torch.randint(checkpoints.VOCAB, (length,), generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("name", NAMES)
def test_the_library_reads_our_files_as_we_do(name):
    data = file_of(name)
    library = safetensors.torch.load(data)
    ours = reference.read_tensors(data)
    assert library.keys() == ours.keys()
    for key, tensor in library.items():
        assert tensor.dtype == ours[key].dtype
        assert torch.equal(tensor, ours[key])


def test_we_read_what_the_library_writes():
    tensors = {
        "b": torch.randn(3, 5).bfloat16(),
        "a": torch.randn(2, 3, 4),
        "c": torch.randn(7).half(),
    }
    data = safetensors.torch.save(tensors)
    for name, tensor in tensors.items():
        assert torch.equal(reference.read_tensor(data, name), tensor)
    with pytest.raises(KeyError):
        reference.read_tensor(data, "d")


@pytest.mark.parametrize("name", NAMES)
def test_the_numbers_begin_at_a_multiple_of_eight_and_fill_the_file(name):
    data = file_of(name)
    length, header = reference.read_header(data)
    spans = sorted(entry["data_offsets"] for key, entry in header.items() if key != "__metadata__")
    assert (8 + length) % 8 == 0
    assert [0, *(end for _, end in spans)] == [*(begin for begin, _ in spans), len(data) - 8 - length]


@pytest.mark.parametrize("name", NAMES)
def test_a_row_is_where_its_span_says(name):
    data = file_of(name)
    length, header = reference.read_header(data)
    table = {"gpt2": "wte.weight", "llama": "model.embed_tokens.weight"}[name]
    rows = reference.read_tensor(data, table)
    for row in (0, 42, len(rows) - 1):
        first, last = reference.row_span(length, header[table], row)
        assert torch.equal(torch.frombuffer(bytearray(data[first:last]), dtype=rows.dtype), rows[row])
    for row in (-1, len(rows)):
        with pytest.raises(IndexError, match=f"row {row} is outside the table: it has 400 rows"):
            reference.row_span(length, header[table], row)


@pytest.mark.parametrize(("name", "train"), [("gpt2", checkpoints.train_gpt2), ("llama", checkpoints.train_llama)])
def test_the_files_are_rebuilt_byte_for_byte(name, train):
    assert file_of(name) == reference.file_bytes(train())
    stored = (checkpoint(name) / "config.json").read_text(encoding="utf-8")
    assert stored == json.dumps(checkpoints.CONFIGS[name], indent=2) + "\n"


def test_the_pieces_are_learned_again(tmp_path):
    checkpoints.learn_pieces().save(str(tmp_path / "tokenizer.json"))
    assert (tmp_path / "tokenizer.json").read_text(encoding="utf-8") == (FOLDER / "tokenizer.json").read_text(
        encoding="utf-8"
    )
    assert tokenizer().get_vocab_size() == checkpoints.VOCAB


@pytest.mark.parametrize("name", NAMES)
def test_transformers_loads_them_and_misses_nothing(models, name):
    told = models[name][1]
    assert not any(told[kind] for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    assert models[name][0].config.tie_word_embeddings == (name == "gpt2")


def test_the_input_and_the_logits_are_those_of_transformers(models):
    ids = some_ids()
    config, weights = widened("gpt2")
    model = models["gpt2"][0]
    states = model(ids[None], output_hidden_states=True).hidden_states
    torch.testing.assert_close(reference.gpt2_input(weights, ids), states[0][0], rtol=0, atol=1e-6)
    x = reference.gpt2_block(weights, 0, states[0][0], config["n_head"])
    torch.testing.assert_close(x, states[1][0], rtol=0, atol=1e-5)
    logits = reference.gpt2_logits(weights, ids, lambda x: reference.gpt2_blocks(weights, config, x))
    torch.testing.assert_close(logits, model(ids[None]).logits[0], rtol=0, atol=1e-5)
    config, weights = widened("llama")
    torch.testing.assert_close(
        reference.llama_logits(weights, config, ids), models["llama"][0](ids[None]).logits[0], rtol=0, atol=1e-5
    )


def test_the_first_queries_and_keys_are_those_of_transformers(models):
    ids = some_ids()
    _, weights = widened("llama")
    q, k = reference.llama_queries_keys(weights, ids, 4, 2, 500_000.0)
    their_q, their_k = theirs.first_queries_and_keys(models["llama"][0], ids[None])
    assert (q.shape, k.shape) == ((4, 40, 8), (2, 40, 8))
    torch.testing.assert_close(q, their_q, rtol=0, atol=1e-5)
    torch.testing.assert_close(k, their_k, rtol=0, atol=1e-5)


def test_what_is_stored_of_transformers_is_what_it_computes():
    stored, now = expected(), theirs.expected()
    assert stored["ids"] == now["ids"] == tokenizer().encode(stored["sentence"]).ids
    for key in ("gpt2_input", "gpt2_last_logits", "llama_queries", "llama_keys", "llama_last_logits"):
        torch.testing.assert_close(torch.tensor(stored[key]), torch.tensor(now[key]), rtol=0, atol=2e-5)


@pytest.mark.parametrize("name", NAMES)
def test_the_counts_are_those_of_lesson_6_and_of_the_file(name):
    config, weights = load(name)
    counted = count(config)
    mine = reference.input_side(config)
    assert mine["token_table"] == counted.token_table
    assert mine["position_table"] == counted.position_table
    assert mine["output_head"] == counted.output_head
    assert mine["total"] == sum(number for key, number in mine.items() if key != "total")
    assert sum(tensor.numel() for tensor in weights.values()) == counted.total


def test_another_family_is_refused():
    with pytest.raises(ValueError, match="model_type is 'mamba'; this function knows 'gpt2' and 'llama'"):
        reference.input_side({"model_type": "mamba"})


def test_what_does_not_fit_a_table_is_refused():
    _, weights = load("gpt2")
    reference.gpt2_input(weights, torch.zeros(64, dtype=torch.long))
    with pytest.raises(IndexError, match="the text has 65 tokens, and the table of positions 64 rows"):
        reference.gpt2_input(weights, torch.zeros(65, dtype=torch.long))
    for id_ in (-1, 400):
        with pytest.raises(IndexError, match="it has 400 rows, so ids run from 0 to 399"):
            reference.gpt2_input(weights, torch.tensor([3, id_]))


def test_the_output_table_is_the_tensor_itself():
    table, head = torch.zeros(3, 2), torch.ones(3, 2)
    gpt2, llama = {"model_type": "gpt2"}, {"model_type": "llama"}
    read = {"model.embed_tokens.weight": table}
    assert reference.output_table(gpt2, {"wpe.weight": head, "wte.weight": table}) is table
    assert reference.output_table(llama, read | {"lm_head.weight": head}) is head
    tied = llama | {"tie_word_embeddings": True}
    assert reference.output_table(tied, read) is table
    assert reference.output_table(tied, read | {"lm_head.weight": table.clone()}) is table
    assert reference.output_table(tied, read | {"lm_head.weight": head}) is head
    for config, weights in ((llama, read), (gpt2 | {"tie_word_embeddings": False}, {"wte.weight": table})):
        with pytest.raises(KeyError, match="untied"):
            reference.output_table(config, weights)


def test_axes_in_front_are_kept():
    ids = some_ids(12).view(3, 4)
    for name in NAMES:
        config, weights = widened(name)

        def logits(ids, name=name, config=config, weights=weights):
            if name == "llama":
                return reference.llama_logits(weights, config, ids)
            return reference.gpt2_logits(weights, ids, lambda x: reference.gpt2_blocks(weights, config, x))

        torch.testing.assert_close(logits(ids), torch.stack([logits(text) for text in ids]), rtol=0, atol=1e-5)


def test_only_offsets_reach_the_scores_of_the_first_layer():
    _, weights = widened("llama")
    q, k = reference.llama_queries_keys(weights, some_ids(), 4, 2, 500_000.0)
    moved = torch.arange(40) + 17
    back = rotate(rotate(q, -torch.arange(40), 500_000.0), moved, 500_000.0)
    other = rotate(rotate(k, -torch.arange(40), 500_000.0), moved, 500_000.0)
    torch.testing.assert_close(back[::2] @ other.mT, q[::2] @ k.mT, rtol=0, atol=1e-3)
