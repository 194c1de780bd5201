package cortexd_test

import (
	"context"
	"errors"
	"testing"
	"time"

	cortexd "cortexd.example/shim/go"
)

// upTo pulls and acknowledges ticks from next on, until count were seen.
func upTo(t *testing.T, agent *cortexd.Agent, next, count int) int {
	t.Helper()
	for next < count {
		batch, err := agent.Pull(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		next = ticks(t, batch, next)
		if err := batch.Ack(); err != nil {
			t.Fatal(err)
		}
	}
	return next
}

func TestApplyGoesOnFromTheCursor(t *testing.T) {
	eachMode(t, func(t *testing.T, mode string) {
		ctx := context.Background()
		agent := open(t, mode, cortexd.Options{Policy: ticker(10, "")})
		next := upTo(t, agent, 0, 10)
		if err := agent.Apply(ctx, ticker(25, ""), 7); err != nil {
			t.Fatal(err)
		}
		next = upTo(t, agent, next, 25)
		for _, wrong := range []string{"inputs: []", "inputs: {", "inputs: [{type: ticker, count: x}]", ""} {
			if err := agent.Apply(ctx, []byte(wrong), 8); !errors.Is(err, cortexd.ErrConfig) {
				t.Errorf("%q: %v", wrong, err)
			}
		}
		if h, err := agent.Health(); err != nil || h.Revision != 7 || h.Delivered != 25 || h.State != "running" {
			t.Error(h, err)
		}
		over, cancel := context.WithCancel(ctx)
		cancel()
		if err := agent.Apply(over, ticker(1, ""), 9); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := agent.Close(); err != nil {
			t.Error(err)
		}
		if err := agent.Apply(ctx, ticker(30, ""), 9); !errors.Is(err, cortexd.ErrClosed) {
			t.Error(err)
		}
	})
}

// What is held when the change begins is waited for, and its acknowledgement gets through.
func TestApplyWaitsForWhatIsHeld(t *testing.T) {
	eachMode(t, func(t *testing.T, mode string) {
		agent := open(t, mode, cortexd.Options{Policy: ticker(10, "")})
		batch, err := agent.Pull(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		next := ticks(t, batch, 0)
		acked := make(chan error, 1)
		time.AfterFunc(300*time.Millisecond, func() { acked <- batch.Ack() })
		from := time.Now()
		if err := agent.Apply(context.Background(), ticker(20, ""), 1); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(from); took < 200*time.Millisecond || took > 4500*time.Millisecond {
			t.Error("took ", took)
		}
		if err := <-acked; err != nil {
			t.Error(err)
		}
		upTo(t, agent, next, 20)
	})
}
