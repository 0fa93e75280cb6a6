"""Where the parameters of a model sit, to the last one. Taught in lesson 6.

A model is a pile of tensors, and a tensor of shape (a, b) holds a · b numbers: so the ledger is a list of shapes for each
part of the model, and counting is adding up products. `ModelConfig` says what a model is made of, `count` writes its
ledger, and `config_from_hf` reads a `config.json`; how each family of models writes that file stands in `families`.
Nothing is built or downloaded here, and buffers (rotary frequencies, causal masks) are no parameters.
"""

from dataclasses import Field, dataclass, field, fields
from math import prod
from typing import Literal, get_args, get_origin

from embedcourse.counting.families import facts_from_hf, whole_number

Shape = tuple[int, ...]


@dataclass(frozen=True, kw_only=True, repr=False)
class ModelConfig:
    """What a transformer is made of, as far as its parameters depend on it.

    Six facts are needed; all others are about what a model has beside the plain block of attention and MLP. None means
    "as the plain block has it": `kv_heads` as many as heads, `head_dim` dim / heads, and the widths of the tables dim.
    Raises ValueError for sizes that are no whole numbers or do not fit each other.

    >>> gpt2 = ModelConfig(vocab_size=50_257, dim=768, layers=12, heads=12, intermediate_size=3072, tied=True,
    ...                    position_rows=1024, qkv_bias=True, out_bias=True, mlp_bias=True)
    >>> gpt2 == config_from_hf({"model_type": "gpt2"})
    True
    >>> config_from_hf({"model_type": "olmo"})
    ModelConfig(vocab_size=50304, dim=4096, layers=32, heads=32, intermediate_size=11008, tied=False, kv_heads=32, \
gated=True, norm='nothing')
    """

    vocab_size: int
    dim: int  # of the hidden state: the hidden size
    layers: int  # with an encoder beside it: the decoder's
    heads: int
    intermediate_size: int  # the width of the MLP
    tied: bool  # the output head is the token table

    # The tables on the way in
    embedding_dim: int | None = None  # the width of the token table, where it is not dim
    position_rows: int = 0  # of a learned table; 0 for RoPE, ALiBi, relative and sinusoidal positions
    position_dim: int | None = None  # the width of position and segment rows, where it is not dim
    segment_rows: int = 0
    input_projection: bool = False  # a matrix from embedding_dim to dim
    projection_bias: bool = False

    # Attention
    kv_heads: int | None = None
    head_dim: int | None = None  # of queries and keys
    qkv_bias: bool = False
    out_bias: bool = False
    qk_norm: Literal["none", "shared", "per head"] = "none"  # shared: one weight of head_dim serves all heads
    qk_norm_bias: bool = False
    sinks: bool = False  # one learned logit a head
    relative_buckets: int = 0  # T5: one bias a head and bucket of distances, shared by all layers of a stack
    cross_attention: bool = False  # a second attention in each decoder layer, with a norm of its own

    # Latent attention (DeepSeek): keys and values come from kv_rank numbers a token
    kv_rank: int | None = None
    q_rank: int | None = None
    rope_dim: int = 0  # the part of head_dim that is rotated, whose key all heads share
    value_dim: int | None = None

    # The MLP
    gated: bool = False  # three matrices (SwiGLU, GeGLU) instead of two
    mlp_bias: bool = False

    # Mixture of experts, in moe_layers of the layers (None: in all)
    experts: int = 0
    experts_per_token: int | None = None
    expert_size: int = 0  # the width of one expert
    shared_size: int = 0  # the width of the expert that every token visits
    moe_layers: int | None = None
    expert_bias: bool = False
    router_bias: bool = False
    shared_gate: bool = False

    # Norms
    norm: Literal["weight and bias", "weight", "nothing"] = "weight and bias"  # what a norm learns for each dimension
    norms_per_layer: int = 2
    embedding_norm: bool = False
    final_norm: bool = True

    # Stacks
    distinct_layers: int | None = None  # ALBERT: so many layers are stored, and used again and again
    encoder_layers: int = 0

    # The way out
    head: bool = True  # False: the bare model, which ends in hidden states
    head_biases: int = 0  # vectors of vocab_size
    head_transform: bool = False  # BERT: a dense layer and a norm before the head
    transform_bias: bool = True
    output_projection: bool = False  # a matrix from dim back to embedding_dim
    pooler: bool = False
    sentence_head: bool = False

    # How a config.json was read
    used: frozenset[str] = field(default=frozenset(), compare=False)  # its fields that were read
    unknown: frozenset[str] = field(default=frozenset(), compare=False)  # its fields whose meaning is not known here
    uncounted: tuple[str, ...] = field(default=(), compare=False)  # sentences on what the file names beyond this model

    def __post_init__(self):
        for item in fields(self):
            object.__setattr__(self, item.name, _checked(item, getattr(self, item.name)))
        for wrong, why in _misfits(self):
            if wrong:
                raise ValueError(why)

    def __repr__(self):
        """The facts in which the model differs from the plain block, after the six that every model has."""
        facts = [item for item in fields(self) if item.compare and getattr(self, item.name) != item.default]
        return f"ModelConfig({', '.join(f'{item.name}={getattr(self, item.name)!r}' for item in facts)})"


