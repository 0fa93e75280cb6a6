"""How families of models write their `config.json`, and what each of its fields means. Read beside `ledger` in lesson 6.

A family is what its classes are called, and a function from the fields of a file to the facts of a `ModelConfig`. What the
configuration classes fill in where a file is silent stands in `defaults.json`, as do fields that bring no parameters. A
new family is one function here, a line in `FAMILIES` and a line there. The names in quotes are Hugging Face's.
"""

import json
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files

_TABLES = json.loads(files("embedcourse.counting").joinpath("defaults.json").read_text(encoding="utf-8"))
DEFAULTS: dict[str, dict] = _TABLES["defaults"]
SILENT, SILENT_ENDINGS = frozenset(_TABLES["silent"]), tuple(_TABLES["silent_endings"])
PROJECTORS = frozenset(_TABLES["projectors"])  # how what a tower sees is brought to the text model


@dataclass(frozen=True)
class Family:
    """One model type: what its classes are called, and how its files are read."""

    prefix: str  # "GPT2" for GPT2LMHeadModel
    facts: Callable[["Fields"], dict]
    aliases: dict[str, tuple[str, ...]] = field(default_factory=dict)  # other names of a field, which win over it
    silent: frozenset[str] = frozenset()  # fields that bring no parameters here, though they do in other families
    pooler: bool = False  # the bare model ends in a dense layer over its first token


class Fields:
    """The fields of one config.json, read as transformers reads them; `used` remembers which were read."""

    def __init__(self, given: dict, defaults: dict, aliases: dict[str, tuple[str, ...]]):
        self.given, self.defaults, self.aliases = given, defaults, aliases
        self.used = {"model_type"} & given.keys()

    def knows(self, name: str) -> bool:
        """Whether classes of this family have such a field; those that have not take no notice of it."""
        return name in self.defaults

    def get(self, name: str) -> object:
        """What the file says; where it is silent, what its configuration class says. An explicit null is None."""
        spoken = [key for key in (*self.aliases.get(name, ()), name) if key in self.given]
        self.used.update(spoken)
        if not spoken:
            return self.defaults[name]
        return next((self.given[key] for key in spoken if self.given[key] is not None), None)

    def size(self, name: str, otherwise: int | None = None, least: int = 1) -> int:
        """A whole number; null means `otherwise`, where the class has a rule for that."""
        value = self.get(name)
        if value is None and otherwise is not None:
            return otherwise
        return whole_number(name, value, least)

    def flag(self, name: str) -> bool:
        """True or False; null is False, as classes take it."""
        value = self.get(name)
        if value is not None and not isinstance(value, bool):
            raise ValueError(f"{name} is {value!r}: write true or false")
        return bool(value)

    def layers(self, name: str) -> set[int] | None:
        """The numbers of some layers; null is None."""
        value = self.get(name)
        if value is not None and not isinstance(value, list | tuple):
            raise ValueError(f"{name} is {value!r}: write a list of layers, such as [0, 2]")
        return None if value is None else {whole_number(name, layer, least=0) for layer in value}

    def architecture(self) -> str:
        """The class that the file names first, or ""."""
        if self.given.get("architectures"):
            self.used.add("architectures")
        return _first_class(self.given)

    def unread(self, silent: frozenset[str]) -> set[str]:
        """The fields of the file that were not read, and of which it is not known that they bring no parameters."""
        known = self.used | silent | SILENT | BEYOND.keys() | {"architectures"}
        return {name for name in self.given if name not in known and not str(name).endswith(SILENT_ENDINGS)}

    def beyond(self) -> list[str]:
        """Sentences on what the file names that is no part of the model class."""
        return [why for name, why in BEYOND.items() if self.given.get(name, self.defaults.get(name))]


def whole_number(name: str, value: object, least: int = 1) -> int:
    """`value` as an int. Raises ValueError, in a sentence that names the field, for all but whole numbers from `least`."""
    advice = f"write a whole number of at least {least}"
    if value is None:
        raise ValueError(f"{name} is missing: {advice}")
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise ValueError(f"{name} is {value!r}, of type {type(value).__name__}: {advice}")
    if operator.index(value) < least:
        raise ValueError(f"{name} is {value}: {advice}")
    return operator.index(value)


