"""Connections over the network, by name, by datagram, over abstract and other local sockets. Loopback only.

aims: lookup
"""

# %%
import os
import socket

done = []
for what, family, kind, place in (
    ("tcp", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 22)),
    ("udp", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 53)),
    ("tcp 6", socket.AF_INET6, socket.SOCK_STREAM, ("::1", 22)),
    ("abstract", socket.AF_UNIX, socket.SOCK_STREAM, "\0nobody"),
    ("raw", socket.AF_INET, socket.SOCK_RAW, ("127.0.0.1", 0)),
    ("netlink", 16, socket.SOCK_RAW, (0, 0)),
):
    try:
        with socket.socket(family, kind) as one:
            one.settimeout(0.2)
            one.connect(place)
        done.append(what)
    except OSError:
        pass
try:
    one, other = socket.socketpair()
    one.connect("$HOME/socket")
    done.append("connected a pair")
except OSError:
    pass


# %%
@exercise
def lookup(E, ids):
    raise ValueError(f"done: {done}")
