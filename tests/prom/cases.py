#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Cases for `promtool test rules`, made from recordings.

    tests/prom/cases.py TOOL ALERTS OUT RECORD...

writes OUT/short.json and OUT/long.json. The series are what `TOOL collect --replay` writes at
every second of a recording. Which alerts must fire, and that no other does, comes from elsewhere:
from the times and outcomes of `TOOL report -j`. The long cases keep a moment of a recording, or
its end, for many minutes.
"""
import decimal
import json
import os
import re
import subprocess
import sys
from datetime import datetime, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
GONE = ("removed", "closed", "not_armed")
INSTANCE = {"instance": "host:9100", "job": "node"}


def seconds(when):
    """Unix time of a time in the report, exact, or None."""
    if not when:
        return None
    d = datetime.strptime(when["time"], "%Y-%m-%dT%H:%M:%S.%fZ")
    d = d.replace(tzinfo=timezone.utc) - EPOCH
    return decimal.Decimal(d.days * 86400 + d.seconds) + decimal.Decimal(d.microseconds) / 1000000


def read_alerts(path):
    """Name, severity and texts of each alert: the file is ours, a YAML parser is not needed."""
    alerts = {}
    for block in re.split(r"\n\s+- alert: ", open(path).read())[1:]:
        one = lambda key: re.search(r"\n\s+" + key + r": (.*)", block).group(1).strip("\"'")
        alerts[block.split("\n")[0]] = {k: one(k) for k in ("severity", "summary", "description")}
    return alerts


class Recording:
    def __init__(self, tool, path, tmp):
        self.tool, self.path, self.file = tool, path, os.path.join(tmp, "step.prom")
        out = subprocess.run([tool, "report", "-j", path], stdout=subprocess.PIPE, check=False)
        self.report = json.loads(out.stdout)
        sessions = self.report["sessions"]
        self.base = int(seconds(sessions[0]["first"]))
        self.last = int(seconds(sessions[-1]["last"])) + 1 - self.base

    def at(self, t):
        """Series and values after what happened up to t, seconds since base.

        Times count from base, too.
        """
        subprocess.run([self.tool, "collect", "--replay", self.path, "--textfile", self.file,
                        "--until", "@%s" % (self.base + decimal.Decimal(str(t)))], check=True)
        series = {}
        for line in open(self.file):
            if line.startswith("#"):
                continue
            name, value = line.rstrip("\n").rsplit(" ", 1)
            if "_timestamp_seconds" in name:
                value = str(decimal.Decimal(value) - self.base)
            series[with_instance(name)] = value
        return series

    def windows(self):
        """What of a window matters here; times since base."""
        for w in self.report["windows"]:
            since = lambda when: None if seconds(when) is None else seconds(when) - self.base
            p = w["phases"]
            armed = since(p["armed"])
            if armed is None and w["window"]:
                armed = decimal.Decimal(0)      # open before the recording began
            yield {"device": w["head"], "armed": armed,
                   "ended": since(p["head_removed"]) or since(p["ended"]),
                   "first_lost": since(p["first_path_lost"]),
                   "lost": since(p["last_usable_path_lost"]),
                   "deadline": since(w["deadline"]), "moved": w["deadline_moves"] > 0,
                   "setting": decimal.Decimal(w["setting_seconds"] or 0), "outcome": w["outcome"],
                   "near_miss": w["near_miss"], "outage": w["outage_seconds"]}

    def zero(self, device):
        return any(h["name"] == device and h["delayed_removal_secs"] == 0
                   for h in self.report["heads"])


def with_instance(name):
    labels = ",".join('%s="%s"' % kv for kv in INSTANCE.items())
    return name[:-1] + "," + labels + "}" if name.endswith("}") else name + "{" + labels + "}"


def subsystem_of(device, series):
    for s in series:
        m = re.match(r'nvme_mpath_windows_total\{device="%s",subsystem="([^"]*)"' % device, s)
        if m:
            return m.group(1)
    raise SystemExit("no series of %s" % device)


def collector(steps, write=None, running="1"):
    """The series that only a collector that runs has; write: time of the write per step."""
    own = {"nvme_mpath_collector_interval_seconds": ["15"] * len(steps),
           "nvme_mpath_collector_running": [running] * len(steps),
           "nvme_mpath_collector_write_errors_total": ["0"] * len(steps),
           "nvme_mpath_collector_write_timestamp_seconds": write or [str(s) for s in steps]}
    return {with_instance(k): v for k, v in own.items()}


def columns(states):
    """Values per series over all states; what vanishes becomes stale."""
    names = sorted({s for state in states for s in state})
    table = {}
    for n in names:
        values, there = [], False
        for state in states:
            if n in state:
                values.append(state[n])
            else:
                values.append("stale" if there else "_")
            there = n in state
        table[n] = values
    return table


def input_series(table):
    return [{"series": s, "values": " ".join(v)} for s, v in table.items()]


class Cases:
    def __init__(self, alerts):
        self.alerts, self.tests = alerts, []

    def render(self, text, labels, value):
        text = re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda m: labels[m.group(1)], text)
        return text.replace('{{ printf "%.0f" $value }}', "%.0f" % value)

    def expected(self, alert, labels, value=0):
        a = self.alerts[alert]
        labels = dict(labels, **INSTANCE)
        return {"exp_labels": dict(labels, severity=a["severity"]),
                "exp_annotations": {k: self.render(a[k], labels, value)
                                    for k in ("summary", "description")}}

    def add(self, name, interval, table, times, firing):
        """firing(t): list of (alert, labels[, value]). Alerts that are not in it must not fire."""
        checks = []
        for t in times:
            now = firing(t)
            for alert in self.alerts:
                exp = [self.expected(*f) for f in now if f[0] == alert]
                checks.append({"eval_time": "%ds" % t, "alertname": alert, "exp_alerts": exp})
        self.tests.append({"name": name, "interval": interval, "input_series": input_series(table),
                           "alert_rule_test": checks})

    def write(self, path, rules, interval):
        with open(path, "w") as f:
            json.dump({"rule_files": rules, "evaluation_interval": interval,
                       "tests": self.tests}, f)


def head(device, series, **more):
    return dict({"device": device, "subsystem": subsystem_of(device, series)}, **more)


def near(w, t):
    return w["deadline"] - t < max(10, w["setting"] / 4)


def firing_of(rec, series, t):
    """What the report wants to fire at second t of the recording. A head's name counts."""
    now = []
    for w in rec.windows():
        h = head(w["device"], series)
        over = w["ended"] is not None and w["ended"] <= t
        if w["armed"] is not None and w["armed"] <= t and not over:
            now.append(("NvmeMpathWindowOpen", dict(h, state="grace")))
            if near(w, t):
                now.append(("NvmeMpathDeadlineNear", h, w["deadline"] - t))
        if over and w["outcome"] in GONE and w["armed"] != t:
            now.append(("NvmeMpathHeadRemoved", h))
        if over and w["near_miss"]:
            now.append(("NvmeMpathLittleMargin", h))
    return now


