"""Values that never end or grow while they are looked at.

aims: lookup encode build_vocabulary
"""


# %%
class Growing(list):
    def __iter__(self):
        while True:
            yield 0

    __len__ = lambda self: 1 << 60


@exercise
def lookup(E, ids):
    return Growing([1])


@exercise
def encode(tokens, vocabulary):
    loop = []
    loop.append(loop)
    return [loop] * 10_000


@exercise
def build_vocabulary(tokens):
    return {number: [0] * 10_000 for number in range(10_000)}
