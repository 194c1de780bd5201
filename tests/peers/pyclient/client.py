"""Proves that Google's own Python client can use a storage endpoint: lists a bucket, downloads every
object and compares with the expected SHA-256 sums."""

import argparse
import hashlib
import sys

import requests
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.auth.transport.requests import AuthorizedSession, Request
from google.cloud import storage
from google.oauth2 import service_account

SCOPE = "https://www.googleapis.com/auth/devstorage.read_only"


class Different(Exception):
    """The endpoint gave something else than expected."""


def expect(truth, text):
    if not truth:
        raise Different(text)


def read_sums(path):
    want = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            digest, name = line.rstrip("\n").split("  ", 1)
            expect(len(digest) == 64, f"{path}: not a line of SHA-256 and name: {line!r}")
            want[name] = digest
    return want


def connect(args):
    plain = requests.Session()
    plain.trust_env = False
    if args.ca:
        plain.verify = args.ca
    credentials = AnonymousCredentials()
    session = plain
    if args.key:
        credentials = service_account.Credentials.from_service_account_file(args.key, scopes=[SCOPE])
        session = AuthorizedSession(credentials, auth_request=Request(plain))
        session.trust_env = False
        if args.ca:
            session.verify = args.ca
    return storage.Client(
        project="test",
        credentials=credentials,
        client_options={"api_endpoint": args.endpoint},
        _http=session,
    )


def check_list(client, args, want):
    found = list(client.list_blobs(args.bucket, prefix=args.prefix, page_size=args.page))
    names = [blob.name for blob in found]
    expect(len(names) == len(want), f"{len(names)} objects listed, {len(want)} expected")
    expect(names == sorted(names, key=lambda name: name.encode()), "names are not listed in order")
    expect(set(names) == set(want), "other names are listed than expected")
    if names:
        middle = len(names) // 2
        rest = client.list_blobs(
            args.bucket, prefix=args.prefix, start_offset=names[middle], page_size=args.page,
            fields="items(name),nextPageToken",
        )
        expect([blob.name for blob in rest] == names[middle:], f"start offset {names[middle]!r}: other names")
    return found


def check_object(blob, digest):
    name = blob.name
    expect(blob.generation and blob.updated, f"{name}: listed without generation or time of update")
    body = blob.download_as_bytes(raw_download=True, if_generation_match=blob.generation)
    expect(hashlib.sha256(body).hexdigest() == digest, f"{name}: {len(body)} bytes with another SHA-256")
    expect(blob.size == len(body), f"{name}: listed as {blob.size} bytes, has {len(body)}")
    if len(body) >= 3:
        third = len(body) // 3
        part = blob.download_as_bytes(raw_download=True, start=third, end=2 * third, checksum=None)
        expect(part == body[third:2 * third + 1], f"{name}: range: other bytes than in the whole")


def check_missing(client, args):
    try:
        client.bucket(args.bucket).blob("there/is/no such object").download_as_bytes(retry=None)
    except exceptions.NotFound:
        return
    raise Different("an object that is not there was delivered")


def main():
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("--endpoint", required=True)
    parse.add_argument("--bucket", required=True)
    parse.add_argument("--sums", required=True)
    parse.add_argument("--prefix", default=None)
    parse.add_argument("--key", help="service account key file; without: no credentials")
    parse.add_argument("--ca", help="certificate to trust")
    parse.add_argument("--page", type=int, default=3)
    args = parse.parse_args()
    try:
        want = read_sums(args.sums)
        client = connect(args)
        found = check_list(client, args, want)
        for blob in found:
            check_object(blob, want[blob.name])
        check_missing(client, args)
    except (Different, exceptions.GoogleAPIError, requests.RequestException, OSError, ValueError) as err:
        print(f"python client: {err}", file=sys.stderr)
        return 1
    print(f"python client: {len(found)} objects listed, downloaded and equal")
    return 0


if __name__ == "__main__":
    sys.exit(main())
