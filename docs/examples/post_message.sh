#!/bin/bash
# Posts a message for a device, signed with an access key (SDK-HMAC-SHA256). bash, curl and openssl:
#   AK=... SK=... PROJECT=... post_message.sh 127.0.0.1:8080 pump-7 'open valve 2'
set -euo pipefail
host=$1 path=/v5/iot/$PROJECT/devices/$2/messages body="{\"message\": \"$3\"}"
date=$(date -u +%Y%m%dT%H%M%SZ)

hash() { openssl dgst -sha256 | sed 's/.* //'; }

canonical=$(printf 'POST\n%s/\n\nhost:%s\nx-sdk-date:%s\n\nhost;x-sdk-date\n%s' \
    "$path" "$host" "$date" "$(printf %s "$body" | hash)")
signature=$(printf 'SDK-HMAC-SHA256\n%s\n%s' "$date" "$(printf %s "$canonical" | hash)" |
    openssl dgst -sha256 -hmac "$SK" | sed 's/.* //')
curl -sS -w '\n%{http_code}\n' -H 'Content-Type: application/json' -H "X-Sdk-Date: $date" \
    -H "Authorization: SDK-HMAC-SHA256 Access=$AK, SignedHeaders=host;x-sdk-date, Signature=$signature" \
    -d "$body" "http://$host$path"
