package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// client speaks _bulk.
type client struct {
	url    string
	apiKey string
	http   *http.Client
}

// verdict is what Elasticsearch says of one document.
type verdict struct {
	status int
	reason string
}

const (
	requestTime = 90 * time.Second
	replyMax    = 64 << 20
)

func (c *client) setup(caPath string, connections int) error {
	settings := &tls.Config{MinVersion: tls.VersionTLS12}
	if caPath != "" {
		pem, err := os.ReadFile(caPath)
		if err != nil {
			return err
		}
		settings.RootCAs = x509.NewCertPool()
		if !settings.RootCAs.AppendCertsFromPEM(pem) {
			return fmt.Errorf("%s: no certificate in it", caPath)
		}
	}
	c.http = &http.Client{Timeout: requestTime,
		Transport: &http.Transport{TLSClientConfig: settings, MaxIdleConnsPerHost: connections, Proxy: http.ProxyFromEnvironment}}
	c.url = strings.TrimRight(c.url, "/") + "/_bulk?filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason"
	return nil
}

// lines is the body: an action and the document for each event. Index, id and pipeline come from the agent safe to be put into JSON.
func lines(events []event) ([]byte, error) {
	var body bytes.Buffer
	zip, err := gzip.NewWriterLevel(&body, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		fmt.Fprintf(zip, `{"create":{"_index":"%s"`, e.index)
		if len(e.doc.ID) > 0 {
			fmt.Fprintf(zip, `,"_id":"%s"`, e.doc.ID)
		}
		if e.pipeline != "" {
			fmt.Fprintf(zip, `,"pipeline":"%s"`, e.pipeline)
		}
		_, _ = zip.Write([]byte("}}\n")) // a buffer takes all
		_, _ = zip.Write(e.doc.Source)
		_, _ = zip.Write([]byte{'\n'})
	}
	err = zip.Close()
	return body.Bytes(), err
}

// bulk gives a verdict for each event, or an error when none is known.
func (c *client) bulk(ctx context.Context, events []event) ([]verdict, error) {
	body, err := lines(events)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-ndjson")
	request.Header.Set("Content-Encoding", "gzip")
	if c.apiKey != "" {
		request.Header.Set("Authorization", "ApiKey "+base64.StdEncoding.EncodeToString([]byte(c.apiKey)))
	}
	reply, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(io.LimitReader(reply.Body, replyMax))
	if err != nil {
		return nil, err
	}
	if reply.StatusCode != http.StatusOK {
		return nil, errors.New(reply.Status)
	}
	return verdictsRead(text, len(events))
}

func verdictsRead(text []byte, count int) ([]verdict, error) {
	var reply struct {
		Items []map[string]struct {
			Status int
			Error  struct{ Type, Reason string }
		}
	}
	if err := json.Unmarshal(text, &reply); err != nil {
		return nil, err
	}
	if len(reply.Items) != count {
		return nil, fmt.Errorf("%d documents sent, %d answered", count, len(reply.Items))
	}
	verdicts := make([]verdict, count)
	for i, item := range reply.Items {
		for _, result := range item {
			verdicts[i] = verdict{status: result.Status, reason: result.Error.Type + ": " + result.Error.Reason}
		}
	}
	return verdicts, nil
}
