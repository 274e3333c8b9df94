#!/bin/sh
# Debian's Dovecot and Exim for the tests of e-mail, where we may install them; otherwise they skip and say so.
# The tests start them by themselves, unprivileged and out of a temporary folder. Nothing that is installed is removed:
# where another mail server is, Exim is not put in its place.
PATH="$PATH:/usr/sbin"
have() { command -v dovecot >/dev/null && command -v exim4 >/dev/null && [ -e /usr/lib/dovecot/imap ] && [ -e /usr/lib/dovecot/lmtp ]; }
have && exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { echo "no Dovecot and Exim and not root: tests of e-mail will be skipped"; exit 0; }
echo "installing Dovecot and Exim for the tests of e-mail"
export DEBIAN_FRONTEND=noninteractive
{
    apt-get -qq update && apt-get -qq install -y --no-install-recommends dovecot-imapd dovecot-lmtpd &&
        apt-get -qq install -y --no-install-recommends --no-remove exim4-daemon-light
} >/dev/null 2>&1 || true
have || echo "Dovecot or Exim could not be installed: tests of e-mail will be skipped"
exit 0