def _first_class(config: dict) -> str:
    names = config.get("architectures") or ""
    first = names[0] if isinstance(names, list | tuple) else names
    if not isinstance(first, str):
        raise ValueError(f'architectures is {names!r}: write the names of classes, such as ["GPT2LMHeadModel"]')
    return first


def facts_from_hf(config: dict) -> dict:
    """The arguments for the `ModelConfig` of a config.json: `ledger.config_from_hf` says what is read and what refused."""
    if not isinstance(config, dict):
        raise ValueError(f"a config.json is read as a dict, not as {type(config).__name__}: json.loads makes one of it")
    if config.get("text_config") is not None or config.get("model_type") in list(TEXT_MODELS):
        return _composite(config)
    return _language_model(config)


def _language_model(config: dict) -> dict:
    model_type = find_family(config)
    family = FAMILIES[model_type]
    fields = Fields(config, DEFAULTS[model_type], family.aliases)
    facts = {"uncounted": ()} | family.facts(fields)
    facts |= way_out(fields.architecture(), family)
    unread = fields.unread(family.silent)
    towers = {name for name in unread if str(name).endswith("_config") and isinstance(config[name], dict)}
    notes = (*facts["uncounted"], *fields.beyond(), *map(_tower, sorted(towers)))
    return facts | {"used": frozenset(fields.used), "unknown": frozenset(unread - towers), "uncounted": notes}


def find_family(config: dict) -> str:
    """The family that a config.json belongs to, by `model_type`, or else by `architectures`. Raises ValueError."""
    model_type, architecture = config.get("model_type"), _first_class(config)
    if isinstance(model_type, str) and model_type in FAMILIES:
        return model_type
    named = [name for name, family in FAMILIES.items() if _is_class_of(architecture, family)]
    if not model_type and named:
        return named[0]
    said = model_type or architecture
    why = f"the architecture {said!r} is not known here" if said else "no architecture is named: write a model_type"
    raise ValueError(f"{why}; known are {', '.join(sorted([*FAMILIES, *TEXT_MODELS]))}")


def _is_class_of(architecture: str, family: Family) -> bool:
    rest = architecture.removeprefix(family.prefix)
    return rest != architecture and rest.startswith(("For", "LMHead", "Model", "WithLMHead", "DoubleHeads", "Encoder"))


def way_out(architecture: str, family: Family) -> dict:
    """What the class named in `architectures` has at its end; where none is named, the head of a language model."""
    if architecture.endswith("ForPreTraining") and family.pooler:
        return {"pooler": True, "sentence_head": True}
    language = ("ForCausalLM", "LMHeadModel", "ForMaskedLM", "ForConditionalGeneration", "ForPreTraining")
    if not architecture or architecture.endswith(language):
        return {}
    bare = {"head": False, "pooler": family.pooler}
    if architecture in (f"{family.prefix}Model", f"{family.prefix}EncoderModel"):
        return bare
    return bare | {"uncounted": (f"architectures: {architecture} is counted without its head",)}


def _composite(config: dict) -> dict:
    """A text model among others, such as an eye: it is counted, the others are named."""
    outer, text = config.get("model_type"), config.get("text_config") or {}
    if not isinstance(text, dict):
        raise ValueError(f"text_config is {text!r}: write the fields of the text model, as a dict")
    if text.get("model_type") is None and outer in list(TEXT_MODELS):
        text = text | {"model_type": TEXT_MODELS[outer]}
    facts, around = _language_model(text), Fields(config, {}, {})
    # Llama4 asks its text_config alone; for all others the outer field decides, if it is there.
    if config.get("tie_word_embeddings") is not None and outer != "llama4":
        facts["tied"] = around.flag("tie_word_embeddings")
    if around.architecture().endswith("Model"):
        facts["head"] = False
    towers = {name for name in config if str(name).endswith("_config")} - {"text_config", *BEYOND}
    notes = (*facts["uncounted"], *around.beyond(), *map(_tower, sorted(towers or {"vision_config"})))
    inside = {kind: {f"text_config.{name}" for name in facts[kind]} for kind in ("used", "unknown")}
    unread = around.unread(PROJECTORS | towers | {"text_config", "tie_word_embeddings"})
    return facts | {
        "used": frozenset(inside["used"] | around.used),
        "unknown": frozenset(inside["unknown"] | unread),
        "uncounted": notes,
    }


