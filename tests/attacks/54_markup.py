"""Names of types and texts of exceptions that are HTML, escapes for a terminal, or formulas for a table.

aims: lookup encode one_hot
"""

# %%
TEXTS = ["<script>alert(1)</script>", "\x1b[2J\x1b]8;;http://127.0.0.1\x07", '=HYPERLINK("http://127.0.0.1")', "@SUM(1)", "\r\n-1"]


@exercise
def lookup(E, ids):
    raise type(TEXTS[0], (Exception,), {})("".join(TEXTS))


@exercise
def encode(tokens, vocabulary):
    return type(TEXTS[1], (), {})()


@exercise
def one_hot(ids, vocab_size):
    return {text: text for text in TEXTS}


# %%
raise type(TEXTS[2], (Exception,), {})("".join(TEXTS))