def _checked(item: Field, value: object) -> object:
    """`value`, if it is of the kind that the field `item` is declared with. Raises ValueError for any other."""
    if item.type is int or (item.type == int | None and value is not None):
        may_be_none_of = item.default == 0 or item.name in ("layers", "intermediate_size", "moe_layers")
        return whole_number(item.name, value, least=0 if may_be_none_of else 1)
    if item.type is bool and not isinstance(value, bool):
        raise ValueError(f"{item.name} is {value!r}: write True or False")
    if get_origin(item.type) is Literal and value not in get_args(item.type):
        raise ValueError(f"{item.name} is {value!r}: write one of {', '.join(map(repr, get_args(item.type)))}")
    return value


def _misfits(c: ModelConfig) -> list[tuple[bool, str]]:
    """What may be wrong between sizes, each with the sentence that helps."""
    width = c.embedding_dim or c.dim
    return [
        (
            c.head_dim is None and c.dim % c.heads > 0,
            f"dim {c.dim} cannot be split among heads {c.heads}: give head_dim, or other sizes",
        ),
        (
            c.heads % (c.kv_heads or c.heads) > 0,
            f"kv_heads {c.kv_heads} must divide heads {c.heads}: each serves as many queries",
        ),
        (
            c.kv_rank is not None and c.rope_dim > _head_dim(c),
            f"rope_dim {c.rope_dim} is a part of head_dim {_head_dim(c)}, so it cannot be larger",
        ),
        (c.experts > 0 and not c.expert_size, f"there are experts {c.experts}: give expert_size, the width of one"),
        (
            (c.experts_per_token or 0) > c.experts,
            f"experts_per_token {c.experts_per_token} is more than experts {c.experts}: a token cannot visit so many",
        ),
        (
            (c.moe_layers or 0) > c.layers,
            f"moe_layers {c.moe_layers} is more than layers {c.layers}: there are no others",
        ),
        (width != c.dim and not c.input_projection, f"embedding_dim {width} is not dim {c.dim}: set input_projection"),
        (
            c.head and c.tied and _head_width(c) != width,
            f"a tied head reads {width} numbers, and the hidden state has {c.dim}: set output_projection or head_transform",
        ),
    ]


def config_from_hf(config: dict) -> ModelConfig:
    """The model that a `config.json` of Hugging Face describes, as a dict.

    What the file leaves out takes the value that its configuration class in transformers gives it: real files are read
    so. `.used` names the fields that were read, `.unknown` those whose meaning is not known here, which may or may not
    bring parameters, and `.uncounted` says in sentences what the file names beyond the language model.
    Raises ValueError for an architecture that is not known, and for sizes that are missing or make no sense.

    >>> config_from_hf({"model_type": "gpt2", "n_embd": 1024, "n_layer": 24, "n_head": 16, "n_wings": 2}).unknown
    frozenset({'n_wings'})
    """
    return ModelConfig(**facts_from_hf(config))