def _tower(name: str) -> str:
    return f"{name}: this tower is not counted, nor what leads from it into the text model"


# The families, oldest first. Each function says in which facts its models differ from the plain block, or from others.


def plain(
    f: Fields,
    dim: str = "hidden_size",
    layers: str = "num_hidden_layers",
    heads: str = "num_attention_heads",
    kv_heads: str | None = None,
    head_dim: str | None = None,
    mlp: str | None = "intermediate_size",
) -> dict:
    """The facts that all families have, under their names. Raises ValueError for sizes that do not fit each other."""
    facts = {
        "vocab_size": f.size("vocab_size"),
        "dim": f.size(dim),
        "layers": f.size(layers),
        "heads": f.size(heads),
        "tied": f.flag("tie_word_embeddings"),
    }
    facts["intermediate_size"] = 4 * facts["dim"] if mlp is None else f.size(mlp, otherwise=four_times(mlp, facts))
    if kv_heads is not None:
        facts["kv_heads"] = f.size(kv_heads, otherwise=facts["heads"])
        if facts["heads"] % facts["kv_heads"]:
            raise ValueError(
                f"{kv_heads} {facts['kv_heads']} does not divide {heads} {facts['heads']}: "
                "choose it so that each key head serves as many queries"
            )
    if head_dim is not None and f.get(head_dim) is not None:
        facts["head_dim"] = f.size(head_dim)
    elif facts["dim"] % facts["heads"]:
        raise ValueError(f"{heads} {facts['heads']} does not divide {dim} {facts['dim']}: choose sizes that fit")
    return facts


def four_times(mlp: str, facts: dict) -> int | None:
    """The width of an MLP that a file leaves open, where its class has a rule for that."""
    return 4 * facts["dim"] if mlp in ("n_inner", "ffn_hidden_size") else None


def biases(on: bool) -> dict:
    """The same answer for all three places of a block that may have a bias."""
    return {"qkv_bias": on, "out_bias": on, "mlp_bias": on}


def attention_biases(on: bool) -> dict:
    """The same answer for both places of attention that may have a bias."""
    return {"qkv_bias": on, "out_bias": on}


def gpt1(f: Fields) -> dict:
    """GPT-1: learned positions, biases everywhere; norms behind the blocks, so that none is left for the end."""
    facts = plain(f, "n_embd", "n_layer", "n_head", mlp=None) | biases(True)
    return facts | {"position_rows": f.size("n_positions"), "final_norm": False}


def gpt2(f: Fields) -> dict:
    """GPT-2: as GPT-1, with norms before the blocks and one at the end."""
    facts = plain(f, "n_embd", "n_layer", "n_head", mlp="n_inner") | biases(True)
    return facts | {"position_rows": f.size("n_positions"), "cross_attention": f.flag("add_cross_attention")}


def gptj(f: Fields) -> dict:
    """GPT-J: attention and MLP side by side behind one norm; biases in the MLP and, oddly, in the head."""
    facts = plain(f, "n_embd", "n_layer", "n_head", mlp="n_inner")
    return facts | {"mlp_bias": True, "norms_per_layer": 1, "head_biases": 1}


def bloom(f: Fields) -> dict:
    """BLOOM: biases everywhere, no table of positions (ALiBi), and a norm right behind the token table."""
    return plain(f, layers="n_layer", heads="n_head", mlp=None) | biases(True) | {"embedding_norm": True}


def masked(f: Fields, facts: dict) -> dict:
    """What encoders of BERT's line share: norms behind the tables and the blocks, and a head that guesses masked words."""
    return {
        **facts,
        **biases(True),
        "position_rows": f.size("max_position_embeddings"),
        "embedding_norm": True,
        "final_norm": False,
        "head_transform": True,
        "head_biases": 1,
    }


def bert(f: Fields) -> dict:
    """BERT and RoBERTa. Among RoBERTa's position rows are two that no token uses."""
    facts = masked(f, plain(f))
    return facts | {
        "segment_rows": f.size("type_vocab_size", least=0),
        "cross_attention": f.knows("add_cross_attention") and f.flag("add_cross_attention"),
        # Without a tie the classes keep two vectors, of which one is never added.
        "head_biases": 1 if facts["tied"] else 2,
    }


