"""A loop without end in an answer that swallows every exception.

aims: lookup
flag: out of time
"""


# %%
@exercise
def lookup(E, ids):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
