"""The one factory of the shipped reader: gateway, commands and judges read by the same."""

from config.keywords import load_keywords
from config.working_days import is_holiday
from domain.conversation.keywords import Keywords
from domain.conversation.reader import RuleReader


def load_reader(keywords: Keywords | None = None) -> RuleReader:
    """A reader by these keywords, or those that are shipped; raises KeywordsError as they do."""
    return RuleReader(keywords or load_keywords(), is_holiday)
