#!/bin/sh
# Debian's Chromium for the browser tests, where we may install it; otherwise they skip and say so.
[ -x /usr/bin/chromium ] && exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { echo "no Chromium and not root: browser tests will be skipped"; exit 0; }
echo "installing Chromium for the browser tests"
export DEBIAN_FRONTEND=noninteractive
{ apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium fonts-dejavu-core; } >/dev/null 2>&1 ||
    echo "Chromium could not be installed: browser tests will be skipped"
exit 0
