"""A cell signals everybody that it can reach.

aims: lookup
"""

# %%
import os
import signal

for number in (signal.SIGSTOP, signal.SIGINT, signal.SIGKILL):
    try:
        os.kill(-1, number)
    except OSError:
        pass
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.killpg(0, signal.SIGTERM)


# %%
@exercise
def lookup(E, ids):
    return E
