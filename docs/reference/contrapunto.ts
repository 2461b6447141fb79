// Written by `make docs` from the code; edit the code, not this file.
// Amounts are decimal strings, dates and instants ISO 8601, instants with an offset.

export const workflowType = 'CollectAccount';
export const taskQueue = 'collections';
export const workflowId = (creditor: string, accountId: string): string =>
  `account/${creditor}/${accountId}`;

/** Update `accept_settlement`: the customer accepts an offer, within its time and once. A plan that is active and a promise that is open give way to it. */
export interface AcceptSettlement {
  /** Of the sender's choosing, without blanks: the second arrival of an id changes nothing. */
  id: string;
  /** The id under which it was offered. */
  offer: string;
  /** How they said so. */
  how: Acceptance;
}

/** How a customer said that they accept. */
export type Acceptance = 'message' | 'call' | 'page' | 'in_person';

/** How the account ended; the workflow's result. */
export interface AccountEnd {
  /** `cured`, `closed`, `recalled`, `handed_off` or `settled`. */
  reason: string;
  /** In which it ended. */
  phase: string;
  /** What was still overdue. */
  balance: string;
  /** ISO 4217. */
  currency: string;
}

/** What the account is doing. */
export interface AccountState {
  /** What the account is doing. */
  status: Status;
  /** Of the strategy; `not-due`, `not-entered`, `after` and `unknown` are none of its. */
  phase: string;
  /** ISO 3166 code of the country or region whose law binds most nearly. */
  jurisdiction: string;
  /** On the customer's calendar. */
  days_past_due: number;
  /** Days past due, in the classes of a portfolio report. */
  bucket: string;
  /** What is overdue. */
  balance: string;
  /** ISO 4217. */
  currency: string;
  /** In words: channel, purpose, day. */
  last_contact: string | null;
  /** Only while a contact is planned. */
  next_contact_at: string | null;
  /** That its strategy was chosen by; none where no segments are configured. */
  segment: string | null;
  /** Only while one stands. */
  settlement: StandingOffer | null;
  /** Code of the creditor. */
  creditor: string;
  /** The creditor's id of the account. */
  account_id: string;
  /** How many runs of the workflow came before this one. */
  continued: number;
  /** Messages that have arrived and are not recorded yet. */
  waiting: number;
}

/** Signal `account_updated`: new facts of the account, or of its customer (by intake). */
export interface AccountUpdated {
  /** Of the sender's choosing, without blanks: the second arrival of an id changes nothing. */
  id: string;
  /** The strategy that it is to have, by its id, before all that would be chosen ([how](../guide/segments.md#a-pin)); `null`: it is chosen again. Left out: as it was. Send it only once every worker knows it. */
  strategy?: string | null;
  /** Facts of the portfolio's own, by the names of `config/attributes.yaml`; `null`: not known any more. Those that are not named stay. They are kept in histories, so nothing personal. */
  attributes?: Record<string, never> | null;
  /** What is overdue now; zero means cured; a negative one is refused. */
  balance?: string | null;
  /** Due date of the oldest unpaid instalment. */
  oldest_due_date?: string | null;
  /** The facts' own time; payments after it are not in `balance` and are subtracted again. */
  as_of?: string | null;
  /** What fell due and is unpaid, by date, at that time: together the `balance` beside it, the first date the oldest. By it a payment that does not cure moves days past due, as the strategy's `part_payments` says. Send it only once every worker knows it. */
  due?: ReadonlyArray<DueInstalment> | null;
  /** What a model says of the account, on the scale of the strategy's `score_bands`, as of `as_of`: an older one changes nothing. Send it only once every worker knows it. */
  score?: string | null;
}

