package cortexd

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Options say what to collect, where to keep its state, and how to run the agent. Policy or PolicyPath is needed.
type Options struct {
	Policy     []byte // a policy's text (YAML)
	PolicyPath string // or a file with one
	DataDir    string // state folder; "": the policy's agent.path.data. One agent at a time uses one.
	// ModuleDirs are searched for modules before the policy's and the agent's own.
	ModuleDirs []string
	// Variables are what ${NAME} in the policy stands for, before the environment. They are kept out of the log: the place for secrets.
	Variables map[string]string
	LogLevel  string // error, warn, info, debug; "": the policy's
	// Once ends the inputs when they have nothing new: Pull then gives io.EOF.
	Once bool

	// Library is a path of libcortexd.so.1; "": DefaultLibrary. It stays loaded, and is not used with Program.
	Library string
	// Program is a path of cortexd, to run it as a child process that may crash alone; "": the library.
	Program string

	// Log takes the agent's log, a line of JSON at a time, without its end; good during the call. With the library, the lines of all
	// agents of the process. nil: they are dropped. Not to be called back from: it must not use the Agent.
	Log func(line []byte)
	// CloseTimeout is how long Close waits for acknowledgements; 0: 5 s. Negative: not at all.
	CloseTimeout time.Duration
}

const (
	closeTimeout = 5 * time.Second
	waitMS       = 1000 // of one call that waits
	sliceMS      = 50   // of one that keeps others out
	wakeEvery    = 5 * time.Millisecond
	bufferFirst  = 256 << 10
)

// Agent collects what a policy says. Its methods may be called by any goroutine at any time.
type Agent struct {
	back         backend
	closeTimeout time.Duration
	closeOnce    sync.Once
	closeErr     error
	isClosed     atomic.Bool
	buffers      sync.Pool
}

// Open reads and checks the policy, builds all that it asks for, and starts to collect.
// Of its errors, ErrConfig is for a person to mend and ErrBusy says that the data folder is in use.
func Open(ctx context.Context, o Options) (*Agent, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	options, err := json.Marshal(wireOptions{DataDir: o.DataDir, PolicyPath: o.PolicyPath, Modules: o.ModuleDirs,
		Variables: o.Variables, LogLevel: o.LogLevel, Once: o.Once})
	if err != nil {
		return nil, &Error{Op: "open", Code: ErrInvalid, Text: err.Error()}
	}
	a := &Agent{closeTimeout: o.CloseTimeout}
	if a.closeTimeout == 0 {
		a.closeTimeout = closeTimeout
	}
	a.buffers.New = func() any { return &Batch{buf: make([]byte, bufferFirst)} }
	if o.Program != "" {
		back, err := processStart(o.Program, o.Log)
		if err != nil {
			return nil, err
		}
		a.back = back
	} else {
		path := o.Library
		if path == "" {
			path = DefaultLibrary
		}
		back, err := libraryOpen(path, o.Log)
		if err != nil {
			return nil, err
		}
		a.back = back
	}
	c := a.back.open(options, o.Policy)
	clear(options)
	if c == codeOK {
		c = a.back.start()
	}
	if c != codeOK {
		err := a.fail("open", c)
		a.back.close(0)
		return nil, err
	}
	if err := ctx.Err(); err != nil { // over meanwhile
		a.back.close(0)
		return nil, err
	}
	return a, nil
}

type wireOptions struct {
	DataDir    string            `json:"data_dir,omitempty"`
	PolicyPath string            `json:"policy_path,omitempty"`
	Modules    []string          `json:"modules,omitempty"`
	Variables  map[string]string `json:"variables,omitempty"`
	LogLevel   string            `json:"log_level,omitempty"`
	Once       bool              `json:"once,omitempty"`
}

// fail puts a code into words.
func (a *Agent) fail(op string, c Code) error {
	switch c {
	case ErrCrashed:
		return a.back.crash()
	case ErrHandle, ErrClosed:
		if a.isClosed.Load() {
			return &Error{Op: op, Code: ErrClosed}
		}
		return &Error{Op: op, Code: c}
	}
	return &Error{Op: op, Code: c, Text: a.back.errorText()}
}

// Pull gives the next batch, waiting for one as long as ctx lasts.
//
// io.EOF: nothing more will come, because the inputs have ended (Options.Once) or Stop was called, and nothing waits.
// A *CrashError (ErrCrashed): the agent's process has ended. ErrClosed: the agent was closed.
func (a *Agent) Pull(ctx context.Context) (*Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b := a.buffers.Get().(*Batch)
	c := b.pull(a, 0)
	if c == ErrAgain {
		c = a.pullWait(ctx, b)
	}
	if c == codeOK {
		if b.read() {
			return b, nil
		}
		a.back.ack(b.item, verdictUndelivered)
		c = ErrInternal
	}
	a.buffers.Put(b)
	switch c {
	case codeEnd:
		return nil, io.EOF
	case ErrAgain:
		return nil, ctx.Err()
	}
	return nil, a.fail("pull", c)
}