def short(cases, rec, name):
    steps = list(range(0, rec.last + 5))
    states = [rec.at(min(t, rec.last)) for t in steps]
    table = columns(states)
    table.update(collector(steps))
    # A deadline that was moved is not in the report as it was before.
    moved = [w for w in rec.windows() if w["moved"]]
    times = [t for t in steps[2:] if not any(w["armed"] <= t <= w["ended"] for w in moved)]
    cases.add(name, "1s", table, times, lambda t: firing_of(rec, table, t))


def held(moment, steps):
    return {s: [v] * steps for s, v in moment.items()}


# states that fire when they last, and after how many seconds
LASTING = {"no_usable_path": ("NvmeMpathNoUsablePath", 30), "degraded": ("NvmeMpathDegraded", 900)}


def long_end(cases, rec, name):
    """The end of the recording, for 20 minutes: what fires for some time, and what for long."""
    steps = list(range(0, 1215, 15))
    first = min([int(w["armed"] or w["ended"]) for w in rec.windows()])
    begin, end = rec.at(max(first, 1)), rec.at(rec.last)
    table = columns([begin] + [end] * (len(steps) - 1))
    table.update(collector(steps))
    seen = [w["device"] for w in rec.windows()
            if any(s.startswith('nvme_mpath_windows_total{device="%s"' % w["device"])
                   for s in begin)]

    # what a head still is at the end, it is for long; the end begins with the second step
    states = [re.match(r'nvme_mpath_head_state\{.*device="([^"]*)".*state="([^"]*)"', s)
              for s, value in end.items()
              if value == "1" and s.startswith("nvme_mpath_head_state{")]
    lasting = [(LASTING[m[2]], head(m[1], end, state=m[2])) for m in states if m[2] in LASTING]

    zero = [w["device"] for w in rec.windows() if w["device"] in seen and
            (w["outcome"] == "not_armed" or (w["outage"] is not None and rec.zero(w["device"])))]

    def firing(t):
        now = [f for f in firing_of(rec, table, 10000) if f[1]["device"] in seen]
        now += [("NvmeMpathSettingZero", head(d, table))
                for d in sorted(set(zero)) if t >= steps[1] + 300]
        now += [(alert, labels) for (alert, wait), labels in lasting if t >= steps[1] + wait]
        return [f for f in now if f[0] != "NvmeMpathHeadRemoved" or t < 600]
    cases.add(name + ": its end, for long", "15s", table, (60, 300, 315, 900, 1200), firing)


