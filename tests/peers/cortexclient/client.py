#!/usr/bin/env python3
"""Collects everything from a Cortex XDR API with the public client cortex-xdr-client, and compares.

Exit code 0: all as expected; 1: not, with a line for each difference.
"""
import argparse
import json
import socket
import sys
import urllib.request
from urllib.parse import urlsplit

import requests
from cortex_xdr_client.api.authentication import Authentication, AuthenticationType
from cortex_xdr_client.api.models.incidents import IncidentStatus
from cortex_xdr_client.client import CortexXDRClient

# The client puts "api-" before every name; the simulator's certificate knows this one.
TENANT = "tenant.localhost"
failures = 0


def check(what, got, wanted):
    global failures
    if got == wanted:
        print(f"ok: {what}")
    else:
        failures += 1
        print(f"FAILED: {what}: got {str(got)[:300]}, wanted {str(wanted)[:300]}")


def point_at(address, port):
    """Lets the tenant's name lead to the simulator; everything else is the client's own."""
    resolve = socket.getaddrinfo

    def resolved(host, *rest, **more):
        return resolve(address if host == "api-" + TENANT else host, *rest, **more)

    socket.getaddrinfo = resolved
    return f"{TENANT}:{port}"


class Tenant:
    def __init__(self, control):
        self.control = control

    def expected(self, kind):
        url = f"{self.control}/_sim/cortex/expected?kind={kind}"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=30) as reply:
            return sorted((row["id"], row["ms"]) for row in json.load(reply)["rows"])


def pages(call, rows_of):
    """All rows, a hundred at a time, until a page is empty."""
    rows = []
    while True:
        page = rows_of(call(len(rows), len(rows) + 100))
        if not page:
            return rows
        rows += page


def raw(client, path, sort):
    def call(search_from, search_to):
        body = {"request_data": {"search_from": search_from, "search_to": search_to,
                                 "sort": {"field": sort, "keyword": "asc"}}}
        return client.request(path, json_value=body).json()["reply"]
    return call


def alerts(client, tenant):
    for version in ("v1", "v2"):
        call = raw(client, f"/public_api/{version}/alerts/get_alerts_multi_events",
                   "server_creation_time")
        rows = pages(call, lambda reply: reply["alerts"])
        check(f"alerts {version}", sorted((row["alert_id"], row["local_insert_ts"]) for row in rows),
              tenant.expected("alerts"))
        times = [row["local_insert_ts"] for row in rows]
        check(f"alerts {version} rise", times, sorted(times))


def incidents(client, tenant):
    wanted = dict(tenant.expected("incidents"))
    found = {}
    for status in IncidentStatus:
        rows = pages(lambda start, end: client.incidents_api.get_incidents(
            status=status, search_from=start, search_to=end), lambda reply: reply.reply.incidents)
        check(f"incidents {status.value}", {row.status for row in rows} <= {status}, True)
        found.update((row.incident_id, row.modification_time) for row in rows)
    # the client's models refuse the newer statuses, which its own raw call takes
    call = raw(client, "/public_api/v1/incidents/get_incidents", "modification_time")
    rows = pages(call, lambda reply: reply["incidents"])
    known = {status.value for status in IncidentStatus}
    others = {row["incident_id"]: row["modification_time"] for row in rows
              if row["status"] not in known}
    check("incidents", {**found, **others}, wanted)
    check("incidents of both kinds of status", bool(found) and bool(others), True)
    after = sorted(wanted.values())[len(wanted) // 2]
    late = client.request("/public_api/v1/incidents/get_incidents", json_value={"request_data": {
        "filters": [{"field": "modification_time", "operator": "gte", "value": after}]}}).json()
    check("incidents modified since", late["reply"]["total_count"],
          sum(time >= after for time in wanted.values()))
    return [row.incident_id for row in client.incidents_api.get_incidents(
        status=IncidentStatus.NEW).reply.incidents]


def extra(client, ids):
    for incident_id in ids[:5]:
        reply = client.incidents_api.get_incident_extra_data(incident_id, alerts_limit=2).reply
        check(f"extra data of {incident_id}", reply.incident.incident_id, incident_id)
        check("its alerts", len(reply.alerts.data), min(2, reply.alerts.total_count))


def endpoints(client, tenant):
    rows = pages(lambda start, end: client.endpoints_api.get_endpoint(
        search_from=start, search_to=end, sort={"field": "first_seen", "keyword": "asc"}),
        lambda reply: reply.reply.endpoints)
    check("endpoints", sorted((row.endpoint_id, row.first_seen) for row in rows),
          tenant.expected("endpoints"))
    light = client.endpoints_api.get_all_endpoints().reply
    check("endpoints in short", sorted(row.agent_id for row in light),
          sorted(row.endpoint_id for row in rows))


def audits(client, tenant):
    sort = {"field": "timestamp", "keyword": "asc"}
    rows = pages(lambda start, end: client.audits_api.management_logs(
        search_from=start, search_to=end, sort=sort, accept_encoding="gzip"),
        lambda reply: reply["reply"]["data"])
    check("management logs", sorted((str(row["AUDIT_ID"]), row["AUDIT_INSERT_TIME"]) for row in rows),
          tenant.expected("audit_management"))
    rows = pages(lambda start, end: client.audits_api.agents_reports(
        search_from=start, search_to=end, sort=sort), lambda reply: reply["reply"]["data"])
    check("agent reports", sorted((f"{row['ENDPOINTNAME']}:{row['TIMESTAMP']}", row["RECEIVEDTIME"])
                                  for row in rows), tenant.expected("audit_agent"))


def refused(what, client, status):
    try:
        client.incidents_api.get_incidents()
        check(what, "no error", status)
    except requests.HTTPError as error:
        check(what, error.response.status_code, status)
        check(f"{what}: envelope", error.response.json()["reply"]["err_code"], status)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--api", required=True)
    parser.add_argument("--control", required=True)
    parser.add_argument("--standard", required=True, help="ID:KEY")
    parser.add_argument("--advanced", required=True, help="ID:KEY")
    options = parser.parse_args()
    url = urlsplit(options.api)
    fqdn = point_at(url.hostname, url.port)
    keys = {"standard": (options.standard.split(":", 1), AuthenticationType.STANDARD),
            "advanced": (options.advanced.split(":", 1), AuthenticationType.ADVANCED)}

    def client(name, other=None, key=None):
        (key_id, own), kind = keys[name]
        kind = keys[other][1] if other else kind
        return CortexXDRClient(Authentication(key or own, int(key_id), kind), fqdn)

    tenant = Tenant(options.control)
    for name in keys:
        print(f"-- {name} key")
        it = client(name)
        alerts(it, tenant)
        extra(it, incidents(it, tenant))
        endpoints(it, tenant)
        audits(it, tenant)
    print("-- keys that do not fit")
    refused("a wrong standard key", client("standard", key="wrong"), 401)
    refused("a wrong advanced key", client("advanced", key="wrong"), 401)
    refused("a standard key used as advanced", client("standard", "advanced"), 401)
    refused("an advanced key used as standard", client("advanced", "standard"), 401)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
