"""Cards and forms as Slack's blocks, within its limits. Built with slack_sdk's own models, which check them."""

from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    HeaderBlock,
    InputBlock,
    MarkdownTextObject,
    Option,
    OptionGroup,
    PlainTextInputElement,
    PlainTextObject,
    SectionBlock,
    StaticMultiSelectElement,
)
from slack_sdk.models.views import View

from channels.slack_card import OPEN, TAKE, Button, Card, Form
from channels.slack_parse import FORM, INSTITUTIONS, NOTE

TEXT, FIELD, HEADER, LABEL, OPTION, TITLE, VALUE = 3000, 2000, 150, 75, 75, 24, 2000
"""most characters of each, by Slack's reference of blocks"""
GROUPS, OPTIONS, FIELDS = 100, 100, 10
NOTE_LENGTH = 2000
MESSAGE = 4000
"""characters that Slack advises for a message; 40,000 are cut off"""


def blocks_of(card: Card) -> list[dict[str, Any]]:
    facts = [MarkdownTextObject(text=cut(f"*{plain(a)}*\n{plain(b)}", FIELD)) for a, b in card.facts[:FIELDS]]
    blocks: list[Block] = [
        HeaderBlock(text=_plain(card.title, HEADER)),
        ContextBlock(elements=[_plain(card.state, TEXT)]),
        SectionBlock(text=_plain(card.question or "–", TEXT)),
    ]
    if facts:
        blocks.append(SectionBlock(fields=facts))
    if card.buttons:
        blocks.append(ActionsBlock(elements=[_button(button, card) for button in card.buttons]))
    return [block.to_dict() for block in blocks]


def view_of(form: Form) -> dict[str, Any]:
    parts = [(heading, [_option(code, name) for code, name in part]) for heading, part in _parted(form)][:GROUPS]
    groups = [OptionGroup(label=_plain(heading, OPTION), options=options) for heading, options in parts]
    offered = {option.value: option for _, options in parts for option in options}
    chosen = [offered[code] for code in form.chosen if code in offered]
    choice = StaticMultiSelectElement(
        action_id=INSTITUTIONS,
        placeholder=_plain(form.placeholder, LABEL),
        option_groups=groups,
        initial_options=chosen or None,
    )
    note = PlainTextInputElement(action_id=NOTE, multiline=True, max_length=NOTE_LENGTH)
    view = View(
        type="modal",
        callback_id=FORM,
        title=_plain(form.title, TITLE),
        submit=_plain(form.submit, TITLE),
        close=_plain(form.cancel, TITLE),
        private_metadata=form.context,
        blocks=[
            SectionBlock(text=_plain(form.question or "–", TEXT)),
            InputBlock(block_id=INSTITUTIONS, label=_plain(form.institutions, LABEL), element=choice),
            InputBlock(block_id=NOTE, label=_plain(form.note, LABEL), element=note, optional=True),
        ],
    )
    made: dict[str, Any] = view.to_dict()
    return made


def plain(text: str) -> str:
    """So that nothing in it is a mention, a link or an entity."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _plain(text: str, most: int) -> PlainTextObject:
    return PlainTextObject(text=cut(text, most), emoji=False)


def _button(button: Button, card: Card) -> ButtonElement:
    confirm = None
    if button.confirm:
        confirm = ConfirmObject(
            title=_plain(button.label, 100),
            text=_plain(button.confirm, 300),
            confirm=_plain(card.yes, 30),
            deny=_plain(card.no, 30),
        )
    return ButtonElement(
        text=_plain(button.label, LABEL),
        action_id=button.does,
        value=button.value or None,
        url=button.url or None,
        style="primary" if button.does == TAKE else None,
        confirm=confirm,
        accessibility_label=_plain(f"{button.label}: {card.title}", LABEL).text if button.does == OPEN else None,
    )


def _option(code: str, name: str) -> Option:
    return Option(value=code, text=_plain(name, OPTION))


def _parted(form: Form) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """Groups of at most OPTIONS, empty ones left out; what stands in an earlier group is not offered twice."""
    seen: set[str] = set()
    parted = []
    for heading, offered in form.groups:
        new = tuple((code, name) for code, name in offered if code not in seen)
        seen.update(code for code, _ in new)
        parted += [(heading, new[at : at + OPTIONS]) for at in range(0, len(new), OPTIONS)]
    return parted
