#!/bin/sh
# A client of the service made of a shell, curl and openssl: posts two products, and posts them
# again after an answer that says so. `mcs conform --listen` prints what it needs:
#
#   MCS_URL=… MCS_DATA_SPACE=… MCS_API_KEY=… MCS_PRIVATE_KEY_FILE=… sh post-products.sh
set -eu

base64url() {
  openssl base64 -A | tr '+/' '-_' | tr -d '='
}

# A bare RS256 JWT that is good for 300 seconds, signed anew for each request.
token() {
  head=$(printf '{"alg":"RS256","typ":"JWT"}' | base64url)
  claims=$(printf '{"exp":%s}' "$(($(date +%s) + 300))" | base64url)
  signature=$(printf '%s.%s' "$head" "$claims" |
    openssl dgst -sha256 -sign "$MCS_PRIVATE_KEY_FILE" -binary | base64url)
  printf '%s.%s.%s' "$head" "$claims" "$signature"
}

product() {
  printf '{"sku":"%s","storeViewCode":"default","storeCode":"main","websiteCode":"base",' "$1"
  printf '"productId":%s,"name":"%s","modifiedAt":"%s","deleted":false}' "$2" "$3" "$now"
}

post() {
  now=$(date -u '+%Y-%m-%d %H:%M:%S')
  { printf '['; product BAG 1 'A bag'; printf ','; product CUP 2 'A cup'; printf ']'; } |
    gzip -c |
    curl --silent --output "$answer" --dump-header "$headers" --write-out '%{http_code}' \
      --header 'Content-Type: application/json' \
      --header 'Content-Encoding: gzip' \
      --header "x-api-key: $MCS_API_KEY" \
      --header "x-gw-signature: $(token)" \
      --data-binary @- \
      "$MCS_URL/feeds/catalog/v2/products/$MCS_DATA_SPACE" || true
}

answer=$(mktemp)
headers=$(mktemp)
trap 'rm -f "$answer" "$headers"' EXIT

for attempt in 1 2 3; do
  status=$(post)
  case $status in
  200 | 400)
    cat "$answer"
    echo
    [ "$status" = 200 ]
    exit
    ;;
  esac
  wait=$(tr -d '\r' <"$headers" | sed -n 's/^[Rr]etry-[Aa]fter: *//p')
  echo "attempt $attempt: answered $status" >&2
  sleep "${wait:-$attempt}"
done
exit 1