def albert(f: Fields) -> dict:
    """ALBERT: BERT with narrow tables, and with few layers that are used again and again."""
    width = f.size("embedding_size")
    return bert(f) | {
        "embedding_dim": width,
        "position_dim": width,
        "input_projection": True,
        "projection_bias": True,
        "distinct_layers": f.size("num_hidden_groups") * f.size("inner_group_num"),
    }


def distilbert(f: Fields) -> dict:
    """DistilBERT: BERT without segments."""
    return masked(f, plain(f, "dim", "n_layers", "n_heads", mlp="hidden_dim"))


def modernbert(f: Fields) -> dict:
    """ModernBERT: RoPE, gated MLPs, norms before the blocks. The norm behind the table takes the first layer's place."""
    return {
        **plain(f),
        **attention_biases(f.flag("attention_bias")),
        "mlp_bias": f.flag("mlp_bias"),
        "gated": True,
        "norm": "weight and bias" if f.flag("norm_bias") else "weight",
        "head_transform": True,
        "transform_bias": f.flag("classifier_bias"),
        "head_biases": int(f.flag("decoder_bias")),
    }


def t5(f: Fields) -> dict:
    """T5: an encoder and a decoder, relative positions, no biases, heads that need not add up to the hidden size.

    The tie is the file's. transformers 5 ties every T5, but checkpoints of v1.1, FLAN and mT5 hold a head of their own; a
    file that it wrote for such a checkpoint says so by scaling no outputs.
    """
    activation = f.get("feed_forward_proj")
    if not isinstance(activation, str):
        raise ValueError(f'feed_forward_proj is {activation!r}: write "relu" or "gated-gelu"')
    head_dim, buckets = f.size("d_kv"), f.size("relative_attention_num_buckets")
    facts = plain(f, "d_model", "num_layers", "num_heads", head_dim="d_kv", mlp="d_ff")
    decoder_layers = f.size("num_decoder_layers", otherwise=facts["layers"])
    had_a_head = facts["tied"] and f.given.get("scale_decoder_outputs") is False
    return facts | {
        "uncounted": ("scale_decoder_outputs: the checkpoint has a head of its own, which this class ties",)
        * had_a_head,
        "head_dim": head_dim,
        "encoder_layers": facts["layers"],
        "layers": 0 if f.architecture().endswith("EncoderModel") else decoder_layers,
        "cross_attention": True,
        "relative_buckets": buckets,
        "gated": activation.startswith("gated-"),
        "norm": "weight",
    }


def neox(f: Fields) -> dict:
    """GPT-NeoX and Pythia: RoPE, biases everywhere."""
    return plain(f) | biases(True) | attention_biases(f.flag("attention_bias"))


def opt(f: Fields) -> dict:
    """OPT: two position rows more than positions. opt-350m has a narrow table, and norms behind its blocks."""
    facts = plain(f, mlp="ffn_dim") | biases(f.flag("enable_bias"))
    width = f.size("word_embed_proj_dim", otherwise=facts["dim"])
    norms_before, last_removed = f.flag("do_layer_norm_before"), f.flag("_remove_final_layer_norm")
    return facts | {
        "position_rows": f.size("max_position_embeddings") + 2,
        "embedding_dim": width,
        "input_projection": width != facts["dim"],
        "output_projection": width != facts["dim"],
        "norm": "weight and bias" if f.flag("layer_norm_elementwise_affine") else "nothing",
        "final_norm": norms_before and not last_removed,
    }


def falcon(f: Fields) -> dict:
    """Falcon: one key head for all queries, or one for each; groups of queries only in the new architecture."""
    new, single, parallel = f.flag("new_decoder_architecture"), f.flag("multi_query"), f.flag("parallel_attn")
    facts = plain(f, kv_heads="num_kv_heads" if new else None, mlp="ffn_hidden_size")
    norms = f.size("num_ln_in_parallel_attn", otherwise=2 if new else 1)
    return {
        **facts,
        **biases(f.flag("bias")),
        "kv_heads": facts["kv_heads"] if new else 1 if single else facts["heads"],
        "norms_per_layer": 2 if norms == 2 or not parallel else 1,
    }


def llama(f: Fields) -> dict:
    """Llama, Mistral, Gemma, Phi-3, Granite, SmolLM: RoPE, RMSNorm, gated MLPs, few key heads. Most models since are near."""
    return {
        **plain(f, kv_heads="num_key_value_heads", head_dim="head_dim"),
        **attention_biases(f.knows("attention_bias") and f.flag("attention_bias")),
        "mlp_bias": f.knows("mlp_bias") and f.flag("mlp_bias"),
        "gated": True,
        "norm": "weight",
    }


