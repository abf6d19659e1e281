#!/bin/sh
# <TITLE>: where in the tower each head stands, of a request without a need.
read -r version
read -r request
evidence=$(printf '%s\n' "$request" | sed 's/.*"evidence":"\([^"]*\)".*/\1/')
echo '{"headatlas": "1.0"}'
grep -o '"model/[^"]*/head/[^"]*"' "$evidence/evidence.json" | while read -r subject; do
  head=$(basename "$subject" '"')
  printf '{"section": {"subject": %s, "title": "<TITLE>", "blocks": [{"table": {"caption": "One head", ' "$subject"
  printf '"columns": [{"title": "Head"}], "rows": [["%s"]]}}]}}\n' "$head"
done
echo '{"end": true}'
