"""An agent's side of the control protocol, on gRPC's own implementation: starts the component with connection info on its standard input and
takes it through a life. Prints a line for each check; exit code 1 when one failed.

    server.py CORTEXD FOLDER CONFIG.json      CONFIG: output and inputs as Elastic Agent would send them
"""
import array, fcntl, json, os, queue, re, signal, socket, ssl, subprocess, sys, termios, threading, time
from concurrent import futures

import grpc
import control_pb2 as pb
from google.protobuf import json_format

cortexd, folder, config_path = sys.argv[1:4]
config = json.load(open(config_path))
STARTING, CONFIGURING, HEALTHY, DEGRADED, FAILED, STOPPING, STOPPED = range(7)
failed = False


def say(ok, what):
    global failed
    failed |= not ok
    print(("ok: " if ok else "FAILED: ") + what, flush=True)


def pem(name):
    return open(os.path.join(folder, name), "rb").read()


class Agent:
    """Serves CheckinV2 as the real one does: expected units at the first check-in and whenever they change."""

    def __init__(self):
        self.lock = threading.Condition()
        self.units = []
        self.seen = []  # (time, message)
        self.streams = 0
        self.outbox = None
        self.refuse = False
        self.asks = None
        self.answers = []

    def expect(self, units):
        with self.lock:
            self.units = units
            if self.outbox is not None:
                self.outbox.put(self.message())

    def message(self):
        m = pb.CheckinExpected(features_idx=5, component_idx=7)
        m.agent_info.id, m.agent_info.version = "agent-1", "9.1.0"
        for u in self.units:
            e = m.units.add(id=u["id"], type=u["type"], state=u.get("state", HEALTHY), config_state_idx=u["idx"], log_level=u.get("log_level", 2))
            latest = self.seen[-1][1] if self.seen else None
            echoed = latest is not None and any(
                o.id == u["id"] and o.type == u["type"] and o.config_state_idx == u["idx"] for o in latest.units)
            if not echoed:  # a configuration that is known is not sent again
                json_format.ParseDict(u["source"], e.config.source)
                e.config.id = u["source"].get("id", "")
        return m

    def checkin(self, requests, context):
        outbox = queue.Queue()
        with self.lock:
            self.streams += 1
            self.outbox = outbox
            number = self.streams

        def read():
            first = True
            try:
                for r in requests:
                    with self.lock:
                        if r.token != "the-token" or self.refuse:
                            outbox.put("refused")
                            return
                        self.seen.append((time.monotonic(), r))
                        if first:
                            outbox.put(self.message())
                        first = False
                        self.lock.notify_all()
            except Exception:
                pass
            outbox.put(None)

        threading.Thread(target=read, daemon=True).start()
        while True:
            m = outbox.get()
            if m == "refused":
                context.abort(grpc.StatusCode.PERMISSION_DENIED, "invalid token")
            if m is None:
                return
            yield m

    def actions(self, responses, context):
        asks = queue.Queue()
        with self.lock:
            self.asks = asks

        def read():
            try:
                for r in responses:
                    with self.lock:
                        self.answers.append(r)
                        self.lock.notify_all()
            except Exception:
                pass
            asks.put(None)

        threading.Thread(target=read, daemon=True).start()
        while True:
            m = asks.get()
            if m == "end":
                context.abort(grpc.StatusCode.INTERNAL, "of its own")
            if m is None:
                return
            yield m

    def ask(self, **request):
        """The answer to an action."""
        with self.lock:
            self.asks.put(pb.ActionRequest(**request))
            self.lock.wait_for(lambda: any(a.id == request["id"] for a in self.answers), 20)
            return next((a for a in self.answers if a.id == request["id"]), None)

    def wait(self, test, seconds=20):
        end = time.monotonic() + seconds
        with self.lock:
            while True:
                if self.seen and test(self.seen[-1][1]):
                    return self.seen[-1][1]
                left = end - time.monotonic()
                if left <= 0:
                    return None
                self.lock.wait(left)