/** Update `agree_plan`: the customer will pay in parts. Either all `instalments`, or how they follow each other: `number`, `amount` and `first_date`, after a `down_payment` if there is one. It takes the place of an active plan and of an open promise. The strategy says what may be agreed (`plan`). */
export interface AgreePlan {
  /** Of the sender's choosing, without blanks: the second arrival of an id changes nothing. */
  id: string;
  /** All of them, by date; then nothing else is given. */
  instalments?: ReadonlyArray<AgreedInstalment> | null;
  /** What is paid first. */
  down_payment?: AgreedInstalment | null;
  /** How many instalments follow the down payment. */
  number?: number | null;
  /** Of each of them. */
  amount?: string | null;
  /** Of the first of them. */
  first_date?: string | null;
  /** How far apart they are; a month where nothing is said. */
  every?: Every | null;
}

/** What is to be paid, and by the end of which day. */
export interface AgreedInstalment {
  /** The last day, on the customer's calendar, on which it is paid in time. */
  date: string;
  /** More than nothing. */
  amount: string;
}

/** Update `approve_settlement`: an offer above the authority of who made it is made after all. By another person, never by the same one, whose role has the authority. */
export interface ApproveSettlement {
  /** Of the sender's choosing, without blanks: the second arrival of an id changes nothing. */
  id: string;
  /** The id under which it was offered. */
  offer: string;
  /** Who approves. */
  by: string;
  /** As what. */
  role: string;
}

/** Update `begin_hardship`: the customer cannot pay as agreed, and is treated softly. One is active at a time. That somebody is vulnerable is told by `contrapunto customer vulnerable`, and never here. */
export interface BeginHardship {
  /** Of the sender's choosing, without blanks: the second arrival of an id changes nothing. */
  id: string;
  /** Why; it is kept in histories. */
  reason?: HardshipReason;
  /** The day on which a person looks again; without it, as the strategy says (`hardship`). */
  review_date?: string | null;
}

/** Update `cancel_plan`: the active payment plan is taken back, and the account goes on. */
export interface CancelPlan {
  /** Of the sender's choosing, without blanks: the second arrival of an id changes nothing. */
  id: string;
  /** The id under which it was agreed; without it, whichever is active. */
  plan?: string | null;
  /** In a few plain words; it is kept in histories, so nothing personal. */
  reason?: string;
}

/** One way of reaching a customer. */
export type Channel = 'sms' | 'email' | 'whatsapp' | 'voice' | 'push' | 'letter' | 'human';

/** Update `close`: stop collecting. `reason`: `closed`, `recalled`, or free words. */
export interface Close {
  /** Of the sender's choosing, without blanks: the second arrival of an id changes nothing. */
  id: string;
  /** `recalled`, or other words; it is kept in histories, so nothing personal. */
  reason?: string;
}

/** Why an account's workflow ended. */
export type CloseReason = 'cured' | 'closed' | 'recalled' | 'handed_off' | 'settled';

/** Update `decline_settlement`: an offer that waits to be approved is not. By whoever could approve it; who made it withdraws it. */
export interface DeclineSettlement {
  /** Of the sender's choosing, without blanks: the second arrival of an id changes nothing. */
  id: string;
  /** The id under which it was offered. */
  offer: string;
  /** Who declines. */
  by: string;
  /** As what. */
  role: string;
  /** In a few plain words; it is kept in histories, so nothing personal. */
  reason?: string;
}

/** Signal `delivery_failed`: an accepted message did not reach the person. */
export interface DeliveryFailed {
  /** Of the sender's choosing, without blanks: the second arrival of an id changes nothing. */
  id: string;
  /** Of the attempt in the ledger, where the gateway has stored what became of it. */
  attempt_id: string;
}

/** What the customer says is wrong. */
export type DisputeReason = 'not_mine' | 'amount' | 'already_paid' | 'fraud' | 'quality' | 'other';

/** What fell due, and what of it is unpaid. */
export interface DueInstalment {
  /** When it fell due. */
  date: string;
  /** What is unpaid of it: more than nothing. */
  amount: string;
}

