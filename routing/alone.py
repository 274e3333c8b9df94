"""When the bot forwards a question by itself, without a coordinator's look: only where the house has chosen so."""

from nlu.understand import Intent, Understanding


def goes_alone(meaning: Understanding, percent: int) -> str:
    """The code of the one institution that it is for; empty where a person has to look.

    `percent` is the least confidence that the house trusts, 0 for never. Only plain questions to a single institution
    go: neither complaints nor one person's case, nor what several have to do with, nor a municipality's matter.
    """
    if not percent or meaning.intent is not Intent.QUESTION or meaning.parts or meaning.municipal:
        return ""
    if not meaning.institutions or len(meaning.competent) > 1:
        return ""
    first = meaning.institutions[0]
    return first.code if first.confidence * 100 >= percent else ""
