package cortexd

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// The calls of `cortexd embed` (agent/front/embed/README.md).
const (
	callOpen    = 2
	callStart   = 3
	callPull    = 4
	callAck     = 5
	callReject  = 6
	callWake    = 7
	callStatus  = 8
	callApply   = 9
	callError   = 10
	callStop    = 11
	callClose   = 12
	callApplied = 13

	replyMax  = 1 << 30
	lastLines = 16
	killAfter = 10 * time.Second
)

// process is the agent as a child: one socket for calls, one for pulls.
type process struct {
	cmd    *exec.Cmd
	calls  line
	pulls  line
	lastMu sync.Mutex
	last   []string
	ended  chan struct{} // closed when the child is gone, end is set before
	end    error
	asked  atomic.Bool // it was told to end
}

type line struct {
	sync.Mutex
	conn net.Conn
	out  []byte // the request
}

func pair() (ours net.Conn, theirs *os.File, err error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	file := os.NewFile(uintptr(fds[0]), "cortexd")
	defer file.Close() // FileConn has its own
	theirs = os.NewFile(uintptr(fds[1]), "cortexd")
	if ours, err = net.FileConn(file); err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return ours, theirs, nil
}

func processStart(program string, log func([]byte)) (*process, error) {
	p := &process{ended: make(chan struct{})}
	fail := func(err error) (*process, error) {
		return nil, &Error{Op: "start " + program, Code: ErrIO, Text: err.Error()}
	}
	calls, callsTheirs, err := pair()
	if err != nil {
		return fail(err)
	}
	defer callsTheirs.Close()
	pulls, pullsTheirs, err := pair()
	if err != nil {
		calls.Close()
		return fail(err)
	}
	defer pullsTheirs.Close()
	p.calls.conn, p.pulls.conn = calls, pulls
	p.cmd = exec.Command(program, "embed")
	p.cmd.ExtraFiles = []*os.File{callsTheirs, pullsTheirs}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a terminal's Ctrl-C is the program's to handle
	stderr, err := p.cmd.StderrPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		calls.Close()
		pulls.Close()
		return fail(err)
	}
	go p.watch(stderr, log)
	return p, nil
}

// watch reads the child's log until the end of it, and then waits for the child.
func (p *process) watch(stderr io.Reader, log func([]byte)) {
	r := bufio.NewReaderSize(stderr, 8192)
	for {
		text, err := r.ReadSlice('\n')
		if len(text) > 0 {
			p.lastMu.Lock()
			p.last = append(p.last, string(bytes.TrimRight(text, "\n")))
			if len(p.last) > lastLines {
				p.last = p.last[len(p.last)-lastLines:]
			}
			p.lastMu.Unlock()
			if log != nil {
				lines(text, log)
			}
		}
		if err != nil && err != bufio.ErrBufferFull {
			break
		}
	}
	_ = p.cmd.Wait() // the state says how it ended
	p.lastMu.Lock()
	p.end = &CrashError{State: p.cmd.ProcessState.String(), Lines: p.last}
	p.lastMu.Unlock()
	close(p.ended)
}

func (p *process) crash() error {
	<-p.ended
	return p.end
}

func (l *line) begin(call uint32) {
	l.out = binary.LittleEndian.AppendUint32(append(l.out[:0], 0, 0, 0, 0), call)
}

func (l *line) number(n uint32) { l.out = binary.LittleEndian.AppendUint32(l.out, n) }

func (l *line) long(n uint64) { l.out = binary.LittleEndian.AppendUint64(l.out, n) }

func (l *line) text(b []byte) {
	l.number(uint32(len(b)))
	l.out = append(l.out, b...)
}

// ask sends the request and reads the head of the reply: the bytes behind it are still to be read.
func (l *line) ask() (rest int, c Code, err error) {
	var head [8]byte
	binary.LittleEndian.PutUint32(l.out, uint32(len(l.out)-4))
	if _, err = l.conn.Write(l.out); err != nil {
		return 0, 0, err
	}
	if _, err = io.ReadFull(l.conn, head[:]); err != nil {
		return 0, 0, err
	}
	n := binary.LittleEndian.Uint32(head[:4])
	if n < 4 || n > replyMax {
		return 0, 0, io.ErrUnexpectedEOF
	}
	return int(n - 4), Code(int32(binary.LittleEndian.Uint32(head[4:]))), nil
}