// pullWait is woken by the end of ctx; a wake that comes before the wait is repeated.
func (a *Agent) pullWait(ctx context.Context, b *Batch) Code {
	over := make(chan struct{})
	forget := context.AfterFunc(ctx, func() {
		for {
			a.back.wake()
			select {
			case <-over:
				return
			case <-time.After(wakeEvery):
			}
		}
	})
	defer close(over)
	defer forget()
	for {
		if c := b.pull(a, waitMS); c != ErrAgain || ctx.Err() != nil {
			return c
		}
	}
}

// Health is how the agent is doing.
type Health struct {
	State           string `json:"state"`    // open, running, stopping, stopped
	Health          string `json:"health"`   // the worst of the units: HEALTHY, DEGRADED, FAILED
	Message         string `json:"message"`  // why
	Revision        uint64 `json:"revision"` // of the policy that was applied last; 0: it is the first
	Collected       int64  `json:"collected"`
	Delivered       int64  `json:"delivered"`
	DeadLettered    int64  `json:"dead_lettered"`
	Dropped         int64  `json:"dropped"`
	Bytes           int64  `json:"bytes"`
	QueueBytes      int64  `json:"queue_bytes"`
	PulledBatches   int64  `json:"pulled_batches"` // not settled yet
	PulledDocuments int64  `json:"pulled_documents"`
	LogLost         int64  `json:"log_lost"` // lines that were dropped
	Units           []Unit `json:"units"`
}

// Unit is one stream, or the output, which stands for the program itself.
type Unit struct {
	ID      string           `json:"id"`
	Kind    string           `json:"kind"`
	State   string           `json:"state"` // HEALTHY, DEGRADED, FAILED
	Message string           `json:"message"`
	Metrics map[string]int64 `json:"metrics"`
}

// Health asks the agent how it is doing. It does not wait for anything.
func (a *Agent) Health() (Health, error) {
	var h Health
	text, c := a.back.status()
	if c != codeOK {
		return h, a.fail("health", c)
	}
	if err := json.Unmarshal(text, &h); err != nil {
		return h, &Error{Op: "health", Code: ErrInternal, Text: err.Error()}
	}
	return h, nil
}

// Apply puts another policy in place of the one that runs. Only streams that differ end and begin, from their cursors; Pull, Ack and all
// else go on meanwhile. Apply waits up to five seconds until what such a stream has on its way is acknowledged; what is not by then comes
// again, with the same ids. revision is any number of the caller's: Health shows that of the policy that runs.
//
// ErrConfig: the policy cannot work, and the one before runs. ErrClosed: Stop or Close came meanwhile. When ctx is over first, the change
// goes on without Apply.
func (a *Agent) Apply(ctx context.Context, policy []byte, revision uint64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	policy = bytes.Clone(policy)
	done := make(chan error, 1)
	go func() {
		var err error
		if c := a.back.apply(policy, revision); c != codeOK {
			err = a.fail("apply", c)
		}
		clear(policy)
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Stop ends the inputs. What waits can still be pulled and acknowledged, by other goroutines: Stop waits for that until ctx is
// over. Afterwards Pull gives io.EOF. nil: all is acknowledged and saved.
func (a *Agent) Stop(ctx context.Context) error {
	for {
		switch c := a.back.stop(sliceMS); {
		case c == codeOK:
			return nil
		case c != ErrAgain:
			return a.fail("stop", c)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		time.Sleep(time.Millisecond) // others have calls to make
	}
}

// Close stops the agent, waits up to Options.CloseTimeout for acknowledgements, and gives everything back. Calls that are under
// way end with ErrClosed. ErrAgain: documents were left unacknowledged and come again after the next Open. Calling it again gives the
// same answer.
func (a *Agent) Close() error {
	a.closeOnce.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), a.closeTimeout)
		defer cancel()
		if a.closeTimeout > 0 {
			_ = a.Stop(ctx) // close says how it went
		}
		a.isClosed.Store(true)
		if c := a.back.close(0); c != codeOK {
			a.closeErr = &Error{Op: "close", Code: c}
		}
	})
	return a.closeErr
}

// lines gives each line of text without its end.
func lines(text []byte, each func(line []byte)) {
	for len(text) > 0 {
		line, rest, _ := bytes.Cut(text, []byte{'\n'})
		if len(line) > 0 {
			each(line)
		}
		text = rest
	}
}