def qwen2(f: Fields) -> dict:
    """Qwen2 and 2.5: a bias for queries, keys and values, and none elsewhere."""
    return llama(f) | {"qkv_bias": True}


def qwen3(f: Fields) -> dict:
    """Qwen3: norms of queries and keys instead."""
    return llama(f) | {"qk_norm": "shared"}


def gemma2(f: Fields) -> dict:
    """Gemma 2: norms before and behind each block."""
    return llama(f) | {"norms_per_layer": 4}


def gemma3(f: Fields) -> dict:
    """Gemma 3: as Gemma 2, with norms of queries and keys."""
    return gemma2(f) | {"qk_norm": "shared"}


def olmo(f: Fields) -> dict:
    """OLMo: norms that learn nothing."""
    return llama(f) | {"norm": "nothing"}


def olmo2(f: Fields) -> dict:
    """OLMo 2 and 3: norms behind the blocks instead of before them; queries and keys are normed across all heads."""
    return llama(f) | {"qk_norm": "per head"}


def cohere(f: Fields) -> dict:
    """Command-R: attention and MLP side by side behind one norm."""
    per_head = f.knows("use_qk_norm") and f.flag("use_qk_norm")
    return llama(f) | {"norms_per_layer": 1, "qk_norm": "per head" if per_head else "none"}


def stablelm(f: Fields) -> dict:
    """StableLM: Llama with LayerNorm. The 12B has attention and MLP side by side, and a norm for every head."""
    return llama(f) | {
        "qkv_bias": f.flag("use_qkv_bias"),
        "qk_norm": "per head" if f.flag("qk_layernorm") else "none",
        "norm": "weight and bias",
        "norms_per_layer": 1 if f.flag("use_parallel_residual") else 2,
    }


def phi(f: Fields) -> dict:
    """Phi-1 to Phi-2: attention and MLP side by side behind one norm, biases everywhere, also in the head."""
    return {
        **llama(f),
        **biases(True),
        "qk_norm": "shared" if f.flag("qk_layernorm") else "none",
        "qk_norm_bias": True,
        "gated": False,
        "norm": "weight and bias",
        "norms_per_layer": 1,
        "head_biases": 1,
    }


def starcoder2(f: Fields) -> dict:
    """StarCoder2: few key heads and RoPE, else as GPT-2."""
    return llama(f) | biases(f.flag("use_bias")) | {"gated": False, "norm": "weight and bias"}


def experts(f: Fields, name: str, size: int, least: int = 1) -> dict:
    """Experts of one size, and how many of them a token visits; null: the file does not say."""
    number = f.size(name, least=least)
    visited = None if f.get("num_experts_per_tok") is None else f.size("num_experts_per_tok")
    if visited is not None and visited > number > 0:
        raise ValueError(f"num_experts_per_tok {visited} is more than {name} {number}: a token cannot visit so many")
    return {"experts": number, "experts_per_token": visited if number else None, "expert_size": size}


def every(step: int, first: int, layers: int) -> range:
    """The layers first, first + step, …"""
    return range(min(first, layers), layers, step)


def how_many(some: range) -> int:
    """`len`, for a range of any length: a file may claim more layers than `len` can say."""
    return (some.stop - some.start + some.step - 1) // some.step


def mixtral(f: Fields) -> dict:
    """Mixtral: in place of each MLP several experts, and a router."""
    facts = llama(f)
    return facts | experts(f, "num_local_experts", facts["intermediate_size"])


def olmoe(f: Fields) -> dict:
    """OLMoE: OLMo 2's norms of queries and keys, and experts."""
    facts = olmo2(f)
    return facts | experts(f, "num_experts", facts["intermediate_size"])


def phimoe(f: Fields) -> dict:
    """Phi-3.5-MoE: Mixtral with LayerNorm."""
    return mixtral(f) | {"norm": "weight and bias", "head_biases": int(f.flag("lm_head_bias"))}


def gpt_oss(f: Fields) -> dict:
    """gpt-oss: experts and router have biases, and every head has a sink."""
    return mixtral(f) | {"sinks": True, "expert_bias": True, "router_bias": True}


