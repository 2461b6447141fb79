"""Whom and what each rule outside the United States binds."""

from datetime import date
from typing import Final

from tests.unit.law.tables.reach import (
    ANY,
    CALLS,
    COLLECTORS,
    NOT_THE_DEBTOR,
    SMALL_LOANS,
    Reach,
)

MESSAGES: Final = "sms whatsapp email push letter social_dm"
NUMBERED: Final = f"{CALLS} sms whatsapp"
"""Channels on which the customer sees a number."""
OTHER_THAN_TEXTS: Final = ANY.replace("sms ", "")

LAW: Final = Reach()
THIRD_PARTIES: Final = Reach(parties=NOT_THE_DEBTOR)
CO: Final = Reach(since=date(2023, 10, 10))
MX: Final = Reach(since=date(2014, 10, 8))
CL: Final = Reach(since=date(2021, 4, 20))
PE: Final = Reach(since=date(2010, 1, 1))
EC: Final = Reach(since=date(2022, 2, 1))
CABA: Final = Reach(COLLECTORS)
CONC: Final = Reach(since=date(2014, 4, 1))
RESPITE: Final = Reach(purposes="collection reply", since=date(2021, 5, 4))


def state(since: date | None = None, channels: str = CALLS) -> Reach:
    return Reach(channels=channels, since=since)


_AMERICAS: Final[dict[str, Reach]] = {
    "co.ley2300.references": CO._replace(parties=NOT_THE_DEBTOR),
    "co.ley2300.visits": CO._replace(channels="visit", debts="other time_barred"),
    "co.ley2300.visits_exempt": CO._replace(channels="visit", debts=SMALL_LOANS, review=True),
    "co.ley1581.opt_out": CO,
    "co.ley2300.wrong_number": CO,
    "co.cgp.insolvency": Reach(review=True),
    "co.ley2300.authorized_channel": CO,
    "co.ley2300.closed_days": CO,
    "co.ley2300.hours": CO,
    "co.ley2300.day_cap": CO,
    "co.ley2300.week_cap": CO,
    "co.ley2300.one_channel": CO._replace(channels=OTHER_THAN_TEXTS),
    "co.ley2300.no_reason_for_default": CO,
    "co.ley2300.family_privacy": CO,
    "mx.condusef.third_parties": MX._replace(parties=NOT_THE_DEBTOR),
    "mx.condusef.wrong_number": MX,
    "mx.condusef.working_days": MX,
    "mx.condusef.hours": MX,
    "mx.condusef.caller_id": MX._replace(channels=NUMBERED),
    "mx.condusef.identify_sender": MX,
    "mx.condusef.no_payment_to_agency": MX._replace(actors="third_party"),
    "mx.condusef.no_minors_or_elderly": MX._replace(channels="voice visit"),
    "mx.condusef.no_court_like_papers": MX,
    "mx.condusef.written_agreement": MX,
    "mx.profeco.given_contacts_only": MX,
    "cl.art37.third_parties": THIRD_PARTIES,
    "cl.art37.wrong_number": LAW,
    "cl.sernac.insolvency": LAW,
    "cl.sernac.dispute": Reach(review=True),
    "cl.art37.closed_days": LAW,
    "cl.art37.hours": LAW,
    "cl.art37.call_cap": CL._replace(channels=f"{CALLS} visit"),
    "cl.art37.message_cap": CL._replace(channels=MESSAGES),
    "cl.art37.message_spacing": CL._replace(channels=MESSAGES),
    "cl.art37.joint_cap": CL,
    "cl.art37.identify_sender": CL,
    "cl.art37.debt_information": CL,
    "cl.art37.no_enforcement": CL,
    "cl.art37.no_court_like_papers": LAW,
    "cl.art37.records": CL,
    "cl.subtel.prefix_600": Reach(channels=CALLS, since=date(2025, 8, 13)),
    "cl.ap.closed_days": LAW,
    "cl.nb.closed_days": LAW,
    "pe.art62.third_parties": PE._replace(parties=NOT_THE_DEBTOR),
    "pe.art62.wrong_number": PE,
    "pe.art62.closed_days": PE,
    "pe.art62.hours": PE,
    "pe.guard.hours_abroad": LAW,
    "pe.art62.no_court_like_papers": PE,
    "ec.art49.third_parties": EC._replace(parties=NOT_THE_DEBTOR),
    "ec.art49.wrong_number": EC,
    "ec.art49.closed_days": EC,
    "ec.art49.hours": EC,
    "ec.art49.day_cap": EC,
    "ec.art49.caller_id": EC._replace(channels=NUMBERED),
    "ar.guard.third_parties": THIRD_PARTIES,
    "ar.guard.wrong_number": LAW,
    "ar.guard.closed_days": LAW,
    "ar.guard.hours": LAW,
    "ar.ley24240.dignity": LAW,
    "ar.ley24240.no_court_like_papers": LAW,
    "ar.c.guard.stop_calls": CABA._replace(channels=CALLS),
    "ar.c.guard.workplace": CABA._replace(channels=CALLS, points="work"),
    "ar.c.ley6171.identify_sender": CABA._replace(since=date(2019, 1, 1)),
    "ar.c.ley6171.no_publication": CABA._replace(since=date(2019, 1, 1)),
}

