// A call that shows at once what the server does.

export function firstCall(key: string): string {
  return `curl -s ${location.origin}/api/v1/events/ingest \\
  -H 'Content-Type: application/json' -H 'x-api-key: ${key}' -d '{
  "type": "SIGNUP", "email": "jane@mailinator.com", "externalUserId": "user-1", "ip": "185.220.101.1"
}'`;
}

export const FIRST_CALL = firstCall('YOUR_KEY');
