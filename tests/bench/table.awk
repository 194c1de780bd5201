# The table of tests/bench/run. Rows: NAME EVENTS RAW_BYTES WALL_S CPU_S INSTRUCTIONS RSS_KIB ALLOCATIONS, per event the last.
BEGIN {
  count = split("inflate floor-scan copy deflate - scan map digest serialise queue bulk-encode compress ack - " \
    "scan+map+serialise json-c - agent-level-1 agent-level-0 filebeat", order, " ")
  says["inflate"] = "floor: inflate"; says["floor-scan"] = "floor: scan"; says["copy"] = "floor: one copy"
  says["deflate"] = "floor: deflate, level 1"; says["digest"] = "  of that the id's digest"
  says["bulk-encode"] = "bulk encode"; says["json-c"] = "the same with json-c"
  says["agent-level-1"] = "whole agent, level 1"; says["agent-level-0"] = "whole agent, level 0"
}
{
  name[$1] = 1; events[$1] = $2; bytes[$1] = $3; wall[$1] = $4; cpu[$1] = $5; instructions[$1] = $6; rss[$1] = $7
  allocations[$1] = $8
}
function per_cpu(n) { return events[n] / cpu[n] }
END {
  rss["json-c"] = json_rss != "" ? json_rss : "-"
  if ("map" in name && "digest" in name) { # the digest is a part of it
    wall["map"] += wall["digest"]; cpu["map"] += cpu["digest"]
    if (instructions["map"] != "-") instructions["map"] += instructions["digest"]
  }
  printf "%-26s %11s %9s %13s %12s %8s %12s\n", "", "events/s", "MB/s", "events/CPU-s", "instr/event", "RSS MiB", "alloc/event"
  for (i = 1; i <= count; i++) {
    n = order[i]
    if (n == "-") { print ""; continue }
    if (!(n in name)) continue
    printf "%-26s %11.0f %9.1f %13.0f %12s %8s %12s\n", (n in says) ? says[n] : n, events[n] / wall[n],
      bytes[n] / 1e6 / wall[n], per_cpu(n), instructions[n], (rss[n] == "-") ? "-" : sprintf("%.1f", rss[n] / 1024), allocations[n]
  }
  print ""
  if ("json-c" in name && "scan+map+serialise" in name) {
    k = instructions["scan+map+serialise"]
    printf "json-c ratio: %.1f", per_cpu("scan+map+serialise") / per_cpu("json-c")
    if (k != "-") printf " (instructions: %.1f)", instructions["json-c"] / k
    print ""
  }
  if ("filebeat" in name)
    printf "filebeat ratio: %.1f times its events per CPU-second, %.2f of its memory\n",
      per_cpu("agent-level-1") / per_cpu("filebeat"), rss["agent-level-1"] / rss["filebeat"]
}