// call is one request on the calls' socket, with its whole reply.
func (p *process) call(number uint32, arguments func(l *line)) ([]byte, Code) {
	l := &p.calls
	l.Lock()
	defer l.Unlock()
	l.begin(number)
	if arguments != nil {
		arguments(l)
	}
	rest, c, err := l.ask()
	if err != nil {
		return nil, p.lost()
	}
	if cap(l.out) > 1<<20 || number == callOpen || number == callApply {
		clear(l.out) // secrets may have been in it
		l.out = nil
	}
	if rest == 0 {
		return nil, c
	}
	reply := make([]byte, rest)
	if _, err := io.ReadFull(l.conn, reply); err != nil {
		return nil, p.lost()
	}
	return reply, c
}

// lost is what is said of a talk that has ended: the child is gone, or does not speak as it should and has to go.
func (p *process) lost() Code {
	if p.asked.Load() {
		return ErrClosed
	}
	select {
	case <-p.ended:
	case <-time.After(time.Second):
		_ = p.cmd.Process.Kill() // it has ended, or has to
		<-p.ended
	}
	return ErrCrashed
}

func (p *process) open(options, policy []byte) Code {
	_, c := p.call(callOpen, func(l *line) { l.text(options); l.text(policy) })
	return c
}

func (p *process) start() Code {
	_, c := p.call(callStart, nil)
	return c
}

func (p *process) pull(timeoutMS uint32, buf []byte, meta *[4]uint64) ([]byte, Code) {
	var numbers [32]byte
	l := &p.pulls
	l.Lock()
	defer l.Unlock()
	l.begin(callPull)
	l.number(formatFrames)
	l.number(timeoutMS)
	rest, c, err := l.ask()
	if err != nil {
		return buf[:0], p.lost()
	}
	if c != codeOK || rest < len(numbers) {
		return buf[:0], c
	}
	if _, err = io.ReadFull(l.conn, numbers[:]); err != nil {
		return buf[:0], p.lost()
	}
	for i := range meta {
		meta[i] = binary.LittleEndian.Uint64(numbers[i*8:])
	}
	rest -= len(numbers)
	if cap(buf) < rest {
		buf = make([]byte, roundUp(uint64(rest)))
	}
	buf = buf[:rest]
	if _, err = io.ReadFull(l.conn, buf); err != nil {
		return buf[:0], p.lost()
	}
	return buf, c
}

func (p *process) ack(item uint64, verdict int32) Code {
	_, c := p.call(callAck, func(l *line) { l.long(item); l.number(uint32(verdict)) })
	return c
}

func (p *process) reject(item uint64, number uint32, reason string) Code {
	_, c := p.call(callReject, func(l *line) { l.long(item); l.number(number); l.text([]byte(reason)) })
	return c
}

func (p *process) wake() Code {
	_, c := p.call(callWake, nil)
	return c
}

func (p *process) status() ([]byte, Code) { return p.call(callStatus, nil) }

func (p *process) apply(policy []byte, revision uint64) Code {
	_, c := p.call(callApply, func(l *line) { l.text(policy); l.long(revision) })
	if c != codeOK {
		return c
	}
	for { // acknowledgements, which the change may wait for, go by the same socket in between
		if _, c = p.call(callApplied, func(l *line) { l.number(sliceMS) }); c != ErrAgain {
			return c
		}
		time.Sleep(wakeEvery)
	}
}

func (p *process) errorText() string {
	text, _ := p.call(callError, nil)
	return string(text)
}

func (p *process) stop(timeoutMS uint32) Code {
	_, c := p.call(callStop, func(l *line) { l.number(timeoutMS) })
	return c
}

// close ends the child too: it gets the time that the agent has for its end, and is killed afterwards.
func (p *process) close(timeoutMS uint32) Code {
	select {
	case <-p.ended:
		return codeOK
	default:
	}
	_, c := p.call(callClose, func(l *line) { l.number(timeoutMS) })
	p.asked.Store(true)
	p.calls.conn.Close()
	p.pulls.conn.Close()
	select {
	case <-p.ended:
	case <-time.After(killAfter):
		_ = p.cmd.Process.Kill() // a module does not come back
		<-p.ended
		return ErrModule
	}
	if c == ErrCrashed {
		return codeOK
	}
	return c
}