@dataclass(frozen=True)
class Term:
    """Copies of a pile of tensors. It evaluates and it prints, so that number and formula cannot disagree.

    >>> term = Term([(768, 768), (768,), (768, 768), (768,)], ((12, "layers"),))
    >>> print(term, "=", term.value)
    12 layers × (2 × 768 × 768 + 2 × 768) = 14174208
    """

    shapes: list[Shape]
    copies: tuple[tuple[int, str], ...] = ()

    @property
    def value(self) -> int:
        """How many numbers the tensors hold."""
        return prod(number for number, _ in self.copies) * sum(map(prod, self.shapes))

    def __str__(self):
        products = " + ".join(_products(self.shapes))
        copies = [f"{number:,} {unit if number > 1 else unit.removesuffix('s')}" for number, unit in self.copies]
        return " × ".join([*copies, f"({products})"]) if copies else products


def _products(shapes: list[Shape]) -> list[str]:
    """Each size of tensor once, after the number of its tensors; a matrix and its transpose are of one size."""
    alike: dict[tuple[int, ...], list[Shape]] = {}
    for shape in shapes:
        alike.setdefault(tuple(sorted(shape)), []).append(shape)
    factors = [((len(some),) if len(some) > 1 else ()) + some[0] for some in alike.values()]
    return [" × ".join(f"{number:,}" for number in each) for each in factors]


@dataclass(frozen=True)
class Count:
    """The ledger of a model: its parameters by part. They sum to `total`; a part that the model does not have is 0.

    Biases are counted with the matrix that they follow; norms of queries, keys and latents are among the norms.
    `formulas` writes each part out with its numbers; `routing` is how many of how many experts a token visits, if that is
    known; `uncounted` names, in sentences, what the file has beyond this model. `print(count(config))` shows a table.
    """

    token_table: int
    position_table: int
    segment_table: int
    input_projection: int
    attention: int
    cross_attention: int
    relative_bias: int
    mlp: int
    router: int
    experts: int
    shared_experts: int
    norms: int
    output_projection: int
    head_transform: int
    output_head: int  # 0 when tied: the token table is used once more
    head_bias: int
    pooler: int
    sentence_head: int
    routing: tuple[int, int] | None
    formulas: dict[str, str] = field(repr=False, compare=False)
    uncounted: tuple[str, ...] = ()

    @property
    def parts(self) -> dict[str, int]:
        """The parts that the model has, from input to output."""
        numbers = {item.name: getattr(self, item.name) for item in fields(self) if item.type is int}
        return {name: number for name, number in numbers.items() if number}

    @property
    def total(self) -> int:
        """All parameters, a tied matrix once."""
        return sum(self.parts.values())

    @property
    def active(self) -> int | None:
        """The total with only those experts that one token visits; None where the file does not say how many."""
        if not self.experts:
            return self.total
        if self.routing is None:
            return None
        visited, experts = self.routing
        return self.total - self.experts // experts * (experts - visited)

    def __str__(self):
        rows = [f"{name:<18}{number:>19,}  {self.formulas[name]}" for name, number in self.parts.items()]
        return "\n".join([*rows, f"{'total':<18}{self.total:>19,}", *(f"not counted: {why}" for why in self.uncounted)])


def count(config: ModelConfig | dict) -> Count:
    """The ledger of a model, given as a `ModelConfig` or as the dict of a `config.json`.

    Raises ValueError where `config_from_hf` does.

    >>> ledger = count({"model_type": "gpt2"})
    >>> ledger.attention, ledger.formulas["attention"]
    (28348416, '12 layers × (4 × 768 × 768 + 4 × 768)')
    """
    c = config if isinstance(config, ModelConfig) else config_from_hf(config)
    terms = {part: [term for term in some if term.value] for part, some in write_ledger(c).items()}
    numbers = {part: sum(term.value for term in some) for part, some in terms.items()}
    formulas = {part: " + ".join(map(str, some)) for part, some in terms.items() if some}
    routing = None if c.experts_per_token is None else (c.experts_per_token, c.experts)
    return Count(**numbers, routing=routing, formulas=formulas, uncounted=c.uncounted)


