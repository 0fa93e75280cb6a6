"""A header of a million brackets.

aims: lookup
flag: protocol
"""


# %%
@exercise
def lookup(E, ids):
    import os
    import struct

    header = b'{"sizes": [], "value": ' + b"[" * 900_000
    message = struct.pack(">I", len(header)) + header
    data = struct.pack(">I", len(message)) + message
    while data:
        data = data[os.write(channel(), data) :]
    return E