/** Update `end_hardship`: the account is collected as its strategy has it. */
export interface EndHardship {
  /** Of the sender's choosing, without blanks: the second arrival of an id changes nothing. */
  id: string;
  /** The id under which it began; without it, whichever is active. */
  hardship?: string | null;
  /** In a few plain words; it is kept in histories, so nothing personal. */
  reason?: string;
}

/** One line of the timeline. */
export interface Entry {
  /** When. */
  at: string;
  /** In words. */
  what: string;
}

/** A fact about the customer that the law gives weight to. */
export type EventKind = 'cease' | 'attorney' | 'opt_out' | 'opt_in' | 'consent_call' | 'inconvenient_time' | 'authorized_hours' | 'workplace_prohibited' | 'wrong_number' | 'notice_mailed' | 'number_check' | 'dispute' | 'dispute_verified' | 'dispute_withdrawn' | 'bankruptcy' | 'death' | 'breathing_space';

/** How far apart instalments are. */
export type Every = 'week' | 'two_weeks' | 'month';

/** Update `extend_hardship`: a person has looked, and it goes on until another day. */
export interface ExtendHardship {
  /** Of the sender's choosing, without blanks: the second arrival of an id changes nothing. */
  id: string;
  /** The day on which a person looks again. */
  review_date: string;
  /** The id under which it began; without it, whichever is active. */
  hardship?: string | null;
}

/** Why the customer cannot pay as agreed. It is kept in histories: whoever wants no word of illness there says `other`. */
export type HardshipReason = 'job_loss' | 'income' | 'illness' | 'death_in_family' | 'disaster' | 'other';

/** Update `hold`: be silent until an instant. */
export interface Hold {
  /** Of the sender's choosing, without blanks: the second arrival of an id changes nothing. */
  id: string;
  /** The first instant at which contacts may go on. */
  until: string;
  /** In a few plain words; it is kept in histories, so nothing personal. */
  reason: string;
}

/** Where hours were authorised: in the debt's own contract, or in a separate document. */
export type Instrument = 'separate' | 'contract';

/** What an inbound message asks for. */
export type Intent = 'opt_out' | 'wrong_person' | 'opt_in' | 'help' | 'promise' | 'other';

/** A fact with legal weight. `account_id` None means every debt. Only an opt-out and what gives leave (opt-in, consent to a call, authorised hours, a number check) are about one `channel`: None means all of them. Of any other event it says how it came, and so does `contact_point_id`, unless a number is wrong or a time inconvenient there. `at` is when the collector received it (cease), or the registration (breathing_space); `recorded_at` when it went on file. Where they differ the stricter counts: what takes leave away holds from the earlier of them, and at once if both are yet to come, since it is known; what gives leave, from the later. Windows are the customer's wall clock. */
export interface LawEvent {
  /** What happened. */
  kind: EventKind;
  /** When it reached the collector; of a moratorium, when it was registered. */
  at: string;
  /** When it went on file. Of what is told to us that is ours to say. */
  recorded_at?: string | null;
  /** What a stop or a leave is about, without it all channels; of all else, how it came. */
  channel?: Medium | null;
  /** The debt it is about, as `creditor/account_id` or by the id alone; without it every debt. */
  account_id?: string | null;
  /** The number or mailbox it is about; without it all of them. In a file, `address`. */
  contact_point_id?: string | null;
  /** When a notice was mailed. */
  sent_at?: string | null;
  /** Whether a consent or a dispute was written; without it that is not known. */
  in_writing?: boolean | null;
  /** Whether we know the attorney's name and address. */
  contact_known?: boolean | null;
  /** The customer's words, for people: no rule weighs them. */
  text?: string | null;
  /** From when a consent holds, if not at once. */
  valid_from?: string | null;
  /** Until when a consent holds, if it ends by itself. */
  valid_until?: string | null;
  /** Hours of the customer's week, by their own clock; an empty list takes earlier ones back. */
  windows?: ReadonlyArray<Window> | null;
  /** Where hours were allowed: in a document of their own, or in the debt's contract. */
  instrument?: Instrument | null;
  /** Which moratorium: `standard`, as without it, or another, which is one of a crisis. */
  type?: string | null;
  /** How many days a moratorium lasts after its own, where no `ends_at` is told. */
  days?: number | null;
  /** When a moratorium ends. */
  ends_at?: string | null;
}