def qwen_moe(f: Fields) -> dict:
    """What the mixtures of Qwen share: experts in every so many layers, but for layers that are named."""
    facts, named = llama(f), f.layers("mlp_only_layers") or set()
    step = f.size("decoder_sparse_step")
    sparse = every(step, step - 1, facts["layers"])
    facts |= experts(f, "num_experts", f.size("moe_intermediate_size"), least=0)
    mixed = how_many(sparse) - sum(layer in sparse for layer in named)
    return facts | {"moe_layers": mixed if facts["experts"] else 0}


def qwen2_moe(f: Fields) -> dict:
    """Qwen1.5-MoE and Qwen2-MoE: one more expert, behind a gate, is visited by every token."""
    shared = {"shared_size": f.size("shared_expert_intermediate_size"), "shared_gate": True}
    return qwen_moe(f) | shared | {"qkv_bias": f.flag("qkv_bias")}


def qwen3_moe(f: Fields) -> dict:
    """Qwen3-MoE: Qwen3 with experts."""
    return qwen_moe(f) | {"qk_norm": "shared"}


def llama4(f: Fields) -> dict:
    """Llama 4: in some layers or all, experts and one that every token visits. Its norms of queries learn nothing."""
    facts, step, named = llama(f), f.size("interleave_moe_layer_step"), f.layers("moe_layers")
    width, mixed = facts["intermediate_size"], how_many(every(step, step - 1, facts["layers"]))
    return {
        **facts,
        **experts(f, "num_local_experts", width),
        "intermediate_size": f.size("intermediate_size_mlp"),
        "shared_size": width,
        "moe_layers": mixed if named is None else sum(layer < facts["layers"] for layer in named),
    }