_BRAZIL: Final[dict[str, Reach]] = {
    "br.guard.third_parties": THIRD_PARTIES,
    "br.guard.wrong_number": LAW,
    "br.guard.night": LAW,
    "br.cdc42.dignity": LAW,
    "br.anatel.authentication": Reach(channels=CALLS, since=date(2025, 8, 7)),
    "br.anatel.prefix_0303": Reach(channels=CALLS, since=date(2024, 1, 1), until=date(2025, 8, 7)),
    "br.anatel.prefix_0304": Reach(channels=CALLS, since=date(2022, 11, 1)),
    "br.sp.lei15426.holidays": state(date(2014, 1, 1)),
    "br.sp.lei15426.hours": state(date(2014, 1, 1)),
    "br.sp.do_not_call": state(date(2021, 3, 1), NUMBERED),
    "br.es.lei10626.holidays": state(date(2017, 1, 1)),
    "br.es.lei10626.hours": state(date(2017, 1, 1)),
    "br.rj.guard.holidays": state(),
    "br.rj.lei7868.hours": state(date(2018, 1, 1)),
    "br.am.guard.holidays": state(),
    "br.am.lei306.hours": state(date(2016, 1, 1)),
    "br.am.guard.opening": state(),
    "br.al.lei7782.closed_days": state(date(2016, 1, 1), f"{CALLS} sms"),
    "br.al.lei7782.hours": state(date(2016, 1, 1), f"{CALLS} sms"),
}

_EUROPE: Final[dict[str, Reach]] = {
    "es.third_parties": THIRD_PARTIES,
    "es.wrong_number": LAW,
    "es.guard.closed_days": LAW,
    "es.guard.hours": LAW,
    "es.angeco.identify_sender": LAW,
    "es.angeco.contractual_amount": LAW,
    "es.no_mobile_caller": Reach(channels="voice", since=date(2025, 1, 1)),
    "gb.conc.third_parties": CONC._replace(parties=NOT_THE_DEBTOR),
    "gb.conc.wrong_number": CONC,
    "gb.breathing_space.standard": RESPITE,
    "gb.breathing_space.crisis": RESPITE,
    "gb.conc.dispute": CONC._replace(review=True),
    "gb.conc.how": CONC,
    "gb.conc.where": CONC._replace(points="work work_email"),
    "gb.conc.when": CONC,
    "gb.conc.visits": CONC._replace(channels="visit", review=True),
    "gb.guard.hours": LAW,
    "gb.conc.verify_identity": CONC._replace(channels="voice visit"),
    "gb.conc.no_premium_number": CONC,
}

WORLD_REACH: Final[dict[str, Reach]] = _AMERICAS | _BRAZIL | _EUROPE
