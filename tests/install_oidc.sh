#!/bin/sh
# An OpenID Connect provider (npm's oidc-provider) for the tests of the log-in, where node and npm are; otherwise they
# skip and say so. It lies in a cache outside the project, exactly as tests/oidc/package-lock.json pins it.
here=$(dirname "$0")/oidc
there=${XDG_CACHE_HOME:-$HOME/.cache}/atbilde/oidc
[ -d "$there/node_modules/oidc-provider" ] && cmp -s "$here/package-lock.json" "$there/package-lock.json" && exit 0
command -v node >/dev/null && command -v npm >/dev/null || { echo "no node and npm: tests of OpenID Connect will be skipped"; exit 0; }
echo "installing oidc-provider for the tests of OpenID Connect"
mkdir -p "$there" && cp "$here/package.json" "$here/package-lock.json" "$there/" &&
    (cd "$there" && npm ci --ignore-scripts --no-audit --no-fund --silent >/dev/null 2>&1) ||
    { rm -f "$there/package-lock.json"; echo "oidc-provider could not be installed: tests of OpenID Connect will be skipped"; }
exit 0
