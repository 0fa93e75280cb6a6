"""An answer arrives one byte at a time, each just before one would give up.

aims: lookup
flag: out of time
"""


# %%
@exercise
def lookup(E, ids):
    import os
    import time

    os.write(channel(), b"\0\x0f\0\0")
    while True:
        os.write(channel(), b" ")
        time.sleep(0.01)
