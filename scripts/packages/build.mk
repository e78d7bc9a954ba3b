# SPDX-License-Identifier: GPL-2.0-only
#
# Installation and packages, see scripts/packages/README.md.
#
#   make install			install the monitor below DESTDIR and PREFIX
#   make uninstall		remove what install put there
#   make dist			build/nvme-mpathtop-VERSION.tar.gz, of the last commit
#   make deb			Debian packages of this tree: build/deb
#   make test			tests for packagers: no network, no root, no guest

PREFIX		?= /usr/local
BINDIR		?= $(PREFIX)/bin
LIBEXECDIR	?= $(PREFIX)/libexec
DATADIR		?= $(PREFIX)/share
MANDIR		?= $(DATADIR)/man
DOCDIR		?= $(DATADIR)/doc/nvme-mpathtop
SYSTEMDDIR	?= $(PREFIX)/lib/systemd
UNITDIR		?= $(SYSTEMDDIR)/system
GENERATORDIR	?= $(SYSTEMDDIR)/system-generators
SYSUSERSDIR	?= $(PREFIX)/lib/sysusers.d
UDEVRULESDIR	?= $(PREFIX)/lib/udev/rules.d
SYSCONFDIR	?= /etc
BASHDIR		?= $(DATADIR)/bash-completion/completions
ZSHDIR		?= $(DATADIR)/zsh/site-functions
FISHDIR		?= $(DATADIR)/fish/vendor_completions.d

OWN_DATADIR	= $(DATADIR)/nvme-mpathtop
OWN_LIBEXECDIR	= $(LIBEXECDIR)/nvme-mpathtop
VERSION		:= $(shell sed -n 's/^.define MPATHTOP_VERSION "\(.*\)"/\1/p' user/base/version.h)

SCHEMAS		:= $(sort $(wildcard user/share/schema/*.json))
PROMETHEUS	:= $(sort $(wildcard user/share/prometheus/*))

# what a file says of places -> where things are
PLACES = sed -e 's|/usr/local/bin/|$(BINDIR)/|g' \
	     -e 's|/usr/local/libexec/nvme-mpathtop|$(OWN_LIBEXECDIR)|g' \
	     -e 's|/usr/local/share/nvme-mpathtop|$(OWN_DATADIR)|g'

# MODE FROM TO, each line a file; TO with a suffix ! keeps a file that is there
define INSTALLED
755 $(B)/nvme-mpathtop $(BINDIR)/nvme-mpathtop
755 user/share/service/pin-mount $(OWN_LIBEXECDIR)/pin-mount
755 user/share/udev/set-grace $(OWN_LIBEXECDIR)/set-grace
755 user/share/service/nvme-mpathtop-privileges $(GENERATORDIR)/nvme-mpathtop-privileges
644 user/share/nvme-mpathtop.8 $(MANDIR)/man8/nvme-mpathtop.8
644 user/share/service/nvme-mpathtop.service $(UNITDIR)/nvme-mpathtop.service
644 user/share/service/nvme-mpathtop-pins.service $(UNITDIR)/nvme-mpathtop-pins.service
644 user/share/service/kprobes.conf $(OWN_DATADIR)/kprobes.conf
644 user/share/service/nvme-mpathtop.sysusers $(SYSUSERSDIR)/nvme-mpathtop.conf
644 user/share/service/nvme-mpathtop.default $(SYSCONFDIR)/default/nvme-mpathtop!
644 user/share/udev/60-nvme-mpathtop.rules $(UDEVRULESDIR)/60-nvme-mpathtop.rules
644 user/share/udev/grace.conf $(SYSCONFDIR)/nvme-mpathtop/grace.conf!
644 $(B)/nvme-mpathtop.bash $(BASHDIR)/nvme-mpathtop
644 $(B)/nvme-mpathtop.zsh $(ZSHDIR)/_nvme-mpathtop
644 $(B)/nvme-mpathtop.fish $(FISHDIR)/nvme-mpathtop.fish
644 user/NEWS $(DOCDIR)/NEWS
$(foreach f,$(SCHEMAS),644 $f $(OWN_DATADIR)/schema/$(notdir $f)
)
endef

define INSTALLED_PROMETHEUS
$(foreach f,$(PROMETHEUS),644 $f $(OWN_DATADIR)/prometheus/$(notdir $f)
)
endef
export INSTALLED INSTALLED_PROMETHEUS

# Lines of the list $1. Directories are 0755 and files as in the list, whatever the umask is.
# Programs are copied, texts get their places filled in.
define install_files
umask 022; printf '%s\n' "$1" | while read -r mode from to; do \
	[ -n "$$to" ] || continue; keep=$${to%!}; \
	[ "$$keep" = "$$to" ] || [ ! -e "$(DESTDIR)$$keep" ] || \
		{ echo "  KEEP    $(DESTDIR)$$keep"; continue; }; \
	to=$(DESTDIR)$$keep; echo "  INSTALL $$to"; \
	case $$from in \
	$(B)/nvme-mpathtop) install -D -m "$$mode" "$$from" "$$to" ;; \
	*) $(PLACES) "$$from" | install -D -m "$$mode" /dev/stdin "$$to" ;; \
	esac || exit; \
done
endef

install: install-monitor install-prometheus

install-monitor: $(B)/nvme-mpathtop $(COMPLETIONS)
	$(Q)$(call install_files,$$INSTALLED)

install-prometheus:
	$(Q)$(call install_files,$$INSTALLED_PROMETHEUS)

# What somebody may have written to stays: the two files below SYSCONFDIR.
uninstall:
	$(Q)printf '%s\n' "$$INSTALLED" "$$INSTALLED_PROMETHEUS" | \
	while read -r mode from to; do case $$to in \
		'') ;; \
		*!) [ ! -e "$(DESTDIR)$${to%!}" ] || echo "  KEEP    $(DESTDIR)$${to%!}" ;; \
		*) echo "  REMOVE  $(DESTDIR)$$to"; rm -f "$(DESTDIR)$$to" ;; \
		esac; done
	$(Q)for d in $(OWN_DATADIR)/schema $(OWN_DATADIR)/prometheus $(OWN_DATADIR) \
			$(OWN_LIBEXECDIR) $(DOCDIR); do \
		rmdir "$(DESTDIR)$$d" 2> /dev/null || :; done

dist:
	$(Q)scripts/packages/dist $(VERSION) $(B)

deb:
	$(Q)scripts/packages/deb $(B)/deb

# Nothing is installed, fetched or booted.
test: $(B)/nvme-mpathtop check-unit
	$(Q)tests/golden/run

.PHONY: install install-monitor install-prometheus uninstall dist deb test
