package cortexd

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/ebitengine/purego"
)

// DefaultLibrary is looked for where the system looks for libraries.
const DefaultLibrary = "libcortexd.so.1"

// functions are the addresses of the library's functions. They are called by address, not through purego.RegisterFunc, which costs a
// microsecond and garbage for each call. What a call points to is converted in the very list of arguments, as SyscallN wants it: only
// then does it stay where it is (go:uintptrescapes).
type functions struct {
	open, start, pull, ack, reject, wake, status, apply, log, errorText, stop, close uintptr
}

var (
	librariesLock sync.Mutex
	libraries     = map[string]*functions{}
)

// libraryLoad loads a library once; it stays for the program's life.
func libraryLoad(path string) (*functions, error) {
	librariesLock.Lock()
	defer librariesLock.Unlock()
	if f := libraries[path]; f != nil {
		return f, nil
	}
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, &Error{Op: "load", Code: ErrIO, Text: err.Error()}
	}
	f := &functions{}
	var version uintptr
	for name, to := range map[string]*uintptr{"cxd_abi_version": &version, "cxd_open": &f.open, "cxd_start": &f.start,
		"cxd_pull": &f.pull, "cxd_ack": &f.ack, "cxd_reject": &f.reject, "cxd_wake": &f.wake, "cxd_status": &f.status,
		"cxd_apply": &f.apply, "cxd_log": &f.log, "cxd_error": &f.errorText, "cxd_stop": &f.stop, "cxd_close": &f.close} {
		if *to, err = purego.Dlsym(handle, name); err != nil {
			return nil, &Error{Op: "load", Code: ErrVersion, Text: fmt.Sprintf("%s: no function %s", path, name)}
		}
	}
	r, _, _ := purego.SyscallN(version)
	if v := uint32(r); v>>16 != abiMajor || v&0xffff < abiMinor {
		return nil, &Error{Op: "load", Code: ErrVersion,
			Text: fmt.Sprintf("%s speaks version %d.%d, this package %d.%d", path, v>>16, v&0xffff, abiMajor, abiMinor)}
	}
	libraries[path] = f
	return f, nil
}

type library struct {
	*functions
	handle atomic.Uint64
	drain  *drain
}

func code(r uintptr, _ uintptr, _ uintptr) Code { return Code(int32(uint32(r))) }

func libraryOpen(path string, log func([]byte)) (*library, error) {
	f, err := libraryLoad(path)
	if err != nil {
		return nil, err
	}
	l := &library{functions: f}
	if log != nil {
		l.drain = drainAdd(f, log)
	}
	return l, nil
}

func (l *library) open(options, policy []byte) Code {
	var handle uint64
	c := code(purego.SyscallN(l.functions.open,
		uintptr(unsafe.Pointer(unsafe.SliceData(options))), uintptr(len(options)),
		uintptr(unsafe.Pointer(unsafe.SliceData(policy))), uintptr(len(policy)),
		uintptr(unsafe.Pointer(&handle))))
	runtime.KeepAlive(options)
	runtime.KeepAlive(policy)
	l.handle.Store(handle)
	return c
}

func (l *library) start() Code {
	return code(purego.SyscallN(l.functions.start, uintptr(l.handle.Load())))
}

func (l *library) pull(timeoutMS uint32, buf []byte, meta *[4]uint64) ([]byte, Code) {
	for {
		buf = buf[:cap(buf)]
		c := code(purego.SyscallN(l.functions.pull, uintptr(l.handle.Load()), formatFrames, uintptr(timeoutMS),
			uintptr(unsafe.Pointer(unsafe.SliceData(buf))), uintptr(len(buf)), uintptr(unsafe.Pointer(meta))))
		runtime.KeepAlive(buf)
		if c != codeTooSmall {
			return buf[:meta[1]], c
		}
		buf = make([]byte, roundUp(meta[1]))
	}
}

// roundUp leaves room for batches that are a little larger than this one.
func roundUp(n uint64) uint64 {
	return (n + n/8 + 65535) &^ 65535
}

func (l *library) ack(item uint64, verdict int32) Code {
	return code(purego.SyscallN(l.functions.ack, uintptr(l.handle.Load()), uintptr(item), uintptr(verdict)))
}

