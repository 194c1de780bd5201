// An agent's side of the control protocol on grpc-go as Debian has it, the family of Elastic Agent's own server: certificates by the name that
// is asked for. A short life: healthy, a unit that fails, mended, a lost connection, stop. Prints a line for each check; exit code 1 when one
// failed.
//
//	agentgo CORTEXD FOLDER CONFIG.json      FOLDER: ca.pem, server.pem, server.key, client.pem, client.key; CONFIG: output and inputs
package main

import (
	"bytes"
	"control"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/golang/protobuf/jsonpb"
	"github.com/golang/protobuf/proto"
	structpb "github.com/golang/protobuf/ptypes/struct"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
)

const (
	serverName = "cortexd-component"
	token      = "the-token"
	healthy    = 2
	failedUnit = 4
	stopped    = 6
)

var failed bool

func say(ok bool, format string, args ...interface{}) {
	word := "ok: "
	if !ok {
		word, failed = "FAILED: ", true
	}
	fmt.Println(word + fmt.Sprintf(format, args...))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

type agent struct {
	sync.Mutex
	units   []*control.UnitExpected
	last    *control.CheckinObserved
	first   *control.CheckinObserved
	streams int
	news    chan struct{} // of the stream that is open
}

// A configuration that was taken is not sent again.
func (a *agent) message() *control.CheckinExpected {
	a.Lock()
	defer a.Unlock()
	m := &control.CheckinExpected{FeaturesIdx: 5, ComponentIdx: 7, AgentInfo: &control.AgentInfo{Id: "agent-1", Version: "9.1.0"}}
	for _, u := range a.units {
		u = proto.Clone(u).(*control.UnitExpected)
		for _, seen := range a.last.Units {
			if seen.Id == u.Id && seen.Type == u.Type && seen.ConfigStateIdx == u.ConfigStateIdx {
				u.Config = nil
			}
		}
		m.Units = append(m.Units, u)
	}
	return m
}

func (a *agent) CheckinV2(stream control.ElasticAgent_CheckinV2Server) error {
	news, over := make(chan struct{}, 1), make(chan error, 1)
	news <- struct{}{}
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	if first.Token != token {
		return status.Error(codes.PermissionDenied, "invalid token")
	}
	a.Lock()
	a.streams++
	a.first, a.last, a.news = first, first, news
	a.Unlock()
	go func() {
		for {
			m, err := stream.Recv()
			if err != nil {
				over <- err
				return
			}
			a.Lock()
			a.last = m
			a.Unlock()
		}
	}()
	for {
		select {
		case err := <-over:
			if err == io.EOF {
				return nil
			}
			return err
		case <-news:
			if err := stream.Send(a.message()); err != nil {
				return err
			}
		}
	}
}

func (a *agent) Actions(stream control.ElasticAgent_ActionsServer) error {
	m, err := stream.Recv()
	say(err == nil && m.Token == token && m.Id == "init", "actions begin as they are to")
	<-stream.Context().Done()
	return nil
}

func (a *agent) expect(units ...*control.UnitExpected) {
	a.Lock()
	defer a.Unlock()
	a.units = units
	if a.news != nil {
		select {
		case a.news <- struct{}{}:
		default:
		}
	}
}

// The units of the last message are of these states, in any order.
func (a *agent) wait(what string, states map[string]int32) map[string]*control.UnitObserved {
	units := map[string]*control.UnitObserved{}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		units = map[string]*control.UnitObserved{}
		a.Lock()
		if a.last != nil {
			for _, u := range a.last.Units {
				units[u.Id] = u
			}
		}
		a.Unlock()
		good := len(units) == len(states)
		for id, state := range states {
			u := units[id]
			good = good && u != nil && u.State == state
		}
		if good {
			say(true, "%s", what)
			return units
		}
	}
	say(false, "%s: %v", what, units)
	return units
}

func unit(id string, kind int32, idx uint64, source map[string]interface{}) *control.UnitExpected {
	text, err := json.Marshal(source)
	check(err)
	s := &structpb.Struct{}
	check(jsonpb.Unmarshal(bytes.NewReader(text), s))
	return &control.UnitExpected{Id: id, Type: kind, State: healthy, ConfigStateIdx: idx, LogLevel: 2, Config: &control.UnitExpectedConfig{Source: s}}
}

