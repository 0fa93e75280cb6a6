"""Files without a byte in them, folders in folders, and links, without end.

aims: lookup
"""

# %%
import os

try:
    for number in range(100_000):
        open(f"empty{number}", "w").close()
except OSError:
    pass
try:
    for number in range(100_000):
        os.mkdir("deeper")
        os.chdir("deeper")
except OSError:
    pass


# %%
@exercise
def lookup(E, ids):
    return E
