#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Every query of the dashboard, and every example of the README, on a real Prometheus.

    tests/prom/queries.py URL DASHBOARD README SECONDS

Those of the dashboard must have had a value in the last SECONDS; an example must be understood.
"""
import json
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

URL, DASHBOARD, README, SECONDS = sys.argv[1:5]


def get(path, **args):
    try:
        query = urllib.parse.urlencode(args)
        with urllib.request.urlopen("%s/api/v1/%s?%s" % (URL, path, query)) as r:
            return json.load(r)["data"], None
    except urllib.error.HTTPError as e:
        return None, json.load(e).get("error", str(e))


def expand(expr):
    for name, value in (("$instance", ".*"), ("$device", ".*"), ("$__rate_interval", "15s")):
        expr = expr.replace(name, value)
    if "$" in expr:
        raise SystemExit("queries: a variable that is not known in " + expr)
    return expr


def dashboard_queries():
    board = json.load(open(DASHBOARD))
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]
    for a in board["annotations"]["list"]:
        yield a["name"], a["expr"]
    for v in board["templating"]["list"]:
        m = v["type"] == "query" and re.match(r"label_values\((.*), \w+\)$", v["query"]["query"])
        if m:
            yield v["label"], m.group(1)


def examples():
    for line in open(README):
        cells = [c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 6 and cells[0].startswith("`nvme_mpath_"):
            yield cells[0].strip("`"), cells[5].strip("`").replace("\\|", "|")


def main():
    now, bad, done = time.time(), 0, 0
    for title, expr in dashboard_queries():
        data, error = get("query_range", query=expand(expr),
                          start=now - float(SECONDS), end=now, step=1)
        if not error and not any(s["values"] for s in data["result"]):
            error = "no value in the last %s s" % SECONDS
        done += 1
        if error:
            bad += 1
            print("queries: %s: %s: %s" % (title, expr, error), file=sys.stderr)
    for name, expr in examples():
        _, error = get("query", query=expr)
        done += 1
        if error or name not in expr:
            bad += 1
            print("queries: example of %s: %s: %s" % (name, expr, error or "another metric"),
                  file=sys.stderr)
    print("queries: %d, %d failed" % (done, bad))
    sys.exit(bool(bad) or done < 60)


main()
