// How another system uses the types; what is wrong must not compile.
import type { LawEvent, Queries, Signals, Start, StateAnswer, Updates } from './contrapunto';
import { taskQueue, workflowId, workflowType } from './contrapunto';

const start: Start = {
  creditor: 'banco-andino',
  account_id: 'A-2001',
  customer_id: 'C-77',
  currency: 'COP',
  balance: '250000.00',
  oldest_due_date: '2026-11-10',
  as_of: '2026-11-21T06:00:00Z',
};
const known: Start = { creditor: 'banco-andino', account_id: 'A-2001' };
const payment: Signals['payment_received'] = { id: 'pay-9001', amount: '50000.00' };
const event: LawEvent = { kind: 'attorney', at: '2026-11-20T10:00:00-05:00', contact_known: true };
const told: Signals['law_event'] = { id: 'case-811', event };
const promise: Updates['record_promise'] = { id: 'p-1', amount: '200000.00', date: '2026-11-28' };

// @ts-expect-error an amount is a string, so that no float is made of it
const float: Signals['payment_received'] = { id: 'pay-9001', amount: 50000.0 };
// @ts-expect-error every message has an id
const nameless: Updates['resume'] = {};
// @ts-expect-error no such kind of event
const unheard: LawEvent = { kind: 'lottery', at: '2026-11-20T10:00:00-05:00' };
// @ts-expect-error what only continue-as-new brings along is no other system's
const carried: Start = { creditor: 'a', account_id: 'b', carried: {} };

export function spoken(state: StateAnswer): string {
  return state.status === 'starting' ? state.account_id : `${state.phase}: ${state.balance}`;
}

export function next(step: Queries['next_step']): string {
  return 'summary' in step ? step.summary : 'no step yet';
}

export const all = [start, known, payment, told, promise, float, nameless, unheard, carried];
export const names: string[] = [workflowType, taskQueue, workflowId('banco-andino', 'A-2001')];
