"""An answer closes its ears: it stops, and the channel is filled from the other side until nothing goes.

aims: lookup
flag: out of time
"""


# %%
@exercise
def lookup(E, ids):
    import os
    import signal

    os.kill(os.getpid(), signal.SIGSTOP)