/** Signal `law_event`: a fact that the law gives weight to, such as a cease or a death. `event` as in a request of `contrapunto law check`; it is the customer's, on all accounts, unless it names one (`account_id`, of the same creditor where that is not said). */
export interface LawEventReceived {
  /** Of the sender's choosing, without blanks: the second arrival of an id changes nothing. */
  id: string;
  /** Without `text`, which stays out of histories. */
  event: LawEvent;
}

/** A way of reaching a person; the names of law requests and rule packs. */
export type Medium = 'voice' | 'ringless_voicemail' | 'sms' | 'whatsapp' | 'email' | 'push' | 'letter' | 'visit' | 'social_dm';

/** Signal `message_received`: the customer wrote. The text stays in PostgreSQL. */
export interface MessageReceived {
  /** Of the sender's choosing, without blanks: the second arrival of an id changes nothing. */
  id: string;
  /** Where the customer wrote. */
  channel: Channel;
  /** What they were understood to ask for. */
  intent?: Intent;
}

/** The step that the account waits for; what does not apply to it is absent. */
export interface NextStep {
  /** What is done when the time has come. */
  kind: StepKind;
  /** When the timer fires. */
  not_before: string;
  /** One sentence for the timer: what, when in the customer's wall clock, why, by which law. */
  summary: string;
  /** A code for metrics and tests: `touch`, `failover`, `promise`, `hold` ... */
  why: string;
  /** Of a contact: makes the attempt id. */
  number: number;
  /** Of a contact: the phase it belongs to. */
  phase?: string;
  /** Of a contact: which one of its phase, from 1; 0: beside the cadence (a reminder of a promise or an instalment, thanks, the confirmation of a stop). */
  touch: number;
  /** Of a contact. */
  channel?: Channel;
  /** Of a contact: whom it would reach; the address itself is in PostgreSQL. */
  contact_point_id?: string;
  /** Of a contact: what it is to say. */
  purpose?: Purpose;
  /** Of a contact by which a person's message goes out: that message, by its id. */
  message?: string;
  /** Of a contact: the creditor's open accounts that it speaks of, by id. */
  covers: ReadonlyArray<string>;
  /** Of a reconciliation: the attempt in doubt. */
  attempt_id?: string;
  /** Of an end. */
  close_reason?: CloseReason;
  /** How many plans of the account PostgreSQL had written with this one. An older database that a backup brought back is known by having fewer. */
  plans: number;
}

/** Query `next_step`: what comes next, when and why. */
export type NextStepAnswer = NextStep | Nothing;

/** No step yet. */
export interface Nothing {
}

/** Update `offer_settlement`: less than the balance, paid in one sum, would end the debt. Either `discount` or `amount`. Within the authority of `role` (strategy, `settlement`) it is offered at once; above it, it waits for somebody else whose authority reaches, unless one is named; above everybody's it is refused. It takes the place of an offer that is not accepted yet. Its id is the offer's. */
export interface OfferSettlement {
  /** Of the sender's choosing, without blanks: the second arrival of an id changes nothing. */
  id: string;
  /** Percent of the balance that is let go; the amount is rounded up. */
  discount?: string | null;
  /** What is to be paid in place of the balance. */
  amount?: string | null;
  /** Who offers. */
  by: string;
  /** As what; its authority is the strategy's to say. */
  role: string;
  /** Somebody else who has approved it already. */
  approved_by?: string | null;
  /** As what. */
  approver_role?: string | null;
  /** The last day, on the customer's calendar, on which it may be accepted; without it, as the strategy says. */
  expires?: string | null;
}

/** Where an offer is. */
export type OfferState = 'proposed' | 'offered' | 'accepted' | 'paid' | 'unpaid' | 'lapsed' | 'declined' | 'withdrawn' | 'replaced';