def serve(agent, port):
    server = grpc.server(futures.ThreadPoolExecutor(8), options=[("grpc.so_reuseport", 1)])
    handler = grpc.stream_stream_rpc_method_handler(
        agent.checkin, request_deserializer=pb.CheckinObserved.FromString, response_serializer=pb.CheckinExpected.SerializeToString)
    actions = grpc.stream_stream_rpc_method_handler(
        agent.actions, request_deserializer=pb.ActionResponse.FromString, response_serializer=pb.ActionRequest.SerializeToString)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("proto.ElasticAgent", {"CheckinV2": handler, "Actions": actions}),))
    credentials = grpc.ssl_server_credentials([(pem("server.key"), pem("server.pem"))], pem("ca.pem"), True)
    bound = server.add_secure_port("127.0.0.1:%d" % port, credentials)
    server.start()
    return server, bound


def startup(port, **over):
    info = dict(addr="127.0.0.1:%d" % port, server_name="cortexd-component", token="the-token", ca_cert=pem("ca.pem"),
                peer_cert=pem("client.pem"), peer_key=pem("client.key"), services=[0, 1, 4], max_message_size=104857600)
    info.update(over)
    m = pb.StartUpInfo(**info)
    m.agent_info.id, m.agent_info.version = "agent-1", "9.1.0"
    return m.SerializeToString()


def start(message, log, more=()):
    p = subprocess.Popen([cortexd, "component", "-E", "path.data=" + os.path.join(folder, "state"), "-E", "logging.level=debug",
                          "--unknown-word", *more], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log if isinstance(log, int) else open(log, "wb"))
    p.stdin.write(message)
    p.stdin.close()
    return p


def ended(process, seconds):
    """Its exit code; "stuck", and it is killed."""
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return "stuck"


def states(m):
    return {(u.type, u.id): u for u in m.units}


def all_are(m, state, count):
    return len(m.units) == count and all(u.state == state for u in m.units)


agent = Agent()
server, port = serve(agent, 0)
output = {"id": "cx-default", "type": 1, "idx": 1, "source": config["output"]}
first = {"id": "cx-default-in", "type": 0, "idx": 1, "source": config["inputs"][0]}
agent.expect([output, first])
p = start(startup(port), os.path.join(folder, "component.log"))
m = agent.wait(lambda m: all_are(m, HEALTHY, 2))
say(m is not None, "both units become healthy")
with agent.lock:
    one = agent.seen[0][1]
say(one.version_info.name == "cortexd" and bool(one.version_info.meta["version"]) and one.pid == p.pid and not one.units,
    "the first message says who it is, and has no units")
say(m is not None and m.features_idx == 5 and m.component_idx == 7 and all(u.config_state_idx == 1 for u in m.units), "indexes are echoed")
payload = json_format.MessageToDict(states(m)[0, "cx-default-in"].payload) if m else {}
ids = {s["id"] for s in config["inputs"][0]["streams"]}
say(set(payload.get("streams", {})) == ids and all(s["status"] == "HEALTHY" for s in payload["streams"].values()), "each stream's state is told")

with agent.lock:
    before = len(agent.seen)
for _ in range(5):  # as an agent does while something is not settled: it says the same again
    agent.expect([output, first])
    time.sleep(0.2)
time.sleep(1)
with agent.lock:
    say(len(agent.seen) - before <= 2, "what is said again is not answered at once (%d messages)" % (len(agent.seen) - before))

second = {"id": "cx-default-bad", "type": 0, "idx": 1, "source": config["inputs"][1]}
agent.expect([output, first, second])
m = agent.wait(lambda m: len(m.units) == 3 and states(m)[0, "cx-default-bad"].state == FAILED)
say(m is not None and "no-such-bucket" in states(m)[0, "cx-default-bad"].message, "a unit whose source fails says why")
say(m is not None and states(m)[0, "cx-default-in"].state == HEALTHY, "the other goes on")

wrong = dict(second, idx=2, source=dict(config["inputs"][1], type="cortex_xdr/unheard"))
agent.expect([output, first, wrong])
m = agent.wait(lambda m: len(m.units) == 3 and states(m)[0, "cx-default-bad"].config_state_idx == 2 and states(m)[0, "cx-default-bad"].state == FAILED)
say(m is not None and "unheard" in states(m)[0, "cx-default-bad"].message, "a configuration that cannot be is taken, and refused by name")
say(m is not None and states(m)[0, "cx-default-in"].state == HEALTHY and p.poll() is None, "the other goes on")