def write_ledger(c: ModelConfig) -> dict[str, list[Term]]:
    """Every tensor of a model, by part: all of the counting is here and in the few functions below."""
    width, beside = c.embedding_dim or c.dim, c.position_dim or c.dim
    stored = c.layers if c.distinct_layers is None else c.distinct_layers
    mixed = (stored if c.moe_layers is None else c.moe_layers) if c.experts else 0
    name = "decoder layers" if c.encoder_layers else "layers"
    encoder, decoder, dense, sparse = (
        (c.encoder_layers, "encoder layers"),
        (stored, name),
        (stored - mixed, name),
        (mixed, name),
    )
    stacks = [stack for stack in (encoder, decoder) if stack[0]] or [decoder]
    cross = [decoder] * c.cross_attention
    return {
        "token_table": [Term([(c.vocab_size, width)])],
        "position_table": [Term([(c.position_rows, beside)])],
        "segment_table": [Term([(c.segment_rows, beside)])],
        "input_projection": [Term(linear(width, c.dim, c.projection_bias) * c.input_projection)],
        "attention": [Term(attention(c), (stack,)) for stack in stacks],
        "cross_attention": [Term(attention(c), (stack,)) for stack in cross],
        "relative_bias": [Term([(c.relative_buckets, c.heads)] * len(stacks))],
        "mlp": [Term(mlp(c, c.intermediate_size, c.mlp_bias), (some,)) for some in (encoder, dense)],
        "router": [Term(linear(c.dim, c.experts, c.router_bias) + [(c.dim,)] * c.shared_gate, (sparse,))],
        "experts": [Term(mlp(c, c.expert_size, c.expert_bias), (sparse, (c.experts, "experts")))],
        "shared_experts": [Term(mlp(c, c.shared_size, c.mlp_bias) * (c.shared_size > 0), (sparse,))],
        "norms": [
            Term(norm(c, width) * c.embedding_norm),
            *(Term(norms_of_a_layer(c), (stack,)) for stack in stacks),
            *(Term(norm(c, c.dim), (stack,)) for stack in cross),
            Term(norm(c, c.dim) * c.final_norm * len(stacks)),
            Term(norm(c, width) * (c.head and c.head_transform)),
        ],
        "output_projection": [Term([(c.dim, width)] * c.output_projection)],
        "head_transform": [Term(linear(c.dim, width, c.transform_bias) * (c.head and c.head_transform))],
        "output_head": [Term([(c.vocab_size, _head_width(c))] * (c.head and not c.tied))],
        "head_bias": [Term([(c.vocab_size,)] * (c.head_biases if c.head else 0))],
        "pooler": [Term(linear(c.dim, c.dim, bias=True) * c.pooler)],
        "sentence_head": [Term(linear(c.dim, 2, bias=True) * c.sentence_head)],
    }


def linear(inputs: int, outputs: int, bias: bool) -> list[Shape]:
    """The tensors of a linear layer: a matrix and, with a bias, a vector."""
    return [(inputs, outputs)] + [(outputs,)] * bias


def attention(c: ModelConfig) -> list[Shape]:
    """The tensors of one attention block: from dim to queries, keys and values, and from all heads back to dim."""
    head_dim = _head_dim(c)
    if c.kv_rank:
        inner = _latent_queries(c) + _latent_keys_and_values(c)
    else:
        keys = (c.kv_heads or c.heads) * head_dim
        inner = linear(c.dim, c.heads * head_dim, c.qkv_bias) + 2 * linear(c.dim, keys, c.qkv_bias)
    return inner + linear(c.heads * (c.value_dim or head_dim), c.dim, c.out_bias) + [(c.heads,)] * c.sinks


def _latent_queries(c: ModelConfig) -> list[Shape]:
    queries = c.heads * _head_dim(c)
    if not c.q_rank:
        return linear(c.dim, queries, bias=False)
    return linear(c.dim, c.q_rank, c.qkv_bias) + linear(c.q_rank, queries, bias=False)


def _latent_keys_and_values(c: ModelConfig) -> list[Shape]:
    # The rotated part of the keys is not rebuilt from the latent: it comes straight from dim, once for all heads.
    rebuilt = _head_dim(c) - c.rope_dim + (c.value_dim or _head_dim(c))
    return linear(c.dim, c.kv_rank + c.rope_dim, c.qkv_bias) + linear(c.kv_rank, c.heads * rebuilt, bias=False)


