"""talk.py CORTEXD MODULES STATE: `cortexd embed` spoken to by a stranger: what is right, and what is not. Prints ok or FAILED lines."""

import os
import signal
import socket
import struct
import subprocess
import sys
import time

CORTEXD, MODULES, STATE = sys.argv[1:4]
INVAL, HANDLE, STATE_CODE, AGAIN, CONFIG, BUSY, UNSUPPORTED, END = -1, -3, -4, -6, -8, -12, -15, -16
failed = False


def check(what, got, wanted):
    global failed
    good = got == wanted
    failed |= not good
    print(f"ok: {what}: {wanted}" if good else f"FAILED: {what}: got {got}, wanted {wanted}", flush=True)


class Agent:
    def __init__(self):
        self.calls, calls = socket.socketpair()
        self.pulls, pulls = socket.socketpair()
        a, b = (os.dup2(s.fileno(), n, inheritable=True) for s, n in ((calls, 103), (pulls, 104)))
        # the shell puts them where they belong: what is at 3 and 4 here is not ours to move
        self.process = subprocess.Popen(["bash", "-c", f'exec "$0" embed 3<&{a} 4<&{b} {a}<&- {b}<&-', CORTEXD],
                                        pass_fds=(a, b), stderr=subprocess.PIPE, text=True)
        os.close(a)
        os.close(b)
        calls.close()
        pulls.close()
        for s in (self.calls, self.pulls):
            s.settimeout(60)

    def raw(self, data, on=None):
        try:
            (on or self.calls).sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def read(self, count, on):
        data = b""
        while len(data) < count:
            more = on.recv(count - len(data))
            if not more:
                return None
            data += more
        return data

    def ask(self, number, arguments=b"", on=None):
        on = on or self.calls
        self.raw(struct.pack("<II", 4 + len(arguments), number) + arguments, on)
        head = self.read(8, on)
        if head is None:
            return None, None
        length, code = struct.unpack("<Ii", head)
        return code, self.read(length - 4, on) if length > 4 else b""

    def open(self, policy, options=None):
        options = options or f'{{"data_dir":"{STATE}","modules":["{MODULES}"],"once":true}}'
        return self.ask(2, b"".join(struct.pack("<I", len(t)) + t for t in (options.encode(), policy.encode())))[0]

    def pull(self, timeout_ms=20000, form=1):
        code, reply = self.ask(4, struct.pack("<II", form, timeout_ms), self.pulls)
        return code, struct.unpack("<4Q", reply[:32]) if code == 0 else None, reply[32:] if code == 0 else b""

    def end(self, what, wanted=0):
        self.calls.close()
        self.pulls.close()
        try:
            check(f"{what}: exit code", self.process.wait(30), wanted)
        except subprocess.TimeoutExpired:
            check(f"{what}: ends", "no", "yes")
            self.process.kill()
        return self.process.stderr.read()


def right():
    a = Agent()
    check("pull before open", a.pull(0)[0], HANDLE)
    check("open, wrong policy", a.open("inputs: [{type: tocker}]"), CONFIG)
    check("its text", b"tocker" in a.ask(10)[1], True)
    check("open", a.open("inputs: [{id: t, type: ticker, count: 250}]"), 0)
    check("open again", a.open("inputs: [{id: t, type: ticker, count: 250}]"), STATE_CODE)
    check("start", a.ask(3)[0], 0)
    check("start again", a.ask(3)[0], STATE_CODE)
    check("no such format", a.pull(0, 9)[0], INVAL)
    documents = 0
    code, meta, batch = a.pull()
    while code == 0:
        check("documents in the frame", struct.unpack("<I", batch[:4])[0], meta[2])
        check("length", len(batch), meta[1])
        documents += meta[2]
        check("ack", a.ask(5, struct.pack("<Qi", meta[0], 0))[0], 0)
        check("ack again", a.ask(5, struct.pack("<Qi", meta[0], 0))[0], HANDLE)
        check("no such verdict", a.ask(5, struct.pack("<Qi", meta[0], 7))[0], INVAL)
        code, meta, batch = a.pull()
    check("the end", code, END)
    check("documents", documents, 250)
    check("status", a.ask(8)[1][:11], b'{"state":"r')
    check("wake", a.ask(7)[0], 0)
    check("build_info", b'"name":"cortexd"' in a.ask(1)[1], True)
    check("nothing applied", a.ask(13, struct.pack("<I", 0))[0], STATE_CODE)
    check("apply", a.ask(9, struct.pack("<I", 4) + b"a: b")[0], 0)
    while (code := a.ask(13, struct.pack("<I", 50))[0]) == AGAIN:
        pass
    check("applied", code, CONFIG)
    check("and said once", a.ask(13, struct.pack("<I", 0))[0], STATE_CODE)
    check("no such call", a.ask(4711)[0], UNSUPPORTED)
    check("stop", a.ask(11, struct.pack("<I", 20000))[0], 0)
    check("close", a.ask(12, struct.pack("<I", 1000))[0], 0)
    check("close again", a.ask(12, struct.pack("<I", 1000))[0], HANDLE)
    a.end("right")


