#!/usr/bin/env bash
# Brings data views, searches and the dashboard into Kibana, in place of what a former import brought:
#   deploy/kibana/import.sh [KIBANA_URL]         default http://127.0.0.1:5601
# KIBANA_AUTH=user:password where Kibana asks for one.
set -euo pipefail
url=${1:-${KIBANA_URL:-http://127.0.0.1:5601}}
objects=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/streams.ndjson
auth=()
[[ -z ${KIBANA_AUTH-} ]] || auth=(--user "$KIBANA_AUTH")

die() {
  echo "import.sh: $*" >&2
  exit 1
}

# Kibana listens before it is of use.
for ((try = 1; ; try++)); do
  status=$(curl --silent --show-error "${auth[@]}" "$url/api/status" 2>&1 || true)
  [[ $status != *'"level":"available"'* ]] || break
  ((try < 60)) || die "Kibana at $url is not available after two minutes: ${status:0:200}"
  sleep 2
done

answer=$(curl --silent --show-error "${auth[@]}" --header 'kbn-xsrf: true' --form "file=@$objects" \
  "$url/api/saved_objects/_import?overwrite=true") || die "Kibana at $url did not take the objects."

# An import with errors is a 200 all the same.
[[ $answer == *'"success":true'* ]] || die "Kibana took not all of it: $answer"
echo "imported into $url: open Dashboards > Streams: logs"
