"""A loop without end in a cell, with all signals ignored.

aims: lookup
flag: out of time
"""

# %%
import signal

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    pass


# %%
@exercise
def lookup(E, ids):
    return E
