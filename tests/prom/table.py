#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Is the table in user/share/prometheus/README.md what is written?

    tests/prom/table.py README FILE.prom...

Same families in the same order, types, meanings and labels; and the numbers of series that the
README states are those of the files, taken together.
"""
import re
import sys


def read_table(path):
    """name: (type, labels, meaning)"""
    table = {}
    for line in open(path):
        cells = [c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 6 and cells[0].startswith("`nvme_mpath_"):
            names = set(filter(None, cells[2].split(", ")))
            table[cells[0].strip("`")] = (cells[1], names, cells[4])
    return table


def family_of(series, families):
    name = re.match(r"[a-z0-9_]+", series).group(0)
    return next((name[: len(name) - len(s)] for s in ("", "_bucket", "_sum", "_count")
                 if name.endswith(s) and name[: len(name) - len(s)] in families), None)


def read_files(paths):
    families, order, labels, series = {}, [], {}, {}
    for path in paths:
        for line in open(path):
            word = line.rstrip("\n").split(" ", 3)
            if line.startswith("# HELP"):
                families.setdefault(word[2], {})["help"] = word[3]
                if word[2] not in order:
                    order.append(word[2])
            elif line.startswith("# TYPE"):
                families[word[2]]["type"] = word[3]
            else:
                name = line.rsplit(" ", 1)[0]
                f = family_of(name, families)
                if f is None:
                    raise SystemExit("table: %s: %s belongs to no family" % (path, name))
                found = set(re.findall(r'[{,]([a-z_]+)="', name)) - {"le"}
                if labels.setdefault(f, found) != found:
                    raise SystemExit("table: %s has labels %s and %s" % (f, labels[f], found))
                if name in series.setdefault(path, {}):
                    raise SystemExit("table: %s: %s is there twice" % (path, name))
                series[path][name] = f
    return families, order, labels, series


def most(series, families, want):
    """Most series, over all files, of one thing: want(labels of a series) names it, or None."""
    best = 0
    for one in series.values():
        count = {}
        for name in one:
            key = want(dict(re.findall(r'([a-z_]+)="([^"]*)"', name)), families[one[name]]["type"])
            if key is not None:
                count.setdefault(key, set()).add(name)
        best = max([best] + [len(v) for v in count.values()])
    return best


def main():
    table = read_table(sys.argv[1])
    families, order, labels, series = read_files(sys.argv[2:])
    wrong = []
    if list(table) != order:
        wrong.append("families differ, or their order: %s" % sorted(set(table) ^ set(order)))
    for name in order:
        if name not in table:
            continue
        kind, said, meaning = table[name]
        if (kind, meaning) != (families[name]["type"], families[name]["help"]):
            wrong.append("%s: type or meaning differ" % name)
        if name not in labels:
            wrong.append("%s: no file has a sample of it" % name)
        elif labels[name] != said:
            wrong.append("%s: labels are %s" % (name, ", ".join(sorted(labels[name]))))
    text = open(sys.argv[1]).read().replace("\n", " ")
    said = re.search(r"A head has at most (\d+), of which (\d+) are counters, "
                     r"and each of its paths has (\d+); "
                     r"\d+ paths of a head are shown at most\. The collector has (\d+)\.", text)
    counters = most(series, families, lambda l, t: l.get("device") if t != "gauge" else None)
    paths = most(series, families, lambda l, t: l.get("path"))
    own = most(series, families, lambda l, t: "collector" if "device" not in l else None)
    # The gauges of a head are never all there: some exclude each other. So by family.
    gauges = sum(5 if n == "nvme_mpath_head_state" else 1 for n in order
                 if families[n]["type"] == "gauge" and "device" in labels.get(n, ())
                 and "path" not in labels[n])
    found = tuple(str(n) for n in (gauges + counters, counters, paths, own))
    if not said or said.groups() != found:
        wrong.append("the numbers of series are %s, the README says %s"
                     % (found, said and said.groups()))
    for w in wrong:
        print("table: " + w, file=sys.stderr)
    print("table: %d families, %d faults" % (len(order), len(wrong)))
    sys.exit(bool(wrong))


main()
