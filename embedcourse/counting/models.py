"""The table of real models: their sizes, whether they tie, and where each number comes from. Used from lesson 4 on."""

import json
from importlib.resources import files


def models() -> list[dict]:
    """Real models, one dict each; a fresh list at every call.

    Among the keys: name, year, hf_class, vocab_size, hidden_size, layers, tied, and the parameters in `total`, `embedding`
    (the token table), `lm_head` (0 where tied). `config_sources` says where the configuration was read; `unverified` is
    None, or says what could not be sourced. Totals count a tied matrix once.
    """
    text = files("embedcourse.counting").joinpath("models.json").read_text(encoding="utf-8")
    return json.loads(text)["models"]
