"""What test_ledger.py counts against: the model classes of transformers, built without memory, counted by identity."""

import random
from dataclasses import fields

ENCODERS = {"albert", "bert", "camembert", "distilbert", "modernbert", "roberta", "xlm-roberta"}
ENCODER_DECODERS = {"mt5", "t5"}


class Oracle:
    """The classes of transformers; made once, since importing them takes seconds."""

    def __init__(self):
        import torch
        import transformers

        # What it has to say about odd token ids or legacy fields does not matter to a count.
        transformers.logging.set_verbosity_error()
        self.torch, self.transformers = torch, transformers

    def config_class(self, model_type):
        return self.transformers.CONFIG_MAPPING[model_type]

    def read(self, config):
        """A configuration object made from the dict of a config.json."""
        return self.config_class(config["model_type"]).from_dict(config)

    def model(self, config, name=None):
        """The model of a configuration object: of the class `name`, or else of that which models language."""
        if name is None and config.model_type in ENCODERS:
            name = "AutoModelForMaskedLM"
        elif name is None:
            name = "AutoModelForSeq2SeqLM" if config.model_type in ENCODER_DECODERS else "AutoModelForCausalLM"
        made = getattr(self.transformers, name)
        with self.torch.device("meta"):
            return made.from_config(config) if name.startswith("Auto") else made(config)

    def total(self, config, name=None):
        return sum(parameter.numel() for parameter in self.model(config, name).parameters())

    def defaults(self, model_type):
        return {field.name: field.default for field in fields(self.config_class(model_type))}

    def variations(self, model_type, number, seed=0):
        """Configurations with small random sizes, and their totals; what transformers itself cannot build is passed over."""
        rng, found = random.Random(f"{model_type} {seed}"), []
        names = self.defaults(model_type)
        for _ in range(10 * number):
            wild = wild_fields(rng)
            chosen = {name: wild[name] for name in wild if name in names}
            chosen |= {name: rng.random() < 0.5 for name, value in names.items() if is_switch(name, value)}
            # A class that derives it cannot always bear to be told that it is null: then it is left out.
            if "head_dim" in names and (names["head_dim"] is not None or rng.random() < 0.6):
                chosen["head_dim"] = rng.choice([6, 10])
            if chosen.get("add_cross_attention") and model_type in ENCODERS:
                chosen["is_decoder"] = True
            try:
                config = self.config_class(model_type)(**chosen, pad_token_id=0)
                found.append((config, self.total(config)))
            except (ValueError, TypeError, IndexError):
                continue
            if len(found) == number:
                break
        return found


def is_switch(name, value):
    """Fields of true and false, but for those that only say how the model is run."""
    run = {"is_decoder", "is_encoder_decoder", "return_dict", "use_cache"}
    return isinstance(value, bool) and name not in run and not name.startswith("output_")


def wild_fields(rng):
    """A value for every field that some class takes a size from; heads always fit into the sizes that they split."""
    kv_heads, layers = rng.choice([1, 2, 4]), rng.choice([1, 2, 3, 5])
    heads = kv_heads * rng.choice([1, 2, 3])
    dim = heads * rng.choice([4, 8, 16])
    width = rng.randint(10, 90)
    named = dict.fromkeys(("hidden_size", "n_embd", "d_model", "dim"), dim)
    named |= dict.fromkeys(("num_hidden_layers", "n_layer", "n_layers", "num_layers"), layers)
    named |= dict.fromkeys(("num_attention_heads", "n_head", "n_heads", "num_heads"), heads)
    named |= dict.fromkeys(("num_key_value_heads", "num_kv_heads"), kv_heads)
    named |= dict.fromkeys(("intermediate_size", "d_ff", "ffn_dim", "hidden_dim"), width)
    named |= dict.fromkeys(("num_local_experts", "num_experts"), rng.choice([2, 4, 6]))
    return named | {
        "vocab_size": rng.randint(60, 300),
        "d_kv": rng.choice([4, 6]),
        "n_inner": rng.choice([None, 50]),
        "ffn_hidden_size": rng.choice([None, 70]),
        "n_positions": rng.randint(20, 90),
        "max_position_embeddings": rng.randint(20, 90),
        "type_vocab_size": rng.choice([1, 2, 3]),
        "embedding_size": rng.choice([8, dim]),
        "num_hidden_groups": rng.choice([1, layers]),
        "inner_group_num": rng.choice([1, 2]),
        "num_decoder_layers": rng.choice([None, 1, 3]),
        "relative_attention_num_buckets": rng.choice([8, 32]),
        "feed_forward_proj": rng.choice(["relu", "gated-gelu", "gated-silu"]),
        "word_embed_proj_dim": rng.choice([None, dim, 12]),
        "num_ln_in_parallel_attn": rng.choice([None, 1, 2]),
        "num_experts_per_tok": rng.choice([1, 2]),
        "moe_intermediate_size": rng.randint(5, 40),
        "shared_expert_intermediate_size": rng.randint(5, 40),
        "decoder_sparse_step": rng.choice([1, 2]),
        "mlp_only_layers": rng.choice([None, [0], [1, 7]]),
        "intermediate_size_mlp": rng.randint(10, 90),
        "interleave_moe_layer_step": rng.choice([1, 2]),
        "moe_layers": rng.choice([None, [0]]),
        "first_k_dense_replace": rng.choice([0, 1, 2]),
        "n_routed_experts": rng.choice([4, 8]),
        "n_shared_experts": rng.choice([1, 2]),
        "n_group": 1,
        "topk_group": 1,
        "kv_lora_rank": rng.choice([8, 12]),
        "q_lora_rank": rng.choice([None, 10]),
        "qk_nope_head_dim": rng.choice([4, 6]),
        "qk_rope_head_dim": rng.choice([2, 4]),
        "v_head_dim": rng.choice([4, 10]),
    }