/** Update `open_dispute`: the customer says that something is wrong with the debt. The account is silent, as far as its law asks for it, until the dispute is resolved. One stands at a time. */
export interface OpenDispute {
  /** Of the sender's choosing, without blanks: the second arrival of an id changes nothing. */
  id: string;
  /** What they say is wrong. */
  reason?: DisputeReason;
  /** What they sent, by reference: where each is to be found, without blanks or `@`. */
  documents?: ReadonlyArray<string>;
  /** In a few plain words; it is kept in histories, so nothing personal. */
  note?: string | null;
  /** The last day on which it is answered in time; without it, as the strategy says (`dispute`). */
  answer_due?: string | null;
  /** Whether they wrote it; without it that is not known. */
  in_writing?: boolean | null;
}

/** Signal `payment_received`: money has arrived. */
export interface PaymentReceived {
  /** Of the sender's choosing, without blanks: the second arrival of an id changes nothing. */
  id: string;
  /** What arrived: more than nothing. */
  amount: string;
  /** ISO 4217; where it is said, it must be the account's. */
  currency?: string | null;
  /** When; without it, ahead or before 1990, now. Payments after a balance's own time are subtracted from it. */
  paid_at?: string | null;
}

/** What a message is to say: one purpose has one voice on all channels. */
export type Purpose = 'upcoming_due' | 'reminder' | 'second_notice' | 'help_to_pay' | 'final_notice' | 'pre_legal' | 'promise_reminder' | 'promise_broken' | 'plan_reminder' | 'plan_missed' | 'settlement_offer' | 'settlement_reminder' | 'payment_thanks' | 'opt_out_confirmation' | 'promise_confirmation' | 'balance_answer' | 'identity_answer' | 'crisis_answer' | 'preference_confirmation' | 'promise_question' | 'payment_question' | 'guarantor_notice' | 'codebtor_notice' | 'person';

/** Update `record_promise`: the customer will pay `amount` by the end of `date`. Or on several dates, `parts` (`promise.max_parts` of the strategy says how many): then it is kept when all has come, and broken by the first date that passes, with its grace, without what was promised by then. What comes counts for the oldest part first. */
export interface RecordPromise {
  /** Of the sender's choosing, without blanks: the second arrival of an id changes nothing. */
  id: string;
  /** What will be paid: more than nothing. */
  amount?: string | null;
  /** The last day, on the customer's calendar, on which it keeps the promise. */
  date?: string | null;
  /** Two or more, by date; then neither `amount` nor `date` is given. Send them only once every worker knows them. */
  parts?: ReadonlyArray<AgreedInstalment> | null;
}

/** How a dispute ends. */
export type Resolution = 'for' | 'against' | 'withdrawn' | 'corrected';

/** Update `resolve_dispute`: a person has looked into it, or the customer takes it back. */
export interface ResolveDispute {
  /** Of the sender's choosing, without blanks: the second arrival of an id changes nothing. */
  id: string;
  /** How it ends. */
  outcome: Resolution;
  /** The id under which it was opened; without it, whichever stands. */
  dispute?: string | null;
  /** In a few plain words; it is kept in histories, so nothing personal. */
  reason?: string | null;
}

/** Update `resume`: lift a hold. */
export interface Resume {
  /** Of the sender's choosing, without blanks: the second arrival of an id changes nothing. */
  id: string;
}

/** The settlement offer that stands. */
export interface StandingOffer {
  /** Its id. */
  offer: string;
  /** `proposed`, `offered` or `accepted`. */
  state: OfferState;
  /** What is to be paid in place of the balance. */
  amount: string;
  /** The last day to accept it, or to pay it once it is accepted. */
  until: string;
}