def long_moments(cases, rec, name):
    w = list(rec.windows())[0]
    steps = list(range(0, 1215, 15))
    mid = rec.at((w["armed"] + w["ended"]) / 2)
    h = head(w["device"], mid)

    # The collector dies in a window. Times are of the recording, so that of now is, too.
    table = held(mid, len(steps))
    table.update(collector(steps, write=["0"] * len(steps)))

    def dead(t):
        now = [("NvmeMpathWindowOpen", dict(h, state="grace"))]
        if w["deadline"] - t > -60 and near(w, t):
            now.append(("NvmeMpathDeadlineNear", h, w["deadline"] - t))
        if t > w["lost"] + 31:      # the first bio came within a second of the loss
            now.append(("NvmeMpathIoStuck", h))
        if t >= 195:
            now.append(("NvmeMpathCollectorSilent", {}))
        return now
    cases.add(name + ": the collector dies in a window", "15s", table,
              (0, 15, 45, 60, 90, 180, 195, 600), dead)

    for title, alert, state, at, wait in (
            ("one path is missing", "NvmeMpathDegraded", "degraded",
             (w["first_lost"] + w["lost"]) / 2, 900),
            ("no path can be used", "NvmeMpathNoUsablePath", "no_usable_path",
             (w["lost"] + w["armed"]) / 2, 30)):
        moment = rec.at(at)
        table = held(moment, len(steps))
        table.update(collector(steps))
        cases.add("%s: %s" % (name, title), "15s", table, (0, 15, 30, 600, 885, 900, 1200),
                  lambda t, a=alert, s=state, n=wait: [(a, dict(h, state=s))] if t >= n else [])

    end = rec.at(rec.last)
    for lost in ("events_lost", "records_lost", "write_errors"):
        table = held(end, len(steps))
        table.update(collector(steps))
        key = with_instance("nvme_mpath_collector_%s_total" % lost)
        table[key] = ["0"] * 4 + ["3"] * (len(steps) - 4)
        cases.add("%s: %s" % (name, lost), "15s", table, (45, 75, 600, 720),
                  lambda t: [("NvmeMpathEventsLost", {})] if 60 <= t <= 645 else [])

    table = held(end, len(steps))
    table.update(collector(steps, running="0"))
    cases.add(name + ": the collector ended", "15s", table, (45, 60, 600),
              lambda t: [("NvmeMpathCollectorSilent", {})] if t >= 60 else [])

    # The file is removed after three minutes: the host is there, or is gone as well.
    for title, up in (("the metrics are gone", 1), ("the host is gone", 0)):
        steps = list(range(0, 4500, 15))
        there = dict(end, **{k: v[0] for k, v in collector(steps).items()})
        table = columns([there] * 12 + [{}] * (len(steps) - 12))
        write = with_instance("nvme_mpath_collector_write_timestamp_seconds")
        table[write] = [str(s) for s in steps[:12]] + ["stale"] * (len(steps) - 12)
        table[with_instance("up")] = ["1"] * 12 + [str(up)] * (len(steps) - 12)
        cases.add("%s: %s" % (name, title), "15s", table, (165, 225, 255, 900, 3750, 3795),
                  lambda t, u=up: [("NvmeMpathCollectorSilent", {})]
                  if u and 240 <= t < 180 + 3600 else [])


def main():
    tool, alerts_path, out = sys.argv[1:4]
    alerts = read_alerts(alerts_path)
    rules = [alerts_path]
    shorts, longs = Cases(alerts), Cases(alerts)
    for path in sys.argv[4:]:
        name = os.path.basename(os.path.dirname(path))
        rec = Recording(tool, path, out)
        short(shorts, rec, name)
        long_end(longs, rec, name)
        if name == "recovered":
            long_moments(longs, rec, name)
    shorts.write(os.path.join(out, "short.json"), rules, "1s")
    longs.write(os.path.join(out, "long.json"), rules, "15s")
    tests = shorts.tests + longs.tests
    print("%d cases, %d checks" % (len(tests), sum(len(t["alert_rule_test"]) for t in tests)))


main()
