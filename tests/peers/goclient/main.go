// Proves that Google's own Go client can use a storage endpoint: lists a bucket, downloads every object
// and compares with the expected SHA-256 sums. For tests only; no part of cortexd is written in Go.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"sort"
	"strings"
	"time"

	"cloud.google.com/go/storage"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
)

type options struct {
	endpoint, bucket, sums, prefix, key, ca string
	page                                    int
	xml                                     bool
}

func main() {
	var opts options
	flag.StringVar(&opts.endpoint, "endpoint", "", "base address; empty: STORAGE_EMULATOR_HOST")
	flag.StringVar(&opts.bucket, "bucket", "", "bucket")
	flag.StringVar(&opts.sums, "sums", "", "file of lines `SHA256  NAME`, one for each object")
	flag.StringVar(&opts.prefix, "prefix", "", "only objects whose name begins so")
	flag.StringVar(&opts.key, "key", "", "service account key file; empty: without credentials")
	flag.StringVar(&opts.ca, "ca", "", "certificate to trust")
	flag.IntVar(&opts.page, "page", 3, "objects per page of the list")
	flag.BoolVar(&opts.xml, "xml", false, "download through the XML API")
	flag.Parse()

	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	count, err := run(ctx, opts)
	if err != nil {
		fmt.Fprintln(os.Stderr, "go client:", err)
		os.Exit(1)
	}
	fmt.Printf("go client: %d objects listed, downloaded and equal\n", count)
}

func run(ctx context.Context, opts options) (int, error) {
	want, err := readSums(opts.sums)
	if err != nil {
		return 0, err
	}
	client, err := connect(ctx, opts)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	bucket := client.Bucket(opts.bucket)
	found, err := list(ctx, bucket, &storage.Query{Prefix: opts.prefix}, opts.page)
	if err != nil {
		return 0, err
	}
	if err := sameNames(found, want); err != nil {
		return 0, err
	}
	if err := checkOffset(ctx, bucket, opts, found); err != nil {
		return 0, err
	}
	for _, attrs := range found {
		object := bucket.Object(attrs.Name).Generation(attrs.Generation)
		// as stored, not unpacked; with JSON reads the client refuses to be asked for that
		if err := checkObject(ctx, object.ReadCompressed(opts.xml), attrs, want[attrs.Name]); err != nil {
			return 0, fmt.Errorf("%s: %w", attrs.Name, err)
		}
	}
	return len(found), checkMissing(ctx, bucket)
}

func connect(ctx context.Context, opts options) (*storage.Client, error) {
	base, err := transport(opts.ca)
	if err != nil {
		return nil, err
	}
	var list []option.ClientOption
	if !opts.xml {
		list = append(list, storage.WithJSONReads())
	}
	if opts.endpoint != "" {
		list = append(list, option.WithEndpoint(strings.TrimRight(opts.endpoint, "/")+"/storage/v1/"))
	}
	if opts.key == "" {
		list = append(list, option.WithHTTPClient(&http.Client{Transport: base}))
		return storage.NewClient(ctx, list...)
	}
	raw, err := os.ReadFile(opts.key)
	if err != nil {
		return nil, err
	}
	account, err := google.JWTConfigFromJSON(raw, storage.ScopeReadOnly)
	if err != nil {
		return nil, err
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: base})
	list = append(list, option.WithHTTPClient(account.Client(ctx)))
	return storage.NewClient(ctx, list...)
}

func transport(ca string) (*http.Transport, error) {
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.Proxy = nil
	base.DisableCompression = true
	if ca == "" {
		return base, nil
	}
	pem, err := os.ReadFile(ca)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: no certificate", ca)
	}
	base.TLSClientConfig = &tls.Config{RootCAs: pool}
	return base, nil
}

func list(ctx context.Context, bucket *storage.BucketHandle, query *storage.Query, page int) ([]*storage.ObjectAttrs, error) {
	var found []*storage.ObjectAttrs
	it := bucket.Objects(ctx, query)
	it.PageInfo().MaxSize = page
	for {
		attrs, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return found, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list: %w", err)
		}
		found = append(found, attrs)
	}
}

func sameNames(found []*storage.ObjectAttrs, want map[string]string) error {
	if len(found) != len(want) {
		return fmt.Errorf("%d objects listed, %d expected", len(found), len(want))
	}
	if !sort.SliceIsSorted(found, func(i, j int) bool { return found[i].Name < found[j].Name }) {
		return errors.New("names are not listed in order")
	}
	for _, attrs := range found {
		if _, ok := want[attrs.Name]; !ok {
			return fmt.Errorf("%s was not expected", attrs.Name)
		}
	}
	return nil
}

// A list that begins at a name must bring that name and all after it.
func checkOffset(ctx context.Context, bucket *storage.BucketHandle, opts options, found []*storage.ObjectAttrs) error {
	if len(found) == 0 {
		return nil
	}
	middle := len(found) / 2
	query := &storage.Query{Prefix: opts.prefix, StartOffset: found[middle].Name}
	rest, err := list(ctx, bucket, query, opts.page)
	if err != nil {
		return err
	}
	if len(rest) != len(found)-middle || rest[0].Name != found[middle].Name {
		return fmt.Errorf("start offset %q: %d objects, expected %d", found[middle].Name, len(rest), len(found)-middle)
	}
	return nil
}

func checkObject(ctx context.Context, object *storage.ObjectHandle, attrs *storage.ObjectAttrs, want string) error {
	if attrs.Generation == 0 || attrs.Updated.IsZero() {
		return errors.New("listed without generation or time of update")
	}
	reader, err := object.NewReader(ctx)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(reader)
	reader.Close()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	if hex.EncodeToString(sum[:]) != want {
		return fmt.Errorf("%d bytes with another SHA-256 than expected", len(body))
	}
	if attrs.Size != int64(len(body)) {
		return fmt.Errorf("listed as %d bytes, has %d", attrs.Size, len(body))
	}
	return checkRange(ctx, object, body)
}

func checkRange(ctx context.Context, object *storage.ObjectHandle, body []byte) error {
	if len(body) < 3 {
		return nil
	}
	first, length := int64(len(body)/3), int64(len(body)/3)
	reader, err := object.NewRangeReader(ctx, first, length)
	if err != nil {
		return fmt.Errorf("range: %w", err)
	}
	defer reader.Close()
	part, err := io.ReadAll(reader)
	if err != nil {
		return fmt.Errorf("range: %w", err)
	}
	if !bytes.Equal(part, body[first:first+length]) {
		return errors.New("range: other bytes than in the whole")
	}
	return nil
}

func checkMissing(ctx context.Context, bucket *storage.BucketHandle) error {
	_, err := bucket.Object("there/is/no such object").NewReader(ctx)
	if !errors.Is(err, storage.ErrObjectNotExist) {
		return fmt.Errorf("an object that is not there: %v", err)
	}
	return nil
}

func readSums(path string) (map[string]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	want := make(map[string]string)
	for scan := bufio.NewScanner(file); ; {
		if !scan.Scan() {
			return want, scan.Err()
		}
		sum, name, ok := strings.Cut(scan.Text(), "  ")
		if !ok || len(sum) != 64 {
			return nil, fmt.Errorf("%s: not a line of SHA-256 and name: %q", path, scan.Text())
		}
		want[name] = sum
	}
}