def wrong(what, data, wanted=0):
    """Bytes that are no request: the talk ends, the program in good order."""
    a = Agent()
    a.raw(data)
    a.calls.shutdown(socket.SHUT_WR)
    try:
        while a.calls.recv(65536):
            pass
    except ConnectionResetError:
        pass
    said = a.end(what, wanted)
    check(f"{what}: no sanitizer complains", "ERROR: " in said, False)


def cut_arguments():
    """Each call with arguments that are missing, half there, or longer than the request says."""
    a = Agent()
    codes = set()
    for number in range(0, 15):
        if number == 4:
            continue
        for arguments in (b"", b"\1", b"\xff\xff\xff\xff", b"\xff\xff\xff\xffab", b"\0" * 40):
            codes.add(a.ask(number, arguments)[0])
    for arguments in (b"", b"\1", b"\1\0\0\0", b"\xff" * 40):
        codes.add(a.ask(4, arguments, a.pulls)[0])
    check("calls with cut arguments: all are answered", None in codes, False)
    check("calls with cut arguments: codes", sorted(codes - {0, CONFIG, AGAIN}),
          sorted({INVAL, HANDLE, UNSUPPORTED, BUSY, STATE_CODE}))
    check("cut arguments: open after all that", a.open("inputs: [{type: ticker, count: 1}]"), 0)
    a.end("cut arguments")


def ends():
    a = Agent()
    check("open", a.open("inputs: [{id: u, type: ticker, count: 9}]"), 0)
    check("start", a.ask(3)[0], 0)
    check("pull", a.pull()[0], 0)
    a.process.send_signal(signal.SIGTERM)
    check("SIGTERM: calls end", a.ask(8)[0] in (None, 0), True)
    a.end("SIGTERM")
    a = Agent()
    check("what was not acknowledged, after SIGTERM", (a.open("inputs: [{id: u, type: ticker, count: 9}]"), a.ask(3)[0], a.pull()[1][2]),
          (0, 0, 9))
    # the other end goes while a pull waits and one is held
    a.raw(struct.pack("<IIII", 12, 4, 1, 0xFFFFFFFF), a.pulls)
    time.sleep(0.1)
    begin = time.monotonic()
    a.end("gone during a wait")
    check("gone during a wait: at once", time.monotonic() - begin < 10, True)


right()
for name, bytes_ in (("nothing", b""), ("half a length", b"\1\2"), ("too short", b"\0\0\0\0"), ("length of 4 GB", b"\xff" * 64),
                     ("17 MB", struct.pack("<I", 17 << 20)), ("cut off", struct.pack("<II", 400, 2) + b"abc"), ("noise", os.urandom(4096))):
    wrong(name, bytes_)
cut_arguments()
ends()
check("without sockets", subprocess.run([CORTEXD, "embed"], stdin=subprocess.DEVNULL, capture_output=True).returncode, 2)
sys.exit(1 if failed else 0)
