# SPDX-License-Identifier: GPL-2.0-only
#
# awk -f user/rooms.awk user/rooms: the rooms as variables of make. ROOMS lists them from the
# ground up; of each, WITH_room has itself and the rooms below that it needs, also over others, from
# the top down as the linker wants them, and LIBS_room the libraries of all of these.

{ sub(/#.*/, "") }
!NF { next }
{
	room = $1
	sub(/:$/, "", room)
	own = ""
	split("", may)
	for (i = 2; i <= NF; i++) {
		if ($i ~ /^-l/)
			own = own " " $i
		may[$i] = 1
	}
	for (i = n; i; i--)
		if (rooms[i] in may)
			for (k = 1; k < i; k++)
				if ((rooms[i], rooms[k]) in needs)
					may[rooms[k]] = 1
	with = room
	libs = own
	for (i = n; i; i--) {
		if (rooms[i] in may) {
			needs[room, rooms[i]] = 1
			with = with " " rooms[i]
			libs = libs libraries[rooms[i]]
		}
	}
	libraries[room] = own
	rooms[++n] = room
	all = all " " room
	printf "WITH_%s := %s\nLIBS_%s :=%s\n", room, with, room, libs
}
END { print "ROOMS :=" all }
