"""SystemExit, GeneratorExit and an exception of its own are raised, in a cell and in an answer, with the status of success.

aims: lookup encode
"""

# %%
raise SystemExit(0)


# %%
@exercise
def lookup(E, ids):
    raise SystemExit(0)


# %%
@exercise
def encode(tokens, vocabulary):
    raise GeneratorExit("passed")
