#!/bin/sh
# An account is put, paid and read. CONTRAPUNTO_URL and CONTRAPUNTO_TOKEN say where, and who asks.
set -eu
auth="Authorization: Bearer $CONTRAPUNTO_TOKEN"
json="Content-Type: application/json"
account="$CONTRAPUNTO_URL/v1/accounts/banco-andino/S-1"

curl --fail-with-body -sS -X PUT "$account" -H "$auth" -H "$json" -H "Idempotency-Key: core-S-1-1" -d @- <<BODY
{"customer_id": "SC-1", "currency": "COP", "balance": "450000.00", "oldest_due_date": "$(date -u -d '-20 days' +%F)",
 "name": "Marta Rojas", "country": "CO", "mobile": "+573990000101", "consents": ["sms"]}
BODY
echo
curl --fail-with-body -sS -X POST "$account/payments" -H "$auth" -H "$json" \
  -d '{"id": "pay-S-1", "amount": "50000.00", "currency": "COP"}'
echo
curl --fail-with-body -sS "$account" -H "$auth"
echo
