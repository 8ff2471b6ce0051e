#!/usr/bin/env bash
# Find a Chromium for the browser tests, or install Debian's where that is possible.
set -uo pipefail
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Debian's chromium for the browser tests ..."
    apt-get update -qq && apt-get install -y -qq chromium >/dev/null && exit 0
fi
echo "No Chromium found and none could be installed: the browser tests will say so. On Debian: sudo apt-get install chromium" >&2
exit 0
