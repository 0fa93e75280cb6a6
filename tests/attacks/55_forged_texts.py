"""Texts far longer than any that an honest process sends, with half of a surrogate pair in them.

aims: lookup encode
"""


# %%
def frame(*values):
    import json
    import os
    import struct

    header = json.dumps({"value": ["tuple", values], "sizes": []}).encode()
    message = struct.pack(">I", len(header)) + header
    data = struct.pack(">I", len(message)) + message
    while data:
        data = data[os.write(channel(), data) :]


def text(value):
    return ["str", value]


@exercise
def lookup(E, ids):
    long = "\ud800\x1b[31m" + "x" * 300_000
    lines = ["tuple", [text(long[:90_000]), text("\udfff")]]
    raised = ["tuple", [text(long), ["tuple", [text("ValueError")]], text(long), lines]]
    frame(text("outcome"), ["int", "0x1"], ["none"], raised, ["tuple", []], text("\ud800" + "y" * 100_000))


@exercise
def encode(tokens, vocabulary):
    frame(text("outcome"), ["int", "0x1"], ["opaque", "\ud800" * 90_000], ["none"], ["tuple", []], text("\ud800"))