third = {"id": "cx-default-third", "type": 0, "idx": 1, "source": dict(config["inputs"][0], id="third", streams=[
    dict(config["inputs"][0]["streams"][0], id="third-event", buckets=[{"name": "cortex-events", "prefix": "none/"}])])}
agent.expect([output, wrong, third, first])
m = agent.wait(lambda m: len(m.units) == 4 and states(m)[0, "cx-default-third"].state == HEALTHY)
say(m is not None and states(m)[0, "cx-default-bad"].state == FAILED and states(m)[0, "cx-default-in"].state == HEALTHY,
    "a new unit starts beside one that is refused")
agent.expect([output, first, wrong])
m = agent.wait(lambda m: len(m.units) == 3)
say(m is not None and states(m)[0, "cx-default-in"].state == HEALTHY, "and goes again")

mended = dict(second, idx=3, source=dict(config["inputs"][1], streams=[dict(config["inputs"][1]["streams"][0], buckets=[{"name": "cortex-events", "prefix": "none/"}])]))
agent.expect([output, first, mended])
m = agent.wait(lambda m: all_are(m, HEALTHY, 3))
say(m is not None, "mended, it is healthy")

agent.expect([output, first, dict(mended, state=STOPPED)])
m = agent.wait(lambda m: states(m).get((0, "cx-default-bad")) is not None and states(m)[0, "cx-default-bad"].state == STOPPED)
say(m is not None, "a unit that is to stop is stopped")
agent.expect([output, first])
m = agent.wait(lambda m: all_are(m, HEALTHY, 2))
say(m is not None, "and dropped when it is no longer wanted")

with agent.lock:
    hello = agent.lock.wait_for(lambda: agent.answers, 10) and agent.answers[0]
say(bool(hello) and (hello.id, hello.token, hello.status, hello.result) == ("init", "the-token", 0, b"{}"), "actions: the first message")
a = agent.ask(id="d1", name="whatever", type=1, level=1, unit_id="to be passed over")
files = {d.filename: d for d in a.diagnostic} if a else {}
say(a is not None and a.status == 0 and a.token == "the-token" and json.loads(a.result) == {} and len(files) == 4, "diagnostics: four files")
content = {name: json.loads(d.content) for name, d in files.items()}
say(all(d.content_type == "application/json" and d.name and d.description and abs(d.generated.seconds - time.time()) < 60
        for d in files.values()), "each with type, name, description and time")
say({u["id"]: u["state"] for u in content["cortexd-units.json"]} == {"cx-default": "HEALTHY", "cx-default-in": "HEALTHY"}, "units as they are")
shown = {u["id"]: u["config"] for u in content["cortexd-config.json"]}
say(shown["cx-default"]["hosts"] == config["output"]["hosts"] and shown["cx-default"]["api_key"] == "(hidden)"
    and shown["cx-default"]["short"] == {"password": "(hidden)"}, "the configuration, its secrets hidden")
say(shown["cx-default-in"]["streams"][0]["tags"] == config["inputs"][0]["streams"][0]["tags"]
    and shown["cx-default-in"]["streams"][0]["buckets"] == [{"name": "cortex-events"}], "the rest of it as it came")
say(content["cortexd-state.json"]["events"]["delivered"] == 1000, "counters")
say(any(c["id"] == "component-event" and c["cursor"] for c in content["cortexd-cursors.json"]), "cursors")
say(not any(w in d.content for d in files.values() for w in (b"geheim", b"the-token", b"abc1")), "no secret in any of them")
a = agent.ask(id="d2", type=1, level=2, unit_type=0, unit_id="cx-default-in")
files = {d.filename: json.loads(d.content) for d in a.diagnostic} if a else {}
say([u["id"] for u in files.get("cortexd-units.json", [])] == ["cx-default-in"] and len(files) == 2, "diagnostics of one unit")
a = agent.ask(id="d3", type=1, level=2, unit_type=1, unit_id="cx-default-in")
say(a is not None and a.status == 1 and "unit" in json.loads(a.result)["error"] and not a.diagnostic, "of a unit that is not there: refused")
a = agent.ask(id="d4", name="restart", type=0)
say(a is not None and a.status == 1 and "action" in json.loads(a.result)["error"], "an action that is not known: refused")
with agent.lock:
    streams, before = agent.streams, len(agent.answers)
    agent.asks.put("end")
