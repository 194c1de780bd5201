// An agent's side of the control protocol on grpc-go, with the messages and the test server of elastic-agent-client: certificates by the
// name that is asked for, as Elastic Agent serves them. Prints a line for each check; exit code 1 when one failed.
//
//	agentclient CORTEXD FOLDER CONFIG.json      CONFIG: output and inputs as Elastic Agent would send them
package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/elastic/elastic-agent-client/v7/pkg/client/mock"
	"github.com/elastic/elastic-agent-client/v7/pkg/proto"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	pb "google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

const (
	serverName = "0123456789abcdef0123456789abcdef"
	token      = "the-token-of-this-component"
)

var failed bool

func say(ok bool, format string, args ...any) {
	word := "ok: "
	if !ok {
		word, failed = "FAILED: ", true
	}
	fmt.Println(word + fmt.Sprintf(format, args...))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

type pair struct {
	cert, key []byte // PEM
	parsed    *x509.Certificate
	private   *rsa.PrivateKey
}

func issue(name string, by *pair) pair {
	key := must(rsa.GenerateKey(rand.Reader, 2048))
	template := &x509.Certificate{
		SerialNumber: must(rand.Int(rand.Reader, big.NewInt(1<<62))), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}, DNSNames: []string{name},
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.parsed, by.private
	} else {
		template.IsCA, template.BasicConstraintsValid, template.DNSNames = true, true, nil
		template.KeyUsage = x509.KeyUsageCertSign
	}
	der := must(x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer))
	return pair{
		cert:   pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		key:    pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}),
		parsed: must(x509.ParseCertificate(der)), private: key,
	}
}

type agent struct {
	sync.Mutex
	units    []*proto.UnitExpected
	last     *proto.CheckinObserved
	first    *proto.CheckinObserved
	checkins int
	names    map[string]bool // that were asked for
	h2       bool
}

// As the real one: a configuration that was taken is not sent again. It answers each check-in.
func (a *agent) checkin(o *proto.CheckinObserved) *proto.CheckinExpected {
	a.Lock()
	defer a.Unlock()
	if o.Token != token {
		return nil
	}
	a.checkins++
	if a.first == nil {
		a.first = o
	}
	a.last = o
	m := &proto.CheckinExpected{
		AgentInfo: &proto.AgentInfo{Id: "agent-1", Version: "9.6.0", Mode: proto.AgentManagedMode_STANDALONE},
		Features:  &proto.Features{Fqdn: &proto.FQDNFeature{Enabled: true}}, FeaturesIdx: 3,
		Component: &proto.Component{Limits: &proto.ComponentLimits{GoMaxProcs: 2}}, ComponentIdx: 4,
	}
	for _, u := range a.units {
		u = pb.Clone(u).(*proto.UnitExpected)
		for _, seen := range o.Units {
			if seen.Id == u.Id && seen.Type == u.Type && seen.ConfigStateIdx == u.ConfigStateIdx {
				u.Config = nil
			}
		}
		m.Units = append(m.Units, u)
	}
	return m
}

func (a *agent) expect(units ...*proto.UnitExpected) {
	a.Lock()
	defer a.Unlock()
	a.units = units
}

func (a *agent) wait(limit time.Duration, test func(map[string]*proto.UnitObserved) bool) map[string]*proto.UnitObserved {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		units := map[string]*proto.UnitObserved{}
		a.Lock()
		if a.last != nil {
			for _, u := range a.last.Units {
				units[u.Type.String()+" "+u.Id] = u
			}
		}
		a.Unlock()
		if test(units) {
			return units
		}
	}
	return nil
}

func allAre(state proto.State, count int) func(map[string]*proto.UnitObserved) bool {
	return func(units map[string]*proto.UnitObserved) bool {
		for _, u := range units {
			if u.State != state {
				return false
			}
		}
		return len(units) == count
	}
}

func unit(id string, kind proto.UnitType, idx uint64, source map[string]any) *proto.UnitExpected {
	return &proto.UnitExpected{
		Id: id, Type: kind, State: proto.State_HEALTHY, ConfigStateIdx: idx, LogLevel: proto.UnitLogLevel_INFO,
		Config: &proto.UnitExpectedConfig{Source: must(structpb.NewStruct(source)), Id: "policy-id", Type: fmt.Sprint(source["type"]), Revision: 12},
	}
}

