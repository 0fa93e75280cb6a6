"""Many processes take each a little less memory than one may have.

aims: lookup
flag: out of memory
"""


# %%
@exercise
def lookup(E, ids):
    import os
    import time

    for number in range(6):
        if os.fork() == 0:
            kept = bytearray(b"x") * (120 << 20)
            time.sleep(30)
    time.sleep(30)
