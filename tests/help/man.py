#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""man.py PROGRAM MANPAGE: do --help and the man page name the same commands and options?

Each command has a section, .Ss NAME, with its options; options that several commands share may
stand in the section OPTIONS instead.
"""
import re
import subprocess
import sys


def run(*args):
    return subprocess.run(args, check=True, stdout=subprocess.PIPE, text=True).stdout


def help_commands(program):
    part = run(program, "--help").split("Commands:\n")[1].split("\n\n")[0]
    return [line.split()[0] for line in part.splitlines()]


def help_options(program, command):
    """{(letter, name, value)} with the value in lower case, None for a flag"""
    rows = re.findall(r"^  (?:-(.), |    )--([a-z-]+)(?:\[?[= ]([A-Za-z.]+)\]?)? ",
                      run(program, command, "--help"), re.M)
    return {(letter or None, name, value.lower() or None) for letter, name, value in rows}


def section(lines, kind, name):
    """The lines of one .Sh or .Ss."""
    start = lines.index(f".{kind} {name}") + 1
    ends = [i for i in range(start, len(lines)) if lines[i][:4] in (".Sh ", ".Ss ")]
    return lines[start:ends[0] if ends else None]


def item(line):
    """The options of one .It line."""
    found, letter = set(), None
    line = line.replace(" Ns Op = Ns Ar ", " Ar ")
    for dash, name, value in re.findall(
            r"(?:Fl )?(-?)([A-Za-z][a-z-]*)(?: Ar ([a-z.]+))?(?: , |$)", line[len(".It "):]):
        if len(name) == 1 and not dash:
            letter = name
        else:
            found.add((letter, name, value or None))
    return found


def man_options(lines):
    return set().union(*(item(line) for line in lines if line.startswith(".It Fl ")))


def synopsis(lines):
    """{(command, letter or long name)}"""
    found, command = set(), None
    for line in lines:
        if line == ".Nm":
            command = None
        words = re.findall(r"^\.(?:Op )?Cm ([a-z]+)", line)
        command = command or (words[0] if words else None)
        found |= {(command, name) for name in re.findall(r"(?:Fl -?|\| -)([a-z-]+)", line)}
    return found


def main(program, manpage):
    with open(manpage, encoding="utf-8") as f:
        lines = f.read().splitlines()
    commands = help_commands(program)
    shared = man_options(section(lines, "Sh", "OPTIONS"))
    wrong = []

    listed = [line.split()[2] for line in section(lines, "Sh", "COMMANDS")
              if line.startswith(".It Cm ")]
    if listed != commands:
        wrong.append(f"the commands are {commands}, the man page lists {listed}")
    sections = [line[4:] for line in lines if line.startswith(".Ss ")]
    if sections != commands:
        wrong.append(f"the man page has sections {sections}")
    known, used = {}, set()
    for command in commands:
        known[command] = help_options(program, command)
        used |= known[command]
        own = man_options(section(lines, "Ss", command)) if command in sections else set()
        wrong += [f"{command}: the man page lacks {o}" for o in known[command] - own - shared]
        wrong += [f"{command}: only the man page has {o}" for o in own - known[command]]
    wrong += [f"the man page has {o} for all, no command has it" for o in shared - used]
    for command, name in synopsis(section(lines, "Sh", "SYNOPSIS")):
        names = {n for o in known.get(command, ()) for n in o[:2]}
        if name not in (names if command else {"help", "version", "completion"} |
                        {n for o in known["top"] for n in o[:2]}):
            wrong.append(f"the synopsis of {command} has {name}")
    for text in wrong:
        print("help:", text, file=sys.stderr)
    return bool(wrong) or not all(known.values())


sys.exit(main(*sys.argv[1:]))
