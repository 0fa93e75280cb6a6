"""Lesson 10: the whole input side of two real kinds of model, from the bytes of their files to their first scores."""

from embedcourse.capstone.reference import (
    gpt2_blocks,
    gpt2_input,
    gpt2_logits,
    input_side,
    llama_blocks,
    llama_logits,
    llama_queries_keys,
    output_table,
    read_header,
    read_tensor,
    read_tensors,
    row_span,
)
from embedcourse.capstone.stored import checkpoint, expected, load, tokenizer

__all__ = [
    "checkpoint",
    "expected",
    "gpt2_blocks",
    "gpt2_input",
    "gpt2_logits",
    "input_side",
    "llama_blocks",
    "llama_logits",
    "llama_queries_keys",
    "load",
    "output_table",
    "read_header",
    "read_tensor",
    "read_tensors",
    "row_span",
    "tokenizer",
]