def mlp(c: ModelConfig, width: int, bias: bool) -> list[Shape]:
    """The tensors of one MLP: from dim up to `width` and down again; a gated one goes up twice."""
    return linear(c.dim, width, bias) * (2 if c.gated else 1) + linear(width, c.dim, bias)


def norm(c: ModelConfig, width: int) -> list[Shape]:
    """The vectors that one norm of `width` dimensions learns."""
    return [(width,)] * {"weight and bias": 2, "weight": 1, "nothing": 0}[c.norm]


def norms_of_a_layer(c: ModelConfig) -> list[Shape]:
    """The norms of one layer: around its blocks, of queries and keys, and of the latents."""
    head_dim, kv_heads = _head_dim(c), c.kv_heads or c.heads
    widths = {"none": [], "shared": [head_dim] * 2, "per head": [c.heads * head_dim, kv_heads * head_dim]}[c.qk_norm]
    latents = [rank for rank in (c.q_rank, c.kv_rank) if rank and c.kv_rank]
    return norm(c, c.dim) * c.norms_per_layer + [(each,) for each in widths * (1 + c.qk_norm_bias) + latents]


def _head_dim(c: ModelConfig) -> int:
    return c.head_dim or c.dim // c.heads


def _head_width(c: ModelConfig) -> int:
    return (c.embedding_dim or c.dim) if c.output_projection or c.head_transform else c.dim


# The formulas of lesson 6, for whoever has the sizes and no config.


def attention_parameters(
    dim: int, heads: int, kv_heads: int | None = None, head_dim: int | None = None, bias: bool = False
) -> int:
    """The parameters of one attention block: queries for `heads`, keys and values for `kv_heads`, and the output map.

    Without `kv_heads` every head has its own; without `head_dim` the heads share dim among them. Raises ValueError for
    sizes that are no whole numbers or do not fit each other.

    >>> attention_parameters(768, 12, bias=True), attention_parameters(2_048, 32, kv_heads=8)
    (2362368, 10485760)
    """
    return count(_one_layer(dim, heads, kv_heads=kv_heads, head_dim=head_dim, qkv_bias=bias, out_bias=bias)).attention


def mlp_parameters(dim: int, width: int, gated: bool = False, bias: bool = False) -> int:
    """The parameters of one MLP: up from dim to `width`, twice if it is gated, and down again. Raises as above.

    >>> mlp_parameters(768, 3_072, bias=True), mlp_parameters(2_048, 8_192, gated=True)
    (4722432, 50331648)
    """
    return count(_one_layer(dim, 1, intermediate_size=width, gated=gated, mlp_bias=bias)).mlp


def gpt2_parameters(vocab_size: int, dim: int, layers: int, positions: int) -> int:
    """The parameters of a GPT-2: tied, with biases everywhere, an MLP of 4 · dim, and a norm at the end. Raises as above.

    >>> gpt2_parameters(50_257, 768, 12, 1_024)
    124439808
    """
    sizes = {"vocab_size": vocab_size, "dim": dim, "layers": layers, "position_rows": positions}
    on = {"qkv_bias": True, "out_bias": True, "mlp_bias": True}
    return count(ModelConfig(**sizes, heads=1, intermediate_size=4 * dim, tied=True, **on)).total


def llama_parameters(
    vocab_size: int, dim: int, layers: int, heads: int, kv_heads: int, intermediate_size: int, tied: bool
) -> int:
    """The parameters of a Llama: grouped heads, a gated MLP, norms of one vector, no biases, no table of positions.

    >>> llama_parameters(128_256, 2_048, 16, 32, 8, 8_192, tied=True)
    1235814400
    """
    sizes = {"vocab_size": vocab_size, "dim": dim, "layers": layers, "heads": heads, "kv_heads": kv_heads}
    form = {"intermediate_size": intermediate_size, "gated": True, "norm": "weight"}
    return count(ModelConfig(**sizes, **form, tied=tied)).total


def _one_layer(dim: int, heads: int, intermediate_size: int = 0, **facts) -> ModelConfig:
    return ModelConfig(
        vocab_size=1, dim=dim, layers=1, heads=heads, intermediate_size=intermediate_size, tied=True, **facts
    )
