package cortexd_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	cortexd "cortexd.example/shim/go"
)

// Where the agent was built: CXD_BUILD_DIR has library, program and the modules of tests/modules.
var (
	build   = os.Getenv("CXD_BUILD_DIR")
	library string
	program = filepath.Join(build, "bin", "cortexd")
	modules = []string{filepath.Join(build, "tests", "modules", "good")}
	// modes run the same tests on both borders
	modes = []string{"library", "process"}
)

func TestMain(m *testing.M) {
	found, _ := filepath.Glob(filepath.Join(build, "lib*", "libcortexd.so.1"))
	if more, _ := filepath.Glob(filepath.Join(build, "lib", "*", "libcortexd.so.1")); len(found) == 0 {
		found = more
	}
	if build == "" || len(found) == 0 {
		fmt.Println("skipped: shim: CXD_BUILD_DIR names no build with libcortexd.so.1")
		os.Exit(0)
	}
	library = found[0]
	os.Exit(m.Run())
}

func ticker(count int, agent string) []byte {
	return []byte(fmt.Sprintf("inputs: [{id: t, type: ticker, count: %d}]\nagent: {%s registry.flush: 10ms}\n", count, agent))
}

// options of a test in one of the modes.
func options(t testing.TB, mode string, o cortexd.Options) cortexd.Options {
	t.Helper()
	if o.DataDir == "" {
		o.DataDir = t.TempDir()
		if err := os.Chmod(o.DataDir, 0o750); err != nil {
			t.Fatal(err)
		}
	}
	if o.ModuleDirs == nil {
		o.ModuleDirs = modules
	}
	if mode == "process" {
		o.Program = program
	} else {
		o.Library = library
	}
	return o
}

func eachMode(t *testing.T, run func(t *testing.T, mode string)) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) { run(t, mode) })
	}
}

// goroutinesSettle fails the test when more run than before.
func goroutinesSettle(t *testing.T, before int) {
	t.Helper()
	waitFor(t, "goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
}
