"""An answer leaves processes behind that read the channel in the place of the honest ones.

aims: lookup
"""


# %%
@exercise
def lookup(E, ids):
    import os
    import signal

    for number in range(3):
        if os.fork() == 0:
            os.setsid()
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True:
                try:
                    if not os.read(channel(), 1 << 16):
                        os._exit(0)
                except OSError:
                    pass
    return E
