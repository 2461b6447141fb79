import { Client, Connection } from '@temporalio/client';
import type { Queries, Signals, Start, UpdateAnswer, Updates } from './contrapunto';
import { taskQueue, workflowId, workflowType } from './contrapunto';

const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
const client = new Client({ connection, namespace: process.env.TEMPORAL_NAMESPACE ?? 'default' });

const facts = { balance: '250000.00', oldest_due_date: '2026-11-10', as_of: '2026-11-21T06:00:00Z' };
const start: Start = {
  creditor: 'banco-andino', account_id: 'A-2001', customer_id: 'C-77', currency: 'COP', ...facts,
};
const update: Signals['account_updated'] = { id: 'core:2026-11-21:A-2001', ...facts };
const account = await client.workflow.signalWithStart(workflowType, {
  workflowId: workflowId(start.creditor, start.account_id),
  taskQueue,
  args: [start],
  signal: 'account_updated',
  signalArgs: [update],
});

const payment: Signals['payment_received'] = { id: 'pay-9001', amount: '50000.00', currency: 'COP' };
await account.signal('payment_received', payment);

const promise: Updates['record_promise'] = { id: 'promise-501', amount: '200000.00', date: '2026-11-28' };
const answer = await account.executeUpdate<UpdateAnswer, [Updates['record_promise']]>('record_promise', {
  args: [promise],
  updateId: promise.id,
});
console.log(answer.next_step.summary, await account.query<Queries['state']>('state'));