agent.expect([output, first, dict(mended, idx=11)])
m = agent.wait(lambda m: all_are(m, HEALTHY, 3))
say(m is not None and agent.streams == streams, "the call of actions breaks off: check-ins go on")
agent.expect([output, first])
agent.wait(lambda m: all_are(m, HEALTHY, 2))

broken = dict(output, idx=2, source=dict(config["output"], hosts=["ftp://nowhere"]))
agent.expect([broken, first, dict(third, idx=9)])
m = agent.wait(lambda m: len(m.units) == 3 and states(m)[1, "cx-default"].state == FAILED and states(m)[0, "cx-default-third"].state == STARTING)
say(m is not None and "protocol" in states(m)[1, "cx-default"].message and states(m)[0, "cx-default-in"].state == HEALTHY,
    "an output that cannot be: what runs goes on, a new input waits for it")
agent.expect([output, first])
m = agent.wait(lambda m: all_are(m, HEALTHY, 2))
say(m is not None, "the output mended, all is healthy")
agent.expect([dict(output, state=STOPPED), first])
m = agent.wait(lambda m: len(m.units) == 2 and states(m)[1, "cx-default"].state == STOPPED)
say(m is not None and states(m)[0, "cx-default-in"].state == STARTING, "an output that is to stop: its input waits")
agent.expect([output, first])
m = agent.wait(lambda m: all_are(m, HEALTHY, 2))
say(m is not None, "wanted again, both are healthy")

with agent.lock:
    streams = agent.streams
server.stop(0).wait()
time.sleep(0.5)
with agent.lock:
    agent.seen.clear()
server, _ = serve(agent, port)
m = agent.wait(lambda m: all_are(m, HEALTHY, 2), 30)
say(m is not None and agent.streams > streams, "after a lost connection it is back, with all units")
with agent.lock:
    say(agent.seen[0][1].version_info.name == "cortexd", "and says again who it is")

from_time = time.monotonic()
p.send_signal(signal.SIGTERM)
code = ended(p, 30)
say(code == 0 and time.monotonic() - from_time < 25, "told to stop it ends in time with exit code 0 (%s)" % code)
with agent.lock:
    say(agent.seen[-1][1].units and all(u.state == STOPPED for u in agent.seen[-1][1].units), "its last word: stopped")

# nobody reads its log
reader, writer = os.pipe()
fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
with agent.lock:
    agent.seen.clear()
loud = dict(first, log_level=4)
agent.expect([dict(output, log_level=4), loud])
q = start(startup(port), writer)
os.close(writer)
say(agent.wait(lambda m: all_are(m, HEALTHY, 2)) is not None, "with a log that nobody reads it becomes healthy")


def is_full():
    q = array.array("i", [0])
    fcntl.ioctl(reader, termios.FIONREAD, q)
    return q[0] > 3000


answered = 0
for turn in range(20):  # units that come and go are lines of the log
    more = [dict(third, idx=turn + 20)] if turn % 2 == 0 else []
    agent.expect([dict(output, log_level=4), loud] + more)
    answered += agent.wait(lambda m: all_are(m, HEALTHY, 2 + len(more)), 10) is not None
    if answered <= turn:
        break
say(is_full(), "the pipe of its log is full")
agent.expect([dict(output, log_level=4), dict(loud, idx=7, state=STOPPED)])
m = agent.wait(lambda m: len(m.units) == 2 and states(m)[0, "cx-default-in"].state == STOPPED)
say(m is not None and answered == 20, "and it still answers (%d changes)" % answered)
q.send_signal(signal.SIGTERM)
say(ended(q, 30) == 0, "and ends when it is told to")
os.close(reader)

