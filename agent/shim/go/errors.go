package cortexd

import (
	"fmt"
	"strings"
)

// Code says what kind of failure it was. Codes are errors themselves, for errors.Is:
//
//	if errors.Is(err, cortexd.ErrConfig) { ... }
type Code int32

// The numbers are those of cxd/embed.h.
const (
	ErrInvalid     Code = -1  // an argument makes no sense
	ErrVersion     Code = -2  // the library is another version's
	ErrHandle      Code = -3  // the batch was settled, or the agent closed
	ErrState       Code = -4  // not now
	ErrNoMemory    Code = -5  // the agent is out of memory
	ErrAgain       Code = -6  // not done in time
	ErrConfig      Code = -8  // options or policy: the text says file, line and what was expected
	ErrIO          Code = -9  // files or network
	ErrAuth        Code = -10 // not allowed
	ErrModule      Code = -11 // a module does not fit, or did not come back
	ErrBusy        Code = -12 // another agent uses the data folder
	ErrClosed      Code = -13 // the agent is closed, or being closed
	ErrLimit       Code = -14 // too many, or too large
	ErrUnsupported Code = -15 // not in this version of the agent
	ErrInternal    Code = -99
	// ErrCrashed is what errors.Is finds in a *CrashError.
	ErrCrashed Code = -1000
)

const (
	codeOK       Code = 0
	codeTooSmall Code = -7
	codeEnd      Code = -16
)

var codeTexts = map[Code]string{
	ErrInvalid: "invalid argument", ErrVersion: "version does not fit", ErrHandle: "settled or closed already",
	ErrState: "not possible now", ErrNoMemory: "out of memory", ErrAgain: "not done in time", ErrConfig: "configuration error",
	ErrIO: "input/output error", ErrAuth: "not allowed", ErrModule: "module error", ErrBusy: "in use", ErrClosed: "closed",
	ErrLimit: "limit reached", ErrUnsupported: "not supported", ErrInternal: "internal error", ErrCrashed: "the agent's process ended",
}

// Error is the code in words.
func (c Code) Error() string {
	if text, ok := codeTexts[c]; ok {
		return text
	}
	return fmt.Sprintf("error %d", int32(c))
}

// Error is a failure of the agent: what was done, its kind, and what the agent says of it.
type Error struct {
	Op   string // "open", "start", ...
	Code Code
	Text string // for a person; may be empty
}

func (e *Error) Error() string {
	if e.Text == "" {
		return "cortexd: " + e.Op + ": " + e.Code.Error()
	}
	return "cortexd: " + e.Op + ": " + e.Text
}

// Unwrap gives the code, so that errors.Is finds it.
func (e *Error) Unwrap() error { return e.Code }

// CrashError says that the agent's process has ended by itself: a module crashed, or somebody killed it. Batches that were not
// acknowledged come again after the next Open.
type CrashError struct {
	State string   // "signal: segmentation fault", "exit status 1"
	Lines []string // the last lines of its log
}

func (e *CrashError) Error() string {
	text := "cortexd: the agent's process ended: " + e.State
	if len(e.Lines) > 0 {
		text += ": " + strings.TrimSpace(e.Lines[len(e.Lines)-1])
	}
	return text
}

// Is makes errors.Is(err, ErrCrashed) true.
func (e *CrashError) Is(target error) bool { return target == ErrCrashed }
