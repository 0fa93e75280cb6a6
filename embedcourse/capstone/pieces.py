"""The pieces of words that the models of lesson 10 read, as a `tokenizer.json` in the format of the field."""

from functools import cache
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from embedcourse.text import course_prose

VOCAB = 400
STORED = Path(__file__).with_name("tokenizer.json")


@cache
def tokenizer() -> Tokenizer:
    """Byte pair encoding, learned from the course's prose (lesson 5): 400 pieces, written as in GPT-2, with Ġ for a space."""
    return Tokenizer.from_file(str(STORED))


def learn() -> Tokenizer:
    """The tokenizer, learned anew."""
    learned = Tokenizer(models.BPE())
    learned.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    learned.decoder = decoders.ByteLevel()
    learned.train_from_iterator([course_prose()], trainers.BpeTrainer(vocab_size=VOCAB, show_progress=False))
    return learned


if __name__ == "__main__":
    learn().save(str(STORED))
