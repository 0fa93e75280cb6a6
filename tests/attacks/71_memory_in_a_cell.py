"""A cell takes more memory than there is for it, spread over processes that share it.

aims: lookup
flag: out of memory
"""

# %%
import os
import time

for number in range(6):
    if os.fork() == 0:
        kept = bytearray(b"x") * (120 << 20)
        time.sleep(30)
time.sleep(30)


# %%
@exercise
def lookup(E, ids):
    return E
