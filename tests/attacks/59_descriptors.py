"""Every descriptor that was inherited is listed, read from, written to and closed.

aims: lookup
keeps: nothing
"""

# %%
import os
import stat

found = {}
for number in range(1 << 12):
    try:
        found[number] = stat.S_IFMT(os.fstat(number).st_mode)
    except OSError:
        pass
others = set(found) - {0, 1, 2, 3}


# %%
@exercise
def lookup(E, ids):
    raise ValueError(f"others: {sorted(others)}")


# %%
for number in range(1 << 12):
    try:
        os.write(number, b"\xff" * 100)
        os.close(number)
    except OSError:
        pass
