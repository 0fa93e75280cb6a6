"""Objects, classes and exceptions whose every method raises, loops or lies.

aims: lookup encode one_hot
"""


# %%
class Meta(type):
    __name__ = property(lambda self: (_ for _ in ()).throw(RuntimeError("no name")))
    __mro__ = property(lambda self: [])
    __repr__ = __str__ = lambda self: 1 / 0


class Thing(Exception, metaclass=Meta):
    __repr__ = __str__ = __len__ = __hash__ = __bool__ = __reduce__ = __format__ = lambda self, *args: 1 / 0
    args = property(lambda self: 1 / 0)
    __class__ = int


@exercise
def lookup(E, ids):
    raise Thing


@exercise
def encode(tokens, vocabulary):
    return Thing()


@exercise
def one_hot(ids, vocab_size):
    error = type("\ud800\x1b[31m=cmd()", (Exception,), {"__str__": lambda self: "\ud800\x00\x1b]0;title\x07"})
    raise error
