// An account is put, paid and read. Node runs it as it stands: node put.ts
const url = process.env.CONTRAPUNTO_URL!;
const token = process.env.CONTRAPUNTO_TOKEN!;

type Put = { id: string; outcome: 'created' | 'updated' | 'unchanged' | 'older'; etag: string | null };
type Problem = { type: string; detail: string; errors: { field: string; rule: string }[] };

async function ask<T>(method: string, path: string, body?: unknown, more: Record<string, string> = {}): Promise<T> {
  const answer = await fetch(url + path, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...more },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const told: unknown = await answer.json();
  if (!answer.ok) throw new Error((told as Problem).detail);
  return told as T;
}

const due = new Date(Date.now() - 20 * 86_400_000).toISOString().slice(0, 10);
const there = '/v1/accounts/banco-andino/S-3';
const put = await ask<Put>('PUT', there, {
  customer_id: 'SC-3', currency: 'COP', balance: '450000.00', oldest_due_date: due,
  name: 'Rosa Vega', country: 'CO', mobile: '+573990000103', consents: ['sms'],
}, { 'Idempotency-Key': 'core-S-3-1' });
console.log(put.outcome);
console.log(await ask('POST', `${there}/payments`, { id: 'pay-S-3', amount: '50000.00' }));
console.log((await ask<{ status: string }>('GET', there)).status);
