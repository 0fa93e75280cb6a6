"""KeyboardInterrupt is sent to itself and swallowed, alarms and timers are set, the default handlers replaced.

aims: lookup
flag: out of time
"""

# %%
import os
import signal

signal.signal(signal.SIGINT, lambda *args: None)
signal.signal(signal.SIGALRM, lambda *args: None)
signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)


# %%
@exercise
def lookup(E, ids):
    while True:
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except BaseException:
            pass
