package cortexd

// backend is the agent behind either border: the library's or the process's. The functions are those of cxd/embed.h, of one handle.
type backend interface {
	open(options, policy []byte) Code
	start() Code
	// pull fills buf, or a larger one in its place; what it gives is the buffer cut to the batch. meta: item, length, documents, bytes.
	pull(timeoutMS uint32, buf []byte, meta *[4]uint64) (filled []byte, code Code)
	ack(item uint64, verdict int32) Code
	reject(item uint64, number uint32, reason string) Code
	wake() Code
	status() ([]byte, Code)
	apply(policy []byte, revision uint64) Code
	errorText() string
	stop(timeoutMS uint32) Code
	close(timeoutMS uint32) Code
	// crash is why the backend answers ErrCrashed; nil as long as it lives.
	crash() error
}

const (
	verdictDelivered   = 0
	verdictUndelivered = 1

	formatFrames = 1

	abiMajor = 1
	abiMinor = 0
)