def deepseek(f: Fields) -> dict:
    """DeepSeek-V2: latent attention; plain MLPs first, behind them experts and some that every token visits."""
    head_dim, rope_dim, size = f.size("qk_nope_head_dim"), f.size("qk_rope_head_dim"), f.size("moe_intermediate_size")
    first, step = f.size("first_k_dense_replace", least=0), f.size("moe_layer_freq")
    facts = plain(f, head_dim="qk_nope_head_dim")
    return {
        **facts,
        **experts(f, "n_routed_experts", size),
        **attention_biases(f.flag("attention_bias")),
        "head_dim": head_dim + rope_dim,
        "rope_dim": rope_dim,
        "value_dim": f.size("v_head_dim"),
        "kv_rank": f.size("kv_lora_rank"),
        "q_rank": None if f.get("q_lora_rank") is None else f.size("q_lora_rank"),
        "mlp_bias": f.knows("mlp_bias") and f.flag("mlp_bias"),
        "gated": True,
        "norm": "weight",
        "shared_size": size * f.size("n_shared_experts", otherwise=0, least=0),
        "moe_layers": how_many(every(step, -(-first // step) * step, facts["layers"])),
    }


def deepseek_v3(f: Fields) -> dict:
    """DeepSeek-V3 and R1: V2, and a number beside each expert that steers the router and is no parameter."""
    facts = deepseek(f)
    layers, number = facts["moe_layers"], facts["experts"]
    note = f"e_score_correction_bias: {layers} layers × {number} experts = {layers * number:,} numbers, a buffer"
    return facts | {"uncounted": (note,)}


_N = {
    "n_embd": ("hidden_size",),
    "n_layer": ("num_hidden_layers",),
    "n_head": ("num_attention_heads",),
    "n_positions": ("max_position_embeddings",),
}
_DISTIL = {"dim": ("hidden_size",), "n_layers": ("num_hidden_layers",), "n_heads": ("num_attention_heads",)}
_T5 = {
    "d_model": ("hidden_size",),
    "d_kv": ("head_dim",),
    "num_layers": ("num_hidden_layers",),
    "num_heads": ("num_attention_heads",),
}
_BLOOM = {"hidden_size": ("n_embed",), "n_layer": ("num_hidden_layers",), "n_head": ("num_attention_heads",)}
_LOCAL = {"num_local_experts": ("num_experts",)}
_GLOBAL = {"num_experts": ("num_local_experts",)}
_LATENT = frozenset(
    {"num_key_value_heads", "head_dim", "qk_head_dim", "ep_size"}
)  # latent attention does not ask these

FAMILIES = {
    "openai-gpt": Family("OpenAIGPT", gpt1, _N),
    "gpt2": Family("GPT2", gpt2, _N),
    "gptj": Family("GPTJ", gptj, _N),
    "bloom": Family("Bloom", bloom, _BLOOM, frozenset({"n_inner"})),
    "bert": Family("Bert", bert, pooler=True),
    "roberta": Family("Roberta", bert, pooler=True),
    "xlm-roberta": Family("XLMRoberta", bert, pooler=True),
    "camembert": Family("Camembert", bert, pooler=True),
    "albert": Family("Albert", albert, pooler=True),
    "distilbert": Family("DistilBert", distilbert, _DISTIL),
    "modernbert": Family("ModernBert", modernbert),
    "t5": Family("T5", t5, _T5),
    "mt5": Family("MT5", t5, _T5),
    "gpt_neox": Family("GPTNeoX", neox, silent=frozenset({"use_parallel_residual"})),
    "opt": Family("OPT", opt),
    "falcon": Family("Falcon", falcon, {"hidden_size": ("n_embed",)}, frozenset({"num_kv_heads"})),
    "llama": Family("Llama", llama),
    "granite": Family("Granite", llama),
    "smollm3": Family("SmolLM3", llama),
    "mistral": Family("Mistral", llama),
    "ministral3": Family("Ministral3", llama),
    "mixtral": Family("Mixtral", mixtral, _LOCAL),
    "qwen2": Family("Qwen2", qwen2),
    "qwen3": Family("Qwen3", qwen3),
    "qwen2_moe": Family("Qwen2Moe", qwen2_moe),
    "qwen3_moe": Family("Qwen3Moe", qwen3_moe, _GLOBAL),
    "gemma": Family("Gemma", llama),
    "gemma2": Family("Gemma2", gemma2),
    "gemma3_text": Family("Gemma3", gemma3),
    "phi": Family("Phi", phi),
    "phi3": Family("Phi3", llama, silent=frozenset({"attention_bias", "mlp_bias", "lm_head_bias"})),
    "phimoe": Family("Phimoe", phimoe, _LOCAL),
    "olmo": Family("Olmo", olmo),
    "olmo2": Family("Olmo2", olmo2),
    "olmo3": Family("Olmo3", olmo2),
    "olmoe": Family("Olmoe", olmoe, _GLOBAL),
    "stablelm": Family("StableLm", stablelm),
    "starcoder2": Family("Starcoder2", starcoder2, silent=frozenset({"mlp_type", "norm_type"})),
    "cohere": Family("Cohere", cohere),
    "cohere2": Family("Cohere2", cohere),
    "deepseek_v2": Family("DeepseekV2", deepseek, {"n_routed_experts": ("num_experts",)}, _LATENT),
    "deepseek_v3": Family("DeepseekV3", deepseek_v3, {"n_routed_experts": ("num_local_experts",)}, _LATENT),
    "gpt_oss": Family("GptOss", gpt_oss, _LOCAL, frozenset({"experts_per_token"})),
    "llama4_text": Family("Llama4", llama4, silent=frozenset({"use_qk_norm"})),
}

# Files of these types hold a text model among others; which one, where their text_config does not say it.
TEXT_MODELS = {"gemma3": "gemma3_text", "llama4": "llama4_text", "mistral3": "mistral"}

# What a file may name that no model class here builds: if it is there and not empty, its sentence is passed on.
BEYOND = {
    "num_nextn_predict_layers": "num_nextn_predict_layers: layers that predict tokens further on are not in this class",
    "num_mtp_layers": "num_mtp_layers: layers that predict tokens further on are not in this class",
    "quantization_config": "quantization_config: parameters are counted, not the packed numbers and scales of the file",
    "compression_config": "compression_config: parameters are counted, not the packed numbers and scales of the file",
    "pruned_heads": "pruned_heads: the model is counted with all its heads",
    "per_layer_config": "per_layer_config: each layer is counted as the fields for all layers say",
    "peft_type": "peft_type: the model is counted without its adapter",
    "adapters": "adapters: the model is counted without them",
    "lora_config": "lora_config: the model is counted without its adapters",
    "vision_lora": "vision_lora: the model is counted without this adapter",
    "speech_lora": "speech_lora: the model is counted without this adapter",
}