// Serves on loopback until closed.
func (a *agent) serve(ca, server pair, stub *mock.StubServerV2) (*grpc.Server, string) {
	pool := x509.NewCertPool()
	pool.AddCert(ca.parsed)
	certificate := must(tls.X509KeyPair(server.cert, server.key))
	s := grpc.NewServer(grpc.MaxRecvMsgSize(100<<20), grpc.MaxSendMsgSize(100<<20), grpc.Creds(credentials.NewTLS(&tls.Config{
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			a.Lock()
			defer a.Unlock()
			a.names[hello.ServerName] = true
			a.h2 = len(hello.SupportedProtos) == 1 && hello.SupportedProtos[0] == "h2"
			if hello.ServerName != serverName {
				return nil, errors.New("no such component")
			}
			return &certificate, nil
		},
	})))
	proto.RegisterElasticAgentServer(s, stub)
	listener := must(net.Listen("tcp4", "127.0.0.1:0"))
	go func() { _ = s.Serve(listener) }()
	return s, listener.Addr().String()
}

func start(cortexd, state, log string, info *proto.StartUpInfo) *exec.Cmd {
	c := exec.Command(cortexd, "component", "-E", "path.data="+state, "-E", "management.enabled=true", "-E", "logging.level=debug")
	c.Stdin = strings.NewReader(string(must(pb.Marshal(info))))
	c.Stderr = must(os.Create(log))
	if err := c.Start(); err != nil {
		panic(err)
	}
	return c
}

func stop(c *exec.Cmd, what string) {
	done := make(chan error, 1)
	go func() { done <- c.Wait() }()
	_ = c.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-done:
		say(err == nil, "%s: told to stop, exit code 0 (%v)", what, err)
	case <-time.After(40 * time.Second):
		_ = c.Process.Kill()
		say(false, "%s: told to stop, it does not", what)
	}
}