func (l *library) reject(item uint64, number uint32, reason string) Code {
	text := []byte(reason)
	c := code(purego.SyscallN(l.functions.reject, uintptr(l.handle.Load()), uintptr(item), uintptr(number),
		uintptr(unsafe.Pointer(unsafe.SliceData(text))), uintptr(len(text))))
	runtime.KeepAlive(text)
	return c
}

func (l *library) wake() Code {
	return code(purego.SyscallN(l.functions.wake, uintptr(l.handle.Load())))
}

// text asks a function for a text, and again when there was too little room.
func (l *library) text(fn uintptr) ([]byte, Code) {
	var need uint64
	buf := make([]byte, 8192)
	for {
		c := code(purego.SyscallN(fn, uintptr(l.handle.Load()), uintptr(unsafe.Pointer(unsafe.SliceData(buf))), uintptr(len(buf)),
			uintptr(unsafe.Pointer(&need))))
		if c == codeOK {
			return buf[:need], c
		}
		if c != codeTooSmall {
			return nil, c
		}
		buf = make([]byte, need+1024)
	}
}

func (l *library) status() ([]byte, Code) { return l.text(l.functions.status) }

func (l *library) errorText() string {
	text, _ := l.text(l.functions.errorText)
	return string(text)
}

func (l *library) apply(policy []byte, revision uint64) Code {
	c := code(purego.SyscallN(l.functions.apply, uintptr(l.handle.Load()),
		uintptr(unsafe.Pointer(unsafe.SliceData(policy))), uintptr(len(policy)), uintptr(revision)))
	runtime.KeepAlive(policy)
	return c
}

func (l *library) stop(timeoutMS uint32) Code {
	return code(purego.SyscallN(l.functions.stop, uintptr(l.handle.Load()), uintptr(timeoutMS)))
}

func (l *library) close(timeoutMS uint32) Code {
	c := codeOK
	if l.handle.Load() != 0 {
		c = code(purego.SyscallN(l.functions.close, uintptr(l.handle.Load()), uintptr(timeoutMS)))
	}
	l.drain.remove()
	return c
}

func (l *library) crash() error { return nil }

// The library's log is the process's: one goroutine for each loaded library takes its lines and gives them to all that want them.
type drain struct {
	log  func([]byte)
	fn   *functions
	gone bool
}

const drainEvery = 100 * time.Millisecond

var (
	drainsLock sync.Mutex
	drains     = map[*functions][]*drain{}
)

func drainAdd(f *functions, log func([]byte)) *drain {
	d := &drain{log: log, fn: f}
	drainsLock.Lock()
	defer drainsLock.Unlock()
	drains[f] = append(drains[f], d)
	if len(drains[f]) == 1 {
		go drainRun(f)
	}
	return d
}

// remove gives what was said up to now, and nothing afterwards.
func (d *drain) remove() {
	if d == nil {
		return
	}
	drainsLock.Lock()
	defer drainsLock.Unlock()
	if d.gone {
		return
	}
	d.gone = true
	drainOnce(d.fn)
	for i, other := range drains[d.fn] {
		if other == d {
			drains[d.fn] = append(drains[d.fn][:i:i], drains[d.fn][i+1:]...)
			break
		}
	}
}

func drainRun(f *functions) {
	for {
		time.Sleep(drainEvery)
		drainsLock.Lock()
		if len(drains[f]) == 0 {
			drainsLock.Unlock()
			return
		}
		drainOnce(f)
		drainsLock.Unlock()
	}
}

// drainOnce runs under the lock, so that lines stay in order.
func drainOnce(f *functions) {
	buf := make([]byte, 64<<10) // a line has 4 KiB at the most
	var need uint64
	for code(purego.SyscallN(f.log, uintptr(unsafe.Pointer(unsafe.SliceData(buf))), uintptr(len(buf)),
		uintptr(unsafe.Pointer(&need)))) == codeOK {
		lines(buf[:need], func(line []byte) {
			for _, d := range drains[f] {
				d.log(line)
			}
		})
	}
}