/** Input of `CollectAccount` as any upstream system sends it (JSON). `creditor` and `account_id` suffice when intake has loaded the account; with the other fields the start is itself the update of the facts. Never names, numbers or addresses. */
export interface Start {
  /** The strategy that it is to have, by its id, before all that would be chosen ([how](../guide/segments.md#a-pin)); `null`: it is chosen again. Left out: as it was. Send it only once every worker knows it. */
  strategy?: string | null;
  /** Facts of the portfolio's own, by the names of `config/attributes.yaml`; `null`: not known any more. Those that are not named stay. They are kept in histories, so nothing personal. */
  attributes?: Record<string, never> | null;
  /** Code of the creditor; part of the workflow id. */
  creditor: string;
  /** The creditor's id of the account; part of the workflow id. */
  account_id: string;
  /** The person, over all accounts and creditors. */
  customer_id?: string | null;
  /** ISO 4217, such as `COP`. */
  currency?: string | null;
  /** What is overdue; zero means cured; a negative one is refused. */
  balance?: string | null;
  /** Due date of the oldest unpaid instalment: days past due count from here. */
  oldest_due_date?: string | null;
  /** The instant that the figures are from; later payments are subtracted from them. */
  as_of?: string | null;
}

/** The account before its first plan. */
export interface Starting {
  status: 'starting';
  /** Code of the creditor. */
  creditor: string;
  /** The creditor's id of the account. */
  account_id: string;
}

/** Query `state`: what the account is doing. */
export type StateAnswer = AccountState | Starting;

/** What an account is doing, in a word; a search attribute. */
export type Status = 'collecting' | 'promised' | 'on_plan' | 'settling' | 'disputed' | 'hardship' | 'on_hold' | 'resting' | 'silenced' | 'halted' | 'incomplete' | 'needs_a_person' | 'closed';

/** The four things that can come next. */
export type StepKind = 'contact' | 'wait' | 'reconcile' | 'close';

/** Query `timeline`: what has happened lately, oldest first. */
export type TimelineAnswer = ReadonlyArray<Entry>;

/** What every update answers once it is on record. */
export interface UpdateAnswer {
  /** Of the request. */
  id: string;
  /** Whether it was on record before; then nothing has changed. */
  repeated: boolean;
  /** What the sender should know, such as that the id is another request's. */
  note?: string;
  /** What the account does now. */
  next_step: NextStep;
}

/** Day of the week; Monday first, as `list(Weekday)`. */
export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

/** A half-open stretch of wall-clock time, `[from, to)`, on some days of the week. */
export interface Window {
  days: ReadonlyArray<Weekday>;
  from: string;
  to: string;
}

/** Update `withdraw_settlement`: an offer is taken back, accepted or not; the account goes on. What was paid stays paid. */
export interface WithdrawSettlement {
  /** Of the sender's choosing, without blanks: the second arrival of an id changes nothing. */
  id: string;
  /** The id under which it was offered; without it, whichever stands. */
  offer?: string | null;
  /** In a few plain words; it is kept in histories, so nothing personal. */
  reason?: string;
}

/** Signals by their names. */
export interface Signals {
  account_updated: AccountUpdated;
  delivery_failed: DeliveryFailed;
  law_event: LawEventReceived;
  message_received: MessageReceived;
  payment_received: PaymentReceived;
}

/** Updates by their names. */
export interface Updates {
  accept_settlement: AcceptSettlement;
  agree_plan: AgreePlan;
  approve_settlement: ApproveSettlement;
  begin_hardship: BeginHardship;
  cancel_plan: CancelPlan;
  close: Close;
  decline_settlement: DeclineSettlement;
  end_hardship: EndHardship;
  extend_hardship: ExtendHardship;
  hold: Hold;
  offer_settlement: OfferSettlement;
  open_dispute: OpenDispute;
  record_promise: RecordPromise;
  resolve_dispute: ResolveDispute;
  resume: Resume;
  withdraw_settlement: WithdrawSettlement;
}

/** Queries by their names. */
export interface Queries {
  state: StateAnswer;
  next_step: NextStepAnswer;
  timeline: TimelineAnswer;
}