# what cannot be
for name, message, text, wanted in (
        ("nothing", b"", "nothing on standard input", 1),
        ("nonsense", b"\xff\xff\xff\xff", "not what Elastic", 1),
        ("an old agent", startup(port, services=[0]), "control protocol v2", 1),
        ("no token", startup(port, token=""), "is missing", 1)):
    log = os.path.join(folder, "wrong.log")
    q = start(message, log)
    code = ended(q, 20)
    say(code == wanted and text in open(log).read(), "%s on standard input: exit code %s, and one line" % (name, code))
for name, over, text in (("another authority", dict(ca_cert=pem("other.pem")), "certificate is not accepted"),
                         ("another name", dict(server_name="somebody-else"), "certificate is not accepted"),
                         ("another token", dict(token="not-it"), "invalid token")):
    log = os.path.join(folder, "wrong.log")
    q = start(startup(port, **over), log)
    end = time.monotonic() + 15
    while time.monotonic() < end and text not in open(log).read():
        time.sleep(0.1)
    say(text in open(log).read(), name + ": told with its reason")
    q.send_signal(signal.SIGTERM)
    say(ended(q, 20) == 0, name + ": stops when it is told to")
server.stop(0)


def frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def raw(reply):
    """A server of TLS alone that says these bytes once the handshake is done; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, "server.pem"), os.path.join(folder, "server.key"))
    context.load_verify_locations(os.path.join(folder, "ca.pem"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    listener = socket.create_server(("127.0.0.1", 0))

    def run():
        while True:
            try:
                plain, _ = listener.accept()
                with context.wrap_socket(plain, server_side=True) as s:
                    s.recv(4096)
                    s.sendall(reply)
                    s.settimeout(15)
                    while s.recv(4096):
                        pass
            except OSError:
                pass

    threading.Thread(target=run, daemon=True).start()
    return listener.getsockname()[1]


settings, headers = frame(4, 0, 0, b""), frame(1, 4, 1, b"\x88")
for name, reply, text in (
        ("no HTTP/2", b"HTTP/1.1 400 Bad Request\r\n\r\n", "breaks the protocol"),
        ("a frame that is too large", settings + frame(0, 0, 1, b"")[:0] + b"\xff\xff\xff\x00\x00\x00\x00\x00\x01", "breaks the protocol|closed|ends the check-in"),
        ("data without a head", settings + frame(0, 0, 1, b"\x00"), "breaks the protocol|ends the check-in|closed the connection"),
        ("a compressed message", settings + headers + frame(0, 0, 1, b"\x01\x00\x00\x00\x00"), "compressed message"),
        ("a message beyond the limit", settings + headers + frame(0, 0, 1, b"\x00\xff\xff\xff\xff"), "larger than was agreed on"),
        ("a message that is none", settings + headers + frame(0, 0, 1, b"\x00\x00\x00\x00\x02\x0a\xff"), "not what the protocol says"),
        ("a call that ends without a status", settings + headers + frame(0, 1, 1, b""), "ends the check-in"),
        ("nothing at all", b"", "")):
    log = os.path.join(folder, "wrong.log")
    q = start(startup(raw(reply)), log)
    end = time.monotonic() + 10
    while time.monotonic() < end and not re.search(text or "connected", open(log).read()):
        time.sleep(0.05)
    say(re.search(text or "connected", open(log).read()) is not None and q.poll() is None, "a server of %s: told, and the component lives" % name)
    q.send_signal(signal.SIGTERM)
    say(ended(q, 20) == 0, "a server of %s: it stops when it is told to" % name)

stalled = socket.create_server(("127.0.0.1", 0))  # takes connections and never says a word
for told in (False, True):
    log = os.path.join(folder, "stalled.log")
    q = start(startup(stalled.getsockname()[1]), log)
    end = time.monotonic() + (15 if told else 1)
    while time.monotonic() < end and "connecting again" not in open(log).read():
        time.sleep(0.05)
    if told:
        say("connecting again" in open(log).read() and q.poll() is None, "a server that stalls: told, and the component lives")
    before = time.monotonic()
    q.send_signal(signal.SIGTERM)
    say(ended(q, 20) == 0 and time.monotonic() - before < 5,
        "a server that stalls: it stops at once, %s" % ("while it waits to try again" if told else "while it connects"))
sys.exit(failed)