func (a *agent) serve(folder, address string) (*grpc.Server, string) {
	ca, err := os.ReadFile(filepath.Join(folder, "ca.pem"))
	check(err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	certificate, err := tls.LoadX509KeyPair(filepath.Join(folder, "server.pem"), filepath.Join(folder, "server.key"))
	check(err)
	s := grpc.NewServer(grpc.Creds(credentials.NewTLS(&tls.Config{
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, MinVersion: tls.VersionTLS12,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if hello.ServerName != serverName {
				return nil, errors.New("no such component")
			}
			return &certificate, nil
		},
	})))
	control.RegisterElasticAgentServer(s, a)
	listener, err := net.Listen("tcp4", address)
	check(err)
	go func() { _ = s.Serve(listener) }()
	return s, listener.Addr().String()
}

func start(cortexd, folder, address string) *exec.Cmd {
	text := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(folder, name))
		check(err)
		return b
	}
	info, err := proto.Marshal(&control.StartUpInfo{
		Addr: address, ServerName: serverName, Token: token, CaCert: text("ca.pem"), PeerCert: text("client.pem"), PeerKey: text("client.key"),
		Services: []int32{1}, MaxMessageSize: 100 << 20, AgentInfo: &control.AgentInfo{Id: "agent-1", Version: "9.1.0"},
	})
	check(err)
	c := exec.Command(cortexd, "component", "-E", "path.data="+filepath.Join(folder, "state-go"))
	c.Stdin = bytes.NewReader(info)
	log, err := os.Create(filepath.Join(folder, "go.log"))
	check(err)
	c.Stderr = log
	check(c.Start())
	return c
}

func stop(c *exec.Cmd) {
	done := make(chan error, 1)
	go func() { done <- c.Wait() }()
	_ = c.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-done:
		say(err == nil, "told to stop it ends with exit code 0 (%v)", err)
	case <-time.After(40 * time.Second):
		_ = c.Process.Kill()
		say(false, "told to stop, it does not")
	}
}

func main() {
	var config struct {
		Output map[string]interface{}
		Inputs []map[string]interface{}
	}
	text, err := os.ReadFile(os.Args[3])
	check(err)
	check(json.Unmarshal(text, &config))
	a := &agent{}
	s, address := a.serve(os.Args[2], "127.0.0.1:0")
	c := start(os.Args[1], os.Args[2], address)
	out, in, bad := unit("out", 1, 1, config.Output), unit("in", 0, 1, config.Inputs[0]), unit("bad", 0, 1, config.Inputs[1])
	a.expect(out, in)
	units := a.wait("output and input become healthy", map[string]int32{"out": healthy, "in": healthy})
	a.Lock()
	say(a.last.FeaturesIdx == 5 && a.last.ComponentIdx == 7 && units["in"].ConfigStateIdx == 1, "indexes are echoed")
	say(a.first.VersionInfo.GetName() == "cortexd" && a.first.Pid == uint64(c.Process.Pid) && len(a.first.Units) == 0, "the first message says who it is")
	a.Unlock()
	a.expect(out, in, bad)
	units = a.wait("one whose source is not there fails, the other goes on", map[string]int32{"out": healthy, "in": healthy, "bad": failedUnit})
	say(units["bad"].GetMessage() != "" && units["bad"].GetPayload() != nil, "and says why: %s", units["bad"].GetMessage())
	config.Inputs[1]["streams"].([]interface{})[0].(map[string]interface{})["buckets"] = config.Inputs[0]["streams"].([]interface{})[0].(map[string]interface{})["buckets"]
	bad = unit("bad", 0, 2, config.Inputs[1])
	a.expect(out, in, bad)
	units = a.wait("mended it is healthy", map[string]int32{"out": healthy, "in": healthy, "bad": healthy})
	say(units["bad"].GetConfigStateIdx() == 2, "with its new index")
	bad.State = stopped
	a.expect(out, in, bad)
	a.wait("told to stop it is stopped", map[string]int32{"out": healthy, "in": healthy, "bad": stopped})
	a.expect(out, in)
	a.wait("no longer wanted it is gone", map[string]int32{"out": healthy, "in": healthy})
	s.Stop()
	a.Lock()
	a.last = nil
	a.Unlock()
	s, _ = a.serve(os.Args[2], address)
	a.wait("after a lost connection it is back, with all units", map[string]int32{"out": healthy, "in": healthy})
	say(a.streams == 2, "by one new call")
	stop(c)
	a.wait("its last word: all stopped", map[string]int32{"out": stopped, "in": stopped})
	s.Stop()
	if failed {
		os.Exit(1)
	}
}
