"""Recursion without end, with the limit taken away, until the stack is over.

aims: lookup encode
flag: died
"""


# %%
@exercise
def lookup(E, ids):
    import sys

    sys.setrecursionlimit(2**31 - 1)

    class Deep:
        def __repr__(self):
            return repr(self)

        __getattr__ = lambda self, name: getattr(self, name)

    return Deep().x


# %%
@exercise
def encode(tokens, vocabulary):
    return encode(tokens, vocabulary)
