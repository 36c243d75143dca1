#!/bin/sh
# Makes sure the browser tests have a browser: Debian's chromium and one Chinese font (without it Chromium
# draws boxes). Called by `make test`. Never fails: where nothing can be installed the browser tests are
# skipped, and this says so loudly.

has_chinese_font() {
    command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh family 2>/dev/null)" ]
}

has_chromium() {
    command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1
}

say_skipped() {
    echo "============================================================" >&2
    echo "Browser tests will be SKIPPED, all or in part: $1" >&2
    echo "To run them: apt-get install chromium fonts-wqy-microhei" >&2
    echo "============================================================" >&2
}

if has_chromium && has_chinese_font; then
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    say_skipped "chromium or a Chinese font is missing and this machine has no apt-get."
    exit 0
fi
if [ "$(id -u)" != 0 ]; then
    say_skipped "chromium or a Chinese font is missing and only root may install it."
    exit 0
fi

echo "Installing chromium and a Chinese font for the browser tests (once) ..."
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
if ! { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium fonts-wqy-microhei fontconfig; } \
    >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    say_skipped "apt-get could not install chromium (its last words are above)."
fi
rm -f "$log"
exit 0