func main() {
	cortexd, folder := os.Args[1], os.Args[2]
	var config struct {
		Output map[string]any
		Inputs []map[string]any
	}
	if err := json.Unmarshal(must(os.ReadFile(os.Args[3])), &config); err != nil {
		panic(err)
	}
	ca := issue("authority", nil)
	server, client := issue(serverName, &ca), issue(serverName, &ca)
	a := &agent{names: map[string]bool{}}
	stub := &mock.StubServerV2{
		CheckinV2Impl: a.checkin, ActionImpl: func(r *proto.ActionResponse) error {
			if r.Token != token {
				return errors.New("token")
			}
			return nil
		},
		ActionsChan: make(chan *mock.PerformAction, 4), SentActions: map[string]*mock.PerformAction{},
	}
	s, address := a.serve(ca, server, stub)
	info := &proto.StartUpInfo{
		Addr: address, ServerName: serverName, Token: token, CaCert: ca.cert, PeerCert: client.cert, PeerKey: client.key,
		Services:       []proto.ConnInfoServices{proto.ConnInfoServices_CheckinV2, proto.ConnInfoServices_Store},
		Supports:       []proto.ConnectionSupports{proto.ConnectionSupports_CheckinChunking},
		MaxMessageSize: 100 << 20, AgentInfo: &proto.AgentInfo{Id: "agent-1", Version: "9.6.0"},
	}
	output, input := unit("cx", proto.UnitType_OUTPUT, 1, config.Output), unit("cx-in", proto.UnitType_INPUT, 1, config.Inputs[0])
	a.expect(output, input)
	c := start(cortexd, filepath.Join(folder, "state"), filepath.Join(folder, "component.log"), info)
	units := a.wait(30*time.Second, allAre(proto.State_HEALTHY, 2))
	say(units != nil, "both units become healthy")
	a.Lock()
	first, last := a.first, a.last
	say(a.h2, "h2 alone is offered")
	a.Unlock()
	if units == nil {
		os.Exit(1)
	}
	say(first.VersionInfo.GetName() == "cortexd" && first.VersionInfo.GetMeta()["version"] != "" && first.Pid == uint64(c.Process.Pid) &&
		len(first.Units) == 0 && len(first.Supports) == 1, "the first message: name, version, process, chunks, no units")
	say(last.FeaturesIdx == 3 && last.ComponentIdx == 4, "indexes are echoed: %d, %d", last.FeaturesIdx, last.ComponentIdx)
	in := units["INPUT cx-in"]
	say(in.ConfigStateIdx == 1 && in.Message != "", "the input's configuration is taken: %s", in.GetMessage())
	streams, _ := in.Payload.AsMap()["streams"].(map[string]any)
	stream, _ := streams["component-event"].(map[string]any)
	say(len(streams) == 1 && stream["status"] == "HEALTHY", "its stream is told: %v", streams)

	// larger than any window
	big := map[string]any{"note": strings.Repeat("x", 2<<20)}
	for k, v := range config.Inputs[1] {
		big[k] = v
	}
	bad := unit("cx-bad", proto.UnitType_INPUT, 1, big)
	a.expect(output, input, bad)
	// it is not asked again before its next check-in, which is due within 25 s: the stub only answers
	units = a.wait(40*time.Second, func(u map[string]*proto.UnitObserved) bool {
		return len(u) == 3 && u["INPUT cx-bad"].GetState() == proto.State_FAILED
	})
	say(units != nil && strings.Contains(units["INPUT cx-bad"].Message, "no-such-bucket"), "one whose bucket is not there fails, with its reason")
	say(units != nil && units["INPUT cx-in"].State == proto.State_HEALTHY, "the other goes on")
	a.Lock()
	before := a.checkins
	a.Unlock()
	time.Sleep(5 * time.Second)
	a.Lock()
	say(a.checkins-before <= 2, "no storm of check-ins while a unit has failed: %d in 5 s", a.checkins-before)
	a.Unlock()

	diagnostics, err := stub.PerformDiagnostic("", proto.UnitType_INPUT, proto.ActionRequest_COMPONENT, nil)
	say(err == nil && len(diagnostics) == 4, "diagnostics: %d files, %v", len(diagnostics), err)
	for _, d := range diagnostics {
		var v any
		say(json.Unmarshal(d.Content, &v) == nil && d.ContentType == "application/json" && time.Since(d.Generated.AsTime()).Abs() < time.Minute &&
			!strings.Contains(string(d.Content), "geheim"), "%s: JSON, now, no secret", d.Filename)
	}
	_, err = stub.PerformDiagnostic("nobody", proto.UnitType_INPUT, proto.ActionRequest_UNIT, nil)
	say(err != nil && strings.Contains(err.Error(), "unit"), "diagnostics of a unit that is not there: %v", err)
	_, err = stub.PerformAction("cx-in", proto.UnitType_INPUT, "dance", nil)
	say(err != nil && strings.Contains(err.Error(), "action"), "an action that is not known: %v", err)

	a.Lock()
	a.last = nil
	a.Unlock()
	stop(c, "component")
	say(a.wait(2*time.Second, allAre(proto.State_STOPPED, 3)) != nil, "its last word: all units stopped")

	for _, wrong := range []struct {
		what, text string
		change     func(*proto.StartUpInfo)
	}{
		{"another name", "refuses the name", func(i *proto.StartUpInfo) { i.ServerName = "somebody-else" }},
		{"a certificate of another authority", "", func(i *proto.StartUpInfo) {
			other := issue("other", nil)
			stranger := issue(serverName, &other)
			i.PeerCert, i.PeerKey = stranger.cert, stranger.key
		}},
	} {
		i := pb.Clone(info).(*proto.StartUpInfo)
		wrong.change(i)
		log := filepath.Join(folder, "wrong.log")
		a.Lock()
		before := a.checkins
		a.Unlock()
		c := start(cortexd, filepath.Join(folder, "wrong-state"), log, i)
		told := false
		for end := time.Now().Add(15 * time.Second); time.Now().Before(end) && !told; time.Sleep(50 * time.Millisecond) {
			text := string(must(os.ReadFile(log)))
			told = strings.Contains(text, "connecting again") && strings.Contains(text, wrong.text)
		}
		a.Lock()
		say(told && a.checkins == before, "%s: not served, and the reason told", wrong.what)
		a.Unlock()
		stop(c, wrong.what)
	}
	s.Stop()
	if failed {
		os.Exit(1)
	}
}
