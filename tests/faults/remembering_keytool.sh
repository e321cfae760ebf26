#!/bin/sh
# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# keytool, but what it did once to the same files with the same words is remembered: starting Java takes half a second.
real=@KEYTOOL@ cache=@CACHE@

described() {
    before=''
    for word; do
        case $before in
        -keystore | -srckeystore | -destkeystore | -file | *pass:file)
            if [ -f "$word" ]; then sha256sum <"$word"; else echo none; fi ;;
        *) printf '%s\n' "$word" ;;
        esac
        before=$word
    done
}

store='' before=''
for word; do
    case $before in -keystore | -destkeystore) store=$word ;; esac
    before=$word
done
key=$(described "$@" | sha256sum | cut -c1-64)
if [ ! -d "$cache/$key" ]; then
    new=$(mktemp -d "$cache/XXXXXXXX")
    "$real" "$@" >"$new/stdout" 2>"$new/stderr"
    echo $? >"$new/code"
    if [ -f "$store" ]; then cp "$store" "$new/store"; fi
    chmod -R a+rX "$new"
    mv -T "$new" "$cache/$key" 2>/dev/null || rm -r "$new"
fi
if [ -f "$cache/$key/store" ]; then cat "$cache/$key/store" >"$store"; fi
cat "$cache/$key/stdout"
cat "$cache/$key/stderr" >&2
exit "$(cat "$cache/$key/code")"
