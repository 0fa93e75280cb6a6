"""A process that an answer left behind finds the channel and answers in the place of the honest code.

aims: lookup
"""


# %%
@exercise
def lookup(E, ids):
    import json
    import os
    import socket
    import struct

    def frame(connection, *values):
        header = json.dumps({"value": ["tuple", values], "sizes": []}).encode()
        message = struct.pack(">I", len(header)) + header
        connection.sendall(struct.pack(">I", len(message)) + message)

    if os.fork() == 0:
        os.setsid()
        connection = socket.socket(fileno=os.dup(channel()))
        frame(connection, ["str", "over"], ["int", "0x0"])
        while True:
            connection.recv(1 << 16)
            frame(connection, ["str", "ready"], ["str", "called"])
            for number in range(1, 50):
                wrong = [["none"], ["none"], ["tuple", []], ["str", ""]]
                frame(connection, ["str", "outcome"], ["int", hex(number)], *wrong)
            frame(connection, ["str", "over"], ["int", "0x0"])
    return E
