// An input in Go: its work is done by goroutines, whose results a poll hands over in order.
package main

// #cgo CFLAGS: -Wall -Wextra -Wno-unused-parameter -fvisibility=hidden
// #include <stdlib.h>
// #include "glue.h"
import "C"

import (
	"encoding/json"
	"fmt"
	"unsafe"
)

//export goPoll
func goPoll(instance unsafe.Pointer, err *C.struct_cxd_error) C.int {
	c := (*C.struct_countdown)(instance)
	if c.has_ended != 0 {
		return C.CXD_POLL_FINISHED
	}
	lines := make([]chan []byte, int(c.from))
	for i := range lines {
		lines[i] = make(chan []byte, 1)
		go func(n int, to chan<- []byte) {
			text, _ := json.Marshal(map[string]any{"left": n, "language": "Go"})
			to <- text
		}(int(c.from)-i, lines[i])
	}
	for i, line := range lines {
		text := <-line
		id := []byte(fmt.Sprintf("countdown-%d", int(c.from)-i))
		message := C.CBytes(text)
		name := C.CBytes(id)
		r := C.countdown_emit(c, (*C.char)(message), C.size_t(len(text)), (*C.char)(name), C.size_t(len(id)), err)
		C.free(message)
		C.free(name)
		if r != 0 {
			return C.CXD_POLL_RETRY
		}
	}
	c.has_ended = 1
	return C.CXD_POLL_FINISHED
}

func main() {}
