#!/bin/sh
# Install a Chromium for the browser tests, or say the one command that does.
if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    apt-get update -qq > /dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium > /dev/null
elif [ -n "$CHROMIUM" ] || [ -d "/Applications/Google Chrome.app" ]; then
    exit 0
else
    echo "The browser tests need Chromium or Chrome. Install one: sudo apt-get install chromium" >&2
    exit 1
fi
