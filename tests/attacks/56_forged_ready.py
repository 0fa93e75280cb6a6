"""A cell answers in the place of the runner: the name is bound to a type of a million characters.

aims: lookup
keeps: nothing
"""

# %%
import json
import os
import struct


def frame(*values):
    header = json.dumps({"value": ["tuple", values], "sizes": []}).encode()
    message = struct.pack(">I", len(header)) + header
    data = struct.pack(">I", len(message)) + message
    while data:
        data = data[os.write(channel(), data) :]


frame(["str", "cell"], ["none"], ["str", "\ud800" * 90_000], ["tuple", [["str", "lookup"]]], ["str", "\x1b" + "n" * 90_000])
for number in range(20):
    frame(["str", "ready"], ["str", "\ud800" * 9_000])


# %%
def lookup(E, ids):
    return E
